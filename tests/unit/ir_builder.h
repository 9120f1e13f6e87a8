/* SPDX-License-Identifier: MIT
 *
 * Short names for building IR in tests.
 */
#ifndef IR_BUILDER_H
#define IR_BUILDER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "arena.h"
#include "ir.h"

struct build {
    struct ir_module *m;
    struct ir_region *at; /* where instructions are appended */
};

static inline struct build build_start(void)
{
    struct arena *arena = arena_create((size_t)64 << 20);
    assert_non_null(arena);
    struct ir_module *m = ir_module_create(arena);
    static const struct weft_request request = {.isa = WEFT_ISA_AVX2};
    static const struct weft_binding bindings[] = {
        {.kind = WEFT_BINDING_BUFFER, .count = 1, .stride_B = 16},
        {.binding = 1, .kind = WEFT_BINDING_BUFFER, .count = 1, .offset_B = 16, .stride_B = 16},
    };
    m->request = &request;
    m->bindings = bindings;
    m->binding_count = 2;
    return (struct build){m, m->body};
}

static inline void build_end(struct build *b)
{
    arena_destroy(b->m->arena);
}

static inline struct ir_inst *emit(struct build *b, enum ir_op op, enum ir_type type,
                                   uint32_t count, ...)
{
    struct ir_inst *args[8];
    va_list list;
    va_start(list, count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = va_arg(list, struct ir_inst *);
    va_end(list);
    return ir_append(b->m, b->at, op, type, count, args);
}

static inline struct ir_inst *emit_imm(struct build *b, enum ir_op op, enum ir_type type,
                                       uint64_t imm)
{
    struct ir_inst *inst = emit(b, op, type, 0);
    inst->imm = imm;
    return inst;
}

static inline struct ir_inst *constant(struct build *b, enum ir_type type, uint64_t bits)
{
    return emit_imm(b, IR_CONST, type, bits);
}

static inline struct ir_inst *buffer(struct build *b, unsigned binding)
{
    struct ir_inst *inst = emit(b, IR_BUFFER, IR_I64, 1, constant(b, IR_I32, 0));
    inst->imm = binding;
    return inst;
}

static inline struct ir_inst *load(struct build *b, enum ir_type type, unsigned comps,
                                   struct ir_inst *handle, struct ir_inst *offset)
{
    struct ir_inst *inst = emit(b, IR_LOAD, type, 2, handle, offset);
    inst->mem = (struct ir_mem){.space = IR_SPACE_BUFFER, .comps = (uint8_t)comps, .align_B = 4,
                                .stride_B = ir_type_B(type)};
    return inst;
}

/* Keeps a value alive. */
static inline struct ir_inst *store(struct build *b, struct ir_inst *offset, struct ir_inst *value)
{
    struct ir_inst *inst = emit(b, IR_STORE, IR_VOID, 2, offset, value);
    inst->mem = (struct ir_mem){.space = IR_SPACE_SHARED, .comps = 1, .align_B = 1,
                                .stride_B = ir_type_B(value->type)};
    return inst;
}

static inline struct ir_inst *begin_if(struct build *b, struct ir_inst *cond)
{
    struct ir_inst *inst = emit(b, IR_IF, IR_VOID, 1, cond);
    inst->regions[0] = ir_region_create(b->m, inst);
    inst->regions[1] = ir_region_create(b->m, inst);
    b->at = inst->regions[0];
    return inst;
}

static inline void begin_else(struct build *b, struct ir_inst *inst)
{
    b->at = inst->regions[1];
}

static inline void yield(struct build *b, uint32_t count, ...)
{
    va_list list;
    b->at->yields = arena_array(b->m->arena, struct ir_inst *, count);
    b->at->yield_count = count;
    va_start(list, count);
    for (uint32_t i = 0; i < count; i++)
        b->at->yields[i] = va_arg(list, struct ir_inst *);
    va_end(list);
}

/* Goes back to the region of the IF or LOOP. */
static inline void end_control(struct build *b, struct ir_inst *inst)
{
    b->at = inst->parent;
}

static inline struct ir_inst *result(struct build *b, struct ir_inst *control, enum ir_type type,
                                     uint64_t k)
{
    struct ir_inst *inst = emit(b, IR_RESULT, type, 1, control);
    inst->imm = k;
    return inst;
}

static inline struct ir_inst *begin_loop(struct build *b, uint32_t count, struct ir_inst *init)
{
    struct ir_inst *inst = emit(b, IR_LOOP, IR_VOID, count, init);
    inst->regions[0] = ir_region_create(b->m, inst);
    b->at = inst->regions[0];
    return inst;
}

static inline struct ir_inst *param(struct build *b, enum ir_type type, uint64_t k)
{
    return emit_imm(b, IR_PARAM, type, k);
}

static inline unsigned count_ops(const struct build *b, enum ir_op op)
{
    unsigned count = 0;
    for (struct ir_inst *inst = b->m->body->first; inst; inst = ir_next(inst))
        count += inst->op == op;
    return count;
}

#endif
