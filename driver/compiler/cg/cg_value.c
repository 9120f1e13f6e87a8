/* SPDX-License-Identifier: MIT
 *
 * The LLVM values of IR values, in either form, and small helpers to make LLVM values.
 */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "cg.h"

#define MAX_WIDTH 128

/* The instruction that really holds the value: COMP only names a component of another one. */
static const struct ir_inst *source_of(const struct ir_inst *inst, unsigned *k)
{
    if (inst->op == IR_COMP) {
        *k = (unsigned)inst->imm;
        return inst->args[0];
    }
    return inst;
}

static bool is_constant(const struct ir_inst *inst)
{
    return inst->op == IR_CONST || inst->op == IR_UNDEF;
}

/* The slot of a component, made on first use; NULL where the IR is broken. */
static struct cg_value *slot_of(struct cg *cg, const struct ir_inst *inst, unsigned k)
{
    if (inst->id >= cg->value_count || k >= ir_comps(inst)) {
        ir_error(cg->m, -EINVAL, "internal: %s has no component %u", ir_op_infos[inst->op].name, k);
        return NULL;
    }
    struct cg_value **slot = &cg->values[inst->id];
    if (!*slot)
        *slot = arena_array(cg->m->arena, struct cg_value, ir_comps(inst));
    return *slot + k;
}

/* What stands in for a value that the generator should have defined. */
static LLVMValueRef missing(struct cg *cg, const struct ir_inst *inst, bool vector)
{
    ir_error(cg->m, -EINVAL, "internal: the value of %s (%u) was not generated",
             ir_op_infos[inst->op].name, (unsigned)inst->id);
    enum ir_type type = inst->type == IR_VOID ? IR_I32 : (enum ir_type)inst->type;
    return LLVMConstNull(vector ? cg->vector_t[type] : cg->scalar_t[type]);
}

bool cg_is_scalar(const struct cg *cg, const struct ir_inst *inst)
{
    unsigned k;
    inst = source_of(inst, &k);
    return cg->width == 1 || is_constant(inst) || inst->shape.kind != IR_SHAPE_VARYING;
}

LLVMValueRef cg_scalar(struct cg *cg, struct ir_inst *inst)
{
    unsigned k = 0;
    const struct ir_inst *from = source_of(inst, &k);
    if (is_constant(from)) /* UNDEF is zero: nothing may be poison */
        return cg_const(cg, (enum ir_type)from->type, from->op == IR_CONST ? from->imm : 0);
    struct cg_value *v = slot_of(cg, from, k);
    if (!v)
        return missing(cg, inst, false);
    if (v->scalar)
        return v->scalar;
    if (!v->vector)
        return missing(cg, inst, false);
    /* A component that is uniform although its load as a whole is not. */
    return LLVMBuildExtractElement(cg->b, v->vector, cg_first_lane(cg), "");
}

LLVMValueRef cg_vector(struct cg *cg, struct ir_inst *inst)
{
    if (cg->width == 1)
        return cg_scalar(cg, inst);
    unsigned k = 0;
    const struct ir_inst *from = source_of(inst, &k);
    if (is_constant(from))
        return cg_splat(cg, cg_scalar(cg, inst));
    struct cg_value *v = slot_of(cg, from, k);
    if (!v)
        return missing(cg, inst, true);
    if (!v->scalar)
        return v->vector ? v->vector : missing(cg, inst, true);

    LLVMBasicBlockRef block = LLVMGetInsertBlock(cg->b);
    if (v->vector && v->vector_block == block)
        return v->vector;
    LLVMValueRef vector = cg_splat(cg, v->scalar);
    if (from->shape.kind == IR_SHAPE_OFFSETS && ir_type_is_int((enum ir_type)from->type))
        vector = LLVMBuildAdd(cg->b, vector,
                              cg_const_vector(cg, cg->scalar_t[from->type], from->shape.offsets,
                                              cg->width),
                              "");
    /* LLVM would look through it for known bits again and again, which is most of what its selection costs. */
    if ((cg->m->request->flags & WEFT_REQUEST_FAST) && LLVMTypeOf(vector) == cg->vector_t[IR_I32])
        vector = cg_cover(cg, vector);
    v->vector = vector;
    v->vector_block = block;
    return vector;
}

void cg_set_scalar(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef scalar)
{
    struct cg_value *v = slot_of(cg, inst, k);
    if (v)
        *v = (struct cg_value){.scalar = scalar};
}

void cg_set_vector(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef vector)
{
    struct cg_value *v = slot_of(cg, inst, k);
    if (v)
        *v = cg->width == 1 ? (struct cg_value){.scalar = vector}
                            : (struct cg_value){.vector = vector};
}

