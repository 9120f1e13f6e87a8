/* SPDX-License-Identifier: MIT
 *
 * Every ELEMENTWISE opcode, one row each. No row may make poison or a trap, whatever the arguments:
 * inactive lanes hold arbitrary values.
 */
#include "cg_alu.h"

#include <errno.h>

enum kind {
    NONE,
    BINARY,    /* an LLVM instruction of two arguments */
    CALL,      /* an intrinsic whose arguments all have the result's type */
    ICMP,
    FCMP,      /* f16 as f32 */
    FBINARY,   /* f16 as f32 */
    FCALL,     /* f16 as f32 */
    CAST,
    SELECT,
    OWN,       /* a function */
    FOWN,      /* a function that never sees f16 */
};

struct row {
    uint8_t kind; /* enum kind */
    int code;     /* LLVMOpcode or predicate */
    const char *name;
    alu_fn *fn;
};

static const struct row rows[IR_OP_COUNT] = {
    [IR_ADD] = {BINARY, LLVMAdd},
    [IR_SUB] = {BINARY, LLVMSub},
    [IR_MUL] = {BINARY, LLVMMul},
    [IR_UMULH] = {OWN, .fn = alu_mul_high},
    [IR_SMULH] = {OWN, .fn = alu_mul_high},
    [IR_UDIV] = {OWN, .fn = alu_divide},
    [IR_SDIV] = {OWN, .fn = alu_divide},
    [IR_UREM] = {OWN, .fn = alu_divide},
    [IR_SREM] = {OWN, .fn = alu_divide},
    [IR_AND] = {BINARY, LLVMAnd},
    [IR_OR] = {BINARY, LLVMOr},
    [IR_XOR] = {BINARY, LLVMXor},
    [IR_NOT] = {OWN, .fn = alu_not},
    [IR_SHL] = {OWN, LLVMShl, .fn = alu_shift},
    [IR_LSHR] = {OWN, LLVMLShr, .fn = alu_shift},
    [IR_ASHR] = {OWN, LLVMAShr, .fn = alu_shift},
    [IR_SMIN] = {CALL, .name = "llvm.smin"},
    [IR_SMAX] = {CALL, .name = "llvm.smax"},
    [IR_UMIN] = {CALL, .name = "llvm.umin"},
    [IR_UMAX] = {CALL, .name = "llvm.umax"},
    [IR_SADD_SAT] = {CALL, .name = "llvm.sadd.sat"},
    [IR_UADD_SAT] = {CALL, .name = "llvm.uadd.sat"},
    [IR_BITREVERSE] = {CALL, .name = "llvm.bitreverse"},
    [IR_BITCOUNT] = {CALL, .name = "llvm.ctpop"},
    [IR_CLZ] = {OWN, .fn = alu_count_zeros},
    [IR_CTZ] = {OWN, .fn = alu_count_zeros},
    [IR_SDOT4] = {OWN, .fn = alu_dot4},
    [IR_UDOT4] = {OWN, .fn = alu_dot4},
    [IR_SUDOT4] = {OWN, .fn = alu_dot4},
    [IR_LERP16] = {OWN, .fn = alu_lerp16},

    [IR_EQ] = {ICMP, LLVMIntEQ},
    [IR_NE] = {ICMP, LLVMIntNE},
    [IR_ULT] = {ICMP, LLVMIntULT},
    [IR_ULE] = {ICMP, LLVMIntULE},
    [IR_SLT] = {ICMP, LLVMIntSLT},
    [IR_SLE] = {ICMP, LLVMIntSLE},
    [IR_FOEQ] = {FCMP, LLVMRealOEQ},
    [IR_FONE] = {FCMP, LLVMRealONE},
    [IR_FOLT] = {FCMP, LLVMRealOLT},
    [IR_FOLE] = {FCMP, LLVMRealOLE},
    [IR_FUEQ] = {FCMP, LLVMRealUEQ},
    [IR_FUNE] = {FCMP, LLVMRealUNE},
    [IR_FULT] = {FCMP, LLVMRealULT},
    [IR_FULE] = {FCMP, LLVMRealULE},
    [IR_SELECT] = {SELECT},

    [IR_FADD] = {FBINARY, LLVMFAdd},
    [IR_FSUB] = {FBINARY, LLVMFSub},
    [IR_FMUL] = {FBINARY, LLVMFMul},
    [IR_FDIV] = {FBINARY, LLVMFDiv},
    [IR_FNEG] = {OWN, .fn = alu_negate},
    [IR_FABS] = {OWN, .fn = alu_absolute},
    [IR_FMA] = {FOWN, .fn = alu_fma},
    [IR_FMIN] = {OWN, .fn = alu_min_max},
    [IR_FMAX] = {OWN, .fn = alu_min_max},
    [IR_FSQRT] = {FCALL, .name = "llvm.sqrt"},
    [IR_FRSQRT] = {FOWN, .fn = alu_rsqrt},
    [IR_FFLOOR] = {FCALL, .name = "llvm.floor"},
    [IR_FCEIL] = {FCALL, .name = "llvm.ceil"},
    [IR_FTRUNC] = {FCALL, .name = "llvm.trunc"},
    [IR_FRINT] = {FCALL, .name = "llvm.roundeven"},

    [IR_TRUNC] = {CAST, LLVMTrunc},
    [IR_ZEXT] = {CAST, LLVMZExt},
    [IR_SEXT] = {CAST, LLVMSExt},
    [IR_FTRUNC_TO] = {OWN, .fn = alu_float_to_float},
    [IR_FEXT] = {OWN, .fn = alu_float_to_float},
    [IR_F2S] = {OWN, .fn = alu_float_to_int},
    [IR_F2U] = {OWN, .fn = alu_float_to_int},
    [IR_S2F] = {OWN, .fn = alu_int_to_float},
    [IR_U2F] = {OWN, .fn = alu_int_to_float},
    [IR_BITCAST] = {OWN, .fn = alu_bitcast},
};

