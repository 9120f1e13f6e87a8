/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <math.h>
#include <string.h>

uint64_t fold_mask(enum ir_type type)
{
    unsigned bits = ir_type_bits(type);
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

int64_t fold_signed(enum ir_type type, uint64_t bits)
{
    unsigned shift = 64 - ir_type_bits(type);
    return (int64_t)(bits << shift) >> shift;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static float float_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof(value));
    return value;
}

static uint64_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double half_to_double(uint64_t bits)
{
    double sign = bits & 0x8000 ? -1.0 : 1.0;
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    if (exponent == 31)
        return fraction != 0 ? NAN : sign * INFINITY;
    if (exponent == 0)
        return sign * ldexp(fraction, -24);
    return sign * ldexp(fraction + 1024, exponent - 25);
}

static uint64_t half_from_double(double value, bool towards_zero)
{
    uint64_t sign = bits_of(value) >> 63 << 15;
    double magnitude = fabs(value);
    if (isnan(value))
        return 0x7e00 | sign;
    if (isinf(value))
        return sign | 0x7c00;
    /* Scale so that the last place of the result is 1, then round to an integer. */
    int exponent = 0;
    frexp(magnitude, &exponent); /* magnitude in [2^(exponent-1), 2^exponent) */
    if (magnitude == 0 || exponent < -13)
        exponent = -13; /* subnormal: last place 2^-24 */
    double scaled = ldexp(magnitude, 11 - exponent);
    double whole = floor(scaled), rest = scaled - whole;
    if (!towards_zero && (rest > 0.5 || (rest == 0.5 && fmod(whole, 2) != 0)))
        whole += 1;
    uint64_t result = (uint64_t)whole + ((uint64_t)(exponent + 13) << 10);
    /* Below, whole has its leading 1 at bit 10, which adds one to the exponent field; in
     * subnormals it hasn't and the field stays 0. A carry out of the fraction does the same. */
    if (result >= 0x7c00)
        result = towards_zero ? 0x7bff : 0x7c00;
    return sign | result;
}

double
fold_to_double(enum ir_type type, uint64_t bits)
{
    return type == IR_F16   ? half_to_double(bits)
           : type == IR_F32 ? (double)float_of(bits)
                            : double_of(bits);
}

uint64_t fold_from_double(enum ir_type type, double value, bool towards_zero)
{
    if (type == IR_F16)
        return half_from_double(value, towards_zero);
    if (type == IR_F64)
        return bits_of(value);
    float f = (float)value;
    if (towards_zero && !isnan(value) && !isinf(value) && fabs((double)f) > fabs(value))
        f = nextafterf(f, 0.0f);
    return float_bits(f);
}

/* ---- Integers: a and b zero-extended from `bits`, sa and sb sign-extended ---- */

static uint64_t reverse(uint64_t value, unsigned bits)
{
    uint64_t result = 0;
    for (unsigned i = 0; i < bits; i++)
        result |= (value >> i & 1) << (bits - 1 - i);
    return result;
}

static int64_t saturate_signed(__int128 value, unsigned bits)
{
    __int128 max = ((__int128)1 << (bits - 1)) - 1, min = -max - 1;
    return (int64_t)(value > max ? max : value < min ? min : value);
}

