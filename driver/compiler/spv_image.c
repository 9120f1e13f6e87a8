/* SPDX-License-Identifier: MIT
 *
 * DOC: Images
 *
 * The value of an image or a sampler is the handle of its descriptor (weft/image.h), that of a sampled
 * image both. What an instruction does with it is a function of the built-in library
 * (shaders/image.glsl, sample.glsl), inlined here with the image type's facts as constants.
 *
 * The library branches on descriptors' words and wants them uniform. A handle of an array's element at an
 * index that varies is made so: where the shader promises dynamic uniformity any lane's will do;
 * where it says NonUniform, a loop takes one lane's handle after the other and serves the lanes that
 * share it.
 */
#include <stddef.h>

#include "spv_builder.h"
#include "weft/image.h"

/* ---- Operands ---- */

struct operands {
    uint32_t mask;
    const struct spv_value *bias, *lod, *dx, *dy, *offset, *offsets, *sample, *min_lod;
};

/* Ids behind the mask, in the order of its bits. */
static struct operands
read_operands(struct spv_builder *b, const uint32_t *w, uint32_t wc, uint32_t at)
{
    struct operands o = {0};
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

static struct ir_inst *
as_float(struct spv_builder *b, const struct spv_value *v, uint32_t k)
{
    if (!v || k >= v->type->leaf_count)
        return spv_const(b, IR_F32, 0);
    if (!spv_is_numeric(v->type) || !ir_type_is_float((enum ir_type)v->type->scalar))
        spv_bad(b, "an image operand that is not a float");
    return spv_float_to(b, v->leaves[k], IR_F32);
}

static struct ir_inst *
as_int(struct spv_builder *b, const struct spv_value *v, uint32_t k)
{
    if (!v || k >= v->type->leaf_count)
        return spv_i32(b, 0);
    if (!ir_type_is_int((enum ir_type)v->leaves[k]->type))
        spv_bad(b, "an image operand that is not an integer");
    return spv_to_int(b, v->leaves[k], IR_I32, true);
}

/* ---- What is used ---- */

struct use {
    const struct spv_type *image; /* the type */
    struct ir_inst *handles[2];   /* image, sampler or NULL */
    bool nonuniform, ycbcr;
    /* While lanes are served one handle after the other. */
    struct ir_inst *loop, *same;
    struct ir_region *outer;
};

static struct use
use_of(struct spv_builder *b, uint32_t id, bool sampler)
{
    const struct spv_value *v = spv_operand(b, id);
    struct use u = {.image = v->type,
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
static bool
is_fixed(const struct ir_inst *handle)
{
    if (handle->op == IR_ADD)
        return is_fixed(handle->args[0]) && handle->args[1]->op == IR_CONST;
    return handle->op == IR_BUFFER && handle->args[0]->op == IR_CONST;
}

static void
begin_use(struct spv_builder *b, struct use *u)
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
static void
end_use(struct spv_builder *b, struct use *u, struct ir_inst **leaves, uint32_t count)
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

#define MAX_ARGS 32
struct arguments {
    struct spv_builder *b;
    struct ir_inst *list[MAX_ARGS];
    uint32_t count;
};

static void
push(struct arguments *a, struct ir_inst *x)
{
    a->list[a->count++] = x;
}

static void
push_u32(struct arguments *a, uint32_t x)
{
    push(a, spv_i32(a->b, x));
}

static void
push_bool(struct arguments *a, bool x)
{
    push(a, spv_bool(a->b, x));
}

static void
call(struct arguments *a, const char *name, uint32_t count, struct ir_inst **result_out)
{
    spv_library_call_leaves(a->b, SPV_LIBRARY_IMAGE, name, a->count, a->list, count, result_out);
}

/* Coordinates without an array's layer. */
static uint32_t
dimensions(const struct spv_type *image)
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

static uint32_t
library_dim(const struct spv_type *image)
{
    return image->image.dim == SpvDimSubpassData ? SpvDim2D : image->image.dim;
}

static bool
is_integer(const struct spv_type *image)
{
    return image->element->kind == SPV_TYPE_INT;
}

static void
check_coordinate(struct spv_builder *b, const struct spv_value *p, uint32_t n)
{
    if (!spv_is_numeric(p->type) || p->type->leaf_count < n)
        spv_bad(b, "a coordinate of %u components, not %u", p->type->leaf_count, n);
}

/* Integer coordinates: four words. */
static void
push_texel(struct arguments *a, const struct spv_type *image, const struct spv_value *p)
{
    check_coordinate(a->b, p, dimensions(image) + (image->image.arrayed && image->image.dim != SpvDimCube));
    for (uint32_t k = 0; k < 4; k++)
        push(a, as_int(a->b, p, k));
}

/* Float coordinates x, y, z and the layer; divided by the last one of them for Proj. */
static void
push_point(struct arguments *a, const struct spv_type *image, const struct spv_value *p, bool proj)
{
    struct spv_builder *b = a->b;
    uint32_t n = dimensions(image);
    check_coordinate(b, p, n + image->image.arrayed + proj);
    struct ir_inst *by = proj ? as_float(b, p, n) : NULL;
    for (uint32_t k = 0; k < 3; k++) {
        struct ir_inst *x = k < n ? as_float(b, p, k) : spv_const(b, IR_F32, 0);
        push(a, by && k < n ? spv_emit2(b, IR_FDIV, IR_F32, x, by) : x);
    }
    push(a, image->image.arrayed ? as_float(b, p, n) : spv_const(b, IR_F32, 0));
}

static void
push_vec3(struct arguments *a, const struct spv_value *v)
{
    for (uint32_t k = 0; k < 3; k++)
        push(a, as_float(a->b, v, k));
}

/* The derivatives in x and y of the point that was pushed as argument `at`. */
static void
push_derivatives(struct arguments *a, uint32_t at)
{
    for (uint32_t axis = 0; axis < 2; axis++)
        for (uint32_t k = 0; k < 3; k++)
            push(a, spv_derivative(a->b, a->list[at + k], axis));
}

/* ---- Results ---- */

/* The leaves of a result for the texel; behind the residency code for the sparse forms. */
static struct ir_inst **
result_leaves(struct spv_builder *b, const uint32_t *w, bool sparse, const struct spv_type **type_out)
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
static void
set_texel(struct spv_builder *b, const struct spv_type *type, struct ir_inst *const *words,
          struct ir_inst **leaves)
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
static void
set_code(struct spv_builder *b, struct ir_inst **leaves, struct ir_inst *code)
{
    leaves[-1] = spv_to_int(b, code, (enum ir_type)leaves[-1]->type, false);
}

/* ---- Sampling ---- */

enum flags { DREF = 1, PROJ = 2, SPARSE = 4, WIDE = 8 };

static const struct {
    uint16_t op;
    uint8_t flags;
} rows[] = {
    {SpvOpImageSampleImplicitLod, 0},
    {SpvOpImageSampleExplicitLod, 0},
    {SpvOpImageSampleDrefImplicitLod, DREF},
    {SpvOpImageSampleDrefExplicitLod, DREF},
    {SpvOpImageSampleProjImplicitLod, PROJ},
    {SpvOpImageSampleProjExplicitLod, PROJ},
    {SpvOpImageSampleProjDrefImplicitLod, PROJ | DREF},
    {SpvOpImageSampleProjDrefExplicitLod, PROJ | DREF},
    {SpvOpImageSparseSampleImplicitLod, SPARSE},
    {SpvOpImageSparseSampleExplicitLod, SPARSE},
    {SpvOpImageSparseSampleDrefImplicitLod, SPARSE | DREF},
    {SpvOpImageSparseSampleDrefExplicitLod, SPARSE | DREF},
    {SpvOpImageDrefGather, DREF},
    {SpvOpImageSparseGather, SPARSE},
    {SpvOpImageSparseDrefGather, SPARSE | DREF},
    {SpvOpImageSparseFetch, SPARSE},
    {SpvOpImageSparseRead, SPARSE},
};

static uint8_t
flags_of(uint32_t op)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].op == op)
            return rows[i].flags;
    return 0;
}

