/* SPDX-License-Identifier: MIT
 *
 * Instructions that are one of their operands, a constant, or a simpler one.
 */
#include "spv_builder.h"

static bool is_all_ones(const struct ir_inst *x)
{
    return spv_is_value(x, spv_mask((enum ir_type)x->type));
}

static bool is_float_value(const struct ir_inst *x, double value)
{
    return x->op == IR_CONST && x->imm == spv_double_to_bits((enum ir_type)x->type, value);
}

static bool is_commutative(enum ir_op op)
{
    switch (op) {
    case IR_ADD:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_EQ:
    case IR_NE:
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
    case IR_FADD:
    case IR_FMUL:
        return true;
    default:
        return false;
    }
}

/* x op x */
static struct ir_inst *same_operands(struct spv_builder *b, enum ir_op op, enum ir_type type,
                                     struct ir_inst *x)
{
    switch (op) {
    case IR_SUB:
    case IR_XOR:
        return spv_const(b, type, 0);
    case IR_AND:
    case IR_OR:
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
        return x;
    case IR_EQ:
    case IR_ULE:
    case IR_SLE:
        return spv_bool(b, true);
    case IR_NE:
    case IR_ULT:
    case IR_SLT:
        return spv_bool(b, false);
    default:
        return NULL;
    }
}

/* x op constant */
static struct ir_inst *constant_operand(struct spv_builder *b, enum ir_op op, enum ir_type type,
                                        struct ir_inst *x, struct ir_inst *c)
{
    bool zero = c->imm == 0, one = c->imm == 1;
    uint64_t bits = c->imm;
    bool power = bits && !(bits & (bits - 1));
    switch (op) {
    case IR_ADD:
        if (x->op == IR_ADD && spv_is_const(x->args[1]))
            return spv_emit2(b, IR_ADD, type, x->args[0],
                             spv_const(b, type, x->args[1]->imm + bits));
        return zero ? x : NULL;
    case IR_SUB:
        return zero ? x : spv_emit2(b, IR_ADD, type, x, spv_const(b, type, 0 - bits));
    case IR_MUL:
        return zero ? c : one ? x : NULL;
    case IR_UDIV:
        if (power && !one)
            return spv_emit2(b, IR_LSHR, type, x,
                             spv_const(b, type, (uint64_t)__builtin_ctzll(bits)));
        return one ? x : NULL;
    case IR_SDIV:
        return one ? x : NULL;
    case IR_UREM:
        return power ? spv_emit2(b, IR_AND, type, x, spv_const(b, type, bits - 1)) : NULL;
    case IR_AND:
        return zero ? c : is_all_ones(c) ? x : NULL;
    case IR_OR:
        return zero ? x : is_all_ones(c) ? c : NULL;
    case IR_XOR:
        if (is_all_ones(c))
            return spv_emit1(b, IR_NOT, type, x);
        return zero ? x : NULL;
    case IR_SHL:
    case IR_LSHR:
    case IR_ASHR:
        return zero ? x : NULL;
    case IR_EQ:
    case IR_NE:
        if (x->type == IR_BOOL)
            return one == (op == IR_EQ) ? x : spv_not(b, x);
        return NULL;
    case IR_FMUL:
    case IR_FDIV:
        return is_float_value(c, 1) ? x : NULL;
    default:
        return NULL;
    }
}

static struct ir_inst *simplify_unary(enum ir_op op, enum ir_type type, struct ir_inst *x)
{
    switch (op) {
    case IR_NOT:
    case IR_FNEG:
    case IR_BITREVERSE:
        return x->op == op ? x->args[0] : NULL;
    case IR_BITCAST:
        if (x->type == type)
            return x;
        return x->op == IR_BITCAST && x->args[0]->type == type ? x->args[0] : NULL;
    case IR_TRUNC:
        return (x->op == IR_ZEXT || x->op == IR_SEXT) && x->args[0]->type == type ? x->args[0]
                                                                                 : NULL;
    default:
        return NULL;
    }
}

static struct ir_inst *simplify_select(struct spv_builder *b, struct ir_inst *const *args)
{
    if (spv_is_const(args[0]))
        return args[0]->imm ? args[1] : args[2];
    if (args[1] == args[2])
        return args[1];
    if (args[1]->type == IR_BOOL && spv_is_const(args[1]) && spv_is_const(args[2]))
        return args[1]->imm ? args[0] : spv_not(b, args[0]);
    return NULL;
}

struct ir_inst *spv_identity(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                             struct ir_inst **args)
{
    if (count == 2 && is_commutative(op) && spv_is_const(args[0])) {
        struct ir_inst *swap = args[0];
        args[0] = args[1];
        args[1] = swap;
    }
    if (op == IR_SELECT)
        return simplify_select(b, args);
    if (count == 1)
        return simplify_unary(op, type, args[0]);
    if (count == 2 && args[0] == args[1])
        return same_operands(b, op, type, args[0]);
    if (count == 2 && spv_is_const(args[1]))
        return constant_operand(b, op, type, args[0], args[1]);
    return NULL;
}
