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

#include "spv_image.h"

/* ---- Texels of 64 bits: one channel, moved by an access of its own ---- */

static struct ir_inst *texel_offset(struct spv_builder *b, const struct spv_image_use *u,
                                    const struct spv_value *p, const struct spv_image_operands *o,
                                    uint32_t log2_B)
{
    struct spv_image_args a = {.b = b};
    struct ir_inst *offset;
    spv_image_push(&a, u->handles[0]);
    spv_image_push_texel(&a, u->image, p);
    spv_image_push(&a, spv_image_as_int(b, o->sample, 0));
    spv_image_push_u32(&a, spv_image_library_dim(u->image));
    spv_image_push_bool(&a, u->image->image.arrayed);
    spv_image_push_bool(&a, u->image->image.multisample);
    spv_image_push(&a, spv_image_as_int(b, o->lod, 0));
    spv_image_push_u32(&a, log2_B);
    spv_image_call(&a, "weft_image_texel", 1, &offset);
    return offset;
}

static bool is_wide(const struct spv_type *image)
{
    return image->element->scalar == IR_I64 && spv_image_is_integer(image);
}

static void read_wide(struct spv_builder *b, const struct spv_image_use *u,
                      const struct spv_value *p, const struct spv_image_operands *o,
                      const struct spv_type *type, struct ir_inst **leaves)
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

static uint8_t memory_flags(const struct spv_image_operands *o)
{
    uint8_t flags = o->mask & SpvImageOperandsVolatileTexelMask ? IR_MEM_VOLATILE : 0;
    if (o->mask & (SpvImageOperandsMakeTexelAvailableMask | SpvImageOperandsMakeTexelVisibleMask |
                   SpvImageOperandsNonPrivateTexelMask))
        flags |= IR_MEM_COHERENT;
    return flags;
}

/* The image, the texel and what the type says about it. */
static void push_fetch(struct spv_image_args *a, const struct spv_image_use *u,
                       const struct spv_value *p, const struct spv_image_operands *o)
{
    spv_image_push(a, u->handles[0]);
    spv_image_push_texel(a, u->image, p);
    if (o->offset) /* of OpImageFetch */
        for (uint32_t k = 0; k < o->offset->type->leaf_count && k < 3; k++)
            a->list[1 + k] = spv_emit2(a->b, IR_ADD, IR_I32, a->list[1 + k], spv_image_as_int(a->b, o->offset, k));
    spv_image_push(a, spv_image_as_int(a->b, o->lod, 0));
    spv_image_push(a, spv_image_as_int(a->b, o->sample, 0));
    spv_image_push_u32(a, spv_image_library_dim(u->image));
    spv_image_push_bool(a, u->image->image.arrayed);
    spv_image_push_bool(a, u->image->image.multisample);
}

static struct ir_inst *residency(struct spv_builder *b, const struct spv_image_use *u,
                                 const struct spv_value *p, const struct spv_image_operands *o,
                                 bool sampled)
{
    struct spv_image_args a = {.b = b};
    struct ir_inst *code;
    push_fetch(&a, u, p, o);
    spv_image_push_bool(&a, sampled);
    spv_image_call(&a, "weft_resident_fetch", 1, &code);
    return code;
}

void spv_op_image_read(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    bool fetch = op == SpvOpImageFetch || op == SpvOpImageSparseFetch;
    struct spv_image_use u = spv_image_use_of(b, w[3], false);
    struct spv_image_operands o = spv_image_operands_of(b, w, wc, 5);
    const struct spv_value *p = spv_operand(b, w[4]);
    const struct spv_type *type;
    bool sparse = spv_image_flags(op) & SPV_IMAGE_SPARSE;
    bool sampled = fetch || u.image->image.dim == SpvDimSubpassData;
    struct ir_inst **leaves = spv_image_result_leaves(b, w, sparse, &type), *words[5];
    spv_image_begin(b, &u);
    b->image_flags = memory_flags(&o);
    if (sparse)
        words[4] = residency(b, &u, p, &o, sampled);
    if (is_wide(u.image)) {
        if (type->scalar != IR_I64)
            spv_bad(b, "the result type of an image instruction");
        read_wide(b, &u, p, &o, type, leaves);
        if (sparse)
            spv_image_set_code(b, leaves, words[4]);
        spv_image_end(b, &u, leaves - sparse, type->leaf_count + sparse);
        return;
    }
    struct spv_image_args a = {.b = b};
    push_fetch(&a, &u, p, &o);
    spv_image_push_bool(&a, spv_image_is_integer(u.image));
    spv_image_push_bool(&a, sampled);
    spv_image_call(&a, "weft_image_fetch", 4, words);
    spv_image_end(b, &u, words, sparse ? 5 : 4);
    if (sparse)
        spv_image_set_code(b, leaves, words[4]);
    spv_image_set_texel(b, type, words, leaves);
}

static void write_texel(struct spv_builder *b, const struct spv_image_use *u,
                        const struct spv_value *p, const struct spv_value *texel,
                        const struct spv_image_operands *o)
{
    struct spv_image_args a = {.b = b};
    if (is_wide(u->image)) {
        struct ir_inst *args[] = {u->handles[0], texel_offset(b, u, p, o, 3),
                                  spv_to_int(b, texel->leaves[0], IR_I64, true)};
        struct ir_inst *store = spv_append(b, IR_STORE, IR_VOID, 3, args);
        store->mem = spv_image_memory(b, IR_I64, 1);
        store->mem.flags |= IR_MEM_ROBUST;
        return;
    }
    spv_image_push(&a, u->handles[0]);
    spv_image_push_texel(&a, u->image, p);
    for (uint32_t k = 0; k < 4; k++) {
        if (spv_image_is_integer(u->image))
            spv_image_push(&a, spv_image_as_int(b, texel, k));
        else
            spv_image_push(&a, spv_emit1(b, IR_BITCAST, IR_I32, spv_image_as_float(b, texel, k)));
    }
    spv_image_push(&a, spv_image_as_int(b, o->lod, 0));
    spv_image_push(&a, spv_image_as_int(b, o->sample, 0));
    spv_image_push_u32(&a, spv_image_library_dim(u->image));
    spv_image_push_bool(&a, u->image->image.arrayed);
    spv_image_push_bool(&a, u->image->image.multisample);
    spv_image_call(&a, "weft_image_write", 0, NULL);
}

