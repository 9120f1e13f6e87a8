/* SPDX-License-Identifier: MIT
 *
 * Shapes of single instructions.
 *
 * Facts about wrap-around are kept honest: OFFSETS holds modulo 2^bits. Where an operation needs
 * more (widening, shifting right, masking), it asks whether base + offset can carry. It can't where
 * the base is a multiple of a power of two that no offset reaches, or where the range is known to
 * be too small for it.
 */
#include <string.h>

#include "arena.h"
#include "fold.h"
#include "range.h"
#include "shape.h"

#define ALIGN_MAX 63

struct pattern {
    struct pattern *next;
    int64_t offsets[];
};

const int64_t *shape_pattern(struct shaper *s, const int64_t *offsets)
{
    size_t size_B = s->width * sizeof(*offsets);
    for (struct pattern **at = &s->patterns, *p; (p = *at); at = &p->next) {
        if (memcmp(p->offsets, offsets, size_B) == 0) {
            *at = p->next; /* to the front */
            p->next = s->patterns;
            s->patterns = p;
            return p->offsets;
        }
    }
    struct pattern *p = arena_alloc(s->m->arena, sizeof(*p) + size_B);
    memcpy(p->offsets, offsets, size_B);
    p->next = s->patterns;
    s->patterns = p;
    return p->offsets;
}

struct ir_shape shape_varying(enum ir_type type)
{
    struct range full = range_full(type);
    return (struct ir_shape){.kind = IR_SHAPE_VARYING, .lo = full.lo, .hi = full.hi};
}

bool shape_same(const struct ir_shape *a, const struct ir_shape *b)
{
    return a->kind == b->kind && a->scope == b->scope && a->align_log2 == b->align_log2 &&
           a->known == b->known && a->partial == b->partial && a->offsets == b->offsets &&
           a->strip == b->strip && (!a->known || a->base == b->base) && a->lo == b->lo && a->hi == b->hi;
}

