/* SPDX-License-Identifier: MIT
 *
 * The table, a row as soon as it is measured, and the JSON. The ratios are times of the others over
 * the first driver's: above 1 the first is faster.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "driver.h"

struct bench_result {
    bool ok;
    double median_s; /* of one pass; with --best the lowest */
    double low_s, high_s;
    unsigned samples;
    char why[DRIVER_ANSWER_B]; /* when not ok */
};

/* The kernel's limit as measured in each round, sorted: bytes or operations a second. */
struct bench_limits {
    double rates[BENCH_SAMPLES];
    unsigned count;
    double rate; /* the median, with --best the highest; 0: none */
};

/* A column of ratios, summed up at the end. */
struct report_column {
    const char *title;
    double log_sum, worst;
    unsigned count;
    char worst_name[64];
};

struct report {
    const struct driver *drivers; /* the first is the one that the others are compared with */
    unsigned driver_count;
    struct report_column peer, native;
    unsigned rows, failed;
    char *extras; /* JSON, or NULL; free() */
    char *json;   /* grows; free() */
    size_t json_B;
};

/* A driver's name for people. */
const char *report_name(const struct driver *driver);
enum bench_limit bench_limit_of(const struct bench_kernel *kernel);

void report_header(struct report *report);
void report_row(struct report *report, const struct bench_kernel *kernel,
                const struct bench_result *results, const struct bench_limits *limits);
/* What is no time of a pass: how multiply-add chains gain from a second core, and the peak memory
 * of a process that adds vectors. Starts children of its own. */
void report_extras(struct report *report, struct driver *drivers, unsigned rounds);
/* The geometric means, and the JSON to json_path if that isn't NULL. False if the file can't be
 * written. */
bool report_end(struct report *report, const char *json_path);

#endif
