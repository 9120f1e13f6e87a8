/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "weft.h"

/* Where things are, seen from the folder above the tool's own. */
static const struct layout {
    const char *driver, *compiler, *manifest;
} layouts[] = {
    /* the build folder */
    {"icd/libvulkan_weft.so", "driver/compiler/libweft_compiler.so", WEFT_MANIFEST},
    /* an installation */
    {WEFT_LIBDIR "/libvulkan_weft.so", WEFT_LIBDIR "/libweft_compiler.so",
     WEFT_DATADIR "/vulkan/icd.d/" WEFT_MANIFEST},
};

/* Joins the two, or makes an empty path where they don't fit. */
static void join(char path[PATH_MAX], const char *root, const char *relative)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", root, relative);

    if (length < 0 || length >= PATH_MAX)
        path[0] = '\0';
}

int place_find(struct place *place_out)
{
    char root[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", root, sizeof(root) - 1);

    if (length < 0) {
        fprintf(stderr, "weft: /proc/self/exe: %s\n", strerror(errno));
        return -1;
    }
    root[length] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(root, '/');
        if (slash)
            *slash = '\0';
    }
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        struct place place;
        join(place.driver, root, layouts[i].driver);
        join(place.compiler, root, layouts[i].compiler);
        join(place.manifest, root, layouts[i].manifest);
        if (access(place.manifest, R_OK) == 0 && access(place.driver, R_OK) == 0) {
            *place_out = place;
            return 0;
        }
    }
    fprintf(stderr, "weft: neither a build folder nor an installation of Weft at %s\n", root);
    return -1;
}
