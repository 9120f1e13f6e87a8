/* SPDX-License-Identifier: MIT
 *
 * What the files of the image instructions share (spv_image_use.c): operands, the descriptors that an
 * instruction uses, the arguments of the library's functions, results.
 */
#ifndef SPV_IMAGE_H
#define SPV_IMAGE_H

#include "spv_builder.h"
#include "weft/image.h"

/* What an instruction is. */
enum spv_image_flags { SPV_IMAGE_DREF = 1, SPV_IMAGE_PROJ = 2, SPV_IMAGE_SPARSE = 4 };
uint8_t spv_image_flags(uint32_t op);

/* The operands behind the mask; NULL where they are not given. */
struct spv_image_operands {
    uint32_t mask;
    const struct spv_value *bias, *lod, *dx, *dy, *offset, *offsets, *sample, *min_lod;
};
struct spv_image_operands spv_image_operands_of(struct spv_builder *b, const uint32_t *w, uint32_t wc,
                                                uint32_t at);
/* Component k of an operand, or 0. */
struct ir_inst *spv_image_as_float(struct spv_builder *b, const struct spv_value *v, uint32_t k);
struct ir_inst *spv_image_as_int(struct spv_builder *b, const struct spv_value *v, uint32_t k);

/* ---- What is used ---- */

struct spv_image_use {
    const struct spv_type *image; /* the type */
    struct ir_inst *handles[2];   /* image, sampler or NULL */
    bool nonuniform, ycbcr;
    /* While lanes are served one handle after the other. */
    struct ir_inst *loop, *same;
    struct ir_region *outer;
};
/* Of the image, or with `sampler` the sampled image, that is the value id. */
struct spv_image_use spv_image_use_of(struct spv_builder *b, uint32_t id, bool sampler);
/* Between the two, handles are uniform, and the library may be called; results leave by the second. */
void spv_image_begin(struct spv_builder *b, struct spv_image_use *u);
void spv_image_end(struct spv_builder *b, struct spv_image_use *u, struct ir_inst **leaves, uint32_t count);

/* ---- Arguments of the library ---- */

#define SPV_IMAGE_MAX_ARGS 32
struct spv_image_args {
    struct spv_builder *b;
    struct ir_inst *list[SPV_IMAGE_MAX_ARGS];
    uint32_t count;
};
void spv_image_push(struct spv_image_args *a, struct ir_inst *x);
void spv_image_push_u32(struct spv_image_args *a, uint32_t x);
void spv_image_push_bool(struct spv_image_args *a, bool x);
/* Integer coordinates: four words. */
void spv_image_push_texel(struct spv_image_args *a, const struct spv_type *image, const struct spv_value *p);
/* Float coordinates x, y, z and the layer; divided by the last one of them for Proj. */
void spv_image_push_point(struct spv_image_args *a, const struct spv_type *image,
                          const struct spv_value *p, bool proj);
void spv_image_push_vec3(struct spv_image_args *a, const struct spv_value *v);
/* The derivatives in x and y of the point that was pushed as argument `at`. */
void spv_image_push_derivatives(struct spv_image_args *a, uint32_t at);
/* The library's function, with so many leaves as its result. */
void spv_image_call(struct spv_image_args *a, const char *name, uint32_t count, struct ir_inst **result_out);

/* ---- Image types ---- */

/* Coordinates without an array's layer; the library's DIM_*. */
uint32_t spv_image_dimensions(const struct spv_type *image);
uint32_t spv_image_library_dim(const struct spv_type *image);
bool spv_image_is_integer(const struct spv_type *image);
void spv_image_check_coordinate(struct spv_builder *b, const struct spv_value *p, uint32_t n);

/* ---- Results ---- */

/* The leaves of a result for the texel; behind the residency code for the sparse forms. */
struct ir_inst **spv_image_result_leaves(struct spv_builder *b, const uint32_t *w, bool sparse,
                                         const struct spv_type **type_out);
/* Four words, floats' bits or integers, to the result's type. */
void spv_image_set_texel(struct spv_builder *b, const struct spv_type *type,
                         struct ir_inst *const *words, struct ir_inst **leaves);
/* The residency code, which is in front of the texel's leaves. */
void spv_image_set_code(struct spv_builder *b, struct ir_inst **leaves, struct ir_inst *code);

#endif
