/* SPDX-License-Identifier: MIT
 *
 * Extended instructions: GLSL.std.450, and the lines of debug information. One row an instruction.
 */
#include <math.h>
#include <spirv/unified1/GLSL.std.450.h>
#include <spirv/unified1/NonSemanticShaderDebugInfo100.h>

#include "spv_builder.h"

#define ARGS struct spv_builder *b, struct ir_inst *const *args, enum ir_type type

static struct ir_inst *
number(struct spv_builder *b, enum ir_type type, double value)
{
    return spv_const_float(b, type, value);
}

/* ---- Componentwise ---- */

static struct ir_inst *
sabs(ARGS)
{
    return spv_emit2(b, IR_SMAX, type, args[0], spv_snegate(b, args, type));
}

static struct ir_inst *
fsign(ARGS)
{
    struct ir_inst *zero = number(b, type, 0);
    struct ir_inst *minus = spv_select(b, spv_emit2(b, IR_FOLT, IR_BOOL, args[0], zero),
                                       number(b, type, -1), zero);
    return spv_select(b, spv_emit2(b, IR_FOLT, IR_BOOL, zero, args[0]), number(b, type, 1),
                      minus);
}

static struct ir_inst *
ssign(ARGS)
{
    struct ir_inst *x = spv_emit2(b, IR_SMAX, type, args[0], spv_const(b, type, UINT64_MAX));
    return spv_emit2(b, IR_SMIN, type, x, spv_const(b, type, 1));
}

static struct ir_inst *
fract(ARGS)
{
    return spv_emit2(b, IR_FSUB, type, args[0], spv_emit1(b, IR_FFLOOR, type, args[0]));
}

static struct ir_inst *
radians(ARGS)
{
    return spv_emit2(b, IR_FMUL, type, args[0], number(b, type, M_PI / 180));
}

static struct ir_inst *
degrees(ARGS)
{
    return spv_emit2(b, IR_FMUL, type, args[0], number(b, type, 180 / M_PI));
}

static struct ir_inst *
fclamp(ARGS)
{
    return spv_emit2(b, IR_FMIN, type, spv_emit2(b, IR_FMAX, type, args[0], args[1]), args[2]);
}

static struct ir_inst *
uclamp(ARGS)
{
    return spv_emit2(b, IR_UMIN, type, spv_emit2(b, IR_UMAX, type, args[0], args[1]), args[2]);
}

static struct ir_inst *
sclamp(ARGS)
{
    return spv_emit2(b, IR_SMIN, type, spv_emit2(b, IR_SMAX, type, args[0], args[1]), args[2]);
}

static struct ir_inst *
fmix(ARGS)
{
    struct ir_inst *rest = spv_emit2(b, IR_FSUB, type, number(b, type, 1), args[2]);
    return spv_emit2(b, IR_FADD, type, spv_emit2(b, IR_FMUL, type, args[0], rest),
                     spv_emit2(b, IR_FMUL, type, args[1], args[2]));
}

static struct ir_inst *
step(ARGS)
{
    return spv_select(b, spv_emit2(b, IR_FOLT, IR_BOOL, args[1], args[0]), number(b, type, 0),
                      number(b, type, 1));
}

static struct ir_inst *
smoothstep(ARGS)
{
    struct ir_inst *t = spv_emit2(b, IR_FDIV, type, spv_emit2(b, IR_FSUB, type, args[2], args[0]),
                                  spv_emit2(b, IR_FSUB, type, args[1], args[0]));
    t = spv_emit2(b, IR_FMAX, type, t, number(b, type, 0));
    t = spv_emit2(b, IR_FMIN, type, t, number(b, type, 1));
    struct ir_inst *rest = spv_emit2(b, IR_FSUB, type, number(b, type, 3),
                                     spv_emit2(b, IR_FMUL, type, number(b, type, 2), t));
    return spv_emit2(b, IR_FMUL, type, spv_emit2(b, IR_FMUL, type, t, t), rest);
}

/* Exponents of a float type; halves are done as singles. */
struct layout {
    enum ir_type bits;
    unsigned mantissa, bias;
};

