/* SPDX-License-Identifier: MIT
 *
 * The child's loop. A command is a line, the answer is a line:
 *     device          -> ok LABEL|DESCRIPTION, or fail WHY
 *     open N OTHER    -> ok PASSES SECONDS (passes in a run, seconds a pass), skip WHY or fail WHY;
 *                        closes what is open, runs kernel N once, checks it, then sizes the run;
 * OTHER is 1 for the quite different program limit N         -> ok RATE: see target.h run -> ok
 * SECONDS (a pass) close           -> ok or fail WHY; fills the buffers again, runs one pass and
 * checks it (a very slow pass is checked by open only)
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double run_s = 0.025;  /* a run lasts this long at least, */
static const double pass_cap_s = 2; /* or one pass; a slower pass isn't repeated to warm up */

struct child {
    struct target target;
    uint32_t passes;
    double pass_s;
    uint32_t unique;
    bool cpu; /* WEFT_BENCH_CPU: time is that of the process's threads, not the wall's */
    FILE *out;
    const char *spirv_dir;
    bool first_code; /* how the driver is set up */
};

static double cpu_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool one_run(struct child *child, double *seconds_out)
{
    double start = cpu_now_s();
    bool ok = target_run(&child->target, child->unique++, seconds_out);
    if (child->cpu && child->target.kernel->how == BENCH_PASSES)
        *seconds_out = cpu_now_s() - start;
    return ok;
}

/* One pass over fresh inputs, checked. */
static bool verify(struct child *child, double *seconds_out)
{
    struct target *target = &child->target;
    target->kernel->fill(target->maps);
    return target_upload(target) && target_prepare(target, 1) && one_run(child, seconds_out) &&
           target_download(target) && target->kernel->check(target->maps, target->why, sizeof(target->why));
}

/* Starts the driver again where the row wants it set up otherwise than the last: rows about creation are
 * about the code that comes first, all others about the code that stays. */
static bool set_up(struct child *child, enum bench_how how)
{
    bool first = how == BENCH_CREATE || how == BENCH_CREATE_WARM || child->target.creates;
    if (first == child->first_code)
        return true;
    target_finish(&child->target);
    if (first)
        unsetenv("WEFT_TIERS");
    else
        setenv("WEFT_TIERS", "off", 1);
    child->first_code = first;
    return target_init(&child->target, child->spirv_dir);
}

static const char *open_kernel(struct child *child, unsigned number, bool other)
{
    static char answer[400];
    struct target *target = &child->target;
    const struct bench_kernel *kernel = &bench_kernels[number];
    if (target->kernel)
        target_close(target);
    if (!set_up(child, kernel->how)) {
        snprintf(answer, sizeof(answer), "fail %s", target->why);
        return answer;
    }
    if (kernel->needs & ~target->has)
        return "skip unsupported";
    double seconds = 0;
    child->passes = 1;
    bool ok = target_open(target, kernel, other) && verify(child, &seconds);
    if (ok && seconds < pass_cap_s)
        ok = target_prepare(target, 1) && one_run(child, &seconds); /* the first may have compiled */
    child->pass_s = seconds;
    if (ok && kernel->how == BENCH_PASSES && !target->creates && seconds < run_s) {
        double wanted = run_s / (seconds > 1e-6 ? seconds : 1e-6);
        child->passes = wanted > 200 ? 200 : (uint32_t)wanted + 1;
        ok = target_prepare(target, child->passes);
    }
    if (!ok) {
        snprintf(answer, sizeof(answer), "fail %s", target->why);
        target_close(target);
        return answer;
    }
    snprintf(answer, sizeof(answer), "ok %u %.9g", child->passes, seconds);
    return answer;
}

static void answer_command(struct child *child, const char *command)
{
    struct target *target = &child->target;
    unsigned number, other;
    double seconds;
    if (strcmp(command, "device") == 0)
        fprintf(child->out, "ok %s|%s\n", target->label, target->description);
    else if (sscanf(command, "open %u %u", &number, &other) == 2 && number < bench_kernel_count)
        fprintf(child->out, "%s\n", open_kernel(child, number, other != 0));
    else if (sscanf(command, "limit %u", &number) == 1)
        fprintf(child->out, "ok %.9g\n", target_limit(target, (enum bench_limit)number));
    else if (strcmp(command, "run") == 0 && target->kernel && one_run(child, &seconds))
        fprintf(child->out, "ok %.9g\n", seconds / child->passes);
    else if (strcmp(command, "close") == 0 && target->kernel &&
             (child->pass_s > pass_cap_s || verify(child, &seconds)))
        fprintf(child->out, "ok\n");
    else
        fprintf(child->out, "fail %s\n", target->why);
    if (strcmp(command, "close") == 0)
        target_close(target);
    fflush(child->out);
}

int bench_child(int in_fd, int out_fd, const char *spirv_dir)
{
    static struct child child;
    FILE *in = fdopen(in_fd, "r");
    child.out = fdopen(out_fd, "w");
    if (!in || !child.out)
        return 1;
    child.cpu = getenv("WEFT_BENCH_CPU") != NULL;
    child.unique = (uint32_t)time(NULL) * 2654435761u + (uint32_t)getpid();
    char line[256];
    child.spirv_dir = spirv_dir;
    child.target.creates = getenv("WEFT_BENCH_CREATE") != NULL;
    if (!target_init(&child.target, spirv_dir)) {
        /* Answer the first command, whatever it is. */
        if (fgets(line, sizeof(line), in))
            fprintf(child.out, "fail %s\n", child.target.why);
        fclose(child.out);
        target_finish(&child.target);
        return 1;
    }
    while (fgets(line, sizeof(line), in)) {
        line[strcspn(line, "\n")] = '\0';
        answer_command(&child, line);
    }
    target_finish(&child.target);
    return 0;
}
