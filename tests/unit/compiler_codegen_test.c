/* SPDX-License-Identifier: MIT
 *
 * Every elementwise operation, at several widths and for each instruction set that this machine has:
 * the generated code must give what compile-time folding gives, bit for bit, which the simplifier
 * and the shape analysis rely on. Code for instruction sets that this machine lacks is compiled only.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arena.h"
#include "cg.h"
#include "fold.h"
#include "ir.h"
#include "weft/kernel.h"

#define SAMPLES 128 /* a multiple of every width */
#define MAX_CASES 400

struct op_case {
    enum ir_op op;
    enum ir_type type, from;
    uint64_t imm;
    bool constant; /* the second argument is the constant b */
    uint64_t b;
};

static struct op_case cases[MAX_CASES];
static unsigned case_count;
static unsigned failures;

static void
add_case(enum ir_op op, enum ir_type type, enum ir_type from)
{
    if (case_count < MAX_CASES)
        cases[case_count++] = (struct op_case){.op = op, .type = type, .from = from};
}

static void
add_constant_case(enum ir_op op, enum ir_type type, uint64_t b)
{
    add_case(op, type, type);
    cases[case_count - 1].constant = true;
    cases[case_count - 1].b = b & fold_mask(type);
}

static void
add_cases(void)
{
    static const enum ir_type ints[] = {IR_I8, IR_I16, IR_I32, IR_I64};
    static const enum ir_type floats[] = {IR_F16, IR_F32, IR_F64};
    static const uint64_t divisors[] = {0, 1, 3, 7, 10, 64, UINT64_MAX, UINT64_MAX - 6};

    for (enum ir_op op = IR_ADD; op <= IR_CTZ; op++)
        for (unsigned t = 0; t < 4; t++)
            add_case(op, ints[t], ints[t]);
    for (enum ir_op op = IR_AND; op <= IR_NOT; op++)
        add_case(op, IR_BOOL, IR_BOOL);
    for (enum ir_op op = IR_UDIV; op <= IR_SREM; op++)
        for (unsigned d = 0; d < sizeof(divisors) / sizeof(divisors[0]); d++)
            add_constant_case(op, ints[1 + d % 3], divisors[d]);
    for (enum ir_op op = IR_SDOT4; op <= IR_SUDOT4; op++)
        add_case(op, IR_I32, IR_I32);
    for (enum ir_op op = IR_EQ; op <= IR_SLE; op++)
        for (unsigned t = 0; t < 4; t++)
            add_case(op, IR_BOOL, ints[t]);
    add_case(IR_EQ, IR_BOOL, IR_BOOL);
    add_case(IR_NE, IR_BOOL, IR_BOOL);
    for (enum ir_op op = IR_FOEQ; op <= IR_FULE; op++)
        for (unsigned t = 0; t < 3; t++)
            add_case(op, IR_BOOL, floats[t]);
    for (enum ir_type t = IR_BOOL; t <= IR_F64; t++)
        add_case(IR_SELECT, t, IR_BOOL);
    for (enum ir_op op = IR_FADD; op <= IR_FRINT; op++)
        for (unsigned t = 0; t < 3; t++)
            add_case(op, floats[t], floats[t]);
    add_constant_case(IR_FMIN, IR_F32, 0x3f800000);
    add_constant_case(IR_FMAX, IR_F32, 0);
    add_constant_case(IR_FMAX, IR_F32, 0x7fc00000);
    for (unsigned t = 0; t < 4; t++) {
        for (unsigned s = 0; s < 4; s++) {
            if (s > t)
                add_case(IR_TRUNC, ints[t], ints[s]);
            if (s < t) {
                add_case(IR_ZEXT, ints[t], ints[s]);
                add_case(IR_SEXT, ints[t], ints[s]);
            }
        }
        for (unsigned f = 0; f < 3; f++) {
            add_case(IR_F2S, ints[t], floats[f]);
            add_case(IR_F2U, ints[t], floats[f]);
            add_case(IR_S2F, floats[f], ints[t]);
            add_case(IR_U2F, floats[f], ints[t]);
        }
    }
    for (unsigned t = 0; t < 3; t++) {
        add_case(IR_BITCAST, floats[t], ints[t + 1]);
        add_case(IR_BITCAST, ints[t + 1], floats[t]);
        for (unsigned s = 0; s < 3; s++) {
            if (s < t)
                add_case(IR_FEXT, floats[t], floats[s]);
            if (s > t) {
                add_case(IR_FTRUNC_TO, floats[t], floats[s]);
                add_case(IR_FTRUNC_TO, floats[t], floats[s]);
                cases[case_count - 1].imm = 1;
            }
        }
    }
}

