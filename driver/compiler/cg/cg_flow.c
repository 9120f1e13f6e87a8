/* SPDX-License-Identifier: MIT
 *
 * DOC: Control flow inside a piece
 *
 * A uniform condition is a branch. A divergent one narrows the mask: each arm runs if any lane wants
 * it, and results are blended. A divergent loop (cg_loop.c) runs while any lane goes on.
 *
 * Code under a mask is slower than code that knows all lanes to be active (masked stores above
 * all). A divergent IF that stores gets an unmasked copy for the common case that every lane takes it;
 * that happens once on the way down, so code grows by a factor of two at most.
 */
#include "arena.h"
#include "cg_matrix.h"
#include "cg_private.h"
#include "cg_runs.h"

#define FLATTEN_OPS 12      /* a pure arm this small runs without a branch around it */
#define FLATTEN_IF_OPS 6    /* and so many more for each branch that it saves inside: cases of a switch */
#define COPY_MIN_OPS 4      /* an arm smaller than this gets no unmasked copy */
#define COPY_MAX_OPS 4000

/* Instructions in a region and below; adds the number of stores, of what may not be speculated and of IFs. */
struct size {
    unsigned ops, stores, fixed, ifs;
};

static void measure(const struct ir_region *r, struct size *size)
{
    for (const struct ir_inst *i = r ? r->first : NULL; i; i = i->next) {
        uint8_t flags = ir_op_infos[i->op].flags;
        if (i->op == IR_RESULT || i->op == IR_COMP || i->op == IR_CONST)
            continue;
        size->ops++;
        size->stores += (flags & IR_WRITES) != 0;
        size->fixed += (i->op != IR_IF && !(flags & IR_PURE)) || (flags & IR_CROSS_LANE) || i->op == IR_BUFFER;
        switch (i->op) {
        case IR_UDIV:
        case IR_SDIV:
        case IR_UREM:
        case IR_SREM:
        case IR_FDIV:
        case IR_FSQRT:
        case IR_FRSQRT:
            size->ops += 4;
            break;
        case IR_IF:
        case IR_LOOP:
            size->ifs += i->op == IR_IF;
            measure(i->regions[0], size);
            measure(i->regions[1], size);
            break;
        default:
            break;
        }
    }
}

/* Pure operations, and stores to workgroup memory that write back what inactive lanes' elements held: all may
 * run where no lane is active, too. */
static bool may_blend(struct cg *cg, const struct ir_region *r)
{
    unsigned stores = 0;
    for (const struct ir_inst *i = r->first; i; i = i->next) {
        if (i->op == IR_STORE && cg_memory_blends(cg, i))
            stores++;
        else if (!(ir_op_infos[i->op].flags & IR_PURE) || i->op == IR_BUFFER)
            return false;
    }
    return stores <= 2;
}

void cg_region(struct cg *cg, struct ir_region *r)
{
    unsigned mark = cg_matrix_mark(cg);
    for (struct ir_inst *inst = r->first; inst && !cg->m->error; inst = inst->next)
        cg_inst(cg, inst);
    cg_matrix_forget(cg, mark);
}

static LLVMValueRef *value_array(struct cg *cg, uint32_t count)
{
    return arena_alloc(cg->m->arena, (count + 1) * sizeof(LLVMValueRef));
}

/* The yields of an arm, each in the form (scalar or vector) of its RESULT, kept for a phi. */
static void take_yields(struct cg *cg, struct ir_inst *inst, struct ir_region *r, LLVMValueRef *out)
{
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; r && k < r->yield_count; k++, result = result->next) {
        if (cg_is_scalar(cg, result))
            out[k] = cg_scalar(cg, r->yields[k]);
        else
            out[k] = cg_keep(cg, (enum ir_type)result->type, cg_vector(cg, r->yields[k]));
    }
}

static LLVMValueRef phi2(struct cg *cg, LLVMValueRef a, LLVMBasicBlockRef a_from, LLVMValueRef b,
                         LLVMBasicBlockRef b_from)
{
    if (a == b)
        return a;
    LLVMValueRef phi = LLVMBuildPhi(cg->b, LLVMTypeOf(a), "");
    LLVMAddIncoming(phi, &a, &a_from, 1);
    LLVMAddIncoming(phi, &b, &b_from, 1);
    return phi;
}

static void uniform_if(struct cg *cg, struct ir_inst *inst)
{
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *a = value_array(cg, count), *b = value_array(cg, count);
    LLVMBasicBlockRef then_block = cg_block(cg, "then"), else_block = cg_block(cg, "else");
    LLVMBasicBlockRef merge = cg_block(cg, "endif");
    LLVMBuildCondBr(cg->b, cg_scalar(cg, inst->args[0]), then_block, else_block);
    LLVMBasicBlockRef ends[2], starts[2] = {then_block, else_block};
    for (unsigned arm = 0; arm < 2; arm++) {
        LLVMPositionBuilderAtEnd(cg->b, starts[arm]);
        if (inst->regions[arm])
            cg_region(cg, inst->regions[arm]);
        take_yields(cg, inst, inst->regions[arm], arm ? b : a);
        ends[arm] = LLVMGetInsertBlock(cg->b);
        LLVMBuildBr(cg->b, merge);
    }
    LLVMPositionBuilderAtEnd(cg->b, merge);
    /* All phis come first in a block, uses of kept values after. */
    for (uint32_t k = 0; k < count; k++)
        a[k] = phi2(cg, a[k], ends[0], b[k], ends[1]);
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next)
        cg_define(cg, result, a[k]);
}