static bool fold_int(enum ir_op op, enum ir_type type, const uint64_t *args, uint64_t *result_out)
{
    unsigned bits = ir_type_bits(type);
    uint64_t mask = fold_mask(type), a = args[0], b = ir_op_infos[op].args[1] ? args[1] : 0;
    int64_t sa = fold_signed(type, a), sb = fold_signed(type, b);
    uint64_t amount = b & (bits - 1); /* generated code masks shift amounts, too */
    uint64_t r;

    switch (op) {
    case IR_ADD: r = a + b; break;
    case IR_SUB: r = a - b; break;
    case IR_MUL: r = a * b; break;
    case IR_UMULH: r = (uint64_t)(((unsigned __int128)a * b) >> bits); break;
    case IR_SMULH: r = (uint64_t)(((__int128)sa * sb) >> bits); break;
    case IR_UDIV:
        if (b == 0)
            return false;
        r = a / b;
        break;
    case IR_UREM:
        if (b == 0)
            return false;
        r = a % b;
        break;
    case IR_SDIV:
    case IR_SREM:
        if (b == 0 || (sb == -1 && a == (mask >> 1) + 1))
            return false;
        r = (uint64_t)(op == IR_SDIV ? sa / sb : sa % sb);
        break;
    case IR_AND: r = a & b; break;
    case IR_OR: r = a | b; break;
    case IR_XOR: r = a ^ b; break;
    case IR_NOT: r = ~a; break;
    case IR_SHL: r = a << amount; break;
    case IR_LSHR: r = a >> amount; break;
    case IR_ASHR: r = (uint64_t)(sa >> amount); break;
    case IR_SMIN: r = sa < sb ? a : b; break;
    case IR_SMAX: r = sa > sb ? a : b; break;
    case IR_UMIN: r = a < b ? a : b; break;
    case IR_UMAX: r = a > b ? a : b; break;
    case IR_SADD_SAT: r = (uint64_t)saturate_signed((__int128)sa + sb, bits); break;
    case IR_UADD_SAT: r = a > mask - b ? mask : a + b; break;
    case IR_BITREVERSE: r = reverse(a, bits); break;
    case IR_BITCOUNT: r = (uint64_t)__builtin_popcountll(a); break;
    case IR_CLZ: r = a ? (uint64_t)__builtin_clzll(a) - (64 - bits) : bits; break;
    case IR_CTZ: r = a ? (uint64_t)__builtin_ctzll(a) : bits; break;
    default: return false;
    }
    *result_out = r & mask;
    return true;
}

static uint64_t dot4(enum ir_op op, const uint64_t *args)
{
    uint32_t sum = (uint32_t)args[2];
    for (int i = 0; i < 4; i++) {
        uint8_t a = (uint8_t)(args[0] >> 8 * i), b = (uint8_t)(args[1] >> 8 * i);
        int32_t left = op == IR_UDOT4 ? a : (int8_t)a;
        int32_t right = op == IR_SDOT4 ? (int8_t)b : b;
        sum += (uint32_t)(left * right);
    }
    return sum;
}

static bool compare_int(enum ir_op op, enum ir_type type, uint64_t a, uint64_t b,
                        uint64_t *result_out)
{
    int64_t sa = fold_signed(type, a), sb = fold_signed(type, b);
    switch (op) {
    case IR_EQ: *result_out = a == b; return true;
    case IR_NE: *result_out = a != b; return true;
    case IR_ULT: *result_out = a < b; return true;
    case IR_ULE: *result_out = a <= b; return true;
    case IR_SLT: *result_out = sa < sb; return true;
    case IR_SLE: *result_out = sa <= sb; return true;
    default: return false;
    }
}

static bool compare_float(enum ir_op op, double a, double b, uint64_t *result_out)
{
    bool unordered = isnan(a) || isnan(b);
    switch (op) {
    case IR_FOEQ: *result_out = a == b; return true;
    case IR_FONE: *result_out = !unordered && a != b; return true;
    case IR_FOLT: *result_out = a < b; return true;
    case IR_FOLE: *result_out = a <= b; return true;
    case IR_FUEQ: *result_out = unordered || a == b; return true;
    case IR_FUNE: *result_out = a != b; return true;
    case IR_FULT: *result_out = unordered || a < b; return true;
    case IR_FULE: *result_out = unordered || a <= b; return true;
    default: return false;
    }
}

/* One operation in float for F32, in double otherwise. A half's operands and results fit so well
 * into a double that rounding twice gives the same as rounding once. */
