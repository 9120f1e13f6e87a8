/* SPDX-License-Identifier: MIT
 *
 * A compiler library in front of Weft's, for machines on which compiling takes too long: images that another
 * machine made are taken from a folder. WEFT_STORE names it, WEFT_STORE_COMPILER the real library. On the
 * machine that fills the folder, WEFT_STORE_FOR=ISA:FEATURES[,...] (numbers) lists for which processors every
 * request is compiled besides.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "weft/compile.h"

static void *library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void)
{
    const char *path = getenv("WEFT_STORE_COMPILER");
    library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

/* FNV-1a, two of them. */
static void file_of(const void *request, size_t request_B, char *path, size_t room)
{
    uint64_t h[2] = {0xcbf29ce484222325u, 0x84222325cbf29ce4u};
    for (size_t i = 0; i < request_B; i++)
        for (int k = 0; k < 2; k++)
            h[k] = (h[k] ^ ((const unsigned char *)request)[i]) * 0x100000001b3u + (uint64_t)k;
    snprintf(path, room, "%s/%016llx%016llx", getenv("WEFT_STORE"), (unsigned long long)h[0],
             (unsigned long long)h[1]);
}

/* Without a compiler of its own: the store keeps nothing between compilations. */
static int real(const void *request, size_t request_B, struct weft_compile_result *result)
{
    pthread_once(&once, open_library);
    weft_compile_fn *compile = NULL;
    if (library)
        *(void **)&compile = dlsym(library, "weft_compile");
    if (!compile) {
        *result = (struct weft_compile_result){.message = strdup("not in the store, and no compiler")};
        return -ENOTSUP;
    }
    return compile(NULL, request, request_B, result);
}

/* The file: the error, then the image, or the message. */
static void save(const char *path, int error, const struct weft_compile_result *result)
{
    char temporary[600];
    snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
    FILE *file = fopen(temporary, "wb");
    if (!file)
        return;
    int32_t head = error;
    fwrite(&head, 4, 1, file);
    if (error)
        fputs(result->message ? result->message : "", file);
    else
        fwrite(result->image, 1, result->image_B, file);
    fclose(file);
    rename(temporary, path);
}

static int load(const char *path, struct weft_compile_result *result)
{
    FILE *file = fopen(path, "rb");
    int32_t error;
    if (!file)
        return 1;
    fseek(file, 0, SEEK_END);
    size_t size_B = (size_t)ftell(file) - 4;
    rewind(file);
    char *bytes = calloc(1, size_B + 1);
    if (fread(&error, 4, 1, file) != 1 || fread(bytes, 1, size_B, file) != size_B) {
        fclose(file);
        free(bytes);
        return 1;
    }
    fclose(file);
    *result = (struct weft_compile_result){0};
    if (error) {
        result->message = bytes;
    } else {
        result->image = bytes;
        result->image_B = size_B;
    }
    return error;
}

__attribute__((visibility("default"))) struct weft_compiler *weft_compiler_create(void)
{
    return NULL;
}

__attribute__((visibility("default"))) void weft_compiler_destroy(struct weft_compiler *compiler)
{
    (void)compiler;
}

__attribute__((visibility("default"))) int weft_compile(struct weft_compiler *compiler, const void *request,
                                                        size_t request_B,
                                                        struct weft_compile_result *result_out)
{
    (void)compiler;
    char path[512];
    const char *also = getenv("WEFT_STORE_FOR");
    if (!also) {
        file_of(request, request_B, path, sizeof(path));
        int error = load(path, result_out);
        if (error <= 0)
            return error;
        fprintf(stderr, "store: compiled here: %s\n", path);
    }
    while (also && request_B >= sizeof(struct weft_request)) {
        char *copy = malloc(request_B), *end;
        struct weft_request *header = (struct weft_request *)copy;
        struct weft_compile_result result = {0};
        memcpy(copy, request, request_B);
        header->isa = (uint32_t)strtoul(also, &end, 0);
        header->features = (uint32_t)strtoul(end + 1, &end, 0);
        file_of(copy, request_B, path, sizeof(path));
        if (access(path, R_OK)) {
            int error = real(copy, request_B, &result);
            save(path, error, &result);
            free(result.image);
            free(result.message);
            free(result.listing);
        }
        free(copy);
        if (*end != ',')
            break;
        also = end + 1;
    }
    return real(request, request_B, result_out);
}

__attribute__((visibility("default"))) void weft_compile_result_finish(struct weft_compile_result *result)
{
    free(result->image);
    free(result->message);
    free(result->listing);
    *result = (struct weft_compile_result){0};
}
