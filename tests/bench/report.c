/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE = 36, COLUMN = 18, RATIO = 10 };

static void json_add(struct report *report, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(text))
        return;
    char *grown = realloc(report->json, report->json_B + (size_t)length + 1);
    if (!grown)
        return;
    memcpy(grown + report->json_B, text, (size_t)length + 1);
    report->json = grown;
    report->json_B += (size_t)length;
}

/* Text as a JSON string; driver names are plain, so that only quotes and backslashes matter. */
static void json_string(struct report *report, const char *text)
{
    char quoted[2 * DRIVER_ANSWER_B];
    size_t length = 0;
    for (const char *p = text; *p && length + 3 < sizeof(quoted); p++) {
        if (*p == '"' || *p == '\\')
            quoted[length++] = '\\';
        quoted[length++] = (unsigned char)*p < ' ' ? ' ' : *p;
    }
    quoted[length] = '\0';
    json_add(report, "\"%s\"", quoted);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *report_name(const struct driver *driver)
{
    return strchr(driver->label, '/') ? base_name(driver->label) : driver->label;
}

void report_header(struct report *report)
{
    report->peer = (struct report_column){.title = "the fastest peer", .worst = HUGE_VAL};
    report->native = (struct report_column){.title = "native C", .worst = HUGE_VAL};
    json_add(report, "{\"drivers\": [");
    for (unsigned i = 0; i < report->driver_count; i++) {
        const struct driver *driver = &report->drivers[i];
        static const char *const roles[] = {"own", "peer", "native", "other"};
        if (driver->role != DRIVER_OTHER)
            printf("%s: %s\n", report_name(driver), driver->description);
        json_add(report, "%s{\"role\": \"%s\", \"name\": ", i ? ", " : "", roles[driver->role]);
        json_string(report, report_name(driver));
        json_add(report, ", \"driver\": ");
        json_string(report, driver->description);
        json_add(report, "}");
    }
    json_add(report, "],\n\"kernels\": [\n");
    printf("\n%-*s%12s%16s", TITLE, "kernel", report_name(&report->drivers[0]), "rate");
    for (unsigned i = 1; i < report->driver_count; i++)
        if (report->drivers[i].role == DRIVER_PEER)
            printf("%*.*s", COLUMN, COLUMN - 1, report_name(&report->drivers[i]));
    printf("%*s%*s%*s%*s\n", RATIO, "x peer", RATIO, "x native", RATIO, "x other", RATIO,
           "of limit");
    fflush(stdout);
}

static void format_time(double seconds, char *to, size_t to_B)
{
    const char *unit = "ms";
    double value = seconds * 1e3;
    if (value >= 10000) {
        value = seconds;
        unit = "s";
    }
    snprintf(to, to_B, "%.*f %s", value < 10 ? 3 : value < 100 ? 2 : 1, value, unit);
}

static void format_rate(const struct bench_kernel *kernel, double seconds, char *to, size_t to_B)
{
    to[0] = '\0';
    if (!kernel->unit)
        return;
    double rate = kernel->unit[0] == 'G'   ? kernel->work / seconds * 1e-9
                  : kernel->unit[0] == 'M' ? kernel->work / seconds * 1e-6
                                           : seconds * 1e6 / kernel->work;
    snprintf(to, to_B, "%.*f %s", rate < 10 ? 2 : 1, rate, kernel->unit);
}

/* A failure as it fits in a column; the whole of it goes to stderr and the JSON. */
static const char *short_failure(const struct bench_result *result)
{
    return strcmp(result->why, "unsupported") == 0                         ? "unsupported"
           : strncmp(result->why, "crashed", 7) == 0                       ? "crashed"
           : strncmp(result->why, "hangs", 5) == 0                         ? "hangs"
           : strstr(result->why, " not ") || strstr(result->why, "differ") ? "WRONG"
                                                                           : "failed";
}

enum bench_limit bench_limit_of(const struct bench_kernel *kernel)
{
    if (kernel->limit_B != 0)
        return BENCH_LIMIT_MEMORY;
    if (kernel->needs & BENCH_NEED_DOUBLE) /* the peak is measured in floats */
        return BENCH_LIMIT_NONE;
    return !kernel->unit                          ? BENCH_LIMIT_NONE
           : strcmp(kernel->unit, "GB/s") == 0    ? BENCH_LIMIT_MEMORY
           : strcmp(kernel->unit, "GFLOP/s") == 0 ? BENCH_LIMIT_MULTIPLY_ADD
                                                  : BENCH_LIMIT_NONE;
}

static void column_add(struct report_column *column, double ratio, const char *name)
{
    column->log_sum += log(ratio);
    column->count++;
    if (ratio < column->worst) {
        column->worst = ratio;
        snprintf(column->worst_name, sizeof(column->worst_name), "%s", name);
    }
}

static void print_ratio(double ratio)
{
    if (ratio > 0)
        printf("%*.*f", RATIO, ratio < 10 ? 2 : 1, ratio);
    else
        printf("%*s", RATIO, "-");
}

/* Own time against those of one role; the fastest, if there are several. 0 if there is none. */
static double ratio_to(const struct report *report, const struct bench_result *results,
                       enum driver_role role)
{
    double fastest = HUGE_VAL;
    for (unsigned i = 1; i < report->driver_count; i++)
        if (report->drivers[i].role == role && results[i].ok && results[i].median_s < fastest)
            fastest = results[i].median_s;
    return results[0].ok && fastest < HUGE_VAL ? fastest / results[0].median_s : 0;
}

static void json_results(struct report *report, const struct bench_result *results)
{
    for (unsigned i = 0; i < report->driver_count; i++) {
        const struct bench_result *result = &results[i];
        json_add(report, "%s{\"driver\": %u, ", i ? ", " : "", i);
        if (result->ok) {
            json_add(report, "\"seconds\": %.9g, \"low\": %.9g, \"high\": %.9g, \"samples\": %u}",
                     result->median_s, result->low_s, result->high_s, result->samples);
        } else {
            json_add(report, "\"error\": ");
            json_string(report, result->why);
            json_add(report, "}");
        }
    }
}

static void print_times(const struct report *report, const struct bench_kernel *kernel,
                        const struct bench_result *results)
{
    char text[40] = "";
    for (unsigned i = 0; i < report->driver_count; i++) {
        if (report->drivers[i].role > DRIVER_PEER)
            continue;
        if (results[i].ok)
            format_time(results[i].median_s, text, sizeof(text));
        printf("%*s", i ? COLUMN : 12, results[i].ok ? text : short_failure(&results[i]));
        if (i)
            continue;
        if (results[i].ok)
            format_rate(kernel, results[i].median_s, text, sizeof(text));
        printf("%16s", results[i].ok ? text : "");
    }
}

void report_row(struct report *report, const struct bench_kernel *kernel,
                const struct bench_result *results, const struct bench_limits *limits)
{
    double peer = ratio_to(report, results, DRIVER_PEER);
    double native = ratio_to(report, results, DRIVER_NATIVE);
    double other = ratio_to(report, results, DRIVER_OTHER);
    double limit = limits->rate;
    double work = kernel->limit_B != 0 ? kernel->limit_B : kernel->work;
    double share = limit > 0 && results[0].ok ? work / results[0].median_s / limit : 0;
    if (peer > 0)
        column_add(&report->peer, peer, kernel->title);
    if (native > 0)
        column_add(&report->native, native, kernel->title);

    json_add(
        report,
        "%s{\"name\": \"%s\", \"title\": \"%s\", \"work\": %.9g, \"unit\": \"%s\", \"results\": [",
        report->rows++ ? ",\n" : "", kernel->name, kernel->title, kernel->work,
        kernel->unit ? kernel->unit : "");
    json_results(report, results);
    json_add(report,
             "], \"peer_ratio\": %.6g, \"native_ratio\": %.6g, \"other_ratio\": %.6g, "
             "\"limit\": %.6g, \"limit_share\": %.6g}",
             peer, native, other, limit, share);

    printf("%-*s", TITLE, kernel->title);
    print_times(report, kernel, results);
    print_ratio(peer);
    print_ratio(native);
    print_ratio(other);
    if (share > 0)
        printf("%*.0f%%", RATIO - 1, share * 100);
    else
        printf("%*s", RATIO, "-");
    report->failed += !results[0].ok && strcmp(results[0].why, "unsupported") != 0;
    printf("\n");
    fflush(stdout);
    for (unsigned i = 0; i < report->driver_count; i++) {
        bool told = results[i].ok || strcmp(results[i].why, "unsupported") == 0;
        report->failed +=
            !told && report->drivers[i].role > DRIVER_PEER; /* a reference must be right */
        if (!told)
            fprintf(stderr, "  %s on %s: %s\n", kernel->name, report_name(&report->drivers[i]),
                    results[i].why);
    }
}

static void column_end(struct report *report, const struct report_column *column, const char *key)
{
    double mean = column->count ? exp(column->log_sum / column->count) : 0;
    if (column->count)
        printf("%s against %s: geometric mean %.2f over %u kernels, worst %.2f (%s)\n",
               report_name(&report->drivers[0]), column->title, mean, column->count, column->worst,
               column->worst_name);
    json_add(report, ",\n\"%s_mean\": %.6g", key, mean);
}

bool report_end(struct report *report, const char *json_path)
{
    printf("\n");
    json_add(report, "\n]");
    column_end(report, &report->peer, "peer");
    column_end(report, &report->native, "native");
    if (report->extras)
        json_add(report, "%s", report->extras);
    free(report->extras);
    report->extras = NULL;
    json_add(report, "}\n");
    bool ok = true;
    if (json_path) {
        FILE *file = fopen(json_path, "w");
        ok = file && report->json && fputs(report->json, file) >= 0;
        if (file)
            ok = fclose(file) == 0 && ok;
        if (!ok)
            fprintf(stderr, "weft_bench: %s: %s\n", json_path, strerror(errno));
    }
    free(report->json);
    report->json = NULL;
    return ok;
}
