/* SPDX-License-Identifier: MIT */
#include "ir.h"

#include <stdarg.h>
#include <string.h>

#include "arena.h"

const struct ir_op_info ir_op_infos[IR_OP_COUNT] = {
#define IR_OP(name, text, args, results, free_args, flags)                                        \
    [IR_##name] = {text, args, results, free_args, flags},
#include "ir_ops.def"
#undef IR_OP
};

static const struct {
    const char *name;
    uint8_t bits, size_B;
} types[] = {
    [IR_VOID] = {"void", 0, 0}, [IR_BOOL] = {"bool", 1, 4}, [IR_I8] = {"i8", 8, 1},
    [IR_I16] = {"i16", 16, 2},  [IR_I32] = {"i32", 32, 4},  [IR_I64] = {"i64", 64, 8},
    [IR_F16] = {"f16", 16, 2},  [IR_F32] = {"f32", 32, 4},  [IR_F64] = {"f64", 64, 8},
};

unsigned ir_type_bits(enum ir_type type)
{
    return types[type].bits;
}

unsigned ir_type_B(enum ir_type type)
{
    return types[type].size_B;
}

bool ir_type_is_int(enum ir_type type)
{
    return type >= IR_I8 && type <= IR_I64;
}

bool ir_type_is_float(enum ir_type type)
{
    return type >= IR_F16 && type <= IR_F64;
}

const char *ir_type_name(enum ir_type type)
{
    return types[type].name;
}

struct ir_module *ir_module_create(struct arena *arena)
{
    struct ir_module *m = arena_new(arena, struct ir_module);
    m->arena = arena;
    m->local_size[0] = m->local_size[1] = m->local_size[2] = 1;
    m->body = ir_region_create(m, NULL);
    return m;
}

struct ir_region *ir_region_create(struct ir_module *m, struct ir_inst *owner)
{
    struct ir_region *r = arena_new(m->arena, struct ir_region);
    r->owner = owner;
    return r;
}

struct ir_inst *ir_resolve(struct ir_inst *inst)
{
    if (!inst || !inst->replaced_by)
        return inst;
    struct ir_inst *end = inst;
    while (end->replaced_by)
        end = end->replaced_by;
    while (inst->replaced_by) { /* shorten the way for the next look-up */
        struct ir_inst *next = inst->replaced_by;
        inst->replaced_by = end;
        inst = next;
        if (inst == end)
            break;
    }
    return end;
}

static struct ir_inst *make(struct ir_module *m, enum ir_op op, enum ir_type type,
                            uint32_t arg_count, struct ir_inst *const *args)
{
    struct ir_inst *inst = arena_new(m->arena, struct ir_inst);
    inst->op = (uint16_t)op;
    inst->type = (uint8_t)type;
    inst->id = m->next_id++;
    inst->arg_count = arg_count;
    inst->args = arg_count ? arena_array(m->arena, struct ir_inst *, arg_count) : NULL;
    for (uint32_t i = 0; i < arg_count; i++)
        inst->args[i] = ir_resolve(args[i]);
    return inst;
}

struct ir_inst *ir_append(struct ir_module *m, struct ir_region *r, enum ir_op op,
                          enum ir_type type, uint32_t arg_count, struct ir_inst *const *args)
{
    struct ir_inst *inst = make(m, op, type, arg_count, args);
    inst->parent = r;
    inst->prev = r->last;
    if (r->last)
        r->last->next = inst;
    else
        r->first = inst;
    r->last = inst;
    return inst;
}

static void link_before(struct ir_inst *at, struct ir_inst *inst)
{
    inst->parent = at->parent;
    inst->prev = at->prev;
    inst->next = at;
    if (at->prev)
        at->prev->next = inst;
    else
        at->parent->first = inst;
    at->prev = inst;
}

struct ir_inst *ir_insert_before(struct ir_module *m, struct ir_inst *at, enum ir_op op,
                                 enum ir_type type, uint32_t arg_count, struct ir_inst *const *args)
{
    struct ir_inst *inst = make(m, op, type, arg_count, args);
    link_before(at, inst);
    return inst;
}

void ir_remove(struct ir_inst *inst)
{
    if (inst->prev)
        inst->prev->next = inst->next;
    else
        inst->parent->first = inst->next;
    if (inst->next)
        inst->next->prev = inst->prev;
    else
        inst->parent->last = inst->prev;
    inst->prev = inst->next = NULL;
    inst->parent = NULL;
}

void ir_move_before(struct ir_inst *inst, struct ir_inst *at)
{
    ir_remove(inst);
    link_before(at, inst);
}

void ir_error(struct ir_module *m, int error, const char *format, ...)
{
    if (m->error)
        return;
    m->error = error;
    va_list args;
    va_start(args, format);
    vsnprintf(m->message, sizeof(m->message), format, args);
    va_end(args);
    for (char *c = m->message; *c; c++) /* one line, whatever a shader's names contain */
        if ((unsigned char)*c < ' ')
            *c = ' ';
}

unsigned ir_comps(const struct ir_inst *inst)
{
    switch (inst->op) {
    case IR_LOAD:
    case IR_TEXELS:
        return inst->mem.comps;
    case IR_SG_BALLOT:
    case IR_SG_MATCH:
    case IR_DECODE:
    case IR_SAMPLE:
        return 4;
    case IR_SG_TRANSPOSE:
        return inst->arg_count;
    case IR_MATRIX_MUL:
    case IR_MATRIX_MUL_SHARED:
        return (unsigned)(inst->imm >> 42);
    default:
        return 1;
    }
}

uint64_t ir_matrix_pack(const struct ir_matrix *x, uint32_t subgroup_size)
{
    return x->m | (uint64_t)x->n << 10 | (uint64_t)x->k << 20 | (uint64_t)x->a << 30 |
           (uint64_t)x->b << 34 | (uint64_t)x->c << 38 |
           (uint64_t)ir_matrix_leaves(x->m, x->n, subgroup_size) << 42;
}

struct ir_matrix ir_matrix_of(const struct ir_inst *inst)
{
    uint64_t imm = inst->imm;
    return (struct ir_matrix){
        .m = imm & 0x3ff,
        .n = imm >> 10 & 0x3ff,
        .k = imm >> 20 & 0x3ff,
        .a = (enum ir_element)(imm >> 30 & 15),
        .b = (enum ir_element)(imm >> 34 & 15),
        .c = (enum ir_element)(imm >> 38 & 15),
    };
}

unsigned ir_address_args(const struct ir_inst *inst)
{
    return inst->mem.space == IR_SPACE_BUFFER ? 2 : 1;
}

unsigned ir_region_count(const struct ir_inst *inst)
{
    return inst->op == IR_IF ? 2 : inst->op == IR_LOOP ? 1 : 0;
}

struct ir_inst *ir_next(struct ir_inst *inst)
{
    /* Down into the first region that has instructions. */
    unsigned count = ir_region_count(inst);
    for (unsigned i = 0; i < count; i++)
        if (inst->regions[i]->first)
            return inst->regions[i]->first;
    /* On, or up and into the next arm. */
    while (!inst->next) {
        struct ir_region *r = inst->parent;
        inst = r->owner;
        if (!inst)
            return NULL;
        if (inst->op == IR_IF && r == inst->regions[0] && inst->regions[1]->first)
            return inst->regions[1]->first;
    }
    return inst->next;
}

void ir_walk(struct ir_region *r, void (*visit)(struct ir_inst *inst, void *data), void *data)
{
    struct ir_inst *stop = NULL; /* the first instruction after the region */
    if (r->last) {
        struct ir_inst *inst = r->first;
        for (struct ir_region *up = r; up->owner && !stop; up = up->owner->parent) {
            struct ir_inst *owner = up->owner;
            if (owner->op == IR_IF && up == owner->regions[0])
                stop = owner->regions[1]->first;
            if (!stop)
                stop = owner->next;
        }
        for (; inst && inst != stop; inst = ir_next(inst))
            visit(inst, data);
    }
}

void ir_number(struct ir_module *m)
{
    m->next_id = 0;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        inst->id = m->next_id++;
}

static void count_yields(const struct ir_region *r)
{
    for (uint32_t i = 0; i < r->yield_count; i++)
        r->yields[i]->use_count++;
}

void ir_count_uses(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        inst->use_count = 0;
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        for (uint32_t i = 0; i < inst->arg_count; i++)
            inst->args[i]->use_count++;
        for (unsigned i = 0; i < ir_region_count(inst); i++)
            count_yields(inst->regions[i]);
    }
    count_yields(m->body);
}

static void resolve_all(struct ir_inst **values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = ir_resolve(values[i]);
}

void ir_resolve_all(struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst)) {
        resolve_all(inst->args, inst->arg_count);
        for (unsigned i = 0; i < ir_region_count(inst); i++)
            resolve_all(inst->regions[i]->yields, inst->regions[i]->yield_count);
    }
    resolve_all(m->body->yields, m->body->yield_count);
}
