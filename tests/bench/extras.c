/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double timeout_s = 120;

static unsigned kernel_number(const char *name)
{
    unsigned k = 0;
    while (k < bench_kernel_count && strcmp(bench_kernels[k].name, name))
        k++;
    return k;
}

/* The best of some runs in a child of its own, kept to so many cores (0: all). HUGE_VAL: failed. */
static double best_run(const struct driver *driver, const char *kernel, unsigned cores,
                       unsigned rounds, long *peak_KiB)
{
    struct driver own = *driver;
    char answer[DRIVER_ANSWER_B], command[64];
    double best = HUGE_VAL, seconds;
    own.pid = 0;
    own.cores = cores;
    snprintf(command, sizeof(command), "open %u 0", kernel_number(kernel));
    if (driver_ask(&own, command, timeout_s, answer)) {
        for (unsigned i = 0; i < rounds; i++)
            if (driver_ask(&own, "run", timeout_s, answer) &&
                sscanf(answer, "%lf", &seconds) == 1 && seconds < best)
                best = seconds;
    }
    driver_end_child(&own);
    *peak_KiB = own.peak_KiB;
    return best;
}

void report_extras(struct report *report, struct driver *drivers, unsigned rounds)
{
    char text[4096] = ",\n\"extras\": [", line[256];
    size_t text_B = strlen(text);
    long cores = sysconf(_SC_NPROCESSORS_ONLN), peak_KiB;
    printf("\n%-20s%28s%28s\n", "", "multiply-adds, 1 core to 2", "vector add, peak memory");
    for (unsigned d = 0; d < report->driver_count; d++) {
        if (drivers[d].role > DRIVER_NATIVE)
            continue;
        driver_end_child(&drivers[d]); /* its threads must not take part */
        double two = cores > 1 ? best_run(&drivers[d], "fma_peak", 2, rounds, &peak_KiB) : 0;
        double one = cores > 1 ? best_run(&drivers[d], "fma_peak", 1, rounds, &peak_KiB) : 0;
        double gain = two > 0 && one < HUGE_VAL && two < HUGE_VAL ? one / two : 0;
        bool ran = best_run(&drivers[d], "saxpy_256", 0, 1, &peak_KiB) < HUGE_VAL;
        printf("%-20.19s%27.2fx%24.1f MiB\n", report_name(&drivers[d]), gain,
               ran ? (double)peak_KiB / 1024 : 0);
        snprintf(line, sizeof(line), "%s{\"driver\": %u, \"two_cores\": %.4g, \"peak_KiB\": %ld}",
                 d ? ", " : "", d, gain, ran ? peak_KiB : 0);
        if (text_B + strlen(line) + 2 < sizeof(text)) {
            strcpy(text + text_B, line);
            text_B += strlen(line);
        }
    }
    strcpy(text + text_B, "]");
    report->extras = strdup(text);
}
