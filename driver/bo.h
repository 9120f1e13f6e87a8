/* SPDX-License-Identifier: MIT */
#ifndef WEFT_BO_H
#define WEFT_BO_H

#include <stdbool.h>

#include "weft/driver.h"

/* For lookups in the address space, under its lock. */
bool weft_bo_get_unless_zero(struct weft_bo *bo);

/* Whether weft_bo_bind() with these can only fail for want of memory. */
bool weft_bo_can_bind(const struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                      const struct weft_bo *bo, uint64_t bo_offset_B);
/* Records that weft_bo_bind() with these will be called, and keeps what was recorded before in undo, a word for
 * each page. -ENOSPC when the system would not have so many mappings. */
int weft_bo_plan_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                      const struct weft_bo *bo, uint64_t bo_offset_B, uint64_t *undo);
/* Takes the last plan back. */
void weft_bo_revert_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                         const uint64_t *undo);
/* Puts bo's memory (NULL: none) behind a part of a sparse bo. -ENOMEM */
int weft_bo_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                 const struct weft_bo *bo, uint64_t bo_offset_B);

#endif
