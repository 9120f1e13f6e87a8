/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "spv_image.h"

/* ---- Operands ---- */

/* Ids behind the mask, in the order of its bits. */
struct spv_image_operands spv_image_operands_of(struct spv_builder *b, const uint32_t *w,
                                                uint32_t wc, uint32_t at)
{
    struct spv_image_operands o = {0};
    if (at >= wc)
        return o;
    o.mask = w[at++];
    const struct {
        uint32_t bit;
        const struct spv_value **to[2];
        bool scope;
    } rows[] = {
        {SpvImageOperandsBiasMask, {&o.bias}, false},
        {SpvImageOperandsLodMask, {&o.lod}, false},
        {SpvImageOperandsGradMask, {&o.dx, &o.dy}, false},
        {SpvImageOperandsConstOffsetMask, {&o.offset}, false},
        {SpvImageOperandsOffsetMask, {&o.offset}, false},
        {SpvImageOperandsConstOffsetsMask, {&o.offsets}, false},
        {SpvImageOperandsSampleMask, {&o.sample}, false},
        {SpvImageOperandsMinLodMask, {&o.min_lod}, false},
        {SpvImageOperandsMakeTexelAvailableMask, {NULL}, true},
        {SpvImageOperandsMakeTexelVisibleMask, {NULL}, true},
        {SpvImageOperandsOffsetsMask, {&o.offsets}, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!(o.mask & rows[i].bit))
            continue;
        for (uint32_t k = 0; k < 2 && (k == 0 || rows[i].to[k]); k++, at++) {
            if (at >= wc)
                spv_bad(b, "an image operand is missing");
            if (!rows[i].scope)
                *rows[i].to[k] = spv_operand(b, w[at]);
        }
    }
    return o;
}

struct ir_inst *spv_image_as_float(struct spv_builder *b, const struct spv_value *v, uint32_t k)
{
    if (!v || k >= v->type->leaf_count)
        return spv_const(b, IR_F32, 0);
    if (!spv_is_numeric(v->type) || !ir_type_is_float((enum ir_type)v->type->scalar))
        spv_bad(b, "an image operand that is not a float");
    return spv_float_to(b, v->leaves[k], IR_F32);
}

struct ir_inst *spv_image_as_int(struct spv_builder *b, const struct spv_value *v, uint32_t k)
{
    if (!v || k >= v->type->leaf_count)
        return spv_i32(b, 0);
    if (!ir_type_is_int((enum ir_type)v->leaves[k]->type))
        spv_bad(b, "an image operand that is not an integer");
    return spv_to_int(b, v->leaves[k], IR_I32, true);
}

/* ---- What is used ---- */

struct spv_image_use spv_image_use_of(struct spv_builder *b, uint32_t id, bool sampler)
{
    const struct spv_value *v = spv_operand(b, id);
    struct spv_image_use u = {.image = v->type,
                    .nonuniform = v->nonuniform || spv_is_nonuniform(b, id),
                    .ycbcr = v->ycbcr};
    if (v->type->kind == SPV_TYPE_SAMPLED_IMAGE)
        u.image = v->type->element;
    else if (v->type->kind != SPV_TYPE_IMAGE)
        spv_bad(b, "%%%u is not an image", id);
    if (sampler != (v->type->kind == SPV_TYPE_SAMPLED_IMAGE))
        spv_bad(b, "%%%u is not %s", id, sampler ? "a sampled image" : "an image");
    u.handles[0] = v->leaves[0];
    u.handles[1] = sampler ? v->leaves[1] : NULL;
    return u;
}

/* The same in every lane, and seen to be so. */
static bool is_fixed(const struct ir_inst *handle)
{
    if (handle->op == IR_ADD)
        return is_fixed(handle->args[0]) && handle->args[1]->op == IR_CONST;
    return handle->op == IR_BUFFER && handle->args[0]->op == IR_CONST;
}

