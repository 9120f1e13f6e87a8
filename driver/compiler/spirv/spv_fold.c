/* SPDX-License-Identifier: MIT
 *
 * Arithmetic on constants, as ir_ops.def defines it. Where the IR leaves a result unspecified
 * (division by zero, shifts by too much) any value will do.
 */
#include <math.h>
#include <string.h>

#include "fold.h"
#include "spv_builder.h"

uint64_t spv_mask(enum ir_type type)
{
    unsigned bits = ir_type_bits(type);
    return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

int64_t spv_sext(uint64_t bits, enum ir_type type)
{
    unsigned shift = 64 - ir_type_bits(type);
    return shift >= 64 ? 0 : (int64_t)(bits << shift) >> shift;
}

static double half_to_double(uint16_t half)
{
    unsigned exponent = half >> 10 & 31, fraction = half & 1023;
    double magnitude;
    if (exponent == 31)
        magnitude = fraction ? NAN : INFINITY;
    else if (exponent == 0)
        magnitude = ldexp(fraction, -24);
    else
        magnitude = ldexp(1024 + fraction, (int)exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
}

static uint16_t double_to_half(double value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double magnitude = fabs(value);
    if (isnan(value))
        return sign | 0x7e00;
    if (magnitude >= 65520.0)
        return sign | 0x7c00;
    if (magnitude < ldexp(1, -14)) /* nearbyint rounds to even; 1024 carries into the exponent */
        return (uint16_t)(sign | (unsigned)nearbyint(ldexp(magnitude, 24)));
    int exponent;
    double fraction = frexp(magnitude, &exponent); /* 0.5 .. 1 */
    unsigned rounded = (unsigned)nearbyint(ldexp(fraction, 11)); /* 1024 .. 2048 */
    return (uint16_t)(sign | (((unsigned)(exponent + 13) << 10) + rounded));
}

double
spv_bits_to_double(enum ir_type type, uint64_t bits)
{
    double d;
    float f;
    uint32_t low = (uint32_t)bits;
    switch (type) {
    case IR_F16:
        return half_to_double((uint16_t)bits);
    case IR_F32:
        memcpy(&f, &low, 4);
        return (double)f;
    default:
        memcpy(&d, &bits, 8);
        return d;
    }
}

uint64_t spv_double_to_bits(enum ir_type type, double value)
{
    uint64_t bits;
    uint32_t low;
    float f;
    switch (type) {
    case IR_F16:
        return double_to_half(value);
    case IR_F32:
        f = (float)value;
        memcpy(&low, &f, 4);
        return low;
    default:
        memcpy(&bits, &value, 8);
        return bits;
    }
}

static bool fold_int(enum ir_op op, enum ir_type type, uint64_t x, uint64_t y, uint64_t *out)
{
    int64_t sx = spv_sext(x, type), sy = spv_sext(y, type);
    unsigned bits = ir_type_bits(type), shift = (unsigned)(y & (bits - 1));
    bool trap = y == 0 || (sy == -1 && x == (uint64_t)1 << (bits - 1));
    switch (op) {
    case IR_ADD:
        *out = x + y;
        return true;
    case IR_SUB:
        *out = x - y;
        return true;
    case IR_MUL:
        *out = x * y;
        return true;
    case IR_UMULH:
        *out = (uint64_t)(((unsigned __int128)x * y) >> bits);
        return true;
    case IR_SMULH:
        *out = (uint64_t)(((__int128)sx * sy) >> bits);
        return true;
    case IR_UDIV:
        *out = y ? x / y : 0;
        return true;
    case IR_UREM:
        *out = y ? x % y : 0;
        return true;
    case IR_SDIV:
        *out = trap ? 0 : (uint64_t)(sx / sy);
        return true;
    case IR_SREM:
        *out = trap ? 0 : (uint64_t)(sx % sy);
        return true;
    case IR_AND:
        *out = x & y;
        return true;
    case IR_OR:
        *out = x | y;
        return true;
    case IR_XOR:
        *out = x ^ y;
        return true;
    case IR_NOT:
        *out = ~x;
        return true;
    case IR_SHL:
        *out = x << shift;
        return true;
    case IR_LSHR:
        *out = x >> shift;
        return true;
    case IR_ASHR:
        *out = (uint64_t)(sx >> shift);
        return true;
    case IR_SMIN:
        *out = sx < sy ? x : y;
        return true;
    case IR_SMAX:
        *out = sx > sy ? x : y;
        return true;
    case IR_UMIN:
        *out = x < y ? x : y;
        return true;
    case IR_UMAX:
        *out = x > y ? x : y;
        return true;
    case IR_BITCOUNT:
        *out = (uint64_t)__builtin_popcountll(x);
        return true;
    case IR_CLZ:
        *out = x ? (uint64_t)__builtin_clzll(x) - (64 - bits) : bits;
        return true;
    case IR_CTZ:
        *out = x ? (uint64_t)__builtin_ctzll(x) : bits;
        return true;
    case IR_BITREVERSE:
        *out = 0;
        for (unsigned i = 0; i < bits; i++)
            *out |= (x >> i & 1) << (bits - 1 - i);
        return true;
    default:
        return false;
    }
}

static bool fold_compare(enum ir_op op, enum ir_type type, uint64_t x, uint64_t y, uint64_t *out)
{
    int64_t sx = spv_sext(x, type), sy = spv_sext(y, type);
    switch (op) {
    case IR_EQ:
        *out = x == y;
        return true;
    case IR_NE:
        *out = x != y;
        return true;
    case IR_ULT:
        *out = x < y;
        return true;
    case IR_ULE:
        *out = x <= y;
        return true;
    case IR_SLT:
        *out = sx < sy;
        return true;
    case IR_SLE:
        *out = sx <= sy;
        return true;
    default:
        break;
    }
    double dx = spv_bits_to_double(type, x), dy = spv_bits_to_double(type, y);
    bool unordered = isnan(dx) || isnan(dy);
    switch (op) {
    case IR_FOEQ:
        *out = !unordered && dx == dy;
        return true;
    case IR_FONE:
        *out = !unordered && dx != dy;
        return true;
    case IR_FOLT:
        *out = !unordered && dx < dy;
        return true;
    case IR_FOLE:
        *out = !unordered && dx <= dy;
        return true;
    case IR_FUEQ:
        *out = unordered || dx == dy;
        return true;
    case IR_FUNE:
        *out = unordered || dx != dy;
        return true;
    case IR_FULT:
        *out = unordered || dx < dy;
        return true;
    case IR_FULE:
        *out = unordered || dx <= dy;
        return true;
    default:
        return false;
    }
}

static bool fold_float(enum ir_op op, enum ir_type type, double x, double y, double *out)
{
    /* A double's operation rounded to a narrower type is that type's operation, correctly rounded,
     * for these. */
    (void)type;
    switch (op) {
    case IR_FADD:
        *out = x + y;
        return true;
    case IR_FSUB:
        *out = x - y;
        return true;
    case IR_FMUL:
        *out = x * y;
        return true;
    case IR_FDIV:
        *out = x / y;
        return true;
    case IR_FMIN:
        *out = isnan(x) ? y : isnan(y) ? x : x < y ? x : y;
        return true;
    case IR_FMAX:
        *out = isnan(x) ? y : isnan(y) ? x : x > y ? x : y;
        return true;
    case IR_FSQRT:
        *out = sqrt(x);
        return true;
    case IR_FFLOOR:
        *out = floor(x);
        return true;
    case IR_FCEIL:
        *out = ceil(x);
        return true;
    case IR_FTRUNC:
        *out = trunc(x);
        return true;
    case IR_FRINT:
        *out = nearbyint(x);
        return true;
    default:
        return false;
    }
}

static uint64_t float_to_int(double x, enum ir_type type, bool is_signed)
{
    unsigned bits = ir_type_bits(type);
    double low = is_signed ? -ldexp(1, (int)bits - 1) : 0;
    double high = ldexp(1, (int)bits - is_signed); /* the first value that is too large */
    if (isnan(x))
        return 0;
    x = trunc(x);
    if (x < low)
        return is_signed ? (uint64_t)1 << (bits - 1) : 0;
    if (x >= high)
        return is_signed ? ((uint64_t)1 << (bits - 1)) - 1 : spv_mask(type);
    return is_signed ? (uint64_t)(int64_t)x : (uint64_t)x;
}

static bool fold_convert(enum ir_op op, enum ir_type type, uint64_t imm, enum ir_type from,
                         uint64_t x, uint64_t *out)
{
    switch (op) {
    case IR_TRUNC:
    case IR_ZEXT:
    case IR_BITCAST:
        *out = x;
        return true;
    case IR_SEXT:
        *out = (uint64_t)spv_sext(x, from);
        return true;
    case IR_FTRUNC_TO:
        *out = fold_from_double(type, spv_bits_to_double(from, x), imm == 1);
        return true;
    case IR_FEXT:
        *out = spv_double_to_bits(type, spv_bits_to_double(from, x));
        return true;
    case IR_F2S:
    case IR_F2U:
        *out = float_to_int(spv_bits_to_double(from, x), type, op == IR_F2S);
        return true;
    case IR_S2F:
        if (imm || (ir_type_bits(from) == 64 && type != IR_F64))
            return false; /* would round twice */
        *out = spv_double_to_bits(type, (double)spv_sext(x, from));
        return true;
    case IR_U2F:
        if (imm || (ir_type_bits(from) == 64 && type != IR_F64))
            return false;
        *out = spv_double_to_bits(type, (double)x);
        return true;
    default:
        return false;
    }
}

static bool fold(enum ir_op op, enum ir_type type, uint64_t imm, uint32_t count,
                 const struct ir_inst *const *args, uint64_t *out)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    uint64_t x = args[0]->imm, y = count > 1 ? args[1]->imm : 0;
    double d;
    if (op >= IR_TRUNC && op <= IR_BITCAST)
        return fold_convert(op, type, imm, from, x, out);
    if (op >= IR_EQ && op <= IR_FULE)
        return fold_compare(op, from, x, y, out);
    if (op == IR_SELECT) {
        *out = x ? args[1]->imm : args[2]->imm;
        return true;
    }
    if (!ir_type_is_float(type))
        return fold_int(op, type, x, y, out);
    if (op == IR_FNEG || op == IR_FABS) {
        uint64_t sign = (uint64_t)1 << (ir_type_bits(type) - 1);
        *out = op == IR_FNEG ? x ^ sign : x & ~sign;
        return true;
    }
    if (imm || !fold_float(op, type, spv_bits_to_double(from, x), spv_bits_to_double(from, y), &d))
        return false;
    *out = spv_double_to_bits(type, d);
    return true;
}

bool spv_fold(enum ir_op op, enum ir_type type, uint64_t imm, uint32_t count,
              const struct ir_inst *const *args, uint64_t *bits_out)
{
    if (!(ir_op_infos[op].flags & IR_ELEMENTWISE) || count == 0)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (args[i]->op != IR_CONST)
            return false;
    if (!fold(op, type, imm, count, args, bits_out))
        return false;
    *bits_out &= spv_mask(type);
    return true;
}
