/* SPDX-License-Identifier: MIT
 *
 * Cooperative matrices loaded and stored through tensor layouts and views (SPV_NV_cooperative_matrix2).
 */
#include "spv_tensor.h"

#include <string.h>

static struct spv_pointer pointer_of(struct spv_builder *b, const struct spv_tensor_access *a,
                                     const struct spv_tensor_place *place)
{
    struct spv_pointer p = a->start;
    enum ir_type type = spv_matrix_address_type(b, &p);
    spv_matrix_move(b, &p, spv_emit2(b, IR_MUL, type, spv_to_int(b, place->index, type, false),
                                     spv_const(b, type, a->unit_B)));
    return p;
}

/* An array of the coordinates, as a decode function's parameter. */
static struct spv_value *coordinate_array(struct spv_builder *b, const struct spv_type *type,
                                          uint32_t dims, struct ir_inst *const *coordinates)
{
    if (type->kind != SPV_TYPE_ARRAY || type->element->kind != SPV_TYPE_INT ||
        type->scalar != IR_I32 || type->count != dims)
        spv_bad(b, "a decode function whose parameter is not an array of %u integers", dims);
    struct spv_value *value = spv_new_value(b, type);
    memcpy(value->leaves, coordinates, dims * sizeof(coordinates[0]));
    return value;
}

static struct ir_inst *decoded(struct spv_builder *b, const struct spv_tensor_access *a,
                               const struct spv_tensor_place *place)
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

static struct ir_inst *load_element(struct spv_builder *b, const struct spv_position *at,
                                    struct ir_inst *const *in, void *data)
{
    const struct spv_tensor_access *a = data;
    enum ir_type type = (enum ir_type)a->type->scalar;
    struct spv_tensor_place place = spv_tensor_place(b, a, at);
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
        skip = skip ? spv_emit2(b, IR_OR, IR_BOOL, skip, place.clipped) : place.clipped;
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

static struct ir_inst *store_element(struct spv_builder *b, const struct spv_position *at,
                                     struct ir_inst *const *in, void *data)
{
    const struct spv_tensor_access *a = data;
    struct spv_tensor_place place = spv_tensor_place(b, a, at);
    struct ir_inst *skip = place.outside, *value = in[0];
    if (place.clipped)
        skip = skip ? spv_emit2(b, IR_OR, IR_BOOL, skip, place.clipped) : place.clipped;
    struct spv_pointer p = pointer_of(b, a, &place);
    spv_matrix_access(b, &p, a->flags, true, skip ? spv_not(b, skip) : NULL, &value);
    return NULL;
}

/* A decode function gets physical addresses, of buffers' memory too. */
static void make_physical(struct spv_builder *b, struct spv_pointer *p)
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
static uint32_t after_memory_operands(struct spv_builder *b, const uint32_t *w, uint32_t wc,
                                      uint32_t at)
{
    if (at >= wc)
        spv_bad(b, "a tensor access without memory operands");
    uint32_t with_operand = SpvMemoryAccessAlignedMask | SpvMemoryAccessMakePointerAvailableMask |
                            SpvMemoryAccessMakePointerVisibleMask |
                            SpvMemoryAccessAliasScopeINTELMaskMask |
                            SpvMemoryAccessNoAliasINTELMaskMask;
    return at + 1 + (uint32_t)__builtin_popcount(w[at] & with_operand);
}

static struct spv_tensor_access access_of(struct spv_builder *b, const uint32_t *w, uint32_t wc,
                                          const struct spv_type *type, uint32_t pointer,
                                          uint32_t layout, bool store)
{
    const struct spv_value *tensor = spv_operand(b, w[layout]), *view;
    uint32_t align_B, at = after_memory_operands(b, w, wc, layout + 1);
    struct spv_tensor_access a = {.type = type,
                       .layout = spv_tensor_type(b, tensor->type, false)->tensor,
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
        a.view = spv_tensor_type(b, view->type, true)->tensor;
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

void spv_op_tensor_load(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_type *type = spv_cooperative(b, spv_type_at(b, w[1]));
    const struct spv_value *object = spv_operand(b, w[4]);
    struct spv_tensor_access a = access_of(b, w, wc, type, 3, 5, false);
    if (object->type != type)
        spv_bad(b, "the object of OpCooperativeMatrixLoadTensorNV is not of the result's type");
    struct ir_inst *const *inputs[] = {object->leaves};
    struct spv_value *value = spv_result(b, w);
    spv_matrix_each(b, type, inputs, a.view ? 1 : 0, value->leaves, load_element, &a);
}

void spv_op_tensor_store(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *object = spv_operand(b, w[2]);
    const struct spv_type *type = spv_cooperative(b, object->type);
    struct spv_tensor_access a = access_of(b, w, wc, type, 1, 3, true);
    struct ir_inst *const *inputs[] = {object->leaves};
    spv_matrix_each(b, type, inputs, 1, NULL, store_element, &a);
}
