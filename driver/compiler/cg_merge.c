/* SPDX-License-Identifier: MIT
 *
 * Atomic additions whose results nobody reads, merged by address. Counters that many invocations share would
 * travel from core to core with each locked instruction, and those that are far apart would be waited for one
 * by one. So each thread keeps a small table of addresses and what to add there:
 *
 *   - the same address again: one plain addition;
 *   - another in the same place of the table: the old one is added to memory by a locked instruction, and
 *     the new one's line is fetched meanwhile.
 *
 * What is left is added before the kernel returns. Nobody may be able to tell: no invocation of the dispatch
 * may read what is added, or order itself by barriers or other atomics.
 */
#include "cg_memory.h"

#define SLOTS 64u

static bool
is_device_memory(const struct ir_inst *inst)
{
    return inst->mem.space == IR_SPACE_BUFFER || inst->mem.space == IR_SPACE_GLOBAL;
}

static bool
may_merge(const struct ir_inst *inst)
{
    return inst->op == IR_ATOMIC && inst->mem.atomic == IR_ATOMIC_ADD && inst->type == IR_I32 &&
           inst->use_count == 0 && is_device_memory(inst) &&
           !(inst->mem.flags & (IR_MEM_VOLATILE | IR_MEM_COHERENT));
}

/* Does this instruction rule merging out? */
static bool
forbids(const struct ir_inst *inst, const struct ir_inst *atomic)
{
    switch (inst->op) {
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
        return false;
    case IR_LOAD:
    case IR_STORE:
        if (!is_device_memory(inst) || inst->mem.flags & IR_MEM_READONLY)
            return false;
        return !inst->mem.alias || !atomic->mem.alias || inst->mem.alias == atomic->mem.alias;
    case IR_ATOMIC:
        return !may_merge(inst);
    default:
        return ir_op_infos[inst->op].flags & (IR_READS | IR_WRITES);
    }
}

bool
cg_merges(struct cg *cg, const struct ir_inst *atomic)
{
    if (cg->width == 1 || cg->width > 64 || !may_merge(atomic) || atomic->shape.kind == IR_SHAPE_OFFSETS)
        return false;
    for (struct ir_inst *i = cg->m->body->first; i; i = ir_next(i))
        if (forbids(i, atomic))
            return false;
    return true;
}

static LLVMValueRef
slot_of(struct cg *cg, LLVMTypeRef type, LLVMValueRef table, LLVMValueRef slot)
{
    return LLVMBuildInBoundsGEP2(cg->b, type, table, &slot, 1, "");
}

/* Empty slots add 0 to the sink. */
static void
make_tables(struct cg *cg)
{
    LLVMTypeRef wheres = LLVMVectorType(cg->i64, SLOTS), sums = LLVMVectorType(cg->i32, SLOTS);
    LLVMBuilderRef b = cg->entry_b;
    if (cg->p->merge_where)
        return;
    cg->p->merge_where = cg_alloca(cg, wheres, 64, "merge_where");
    cg->p->merge_sum = cg_alloca(cg, sums, 64, "merge_sum");
    LLVMValueRef sink = LLVMBuildPtrToInt(b, cg->sink, cg->i64, "");
    LLVMValueRef all = LLVMBuildInsertElement(b, LLVMGetPoison(wheres), sink, cg_i32(cg, 0), "");
    LLVMValueRef zeros = LLVMConstNull(LLVMVectorType(cg->i32, SLOTS));
    all = LLVMBuildShuffleVector(b, all, LLVMGetPoison(wheres), zeros, "");
    LLVMSetAlignment(LLVMBuildStore(b, all, cg->p->merge_where), 64);
    LLVMSetAlignment(LLVMBuildStore(b, LLVMConstNull(sums), cg->p->merge_sum), 64);
}

static void
add_to_memory(struct cg *cg, LLVMValueRef where, LLVMValueRef sum)
{
    LLVMValueRef at = LLVMBuildIntToPtr(cg->b, where, cg->ptr, "");
    LLVMSetAlignment(LLVMBuildAtomicRMW(cg->b, LLVMAtomicRMWBinOpAdd, at, sum,
                                        LLVMAtomicOrderingAcquireRelease, false), 4);
}

