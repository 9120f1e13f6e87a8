/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "weft/compile.h"
#include "weft/kernel.h"

#define MAX_INPUT_B ((size_t)1 << 20)
#define INPUT_SECONDS 60 /* for one input; sanitizers and loaded machines are slow */
#define SETS 4
#define BINDINGS 8 /* in each set */

static unsigned accepted; /* inputs */

void fuzz_check(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "fuzz: %s\n", what);
        abort();
    }
}

void fuzz_message(const char *message)
{
    if (getenv("FUZZ_MESSAGES"))
        puts(message);
}

static uint32_t hash(const uint8_t *data, size_t size_B)
{
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < size_B; i++)
        sum = (sum ^ data[i]) * 16777619u;
    return sum ^ sum >> 15;
}

/* A request for SPIR-V; free(). */
static void *make_request(const uint8_t *spirv, size_t spirv_B, size_t *request_B_out)
{
    static const uint32_t widths[] = {0, 0, 1, 4, 8, 16, 32, 64};
    static const uint32_t kinds[] = {WEFT_BINDING_BUFFER, WEFT_BINDING_BUFFER, WEFT_BINDING_DYNAMIC,
                                     WEFT_BINDING_INLINE};
    struct {
        struct weft_request header;
        struct weft_binding bindings[SETS * BINDINGS];
        char entry[8];
    } front = {.entry = "main"};
    uint32_t choice = hash(spirv, spirv_B);
    size_t request_B = sizeof(front) + spirv_B;

    front.header = (struct weft_request){
        .magic = WEFT_REQUEST_MAGIC,
        .version = WEFT_REQUEST_VERSION,
        .request_B = request_B,
        .binding_offset_B = sizeof(front.header),
        .binding_count = SETS * BINDINGS,
        .entry_offset_B = (uint32_t)(sizeof(front) - sizeof(front.entry)),
        .spirv_offset_B = sizeof(front),
        .spirv_words = (uint32_t)(spirv_B / 4),
        .isa = WEFT_ISA_SSE + choice % 3,
        .width = widths[choice >> 4 & 7],
        .subgroup_size = choice >> 8 & 1 ? 4u << (choice >> 9 & 3) : 0,
        .flags = (choice >> 12 & 63) | WEFT_REQUEST_VERIFY,
    };
    for (uint32_t i = 0; i < SETS * BINDINGS; i++)
        front.bindings[i] = (struct weft_binding){
            .set = i / BINDINGS,
            .binding = i % BINDINGS,
            .kind = i < BINDINGS ? (uint32_t)WEFT_BINDING_BUFFER : kinds[i % 4],
            .count = i % 4 == 3 ? 64 : 4,
            .offset_B = i % BINDINGS * 64,
            .stride_B = WEFT_DESC_B,
            .dynamic_index = i,
        };
    unsigned char *request = malloc(request_B);
    if (!request)
        return NULL;
    memcpy(request, &front, sizeof(front));
    memcpy(request + sizeof(front), spirv, spirv_B);
    *request_B_out = request_B;
    return request;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_B)
{
    uint32_t magic = 0;
    if (size_B > MAX_INPUT_B)
        return 0;
    memcpy(&magic, data, size_B < sizeof(magic) ? size_B : sizeof(magic));
    if (magic == WEFT_REQUEST_MAGIC) {
        accepted += fuzz_request(data, size_B);
        return 0;
    }
    size_t request_B;
    void *request = make_request(data, size_B, &request_B);
    if (request)
        accepted += fuzz_request(request, request_B);
    free(request);
    return 0;
}

#ifndef WEFT_LIBFUZZER

static const char *current; /* for the signal handler */

static void on_signal(int number)
{
    static const char text[] = "fuzz: died on ";
    ssize_t written = write(2, text, sizeof(text) - 1);
    written = write(2, current, strlen(current));
    written = write(2, "\n", 1);
    (void)written;
    signal(number, SIG_DFL);
    raise(number);
}

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(MAX_INPUT_B);
    if (!file || !data) {
        perror(path);
        return 1;
    }
    size_t size_B = fread(data, 1, MAX_INPUT_B, file);
    fclose(file);
    current = path;
    alarm(INPUT_SECONDS);
    /* A block of just this size: sanitizers see a read past its end. */
    uint8_t *exact = malloc(size_B ? size_B : 1);
    if (exact) {
        memcpy(exact, data, size_B);
        LLVMFuzzerTestOneInput(exact, size_B);
    }
    alarm(0);
    free(exact);
    free(data);
    return 0;
}

static int replay(const char *path, unsigned *count)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(info.st_mode)) {
        ++*count;
        return replay_file(path);
    }
    DIR *folder = opendir(path);
    int failed = !folder;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char inside[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
        failed |= replay(inside, count);
    }
    if (folder)
        closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    int failed = argc < 2;
    if (failed)
        fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGALRM};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], on_signal);
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i], &count);
    printf("%u inputs, %u of them accepted\n", count, accepted);
    return failed || count == 0;
}

#endif
