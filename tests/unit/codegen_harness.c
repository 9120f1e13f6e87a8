/* SPDX-License-Identifier: MIT */
#include "codegen_harness.h"

#include <cpuid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"
#include "cg_private.h"
#include "ir.h"

#define VALUE_COUNT 32 /* instructions of one case */

uint64_t harness_random(void)
{
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void make_types(struct cg *cg)
{
    cg->void_t = LLVMVoidTypeInContext(cg->ctx);
    cg->ptr = LLVMPointerTypeInContext(cg->ctx, 0);
    cg->i1 = LLVMInt1TypeInContext(cg->ctx);
    cg->i8 = LLVMInt8TypeInContext(cg->ctx);
    cg->i16 = LLVMInt16TypeInContext(cg->ctx);
    cg->i32 = LLVMInt32TypeInContext(cg->ctx);
    cg->i64 = LLVMInt64TypeInContext(cg->ctx);
    cg->f16 = LLVMHalfTypeInContext(cg->ctx);
    cg->f32 = LLVMFloatTypeInContext(cg->ctx);
    cg->f64 = LLVMDoubleTypeInContext(cg->ctx);
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

static LLVMTypeRef lanes_of(struct cg *cg, unsigned bits)
{
    LLVMTypeRef t = LLVMIntTypeInContext(cg->ctx, bits);
    return cg->width == 1 ? t : LLVMVectorType(t, cg->width);
}

static LLVMValueRef column(struct cg *cg, unsigned i)
{
    LLVMValueRef index = LLVMConstInt(cg->i64, i, false);
    LLVMValueRef at = LLVMBuildGEP2(cg->b, cg->ptr, LLVMGetParam(cg->fn, 0), &index, 1, "");
    LLVMValueRef base = LLVMBuildLoad2(cg->b, cg->ptr, at, "");
    LLVMValueRef first = LLVMGetParam(cg->fn, 2);
    return LLVMBuildGEP2(cg->b, cg->i64, base, &first, 1, "");
}

LLVMValueRef harness_load(struct cg *cg, unsigned i, enum ir_type type)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, lanes_of(cg, 64), column(cg, i), "");
    LLVMSetAlignment(v, 8);
    v = ir_type_bits(type) == 64 ? v
                                 : LLVMBuildTrunc(cg->b, v, lanes_of(cg, ir_type_bits(type)), "");
    return LLVMBuildBitCast(cg->b, v, cg->vector_t[type], "");
}

void harness_store(struct cg *cg, unsigned i, enum ir_type type, LLVMValueRef v)
{
    unsigned bits = ir_type_bits(type);
    v = LLVMBuildBitCast(cg->b, v, lanes_of(cg, bits), "");
    v = bits == 64 ? v : LLVMBuildZExt(cg->b, v, lanes_of(cg, 64), "");
    LLVMValueRef store = LLVMBuildStore(cg->b, v, column(cg, i));
    LLVMSetAlignment(store, 8);
}

struct ir_inst *harness_value(struct cg *cg, enum ir_type type, LLVMValueRef lanes, bool uniform)
{
    struct ir_inst *inst = ir_append(cg->m, cg->m->body, IR_LANE, type, 0, NULL);
    inst->shape.kind = uniform || cg->width == 1 ? IR_SHAPE_UNIFORM : IR_SHAPE_VARYING;
    inst->shape.hi = UINT64_MAX;
    if (uniform && cg->width > 1)
        lanes = LLVMBuildExtractElement(cg->b, lanes, cg_i32(cg, 0), "");
    cg_set(cg, inst, 0, lanes);
    return inst;
}

