/* SPDX-License-Identifier: MIT
 *
 * DOC: The built-in maths library
 *
 * Each function here replaces one instruction of GLSL.std.450 at 32 bits. The compiler finds it by
 * name in the embedded module and inlines it into the shader, where it becomes vector code. So:
 *
 *   - straight-line code only: choices are selects between values (`c ? a : b` with plain variables,
 *     else glslang makes a branch), no loops, no tables;
 *   - multiply-adds are left to be contracted where the machine has a fused one. Where the exact
 *     value of a rounding error is needed, fma() says so, and `precise` forbids contraction;
 *   - a NaN must come out as a NaN: `x > c ? c : x` keeps it, min() and max() would not;
 *   - the same text compiles as C (hence the f of 1.0f) for tests/unit/builtin_test, which states
 *     and checks the errors.
 *
 * The polynomials are from minimax.py.
 */

/* Adding it rounds to an integer, which then stands in the low bits of the sum. |x| < 2^22. */
const float ROUND_MAGIC = 12582912.0f; /* 1.5 * 2^23 */

/* The same, with the bias of exponents: the low bits are a power of two's exponent field. */
const float POWER_MAGIC = 12583039.0f; /* 1.5 * 2^23 + 127 */

float weft_inf()
{
    return intBitsToFloat(0x7f800000);
}

float weft_nan()
{
    return intBitsToFloat(0x7fc00000);
}

/* magnitude with the sign of sign; magnitude must not be negative */
float weft_copysign(float magnitude, float sign)
{
    return intBitsToFloat(floatBitsToInt(magnitude) | (floatBitsToInt(sign) & int(0x80000000u)));
}

/* Multiplies by 2^n, where rounded = n + ROUND_MAGIC and |n| <= 152, in two steps: the first is
 * exact, the second overflows or becomes denormal as it must, rounding once. */
float weft_scale(float x, float rounded)
{
    int n = floatBitsToInt(rounded);
    int half_n = n >> 1;
    float a = intBitsToFloat((half_n << 23) + 0x3f800000);
    float b = intBitsToFloat(((n - half_n) << 23) + 0x3f800000);
    return x * a * b;
}
