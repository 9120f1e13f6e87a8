/* SPDX-License-Identifier: MIT
 *
 * For tests of code generation by topic: one kernel that holds many small cases, without a shader
 * around them. A case reads lanes from columns (arrays of uint64_t, a value in the low bits of each
 * element) and writes lanes to columns.
 */
#ifndef CODEGEN_HARNESS_H
#define CODEGEN_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cg.h"
#include "weft/kernel.h"

#define HARNESS_COLUMNS 6
#define HARNESS_MEMORY 5 /* the column that cg->shared points to */

/* Emits case `number`; the builder stands in a block of its own. */
typedef void harness_emit_fn(struct cg *cg, unsigned number);

/* Lanes first..first+width-1 of a column, W being the kernel's third argument. */
LLVMValueRef harness_load(struct cg *cg, unsigned i, enum ir_type type);
void harness_store(struct cg *cg, unsigned i, enum ir_type type, LLVMValueRef v);
/* An instruction with that value and shape. A uniform value is lane 0's. */
struct ir_inst *harness_value(struct cg *cg, enum ir_type type, LLVMValueRef lanes, bool uniform);

struct harness {
    struct cg_target target[1];
    unsigned width;
    bool fast; /* as for a first dispatch: each case by itself, so that one that LLVM must compile is alone */
    bool runs; /* on this machine */
    struct harness_code {
        void *bytes;
        size_t size_B;
        weft_kernel_fn *kernel;
    } *codes; /* by case if fast, or one for all */
    unsigned code_count;
};

/* Compiles the cases; prints and returns false on failure. CODEGEN_LIST=<WEFT_LIST_*> prints listings. */
bool harness_create(enum weft_isa isa, uint32_t features, unsigned width, bool fast,
                    unsigned case_count, harness_emit_fn *emit, struct harness *harness_out);
void harness_destroy(struct harness *harness);
/* Runs a case on all elements of the columns. */
void harness_run(const struct harness *harness, unsigned number,
                 uint64_t *const columns[HARNESS_COLUMNS], unsigned count);

/* Runs check() for instruction sets and widths that matter; returns how many could not be compiled. */
unsigned harness_all(unsigned case_count, harness_emit_fn *emit,
                     void (*check)(const struct harness *harness));

uint64_t harness_random(void);

#endif
