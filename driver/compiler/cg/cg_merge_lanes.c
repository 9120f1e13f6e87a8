/* SPDX-License-Identifier: MIT
 *
 * Atomic additions of lanes at addresses of their own, put off (cg_merge.c). A thread has three kinds of tables:
 *
 *   - of all counters, for a small buffer and a call with many more invocations than counters. Neighbouring
 *     lanes have tables of their own, so that equal counters don't wait for each other;
 *   - of all counters of one larger buffer, for all calls of a dispatch, the worker's: struct weft_sums. The
 *     worker allows it where the dispatch is large enough;
 *   - else of the addresses used last, and what to add there. The same address again is one plain addition;
 *     another in the same place of the table has the old one added to memory by a locked instruction, and the
 *     new one's line fetched meanwhile.
 */
#include <stddef.h>

#include "arena.h"
#include "cg_memory.h"
#include "weft/kernel.h"

#define SLOTS 64u
/* Buffers up to this size are counted in whole tables, COPIES of them. */
#define WHOLE_B 4096u
#define COPIES 4u
/* Bytes of a call's invocations' counters for each byte of the buffer, from which on that pays: emptying a
 * table costs a locked instruction for each counter. */
#define WHOLE_USES 8u
#define UNROLL 8u /* lanes */
#define MAX_TABLES 4u /* they lie on the thread's stack */

/* The tables of a binding's counters, copies side by side: <COPIES x i32> for each 4 bytes, and one more for
 * lanes that have no counter. */
struct cg_merge_table {
    struct cg_merge_table *next;
    LLVMValueRef base;   /* of the buffer, as it is at the kernel's entry */
    LLVMValueRef size;   /* i64: the buffer's, or 0 where the table is not used */
    LLVMValueRef counts; /* alloca */
    struct cg_worker_table *worker; /* or NULL */
};

/* The worker's table, for one of the bindings. */
struct cg_worker_table {
    LLVMValueRef size; /* i64: the buffer's, or 0 where the table is not used */
    LLVMValueRef sums; /* ptr: an i32 for each 4 bytes */
};

static LLVMValueRef slot_of(struct cg *cg, LLVMTypeRef type, LLVMValueRef table, LLVMValueRef slot)
{
    return LLVMBuildInBoundsGEP2(cg->b, type, table, &slot, 1, "");
}

/* Empty slots add 0 to the sink. */
static void make_tables(struct cg *cg)
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

static void add_to_memory(struct cg *cg, LLVMValueRef where, LLVMValueRef sum)
{
    LLVMValueRef at = LLVMBuildIntToPtr(cg->b, where, cg->ptr, "");
    LLVMSetAlignment(LLVMBuildAtomicRMW(cg->b, LLVMAtomicRMWBinOpAdd, at, sum,
                                        LLVMAtomicOrderingAcquireRelease, false), 4);
}

/* One lane's addition. */
static void add_one(struct cg *cg, LLVMValueRef where, LLVMValueRef value)
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

static void put_slots(struct cg *cg)
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

/* The lanes by the table of addresses. */
static void by_address(struct cg *cg, const struct cg_places *places, LLVMValueRef values)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef wheres = LLVMVectorType(cg->i64, cg->width);
    make_tables(cg);
    LLVMValueRef pointers = LLVMBuildPtrToInt(b, places->vector, wheres, "");
    LLVMValueRef where_at = cg_alloca(cg, wheres, 64, "where");
    LLVMValueRef value_at = cg_alloca(cg, LLVMTypeOf(values), 64, "value");
    LLVMSetAlignment(LLVMBuildStore(b, pointers, where_at), 64);
    LLVMSetAlignment(LLVMBuildStore(b, values, value_at), 64);

    LLVMBasicBlockRef loop = cg_block(cg, "lane"), done = cg_block(cg, "lanes");
    LLVMValueRef start = LLVMBuildZExtOrBitCast(b, cg_bits(cg, places->valid), cg->i64, "");
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b);
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

/* ---- Tables of all counters ---- */

