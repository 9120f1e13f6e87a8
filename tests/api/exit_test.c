/* SPDX-License-Identifier: MIT
 *
 * Processes that end while the driver compiles in the background, at all moments of it, without destroying
 * anything, or with destructors that clean up late: each must end as if nothing had been going on.
 *
 *     api_exit_test             the test: starts itself again and again, as the processes below
 *     api_exit_test exit        exit() after some time
 *     api_exit_test thread      the main thread ends by itself, so that another one goes on
 *     api_exit_test destructor  exit() calls a destructor that waits for a thread which compiles
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

enum { DELAY_US = 5000, DELAYS = 24, LATE_DELAYS = 6, HANG_S = 60 };

static char program[4096];

static VkPipelineLayout layout_create(struct vk_test *t)
{
    static const VkDescriptorType types[] = {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
                                             VK_DESCRIPTOR_TYPE_STORAGE_BUFFER};
    VkDescriptorSetLayout set = vk_set_layout(t, 0, 2, types);

    return vk_pipeline_layout(t, 1, &set, 0);
}

static void delay(void)
{
    usleep((useconds_t)atoi(getenv("API_EXIT_DELAY_US")));
}

static void leave(void **state)
{
    if (vk_test_setup(state) != 0)
        exit(77);
    struct vk_test *t = *state;

    vk_pipeline(t, layout_create(t), sample_points_spv, sizeof(sample_points_spv), NULL);
    delay();
    exit(0);
}

/* ---- The main thread ends, the process doesn't ---- */

struct heir {
    struct vk_test *t;
    VkComputePipelineCreateInfo info;
};

/* Not pthread_join(): the thread sanitizer doesn't know that one may join the main thread. */
static bool main_thread_ended(void)
{
    char path[64], text[256] = "";

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)getpid());
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(text, sizeof(text), file) == NULL)
        exit(2);
    fclose(file);
    return strstr(text, ") Z ") != NULL;
}

/* Compiles after the main thread's end, and so does the background. */
static void *go_on(void *data)
{
    struct heir *heir = data;
    VkPipeline pipelines[3];

    while (!main_thread_ended())
        usleep(1000);
    for (int i = 0; i < 3; i++)
        if (vkCreateComputePipelines(heir->t->device, VK_NULL_HANDLE, 1, &heir->info, NULL,
                                     &pipelines[i]) != VK_SUCCESS)
            exit(3);
    exit(0);
}

static void leave_thread(void **state)
{
    static struct heir heir;
    pthread_t thread;

    if (vk_test_setup(state) != 0)
        exit(77);
    heir.t = *state;
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

/* ---- A destructor ---- */

static struct late {
    struct vk_test *t;
    VkPipelineLayout layout;
    VkShaderModule module;
    VkPipeline pipeline;
    pthread_t thread;
} late;

/* May fail, as the process ends. */
static void *compile(void *data)
{
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = late.module,
                  .pName = "main"},
        .layout = late.layout,
    };

    (void)data;
    if (vkCreateComputePipelines(late.t->device, VK_NULL_HANDLE, 1, &info, NULL, &late.pipeline) != VK_SUCCESS)
        late.t->api->message_count = 0; /* which says so */
    return NULL;
}

/* Registered before LLVM is loaded, so its destructors have run. */
static void clean_up(void)
{
    void *state = late.t;

    if (late.t == NULL)
        _exit(2);
    pthread_join(late.thread, NULL);
    vkDestroyPipeline(late.t->device, late.pipeline, NULL);
    vkDestroyShaderModule(late.t->device, late.module, NULL);
    if (vk_test_teardown(&state) != 0)
        _exit(3);
}

static void leave_late(void **state)
{
    atexit(clean_up);
    if (vk_test_setup(state) != 0)
        _exit(77);
    late.t = *state;
    late.layout = layout_create(late.t);
    late.module = vk_shader_module(late.t, sample_points_spv, sizeof(sample_points_spv));
    if (pthread_create(&late.thread, NULL, compile, NULL) != 0)
        _exit(4);
    delay();
    exit(0);
}

/* ---- The test ---- */

static void start(const char *role, int delay_us)
{
    char text[16];
    int status;

    setenv("WEFT_TIERS", "eager", 1);
    snprintf(text, sizeof(text), "%d", delay_us);
    setenv("API_EXIT_DELAY_US", text, 1);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(HANG_S);
        execl(program, program, role, (char *)NULL);
        _exit(1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0)
        fail_msg("%s, after %d us: status %#x", role, delay_us, (unsigned)status);
}

static void test_exit(void **state)
{
    (void)state;
    for (int i = 0; i < DELAYS; i++)
        start("exit", i * DELAY_US);
}

static void test_main_thread(void **state)
{
    (void)state;
    start("thread", 0);
}

static void test_destructor(void **state)
{
    (void)state;
    if (api_validation()) /* the layer's own objects are destroyed by then, and it crashes */
        skip();
    for (int i = 0; i < LATE_DELAYS; i++)
        start("destructor", i * DELAY_US);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        struct CMUnitTest run[1];
    } roles[] = {
        {"exit", {cmocka_unit_test(leave)}},
        {"thread", {cmocka_unit_test(leave_thread)}},
        {"destructor", {cmocka_unit_test(leave_late)}},
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit),
        cmocka_unit_test(test_main_thread),
        cmocka_unit_test(test_destructor),
    };

    for (size_t i = 0; argc > 1 && i < sizeof(roles) / sizeof(roles[0]); i++)
        if (strcmp(argv[1], roles[i].name) == 0)
            return cmocka_run_group_tests(roles[i].run, NULL, NULL);
    if (readlink("/proc/self/exe", program, sizeof(program) - 1) <= 0)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
