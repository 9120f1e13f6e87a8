/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE = 35, COLUMN = 20 };

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

static const char *column_title(const struct driver *driver)
{
    return strchr(driver->label, '/') ? base_name(driver->label) : driver->label;
}

void report_header(struct report *report)
{
    report->worst = HUGE_VAL;
    json_add(report, "{\"drivers\": [");
    for (unsigned i = 0; i < report->driver_count; i++) {
        const struct driver *driver = &report->drivers[i];
        printf("%s: %s\n", column_title(driver), driver->description);
        json_add(report, "%s{\"name\": ", i ? ", " : "");
        json_string(report, column_title(driver));
        json_add(report, ", \"driver\": ");
        json_string(report, driver->description);
        json_add(report, "}");
    }
    json_add(report, "],\n\"kernels\": [\n");
    printf("\n%-*s%12s%16s", TITLE, "kernel", column_title(&report->drivers[0]), "rate");
    for (unsigned i = 1; i < report->driver_count; i++)
        printf("%*.*s", COLUMN, COLUMN - 1, column_title(&report->drivers[i]));
    if (report->driver_count > 1)
        printf("%10s", "ratio");
    printf("\n");
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
    double rate = kernel->unit[0] == 'G' ? kernel->work / seconds * 1e-9
                  : kernel->unit[0] == 'M' ? kernel->work / seconds * 1e-6
                                           : seconds * 1e6 / kernel->work;
    snprintf(to, to_B, "%.*f %s", rate < 10 ? 2 : 1, rate, kernel->unit);
}

/* A failure as it fits in a column; the whole of it goes to stderr and the JSON. */
static const char *short_failure(const struct bench_result *result)
{
    return strcmp(result->why, "unsupported") == 0 ? "unsupported"
           : strncmp(result->why, "crashed", 7) == 0 ? "crashed"
           : strncmp(result->why, "hangs", 5) == 0   ? "hangs"
           : strstr(result->why, " not ") || strstr(result->why, "differ") ? "WRONG"
                                                                            : "failed";
}

void report_row(struct report *report, const struct bench_kernel *kernel,
                const struct bench_result *results)
{
    char text[40];
    const struct bench_result *own = &results[0];
    json_add(report, "%s{\"name\": \"%s\", \"results\": [", report->compared + report->missed ? ",\n" : "",
             kernel->name);
    double fastest = HUGE_VAL;
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
        if (i && result->ok && result->median_s < fastest)
            fastest = result->median_s;
    }
    json_add(report, "]");

    printf("%-*s", TITLE, kernel->title);
    if (own->ok)
        format_time(own->median_s, text, sizeof(text));
    printf("%12s", own->ok ? text : short_failure(own));
    if (own->ok)
        format_rate(kernel, own->median_s, text, sizeof(text));
    printf("%16s", own->ok ? text : "");
    for (unsigned i = 1; i < report->driver_count; i++) {
        if (results[i].ok)
            format_time(results[i].median_s, text, sizeof(text));
        printf("%*s", COLUMN, results[i].ok ? text : short_failure(&results[i]));
    }
    if (own->ok && fastest < HUGE_VAL) {
        double ratio = fastest / own->median_s;
        printf("%9.2fx", ratio);
        json_add(report, ", \"ratio\": %.6g", ratio);
        report->log_sum += log(ratio);
        report->compared++;
        if (ratio < report->worst) {
            report->worst = ratio;
            snprintf(report->worst_name, sizeof(report->worst_name), "%s", kernel->title);
        }
    } else {
        report->missed++;
    }
    report->failed += !own->ok && strcmp(own->why, "unsupported") != 0;
    printf("\n");
    fflush(stdout);
    for (unsigned i = 0; i < report->driver_count; i++)
        if (!results[i].ok && strcmp(results[i].why, "unsupported") != 0)
            fprintf(stderr, "  %s on %s: %s\n", kernel->name, column_title(&report->drivers[i]),
                    results[i].why);
    json_add(report, "}");
}

bool report_end(struct report *report, const char *json_path)
{
    double mean = report->compared ? exp(report->log_sum / report->compared) : 0;
    if (report->compared)
        printf("\n%s against the fastest of the others: geometric mean %.2fx over %u kernels, worst "
               "%.2fx (%s)\n",
               column_title(&report->drivers[0]), mean, report->compared, report->worst,
               report->worst_name);
    json_add(report, "\n],\n\"geometric_mean\": %.6g}\n", mean);
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
