/* SPDX-License-Identifier: MIT
 *
 * Arrays private to an invocation that are indexed by values unknown at compile time. Element e of
 * lane l lies at [e][l], so that a uniform index is a vector access. Behind the elements lies a spare row
 * (CG_LOCAL_ROWS), where lanes that must not write do so.
 */
#include <stdlib.h>

#include "cg_private.h"

static enum ir_type element_type(const struct ir_local *l)
{
    return l->type == IR_BOOL ? IR_I32 : (enum ir_type)l->type;
}

/* The array's address; for lookup tables a constant, one element for all lanes. */
static LLVMValueRef local_base(struct cg *cg, struct ir_local *l)
{
    struct cg_local_place *place = &cg->p->locals[l->id];
    enum ir_type type = element_type(l);
    if (place->in_scratch) {
        uint64_t at = place->offset_B;
        if (!place->per_subgroup)
            at += (uint64_t)cg->p->frame_B * cg->p->subgroups;
        LLVMValueRef index = cg_i64(cg, at);
        LLVMValueRef from = place->per_subgroup ? cg->p->frame : cg->scratch;
        return LLVMBuildInBoundsGEP2(cg->b, cg->i8, from, &index, 1, "");
    }
    if (place->base)
        return place->base;
    if (!l->constant) {
        place->base = cg_alloca(cg, LLVMArrayType2(cg->vector_t[type], CG_LOCAL_ROWS(l)), 64, "local");
        return place->base;
    }
    LLVMValueRef *values = malloc((l->length + 1) * sizeof *values);
    if (!values) {
        ir_error(cg->m, -12, "out of memory");
        return cg->zeros;
    }
    for (uint32_t i = 0; i < l->length; i++)
        values[i] = cg_const(cg, type, l->init ? l->init[i] : 0);
    LLVMTypeRef array = LLVMArrayType2(cg->scalar_t[type], l->length);
    place->base = LLVMAddGlobal(cg->mod, array, "table");
    LLVMSetInitializer(place->base, LLVMConstArray2(cg->scalar_t[type], values, l->length));
    LLVMSetGlobalConstant(place->base, true);
    LLVMSetLinkage(place->base, LLVMInternalLinkage);
    LLVMSetAlignment(place->base, 64);
    free(values);
    return place->base;
}

static LLVMValueRef from_memory(struct cg *cg, const struct ir_local *l, LLVMValueRef v)
{
    if (l->type != IR_BOOL)
        return v;
    return LLVMBuildICmp(cg->b, LLVMIntNE, v, LLVMConstNull(LLVMTypeOf(v)), "");
}

static LLVMValueRef to_memory(struct cg *cg, const struct ir_local *l, LLVMValueRef v,
                              LLVMTypeRef type)
{
    return l->type == IR_BOOL ? LLVMBuildZExt(cg->b, v, type, "") : v;
}

/* The index, kept inside the array: reading past the end is allowed to give anything, but not to leave
 * the array. */
static LLVMValueRef clamp(struct cg *cg, struct ir_local *l, struct ir_inst *index, LLVMValueRef v)
{
    if (index->shape.hi < l->length)
        return v;
    LLVMValueRef last = cg_i32(cg, l->length - 1);
    if (LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVectorTypeKind)
        last = cg_splat(cg, last);
    LLVMValueRef over = LLVMBuildICmp(cg->b, LLVMIntUGT, v, last, "");
    return LLVMBuildSelect(cg->b, over, last, v, "");
}

static LLVMValueRef gep(struct cg *cg, LLVMTypeRef type, LLVMValueRef base, LLVMValueRef index)
{
    LLVMValueRef wide = LLVMBuildZExt(cg->b, index, cg->i64, "");
    return LLVMBuildInBoundsGEP2(cg->b, type, base, &wide, 1, "");
}

static LLVMValueRef mark(struct cg *cg, const struct ir_local *l, LLVMValueRef access)
{
    if (cg->p->locals[l->id].in_scratch)
        cg_alias_frame(cg, access);
    return access;
}

/* <W x i32>: the element numbers of a per-lane index in the whole array. */
static LLVMValueRef lane_elements(struct cg *cg, struct ir_local *l, LLVMValueRef index)
{
    if (l->constant)
        return index;
    int64_t lanes[256];
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = i;
    LLVMValueRef rows = LLVMBuildMul(cg->b, index, cg_splat(cg, cg_i32(cg, cg->width)), "");
    return LLVMBuildAdd(cg->b, rows, cg_const_vector(cg, cg->i32, lanes, cg->width), "");
}