static struct layout
layout_of(enum ir_type type)
{
    return type == IR_F64 ? (struct layout){IR_I64, 52, 1023} : (struct layout){IR_I32, 23, 127};
}

static struct ir_inst *
power_of_two(struct spv_builder *b, struct ir_inst *exponent, enum ir_type type)
{
    struct layout l = layout_of(type);
    struct ir_inst *x = spv_to_int(b, exponent, l.bits, true);
    x = spv_emit2(b, IR_ADD, l.bits, x, spv_const(b, l.bits, l.bias));
    x = spv_emit2(b, IR_SHL, l.bits, x, spv_const(b, l.bits, l.mantissa));
    return spv_emit1(b, IR_BITCAST, type, x);
}

/* Beyond three times the largest exponent of any type, doubles' included, nothing changes. */
#define LDEXP_LIMIT INT64_C(8192)

/* x * 2^e in three steps: from the largest number to below the smallest, or back, is further than
 * twice the exponent of a power that is a number itself. */
static struct ir_inst *
ldexp_of(ARGS)
{
    enum ir_type work = type == IR_F64 ? IR_F64 : IR_F32;
    struct ir_inst *most = spv_i32(b, layout_of(work).bias);
    struct ir_inst *least = spv_i32(b, 1 - layout_of(work).bias);
    struct ir_inst *x = spv_float_to(b, args[0], work);
    struct ir_inst *e = args[1];
    /* An exponent of 64 bits is cut to what matters before it loses its upper half. */
    if (e->type == IR_I64) {
        e = spv_emit2(b, IR_SMAX, IR_I64, e, spv_const(b, IR_I64, (uint64_t)-LDEXP_LIMIT));
        e = spv_emit2(b, IR_SMIN, IR_I64, e, spv_const(b, IR_I64, LDEXP_LIMIT));
    }
    e = spv_to_int(b, e, IR_I32, true);
    for (int i = 0; i < 3; i++) {
        struct ir_inst *part = spv_emit2(b, IR_SMAX, IR_I32, e, least);
        part = spv_emit2(b, IR_SMIN, IR_I32, part, most);
        x = spv_emit2(b, IR_FMUL, work, x, power_of_two(b, part, work));
        e = spv_emit2(b, IR_SUB, IR_I32, e, part);
    }
    return spv_float_to(b, x, type);
}

/* 0.5 <= |mantissa| < 1; zeros, infinities and NaNs keep their value and have exponent 0. */
static void
frexp_of(struct spv_builder *b, struct ir_inst *x, struct ir_inst **mantissa_out,
         struct ir_inst **exponent_out)
{
    enum ir_type type = (enum ir_type)x->type, work = type == IR_F64 ? IR_F64 : IR_F32;
    struct layout l = layout_of(work);
    uint64_t field = 2 * (uint64_t)l.bias + 1;
    x = spv_float_to(b, x, work);
    struct ir_inst *small =
        spv_emit2(b, IR_FOLT, IR_BOOL, spv_emit1(b, IR_FABS, work, x),
                  spv_const(b, work, (uint64_t)1 << l.mantissa)); /* the smallest normal */
    struct ir_inst *scaled =
        spv_emit2(b, IR_FMUL, work, x, number(b, work, ldexp(1, (int)l.mantissa + 1)));
    struct ir_inst *y = spv_select(b, small, scaled, x);
    struct ir_inst *bits = spv_emit1(b, IR_BITCAST, l.bits, y);
    struct ir_inst *exponent =
        spv_emit2(b, IR_AND, l.bits,
                  spv_emit2(b, IR_LSHR, l.bits, bits, spv_const(b, l.bits, l.mantissa)),
                  spv_const(b, l.bits, field));
    struct ir_inst *special = spv_emit2(
        b, IR_OR, IR_BOOL, spv_emit2(b, IR_EQ, IR_BOOL, exponent, spv_const(b, l.bits, 0)),
        spv_emit2(b, IR_EQ, IR_BOOL, exponent, spv_const(b, l.bits, field)));
    bits = spv_emit2(b, IR_AND, l.bits, bits, spv_const(b, l.bits, ~(field << l.mantissa)));
    bits = spv_emit2(b, IR_OR, l.bits, bits,
                     spv_const(b, l.bits, (uint64_t)(l.bias - 1) << l.mantissa));
    struct ir_inst *e = spv_to_int(b, exponent, IR_I32, false);
    e = spv_emit2(b, IR_SUB, IR_I32, e,
                  spv_select(b, small, spv_i32(b, l.bias - 1 + l.mantissa + 1),
                             spv_i32(b, l.bias - 1)));
    x = spv_select(b, special, x, spv_emit1(b, IR_BITCAST, work, bits));
    *mantissa_out = spv_float_to(b, x, type);
    *exponent_out = spv_select(b, special, spv_i32(b, 0), e);
}

