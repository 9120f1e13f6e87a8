/* SPDX-License-Identifier: MIT */
#include "driver.h"
#include "gpu.h"
#include "report.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_MANIFESTS = 6, MAX_DRIVERS = MAX_MANIFESTS + 2 };

static const char usage[] =
    "usage: weft_bench [options] MANIFEST...\n"
    "Times compute kernels on each driver, by turns, and compares the first with the others. A\n"
    "manifest is a driver's JSON file; one inside another system's tree runs chrooted there.\n"
    "  --kernel NAME   only this kernel; may be repeated\n"
    "  --rounds N      runs of each driver on each kernel (7)\n"
    "  --shaders DIR   where the .spv files are (next to this program)\n"
    "  --check         only see that the results are right\n"
    "  --best          the best run of each instead of the median, for a machine that others use "
    "too\n"
    "  --cpu           one thread each, and its processor time: close to the truth on a busy "
    "machine\n"
    "  --create        instead of a pass of each kernel, the creation of its pipelines and their "
    "first\n"
    "                  dispatches, without caches; and the median of the ratios. --no-native is "
    "implied\n"
    "  --gate FILE     fail where a kernel of the file is slower, against native C, than it says "
    "there;\n"
    "                  --cpu and --best are implied\n"
    "  --no-native     without the references in C\n"
    "  --json FILE     write the results there too\n"
    "  --list          list the kernels\n";

struct options {
    const char *manifests[MAX_MANIFESTS];
    unsigned manifest_count;
    const char *kernels[128];
    unsigned kernel_count;
    unsigned rounds;
    const char *json_path, *shaders, *gate_path;
    bool no_native, best, check, cpu, create;
};

/* bench_kernel_count and a line to stderr if there is none. */
static unsigned find_kernel(const char *name)
{
    unsigned k = 0;
    while (k < bench_kernel_count && strcmp(name, bench_kernels[k].name))
        k++;
    if (k == bench_kernel_count)
        fprintf(stderr, "weft_bench: no kernel '%s' (--list shows them)\n", name);
    return k;
}

/* Sets *done when the program has nothing more to do. */
static bool parse(int argc, char **argv, struct options *options, bool *done)
{
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        bool takes_value = true;
        if (strcmp(arg, "--kernel") == 0 && value && options->kernel_count < 128) {
            options->kernels[options->kernel_count++] = value;
        } else if (strcmp(arg, "--rounds") == 0 && value) {
            options->rounds = (unsigned)strtoul(value, NULL, 10);
        } else if (strcmp(arg, "--json") == 0 && value) {
            options->json_path = value;
        } else if (strcmp(arg, "--shaders") == 0 && value) {
            options->shaders = value;
        } else if (strcmp(arg, "--no-native") == 0) {
            options->no_native = true;
            takes_value = false;
        } else if (strcmp(arg, "--check") == 0) {
            options->check = true;
            takes_value = false;
        } else if (strcmp(arg, "--gate") == 0 && value) {
            options->gate_path = value;
            options->cpu = options->best = true;
        } else if (strcmp(arg, "--cpu") == 0) {
            options->cpu = true;
            takes_value = false;
        } else if (strcmp(arg, "--best") == 0) {
            options->best = true;
            takes_value = false;
        } else if (strcmp(arg, "--create") == 0) {
            options->create = options->no_native = true;
            takes_value = false;
        } else if (strcmp(arg, "--list") == 0) {
            for (unsigned k = 0; k < bench_kernel_count; k++)
                printf("%-16s %s\n", bench_kernels[k].name, bench_kernels[k].title);
            *done = true;
            return true;
        } else if (arg[0] != '-' && options->manifest_count < MAX_MANIFESTS) {
            options->manifests[options->manifest_count++] = arg;
            takes_value = false;
        } else {
            return false;
        }
        i += takes_value;
    }
    if (options->rounds < 1 || options->rounds > BENCH_SAMPLES)
        return false;
    for (unsigned i = 0; i < options->kernel_count; i++)
        if (find_kernel(options->kernels[i]) == bench_kernel_count)
            return false;
    return options->manifest_count > 0;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A driver whose pass is slow gets fewer rounds, so that one slow peer doesn't take minutes. */