void spv_image_begin(struct spv_builder *b, struct spv_image_use *u)
{
    bool fixed = true;
    for (uint32_t i = 0; i < 2; i++)
        fixed &= !u->handles[i] || is_fixed(u->handles[i]);
    if (!fixed && u->nonuniform) {
        u->loop = spv_append(b, IR_LOOP, IR_VOID, 0, NULL);
        u->loop->regions[0] = ir_region_create(b->m, u->loop);
        u->outer = b->region;
        b->region = u->loop->regions[0];
        spv_depth_enter(b);
    }
    for (uint32_t i = 0; i < 2 && !fixed; i++) {
        if (!u->handles[i] || (is_fixed(u->handles[i]) && !u->nonuniform))
            continue;
        struct ir_inst *first = spv_append(b, IR_SG_FIRST, IR_I64, 1, &u->handles[i]);
        if (u->loop) {
            struct ir_inst *same = spv_emit2(b, IR_EQ, IR_BOOL, first, u->handles[i]);
            u->same = u->same ? spv_emit2(b, IR_AND, IR_BOOL, u->same, same) : same;
        }
        u->handles[i] = first;
    }
    b->image_handle = u->handles[0];
    b->image_format =
        u->image->image.storage ? spv_image_format(b, u->image->image.format) : NULL;
    b->image_flags = 0;
}

/* After the library's work; results leave the loop. */
void spv_image_end(struct spv_builder *b, struct spv_image_use *u, struct ir_inst **leaves,
                   uint32_t count)
{
    b->image_format = NULL;
    if (!u->loop)
        return;
    struct ir_region *body = u->loop->regions[0];
    struct ir_inst *again = spv_not(b, u->same);
    for (uint32_t i = 0; i < count; i++)
        leaves[i] = spv_usable(b, leaves[i]);
    body->yields = arena_array(b->arena, struct ir_inst *, 1);
    body->yields[0] = again;
    body->yield_count = 1;
    b->region = u->outer;
    b->depth--;
    for (uint32_t i = 0; i < count; i++)
        leaves[i] = spv_loop_carry(b, u->loop, spv_undef(b, (enum ir_type)leaves[i]->type), leaves[i]);
}

/* ---- Arguments of the library ---- */

void spv_image_push(struct spv_image_args *a, struct ir_inst *x)
{
    a->list[a->count++] = x;
}

void spv_image_push_u32(struct spv_image_args *a, uint32_t x)
{
    spv_image_push(a, spv_i32(a->b, x));
}

void spv_image_push_bool(struct spv_image_args *a, bool x)
{
    spv_image_push(a, spv_bool(a->b, x));
}

void spv_image_call(struct spv_image_args *a, const char *name, uint32_t count,
                    struct ir_inst **result_out)
{
    spv_library_call_leaves(a->b, SPV_LIBRARY_IMAGE, name, a->count, a->list, count, result_out);
}

/* Coordinates without an array's layer. */
uint32_t spv_image_dimensions(const struct spv_type *image)
{
    switch (image->image.dim) {
    case SpvDim1D:
    case SpvDimBuffer:
        return 1;
    case SpvDim3D:
        return 3;
    case SpvDimCube:
        return 3;
    default:
        return 2;
    }
}

uint32_t spv_image_library_dim(const struct spv_type *image)
{
    return image->image.dim == SpvDimSubpassData ? SpvDim2D : image->image.dim;
}

bool spv_image_is_integer(const struct spv_type *image)
{
    return image->element->kind == SPV_TYPE_INT;
}

void spv_image_check_coordinate(struct spv_builder *b, const struct spv_value *p, uint32_t n)
{
    if (!spv_is_numeric(p->type) || p->type->leaf_count < n)
        spv_bad(b, "a coordinate of %u components, not %u", p->type->leaf_count, n);
}

/* Integer coordinates: four words. */
void spv_image_push_texel(struct spv_image_args *a, const struct spv_type *image,
                          const struct spv_value *p)
{
    bool layer = image->image.arrayed && image->image.dim != SpvDimCube;
    spv_image_check_coordinate(a->b, p, spv_image_dimensions(image) + layer);
    for (uint32_t k = 0; k < 4; k++)
        spv_image_push(a, spv_image_as_int(a->b, p, k));
}

/* Float coordinates x, y, z and the layer; divided by the last one of them for Proj. */
void spv_image_push_point(struct spv_image_args *a, const struct spv_type *image,
                          const struct spv_value *p, bool proj)
{
    struct spv_builder *b = a->b;
    uint32_t n = spv_image_dimensions(image);
    spv_image_check_coordinate(b, p, n + image->image.arrayed + proj);
    struct ir_inst *by = proj ? spv_image_as_float(b, p, n) : NULL;
    for (uint32_t k = 0; k < 3; k++) {
        struct ir_inst *x = k < n ? spv_image_as_float(b, p, k) : spv_const(b, IR_F32, 0);
        spv_image_push(a, by && k < n ? spv_emit2(b, IR_FDIV, IR_F32, x, by) : x);
    }
    spv_image_push(a, image->image.arrayed ? spv_image_as_float(b, p, n) : spv_const(b, IR_F32, 0));
}

