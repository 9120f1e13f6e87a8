/* SPDX-License-Identifier: MIT
 *
 * Keeping the cache folder within its limit.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "disk_cache_private.h"

/* No writer takes so long: what is older was left by a dead one. */
#define TEMPORARY_S 600

struct file {
    char name[64];
    struct timespec used;
    uint64_t size_B;
};

struct files {
    struct file *rows;
    size_t count, capacity;
    uint64_t size_B;
};

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name), suffix_length = strlen(suffix);

    return length > suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

static bool add(struct files *files, const char *name, const struct stat *st)
{
    struct file *row;

    if (files->count == files->capacity) {
        size_t capacity = files->capacity != 0 ? files->capacity * 2 : 256;
        struct file *rows = realloc(files->rows, capacity * sizeof(*rows));

        if (rows == NULL)
            return false;
        files->rows = rows;
        files->capacity = capacity;
    }
    row = &files->rows[files->count++];
    strcpy(row->name, name);
    row->used = st->st_mtim;
    row->size_B = (uint64_t)st->st_size;
    files->size_B += row->size_B;
    return true;
}

/* Lists the complete files. Only names like ours are looked at: the folder may hold others. */
static bool list(const struct weft_disk_cache *cache, struct files *files)
{
    /* A descriptor of its own: the position in the folder belongs to the descriptor. */
    int fd = openat(cache->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    struct stat st;
    bool good = true;

    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    while (good && (entry = readdir(folder)) != NULL) {
        bool temporary = ends_in(entry->d_name, WEFT_DISK_TEMPORARY);

        if ((!temporary && !ends_in(entry->d_name, WEFT_DISK_SUFFIX)) ||
            fstatat(cache->folder_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        if (!temporary && strlen(entry->d_name) < sizeof(files->rows->name))
            good = add(files, entry->d_name, &st);
        else if (temporary && time(NULL) - st.st_mtime > TEMPORARY_S)
            unlinkat(cache->folder_fd, entry->d_name, 0);
    }
    closedir(folder);
    return good;
}

static int by_use(const void *a, const void *b)
{
    const struct timespec *x = &((const struct file *)a)->used;
    const struct timespec *y = &((const struct file *)b)->used;

    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return x->tv_nsec < y->tv_nsec ? -1 : x->tv_nsec > y->tv_nsec;
}

void weft_disk_cache_evict(struct weft_disk_cache *cache)
{
    struct files files = {0};

    atomic_store_explicit(&cache->added_B, 0, memory_order_relaxed);
    if (list(cache, &files) && files.size_B > cache->limit_B) {
        uint64_t target_B = cache->limit_B - cache->limit_B / 4;

        qsort(files.rows, files.count, sizeof(files.rows[0]), by_use);
        /* Another process that does the same at the same time removes the same files: they are counted
         * off here all the same. */
        for (size_t i = 0; i < files.count && files.size_B > target_B; i++) {
            unlinkat(cache->folder_fd, files.rows[i].name, 0);
            files.size_B -= files.rows[i].size_B;
        }
    }
    free(files.rows);
}