static struct ir_inst *
find_lsb(ARGS)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    struct ir_inst *none =
        spv_emit2(b, IR_EQ, IR_BOOL, args[0], spv_const(b, from, 0));
    struct ir_inst *bit = spv_to_int(b, spv_emit1(b, IR_CTZ, from, args[0]), type, false);
    return spv_select(b, none, spv_const(b, type, UINT64_MAX), bit);
}

static struct ir_inst *
find_umsb(ARGS)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    struct ir_inst *top = spv_const(b, from, ir_type_bits(from) - 1);
    struct ir_inst *bit =
        spv_emit2(b, IR_SUB, from, top, spv_emit1(b, IR_CLZ, from, args[0])); /* -1 for none */
    return spv_to_int(b, bit, type, true);
}

static struct ir_inst *
find_smsb(ARGS)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    struct ir_inst *sign = spv_emit2(b, IR_ASHR, from, args[0],
                                     spv_const(b, from, ir_type_bits(from) - 1));
    struct ir_inst *x = spv_emit2(b, IR_XOR, from, args[0], sign);
    return find_umsb(b, &x, type);
}

/* ---- Vectors ---- */

static void
check_float(struct spv_builder *b, const struct spv_type *type)
{
    if (!spv_is_numeric(type) || !ir_type_is_float((enum ir_type)type->scalar))
        spv_bad(b, "type %%%u is not a float scalar or vector", type->id);
}

static struct spv_value *
float_operand(struct spv_builder *b, uint32_t id, const struct spv_type *type)
{
    struct spv_value *x = spv_operand(b, id);
    if (x->type != type)
        spv_bad(b, "%%%u is of another type than the rest", id);
    return x;
}

static struct ir_inst *
length_of(struct spv_builder *b, struct ir_inst *const *x, uint32_t n)
{
    enum ir_type type = (enum ir_type)x[0]->type;
    if (n == 1)
        return spv_emit1(b, IR_FABS, type, x[0]);
    return spv_emit1(b, IR_FSQRT, type, spv_dot(b, x, 1, x, 1, n));
}

static void
length_or_distance(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[5]);
    struct spv_value *value = spv_result(b, w);
    uint32_t n = x->type->leaf_count;
    enum ir_type type = (enum ir_type)x->type->scalar;
    check_float(b, x->type);
    if (value->type->kind != SPV_TYPE_FLOAT || value->type->scalar != type ||
        (w[4] == GLSLstd450Distance && wc < 7))
        spv_bad(b, "the operands do not fit the result");
    if (w[4] == GLSLstd450Length) {
        value->leaves[0] = length_of(b, x->leaves, n);
        return;
    }
    const struct spv_value *y = float_operand(b, w[6], x->type);
    struct ir_inst **difference = arena_array(b->arena, struct ir_inst *, n);
    for (uint32_t k = 0; k < n; k++)
        difference[k] = spv_emit2(b, IR_FSUB, type, x->leaves[k], y->leaves[k]);
    value->leaves[0] = length_of(b, difference, n);
}

