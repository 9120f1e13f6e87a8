/* SPDX-License-Identifier: MIT
 *
 * The report for people who write shaders: what keeps the code from running at full vector speed,
 * by source line, and why.
 */
#include "ir.h"

struct report {
    const struct ir_module *m;
    FILE *to;
    unsigned gathers, scatters, strided, divergent_ifs, divergent_loops, atomics, accesses;
};

static bool varies(const struct ir_inst *inst)
{
    return inst->op != IR_CONST && inst->op != IR_UNDEF && inst->shape.kind == IR_SHAPE_VARYING;
}

static void line(struct report *r, const struct ir_inst *inst, const char *what)
{
    if (inst->line)
        fprintf(r->to, "line %u: %s", inst->line, what);
    else
        fprintf(r->to, "line ?: %s", what);
}

/* The nearest instruction that made the value vary. */
static const struct ir_inst *cause(const struct ir_inst *inst)
{
    for (unsigned depth = 0; depth < 64; depth++) {
        const struct ir_inst *next = NULL;
        if (inst->op == IR_RESULT || inst->op == IR_PARAM || inst->op == IR_LOAD)
            return inst;
        for (uint32_t i = 0; i < inst->arg_count && !next; i++)
            if (varies(inst->args[i]))
                next = inst->args[i];
        if (!next)
            return inst;
        inst = next;
    }
    return inst;
}

static void because(struct report *r, const struct ir_inst *value)
{
    const struct ir_inst *c = cause(value);
    const char *why = "is computed from lane ids in a way that has no fixed pattern";
    if (c->op == IR_LOAD || c->op == IR_LOCAL_LOAD)
        why = "was loaded from memory";
    else if (c->op == IR_RESULT || c->op == IR_PARAM)
        why = "was assigned under divergent control flow";
    else if (ir_op_infos[c->op].flags & IR_CROSS_LANE)
        why = "comes from a subgroup operation";
    else if (c->op == IR_ATOMIC || c->op == IR_ATOMIC_CMPXCHG || c->op == IR_ATOMIC_LOAD)
        why = "comes from an atomic";
    fprintf(r->to, ": the value %s", why);
    if (c->line)
        fprintf(r->to, " (line %u)", c->line);
    fputc('\n', r->to);
}

/* Whether the lanes of an OFFSETS address lie close enough together for vector accesses. */
static bool is_spread(const struct report *r, const struct ir_inst *inst,
                      const struct ir_inst *address, unsigned size_B)
{
    int64_t low = 0, high = 0;
    for (uint32_t i = 0; i < r->m->width; i++) {
        int64_t d = (int32_t)(uint32_t)address->shape.offsets[i];
        low = d < low ? d : low;
        high = d > high ? d : high;
    }
    return (uint64_t)(high - low) > 2ull * r->m->width * size_B * inst->mem.comps;
}

/* Lanes with a pattern in strips, close together or with several elements each. */
static bool in_strips(const struct ir_inst *inst, const struct ir_inst *address, unsigned size_B)
{
    const struct ir_shape *shape = &address->shape;
    int64_t most = 2 * (int64_t)inst->mem.comps * size_B;
    if (shape->strip < IR_STRIP_MIN || inst->mem.space != IR_SPACE_BUFFER)
        return false;
    if (inst->mem.comps > 1 && inst->mem.stride_B == size_B)
        return true;
    for (uint32_t i = 1; i < shape->strip; i++) {
        int64_t step = shape->offsets[i] - shape->offsets[i - 1];
        if (step < -most || step > most)
            return false;
    }
    return true;
}

static void report_access(struct report *r, const struct ir_inst *inst)
{
    static const char *const spaces[] = {"a buffer", "shared memory", "physical memory",
                                         "push constants"};
    bool store = inst->op == IR_STORE;
    unsigned n = ir_address_args(inst);
    const struct ir_inst *address = inst->args[n - 1];
    const struct ir_inst *value = store ? inst->args[n] : inst;
    unsigned size_B = ir_type_B((enum ir_type)value->type);
    bool descriptors = inst->mem.space == IR_SPACE_BUFFER && varies(inst->args[0]);
    r->accesses++;
    if ((varies(address) && !in_strips(inst, address, size_B)) || descriptors) {
        *(store ? &r->scatters : &r->gathers) += 1;
        line(r, inst, store ? "scatter of " : "gather of ");
        fprintf(r->to, "%u x %u bytes in %s", inst->mem.comps, size_B, spaces[inst->mem.space]);
        because(r, descriptors ? inst->args[0] : address);
    } else if (address->op != IR_CONST && address->shape.kind == IR_SHAPE_OFFSETS &&
               is_spread(r, inst, address, size_B)) {
        r->strided++;
        line(r, inst, store ? "strided store" : "strided load");
        fprintf(r->to, " of %u x %u bytes in %s: lanes are %lld bytes apart\n", inst->mem.comps,
                size_B, spaces[inst->mem.space],
                r->m->width > 1 ? (long long)(int32_t)(uint32_t)address->shape.offsets[1] : 0);
    }
}

static void visit(struct ir_inst *inst, void *data)
{
    struct report *r = data;
    switch (inst->op) {
    case IR_LOAD:
    case IR_STORE:
        report_access(r, inst);
        break;
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
        r->accesses++;
        if (varies(inst->args[0])) {
            *(inst->op == IR_LOCAL_STORE ? &r->scatters : &r->gathers) += 1;
            line(r, inst, inst->op == IR_LOCAL_STORE ? "scatter" : "gather");
            fprintf(r->to, " in a private array");
            because(r, inst->args[0]);
        }
        break;
    case IR_ATOMIC:
    case IR_ATOMIC_CMPXCHG:
        r->atomics++;
        if (varies(inst->args[ir_address_args(inst) - 1])) {
            line(r, inst, "atomic at an address of its own for each lane");
            because(r, inst->args[ir_address_args(inst) - 1]);
        }
        break;
    case IR_IF:
        if (varies(inst->args[0])) {
            r->divergent_ifs++;
            line(r, inst, "divergent branch");
            because(r, inst->args[0]);
        }
        break;
    case IR_LOOP:
        if (varies(inst->regions[0]->yields[0])) {
            r->divergent_loops++;
            line(r, inst, "divergent loop");
            because(r, inst->regions[0]->yields[0]);
        }
        break;
    default:
        break;
    }
}

void ir_report(const struct ir_module *m, FILE *to)
{
    struct report r = {.m = m, .to = to};
    fprintf(to, "local size %u x %u x %u, vector width %u, %u bytes of shared memory\n",
            m->local_size[0], m->local_size[1], m->local_size[2], m->width, m->shared_B);
    ir_walk(m->body, visit, &r);
    fprintf(to,
            "%u memory accesses: %u gathers, %u scatters, %u strided; %u divergent branches, "
            "%u divergent loops, %u atomics\n",
            r.accesses, r.gathers, r.scatters, r.strided, r.divergent_ifs, r.divergent_loops,
            r.atomics);
}
