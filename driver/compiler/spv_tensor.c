/* SPDX-License-Identifier: MIT
 *
 * Tensor layouts and views (SPV_NV_tensor_addressing), and cooperative matrices loaded and stored through them
 * (SPV_NV_cooperative_matrix2). To the rest of the front end a layout or view is an array of I32:
 *
 *     layout of D dimensions  D block sizes, D dimensions, D strides, D offsets, D spans, the clamp value
 *     view of D dimensions    D dimensions, D strides, the clip's row offset and span, column offset and span
 *
 * An element's address comes from its row and column by way of one number, which is taken apart into
 * coordinates again. A number that was just put together is kept in its parts, so that the usual case
 * (two dimensions, the second as wide as the matrix) divides nothing.
 */
#include <string.h>

#include "spv_cooperative.h"

enum layout_field { BLOCK, DIMENSION, STRIDE, OFFSET, SPAN, LAYOUT_FIELDS };
enum view_field { VIEW_DIMENSION, VIEW_STRIDE, VIEW_FIELDS };
enum clip_field { CLIP_ROW, CLIP_ROWS, CLIP_COLUMN, CLIP_COLUMNS, CLIP_FIELDS };

/* ---- Types ---- */

static void
set_words(struct spv_builder *b, struct spv_type *type, uint32_t count)
{
    struct spv_type *word = arena_new(b->arena, struct spv_type);
    word->kind = SPV_TYPE_INT;
    word->scalar = IR_I32;
    word->defined = true;
    word->leaf_count = word->path_count = 1;
    word->natural_B = word->natural_align_B = 4;
    type->kind = SPV_TYPE_ARRAY;
    type->scalar = IR_I32;
    type->element = word;
    type->count = type->leaf_count = count;
    type->path_count = 1;
    type->natural_B = 4 * (uint64_t)count;
    type->natural_align_B = 4;
    type->depth = 1;
}

void
spv_read_tensor(struct spv_builder *b, struct spv_type *type, const uint32_t *w, uint32_t wc)
{
    struct spv_tensor_type *tensor = arena_new(b->arena, struct spv_tensor_type);
    uint32_t dims = spv_constant_u32(b, w[2]), seen = 0;
    if (dims == 0 || dims > SPV_TENSOR_DIMS)
        spv_bad(b, "a tensor of %u dimensions", dims);
    tensor->dims = dims;
    tensor->view = (w[0] & 0xffff) == SpvOpTypeTensorViewNV;
    if (tensor->view) {
        if (wc != 4 + dims)
            spv_bad(b, "a tensor view of %u dimensions with %u in its permutation", dims, wc - 4);
        const struct spv_value *has = spv_operand(b, w[3]);
        if (has->type->kind != SPV_TYPE_BOOL || !spv_is_const(has->leaves[0]))
            spv_bad(b, "%%%u is not a boolean constant", w[3]);
        tensor->has_dimensions = has->leaves[0]->imm != 0;
        for (uint32_t i = 0; i < dims; i++) {
            tensor->permutation[i] = spv_constant_u32(b, w[4 + i]);
            if (tensor->permutation[i] >= dims || seen & 1u << tensor->permutation[i])
                spv_bad(b, "a tensor view whose dimensions are not a permutation");
            seen |= 1u << tensor->permutation[i];
        }
        set_words(b, type, VIEW_FIELDS * dims + CLIP_FIELDS);
    } else {
        tensor->clamp = spv_constant_u32(b, w[3]);
        if (tensor->clamp > SpvTensorClampModeRepeatMirrored)
            spv_bad(b, "tensor clamp mode %u", tensor->clamp);
        set_words(b, type, LAYOUT_FIELDS * dims + 1);
    }
    type->tensor = tensor;
}

static const struct spv_type *
tensor_type(struct spv_builder *b, const struct spv_type *type, bool view)
{
    if (!type->tensor || type->tensor->view != view)
        spv_bad(b, "%%%u is not a tensor %s type", type->id, view ? "view" : "layout");
    return type;
}

/* ---- Values ---- */

void
spv_op_tensor_create(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    bool view = (w[0] & 0xffff) == SpvOpCreateTensorViewNV;
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = tensor_type(b, value->type, view);
    uint32_t dims = type->tensor->dims, clip = VIEW_FIELDS * dims;
    for (uint32_t i = 0; i < type->count; i++)
        value->leaves[i] = spv_i32(b, !view && i / dims == BLOCK);
    if (view)
        value->leaves[clip + CLIP_ROWS] = value->leaves[clip + CLIP_COLUMNS] =
            spv_i32(b, UINT32_MAX);
}