static void
normalize(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_result(b, w);
    const struct spv_value *x = float_operand(b, w[5], value->type);
    check_float(b, x->type);
    enum ir_type type = (enum ir_type)x->type->scalar;
    if (x->type->leaf_count == 1) {
        value->leaves[0] = fsign(b, x->leaves, type);
        return;
    }
    struct ir_inst *scale = spv_emit1(
        b, IR_FRSQRT, type, spv_dot(b, x->leaves, 1, x->leaves, 1, x->type->leaf_count));
    for (uint32_t k = 0; k < x->type->leaf_count; k++)
        value->leaves[k] = spv_emit2(b, IR_FMUL, type, x->leaves[k], scale);
}

static void
cross(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_result(b, w);
    struct ir_inst **x = float_operand(b, w[5], value->type)->leaves;
    struct ir_inst **y = float_operand(b, w[6], value->type)->leaves;
    check_float(b, value->type);
    if (value->type->leaf_count != 3)
        spv_bad(b, "a cross product of %u components", value->type->leaf_count);
    enum ir_type type = (enum ir_type)value->type->scalar;
    for (uint32_t k = 0; k < 3; k++) {
        uint32_t i = (k + 1) % 3, j = (k + 2) % 3;
        value->leaves[k] = spv_emit2(b, IR_FSUB, type, spv_emit2(b, IR_FMUL, type, x[i], y[j]),
                                     spv_emit2(b, IR_FMUL, type, y[i], x[j]));
    }
}

static void
face_forward(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_result(b, w);
    struct ir_inst **n = float_operand(b, w[5], value->type)->leaves;
    struct ir_inst **i = float_operand(b, w[6], value->type)->leaves;
    struct ir_inst **reference = float_operand(b, w[7], value->type)->leaves;
    check_float(b, value->type);
    enum ir_type type = (enum ir_type)value->type->scalar;
    struct ir_inst *dot = spv_dot(b, reference, 1, i, 1, value->type->leaf_count);
    struct ir_inst *facing = spv_emit2(b, IR_FOLT, IR_BOOL, dot, number(b, type, 0));
    for (uint32_t k = 0; k < value->type->leaf_count; k++)
        value->leaves[k] = spv_select(b, facing, n[k], spv_emit1(b, IR_FNEG, type, n[k]));
}

static void
reflect(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_result(b, w);
    struct ir_inst **i = float_operand(b, w[5], value->type)->leaves;
    struct ir_inst **n = float_operand(b, w[6], value->type)->leaves;
    check_float(b, value->type);
    enum ir_type type = (enum ir_type)value->type->scalar;
    struct ir_inst *dot = spv_dot(b, n, 1, i, 1, value->type->leaf_count);
    dot = spv_emit2(b, IR_FMUL, type, dot, number(b, type, 2));
    for (uint32_t k = 0; k < value->type->leaf_count; k++)
        value->leaves[k] =
            spv_emit2(b, IR_FSUB, type, i[k], spv_emit2(b, IR_FMUL, type, dot, n[k]));
}

static void
refract(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_result(b, w);
    struct ir_inst **i = float_operand(b, w[5], value->type)->leaves;
    struct ir_inst **n = float_operand(b, w[6], value->type)->leaves;
    check_float(b, value->type);
    enum ir_type type = (enum ir_type)value->type->scalar;
    struct ir_inst *eta = spv_scalar(b, w[7]), *one = number(b, type, 1);
    if (!ir_type_is_float((enum ir_type)eta->type))
        spv_bad(b, "the ratio of refraction is not a float");
    eta = spv_float_to(b, eta, type);
    struct ir_inst *dot = spv_dot(b, n, 1, i, 1, value->type->leaf_count);
    struct ir_inst *k = spv_emit2(b, IR_FSUB, type, one, spv_emit2(b, IR_FMUL, type, dot, dot));
    k = spv_emit2(b, IR_FMUL, type, spv_emit2(b, IR_FMUL, type, eta, eta), k);
    k = spv_emit2(b, IR_FSUB, type, one, k);
    struct ir_inst *total = spv_emit2(b, IR_FOLT, IR_BOOL, k, number(b, type, 0));
    struct ir_inst *scale = spv_emit2(b, IR_FADD, type, spv_emit2(b, IR_FMUL, type, eta, dot),
                                      spv_emit1(b, IR_FSQRT, type, k));
    for (uint32_t c = 0; c < value->type->leaf_count; c++) {
        struct ir_inst *x = spv_emit2(b, IR_FSUB, type, spv_emit2(b, IR_FMUL, type, eta, i[c]),
                                      spv_emit2(b, IR_FMUL, type, scale, n[c]));
        value->leaves[c] = spv_select(b, total, number(b, type, 0), x);
    }
}

