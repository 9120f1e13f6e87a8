/* SPDX-License-Identifier: MIT
 * sin, cos, tan. Within 2 ULP (tan 4) for |x| <= 1e5, but for the absolute error that three parts of
 * pi leave where the result is tiny. Beyond, the error grows; sin and cos stay within -1 .. 1. */

/* sin(r) for |r| <= pi / 2 and a little more */
float weft_sin_poly(float r)
{
    float z = r * r;
    float p = 2.5995198e-06f;
    p = p * z + -0.000198068505f;
    p = p * z + 0.00833303016f;
    p = p * z + -0.166666582f;
    return p * (z * r) + r;
}

/* x - n * pi, for n a multiple of 1/2 */
float weft_reduce_pi(float x, float n)
{
    float r = fma(n, -3.14159274f, x);
    r = fma(n, 8.74227766e-08f, r);
    return fma(n, 3.43024902e-15f, r);
}

/* Negates s for odd n = rounded - ROUND_MAGIC, and keeps it in -1 .. 1: rounding may lift it above,
 * and when x is huge r is out of the polynomial's reach. */
float weft_sin_finish(float s, float rounded)
{
    float low = s < -1.0f ? -1.0f : s;
    float c = low > 1.0f ? 1.0f : low;
    return intBitsToFloat(floatBitsToInt(c) ^ (floatBitsToInt(rounded) << 31));
}

float weft_sin(float x)
{
    float rounded = x * 0.318309873f + ROUND_MAGIC;
    float s = weft_sin_poly(weft_reduce_pi(x, rounded - ROUND_MAGIC));
    return weft_sin_finish(s, rounded);
}

float weft_cos(float x)
{
    /* cos(x) = sin(x + pi / 2) */
    float rounded = (x * 0.318309873f + 0.5f) + ROUND_MAGIC;
    float n = (rounded - ROUND_MAGIC) - 0.5f;
    float s = weft_sin_poly(weft_reduce_pi(x, n));
    return weft_sin_finish(s, rounded);
}

float weft_tan(float x)
{
    float rounded = x * 0.636619747f + ROUND_MAGIC;
    float n = rounded - ROUND_MAGIC;
    float r = fma(n, -1.57079637f, x);
    r = fma(n, 4.37113883e-08f, r);
    r = fma(n, 1.71512451e-15f, r);
    float z = r * r;
    float p = 0.00967391673f;
    p = p * z + 0.002622145f;
    p = p * z + 0.0247481633f;
    p = p * z + 0.0533195585f;
    p = p * z + 0.133399457f;
    p = p * z + 0.333331108f;
    float t = p * (z * r) + r;
    bool odd = (floatBitsToInt(rounded) & 1) != 0;
    float top = odd ? -1.0f : t;
    float bottom = odd ? t : 1.0f;
    return top / bottom;
}
