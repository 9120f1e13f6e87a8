/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint8_t size_B;
    bool is_float, is_signed;
    int8_t mantissa, exponent_min; /* of floats: bits stored, exponent of the smallest normal */
} types[VALUE_TYPE_COUNT] = {
    [VALUE_U8] = { "u8", 1, false, false, 0, 0 },    [VALUE_I8] = { "i8", 1, false, true, 0, 0 },
    [VALUE_U16] = { "u16", 2, false, false, 0, 0 },  [VALUE_I16] = { "i16", 2, false, true, 0, 0 },
    [VALUE_U32] = { "u32", 4, false, false, 0, 0 },  [VALUE_I32] = { "i32", 4, false, true, 0, 0 },
    [VALUE_U64] = { "u64", 8, false, false, 0, 0 },  [VALUE_I64] = { "i64", 8, false, true, 0, 0 },
    [VALUE_F16] = { "f16", 2, true, true, 10, -14 }, [VALUE_F32] = { "f32", 4, true, true, 23, -126 },
    [VALUE_F64] = { "f64", 8, true, true, 52, 0 }, /* -1022, see value_close */
};

bool value_type_find(const char *name, enum value_type *type_out)
{
    for (unsigned i = 0; i < VALUE_TYPE_COUNT; i++) {
        if (!strcmp(types[i].name, name)) {
            *type_out = (enum value_type)i;
            return true;
        }
    }
    return false;
}

const char *value_type_name(enum value_type type)
{
    return types[type].name;
}

size_t value_type_B(enum value_type type)
{
    return types[type].size_B;
}

bool value_type_is_float(enum value_type type)
{
    return types[type].is_float;
}

static double half_to_double(uint16_t bits)
{
    int exponent = bits >> 10 & 31;
    int mantissa = bits & 0x3ff;
    double magnitude;
    if (exponent == 31)
        magnitude = mantissa ? (double)NAN : (double)INFINITY;
    else if (exponent == 0)
        magnitude = ldexp(mantissa, -24);
    else
        magnitude = ldexp(mantissa + 1024, exponent - 25);
    return bits & 0x8000 ? -magnitude : magnitude;
}

static uint16_t half_from_double(double value)
{
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double magnitude = fabs(value);
    if (isnan(value))
        return sign | 0x7e00;
    if (magnitude >= 65520)
        return sign | 0x7c00;
    if (magnitude < 0x1p-14)
        return sign | (uint16_t)nearbyint(ldexp(magnitude, 24));
    int exponent = ilogb(magnitude);
    /* A mantissa that rounds up to 2048 carries into the exponent, which is what it must do. */
    int mantissa = (int)nearbyint(ldexp(magnitude, 10 - exponent));
    return (uint16_t)(sign | ((exponent + 14) * 1024 + mantissa));
}

static void put_bits(enum value_type type, uint64_t bits, void *data)
{
    memcpy(data, &bits, types[type].size_B); /* little-endian */
}

static void put_double(enum value_type type, double value, void *data)
{
    float single = (float)value;
    uint16_t half = half_from_double(value);
    switch (type) {
    case VALUE_F16:
        memcpy(data, &half, sizeof(half));
        break;
    case VALUE_F32:
        memcpy(data, &single, sizeof(single));
        break;
    case VALUE_F64:
        memcpy(data, &value, sizeof(value));
        break;
    default:
        put_bits(type, value < 0 ? (uint64_t)(int64_t)value : (uint64_t)value, data);
        break;
    }
}

static uint64_t get_bits(enum value_type type, const void *data)
{
    uint64_t bits = 0;
    memcpy(&bits, data, types[type].size_B);
    if (types[type].is_signed && !types[type].is_float && types[type].size_B < 8) {
        unsigned shift = 64 - 8u * types[type].size_B;
        bits = (uint64_t)((int64_t)(bits << shift) >> shift);
    }
    return bits;
}

double value_get(enum value_type type, const void *data)
{
    uint64_t bits = get_bits(type, data);
    float single;
    double full;
    switch (type) {
    case VALUE_F16:
        return half_to_double((uint16_t)bits);
    case VALUE_F32:
        memcpy(&single, data, sizeof(single));
        return (double)single;
    case VALUE_F64:
        memcpy(&full, data, sizeof(full));
        return full;
    default:
        return types[type].is_signed ? (double)(int64_t)bits : (double)bits;
    }
}

bool value_parse(enum value_type type, const char *text, void *data)
{
    char *end;
    bool hex = strstr(text, "0x") != NULL;
    errno = 0;
    if (types[type].is_float && !(hex && !strchr(text, 'p'))) {
        double value = strtod(text, &end);
        if (*end || end == text)
            return false;
        put_double(type, value, data);
        return true;
    }
    uint64_t bits = text[0] == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
    if (*end || end == text || errno)
        return false;
    put_bits(type, bits, data);
    return true;
}