/* What the instructions that change a layout or view take: one operand a dimension, or two, or a few. */
static const struct change {
    uint16_t op;
    bool view;
    uint8_t each;  /* operands a dimension */
    uint8_t fixed; /* other operands */
    uint8_t field;
} changes[] = {
    {SpvOpTensorLayoutSetBlockSizeNV, false, 1, 0, BLOCK},
    {SpvOpTensorLayoutSetDimensionNV, false, 1, 0, DIMENSION},
    {SpvOpTensorLayoutSetStrideNV, false, 1, 0, STRIDE},
    {SpvOpTensorLayoutSliceNV, false, 2, 0, OFFSET},
    {SpvOpTensorLayoutSetClampValueNV, false, 0, 1, LAYOUT_FIELDS},
    {SpvOpTensorViewSetDimensionNV, true, 1, 0, VIEW_DIMENSION},
    {SpvOpTensorViewSetStrideNV, true, 1, 0, VIEW_STRIDE},
    {SpvOpTensorViewSetClipNV, true, 0, CLIP_FIELDS, VIEW_FIELDS},
};

/* Packed strides: of blocks, where there are such. */
static void
set_strides(struct spv_builder *b, uint32_t dims, struct ir_inst *const *sizes,
            struct ir_inst *const *blocks, struct ir_inst **strides)
{
    struct ir_inst *one = spv_i32(b, 1), *stride = one;
    for (uint32_t i = dims; i-- > 0;) {
        struct ir_inst *size = sizes[i];
        strides[i] = stride;
        if (blocks && !spv_is_value(blocks[i], 1)) {
            size = spv_emit2(b, IR_ADD, IR_I32, size,
                             spv_emit2(b, IR_SUB, IR_I32, blocks[i], one));
            size = spv_emit2(b, IR_UDIV, IR_I32, size, blocks[i]);
        }
        stride = spv_emit2(b, IR_MUL, IR_I32, stride, size);
    }
}

void
spv_op_tensor_set(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct change *change = changes;
    while (change->op != (w[0] & 0xffff))
        change++;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = tensor_type(b, value->type, change->view);
    uint32_t dims = type->tensor->dims, count = change->each * dims + change->fixed;
    if (x->type != type || wc != 4 + count)
        spv_bad(b, "the operands of an instruction that changes a tensor's layout or view");
    memcpy(value->leaves, x->leaves, type->count * sizeof(x->leaves[0]));
    struct ir_inst **fields = &value->leaves[change->field * dims];
    struct ir_inst **operands = arena_array(b->arena, struct ir_inst *, count);
    for (uint32_t i = 0; i < count; i++)
        operands[i] = spv_to_int(b, spv_int_scalar(b, w[4 + i]), IR_I32, false);
    if (change->op == SpvOpTensorLayoutSliceNV) {
        for (uint32_t i = 0; i < dims; i++) {
            fields[i] = spv_emit2(b, IR_ADD, IR_I32, fields[i], operands[2 * i]);
            value->leaves[SPAN * dims + i] = operands[2 * i + 1];
        }
        return;
    }
    memcpy(fields, operands, count * sizeof(operands[0]));
    if (change->op == SpvOpTensorViewSetDimensionNV)
        set_strides(b, dims, operands, NULL, &value->leaves[VIEW_STRIDE * dims]);
    if (change->op != SpvOpTensorLayoutSetDimensionNV)
        return;
    set_strides(b, dims, operands, &value->leaves[BLOCK * dims], &value->leaves[STRIDE * dims]);
    for (uint32_t i = 0; i < dims; i++) {
        value->leaves[OFFSET * dims + i] = spv_i32(b, 0);
        value->leaves[SPAN * dims + i] = operands[i];
    }
}

/* ---- Numbers in parts ---- */

/* high * radix + low, with low < radix; without low just high. */
struct number {
    struct ir_inst *high, *low;
    uint32_t radix;
    uint32_t bound; /* high is below it; 0: who knows */
};

static struct ir_inst *
whole(struct spv_builder *b, const struct number *n)
{
    if (!n->low)
        return n->high;
    return spv_emit2(b, IR_ADD, IR_I32,
                     spv_emit2(b, IR_MUL, IR_I32, n->high, spv_i32(b, n->radix)), n->low);
}

