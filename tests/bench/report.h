/* SPDX-License-Identifier: MIT
 *
 * The table, a row as soon as it is measured, and the JSON.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "driver.h"

struct bench_result {
    bool ok;
    double median_s;       /* of one pass */
    double low_s, high_s;
    unsigned samples;
    char why[DRIVER_ANSWER_B]; /* when not ok */
};

struct report {
    const struct driver *drivers; /* the first is the one that the others are compared with */
    unsigned driver_count;
    double log_sum, worst;
    unsigned compared, missed, failed;
    char worst_name[64];
    char *json;                   /* grows; free() */
    size_t json_B;
};

void report_header(struct report *report);
void report_row(struct report *report, const struct bench_kernel *kernel,
                const struct bench_result *results);
/* The geometric mean, and the JSON to json_path if that isn't NULL. False if the file can't be
 * written. */
bool report_end(struct report *report, const char *json_path);

#endif