/* Emits an arm under a mask, behind a branch unless it is cheap. Yields of a skipped arm are zero. */
static void masked_arm(struct cg *cg, struct ir_inst *inst, struct ir_region *r,
                       struct cg_mask mask, LLVMValueRef *yields_out)
{
    struct size size = {0};
    measure(r, &size);
    struct cg_mask outer = cg->mask;
    if (size.ops == 0 || (size.fixed == 0 && size.ops <= FLATTEN_OPS + FLATTEN_IF_OPS * size.ifs)) {
        /* Pure code needs no mask. */
        if (r)
            cg_region(cg, r);
        take_yields(cg, inst, r, yields_out);
        return;
    }
    if (cg_surely_any(cg, mask.lanes) || (size.ops <= FLATTEN_OPS && may_blend(cg, r))) {
        cg->mask = mask;
        cg_region(cg, r);
        cg->mask = outer;
        take_yields(cg, inst, r, yields_out);
        return;
    }
    uint32_t count = r->yield_count;
    LLVMBasicBlockRef run = cg_block(cg, "arm"), merge = cg_block(cg, "endarm");
    LLVMValueRef any = cg_any(cg, mask.lanes);
    LLVMBasicBlockRef head = LLVMGetInsertBlock(cg->b);
    LLVMBuildCondBr(cg->b, any, run, merge);
    LLVMPositionBuilderAtEnd(cg->b, run);
    cg->mask = mask;
    cg_region(cg, r);
    take_yields(cg, inst, r, yields_out);
    cg->mask = outer;
    LLVMBasicBlockRef end = LLVMGetInsertBlock(cg->b);
    LLVMBuildBr(cg->b, merge);
    LLVMPositionBuilderAtEnd(cg->b, merge);
    for (uint32_t k = 0; k < count; k++)
        yields_out[k] =
            phi2(cg, yields_out[k], end, LLVMConstNull(LLVMTypeOf(yields_out[k])), head);
}

/* Both arms under masks; the results, kept, into results_out. */
static void masked_if(struct cg *cg, struct ir_inst *inst, LLVMValueRef cond,
                      LLVMValueRef *results_out)
{
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *a = value_array(cg, count), *b = value_array(cg, count);
    /* The condition lives across the arms' blocks. */
    LLVMValueRef kept = cg_keep(cg, IR_BOOL, cond);
    masked_arm(cg, inst, inst->regions[0], cg_mask_and(cg, cg->mask, cond), a);
    LLVMValueRef lanes = cg_use(cg, IR_BOOL, true, kept);
    if (inst->regions[1])
        masked_arm(cg, inst, inst->regions[1],
                   cg_mask_and(cg, cg->mask, LLVMBuildNot(cg->b, lanes, "")), b);
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next) {
        if (cg_is_scalar(cg, result) || a[k] == b[k]) {
            results_out[k] = a[k]; /* the same value in both arms */
            continue;
        }
        LLVMValueRef va = cg_use(cg, (enum ir_type)result->type, true, a[k]);
        LLVMValueRef vb = cg_use(cg, (enum ir_type)result->type, true, b[k]);
        lanes = cg_use(cg, IR_BOOL, true, kept);
        results_out[k] =
            cg_keep(cg, (enum ir_type)result->type, cg_select(cg, lanes, va, vb));
    }
}

/* An arm that all lanes take. */
static void one_arm(struct cg *cg, struct ir_inst *inst, struct ir_region *r)
{
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *values = value_array(cg, count);
    if (r)
        cg_region(cg, r);
    take_yields(cg, inst, r, values);
    struct ir_inst *result = inst->next;
    for (uint32_t k = 0; k < count; k++, result = result->next)
        cg_define(cg, result, values[k]);
}

/* i1, of two scalars: true only if `cond`, the number of an invocation below something, holds for all lanes; false
 * then, too, where the number wraps around on the way. NULL: not known in that way. */
