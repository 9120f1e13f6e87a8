/* SPDX-License-Identifier: MIT
 * pow, as the specification says: exp2(y * log2(x)), with errors that grow with the result's exponent. NaN for
 * negative x, whose powers are undefined; 1 where y is 0. */

float weft_pow(float x, float y)
{
    float zero = 0.0f;
    float product = y * weft_log2(x);
    return weft_exp2(y == 0.0f ? zero : product);
}

float weft_pow_denorm(float x, float y)
{
    float zero = 0.0f;
    float product = y * weft_log2_denorm(x);
    return weft_exp2_denorm(y == 0.0f ? zero : product);
}
