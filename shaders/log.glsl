/* SPDX-License-Identifier: MIT
 * log, log2. Within 2.25 ULP or 1.25 * 2^-23. log(0) = -inf, log(<0) = NaN.
 *
 * A denormal counts as zero, unless the name ends in _denorm. */

/* Positive finite x, no denormal: x = (1 + f) * 2^e, 1 + f in sqrt(1/2) .. sqrt(2). */
struct weft_split {
    float f;
    float e;
};

weft_split weft_frexp(float x)
{
    int bits = floatBitsToInt(x);
    int above = bits - 0x3f3504f3; /* from the bits of sqrt(1/2) on */
    weft_split s;
    s.f = intBitsToFloat(bits - (above & int(0xff800000u))) - 1.0f;
    s.e = float(above >> 23);
    return s;
}

/* The results that the formulas do not give: for +inf, NaN, 0 and negative numbers. */
float weft_log_special(float x, float r)
{
    float minus_inf = -weft_inf();
    float nan = weft_nan();
    float edge = x > -1.17549435e-38f ? minus_inf : nan;
    float finite = x >= 1.17549435e-38f ? r : edge;
    return floatBitsToInt(x) > 0x7f7fffff ? x : finite;
}

/* log(1 + f) + e * log(2) */
float weft_log_poly(weft_split s)
{
    float p = -0.100558996f;
    p = p * s.f + 0.163283437f;
    p = p * s.f + -0.173153013f;
    p = p * s.f + 0.19889015f;
    p = p * s.f + -0.249626175f;
    p = p * s.f + 0.333352447f;
    p = p * s.f + -0.500005543f;
    float sum = s.e * 0.693147182f + s.f;
    return s.f * s.f * p + sum;
}

float weft_log2_poly(weft_split s)
{
    float p = -0.146735355f;
    p = p * s.f + 0.236375287f;
    p = p * s.f + -0.24951987f;
    p = p * s.f + 0.28677842f;
    p = p * s.f + -0.36014843f;
    p = p * s.f + 0.480935931f;
    p = p * s.f + -0.721355379f;
    p = p * s.f + 1.44269478f;
    return p * s.f + s.e;
}

float weft_log(float x)
{
    return weft_log_special(x, weft_log_poly(weft_frexp(x)));
}

float weft_log2(float x)
{
    return weft_log_special(x, weft_log2_poly(weft_frexp(x)));
}

/* A denormal, made normal; only those are far from overflow. */
float weft_normal(float x)
{
    float up = x * 8388608.0f;
    bool small = x < 1.17549435e-38f;
    return small ? up : x;
}

weft_split weft_frexp_denorm(float x)
{
    weft_split s = weft_frexp(weft_normal(x));
    float lower = s.e - 23.0f;
    bool small = x < 1.17549435e-38f;
    s.e = small ? lower : s.e;
    return s;
}

float weft_log_denorm(float x)
{
    return weft_log_special(weft_normal(x), weft_log_poly(weft_frexp_denorm(x)));
}

float weft_log2_denorm(float x)
{
    return weft_log_special(weft_normal(x), weft_log2_poly(weft_frexp_denorm(x)));
}
