/* SPDX-License-Identifier: MIT
 *
 * Constants, specialisation applied. A constant is an ordinary value whose leaves are CONSTs, so
 * OpSpecConstantOp is the ordinary instruction on constants: emission folds it.
 */
#include <string.h>

#include "spv_builder.h"

/* The request's data for a specialisation constant; false if it has none. */
static bool specialised(struct spv_builder *b, uint32_t id, uint32_t size_B, uint64_t *bits_out)
{
    const struct spv_decoration *d = spv_decoration(b->mod, id, SPV_NO_MEMBER, SpvDecorationSpecId);
    if (!d || d->count == 0 || b->mod->library)
        return false;
    const struct weft_request *request = b->m->request;
    const struct weft_spec_entry *entries = request_spec_entries(request);
    for (uint32_t i = 0; i < request->spec_entry_count; i++) {
        if (entries[i].id != d->words[0])
            continue;
        uint64_t bits = 0;
        if (entries[i].size_B < size_B || entries[i].size_B > 8)
            spv_bad(b, "specialisation constant %u has %u bytes of data, not %u", d->words[0],
                    entries[i].size_B, size_B);
        memcpy(&bits, request_spec_data(request) + entries[i].offset_B, size_B);
        *bits_out = bits;
        return true;
    }
    return false;
}

static void read_scalar(struct spv_builder *b, const uint32_t *w, uint32_t wc, bool spec)
{
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_INT && value->type->kind != SPV_TYPE_FLOAT)
        spv_bad(b, "a scalar constant of type %%%u", w[1]);
    enum ir_type type = (enum ir_type)value->type->scalar;
    uint32_t size_B = ir_type_B(type);
    if (wc < (size_B > 4 ? 5u : 4u))
        spv_bad(b, "the constant's value is missing");
    uint64_t bits = w[3] | (size_B > 4 ? (uint64_t)w[4] << 32 : 0);
    if (spec)
        specialised(b, w[2], size_B, &bits);
    value->leaves[0] = spv_const(b, type, bits & spv_mask(type));
}

static void read_bool(struct spv_builder *b, const uint32_t *w, bool bits, bool spec)
{
    struct spv_value *value = spv_result(b, w);
    uint64_t data;
    if (value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "a boolean constant of type %%%u", w[1]);
    if (spec && specialised(b, w[2], 4, &data)) /* VkBool32 */
        bits = data != 0;
    value->leaves[0] = spv_bool(b, bits);
}

static void read_composite(struct spv_builder *b, const uint32_t *w, uint32_t wc, bool replicate)
{
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = value->type;
    replicate |= type->cooperative;
    if (!spv_is_composite(type) || (replicate ? wc != 4 : wc - 3 != type->count))
        spv_bad(b, "%u constituents of a composite constant of type %%%u", wc - 3, w[1]);
    for (uint32_t k = 0; k < type->count; k++) {
        uint32_t leaf = 0, path = 0;
        const struct spv_type *part = spv_part(type, k, &leaf, &path);
        const struct spv_value *x = spv_operand(b, w[replicate ? 3 : 3 + k]);
        if (x->type != part)
            spv_bad(b, "constituent %u is of the wrong type", k);
        if (part->leaf_count)
            memcpy(&value->leaves[leaf], x->leaves, part->leaf_count * sizeof(x->leaves[0]));
    }
}

static void read_null(struct spv_builder *b, const uint32_t *w)
{
    const struct spv_type *type = spv_type_at(b, w[1]);
    if (type->kind == SPV_TYPE_VOID || type->kind == SPV_TYPE_FUNCTION ||
        type->kind == SPV_TYPE_OPAQUE || type->has_handle)
        spv_bad(b, "a null constant of type %%%u", w[1]);
    struct spv_value *value = spv_result(b, w);
    for (uint32_t i = 0; i < type->leaf_count; i++)
        value->leaves[i] = spv_const(b, spv_leaf_type(type, i), 0);
    /* No workgroup variable lies where such a pointer points to. */
    bool workgroup = type->kind == SPV_TYPE_POINTER && type->storage == SpvStorageClassWorkgroup;
    if (b->shared_B == 0 && (workgroup || (spv_is_composite(type) && type->has_pointer)))
        b->shared_B = b->shared_start_B = 64;
}

/* Runs the operation as an instruction of its own. */
static void read_operation(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[3];
    bool has_result, has_type;
    spv_op_result(op, &has_result, &has_type);
    if (op > 0xffff || !has_type || op == SpvOpSpecConstantOp || op == SpvOpPhi)
        spv_bad(b, "OpSpecConstantOp of opcode %u", op);
    if (op == SpvOpAccessChain || op == SpvOpInBoundsAccessChain || op == SpvOpPtrAccessChain)
        spv_unsupported(b, "OpSpecConstantOp of %s", spv_op_name(op));
    if (wc - 1 < spv_op_min_words(b, op))
        spv_bad(b, "OpSpecConstantOp of %s is too short", spv_op_name(op));
    uint32_t *fake = arena_array(b->arena, uint32_t, wc - 1);
    fake[0] = (wc - 1) << 16 | op;
    fake[1] = w[1];
    fake[2] = w[2];
    memcpy(&fake[3], &w[4], (wc - 4) * sizeof(w[0]));
    spv_instruction(b, fake, wc - 1);
    struct spv_value *value = b->mod->ids[w[2]].value;
    if (!value || value->pointer)
        spv_bad(b, "OpSpecConstantOp of %s", spv_op_name(op));
    for (uint32_t i = 0; i < value->type->leaf_count; i++)
        if (!spv_is_const(value->leaves[i]) && value->leaves[i]->op != IR_UNDEF)
            spv_unsupported(b, "OpSpecConstantOp of %s", spv_op_name(op));
}

void spv_read_constant(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    struct spv_id *slot = spv_id_at(b, w[2]);
    switch (op) {
    case SpvOpConstantTrue:
    case SpvOpConstantFalse:
        read_bool(b, w, op == SpvOpConstantTrue, false);
        break;
    case SpvOpSpecConstantTrue:
    case SpvOpSpecConstantFalse:
        read_bool(b, w, op == SpvOpSpecConstantTrue, true);
        break;
    case SpvOpConstant:
    case SpvOpSpecConstant:
        read_scalar(b, w, wc, op == SpvOpSpecConstant);
        break;
    case SpvOpConstantComposite:
    case SpvOpSpecConstantComposite:
        read_composite(b, w, wc, false);
        break;
    case SpvOpConstantCompositeReplicateEXT:
    case SpvOpSpecConstantCompositeReplicateEXT:
        read_composite(b, w, wc, true);
        break;
    case SpvOpConstantNull:
        read_null(b, w);
        break;
    case SpvOpUndef:
        spv_set(b, w[2], spv_undef_value(b, spv_type_at(b, w[1])));
        break;
    case SpvOpSpecConstantOp:
        read_operation(b, w, wc);
        break;
    default:
        spv_unsupported(b, "constants of this kind");
    }
    slot->kind = SPV_CONSTANT;
}