void spv_image_push_vec3(struct spv_image_args *a, const struct spv_value *v)
{
    for (uint32_t k = 0; k < 3; k++)
        spv_image_push(a, spv_image_as_float(a->b, v, k));
}

/* The derivatives in x and y of the point that was pushed as argument `at`. */
void spv_image_push_derivatives(struct spv_image_args *a, uint32_t at)
{
    for (uint32_t axis = 0; axis < 2; axis++)
        for (uint32_t k = 0; k < 3; k++)
            spv_image_push(a, spv_derivative(a->b, a->list[at + k], axis));
}

/* ---- Results ---- */

/* The leaves of a result for the texel; behind the residency code for the sparse forms. */
struct ir_inst **spv_image_result_leaves(struct spv_builder *b, const uint32_t *w, bool sparse,
                                         const struct spv_type **type_out)
{
    struct spv_value *value = spv_result(b, w);
    struct ir_inst **leaves = value->leaves;
    *type_out = value->type;
    if (sparse) {
        if (value->type->kind != SPV_TYPE_STRUCT || value->type->count != 2 ||
            value->type->members[0].type->kind != SPV_TYPE_INT)
            spv_bad(b, "the result of a sparse image instruction");
        leaves[0] = spv_const(b, (enum ir_type)value->type->members[0].type->scalar, 0);
        *type_out = value->type->members[1].type;
        leaves++;
    }
    if (!spv_is_numeric(*type_out) || (*type_out)->leaf_count > 4 || (*type_out)->scalar == IR_BOOL)
        spv_bad(b, "the result type of an image instruction");
    return leaves;
}

/* Four words, floats' bits or integers, to the result's type. */
void spv_image_set_texel(struct spv_builder *b, const struct spv_type *type,
                         struct ir_inst *const *words, struct ir_inst **leaves)
{
    enum ir_type scalar = (enum ir_type)type->scalar;
    for (uint32_t k = 0; k < type->leaf_count; k++) {
        if (ir_type_is_float(scalar))
            leaves[k] = spv_float_to(b, spv_emit1(b, IR_BITCAST, IR_F32, words[k]), scalar);
        else
            leaves[k] = spv_to_int(b, words[k], scalar, type->is_signed);
    }
}

/* The residency code, which is in front of the texel's leaves. */
void spv_image_set_code(struct spv_builder *b, struct ir_inst **leaves, struct ir_inst *code)
{
    leaves[-1] = spv_to_int(b, code, (enum ir_type)leaves[-1]->type, false);
}

/* ---- Instructions ---- */

static const struct {
    uint16_t op;
    uint8_t flags;
} rows[] = {
    {SpvOpImageSampleImplicitLod, 0},
    {SpvOpImageSampleExplicitLod, 0},
    {SpvOpImageSampleDrefImplicitLod, SPV_IMAGE_DREF},
    {SpvOpImageSampleDrefExplicitLod, SPV_IMAGE_DREF},
    {SpvOpImageSampleProjImplicitLod, SPV_IMAGE_PROJ},
    {SpvOpImageSampleProjExplicitLod, SPV_IMAGE_PROJ},
    {SpvOpImageSampleProjDrefImplicitLod, SPV_IMAGE_PROJ | SPV_IMAGE_DREF},
    {SpvOpImageSampleProjDrefExplicitLod, SPV_IMAGE_PROJ | SPV_IMAGE_DREF},
    {SpvOpImageSparseSampleImplicitLod, SPV_IMAGE_SPARSE},
    {SpvOpImageSparseSampleExplicitLod, SPV_IMAGE_SPARSE},
    {SpvOpImageSparseSampleDrefImplicitLod, SPV_IMAGE_SPARSE | SPV_IMAGE_DREF},
    {SpvOpImageSparseSampleDrefExplicitLod, SPV_IMAGE_SPARSE | SPV_IMAGE_DREF},
    {SpvOpImageDrefGather, SPV_IMAGE_DREF},
    {SpvOpImageSparseGather, SPV_IMAGE_SPARSE},
    {SpvOpImageSparseDrefGather, SPV_IMAGE_SPARSE | SPV_IMAGE_DREF},
    {SpvOpImageSparseFetch, SPV_IMAGE_SPARSE},
    {SpvOpImageSparseRead, SPV_IMAGE_SPARSE},
};

uint8_t spv_image_flags(uint32_t op)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].op == op)
            return rows[i].flags;
    return 0;
}
