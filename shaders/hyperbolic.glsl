/* SPDX-License-Identifier: MIT
 * sinh, cosh, tanh and their inverses. Within 4.5 ULP, sinh and cosh with 1.5 |x| ULP of exp. */

float weft_sinh(float x)
{
    float ax = abs(x);
    /* Halved last: the range that the specification allows overflows where exp does. */
    float e = 0.5f * weft_exp(ax);
    float big = e - 0.25f / e;
    float z = ax * ax;
    float p = 2.78392645e-06f;
    p = p * z + 0.000198426351f;
    p = p * z + 0.00833331142f;
    p = p * z + 0.166666672f;
    float small = p * (z * ax) + ax;
    float r = ax > 1.0f ? big : small;
    return weft_copysign(r, x);
}

float weft_cosh(float x)
{
    float ax = abs(x);
    float e = 0.5f * weft_exp(ax); /* as in weft_sinh */
    return e + 0.25f / e;
}

float weft_tanh(float x)
{
    float ax = abs(x);
    float big = 1.0f - 2.0f / (weft_exp(2.0f * ax) + 1.0f);
    float z = ax * ax;
    float p = -0.00571292313f;
    p = p * z + 0.0206471998f;
    p = p * z + -0.0537425689f;
    p = p * z + 0.133314818f;
    p = p * z + -0.333332837f;
    float small = p * (z * ax) + ax;
    float r = ax > 0.625f ? big : small;
    return weft_copysign(r, x);
}

float weft_asinh(float x)
{
    float ax = abs(x);
    float z = ax * ax;
    float p = -0.0132099399f;
    p = p * z + 0.0281548817f;
    p = p * z + -0.0443820842f;
    p = p * z + 0.0749863684f;
    p = p * z + -0.166666433f;
    float small = p * (z * ax) + ax;
    /* from 1e9 on the root is ax itself, and its square may overflow: log(2 ax) */
    bool huge = ax > 1e9f;
    float sum = ax + sqrt(z + 1.0f);
    float of = huge ? ax : sum;
    float add = huge ? 0.693147182f : 0.0f;
    float big = weft_log(of) + add;
    float r = ax > 0.5f ? big : small;
    return weft_copysign(r, x);
}

float weft_acosh(float x)
{
    float z = x - 1.0f;
    float p = -0.000412941386f;
    p = p * z + 0.00175980874f;
    p = p * z + -0.0055478001f;
    p = p * z + 0.0187465958f;
    p = p * z + -0.0833332166f;
    p = p * z + 1.0f;
    float small = p * sqrt(2.0f * z); /* NaN below 1 */
    bool huge = x > 1e9f;
    float sum = x + sqrt(z * (x + 1.0f));
    float of = huge ? x : sum;
    float add = huge ? 0.693147182f : 0.0f;
    float big = weft_log(of) + add;
    return x > 1.5f ? big : small;
}

float weft_atanh(float x)
{
    float ax = abs(x);
    float z = ax * ax;
    float p = 0.177486449f;
    p = p * z + 0.0507962294f;
    p = p * z + 0.118385464f;
    p = p * z + 0.142209962f;
    p = p * z + 0.200026095f;
    p = p * z + 0.333332986f;
    float small = p * (z * ax) + ax;
    float big = 0.5f * weft_log((1.0f + ax) / (1.0f - ax)); /* infinity at 1, NaN beyond */
    float r = ax > 0.5f ? big : small;
    return weft_copysign(r, x);
}
