/* SPDX-License-Identifier: MIT
 *
 * The built-in maths library (shaders) against the C library in double precision. The GLSL text is
 * compiled as C by the few macros below, in two ways of rounding multiply-adds: builtin_test as
 * separate operations, builtin_test_fma contracted.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"

typedef struct weft_split weft_split;

static float intBitsToFloat(int bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static int floatBitsToInt(float value)
{
    int bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static float uintBitsToFloat(unsigned bits)
{
    return intBitsToFloat((int)bits);
}

static unsigned floatBitsToUint(float value)
{
    return (unsigned)floatBitsToInt(value);
}

#define int(x) ((int)(x))
#define float(x) ((float)(x))
#define abs fabsf
#define floor floorf
#define fma fmaf
#define sqrt sqrtf
#define trunc truncf
/* A volatile variable keeps its operation apart from the next one, as NoContraction does. */
#define precise volatile
#include "../../shaders/common.glsl"
#include "../../shaders/exp.glsl"
#include "../../shaders/log.glsl"
#include "../../shaders/pow.glsl"
#include "../../shaders/trig.glsl"
#include "../../shaders/arc.glsl"
#include "../../shaders/hyperbolic.glsl"
#undef int
#undef float
#undef abs
#undef floor
#undef fma
#undef sqrt
#undef trunc
#undef precise

/* An error is accepted when it is below one of the bounds, ulp + ulp_x * |x| among them, for |x| <= limit. Where
 * denormals count as zeros, a denormal argument or result may be zero. */
struct unary_test {
    const char *name;
    float (*got)(float);
    double (*want)(double);
    double ulp, absolute, limit;
    double ulp_x;
    bool flushes;
};

static const struct unary_test unary_tests[] = {
    { "exp", weft_exp, exp, 2.75, 0, INFINITY, 1.5, true },
    { "exp2", weft_exp2, exp2, 2.75, 0, INFINITY, 0, true },
    { "log", weft_log, log, 2.25, 0x1p-23, INFINITY, 0, true },
    { "log2", weft_log2, log2, 2.25, 0x1.4p-23, INFINITY, 0, true },
    { "exp, denormals", weft_exp_denorm, exp, 2.75, 0, INFINITY, 1.5 },
    { "exp2, denormals", weft_exp2_denorm, exp2, 2.75, 0, INFINITY },
    { "log, denormals", weft_log_denorm, log, 2.25, 0x1p-23, INFINITY },
    { "log2, denormals", weft_log2_denorm, log2, 2.25, 0x1.4p-23, INFINITY },
    { "sin", weft_sin, sin, 2, 1e-10, 1e5 },
    { "cos", weft_cos, cos, 2, 1e-10, 1e5 },
    { "tan", weft_tan, tan, 4, 1e-10, 1e5 },
    { "asin", weft_asin, asin, 4, 0, INFINITY },
    { "acos", weft_acos, acos, 4, 0, INFINITY },
    { "atan", weft_atan, atan, 4, 0, INFINITY },
    { "sinh", weft_sinh, sinh, 4, 0, 88.72, 1.5 }, /* overflow where exp does, as specified */
    { "cosh", weft_cosh, cosh, 4, 0, 88.72, 1.5 },
    { "tanh", weft_tanh, tanh, 4, 0, INFINITY },
    { "asinh", weft_asinh, asinh, 4.5, 0, INFINITY },
    { "acosh", weft_acosh, acosh, 4, 0, INFINITY },
    { "atanh", weft_atanh, atanh, 4, 0, INFINITY },
};

/* Distance from the exact value in units of the last place of a float there. */
static double error_ulp(float got, double want)
{
    if (isnan(want) || isnan(got))
        return isnan(want) && isnan(got) ? 0 : INFINITY;
    if (isinf(want) || isinf(got)) {
        float rounded = (float)want;
        /* One last place below the overflow may still round up. */
        return rounded == got || (fabs(want) > 0x1.fffffcp127 && (want > 0) == (got > 0)) ? 0 : INFINITY;
    }
    int exponent = want == 0 ? -126 : ilogb(want);
    if (exponent < -126)
        exponent = -126;
    return fabs(got - want) * ldexp(1, 23 - exponent);
}