void spv_op_image_write(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct spv_image_use u = spv_image_use_of(b, w[1], false);
    struct spv_image_operands o = spv_image_operands_of(b, w, wc, 4);
    const struct spv_value *p = spv_operand(b, w[2]), *texel = spv_operand(b, w[3]);
    if (!u.image->image.storage)
        spv_bad(b, "a write to an image that is not a storage image");
    if (!spv_is_numeric(texel->type) || texel->type->scalar == IR_BOOL ||
        ir_type_is_int((enum ir_type)texel->type->scalar) != spv_image_is_integer(u.image))
        spv_bad(b, "the texel is not of the image's type");
    spv_image_begin(b, &u);
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
    spv_image_end(b, &u, NULL, 0);
}

/* ---- Pointers to texels, for atomics ---- */

void spv_op_image_texel_pointer(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_pointer *image = spv_pointer_at(b, w[3]);
    const struct spv_value *p = spv_operand(b, w[4]);
    struct spv_image_operands o = {.sample = spv_operand(b, w[5])};
    if (image->storage != SpvStorageClassUniformConstant || image->descriptors ||
        !image->pointee || image->pointee->kind != SPV_TYPE_IMAGE)
        spv_bad(b, "%%%u is not a pointer to an image", w[3]);
    struct spv_image_use u = {.image = image->pointee,
                    .handles = {image->handle},
                    .nonuniform = image->nonuniform || spv_is_nonuniform(b, w[3])};
    spv_image_begin(b, &u);
    struct ir_inst *offset =
        texel_offset(b, &u, p, &o, is_wide(u.image) ? 3 : u.image->element->scalar == IR_F16 ? 1 : 2);
    struct ir_inst *handle = u.loop ? image->handle : u.handles[0];
    bool nonuniform = u.loop != NULL;
    spv_image_end(b, &u, &offset, 1);
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
static bool same_image(const struct spv_type *a, const struct spv_type *b)
{
    return a->kind == SPV_TYPE_IMAGE && b->kind == SPV_TYPE_IMAGE && a->element == b->element &&
           a->image.dim == b->image.dim && a->image.arrayed == b->image.arrayed &&
           a->image.multisample == b->image.multisample && a->image.storage == b->image.storage;
}

void spv_op_sampled_image(struct spv_builder *b, const uint32_t *w, uint32_t wc)
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

void spv_op_image(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *from = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (from->type->kind != SPV_TYPE_SAMPLED_IMAGE || value->type != from->type->element)
        spv_bad(b, "the operand of OpImage");
    value->leaves[0] = from->leaves[0];
    value->nonuniform |= from->nonuniform;
}

static struct ir_inst *word_of(struct spv_builder *b, struct ir_inst *handle, size_t offset_B)
{
    struct ir_inst *inst = spv_append(b, IR_DESC, IR_I32, 1, &handle);
    inst->imm = offset_B;
    return inst;
}

void spv_op_image_query(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    struct spv_image_use u = spv_image_use_of(b, w[3], false);
    struct spv_value *value = spv_result(b, w);
    struct ir_inst *words[3];
    uint32_t n = value->type->leaf_count;
    if (op == SpvOpImageQuerySizeLod && wc < 5)
        spv_bad(b, "the level is missing");
    if (!spv_is_numeric(value->type) || !ir_type_is_int((enum ir_type)value->type->scalar) || n > 3)
        spv_bad(b, "the result type of an image query");
    spv_image_begin(b, &u);
    if (op == SpvOpImageQuerySize || op == SpvOpImageQuerySizeLod) {
        struct spv_image_args a = {.b = b};
        spv_image_push(&a, u.handles[0]);
        spv_image_push(&a, op == SpvOpImageQuerySizeLod ? spv_image_as_int(b, spv_operand(b, w[4]), 0) : spv_i32(b, 0));
        spv_image_push_u32(&a, spv_image_library_dim(u.image));
        spv_image_push_bool(&a, u.image->image.arrayed);
        spv_image_call(&a, "weft_image_size", 3, words);
    } else if (op == SpvOpImageQueryLevels) {
        words[0] = word_of(b, u.handles[0], offsetof(struct weft_image_desc, levels));
    } else {
        words[0] = word_of(b, u.handles[0], offsetof(struct weft_image_desc, samples));
    }
    spv_image_end(b, &u, words, n);
    for (uint32_t k = 0; k < n; k++)
        value->leaves[k] = spv_to_int(b, words[k], (enum ir_type)value->type->scalar, false);
}

void spv_op_sparse_resident(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct ir_inst *code = spv_int_scalar(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "the result is not a boolean");
    value->leaves[0] = spv_emit2(b, IR_EQ, IR_BOOL, code, spv_const(b, (enum ir_type)code->type, 0));
}

/* ---- Loading handles ---- */

bool spv_load_handles(struct spv_builder *b, const struct spv_pointer *p, struct spv_value *value)
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
