/* SPDX-License-Identifier: MIT */
#include "cg_alu.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cg_group.h"
#include "leave.h"
#include "weft/image.h"
#include "weft/kernel.h"

/* The widest access that may be turned to cg->sink: 16 components of 8 bytes; and to cg->zeros: the
 * largest descriptor. */
#define SINK_B 128
#define ZEROS_B 2048
_Static_assert(ZEROS_B >= WEFT_YCBCR_DESC_B, "a set that is not bound has null descriptors");

static void make_types(struct cg *cg)
{
    LLVMContextRef c = cg->ctx;
    cg->void_t = LLVMVoidTypeInContext(c);
    cg->ptr = LLVMPointerTypeInContext(c, 0);
    cg->i1 = LLVMInt1TypeInContext(c);
    cg->i8 = LLVMInt8TypeInContext(c);
    cg->i16 = LLVMInt16TypeInContext(c);
    cg->i32 = LLVMInt32TypeInContext(c);
    cg->i64 = LLVMInt64TypeInContext(c);
    cg->f16 = LLVMHalfTypeInContext(c);
    cg->f32 = LLVMFloatTypeInContext(c);
    cg->f64 = LLVMDoubleTypeInContext(c);
    /* F16 is held as its bits: without the machine's conversions LLVM would call libraries for half. */
    const LLVMTypeRef scalars[IR_F64 + 1] = {
        [IR_VOID] = cg->void_t, [IR_BOOL] = cg->i1, [IR_I8] = cg->i8,   [IR_I16] = cg->i16,
        [IR_I32] = cg->i32,     [IR_I64] = cg->i64, [IR_F16] = cg->i16, [IR_F32] = cg->f32,
        [IR_F64] = cg->f64,
    };
    for (unsigned t = 0; t <= IR_F64; t++) {
        cg->scalar_t[t] = scalars[t];
        cg->vector_t[t] =
            t == IR_VOID || cg->width == 1 ? scalars[t] : LLVMVectorType(scalars[t], cg->width);
    }
}

/* Loads a member of a structure that does not change while the kernel runs. */
static LLVMValueRef load_member(struct cg *cg, LLVMTypeRef type, LLVMValueRef base,
                                uint64_t offset_B, const char *name)
{
    LLVMValueRef index = cg_i64(cg, offset_B);
    LLVMValueRef at = LLVMBuildInBoundsGEP2(cg->entry_b, cg->i8, base, &index, 1, "");
    LLVMValueRef load = LLVMBuildLoad2(cg->entry_b, type, at, name);
    cg_invariant(cg, load);
    return load;
}

static void load_arguments(struct cg *cg)
{
    cg->args = LLVMGetParam(cg->fn, 0);
    cg->worker = LLVMGetParam(cg->fn, 1);
    cg->shared = load_member(cg, cg->ptr, cg->worker, offsetof(struct weft_worker_args, shared),
                             "shared");
    cg->scratch = load_member(cg, cg->ptr, cg->worker, offsetof(struct weft_worker_args, scratch),
                              "scratch");
    cg->stop = load_member(cg, cg->ptr, cg->worker, offsetof(struct weft_worker_args, stop), "stop");
    cg->push = load_member(cg, cg->ptr, cg->args,
                           offsetof(struct weft_kernel_args, push_constants), "push");
    for (unsigned i = 0; i < 3; i++)
        cg->group_count[i] =
            load_member(cg, cg->i32, cg->args,
                        offsetof(struct weft_kernel_args, group_count) + 4 * i, "count");

    LLVMTypeRef bytes = LLVMArrayType2(cg->i8, ZEROS_B);
    cg->zeros = LLVMAddGlobal(cg->mod, bytes, "zeros");
    LLVMSetInitializer(cg->zeros, LLVMConstNull(bytes));
    LLVMSetGlobalConstant(cg->zeros, true);
    LLVMSetLinkage(cg->zeros, LLVMInternalLinkage);
    LLVMSetAlignment(cg->zeros, 64);
    cg->sink = cg_alloca(cg, LLVMArrayType2(cg->i8, SINK_B), 64, "sink");
}

/* Flat modules and those by rows run all workgroups of a row at once: finds which invocations these are, and
 * returns (i64) how many workgroups. */
