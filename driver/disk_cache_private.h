/* SPDX-License-Identifier: MIT
 *
 * Shared by the parts of the disk cache.
 */
#ifndef WEFT_DISK_CACHE_PRIVATE_H
#define WEFT_DISK_CACHE_PRIVATE_H

#include <stdatomic.h>

#include "disk_cache.h"

/* What names end in: complete files, and files being written. */
#define WEFT_DISK_SUFFIX ".weft"
#define WEFT_DISK_TEMPORARY ".tmp"

struct weft_disk_cache {
    int folder_fd;
    uint8_t build_id[20];
    uint64_t limit_B;
    _Atomic uint64_t added_B;  /* by this process since it last looked at the whole folder */
    atomic_uint serial;        /* of temporary files */
};

#endif
