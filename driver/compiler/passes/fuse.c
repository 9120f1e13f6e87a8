/* SPDX-License-Identifier: MIT
 *
 * DOC: Barriers that an order of the subgroups makes unnecessary
 *
 *     before = part[l - step]; barrier(); sum += before; part[l] = sum;
 *
 * One worker runs the subgroups one after the other. From the last to the first, each may write its elements
 * right after it has read: those before it read below. Where all addresses in shared memory on both sides of a
 * barrier are known at compile time and one of the two orders keeps every pair of accesses as the barrier has
 * it, the barrier becomes an ORDER, and what it cut in two is one piece.
 *
 * Then, what an invocation has left in a place of shared memory that nobody else writes before the invocation
 * needs it in the next piece, is loaded from there instead of being kept a second time.
 */
#include "arena.h"
#include "ir.h"
#include "lane.h"

#define MAX_SHARED_B 16384u
#define MAX_INSTS 150u /* of a piece made of two */
#define WORD_B 4u
#define MAX_LOOKS 400000u /* addresses computed, which takes time */

enum { ASCENDING = IR_ORDER_ASCENDING, DESCENDING = IR_ORDER_DESCENDING, NONE = 0xffff };

/* Which subgroups read and write a word, first to last. */
struct touch {
    uint16_t read_first, read_last, write_first, write_last;
};

/* What lies between two barriers. */
struct piece {
    struct ir_inst *first, *end; /* end: the one after the last, or NULL */
    struct touch *words;
    unsigned insts;
    unsigned orders; /* that it may run in */
    bool reads_memory, writes_memory; /* others than shared memory */
    bool writes_shared;
    bool known;
};

struct fuse {
    struct ir_module *m;
    uint32_t invocations, words;
    uint32_t looks;
    struct piece before, after;
};

/* As in cg_plan.c. */
static bool is_control(const struct ir_inst *inst)
{
    return (inst->op == IR_IF || inst->op == IR_LOOP) && inst->flags & IR_INST_BARRIER;
}

static bool ends_piece(const struct ir_inst *inst)
{
    if (inst->op == IR_BARRIER || is_control(inst))
        return true;
    if (inst->op == IR_RESULT)
        return is_control(inst->args[0]);
    return inst->op == IR_PARAM && inst->parent->owner && is_control(inst->parent->owner);
}

static void touch(uint16_t *first, uint16_t *last, uint32_t subgroup)
{
    if (*first == NONE || subgroup < *first)
        *first = (uint16_t)subgroup;
    if (*last == NONE || subgroup > *last)
        *last = (uint16_t)subgroup;
}

/* False if it is not known where. What lies outside is not accessed by a correct shader. */
static bool touch_shared(struct fuse *f, struct piece *p, const struct ir_inst *inst)
{
    const struct ir_inst *address = inst->args[0];
    enum ir_type type = (enum ir_type)(inst->op == IR_LOAD ? inst->type : inst->args[1]->type);
    uint32_t size_B = ir_type_B(type);
    f->looks += f->invocations;
    if (inst->mem.flags & IR_MEM_VOLATILE || f->looks > MAX_LOOKS || !lane_known(f->m, address))
        return false;
    for (uint32_t i = 0; i < f->invocations; i++) {
        uint64_t offset;
        if (!lane_value(f->m, address, i, &offset))
            return false;
        for (uint32_t k = 0; k < inst->mem.comps; k++) {
            uint32_t at = (uint32_t)offset + inst->mem.const_B + k * inst->mem.stride_B;
            for (uint32_t w = at / WORD_B; w <= (at + size_B - 1) / WORD_B && w < f->words; w++) {
                struct touch *t = &p->words[w];
                if (inst->op == IR_LOAD)
                    touch(&t->read_first, &t->read_last, i / f->m->width);
                else
                    touch(&t->write_first, &t->write_last, i / f->m->width);
            }
        }
    }
    p->writes_shared |= inst->op == IR_STORE;
    return true;
}

static bool look_at_region(struct fuse *f, struct piece *p, const struct ir_region *r);

