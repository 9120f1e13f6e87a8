/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "program.h"
#include "weft/compile.h"

void weft_profile_init(struct weft_profile *profile)
{
    const char *debug = getenv("WEFT_DEBUG"), *folder = getenv("WEFT_DUMP");

    profile->perf = debug != NULL && strstr(debug, "perf") != NULL;
    profile->folder = folder != NULL && folder[0] != '\0' ? strdup(folder) : NULL;
}

void weft_profile_finish(struct weft_profile *profile)
{
    free(profile->folder);
    *profile = (struct weft_profile){0};
}

/* perf looks for this file when it meets code that is in none. One write a line: devices share it. */
static void write_map(const struct weft_program *program, uint64_t hash, const char *entry)
{
    const struct weft_image *image = program->image;
    char path[64], line[256];
    int fd, length;

    snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
    length = snprintf(line, sizeof(line), "%" PRIxPTR " %x weft:%016" PRIx64 ":%.100s:%ux%ux%u%s\n",
                      (uintptr_t)image + image->code_offset_B, image->code_B, hash, entry,
                      image->local_size[0], image->local_size[1], image->local_size[2],
                      image->flags & WEFT_IMAGE_FAST ? ":fast" : "");
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (write(fd, line, (size_t)length) != length)
        (void)!ftruncate(fd, 0); /* a line cut short would give wrong names */
    close(fd);
}

/* Under another name first, so that who finds it finds it whole. */
static void write_request(const char *folder, uint64_t hash, const struct weft_request *request)
{
    char path[4096], temporary[4096 + 32];
    FILE *file;
    bool good;

    if (snprintf(path, sizeof(path), "%s/%016" PRIx64 ".request", folder, hash) >= (int)sizeof(path) ||
        access(path, F_OK) == 0)
        return;
    snprintf(temporary, sizeof(temporary), "%s.%d.%p", path, (int)getpid(), (const void *)request);
    file = fopen(temporary, "wbx");
    if (file == NULL)
        return;
    good = fwrite(request, request->request_B, 1, file) == 1;
    good = fclose(file) == 0 && good;
    if (!good || rename(temporary, path) != 0)
        unlink(temporary);
}

void weft_profile_program(const struct weft_profile *profile, const struct weft_program *program,
                          const struct weft_request *request)
{
    struct weft_request header = *request;
    const char *bytes = (const char *)request;
    uint64_t hash;

    if (!profile->perf && profile->folder == NULL)
        return;
    /* Both tiers' code has one name. */
    header.flags &= ~WEFT_REQUEST_FAST;
    header.isa = header.features = 0;
    hash = weft_hash(&header, sizeof(header), 0);
    hash = weft_hash(bytes + sizeof(header), request->request_B - sizeof(header), hash);
    if (profile->perf)
        write_map(program, hash, bytes + request->entry_offset_B);
    if (profile->folder != NULL)
        write_request(profile->folder, hash, request);
}