static void load(struct cg *cg, struct ir_inst *inst)
{
    struct ir_local *l = inst->local;
    enum ir_type type = element_type(l);
    struct ir_inst *index = inst->args[0];
    LLVMValueRef base = local_base(cg, l);
    bool uniform = cg->width == 1 || index->op == IR_CONST || index->shape.kind == IR_SHAPE_UNIFORM;
    if (uniform) {
        LLVMValueRef at = clamp(cg, l, index, cg_scalar(cg, index));
        LLVMTypeRef row = l->constant ? cg->scalar_t[type] : cg->vector_t[type];
        LLVMValueRef v = LLVMBuildLoad2(cg->b, row, gep(cg, row, base, at), "");
        mark(cg, l, v);
        v = from_memory(cg, l, v);
        if (l->constant && !cg_is_scalar(cg, inst))
            v = cg_splat(cg, v);
        cg_set(cg, inst, 0, v);
        return;
    }
    LLVMTypeRef element = cg->scalar_t[type];
    LLVMValueRef at = lane_elements(cg, l, clamp(cg, l, index, cg_vector(cg, index)));
    LLVMValueRef v = LLVMGetPoison(cg->vector_t[type]);
    for (unsigned i = 0; i < cg->width; i++) {
        LLVMValueRef lane = LLVMBuildExtractElement(cg->b, at, cg_i32(cg, i), "");
        LLVMValueRef e = LLVMBuildLoad2(cg->b, element, gep(cg, element, base, lane), "");
        v = LLVMBuildInsertElement(cg->b, v, mark(cg, l, e), cg_i32(cg, i), "");
    }
    cg_set(cg, inst, 0, from_memory(cg, l, v));
}

static void store(struct cg *cg, struct ir_inst *inst)
{
    struct ir_local *l = inst->local;
    enum ir_type type = element_type(l);
    struct ir_inst *index = inst->args[0];
    LLVMValueRef base = local_base(cg, l);
    LLVMTypeRef row = cg->vector_t[type], element = cg->scalar_t[type];
    LLVMValueRef value = to_memory(cg, l, cg_vector(cg, inst->args[1]), row);
    bool uniform = cg->width == 1 || index->op == IR_CONST || index->shape.kind == IR_SHAPE_UNIFORM;
    if (uniform) {
        LLVMValueRef i = cg_scalar(cg, index);
        LLVMValueRef at = gep(cg, row, base, clamp(cg, l, index, i));
        LLVMValueRef keep = NULL;
        if (index->shape.hi >= l->length) {
            LLVMValueRef inside = LLVMBuildICmp(cg->b, LLVMIntULT, i, cg_i32(cg, l->length), "");
            keep = cg_splat(cg, inside);
        }
        if (cg->mask.lanes)
            keep = keep ? LLVMBuildAnd(cg->b, keep, cg->mask.lanes, "") : cg->mask.lanes;
        if (keep) {
            LLVMValueRef old = mark(cg, l, LLVMBuildLoad2(cg->b, row, at, ""));
            value = LLVMBuildSelect(cg->b, keep, value, old, "");
        }
        mark(cg, l, LLVMBuildStore(cg->b, value, at));
        return;
    }
    LLVMValueRef i = cg_vector(cg, index), last = cg_splat(cg, cg_i32(cg, l->length)), may = cg->mask.lanes;
    if (index->shape.hi >= l->length) {
        LLVMValueRef inside = LLVMBuildICmp(cg->b, LLVMIntULT, i, last, "");
        may = may ? cg_logic(cg, LLVMAnd, may, inside) : inside;
    }
    /* Scatters of AVX-512 are slow on some processors, and a test for each lane is slow on all. */
    LLVMValueRef at = lane_elements(cg, l, may ? LLVMBuildSelect(cg->b, may, i, last, "") : i);
    for (unsigned k = 0; k < cg->width; k++) {
        LLVMValueRef lane = LLVMBuildExtractElement(cg->b, at, cg_i32(cg, k), "");
        LLVMValueRef v = LLVMBuildExtractElement(cg->b, value, cg_i32(cg, k), "");
        mark(cg, l, LLVMBuildStore(cg->b, v, gep(cg, element, base, lane)));
    }
}

void cg_local_access(struct cg *cg, struct ir_inst *inst)
{
    if (inst->op == IR_LOCAL_LOAD)
        load(cg, inst);
    else
        store(cg, inst);
}

bool cg_local_has_init(struct cg *cg, uint32_t piece)
{
    for (struct ir_local *l = cg->m->locals; l; l = l->next)
        if (l->init && !l->constant && cg->p->locals[l->id].piece == piece)
            return true;
    return false;
}

void cg_local_init(struct cg *cg, uint32_t piece)
{
    for (struct ir_local *l = cg->m->locals; l; l = l->next) {
        if (!l->init || l->constant || cg->p->locals[l->id].piece != piece)
            continue;
        LLVMValueRef base = local_base(cg, l);
        enum ir_type type = element_type(l);
        LLVMTypeRef row = cg->vector_t[type];
        for (uint32_t i = 0; i < l->length; i++) {
            LLVMValueRef v = cg_splat(cg, cg_const(cg, type, l->init[i]));
            mark(cg, l, LLVMBuildStore(cg->b, v, gep(cg, row, base, cg_i32(cg, i))));
        }
    }
}