/* i64: the buffer's size where a whole table pays, else 0. */
static LLVMValueRef whole_size(struct cg *cg, LLVMValueRef size)
{
    LLVMBuilderRef b = cg->entry_b;
    LLVMValueRef groups = LLVMBuildSub(b, LLVMGetParam(cg->fn, 3), LLVMGetParam(cg->fn, 2), "");
    LLVMValueRef uses = LLVMBuildMul(b, groups, cg_i64(cg, 4 * (uint64_t)cg->p->local_count), "");
    LLVMValueRef need = LLVMBuildMul(b, size, cg_i64(cg, WHOLE_USES), "");
    LLVMValueRef small = LLVMBuildICmp(b, LLVMIntULE, size, cg_i64(cg, WHOLE_B), "");
    LLVMValueRef many = LLVMBuildICmp(b, LLVMIntUGE, uses, need, "");
    return LLVMBuildSelect(b, LLVMBuildAnd(b, small, many, ""), size, cg_i64(cg, 0), "");
}

static LLVMValueRef sums_member(struct cg *cg, LLVMValueRef sums, uint64_t offset_B)
{
    LLVMValueRef index = cg_i64(cg, offset_B);
    return LLVMBuildInBoundsGEP2(cg->entry_b, cg->i8, sums, &index, 1, "");
}

/* At the kernel's entry: begins to use the worker's table for a buffer, if it may be used, and not for another. */
static struct cg_worker_table *worker_table(struct cg *cg, const struct cg_span *span)
{
    LLVMBuilderRef b = cg->entry_b;
    struct cg_worker_table *table = arena_new(cg->m->arena, struct cg_worker_table);
    LLVMValueRef zero = cg_i64(cg, 0), base = LLVMBuildPtrToInt(b, span->base, cg->i64, "");
    LLVMValueRef sums = sums_member(cg, cg->worker, offsetof(struct weft_worker_args, sums));
    sums = LLVMBuildLoad2(b, cg->ptr, sums, "sums");
    LLVMValueRef none = LLVMBuildIsNull(b, sums, "");
    sums = LLVMBuildSelect(b, none, cg->zeros, sums, "");
    LLVMValueRef base_at = sums_member(cg, sums, offsetof(struct weft_sums, base));
    LLVMValueRef size_at = sums_member(cg, sums, offsetof(struct weft_sums, size_B));
    LLVMValueRef most_at = sums_member(cg, sums, offsetof(struct weft_sums, most_B));
    LLVMValueRef had = LLVMBuildLoad2(b, cg->i64, base_at, "");

    LLVMValueRef other = LLVMBuildAnd(b, LLVMBuildICmp(b, LLVMIntNE, had, zero, ""),
                                      LLVMBuildICmp(b, LLVMIntNE, had, base, ""), "");
    LLVMValueRef use = LLVMBuildICmp(b, LLVMIntULE, span->size,
                                     LLVMBuildLoad2(b, cg->i64, most_at, ""), "");
    use = LLVMBuildAnd(b, use, LLVMBuildNot(b, other, ""), "");
    LLVMValueRef low = LLVMBuildAnd(b, base, cg_i64(cg, 7), "");
    use = LLVMBuildAnd(b, use, LLVMBuildICmp(b, LLVMIntEQ, low, zero, ""), "");
    table->size = LLVMBuildSelect(b, use, span->size, zero, "sums_size");
    use = LLVMBuildICmp(b, LLVMIntNE, table->size, zero, "");
    LLVMBuildStore(b, base, LLVMBuildSelect(b, use, base_at, cg->sink, ""));
    LLVMBuildStore(b, table->size, LLVMBuildSelect(b, use, size_at, cg->sink, ""));
    table->sums = LLVMBuildLoad2(b, cg->ptr, sums_member(cg, sums, offsetof(struct weft_sums, sums)), "");
    cg->p->merge_sums = true;
    return table;
}

