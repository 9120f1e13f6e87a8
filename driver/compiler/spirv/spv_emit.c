/* SPDX-License-Identifier: MIT
 *
 * Emission: folds constants and identities as instructions are made, because unrolling and the
 * promotion of variables depend on conditions and indices that are constants when they can be.
 */
#include "spv_builder.h"

#define LANE_INSTRUCTIONS 16
#define BARRIER_INSTRUCTIONS 1024

static void count_instruction(struct spv_builder *b)
{
    b->count++;
    if (b->count > SPV_MAX_INSTRUCTIONS)
        spv_unsupported(b, "the shader expands to more than %d instructions",
                        SPV_MAX_INSTRUCTIONS);
    if (b->attempt && b->count > b->attempt->count_limit) {
        struct spv_attempt *outermost = b->attempt;
        for (struct spv_attempt *a = b->attempt; a; a = a->up)
            if (b->count > a->count_limit)
                outermost = a;
        spv_attempt_abort(b, outermost);
    }
}

/* What is done lane by lane becomes many instructions: fewer iterations of it may be unrolled. */
static void count_lanes(struct spv_builder *b)
{
    for (struct spv_attempt *a = b->attempt; a; a = a->up)
        a->count_limit -= a->count_limit - b->count < LANE_INSTRUCTIONS
                              ? a->count_limit - b->count : LANE_INSTRUCTIONS;
}

/* A loop with barriers goes through the passes of a sort or a transform: where each pass is code of its
 * own, its addresses have patterns. Compiling fast, it would be most of the code. */
static void count_barrier(struct spv_builder *b)
{
    if (b->m->request->flags & WEFT_REQUEST_FAST)
        return;
    for (struct spv_attempt *a = b->attempt; a && !a->barrier; a = a->up) {
        a->barrier = true;
        a->count_limit += BARRIER_INSTRUCTIONS;
    }
}

struct ir_inst *spv_append(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                           struct ir_inst *const *args)
{
    count_instruction(b);
    if (op == IR_ATOMIC || op == IR_ATOMIC_CMPXCHG)
        count_lanes(b);
    else if (op == IR_BARRIER)
        count_barrier(b);
    struct ir_inst *inst = ir_append(b->m, b->region, op, type, count, args);
    inst->line = b->line;
    inst->flags = b->inst_flags;
    return inst;
}

/* ---- Fused multiply-adds ----
 *
 * A product and a sum that one pass through one SPIR-V block makes are fused, whatever else becomes of
 * them. So whether two operations round once or twice depends on the shader alone: not on unrolling,
 * which makes constants of products, nor on the width, nor on what LLVM finds worth its while. */

static bool may_fuse(const struct spv_builder *b, enum ir_type type)
{
    return (type == IR_F16 || type == IR_F32 || type == IR_F64) && b->m->request->isa >= WEFT_ISA_AVX2 &&
           !(b->inst_flags & IR_INST_NO_CONTRACT) && !b->reading;
}

struct ir_inst *spv_rounded(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                            struct ir_inst *const *args, bool towards_zero)
{
    uint64_t bits;
    if (spv_fold(op, type, towards_zero, count, (const struct ir_inst *const *)args, &bits))
        return spv_const(b, type, bits);
    struct ir_inst *inst = spv_append(b, op, type, count, args);
    inst->imm = towards_zero;
    return inst;
}

/* A product that additions may take up; constants are folded by later passes. */
static struct ir_inst *emit_product(struct spv_builder *b, enum ir_type type,
                                    struct ir_inst *const *x)
{
    struct ir_inst *product = spv_append(b, IR_FMUL, type, 2, x);
    product->pass_data = (uint32_t)b->visits;
    return product;
}

static bool is_product(const struct spv_builder *b, const struct ir_inst *x)
{
    return x->op == IR_FMUL && x->pass_data == (uint32_t)b->visits;
}

/* x + y or x - y as a fused multiply-add; NULL where neither is a product. */
static struct ir_inst *emit_fused(struct spv_builder *b, enum ir_op op, enum ir_type type,
                                  struct ir_inst *x, struct ir_inst *y)
{
    bool first = is_product(b, x);
    if (!first && !is_product(b, y))
        return NULL;
    struct ir_inst *factor = (first ? x : y)->args[0], *other = (first ? x : y)->args[1];
    struct ir_inst *addend = first ? y : x;
    if (op == IR_FSUB && first)
        addend = spv_emit1(b, IR_FNEG, type, addend);
    else if (op == IR_FSUB)
        factor = spv_emit1(b, IR_FNEG, type, factor);
    return spv_append(b, IR_FMA, type, 3, (struct ir_inst *[]){factor, other, addend});
}

/* ---- Halves ----
 *
 * Sums, products and roots of halves are computed as f32. Where an operand is the result of another in the same pass
 * through the same block, its f32 is taken, unless the shader says how it wants intermediate results:
 * rounding them costs more than all the rest ("Evaluation of Expressions" lets their number differ). By the
 * same rule as above it depends on the shader alone. */

static bool may_keep(const struct spv_builder *b, enum ir_op op, enum ir_type type)
{
    bool known = op == IR_FMUL || op == IR_FADD || op == IR_FSUB || op == IR_FSQRT || op == IR_FRSQRT;
    return type == IR_F16 && known && !b->reading &&
           !(b->inst_flags & (IR_INST_NO_CONTRACT | IR_INST_NO_REASSOC));
}

static bool is_kept(const struct spv_builder *b, const struct ir_inst *x)
{
    return x->op == IR_FTRUNC_TO && x->pass_data == (uint32_t)b->visits;
}

