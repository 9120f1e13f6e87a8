/* SPDX-License-Identifier: MIT
 * pow, with C's results for special arguments except that a negative infinity to a power that is no
 * integer is NaN. Within 6 ULP. */

float weft_pow(float x, float y)
{
    float inf = weft_inf();
    float minus_inf = -inf;
    float nan = weft_nan();
    float one = 1.0f;
    float ax = abs(x);

    /* log2(ax) = hi + lo to about 2^-30: log2(m) = 2 / ln(2) * atanh(f / (2 + f)), f = m - 1. */
    weft_split s = weft_frexp(ax);
    float f = s.m - 1.0f;
    precise float t = s.m + 1.0f;
    precise float t_back = t - 1.0f;
    precise float t_low = s.m - t_back;
    float recip = 1.0f / t;
    precise float a = f * recip;
    float a_low = (fma(-a, t, f) - a * t_low) * recip;
    float z = a * a;
    float q = 0.121413454f;
    q = q * z + 0.142492831f;
    q = q * z + 0.200004876f;
    q = q * z + 0.333333313f;
    q = q * z;
    precise float l = a * 2.88539004f;
    precise float l_low = fma(a, 2.88539004f, -l) + a * 3.85192607e-08f;
    l_low = fma(a * q + a_low, 2.88539004f, l_low);
    precise float sum = s.e + l;
    precise float sum_back = sum - s.e;
    precise float sum_low = l - sum_back;
    sum_low = sum_low + l_low;
    precise float hi = sum + sum_low;
    precise float hi_back = hi - sum;
    precise float lo = sum_low - hi_back;
    float to_zero = ax == 0.0f ? minus_inf : hi;
    hi = ax < inf ? to_zero : ax;

    /* 2^(y * (hi + lo)) */
    precise float p = y * hi;
    precise float p_low = fma(y, hi, -p) + y * lo;
    float p_abs = abs(p);
    p_low = p_abs < 160.0f ? p_low : 0.0f; /* it may be infinity minus infinity */
    float low = p < -152.0f ? -152.0f : p;
    float c = low > 129.0f ? 129.0f : low;
    float rounded = c + ROUND_MAGIC;
    float n = rounded - ROUND_MAGIC;
    float r = weft_scale(weft_exp2_poly((c - n) + p_low), rounded);

    bool zero_power = y == 0.0f;
    bool unit_base = ax == 1.0f;
    bool whole = trunc(y) == y;
    float r_unit = unit_base ? one : r;
    float half_y = y * 0.5f;
    bool half_whole = trunc(half_y) == half_y;
    int sign = floatBitsToInt(x) & int(0x80000000u);
    int flip = half_whole ? 0 : sign;
    flip = whole ? flip : 0;
    float signed_r = intBitsToFloat(floatBitsToInt(r_unit) ^ flip);
    /* A negative base needs a whole power; 1 to the power of NaN is 1. */
    float fraction = x < 0.0f ? nan : signed_r;
    float all = whole ? signed_r : fraction;
    return zero_power ? one : all;
}
