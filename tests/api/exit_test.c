/* SPDX-License-Identifier: MIT
 *
 * Processes that end while the driver compiles in the background, at all moments of it, without destroying
 * anything: each must end as if nothing had been going on.
 *
 *     api_exit_test           the test: starts itself again and again
 *     api_exit_test DELAY_US  such a process
 *     api_exit_test thread    one whose main thread ends by itself, so that another one goes on
 */
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sample_points.h"
#include "vk_test.h"

enum { DELAY_US = 5000, DELAYS = 24 };

static char program[4096];

static VkPipelineLayout layout_create(struct vk_test *t)
{
    static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
                                             VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};
    VkDescriptorSetLayout set = vk_set_layout(t, 0, 2, types);

    return vk_pipeline_layout(t, 1, &set, 0);
}

static void leave(void **state)
{
    if (vk_test_setup(state) != 0)
        exit(77);
    struct vk_test *t = *state;

    vk_pipeline(t, layout_create(t), sample_points_spv, sizeof(sample_points_spv), NULL);
    usleep((useconds_t)atoi(getenv("API_EXIT_DELAY_US")));
    exit(0);
}

/* ---- The main thread ends, the process doesn't ---- */

struct heir {
    struct vk_test *t;
    VkComputePipelineCreateInfo info;
    pthread_t main_thread;
};

/* Compiles after the main thread's end: that only means that the process is about to end where exit() follows. */
static void *go_on(void *data)
{
    struct heir *heir = data;
    VkPipeline pipelines[3];

    if (pthread_join(heir->main_thread, NULL) != 0)
        exit(2);
    for (int i = 0; i < 3; i++)
        if (vkCreateComputePipelines(heir->t->device, VK_NULL_HANDLE, 1, &heir->info, NULL,
                                     &pipelines[i]) != VK_SUCCESS)
            exit(3);
    /* Not exit(): by another thread than the main one, that is not safe yet (driver/compiler/leave.c). */
    _exit(0);
}

static void leave_thread(void **state)
{
    static struct heir heir;
    pthread_t thread;

    if (vk_test_setup(state) != 0)
        exit(77);
    heir.t = *state;
    heir.main_thread = pthread_self();
    heir.info = (VkComputePipelineCreateInfo){
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = vk_shader_module(heir.t, sample_points_spv, sizeof(sample_points_spv)),
                  .pName = "main"},
        .layout = layout_create(heir.t),
    };
    /* This thread compiles, and so does one in the background when this one ends. */
    vk_pipeline(heir.t, heir.info.layout, sample_points_spv, sizeof(sample_points_spv), NULL);
    if (pthread_create(&thread, NULL, go_on, &heir) != 0)
        exit(4);
    pthread_exit(NULL);
}

static void start(const char *argument, int *status_out)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        execl(program, program, argument, (char *)NULL);
        _exit(1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, status_out, 0), child);
}

static void test_main_thread(void **state)
{
    int status;

    (void)state;
    setenv("WEFT_TIERS", "eager", 1);
    start("thread", &status);
    if (status != 0)
        fail_msg("the main thread ended: status %#x", (unsigned)status);
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
        start(delay, &status);
        if (status != 0)
            fail_msg("exit after %s us: status %#x", delay, (unsigned)status);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest leaves[] = {cmocka_unit_test(leave)};
    const struct CMUnitTest threads[] = {cmocka_unit_test(leave_thread)};
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exit), cmocka_unit_test(test_main_thread)};

    if (argc > 1 && !strcmp(argv[1], "thread"))
        return cmocka_run_group_tests(threads, NULL, NULL);
    if (argc > 1)
        return cmocka_run_group_tests(leaves, NULL, NULL);
    if (readlink("/proc/self/exe", program, sizeof(program) - 1) <= 0)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