static enum ir_type
arg_type(const struct op_case *c, unsigned i)
{
    return c->op == IR_SELECT && i > 0 ? c->type : c->from;
}

static unsigned
arg_count(const struct op_case *c)
{
    return (unsigned)strlen(ir_op_infos[c->op].args);
}

/* ---- Samples: numbers that matter and numbers that do not, of every type ---- */

static uint64_t samples[3][SAMPLES];

static uint64_t
next_random(void)
{
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t
sample(enum ir_type type)
{
    static const uint64_t special[] = {0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff,
                                       0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX,
                                       0x8000000000000000ull, UINT64_MAX};
    static const double numbers[] = {0.0, -0.0, 0.5, 1.5, 2.5, -1.0, 3.7, 1e-8, 6e-8, 65504, 65519,
                                     65520, 1e30, -1e30, 127.6, -128.5, 255.9, 2147483647.0,
                                     4294967295.0, -2147483649.0, 9.3e18, 1.9e19, INFINITY,
                                     -INFINITY, NAN, 2e-5, 1e-40, 1.0009765625, 3.0000001};
    uint64_t r = next_random();
    if (ir_type_is_float(type)) {
        switch (r & 3) {
        case 0:
            return fold_from_double(type, numbers[(r >> 8) % (sizeof numbers / sizeof *numbers)],
                                    false);
        case 1:
            return fold_from_double(type, ((double)(int64_t)next_random()) * 0x1p-50, false);
        case 2:
            return fold_from_double(type, (double)((int)(r >> 8 & 255) - 128), false);
        default:
            return r & fold_mask(type);
        }
    }
    if ((r & 3) == 0)
        return special[(r >> 8) % (sizeof special / sizeof *special)] & fold_mask(type);
    return (r & 4 ? r >> 20 : (r >> 20) & 15) & fold_mask(type);
}

static void
fill_samples(const struct op_case *c)
{
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < SAMPLES; k++)
            samples[i][k] = i == 1 && c->constant ? c->b : sample(arg_type(c, i));
    if (c->op == IR_FMA) /* products that cancel but for their rounding */
        for (unsigned k = 0; k < SAMPLES / 2; k++)
            samples[2][k] = fold_from_double(c->type,
                                             -fold_to_double(c->type, samples[0][k]) *
                                                 fold_to_double(c->type, samples[1][k]),
                                             false);
}

/* ---- Code ---- */

static void
make_types(struct cg *cg)
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
        [IR_I32] = cg->i32,     [IR_I64] = cg->i64, [IR_F16] = cg->f16, [IR_F32] = cg->f32,
        [IR_F64] = cg->f64,
    };
    for (unsigned t = 0; t <= IR_F64; t++) {
        cg->scalar_t[t] = scalars[t];
        cg->vector_t[t] =
            t == IR_VOID || cg->width == 1 ? scalars[t] : LLVMVectorType(scalars[t], cg->width);
    }
}

static LLVMTypeRef
lanes_of(struct cg *cg, unsigned bits)
{
    LLVMTypeRef t = LLVMIntTypeInContext(cg->ctx, bits);
    return cg->width == 1 ? t : LLVMVectorType(t, cg->width);
}

static LLVMValueRef
column(struct cg *cg, unsigned i)
{
    LLVMValueRef index = LLVMConstInt(cg->i64, i, false);
    LLVMValueRef at = LLVMBuildGEP2(cg->b, cg->ptr, LLVMGetParam(cg->fn, 0), &index, 1, "");
    LLVMValueRef base = LLVMBuildLoad2(cg->b, cg->ptr, at, "");
    LLVMValueRef first = LLVMGetParam(cg->fn, 2);
    return LLVMBuildGEP2(cg->b, cg->i64, base, &first, 1, "");
}