void cg_set(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef value)
{
    if (cg_is_scalar(cg, inst))
        cg_set_scalar(cg, inst, k, value);
    else
        cg_set_vector(cg, inst, k, value);
}

LLVMValueRef cg_splat_n(struct cg *cg, LLVMValueRef scalar, unsigned n)
{
    if (LLVMIsConstant(scalar) && n <= MAX_WIDTH) {
        LLVMValueRef all[MAX_WIDTH];
        for (unsigned i = 0; i < n; i++)
            all[i] = scalar;
        return LLVMConstVector(all, n);
    }
    LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(scalar), n);
    LLVMValueRef one = LLVMBuildInsertElement(cg->b, LLVMGetPoison(type), scalar,
                                              LLVMConstNull(cg->i32), "");
    /* Every lane reads lane 0, so the poison beside it goes nowhere. */
    return LLVMBuildShuffleVector(cg->b, one, LLVMGetPoison(type),
                                  LLVMConstNull(LLVMVectorType(cg->i32, n)), "");
}

LLVMValueRef cg_splat(struct cg *cg, LLVMValueRef scalar)
{
    bool lanes = cg->width > 1 && LLVMTypeOf(scalar) == cg->i1 && !LLVMIsConstant(scalar);
    if (lanes && !cg->target->mask_registers) {
        LLVMValueRef mask = cg_cover(cg, LLVMBuildSExt(cg->b, scalar, cg->i32, ""));
        return cg_use(cg, IR_BOOL, true, cg_splat_n(cg, mask, cg->width));
    }
    return cg->width == 1 ? scalar : cg_splat_n(cg, scalar, cg->width);
}

LLVMValueRef cg_const(struct cg *cg, enum ir_type type, uint64_t bits)
{
    static const struct {
        uint8_t int_bits;
        bool is_float;
    } kinds[] = {
        [IR_VOID] = {32, false}, [IR_BOOL] = {1, false}, [IR_I8] = {8, false},
        [IR_I16] = {16, false},  [IR_I32] = {32, false}, [IR_I64] = {64, false},
        [IR_F16] = {16, true},   [IR_F32] = {32, true},  [IR_F64] = {64, true},
    };
    unsigned n = kinds[type].int_bits;
    if (type == IR_BOOL)
        bits = bits != 0;
    else if (n < 64)
        bits &= (1ull << n) - 1;
    LLVMValueRef v = LLVMConstInt(LLVMIntTypeInContext(cg->ctx, n), bits, false);
    return kinds[type].is_float ? LLVMConstBitCast(v, cg->scalar_t[type]) : v;
}

LLVMValueRef cg_i32(struct cg *cg, uint32_t value)
{
    return LLVMConstInt(cg->i32, value, false);
}

LLVMValueRef cg_i64(struct cg *cg, uint64_t value)
{
    return LLVMConstInt(cg->i64, value, false);
}

LLVMValueRef cg_const_vector(struct cg *cg, LLVMTypeRef element, const int64_t *v, unsigned n)
{
    LLVMValueRef all[4 * MAX_WIDTH];
    unsigned bits = LLVMGetIntTypeWidth(element);
    uint64_t ones = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
    if (n > sizeof(all) / sizeof(all[0])) {
        ir_error(cg->m, -EINVAL, "internal: a vector of %u lanes", n);
        n = 1;
    }
    for (unsigned i = 0; i < n; i++)
        all[i] = LLVMConstInt(element, (uint64_t)v[i] & ones, false);
    return LLVMConstVector(all, n);
}

/* i1 vectors in phis and slots become bytes and shifts on targets without mask registers. */
static bool kept_wide(const struct cg *cg, enum ir_type type, bool vector)
{
    return type == IR_BOOL && vector && cg->width > 1 && !cg->target->mask_registers;
}

LLVMTypeRef cg_kept_type(struct cg *cg, enum ir_type type, bool vector)
{
    if (kept_wide(cg, type, vector))
        return cg->vector_t[IR_I32];
    return vector ? cg->vector_t[type] : cg->scalar_t[type];
}

LLVMValueRef cg_cover(struct cg *cg, LLVMValueRef v)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind;
    LLVMTypeRef type = vector ? cg->vector_t[IR_F32] : cg->f32, old = LLVMTypeOf(v);
    if (LLVMIsConstant(v))
        return v;
    v = LLVMBuildBitCast(cg->b, v, type, "");
    v = cg_intrinsic(cg, "llvm.arithmetic.fence", &type, 1, &v, 1);
    return LLVMBuildBitCast(cg->b, v, old, "");
}