void
spv_op_image_sample(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint8_t flags = flags_of(w[0] & 0xffff);
    bool dref = flags & DREF;
    struct use u = use_of(b, w[3], true);
    if (dref && wc < 6)
        spv_bad(b, "the depth reference is missing");
    struct operands o = read_operands(b, w, wc, dref ? 6 : 5);
    const struct spv_value *p = spv_operand(b, w[4]);
    const struct spv_type *type;
    struct ir_inst **leaves = result_leaves(b, w, flags & SPARSE, &type), *words[5];
    struct ir_inst *reference = dref ? as_float(b, spv_operand(b, w[5]), 0) : spv_const(b, IR_F32, 0);
    uint32_t count = dref ? 1 : 4;
    if (u.image->image.multisample || u.image->image.dim == SpvDimBuffer)
        spv_bad(b, "an image that cannot be sampled");
    begin_use(b, &u);
    struct arguments a = {.b = b};
    u.ycbcr &= u.image->image.dim == SpvDim2D && !is_integer(u.image) && !dref;
    push(&a, u.handles[0]);
    push(&a, u.handles[1]);
    uint32_t point = a.count;
    push_point(&a, u.image, p, flags & PROJ);
    push(&a, as_float(b, o.lod ? o.lod : o.bias, 0));
    bool grad = o.dx || (!o.lod && b->shader->derivatives);
    if (o.dx || !grad) {
        push_vec3(&a, o.dx);
        push_vec3(&a, o.dy);
    } else {
        push_derivatives(&a, point);
    }
    push(&a, as_float(b, o.min_lod, 0));
    if (u.ycbcr) {
        push_bool(&a, u.image->image.arrayed);
        push_bool(&a, grad);
        call(&a, "weft_image_sample_ycbcr", 4, words);
        end_use(b, &u, words, 4);
        set_texel(b, type, words, leaves);
        return;
    }
    for (uint32_t k = 0; k < 3; k++)
        push(&a, as_int(b, o.offset, k));
    struct arguments r = a; /* of the residency */
    push(&a, dref && flags & PROJ ? spv_emit2(b, IR_FDIV, IR_F32, reference,
                                              as_float(b, p, dimensions(u.image)))
                                  : reference);
    push_u32(&a, library_dim(u.image));
    push_bool(&a, u.image->image.arrayed);
    push_bool(&a, is_integer(u.image));
    push_bool(&a, dref);
    push_bool(&a, grad);
    call(&a, "weft_image_sample", 4, words);
    if (flags & SPARSE) {
        push_u32(&r, library_dim(u.image));
        push_bool(&r, u.image->image.arrayed);
        push_bool(&r, is_integer(u.image));
        push_bool(&r, grad);
        call(&r, "weft_resident_sample", 1, &words[count++]);
    }
    end_use(b, &u, words, count);
    if (flags & SPARSE)
        set_code(b, leaves, words[count - 1]);
    if (dref && type->leaf_count != 1)
        spv_bad(b, "a depth comparison gives one float");
    set_texel(b, type, words, leaves);
}

