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
/* Puts bo's memory (NULL: none) behind a part of a sparse bo. -ENOMEM */
int weft_bo_bind(struct weft_bo *sparse, uint64_t offset_B, uint64_t size_B,
                 const struct weft_bo *bo, uint64_t bo_offset_B);

#endif