static LLVMValueRef emit_row(struct cg *cg, LLVMValueRef at, LLVMValueRef end, LLVMValueRef base,
                             LLVMValueRef x)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef size = cg_i64(cg, cg->p->local_count);
    LLVMValueRef row = LLVMBuildSub(b, cg->group_count[0], x, "");
    row = LLVMBuildZExt(b, row, cg->i64, "");
    LLVMValueRef left = LLVMBuildSub(b, end, at, "");
    LLVMValueRef less = LLVMBuildICmp(b, LLVMIntULT, left, row, "");
    LLVMValueRef count = LLVMBuildSelect(b, less, left, row, "groups");
    LLVMValueRef first = LLVMBuildAdd(b, LLVMBuildZExt(b, base, cg->i64, ""),
                                      LLVMBuildZExt(b, x, cg->i64, ""), "");
    cg->flat_first = LLVMBuildMul(b, first, size, "first");
    cg->flat_end = LLVMBuildAdd(b, cg->flat_first, LLVMBuildMul(b, count, size, ""), "end");
    return count;
}

/* for (index = first; index < end; index++) { x, y, z = index; the workgroup }, with x, y and z
 * counted rather than divided. */
static void emit_groups(struct cg *cg)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef first = LLVMGetParam(cg->fn, 2), end = LLVMGetParam(cg->fn, 3);
    LLVMValueRef base[3], start[3], index[3];
    for (unsigned i = 0; i < 3; i++)
        base[i] = load_member(cg, cg->i32, cg->args,
                              offsetof(struct weft_kernel_args, group_base) + 4 * i, "base");
    cg_fixed_emit(cg);

    LLVMBasicBlockRef head = LLVMGetInsertBlock(b);
    LLVMValueRef rest = first;
    for (unsigned i = 0; i < 3; i++) {
        /* A count of zero never gets here with work to do, but must not trap. */
        LLVMValueRef count = LLVMBuildZExt(b, cg->group_count[i], cg->i64, "");
        LLVMValueRef zero = LLVMBuildICmp(b, LLVMIntEQ, count, cg_i64(cg, 0), "");
        count = LLVMBuildSelect(b, zero, cg_i64(cg, 1), count, "");
        start[i] = LLVMBuildTrunc(b, LLVMBuildURem(b, rest, count, ""), cg->i32, "");
        rest = LLVMBuildUDiv(b, rest, count, "");
    }
    LLVMBasicBlockRef loop = cg_block(cg, "group"), done = cg_block(cg, "done");
    LLVMValueRef any = LLVMBuildICmp(b, LLVMIntULT, first, end, "");
    LLVMBuildCondBr(b, any, loop, done);

    LLVMPositionBuilderAtEnd(b, loop);
    LLVMValueRef at = LLVMBuildPhi(b, cg->i64, "index");
    for (unsigned i = 0; i < 3; i++)
        index[i] = LLVMBuildPhi(b, cg->i32, "xyz");
    for (unsigned i = 0; i < 3; i++)
        cg->group_id[i] = LLVMBuildAdd(b, base[i], index[i], "group");
    LLVMValueRef count = cg->m->flat || cg->m->rows ? emit_row(cg, at, end, base[0], index[0])
                                                    : cg_i64(cg, 1);
    cg->row_groups = count;

    cg_group_emit(cg);

    LLVMValueRef next_at = LLVMBuildAdd(b, at, count, "");
    LLVMValueRef carry = LLVMConstInt(cg->i1, 1, false), next[3];
    for (unsigned i = 0; i < 3; i++) {
        LLVMValueRef step = i == 0 ? LLVMBuildTrunc(b, count, cg->i32, "")
                                   : LLVMBuildZExt(b, carry, cg->i32, "");
        LLVMValueRef plus = LLVMBuildAdd(b, index[i], step, "");
        LLVMValueRef wraps = LLVMBuildICmp(b, LLVMIntEQ, plus, cg->group_count[i], "");
        next[i] = i == 2 ? plus : LLVMBuildSelect(b, wraps, cg_i32(cg, 0), plus, "");
        carry = LLVMBuildAnd(b, carry, wraps, "");
    }
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(b);
    LLVMBuildCondBr(b, LLVMBuildICmp(b, LLVMIntULT, next_at, end, ""), loop, done);
    LLVMAddIncoming(at, &first, &head, 1);
    LLVMAddIncoming(at, &next_at, &tail, 1);
    for (unsigned i = 0; i < 3; i++) {
        LLVMAddIncoming(index[i], &start[i], &head, 1);
        LLVMAddIncoming(index[i], &next[i], &tail, 1);
    }
    LLVMPositionBuilderAtEnd(b, done);
    cg_merge_end(cg);
    cg_stream_end(cg);
    LLVMBuildRetVoid(b);
}

