/* SPDX-License-Identifier: MIT
 *
 * What code generation knows about the machine that it makes code for. The only x86-only files of
 * the compiler are cg_target.c and cg_object.c (relocations).
 */
#ifndef CG_TARGET_H
#define CG_TARGET_H

#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

#include "weft/compile.h"

struct cg_target {
    enum weft_isa isa;
    const char *name;       /* "sse", "avx2", "avx512" */
    const char *cpu;        /* LLVM's processor model */
    const char *features;   /* LLVM's feature string */
    unsigned vector_B;      /* bytes of a vector register */
    unsigned lanes;         /* default width in 32-bit lanes */
    bool mask_registers;    /* <n x i1> is cheap across blocks */
    bool fma;
    bool f16c;
    bool gathers;           /* has gather instructions for 32-bit elements that beat scalar loads */
    bool masked_store;      /* masked vector stores are fast */
    /* LLVM's intrinsic that multiplies <2 lanes x i16> and adds neighbours to <lanes x i32>; or NULL. */
    const char *multiply_pairs;
};

/* The row of an instruction set; NULL for NATIVE or unknown numbers. */
const struct cg_target *cg_target_get(enum weft_isa isa);

/* A target machine for it (registers LLVM's X86 target on the first call), or NULL with *message_out
 * to free(). The caller disposes of it. */
LLVMTargetMachineRef cg_target_machine(const struct cg_target *target, bool fast, char **message_out);

#endif