LLVMTypeRef alu_form(const struct alu *a, LLVMTypeRef scalar)
{
    return a->n ? LLVMVectorType(scalar, a->n) : scalar;
}

LLVMValueRef alu_int(const struct alu *a, LLVMTypeRef scalar, uint64_t value)
{
    unsigned bits = LLVMGetIntTypeWidth(scalar);
    LLVMValueRef v = LLVMConstInt(scalar, bits < 64 ? value & ((1ull << bits) - 1) : value, false);
    return a->n ? cg_splat_n(a->cg, v, a->n) : v;
}

LLVMValueRef alu_float(const struct alu *a, LLVMTypeRef scalar, double value)
{
    LLVMValueRef v = LLVMConstReal(scalar, value);
    return a->n ? cg_splat_n(a->cg, v, a->n) : v;
}

LLVMValueRef alu_call(const struct alu *a, const char *name, LLVMValueRef *args, unsigned count)
{
    LLVMTypeRef type = LLVMTypeOf(args[0]);
    return cg_intrinsic(a->cg, name, &type, 1, args, count);
}

LLVMValueRef alu_call1(const struct alu *a, const char *name, LLVMValueRef x)
{
    return alu_call(a, name, &x, 1);
}

LLVMValueRef alu_call2(const struct alu *a, const char *name, LLVMValueRef x, LLVMValueRef y)
{
    LLVMValueRef args[2] = {x, y};
    return alu_call(a, name, args, 2);
}

LLVMValueRef alu_bits(const struct alu *a, LLVMValueRef v, LLVMTypeRef scalar)
{
    return LLVMBuildBitCast(a->cg->b, v, alu_form(a, scalar), "");
}

