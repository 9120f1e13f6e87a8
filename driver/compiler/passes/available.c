/* SPDX-License-Identifier: MIT
 *
 * Available values: a hash table of the instructions in scope, keyed by what they compute. Loads
 * carry an epoch in their key, which every write that may touch their memory advances.
 */
#include <string.h>

#include "arena.h"
#include "simplify.h"

#define BUCKETS 4096
/* Memory is told apart by class and, inside a class, by alias number or local array. */
enum memory_class {
    CLASS_DEVICE, /* buffers and pointers */
    CLASS_SHARED,
    CLASS_LOCAL,
    CLASS_COUNT
};
#define PARTS 64

/* Which parts of which class something writes: bit 0 stands for all of them. */
struct writes {
    uint64_t parts[CLASS_COUNT];
};

struct entry {
    struct ir_inst *inst;
    struct ir_inst *value; /* what it gives: the instruction, or a stored value */
    uint64_t hash;
    uint32_t epoch;
    int32_t next; /* in the bucket; -1 ends */
};

struct available {
    struct ir_module *m;
    int32_t buckets[BUCKETS];
    struct entry *entries; /* a stack: leaving a region pops what it pushed */
    uint32_t count, room;
    uint32_t *scopes; /* counts at the entries of the open regions */
    uint32_t scope_count, scope_room;
    uint32_t epochs[CLASS_COUNT][PARTS];
    uint32_t next_epoch;
};

struct available *available_create(struct ir_module *m)
{
    struct available *a = arena_new(m->arena, struct available);
    a->m = m;
    return a;
}

static unsigned part_of(uint32_t number)
{
    return number == 0 ? 0 : 1 + (number - 1) % (PARTS - 1);
}

static bool is_memory_op(const struct ir_inst *inst)
{
    return inst->op == IR_LOAD || inst->op == IR_STORE ||
           (inst->op >= IR_ATOMIC && inst->op <= IR_ATOMIC_STORE);
}

/* Class and part of a memory instruction. */
static void place_of(const struct ir_inst *inst, enum memory_class *class_out, unsigned *part_out)
{
    if (inst->op == IR_LOCAL_LOAD || inst->op == IR_LOCAL_STORE) {
        *class_out = CLASS_LOCAL;
        *part_out = part_of(inst->local->id + 1);
    } else {
        *class_out = inst->mem.space == IR_SPACE_SHARED ? CLASS_SHARED : CLASS_DEVICE;
        *part_out = part_of(inst->mem.alias);
    }
}

static struct writes writes_of(const struct ir_inst *inst)
{
    struct writes w = {{0}};
    if (!(ir_op_infos[inst->op].flags & IR_WRITES))
        return w;
    if (is_memory_op(inst) || inst->op == IR_LOCAL_STORE) {
        enum memory_class class;
        unsigned part;
        place_of(inst, &class, &part);
        w.parts[class] = UINT64_C(1) << part;
    } else if (inst->op != IR_CLOCK) { /* barriers and fences */
        w.parts[CLASS_DEVICE] = w.parts[CLASS_SHARED] = 1;
    }
    return w;
}

static void advance(struct available *a, const struct writes *w)
{
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        if (!w->parts[c])
            continue;
        uint32_t epoch = ++a->next_epoch;
        for (unsigned p = 0; p < PARTS; p++)
            if (p == 0 || (w->parts[c] & (1 | UINT64_C(1) << p)))
                a->epochs[c][p] = epoch;
    }
}