/* The number becomes the quotient; the rest is returned. */
static struct ir_inst *
divide(struct spv_builder *b, struct number *n, struct ir_inst *by)
{
    struct ir_inst *rest = n->low;
    if (n->low && spv_is_value(by, n->radix)) {
        n->low = NULL;
        return rest;
    }
    bool below = !n->low && n->bound && spv_is_const(by) && n->bound <= by->imm;
    struct ir_inst *x = whole(b, n);
    *n = (struct number){.high = below ? spv_i32(b, 0) : spv_emit2(b, IR_UDIV, IR_I32, x, by)};
    return below ? x : spv_emit2(b, IR_UREM, IR_I32, x, by);
}

static uint32_t
bound_of(const struct ir_inst *size)
{
    return spv_is_const(size) ? (uint32_t)size->imm : 0;
}

/* ---- Addresses ---- */

struct access {
    const struct spv_type *type; /* the matrix's */
    const struct spv_tensor_type *layout, *view; /* view: NULL without one */
    struct ir_inst *const *fields, *const *view_fields; /* their values */
    struct spv_pointer start;
    uint8_t flags; /* enum ir_mem_flags */
    bool store;
    uint64_t unit_B; /* between blocks */
    struct spv_function *decode;
};

struct place {
    struct ir_inst *block[SPV_TENSOR_DIMS], *inside[SPV_TENSOR_DIMS]; /* the block's coordinates, and inside it */
    struct ir_inst *outside; /* BOOL: beyond the tensor; NULL: never */
    struct ir_inst *clipped; /* BOOL: not accessed at all; NULL: never */
    struct ir_inst *index;   /* of the block */
};

static struct ir_inst *
either(struct spv_builder *b, struct ir_inst *x, struct ir_inst *y)
{
    return x ? spv_emit2(b, IR_OR, IR_BOOL, x, y) : y;
}

static struct ir_inst *
minus(struct spv_builder *b, struct ir_inst *x, struct ir_inst *y)
{
    return spv_emit2(b, IR_SUB, IR_I32, x, y);
}

/* Takes one coordinate out of a range of the clip; says where it is not in it. */
static void
clip(struct spv_builder *b, struct ir_inst **x, struct ir_inst *first, struct ir_inst *count,
     struct place *place)
{
    if (spv_is_value(first, 0) && spv_is_value(count, UINT32_MAX))
        return;
    struct ir_inst *before = spv_emit2(b, IR_ULT, IR_BOOL, *x, first);
    *x = minus(b, *x, first);
    struct ir_inst *behind = spv_emit2(b, IR_ULE, IR_BOOL, count, *x);
    place->clipped = either(b, place->clipped, spv_emit2(b, IR_OR, IR_BOOL, before, behind));
}

/* The element's number in the matrix, or in what the view's clip leaves of it. */
static struct number
matrix_number(struct spv_builder *b, const struct access *a, const struct spv_position *at,
              struct place *place)
{
    struct number n = {at->row, at->column, a->type->columns, a->type->rows};
    if (!a->view)
        return n;
    struct ir_inst *const *fields = &a->view_fields[VIEW_FIELDS * a->view->dims];
    clip(b, &n.high, fields[CLIP_ROW], fields[CLIP_ROWS], place);
    clip(b, &n.low, fields[CLIP_COLUMN], fields[CLIP_COLUMNS], place);
    if (!place->clipped)
        return n;
    struct ir_inst *width = spv_emit2(b, IR_UMIN, IR_I32, spv_i32(b, n.radix), fields[CLIP_COLUMNS]);
    if (spv_is_const(width)) {
        n.radix = (uint32_t)width->imm; /* what is clipped has no number */
        return n;
    }
    struct ir_inst *x = spv_emit2(b, IR_ADD, IR_I32, spv_emit2(b, IR_MUL, IR_I32, n.high, width), n.low);
    return (struct number){.high = x};
}

