/* SPDX-License-Identifier: MIT
 *
 * Vectors, arrays and structures: moving leaves about. No instruction is emitted but for dynamic
 * indices and bit casts.
 */
#include <string.h>

#include "spv_builder.h"

void spv_op_undef(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type = spv_type_at(b, w[1]);
    /* These may be declared; there is nothing that can be done with one, and the name stays without a value. */
    if (!type->has_handle && type->kind != SPV_TYPE_RUNTIME_ARRAY)
        spv_set(b, w[2], spv_undef_value(b, type));
}

void spv_op_copy_object(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_operand(b, w[3]);
    if (value->type != spv_type_at(b, w[1]))
        spv_bad(b, "%%%u is not of the result's type", w[3]);
    spv_set(b, w[2], value);
}

/* Types that differ in decorations only: the same leaves. */
void spv_op_copy_logical(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    bool same = x->leaves && x->type->leaf_count == value->type->leaf_count;
    for (uint32_t i = 0; same && i < value->type->leaf_count; i++)
        same = spv_leaf_type(value->type, i) == spv_leaf_type(x->type, i);
    if (!same)
        spv_bad(b, "the types do not match logically");
    value->leaves = x->leaves;
}

/* ---- Construction and parts ---- */

static void construct_vector(struct spv_builder *b, struct spv_value *value, const uint32_t *ids,
                             uint32_t count)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct spv_value *x = spv_operand(b, ids[i]);
        if (!spv_is_numeric(x->type) || x->type->scalar != value->type->scalar ||
            x->type->leaf_count > value->type->leaf_count - at)
            spv_bad(b, "constituent %%%u does not fit", ids[i]);
        memcpy(&value->leaves[at], x->leaves, x->type->leaf_count * sizeof(x->leaves[0]));
        at += x->type->leaf_count;
    }
    if (at != value->type->leaf_count)
        spv_bad(b, "%u components for a vector of %u", at, value->type->leaf_count);
}

void spv_op_composite_construct(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *type = value->type;
    bool replicate =
        (w[0] & 0xffff) == SpvOpCompositeConstructReplicateEXT || type->cooperative;
    if (type->kind == SPV_TYPE_VECTOR && !replicate) {
        construct_vector(b, value, &w[3], wc - 3);
        return;
    }
    if (!spv_is_composite(type) || (replicate ? wc != 4 : wc - 3 != type->count))
        spv_bad(b, "%u constituents for type %%%u", wc - 3, type->id);
    for (uint32_t k = 0; k < type->count; k++) {
        uint32_t leaf = 0, path = 0, id = w[replicate ? 3 : 3 + k];
        const struct spv_type *part = spv_part(type, k, &leaf, &path);
        const struct spv_value *x = spv_operand(b, id);
        if (x->type != part)
            spv_bad(b, "constituent %%%u is not of the member's type", id);
        if (part->leaf_count)
            memcpy(&value->leaves[leaf], spv_leaves(b, x),
                   part->leaf_count * sizeof(value->leaves[0]));
    }
}

/* Follows literal indices; the first leaf is added to the output. */
static const struct spv_type *follow(struct spv_builder *b, const struct spv_type *type,
                                     const uint32_t *indices, uint32_t count, uint32_t *leaf_out)
{
    uint32_t path = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (indices[i] >= spv_part_count(type))
            spv_bad(b, "index %u into %u parts of type %%%u", indices[i], spv_part_count(type),
                    type->id);
        type = spv_part(type, indices[i], leaf_out, &path);
    }
    return type;
}

void spv_op_composite_extract(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[3]);
    uint32_t leaf = 0;
    const struct spv_type *part = follow(b, x->type, &w[4], wc - 4, &leaf);
    if (wc > 4 && part != spv_type_at(b, w[1]))
        spv_bad(b, "the part is not of the result's type");
    if (wc == 4) {
        spv_op_copy_object(b, w, wc);
        return;
    }
    struct spv_value *value = spv_result(b, w);
    value->leaves = &x->leaves[leaf];
}

