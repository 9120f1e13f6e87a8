/* SPDX-License-Identifier: MIT
 *
 * Reading the line table of an object file (DWARF 4, section 6.2).
 */
#ifndef CG_LINES_H
#define CG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "weft/kernel.h"

/* Offset in the code that the eight bytes at offset_B of the section refer to; false: none. */
typedef bool cg_lines_address_fn(void *data, uint64_t offset_B, uint64_t *code_B_out);

/* The rows of a .debug_line section, sorted by code_B, one for each change of the line. Returns the
 * number of rows and in *lines_out memory to free(); 0 and NULL where the bytes make no sense or
 * memory is short: lines are a help, not a promise. */
uint32_t cg_lines_read(const void *section, size_t section_B, cg_lines_address_fn *address,
                       void *data, struct weft_line **lines_out);

#endif
