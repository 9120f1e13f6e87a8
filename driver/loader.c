/* SPDX-License-Identifier: MIT */
#include "loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "libweft_compiler.so"

/* Writes candidate number i; false past the last one. The last has no folder: dlopen() searches. */
static bool candidate(unsigned i, char path_out[PATH_MAX])
{
    static const char *const folders[] = {"", "../driver/compiler/"};
    const char *forced = secure_getenv("WEFT_COMPILER");
    Dl_info self;
    const char *slash;

    if (forced != NULL)
        return i == 0 && snprintf(path_out, PATH_MAX, "%s", forced) < PATH_MAX;
    if (i == 2)
        return snprintf(path_out, PATH_MAX, "%s", LIBRARY) < PATH_MAX;
    if (i > 2)
        return false;
    if (dladdr((void *)(uintptr_t)&candidate, &self) == 0 || self.dli_fname == NULL ||
        (slash = strrchr(self.dli_fname, '/')) == NULL)
        return snprintf(path_out, PATH_MAX, "%s", LIBRARY) < PATH_MAX;
    return snprintf(path_out, PATH_MAX, "%.*s/%s%s", (int)(slash - self.dli_fname),
                    self.dli_fname, folders[i], LIBRARY) < PATH_MAX;
}

int weft_loader_open(struct weft_loader *loader_out, char **message_out)
{
    char path[PATH_MAX];
    char error[512] = "";
    bool exists = false;
    void *library = NULL;
    struct weft_loader loader;
    struct weft_compiler *(*create)(void);

    for (unsigned i = 0; library == NULL && candidate(i, path); i++) {
        /* NODELETE: LLVM registers destructors and is slow to load, so it stays for the next device. */
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        /* What is wrong with a file that is there says more than that others are not. */
        if (library == NULL && !exists) {
            snprintf(error, sizeof(error), "%s", dlerror());
            exists = access(path, F_OK) == 0;
        }
    }
    if (library == NULL)
        goto fail;
    *(void **)&loader.compile = dlsym(library, "weft_compile");
    *(void **)&loader.finish = dlsym(library, "weft_compile_result_finish");
    *(void **)&create = dlsym(library, "weft_compiler_create");
    *(void **)&loader.destroy = dlsym(library, "weft_compiler_destroy");
    if (loader.compile == NULL || loader.finish == NULL || create == NULL ||
        loader.destroy == NULL) {
        snprintf(error, sizeof(error), "it does not define weft_compile");
        dlclose(library);
        goto fail;
    }
    loader.compiler = create(); /* NULL will do */
    /* Dropping our handle unloads nothing, see above. */
    dlclose(library);
    *loader_out = loader;
    return 0;

fail:
    if (message_out != NULL &&
        asprintf(message_out, "the compiler cannot be loaded: %s", error) < 0)
        *message_out = NULL;
    return -ENOENT;
}

void weft_loader_close(struct weft_loader *loader)
{
    if (loader->destroy != NULL)
        loader->destroy(loader->compiler);
    *loader = (struct weft_loader){0};
}

uint64_t weft_loader_identity(void)
{
    char path[PATH_MAX];
    struct stat st;

    for (unsigned i = 0; candidate(i, path); i++) {
        if (strchr(path, '/') != NULL && stat(path, &st) == 0) {
            uint64_t id = (uint64_t)st.st_size;

            id = id * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)st.st_mtim.tv_sec;
            return id * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)st.st_mtim.tv_nsec;
        }
    }
    return 0;
}