static LLVMValueRef emit_row(const struct row *row, const struct alu *a)
{
    LLVMBuilderRef b = a->cg->b;
    switch (row->kind) {
    case BINARY:
        return cg_logic(a->cg, (LLVMOpcode)row->code, a->a[0], a->a[1]);
    case FBINARY: /* the front end has fused what may be fused */
        return LLVMBuildBinOp(b, (LLVMOpcode)row->code, a->a[0], a->a[1], "");
    case CALL:
    case FCALL:
        return alu_call(a, row->name, (LLVMValueRef *)a->a, a->inst->arg_count);
    case ICMP:
        if (a->from == IR_BOOL) { /* EQ and NE */
            LLVMValueRef y = row->code == LLVMIntEQ ? LLVMBuildNot(b, a->a[1], "") : a->a[1];
            return cg_logic(a->cg, LLVMXor, a->a[0], y);
        }
        return LLVMBuildICmp(b, (LLVMIntPredicate)row->code, a->a[0], a->a[1], "");
    case FCMP:
        return LLVMBuildFCmp(b, (LLVMRealPredicate)row->code, alu_compared(a->cg, a->a[0]),
                             alu_compared(a->cg, a->a[1]), "");
    case CAST:
        return LLVMBuildCast(b, (LLVMOpcode)row->code, a->a[0],
                             alu_form(a, a->cg->scalar_t[a->type]), "");
    case SELECT:
        return cg_select(a->cg, a->a[0], a->a[1], a->a[2]);
    default:
        return row->fn(a);
    }
}

static bool computes_floats(const struct row *row)
{
    return row->kind == FCMP || row->kind == FBINARY ||
           row->kind == FCALL || row->kind == FOWN;
}

static bool is_power(const struct ir_inst *inst)
{
    return inst->op == IR_CONST && inst->imm && (inst->imm & (inst->imm - 1)) == 0;
}

static unsigned log2_of(uint64_t power)
{
    unsigned n = 0;
    while (power >> n > 1)
        n++;
    return n;
}

void cg_alu(struct cg *cg, struct ir_inst *inst)
{
    const struct row *row = &rows[inst->op];
    if (row->kind == NONE || inst->arg_count > 3) {
        ir_error(cg->m, -EINVAL, "internal: no code for %s", ir_op_infos[inst->op].name);
        return;
    }
    bool scalar = cg_is_scalar(cg, inst);
    struct alu a = {
        .cg = cg,
        .inst = inst,
        .n = scalar ? 0 : cg->width,
        .type = (enum ir_type)inst->type,
        .from = (enum ir_type)inst->args[0]->type,
    };
    for (unsigned i = 0; i < inst->arg_count; i++)
        a.a[i] = scalar ? cg_scalar(cg, inst->args[i]) : cg_vector(cg, inst->args[i]);

    LLVMValueRef v;
    bool fast = cg->m->request->flags & WEFT_REQUEST_FAST, shifts = false;
    if (fast && inst->op == IR_MUL && is_power(inst->args[1])) {
        /* LLVM would find out. */
        v = LLVMBuildShl(cg->b, a.a[0], alu_int(&a, cg->scalar_t[a.type], log2_of(inst->args[1]->imm)),
                         "");
        shifts = true;
    } else if (alu_rounds_to_zero(inst)) {
        v = alu_towards_zero(&a);
    } else if (a.from == IR_F16 && computes_floats(row)) {
        /* Computed as f32 and rounded after each operation. */
        a.from = IR_F32;
        for (unsigned i = 0; i < inst->arg_count; i++)
            a.a[i] = alu_half_to_float(&a, a.a[i]);
        if (a.type == IR_F16) {
            a.type = IR_F32;
            v = alu_float_to_half(&a, emit_row(row, &a), false);
        } else {
            v = emit_row(row, &a);
        }
    } else {
        v = emit_row(row, &a);
    }
    /* For nearly every instruction LLVM asks what is known of its bits, up to six instructions back along
     * each way. Hashes are chains where all ways lead through products. */
    if (fast && !scalar && inst->op == IR_MUL && inst->type == IR_I32 && !shifts)
        v = cg_cover(cg, v);
    if (scalar)
        cg_set_scalar(cg, inst, 0, v);
    else
        cg_set_vector(cg, inst, 0, v);
}