static unsigned failures;

static void report(const char *name, double worst, float x, float y, bool ok)
{
    printf("%-15s worst %.3g ULP at %a, %a%s\n", name, worst, x, y, ok ? "" : "  FAILED");
    failures += !ok;
}

/* The worst is what is furthest above or nearest below its bound. */
static unsigned stride = 2039;

static void check_unary(const struct unary_test *t)
{
    double worst = 0, above = -INFINITY;
    float worst_x = 0;
    for (uint64_t bits = 0; bits < 1ull << 32; bits += stride) {
        float x = intBitsToFloat((int)bits);
        if (!(fabsf(x) <= t->limit) && !isnan(x))
            continue;
        float got = t->got(x);
        double want = t->want(x);
        if (t->flushes && got == 0 && fabs(want) < 0x1.00001p-126)
            continue;
        if (t->flushes && fabsf(x) < 0x1p-126f)
            want = t->want(0);
        double error = fabs(got - want) <= t->absolute ? 0 : error_ulp(got, want);
        double bound = t->ulp_x ? t->ulp + t->ulp_x * fabs((double)x) : t->ulp;
        if (error > 0 && error - bound > above) {
            above = error - bound;
            worst = error;
            worst_x = x;
        }
    }
    report(t->name, worst, worst_x, 0, !(above > 0));
}

static const float specials[] = {
    0.0f, -0.0f, 1.0f, -1.0f, 2.0f, -2.0f, 3.0f, -3.0f, 0.5f, -0.5f, 2.5f, -2.5f, 1e-45f, -1e-45f,
    1e-38f, 3e38f, -3e38f, 16777215.0f, 0.99999994f, 1.0000001f, 127.0f, -126.0f, -149.0f, 128.0f,
    INFINITY, -INFINITY, NAN,
};
#define SPECIAL_COUNT (sizeof(specials) / sizeof(specials[0]))

static float random_float(uint32_t *state, int exponent_lo, int exponent_hi)
{
    *state = *state * 1664525u + 1013904223u;
    uint32_t mantissa = *state >> 9;
    *state = *state * 1664525u + 1013904223u;
    int exponent = exponent_lo + (int)((*state >> 8) % (uint32_t)(exponent_hi - exponent_lo + 1));
    return ldexpf(1.0f + (float)mantissa * 0x1p-23f, exponent);
}

/* What exp2(y * log2(x)) may be off, by the specification's errors of the three: 3 ULP or 2^-21, a rounding,
 * 3 + 2 |x| ULP; a unit in the last place is up to 2^-23 of the value. */
static double pow_bound(float x, float y)
{
    double l = log2(x), p = y * l;
    double log_error = l >= -1 && l <= 1 ? 0x1p-21 : 3 * 0x1p-23 * fabs(l);
    double p_error = fabs(y) * log_error + fabs(p) * 0x1p-24;
    return p_error * M_LN2 * 0x1p24 + 3 + 2 * fabs(p);
}

