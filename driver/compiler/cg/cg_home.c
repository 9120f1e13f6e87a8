/* SPDX-License-Identifier: MIT
 *
 * Values in and out of pieces: loaded from their homes (enum cg_home), or computed again.
 */
#include "cg_group.h"

static LLVMValueRef frame_address(struct cg *cg, uint32_t offset_B)
{
    LLVMValueRef index = cg_i64(cg, offset_B);
    return LLVMBuildInBoundsGEP2(cg->b, cg->i8, cg->p->frame, &index, 1, "");
}

const struct cg_where *cg_home_of(struct cg *cg, const struct ir_inst *inst)
{
    const struct cg_where *w = cg_where(cg, inst);
    while (w->shares)
        w = cg_where(cg, w->shares);
    return w;
}

LLVMValueRef cg_home_load(struct cg *cg, struct ir_inst *inst)
{
    const struct cg_where *w = cg_home_of(cg, inst);
    LLVMValueRef at = w->cell ? w->cell : frame_address(cg, w->offset_B);
    LLVMValueRef v = LLVMBuildLoad2(cg->b, cg_home_type(cg, inst), at, "");
    if (!w->cell)
        cg_alias_frame(cg, v);
    return cg_use(cg, (enum ir_type)inst->type, !cg_is_scalar(cg, inst), v);
}

void cg_home_store(struct cg *cg, struct ir_inst *inst, LLVMValueRef value)
{
    const struct cg_where *w = cg_home_of(cg, inst);
    LLVMValueRef at = w->cell ? w->cell : frame_address(cg, w->offset_B);
    LLVMValueRef v = cg_is_scalar(cg, inst) ? value : cg_keep(cg, (enum ir_type)inst->type, value);
    LLVMValueRef store = LLVMBuildStore(cg->b, v, at);
    if (!w->cell)
        cg_alias_frame(cg, store);
}

LLVMValueRef cg_form_of(struct cg *cg, struct ir_inst *inst, const struct ir_inst *like)
{
    return cg_is_scalar(cg, like) ? cg_scalar(cg, inst) : cg_vector(cg, inst);
}

bool cg_is_here(struct cg *cg, const struct ir_inst *inst)
{
    return cg_at_group_level(cg, inst) || cg_where(cg, inst)->piece == cg->p->piece ||
           cg_where(cg, inst)->imported;
}

void cg_import(struct cg *cg, struct ir_inst *inst)
{
    struct cg_where *w = cg_where(cg, inst);
    if (cg_at_group_level(cg, inst) || w->imported)
        return;
    if (w->home == CG_HOME_REMAT || w->home == CG_HOME_PIECE) {
        /* PIECE: what a value that is computed again needs, and nobody else does. */
        for (uint32_t i = 0; i < inst->arg_count; i++)
            cg_import(cg, inst->args[i]);
        cg_inst(cg, inst);
    } else if (w->home == CG_HOME_CELL || w->home == CG_HOME_FRAME) {
        /* A component is a name for its source's: that is where its users look. */
        struct ir_inst *source = inst->op == IR_COMP ? inst->args[0] : inst;
        cg_set(cg, source, inst->op == IR_COMP ? (unsigned)inst->imm : 0, cg_home_load(cg, inst));
    }
    w->imported = true;
}

static void forget_args(struct cg *cg, struct ir_inst *inst);

void cg_forget(struct cg *cg, struct ir_inst *inst)
{
    struct cg_where *w = cg_where(cg, inst);
    if (!w->imported)
        return;
    w->imported = false;
    if (w->home == CG_HOME_REMAT || w->home == CG_HOME_PIECE)
        forget_args(cg, inst);
}

static void forget_args(struct cg *cg, struct ir_inst *inst)
{
    for (uint32_t i = 0; i < inst->arg_count; i++)
        cg_forget(cg, inst->args[i]);
}

void cg_each_outside(struct cg *cg, struct ir_inst *inst, uint32_t piece,
                     void (*fn)(struct cg *cg, struct ir_inst *value))
{
    if (inst->op != IR_RESULT)
        for (uint32_t i = 0; i < inst->arg_count; i++)
            if (!cg_is_free(inst->args[i]) && cg_where(cg, inst->args[i])->piece != piece)
                fn(cg, inst->args[i]);
    if (inst->op != IR_IF && inst->op != IR_LOOP)
        return;
    for (unsigned k = 0; k < 2; k++) {
        struct ir_region *r = inst->regions[k];
        if (!r)
            continue;
        for (struct ir_inst *i = r->first; i; i = i->next)
            cg_each_outside(cg, i, piece, fn);
        for (uint32_t y = 0; y < r->yield_count; y++)
            if (!cg_is_free(r->yields[y]) && cg_where(cg, r->yields[y])->piece != piece)
                fn(cg, r->yields[y]);
    }
}

LLVMValueRef cg_group_scalar(struct cg *cg, struct ir_inst *inst)
{
    if (!cg_at_group_level(cg, inst) && cg_where(cg, inst)->home == CG_HOME_CELL)
        return cg_use(cg, (enum ir_type)inst->type, false,
                      LLVMBuildLoad2(cg->b, cg_home_type(cg, inst), cg_where(cg, inst)->cell, ""));
    return cg_scalar(cg, inst);
}
