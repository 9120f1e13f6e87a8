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

/* ---- The pool: constants and the like, once each, at the start of the module's body ---- */

static uint32_t pool_hash(enum ir_op op, enum ir_type type, uint64_t imm, const struct ir_inst *arg)
{
    uint64_t h = imm * 0x9e3779b97f4a7c15u ^ (uint64_t)op << 40 ^ (uint64_t)type << 52 ^
                 (uint64_t)(uintptr_t)arg >> 4;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32);
}

static void pool_grow(struct spv_builder *b)
{
    uint32_t capacity = b->pool_capacity ? 2 * b->pool_capacity : 256;
    struct ir_inst **pool = arena_array(b->arena, struct ir_inst *, capacity);
    for (uint32_t i = 0; i < b->pool_capacity; i++) {
        struct ir_inst *inst = b->pool[i];
        if (!inst)
            continue;
        uint32_t at = pool_hash((enum ir_op)inst->op, (enum ir_type)inst->type, inst->imm,
                                inst->arg_count ? inst->args[0] : NULL);
        while (pool[at & (capacity - 1)])
            at++;
        pool[at & (capacity - 1)] = inst;
    }
    b->pool = pool;
    b->pool_capacity = capacity;
}

struct ir_inst *spv_pooled(struct spv_builder *b, enum ir_op op, enum ir_type type, uint64_t imm,
                           struct ir_inst *arg)
{
    if (4 * (b->pool_count + 1) > 3 * b->pool_capacity)
        pool_grow(b);
    uint32_t at = pool_hash(op, type, imm, arg);
    struct ir_inst *inst;
    for (; (inst = b->pool[at & (b->pool_capacity - 1)]); at++)
        if (inst->op == op && inst->type == type && inst->imm == imm &&
            (inst->arg_count ? inst->args[0] : NULL) == arg)
            return inst;
    struct ir_inst *next = b->pool_last ? b->pool_last->next : b->m->body->first;
    uint32_t count = arg ? 1 : 0;
    inst = next ? ir_insert_before(b->m, next, op, type, count, &arg)
                : ir_append(b->m, b->m->body, op, type, count, &arg);
    inst->imm = imm;
    b->pool_last = inst;
    b->pool[at & (b->pool_capacity - 1)] = inst;
    b->pool_count++;
    return inst;
}

struct ir_inst *spv_const(struct spv_builder *b, enum ir_type type, uint64_t bits)
{
    return spv_pooled(b, IR_CONST, type, bits & spv_mask(type), NULL);
}

struct ir_inst *spv_const_float(struct spv_builder *b, enum ir_type type, double value)
{
    return spv_const(b, type, spv_double_to_bits(type, value));
}

struct ir_inst *spv_i32(struct spv_builder *b, uint32_t value)
{
    return spv_const(b, IR_I32, value);
}

struct ir_inst *spv_bool(struct spv_builder *b, bool value)
{
    return spv_const(b, IR_BOOL, value);
}

struct ir_inst *spv_undef(struct spv_builder *b, enum ir_type type)
{
    return spv_pooled(b, IR_UNDEF, type, 0, NULL);
}

/* ---- Identities ---- */

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
    if (count == 2 && is_commutative(op) && spv_is_const(x[0])) {
        struct ir_inst *swap = x[0];
        x[0] = x[1];
        x[1] = swap;
    }
    if (op == IR_SELECT)
        simple = simplify_select(b, x);
    else if (count == 1)
        simple = simplify_unary(op, type, x[0]);
    else if (count == 2 && x[0] == x[1])
        simple = same_operands(b, op, type, x[0]);
    else if (count == 2 && spv_is_const(x[1]))
        simple = constant_operand(b, op, type, x[0], x[1]);
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

/* ---- Regions ---- */

static bool is_inside(const struct ir_region *r, const struct ir_region *outer)
{
    for (; r; r = r->owner ? r->owner->parent : NULL)
        if (r == outer)
            return true;
    return false;
}

static void push_value(struct spv_builder *b, struct ir_inst ***values, uint32_t *count,
                       struct ir_inst *x)
{
    *values = arena_grow(b->arena, *values, *count, *count + 1, sizeof(**values));
    (*values)[(*count)++] = x;
}

/* The last of the PARAMs or RESULTs that start at first; after is what they follow. */
static struct ir_inst *last_of(struct ir_inst *first, enum ir_op op, struct ir_inst *after)
{
    for (; first && first->op == op; first = first->next)
        after = first;
    return after;
}

static struct ir_inst *insert_after(struct spv_builder *b, struct ir_region *r, struct ir_inst *at,
                                    enum ir_op op, enum ir_type type, struct ir_inst *arg,
                                    uint64_t imm)
{
    struct ir_inst *next = at ? at->next : r->first;
    uint32_t count = arg ? 1 : 0;
    struct ir_inst *inst = next ? ir_insert_before(b->m, next, op, type, count, &arg)
                                : ir_append(b->m, r, op, type, count, &arg);
    inst->imm = imm;
    inst->line = b->line;
    return inst;
}

struct ir_inst *spv_loop_carry(struct spv_builder *b, struct ir_inst *loop, struct ir_inst *init,
                               struct ir_inst *yield)
{
    struct ir_region *body = loop->regions[0];
    enum ir_type type = (enum ir_type)yield->type;
    uint32_t k = loop->arg_count;
    push_value(b, &body->yields, &body->yield_count, yield);
    push_value(b, &loop->args, &loop->arg_count, init);
    insert_after(b, body, last_of(body->first, IR_PARAM, NULL), IR_PARAM, type, NULL, k);
    b->count++;
    return insert_after(b, loop->parent, last_of(loop->next, IR_RESULT, loop), IR_RESULT, type,
                        loop, k);
}

/* Lets a value leave its region: a RESULT of the region's owner, the same for every use. */
static struct ir_inst *leave_region(struct spv_builder *b, struct ir_inst *x)
{
    struct ir_region *r = x->parent;
    struct ir_inst *owner = r->owner;
    enum ir_type type = (enum ir_type)x->type;
    uint32_t skip = owner->op == IR_LOOP; /* a loop's yields[0] is its condition */
    for (uint32_t k = skip; k < r->yield_count; k++) {
        if (r->yields[k] != x)
            continue;
        for (struct ir_inst *i = owner->next; i && i->op == IR_RESULT; i = i->next)
            if (i->imm == k - skip)
                return i;
    }
    if (owner->op == IR_LOOP)
        return spv_loop_carry(b, owner, spv_undef(b, type), x);
    uint32_t k = r->yield_count;
    struct ir_region *other = owner->regions[r == owner->regions[0]];
    push_value(b, &r->yields, &r->yield_count, x);
    push_value(b, &other->yields, &other->yield_count, spv_undef(b, type));
    b->count++;
    return insert_after(b, owner->parent, last_of(owner->next, IR_RESULT, owner), IR_RESULT, type,
                        owner, k);
}

struct ir_inst *spv_usable(struct spv_builder *b, struct ir_inst *x)
{
    x = ir_resolve(x);
    if (x->parent == b->region || x->parent == b->m->body)
        return x;
    while (!is_inside(b->region, x->parent)) {
        /* Out of an arm whose IF is still being built: its other arm wants the value. */
        struct ir_inst *owner = x->parent->owner;
        for (struct ir_region *r = b->region; r; r = r->owner ? r->owner->parent : NULL)
            if (r->owner == owner)
                spv_bad(b, "a value is used where its definition does not dominate");
        x = ir_resolve(leave_region(b, x));
    }
    return x;
}
