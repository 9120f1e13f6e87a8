/* SPDX-License-Identifier: MIT
 *
 * What code generation knows about the machine that it makes code for. The only x86-only files of
 * the compiler are cg_target.c and cg_object.c (relocations).
 */
#ifndef CG_TARGET_H
#define CG_TARGET_H

#include <llvm-c/Disassembler.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

#include "weft/compile.h"

struct cg_target {
    enum weft_isa isa;
    const char *name;       /* "sse", "avx2", "avx512" */
    const char *cpu;        /* LLVM's processor model */
    const char *features;   /* LLVM's feature string, of the level alone */
    unsigned vector_B;      /* bytes of a vector register */
    unsigned lanes;         /* default width in 32-bit lanes */
    bool mask_registers;    /* <n x i1> is cheap across blocks */
    bool fma;
    bool f16c;
    bool gathers;           /* has gather instructions for 32-bit elements that beat scalar loads */
    bool masked_store;      /* masked vector stores are fast */
    uint32_t extra;         /* WEFT_FEATURE_* that the code may use */
    /* Rounded products of 16-bit numbers, shifted down by 15, of vector_B. */
    const char *multiply_high;
    /* LLVM's intrinsic that gathers <lanes x i32> from a base and <lanes x i32>, where the sign bits of another
     * vector say so; or NULL. Used where masked loads and stores are cheap to compile, too. */
    const char *gather32;
};

/* The row of an instruction set, without any WEFT_FEATURE_*; NULL for NATIVE or unknown numbers. */
const struct cg_target *cg_target_get(enum weft_isa isa);

/* LLVM's feature string, with what `extra` adds. */
#define CG_FEATURES_B 256
void cg_target_features(const struct cg_target *target, char features_out[CG_FEATURES_B]);

/* A target machine for it (registers LLVM's X86 target on the first call), or NULL with *message_out
 * to free(). The caller disposes of it. */
LLVMTargetMachineRef cg_target_machine(const struct cg_target *target, bool fast, char **message_out);

/* For listings of code for it; NULL if there is none. The caller disposes of it. */
LLVMDisasmContextRef cg_target_disassembler(const struct cg_target *target);

/* LLVM's intrinsics for integer products in a register of `lanes` 32-bit lanes; NULL where there is none.
 * They take and give vectors that fill the register; of what elements is for LLVM to say. */
enum cg_products {
    CG_MULTIPLY_PAIRS,  /* 16-bit numbers, signed, added in pairs: a, b */
    CG_MULTIPLY_SMALL,  /* bytes of a, unsigned, and b, signed, added in pairs to 16 bits, saturated: a, b */
    CG_MULTIPLY_FOURS,  /* the same, added by fours to c: c, a, b */
    CG_MULTIPLY_FOURS_SATURATED, /* the last sum saturates */
};
const char *cg_target_product(const struct cg_target *target, enum cg_products product, unsigned lanes);

#endif