void
spv_op_image_gather(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint8_t flags = flags_of(w[0] & 0xffff);
    bool dref = flags & DREF;
    struct use u = use_of(b, w[3], true);
    struct operands o = read_operands(b, w, wc, 6);
    const struct spv_value *p = spv_operand(b, w[4]);
    const struct spv_type *type;
    struct ir_inst **leaves = result_leaves(b, w, flags & SPARSE, &type), *words[5];
    struct ir_inst *zero = spv_const(b, IR_F32, 0);
    uint32_t component = dref ? 0 : spv_constant_u32(b, w[5]) & 3;
    struct ir_inst *reference = dref ? as_float(b, spv_operand(b, w[5]), 0) : zero;
    begin_use(b, &u);
    struct arguments a = {.b = b};
    push(&a, u.handles[0]);
    push(&a, u.handles[1]);
    push_point(&a, u.image, p, false);
    push_u32(&a, component);
    if (o.offsets && o.offsets->type->leaf_count != 8)
        spv_bad(b, "the offsets of a gather are four pairs");
    /* The library reads the texels (0, 1), (1, 1), (1, 0), (0, 0), each at its offset. With four offsets all
     * of them are the texel (0, 0) of their place. */
    static const uint8_t texels[8] = {0, 1, 1, 1, 1, 0, 0, 0};
    for (uint32_t i = 0; i < 8; i++)
        push(&a, o.offsets ? spv_emit2(b, IR_SUB, IR_I32, as_int(b, o.offsets, i), spv_i32(b, texels[i]))
                           : as_int(b, o.offset, i & 1));
    push(&a, reference);
    push_u32(&a, library_dim(u.image));
    push_bool(&a, u.image->image.arrayed);
    push_bool(&a, is_integer(u.image));
    push_bool(&a, dref);
    call(&a, "weft_image_gather", 4, words);
    if (flags & SPARSE) {
        struct arguments r = {.b = b};
        for (uint32_t i = 0; i < 15; i++) /* all but the component */
            if (i != 6)
                push(&r, a.list[i]);
        push_u32(&r, library_dim(u.image));
        push_bool(&r, u.image->image.arrayed);
        call(&r, "weft_resident_gather", 1, &words[4]);
    }
    end_use(b, &u, words, flags & SPARSE ? 5 : 4);
    if (flags & SPARSE)
        set_code(b, leaves, words[4]);
    set_texel(b, type, words, leaves);
}

