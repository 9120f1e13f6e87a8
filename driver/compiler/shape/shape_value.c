/* SPDX-License-Identifier: MIT
 *
 * Shapes of single instructions; of elementwise ones in shape_elementwise.c.
 */
#include <string.h>

#include "arena.h"
#include "fold.h"
#include "range.h"
#include "shape.h"

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

struct ir_shape shape_join(enum ir_type type, const struct ir_shape *a, const struct ir_shape *b)
{
    struct range range = range_union((struct range){a->lo, a->hi}, (struct range){b->lo, b->hi});
    struct ir_shape joined = {.lo = range.lo, .hi = range.hi, .partial = a->partial || b->partial};
    if (a->kind != b->kind || a->kind == IR_SHAPE_VARYING || a->offsets != b->offsets) {
        joined.kind = IR_SHAPE_VARYING;
        return joined;
    }
    joined.kind = a->kind;
    joined.scope = shape_min(a->scope, b->scope);
    joined.offsets = a->offsets;
    joined.align_log2 = shape_min(a->align_log2, b->align_log2);
    joined.known = a->known && b->known && a->base == b->base;
    joined.base = joined.known ? a->base : 0;
    return joined;
}

void shape_set_offsets(struct shaper *s, enum ir_type type, struct ir_shape *shape,
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

void shape_set_known(struct ir_shape *shape, uint64_t base)
{
    shape->known = true;
    shape->base = base;
    shape->align_log2 = shape_align_of(base);
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
    shape_set_offsets(s, IR_I32, shape, values);
    shape->scope = IR_SCOPE_SUBGROUP;
    shape->align_log2 = shape_align_of(s->width / by);
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
        shape_set_offsets(s, IR_I32, shape, first);
        shape->scope = IR_SCOPE_WORKGROUP;
        shape_set_known(shape, (uint64_t)first[0]);
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
    shape_set_offsets(s, IR_I32, shape, first);
    shape->scope = same_base ? IR_SCOPE_WORKGROUP : IR_SCOPE_SUBGROUP;
    shape->align_log2 = shape_align_of(bases);
    if (same_base)
        shape_set_known(shape, (uint64_t)first[0]);
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
        scope = shape_min((uint8_t)scope, inst->args[i]->shape.scope);
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
        shape_set_known(shape, inst->imm);
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
        shape_set_offsets(s, IR_I32, shape, values);
        shape->scope = IR_SCOPE_WORKGROUP;
        shape_set_known(shape, 0);
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
        if (shape_is_scalar(inst->args[0]) && inst->args[0]->shape.kind == IR_SHAPE_UNIFORM)
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
            shape_elementwise(s, inst, shape);
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
        shape_set_known(&shape, shape.lo);
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
