/* SPDX-License-Identifier: MIT */
#include "ir_run.h"

#include <stdlib.h>
#include <string.h>

#include "fold.h"

static uint64_t scalar_value(const struct run *run, const struct ir_inst *inst)
{
    return run->scalars[inst->id];
}

static uint64_t input_of(const struct run *run, const struct ir_inst *inst, unsigned lane)
{
    const struct ir_module *m = run->m;
    uint32_t index = run->subgroup * m->width + lane;
    switch (inst->op) {
    case IR_CONST:
        return inst->imm;
    case IR_LOCAL_ID:
        return inst->imm == 0   ? index % m->local_size[0]
               : inst->imm == 1 ? index / m->local_size[0] % m->local_size[1]
                                : index / m->local_size[0] / m->local_size[1];
    case IR_LOCAL_INDEX:
        return index;
    case IR_GROUP_ID:
        return run->group[inst->imm];
    case IR_SUBGROUP_ID:
        return run->subgroup;
    case IR_LANE:
        return lane;
    default:
        return 0;
    }
}

static uint64_t evaluate(const struct ir_inst *inst, const uint64_t *args)
{
    uint64_t bits;
    if (!fold_op(inst->op, inst->type, inst->args[0]->type, inst->imm, args, &bits))
        return 0x5a & fold_mask(inst->type);
    return bits;
}

static void check_claims(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    const struct ir_shape *s = &inst->shape;
    uint64_t bits = fold_mask(inst->type);
    if (!run->check)
        return;
    for (unsigned i = 0; i < run->m->width; i++) {
        if (!(mask >> i & 1))
            continue;
        uint64_t value = run->lanes[inst->id][i];
        if (s->kind != IR_SHAPE_VARYING) {
            uint64_t offset = s->kind == IR_SHAPE_OFFSETS ? (uint64_t)s->offsets[i] : 0;
            uint64_t scalar = scalar_value(run, inst);
            if (value != ((scalar + offset) & bits))
                fail_msg("program %u: %%%u %s lane %u is 0x%llx, not 0x%llx + %lld",
                         run->program, inst->id,
                         ir_op_infos[inst->op].name, i, (unsigned long long)value,
                         (unsigned long long)scalar, (long long)offset);
            if (s->known && scalar != s->base)
                fail_msg("program %u: %%%u isn't the known 0x%llx", run->program, inst->id,
                         (unsigned long long)s->base);
            if (s->align_log2 && ir_type_is_int(inst->type) && s->align_log2 < 63 &&
                (scalar & ((UINT64_C(1) << s->align_log2) - 1) & bits))
                fail_msg("program %u: %%%u 0x%llx isn't aligned to 2^%u", run->program, inst->id,
                         (unsigned long long)scalar, s->align_log2);
        }
        if (ir_type_is_int(inst->type) && (value < s->lo || value > s->hi))
            fail_msg("program %u: %%%u %s is 0x%llx, outside of 0x%llx..0x%llx",
                     run->program, inst->id,
                     ir_op_infos[inst->op].name, (unsigned long long)value,
                     (unsigned long long)s->lo, (unsigned long long)s->hi);
    }
}

/* Copies a value that control flow moves. */
static void move(struct run *run, const struct ir_inst *to, const struct ir_inst *from,
                 uint64_t mask)
{
    for (unsigned i = 0; i < run->m->width; i++)
        if (mask >> i & 1)
            run->lanes[to->id][i] = run->lanes[from->id][i];
    if (!run->check || to->shape.kind == IR_SHAPE_VARYING)
        return;
    if (from->shape.kind == IR_SHAPE_VARYING)
        fail_msg("program %u: %%%u is scalar, what it takes isn't", run->program, to->id);
    run->scalars[to->id] = scalar_value(run, from);
}

static void run_region(struct run *run, const struct ir_region *r, uint64_t mask);

static void run_plain(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    uint64_t args[3];
    bool elementwise = ir_op_infos[inst->op].flags & IR_ELEMENTWISE;
    for (unsigned i = 0; i < run->m->width; i++) {
        for (unsigned a = 0; a < inst->arg_count; a++)
            args[a] = run->lanes[inst->args[a]->id][i];
        /* Inactive lanes hold anything. */
        uint64_t value = elementwise ? evaluate(inst, args) : input_of(run, inst, i);
        run->lanes[inst->id][i] = mask >> i & 1 ? value
                                                : UINT64_C(0xdeadbeef12345) & fold_mask(inst->type);
    }
    if (run->check && inst->shape.kind != IR_SHAPE_VARYING) {
        for (unsigned a = 0; a < inst->arg_count; a++) {
            if (inst->args[a]->shape.kind == IR_SHAPE_VARYING)
                fail_msg("program %u: %%%u is scalar, its argument isn't", run->program, inst->id);
            args[a] = scalar_value(run, inst->args[a]);
        }
        run->scalars[inst->id] = elementwise ? evaluate(inst, args) : input_of(run, inst, 0);
    }
}

