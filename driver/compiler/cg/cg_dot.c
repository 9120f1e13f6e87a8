/* SPDX-License-Identifier: MIT
 *
 * Dot products of packed bytes, register by register. The best instructions take one side's bytes unsigned
 * and the other's signed, so either the bytes are known to be below 128, which are the same both ways, or 128
 * times the other side's sum is put right afterwards. Where those instructions are missing or may saturate,
 * the even and the odd bytes of each 16-bit half are widened in place, multiplied as 16-bit numbers and added
 * in pairs.
 */
#include "cg_alu.h"

#define DOT_SATURATES 1 /* imm of a dot product that cg_join_sums() made of a sum that does */
#define MAX_DEPTH 6 /* of the operations that the bits of a value are followed through */

/* Of one side: the register, and how its bytes may be read. */
struct side {
    LLVMValueRef v;
    bool is_signed, small, uniform;
};

/* Bits that are 0 in every lane. */
static uint32_t zero_bits(const struct ir_inst *inst, unsigned depth)
{
    if (inst->op == IR_CONST)
        return ~(uint32_t)inst->imm;
    if (depth == 0 || inst->type != IR_I32)
        return 0;
    const struct ir_inst *by = inst->arg_count > 1 ? inst->args[1] : NULL;
    switch (inst->op) {
    case IR_AND:
        return zero_bits(inst->args[0], depth - 1) | zero_bits(by, depth - 1);
    case IR_OR:
    case IR_XOR:
        return zero_bits(inst->args[0], depth - 1) & zero_bits(by, depth - 1);
    case IR_SHL:
        return by->op == IR_CONST && by->imm < 32
                   ? zero_bits(inst->args[0], depth - 1) << by->imm | ((1u << by->imm) - 1)
                   : 0;
    case IR_LSHR:
        return by->op == IR_CONST && by->imm < 32
                   ? zero_bits(inst->args[0], depth - 1) >> by->imm | ~(~0u >> by->imm)
                   : 0;
    case IR_SELECT:
        return zero_bits(by, depth - 1) & zero_bits(inst->args[2], depth - 1);
    default:
        return 0;
    }
}

/* Of the register's 32-bit lanes. */
static LLVMValueRef splat(const struct alu *a, unsigned lanes, uint32_t value)
{
    return cg_splat_n(a->cg, LLVMConstInt(a->cg->i32, value, false), lanes);
}

static LLVMValueRef fours(const struct alu *a, unsigned lanes, LLVMValueRef sum, LLVMValueRef x,
                          LLVMValueRef y)
{
    LLVMValueRef args[] = {sum, x, y};
    return cg_product(a->cg, a->cg->b, CG_MULTIPLY_FOURS, lanes, args, 3);
}

/* The side whose bytes may be read unsigned while the other's are read signed; NULL if none. */
static const struct side *unsigned_side(const struct side *x, const struct side *y)
{
    if ((!x->is_signed || x->small) && (y->is_signed || y->small))
        return x;
    return (!y->is_signed || y->small) && (x->is_signed || x->small) ? y : NULL;
}

/* sum + x * y, where an instruction for it exists. */
static LLVMValueRef dot_fours(const struct alu *a, unsigned lanes, const struct side *x,
                              const struct side *y, LLVMValueRef sum)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef zero = splat(a, lanes, 0), high = splat(a, lanes, 0x80808080);
    const struct side *first = unsigned_side(x, y);
    if (first)
        return fours(a, lanes, sum, first->v, (first == x ? y : x)->v);
    /* What is put right depends on one side alone; that may be done once for all lanes, or for a loop. */
    const struct side *p = x->uniform ? y : x, *q = x->uniform ? x : y;
    if (x->is_signed) /* (p + 128) * q - 128 * q */
        return LLVMBuildSub(b, fours(a, lanes, sum, LLVMBuildXor(b, p->v, high, ""), q->v),
                            fours(a, lanes, zero, high, q->v), "");
    /* (p - 128) * q + 128 * q; read signed, the constant is -128 */
    return LLVMBuildSub(b, fours(a, lanes, sum, q->v, LLVMBuildXor(b, p->v, high, "")),
                        fours(a, lanes, zero, q->v, high), "");
}

/* The same by products added in pairs to 16 bits, which bytes below 128 on the unsigned side don't saturate. */
static LLVMValueRef dot_small(const struct alu *a, unsigned lanes, const struct side *x,
                              const struct side *y, LLVMValueRef sum)
{
    LLVMValueRef args[] = {x->v, y->v};
    LLVMValueRef pairs[] = {cg_product(a->cg, a->cg->b, CG_MULTIPLY_SMALL, lanes, args, 2), splat(a, lanes, 0x10001)};
    return LLVMBuildAdd(a->cg->b, cg_product(a->cg, a->cg->b, CG_MULTIPLY_PAIRS, lanes, pairs, 2), sum, "");
}

/* The bytes at even (odd: at odd) places, as 16-bit numbers. */
static LLVMValueRef widen(const struct alu *a, unsigned lanes, const struct side *side, bool odd)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef eight = cg_splat_n(a->cg, LLVMConstInt(a->cg->i16, 8, false), 2 * lanes);
    LLVMValueRef halves = LLVMBuildBitCast(b, side->v, LLVMVectorType(a->cg->i16, 2 * lanes), "");
    bool sign = side->is_signed && !side->small;
    if (!sign && !odd)
        return LLVMBuildAnd(b, halves, cg_splat_n(a->cg, LLVMConstInt(a->cg->i16, 0xff, false), 2 * lanes),
                            "");
    if (!odd)
        halves = LLVMBuildShl(b, halves, eight, "");
    return sign ? LLVMBuildAShr(b, halves, eight, "") : LLVMBuildLShr(b, halves, eight, "");
}

