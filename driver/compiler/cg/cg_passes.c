/* SPDX-License-Identifier: MIT
 *
 * LLVM's passes, chosen for the code that we make: straight-line vector code in a few loops, already
 * in SSA form but for the arrays of cg_alloca, with unmasked copies and repeated address arithmetic.
 * There is nothing to vectorise and nothing to inline.
 */
#include <errno.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cg.h"
#include "cg_object.h"
#include "leave.h"
#include "machines.h"

/* default<O2> takes twice the time and gives longer code. */
#define PASSES                                                                                     \
    "function("                                                                                    \
    "sroa<modify-cfg>,"       /* slots that need no memory */                                      \
    "early-cse<memssa>,"      /* repeated splats, masks, address sums */                           \
    "simplifycfg,"                                                                                 \
    "instcombine<no-verify-fixpoint>,"                                                             \
    "loop-simplify,lcssa,"                                                                         \
    "loop-mssa(loop-rotate,licm)," /* splats and descriptor reads out of the loops */              \
    "loop(indvars,loop-deletion)," /* what pays to unroll, the front end has unrolled */           \
    "gvn,"                                                                                         \
    "loop-mssa(licm),"        /* what gvn showed not to change */                                  \
    "dse,adce,"                                                                                    \
    "instcombine<no-verify-fixpoint>,"                                                             \
    "simplifycfg"                                                                                  \
    ")"

/* An unoptimised build of Weft checks what it hands to LLVM in any case. */
#ifdef __OPTIMIZE__
#define ALWAYS_VERIFY false
#else
#define ALWAYS_VERIFY true
#endif

/* Appends to the listing; out of memory loses the text, not the compilation. */
static void list(struct weft_compile_result *result, const char *heading, const char *text,
                 size_t text_B)
{
    size_t old_B = result->listing ? strlen(result->listing) : 0;
    size_t heading_B = strlen(heading);
    char *joined = realloc(result->listing, old_B + heading_B + text_B + 2);
    if (!joined)
        return;
    memcpy(joined + old_B, heading, heading_B);
    memcpy(joined + old_B + heading_B, text, text_B);
    memcpy(joined + old_B + heading_B + text_B, "\n", 2);
    result->listing = joined;
}

static void list_module(struct cg *cg, const char *heading, struct weft_compile_result *result)
{
    char *text = LLVMPrintModuleToString(cg->mod);
    if (text)
        list(result, heading, text, strlen(text));
    LLVMDisposeMessage(text);
}

/* Without this, LLVM ends the process on an error. Warnings and remarks are nobody's business. */
static void on_diagnostic(LLVMDiagnosticInfoRef info, void *data)
{
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
        return;
    char *text = LLVMGetDiagInfoDescription(info);
    ir_error(data, -ENOTSUP, "internal: LLVM: %s", text ? text : "error");
    LLVMDisposeMessage(text);
}

static bool verify(struct cg *cg, const char *when)
{
    char *message = NULL;
    bool bad = LLVMVerifyModule(cg->mod, LLVMReturnStatusAction, &message);
    if (bad)
        ir_error(cg->m, -EINVAL, "internal: LLVM IR %s passes: %s", when, message ? message : "");
    LLVMDisposeMessage(message);
    return !bad;
}

static void run_passes(struct cg *cg, LLVMTargetMachineRef machine)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(cg->mod, PASSES, machine, options);
    if (error) {
        char *text = LLVMGetErrorMessage(error);
        ir_error(cg->m, -EINVAL, "internal: LLVM's passes: %s", text ? text : "error");
        LLVMDisposeErrorMessage(text);
    }
    LLVMDisposePassBuilderOptions(options);
}

/* The module as assembly or as an object; NULL and m->error on failure. */
static LLVMMemoryBufferRef emit(struct cg *cg, LLVMTargetMachineRef machine, LLVMModuleRef mod,
                                LLVMCodeGenFileType kind)
{
    char *message = NULL;
    LLVMMemoryBufferRef buffer = NULL;
    if (!LLVMTargetMachineEmitToMemoryBuffer(machine, mod, kind, &message, &buffer))
        return buffer;
    ir_error(cg->m, -ENOTSUP, "internal: LLVM: %s", message ? message : "no code");
    LLVMDisposeMessage(message);
    return NULL;
}

static void list_assembly(struct cg *cg, LLVMTargetMachineRef machine,
                          struct weft_compile_result *result)
{
    /* Making code changes a module, so the listing is made of a copy. */
    LLVMModuleRef copy = LLVMCloneModule(cg->mod);
    LLVMMemoryBufferRef text = emit(cg, machine, copy, LLVMAssemblyFile);
    if (text) {
        list(result, "; Assembly\n", LLVMGetBufferStart(text), LLVMGetBufferSize(text));
        LLVMDisposeMemoryBuffer(text);
    }
    LLVMDisposeModule(copy);
}

