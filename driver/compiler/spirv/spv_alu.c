/* SPDX-License-Identifier: MIT
 *
 * Arithmetic on scalars and, component by component, on vectors.
 */
#include "spv_builder.h"

static bool fits_class(char letter, enum ir_type type)
{
    switch (letter) {
    case 'i':
    case 'I':
        return ir_type_is_int(type);
    case 'f':
    case 'F':
        return ir_type_is_float(type);
    case 'b':
        return type == IR_BOOL;
    default:
        return true;
    }
}

/* Checks an operand's type against its letter; seen holds the type that a lower-case letter has had
 * before. */
static void check_class(struct spv_builder *b, char letter, const struct spv_type *type,
                        uint32_t id, uint8_t seen[128])
{
    enum ir_type scalar = (enum ir_type)type->scalar;
    if (!spv_is_numeric(type) || !fits_class(letter, scalar) || type->encoding)
        spv_bad(b, "%%%u is of the wrong type", id);
    if (letter == 'I' || letter == 'F')
        return;
    uint8_t *before = &seen[(unsigned char)letter];
    if (*before && *before != scalar)
        spv_bad(b, "%%%u is of another width than the rest", id);
    *before = (uint8_t)scalar;
}

/* Between integers and floats of encodings that no machine has: through floats that hold all of them. */
static bool convert_narrow_integer(struct spv_builder *b, const uint32_t *w, enum ir_op op)
{
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_value *x = spv_operand(b, w[3]);
    bool to_int = op == IR_F2U || op == IR_F2S;
    enum spv_encoding encoding = (enum spv_encoding)(to_int ? x->type : type)->encoding;
    enum ir_type scalar = (enum ir_type)(to_int ? type : x->type)->scalar;
    if (!encoding || !(to_int || op == IR_U2F || op == IR_S2F))
        return false;
    if (!spv_is_numeric(type) || !spv_is_numeric(x->type) || !ir_type_is_int(scalar) ||
        (to_int ? type : x->type)->encoding || type->leaf_count != x->type->leaf_count)
        spv_bad(b, "%%%u is of the wrong type", w[3]);
    bool saturate = spv_decoration(b->mod, w[2], SPV_NO_MEMBER, SPV_DECORATION_SATURATED_FLOAT8);
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < type->leaf_count; k++)
        value->leaves[k] =
            to_int ? spv_emit1(b, op, scalar, spv_narrow_to_float(b, x->leaves[k], encoding))
                   : spv_convert_narrow(b, spv_emit1(b, op, IR_F64, x->leaves[k]),
                                        SPV_ENCODING_IEEE, encoding, scalar, saturate);
    return true;
}

void spv_alu(struct spv_builder *b, const uint32_t *w, const char *signature, enum ir_op op,
             spv_scalar_fn *fn, bool swap)
{
    if (convert_narrow_integer(b, w, op))
        return;
    const struct spv_type *type = spv_type_at(b, w[1]);
    struct ir_inst *args[4];
    struct ir_inst **operands[4];
    uint32_t count = 0, n = type->leaf_count;
    uint8_t seen[128] = {0};
    check_class(b, signature[0], type, w[2], seen);
    for (; signature[1 + count]; count++) {
        const struct spv_value *x = spv_operand(b, w[3 + count]);
        check_class(b, signature[1 + count], x->type, w[3 + count], seen);
        if (x->type->leaf_count != n)
            spv_bad(b, "%%%u has %u components, the result %u", w[3 + count],
                    x->type->leaf_count, n);
        operands[count] = x->leaves;
    }
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < n; k++) {
        for (uint32_t i = 0; i < count; i++)
            args[swap ? count - 1 - i : i] = operands[i][k];
        value->leaves[k] = fn ? fn(b, args, (enum ir_type)type->scalar)
                              : spv_emit(b, op, (enum ir_type)type->scalar, count, args);
    }
}

/* ---- Integers ---- */

struct ir_inst *spv_snegate(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_emit2(b, IR_SUB, type, spv_const(b, type, 0), args[0]);
}

struct ir_inst *spv_smod(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    struct ir_inst *zero = spv_const(b, type, 0);
    struct ir_inst *rest = spv_emit2(b, IR_SREM, type, args[0], args[1]);
    struct ir_inst *differ = spv_emit2(b, IR_SLT, IR_BOOL,
                                       spv_emit2(b, IR_XOR, type, rest, args[1]), zero);
    struct ir_inst *wrong = spv_emit2(b, IR_AND, IR_BOOL, differ,
                                      spv_emit2(b, IR_NE, IR_BOOL, rest, zero));
    return spv_select(b, wrong, spv_emit2(b, IR_ADD, type, rest, args[1]), rest);
}

