/* SPDX-License-Identifier: MIT
 *
 * DOC: The shader tests' runner
 *
 *     runner [--width N] [--isa NAME] [--threads N] [--test NAME] [--list] X.shader_test X.spvs
 *
 * Runs the tests of one file (script.h describes it) through the driver's interface, without Vulkan:
 * every instruction set that the machine has x widths 1, 4, 8, 16, 32 (64 and 128 if asked) x worker
 * counts 1, 2, 4, and widths 8 and 16 compiled fast, and the width that the compiler chooses, which reports call 0.
 * Width 1 with one worker is the reference that the others are compared with. The work is done in a child
 * process, so that a crash or a hang is one failed test and the rest still runs.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trial.h"

#define CHOSEN_WIDTH 0
#define TRIAL_SECONDS 60 /* one width's trials of one test */
#define MAX_REPORTS 3    /* lines about one test */

static const uint32_t all_widths[] = { 1, 4, 8, 16, 32, 64, 128, CHOSEN_WIDTH };
#define MAX_USUAL_WIDTH 32 /* wider ones take long to compile: they run where --width asks for them */
static const uint32_t fast_widths[] = { 8, 16 };
#define FAST_KINDS (sizeof(fast_widths) / sizeof(fast_widths[0]))
static const uint32_t all_threads[] = { 1, 2, 4 };
#define THREAD_KINDS (sizeof(all_threads) / sizeof(all_threads[0]))
static const char *const isa_names[] = {
    [WEFT_ISA_SSE] = "sse",
    [WEFT_ISA_AVX2] = "avx2",
    [WEFT_ISA_AVX512] = "avx512",
};

struct arguments {
    uint32_t width, isa, threads; /* 0: all */
    const char *test, *script_path, *spirv_path;
};

/* Shared with the child: what it is doing, for when it dies. */
struct progress {
    size_t test;
    uint32_t isa, width, threads;
    bool fast;
    unsigned failures; /* tests */
    unsigned trials, failed_trials; /* of the test */
};

struct modules {
    uint32_t *words;
    size_t word_count;
};

static int read_modules(const char *path, struct modules *modules_out)
{
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file && !fseek(file, 0, SEEK_END))
        size = ftell(file);
    if (size < 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        if (file)
            fclose(file);
        return -1;
    }
    rewind(file);
    modules_out->word_count = (size_t)size / 4;
    modules_out->words = malloc((size_t)size + 4);
    if (!modules_out->words ||
        fread(modules_out->words, 4, modules_out->word_count, file) != modules_out->word_count) {
        fclose(file);
        return -1;
    }
    fclose(file);
    return 0;
}

/* Module number index, or NULL. */
static const uint32_t *find_module(const struct modules *modules, unsigned index, size_t *words_out)
{
    size_t at = 0;
    while (at < modules->word_count) {
        size_t words = modules->words[at];
        if (!index--) {
            *words_out = words;
            return modules->words + at + 1;
        }
        at += 1 + words;
    }
    return NULL;
}

static void report(const char *name, const struct progress *at, const char *text)
{
    printf("FAIL %s: %s width %u%s threads %u: %s\n", name, isa_names[at->isa], at->width,
           at->fast ? " fast" : "", at->threads, text);
}

/* A device for each number of workers, new where there is none or the one there is lost. */
static int make_devices(struct weft_device **devices)
{
    for (unsigned i = 0; i < THREAD_KINDS; i++) {
        struct weft_device_info info = { .worker_count = all_threads[i] };
        if (devices[i] && !weft_device_status(devices[i]))
            continue;
        weft_device_destroy(&devices[i]);
        int error = weft_device_create(&info, &devices[i]);
        if (error) {
            printf("FAIL: no device: %d\n", error);
            return 1;
        }
    }
    return 0;
}

/* One test at one width and instruction set, with each number of workers. reference is NULL when
 * this run makes it. Returns false once it failed. */
static bool run_width(const struct arguments *arguments, const struct script_test *test,
                      struct trial_options *options, struct weft_device **devices,
                      const struct trial *reference, struct trial *keep, struct progress *progress)
{
    struct trial first = { 0 };
    bool ok = !make_devices(devices);
    progress->failed_trials += !ok;
    alarm(TRIAL_SECONDS);
    /* The reference has been compiled already. */
    const struct trial *made = options->width == 1 ? reference : NULL;
    for (unsigned i = 0; i < THREAD_KINDS && ok; i++) {
        if (keep ? i > 0 : arguments->threads && arguments->threads != all_threads[i])
            continue;
        struct trial trial;
        progress->threads = all_threads[i];
        options->device = devices[i];
        const struct trial *source = made && made->image ? made : &first;
        options->image = source->image;
        options->image_B = source->image_B;
        trial_run(test, options, &trial);
        if (!trial.failure[0] && reference)
            trial_compare(&trial, reference);
        progress->trials++;
        if (trial.failure[0]) {
            if (progress->failed_trials++ < MAX_REPORTS)
                report(test->name, progress, trial.failure);
            ok = false;
        }
        if (first.image) {
            trial_finish(&trial);
        } else {
            trial_finish(&first);
            first = trial;
        }
    }
    alarm(0);
    if (keep)
        *keep = first;
    else
        trial_finish(&first);
    return ok;
}