/* False if it may do something that is not known here. */
static bool look_at(struct fuse *f, struct piece *p, const struct ir_inst *inst)
{
    p->insts++;
    switch (inst->op) {
    case IR_LOAD:
    case IR_STORE:
        if (inst->mem.space == IR_SPACE_SHARED)
            return touch_shared(f, p, inst);
        if (inst->mem.space == IR_SPACE_PUSH)
            return true;
        p->orders &= ASCENDING; /* what the processor fetches ahead */
        if (inst->op == IR_LOAD && inst->mem.flags & IR_MEM_READONLY)
            return true;
        p->reads_memory |= inst->op == IR_LOAD;
        p->writes_memory |= inst->op == IR_STORE;
        return true;
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
        return true;
    case IR_ORDER:
        p->orders &= (unsigned)inst->imm;
        return true;
    case IR_IF:
        return look_at_region(f, p, inst->regions[0]) && look_at_region(f, p, inst->regions[1]);
    case IR_LOOP:
        return false;
    default:
        return !(ir_op_infos[inst->op].flags & (IR_READS | IR_WRITES));
    }
}

static bool look_at_region(struct fuse *f, struct piece *p, const struct ir_region *r)
{
    for (const struct ir_inst *i = r->first; i; i = i->next)
        if (!look_at(f, p, i))
            return false;
    return true;
}

static void look_at_piece(struct fuse *f, struct piece *p)
{
    p->known = p->first != p->end;
    p->insts = 0;
    p->orders = ASCENDING | DESCENDING;
    p->reads_memory = p->writes_memory = p->writes_shared = false;
    for (uint32_t w = 0; w < f->words; w++)
        p->words[w] = (struct touch){NONE, NONE, NONE, NONE};
    for (const struct ir_inst *i = p->first; i != p->end && p->known; i = i->next)
        p->known = look_at(f, p, i);
}

/* The pieces on both sides of a barrier. */
static bool look_around(struct fuse *f, struct ir_inst *barrier)
{
    f->before.end = f->before.first = barrier;
    while (f->before.first->prev && !ends_piece(f->before.first->prev))
        f->before.first = f->before.first->prev;
    f->after.first = f->after.end = barrier->next;
    while (f->after.end && !ends_piece(f->after.end))
        f->after.end = f->after.end->next;
    look_at_piece(f, &f->before);
    if (!f->before.known)
        return false;
    look_at_piece(f, &f->after);
    return f->after.known;
}

/* Orders in which subgroup y's access after the barrier never comes before subgroup x's before it: x < y, or
 * x > y. */
static unsigned orders_of(uint16_t x_first, uint16_t x_last, uint16_t y_first, uint16_t y_last)
{
    unsigned orders = ASCENDING | DESCENDING;
    if (x_first == NONE || y_first == NONE)
        return orders;
    if (x_last > y_first)
        orders &= ~(unsigned)ASCENDING;
    if (x_first < y_last)
        orders &= ~(unsigned)DESCENDING;
    return orders;
}

static unsigned orders_without(const struct fuse *f)
{
    const struct piece *a = &f->before, *b = &f->after;
    unsigned orders = a->orders & b->orders;
    if ((a->writes_memory && (b->reads_memory || b->writes_memory)) ||
        (a->reads_memory && b->writes_memory) || a->insts + b->insts > MAX_INSTS)
        return 0;
    for (uint32_t w = 0; w < f->words && orders; w++) {
        const struct touch *x = &a->words[w], *y = &b->words[w];
        orders &= orders_of(x->read_first, x->read_last, y->write_first, y->write_last);
        orders &= orders_of(x->write_first, x->write_last, y->write_first, y->write_last);
        orders &= orders_of(x->write_first, x->write_last, y->read_first, y->read_last);
    }
    return orders;
}

/* ---- Values that are in shared memory already ---- */

static unsigned replace_in(struct ir_region *r, struct ir_inst *from, const struct ir_inst *end,
                           struct ir_inst *old, struct ir_inst *new)
{
    unsigned count = 0;
    for (struct ir_inst *i = from; i != end; i = i->next) {
        for (uint32_t k = 0; k < i->arg_count; k++) {
            count += i->args[k] == old;
            if (new && i->args[k] == old)
                i->args[k] = new;
        }
        for (unsigned k = 0; k < ir_region_count(i); k++)
            count += replace_in(i->regions[k], i->regions[k]->first, NULL, old, new);
    }
    for (uint32_t y = 0; !end && r->owner && r->owner->parent && y < r->yield_count; y++) {
        count += r->yields[y] == old;
        if (new && r->yields[y] == old)
            r->yields[y] = new;
    }
    return count;
}