/* The number of an element in the layout's span, from its number in the view. */
static struct number
through_view(struct spv_builder *b, const struct access *a, struct number n)
{
    uint32_t dims = a->view->dims;
    struct ir_inst *const *sizes = a->view->has_dimensions
                                       ? &a->view_fields[VIEW_DIMENSION * dims]
                                       : &a->fields[SPAN * a->layout->dims];
    struct ir_inst *coordinates[SPV_TENSOR_DIMS], *strides[SPV_TENSOR_DIMS];
    if (!a->view->has_dimensions && dims != a->layout->dims)
        spv_bad(b, "a tensor view of %u dimensions without sizes on a layout of %u", dims,
                a->layout->dims);
    for (uint32_t i = dims; i-- > 0;) {
        uint32_t k = a->view->permutation[i];
        coordinates[k] = divide(b, &n, sizes[k]);
    }
    if (a->view->has_dimensions)
        memcpy(strides, &a->view_fields[VIEW_STRIDE * dims], dims * sizeof(strides[0]));
    else
        set_strides(b, dims, sizes, NULL, strides);
    if (dims == 2 && spv_is_value(strides[1], 1) && spv_is_const(strides[0]) &&
        strides[0]->imm && spv_is_value(sizes[1], strides[0]->imm))
        return (struct number){coordinates[0], coordinates[1], (uint32_t)strides[0]->imm,
                               bound_of(sizes[0])};
    struct ir_inst *sum = NULL;
    for (uint32_t i = 0; i < dims; i++) {
        struct ir_inst *x = spv_emit2(b, IR_MUL, IR_I32, coordinates[i], strides[i]);
        sum = sum ? spv_emit2(b, IR_ADD, IR_I32, sum, x) : x;
    }
    return (struct number){.high = sum};
}

static struct ir_inst *
modulo(struct spv_builder *b, struct ir_inst *x, struct ir_inst *by)
{
    struct ir_inst *args[] = {x, by};
    return spv_smod(b, args, IR_I32);
}

/* A coordinate that may lie outside of the tensor, as the clamp mode has it. */
static struct ir_inst *
clamped(struct spv_builder *b, const struct access *a, struct ir_inst *c, struct ir_inst *size,
        struct place *place)
{
    struct ir_inst *zero = spv_i32(b, 0), *last = minus(b, size, spv_i32(b, 1));
    switch (a->store && a->layout->clamp ? SpvTensorClampModeConstant : a->layout->clamp) {
    case SpvTensorClampModeConstant:
        place->outside = either(b, place->outside, spv_emit2(b, IR_ULE, IR_BOOL, size, c));
        return c;
    case SpvTensorClampModeClampToEdge:
        c = spv_emit2(b, IR_SMAX, IR_I32, c, zero);
        return spv_emit2(b, IR_SMIN, IR_I32, c, last);
    case SpvTensorClampModeRepeat:
        return modulo(b, c, size);
    case SpvTensorClampModeRepeatMirrored: {
        struct ir_inst *twice = spv_emit2(b, IR_SHL, IR_I32, last, spv_i32(b, 1));
        c = modulo(b, c, twice);
        return spv_select(b, spv_emit2(b, IR_SLE, IR_BOOL, size, c), minus(b, twice, c), c);
    }
    default:
        return c;
    }
}

static struct place
place_of(struct spv_builder *b, const struct access *a, const struct spv_position *at)
{
    struct place place = {.outside = NULL, .clipped = NULL};
    uint32_t dims = a->layout->dims;
    struct number n = matrix_number(b, a, at, &place);
    if (a->view)
        n = through_view(b, a, n);
    struct ir_inst *coordinates[SPV_TENSOR_DIMS];
    for (uint32_t i = dims; i-- > 0;)
        coordinates[i] = divide(b, &n, a->fields[SPAN * dims + i]);
    for (uint32_t i = 0; i < dims; i++) {
        struct ir_inst *block = a->fields[BLOCK * dims + i];
        struct ir_inst *c =
            spv_emit2(b, IR_ADD, IR_I32, coordinates[i], a->fields[OFFSET * dims + i]);
        c = clamped(b, a, c, a->fields[DIMENSION * dims + i], &place);
        place.block[i] = c;
        place.inside[i] = spv_i32(b, 0);
        if (!spv_is_value(block, 1)) {
            place.block[i] = spv_emit2(b, IR_UDIV, IR_I32, c, block);
            place.inside[i] = spv_emit2(b, IR_UREM, IR_I32, c, block);
        }
        c = spv_emit2(b, IR_MUL, IR_I32, place.block[i], a->fields[STRIDE * dims + i]);
        place.index = place.index ? spv_emit2(b, IR_ADD, IR_I32, place.index, c) : c;
    }
    return place;
}

static struct spv_pointer
pointer_of(struct spv_builder *b, const struct access *a, const struct place *place)
{
    struct spv_pointer p = a->start;
    enum ir_type type = spv_matrix_address_type(b, &p);
    spv_matrix_move(b, &p, spv_emit2(b, IR_MUL, type, spv_to_int(b, place->index, type, false),
                                     spv_const(b, type, a->unit_B)));
    return p;
}

/* ---- Loads and stores ---- */

