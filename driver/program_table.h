/* SPDX-License-Identifier: MIT */
#ifndef WEFT_PROGRAM_TABLE_H
#define WEFT_PROGRAM_TABLE_H

#include "weft/driver.h"

/* The program in a place, or NULL; lives as long as the table. Any thread. */
struct weft_program *weft_program_table_at(const struct weft_program_table *table, uint32_t index);
/* What its programs need at most, added to what the pointers show. */
void weft_program_table_need(struct weft_program_table *table, uint32_t *shared_B,
                             uint32_t *scratch_B);

#endif
