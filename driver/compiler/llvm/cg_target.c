/* SPDX-License-Identifier: MIT */
#include "cg_target.h"

#include <llvm-c/Target.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

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
        .multiply_high = "llvm.x86.ssse3.pmul.hr.sw.128",
    },
    {
        .isa = WEFT_ISA_AVX2,
        .name = "avx2",
        .cpu = "x86-64-v3",
        .features = "+avx2,+fma,+f16c,+bmi,+bmi2,+lzcnt,+popcnt,+movbe,+fast-gather,"
                    "-prefer-256-bit",
        .vector_B = 32,
        .lanes = 8,
        .multiply_high = "llvm.x86.avx2.pmul.hr.sw",
        .gather32 = "llvm.x86.avx2.gather.d.d.256",
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
        .multiply_high = "llvm.x86.avx512.pmul.hr.sw.512",
        .mask_registers = true,
        .fma = true,
        .f16c = true,
        .gathers = true,
        .masked_store = true,
    },
};

/* LLVM's names of what a WEFT_FEATURE_* says. */
static const struct {
    enum weft_isa isa;
    uint32_t feature;
    const char *name;
} feature_names[] = {
    {WEFT_ISA_AVX2, WEFT_FEATURE_VNNI, ",+avxvnni"},
    {WEFT_ISA_AVX512, WEFT_FEATURE_VNNI, ",+avx512vnni"},
    {WEFT_ISA_AVX512, WEFT_FEATURE_BYTES, ",+avx512vbmi,+avx512vbmi2,+avx512bitalg,+avx512vpopcntdq"},
};

/* By the enum; names for registers of 4, 8 and 16 lanes. */
static const struct {
    uint32_t feature; /* that it needs */
    const char *names[3];
} products[] = {
    [CG_MULTIPLY_PAIRS] = {0,
                           {"llvm.x86.sse2.pmadd.wd", "llvm.x86.avx2.pmadd.wd",
                            "llvm.x86.avx512.pmaddw.d.512"}},
    [CG_MULTIPLY_SMALL] = {0,
                           {"llvm.x86.ssse3.pmadd.ub.sw.128", "llvm.x86.avx2.pmadd.ub.sw",
                            "llvm.x86.avx512.pmaddubs.w.512"}},
    [CG_MULTIPLY_FOURS] = {WEFT_FEATURE_VNNI,
                           {"llvm.x86.avx512.vpdpbusd.128", "llvm.x86.avx512.vpdpbusd.256",
                            "llvm.x86.avx512.vpdpbusd.512"}},
    [CG_MULTIPLY_FOURS_SATURATED] = {WEFT_FEATURE_VNNI,
                                     {"llvm.x86.avx512.vpdpbusds.128", "llvm.x86.avx512.vpdpbusds.256",
                                      "llvm.x86.avx512.vpdpbusds.512"}},
};

const char *cg_target_product(const struct cg_target *target, enum cg_products product,
                              unsigned lanes)
{
    unsigned size = lanes == 4 ? 0 : lanes == 8 ? 1 : 2;
    if ((lanes != 4 && lanes != 8 && lanes != 16) || 4 * lanes > target->vector_B ||
        products[product].feature & ~target->extra)
        return NULL;
    return products[product].names[size];
}

const struct cg_target *cg_target_get(enum weft_isa isa)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (targets[i].isa == isa)
            return &targets[i];
    return NULL;
}

void cg_target_features(const struct cg_target *target, char features_out[CG_FEATURES_B])
{
    size_t end = (size_t)snprintf(features_out, CG_FEATURES_B, "%s", target->features);
    for (size_t i = 0; i < sizeof(feature_names) / sizeof(feature_names[0]); i++)
        if (feature_names[i].isa == target->isa && feature_names[i].feature & target->extra)
            end += (size_t)snprintf(features_out + end, CG_FEATURES_B - end, "%s", feature_names[i].name);
}

static void initialize_target(void)
{
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86Disassembler();
}

static void register_target(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialize_target);
}

LLVMTargetMachineRef cg_target_machine(const struct cg_target *target, bool fast,
                                       char **message_out)
{
    register_target();

    char features[CG_FEATURES_B];
    cg_target_features(target, features);

    LLVMTargetRef llvm;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(TRIPLE, &llvm, &message)) {
        *message_out = message;
        return NULL;
    }
    /* Position-independent, and everything within 2 GiB: an image is one small blob. */
    return LLVMCreateTargetMachine(llvm, TRIPLE, target->cpu, features,
                                   fast ? LLVMCodeGenLevelNone : LLVMCodeGenLevelDefault,
                                   LLVMRelocPIC, LLVMCodeModelSmall);
}

LLVMDisasmContextRef cg_target_disassembler(const struct cg_target *target)
{
    char features[CG_FEATURES_B];
    register_target();
    cg_target_features(target, features);
    return LLVMCreateDisasmCPUFeatures(TRIPLE, target->cpu, features, NULL, 0, NULL, NULL);
}
