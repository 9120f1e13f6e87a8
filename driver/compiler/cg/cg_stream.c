/* SPDX-License-Identifier: MIT
 *
 * Stores past the caches. A dispatch that goes through more memory than the last-level cache holds would read every
 * line from memory before it writes it, for nothing: what it finds there is not what an earlier one wrote, and
 * little of what it leaves there will be found. Where a store fills whole lines of a buffer that the
 * shader doesn't read, the kernel decides when it starts, by the dispatch's size, whether such
 * stores bypass the caches. They are ordered by a fence before the kernel returns.
 */
#include <string.h>

#include "arena.h"
#include "cg_memory.h"

#define LINE_B 64
/* By rows, the next vector fills the rest of the line. */
#define HALF_LINE_B 32
#define MAX_SEEN 8u /* buffers */
/* About what the cores that share a last-level cache have there. */
#define STREAM_B (UINT64_C(48) << 20)

static bool is_named(const struct ir_inst *handle)
{
    return handle->op == IR_BUFFER && handle->args[0]->op == IR_CONST;
}

/* Is the memory behind the handle written only? Other bindings may name the same memory; then some
 * speed is lost, nothing else. */
static bool only_written(struct cg *cg, const struct ir_inst *handle)
{
    if (!is_named(handle))
        return false;
    for (const struct ir_inst *i = cg->m->body->first; i; i = ir_next((struct ir_inst *)i)) {
        bool reads = i->op == IR_LOAD || i->op == IR_ATOMIC || i->op == IR_ATOMIC_CMPXCHG ||
                     i->op == IR_ATOMIC_LOAD;
        if (!reads || i->mem.space != IR_SPACE_BUFFER)
            continue;
        const struct ir_inst *from = i->args[0];
        if (!is_named(from) ||
            (from->imm == handle->imm && from->args[0]->imm == handle->args[0]->imm))
            return false;
    }
    return true;
}

/* i64: invocations of the whole dispatch. */
static LLVMValueRef invocations(struct cg *cg)
{
    LLVMValueRef n = cg_i64(cg, cg->p->local_count);
    for (unsigned i = 0; i < 3; i++)
        n = LLVMBuildMul(cg->entry_b, n,
                         LLVMBuildZExt(cg->entry_b, cg->group_count[i], cg->i64, ""), "");
    return n;
}

/* Bytes that a vector's lanes go through in each buffer, the lines between their elements too, as far as that is
 * known. `own_B`: of the store in question. */
static uint64_t vector_B(struct cg *cg, const struct ir_inst *store, uint64_t own_B)
{
    uint64_t bytes = own_B;
    struct cg_pattern *p = arena_alloc(cg->m->arena, sizeof *p);
    const struct ir_inst *seen[MAX_SEEN] = {store->args[0]};
    unsigned count = 1;
    for (struct ir_inst *i = cg->m->body->first; i && count < MAX_SEEN; i = i->next) {
        if ((i->op != IR_LOAD && i->op != IR_STORE) || i->mem.space != IR_SPACE_BUFFER ||
            !is_named(i->args[0]) || i->args[1]->shape.kind != IR_SHAPE_OFFSETS)
            continue;
        bool again = false;
        for (unsigned k = 0; k < count; k++)
            again |= i->args[0] == seen[k];
        if (again)
            continue;
        seen[count++] = i->args[0];
        enum ir_type type = (enum ir_type)(i->op == IR_LOAD ? i->type : i->args[2]->type);
        cg_pattern_make(cg, &i->args[1]->shape, 32, &i->mem, ir_type_B(type), p);
        bytes += p->span_B;
    }
    return bytes;
}

LLVMValueRef cg_stream(struct cg *cg, const struct ir_inst *inst, const struct cg_pattern *p)
{
    bool lines = p->span_B % LINE_B == 0 || (cg->m->rows && p->span_B == HALF_LINE_B);
    if (cg->mask.lanes || cg->width == 1 || !p->exact || !lines ||
        (inst->mem.flags & IR_MEM_VOLATILE) || !only_written(cg, inst->args[0]))
        return NULL;
    LLVMBuilderRef b = cg->entry_b;
    LLVMValueRef bytes = LLVMBuildMul(b, invocations(cg), cg_i64(cg, vector_B(cg, inst, p->span_B) / cg->width),
                                      "");
    cg->p->streams = true;
    return LLVMBuildICmp(b, LLVMIntUGE, bytes, cg_i64(cg, STREAM_B), "stream");
}

void cg_stream_store(struct cg *cg, LLVMValueRef stream, LLVMValueRef value, LLVMValueRef at,
                     const struct ir_mem *mem, enum ir_type type, unsigned align_B)
{
    LLVMBuilderRef b = cg->b;
    uint64_t whole_B = LLVMGetVectorSize(LLVMTypeOf(value)) * (uint64_t)ir_type_B(type);
    whole_B = whole_B < LINE_B ? HALF_LINE_B : LINE_B;
    LLVMBasicBlockRef past = cg_block(cg, "past"), into = cg_block(cg, "into");
    LLVMBasicBlockRef look = cg_block(cg, "look"), done = cg_block(cg, "stored");
    LLVMBuildCondBr(b, stream, look, into);
    LLVMPositionBuilderAtEnd(b, look);
    LLVMValueRef low = LLVMBuildAnd(b, LLVMBuildPtrToInt(b, at, cg->i64, ""),
                                    cg_i64(cg, whole_B - 1), "");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntEQ, low, cg_i64(cg, 0), ""), past, into);
    LLVMPositionBuilderAtEnd(b, past);
    LLVMValueRef store = LLVMBuildStore(b, value, at);
    LLVMSetAlignment(store, (unsigned)whole_B);
    cg_alias_memory(cg, store, mem);
    LLVMMetadataRef one = LLVMValueAsMetadata(cg_i32(cg, 1));
    LLVMSetMetadata(store, LLVMGetMDKindIDInContext(cg->ctx, "nontemporal", 11),
                    LLVMMetadataAsValue(cg->ctx, LLVMMDNodeInContext2(cg->ctx, &one, 1)));
    LLVMBuildBr(b, done);
    LLVMPositionBuilderAtEnd(b, into);
    store = LLVMBuildStore(b, value, at);
    LLVMSetAlignment(store, align_B);
    cg_alias_memory(cg, store, mem);
    LLVMBuildBr(b, done);
    LLVMPositionBuilderAtEnd(b, done);
}

void cg_stream_end(struct cg *cg)
{
    if (cg->p->streams)
        cg_intrinsic(cg, "llvm.x86.sse.sfence", NULL, 0, NULL, 0);
}