void value_print(enum value_type type, const void *data, char *text, size_t text_B)
{
    uint64_t bits = get_bits(type, data);
    if (types[type].is_float)
        snprintf(text, text_B, "%.9g (0x%0*" PRIx64 ")", value_get(type, data),
                 2 * types[type].size_B, bits);
    else if (types[type].is_signed)
        snprintf(text, text_B, "%" PRId64, (int64_t)bits);
    else
        snprintf(text, text_B, "%" PRIu64 " (0x%" PRIx64 ")", bits, bits);
}

/* splitmix64 */
static uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static bool generate_random(enum value_type type, size_t count, char **words, char *to)
{
    uint64_t state = words[0] ? strtoull(words[0], NULL, 0) : 0;
    bool ranged = words[0] && words[1] && words[2];
    if (words[0] && words[1] && !ranged)
        return false;
    double lo = ranged ? strtod(words[1], NULL) : 0, hi = ranged ? strtod(words[2], NULL) : 1;
    for (size_t i = 0; i < count; i++, to += types[type].size_B) {
        uint64_t bits = random_bits(&state);
        double unit = (double)(bits >> 11) * 0x1p-53;
        if (types[type].is_float)
            put_double(type, lo + (hi - lo) * unit, to);
        else if (ranged) /* lo .. hi, both included */
            put_double(type, floor(lo + (hi - lo + 1) * unit), to);
        else
            put_bits(type, bits, to);
    }
    return true;
}

/* "V" or "V*COUNT" */
static bool parse_repeated(enum value_type type, const char *word, void *data, size_t *repeat_out)
{
    char text[64];
    const char *star = strchr(word, '*');
    size_t length = star ? (size_t)(star - word) : strlen(word);
    if (length >= sizeof(text))
        return false;
    memcpy(text, word, length);
    text[length] = 0;
    *repeat_out = star ? strtoull(star + 1, NULL, 0) : 1;
    return value_parse(type, text, data);
}

size_t values_count(char **words)
{
    size_t count = 0;
    if (!words[0] || strcmp(words[0], "="))
        return 0;
    for (words++; *words; words++) {
        const char *star = strchr(*words, '*');
        count += star ? strtoull(star + 1, NULL, 0) : 1;
    }
    return count;
}

bool values_generate(enum value_type type, size_t count, char **words, void *data, size_t *given_out,
                     const char **error_out)
{
    size_t size_B = types[type].size_B;
    char *to = data;
    uint64_t value = 0;
    *given_out = count;
    *error_out = "bad values";
    if (!words[0] || !strcmp(words[0], "zero")) {
        memset(data, 0, count * size_B);
        return true;
    }
    if (!strcmp(words[0], "iota")) {
        double first = words[1] ? strtod(words[1], NULL) : 0;
        double step = words[1] && words[2] ? strtod(words[2], NULL) : 1;
        for (size_t i = 0; i < count; i++)
            put_double(type, first + (double)i * step, to + i * size_B);
        return true;
    }
    if (!strcmp(words[0], "fill")) {
        if (!words[1] || !value_parse(type, words[1], &value))
            return false;
        for (size_t i = 0; i < count; i++)
            memcpy(to + i * size_B, &value, size_B);
        return true;
    }
    if (!strcmp(words[0], "random"))
        return generate_random(type, count, words + 1, to);
    if (strcmp(words[0], "=")) {
        *error_out = "no such generator of values";
        return false;
    }
    size_t done = 0;
    for (words++; *words; words++) {
        size_t repeat;
        if (!parse_repeated(type, *words, &value, &repeat))
            return false;
        for (; repeat && done < count; repeat--, done++)
            memcpy(to + done * size_B, &value, size_B);
    }
    *given_out = done;
    return true;
}

bool value_close(enum value_type type, const void *a, const void *b, struct tolerance tolerance)
{
    size_t size_B = types[type].size_B;
    if (!memcmp(a, b, size_B))
        return true;
    double x = value_get(type, a), y = value_get(type, b);
    if (!types[type].is_float)
        return fabs(x - y) <= tolerance.absolute && tolerance.absolute > 0;
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y);
    if (isinf(x) || isinf(y))
        return x == y;
    double magnitude = fmax(fabs(x), fabs(y));
    int exponent_min = type == VALUE_F64 ? -1022 : types[type].exponent_min;
    int exponent = magnitude > 0 ? ilogb(magnitude) : exponent_min;
    if (exponent < exponent_min)
        exponent = exponent_min;
    double distance = fabs(x - y);
    return (tolerance.absolute > 0 && distance <= tolerance.absolute) ||
           (tolerance.ulp > 0 && distance <= tolerance.ulp * ldexp(1, exponent - types[type].mantissa));
}
