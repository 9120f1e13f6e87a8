/* SPDX-License-Identifier: MIT
 * exp, exp2. Within 2 ULP, gradual underflow included. */

/* 2^f for |f| <= 0.505 */
float weft_exp2_poly(float f)
{
    float p = 0.000153491317f;
    p = p * f + 0.00133988133f;
    p = p * f + 0.00961845554f;
    p = p * f + 0.0555033386f;
    p = p * f + 0.240226477f;
    p = p * f + 0.693147182f;
    return p * f + 1.0f;
}

float weft_exp2(float x)
{
    float low = x < -152.0f ? -152.0f : x;
    float c = low > 129.0f ? 129.0f : low;
    float rounded = c + ROUND_MAGIC;
    float n = rounded - ROUND_MAGIC;
    return weft_scale(weft_exp2_poly(c - n), rounded);
}

float weft_exp(float x)
{
    float low = x < -104.0f ? -104.0f : x;
    float c = low > 90.0f ? 90.0f : low;
    float rounded = c * 1.44269504f + ROUND_MAGIC;
    float n = rounded - ROUND_MAGIC;
    /* log(2) in two parts; n times the first is exact */
    float f = c - n * 0.693359375f;
    f = f - n * -0.00021219444f;
    float p = 0.00138131657f;
    p = p * f + 0.00836941879f;
    p = p * f + 0.041668456f;
    p = p * f + 0.166665152f;
    p = p * f + 0.49999994f;
    p = f * f * p + f;
    return weft_scale(p + 1.0f, rounded);
}