static struct ir_inst *shift(struct spv_builder *b, enum ir_op op, struct ir_inst *const *args,
                             enum ir_type type)
{
    return spv_emit2(b, op, type, args[0], spv_to_int(b, args[1], type, false));
}

struct ir_inst *spv_shift_left(struct spv_builder *b, struct ir_inst *const *args,
                               enum ir_type type)
{
    return shift(b, IR_SHL, args, type);
}

struct ir_inst *spv_shift_right_logical(struct spv_builder *b, struct ir_inst *const *args,
                                        enum ir_type type)
{
    return shift(b, IR_LSHR, args, type);
}

struct ir_inst *spv_shift_right_arithmetic(struct spv_builder *b, struct ir_inst *const *args,
                                           enum ir_type type)
{
    return shift(b, IR_ASHR, args, type);
}

struct ir_inst *spv_bit_count(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    struct ir_inst *count = spv_emit1(b, IR_BITCOUNT, (enum ir_type)args[0]->type, args[0]);
    return spv_to_int(b, count, type, false);
}

/* The lowest count bits; all of them from the type's width on. */
static struct ir_inst *low_bits(struct spv_builder *b, struct ir_inst *count, enum ir_type type)
{
    unsigned bits = ir_type_bits(type);
    struct ir_inst *mask = spv_emit2(b, IR_SHL, type, spv_const(b, type, 1), count);
    mask = spv_emit2(b, IR_ADD, type, mask, spv_const(b, type, UINT64_MAX));
    struct ir_inst *all = spv_emit2(b, IR_ULE, IR_BOOL, spv_const(b, type, bits), count);
    return spv_select(b, all, spv_const(b, type, UINT64_MAX), mask);
}

static struct ir_inst *bit_field(struct spv_builder *b, uint32_t op, struct ir_inst *base,
                                 struct ir_inst *insert, struct ir_inst *offset,
                                 struct ir_inst *count)
{
    enum ir_type type = (enum ir_type)base->type;
    struct ir_inst *zero = spv_const(b, type, 0);
    struct ir_inst *empty = spv_emit2(b, IR_EQ, IR_BOOL, count, zero);
    struct ir_inst *mask, *x;
    switch (op) {
    case SpvOpBitFieldInsert:
        mask = low_bits(b, count, type);
        x = spv_emit2(b, IR_SHL, type, spv_emit2(b, IR_AND, type, insert, mask), offset);
        mask = spv_not(b, spv_emit2(b, IR_SHL, type, mask, offset));
        x = spv_emit2(b, IR_OR, type, spv_emit2(b, IR_AND, type, base, mask), x);
        return spv_select(b, empty, base, x);
    case SpvOpBitFieldUExtract:
        x = spv_emit2(b, IR_LSHR, type, base, offset);
        x = spv_emit2(b, IR_AND, type, x, low_bits(b, count, type));
        return spv_select(b, empty, zero, x);
    default: { /* up to the top, then down with the sign */
        struct ir_inst *bits = spv_const(b, type, ir_type_bits(type));
        struct ir_inst *down = spv_emit2(b, IR_SUB, type, bits, count);
        x = spv_emit2(b, IR_SHL, type, base, spv_emit2(b, IR_SUB, type, down, offset));
        return spv_select(b, empty, zero, spv_emit2(b, IR_ASHR, type, x, down));
    }
    }
}

void spv_op_bit_field(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    uint32_t op = w[0] & 0xffff, at = 4;
    const struct spv_value *base = spv_operand(b, w[3]), *insert = NULL;
    const struct spv_type *type = spv_type_at(b, w[1]);
    if (!spv_is_numeric(type) || !ir_type_is_int((enum ir_type)type->scalar) ||
        base->type != type)
        spv_bad(b, "the operands are not of the result's integer type");
    if (op == SpvOpBitFieldInsert) {
        insert = spv_operand(b, w[at++]);
        if (insert->type != type)
            spv_bad(b, "the operands are not of the result's integer type");
    }
    enum ir_type scalar = (enum ir_type)type->scalar;
    struct ir_inst *offset = spv_to_int(b, spv_int_scalar(b, w[at]), scalar, false);
    struct ir_inst *count = spv_to_int(b, spv_int_scalar(b, w[at + 1]), scalar, false);
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < type->leaf_count; k++)
        value->leaves[k] = bit_field(b, op, base->leaves[k], insert ? insert->leaves[k] : NULL,
                                     offset, count);
}