static LLVMValueRef
load_arg(struct cg *cg, unsigned i, enum ir_type type)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, lanes_of(cg, 64), column(cg, i), "");
    LLVMSetAlignment(v, 8);
    v = ir_type_bits(type) == 64 ? v
                                 : LLVMBuildTrunc(cg->b, v, lanes_of(cg, ir_type_bits(type)), "");
    return LLVMBuildBitCast(cg->b, v, cg->vector_t[type], "");
}

static void
store_result(struct cg *cg, enum ir_type type, LLVMValueRef v)
{
    unsigned bits = ir_type_bits(type);
    v = LLVMBuildBitCast(cg->b, v, lanes_of(cg, bits), "");
    v = bits == 64 ? v : LLVMBuildZExt(cg->b, v, lanes_of(cg, 64), "");
    LLVMValueRef store = LLVMBuildStore(cg->b, v, column(cg, 3));
    LLVMSetAlignment(store, 8);
}

static void
emit_case(struct cg *cg, const struct op_case *c)
{
    struct ir_region *r = cg->m->body;
    struct ir_inst *args[3];
    cg->m->next_id = 0;
    memset(cg->values, 0, cg->value_count * sizeof *cg->values);
    for (unsigned i = 0; i < arg_count(c); i++) {
        bool constant = i == 1 && c->constant;
        args[i] = ir_append(cg->m, r, constant ? IR_CONST : IR_LANE, arg_type(c, i), 0, NULL);
        if (constant)
            args[i]->imm = c->b;
        else
            cg_set_vector(cg, args[i], 0, load_arg(cg, i, arg_type(c, i)));
    }
    struct ir_inst *inst = ir_append(cg->m, r, c->op, c->type, arg_count(c), args);
    inst->imm = c->imm;
    inst->flags |= IR_INST_NO_CONTRACT;
    cg_alu(cg, inst);
    store_result(cg, c->type, cg_vector(cg, inst));
}

/* weft_kernel(columns, -, first, number): case `number` on the lanes from `first` on. */
static void
emit_all(struct cg *cg)
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
    LLVMValueRef choice = LLVMBuildSwitch(cg->b, LLVMGetParam(cg->fn, 3), done, case_count);
    for (unsigned i = 0; i < case_count; i++) {
        LLVMBasicBlockRef block = cg_block(cg, "case");
        LLVMAddCase(choice, LLVMConstInt(cg->i64, i, false), block);
        LLVMPositionBuilderAtEnd(cg->b, block);
        emit_case(cg, &cases[i]);
        LLVMBuildBr(cg->b, done);
    }
    LLVMPositionBuilderAtEnd(cg->b, done);
    LLVMBuildRetVoid(cg->b);
    LLVMBuildBr(cg->entry_b, body);
}

