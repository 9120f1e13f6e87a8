/* SPDX-License-Identifier: MIT
 * asin, acos, atan, atan2. Within 4 ULP. */

/* asin(x) for |x| <= 1/2, with z = x^2 */
float weft_asin_poly(float x, float z)
{
    float p = 0.0422105528f;
    p = p * z + 0.024152806f;
    p = p * z + 0.0454759113f;
    p = p * z + 0.0749525279f;
    p = p * z + 0.166667536f;
    return p * (z * x) + x;
}

float weft_asin(float x)
{
    /* asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)); the root is NaN beyond 1 */
    float ax = abs(x);
    bool big = ax > 0.5f;
    float z_small = ax * ax;
    float z_big = (1.0f - ax) * 0.5f;
    float z = big ? z_big : z_small;
    float root = sqrt(z_big);
    float a = big ? root : ax;
    float p = weft_asin_poly(a, z);
    float folded = (1.57079637f - 2.0f * p) - 4.37113883e-08f;
    float r = big ? folded : p;
    return intBitsToFloat(floatBitsToInt(r) ^ (floatBitsToInt(x) & int(0x80000000u)));
}

float weft_acos(float x)
{
    float ax = abs(x);
    bool big = ax > 0.5f;
    bool negative = x < 0.0f;
    float z_small = ax * ax;
    float z_big = (1.0f - ax) * 0.5f;
    float z = big ? z_big : z_small;
    float root = sqrt(z_big);
    float a = big ? root : x;
    float p = weft_asin_poly(a, z);
    float twice = 2.0f * p;
    float folded = (3.14159274f - twice) - 8.74227766e-08f;
    float near_one = negative ? folded : twice;
    float near_zero = 1.57079637f - (p + 4.37113883e-08f);
    return big ? near_one : near_zero;
}

/* atan(t) for 0 <= t <= 1 */
float weft_atan_poly(float t)
{
    float z = t * t;
    float p = 0.00291665527f;
    p = p * z + -0.0163534749f;
    p = p * z + 0.0431911498f;
    p = p * z + -0.0755070075f;
    p = p * z + 0.106654115f;
    p = p * z + -0.142109364f;
    p = p * z + 0.199937627f;
    p = p * z + -0.333331525f;
    return p * (z * t) + t;
}

float weft_atan(float x)
{
    float ax = abs(x);
    bool big = ax > 1.0f;
    float top = big ? 1.0f : ax;
    float bottom = big ? ax : 1.0f;
    float p = weft_atan_poly(top / bottom);
    float folded = 1.57079637f - (p + 4.37113883e-08f);
    float r = big ? folded : p;
    return weft_copysign(r, x);
}

float weft_atan2(float y, float x)
{
    float ax = abs(x);
    float ay = abs(y);
    bool steep = ay > ax;
    float top = steep ? ax : ay;
    float bottom = steep ? ay : ax;
    float ratio = top / bottom;
    /* 0 / 0 counts as 0, infinity / infinity as 1 */
    float same = bottom > 0.0f ? 1.0f : 0.0f;
    float t = top == bottom ? same : ratio;
    float p = weft_atan_poly(t);
    float folded = 1.57079637f - (p + 4.37113883e-08f);
    float quarter = steep ? folded : p;
    float back = 3.14159274f - (quarter + 8.74227766e-08f);
    bool left = floatBitsToInt(x) < 0;
    float half_turn = left ? back : quarter;
    return weft_copysign(half_turn, y);
}
