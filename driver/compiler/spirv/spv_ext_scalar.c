/* SPDX-License-Identifier: MIT
 *
 * Instructions of GLSL.std.450 that work on each component by itself.
 */
#include <math.h>

#include "spv_ext450.h"

#define ARGS struct spv_builder *b, struct ir_inst *const *args, enum ir_type type

struct ir_inst *spv_ext_sabs(ARGS)
{
    return spv_emit2(b, IR_SMAX, type, args[0], spv_snegate(b, args, type));
}

struct ir_inst *spv_ext_fsign(ARGS)
{
    struct ir_inst *zero = spv_const_float(b, type, 0);
    struct ir_inst *minus = spv_select(b, spv_emit2(b, IR_FOLT, IR_BOOL, args[0], zero),
                                       spv_const_float(b, type, -1), zero);
    return spv_select(b, spv_emit2(b, IR_FOLT, IR_BOOL, zero, args[0]), spv_const_float(b, type, 1),
                      minus);
}

struct ir_inst *spv_ext_ssign(ARGS)
{
    struct ir_inst *x = spv_emit2(b, IR_SMAX, type, args[0], spv_const(b, type, UINT64_MAX));
    return spv_emit2(b, IR_SMIN, type, x, spv_const(b, type, 1));
}

struct ir_inst *spv_ext_fract(ARGS)
{
    return spv_emit2(b, IR_FSUB, type, args[0], spv_emit1(b, IR_FFLOOR, type, args[0]));
}

struct ir_inst *spv_ext_radians(ARGS)
{
    return spv_emit2(b, IR_FMUL, type, args[0], spv_const_float(b, type, M_PI / 180));
}

struct ir_inst *spv_ext_degrees(ARGS)
{
    return spv_emit2(b, IR_FMUL, type, args[0], spv_const_float(b, type, 180 / M_PI));
}

struct ir_inst *spv_ext_fclamp(ARGS)
{
    return spv_emit2(b, IR_FMIN, type, spv_emit2(b, IR_FMAX, type, args[0], args[1]), args[2]);
}

struct ir_inst *spv_ext_uclamp(ARGS)
{
    return spv_emit2(b, IR_UMIN, type, spv_emit2(b, IR_UMAX, type, args[0], args[1]), args[2]);
}

struct ir_inst *spv_ext_sclamp(ARGS)
{
    return spv_emit2(b, IR_SMIN, type, spv_emit2(b, IR_SMAX, type, args[0], args[1]), args[2]);
}

struct ir_inst *spv_ext_fmix(ARGS)
{
    struct ir_inst *rest = spv_emit2(b, IR_FSUB, type, spv_const_float(b, type, 1), args[2]);
    return spv_emit2(b, IR_FADD, type, spv_emit2(b, IR_FMUL, type, args[0], rest),
                     spv_emit2(b, IR_FMUL, type, args[1], args[2]));
}

struct ir_inst *spv_ext_step(ARGS)
{
    return spv_select(b, spv_emit2(b, IR_FOLT, IR_BOOL, args[1], args[0]),
                      spv_const_float(b, type, 0), spv_const_float(b, type, 1));
}

struct ir_inst *spv_ext_smoothstep(ARGS)
{
    struct ir_inst *t = spv_emit2(b, IR_FDIV, type, spv_emit2(b, IR_FSUB, type, args[2], args[0]),
                                  spv_emit2(b, IR_FSUB, type, args[1], args[0]));
    t = spv_emit2(b, IR_FMAX, type, t, spv_const_float(b, type, 0));
    t = spv_emit2(b, IR_FMIN, type, t, spv_const_float(b, type, 1));
    struct ir_inst *rest = spv_emit2(b, IR_FSUB, type, spv_const_float(b, type, 3),
                                     spv_emit2(b, IR_FMUL, type, spv_const_float(b, type, 2), t));
    return spv_emit2(b, IR_FMUL, type, spv_emit2(b, IR_FMUL, type, t, t), rest);
}

static struct ir_inst *power_of_two(struct spv_builder *b, struct ir_inst *exponent,
                                    enum ir_type type)
{
    struct spv_ext_layout l = spv_ext_layout(type);
    struct ir_inst *x = spv_to_int(b, exponent, l.bits, true);
    x = spv_emit2(b, IR_ADD, l.bits, x, spv_const(b, l.bits, l.bias));
    x = spv_emit2(b, IR_SHL, l.bits, x, spv_const(b, l.bits, l.mantissa));
    return spv_emit1(b, IR_BITCAST, type, x);
}

/* Beyond three times the largest exponent of any type, doubles' included, nothing changes. */
#define LDEXP_LIMIT INT64_C(8192)

/* x * 2^e in three steps: from the largest number to below the smallest, or back, is further than
 * twice the exponent of a power that is a number itself. */
struct ir_inst *spv_ext_ldexp(ARGS)
{
    enum ir_type work = type == IR_F64 ? IR_F64 : IR_F32;
    struct ir_inst *most = spv_i32(b, spv_ext_layout(work).bias);
    struct ir_inst *least = spv_i32(b, 1 - spv_ext_layout(work).bias);
    struct ir_inst *x = spv_float_to(b, args[0], work);
    struct ir_inst *e = args[1];
    /* An exponent of 64 bits is cut to what matters before it loses its upper half. */
    if (e->type == IR_I64) {
        e = spv_emit2(b, IR_SMAX, IR_I64, e, spv_const(b, IR_I64, (uint64_t)-LDEXP_LIMIT));
        e = spv_emit2(b, IR_SMIN, IR_I64, e, spv_const(b, IR_I64, LDEXP_LIMIT));
    }
    e = spv_to_int(b, e, IR_I32, true);
    for (int i = 0; i < 3; i++) {
        struct ir_inst *part = spv_emit2(b, IR_SMAX, IR_I32, e, least);
        part = spv_emit2(b, IR_SMIN, IR_I32, part, most);
        x = spv_emit2(b, IR_FMUL, work, x, power_of_two(b, part, work));
        e = spv_emit2(b, IR_SUB, IR_I32, e, part);
    }
    return spv_float_to(b, x, type);
}

struct ir_inst *spv_ext_find_lsb(ARGS)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    struct ir_inst *none = spv_emit2(b, IR_EQ, IR_BOOL, args[0], spv_const(b, from, 0));
    struct ir_inst *bit = spv_to_int(b, spv_emit1(b, IR_CTZ, from, args[0]), type, false);
    return spv_select(b, none, spv_const(b, type, UINT64_MAX), bit);
}

struct ir_inst *spv_ext_find_umsb(ARGS)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    struct ir_inst *top = spv_const(b, from, ir_type_bits(from) - 1);
    struct ir_inst *bit =
        spv_emit2(b, IR_SUB, from, top, spv_emit1(b, IR_CLZ, from, args[0])); /* -1 for none */
    return spv_to_int(b, bit, type, true);
}

struct ir_inst *spv_ext_find_smsb(ARGS)
{
    enum ir_type from = (enum ir_type)args[0]->type;
    struct ir_inst *sign =
        spv_emit2(b, IR_ASHR, from, args[0], spv_const(b, from, ir_type_bits(from) - 1));
    struct ir_inst *x = spv_emit2(b, IR_XOR, from, args[0], sign);
    return spv_ext_find_umsb(b, &x, type);
}
