/* SPDX-License-Identifier: MIT */
#ifndef WEFT_BO_H
#define WEFT_BO_H

#include <stdbool.h>

#include "weft/driver.h"

/* For lookups in the address space, under its lock. */
bool weft_bo_get_unless_zero(struct weft_bo *bo);

#endif