static void run_control(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    if (inst->op == IR_IF) {
        uint64_t taken = 0;
        for (unsigned i = 0; i < run->m->width; i++)
            taken |= (run->lanes[inst->args[0]->id][i] & 1) << i;
        for (unsigned arm = 0; arm < 2; arm++) {
            uint64_t lanes = mask & (arm ? ~taken : taken);
            if (!lanes)
                continue;
            run_region(run, inst->regions[arm], lanes);
            const struct ir_inst *result = inst->next;
            for (uint32_t k = 0; k < inst->regions[arm]->yield_count; k++, result = result->next)
                move(run, result, inst->regions[arm]->yields[k], lanes);
        }
        return;
    }
    const struct ir_region *body = inst->regions[0];
    const struct ir_inst *param = body->first;
    for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next)
        move(run, param, inst->args[k], mask);
    while (mask) {
        uint64_t go = 0;
        run_region(run, body, mask);
        for (unsigned i = 0; i < run->m->width; i++)
            go |= (run->lanes[body->yields[0]->id][i] & 1) << i;
        const struct ir_inst *result = inst->next;
        for (uint32_t k = 0; k < inst->arg_count; k++, result = result->next)
            if (mask & ~go)
                move(run, result, body->yields[1 + k], mask & ~go);
        mask &= go;
        if (!mask)
            return;
        /* All next values before any of them: a yield may be another parameter. */
        uint64_t next[RUN_MAX_SLOTS][RUN_MAX_WIDTH], scalars[RUN_MAX_SLOTS];
        assert_true(inst->arg_count <= RUN_MAX_SLOTS);
        for (uint32_t k = 0; k < inst->arg_count; k++) {
            memcpy(next[k], run->lanes[body->yields[1 + k]->id], sizeof(next[k]));
            scalars[k] = scalar_value(run, body->yields[1 + k]);
        }
        param = body->first;
        for (uint32_t k = 0; k < inst->arg_count; k++, param = param->next) {
            memcpy(run->lanes[param->id], next[k], sizeof(next[k]));
            run->scalars[param->id] = scalars[k];
            if (run->check && param->shape.kind != body->yields[1 + k]->shape.kind &&
                param->shape.kind != IR_SHAPE_VARYING)
                fail_msg("program %u: %%%u is scalar, what it takes isn't",
                         run->program, param->id);
        }
    }
}

/* What a lane stores, and where, in its order. */
static void run_store(struct run *run, const struct ir_inst *inst, uint64_t mask)
{
    for (unsigned i = 0; i < run->m->width; i++) {
        if (!(mask >> i & 1))
            continue;
        uint32_t address = (uint32_t)run->lanes[inst->args[0]->id][i] + inst->mem.const_B;
        uint64_t value = run->lanes[inst->args[1]->id][i] + inst->args[1]->type;
        run->log[i] = (run->log[i] ^ address) * UINT64_C(0x9e3779b97f4a7c15);
        run->log[i] = (run->log[i] ^ run->log[i] >> 31 ^ value) * UINT64_C(0xbf58476d1ce4e5b9);
    }
}

static void run_region(struct run *run, const struct ir_region *r, uint64_t mask)
{
    for (const struct ir_inst *inst = r->first; inst; inst = inst->next) {
        if (inst->op == IR_STORE)
            run_store(run, inst, mask);
        else if (ir_region_count(inst))
            run_control(run, inst, mask);
        else if (inst->op != IR_PARAM && inst->op != IR_RESULT)
            run_plain(run, inst, mask);
        if (inst->type != IR_VOID)
            check_claims(run, inst, mask);
    }
}

void run_module(struct run *run)
{
    const uint32_t *local = run->m->local_size;
    uint32_t left = local[0] * local[1] * local[2] - run->subgroup * run->m->width;
    uint64_t mask = (UINT64_C(1) << (left < run->m->width ? left : run->m->width)) - 1;
    ir_number(run->m);
    run->lanes = calloc(run->m->next_id, sizeof(*run->lanes));
    run->scalars = calloc(run->m->next_id, sizeof(*run->scalars));
    memset(run->log, 0, sizeof(run->log));
    run_region(run, run->m->body, mask);
    free(run->lanes);
    free(run->scalars);
}
