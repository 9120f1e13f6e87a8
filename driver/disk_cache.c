/* SPDX-License-Identifier: MIT */
#include "disk_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "disk_cache_private.h"
#include "hash.h"

#define MAGIC 0x43444657u /* "WFDC" */
#define VERSION 1u
/* Above any image; keeps a damaged size from asking for all memory. */
#define MAX_PART_B (UINT64_C(1) << 30)
/* The whole folder is looked at after every so many stores, by chance: no process counts for all. */
#define EVICT_ONE_IN 32u
/* A file that is used keeps young, but is touched no oftener than this. */
#define TOUCH_S 3600

#define NAME_B 64

struct header {
    uint32_t magic, version;
    uint8_t build_id[20];
    uint32_t reserved;
    uint64_t request_B, image_B;
    uint64_t checksum; /* of all that follows, seeded by the sizes */
};

/* ---- The folder ---- */

/* With another user's HOME (as sudo leaves it) we would leave files there that their owner cannot
 * use. */
static bool is_another_users(const char *folder)
{
    struct stat st;

    return stat(folder, &st) == 0 && st.st_uid != geteuid();
}

char *weft_disk_cache_folder(void)
{
    const char *base = secure_getenv("WEFT_CACHE"), *below = "";
    size_t path_B;
    char *path;

    if (base == NULL || base[0] == '\0') {
        base = secure_getenv("XDG_CACHE_HOME");
        below = "/weft";
        /* "All paths set in these environment variables must be absolute." XDG Base Directory 0.8 */
        if (base == NULL || base[0] != '/') {
            base = secure_getenv("HOME");
            below = "/.cache/weft";
        }
        if (base == NULL || base[0] != '/' || is_another_users(base))
            return NULL;
    } else if (strcmp(base, "off") == 0) {
        return NULL;
    }
    path_B = strlen(base) + strlen(below) + 1;
    path = malloc(path_B);
    if (path != NULL)
        snprintf(path, path_B, "%s%s", base, below);
    return path;
}

static bool is_ours(const struct stat *st)
{
    return st->st_uid == geteuid() && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Makes a folder and those above it. */
static int make_folder(const char *path)
{
    char *parent, *slash;
    int rc;

    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno != ENOENT)
        return -errno;
    parent = strdup(path);
    if (parent == NULL)
        return -ENOMEM;
    slash = strrchr(parent, '/');
    rc = -ENOENT;
    if (slash != NULL && slash != parent) {
        *slash = '\0';
        rc = make_folder(parent);
    }
    free(parent);
    return rc == 0 && mkdir(path, 0700) != 0 && errno != EEXIST ? -errno : rc;
}

int weft_disk_cache_open(const char *folder, const uint8_t build_id[20], uint64_t limit_B,
                         struct weft_disk_cache **cache_out)
{
    struct weft_disk_cache *cache = calloc(1, sizeof(*cache));
    struct stat st;
    int rc = -ENOMEM;

    if (cache == NULL)
        return rc;
    cache->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cache->folder_fd < 0 && errno == ENOENT) {
        rc = make_folder(folder);
        if (rc != 0)
            goto fail;
        cache->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (cache->folder_fd < 0) {
        rc = -errno;
        goto fail;
    }
    if (fstat(cache->folder_fd, &st) != 0 || !is_ours(&st)) {
        close(cache->folder_fd);
        rc = -EPERM;
        goto fail;
    }
    memcpy(cache->build_id, build_id, sizeof(cache->build_id));
    cache->limit_B = limit_B;
    *cache_out = cache;
    return 0;

fail:
    free(cache);
    return rc;
}

void weft_disk_cache_close(struct weft_disk_cache **cache_ref)
{
    struct weft_disk_cache *cache = *cache_ref;

    *cache_ref = NULL;
    if (cache == NULL)
        return;
    close(cache->folder_fd);
    free(cache);
}

/* ---- Files ---- */

static void make_name(const struct weft_disk_cache *cache, const void *request, size_t request_B,
                      char name_out[NAME_B])
{
    uint64_t build = weft_hash(cache->build_id, sizeof(cache->build_id), 0);

    snprintf(name_out, NAME_B, "%016" PRIx64 "%016" PRIx64 WEFT_DISK_SUFFIX,
             weft_hash(request, request_B, build), weft_hash(request, request_B, ~build));
}

static bool read_all(int fd, void *to, uint64_t size_B)
{
    char *at = to;

    while (size_B > 0) {
        ssize_t got = read(fd, at, size_B);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size_B -= (uint64_t)got;
    }
    return true;
}

static bool write_all(int fd, const void *from, uint64_t size_B)
{
    const char *at = from;

    while (size_B > 0) {
        ssize_t put = write(fd, at, size_B);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size_B -= (uint64_t)put;
    }
    return true;
}