static bool fold_float(enum ir_op op, enum ir_type type, const uint64_t *args, uint64_t *result_out)
{
    uint64_t sign = (fold_mask(type) >> 1) + 1;
    unsigned arity = (unsigned)strlen(ir_op_infos[op].args);
    double a = fold_to_double(type, args[0]);
    double b = arity > 1 ? fold_to_double(type, args[1]) : 0;
    double c = arity > 2 ? fold_to_double(type, args[2]) : 0;
    double r;

    switch (op) {
    case IR_FNEG: *result_out = args[0] ^ sign; return true;
    case IR_FABS: *result_out = args[0] & ~sign; return true;
    case IR_FADD: r = type == IR_F32 ? (double)((float)a + (float)b) : a + b; break;
    case IR_FSUB: r = type == IR_F32 ? (double)((float)a - (float)b) : a - b; break;
    case IR_FMUL: r = type == IR_F32 ? (double)((float)a * (float)b) : a * b; break;
    case IR_FDIV: r = type == IR_F32 ? (double)((float)a / (float)b) : a / b; break;
    case IR_FMA:
        if (type == IR_F16) { /* the product is exact, the sum rounds twice: as in alu_fma */
            float sum = (float)a * (float)b + (float)c;
            r = (double)sum;
            break;
        }
        r = type == IR_F32 ? (double)fmaf((float)a, (float)b, (float)c) : fma(a, b, c);
        break;
    case IR_FMIN:
    case IR_FMAX:
        if (a == 0 && b == 0)
            return false; /* which zero is unspecified */
        r = isnan(a) ? b : isnan(b) ? a : op == IR_FMIN ? fmin(a, b) : fmax(a, b);
        break;
    case IR_FSQRT: r = type == IR_F32 ? (double)sqrtf((float)a) : sqrt(a); break;
    case IR_FFLOOR: r = floor(a); break;
    case IR_FCEIL: r = ceil(a); break;
    case IR_FTRUNC: r = trunc(a); break;
    case IR_FRINT: r = nearbyint(a); break;
    default: return false;
    }
    *result_out = fold_from_double(type, r, false);
    return true;
}

/* Saturates; NaN gives 0. */
static uint64_t float_to_int(double value, unsigned bits, bool is_signed)
{
    if (isnan(value))
        return 0;
    double limit = ldexp(1.0, (int)bits - is_signed);
    uint64_t max = bits - is_signed >= 64 ? UINT64_MAX : (UINT64_C(1) << (bits - is_signed)) - 1;
    value = trunc(value);
    if (value >= limit)
        return max;
    if (!is_signed)
        return value <= 0 ? 0 : (uint64_t)value;
    if (value <= -limit)
        return max + 1; /* the most negative, before masking */
    return (uint64_t)(int64_t)value;
}

static uint64_t int_to_float(enum ir_op op, enum ir_type type, enum ir_type from, uint64_t bits)
{
    int64_t value = fold_signed(from, bits);
    if (type == IR_F32)
        return float_bits(op == IR_S2F ? (float)value : (float)bits);
    return fold_from_double(type, op == IR_S2F ? (double)value : (double)bits, false);
}

bool fold_op(enum ir_op op, enum ir_type type, enum ir_type arg_type, uint64_t imm,
             const uint64_t *args, uint64_t *result_out)
{
    uint64_t mask = fold_mask(type);
    if (!(ir_op_infos[op].flags & IR_ELEMENTWISE))
        return false;
    switch (op) {
    case IR_SELECT:
        *result_out = args[0] & 1 ? args[1] : args[2];
        return true;
    case IR_SDOT4:
    case IR_UDOT4:
    case IR_SUDOT4:
        *result_out = dot4(op, args);
        return true;
    case IR_TRUNC:
    case IR_ZEXT:
    case IR_BITCAST:
        *result_out = args[0] & mask;
        return true;
    case IR_SEXT:
        *result_out = (uint64_t)fold_signed(arg_type, args[0]) & mask;
        return true;
    case IR_FTRUNC_TO:
    case IR_FEXT:
        *result_out = fold_from_double(type, fold_to_double(arg_type, args[0]), imm == 1);
        return true;
    case IR_F2S:
    case IR_F2U:
        *result_out = float_to_int(fold_to_double(arg_type, args[0]), ir_type_bits(type),
                                   op == IR_F2S) & mask;
        return true;
    case IR_S2F:
    case IR_U2F:
        if (imm)
            return false;
        *result_out = int_to_float(op, type, arg_type, args[0]);
        return true;
    default:
        break;
    }
    if (op >= IR_EQ && op <= IR_SLE)
        return compare_int(op, arg_type, args[0], args[1], result_out);
    if (op >= IR_FOEQ && op <= IR_FULE)
        return compare_float(op, fold_to_double(arg_type, args[0]),
                             fold_to_double(arg_type, args[1]), result_out);
    if (ir_type_is_float(type))
        return imm != 1 && fold_float(op, type, args, result_out);
    return fold_int(op, type, args, result_out);
}
