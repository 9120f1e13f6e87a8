/* SPDX-License-Identifier: MIT
 *
 * Combining the lanes of a vector, for subgroup operations and for atomics.
 */
#ifndef CG_REDUCE_H
#define CG_REDUCE_H

#include "cg.h"

/* x op y, on scalars or on vectors of any length. F16 is rounded after each operation. */
LLVMValueRef cg_combine(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef x,
                        LLVMValueRef y);
/* What changes nothing when combined with, as a scalar. */
LLVMValueRef cg_identity(struct cg *cg, enum ir_reduce op, enum ir_type type);

/* The following take all lanes of cg->width > 1 and treat the inactive ones as identities. */

/* All active lanes combined, as a scalar. */
LLVMValueRef cg_reduce(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef vector);
/* Each lane: its cluster's active lanes combined. size is a power of two up to the width. */
LLVMValueRef cg_reduce_clusters(struct cg *cg, enum ir_reduce op, enum ir_type type,
                                LLVMValueRef vector, unsigned size);
/* Each lane: the active lanes up to it combined, itself included or not. */
LLVMValueRef cg_scan(struct cg *cg, enum ir_reduce op, enum ir_type type, LLVMValueRef vector,
                     bool exclusive);

/* cg_partition.c: SG_MATCH and SG_PARTITION. */
void cg_match(struct cg *cg, struct ir_inst *inst);
void cg_partition(struct cg *cg, struct ir_inst *inst);

/* cg_permute.c: lane i of the result is lane index[i] modulo the width. */
LLVMValueRef cg_permute(struct cg *cg, enum ir_type type, LLVMValueRef vector, LLVMValueRef index);
/* One lane of a vector as a scalar; lane (i32) is below the width. */
LLVMValueRef cg_lane(struct cg *cg, LLVMValueRef vector, LLVMValueRef lane);

#endif
