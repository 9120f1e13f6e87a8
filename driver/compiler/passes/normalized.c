/* SPDX-License-Identifier: MIT
 *
 * Sums of bytes' texels
 *
 * A texel of bytes is i / 255, and nobody is promised the last bit of that. So a sum of such is the sum of the
 * integers, divided once; and what multiplies the sum may go into the division. As a product with a constant of
 * twice a float's length the quotient is the nearest float, however many texels it sums: three white ones are 3.
 */
#include <math.h>
#include <string.h>

#include "fold.h"
#include "simplify.h"

#define MAX_DEPTH 24
#define EXACT ((uint64_t)1 << 24) /* integers below are floats */

/* The most that an integer can be, read unsigned. Recursion is bounded by depth. */
static uint64_t most(const struct ir_inst *inst, unsigned depth)
{
    uint64_t all = fold_mask((enum ir_type)inst->type);
    if (inst->op == IR_CONST)
        return inst->imm;
    if (inst->op == IR_ZEXT)
        return fold_mask((enum ir_type)inst->args[0]->type);
    if (inst->op == IR_AND && inst->args[1]->op == IR_CONST)
        return inst->args[1]->imm;
    if (inst->op == IR_LSHR && inst->args[1]->op == IR_CONST && inst->args[1]->imm < 32)
        return all >> inst->args[1]->imm;
    if (inst->op != IR_ADD || depth == 0)
        return all;
    uint64_t sum = most(inst->args[0], depth - 1) + most(inst->args[1], depth - 1);
    return sum < all ? sum : all;
}

/* A value that is integer * scale. */
struct normalized {
    struct ir_inst *integer; /* I32 */
    uint64_t most;
    double scale;
};

static float float_of(const struct ir_inst *c)
{
    float x;
    uint32_t bits = (uint32_t)c->imm;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static bool is_normalized(const struct ir_inst *inst, struct normalized *n_out)
{
    if (!(inst->flags & IR_INST_NORMALIZED) || inst->type != IR_F32 || (inst->op != IR_FMUL && inst->op != IR_FMA) ||
        inst->args[0]->op != IR_S2F || inst->args[1]->op != IR_CONST)
        return false;
    n_out->integer = inst->args[0]->args[0];
    if (n_out->integer->type != IR_I32)
        return false;
    n_out->most = most(n_out->integer, MAX_DEPTH);
    if (n_out->most >= EXACT)
        return false;
    float high = float_of(inst->args[1]);
    n_out->scale = high;
    if (inst->op == IR_FMUL && high == 1 / 255.0f) {
        n_out->scale = 1 / 255.0;
    } else if (inst->op == IR_FMA) {
        const struct ir_inst *low = inst->args[2];
        if (low->op != IR_FMUL || low->args[1]->op != IR_CONST)
            return false;
        n_out->scale += float_of(low->args[1]);
    }
    return true;
}

static struct ir_inst *make(struct simplify *s, struct ir_inst *at, enum ir_op op,
                            enum ir_type type, uint32_t count, struct ir_inst *const *args)
{
    struct ir_inst *inst = ir_insert_before(s->m, at, op, type, count, args);
    inst->line = at->line;
    return inst;
}

static struct ir_inst *factor(struct simplify *s, double value)
{
    return simplify_const(s, IR_F32, fold_from_double(IR_F32, value, false));
}

static struct ir_inst *quotient(struct simplify *s, struct ir_inst *at, struct ir_inst *integer,
                                double scale)
{
    struct ir_inst *x = make(s, at, IR_S2F, IR_F32, 1, &integer), *high = factor(s, scale), *inst;
    if (s->m->request->isa < WEFT_ISA_AVX2) { /* no fused multiply-add */
        inst = make(s, at, IR_FMUL, IR_F32, 2, (struct ir_inst *[]){x, high});
    } else {
        struct ir_inst *low = factor(s, scale - float_of(high));
        low = make(s, at, IR_FMUL, IR_F32, 2, (struct ir_inst *[]){x, low});
        inst = make(s, at, IR_FMA, IR_F32, 3, (struct ir_inst *[]){x, high, low});
    }
    inst->flags |= IR_INST_NORMALIZED;
    return inst;
}

/* A limit that such a value never reaches. */
static struct ir_inst *limit(const struct ir_inst *inst, const struct normalized *n)
{
    if (inst->args[1]->op != IR_CONST || !(n->scale > 0))
        return NULL;
    float bound = float_of(inst->args[1]);
    bool within = inst->op == IR_FMAX ? bound <= 0 : (float)((double)n->most * n->scale) <= bound;
    return within ? inst->args[0] : NULL;
}

struct ir_inst *normalized_find(struct simplify *s, struct ir_inst *inst)
{
    struct normalized a, b;
    if (inst->type != IR_F32 || inst->imm || (inst->flags & IR_INST_NO_CONTRACT) ||
        !is_normalized(inst->args[0], &a))
        return NULL;
    switch (inst->op) {
    case IR_FADD:
        if (!is_normalized(inst->args[1], &b) || fabs(a.scale - b.scale) > a.scale * 1e-12 || a.most + b.most >= EXACT)
            return NULL;
        return quotient(s, inst, make(s, inst, IR_ADD, IR_I32, 2, (struct ir_inst *[]){a.integer, b.integer}), a.scale);
    case IR_FMUL: {
        if (inst->args[1]->op != IR_CONST || a.integer->op != IR_ADD)
            return NULL;
        double scale = a.scale * (double)float_of(inst->args[1]);
        return scale > 1e-6 && scale < 1e6 ? quotient(s, inst, a.integer, scale) : NULL;
    }
    case IR_FMIN:
    case IR_FMAX:
        return limit(inst, &a);
    default:
        return NULL;
    }
}