static void check_pow_of(const char *name, float (*got_pow)(float, float), bool flushes)
{
    double above = -INFINITY, worst = 0;
    float worst_x = 0, worst_y = 0;
    uint32_t state = 1;
    for (unsigned i = 0; i < 600000; i++) {
        float x = i & 1 ? random_float(&state, flushes ? -126 : -149, 127) : random_float(&state, -2, 1);
        /* powers that reach from underflow to overflow */
        float reach = (float)((int)(state >> 8) % 160) - 0.37f;
        float y = x == 1 ? 1 : (float)(reach / log2(x));
        float got = got_pow(x, y);
        double want = pow(x, y), bound = pow_bound(x, y), error = error_ulp(got, want);
        if (flushes && got == 0 && want < 0x1p-126 * (1 + bound * 0x1p-23))
            continue;
        if (isinf(got) && want * (1 + bound * 0x1p-23) > 0x1.fffffep127)
            continue;
        if (error - bound > above)
            above = error - bound, worst = error, worst_x = x, worst_y = y;
    }
    report(name, worst, worst_x, worst_y, above <= 0);

    worst = 0;
    for (unsigned i = 0; i < SPECIAL_COUNT * SPECIAL_COUNT; i++) {
        float x = specials[i / SPECIAL_COUNT], y = specials[i % SPECIAL_COUNT];
        if (flushes && x != 0 && fabsf(x) < 0x1p-126f)
            continue;
        /* Signs of zeros do not count. An infinite power of 1 is NaN here, and so is a negative base. */
        double want = x < 0 && y != 0 ? NAN : pow(x == 0 ? 0 : x, y);
        if (x == 1 && !isfinite(y))
            want = NAN;
        bool exact = x <= 0 || y == 0 || isinf(x) || !isfinite(want);
        float got = got_pow(x, y);
        double error = fabs(want) < 0x1p-126 && got == 0 ? 0 : error_ulp(got, want);
        bool ok = error <= (exact ? 0 : pow_bound(x, y));
        if (!ok)
            printf("%s(%a, %a) = %a, not %a\n", name, x, y, got, want);
        if (!ok || error > worst)
            worst = ok ? error : INFINITY, worst_x = x, worst_y = y;
    }
    report(name, worst, worst_x, worst_y, isfinite(worst));
}

static void check_pow(void)
{
    check_pow_of("pow", weft_pow, true);
    check_pow_of("pow, denormals", weft_pow_denorm, false);
}

static void check_atan2(void)
{
    double worst = 0;
    float worst_y = 0, worst_x = 0;
    uint32_t state = 7;
    for (unsigned i = 0; i < 600000 + SPECIAL_COUNT * SPECIAL_COUNT; i++) {
        float y, x;
        if (i >= 600000) {
            y = specials[(i - 600000) / SPECIAL_COUNT];
            x = specials[(i - 600000) % SPECIAL_COUNT];
        } else {
            y = random_float(&state, i & 1 ? -60 : -3, i & 1 ? 60 : 3);
            x = random_float(&state, i & 1 ? -60 : -3, i & 1 ? 60 : 3);
            y = state & 0x1000 ? y : -y;
            x = state & 0x2000 ? x : -x;
        }
        float got = weft_atan2(y, x);
        double want = atan2(y, x);
        bool same_sign = isnan(want) || !signbit(want) == !signbit(got);
        double error = same_sign ? error_ulp(got, want) : INFINITY;
        if (isinf(error))
            printf("atan2(%a, %a) = %a, not %a\n", y, x, got, want);
        if (error > worst)
            worst = error, worst_y = y, worst_x = x;
    }
    report("atan2", worst, worst_y, worst_x, worst <= 4);
}

/* Far out the value is anything, but it must stay a sine. */
static void check_huge_angles(void)
{
    unsigned bad = 0;
    for (uint64_t bits = 0; bits < 1ull << 32; bits += 2039) {
        float x = intBitsToFloat((int)bits);
        float s = weft_sin(x), c = weft_cos(x);
        if (isfinite(x) ? !(fabsf(s) <= 1 && fabsf(c) <= 1) : !(isnan(s) && isnan(c)))
            bad++;
    }
    report("sin, cos, huge", bad, 0, 0, bad == 0);
}

/* Arguments: of how many floats one is tried (1 takes a minute a function), and a function's name. */
int main(int argc, char **argv)
{
    if (argc > 1)
        stride = (unsigned)strtoul(argv[1], NULL, 10);
#ifdef __FMA__
    if (!__builtin_cpu_supports("fma"))
        return 77; /* skip */
#endif
    for (size_t i = 0; i < sizeof(unary_tests) / sizeof(unary_tests[0]); i++)
        if (argc < 3 || !strcmp(argv[2], unary_tests[i].name))
            check_unary(&unary_tests[i]);
    check_pow();
    check_atan2();
    check_huge_angles();
    return failures != 0;
}