static LLVMValueRef dot_wide(const struct alu *a, unsigned lanes, const struct side *x,
                             const struct side *y, LLVMValueRef sum)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef products[2];
    for (unsigned odd = 0; odd < 2; odd++) {
        LLVMValueRef args[] = {widen(a, lanes, x, odd), widen(a, lanes, y, odd)};
        products[odd] = cg_product(a->cg, a->cg->b, CG_MULTIPLY_PAIRS, lanes, args, 2);
    }
    return LLVMBuildAdd(b, LLVMBuildAdd(b, products[0], products[1], ""), sum, "");
}

static LLVMValueRef dot_register(const struct alu *a, unsigned lanes, const struct side *x,
                                 const struct side *y, LLVMValueRef sum)
{
    const struct side *first = unsigned_side(x, y);
    if (a->inst->imm == DOT_SATURATES) {
        LLVMValueRef args[] = {sum, first ? first->v : NULL, first == x ? y->v : x->v};
        if (first && cg_target_product(a->cg->target, CG_MULTIPLY_FOURS_SATURATED, lanes))
            return cg_product(a->cg, a->cg->b, CG_MULTIPLY_FOURS_SATURATED, lanes, args, 3);
        struct ir_inst plain = *a->inst;
        struct alu without = *a;
        plain.imm = 0;
        without.inst = &plain;
        LLVMValueRef dot = dot_register(&without, lanes, x, y, splat(a, lanes, 0));
        return alu_call2(a, "llvm.sadd.sat", dot, sum);
    }
    if (cg_target_product(a->cg->target, CG_MULTIPLY_FOURS, lanes))
        return dot_fours(a, lanes, x, y, sum);
    if (first && first->small)
        return dot_small(a, lanes, first, first == x ? y : x, sum);
    return dot_wide(a, lanes, x, y, sum);
}

static LLVMValueRef byte_of(const struct alu *a, LLVMValueRef v, unsigned k, bool sign)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMValueRef up = LLVMBuildShl(b, v, alu_int(a, a->cg->i32, 24 - 8 * k), "");
    LLVMValueRef down = alu_int(a, a->cg->i32, 24);
    return sign ? LLVMBuildAShr(b, up, down, "") : LLVMBuildLShr(b, up, down, "");
}

/* Scalars, and vectors that fill no register. */
static LLVMValueRef dot_plain(const struct alu *a, bool sign0, bool sign1)
{
    LLVMBuilderRef b = a->cg->b;
    bool saturates = a->inst->imm == DOT_SATURATES;
    LLVMValueRef sum = saturates ? alu_int(a, a->cg->i32, 0) : a->a[2];
    for (unsigned k = 0; k < 4; k++)
        sum = LLVMBuildAdd(b, sum,
                           LLVMBuildMul(b, byte_of(a, a->a[0], k, sign0),
                                        byte_of(a, a->a[1], k, sign1), ""),
                           "");
    return saturates ? alu_call2(a, "llvm.sadd.sat", sum, a->a[2]) : sum;
}

LLVMValueRef alu_dot4(const struct alu *a)
{
    bool signs[] = {a->inst->op != IR_UDOT4, a->inst->op == IR_SDOT4};
    unsigned lanes = a->cg->target->lanes < a->n ? a->cg->target->lanes : a->n;
    struct side sides[2];
    LLVMValueRef parts[64];
    if (!cg_target_product(a->cg->target, CG_MULTIPLY_PAIRS, lanes))
        return dot_plain(a, signs[0], signs[1]);
    for (unsigned k = 0; k < 2; k++) {
        const struct ir_inst *inst = a->inst->args[k];
        sides[k].is_signed = signs[k];
        sides[k].small = (zero_bits(inst, MAX_DEPTH) & 0x80808080) == 0x80808080;
        sides[k].uniform = inst->shape.kind == IR_SHAPE_UNIFORM;
    }
    unsigned count = a->n / lanes;
    for (unsigned i = 0; i < count && i < 64; i++) {
        for (unsigned k = 0; k < 2; k++)
            sides[k].v = cg_part(a->cg, a->a[k], lanes * i, lanes);
        parts[i] = dot_register(a, lanes, &sides[0], &sides[1], cg_part(a->cg, a->a[2], lanes * i, lanes));
    }
    return cg_join(a->cg, parts, count, lanes);
}

/* Instructions for dot products add to what there was: d = dot(x, y, 0), s + d becomes dot(x, y, s), if d is
 * used by nothing else and as often. */
void cg_join_sums(struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        if ((i->op != IR_ADD && i->op != IR_SADD_SAT) || i->type != IR_I32)
            continue;
        for (unsigned k = 0; k < 2; k++) {
            struct ir_inst *dot = i->args[k], *other = i->args[1 - k];
            if ((dot->op != IR_SDOT4 && dot->op != IR_UDOT4 && dot->op != IR_SUDOT4) || dot->use_count != 1 ||
                dot->parent != i->parent || dot->args[2]->op != IR_CONST || dot->args[2]->imm ||
                dot->imm == DOT_SATURATES)
                continue;
            i->imm = i->op == IR_SADD_SAT ? DOT_SATURATES : 0;
            dot->args[2] = other;
            i->args = dot->args;
            i->arg_count = dot->arg_count;
            i->op = dot->op;
            ir_remove(dot);
            break;
        }
    }
}
