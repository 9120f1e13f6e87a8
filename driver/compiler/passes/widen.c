/* SPDX-License-Identifier: MIT
 *
 * Two, four or eight registers for each vector, where there are registers to spare: twice the independent work in
 * flight hides the latency of long chains, and what is uniform is done half as often. And a single lane for
 * loops in which vectors gain nothing.
 */
#include "arena.h"
#include "ir.h"
#include "lane.h"

/* Vectors alive at once, by this file's rough count, up to which twice the width was measured to pay.
 * Some of them need no register: they are used once, right where they are made. */
static const unsigned isa_spare[] = {
    [WEFT_ISA_NATIVE] = 0,
    [WEFT_ISA_SSE] = 10,
    [WEFT_ISA_AVX2] = 12,
    [WEFT_ISA_AVX512] = 24,
};

/* The same for four times the width (eight where lanes count in shared memory), where a loop's iterations
 * wait for each other, or where bounds checks and addresses are most of the work. */
static const unsigned isa_plenty[] = {
    [WEFT_ISA_NATIVE] = 0,
    [WEFT_ISA_SSE] = 6,
    [WEFT_ISA_AVX2] = 7,
    [WEFT_ISA_AVX512] = 14,
};

/* The same for eight times the width, where rows or chains gain by it. */
static const unsigned isa_most[] = {
    [WEFT_ISA_NATIVE] = 0,
    [WEFT_ISA_SSE] = 2,
    [WEFT_ISA_AVX2] = 3,
    [WEFT_ISA_AVX512] = 6,
};

#define ROW_MIN 8 /* lanes of a row that is accessed as a vector */
#define SCALAR_WORK 3 /* operations for each gather that don't pay for vectors */
#define TURNS 64 /* lanes that take turns */
#define MAX_DEPTH 8 /* of an address's tree */
#define MAX_TEXEL_LOG2 4
#define FEW_ACCESSES 2 /* around a loop, that may become irregular */

/* Positions count instructions in walk order. */
struct pressure {
    const struct ir_module *m;
    uint32_t position;
    uint32_t *last;  /* by instruction id: the last position that uses it */
    uint32_t *start; /* by instruction id */
};

static void use(struct pressure *p, const struct ir_inst *value, uint32_t position)
{
    if (position > p->last[value->id])
        p->last[value->id] = position;
}

/* `loop_start` and `loop_end` are not known yet on the way in, so uses of what was defined before a
 * loop are moved to the loop's end on the way out. */
static void scan(struct pressure *p, const struct ir_region *r)
{
    for (const struct ir_inst *i = r->first; i; i = i->next) {
        uint32_t at = ++p->position;
        p->start[i->id] = at;
        for (uint32_t a = 0; a < i->arg_count; a++)
            use(p, i->args[a], at);
        if (i->op != IR_IF && i->op != IR_LOOP)
            continue;
        for (unsigned k = 0; k < 2; k++) {
            if (!i->regions[k])
                continue;
            scan(p, i->regions[k]);
            for (uint32_t y = 0; y < i->regions[k]->yield_count; y++)
                use(p, i->regions[k]->yields[y], p->position + 1);
        }
        ++p->position;
        if (i->op == IR_LOOP)
            for (uint32_t v = 0; v < p->m->next_id; v++)
                if (p->start[v] && p->start[v] < at && p->last[v] > at)
                    p->last[v] = p->position;
        for (const struct ir_inst *q = i->op == IR_LOOP ? i->regions[0]->first : NULL;
             q && q->op == IR_PARAM; q = q->next)
            use(p, q, p->position);
    }
}

static void count(struct ir_inst *i, void *data)
{
    struct pressure *p = data;
    /* Scalars live in other registers; a mask and a narrow value take as much as a 32-bit one. */
    if (i->type == IR_VOID || i->op == IR_CONST || i->op == IR_UNDEF ||
        i->shape.kind != IR_SHAPE_VARYING || p->last[i->id] <= p->start[i->id])
        p->start[i->id] = p->last[i->id] = 0;
    else if (ir_type_bits((enum ir_type)i->type) == 64)
        p->start[i->id] |= 1u << 31; /* two registers */
}

/* The most vectors alive at once, in registers of 32-bit lanes. */
static unsigned peak(struct ir_module *m)
{
    struct pressure p = {.m = m};
    p.last = arena_alloc(m->arena, (m->next_id + 1) * sizeof *p.last);
    p.start = arena_alloc(m->arena, (m->next_id + 1) * sizeof *p.start);
    scan(&p, m->body);
    ir_walk(m->body, count, &p);
    int32_t *change = arena_alloc(m->arena, (p.position + 2) * sizeof *change);
    for (uint32_t v = 0; v < m->next_id; v++) {
        int32_t weight = p.start[v] >> 31 ? 2 : 1;
        uint32_t start = p.start[v] & ~(1u << 31);
        if (!start)
            continue;
        change[start] += weight;
        change[p.last[v]] -= weight;
    }
    int32_t now = 0, most = 0;
    for (uint32_t at = 0; at <= p.position + 1; at++) {
        now += change[at];
        most = now > most ? now : most;
    }
    return (unsigned)most;
}