/* weft_kernel(columns, -, first, number): case `number` on the lanes from `first` on. */
static void emit_cases(struct cg *cg, unsigned first, unsigned end, harness_emit_fn *emit)
{
    LLVMTypeRef params[] = {cg->ptr, cg->ptr, cg->i64, cg->i64};
    cg->fn = LLVMAddFunction(cg->mod, "weft_kernel", LLVMFunctionType(cg->void_t, params, 4, false));
    unsigned nounwind = LLVMGetEnumAttributeKindForName("nounwind", 8);
    LLVMAddAttributeAtIndex(cg->fn, LLVMAttributeFunctionIndex,
                            LLVMCreateEnumAttribute(cg->ctx, nounwind, 0));
    LLVMBasicBlockRef entry = cg_block(cg, "entry"), body = cg_block(cg, "body");
    LLVMBasicBlockRef done = cg_block(cg, "done");
    LLVMPositionBuilderAtEnd(cg->entry_b, entry);
    LLVMPositionBuilderAtEnd(cg->b, body);
    LLVMValueRef index = LLVMConstInt(cg->i64, HARNESS_MEMORY, false);
    LLVMValueRef at = LLVMBuildGEP2(cg->entry_b, cg->ptr, LLVMGetParam(cg->fn, 0), &index, 1, "");
    cg->shared = LLVMBuildLoad2(cg->entry_b, cg->ptr, at, "shared");
    cg->sink = cg_alloca(cg, LLVMArrayType2(cg->i8, 128), 64, "sink");
    LLVMValueRef choice = LLVMBuildSwitch(cg->b, LLVMGetParam(cg->fn, 3), done, end - first);
    for (unsigned i = first; i < end; i++) {
        LLVMBasicBlockRef block = cg_block(cg, "case");
        LLVMAddCase(choice, LLVMConstInt(cg->i64, i, false), block);
        LLVMPositionBuilderAtEnd(cg->b, block);
        cg->m->next_id = 0;
        cg->mask.lanes = NULL;
        memset(cg->values, 0, cg->value_count * sizeof *cg->values);
        emit(cg, i);
        LLVMBuildBr(cg->b, done);
    }
    LLVMPositionBuilderAtEnd(cg->b, done);
    cg_merge_end(cg);
    LLVMBuildRetVoid(cg->b);
    LLVMBuildBr(cg->entry_b, body);
}

static bool compile(const struct harness *h, unsigned first, unsigned end, harness_emit_fn *emit,
                    struct weft_compile_result *result)
{
    const struct cg_target *target = h->target;
    unsigned width = h->width;
    struct weft_request request = {
        .isa = target->isa,
        .features = target->extra,
        .flags = WEFT_REQUEST_VERIFY | (h->fast ? WEFT_REQUEST_FAST : 0u),
    };
    struct arena *arena = arena_create((size_t)1 << 28);
    if (!arena || setjmp(*arena_recovery(arena))) {
        arena_destroy(arena);
        return false;
    }
    if (getenv("CODEGEN_LIST"))
        request.list = (uint32_t)atoi(getenv("CODEGEN_LIST"));
    struct ir_module *m = ir_module_create(arena);
    m->request = &request;
    m->width = width;
    m->shared_B = 4096;
    struct cg_private private = {0};
    struct cg cg = {.m = m, .target = target, .width = width, .p = &private};
    cg.ctx = LLVMContextCreate();
    cg.mod = LLVMModuleCreateWithNameInContext("test", cg.ctx);
    cg.b = LLVMCreateBuilderInContext(cg.ctx);
    cg.entry_b = LLVMCreateBuilderInContext(cg.ctx);
    make_types(&cg);
    cg.value_count = VALUE_COUNT;
    cg.values = arena_array(arena, struct cg_value *, cg.value_count);
    emit_cases(&cg, first, end, emit);
    struct cg_facts facts = {0};
    if (!m->error)
        cg_finish(&cg, &facts, result);
    if (m->error)
        fprintf(stderr, "%s width %u: %s\n", cg.target->name, width, m->message);
    bool good = !m->error;
    LLVMDisposeBuilder(cg.b);
    LLVMDisposeBuilder(cg.entry_b);
    LLVMDisposeModule(cg.mod);
    LLVMContextDispose(cg.ctx);
    arena_destroy(arena);
    return good;
}