static uint8_t min_u8(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

struct ir_shape shape_join(enum ir_type type, const struct ir_shape *a, const struct ir_shape *b)
{
    struct range range = range_union((struct range){a->lo, a->hi}, (struct range){b->lo, b->hi});
    struct ir_shape joined = {.lo = range.lo, .hi = range.hi, .partial = a->partial || b->partial};
    if (a->kind != b->kind || a->kind == IR_SHAPE_VARYING || a->offsets != b->offsets) {
        joined.kind = IR_SHAPE_VARYING;
        return joined;
    }
    joined.kind = a->kind;
    joined.scope = min_u8(a->scope, b->scope);
    joined.offsets = a->offsets;
    joined.align_log2 = min_u8(a->align_log2, b->align_log2);
    joined.known = a->known && b->known && a->base == b->base;
    joined.base = joined.known ? a->base : 0;
    return joined;
}

static uint8_t align_of(uint64_t bits)
{
    return bits ? (uint8_t)__builtin_ctzll(bits) : ALIGN_MAX;
}

/* Makes OFFSETS of lane values relative to lane 0, or UNIFORM where they are all the same. */
static void set_offsets(struct shaper *s, enum ir_type type, struct ir_shape *shape,
                        const int64_t *values)
{
    int64_t offsets[SHAPE_MAX_WIDTH];
    bool uniform = true;
    for (uint32_t i = 0; i < s->width; i++) {
        uint64_t difference = (uint64_t)values[i] - (uint64_t)values[0];
        offsets[i] = fold_signed(type, difference & fold_mask(type));
        uniform &= offsets[i] == 0;
    }
    shape->kind = uniform ? IR_SHAPE_UNIFORM : IR_SHAPE_OFFSETS;
    shape->offsets = uniform ? NULL : shape_pattern(s, offsets);
}

static void set_known(struct ir_shape *shape, uint64_t base)
{
    shape->known = true;
    shape->base = base;
    shape->align_log2 = align_of(base);
}

/* ---- Inputs ---- */

/* The value of LOCAL_ID or LOCAL_INDEX in an invocation. Invocations past the last continue the
 * pattern: nobody looks at them. */
static uint32_t input_value(const struct ir_module *m, const struct ir_inst *inst, uint32_t index)
{
    const uint32_t *size = m->local_size;
    if (inst->op == IR_LOCAL_INDEX)
        return index;
    return inst->imm == 0   ? index % size[0]
           : inst->imm == 1 ? index / size[0] % size[1]
                            : index / (size[0] * size[1]);
}

/* Which workgroup, or invocation of the row, a lane of a flat module is in. Vectors start at multiples
 * of the width; lanes past the row's ends are inactive. */
static void shape_of_flat(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    const struct ir_module *m = s->m;
    uint32_t size = m->local_size[0] * m->local_size[1] * m->local_size[2];
    uint32_t by = inst->op == IR_FLAT_ID ? 1 : size;
    int64_t values[SHAPE_MAX_WIDTH];
    for (uint32_t i = 0; i < s->width; i++)
        values[i] = i / by;
    set_offsets(s, IR_I32, shape, values);
    shape->scope = IR_SCOPE_SUBGROUP;
    shape->align_log2 = align_of(s->width / by);
    shape->partial = true;
}

/* OFFSETS if every subgroup has the same pattern. */
static void shape_of_input(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    const struct ir_module *m = s->m;
    uint32_t size = m->local_size[0] * m->local_size[1] * m->local_size[2];
    int64_t first[SHAPE_MAX_WIDTH] = {0};
    bool same_base = true;
    uint64_t bases = 0;

    for (uint32_t i = 0; i < s->width; i++)
        first[i] = input_value(m, inst, m->flat ? i % size : i);
    if (m->flat) { /* vectors start with a workgroup */
        set_offsets(s, IR_I32, shape, first);
        shape->scope = IR_SCOPE_WORKGROUP;
        set_known(shape, (uint64_t)first[0]);
        return;
    }
    for (uint32_t start = 0; start < size; start += s->width) {
        int64_t base = input_value(m, inst, start);
        same_base &= base == first[0];
        bases |= (uint64_t)base;
        for (uint32_t i = 0; i < s->width && start + i < size; i++)
            if (input_value(m, inst, start + i) - base != first[i] - first[0])
                return; /* stays VARYING */
    }
    set_offsets(s, IR_I32, shape, first);
    shape->scope = same_base ? IR_SCOPE_WORKGROUP : IR_SCOPE_SUBGROUP;
    shape->align_log2 = align_of(bases);
    if (same_base)
        set_known(shape, (uint64_t)first[0]);
}

/* ---- Elementwise operations ---- */

/* base + offset never carries past the bits that the base has zero. */
static bool offsets_below_align(const struct shaper *s, const struct ir_shape *shape)
{
    if (shape->kind == IR_SHAPE_UNIFORM)
        return true;
    for (uint32_t i = 0; i < s->width; i++)
        if (shape->offsets[i] < 0 || shape->offsets[i] >> shape->align_log2)
            return false;
    return true;
}

/* Every lane's value, as a number, is the base plus its offset: nothing wraps around, unsigned and
 * signed. */
static bool never_wraps(const struct shaper *s, const struct ir_shape *shape, enum ir_type type)
{
    uint64_t mask = fold_mask(type), half = mask >> 1, reach = 0;
    if (shape->kind == IR_SHAPE_UNIFORM)
        return true;
    if (shape->align_log2 < ir_type_bits(type) && offsets_below_align(s, shape))
        return true;
    if (shape->partial || (shape->lo <= half) != (shape->hi <= half))
        return false;
    for (uint32_t i = 0; i < s->width; i++) {
        uint64_t distance = (uint64_t)(shape->offsets[i] < 0 ? -shape->offsets[i]
                                                             : shape->offsets[i]);
        reach = distance > reach ? distance : reach;
    }
    /* If a lane wrapped, it and lane 0 would lie further apart than the range allows. */
    return reach <= half && shape->hi - shape->lo <= half - reach;
}

static int64_t offset_of(const struct ir_shape *shape, uint32_t lane)
{
    return shape->kind == IR_SHAPE_OFFSETS ? shape->offsets[lane] : 0;
}

/* The value of a lane whose base is known. */
static uint64_t lane_value(const struct ir_inst *inst, uint32_t lane)
{
    return (inst->shape.base + (uint64_t)offset_of(&inst->shape, lane)) & fold_mask(inst->type);
}

/* All arguments are known in all lanes: computes the operation in each. */
static bool evaluate(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    int64_t values[SHAPE_MAX_WIDTH];
    if (ir_type_is_float(inst->type))
        return false;
    for (uint32_t a = 0; a < inst->arg_count; a++)
        if (!inst->args[a]->shape.known)
            return false;
    for (uint32_t i = 0; i < s->width; i++) {
        uint64_t args[3], result;
        for (uint32_t a = 0; a < inst->arg_count; a++)
            args[a] = lane_value(inst->args[a], i);
        if (!fold_op(inst->op, inst->type, inst->args[0]->type, inst->imm, args, &result))
            return false;
        values[i] = (int64_t)result;
    }
    set_offsets(s, inst->type, shape, values);
    if (inst->type == IR_BOOL && shape->kind == IR_SHAPE_OFFSETS) {
        shape->kind = IR_SHAPE_VARYING;
        shape->offsets = NULL;
        return true;
    }
    set_known(shape, (uint64_t)values[0]);
    return true;
}

/* Bits that can be set in a value, and so no bit in common with a multiple of something. */
static bool disjoint(const struct shaper *s, const struct ir_shape *low,
                     const struct ir_shape *high)
{
    unsigned align = high->align_log2;
    if (low->partial || align > 62 || low->hi >> align)
        return false;
    for (uint32_t i = 0; i < s->width; i++)
        if (offset_of(high, i) & (int64_t)((UINT64_C(1) << align) - 1))
            return false;
    return true;
}

/* Lane values of the sum, difference, ... of arguments whose bases are taken as 0. */
static bool offsets_of(struct shaper *s, const struct ir_inst *inst, int64_t *values)
{
    const struct ir_shape *a = &inst->args[0]->shape;
    const struct ir_shape *b = inst->arg_count > 1 ? &inst->args[1]->shape : NULL;
    enum ir_type type = inst->type;
    unsigned bits = ir_type_bits(type);
    enum ir_op op = inst->op;
    bool b_constant = b && b->kind == IR_SHAPE_UNIFORM && b->known;
    int64_t constant = b_constant ? (int64_t)b->base : 0;
    bool a_constant = a->kind == IR_SHAPE_UNIFORM && a->known;

    if ((op == IR_OR || op == IR_XOR) && (disjoint(s, a, b) || disjoint(s, b, a)))
        op = IR_ADD;
    switch (op) {
    case IR_ADD:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = (int64_t)((uint64_t)offset_of(a, i) + (uint64_t)offset_of(b, i));
        return true;
    case IR_SUB:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = (int64_t)((uint64_t)offset_of(a, i) - (uint64_t)offset_of(b, i));
        return true;
    case IR_NOT:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = -offset_of(a, i);
        return true;
    case IR_MUL:
        if (!a_constant && !b_constant)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = b_constant ? (int64_t)((uint64_t)offset_of(a, i) * b->base)
                                   : (int64_t)((uint64_t)offset_of(b, i) * a->base);
        return true;
    case IR_SHL:
        if (!b_constant || b->base >= bits)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = (int64_t)((uint64_t)offset_of(a, i) << constant);
        return true;
    case IR_TRUNC:
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(a, i);
        return true;
    case IR_ZEXT:
    case IR_SEXT:
        if (!never_wraps(s, a, inst->args[0]->type))
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(a, i);
        return true;
    case IR_AND:
    case IR_OR:
    case IR_XOR: {
        /* The base's low bits are zero, so there the offset alone counts; above, the base alone. */
        if (!b_constant || a->align_log2 > 62 || !offsets_below_align(s, a))
            return false;
        int64_t low = constant & (int64_t)((UINT64_C(1) << a->align_log2) - 1);
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = op == IR_AND  ? (offset_of(a, i) & low)
                        : op == IR_OR ? (offset_of(a, i) | low)
                                      : (offset_of(a, i) ^ low);
        return true;
    }
    case IR_ASHR:
    case IR_LSHR:
        if (!b_constant || b->base >= bits || !offsets_below_align(s, a) ||
            a->align_log2 >= bits)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(a, i) >> constant;
        return true;
    case IR_SELECT: {
        const struct ir_shape *c = &inst->args[2]->shape;
        if (a->kind != IR_SHAPE_UNIFORM || b->kind != c->kind || b->offsets != c->offsets)
            return false;
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = offset_of(b, i);
        return true;
    }
    default:
        return false;
    }
}

/* Comparing base + offset with a bound that is a multiple of what no offset reaches: all lanes lie
 * on the same side. */
static bool compares_alike(const struct shaper *s, const struct ir_inst *inst)
{
    const struct ir_inst *x, *bound;
    if (inst->op == IR_ULT || inst->op == IR_SLT) {
        x = inst->args[0]; /* x < bound */
        bound = inst->args[1];
    } else if (inst->op == IR_ULE || inst->op == IR_SLE) {
        x = inst->args[1]; /* bound <= x */
        bound = inst->args[0];
    } else {
        return false;
    }
    if (x->shape.kind != IR_SHAPE_OFFSETS || bound->shape.kind != IR_SHAPE_UNIFORM)
        return false;
    /* The smallest power of two that no offset reaches. */
    int64_t reach = 0;
    for (uint32_t i = 0; i < s->width; i++) {
        if (x->shape.offsets[i] < 0)
            return false;
        reach |= x->shape.offsets[i];
    }
    unsigned log2 = 64 - (unsigned)__builtin_clzll((uint64_t)reach);
    return log2 < ir_type_bits(x->type) && x->shape.align_log2 >= log2 &&
           bound->shape.align_log2 >= log2;
}

/* Trailing zero bits of the base of the result. */
static uint8_t align_of_result(const struct ir_inst *inst)
{
    const struct ir_shape *a = &inst->args[0]->shape;
    const struct ir_shape *b = inst->arg_count > 1 ? &inst->args[1]->shape : NULL;
    bool constant = b && b->kind == IR_SHAPE_UNIFORM && b->known;
    unsigned sum;
    switch (inst->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_OR:
    case IR_XOR:
    case IR_UMIN:
    case IR_UMAX:
    case IR_SMIN:
    case IR_SMAX:
        return min_u8(a->align_log2, b->align_log2);
    case IR_SELECT:
        return min_u8(b->align_log2, inst->args[2]->shape.align_log2);
    case IR_AND:
        return a->align_log2 > b->align_log2 ? a->align_log2 : b->align_log2;
    case IR_MUL:
        sum = (unsigned)a->align_log2 + b->align_log2;
        return (uint8_t)(sum > ALIGN_MAX ? ALIGN_MAX : sum);
    case IR_SHL:
        if (!constant || b->base >= ir_type_bits(inst->type))
            return 0;
        sum = a->align_log2 + (unsigned)b->base;
        return (uint8_t)(sum > ALIGN_MAX ? ALIGN_MAX : sum);
    case IR_LSHR:
        return constant && b->base < ir_type_bits(inst->type) && b->base < a->align_log2 &&
                       a->align_log2 < ALIGN_MAX
                   ? (uint8_t)(a->align_log2 - b->base)
                   : 0;
    case IR_ZEXT:
    case IR_SEXT:
    case IR_TRUNC:
    case IR_SG_FIRST:
        return a->align_log2;
    default:
        return 0;
    }
}

static bool is_scalar(const struct ir_inst *inst)
{
    return inst->shape.kind != IR_SHAPE_VARYING;
}

static void shape_of_elementwise(struct shaper *s, const struct ir_inst *inst,
                                 struct ir_shape *shape)
{
    int64_t values[SHAPE_MAX_WIDTH];
    bool all_uniform = true;

    shape->scope = IR_SCOPE_WORKGROUP;
    for (uint32_t i = 0; i < inst->arg_count; i++) {
        if (!is_scalar(inst->args[i]))
            return; /* stays VARYING */
        all_uniform &= inst->args[i]->shape.kind == IR_SHAPE_UNIFORM;
        shape->scope = min_u8(shape->scope, inst->args[i]->shape.scope);
    }
    if (evaluate(s, inst, shape))
        return;
    if (all_uniform || compares_alike(s, inst))
        shape->kind = IR_SHAPE_UNIFORM;
    else if (ir_type_is_int(inst->type) && offsets_of(s, inst, values))
        set_offsets(s, inst->type, shape, values);
    if (shape->kind != IR_SHAPE_VARYING && ir_type_is_int(inst->type))
        shape->align_log2 = align_of_result(inst);
}

/* ---- Everything ---- */

static void set_uniform(struct ir_shape *shape, enum ir_scope scope)
{
    shape->kind = IR_SHAPE_UNIFORM;
    shape->scope = (uint8_t)scope;
}

static void shape_of_memory(const struct ir_inst *inst, struct ir_shape *shape)
{
    unsigned scope = IR_SCOPE_WORKGROUP;
    for (uint32_t i = 0; i < inst->arg_count; i++) {
        if (inst->args[i]->shape.kind != IR_SHAPE_UNIFORM)
            return;
        scope = min_u8((uint8_t)scope, inst->args[i]->shape.scope);
    }
    if (inst->op == IR_TEXELS) {
        set_uniform(shape, IR_SCOPE_SUBGROUP);
    } else if (inst->op == IR_LOAD) {
        bool same = (inst->mem.flags & IR_MEM_READONLY) && !(inst->mem.flags & IR_MEM_VOLATILE);
        set_uniform(shape, same ? (enum ir_scope)scope : IR_SCOPE_SUBGROUP);
    } else if (inst->op == IR_LOCAL_LOAD) {
        if (inst->local->constant)
            set_uniform(shape, (enum ir_scope)scope);
    } else { /* BUFFER, BUFFER_SIZE, DESC, DESC_AT */
        set_uniform(shape, (enum ir_scope)scope);
    }
}

static void shape_by_op(struct shaper *s, const struct ir_inst *inst, struct ir_shape *shape)
{
    switch (inst->op) {
    case IR_CONST:
        set_uniform(shape, IR_SCOPE_WORKGROUP);
        set_known(shape, inst->imm);
        return;
    case IR_FLAT_ID:
        shape_of_flat(s, inst, shape);
        return;
    case IR_GROUP_ID:
        if (s->m->flat && inst->imm == 0) {
            shape_of_flat(s, inst, shape);
            return;
        }
        set_uniform(shape, s->m->rows && inst->imm == 0 ? IR_SCOPE_SUBGROUP : IR_SCOPE_WORKGROUP);
        return;
    case IR_UNDEF:
    case IR_GROUP_COUNT:
        set_uniform(shape, IR_SCOPE_WORKGROUP);
        return;
    case IR_LOCAL_ID:
    case IR_LOCAL_INDEX:
        shape_of_input(s, inst, shape);
        return;
    case IR_SUBGROUP_ID:
        set_uniform(shape, IR_SCOPE_SUBGROUP);
        return;
    case IR_LANE: {
        int64_t values[SHAPE_MAX_WIDTH];
        for (uint32_t i = 0; i < s->width; i++)
            values[i] = i;
        set_offsets(s, IR_I32, shape, values);
        shape->scope = IR_SCOPE_WORKGROUP;
        set_known(shape, 0);
        return;
    }
    case IR_COMP:
        shape->kind = inst->args[0]->shape.kind;
        shape->scope = inst->args[0]->shape.scope;
        return;
    case IR_BUFFER:
    case IR_BUFFER_SIZE:
    case IR_DESC:
    case IR_DESC_AT:
    case IR_TEXELS:
    case IR_LOAD:
    case IR_LOCAL_LOAD:
        shape_of_memory(inst, shape);
        return;
    case IR_SG_ROW:
    case IR_SG_ALL:
    case IR_SG_ANY:
    case IR_SG_ALL_EQUAL:
    case IR_SG_BALLOT:
        set_uniform(shape, IR_SCOPE_SUBGROUP);
        return;
    case IR_SG_FIRST:
        set_uniform(shape, IR_SCOPE_SUBGROUP);
        if (is_scalar(inst->args[0]) && inst->args[0]->shape.kind == IR_SHAPE_UNIFORM)
            shape->align_log2 = inst->args[0]->shape.align_log2;
        return;
    case IR_SG_SHUFFLE:
        if (inst->args[0]->shape.kind == IR_SHAPE_UNIFORM ||
            inst->args[1]->shape.kind == IR_SHAPE_UNIFORM)
            set_uniform(shape, IR_SCOPE_SUBGROUP);
        return;
    case IR_SG_REDUCE:
        if (inst->imm >> 8 == 0 || inst->imm >> 8 >= s->width)
            set_uniform(shape, IR_SCOPE_SUBGROUP);
        return;
    default:
        if (ir_op_infos[inst->op].flags & IR_ELEMENTWISE) {
            shape_of_elementwise(s, inst, shape);
            if (shape->kind == IR_SHAPE_VARYING && ir_type_is_int(inst->type))
                shape_strip(s, inst, shape);
        }
        return;
    }
}

struct ir_shape shape_of(struct shaper *s, const struct ir_inst *inst)
{
    struct range range = range_of(s->m, inst);
    struct ir_shape shape = {.kind = IR_SHAPE_VARYING, .lo = range.lo, .hi = range.hi};

    shape_by_op(s, inst, &shape);
    if (s->width == 1 && shape.kind != IR_SHAPE_UNIFORM)
        set_uniform(&shape, IR_SCOPE_SUBGROUP);

    if (shape.kind == IR_SHAPE_VARYING) {
        shape.scope = 0;
        shape.known = false;
        shape.align_log2 = 0;
    }
    if (shape.kind != IR_SHAPE_UNIFORM)
        for (uint32_t i = 0; i < inst->arg_count; i++)
            shape.partial |= inst->args[i]->shape.partial;
    /* A pure value that has only one value is a constant; shape.c makes it one. */
    if (shape.lo == shape.hi && (ir_type_is_int(inst->type) || inst->type == IR_BOOL) &&
        (ir_op_infos[inst->op].flags & IR_PURE)) {
        shape.offsets = NULL;
        shape.strip = 0;
        set_uniform(&shape, IR_SCOPE_WORKGROUP);
        set_known(&shape, shape.lo);
        shape.partial = false;
    }
    if (shape.kind == IR_SHAPE_UNIFORM && shape.known) {
        if (ir_type_is_int(inst->type) || inst->type == IR_BOOL)
            shape.lo = shape.hi = shape.base;
        shape.partial = false;
    }
    if (!s->group_control && inst->op != IR_CONST)
        shape.scope = IR_SCOPE_SUBGROUP;
    return shape;
}