static struct ir_inst *widened(struct spv_builder *b, struct ir_inst *half)
{
    uint64_t bits;
    if (is_kept(b, half))
        return half->args[0];
    if (spv_fold(IR_FEXT, IR_F32, 0, 1, (const struct ir_inst *const[]){half}, &bits))
        return spv_const(b, IR_F32, bits);
    return spv_append(b, IR_FEXT, IR_F32, 1, &half);
}

/* A sum, difference or product of two, or a root of one. */
static struct ir_inst *emit_half(struct spv_builder *b, enum ir_op op, uint32_t count,
                                 struct ir_inst *const *halves)
{
    struct ir_inst *x[2] = {NULL, NULL}, *v = NULL;
    for (uint32_t i = 0; i < count; i++)
        x[i] = widened(b, halves[i]);
    bool fuse = may_fuse(b, IR_F32);
    if (op == IR_FMUL && fuse)
        v = emit_product(b, IR_F32, x);
    else if (count == 2 && fuse)
        v = emit_fused(b, op, IR_F32, x[0], x[1]);
    if (!v)
        v = spv_append(b, op, IR_F32, count, x);
    v = spv_append(b, IR_FTRUNC_TO, IR_F16, 1, &v);
    v->pass_data = (uint32_t)b->visits;
    return v;
}

struct ir_inst *spv_unfused(struct spv_builder *b, struct ir_inst *x)
{
    if (!is_product(b, x) && !is_kept(b, x))
        return x;
    return spv_append(b, (enum ir_op)x->op, (enum ir_type)x->type, x->arg_count, x->args);
}

struct ir_inst *spv_emit(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                         struct ir_inst *const *args)
{
    struct ir_inst *x[3] = {NULL, NULL, NULL};
    struct ir_inst *simple = NULL;
    uint64_t bits;
    for (uint32_t i = 0; i < count; i++)
        x[i] = ir_resolve(args[i]);
    if ((ir_op_infos[op].flags & IR_ROUNDS) &&
        (b->mod->float_modes[type] & SPV_FLOAT_TOWARDS_ZERO))
        return spv_rounded(b, op, type, count, x, true);
    if (may_keep(b, op, type))
        return emit_half(b, op, count, x);
    if (op == IR_FMUL && may_fuse(b, type))
        return emit_product(b, type, x);
    if ((op == IR_FADD || op == IR_FSUB) && may_fuse(b, type) &&
        (simple = emit_fused(b, op, type, x[0], x[1])))
        return simple;
    if (spv_fold(op, type, 0, count, (const struct ir_inst *const *)x, &bits))
        return spv_const(b, type, bits);
    simple = spv_identity(b, op, type, count, x);
    /* Where a constant chose a product, another loop iteration may choose something else. */
    return simple ? spv_unfused(b, simple) : spv_append(b, op, type, count, x);
}

struct ir_inst *spv_emit1(struct spv_builder *b, enum ir_op op, enum ir_type type,
                          struct ir_inst *x)
{
    return spv_emit(b, op, type, 1, &x);
}

struct ir_inst *spv_emit2(struct spv_builder *b, enum ir_op op, enum ir_type type,
                          struct ir_inst *x, struct ir_inst *y)
{
    struct ir_inst *args[] = {x, y};
    return spv_emit(b, op, type, 2, args);
}

struct ir_inst *spv_emit3(struct spv_builder *b, enum ir_op op, enum ir_type type,
                          struct ir_inst *x, struct ir_inst *y, struct ir_inst *z)
{
    struct ir_inst *args[] = {x, y, z};
    return spv_emit(b, op, type, 3, args);
}

struct ir_inst *spv_flushed(struct spv_builder *b, struct ir_inst *x)
{
    enum ir_type type = (enum ir_type)x->type;
    if (!ir_type_is_float(type) || !(b->mod->float_modes[type] & SPV_FLOAT_FLUSH))
        return x;
    enum ir_type whole = type == IR_F16 ? IR_I16 : type == IR_F32 ? IR_I32 : IR_I64;
    uint64_t sign = UINT64_C(1) << (ir_type_bits(type) - 1);
    uint64_t normal = UINT64_C(1) << (type == IR_F16 ? 10 : type == IR_F32 ? 23 : 52);
    struct ir_inst *bits = spv_emit1(b, IR_BITCAST, whole, x);
    struct ir_inst *size = spv_emit2(b, IR_AND, whole, bits, spv_const(b, whole, sign - 1));
    struct ir_inst *small = spv_emit2(b, IR_ULT, IR_BOOL, size, spv_const(b, whole, normal));
    struct ir_inst *zero = spv_emit2(b, IR_AND, whole, bits, spv_const(b, whole, sign));
    return spv_select(b, small, spv_emit1(b, IR_BITCAST, type, zero), x);
}

struct ir_inst *spv_not(struct spv_builder *b, struct ir_inst *x)
{
    return spv_emit1(b, IR_NOT, (enum ir_type)x->type, x);
}

struct ir_inst *spv_select(struct spv_builder *b, struct ir_inst *cond, struct ir_inst *x,
                           struct ir_inst *y)
{
    return spv_emit3(b, IR_SELECT, (enum ir_type)x->type, cond, x, y);
}

struct ir_inst *spv_comp(struct spv_builder *b, struct ir_inst *inst, uint32_t k)
{
    struct ir_inst *comp = spv_append(b, IR_COMP, (enum ir_type)inst->type, 1, &inst);
    comp->imm = k;
    return comp;
}

struct ir_inst *spv_to_int(struct spv_builder *b, struct ir_inst *x, enum ir_type type,
                           bool is_signed)
{
    unsigned from = ir_type_bits((enum ir_type)x->type), to = ir_type_bits(type);
    if (from == to)
        return x;
    return spv_emit1(b, from > to ? IR_TRUNC : is_signed ? IR_SEXT : IR_ZEXT, type, x);
}