static void list_code(struct cg *cg, const struct x86_code *code, struct weft_compile_result *result)
{
    char line[160];
    LLVMDisasmContextRef disasm = cg_target_disassembler(cg->target);
    if (!disasm)
        return;
    list(result, "; Assembly\n", "", 0);
    for (uint32_t at = 0; at < code->code_B;) {
        int start = snprintf(line, sizeof line, "%6x:", at);
        size_t size_B = LLVMDisasmInstruction(disasm, (uint8_t *)code->code + at, code->code_B - at, at, line + start,
                                              sizeof line - (size_t)start);
        list(result, "", line, strlen(line));
        at += size_B ? (uint32_t)size_B : 1;
    }
    LLVMDisasmDispose(disasm);
}

static void report_slow(LLVMValueRef inst, struct weft_compile_result *result)
{
    char *text = inst ? LLVMPrintValueToString(inst) : NULL;
    list(result, "; Compiled by LLVM because of\n", text ? text : "", text ? strlen(text) : 0);
    LLVMDisposeMessage(text);
}

/* Without LLVM, where that is possible. */
static bool generate_x86(struct cg *cg, const struct cg_facts *facts,
                         struct weft_compile_result *result)
{
    const struct weft_request *request = cg->m->request;
    struct x86_code code;
    if (!(request->flags & WEFT_REQUEST_FAST) || cg->target->isa != WEFT_ISA_AVX2)
        return false;
    if (!x86_generate(cg->m->arena, cg->mod, cg->subprogram, &code)) {
        if (request->list & WEFT_LIST_REPORT)
            report_slow(code.without_row, result);
        return false;
    }
    if (request->list & WEFT_LIST_LLVM_OPT)
        list_module(cg, "; LLVM IR, without passes\n", result);
    if (request->list & WEFT_LIST_ASM)
        list_code(cg, &code, result);
    cg_object_wrap(cg->m, facts, &code, result);
    return true;
}

void cg_finish(struct cg *cg, const struct cg_facts *facts, struct weft_compile_result *result)
{
    struct ir_module *m = cg->m;
    const struct weft_request *request = m->request;
    bool check = ALWAYS_VERIFY || (request->flags & WEFT_REQUEST_VERIFY);

    if (request->list & WEFT_LIST_LLVM)
        list_module(cg, "; LLVM IR before LLVM's passes\n", result);
    if (check && !verify(cg, "before"))
        return;
    leave_check(m);
    if (m->error || generate_x86(cg, facts, result))
        return;

    char *message = NULL;
    LLVMTargetMachineRef machine =
        machines_take(m->compiler, cg->target, request->flags & WEFT_REQUEST_FAST, &message);
    if (!machine) {
        ir_error(m, -ENOTSUP, "LLVM has no x86-64 target: %s", message ? message : "");
        LLVMDisposeMessage(message);
        return;
    }
    LLVMContextSetDiagnosticHandler(cg->ctx, on_diagnostic, m);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    LLVMSetModuleDataLayout(cg->mod, layout);
    LLVMDisposeTargetData(layout);
    char *triple = LLVMGetTargetMachineTriple(machine);
    LLVMSetTarget(cg->mod, triple);
    LLVMDisposeMessage(triple);

    /* Compiling fast, even early-cse alone takes longer than the selection of what it takes away. */
    if (!m->error && !(request->flags & WEFT_REQUEST_FAST))
        run_passes(cg, machine);
    leave_check(m);
    if (request->list & WEFT_LIST_LLVM_OPT)
        list_module(cg, "; LLVM IR after LLVM's passes\n", result);
    if (m->error || (check && !verify(cg, "after")))
        goto out;
    if (request->list & WEFT_LIST_ASM)
        list_assembly(cg, machine, result);

    LLVMMemoryBufferRef object = m->error ? NULL : emit(cg, machine, cg->mod, LLVMObjectFile);
    if (!object)
        goto out;
    if (!m->error)
        cg_object_link(m, facts, LLVMGetBufferStart(object), LLVMGetBufferSize(object), result);
    LLVMDisposeMemoryBuffer(object);
out:
    machines_give(m->compiler, cg->target, request->flags & WEFT_REQUEST_FAST, machine);
    LLVMContextSetDiagnosticHandler(cg->ctx, NULL, NULL);
}
