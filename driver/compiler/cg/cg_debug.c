/* SPDX-License-Identifier: MIT
 *
 * The shader's line numbers, handed through LLVM as debug information so that they survive its passes.
 * cg_lines.c reads them back from the object. Shaders without lines pay nothing.
 */
#include <llvm-c/DebugInfo.h>
#include <string.h>

#include "cg.h"

static void add_flag(struct cg *cg, const char *name, uint32_t value)
{
    LLVMAddModuleFlag(cg->mod, LLVMModuleFlagBehaviorWarning, name, strlen(name),
                      LLVMValueAsMetadata(cg_i32(cg, value)));
}

static bool has_lines(const struct ir_module *m)
{
    for (struct ir_inst *inst = m->body->first; inst; inst = ir_next(inst))
        if (inst->line)
            return true;
    return false;
}

void cg_debug_begin(struct cg *cg)
{
    static const char name[] = "weft_kernel", file_name[] = "shader", producer[] = "weft";
    if (!has_lines(cg->m))
        return;
    add_flag(cg, "Debug Info Version", LLVMDebugMetadataVersion());
    add_flag(cg, "Dwarf Version", 4); /* what cg_lines.c reads */
    LLVMDIBuilderRef d = LLVMCreateDIBuilder(cg->mod);
    LLVMMetadataRef file = LLVMDIBuilderCreateFile(d, file_name, strlen(file_name), "", 0);
    LLVMDIBuilderCreateCompileUnit(d, LLVMDWARFSourceLanguageC99, file, producer, strlen(producer),
                                   true, "", 0, 0, "", 0, LLVMDWARFEmissionLineTablesOnly, 0, false,
                                   false, "", 0, "", 0);
    LLVMMetadataRef type = LLVMDIBuilderCreateSubroutineType(d, file, NULL, 0, LLVMDIFlagZero);
    cg->subprogram =
        LLVMDIBuilderCreateFunction(d, file, name, strlen(name), name, strlen(name), file, 0, type,
                                    false, true, 0, LLVMDIFlagZero, true);
    LLVMSetSubprogram(cg->fn, cg->subprogram);
    LLVMDIBuilderFinalize(d);
    LLVMDisposeDIBuilder(d);
}

void cg_debug_line(struct cg *cg, const struct ir_inst *inst)
{
    if (cg->subprogram)
        LLVMSetCurrentDebugLocation2(
            cg->b, LLVMDIBuilderCreateDebugLocation(cg->ctx, inst->line, 0, cg->subprogram, NULL));
}