static bool
compile(enum weft_isa isa, unsigned width, struct weft_compile_result *result)
{
    struct weft_request request = {.isa = isa, .flags = WEFT_REQUEST_VERIFY};
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
    struct cg cg = {.m = m, .target = cg_target_get(isa), .width = width};
    cg.ctx = LLVMContextCreate();
    cg.mod = LLVMModuleCreateWithNameInContext("test", cg.ctx);
    cg.b = LLVMCreateBuilderInContext(cg.ctx);
    cg.entry_b = LLVMCreateBuilderInContext(cg.ctx);
    make_types(&cg);
    cg.value_count = 16;
    cg.values = arena_array(arena, struct cg_value *, cg.value_count);
    emit_all(&cg);
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

/* ---- Checking ---- */

static bool
same(const struct op_case *c, uint64_t got, uint64_t want)
{
    if (got == want)
        return true;
    if (!ir_type_is_float(c->type) || c->op == IR_BITCAST || c->op == IR_SELECT)
        return false;
    double x = fold_to_double(c->type, got), y = fold_to_double(c->type, want);
    if (isnan(x) && isnan(y))
        return true;
    if (c->op == IR_FRSQRT)
        return x == y || fabs((double)(int64_t)(got - want)) <= 2;
    return c->op == IR_FMA && c->type == IR_F16 && fabs((double)(int64_t)(got - want)) <= 1;
}

static bool
expected(const struct op_case *c, unsigned k, uint64_t *want_out)
{
    uint64_t args[3] = {samples[0][k], samples[1][k], samples[2][k]};
    if (c->op == IR_FRSQRT) {
        double x = fold_to_double(c->type, args[0]);
        *want_out = fold_from_double(c->type, 1 / sqrt(x), false);
        return true;
    }
    if (c->op == IR_FMA && c->type == IR_F16) {
        double x[3];
        for (unsigned i = 0; i < 3; i++)
            x[i] = fold_to_double(c->type, args[i]);
        *want_out = fold_from_double(c->type, fma(x[0], x[1], x[2]), false);
        return true;
    }
    return fold_op(c->op, c->type, c->from, c->imm, args, want_out);
}

static void
check_case(const char *isa, unsigned width, unsigned number, weft_kernel_fn *kernel)
{
    const struct op_case *c = &cases[number];
    static uint64_t got[SAMPLES];
    uint64_t *columns[4] = {samples[0], samples[1], samples[2], got};
    fill_samples(c);
    memset(got, 0xa5, sizeof got);
    for (unsigned k = 0; k < SAMPLES; k += width)
        kernel((const struct weft_kernel_args *)columns, NULL, k, number);
    for (unsigned k = 0; k < SAMPLES; k++) {
        uint64_t want;
        if (!expected(c, k, &want) || same(c, got[k], want))
            continue;
        if (c->op == IR_FMA && c->type == IR_F64 && strcmp(isa, "sse") == 0) {
            /* Without the instruction, exact only where nothing over- or underflows. */
            double x = fold_to_double(IR_F64, want), y = fold_to_double(IR_F64, samples[0][k]),
                   z = fold_to_double(IR_F64, samples[1][k]);
            if (!(fabs(x) > 1e-200 && fabs(y * z) > 1e-200 && fabs(x) < 1e200 && fabs(y) < 1e200 &&
                  fabs(z) < 1e200))
                continue;
        }
        printf("%s width %u: %s %s from %s imm %u (%#llx, %#llx, %#llx): %#llx, not %#llx\n", isa,
               width, ir_op_infos[c->op].name, ir_type_name(c->type), ir_type_name(c->from),
               (unsigned)c->imm, (unsigned long long)samples[0][k],
               (unsigned long long)samples[1][k], (unsigned long long)samples[2][k],
               (unsigned long long)got[k], (unsigned long long)want);
        failures++;
        break;
    }
}

static void
check(enum weft_isa isa, unsigned width, bool run)
{
    struct weft_compile_result result = {0};
    const char *name = cg_target_get(isa)->name;
    if (!compile(isa, width, &result)) {
        failures++;
        return;
    }
    if (result.listing)
        printf("%s\n", result.listing);
    if (run) {
        const struct weft_image *image = result.image;
        void *code = mmap(NULL, image->code_B, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                          -1, 0);
        memcpy(code, (const char *)result.image + image->code_offset_B, image->code_B);
        mprotect(code, image->code_B, PROT_READ | PROT_EXEC);
        weft_kernel_fn *kernel = (weft_kernel_fn *)(void *)((char *)code + image->entry_offset_B);
        for (unsigned i = 0; i < case_count; i++)
            check_case(name, width, i, kernel);
        munmap(code, image->code_B);
    }
    free(result.image);
    free(result.listing);
}

int
main(void)
{
    static const struct {
        enum weft_isa isa;
        unsigned width;
    } runs[] = {
        {WEFT_ISA_SSE, 1},  {WEFT_ISA_SSE, 4},   {WEFT_ISA_SSE, 16},    {WEFT_ISA_AVX2, 1},
        {WEFT_ISA_AVX2, 8}, {WEFT_ISA_AVX2, 32}, {WEFT_ISA_AVX512, 16},
    };
    __builtin_cpu_init();
    bool have[] = {[WEFT_ISA_SSE] = __builtin_cpu_supports("sse4.2"),
                   [WEFT_ISA_AVX2] = __builtin_cpu_supports("avx2") &&
                                     __builtin_cpu_supports("fma"),
                   [WEFT_ISA_AVX512] = __builtin_cpu_supports("avx512bw") &&
                                       __builtin_cpu_supports("avx512vl") &&
                                       __builtin_cpu_supports("avx512dq")};
    add_cases();
    for (unsigned i = 0; i < sizeof runs / sizeof runs[0]; i++)
        check(runs[i].isa, runs[i].width, have[runs[i].isa]);
    printf("%u operations, %u failures\n", case_count, failures);
    return failures != 0;
}