static unsigned rounds_for(const struct options *options, double pass_s)
{
    unsigned most = pass_s > 2 ? 1 : pass_s > 0.5 ? 3 : options->rounds;
    return most < options->rounds ? most : options->rounds;
}

static const double timeout_s = 120;

/* What the kernel's rate is held against, measured once more in its own round. */
static void measure_limit(const struct bench_kernel *kernel, struct driver *driver,
                          struct bench_limits *limits)
{
    char answer[DRIVER_ANSWER_B], command[32];
    enum bench_limit limit = bench_limit_of(kernel);
    double rate;
    if (limit == BENCH_LIMIT_NONE || driver->role != DRIVER_NATIVE)
        return;
    snprintf(command, sizeof(command), "limit %d", (int)limit);
    if (driver_ask(driver, command, timeout_s, answer) && sscanf(answer, "%lf", &rate) == 1 &&
        limits->count < BENCH_SAMPLES)
        limits->rates[limits->count++] = rate;
}

static void open_all(const struct options *options, struct driver *drivers, unsigned driver_count,
                     unsigned number, struct bench_result *results, unsigned *rounds)
{
    char answer[DRIVER_ANSWER_B], command[32];
    for (unsigned d = 0; d < driver_count; d++) {
        struct bench_result *result = &results[d];
        *result = (struct bench_result){0};
        double pass_s;
        snprintf(command, sizeof(command), "open %u %d", number, drivers[d].role == DRIVER_OTHER);
        result->ok = driver_ask(&drivers[d], command, timeout_s, answer) &&
                     sscanf(answer, "%*u %lf", &pass_s) == 1;
        if (result->ok) {
            rounds[d] = rounds_for(options, pass_s);
            result->median_s = pass_s;
        } else
            snprintf(result->why, sizeof(result->why), "%s", answer);
    }
}

static void measure(const struct options *options, struct driver *drivers, unsigned driver_count,
                    unsigned number, struct bench_result *results, struct bench_limits *limits)
{
    double samples[MAX_DRIVERS][BENCH_SAMPLES];
    unsigned rounds[MAX_DRIVERS] = {0};
    char answer[DRIVER_ANSWER_B];
    *limits = (struct bench_limits){0};
    open_all(options, drivers, driver_count, number, results, rounds);
    if (options->check)
        return;
    for (unsigned round = 0; round < options->rounds; round++) {
        for (unsigned d = 0; d < driver_count; d++) {
            struct bench_result *result = &results[d];
            measure_limit(&bench_kernels[number], &drivers[d], limits);
            if (!result->ok || round >= rounds[d])
                continue;
            usleep(2000); /* the threads of the driver before it go to sleep */
            result->ok = driver_ask(&drivers[d], "run", timeout_s, answer) &&
                         sscanf(answer, "%lf", &samples[d][result->samples]) == 1;
            if (result->ok)
                result->samples++;
            else
                snprintf(result->why, sizeof(result->why), "%s", answer);
        }
    }
    for (unsigned d = 0; d < driver_count; d++) {
        struct bench_result *result = &results[d];
        if (result->samples && drivers[d].pid &&
            !driver_ask(&drivers[d], "close", timeout_s, answer) && result->ok) {
            result->ok = false;
            snprintf(result->why, sizeof(result->why), "%s", answer);
        }
        if (!result->ok)
            continue;
        qsort(samples[d], result->samples, sizeof(double), compare_doubles);
        result->median_s = samples[d][options->best ? 0 : result->samples / 2];
        result->low_s = samples[d][0];
        result->high_s = samples[d][result->samples - 1];
    }
    qsort(limits->rates, limits->count, sizeof(double), compare_doubles);
    if (limits->count)
        limits->rate = limits->rates[options->best ? limits->count - 1 : limits->count / 2];
}