/* ---- Texels of 64 bits: one channel, moved by an access of its own ---- */

static struct ir_inst *
texel_offset(struct spv_builder *b, const struct use *u, const struct spv_value *p,
             const struct operands *o, uint32_t log2_B)
{
    struct arguments a = {.b = b};
    struct ir_inst *offset;
    push(&a, u->handles[0]);
    push_texel(&a, u->image, p);
    push(&a, as_int(b, o->sample, 0));
    push_u32(&a, library_dim(u->image));
    push_bool(&a, u->image->image.arrayed);
    push_bool(&a, u->image->image.multisample);
    push(&a, as_int(b, o->lod, 0));
    push_u32(&a, log2_B);
    call(&a, "weft_image_texel", 1, &offset);
    return offset;
}

static bool
is_wide(const struct spv_type *image)
{
    return image->element->scalar == IR_I64 && is_integer(image);
}

static void
read_wide(struct spv_builder *b, const struct use *u, const struct spv_value *p,
          const struct operands *o, const struct spv_type *type, struct ir_inst **leaves)
{
    struct ir_inst *args[] = {u->handles[0], texel_offset(b, u, p, o, 3)};
    struct ir_inst *load = spv_append(b, IR_LOAD, IR_I64, 2, args);
    load->mem = spv_image_memory(b, IR_I64, 1);
    load->mem.flags |= IR_MEM_ROBUST;
    for (uint32_t k = 0; k < type->leaf_count; k++)
        leaves[k] = k == 0 ? load : spv_const(b, IR_I64, 0);
    if (type->leaf_count < 4)
        return;
    /* "one" stands for the missing alpha; a null descriptor has no format that it could be missing from. */
    struct ir_inst *width = spv_append(b, IR_DESC, IR_I32, 1, &u->handles[0]);
    width->imm = offsetof(struct weft_image_desc, width);
    struct ir_inst *exists = spv_emit2(b, IR_NE, IR_BOOL, width, spv_i32(b, 0));
    leaves[3] = spv_select(b, exists, spv_const(b, IR_I64, 1), leaves[3]);
}

/* ---- Fetching, reading, writing ---- */

static uint8_t
memory_flags(const struct operands *o)
{
    uint8_t flags = o->mask & SpvImageOperandsVolatileTexelMask ? IR_MEM_VOLATILE : 0;
    if (o->mask & (SpvImageOperandsMakeTexelAvailableMask | SpvImageOperandsMakeTexelVisibleMask |
                   SpvImageOperandsNonPrivateTexelMask))
        flags |= IR_MEM_COHERENT;
    return flags;
}