/* NULL for buffers that are not known at the kernel's entry. */
static const struct cg_merge_table *whole_table(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->entry_b;
    struct cg_span span;
    if (inst->mem.space != IR_SPACE_BUFFER || !cg_entry_span(cg, inst->args[0], &span))
        return NULL;
    unsigned count = 0;
    for (const struct cg_merge_table *t = cg->p->merge_tables; t; t = t->next, count++)
        if (t->base == span.base)
            return t;
    if (count == MAX_TABLES)
        return NULL;
    struct cg_merge_table *table = arena_new(cg->m->arena, struct cg_merge_table);
    LLVMTypeRef counts = LLVMArrayType2(cg->i32, (WHOLE_B / 4 + 1) * COPIES);
    *table = (struct cg_merge_table){
        .next = cg->p->merge_tables,
        .base = span.base,
        .size = whole_size(cg, span.size),
        .counts = cg_alloca(cg, counts, 64, "counts"),
        .worker = cg->p->merge_sums ? NULL : worker_table(cg, &span),
    };
    LLVMBuildMemSet(b, table->counts, LLVMConstInt(cg->i8, 0, false),
                    LLVMBuildMul(b, table->size, cg_i64(cg, COPIES), ""), 64);
    cg->p->merge_tables = table;
    return table;
}

/* Where counters are that lanes add to, and how. */
struct counters {
    LLVMValueRef base;  /* ptr */
    unsigned copies;    /* side by side; neighbouring lanes have one each */
    uint64_t nowhere_B; /* the place of lanes that have none */
};

static LLVMValueRef count_at(struct cg *cg, const struct counters *c, LLVMValueRef place,
                             unsigned copy)
{
    LLVMValueRef at = LLVMBuildAdd(cg->b, place, cg_i64(cg, 4 * copy), "");
    return LLVMBuildInBoundsGEP2(cg->b, cg->i8, c->base, &at, 1, "");
}

/* By way of memory: leaving a vector costs more for each lane. */
static void by_counter(struct cg *cg, const struct counters *c, const struct cg_places *places,
                       struct ir_inst *value)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef type = cg->vector_t[IR_I32];
    LLVMValueRef nowhere = cg_splat(cg, cg_i32(cg, c->nowhere_B)), values_at = NULL;
    /* A shader's offset may be wrong. */
    LLVMValueRef offsets = LLVMBuildAnd(b, places->at, cg_splat(cg, cg_i32(cg, ~3u)), "");
    LLVMValueRef offsets_at = cg_alloca(cg, type, 64, "counters");
    bool same = value->op == IR_CONST;
    offsets = LLVMBuildMul(b, offsets, cg_splat(cg, cg_i32(cg, c->copies)), "");
    offsets = LLVMBuildSelect(b, places->valid, offsets, nowhere, "");
    LLVMSetAlignment(LLVMBuildStore(b, offsets, offsets_at), 64);
    if (!same) {
        values_at = cg_alloca(cg, type, 64, "values");
        LLVMSetAlignment(LLVMBuildStore(b, cg_vector(cg, value), values_at), 64);
    }
    unsigned step = cg->width < UNROLL ? cg->width : UNROLL;
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), loop = cg_block(cg, "count"),
                      done = cg_block(cg, "counted");
    LLVMValueRef zero = cg_i64(cg, 0);
    LLVMBuildBr(b, loop);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef lane = LLVMBuildPhi(b, cg->i64, "lane");
    for (unsigned i = 0; i < step; i++) {
        LLVMValueRef at = LLVMBuildAdd(b, lane, cg_i64(cg, i), "");
        LLVMValueRef place = LLVMBuildLoad2(b, cg->i32, slot_of(cg, cg->i32, offsets_at, at), "");
        LLVMValueRef v = same ? cg_scalar(cg, value)
                              : LLVMBuildLoad2(b, cg->i32, slot_of(cg, cg->i32, values_at, at), "");
        place = LLVMBuildZExt(b, place, cg->i64, "");
        at = count_at(cg, c, place, i % c->copies);
        LLVMBuildStore(b, LLVMBuildAdd(b, LLVMBuildLoad2(b, cg->i32, at, ""), v, ""), at);
    }
    LLVMValueRef next = LLVMBuildAdd(b, lane, cg_i64(cg, step), "");
    LLVMAddIncoming(lane, &zero, &before, 1);
    LLVMAddIncoming(lane, &next, &loop, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next, cg_i64(cg, cg->width), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
}