/* As few rounds as show that the kernel is fast enough, at most GATE_ROUNDS. */
static bool gate(const struct options *options, struct driver *drivers, unsigned driver_count,
                 unsigned number, double bound)
{
    enum { GATE_ROUNDS = 20 };
    struct bench_result results[MAX_DRIVERS];
    unsigned rounds[MAX_DRIVERS];
    double best[MAX_DRIVERS], ratio = 0;
    char answer[DRIVER_ANSWER_B];
    open_all(options, drivers, driver_count, number, results, rounds);
    for (unsigned d = 0; d < driver_count; d++) {
        best[d] = HUGE_VAL;
        if (!results[d].ok) {
            printf("%-16s%s: %s\n", bench_kernels[number].name, drivers[d].label, results[d].why);
            return false;
        }
    }
    unsigned round = 0;
    for (; round < GATE_ROUNDS && ratio < bound; round++) {
        for (unsigned d = 0; d < driver_count; d++) {
            double seconds;
            if (!driver_ask(&drivers[d], "run", timeout_s, answer) ||
                sscanf(answer, "%lf", &seconds) != 1) {
                printf("%-16s%s: %s\n", bench_kernels[number].name, drivers[d].label, answer);
                return false;
            }
            best[d] = seconds < best[d] ? seconds : best[d];
        }
        ratio = best[1] / best[0];
    }
    printf("%-16s%6.2f of native C, bound %.2f, %u rounds%s\n", bench_kernels[number].name, ratio,
           bound, round, ratio < bound ? ": TOO SLOW" : "");
    fflush(stdout);
    return ratio >= bound;
}

/* The file has a row per kernel: its name and the least ratio. '#' begins a comment. */
static bool gate_all(const struct options *options, struct driver *drivers, unsigned driver_count)
{
    FILE *file = fopen(options->gate_path, "r");
    char line[256], name[64];
    unsigned failed = 0;
    double bound;
    if (!file || driver_count != 2) {
        fprintf(stderr,
                "weft_bench: --gate wants its file, one driver and the native references\n");
        if (file)
            fclose(file);
        return false;
    }
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "#\n")] = '\0';
        if (sscanf(line, "%63s %lf", name, &bound) != 2)
            continue;
        unsigned k = find_kernel(name);
        if (k == bench_kernel_count || !gate(options, drivers, driver_count, k, bound))
            failed++;
    }
    fclose(file);
    printf("%u kernels too slow or wrong\n", failed);
    return failed == 0;
}

static bool wanted(const struct options *options, const struct bench_kernel *kernel)
{
    for (unsigned i = 0; i < options->kernel_count; i++)
        if (strcmp(options->kernels[i], kernel->name) == 0)
            return true;
    bool creates = kernel->how == BENCH_PASSES && kernel->steps[0].shader;
    return options->kernel_count == 0 && (!options->create || creates);
}

/* The first driver's times over each peer's. */
struct ratios {
    double of[MAX_DRIVERS][256];
    unsigned count[MAX_DRIVERS];
};

static void ratios_add(struct ratios *ratios, const struct bench_result *results, unsigned count)
{
    for (unsigned d = 1; d < count && results[0].ok; d++)
        if (results[d].ok && ratios->count[d] < 256)
            ratios->of[d][ratios->count[d]++] = results[0].median_s / results[d].median_s;
}

/* The medians, as text and as JSON for the report. */
static void ratios_report(struct ratios *ratios, struct report *report)
{
    char text[1024] = ",\n\"create\": [";
    size_t text_B = strlen(text);
    for (unsigned d = 1; d < report->driver_count; d++) {
        unsigned count = ratios->count[d];
        if (!count)
            continue;
        qsort(ratios->of[d], count, sizeof(double), compare_doubles);
        double median = ratios->of[d][count / 2], worst = ratios->of[d][count - 1];
        printf("\nCreation and first dispatch: %.2f of the time of %s, the median of %u kernels; "
               "at most %.2f",
               median, report_name(&report->drivers[d]), count, worst);
        text_B += (size_t)snprintf(
            text + text_B, sizeof(text) - text_B,
            "%s{\"driver\": %u, \"kernels\": %u, \"median\": %.4g, \"worst\": %.4g}",
            d > 1 ? ", " : "", d, count, median, worst);
    }
    printf("\n");
    snprintf(text + text_B, sizeof(text) - text_B, "]");
    report->extras = strdup(text);
}