/* Does a loop that lanes leave together carry values of each lane? Each iteration waits for the one before
 * it then: other rows of the workgroup, in the same vector, give the processor something to do meanwhile,
 * and what rows have in common is loaded once for all of them. */
static bool carries(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        if (i->op != IR_LOOP || i->flags & IR_INST_BARRIER ||
            i->regions[0]->yields[0]->shape.kind != IR_SHAPE_UNIFORM)
            continue;
        for (const struct ir_inst *p = i->regions[0]->first; p && p->op == IR_PARAM; p = p->next)
            if (p->shape.kind == IR_SHAPE_VARYING)
                return true;
    }
    return false;
}

/* Are the lanes' addresses, row by row, one place or neighbours? */
static bool is_by_rows(const struct ir_module *m, const struct ir_inst *access)
{
    const struct ir_shape *s = &access->args[ir_address_args(access) - 1]->shape;
    enum ir_type type = (enum ir_type)(access->op == IR_LOAD
                                           ? access->type
                                           : access->args[access->arg_count - 1]->type);
    if (access->op == IR_ATOMIC || access->mem.space != IR_SPACE_BUFFER || access->mem.comps > 1 ||
        s->strip < ROW_MIN || s->strip % m->local_size[0])
        return false;
    int64_t step = access->op == IR_LOAD && s->offsets[1] == 0 ? 0 : ir_type_B(type);
    for (uint32_t l = 0; l < m->width; l++)
        if (s->offsets[l] != (int64_t)(l % s->strip) * step)
            return false;
    return true;
}

/* Addresses without a pattern, and conditions that differ between lanes, unless it is known at compile time
 * in which (cg_runs.c). */
static unsigned irregular(const struct ir_module *m)
{
    unsigned count = 0;
    bool rows = carries(m);
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        const struct ir_inst *decides = NULL;
        if (i->op == IR_IF)
            decides = lane_known(m, i->args[0]) ? NULL : i->args[0];
        else if (i->op == IR_LOOP)
            decides = i->regions[0]->yields[0];
        else if (i->op == IR_LOAD || i->op == IR_STORE || i->op == IR_ATOMIC)
            decides = rows && is_by_rows(m, i) ? NULL : i->args[ir_address_args(i) - 1];
        count += decides && decides->shape.kind == IR_SHAPE_VARYING;
    }
    return count;
}

static bool has_rows(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if ((i->op == IR_LOAD || i->op == IR_STORE) && is_by_rows(m, i))
            return true;
    return false;
}

/* Is there a loop that lanes leave together, that touches no memory of theirs and carries values of each?
 * Then the processor has nothing to do but to wait for the iteration before. */
static bool has_chain(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        bool carried = false, pure = true;
        if (i->op != IR_LOOP || i->flags & IR_INST_BARRIER ||
            i->regions[0]->yields[0]->shape.kind != IR_SHAPE_UNIFORM)
            continue;
        for (const struct ir_inst *k = i->regions[0]->first; k; k = k->next) {
            bool uniform = k->shape.kind == IR_SHAPE_UNIFORM;
            carried |= k->op == IR_PARAM && !uniform;
            pure &= k->op == IR_PARAM || ir_op_infos[k->op].flags & IR_PURE || (k->op == IR_LOAD && uniform);
        }
        if (carried && pure)
            return true;
    }
    return false;
}

/* Is there a loop within the pieces between barriers? */
static bool has_loop(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_LOOP && !(i->flags & IR_INST_BARRIER))
            return true;
    return false;
}

/* Is each lane near its neighbours, as in a row of a picture with clamped ends? Recursion is bounded by
 * depth. */
static bool is_near(const struct ir_inst *inst, unsigned depth)
{
    if (inst->shape.kind != IR_SHAPE_VARYING)
        return true;
    if (depth == 0)
        return false;
    switch (inst->op) {
    case IR_ADD:
    case IR_SUB:
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
        return is_near(inst->args[0], depth - 1) && is_near(inst->args[1], depth - 1);
    case IR_MUL:
        return inst->args[1]->op == IR_CONST && is_near(inst->args[0], depth - 1);
    case IR_SHL: /* by the size of an image's texel */
        return inst->args[1]->shape.kind != IR_SHAPE_VARYING && inst->args[1]->shape.hi <= MAX_TEXEL_LOG2 &&
               is_near(inst->args[0], depth - 1);
    default:
        return false;
    }
}

/* Is all memory read and written as whole vectors or scalars? */
static bool is_plain(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        if (i->op != IR_LOAD && i->op != IR_STORE)
            continue;
        const struct ir_inst *address = i->args[ir_address_args(i) - 1];
        enum ir_type type = (enum ir_type)(i->op == IR_LOAD ? i->type : i->args[i->arg_count - 1]->type);
        if (!is_near(address, MAX_DEPTH) || i->mem.comps > 1)
            return false;
        for (uint32_t l = 0; address->shape.kind == IR_SHAPE_OFFSETS && l < m->width; l++)
            if (address->shape.offsets[l] != (int64_t)l * ir_type_B(type))
                return false;
    }
    return true;
}