static struct counters whole_counters(const struct cg_merge_table *table)
{
    return (struct counters){table->counts, COPIES, WHOLE_B * COPIES};
}

/* for (offset = 0; offset + 4 <= size; offset += 4) what all copies have is added */
static void put_counts(struct cg *cg, const struct cg_merge_table *table)
{
    LLVMBuilderRef b = cg->b;
    LLVMTypeRef four = LLVMVectorType(cg->i32, COPIES);
    const struct counters c = whole_counters(table);
    LLVMBasicBlockRef before = LLVMGetInsertBlock(b), loop = cg_block(cg, "count"),
                      some = cg_block(cg, "count_add"), next = cg_block(cg, "count_next"),
                      done = cg_block(cg, "count_done");
    LLVMValueRef zero = cg_i64(cg, 0);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntUGE, table->size, cg_i64(cg, 4), ""), loop, done);
    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef offset = LLVMBuildPhi(b, cg->i64, "offset"), sum = NULL;
    LLVMValueRef place = LLVMBuildMul(b, offset, cg_i64(cg, COPIES), "");
    LLVMValueRef counts = LLVMBuildLoad2(b, four, count_at(cg, &c, place, 0), "");
    for (unsigned i = 0; i < COPIES; i++) {
        LLVMValueRef count = LLVMBuildExtractElement(b, counts, cg_i32(cg, i), "");
        sum = sum ? LLVMBuildAdd(b, sum, count, "") : count;
    }
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, sum, cg_i32(cg, 0), ""), some, next);
    LLVMPositionBuilderAtEnd(b, some);
    LLVMValueRef at = LLVMBuildInBoundsGEP2(b, cg->i8, table->base, &offset, 1, "");
    add_to_memory(cg, LLVMBuildPtrToInt(b, at, cg->i64, ""), sum);
    LLVMBuildBr(b, next);
    LLVMPositionBuilderAtEnd(b, next);
    LLVMValueRef step = LLVMBuildAdd(b, offset, cg_i64(cg, 4), "");
    LLVMValueRef end = LLVMBuildAdd(b, step, cg_i64(cg, 4), "");
    LLVMAddIncoming(offset, &zero, &before, 1);
    LLVMAddIncoming(offset, &step, &next, 1);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULE, end, table->size, ""), loop, done);
    LLVMPositionBuilderAtEnd(b, done);
}

/* Where the size is not 0, and then goes on at `done`. */
static void by_counter_if(struct cg *cg, LLVMValueRef size, const struct counters *c,
                          const struct cg_places *places, struct ir_inst *value,
                          LLVMBasicBlockRef done)
{
    LLVMBuilderRef b = cg->b;
    LLVMBasicBlockRef some = cg_block(cg, "counters"), none = cg_block(cg, "no_counters");
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntNE, size, cg_i64(cg, 0), ""), some, none);
    LLVMPositionBuilderAtEnd(b, some);
    by_counter(cg, c, places, value);
    LLVMBuildBr(b, done);
    LLVMPositionBuilderAtEnd(b, none);
}

void cg_merge_lanes(struct cg *cg, struct ir_inst *inst, const struct cg_places *places,
                    struct ir_inst *value)
{
    LLVMBuilderRef b = cg->b;
    const struct cg_merge_table *table = places->at ? whole_table(cg, inst) : NULL;
    if (!table) {
        by_address(cg, places, cg_vector(cg, value));
        return;
    }
    const struct counters whole = whole_counters(table);
    LLVMBasicBlockRef done = cg_block(cg, "merged");
    by_counter_if(cg, table->size, &whole, places, value, done);
    if (table->worker) {
        const struct counters sums = {table->worker->sums, 1, WEFT_SUMS_B};
        by_counter_if(cg, table->worker->size, &sums, places, value, done);
    }
    by_address(cg, places, cg_vector(cg, value));
    LLVMBuildBr(b, done);
    LLVMPositionBuilderAtEnd(b, done);
}

void cg_merge_lanes_end(struct cg *cg)
{
    for (const struct cg_merge_table *table = cg->p->merge_tables; table; table = table->next)
        put_counts(cg, table);
    put_slots(cg);
}