/* IAddCarry, ISubBorrow, UMulExtended, SMulExtended: {low, high}. */
void spv_op_extended(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    static const struct {
        uint16_t op;
        enum ir_op low, high; /* high: IR_ULT is a carry out of the comparison's operands */
    } rows[] = {
        {SpvOpIAddCarry, IR_ADD, IR_ULT},
        {SpvOpISubBorrow, IR_SUB, IR_ULT},
        {SpvOpUMulExtended, IR_MUL, IR_UMULH},
        {SpvOpSMulExtended, IR_MUL, IR_SMULH},
    };
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    if (type->kind != SPV_TYPE_STRUCT || type->count != 2 ||
        type->members[0].type != type->members[1].type || !spv_is_numeric(x->type) ||
        !ir_type_is_int((enum ir_type)x->type->scalar) ||
        x->type->scalar != y->type->scalar || x->type->leaf_count != y->type->leaf_count ||
        !spv_is_numeric(type->members[0].type) ||
        type->members[0].type->scalar != x->type->scalar ||
        type->members[0].type->leaf_count != x->type->leaf_count)
        spv_bad(b, "the types of extended arithmetic");
    enum ir_type scalar = (enum ir_type)x->type->scalar;
    uint32_t n = x->type->leaf_count;
    struct spv_value *value = spv_result(b, w);
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        if (rows[r].op != (w[0] & 0xffff))
            continue;
        for (uint32_t k = 0; k < n; k++) {
            struct ir_inst *a = x->leaves[k], *c = y->leaves[k];
            struct ir_inst *low = spv_emit2(b, rows[r].low, scalar, a, c), *high;
            if (rows[r].high == IR_ULT) {
                high = rows[r].low == IR_ADD ? spv_emit2(b, IR_ULT, IR_BOOL, low, a)
                                             : spv_emit2(b, IR_ULT, IR_BOOL, a, c);
                high = spv_select(b, high, spv_const(b, scalar, 1), spv_const(b, scalar, 0));
            } else {
                high = spv_emit2(b, rows[r].high, scalar, a, c);
            }
            value->leaves[k] = low;
            value->leaves[n + k] = high;
        }
    }
}

/* ---- Floats ---- */

/* x - y * round(x / y) */
static struct ir_inst *remainder_of(struct spv_builder *b, enum ir_op round,
                                    struct ir_inst *const *args, enum ir_type type)
{
    struct ir_inst *quotient = spv_emit2(b, IR_FDIV, type, args[0], args[1]);
    quotient = spv_emit1(b, round, type, quotient);
    return spv_emit2(b, IR_FSUB, type, args[0], spv_emit2(b, IR_FMUL, type, args[1], quotient));
}

struct ir_inst *spv_frem(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return remainder_of(b, IR_FTRUNC, args, type);
}

struct ir_inst *spv_fmod(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return remainder_of(b, IR_FFLOOR, args, type);
}

struct ir_inst *spv_fma(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    struct ir_inst *inst = spv_emit(b, IR_FMA, type, 3, args);
    if (type == IR_F16 && inst->imm == 0)
        inst->imm = 2;
    return inst;
}

struct ir_inst *spv_is_nan(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    (void)type;
    return spv_emit2(b, IR_FUNE, IR_BOOL, args[0], args[0]);
}

struct ir_inst *spv_is_inf(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    type = (enum ir_type)args[0]->type;
    struct ir_inst *inf = spv_const_float(b, type, __builtin_inf());
    return spv_emit2(b, IR_FOEQ, IR_BOOL, spv_emit1(b, IR_FABS, type, args[0]), inf);
}

struct ir_inst *spv_unordered(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_emit2(b, IR_OR, IR_BOOL, spv_is_nan(b, &args[0], type),
                     spv_is_nan(b, &args[1], type));
}

struct ir_inst *spv_ordered(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_not(b, spv_unordered(b, args, type));
}

/* ---- Conversions ---- */

struct ir_inst *spv_uconvert(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_to_int(b, args[0], type, false);
}

struct ir_inst *spv_sconvert(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_to_int(b, args[0], type, true);
}

struct ir_inst *spv_float_to(struct spv_builder *b, struct ir_inst *x, enum ir_type type)
{
    unsigned from = ir_type_bits((enum ir_type)x->type), to = ir_type_bits(type);
    return from == to ? x : spv_emit1(b, from > to ? IR_FTRUNC_TO : IR_FEXT, type, x);
}

/* Values too small for a normal half become zeros. */
struct ir_inst *spv_quantize(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    if (type != IR_F32)
        spv_bad(b, "OpQuantizeToF16 of something else than 32-bit floats");
    struct ir_inst *rounded = spv_float_to(b, spv_float_to(b, args[0], IR_F16), IR_F32);
    struct ir_inst *small = spv_emit2(b, IR_FOLT, IR_BOOL, spv_emit1(b, IR_FABS, IR_F32, args[0]),
                                      spv_const_float(b, IR_F32, 0x1p-14));
    struct ir_inst *sign = spv_emit2(b, IR_AND, IR_I32, spv_emit1(b, IR_BITCAST, IR_I32, args[0]),
                                     spv_i32(b, 0x80000000u));
    return spv_select(b, small, spv_emit1(b, IR_BITCAST, IR_F32, sign), rounded);
}