/* At every width, for one instruction set. */
static void run_isa(const struct arguments *arguments, const struct script_test *test,
                    struct trial_options *options, struct weft_device **devices,
                    struct progress *progress)
{
    struct trial reference = { 0 };
    options->width = progress->width = 1;
    bool ok = run_width(arguments, test, options, devices, NULL, &reference, progress);
    /* What one lane cannot compile, many cannot either. */
    bool any = ok || reference.image;
    for (size_t i = 0; any && i < sizeof(all_widths) / sizeof(all_widths[0]); i++) {
        if (arguments->width ? arguments->width != all_widths[i]
                             : all_widths[i] > MAX_USUAL_WIDTH)
            continue;
        options->width = progress->width = all_widths[i];
        run_width(arguments, test, options, devices, ok ? &reference : NULL, NULL, progress);
    }
    for (size_t i = 0; any && i < FAST_KINDS; i++) {
        if (arguments->width && arguments->width != fast_widths[i])
            continue;
        options->width = progress->width = fast_widths[i];
        options->fast = progress->fast = true;
        run_width(arguments, test, options, devices, ok ? &reference : NULL, NULL, progress);
        options->fast = progress->fast = false;
    }
    trial_finish(&reference);
}

static void run_test(const struct arguments *arguments, const struct script_test *test,
                     struct trial_options *options, struct weft_device **devices,
                     const struct weft_machine *machine, struct progress *progress)
{
    progress->trials = progress->failed_trials = 0;
    for (uint32_t isa = WEFT_ISA_SSE; isa <= machine->isa; isa++) {
        if (arguments->isa && arguments->isa != isa)
            continue;
        options->isa = progress->isa = isa;
        options->features = 0;
        run_isa(arguments, test, options, devices, progress);
        options->features = isa == machine->isa ? machine->features : 0;
        if (options->features)
            run_isa(arguments, test, options, devices, progress);
    }
    if (!progress->failed_trials)
        printf("ok   %s (%u runs)\n", test->name, progress->trials);
    else
        printf("FAIL %s: %u of %u runs\n", test->name, progress->failed_trials, progress->trials);
    progress->failures += progress->failed_trials != 0;
}

/* The child: runs the tests from progress->test on. */
static int run_all(const struct arguments *arguments, const struct script *script,
                   const struct modules *modules, struct progress *progress)
{
    struct weft_device *devices[THREAD_KINDS] = { NULL };
    struct weft_machine machine;
    weft_machine_query(&machine);
    for (; progress->test < script->test_count; progress->test++) {
        const struct script_test *test = &script->tests[progress->test];
        struct trial_options options = { 0 };
        if (arguments->test && strcmp(arguments->test, test->name))
            continue;
        options.spirv = find_module(modules, test->shader, &options.spirv_words);
        if (!options.spirv) {
            printf("FAIL %s: its shader is missing\n", test->name);
            progress->failures++;
            continue;
        }
        run_test(arguments, test, &options, devices, &machine, progress);
        fflush(stdout);
    }
    for (unsigned i = 0; i < THREAD_KINDS; i++)
        weft_device_destroy(&devices[i]);
    return 0;
}

static int read_arguments(int argc, char **argv, struct arguments *out)
{
    *out = (struct arguments){ 0 };
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (!strcmp(argv[i], "--width"))
            out->width = (uint32_t)strtoul(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--threads"))
            out->threads = (uint32_t)strtoul(argv[i + 1], NULL, 0);
        else if (!strcmp(argv[i], "--test"))
            out->test = argv[i + 1];
        else if (!strcmp(argv[i], "--isa"))
            for (out->isa = WEFT_ISA_AVX512; out->isa && strcmp(argv[i + 1], isa_names[out->isa]);)
                out->isa--;
        else
            return -1;
    }
    if (i + 2 != argc)
        return -1;
    out->script_path = argv[i];
    out->spirv_path = argv[i + 1];
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    struct script script;
    struct modules modules;
    if (read_arguments(argc, argv, &arguments)) {
        fprintf(stderr, "runner [--width N] [--isa NAME] [--threads N] [--test NAME] "
                        "X.shader_test X.spvs\n");
        return 2;
    }
    if (script_read(arguments.script_path, &script) || read_modules(arguments.spirv_path, &modules))
        return 2;
    struct progress *progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        return 2;

    while (progress->test < script.test_count) {
        fflush(stdout);
        pid_t child = fork();
        if (child < 0)
            return 2;
        if (child == 0) {
            int status = run_all(&arguments, &script, &modules, progress);
            fflush(stdout);
            _exit(status);
        }
        int status;
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            break;
        progress->failures++;
        if (progress->test >= script.test_count) {
            printf("FAIL: the runner died after its last test\n");
            break;
        }
        if (WIFSIGNALED(status))
            report(script.tests[progress->test].name, progress,
                   WTERMSIG(status) == SIGALRM ? "hung" : strsignal(WTERMSIG(status)));
        else
            report(script.tests[progress->test].name, progress, "the runner left");
        progress->test++;
    }
    printf("%zu tests, %u failed\n", script.test_count, progress->failures);
    script_finish(&script);
    free(modules.words);
    return progress->failures != 0;
}
