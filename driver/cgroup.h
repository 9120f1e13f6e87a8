/* SPDX-License-Identifier: MIT
 *
 * What the process may use of the machine: control groups (both versions, the group and all its
 * parents), resource limits, physical memory.
 */
#ifndef WEFT_CGROUP_H
#define WEFT_CGROUP_H

#include <stdint.h>

struct weft_cgroup_limits {
    double cpus;       /* the CPU quota in processors, fractions included; 0: none */
    uint64_t memory_B; /* the smallest of physical memory, the groups' limits and RLIMIT_AS */
};
/* Reads some 10 small files. */
struct weft_cgroup_limits weft_cgroup_limits(void);

#endif
