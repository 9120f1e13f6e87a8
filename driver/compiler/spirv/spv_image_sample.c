/* SPDX-License-Identifier: MIT
 *
 * Instructions that sample: their arguments for shaders/site.glsl.
 */
#include "spv_image.h"

/* ---- Sampling ---- */

void spv_op_image_sample(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint8_t flags = spv_image_flags(w[0] & 0xffff);
    bool dref = flags & SPV_IMAGE_DREF;
    struct spv_image_use u = spv_image_use_of(b, w[3], true);
    if (dref && wc < 6)
        spv_bad(b, "the depth reference is missing");
    struct spv_image_operands o = spv_image_operands_of(b, w, wc, dref ? 6 : 5);
    const struct spv_value *p = spv_operand(b, w[4]);
    const struct spv_type *type;
    struct ir_inst **leaves = spv_image_result_leaves(b, w, flags & SPV_IMAGE_SPARSE, &type), *words[5];
    struct ir_inst *reference = dref ? spv_image_as_float(b, spv_operand(b, w[5]), 0) : spv_const(b, IR_F32, 0);
    uint32_t count = dref ? 1 : 4;
    if (u.image->image.multisample || u.image->image.dim == SpvDimBuffer)
        spv_bad(b, "an image that cannot be sampled");
    spv_image_begin(b, &u);
    struct spv_image_args a = {.b = b};
    u.ycbcr &= u.image->image.dim == SpvDim2D && !spv_image_is_integer(u.image) && !dref;
    spv_image_push(&a, u.handles[0]);
    spv_image_push(&a, u.handles[1]);
    uint32_t point = a.count;
    spv_image_push_point(&a, u.image, p, flags & SPV_IMAGE_PROJ);
    spv_image_push(&a, spv_image_as_float(b, o.lod ? o.lod : o.bias, 0));
    bool grad = o.dx || (!o.lod && b->shader->derivatives);
    if (o.dx || !grad) {
        spv_image_push_vec3(&a, o.dx);
        spv_image_push_vec3(&a, o.dy);
    } else {
        spv_image_push_derivatives(&a, point);
    }
    spv_image_push(&a, spv_image_as_float(b, o.min_lod, 0));
    if (u.ycbcr) {
        spv_image_push_bool(&a, u.image->image.arrayed);
        spv_image_push_bool(&a, grad);
        spv_image_call(&a, "weft_image_sample_ycbcr", 4, words);
        spv_image_end(b, &u, words, 4);
        spv_image_set_texel(b, type, words, leaves);
        return;
    }
    for (uint32_t k = 0; k < 3; k++)
        spv_image_push(&a, spv_image_as_int(b, o.offset, k));
    struct spv_image_args r = a; /* of the residency */
    spv_image_push(&a, dref && flags & SPV_IMAGE_PROJ ? spv_emit2(b, IR_FDIV, IR_F32, reference,
                                              spv_image_as_float(b, p, spv_image_dimensions(u.image)))
                                  : reference);
    spv_image_push_u32(&a, spv_image_library_dim(u.image));
    spv_image_push_bool(&a, u.image->image.arrayed);
    spv_image_push_bool(&a, spv_image_is_integer(u.image));
    spv_image_push_bool(&a, dref);
    spv_image_push_bool(&a, grad);
    spv_image_call(&a, "weft_image_sample", 4, words);
    if (flags & SPV_IMAGE_SPARSE) {
        spv_image_push_u32(&r, spv_image_library_dim(u.image));
        spv_image_push_bool(&r, u.image->image.arrayed);
        spv_image_push_bool(&r, spv_image_is_integer(u.image));
        spv_image_push_bool(&r, grad);
        spv_image_call(&r, "weft_resident_sample", 1, &words[count++]);
    }
    spv_image_end(b, &u, words, count);
    if (flags & SPV_IMAGE_SPARSE)
        spv_image_set_code(b, leaves, words[count - 1]);
    if (dref && type->leaf_count != 1)
        spv_bad(b, "a depth comparison gives one float");
    spv_image_set_texel(b, type, words, leaves);
}