static bool machine_has(const struct cg_target *target)
{
    unsigned a = 0, b, c, d;
    uint32_t features = 0;
    __builtin_cpu_init();
    switch (target->isa) {
    case WEFT_ISA_AVX2:
        if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
            return false;
        if (__get_cpuid_count(7, 1, &a, &b, &c, &d) && a & bit_AVXVNNI)
            features |= WEFT_FEATURE_VNNI;
        break;
    case WEFT_ISA_AVX512:
        if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl") ||
            !__builtin_cpu_supports("avx512dq"))
            return false;
        if (__builtin_cpu_supports("avx512vnni"))
            features |= WEFT_FEATURE_VNNI;
        if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
            __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq"))
            features |= WEFT_FEATURE_BYTES;
        break;
    default:
        return __builtin_cpu_supports("sse4.2");
    }
    return !(target->extra & ~features);
}

static bool load(const struct harness *h, unsigned first, unsigned end, harness_emit_fn *emit,
                 struct harness_code *code_out)
{
    struct weft_compile_result result = {0};
    if (!compile(h, first, end, emit, &result))
        return false;
    if (result.listing)
        printf("%s\n", result.listing);
    const struct weft_image *image = result.image;
    struct harness_code code = {.size_B = image->code_B};
    code.bytes = mmap(NULL, code.size_B, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code.bytes, (const char *)result.image + image->code_offset_B, code.size_B);
    mprotect(code.bytes, code.size_B, PROT_READ | PROT_EXEC);
    code.kernel = (weft_kernel_fn *)(void *)((char *)code.bytes + image->entry_offset_B);
    free(result.image);
    free(result.listing);
    *code_out = code;
    return true;
}

bool harness_create(enum weft_isa isa, uint32_t features, unsigned width, bool fast,
                    unsigned case_count, harness_emit_fn *emit, struct harness *harness_out)
{
    struct harness h = {.width = width, .fast = fast};
    *h.target = *cg_target_get(isa);
    h.target->extra = features;
    h.runs = machine_has(h.target);
    h.codes = calloc(case_count, sizeof *h.codes);
    unsigned each = fast ? 1 : case_count;
    for (unsigned i = 0; i < case_count; i += each, h.code_count++) {
        if (!load(&h, i, i + each, emit, &h.codes[h.code_count])) {
            harness_destroy(&h);
            return false;
        }
    }
    *harness_out = h;
    return true;
}

void harness_destroy(struct harness *harness)
{
    for (unsigned i = 0; i < harness->code_count; i++)
        munmap(harness->codes[i].bytes, harness->codes[i].size_B);
    free(harness->codes);
}

void harness_run(const struct harness *harness, unsigned number,
                 uint64_t *const columns[HARNESS_COLUMNS], unsigned count)
{
    weft_kernel_fn *kernel = harness->codes[harness->fast ? number : 0].kernel;
    for (unsigned k = 0; k < count; k += harness->width)
        kernel((const struct weft_kernel_args *)columns, NULL, k, number);
}

unsigned harness_all(unsigned case_count, harness_emit_fn *emit,
                     void (*check)(const struct harness *harness))
{
    static const struct {
        enum weft_isa isa;
        unsigned width;
        uint32_t features;
        bool fast;
    } runs[] = {
        {WEFT_ISA_SSE, 1, 0},
        {WEFT_ISA_SSE, 4, 0},
        {WEFT_ISA_SSE, 8, 0},
        {WEFT_ISA_AVX2, 1, 0},
        {WEFT_ISA_AVX2, 8, 0},
        {WEFT_ISA_AVX2, 32, 0},
        {WEFT_ISA_AVX2, 8, 0, true},
        {WEFT_ISA_AVX2, 32, 0, true},
        {WEFT_ISA_AVX2, 8, WEFT_FEATURE_VNNI},
        {WEFT_ISA_AVX512, 16, 0},
        {WEFT_ISA_AVX512, 8, WEFT_FEATURE_VNNI | WEFT_FEATURE_BYTES},
        {WEFT_ISA_AVX512, 32, WEFT_FEATURE_VNNI | WEFT_FEATURE_BYTES},
    };
    unsigned failures = 0;
    for (unsigned i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        struct harness h;
        if (!harness_create(runs[i].isa, runs[i].features, runs[i].width, runs[i].fast, case_count, emit, &h)) {
            failures++;
            continue;
        }
        if (h.runs)
            check(&h);
        harness_destroy(&h);
    }
    return failures;
}
