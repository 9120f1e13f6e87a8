/* SPDX-License-Identifier: MIT
 *
 * DOC: Machine code without LLVM's code generation
 *
 * Most of what compiling fast takes is LLVM's selection of instructions. x86_generate() replaces it, for AVX2 and
 * vectors of eight lanes: one pass over LLVM's IR that has a row for each kind of instruction, with registers given
 * out block by block. What has no row, LLVM compiles. The code is about as good as LLVM's without optimisation.
 */
#ifndef X86_GENERATE_H
#define X86_GENERATE_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "weft/kernel.h"

struct x86_code {
    const uint8_t *code;      /* in the arena */
    uint32_t code_B;
    const uint8_t *constants; /* to lie right behind the code, which begins at a multiple of 64 */
    uint32_t constants_B;
    uint32_t entry;           /* offset in the code */
    uint32_t line_count;
    const struct weft_line *lines;
    LLVMValueRef without_row; /* on failure: the instruction */
};

/* Of a module for this target, with a function "weft_kernel" and others that it calls; `lines`: it says
 * where instructions come from. False where
 * there is an instruction without a row. */
bool x86_generate(struct arena *arena, LLVMModuleRef module, bool lines, struct x86_code *code_out);

#endif
