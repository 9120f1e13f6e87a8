/* SPDX-License-Identifier: MIT
 *
 * Atomic operations whose results nobody reads, put off. Counters that many invocations share would travel from
 * core to core with each locked instruction, and those that are far apart would be waited for one by one. So
 * each thread combines what it can, for all the workgroups of a call of the kernel:
 *
 *   - all lanes at one address: a vector of sums as long as the address stays the same, here;
 *   - lanes at addresses of their own: tables, see cg_merge_lanes.c.
 *
 * What is left is added before the kernel returns, or, of the worker's table, before the dispatch ends. Nobody
 * may be able to tell: no invocation of the dispatch may read what is added, or order itself for other
 * workgroups by fences or other atomics. A workgroup's own barriers change nothing about that.
 */
#include "arena.h"
#include "cg_memory.h"
#include "cg_reduce.h"

/* An atomic instruction whose address is the same for all lanes. */
struct cg_merge_site {
    struct cg_merge_site *next;
    struct ir_inst *inst;
    LLVMValueRef where; /* alloca: ptr */
    LLVMValueRef sums;  /* alloca: <W x T> */
};

static bool is_device_memory(const struct ir_inst *inst)
{
    return inst->mem.space == IR_SPACE_BUFFER || inst->mem.space == IR_SPACE_GLOBAL;
}

/* May it be put off, if the rest of the shader lets it? */
static bool may_merge(const struct ir_inst *inst)
{
    enum ir_reduce reduce;
    return inst->op == IR_ATOMIC && cg_atomic_reduces(inst, &reduce) && inst->use_count == 0 &&
           ir_type_bits((enum ir_type)inst->type) >= 32 && is_device_memory(inst) &&
           !(inst->mem.flags & (IR_MEM_VOLATILE | IR_MEM_COHERENT | IR_MEM_FLUSH));
}

static bool is_apart(const struct ir_inst *inst, const struct ir_inst *atomic)
{
    return inst->mem.alias && atomic->mem.alias && inst->mem.alias != atomic->mem.alias;
}

/* Does this instruction rule merging out? */
static bool forbids(const struct ir_inst *inst, const struct ir_inst *atomic)
{
    switch (inst->op) {
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
    case IR_BARRIER:
    case IR_ORDER:
        return false;
    case IR_FENCE:
        return inst->imm != 0;
    case IR_LOAD:
    case IR_STORE:
        return is_device_memory(inst) && !(inst->mem.flags & IR_MEM_READONLY) &&
               !is_apart(inst, atomic);
    case IR_ATOMIC:
        if (!is_device_memory(inst))
            return false;
        /* Different operations on one address do not commute. */
        return !may_merge(inst) ||
               ((inst->mem.atomic != atomic->mem.atomic || inst->type != atomic->type) &&
                !is_apart(inst, atomic));
    case IR_ATOMIC_LOAD:
    case IR_ATOMIC_STORE:
    case IR_ATOMIC_CMPXCHG:
        return is_device_memory(inst);
    default:
        return ir_op_infos[inst->op].flags & (IR_READS | IR_WRITES);
    }
}

static bool merges(struct cg *cg, const struct ir_inst *atomic)
{
    if (cg->width == 1 || !may_merge(atomic))
        return false;
    for (struct ir_inst *i = cg->m->body->first; i; i = ir_next(i))
        if (forbids(i, atomic))
            return false;
    return true;
}

static LLVMValueRef start_of(struct cg *cg, const struct ir_inst *inst)
{
    enum ir_reduce reduce = IR_REDUCE_ADD;
    cg_atomic_reduces(inst, &reduce);
    return cg_splat(cg, cg_identity(cg, reduce, (enum ir_type)inst->type));
}

/* At first the sums are of nothing, for the sink. */
static struct cg_merge_site *site_of(struct cg *cg, struct ir_inst *inst)
{
    struct cg_merge_site *site = cg->p->merge_sites;
    while (site && site->inst != inst)
        site = site->next;
    if (site)
        return site;
    site = arena_new(cg->m->arena, struct cg_merge_site);
    *site = (struct cg_merge_site){.next = cg->p->merge_sites, .inst = inst};
    site->where = cg_alloca(cg, cg->ptr, 8, "merge_at");
    site->sums = cg_alloca(cg, cg->vector_t[inst->type], 64, "merge_sums");
    LLVMBuildStore(cg->entry_b, cg->sink, site->where);
    LLVMBuildStore(cg->entry_b, start_of(cg, inst), site->sums);
    cg->p->merge_sites = site;
    return site;
}

/* The sums of all lanes into memory. */
static void put_sums(struct cg *cg, const struct cg_merge_site *site)
{
    enum ir_type type = (enum ir_type)site->inst->type;
    enum ir_reduce reduce = IR_REDUCE_ADD;
    cg_atomic_reduces(site->inst, &reduce);
    struct cg_mask mask = cg->mask;
    cg->mask = (struct cg_mask){NULL};
    LLVMValueRef sums = LLVMBuildLoad2(cg->b, cg->vector_t[type], site->sums, "");
    LLVMValueRef at = LLVMBuildLoad2(cg->b, cg->ptr, site->where, "");
    cg_atomic_put(cg, site->inst, at, cg_reduce(cg, reduce, type, sums));
    cg->mask = mask;
}

bool cg_merge_one(struct cg *cg, struct ir_inst *inst, LLVMValueRef at, struct ir_inst *value)
{
    LLVMBuilderRef b = cg->b;
    enum ir_type type = (enum ir_type)inst->type;
    enum ir_reduce reduce;
    if (!merges(cg, inst) || !cg_atomic_reduces(inst, &reduce))
        return false;
    struct cg_merge_site *site = site_of(cg, inst);
    LLVMValueRef v = cg_vector(cg, value), none = start_of(cg, inst);
    if (cg->mask.lanes)
        v = LLVMBuildSelect(b, cg->mask.lanes, v, none, "");
    LLVMBasicBlockRef other = cg_block(cg, "elsewhere"), add = cg_block(cg, "merge");
    LLVMValueRef had = LLVMBuildLoad2(b, cg->ptr, site->where, "");
    cg_unlikely(cg, LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, had, at, ""), add, other), 1);
    LLVMPositionBuilderAtEnd(b, other);
    put_sums(cg, site);
    LLVMBuildStore(b, at, site->where);
    LLVMBuildStore(b, none, site->sums);
    LLVMBuildBr(b, add);
    LLVMPositionBuilderAtEnd(b, add);
    LLVMValueRef sums = LLVMBuildLoad2(b, cg->vector_t[type], site->sums, "");
    LLVMBuildStore(b, cg_combine(cg, reduce, type, sums, v), site->sums);
    return true;
}

bool cg_merge(struct cg *cg, struct ir_inst *inst, const struct cg_places *places,
              struct ir_inst *value)
{
    if (cg->width > 64 || inst->mem.atomic != IR_ATOMIC_ADD || inst->type != IR_I32 ||
        inst->shape.kind == IR_SHAPE_OFFSETS || !merges(cg, inst))
        return false;
    cg_merge_lanes(cg, inst, places, value);
    return true;
}

void cg_merge_end(struct cg *cg)
{
    for (const struct cg_merge_site *site = cg->p->merge_sites; site; site = site->next)
        put_sums(cg, site);
    cg_merge_lanes_end(cg);
}