static void
matrix(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[5]);
    struct spv_value *value = spv_result(b, w);
    bool inverse = w[4] == GLSLstd450MatrixInverse;
    if (x->type->kind != SPV_TYPE_MATRIX || x->type->count != x->type->element->count ||
        value->type != (inverse ? x->type : x->type->element->element))
        spv_bad(b, "the operand is not a square matrix of the result's type");
    if (inverse)
        spv_inverse(b, x->leaves, x->type->count, value->leaves);
    else
        value->leaves[0] = spv_determinant(b, x->leaves, x->type->count);
}

/* ---- Two results: Modf, Frexp, to a pointer or as a structure ---- */

static void
split(struct spv_builder *b, uint32_t inst, struct ir_inst *x, struct ir_inst **first,
      struct ir_inst **second)
{
    enum ir_type type = (enum ir_type)x->type;
    if (inst == GLSLstd450Frexp || inst == GLSLstd450FrexpStruct) {
        frexp_of(b, x, first, second);
        return;
    }
    *second = spv_emit1(b, IR_FTRUNC, type, x);
    struct ir_inst *rest = spv_emit2(b, IR_FSUB, type, x, *second);
    rest = spv_select(b, spv_is_inf(b, &x, type), number(b, type, 0), rest);
    /* Both results have the argument's sign, zeros too; the rest of others has it already. */
    unsigned bits = ir_type_bits(type);
    enum ir_type whole = bits == 16 ? IR_I16 : bits == 32 ? IR_I32 : IR_I64;
    struct ir_inst *sign = spv_emit2(b, IR_AND, whole, spv_emit1(b, IR_BITCAST, whole, x),
                                     spv_const(b, whole, (uint64_t)1 << (bits - 1)));
    rest = spv_emit2(b, IR_OR, whole, spv_emit1(b, IR_BITCAST, whole, rest), sign);
    *first = spv_emit1(b, IR_BITCAST, type, rest);
}

static void
two_results(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[5]);
    bool to_struct = w[4] == GLSLstd450ModfStruct || w[4] == GLSLstd450FrexpStruct;
    const struct spv_type *result = spv_type_at(b, w[1]), *second;
    uint32_t n = x->type->leaf_count;
    const struct spv_pointer *p = NULL;
    check_float(b, x->type);
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

/* ---- The built-in library ---- */