void spv_op_image_gather(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint8_t flags = spv_image_flags(w[0] & 0xffff);
    bool dref = flags & SPV_IMAGE_DREF;
    struct spv_image_use u = spv_image_use_of(b, w[3], true);
    struct spv_image_operands o = spv_image_operands_of(b, w, wc, 6);
    const struct spv_value *p = spv_operand(b, w[4]);
    const struct spv_type *type;
    struct ir_inst **leaves = spv_image_result_leaves(b, w, flags & SPV_IMAGE_SPARSE, &type), *words[5];
    struct ir_inst *zero = spv_const(b, IR_F32, 0);
    uint32_t component = dref ? 0 : spv_constant_u32(b, w[5]) & 3;
    struct ir_inst *reference = dref ? spv_image_as_float(b, spv_operand(b, w[5]), 0) : zero;
    spv_image_begin(b, &u);
    struct spv_image_args a = {.b = b};
    spv_image_push(&a, u.handles[0]);
    spv_image_push(&a, u.handles[1]);
    spv_image_push_point(&a, u.image, p, false);
    spv_image_push_u32(&a, component);
    if (o.offsets && o.offsets->type->leaf_count != 8)
        spv_bad(b, "the offsets of a gather are four pairs");
    /* The library reads the texels (0, 1), (1, 1), (1, 0), (0, 0), each at its offset. With four offsets all
     * of them are the texel (0, 0) of their place. */
    static const uint8_t texels[8] = {0, 1, 1, 1, 1, 0, 0, 0};
    for (uint32_t i = 0; i < 8; i++)
        spv_image_push(&a, o.offsets ? spv_emit2(b, IR_SUB, IR_I32, spv_image_as_int(b, o.offsets, i),
                                                 spv_i32(b, texels[i]))
                           : spv_image_as_int(b, o.offset, i & 1));
    spv_image_push(&a, reference);
    spv_image_push_u32(&a, spv_image_library_dim(u.image));
    spv_image_push_bool(&a, u.image->image.arrayed);
    spv_image_push_bool(&a, spv_image_is_integer(u.image));
    spv_image_push_bool(&a, dref);
    spv_image_call(&a, "weft_image_gather", 4, words);
    if (flags & SPV_IMAGE_SPARSE) {
        struct spv_image_args r = {.b = b};
        for (uint32_t i = 0; i < 15; i++) /* all but the component */
            if (i != 6)
                spv_image_push(&r, a.list[i]);
        spv_image_push_u32(&r, spv_image_library_dim(u.image));
        spv_image_push_bool(&r, u.image->image.arrayed);
        spv_image_call(&r, "weft_resident_gather", 1, &words[4]);
    }
    spv_image_end(b, &u, words, flags & SPV_IMAGE_SPARSE ? 5 : 4);
    if (flags & SPV_IMAGE_SPARSE)
        spv_image_set_code(b, leaves, words[4]);
    spv_image_set_texel(b, type, words, leaves);
}

void spv_op_image_query_lod(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_image_use u = spv_image_use_of(b, w[3], true);
    const struct spv_value *p = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    struct ir_inst *words[2];
    uint32_t n = spv_image_dimensions(u.image);
    if (value->type->leaf_count != 2 || value->type->scalar != IR_F32)
        spv_bad(b, "the result type of OpImageQueryLod");
    if (b->shader->derivatives == SPV_DERIVATIVES_NONE)
        spv_bad(b, "OpImageQueryLod without a derivative group");
    spv_image_check_coordinate(b, p, n);
    spv_image_begin(b, &u);
    struct spv_image_args a = {.b = b};
    spv_image_push(&a, u.handles[0]);
    spv_image_push(&a, u.handles[1]);
    for (uint32_t axis = 0; axis < 2; axis++)
        for (uint32_t k = 0; k < 3; k++)
            spv_image_push(&a, k < n ? spv_derivative(b, spv_image_as_float(b, p, k), axis) : spv_const(b, IR_F32, 0));
    spv_image_push_u32(&a, spv_image_library_dim(u.image));
    spv_image_call(&a, "weft_image_query_lod", 2, words);
    spv_image_end(b, &u, words, 2);
    value->leaves[0] = words[0];
    value->leaves[1] = words[1];
}