/* The image, the texel and what the type says about it. */
static void
push_fetch(struct arguments *a, const struct use *u, const struct spv_value *p, const struct operands *o)
{
    push(a, u->handles[0]);
    push_texel(a, u->image, p);
    if (o->offset) /* of OpImageFetch */
        for (uint32_t k = 0; k < o->offset->type->leaf_count && k < 3; k++)
            a->list[1 + k] = spv_emit2(a->b, IR_ADD, IR_I32, a->list[1 + k], as_int(a->b, o->offset, k));
    push(a, as_int(a->b, o->lod, 0));
    push(a, as_int(a->b, o->sample, 0));
    push_u32(a, library_dim(u->image));
    push_bool(a, u->image->image.arrayed);
    push_bool(a, u->image->image.multisample);
}

static struct ir_inst *
residency(struct spv_builder *b, const struct use *u, const struct spv_value *p, const struct operands *o,
          bool sampled)
{
    struct arguments a = {.b = b};
    struct ir_inst *code;
    push_fetch(&a, u, p, o);
    push_bool(&a, sampled);
    call(&a, "weft_resident_fetch", 1, &code);
    return code;
}

void
spv_op_image_read(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    bool fetch = op == SpvOpImageFetch || op == SpvOpImageSparseFetch;
    struct use u = use_of(b, w[3], false);
    struct operands o = read_operands(b, w, wc, 5);
    const struct spv_value *p = spv_operand(b, w[4]);
    const struct spv_type *type;
    bool sparse = flags_of(op) & SPARSE;
    bool sampled = fetch || u.image->image.dim == SpvDimSubpassData;
    struct ir_inst **leaves = result_leaves(b, w, sparse, &type), *words[5];
    begin_use(b, &u);
    b->image_flags = memory_flags(&o);
    if (sparse)
        words[4] = residency(b, &u, p, &o, sampled);
    if (is_wide(u.image)) {
        if (type->scalar != IR_I64)
            spv_bad(b, "the result type of an image instruction");
        read_wide(b, &u, p, &o, type, leaves);
        if (sparse)
            set_code(b, leaves, words[4]);
        end_use(b, &u, leaves - sparse, type->leaf_count + sparse);
        return;
    }
    struct arguments a = {.b = b};
    push_fetch(&a, &u, p, &o);
    push_bool(&a, is_integer(u.image));
    push_bool(&a, sampled);
    call(&a, "weft_image_fetch", 4, words);
    end_use(b, &u, words, sparse ? 5 : 4);
    if (sparse)
        set_code(b, leaves, words[4]);
    set_texel(b, type, words, leaves);
}

static void
write_texel(struct spv_builder *b, const struct use *u, const struct spv_value *p,
            const struct spv_value *texel, const struct operands *o)
{
    struct arguments a = {.b = b};
    if (is_wide(u->image)) {
        struct ir_inst *args[] = {u->handles[0], texel_offset(b, u, p, o, 3),
                                  spv_to_int(b, texel->leaves[0], IR_I64, true)};
        struct ir_inst *store = spv_append(b, IR_STORE, IR_VOID, 3, args);
        store->mem = spv_image_memory(b, IR_I64, 1);
        store->mem.flags |= IR_MEM_ROBUST;
        return;
    }
    push(&a, u->handles[0]);
    push_texel(&a, u->image, p);
    for (uint32_t k = 0; k < 4; k++) {
        if (is_integer(u->image))
            push(&a, as_int(b, texel, k));
        else
            push(&a, spv_emit1(b, IR_BITCAST, IR_I32, as_float(b, texel, k)));
    }
    push(&a, as_int(b, o->lod, 0));
    push(&a, as_int(b, o->sample, 0));
    push_u32(&a, library_dim(u->image));
    push_bool(&a, u->image->image.arrayed);
    push_bool(&a, u->image->image.multisample);
    call(&a, "weft_image_write", 0, NULL);
}

