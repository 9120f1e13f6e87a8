/* SPDX-License-Identifier: MIT
 *
 * The child's loop. A command is a line, the answer is a line:
 *     device          -> ok LABEL|DRIVER, or fail WHY
 *     open N          -> ok PASSES SECONDS (passes in a run, seconds a pass), skip WHY or fail WHY;
 *                        runs kernel N once, checks it, then sizes the run
 *     run             -> ok SECONDS (a pass)
 *     close           -> ok or fail WHY; fills the buffers again, runs one pass and checks it (a very
 *                        slow pass is checked by open only)
 */
#include "gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double run_s = 0.025;   /* a run lasts this long at least, */
static const double pass_cap_s = 2;  /* or one pass; a slower pass isn't repeated to warm up */

struct child {
    struct gpu gpu;
    uint32_t passes;
    double pass_s;
    uint32_t unique;
    FILE *out;
};

static bool one_run(struct child *child, double *seconds_out)
{
    if (child->gpu.kernel->create)
        return gpu_run_create(&child->gpu, child->unique++, seconds_out);
    return gpu_run(&child->gpu, seconds_out);
}

/* One pass over fresh inputs, checked. */
static bool verify(struct child *child, double *seconds_out)
{
    struct gpu *gpu = &child->gpu;
    gpu->kernel->fill(gpu->maps);
    if (!gpu->kernel->create && !gpu_record(gpu, 1))
        return false;
    return one_run(child, seconds_out) &&
           gpu->kernel->check(gpu->maps, gpu->why, sizeof(gpu->why));
}

static const char *open_kernel(struct child *child, unsigned number)
{
    static char answer[400];
    struct gpu *gpu = &child->gpu;
    const struct bench_kernel *kernel = &bench_kernels[number];
    if (kernel->needs & ~gpu->has)
        return "skip unsupported";
    double seconds = 0;
    child->passes = 1;
    bool ok = gpu_open(gpu, kernel) && verify(child, &seconds);
    if (ok && seconds < pass_cap_s)
        ok = one_run(child, &seconds); /* the first run may have compiled */
    child->pass_s = seconds;
    if (ok && !kernel->create && seconds < run_s) {
        double wanted = run_s / (seconds > 1e-6 ? seconds : 1e-6);
        child->passes = wanted > 200 ? 200 : (uint32_t)wanted + 1;
        ok = gpu_record(gpu, child->passes);
    }
    if (!ok) {
        snprintf(answer, sizeof(answer), "fail %s", gpu->why);
        gpu_close(gpu);
        return answer;
    }
    snprintf(answer, sizeof(answer), "ok %u %.9g", child->passes, seconds);
    return answer;
}

static void answer_command(struct child *child, const char *command)
{
    struct gpu *gpu = &child->gpu;
    unsigned number;
    double seconds;
    if (strcmp(command, "device") == 0)
        fprintf(child->out, "ok %s|%s\n", gpu->label, gpu->driver);
    else if (sscanf(command, "open %u", &number) == 1 && number < bench_kernel_count)
        fprintf(child->out, "%s\n", open_kernel(child, number));
    else if (strcmp(command, "run") == 0 && gpu->kernel && one_run(child, &seconds))
        fprintf(child->out, "ok %.9g\n", seconds / child->passes);
    else if (strcmp(command, "close") == 0 && gpu->kernel &&
             (child->pass_s > pass_cap_s || verify(child, &seconds)))
        fprintf(child->out, "ok\n");
    else
        fprintf(child->out, "fail %s\n", gpu->why);
    if (strcmp(command, "close") == 0)
        gpu_close(gpu);
    fflush(child->out);
}

int bench_child(int in_fd, int out_fd, const char *spirv_dir)
{
    static struct child child;
    FILE *in = fdopen(in_fd, "r");
    child.out = fdopen(out_fd, "w");
    if (!in || !child.out)
        return 1;
    child.unique = (uint32_t)time(NULL) * 2654435761u + (uint32_t)getpid();
    char line[256];
    if (!gpu_init(&child.gpu, spirv_dir)) {
        /* Answer the first command, whatever it is. */
        if (fgets(line, sizeof(line), in))
            fprintf(child.out, "fail %s\n", child.gpu.why);
        fclose(child.out);
        gpu_finish(&child.gpu);
        return 1;
    }
    while (fgets(line, sizeof(line), in)) {
        line[strcspn(line, "\n")] = '\0';
        answer_command(&child, line);
    }
    gpu_finish(&child.gpu);
    return 0;
}