static void ask_description(struct driver *driver)
{
    char answer[DRIVER_ANSWER_B];
    bool ok = driver_ask(driver, "device", 60, answer);
    char *bar = ok ? strchr(answer, '|') : NULL;
    if (bar) {
        *bar = '\0';
        snprintf(driver->label, sizeof(driver->label), "%.63s", answer);
        snprintf(driver->description, sizeof(driver->description), "%.299s", bar + 1);
    } else {
        snprintf(driver->description, sizeof(driver->description), "does not start: %.250s",
                 answer);
    }
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--child") == 0)
        return bench_child(atoi(argv[2]), atoi(argv[3]), argv[4]);
    if (argc == 2 && strcmp(argv[1], "--start") == 0)
        return gpu_start();

    signal(SIGPIPE, SIG_IGN); /* a dead child is seen by its missing answer */
    static char self[1024], self_dir[1024];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length > 0) {
        snprintf(self_dir, sizeof(self_dir), "%s", self);
        *strrchr(self_dir, '/') = '\0';
    }
    struct options options = {.rounds = 7, .shaders = self_dir};
    bool done = false;
    if (!parse(argc, argv, &options, &done)) {
        fputs(usage, stderr);
        return 2;
    }
    if (done)
        return 0;

    if (options.create)
        setenv("WEFT_BENCH_CREATE", "1", 1);
    if (options.cpu) {
        setenv("WEFT_BENCH_CPU", "1", 1);
        setenv("WEFT_THREADS", "1", 1);
        setenv("OMP_NUM_THREADS", "1", 1);
        setenv("LP_NUM_THREADS", "1", 1);
    }
    static struct driver drivers[MAX_DRIVERS];
    unsigned driver_count = 0;
    bool ok = true;
    for (unsigned i = 0; ok && i < options.manifest_count; i++) {
        ok = driver_init(&drivers[i], options.manifests[i], self, options.shaders);
        driver_count++;
        if (ok)
            ask_description(&drivers[i]);
    }
    if (ok)
        drivers[0].role = DRIVER_OWN;
    enum driver_role last = options.no_native   ? DRIVER_PEER
                            : options.gate_path ? DRIVER_NATIVE
                                                : DRIVER_OTHER;
    for (enum driver_role role = DRIVER_NATIVE; ok && role <= last; role++) {
        if (!driver_init_native(&drivers[driver_count], role, self, options.shaders)) {
            fprintf(stderr, "weft_bench: no native references: they need OpenMP\n");
            break;
        }
        ask_description(&drivers[driver_count++]);
    }
    if (ok && options.gate_path) {
        ok = gate_all(&options, drivers, driver_count);
    } else if (ok) {
        struct report report = {.drivers = drivers, .driver_count = driver_count};
        static struct ratios ratios;
        report_header(&report);
        for (unsigned k = 0; k < bench_kernel_count; k++) {
            if (!wanted(&options, &bench_kernels[k]))
                continue;
            struct bench_result results[MAX_DRIVERS];
            struct bench_limits limits;
            measure(&options, drivers, driver_count, k, results, &limits);
            report_row(&report, &bench_kernels[k], results, &limits);
            ratios_add(&ratios, results, driver_count);
        }
        if (options.create)
            ratios_report(&ratios, &report);
        if (!options.create && !options.check && !options.cpu && !options.kernel_count)
            report_extras(&report, drivers, options.rounds);
        ok = report_end(&report, options.json_path) && report.failed == 0;
    }
    for (unsigned i = 0; i < driver_count; i++)
        driver_finish(&drivers[i]);
    return ok ? 0 : 1;
}