static void add_attribute(struct cg *cg, const char *name, const char *value)
{
    LLVMAttributeRef a = LLVMCreateStringAttribute(cg->ctx, name, (unsigned)strlen(name), value,
                                                   (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(cg->fn, LLVMAttributeFunctionIndex, a);
}

static void add_enum_attribute(struct cg *cg, unsigned index, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(cg->fn, index, LLVMCreateEnumAttribute(cg->ctx, kind, 0));
}

static void make_function(struct cg *cg)
{
    LLVMTypeRef params[] = {cg->ptr, cg->ptr, cg->i64, cg->i64};
    LLVMTypeRef type = LLVMFunctionType(cg->void_t, params, 4, false);
    cg->fn = LLVMAddFunction(cg->mod, "weft_kernel", type);
    add_enum_attribute(cg, LLVMAttributeFunctionIndex, "nounwind");
    add_attribute(cg, "target-cpu", cg->target->cpu);
    char features[CG_FEATURES_B];
    cg_target_features(cg->target, features);
    add_attribute(cg, "target-features", features);
    add_attribute(cg, "no-builtins", "");
    add_enum_attribute(cg, 1, "noalias");
    add_enum_attribute(cg, 2, "noalias");
}

void cg_outline(struct cg *cg, LLVMValueRef fn)
{
    LLVMAttributeRef a[16];
    unsigned count = LLVMGetAttributeCountAtIndex(cg->fn, LLVMAttributeFunctionIndex);
    if (count > 16)
        return;
    LLVMGetAttributesAtIndex(cg->fn, LLVMAttributeFunctionIndex, a);
    for (unsigned i = 0; i < count; i++)
        LLVMAddAttributeAtIndex(fn, LLVMAttributeFunctionIndex, a[i]);
    LLVMAddAttributeAtIndex(
        fn, LLVMAttributeFunctionIndex,
        LLVMCreateEnumAttribute(cg->ctx, LLVMGetEnumAttributeKindForName("noinline", 8), 0));
}

static void end_entry(struct cg *cg, LLVMBasicBlockRef body)
{
    LLVMBuilderRef spread_b = cg->p->spread_b;
    if (spread_b) {
        LLVMBasicBlockRef spread = LLVMGetInsertBlock(spread_b);
        LLVMMoveBasicBlockBefore(spread, body);
        LLVMBuildBr(cg->entry_b, spread);
        LLVMBuildBr(spread_b, body);
    } else {
        LLVMBuildBr(cg->entry_b, body);
    }
}

void cg_generate(struct ir_module *m, struct weft_compile_result *result)
{
    struct cg cg = {.m = m, .width = m->width};
    struct cg_private private = {0};
    cg.p = &private;
    const struct cg_target *row = cg_target_get((enum weft_isa)m->request->isa);
    if (!row) {
        ir_error(m, -22, "request: unknown instruction set %u", m->request->isa);
        return;
    }
    struct cg_target target = *row;
    target.extra = m->request->features;
    cg.target = &target;
    cg.ctx = LLVMContextCreate();
    LLVMContextSetYieldCallback(cg.ctx, leave_yield, NULL);
    LLVMContextSetDiscardValueNames(cg.ctx, !m->request->list);
    cg.mod = LLVMModuleCreateWithNameInContext("weft", cg.ctx);
    make_types(&cg);
    make_function(&cg);
    cg_debug_begin(&cg);
    cg.b = LLVMCreateBuilderInContext(cg.ctx);
    cg.entry_b = LLVMCreateBuilderInContext(cg.ctx);

    ir_count_uses(m);
    cg_join_sums(m);
    ir_number(m);
    ir_count_uses(m);
    cg.value_count = m->next_id;
    cg.values = arena_alloc(m->arena, (m->next_id + 1) * sizeof *cg.values);
    private.binding_base = arena_alloc(m->arena, (m->binding_count + 1) * sizeof(LLVMValueRef));
    private.binding_size = arena_alloc(m->arena, (m->binding_count + 1) * sizeof(LLVMValueRef));

    LLVMBasicBlockRef entry = cg_block(&cg, "entry"), body = cg_block(&cg, "body");
    LLVMPositionBuilderAtEnd(cg.entry_b, entry);
    LLVMPositionBuilderAtEnd(cg.b, body);
    load_arguments(&cg);
    cg_group_plan(&cg);
    if (!m->error) {
        emit_groups(&cg);
        end_entry(&cg, body);
        struct cg_facts facts = {
            .scratch_B = private.frame_B * private.subgroups + private.scratch_B,
            .flags = (m->uses_global ? WEFT_IMAGE_GLOBAL_ADDRESSES : 0u) |
                     (m->request->flags & WEFT_REQUEST_FAST ? WEFT_IMAGE_FAST : 0u) |
                     (private.merge_sums ? WEFT_IMAGE_SUMS : 0u),
        };
        if (!m->error)
            cg_finish(&cg, &facts, result);
    }
    if (private.spread_b)
        LLVMDisposeBuilder(private.spread_b);
    LLVMDisposeBuilder(cg.entry_b);
    LLVMDisposeBuilder(cg.b);
    LLVMDisposeModule(cg.mod);
    LLVMContextDispose(cg.ctx);
}
