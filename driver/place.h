/* SPDX-License-Identifier: MIT
 *
 * DOC: Places
 *
 * Device addresses are the process's own, and the system puts every mapping somewhere else in every
 * process. What has to come back at the same address in another process (capture and replay) is put
 * where the system never maps anything by itself, at a place that another run has hardly taken.
 */
#ifndef WEFT_PLACE_H
#define WEFT_PLACE_H

#include <stdint.h>

/* Reserves size_B bytes of address space, whole pages, to be mapped over: those at address, or where that
 * is 0 any that are likely to be free in other processes, too. munmap() gives them back.
 * NULL: they are not free, or the system allows none there. */
void *weft_place_reserve(uint64_t address, uint64_t size_B);

#endif