void
spv_op_image_write(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct use u = use_of(b, w[1], false);
    struct operands o = read_operands(b, w, wc, 4);
    const struct spv_value *p = spv_operand(b, w[2]), *texel = spv_operand(b, w[3]);
    if (!u.image->image.storage)
        spv_bad(b, "a write to an image that is not a storage image");
    if (!spv_is_numeric(texel->type) || texel->type->scalar == IR_BOOL ||
        ir_type_is_int((enum ir_type)texel->type->scalar) != is_integer(u.image))
        spv_bad(b, "the texel is not of the image's type");
    begin_use(b, &u);
    b->image_flags = memory_flags(&o);
    if (u.loop) {
        struct spv_if f;
        spv_if_begin(b, &f, u.same);
        spv_if_arm_begin(b, &f, 0);
        write_texel(b, &u, p, texel, &o);
        spv_if_arm_end(b, &f, 0, SPV_LEFT);
        spv_if_arm_begin(b, &f, 1);
        spv_if_arm_end(b, &f, 1, SPV_LEFT);
        spv_if_end(b, &f);
    } else {
        write_texel(b, &u, p, texel, &o);
    }
    end_use(b, &u, NULL, 0);
}

/* ---- Pointers to texels, for atomics ---- */

void
spv_op_image_texel_pointer(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_pointer *image = spv_pointer_at(b, w[3]);
    const struct spv_value *p = spv_operand(b, w[4]);
    struct operands o = {.sample = spv_operand(b, w[5])};
    if (image->storage != SpvStorageClassUniformConstant || image->descriptors ||
        !image->pointee || image->pointee->kind != SPV_TYPE_IMAGE)
        spv_bad(b, "%%%u is not a pointer to an image", w[3]);
    struct use u = {.image = image->pointee,
                    .handles = {image->handle},
                    .nonuniform = image->nonuniform || spv_is_nonuniform(b, w[3])};
    begin_use(b, &u);
    struct ir_inst *offset =
        texel_offset(b, &u, p, &o, is_wide(u.image) ? 3 : u.image->element->scalar == IR_F16 ? 1 : 2);
    struct ir_inst *handle = u.loop ? image->handle : u.handles[0];
    bool nonuniform = u.loop != NULL;
    end_use(b, &u, &offset, 1);
    struct spv_pointer *pointer = arena_new(b->arena, struct spv_pointer);
    *pointer = (struct spv_pointer){.pointee = image->pointee->element,
                                    .storage = SpvStorageClassImage,
                                    .handle = handle,
                                    .offset = offset,
                                    .nonuniform = nonuniform,
                                    .flags = IR_MEM_ROBUST | image->flags,
                                    .alias = spv_image_memory(b, IR_I32, 1).alias};
    spv_set_pointer(b, w, pointer);
}

/* ---- Values and queries ---- */

/* The same but for what the types say about depth: glslang samples a texture with comparison, too. */
static bool
same_image(const struct spv_type *a, const struct spv_type *b)
{
    return a->kind == SPV_TYPE_IMAGE && b->kind == SPV_TYPE_IMAGE && a->element == b->element &&
           a->image.dim == b->image.dim && a->image.arrayed == b->image.arrayed &&
           a->image.multisample == b->image.multisample && a->image.storage == b->image.storage;
}

void
spv_op_sampled_image(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *image = spv_operand(b, w[3]), *sampler = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_SAMPLED_IMAGE || !same_image(image->type, value->type->element) ||
        sampler->type->kind != SPV_TYPE_SAMPLER)
        spv_bad(b, "the operands of OpSampledImage");
    value->leaves[0] = image->leaves[0];
    value->leaves[1] = sampler->leaves[0];
    value->nonuniform |= image->nonuniform || sampler->nonuniform;
}

void
spv_op_image(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *from = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (from->type->kind != SPV_TYPE_SAMPLED_IMAGE || value->type != from->type->element)
        spv_bad(b, "the operand of OpImage");
    value->leaves[0] = from->leaves[0];
    value->nonuniform |= from->nonuniform;
}

static struct ir_inst *
word_of(struct spv_builder *b, struct ir_inst *handle, size_t offset_B)
{
    struct ir_inst *inst = spv_append(b, IR_DESC, IR_I32, 1, &handle);
    inst->imm = offset_B;
    return inst;
}