static uint64_t checksum(const struct header *header, const void *request, const void *image)
{
    uint64_t seed = header->request_B * 31 + header->image_B;

    return weft_hash(image, header->image_B, weft_hash(request, header->request_B, seed));
}

/* Reads the file's request and image into one block. 0; -ENOENT: another request's or not to be
 * trusted; -EINVAL: damaged; -ENOMEM */
static int read_file(const struct weft_disk_cache *cache, int fd, const void *request,
                     size_t request_B, void **image_out, size_t *image_B_out)
{
    struct header header;
    struct stat st;
    char *both, *image;
    int rc = 0;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !is_ours(&st))
        return -ENOENT;
    if (!read_all(fd, &header, sizeof(header)) || header.magic != MAGIC ||
        header.version != VERSION || header.request_B > MAX_PART_B ||
        header.image_B > MAX_PART_B || header.image_B == 0 ||
        (uint64_t)st.st_size != sizeof(header) + header.request_B + header.image_B)
        return -EINVAL;
    if (header.request_B != request_B ||
        memcmp(header.build_id, cache->build_id, sizeof(header.build_id)) != 0)
        return -ENOENT;
    both = malloc(header.request_B + header.image_B);
    if (both == NULL)
        return -ENOMEM;
    image = both + header.request_B;
    if (!read_all(fd, both, header.request_B + header.image_B) ||
        header.checksum != checksum(&header, both, image))
        rc = -EINVAL;
    else if (memcmp(both, request, request_B) != 0)
        rc = -ENOENT;
    if (rc != 0) {
        free(both);
        return rc;
    }
    if (time(NULL) - st.st_mtime > TOUCH_S)
        futimens(fd, NULL);
    memmove(both, image, header.image_B);
    *image_out = both;
    *image_B_out = header.image_B;
    return 0;
}

int weft_disk_cache_find(struct weft_disk_cache *cache, const void *request, size_t request_B,
                         void **image_out, size_t *image_B_out)
{
    char name[NAME_B];
    int fd, rc;

    make_name(cache, request, request_B, name);
    /* NONBLOCK: a FIFO under the name must not stop us. */
    fd = openat(cache->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -ENOENT;
    rc = read_file(cache, fd, request, request_B, image_out, image_B_out);
    close(fd);
    if (rc == -EINVAL) {
        unlinkat(cache->folder_fd, name, 0);
        rc = -ENOENT;
    }
    return rc;
}

/* A new file under a name that nobody else has; -1 when there is none to be had. */
static int create_temporary(struct weft_disk_cache *cache, const char *name, char temporary_out[])
{
    unsigned serial = atomic_fetch_add_explicit(&cache->serial, 1, memory_order_relaxed);

    /* Two caches of a process differ by their addresses. O_EXCL has the last word: what a dead process
     * with our number left only costs this store. */
    snprintf(temporary_out, 2 * NAME_B, "%.32s-%ld-%" PRIxPTR "-%u" WEFT_DISK_TEMPORARY, name,
             (long)getpid(), (uintptr_t)cache & 0xffffffffu, serial);
    return openat(cache->folder_fd, temporary_out,
                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

void weft_disk_cache_store(struct weft_disk_cache *cache, const void *request, size_t request_B,
                           const void *image, size_t image_B)
{
    struct header header = {
        .magic = MAGIC, .version = VERSION, .request_B = request_B, .image_B = image_B};
    uint64_t size_B = sizeof(header) + (uint64_t)request_B + image_B, added_B;
    char name[NAME_B], temporary[2 * NAME_B];
    bool good;
    int fd;

    if (request_B > MAX_PART_B || image_B > MAX_PART_B || size_B > cache->limit_B)
        return;
    memcpy(header.build_id, cache->build_id, sizeof(header.build_id));
    header.checksum = checksum(&header, request, image);
    make_name(cache, request, request_B, name);
    fd = create_temporary(cache, name, temporary);
    if (fd < 0)
        return;
    good = write_all(fd, &header, sizeof(header)) && write_all(fd, request, request_B) &&
           write_all(fd, image, image_B);
    /* Some file systems report a full disk here. */
    good &= close(fd) == 0;
    if (!good || renameat(cache->folder_fd, temporary, cache->folder_fd, name) != 0) {
        unlinkat(cache->folder_fd, temporary, 0);
        return;
    }
    added_B = atomic_fetch_add_explicit(&cache->added_B, size_B, memory_order_relaxed) + size_B;
    if (added_B > cache->limit_B / 8 || header.checksum % EVICT_ONE_IN == 0)
        weft_disk_cache_evict(cache);
}