/* From or to encodings that no machine has. */
static void convert_narrow(struct spv_builder *b, const uint32_t *w, const struct spv_type *type,
                           const struct spv_value *x)
{
    enum spv_encoding from = (enum spv_encoding)x->type->encoding;
    enum spv_encoding to = (enum spv_encoding)type->encoding;
    bool saturate = spv_decoration(b->mod, w[2], SPV_NO_MEMBER, SPV_DECORATION_SATURATED_FLOAT8);
    if (!spv_is_numeric(type) || !spv_is_numeric(x->type) ||
        type->leaf_count != x->type->leaf_count ||
        (!to && !ir_type_is_float((enum ir_type)type->scalar)) ||
        (!from && !ir_type_is_float((enum ir_type)x->type->scalar)))
        spv_bad(b, "the types of OpFConvert");
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < type->leaf_count; k++)
        value->leaves[k] = from == to ? x->leaves[k]
                                      : spv_convert_narrow(b, x->leaves[k], from, to,
                                                           (enum ir_type)type->scalar, saturate);
}

void spv_op_fconvert(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_value *x = spv_operand(b, w[3]);
    const struct spv_decoration *rounding =
        spv_decoration(b->mod, w[2], SPV_NO_MEMBER, SpvDecorationFPRoundingMode);
    bool decorated = rounding && rounding->count;
    bool to_zero = decorated && rounding->words[0] == SpvFPRoundingModeRTZ;
    bool to_nearest = decorated && rounding->words[0] == SpvFPRoundingModeRTE;
    enum ir_type to = (enum ir_type)type->scalar, from = (enum ir_type)x->type->scalar;
    if (type->encoding || x->type->encoding) {
        convert_narrow(b, w, type, x);
        return;
    }
    if (!spv_is_numeric(type) || !spv_is_numeric(x->type) || !ir_type_is_float(to) ||
        !ir_type_is_float(from) || type->leaf_count != x->type->leaf_count)
        spv_bad(b, "the types of OpFConvert");
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < type->leaf_count; k++) {
        if ((to_zero || to_nearest) && ir_type_bits(from) > ir_type_bits(to))
            value->leaves[k] = spv_rounded(b, IR_FTRUNC_TO, to, 1, &x->leaves[k], to_zero);
        else
            value->leaves[k] = spv_float_to(b, x->leaves[k], to);
    }
}

/* Between integers and floats; those that no machine has go through f32. */
void spv_op_convert_integer(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    static const struct {
        uint16_t op, ir;
        const char *signature;
    } rows[] = {
        {SpvOpConvertFToU, IR_F2U, "IF"},
        {SpvOpConvertFToS, IR_F2S, "IF"},
        {SpvOpConvertSToF, IR_S2F, "FI"},
        {SpvOpConvertUToF, IR_U2F, "FI"},
    };
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_value *x = spv_operand(b, w[3]);
    uint32_t i = 0;
    while (rows[i].op != (w[0] & 0xffff))
        i++;
    enum ir_op op = (enum ir_op)rows[i].ir;
    if (!type->encoding && !x->type->encoding) {
        spv_alu(b, w, rows[i].signature, op, NULL, false);
        return;
    }
    bool to_float = op == IR_S2F || op == IR_U2F;
    const struct spv_type *narrow = to_float ? type : x->type, *other = to_float ? x->type : type;
    if (!spv_is_numeric(type) || !spv_is_numeric(x->type) || !narrow->encoding || other->encoding ||
        !ir_type_is_int((enum ir_type)other->scalar) || type->leaf_count != x->type->leaf_count)
        spv_bad(b, "the types of %s", spv_op_name(w[0] & 0xffff));
    bool saturate = spv_decoration(b->mod, w[2], SPV_NO_MEMBER, SPV_DECORATION_SATURATED_FLOAT8);
    enum spv_encoding encoding = (enum spv_encoding)narrow->encoding;
    struct spv_value *value = spv_result(b, w);
    for (uint32_t k = 0; k < type->leaf_count; k++) {
        struct ir_inst *leaf = x->leaves[k];
        if (to_float) {
            leaf = spv_emit1(b, op, IR_F32, leaf);
            value->leaves[k] = spv_float_to_narrow(b, leaf, encoding, saturate);
        } else {
            leaf = spv_narrow_to_float(b, leaf, encoding);
            value->leaves[k] = spv_emit1(b, op, (enum ir_type)type->scalar, leaf);
        }
    }
}