/* Lanes whose addresses have no pattern may lie rows apart: a column of a picture, of which the workgroup's
 * next rows fill the same cache lines. */
static bool spreads(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if ((i->op == IR_LOAD || i->op == IR_STORE) && !is_near(i->args[ir_address_args(i) - 1], MAX_DEPTH))
            return true;
    return false;
}

static void set_width(struct ir_module *m, uint32_t width)
{
    m->width = width;
    m->rows = ir_by_rows(m);
    ir_shape(m);
}

static void end_rows(struct ir_module *m)
{
    if (!m->rows || !spreads(m))
        return;
    m->rows = false;
    ir_shape(m);
}

/* Is the work in loops that touch no memory, and that lanes leave when they like? Each iteration waits for the
 * one before it then, and takes longer than a few accesses around the loop that become less regular. */
static bool iterates(const struct ir_module *m)
{
    bool any = false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        const struct ir_inst *owner = i->parent->owner;
        any |= i->op == IR_LOOP && i->regions[0]->yields[0]->shape.kind == IR_SHAPE_VARYING;
        while (owner && owner->op != IR_LOOP)
            owner = owner->parent->owner;
        bool control = i->op == IR_IF || i->op == IR_LOOP || i->op == IR_PARAM || i->op == IR_RESULT;
        if (owner && !control && !(ir_op_infos[i->op].flags & IR_PURE))
            return false;
    }
    return any;
}

/* Doubles the width unless that makes more than `most` irregular: two rows of a picture in a vector, whose
 * distance is not known, are no neighbours. What the shapes said of single invocations meanwhile
 * stays true. */
static bool try_twice(struct ir_module *m, unsigned most)
{
    uint32_t invocations = m->local_size[0] * m->local_size[1] * m->local_size[2];
    uint32_t width = m->width;
    if (!m->flat && invocations % (2 * width))
        return false;
    set_width(m, 2 * width);
    if (irregular(m) <= most)
        return true;
    set_width(m, width);
    return false;
}

/* Does the loop do little but load each lane's elements from places of their own, as often as the lane wants?
 * Vectors wait for their longest lane then, and gain nothing meanwhile. */
static bool is_scalar_loop(const struct ir_inst *loop)
{
    unsigned gathers = 0, work = 0;
    const struct ir_region *body = loop->regions[0];
    if (body->yields[0]->shape.kind != IR_SHAPE_VARYING)
        return false;
    for (const struct ir_inst *i = body->first; i; i = i->next) {
        if (i->op == IR_LOAD && !is_near(i->args[ir_address_args(i) - 1], MAX_DEPTH))
            gathers++;
        else if (ir_op_infos[i->op].flags & IR_ELEMENTWISE)
            work++;
        else if (i->op != IR_PARAM)
            return false;
    }
    return gathers >= 3 && work <= SCALAR_WORK * gathers;
}

/* A lane at a time for shaders whose only loop is such. */
static bool narrow(struct ir_module *m)
{
    const struct ir_inst *loop = NULL;
    if (m->request->width || m->uses_subgroup || m->uses_quads || m->flat || m->width == 1)
        return false;
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i)) {
        if (i->op == IR_BARRIER || (i->op == IR_LOOP && loop))
            return false;
        if (i->op == IR_LOOP)
            loop = i;
    }
    if (!loop || !is_scalar_loop(loop))
        return false;
    set_width(m, 1);
    return true;
}

/* Filtering texels is one long chain from coordinate to colour: a second vector beside it was measured to pay,
 * whatever has to leave the registers. */
static bool filters(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_TEXELS)
            return true;
    return false;
}

/* Do lanes add in shared memory at places of their own? They take turns, by way of a vector in memory
 * (cg_atomic_lanes.c): in a longer one more of the lanes read what was written long enough ago. */
static bool takes_turns(const struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_ATOMIC && i->mem.space == IR_SPACE_SHARED && i->use_count == 0 &&
            i->args[0]->shape.kind == IR_SHAPE_VARYING)
            return true;
    return false;
}

static void widen(struct ir_module *m)
{
    if (m->request->flags & WEFT_REQUEST_FAST || m->request->width || m->uses_subgroup ||
        m->width == 1)
        return;
    /* The scan is quadratic in nested loops; big shaders have no registers to spare anyway. */
    ir_number(m);
    unsigned live = m->next_id > 4000 ? UINT32_MAX : peak(m);
    unsigned before = irregular(m), most = before + (iterates(m) ? FEW_ACCESSES : 0);
    if ((live > isa_spare[m->request->isa] && !filters(m)) || !try_twice(m, most))
        return;
    if (live <= isa_plenty[m->request->isa] && (has_loop(m) || is_plain(m)) && try_twice(m, before) &&
        ((2 * m->width <= TURNS && takes_turns(m)) ||
         (live <= isa_most[m->request->isa] && (has_rows(m) || has_chain(m)))))
        try_twice(m, before);
    ir_neighbours(m); /* more lanes interleave in other ways */
}

void ir_widen(struct ir_module *m)
{
    if (narrow(m))
        return;
    widen(m);
    end_rows(m);
}
