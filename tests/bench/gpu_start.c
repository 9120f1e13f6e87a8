/* SPDX-License-Identifier: MIT */
#include "gpu.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool gpu_run_submit(struct gpu *gpu, double *seconds_out)
{
    enum { COUNT = 51, IDLE_US = 500 };
    double seconds[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        usleep(IDLE_US);
        if (!gpu_run(gpu, &seconds[i]))
            return false;
    }
    qsort(seconds, COUNT, sizeof(seconds[0]), compare_doubles);
    *seconds_out = seconds[COUNT / 2];
    return true;
}

bool gpu_run_create(struct gpu *gpu, uint32_t unique, double *seconds_out)
{
    struct gpu_step *step = &gpu->steps[0];
    double start = bench_now_s(), run;
    bool ok = gpu_create_pipeline(gpu, 0, &unique) && gpu_record(gpu, 1) && gpu_run(gpu, &run);
    *seconds_out = bench_now_s() - start;
    vkDestroyPipeline(gpu->device, step->pipeline, NULL);
    step->pipeline = VK_NULL_HANDLE;
    return ok;
}

bool gpu_run_create_all(struct gpu *gpu, double *seconds_out)
{
    const struct bench_kernel *kernel = gpu->target->kernel;
    bool ok = true;
    double run;
    for (unsigned i = 0; i < BENCH_STEPS; i++) {
        vkDestroyPipeline(gpu->device, gpu->steps[i].pipeline, NULL);
        gpu->steps[i].pipeline = VK_NULL_HANDLE;
    }
    double start = bench_now_s();
    for (unsigned i = 0; ok && i < BENCH_STEPS && gpu->steps[i].layout; i++)
        if (kernel->steps[i].shader)
            ok = gpu_create_pipeline(gpu, i, NULL);
    ok = ok && gpu_record(gpu, 1) && gpu_run(gpu, &run);
    *seconds_out = bench_now_s() - start;
    return ok;
}

/* On an instance and a device of its own, so that only what outlives a device can help. The open
 * kernel's buffers are not needed. The first call of a bench may still compile: the child runs a
 * kernel before it times it. */
bool gpu_run_create_warm(struct gpu *gpu, double *seconds_out)
{
    struct target other_target = {0};
    struct gpu other = {.spirv_dir = gpu->spirv_dir};
    struct bench_kernel kernel = *gpu->target->kernel;
    memset(kernel.buffer_B + 1, 0, sizeof(kernel.buffer_B) - sizeof(kernel.buffer_B[0]));
    bool ok = gpu_init(&other, &other_target) && gpu_open(&other, &kernel);
    double start = bench_now_s();
    ok = ok && gpu_create_pipeline(&other, 0, NULL);
    *seconds_out = bench_now_s() - start;
    if (ok) { /* what the check looks at */
        double run;
        ok = gpu_record(&other, 1) && gpu_run(&other, &run);
        memcpy(gpu->target->maps[0], other_target.maps[0], kernel.buffer_B[0]);
    }
    if (!ok)
        snprintf(gpu->target->why, sizeof(gpu->target->why), "%s", other_target.why);
    gpu_finish(&other);
    return ok;
}

static bool start(struct gpu *gpu)
{
    uint32_t family;
    if (!gpu_create_instance(gpu) || !gpu_find_family(gpu, &family))
        return false;
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueFamilyIndex = family,
                                     .queueCount = 1,
                                     .pQueuePriorities = &priority};
    VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                               .queueCreateInfoCount = 1,
                               .pQueueCreateInfos = &queue};
    TRY(vkCreateDevice(gpu->physical, &info, NULL, &gpu->device));
    return true;
}

int gpu_start(void)
{
    struct target target = {0};
    struct gpu gpu = {.target = &target};
    double start_s = bench_now_s();
    bool ok = start(&gpu);
    double seconds = bench_now_s() - start_s;
    if (ok)
        printf("%.9g\n", seconds);
    else
        printf("%s\n", target.why);
    if (gpu.device)
        vkDestroyDevice(gpu.device, NULL);
    if (gpu.instance)
        vkDestroyInstance(gpu.instance, NULL);
    return ok ? 0 : 1;
}

bool gpu_run_device(struct gpu *gpu, double *seconds_out)
{
    /* What this process was started as: in a chroot there may be no /proc. */
    char *self = (char *)(uintptr_t)getauxval(AT_EXECFN), how[] = "--start";
    char *arguments[] = {self, how, NULL};
    char *why = gpu->target->why, answer[sizeof(gpu->target->why)] = "";
    int pipe_fds[2], status = -1;
    pid_t pid;
    if (pipe2(pipe_fds, O_CLOEXEC)) {
        snprintf(why, sizeof(answer), "pipe: %s", strerror(errno));
        return false;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
    int error = posix_spawn(&pid, self, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    FILE *from = fdopen(pipe_fds[0], "r");
    if (!error && from && fgets(answer, sizeof(answer), from))
        answer[strcspn(answer, "\n")] = '\0';
    if (from)
        fclose(from);
    if (!error)
        waitpid(pid, &status, 0);
    if (error || status != 0)
        snprintf(why, sizeof(answer), "%s", error ? strerror(error) : answer);
    return !error && status == 0 && sscanf(answer, "%lf", seconds_out) == 1;
}
