/* SPDX-License-Identifier: MIT
 * log, log2. Within 2 ULP everywhere, denormals included. log(0) = -inf, log(<0) = NaN. */

/* Positive finite x, scaled up if it is denormal: x = m * 2^e, m in sqrt(1/2) .. sqrt(2). */
struct weft_split {
    float m;
    float e;
};

weft_split weft_frexp(float x)
{
    bool small = x < 1.17549435e-38f;
    float up = x * 8388608.0f;
    float scaled = small ? up : x;
    int bits = floatBitsToInt(scaled);
    int e = (bits - 0x3f3504f3) >> 23; /* from the bits of sqrt(1/2) on */
    float bias = small ? -23.0f : 0.0f;
    weft_split s;
    s.m = intBitsToFloat(bits - (e << 23));
    s.e = float(e) + bias;
    return s;
}

/* The results that the formulas do not give: for +inf, NaN, 0 and negative numbers. */
float weft_log_special(float x, float r)
{
    float inf = weft_inf();
    float minus_inf = -inf;
    float nan = weft_nan();
    float edge = x == 0.0f ? minus_inf : nan;
    float positive = x > 0.0f ? r : edge;
    float above = x + inf;
    return x < inf ? positive : above;
}

float weft_log(float x)
{
    weft_split s = weft_frexp(x);
    float f = s.m - 1.0f;
    float p = -0.0784108266f;
    p = p * f + 0.129893363f;
    p = p * f + -0.131932825f;
    p = p * f + 0.141654685f;
    p = p * f + -0.166134983f;
    p = p * f + 0.200029477f;
    p = p * f + -0.250014037f;
    p = p * f + 0.333333075f;
    p = p * f + -0.499999911f;
    /* log(2) in two parts; e times the first is exact */
    float r = f * f * p + s.e * -0.00021219444f;
    r = r + f;
    r = r + s.e * 0.693359375f;
    return weft_log_special(x, r);
}

float weft_log2(float x)
{
    weft_split s = weft_frexp(x);
    float f = s.m - 1.0f;
    float p = -0.11312291f;
    p = p * f + 0.187396511f;
    p = p * f + -0.190338835f;
    p = p * f + 0.204364508f;
    p = p * f + -0.239682108f;
    p = p * f + 0.28858155f;
    p = p * f + -0.360694021f;
    p = p * f + 0.480897993f;
    p = p * f + -0.721347392f;
    p = p * f + 1.92596303e-08f; /* the rest of log2(e) */
    float r = f * 1.44269502f + f * p;
    return weft_log_special(x, r + s.e);
}