void spv_op_composite_insert(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *part = spv_operand(b, w[3]), *x = spv_operand(b, w[4]);
    uint32_t leaf = 0;
    const struct spv_type *type = follow(b, x->type, &w[5], wc - 5, &leaf);
    if (type != part->type || x->type != spv_type_at(b, w[1]))
        spv_bad(b, "the object is not of the part's type");
    struct spv_value *value = spv_result(b, w);
    memcpy(value->leaves, spv_leaves(b, x), x->type->leaf_count * sizeof(value->leaves[0]));
    if (type->leaf_count)
        memcpy(&value->leaves[leaf], spv_leaves(b, part),
               type->leaf_count * sizeof(value->leaves[0]));
}

void spv_op_vector_shuffle(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    struct spv_value *value = spv_result(b, w);
    if (x->type->kind != SPV_TYPE_VECTOR || y->type->kind != SPV_TYPE_VECTOR ||
        value->type->kind != SPV_TYPE_VECTOR || x->type->scalar != value->type->scalar ||
        y->type->scalar != value->type->scalar || wc - 5 != value->type->count)
        spv_bad(b, "the operands do not fit the result");
    for (uint32_t k = 0; k < value->type->count; k++) {
        uint32_t i = w[5 + k];
        if (i == UINT32_MAX)
            value->leaves[k] = spv_undef(b, (enum ir_type)value->type->scalar);
        else if (i < x->type->count)
            value->leaves[k] = x->leaves[i];
        else if (i - x->type->count < y->type->count)
            value->leaves[k] = y->leaves[i - x->type->count];
        else
            spv_bad(b, "component %u of %u", i, x->type->count + y->type->count);
    }
}

void spv_op_vector_extract_dynamic(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct ir_inst *index = spv_int_scalar(b, w[4]);
    if (x->type->kind != SPV_TYPE_VECTOR || x->type->element != spv_type_at(b, w[1]))
        spv_bad(b, "%%%u is not a vector of the result's type", w[3]);
    struct ir_inst *leaf = x->leaves[0];
    for (uint32_t k = 1; k < x->type->count; k++) {
        struct ir_inst *constant = spv_const(b, (enum ir_type)index->type, k);
        leaf = spv_select(b, spv_emit2(b, IR_EQ, IR_BOOL, index, constant), x->leaves[k], leaf);
    }
    spv_result(b, w)->leaves[0] = leaf;
}

void spv_op_vector_insert_dynamic(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]), *part = spv_operand(b, w[4]);
    struct ir_inst *index = spv_int_scalar(b, w[5]);
    if (x->type->kind != SPV_TYPE_VECTOR || x->type != spv_type_at(b, w[1]) ||
        part->type != x->type->element)
        spv_bad(b, "the operands do not fit the result");
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < x->type->count; k++) {
        struct ir_inst *constant = spv_const(b, (enum ir_type)index->type, k);
        value->leaves[k] = spv_select(b, spv_emit2(b, IR_EQ, IR_BOOL, index, constant),
                                      part->leaves[0], x->leaves[k]);
    }
}

/* ---- Choice ---- */

void spv_op_select(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_value *cond = spv_operand(b, w[3]);
    struct spv_value *x = spv_operand(b, w[4]), *y = spv_operand(b, w[5]);
    if (cond->type->scalar != IR_BOOL || !spv_is_numeric(cond->type) || x->type != type ||
        y->type != type ||
        (cond->type->leaf_count != 1 && cond->type->leaf_count != type->leaf_count))
        spv_bad(b, "the operands do not fit the result");
    if (cond->type->leaf_count == 1 && spv_is_const(cond->leaves[0])) {
        if (!cond->leaves[0]->imm)
            x = y;
        if (type->has_pointer) {
            spv_set(b, w[2], x);
            return;
        }
        struct spv_value *value = spv_result(b, w);
        for (uint32_t k = 0; k < type->leaf_count; k++)
            value->leaves[k] = spv_unfused(b, x->leaves[k]);
        return;
    }
    struct ir_inst **xs = spv_leaves(b, x), **ys = spv_leaves(b, y);
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < type->leaf_count; k++)
        value->leaves[k] = spv_select(b, cond->leaves[cond->type->leaf_count == 1 ? 0 : k],
                                      xs[k], ys[k]);
}