/* The only store to shared memory of a piece, made by all invocations. */
static struct ir_inst *only_store(const struct piece *p)
{
    struct ir_inst *store = NULL;
    for (struct ir_inst *i = p->first; i != p->end; i = i->next) {
        if (i->op == IR_STORE && i->mem.space == IR_SPACE_SHARED) {
            if (store)
                return NULL;
            store = i;
        }
        for (unsigned k = 0; k < ir_region_count(i); k++)
            for (const struct ir_inst *in = i->regions[k]->first; in; in = in->next)
                if (in->op != IR_LOAD && ir_op_infos[in->op].flags & (IR_WRITES | IR_CONTROL))
                    return NULL;
    }
    return store;
}

/* Is each invocation's word its own subgroup's, before the barrier and after it, as far as is written? */
static bool keeps_its_place(const struct fuse *f, const struct ir_inst *store)
{
    for (uint32_t i = 0; i < f->invocations; i++) {
        uint64_t offset;
        if (!lane_value(f->m, store->args[0], i, &offset))
            return false;
        uint32_t w = ((uint32_t)offset + store->mem.const_B) / WORD_B;
        uint32_t subgroup = i / f->m->width;
        const struct touch *x = w < f->words ? &f->before.words[w] : NULL;
        const struct touch *y = w < f->words ? &f->after.words[w] : NULL;
        if (!x || x->write_first != subgroup || x->write_last != subgroup ||
            (y->write_first != NONE &&
             (y->write_first != subgroup || y->write_last != subgroup)))
            return false;
    }
    return true;
}

/* Two lanes of a subgroup that write one word would see each other's. */
static bool is_one_for_each(const struct ir_module *m, const struct ir_inst *store)
{
    const struct ir_shape *s = &store->args[0]->shape;
    if (s->kind != IR_SHAPE_OFFSETS)
        return false;
    for (uint32_t l = 0; l < m->width; l++)
        if (s->offsets[l] != (int64_t)(l * WORD_B))
            return false;
    return true;
}

static void take_from_shared(struct fuse *f, struct ir_inst *barrier)
{
    struct ir_inst *store = only_store(&f->before), *value;
    if (!store || store->mem.comps != 1 || !is_one_for_each(f->m, store))
        return;
    value = store->args[1];
    if ((value->type != IR_I32 && value->type != IR_F32) || value->shape.kind != IR_SHAPE_VARYING ||
        value->parent != store->parent || value->op == IR_CONST || !keeps_its_place(f, store))
        return;
    struct ir_region *r = store->parent;
    unsigned here = replace_in(r, f->before.first, f->before.end, value, NULL);
    unsigned there = replace_in(r, f->after.first, f->after.end ? f->after.end : NULL, value, NULL);
    if (there == 0 || here + there != value->use_count)
        return;
    struct ir_inst *load = ir_insert_before(f->m, barrier->next, IR_LOAD, (enum ir_type)value->type,
                                            1, store->args);
    load->mem = store->mem;
    load->shape = value->shape;
    load->line = store->line;
    replace_in(r, load->next, f->after.end, value, load);
}

/* ---- The pass ---- */

static void each_barrier(struct fuse *f, bool (*wants)(const struct fuse *f))
{
    struct ir_inst *next;
    for (struct ir_inst *i = f->m->body->first; i; i = next) {
        next = ir_next(i);
        if (i->op != IR_BARRIER || !look_around(f, i) || (wants && !wants(f)))
            continue;
        unsigned orders = orders_without(f);
        if (!orders)
            continue;
        i->op = IR_ORDER;
        i->imm = orders;
    }
}

/* What only reads before the barrier hands its values to what follows: it gains most. */
static bool only_reads(const struct fuse *f)
{
    return !f->before.writes_shared && !f->before.writes_memory;
}

void ir_fuse(struct ir_module *m)
{
    struct fuse f = {.m = m, .words = (m->shared_B + WORD_B - 1) / WORD_B};
    f.invocations = m->local_size[0] * m->local_size[1] * m->local_size[2];
    if (m->flat || m->rows || m->shared_B == 0 || m->shared_B > MAX_SHARED_B || m->width == 1 ||
        m->request->flags & WEFT_REQUEST_FAST)
        return;
    f.before.words = arena_alloc(m->arena, f.words * sizeof *f.before.words);
    f.after.words = arena_alloc(m->arena, f.words * sizeof *f.after.words);
    each_barrier(&f, only_reads);
    each_barrier(&f, NULL);
    ir_count_uses(m);
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_BARRIER && i->next && look_around(&f, i))
            take_from_shared(&f, i);
}