static LLVMValueRef below_all(struct cg *cg, struct ir_inst *cond)
{
    static const LLVMIntPredicate predicates[] = {
        [IR_ULT] = LLVMIntSLT, [IR_ULE] = LLVMIntSLE, [IR_SLT] = LLVMIntSLT, [IR_SLE] = LLVMIntSLE};
    LLVMBuilderRef b = cg->b;
    if (cond->op != IR_ULT && cond->op != IR_ULE && cond->op != IR_SLT && cond->op != IR_SLE)
        return NULL;
    struct ir_inst *x = cond->args[0], *bound = cond->args[1];
    if (x->type != IR_I32 || x->shape.kind != IR_SHAPE_OFFSETS || !cg_is_scalar(cg, bound) ||
        bound->shape.kind == IR_SHAPE_OFFSETS)
        return NULL;
    int64_t last = 0;
    for (unsigned i = 0; i < cg->width; i++) {
        if (x->shape.offsets[i] < 0)
            return NULL;
        last = x->shape.offsets[i] > last ? x->shape.offsets[i] : last;
    }
    bool is_signed = cond->op == IR_SLT || cond->op == IR_SLE;
    LLVMOpcode extend = is_signed ? LLVMSExt : LLVMZExt;
    LLVMValueRef v = LLVMBuildCast(b, extend, cg_scalar(cg, x), cg->i64, "");
    v = LLVMBuildAdd(b, v, cg_i64(cg, (uint64_t)last), "");
    return LLVMBuildICmp(b, predicates[cond->op], v,
                         LLVMBuildCast(b, extend, cg_scalar(cg, bound), cg->i64, ""), "");
}

/* Removes an instruction that nothing uses, and what is in the block for it alone. Code is no longer added to the
 * block, so nobody finds again what was remembered of it. */
static void erase_unused(LLVMValueRef v, LLVMBasicBlockRef block)
{
    LLVMValueRef args[3];
    if (!LLVMIsAInstruction(v) || LLVMGetInstructionParent(v) != block || LLVMGetFirstUse(v))
        return;
    unsigned count = (unsigned)LLVMGetNumOperands(v);
    if (!(LLVMIsAICmpInst(v) || LLVMIsABinaryOperator(v) || LLVMIsAShuffleVectorInst(v) ||
          LLVMIsAInsertElementInst(v)))
        return;
    for (unsigned i = 0; i < count; i++)
        args[i] = LLVMGetOperand(v, i);
    LLVMInstructionEraseFromParent(v);
    for (unsigned i = 0; i < count; i++)
        if (i == 0 || args[i] != args[0])
            erase_unused(args[i], block);
}

void cg_if(struct cg *cg, struct ir_inst *inst)
{
    struct ir_inst *cond = inst->args[0];
    enum cg_truth truth = cg_runs_truth(cg, cond);
    if (truth != CG_TRUTH_UNKNOWN) {
        one_arm(cg, inst, inst->regions[truth == CG_TRUTH_NONE]);
        return;
    }
    if (cg_is_scalar(cg, cond)) {
        uniform_if(cg, inst);
        return;
    }
    uint32_t count = inst->regions[0]->yield_count;
    LLVMValueRef *results = value_array(cg, count);
    LLVMValueRef lanes = cg_vector(cg, cond);
    struct size size = {0};
    measure(inst->regions[0], &size);
    bool copy = !(cg->m->request->flags & WEFT_REQUEST_FAST) && !cg->mask.lanes && !cg->p->unmasked_copy && size.stores > 0 && !LLVMIsConstant(lanes) &&
                size.ops >= COPY_MIN_OPS && size.ops <= COPY_MAX_OPS;
    struct ir_inst *result = inst->next;
    if (!copy) {
        masked_if(cg, inst, lanes, results);
    } else {
        LLVMValueRef *fast = value_array(cg, count);
        LLVMBasicBlockRef all = cg_block(cg, "all"), some = cg_block(cg, "some");
        LLVMBasicBlockRef merge = cg_block(cg, "endsome"), head = LLVMGetInsertBlock(cg->b);
        /* Only where that fails are the lanes compared, if nobody else wants to know. */
        bool late = cond->use_count == 1 && LLVMIsAICmpInst(lanes) &&
                    LLVMGetInstructionParent(lanes) == head && cond->parent == inst->parent;
        LLVMValueRef below = late ? below_all(cg, cond) : NULL;
        LLVMBuildCondBr(cg->b, below ? below : cg_all(cg, lanes), all, some);
        LLVMPositionBuilderAtEnd(cg->b, all);
        cg->p->unmasked_copy = true;
        cg_region(cg, inst->regions[0]);
        take_yields(cg, inst, inst->regions[0], fast);
        LLVMBasicBlockRef all_end = LLVMGetInsertBlock(cg->b);
        LLVMBuildBr(cg->b, merge);
        LLVMPositionBuilderAtEnd(cg->b, some);
        if (below) {
            erase_unused(lanes, head);
            cg_inst(cg, cond);
            lanes = cg_vector(cg, cond);
        }
        masked_if(cg, inst, lanes, results);
        cg->p->unmasked_copy = false;
        LLVMBasicBlockRef some_end = LLVMGetInsertBlock(cg->b);
        LLVMBuildBr(cg->b, merge);
        LLVMPositionBuilderAtEnd(cg->b, merge);
        for (uint32_t k = 0; k < count; k++)
            results[k] = phi2(cg, fast[k], all_end, results[k], some_end);
    }
    for (uint32_t k = 0; k < count; k++, result = result->next)
        cg_define(cg, result, results[k]);
}