/* One lane's addition. */
static void
add_one(struct cg *cg, LLVMValueRef where, LLVMValueRef value)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef slot = LLVMBuildLShr(b, where, cg_i64(cg, 2), "");
    slot = LLVMBuildAnd(b, slot, cg_i64(cg, SLOTS - 1), "slot");
    LLVMValueRef where_at = slot_of(cg, cg->i64, cg->p->merge_where, slot);
    LLVMValueRef sum_at = slot_of(cg, cg->i32, cg->p->merge_sum, slot);
    LLVMValueRef had = LLVMBuildLoad2(b, cg->i64, where_at, "");
    LLVMBasicBlockRef same = cg_block(cg, "merge"), other = cg_block(cg, "replace"),
                      next = cg_block(cg, "merged");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, had, where, ""), same, other);

    LLVMPositionBuilderAtEnd(b, same);
    LLVMValueRef sum = LLVMBuildLoad2(b, cg->i32, sum_at, "");
    LLVMBuildStore(b, LLVMBuildAdd(b, sum, value, ""), sum_at);
    LLVMBuildBr(b, next);

    LLVMPositionBuilderAtEnd(b, other);
    LLVMValueRef fetch[] = {LLVMBuildIntToPtr(b, where, cg->ptr, ""), cg_i32(cg, 1), cg_i32(cg, 3),
                            cg_i32(cg, 1)}; /* to be written */
    cg_intrinsic(cg, "llvm.prefetch", &cg->ptr, 1, fetch, 4);
    add_to_memory(cg, had, LLVMBuildLoad2(b, cg->i32, sum_at, ""));
    LLVMBuildStore(b, where, where_at);
    LLVMBuildStore(b, value, sum_at);
    LLVMBuildBr(b, next);

    LLVMPositionBuilderAtEnd(b, next);
}

void
cg_merge(struct cg *cg, LLVMValueRef pointers, LLVMValueRef valid, LLVMValueRef values)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef places = LLVMVectorType(cg->i64, cg->width);
    make_tables(cg);
    pointers = LLVMBuildPtrToInt(b, pointers, places, "");
    LLVMBasicBlockRef all = cg_block(cg, "all"), some = cg_block(cg, "some"), done = cg_block(cg, "lanes");
    LLVMBuildCondBr(b, cg_all(cg, valid), all, some);
    LLVMPositionBuilderAtEnd(b, all);
    for (unsigned i = 0; i < cg->width; i++)
        add_one(cg, LLVMBuildExtractElement(b, pointers, cg_i32(cg, i), ""),
                LLVMBuildExtractElement(b, values, cg_i32(cg, i), ""));
    LLVMBuildBr(b, done);

    LLVMPositionBuilderAtEnd(b, some);
    LLVMValueRef where_at = cg_alloca(cg, places, 64, "where");
    LLVMValueRef value_at = cg_alloca(cg, LLVMTypeOf(values), 64, "value");
    LLVMSetAlignment(LLVMBuildStore(b, pointers, where_at), 64);
    LLVMSetAlignment(LLVMBuildStore(b, values, value_at), 64);

    LLVMValueRef start = LLVMBuildZExtOrBitCast(b, cg_bits(cg, valid), cg->i64, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), loop = cg_block(cg, "lane");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, start, cg_i64(cg, 0), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef bits = LLVMBuildPhi(b, cg->i64, "bits");
    LLVMValueRef args[2] = {bits, LLVMConstNull(cg->i1)};
    LLVMValueRef lane = cg_intrinsic(cg, "llvm.cttz", &cg->i64, 1, args, 2);
    add_one(cg, LLVMBuildLoad2(b, cg->i64, slot_of(cg, cg->i64, where_at, lane), ""),
            LLVMBuildLoad2(b, cg->i32, slot_of(cg, cg->i32, value_at, lane), ""));
    LLVMValueRef rest = LLVMBuildAnd(b, bits, LLVMBuildSub(b, bits, cg_i64(cg, 1), ""), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, rest, cg_i64(cg, 0), ""), loop, done);
    LLVMAddIncoming(bits, &start, &before, 1);
    LLVMAddIncoming(bits, &rest, &tail, 1);
    LLVMPositionBuilderAtEnd(b, done);
}

void
cg_merge_end(struct cg *cg)
{
    LLVMBuilderRef b = cg->b;
    if (!cg->p->merge_where)
        return;
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), loop = cg_block(cg, "rest"),
                      some = cg_block(cg, "rest_add"), next = cg_block(cg, "rest_next"),
                      done = cg_block(cg, "rest_done");
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef slot = LLVMBuildPhi(b, cg->i64, "slot"), zero = cg_i64(cg, 0);
    LLVMValueRef sum = LLVMBuildLoad2(b, cg->i32, slot_of(cg, cg->i32, cg->p->merge_sum, slot), "");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, sum, cg_i32(cg, 0), ""), some, next);
    LLVMPositionBuilderAtEnd(b, some);
    add_to_memory(cg, LLVMBuildLoad2(b, cg->i64, slot_of(cg, cg->i64, cg->p->merge_where, slot), ""),
                  sum);
    LLVMBuildBr(b, next);
    LLVMPositionBuilderAtEnd(b, next);
    LLVMValueRef step = LLVMBuildAdd(b, slot, cg_i64(cg, 1), "");
    LLVMAddIncoming(slot, &zero, &before, 1);
    LLVMAddIncoming(slot, &step, &next, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, step, cg_i64(cg, SLOTS), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
}
