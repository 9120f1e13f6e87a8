/* SPDX-License-Identifier: MIT
 *
 * Processes that end while the driver compiles in the background, at all moments of it, without destroying
 * anything: each must end as if nothing had been going on.
 *
 *     api_exit_test           the test: starts itself again and again
 *     api_exit_test DELAY_US  such a process
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sample_points.h"
#include "vk_test.h"

enum { DELAY_US = 5000, DELAYS = 24 };

static char program[4096];

static void leave(void **state)
{
    static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
                                             VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};

    if (vk_test_setup(state) != 0)
        exit(77);
    struct vk_test *t = *state;
    VkDescriptorSetLayout set = vk_set_layout(t, 0, 2, types);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set, 0);

    vk_pipeline(t, layout, sample_points_spv, sizeof(sample_points_spv), NULL);
    usleep((useconds_t)atoi(getenv("API_EXIT_DELAY_US")));
    exit(0);
}

static void test_exit(void **state)
{
    (void)state;
    setenv("WEFT_TIERS", "eager", 1);
    for (int i = 0; i < DELAYS; i++) {
        char delay[16];
        int status;

        snprintf(delay, sizeof(delay), "%d", i * DELAY_US);
        setenv("API_EXIT_DELAY_US", delay, 1);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            execl(program, program, delay, (char *)NULL);
            _exit(1);
        }
        assert_true(child > 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0)
            fail_msg("exit after %s us: status %#x", delay, (unsigned)status);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest leaves[] = {cmocka_unit_test(leave)}, tests[] = {cmocka_unit_test(test_exit)};

    (void)argv;
    if (argc > 1)
        return cmocka_run_group_tests(leaves, NULL, NULL);
    if (readlink("/proc/self/exe", program, sizeof(program) - 1) <= 0)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