/* Is v a choice between `other` and something else? */
static bool chooses(LLVMValueRef v, LLVMValueRef other)
{
    return LLVMIsASelectInst(v) && (LLVMGetOperand(v, 1) == other || LLVMGetOperand(v, 2) == other);
}

LLVMValueRef cg_select(struct cg *cg, LLVMValueRef lanes, LLVMValueRef a, LLVMValueRef b)
{
    /* LLVM would join the conditions of two choices to one, and x86 before AVX-512 packs and unpacks a
     * condition of several registers. */
    LLVMTypeRef type = LLVMTypeOf(a);
    bool wide = cg->width > cg->target->lanes && !cg->target->mask_registers &&
                (type == cg->vector_t[IR_I32] || type == cg->vector_t[IR_F32]) &&
                LLVMTypeOf(lanes) == cg->vector_t[IR_BOOL];
    if (wide && chooses(b, a))
        b = cg_cover(cg, b);
    else if (wide && chooses(a, b))
        a = cg_cover(cg, a);
    return LLVMBuildSelect(cg->b, lanes, a, b, "");
}

/* Only the sign bits of a kept BOOL vector mean something. */
LLVMValueRef cg_keep(struct cg *cg, enum ir_type type, LLVMValueRef v)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind;
    if (!kept_wide(cg, type, vector))
        return v;
    if (LLVMIsAICmpInst(v) && LLVMGetICmpPredicate(v) == LLVMIntSLT) {
        LLVMValueRef kept = LLVMGetOperand(v, 0); /* what cg_use made a BOOL of */
        if (LLVMTypeOf(kept) == cg->vector_t[IR_I32] && LLVMIsNull(LLVMGetOperand(v, 1)))
            return kept;
    }
    /* LLVM would turn a mask of full width back into <W x i1> wherever it sees through it, and x86
     * before AVX-512 packs and unpacks those. */
    return cg_cover(cg, LLVMBuildSExt(cg->b, v, cg->vector_t[IR_I32], ""));
}

LLVMValueRef cg_use(struct cg *cg, enum ir_type type, bool vector, LLVMValueRef kept)
{
    if (!kept_wide(cg, type, vector))
        return kept;
    return LLVMBuildICmp(cg->b, LLVMIntSLT, kept, LLVMConstNull(cg->vector_t[IR_I32]), "");
}

LLVMValueRef cg_intrinsic(struct cg *cg, const char *name, LLVMTypeRef *overloads,
                          unsigned overload_count, LLVMValueRef *args, unsigned arg_count)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    if (!id) {
        ir_error(cg->m, -ENOTSUP, "internal: this LLVM has no %s", name);
        return args[0];
    }
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(cg->mod, id, overloads, overload_count);
    LLVMTypeRef type = LLVMIntrinsicGetType(cg->ctx, id, overloads, overload_count);
    return LLVMBuildCall2(cg->b, type, fn, args, arg_count, "");
}

LLVMValueRef cg_product(struct cg *cg, LLVMBuilderRef b, enum cg_products which, unsigned lanes,
                        LLVMValueRef *args, unsigned arg_count)
{
    const char *name = cg_target_product(cg->target, which, lanes);
    unsigned id = name ? LLVMLookupIntrinsicID(name, strlen(name)) : 0;
    if (!id) {
        ir_error(cg->m, -ENOTSUP, "internal: this LLVM has no %s", name ? name : "such product");
        return args[0];
    }
    LLVMTypeRef type = LLVMIntrinsicGetType(cg->ctx, id, NULL, 0), wants[3];
    LLVMGetParamTypes(type, wants);
    for (unsigned i = 0; i < arg_count; i++)
        args[i] = LLVMBuildBitCast(b, args[i], wants[i], "");
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(cg->mod, id, NULL, 0);
    return LLVMBuildBitCast(b, LLVMBuildCall2(b, type, fn, args, arg_count, ""),
                            LLVMVectorType(cg->i32, lanes), "");
}

LLVMBasicBlockRef cg_block(struct cg *cg, const char *name)
{
    return LLVMAppendBasicBlockInContext(cg->ctx, cg->fn, name);
}

LLVMValueRef cg_alloca(struct cg *cg, LLVMTypeRef type, unsigned align_B, const char *name)
{
    LLVMValueRef v = LLVMBuildAlloca(cg->entry_b, type, name);
    if (align_B)
        LLVMSetAlignment(v, align_B);
    return v;
}

void cg_define(struct cg *cg, struct ir_inst *inst, LLVMValueRef kept)
{
    cg_set(cg, inst, 0, cg_use(cg, (enum ir_type)inst->type, !cg_is_scalar(cg, inst), kept));
}
