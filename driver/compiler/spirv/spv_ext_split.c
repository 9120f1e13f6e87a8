/* SPDX-License-Identifier: MIT
 *
 * Modf and Frexp: two results, the second to a pointer, or both in a structure.
 */
#include <math.h>
#include <spirv/unified1/GLSL.std.450.h>

#include "spv_ext450.h"

/* 0.5 <= |mantissa| < 1; zeros, infinities and NaNs keep their value and have exponent 0. */
static void frexp_of(struct spv_builder *b, struct ir_inst *x, struct ir_inst **mantissa_out,
                     struct ir_inst **exponent_out)
{
    enum ir_type type = (enum ir_type)x->type, work = type == IR_F64 ? IR_F64 : IR_F32;
    struct spv_ext_layout l = spv_ext_layout(work);
    uint64_t field = 2 * (uint64_t)l.bias + 1;
    x = spv_float_to(b, x, work);
    struct ir_inst *small =
        spv_emit2(b, IR_FOLT, IR_BOOL, spv_emit1(b, IR_FABS, work, x),
                  spv_const(b, work, (uint64_t)1 << l.mantissa)); /* the smallest normal */
    struct ir_inst *scaled =
        spv_emit2(b, IR_FMUL, work, x, spv_const_float(b, work, ldexp(1, (int)l.mantissa + 1)));
    struct ir_inst *y = spv_select(b, small, scaled, x);
    struct ir_inst *bits = spv_emit1(b, IR_BITCAST, l.bits, y);
    struct ir_inst *exponent = spv_emit2(
        b, IR_AND, l.bits, spv_emit2(b, IR_LSHR, l.bits, bits, spv_const(b, l.bits, l.mantissa)),
        spv_const(b, l.bits, field));
    struct ir_inst *special = spv_emit2(
        b, IR_OR, IR_BOOL, spv_emit2(b, IR_EQ, IR_BOOL, exponent, spv_const(b, l.bits, 0)),
        spv_emit2(b, IR_EQ, IR_BOOL, exponent, spv_const(b, l.bits, field)));
    bits = spv_emit2(b, IR_AND, l.bits, bits, spv_const(b, l.bits, ~(field << l.mantissa)));
    bits = spv_emit2(b, IR_OR, l.bits, bits,
                     spv_const(b, l.bits, (uint64_t)(l.bias - 1) << l.mantissa));
    struct ir_inst *e = spv_to_int(b, exponent, IR_I32, false);
    e = spv_emit2(
        b, IR_SUB, IR_I32, e,
        spv_select(b, small, spv_i32(b, l.bias - 1 + l.mantissa + 1), spv_i32(b, l.bias - 1)));
    x = spv_select(b, special, x, spv_emit1(b, IR_BITCAST, work, bits));
    *mantissa_out = spv_float_to(b, x, type);
    *exponent_out = spv_select(b, special, spv_i32(b, 0), e);
}

static void split(struct spv_builder *b, uint32_t inst, struct ir_inst *x, struct ir_inst **first,
                  struct ir_inst **second)
{
    enum ir_type type = (enum ir_type)x->type;
    if (inst == GLSLstd450Frexp || inst == GLSLstd450FrexpStruct) {
        frexp_of(b, x, first, second);
        return;
    }
    *second = spv_emit1(b, IR_FTRUNC, type, x);
    struct ir_inst *rest = spv_emit2(b, IR_FSUB, type, x, *second);
    rest = spv_select(b, spv_is_inf(b, &x, type), spv_const_float(b, type, 0), rest);
    /* Both results have the argument's sign, zeros too; the rest of others has it already. */
    unsigned bits = ir_type_bits(type);
    enum ir_type whole = bits == 16 ? IR_I16 : bits == 32 ? IR_I32 : IR_I64;
    struct ir_inst *sign = spv_emit2(b, IR_AND, whole, spv_emit1(b, IR_BITCAST, whole, x),
                                     spv_const(b, whole, (uint64_t)1 << (bits - 1)));
    rest = spv_emit2(b, IR_OR, whole, spv_emit1(b, IR_BITCAST, whole, rest), sign);
    *first = spv_emit1(b, IR_BITCAST, type, rest);
}

void spv_ext_two_results(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[5]);
    bool to_struct = w[4] == GLSLstd450ModfStruct || w[4] == GLSLstd450FrexpStruct;
    const struct spv_type *result = spv_type_at(b, w[1]), *second;
    uint32_t n = x->type->leaf_count;
    const struct spv_pointer *p = NULL;
    spv_ext_check_float(b, x->type);
    if (to_struct) {
        if (result->kind != SPV_TYPE_STRUCT || result->count != 2 ||
            result->members[0].type != x->type)
            spv_bad(b, "the result is not a structure of two");
        second = result->members[1].type;
    } else {
        if (wc < 7 || result != x->type)
            spv_bad(b, "the operands do not fit the result");
        p = spv_pointer_at(b, w[6]);
        second = p->pointee;
        if (spv_operand(b, w[6])->type->untyped)
            spv_unsupported(b, "a second result through an untyped pointer");
    }
    bool frexp = w[4] == GLSLstd450Frexp || w[4] == GLSLstd450FrexpStruct;
    if (!spv_is_numeric(second) || second->leaf_count != n ||
        (frexp ? !ir_type_is_int((enum ir_type)second->scalar) : second != x->type))
        spv_bad(b, "the second result is of the wrong type");
    struct ir_inst **seconds = arena_array(b->arena, struct ir_inst *, n);
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < n; k++) {
        split(b, w[4], x->leaves[k], &value->leaves[k], &seconds[k]);
        if (frexp)
            seconds[k] = spv_to_int(b, seconds[k], (enum ir_type)second->scalar, true);
        if (to_struct)
            value->leaves[n + k] = seconds[k];
    }
    if (p)
        spv_store(b, p, 0, 0, seconds);
}
