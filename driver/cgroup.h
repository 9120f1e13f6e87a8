/* SPDX-License-Identifier: MIT
 *
 * What the process may use of the machine: control groups (both versions, the group and all its
 * parents), resource limits, physical memory.
 */
#ifndef WEFT_CGROUP_H
#define WEFT_CGROUP_H

#include <stdint.h>

/* The CPU quota in processors, fractions included; 0: none. */
double weft_cgroup_cpus(void);
/* The smallest of physical memory, the groups' limits and RLIMIT_AS. */
uint64_t weft_cgroup_memory_B(void);

#endif