void available_reset(struct available *a)
{
    memset(a->buckets, -1, sizeof(a->buckets));
    a->count = a->scope_count = 0;
    for (struct ir_inst *inst = a->m->body->first; inst; inst = ir_next(inst))
        inst->pass_ptr = NULL;
    for (struct ir_inst *inst = a->m->body->first; inst; inst = ir_next(inst)) {
        struct writes w = writes_of(inst);
        if (!(w.parts[0] | w.parts[1] | w.parts[2]))
            continue;
        for (struct ir_inst *owner = inst->parent->owner; owner; owner = owner->parent->owner) {
            if (!owner->pass_ptr)
                owner->pass_ptr = arena_new(a->m->arena, struct writes);
            struct writes *sum = owner->pass_ptr;
            uint64_t news = 0;
            for (unsigned c = 0; c < CLASS_COUNT; c++) {
                news |= w.parts[c] & ~sum->parts[c];
                sum->parts[c] |= w.parts[c];
            }
            if (!news)
                break; /* those further out have it too */
        }
    }
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static bool has_imm(const struct ir_inst *inst)
{
    return !is_memory_op(inst) && inst->op != IR_LOCAL_LOAD && inst->op != IR_LOCAL_STORE;
}

/* Stores count as loads of what they stored. */
static uint64_t hash_of(const struct ir_inst *inst, unsigned arg_count, enum ir_type type)
{
    unsigned op = inst->op == IR_STORE         ? IR_LOAD
                  : inst->op == IR_LOCAL_STORE ? IR_LOCAL_LOAD
                                               : inst->op;
    uint64_t hash = mix(op, type);
    for (unsigned i = 0; i < arg_count; i++)
        hash = mix(hash, (uintptr_t)inst->args[i]);
    if (has_imm(inst))
        hash = mix(hash, inst->imm);
    else if (is_memory_op(inst))
        hash = mix(hash, inst->mem.const_B | (uint64_t)inst->mem.comps << 32);
    else
        hash = mix(hash, inst->local->id);
    return hash;
}

/* NO_CONTRACT and NONUNIFORM make an instruction differ from one without. */
static bool same_operation(const struct ir_inst *x, const struct ir_inst *y)
{
    if (has_imm(x) != has_imm(y) || is_memory_op(x) != is_memory_op(y))
        return false;
    if (has_imm(x))
        return x->op == y->op && x->flags == y->flags && x->imm == y->imm &&
               x->arg_count == y->arg_count;
    if (!is_memory_op(x))
        return x->local == y->local;
    return x->mem.space == y->mem.space && x->mem.const_B == y->mem.const_B &&
           x->mem.comps == y->mem.comps && x->mem.alias == y->mem.alias &&
           (x->mem.comps == 1 || x->mem.stride_B == y->mem.stride_B);
}

static bool same(const struct ir_inst *x, unsigned arg_count, const struct ir_inst *y)
{
    return same_operation(x, y) &&
           (arg_count == 0 || memcmp(x->args, y->args, arg_count * sizeof(*x->args)) == 0);
}

static void push(struct available *a, struct ir_inst *inst, struct ir_inst *value, uint64_t hash,
                 uint32_t epoch)
{
    if (a->count == a->room) {
        uint32_t room = a->room ? a->room * 2 : 1024;
        a->entries = arena_grow(a->m->arena, a->entries, a->count, room, sizeof(*a->entries));
        a->room = room;
    }
    int32_t *bucket = &a->buckets[hash % BUCKETS];
    a->entries[a->count] = (struct entry){inst, value, hash, epoch, *bucket};
    *bucket = (int32_t)a->count++;
}

static struct ir_inst *find(struct available *a, const struct ir_inst *inst, unsigned arg_count,
                            uint64_t hash, uint32_t epoch)
{
    for (int32_t i = a->buckets[hash % BUCKETS]; i >= 0; i = a->entries[i].next) {
        const struct entry *e = &a->entries[i];
        if (e->hash == hash && e->epoch == epoch && e->value->type == inst->type &&
            same(inst, arg_count, e->inst))
            return e->value;
    }
    return NULL;
}

/* Memory that nobody else can change between two accesses, as far as the shader may see. */
static bool mergeable(const struct ir_inst *inst)
{
    return !(inst->mem.flags & (IR_MEM_VOLATILE | IR_MEM_COHERENT));
}

static void visit_write(struct available *a, struct ir_inst *inst)
{
    struct writes w = writes_of(inst);
    advance(a, &w);

    /* Later loads may take the stored value. Not where a store may vanish; and BOOLs and halves
     * of other types are excluded by the type that find() compares. */
    bool forward = inst->op == IR_LOCAL_STORE ||
                   (inst->op == IR_STORE && inst->mem.comps == 1 && mergeable(inst) &&
                    (inst->mem.space == IR_SPACE_SHARED || inst->mem.space == IR_SPACE_GLOBAL));
    if (!forward)
        return;
    unsigned address = inst->op == IR_STORE ? ir_address_args(inst) : 1;
    struct ir_inst *value = inst->args[address];
    enum memory_class class;
    unsigned part;
    place_of(inst, &class, &part);
    push(a, inst, value, hash_of(inst, address, value->type), a->epochs[class][part]);
}

struct ir_inst *available_visit(struct available *a, struct ir_inst *inst)
{
    unsigned flags = ir_op_infos[inst->op].flags;
    uint32_t epoch = 0;

    if (flags & IR_WRITES) {
        visit_write(a, inst);
        return NULL;
    }
    if (inst->op == IR_LOAD) {
        if (!mergeable(inst))
            return NULL;
        enum memory_class class;
        unsigned part;
        place_of(inst, &class, &part);
        epoch = inst->mem.flags & IR_MEM_READONLY ? 0 : a->epochs[class][part];
    } else if (inst->op == IR_LOCAL_LOAD) {
        epoch = inst->local->constant ? 0 : a->epochs[CLASS_LOCAL][part_of(inst->local->id + 1)];
    } else if (!(flags & IR_PURE) || inst->op == IR_UNDEF) {
        return NULL;
    }
    uint64_t hash = hash_of(inst, inst->arg_count, inst->type);
    struct ir_inst *found = find(a, inst, inst->arg_count, hash, epoch);
    if (!found)
        push(a, inst, inst, hash, epoch);
    return found;
}

void available_enter(struct available *a, struct ir_inst *owner)
{
    if (a->scope_count == a->scope_room) {
        uint32_t room = a->scope_room ? a->scope_room * 2 : 64;
        a->scopes = arena_grow(a->m->arena, a->scopes, a->scope_count, room, sizeof(*a->scopes));
        a->scope_room = room;
    }
    a->scopes[a->scope_count++] = a->count;
    /* What a loop writes, an earlier iteration may have written; and what one arm of an IF wrote,
     * the other arm hasn't, but it mustn't meet the first arm's epochs either. */
    if (owner->pass_ptr)
        advance(a, owner->pass_ptr);
}

void available_leave(struct available *a)
{
    uint32_t count = a->scopes[--a->scope_count];
    while (a->count > count) {
        const struct entry *e = &a->entries[--a->count];
        a->buckets[e->hash % BUCKETS] = e->next;
    }
}

void available_after(struct available *a, struct ir_inst *owner)
{
    if (owner->pass_ptr)
        advance(a, owner->pass_ptr);
}
