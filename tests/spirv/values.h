/* SPDX-License-Identifier: MIT
 *
 * The element types and value lists of shader tests.
 */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_type {
    VALUE_U8,
    VALUE_I8,
    VALUE_U16,
    VALUE_I16,
    VALUE_U32,
    VALUE_I32,
    VALUE_U64,
    VALUE_I64,
    VALUE_F16,
    VALUE_F32,
    VALUE_F64,
    VALUE_TYPE_COUNT
};

/* False if there is no such type. */
bool value_type_find(const char *name, enum value_type *type_out);
const char *value_type_name(enum value_type type);
size_t value_type_B(enum value_type type);
bool value_type_is_float(enum value_type type);

/* Parses one value ("12", "-0x8", "1.5", "nan"; for floats "0x..." without a p gives the bits) and
 * writes its bits to data. False if it is none. */
bool value_parse(enum value_type type, const char *text, void *data);

/* The value as a double (integers of 64 bits rounded). */
double value_get(enum value_type type, const void *data);
void value_print(enum value_type type, const void *data, char *text, size_t text_B);

/* Writes count values: "zero", "iota [first [step]]", "fill V", "random SEED [LO HI]" or
 * "= V V*COUNT ..." (the last of which fills no more than count, and sets *given_out to its number).
 * words is NULL-terminated. False, with an error text, on a mistake. */
bool values_generate(enum value_type type, size_t count, char **words, void *data, size_t *given_out,
                     const char **error_out);
/* How many values "= ..." holds, 0 for generators. */
size_t values_count(char **words);

/* How far two values may lie apart: within either of the two, or equal (all NaNs are equal). */
struct tolerance {
    double absolute, ulp;
};
bool value_close(enum value_type type, const void *a, const void *b, struct tolerance tolerance);

#endif