void spv_op_any_all(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (x->type->kind != SPV_TYPE_VECTOR || x->type->scalar != IR_BOOL ||
        value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "the operand is not a vector of booleans");
    struct ir_inst *all = x->leaves[0];
    for (uint32_t k = 1; k < x->type->count; k++)
        all = spv_emit2(b, (w[0] & 0xffff) == SpvOpAny ? IR_OR : IR_AND, IR_BOOL, all,
                        x->leaves[k]);
    value->leaves[0] = all;
}

/* ---- Bit casts ---- */

static enum ir_type int_of(unsigned bits)
{
    return bits == 8 ? IR_I8 : bits == 16 ? IR_I16 : bits == 32 ? IR_I32 : IR_I64;
}

/* Leaves of one width as leaves of another; the lowest bits come first. */
void spv_bitcast(struct spv_builder *b, struct ir_inst *const *from, uint32_t from_count,
                 struct ir_inst **to, uint32_t to_count, enum ir_type to_type)
{
    unsigned from_bits = ir_type_bits((enum ir_type)from[0]->type);
    unsigned to_bits = ir_type_bits(to_type);
    enum ir_type from_int = int_of(from_bits), to_int = int_of(to_bits);
    if (from_bits * from_count != to_bits * to_count || from[0]->type == IR_BOOL ||
        to_type == IR_BOOL)
        spv_bad(b, "a bit cast of %u bits to %u", from_bits * from_count, to_bits * to_count);
    for (uint32_t k = 0; k < to_count; k++) {
        struct ir_inst *x = NULL;
        if (from_bits >= to_bits) {
            uint32_t per = from_bits / to_bits;
            x = from[k / per];
            if (per == 1) {
                to[k] = spv_emit1(b, IR_BITCAST, to_type, x);
                continue;
            }
            x = spv_emit1(b, IR_BITCAST, from_int, x);
            x = spv_emit2(b, IR_LSHR, from_int, x, spv_const(b, from_int, k % per * to_bits));
            x = spv_emit1(b, IR_TRUNC, to_int, x);
        } else {
            uint32_t per = to_bits / from_bits;
            for (uint32_t i = 0; i < per; i++) {
                struct ir_inst *part = spv_emit1(b, IR_BITCAST, from_int, from[k * per + i]);
                part = spv_emit1(b, IR_ZEXT, to_int, part);
                part = spv_emit2(b, IR_SHL, to_int, part, spv_const(b, to_int, i * from_bits));
                x = x ? spv_emit2(b, IR_OR, to_int, x, part) : part;
            }
        }
        to[k] = spv_emit1(b, IR_BITCAST, to_type, x);
    }
}

static bool is_bits(const struct spv_type *type)
{
    return spv_is_numeric(type) ||
           (type->kind == SPV_TYPE_POINTER &&
            type->storage == SpvStorageClassPhysicalStorageBuffer);
}

void spv_op_bitcast(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_value *x = spv_operand(b, w[3]);
    if (!is_bits(type) || !is_bits(x->type))
        spv_bad(b, "a bit cast between types %%%u and %%%u", x->type->id, type->id);
    struct ir_inst **from = spv_leaves(b, x);
    struct spv_value *value = spv_result(b, w);
    bool pointer = type->kind == SPV_TYPE_POINTER || x->type->kind == SPV_TYPE_POINTER;
    if (pointer && x->type->leaf_count == 1 && type->leaf_count == 1) { /* widths may differ */
        enum ir_type to = spv_leaf_type(type, 0);
        if (!ir_type_is_int(to) || !ir_type_is_int((enum ir_type)from[0]->type))
            spv_bad(b, "a pointer from or to something else than an integer");
        value->leaves[0] = spv_to_int(b, from[0], to, false);
        return;
    }
    spv_bitcast(b, from, x->type->leaf_count, value->leaves, type->leaf_count,
                spv_leaf_type(type, 0));
}
