/* SPDX-License-Identifier: MIT */
#include "cg_target.h"

#include <llvm-c/Target.h>
#include <pthread.h>
#include <stddef.h>

#define TRIPLE "x86_64-unknown-linux-gnu"

/* The rows promise what weft_isa promises, so weft_isa_native() must check every feature named here
 * or implied by the processor model. */
static const struct cg_target targets[] = {
    {
        .isa = WEFT_ISA_SSE,
        .name = "sse",
        .cpu = "x86-64-v2",
        .features = "",
        .vector_B = 16,
        .lanes = 4,
        .multiply_pairs = "llvm.x86.sse2.pmadd.wd",
    },
    {
        .isa = WEFT_ISA_AVX2,
        .name = "avx2",
        .cpu = "x86-64-v3",
        .features = "+avx2,+fma,+f16c,+bmi,+bmi2,+lzcnt,+popcnt,+movbe,+fast-gather,"
                    "-prefer-256-bit",
        .vector_B = 32,
        .lanes = 8,
        .multiply_pairs = "llvm.x86.avx2.pmadd.wd",
        .fma = true,
        .f16c = true,
    },
    {
        .isa = WEFT_ISA_AVX512,
        .name = "avx512",
        .cpu = "x86-64-v4",
        .features = "+fma,+f16c,+bmi,+bmi2,+lzcnt,+popcnt,+movbe,-prefer-256-bit",
        .vector_B = 64,
        .lanes = 16,
        .multiply_pairs = "llvm.x86.avx512.pmaddw.d.512",
        .mask_registers = true,
        .fma = true,
        .f16c = true,
        .gathers = true,
        .masked_store = true,
    },
};

const struct cg_target *
cg_target_get(enum weft_isa isa)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (targets[i].isa == isa)
            return &targets[i];
    return NULL;
}

static void
register_target(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
}

LLVMTargetMachineRef
cg_target_machine(const struct cg_target *target, bool fast, char **message_out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_target);

    LLVMTargetRef llvm;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(TRIPLE, &llvm, &message)) {
        *message_out = message;
        return NULL;
    }
    /* Position-independent, and everything within 2 GiB: an image is one small blob. */
    return LLVMCreateTargetMachine(llvm, TRIPLE, target->cpu, target->features,
                                   fast ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault,
                                   LLVMRelocPIC, LLVMCodeModelSmall);
}