/* An array of the coordinates, as a decode function's parameter. */
static struct spv_value *
coordinate_array(struct spv_builder *b, const struct spv_type *type, uint32_t dims,
                 struct ir_inst *const *coordinates)
{
    if (type->kind != SPV_TYPE_ARRAY || type->element->kind != SPV_TYPE_INT ||
        type->scalar != IR_I32 || type->count != dims)
        spv_bad(b, "a decode function whose parameter is not an array of %u integers", dims);
    struct spv_value *value = spv_new_value(b, type);
    memcpy(value->leaves, coordinates, dims * sizeof(coordinates[0]));
    return value;
}

static struct ir_inst *
decoded(struct spv_builder *b, const struct access *a, const struct place *place)
{
    struct spv_function *f = a->decode;
    struct spv_pointer *p = arena_new(b->arena, struct spv_pointer);
    *p = pointer_of(b, a, place);
    struct spv_value *pointer = arena_new(b->arena, struct spv_value);
    pointer->type = f->type->members[0].type;
    pointer->pointer = p;
    struct spv_value *args[] = {
        pointer,
        coordinate_array(b, f->type->members[1].type, a->layout->dims, place->block),
        coordinate_array(b, f->type->members[2].type, a->layout->dims, place->inside),
    };
    struct ir_inst *result;
    spv_call(b, b->mod, f, args, &result);
    return result;
}

static struct ir_inst *
load_element(struct spv_builder *b, const struct spv_position *at, struct ir_inst *const *in, void *data)
{
    const struct access *a = data;
    enum ir_type type = (enum ir_type)a->type->scalar;
    struct place place = place_of(b, a, at);
    struct ir_inst *other = NULL, *skip = NULL;
    if (place.outside) { /* the clamp value's low bits */
        enum ir_type bits = ir_type_B(type) == 1 ? IR_I8 : ir_type_B(type) == 2 ? IR_I16 : IR_I32;
        other = a->fields[LAYOUT_FIELDS * a->layout->dims];
        if (bits != IR_I32)
            other = spv_emit1(b, IR_TRUNC, bits, other);
        if (type != bits)
            other = spv_emit1(b, IR_BITCAST, type, other);
        skip = place.outside;
    }
    if (place.clipped) {
        other = other ? spv_select(b, place.clipped, in[0], other) : in[0];
        skip = either(b, skip, place.clipped);
    }
    struct ir_inst *value = other;
    if (!a->decode) {
        struct spv_pointer p = pointer_of(b, a, &place);
        if (!skip)
            spv_load(b, &p, 0, a->flags, &value);
        else
            spv_matrix_access(b, &p, a->flags, false, spv_not(b, skip), &value);
    } else if (!skip) {
        value = decoded(b, a, &place);
    } else {
        uint32_t slot = spv_slots_create(b, 1);
        spv_slot_init(b, slot, type, other);
        struct spv_if f;
        spv_if_begin(b, &f, spv_not(b, skip));
        spv_if_arm_begin(b, &f, 0);
        spv_slot_set(b, slot, decoded(b, a, &place));
        spv_if_arm_end(b, &f, 0, SPV_LEFT);
        spv_if_arm_begin(b, &f, 1);
        spv_if_arm_end(b, &f, 1, SPV_LEFT);
        spv_if_end(b, &f);
        return spv_slot_get(b, slot);
    }
    return skip && !a->decode ? spv_select(b, skip, other, value) : value;
}

static struct ir_inst *
store_element(struct spv_builder *b, const struct spv_position *at, struct ir_inst *const *in, void *data)
{
    const struct access *a = data;
    struct place place = place_of(b, a, at);
    struct ir_inst *skip = place.outside, *value = in[0];
    if (place.clipped)
        skip = either(b, skip, place.clipped);
    struct spv_pointer p = pointer_of(b, a, &place);
    spv_matrix_access(b, &p, a->flags, true, skip ? spv_not(b, skip) : NULL, &value);
    return NULL;
}

