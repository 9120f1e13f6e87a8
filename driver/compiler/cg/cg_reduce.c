/* SPDX-License-Identifier: MIT */
#include "cg_reduce.h"

#include "cg_alu.h"

static const struct {
    LLVMOpcode opcode;       /* 0: by intrinsic or comparison */
    const char *intrinsic;
    LLVMRealPredicate wins;  /* FMIN and FMAX: when x is the result */
} ops[] = {
    [IR_REDUCE_ADD] = {.opcode = LLVMAdd},
    [IR_REDUCE_MUL] = {.opcode = LLVMMul},
    [IR_REDUCE_SMIN] = {.intrinsic = "llvm.smin"},
    [IR_REDUCE_SMAX] = {.intrinsic = "llvm.smax"},
    [IR_REDUCE_UMIN] = {.intrinsic = "llvm.umin"},
    [IR_REDUCE_UMAX] = {.intrinsic = "llvm.umax"},
    [IR_REDUCE_AND] = {.opcode = LLVMAnd},
    [IR_REDUCE_OR] = {.opcode = LLVMOr},
    [IR_REDUCE_XOR] = {.opcode = LLVMXor},
    [IR_REDUCE_FADD] = {.opcode = LLVMFAdd},
    [IR_REDUCE_FMUL] = {.opcode = LLVMFMul},
    [IR_REDUCE_FMIN] = {.wins = LLVMRealOLT},
    [IR_REDUCE_FMAX] = {.wins = LLVMRealOGT},
};

/* For the f16 conversions, which want to know whether they work on a vector. */
static struct alu form_of(struct cg *cg, LLVMValueRef v)
{
    LLVMTypeRef type = LLVMTypeOf(v);
    bool vector = LLVMGetTypeKind(type) == LLVMVectorTypeKind;
    return (struct alu){.cg = cg, .n = vector ? LLVMGetVectorSize(type) : 0};
}

static bool is_min_max(enum ir_reduce op)
{
    return op == IR_REDUCE_FMIN || op == IR_REDUCE_FMAX;
}

/* y where x is NaN, x where y is. Halves are compared as f32 and chosen as bits, see alu_min_max. */
static LLVMValueRef min_max(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef x,
                            LLVMValueRef y)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef cx = x, cy = y;
    if (type == IR_F16) {
        struct alu form = form_of(cg, x);
        cx = alu_compared(cg, alu_half_to_float(&form, x));
        cy = alu_compared(cg, alu_half_to_float(&form, y));
    }
    LLVMValueRef v = LLVMBuildSelect(b, LLVMBuildFCmp(b, ops[op].wins, cx, cy, ""), x, y, "");
    return LLVMBuildSelect(b, LLVMBuildFCmp(b, LLVMRealUNO, cy, cy, ""), x, v, "");
}

LLVMValueRef cg_combine(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef x,
                        LLVMValueRef y)
{
    LLVMBuilderRef b = cg->b;
    if (is_min_max(op))
        return min_max(cg, op, type, x, y);
    if (type == IR_F16) {
        struct alu form = form_of(cg, x);
        LLVMValueRef v = cg_combine(cg, op, IR_F32, alu_half_to_float(&form, x),
                                    alu_half_to_float(&form, y));
        return alu_float_to_half(&form, v, false);
    }
    if (ops[op].opcode)
        return LLVMBuildBinOp(b, ops[op].opcode, x, y, "");
    LLVMTypeRef overload = LLVMTypeOf(x);
    LLVMValueRef args[2] = {x, y};
    return cg_intrinsic(cg, ops[op].intrinsic, &overload, 1, args, 2);
}

static uint64_t float_one(enum ir_type type)
{
    return type == IR_F16 ? 0x3c00 : type == IR_F32 ? 0x3f800000 : 0x3ff0000000000000;
}

static uint64_t float_infinity(enum ir_type type)
{
    return type == IR_F16 ? 0x7c00 : type == IR_F32 ? 0x7f800000 : 0x7ff0000000000000;
}

