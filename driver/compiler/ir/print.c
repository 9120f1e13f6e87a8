/* SPDX-License-Identifier: MIT
 *
 * The IR as text, for people: one instruction a line, regions indented, shapes at the end of a
 * line.
 *
 *     %7 i32 = add %3 %5          ; offsets 0 1 2 3 4 5 6 7 subgroup 0..255
 */
#include <inttypes.h>

#include "ir.h"

static const char *const space_names[] = {"buffer", "shared", "global", "push"};
static const char *const atomic_names[] = {"add",  "and",  "or",       "xor",  "smin", "smax",
                                           "umin", "umax", "exchange", "fadd", "fmin", "fmax"};
static const char *const reduce_names[] = {"add",  "mul", "smin", "smax", "umin", "umax", "and",
                                           "or",   "xor", "fadd", "fmul", "fmin", "fmax"};

static void print_mem(const struct ir_inst *inst, FILE *to)
{
    const struct ir_mem *mem = &inst->mem;
    fprintf(to, " %s +%u x%u align %u", space_names[mem->space], mem->const_B, mem->comps,
            mem->align_B);
    if (mem->comps > 1)
        fprintf(to, " stride %u", mem->stride_B);
    if (mem->alias)
        fprintf(to, " alias %u", mem->alias);
    static const char *const flags[] = {"volatile", "coherent", "readonly",
                                        "robust",   "image",    "flush"};
    for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (mem->flags & 1u << i)
            fprintf(to, " %s", flags[i]);
}

/* What an instruction says besides its arguments. */
static void print_detail(const struct ir_inst *inst, FILE *to)
{
    switch (inst->op) {
    case IR_CONST:
        fprintf(to, " 0x%" PRIx64, inst->imm);
        if (inst->type == IR_F32)
            fprintf(to, " (%g)", (double)((union { uint32_t u; float f; }){(uint32_t)inst->imm}).f);
        else if (inst->type == IR_F64)
            fprintf(to, " (%g)", ((union { uint64_t u; double f; }){inst->imm}).f);
        break;
    case IR_COMP:
    case IR_LOCAL_ID:
    case IR_GROUP_ID:
    case IR_GROUP_COUNT:
    case IR_BUFFER:
    case IR_DESC:
    case IR_FENCE:
    case IR_ORDER:
    case IR_FTRUNC_TO:
    case IR_PARAM:
    case IR_RESULT:
        fprintf(to, " [%" PRIu64 "]", inst->imm);
        break;
    case IR_ATOMIC:
        fprintf(to, " %s", atomic_names[inst->mem.atomic]);
        print_mem(inst, to);
        break;
    case IR_LOAD:
    case IR_STORE:
    case IR_ATOMIC_CMPXCHG:
    case IR_ATOMIC_LOAD:
    case IR_ATOMIC_STORE:
        print_mem(inst, to);
        break;
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
        fprintf(to, " local%u", inst->local->id);
        break;
    case IR_SG_REDUCE:
    case IR_SG_SCAN:
    case IR_SG_EXSCAN:
    case IR_SG_PARTITION:
        fprintf(to, " %s", reduce_names[inst->imm & 0xff]);
        if (inst->imm >> 8)
            fprintf(to, " %s %" PRIu64, inst->op == IR_SG_PARTITION ? "kind" : "cluster",
                    inst->imm >> 8);
        break;
    }
}

static void print_shape(const struct ir_module *m, const struct ir_inst *inst, FILE *to)
{
    const struct ir_shape *s = &inst->shape;
    if (!m->shaped || inst->type == IR_VOID || inst->op == IR_CONST)
        return;
    fprintf(to, "  ;");
    if (s->kind == IR_SHAPE_VARYING) {
        fprintf(to, " varying");
        for (uint32_t i = 0; s->strip && i < m->width; i++)
            fprintf(to, i % s->strip ? " %" PRId64 : " :%" PRId64, s->offsets[i]);
    } else {
        fprintf(to, s->kind == IR_SHAPE_UNIFORM ? " uniform" : " offsets");
        for (uint32_t i = 0; s->kind == IR_SHAPE_OFFSETS && i < m->width; i++)
            fprintf(to, " %" PRId64, s->offsets[i]);
        fprintf(to, s->scope == IR_SCOPE_WORKGROUP ? " workgroup" : " subgroup");
    }
    if (ir_type_is_int(inst->type))
        fprintf(to, " %" PRIu64 "..%" PRIu64, s->lo, s->hi);
}

static void print_inst(const struct ir_module *m, const struct ir_inst *inst, FILE *to)
{
    if (inst->type != IR_VOID)
        fprintf(to, "%%%u %s = ", inst->id, ir_type_name(inst->type));
    else
        fprintf(to, "%%%u ", inst->id);
    fprintf(to, "%s", ir_op_infos[inst->op].name);
    for (uint32_t i = 0; i < inst->arg_count; i++)
        fprintf(to, " %%%u", inst->args[i]->id);
    print_detail(inst, to);
    if (inst->flags & IR_INST_NO_CONTRACT)
        fprintf(to, " no_contract");
    if (inst->flags & IR_INST_NO_REASSOC)
        fprintf(to, " no_reassoc");
    if (inst->flags & IR_INST_BARRIER)
        fprintf(to, " with_barrier");
    if (inst->flags & IR_INST_NONUNIFORM)
        fprintf(to, " nonuniform");
    print_shape(m, inst, to);
    if (inst->line)
        fprintf(to, "  @%u", inst->line);
}

static void print_region(const struct ir_module *m, const struct ir_region *r, unsigned depth,
                         FILE *to)
{
    for (const struct ir_inst *inst = r->first; inst; inst = inst->next) {
        fprintf(to, "%*s", (int)depth * 4, "");
        print_inst(m, inst, to);
        fputc('\n', to);
        for (unsigned i = 0; i < ir_region_count(inst); i++) {
            fprintf(to, "%*s{\n", (int)depth * 4, "");
            print_region(m, inst->regions[i], depth + 1, to);
            fprintf(to, "%*s}\n", (int)depth * 4, "");
        }
    }
    if (r->yield_count) {
        fprintf(to, "%*syield", (int)depth * 4, "");
        for (uint32_t i = 0; i < r->yield_count; i++)
            fprintf(to, " %%%u", r->yields[i]->id);
        fputc('\n', to);
    }
}

void ir_print(const struct ir_module *m, FILE *to)
{
    fprintf(to, "; local size %u x %u x %u, shared %u bytes, width %u, subgroup size %u\n",
            m->local_size[0], m->local_size[1], m->local_size[2], m->shared_B, m->width,
            m->subgroup_size);
    for (const struct ir_local *local = m->locals; local; local = local->next)
        fprintf(to, "; local%u: %s[%u]%s\n", local->id, ir_type_name(local->type), local->length,
                local->constant ? " constant" : "");
    print_region(m, m->body, 0, to);
}
