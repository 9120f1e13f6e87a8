/* SPDX-License-Identifier: MIT
 * exp, exp2. The specification allows 3 + 2 |x| ULP. exp2 is within 2.75 ULP; exp also has the rounding of
 * log2(e), and of its product where multiply-adds are not fused: together at most 1.5 |x| ULP.
 *
 * Results that would be denormal are zero, unless the name ends in _denorm: those underflow gradually. */

/* 2^f for f in 0 .. 1; 1 at 0. What is below zero by a rounding error does no harm. */
float weft_exp2_poly(float f)
{
    float p = 0.00187621487f;
    p = p * f + 0.00899557304f;
    p = p * f + 0.0558172427f;
    p = p * f + 0.240159005f;
    p = p * f + 0.693151832f;
    return p * f + 1.0f;
}

/* 2^n for a whole n: 0 for -127, infinity for 128. */
float weft_power(float n)
{
    return uintBitsToFloat(floatBitsToUint(n + POWER_MAGIC) << 23);
}

float weft_exp2(float x)
{
    float low = x < -126.5f ? -126.5f : x;
    float c = low > 128.5f ? 128.5f : low;
    float n = floor(c);
    return weft_exp2_poly(c - n) * weft_power(n);
}

float weft_exp(float x)
{
    float low = x < -88.0f ? -88.0f : x;
    float c = low > 89.0f ? 89.0f : low;
    float n = floor(c * 1.44269504f);
    return weft_exp2_poly(c * 1.44269504f - n) * weft_power(n);
}

float weft_exp2_denorm(float x)
{
    float low = x < -152.0f ? -152.0f : x;
    float c = low > 129.0f ? 129.0f : low;
    float n = floor(c);
    return weft_scale(weft_exp2_poly(c - n), n + ROUND_MAGIC);
}

float weft_exp_denorm(float x)
{
    float low = x < -104.0f ? -104.0f : x;
    float c = low > 89.0f ? 89.0f : low;
    float n = floor(c * 1.44269504f);
    return weft_scale(weft_exp2_poly(c * 1.44269504f - n), n + ROUND_MAGIC);
}