/* A decode function gets physical addresses, of buffers' memory too. */
static void
make_physical(struct spv_builder *b, struct spv_pointer *p)
{
    if (p->storage == SpvStorageClassPhysicalStorageBuffer)
        return;
    if (p->storage != SpvStorageClassStorageBuffer || p->descriptors)
        spv_bad(b, "a decode function for memory that is not a storage buffer's");
    struct ir_inst *words[2], *address;
    for (uint32_t i = 0; i < 2; i++) {
        words[i] = spv_append(b, IR_DESC, IR_I32, 1, &p->handle);
        words[i]->imm = 4 * i;
    }
    spv_bitcast(b, words, 2, &address, 1, IR_I64);
    enum ir_type type = spv_is_wide(b, p->storage) ? IR_I64 : IR_I32;
    struct ir_inst *offset = p->offset ? p->offset : spv_const(b, type, 0);
    offset = spv_emit2(b, IR_ADD, type, offset, spv_const(b, type, p->const_B));
    p->storage = SpvStorageClassPhysicalStorageBuffer;
    p->offset = spv_emit2(b, IR_ADD, IR_I64, address, spv_to_int(b, offset, IR_I64, false));
    p->const_B = 0;
    p->handle = NULL;
    p->variable = NULL;
    p->alias = 0;
}

/* The words behind the memory operands that start at word `at`. */
static uint32_t
after_memory_operands(struct spv_builder *b, const uint32_t *w, uint32_t wc, uint32_t at)
{
    if (at >= wc)
        spv_bad(b, "a tensor access without memory operands");
    uint32_t with_operand = SpvMemoryAccessAlignedMask | SpvMemoryAccessMakePointerAvailableMask |
                            SpvMemoryAccessMakePointerVisibleMask |
                            SpvMemoryAccessAliasScopeINTELMaskMask |
                            SpvMemoryAccessNoAliasINTELMaskMask;
    return at + 1 + (uint32_t)__builtin_popcount(w[at] & with_operand);
}

static struct access
access_of(struct spv_builder *b, const uint32_t *w, uint32_t wc, const struct spv_type *type,
          uint32_t pointer, uint32_t layout, bool store)
{
    const struct spv_value *tensor = spv_operand(b, w[layout]), *view;
    uint32_t align_B, at = after_memory_operands(b, w, wc, layout + 1);
    struct access a = {.type = type,
                       .layout = tensor_type(b, tensor->type, false)->tensor,
                       .fields = tensor->leaves,
                       .start = *spv_pointer_at(b, w[pointer]),
                       .store = store};
    if (at >= wc)
        spv_bad(b, "a tensor access without addressing operands");
    uint32_t mask = w[at++];
    uint32_t known = SpvTensorAddressingOperandsTensorViewMask;
    known |= store ? 0 : SpvTensorAddressingOperandsDecodeFuncMask;
    if (mask & ~known || at + (uint32_t)__builtin_popcount(mask) > wc)
        spv_bad(b, "tensor addressing operands %#x", mask);
    if (mask & SpvTensorAddressingOperandsTensorViewMask) {
        view = spv_operand(b, w[at++]);
        a.view = tensor_type(b, view->type, true)->tensor;
        a.view_fields = view->leaves;
    }
    a.unit_B = ir_type_B((enum ir_type)type->scalar);
    if (mask & SpvTensorAddressingOperandsDecodeFuncMask) {
        a.decode = spv_matrix_function(b, w[at++], 3, type->element);
        const struct spv_type *param = a.decode->type->members[0].type;
        if (a.decode->param_count != 3 || param->kind != SPV_TYPE_POINTER ||
            param->storage != SpvStorageClassPhysicalStorageBuffer || param->untyped)
            spv_bad(b, "the parameters of a decode function");
        a.unit_B = spv_explicit_size_B(param->element);
        make_physical(b, &a.start);
        a.start.pointee = param->element;
        a.start.matrix_stride = 0;
        a.start.row_major = false;
    } else {
        a.start.pointee = type->element;
    }
    a.start.component_B = 0;
    a.flags = spv_memory_operands(b, w, wc, layout + 1, &align_B);
    return a;
}

void
spv_op_tensor_load(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_type *type = spv_cooperative(b, spv_type_at(b, w[1]));
    const struct spv_value *object = spv_operand(b, w[4]);
    struct access a = access_of(b, w, wc, type, 3, 5, false);
    if (object->type != type)
        spv_bad(b, "the object of OpCooperativeMatrixLoadTensorNV is not of the result's type");
    struct ir_inst *const *inputs[] = {object->leaves};
    struct spv_value *value = spv_result(b, w);
    spv_matrix_each(b, type, inputs, a.view ? 1 : 0, value->leaves, load_element, &a);
}

void
spv_op_tensor_store(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *object = spv_operand(b, w[2]);
    const struct spv_type *type = spv_cooperative(b, object->type);
    struct access a = access_of(b, w, wc, type, 1, 3, true);
    struct ir_inst *const *inputs[] = {object->leaves};
    spv_matrix_each(b, type, inputs, 1, NULL, store_element, &a);
}
