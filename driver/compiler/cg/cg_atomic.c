/* SPDX-License-Identifier: MIT
 *
 * DOC: Atomics
 *
 * Which of the lanes' accesses comes first is ours to choose, so:
 *
 *   - one address for all lanes: the lanes are combined first, then one access is made; what each lane
 *     would have seen is the old value combined with the lanes before it (a scan);
 *   - workgroup memory: one worker runs the whole workgroup, so plain loads and stores, one lane after
 *     the other and without conditions: lanes that do not take part work on cg->sink;
 *   - what nobody in the dispatch can see: put off until the kernel's end (cg_merge.c);
 *   - other memory, and float operations that flush each sum: a loop over the lanes that take part, one
 *     locked instruction each.
 *
 * Orderings: x86's locked instructions order everything anyway; acq_rel keeps LLVM from moving code
 * across. FENCE is a compiler barrier for the same reason.
 */
#include <errno.h>

#include "cg_atomic.h"

static void access_memory(struct cg *cg, struct ir_inst *inst)
{
    unsigned k = ir_address_args(inst);
    struct cg_atomic x = {
        .inst = inst,
        .type = inst->op == IR_ATOMIC_STORE ? (enum ir_type)inst->args[k]->type
                                            : (enum ir_type)inst->type,
        .needs_result = inst->op != IR_ATOMIC_STORE && inst->use_count > 0,
    };
    if (inst->op == IR_ATOMIC && inst->mem.atomic >= CG_ATOMIC_KINDS) {
        ir_error(cg->m, -EINVAL, "internal: atomic operation %u", inst->mem.atomic);
        return;
    }
    struct cg_places places;
    cg_address(cg, inst, ir_type_B(x.type), &places);
    x.shared = places.shared;
    if (places.scalar) {
        if (!cg_merge_one(cg, inst, places.scalar, inst->args[k]))
            cg_atomic_same(cg, &x, places.scalar, places.valid);
        return;
    }
    if (cg_merge(cg, inst, &places, inst->args[k]))
        return;
    if (x.shared && inst->op == IR_ATOMIC && !x.needs_result && cg->width > 1) {
        cg_atomic_all(cg, &x, &places);
        return;
    }
    bool in_line = x.shared || inst->op == IR_ATOMIC_LOAD || inst->op == IR_ATOMIC_STORE;
    LLVMValueRef result = in_line ? cg_atomic_in_line(cg, &x, &places)
                                  : cg_atomic_in_loop(cg, &x, places.vector, places.valid);
    if (x.needs_result)
        cg_set(cg, inst, 0,
               cg_is_scalar(cg, inst) ? cg_lane(cg, result, cg_first_lane(cg)) : result);
}

void cg_atomic(struct cg *cg, struct ir_inst *inst)
{
    switch (inst->op) {
    case IR_FENCE:
        LLVMBuildFence(cg->b, LLVMAtomicOrderingAcquireRelease, inst->imm == 0, "");
        break;
    case IR_CLOCK: {
        LLVMValueRef v = cg_intrinsic(cg, "llvm.readcyclecounter", NULL, 0, NULL, 0);
        if (cg_is_scalar(cg, inst))
            cg_set_scalar(cg, inst, 0, v);
        else
            cg_set_vector(cg, inst, 0, cg_splat(cg, v));
        break;
    }
    default:
        access_memory(cg, inst);
        break;
    }
}