static void
call_library(struct spv_builder *b, const uint32_t *w, uint32_t wc, const char *name)
{
    struct spv_value *value = spv_result(b, w);
    enum ir_type type = (enum ir_type)value->type->scalar;
    const struct spv_value *args[2];
    uint32_t count = wc - 5;
    check_float(b, value->type);
    if (type == IR_F64)
        spv_unsupported(b, "64-bit floats in a transcendental function");
    if (count > 2)
        spv_bad(b, "%u operands", count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = float_operand(b, w[5 + i], value->type);
    for (uint32_t k = 0; k < value->type->leaf_count; k++) {
        struct ir_inst *x[2];
        for (uint32_t i = 0; i < count; i++) /* the call before may have left their region */
            x[i] = spv_float_to(b, spv_usable(b, args[i]->leaves[k]), IR_F32);
        struct ir_inst *y = spv_library_call(b, name, count, x);
        value->leaves[k] = spv_float_to(b, y, type);
    }
}

/* ---- The table ---- */

static const struct row {
    uint8_t inst, operands;
    const char *signature; /* as in spv_ops.def, or NULL: run or library */
    enum ir_op ir;
    spv_scalar_fn *fn;
    spv_handler *run;
    const char *library, *library_denorm; /* the latter under DenormPreserve, where it is another */
} rows[] = {
#define ALU(name, signature, ir, fn) \
    {GLSLstd450##name, sizeof(signature) - 2, signature, ir, fn, NULL, NULL, NULL},
#define RUN(name, operands, run) \
    {GLSLstd450##name, operands, NULL, IR_OP_COUNT, NULL, run, NULL, NULL},
#define LIB(name, operands, library) \
    {GLSLstd450##name, operands, NULL, IR_OP_COUNT, NULL, NULL, library, NULL},
#define LIB2(name, operands, library) \
    {GLSLstd450##name, operands, NULL, IR_OP_COUNT, NULL, NULL, library, library "_denorm"},
    ALU(Round, "ff", IR_FRINT, NULL)
    ALU(RoundEven, "ff", IR_FRINT, NULL)
    ALU(Trunc, "ff", IR_FTRUNC, NULL)
    ALU(FAbs, "ff", IR_FABS, NULL)
    ALU(SAbs, "ii", IR_OP_COUNT, sabs)
    ALU(FSign, "ff", IR_OP_COUNT, fsign)
    ALU(SSign, "ii", IR_OP_COUNT, ssign)
    ALU(Floor, "ff", IR_FFLOOR, NULL)
    ALU(Ceil, "ff", IR_FCEIL, NULL)
    ALU(Fract, "ff", IR_OP_COUNT, fract)
    ALU(Radians, "ff", IR_OP_COUNT, radians)
    ALU(Degrees, "ff", IR_OP_COUNT, degrees)
    LIB(Sin, 1, "weft_sin")
    LIB(Cos, 1, "weft_cos")
    LIB(Tan, 1, "weft_tan")
    LIB(Asin, 1, "weft_asin")
    LIB(Acos, 1, "weft_acos")
    LIB(Atan, 1, "weft_atan")
    LIB(Sinh, 1, "weft_sinh")
    LIB(Cosh, 1, "weft_cosh")
    LIB(Tanh, 1, "weft_tanh")
    LIB(Asinh, 1, "weft_asinh")
    LIB(Acosh, 1, "weft_acosh")
    LIB(Atanh, 1, "weft_atanh")
    LIB(Atan2, 2, "weft_atan2")
    LIB2(Pow, 2, "weft_pow")
    LIB2(Exp, 1, "weft_exp")
    LIB2(Log, 1, "weft_log")
    LIB2(Exp2, 1, "weft_exp2")
    LIB2(Log2, 1, "weft_log2")
    ALU(Sqrt, "ff", IR_FSQRT, NULL)
    ALU(InverseSqrt, "ff", IR_FRSQRT, NULL)
    RUN(Determinant, 1, matrix)
    RUN(MatrixInverse, 1, matrix)
    RUN(Modf, 2, two_results)
    RUN(ModfStruct, 1, two_results)
    ALU(FMin, "fff", IR_FMIN, NULL)
    ALU(UMin, "iii", IR_UMIN, NULL)
    ALU(SMin, "iii", IR_SMIN, NULL)
    ALU(FMax, "fff", IR_FMAX, NULL)
    ALU(UMax, "iii", IR_UMAX, NULL)
    ALU(SMax, "iii", IR_SMAX, NULL)
    ALU(FClamp, "ffff", IR_OP_COUNT, fclamp)
    ALU(UClamp, "iiii", IR_OP_COUNT, uclamp)
    ALU(SClamp, "iiii", IR_OP_COUNT, sclamp)
    ALU(FMix, "ffff", IR_OP_COUNT, fmix)
    ALU(Step, "fff", IR_OP_COUNT, step)
    ALU(SmoothStep, "ffff", IR_OP_COUNT, smoothstep)
    ALU(Fma, "ffff", IR_FMA, NULL)
    RUN(Frexp, 2, two_results)
    RUN(FrexpStruct, 1, two_results)
    ALU(Ldexp, "ffI", IR_OP_COUNT, ldexp_of)
    RUN(PackSnorm4x8, 1, spv_ext_pack)
    RUN(PackUnorm4x8, 1, spv_ext_pack)
    RUN(PackSnorm2x16, 1, spv_ext_pack)
    RUN(PackUnorm2x16, 1, spv_ext_pack)
    RUN(PackHalf2x16, 1, spv_ext_pack)
    RUN(PackDouble2x32, 1, spv_ext_pack)
    RUN(UnpackSnorm2x16, 1, spv_ext_pack)
    RUN(UnpackUnorm2x16, 1, spv_ext_pack)
    RUN(UnpackHalf2x16, 1, spv_ext_pack)
    RUN(UnpackSnorm4x8, 1, spv_ext_pack)
    RUN(UnpackUnorm4x8, 1, spv_ext_pack)
    RUN(UnpackDouble2x32, 1, spv_ext_pack)
    RUN(Length, 1, length_or_distance)
    RUN(Distance, 2, length_or_distance)
    RUN(Cross, 2, cross)
    RUN(Normalize, 1, normalize)
    RUN(FaceForward, 3, face_forward)
    RUN(Reflect, 2, reflect)
    RUN(Refract, 3, refract)
    ALU(FindILsb, "II", IR_OP_COUNT, find_lsb)
    ALU(FindSMsb, "II", IR_OP_COUNT, find_smsb)
    ALU(FindUMsb, "II", IR_OP_COUNT, find_umsb)
    ALU(NMin, "fff", IR_FMIN, NULL)
    ALU(NMax, "fff", IR_FMAX, NULL)
    ALU(NClamp, "ffff", IR_OP_COUNT, fclamp)
#undef ALU
#undef RUN
#undef LIB
#undef LIB2
};

static void
glsl450(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        if (row->inst != w[4])
            continue;
        if (wc - 5 < row->operands)
            spv_bad(b, "instruction %u of GLSL.std.450 needs %u operands", w[4], row->operands);
        if (row->run) {
            row->run(b, w, wc);
        } else if (row->library) {
            bool denorm = b->mod->float_modes[IR_F32] & SPV_FLOAT_PRESERVE && row->library_denorm;
            call_library(b, w, 5u + row->operands, denorm ? row->library_denorm : row->library);
        } else {
            uint32_t plain[6] = {0, w[1], w[2]};
            for (uint32_t k = 0; k < row->operands; k++)
                plain[3 + k] = w[5 + k];
            spv_alu(b, plain, row->signature, row->ir, row->fn, false);
        }
        return;
    }
    spv_unsupported(b, "instruction %u of GLSL.std.450", w[4]);
}

/* NonSemantic.Shader.DebugInfo.100: only where lines are. */
static void
debug_info(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    if (b->mod->library)
        return;
    if (w[4] == NonSemanticShaderDebugInfo100DebugLine && wc > 6)
        b->line = spv_constant_u32(b, w[6]);
    else if (w[4] == NonSemanticShaderDebugInfo100DebugNoLine)
        b->line = 0;
}

void
spv_op_ext_inst(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_id *set = spv_id_at(b, w[3]);
    if (set->kind != SPV_EXT_SET)
        spv_bad(b, "%%%u is not an extended instruction set", w[3]);
    uint8_t flags = b->inst_flags;
    if (set->ext_set == SPV_EXT_TRINARY) {
        bool flush = spv_flush_operands(b, w[1]);
        spv_ext_trinary(b, w, wc);
        b->flush = flush;
        spv_flush_result(b, w);
    } else if (set->ext_set == SPV_EXT_GLSL450) {
        b->inst_flags |= spv_float_flags(b, w[1], w[2]);
        bool computes = w[4] != GLSLstd450PackDouble2x32;
        bool flush = computes && spv_flush_operands(b, w[1]);
        glsl450(b, w, wc);
        if (computes) {
            b->flush = flush;
            spv_flush_result(b, w);
        }
    } else if (set->ext_set == SPV_EXT_DEBUG_INFO) {
        debug_info(b, w, wc);
    }
    b->inst_flags = flags;
}

void
spv_op_line(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    if (!b->mod->library)
        b->line = (w[0] & 0xffff) == SpvOpLine ? w[2] : 0;
}
