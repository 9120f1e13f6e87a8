/* SPDX-License-Identifier: MIT
 *
 * Floats that no machine computes with: bfloat16 (SPV_KHR_bfloat16), and 8 bits with 4 or 5 of them for the
 * exponent (SPV_EXT_float8). Values are integers of their bits; to compute is to convert to f32, which has
 * room for all of them.
 */
#include "spv_builder.h"

static struct ir_inst *bits_of(struct spv_builder *b, struct ir_inst *x)
{
    return spv_emit1(b, IR_BITCAST, IR_I32, x);
}

static struct ir_inst *and_bits(struct spv_builder *b, struct ir_inst *x, uint32_t mask)
{
    return spv_emit2(b, IR_AND, IR_I32, x, spv_i32(b, mask));
}

static struct ir_inst *shifted(struct spv_builder *b, enum ir_op op, struct ir_inst *x, uint32_t by)
{
    return spv_emit2(b, op, IR_I32, x, spv_i32(b, by));
}

struct ir_inst *spv_narrow_to_float(struct spv_builder *b, struct ir_inst *x,
                                    enum spv_encoding from)
{
    struct ir_inst *word = spv_emit1(b, IR_ZEXT, IR_I32, x);
    if (from == SPV_ENCODING_BFLOAT16)
        return spv_emit1(b, IR_BITCAST, IR_F32, shifted(b, IR_SHL, word, 16));
    struct ir_inst *half = shifted(b, IR_SHL, word, 8), *nan = NULL;
    if (from == SPV_ENCODING_E4M3) { /* a half's exponent is eight more */
        struct ir_inst *low = and_bits(b, word, 0x7f);
        half = spv_emit2(b, IR_OR, IR_I32, shifted(b, IR_SHL, and_bits(b, word, 0x80), 8),
                         shifted(b, IR_SHL, low, 7));
        nan = spv_emit2(b, IR_EQ, IR_BOOL, low, spv_i32(b, 0x7f));
    }
    half = spv_emit1(b, IR_BITCAST, IR_F16, spv_emit1(b, IR_TRUNC, IR_I16, half));
    struct ir_inst *v = spv_emit1(b, IR_FEXT, IR_F32, half);
    if (!nan)
        return v;
    v = spv_emit2(b, IR_FMUL, IR_F32, v, spv_const_float(b, IR_F32, 256));
    return spv_select(b, nan, spv_const(b, IR_F32, 0x7fc00000), v);
}

static const struct format {
    uint32_t mantissa, bias;
    uint32_t largest;  /* of the finite ones */
    uint32_t overflow; /* what larger ones become: infinity, or NaN where there is none */
    uint32_t nan;
} formats[] = {
    [SPV_ENCODING_E4M3] = {3, 7, 0x7e, 0x7f, 0x7f},
    [SPV_ENCODING_E5M2] = {2, 15, 0x7b, 0x7c, 0x7e},
};

/* The f32 of magnitude v's bits with fewer bits of mantissa, ties to even, without the low zeros. */
static struct ir_inst *rounded(struct spv_builder *b, struct ir_inst *v, uint32_t drop)
{
    struct ir_inst *odd = and_bits(b, shifted(b, IR_LSHR, v, drop), 1);
    v = spv_emit2(b, IR_ADD, IR_I32, v, spv_i32(b, (1u << (drop - 1)) - 1));
    return shifted(b, IR_LSHR, spv_emit2(b, IR_ADD, IR_I32, v, odd), drop);
}

static struct ir_inst *to_float8(struct spv_builder *b, struct ir_inst *x, enum spv_encoding to,
                                 bool saturate)
{
    const struct format *f = &formats[to];
    uint32_t drop = 23 - f->mantissa;
    struct ir_inst *bits = bits_of(b, x), *size = and_bits(b, bits, 0x7fffffff);
    /* Adding the power of two whose last place is the smallest number rounds what is below the normals. */
    uint32_t magic = (127 + drop + 1 - f->bias) << 23;
    struct ir_inst *terms[] = {spv_emit1(b, IR_BITCAST, IR_F32, size),
                               spv_const(b, IR_F32, magic)};
    struct ir_inst *sum = spv_rounded(b, IR_FADD, IR_F32, 2, terms, false);
    struct ir_inst *small = spv_emit2(b, IR_SUB, IR_I32, bits_of(b, sum), spv_i32(b, magic));
    struct ir_inst *normal = spv_emit2(b, IR_SUB, IR_I32, rounded(b, size, drop),
                                       spv_i32(b, (127 - f->bias) << f->mantissa));
    struct ir_inst *is_small =
        spv_emit2(b, IR_ULT, IR_BOOL, size, spv_i32(b, (128 - f->bias) << 23));
    struct ir_inst *code = spv_select(b, is_small, small, normal);
    struct ir_inst *over = spv_emit2(b, IR_ULT, IR_BOOL, spv_i32(b, f->largest), code);
    code = spv_select(b, over, spv_i32(b, saturate ? f->largest : f->overflow), code);
    struct ir_inst *nan = spv_emit2(b, IR_ULT, IR_BOOL, spv_i32(b, 0x7f800000), size);
    code = spv_select(b, nan, spv_i32(b, f->nan), code);
    struct ir_inst *sign = and_bits(b, shifted(b, IR_LSHR, bits, 24), 0x80);
    return spv_emit1(b, IR_TRUNC, IR_I8, spv_emit2(b, IR_OR, IR_I32, code, sign));
}

struct ir_inst *spv_float_to_narrow(struct spv_builder *b, struct ir_inst *x, enum spv_encoding to,
                                    bool saturate)
{
    if (to != SPV_ENCODING_BFLOAT16)
        return to_float8(b, x, to, saturate);
    struct ir_inst *bits = bits_of(b, x);
    struct ir_inst *nan = spv_emit2(b, IR_FUNE, IR_BOOL, x, x);
    struct ir_inst *quiet = shifted(b, IR_LSHR, spv_emit2(b, IR_OR, IR_I32, bits, spv_i32(b, 0x400000)), 16);
    return spv_emit1(b, IR_TRUNC, IR_I16, spv_select(b, nan, quiet, rounded(b, bits, 16)));
}

/* An f64 as f32 that a second rounding cannot spoil: cut, its last bit set where something was lost. */
static struct ir_inst *to_odd(struct spv_builder *b, struct ir_inst *x)
{
    struct ir_inst *cut = spv_rounded(b, IR_FTRUNC_TO, IR_F32, 1, &x, true);
    struct ir_inst *back = spv_emit1(b, IR_FEXT, IR_F64, cut);
    struct ir_inst *lost = spv_emit2(b, IR_FONE, IR_BOOL, back, x);
    struct ir_inst *odd = spv_emit2(b, IR_OR, IR_I32, bits_of(b, cut), spv_i32(b, 1));
    return spv_select(b, lost, spv_emit1(b, IR_BITCAST, IR_F32, odd), cut);
}

struct ir_inst *spv_convert_narrow(struct spv_builder *b, struct ir_inst *x, enum spv_encoding from,
                                   enum spv_encoding to, enum ir_type type, bool saturate)
{
    if (from)
        x = spv_narrow_to_float(b, x, from);
    else if (to)
        x = x->type == IR_F64 ? to_odd(b, x) : spv_float_to(b, x, IR_F32);
    return to ? spv_float_to_narrow(b, x, to, saturate) : spv_float_to(b, x, type);
}
