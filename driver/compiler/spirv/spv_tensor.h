/* SPDX-License-Identifier: MIT
 *
 * Tensor layouts and views (SPV_NV_tensor_addressing), as the files that handle them see them. To the rest of
 * the front end a layout or view is an array of I32:
 *
 *     layout of D dimensions  D block sizes, D dimensions, D strides, D offsets, D spans, the clamp value
 *     view of D dimensions    D dimensions, D strides, the clip's row offset and span, column offset and span
 */
#ifndef SPV_TENSOR_H
#define SPV_TENSOR_H

#include "spv_cooperative.h"

enum spv_layout_field { BLOCK, DIMENSION, STRIDE, OFFSET, SPAN, LAYOUT_FIELDS };
enum spv_view_field { VIEW_DIMENSION, VIEW_STRIDE, VIEW_FIELDS };
enum spv_clip_field { CLIP_ROW, CLIP_ROWS, CLIP_COLUMN, CLIP_COLUMNS, CLIP_FIELDS };

/* Checked: fails for other types than views, or layouts. */
const struct spv_type *spv_tensor_type(struct spv_builder *b, const struct spv_type *type, bool view);
/* Packed strides of so many dimensions: of blocks, where blocks isn't NULL. */
void spv_tensor_strides(struct spv_builder *b, uint32_t dims, struct ir_inst *const *sizes,
                        struct ir_inst *const *blocks, struct ir_inst **strides);

/* ---- From a matrix's element to its place in memory (spv_tensor_place.c) ---- */

/* One instruction that loads or stores a matrix. */
struct spv_tensor_access {
    const struct spv_type *type; /* the matrix's */
    const struct spv_tensor_type *layout, *view; /* view: NULL without one */
    struct ir_inst *const *fields, *const *view_fields; /* their values */
    struct spv_pointer start;
    uint8_t flags; /* enum ir_mem_flags */
    bool store;
    uint64_t unit_B; /* between blocks */
    struct spv_function *decode; /* or NULL */
};

struct spv_tensor_place {
    struct ir_inst *block[SPV_TENSOR_DIMS], *inside[SPV_TENSOR_DIMS]; /* the block's coordinates, and inside it */
    struct ir_inst *outside; /* BOOL: beyond the tensor; NULL: never */
    struct ir_inst *clipped; /* BOOL: not accessed at all; NULL: never */
    struct ir_inst *index;   /* of the block */
};

struct spv_tensor_place spv_tensor_place(struct spv_builder *b, const struct spv_tensor_access *a,
                                         const struct spv_position *at);

#endif