void
spv_op_image_query(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    struct use u = use_of(b, w[3], false);
    struct spv_value *value = spv_result(b, w);
    struct ir_inst *words[3];
    uint32_t n = value->type->leaf_count;
    if (op == SpvOpImageQuerySizeLod && wc < 5)
        spv_bad(b, "the level is missing");
    if (!spv_is_numeric(value->type) || !ir_type_is_int((enum ir_type)value->type->scalar) || n > 3)
        spv_bad(b, "the result type of an image query");
    begin_use(b, &u);
    if (op == SpvOpImageQuerySize || op == SpvOpImageQuerySizeLod) {
        struct arguments a = {.b = b};
        push(&a, u.handles[0]);
        push(&a, op == SpvOpImageQuerySizeLod ? as_int(b, spv_operand(b, w[4]), 0) : spv_i32(b, 0));
        push_u32(&a, library_dim(u.image));
        push_bool(&a, u.image->image.arrayed);
        call(&a, "weft_image_size", 3, words);
    } else if (op == SpvOpImageQueryLevels) {
        words[0] = word_of(b, u.handles[0], offsetof(struct weft_image_desc, levels));
    } else {
        words[0] = word_of(b, u.handles[0], offsetof(struct weft_image_desc, samples));
    }
    end_use(b, &u, words, n);
    for (uint32_t k = 0; k < n; k++)
        value->leaves[k] = spv_to_int(b, words[k], (enum ir_type)value->type->scalar, false);
}

void
spv_op_image_query_lod(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct use u = use_of(b, w[3], true);
    const struct spv_value *p = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    struct ir_inst *words[2];
    uint32_t n = dimensions(u.image);
    if (value->type->leaf_count != 2 || value->type->scalar != IR_F32)
        spv_bad(b, "the result type of OpImageQueryLod");
    if (b->shader->derivatives == SPV_DERIVATIVES_NONE)
        spv_bad(b, "OpImageQueryLod without a derivative group");
    check_coordinate(b, p, n);
    begin_use(b, &u);
    struct arguments a = {.b = b};
    push(&a, u.handles[0]);
    push(&a, u.handles[1]);
    for (uint32_t axis = 0; axis < 2; axis++)
        for (uint32_t k = 0; k < 3; k++)
            push(&a, k < n ? spv_derivative(b, as_float(b, p, k), axis) : spv_const(b, IR_F32, 0));
    push_u32(&a, library_dim(u.image));
    call(&a, "weft_image_query_lod", 2, words);
    end_use(b, &u, words, 2);
    value->leaves[0] = words[0];
    value->leaves[1] = words[1];
}

void
spv_op_sparse_resident(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct ir_inst *code = spv_int_scalar(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "the result is not a boolean");
    value->leaves[0] = spv_emit2(b, IR_EQ, IR_BOOL, code, spv_const(b, (enum ir_type)code->type, 0));
}

/* ---- Loading handles ---- */

bool
spv_load_handles(struct spv_builder *b, const struct spv_pointer *p, struct spv_value *value)
{
    const struct spv_type *type = p->pointee;
    if (type->kind != SPV_TYPE_IMAGE && type->kind != SPV_TYPE_SAMPLER &&
        type->kind != SPV_TYPE_SAMPLED_IMAGE)
        return false;
    if (p->storage != SpvStorageClassUniformConstant || p->descriptors || !p->handle)
        spv_bad(b, "an image, or a sampler, that is not a descriptor");
    const struct weft_binding *binding =
        p->handle->op == IR_BUFFER ? &b->m->bindings[p->handle->imm] : NULL;
    bool combined = binding && binding->kind == WEFT_BINDING_COMBINED;
    struct ir_inst *behind = NULL;
    if (type->kind == SPV_TYPE_SAMPLED_IMAGE || (type->kind == SPV_TYPE_SAMPLER && combined))
        behind = spv_emit2(b, IR_ADD, IR_I64, p->handle, spv_const(b, IR_I64, WEFT_IMAGE_DESC_B));
    value->leaves[0] = type->kind == SPV_TYPE_SAMPLER && combined ? behind : p->handle;
    if (type->kind == SPV_TYPE_SAMPLED_IMAGE) {
        value->leaves[1] = behind;
        /* Layouts give a binding room for more planes where one of its samplers has a conversion. */
        value->ycbcr = combined && binding->stride_B == WEFT_YCBCR_DESC_B;
    }
    return true;
}
