/* SPDX-License-Identifier: MIT
 *
 * DOC: The disk cache
 *
 * Kernel images in the user's cache folder, one file for each compile request:
 *
 *     FOLDER/<hash of build id and request>.weft
 *     +------------------------+
 *     | struct header          | magic, build id, sizes, checksum
 *     | the request's bytes    | compared in full: a hash alone names no code
 *     | the image's bytes      |
 *     +------------------------+
 *
 * The request holds everything that the image depends on, the instruction set included; the build id
 * changes with the driver and with the compiler. So code of another driver or for another CPU is never
 * found, only not used.
 *
 *   - Readers and writers of many processes need no lock: a file is written under another name and
 *     renamed when it is complete. A process that dies in between leaves a file that nobody reads, and
 *     that the next eviction removes.
 *   - What a crash of the machine, a full disk or somebody's editor left is noticed by the checksum,
 *     removed, and as good as nothing.
 *   - Folder and files must be the user's own, and writable to nobody else: this is code that we run.
 *   - The oldest files go when the folder is larger than its limit.
 *
 * Every failure means only that code is compiled again. All functions may be called from any thread.
 */
#ifndef WEFT_DISK_CACHE_H
#define WEFT_DISK_CACHE_H

#include <stddef.h>
#include <stdint.h>

#define WEFT_DISK_CACHE_LIMIT_B (UINT64_C(256) << 20)

struct weft_disk_cache;

/* The folder by the environment, to free(): WEFT_CACHE, else $XDG_CACHE_HOME/weft, else
 * $HOME/.cache/weft. NULL: none (WEFT_CACHE=off, no home or another user's, a program with raised
 * privileges, no memory). */
char *weft_disk_cache_folder(void);

/* Opens the folder, making it and those above it if need be.
 * -EPERM: it is somebody else's, or others may write to it; another -errno: it cannot be made or
 * opened. */
int weft_disk_cache_open(const char *folder, const uint8_t build_id[20], uint64_t limit_B,
                         struct weft_disk_cache **cache_out);
/* Accepts NULL; clears the pointer. */
void weft_disk_cache_close(struct weft_disk_cache **cache);

/* Finds the image of a request; the caller frees it. -ENOENT, -ENOMEM */
int weft_disk_cache_find(struct weft_disk_cache *cache, const void *request, size_t request_B,
                         void **image_out, size_t *image_B_out);
/* Keeps an image. Silent when it can't. */
void weft_disk_cache_store(struct weft_disk_cache *cache, const void *request, size_t request_B,
                           const void *image, size_t image_B);

/* Removes the oldest files until those left take three quarters of the limit, if they take more than
 * the limit, and what dead writers left behind. Storing calls it now and then. */
void weft_disk_cache_evict(struct weft_disk_cache *cache);

#endif