LLVMValueRef cg_identity(struct cg *cg, enum ir_reduce op, enum ir_type type)
{
    uint64_t sign = 1ull << (ir_type_bits(type) - 1), bits = 0;
    switch (op) {
    case IR_REDUCE_MUL:
        bits = 1;
        break;
    case IR_REDUCE_AND:
    case IR_REDUCE_UMIN:
        bits = UINT64_MAX;
        break;
    case IR_REDUCE_SMIN:
        bits = sign - 1;
        break;
    case IR_REDUCE_SMAX:
    case IR_REDUCE_FADD: /* -0 */
        bits = sign;
        break;
    case IR_REDUCE_FMUL:
        bits = float_one(type);
        break;
    case IR_REDUCE_FMIN:
        bits = float_infinity(type);
        break;
    case IR_REDUCE_FMAX:
        bits = float_infinity(type) | sign;
        break;
    default:
        break;
    }
    return cg_const(cg, type, bits);
}

/* ---- Whole vectors. BOOL works as I8, sums of F16 as F32, and both turn back at the end ---- */

static enum ir_type working_type(enum ir_reduce op, enum ir_type type)
{
    return type == IR_BOOL ? IR_I8 : type == IR_F16 && !is_min_max(op) ? IR_F32 : type;
}

/* The lanes in their working type, inactive ones replaced by identities. */
static LLVMValueRef prepare(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef v)
{
    enum ir_type working = working_type(op, type);
    if (type == IR_BOOL) {
        v = LLVMBuildZExt(cg->b, v, cg->vector_t[IR_I8], "");
    } else if (working != type) {
        struct alu form = form_of(cg, v);
        v = alu_half_to_float(&form, v);
    }
    if (cg->mask.lanes)
        v = LLVMBuildSelect(cg->b, cg->mask.lanes, v, cg_splat(cg, cg_identity(cg, op, working)),
                            "");
    return v;
}

static LLVMValueRef turn_back(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef v)
{
    struct alu form = form_of(cg, v);
    if (type == IR_BOOL)
        return LLVMBuildTrunc(cg->b, v, alu_form(&form, cg->i1), "");
    return working_type(op, type) != type ? alu_float_to_half(&form, v, false) : v;
}

LLVMValueRef cg_reduce(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef vector)
{
    enum ir_type working = working_type(op, type);
    LLVMValueRef v = prepare(cg, op, type, vector);
    for (unsigned n = cg->width / 2; n; n /= 2) {
        int64_t low[256], high[256];
        for (unsigned i = 0; i < n; i++) {
            low[i] = i;
            high[i] = n + i;
        }
        v = cg_combine(cg, op, working, cg_shuffle(cg, v, v, low, n), cg_shuffle(cg, v, v, high, n));
    }
    v = LLVMBuildExtractElement(cg->b, v, cg_i32(cg, 0), "");
    return turn_back(cg, op, type, v);
}

LLVMValueRef cg_reduce_clusters(struct cg *cg, enum ir_reduce op, enum ir_type type,
                                LLVMValueRef vector, unsigned size)
{
    LLVMValueRef v = prepare(cg, op, type, vector);
    for (unsigned step = 1; step < size; step *= 2) {
        int64_t index[256];
        for (unsigned i = 0; i < cg->width; i++)
            index[i] = i ^ step;
        v = cg_combine(cg, op, working_type(op, type), v, cg_shuffle(cg, v, v, index, cg->width));
    }
    return turn_back(cg, op, type, v);
}

/* v moved up by some lanes, identities moved in. */
static LLVMValueRef move_up(struct cg *cg, LLVMValueRef v, LLVMValueRef identities, unsigned by)
{
    int64_t index[256];
    for (unsigned i = 0; i < cg->width; i++)
        index[i] = i >= by ? i - by : cg->width;
    return cg_shuffle(cg, v, identities, index, cg->width);
}

LLVMValueRef cg_scan(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef vector,
                     bool exclusive)
{
    enum ir_type working = working_type(op, type);
    LLVMValueRef identities = cg_splat(cg, cg_identity(cg, op, working));
    LLVMValueRef v = prepare(cg, op, type, vector);
    if (exclusive)
        v = move_up(cg, v, identities, 1);
    for (unsigned step = 1; step < cg->width; step *= 2) /* Hillis and Steele */
        v = cg_combine(cg, op, working, move_up(cg, v, identities, step), v);
    return turn_back(cg, op, type, v);
}
