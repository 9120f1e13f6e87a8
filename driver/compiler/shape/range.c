/* SPDX-License-Identifier: MIT */
#include "range.h"

#include "fold.h"

/* Limits of dispatches that the driver promises: workgroups in x, and in y and z. */
#define MAX_GROUPS_X UINT64_C(0x7fffffff)
#define MAX_GROUPS_YZ UINT64_C(65535)

struct range range_full(enum ir_type type)
{
    return (struct range){0, ir_type_is_float(type) || type == IR_VOID ? UINT64_MAX
                                                                       : fold_mask(type)};
}

struct range range_union(struct range a, struct range b)
{
    return (struct range){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

/* A counter that is compared as a signed number stops one short of the largest. */
struct range range_widen(enum ir_type type, struct range r)
{
    uint64_t max = fold_mask(type), signed_max = max >> 1;
    return (struct range){0, r.hi < signed_max ? signed_max - 1 : max};
}

static struct range range_at(const struct ir_inst *inst)
{
    return (struct range){inst->shape.lo, inst->shape.hi};
}

static bool single(struct range r)
{
    return r.lo == r.hi;
}

/* All bits up to the highest set one. */
static uint64_t fill(uint64_t value)
{
    return value ? UINT64_MAX >> __builtin_clzll(value) : 0;
}

static struct range add(struct range a, struct range b, uint64_t mask)
{
    /* Neither or both ends wrap around. */
    unsigned __int128 lo = (unsigned __int128)a.lo + b.lo, hi = (unsigned __int128)a.hi + b.hi;
    if ((lo > mask) != (hi > mask))
        return (struct range){0, mask};
    return (struct range){(uint64_t)lo & mask, (uint64_t)hi & mask};
}

static struct range binary(const struct ir_inst *inst, struct range a, struct range b)
{
    uint64_t mask = fold_mask(inst->type), high;
    struct range full = {0, mask};
    unsigned bits = ir_type_bits(inst->type);
    bool positive = a.hi <= mask >> 1 && b.hi <= mask >> 1; /* as signed numbers */

    switch (inst->op) {
    case IR_ADD:
        return add(a, b, mask);
    case IR_SUB:
        return a.lo >= b.hi ? (struct range){a.lo - b.hi, a.hi - b.lo} : full;
    case IR_MUL:
        if (__builtin_mul_overflow(a.hi, b.hi, &high) || high > mask)
            return full;
        return (struct range){a.lo * b.lo, high};
    case IR_UDIV:
        return b.lo ? (struct range){a.lo / b.hi, a.hi / b.lo} : full;
    case IR_UREM:
        if (!b.lo)
            return full;
        if (a.hi < b.lo)
            return a;
        return (struct range){0, a.hi < b.hi - 1 ? a.hi : b.hi - 1};
    case IR_SDIV:
        return positive && b.lo ? (struct range){a.lo / b.hi, a.hi / b.lo} : full;
    case IR_SREM:
        if (!positive || !b.lo)
            return full;
        return (struct range){0, a.hi < b.hi - 1 ? a.hi : b.hi - 1};
    case IR_AND:
        return (struct range){0, a.hi < b.hi ? a.hi : b.hi};
    case IR_OR:
        return (struct range){a.lo > b.lo ? a.lo : b.lo, fill(a.hi | b.hi)};
    case IR_XOR:
        return (struct range){0, fill(a.hi | b.hi)};
    case IR_SHL:
        if (!single(b) || b.lo >= bits || a.hi > mask >> b.lo)
            return full;
        return (struct range){a.lo << b.lo, a.hi << b.lo};
    case IR_ASHR:
        if (a.hi > mask >> 1)
            return full;
        /* fallthrough */
    case IR_LSHR:
        if (b.hi >= bits)
            return full;
        return (struct range){a.lo >> b.hi, a.hi >> b.lo};
    case IR_SMIN:
        if (!positive)
            return full;
        /* fallthrough */
    case IR_UMIN:
        return (struct range){a.lo < b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
    case IR_SMAX:
        if (!positive) {
            /* max(x, c) with c >= 0 is at least c and no negative number. */
            if (b.hi <= mask >> 1)
                return (struct range){b.lo, mask >> 1};
            return full;
        }
        /* fallthrough */
    case IR_UMAX:
        return (struct range){a.lo > b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
    default:
        return full;
    }
}

/* 0, 1 or, where both can be, 2. */
static unsigned decide(enum ir_op op, struct range a, struct range b, uint64_t mask)
{
    if (op == IR_SLT || op == IR_SLE) {
        /* Moved by half the range, signed numbers compare like unsigned ones; a range that crosses
         * the sign tells nothing. */
        uint64_t half = (mask >> 1) + 1;
        if ((a.lo < half) != (a.hi < half) || (b.lo < half) != (b.hi < half))
            return 2;
        a = (struct range){a.lo ^ half, a.hi ^ half};
        b = (struct range){b.lo ^ half, b.hi ^ half};
    }
    switch (op) {
    case IR_EQ:
    case IR_NE:
        if (single(a) && single(b) && a.lo == b.lo)
            return op == IR_EQ;
        if (a.hi < b.lo || b.hi < a.lo)
            return op == IR_NE;
        return 2;
    case IR_ULT:
    case IR_SLT:
        return a.hi < b.lo ? 1 : a.lo >= b.hi ? 0 : 2;
    case IR_ULE:
    case IR_SLE:
        return a.hi <= b.lo ? 1 : a.lo > b.hi ? 0 : 2;
    default:
        return 2;
    }
}

/* Values of the built-in inputs. */
static struct range input(const struct ir_module *m, const struct ir_inst *inst)
{
    uint32_t size = m->local_size[0] * m->local_size[1] * m->local_size[2];
    uint64_t groups = inst->imm == 0 ? MAX_GROUPS_X : MAX_GROUPS_YZ;
    switch (inst->op) {
    case IR_LOCAL_ID:
        return (struct range){0, m->local_size[inst->imm] - 1};
    case IR_LOCAL_INDEX:
        return (struct range){0, size - 1};
    case IR_GROUP_ID:
        return (struct range){0, groups - 1};
    case IR_GROUP_COUNT:
        return (struct range){1, groups};
    case IR_SUBGROUP_ID:
        return (struct range){0, (size + m->width - 1) / m->width - 1};
    case IR_LANE:
        return (struct range){0, m->width - 1};
    default:
        return range_full(inst->type);
    }
}

/* Components of a ballot: bits of the lanes there are. */
static struct range ballot(const struct ir_module *m, uint64_t component)
{
    unsigned lanes = m->width > 32 * component ? m->width - 32 * (unsigned)component : 0;
    return (struct range){0, lanes >= 32 ? UINT32_MAX : (UINT64_C(1) << lanes) - 1};
}

struct range range_of(const struct ir_module *m, const struct ir_inst *inst)
{
    struct range full = range_full(inst->type);
    if (inst->op == IR_CONST)
        return ir_type_is_float(inst->type) ? full : (struct range){inst->imm, inst->imm};
    if (inst->op >= IR_LOCAL_ID && inst->op <= IR_LANE)
        return input(m, inst);
    if (inst->op == IR_COMP && inst->args[0]->op == IR_SG_BALLOT)
        return ballot(m, inst->imm);
    if (inst->op >= IR_EQ && inst->op <= IR_SLE) {
        enum ir_type type = inst->args[0]->type;
        unsigned known = decide(inst->op, range_at(inst->args[0]), range_at(inst->args[1]),
                                fold_mask(type));
        return known == 2 ? full : (struct range){known, known};
    }
    if (ir_type_is_float(inst->type) || inst->arg_count == 0)
        return full;

    struct range a = range_at(inst->args[0]);
    uint64_t from_mask = ir_type_is_int(inst->args[0]->type) ? fold_mask(inst->args[0]->type) : 0;
    switch (inst->op) {
    case IR_SELECT:
        if (single(a))
            return range_at(inst->args[a.lo ? 1 : 2]);
        return range_union(range_at(inst->args[1]), range_at(inst->args[2]));
    case IR_NOT:
        return (struct range){full.hi - a.hi, full.hi - a.lo};
    case IR_BITCOUNT:
    case IR_CLZ:
    case IR_CTZ:
        return (struct range){0, ir_type_bits(inst->type)};
    case IR_TRUNC:
        return a.hi <= full.hi ? a : full;
    case IR_ZEXT:
        return a;
    case IR_SEXT:
        if (a.hi <= from_mask >> 1)
            return a;
        if (a.lo > from_mask >> 1)
            return (struct range){a.lo | (full.hi & ~from_mask), a.hi | (full.hi & ~from_mask)};
        return full;
    case IR_BITCAST:
        return ir_type_is_int(inst->args[0]->type) ? a : full;
    case IR_SG_FIRST:
    case IR_SG_SHUFFLE: /* an inactive lane's value is unspecified: say nothing */
        return inst->op == IR_SG_FIRST ? a : full;
    default:
        if (inst->op >= IR_ADD && inst->op <= IR_UMAX)
            return binary(inst, a, range_at(inst->args[1]));
        return full;
    }
}

/* ---- Conditions ---- */

static void narrow(struct range_refined *r, struct ir_inst *inst, uint64_t lo, uint64_t hi)
{
    struct ir_shape *s = &inst->shape;
    lo = lo > s->lo ? lo : s->lo;
    hi = hi < s->hi ? hi : s->hi;
    if (inst->op == IR_CONST || r->count == RANGE_MAX_REFINED || lo > hi ||
        (lo == s->lo && hi == s->hi))
        return;
    r->saved[r->count].inst = inst;
    r->saved[r->count].old = (struct range){s->lo, s->hi};
    r->saved[r->count++].old_partial = s->partial;
    s->lo = lo;
    s->hi = hi;
    s->partial |= s->kind != IR_SHAPE_UNIFORM;
}

/* a < b, or a <= b. */
static void less(struct range_refined *r, struct ir_inst *a, struct ir_inst *b, bool or_equal,
                 bool is_signed)
{
    uint64_t mask = fold_mask(a->type), half = mask >> 1;
    uint64_t b_hi = b->shape.hi, a_lo = a->shape.lo;
    if (is_signed) {
        /* Only where it is known that no negative number plays a part. A bound of unknown sign is
         * at most the largest number. */
        if (a->shape.hi > half)
            return;
        if (b_hi > half)
            b_hi = half;
    }
    if (or_equal || b_hi > 0)
        narrow(r, a, 0, or_equal ? b_hi : b_hi - 1);
    if (or_equal || a_lo < mask)
        narrow(r, b, or_equal ? a_lo : a_lo + 1, is_signed ? half : mask);
}

void range_refine(struct range_refined *r, struct ir_inst *cond, bool truth)
{
    struct ir_inst *a = cond->arg_count > 0 ? cond->args[0] : NULL;
    struct ir_inst *b = cond->arg_count > 1 ? cond->args[1] : NULL;
    switch (cond->op) {
    case IR_AND: /* its two sides, not deeper than one level each */
    case IR_OR:
        if ((cond->op == IR_AND) != truth)
            return;
        if (a->op != IR_AND && a->op != IR_OR)
            range_refine(r, a, truth);
        if (b->op != IR_AND && b->op != IR_OR)
            range_refine(r, b, truth);
        return;
    case IR_EQ:
    case IR_NE:
        if ((cond->op == IR_EQ) != truth || !ir_type_is_int(a->type))
            return;
        narrow(r, a, b->shape.lo, b->shape.hi);
        narrow(r, b, a->shape.lo, a->shape.hi);
        return;
    case IR_ULT:
        truth ? less(r, a, b, false, false) : less(r, b, a, true, false);
        return;
    case IR_ULE:
        truth ? less(r, a, b, true, false) : less(r, b, a, false, false);
        return;
    case IR_SLT:
        truth ? less(r, a, b, false, true) : less(r, b, a, true, true);
        return;
    case IR_SLE:
        truth ? less(r, a, b, true, true) : less(r, b, a, false, true);
        return;
    default:
        return;
    }
}

void range_restore(struct range_refined *r)
{
    while (r->count) {
        r->count--;
        struct ir_shape *s = &r->saved[r->count].inst->shape;
        s->lo = r->saved[r->count].old.lo;
        s->hi = r->saved[r->count].old.hi;
        s->partial = r->saved[r->count].old_partial;
    }
}
