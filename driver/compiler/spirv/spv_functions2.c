/* SPDX-License-Identifier: MIT
 *
 * SPV_INTEL_shader_integer_functions2: differences, averages and sums that do not overflow.
 */
#include "spv_builder.h"

static struct ir_inst *sign_bit(struct spv_builder *b, struct ir_inst *x, enum ir_type type)
{
    return spv_emit2(b, IR_SLT, IR_BOOL, x, spv_const(b, type, 0));
}

struct ir_inst *spv_abs_isub(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    struct ir_inst *less = spv_emit2(b, IR_SLT, IR_BOOL, args[0], args[1]);
    return spv_select(b, less, spv_emit2(b, IR_SUB, type, args[1], args[0]),
                      spv_emit2(b, IR_SUB, type, args[0], args[1]));
}

struct ir_inst *spv_abs_usub(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_emit2(b, IR_SUB, type, spv_emit2(b, IR_UMAX, type, args[0], args[1]),
                     spv_emit2(b, IR_UMIN, type, args[0], args[1]));
}

struct ir_inst *spv_usub_sat(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return spv_emit2(b, IR_SUB, type, spv_emit2(b, IR_UMAX, type, args[0], args[1]), args[1]);
}

/* It overflows where the operands' signs differ and the result's is not the first's. */
struct ir_inst *spv_isub_sat(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    struct ir_inst *x = args[0], *y = args[1], *rest = spv_emit2(b, IR_SUB, type, x, y);
    struct ir_inst *over = spv_emit2(b, IR_AND, type, spv_emit2(b, IR_XOR, type, x, y),
                                     spv_emit2(b, IR_XOR, type, x, rest));
    uint64_t most = spv_mask(type) >> 1;
    struct ir_inst *limit = spv_select(b, sign_bit(b, x, type), spv_const(b, type, most + 1),
                                       spv_const(b, type, most));
    return spv_select(b, sign_bit(b, over, type), limit, rest);
}

/* (x + y) / 2 towards minus infinity: what both have, and half of what one has. */
static struct ir_inst *average(struct spv_builder *b, struct ir_inst *const *args,
                               enum ir_type type, enum ir_op shift)
{
    struct ir_inst *one = spv_emit2(b, IR_XOR, type, args[0], args[1]);
    return spv_emit2(b, IR_ADD, type, spv_emit2(b, IR_AND, type, args[0], args[1]),
                     spv_emit2(b, shift, type, one, spv_const(b, type, 1)));
}

static struct ir_inst *average_rounded(struct spv_builder *b, struct ir_inst *const *args,
                                       enum ir_type type, enum ir_op shift)
{
    struct ir_inst *one = spv_emit2(b, IR_XOR, type, args[0], args[1]);
    return spv_emit2(b, IR_SUB, type, spv_emit2(b, IR_OR, type, args[0], args[1]),
                     spv_emit2(b, shift, type, one, spv_const(b, type, 1)));
}

struct ir_inst *spv_iaverage(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return average(b, args, type, IR_ASHR);
}

struct ir_inst *spv_uaverage(struct spv_builder *b, struct ir_inst *const *args, enum ir_type type)
{
    return average(b, args, type, IR_LSHR);
}

struct ir_inst *spv_iaverage_rounded(struct spv_builder *b, struct ir_inst *const *args,
                                     enum ir_type type)
{
    return average_rounded(b, args, type, IR_ASHR);
}

struct ir_inst *spv_uaverage_rounded(struct spv_builder *b, struct ir_inst *const *args,
                                     enum ir_type type)
{
    return average_rounded(b, args, type, IR_LSHR);
}

/* The second operand counts with its lower 16 bits only. */
static struct ir_inst *multiply_32x16(struct spv_builder *b, struct ir_inst *const *args,
                                      enum ir_type type, bool is_signed)
{
    struct ir_inst *low = spv_to_int(b, spv_to_int(b, args[1], IR_I16, false), type, is_signed);
    return spv_emit2(b, IR_MUL, type, args[0], low);
}

struct ir_inst *spv_imul_32x16(struct spv_builder *b, struct ir_inst *const *args,
                               enum ir_type type)
{
    return multiply_32x16(b, args, type, true);
}

struct ir_inst *spv_umul_32x16(struct spv_builder *b, struct ir_inst *const *args,
                               enum ir_type type)
{
    return multiply_32x16(b, args, type, false);
}
