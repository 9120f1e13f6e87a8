/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cg_private.h"

/* Scopes of LLVM's alias analysis. Frames (the compiler's own memory), workgroup memory and
 * everything else never overlap; the front end's alias numbers tell buffers, and workgroup variables,
 * apart further. A scope's name identifies it, so nothing has to be remembered. */

#define MAX_ALIAS 16 /* higher numbers share the unknown scope */

enum family { FRAME, SHARED, OUTSIDE, FAMILY_COUNT };

static LLVMMetadataRef string_md(struct cg *cg, const char *text)
{
    return LLVMMDStringInContext2(cg->ctx, text, strlen(text));
}

static LLVMMetadataRef scope_md(struct cg *cg, enum family family, unsigned alias)
{
    LLVMMetadataRef name = string_md(cg, "weft");
    LLVMMetadataRef domain = LLVMMDNodeInContext2(cg->ctx, &name, 1);
    char text[32];
    snprintf(text, sizeof text, "weft.%u.%u", (unsigned)family, alias);
    LLVMMetadataRef scope[2] = {string_md(cg, text), domain};
    return LLVMMDNodeInContext2(cg->ctx, scope, 2);
}

static void set_md(struct cg *cg, LLVMValueRef access, const char *kind, LLVMMetadataRef md)
{
    unsigned id = LLVMGetMDKindIDInContext(cg->ctx, kind, (unsigned)strlen(kind));
    LLVMSetMetadata(access, id, LLVMMetadataAsValue(cg->ctx, md));
}

static void make_scopes(struct cg *cg, enum family family, unsigned alias)
{
    LLVMMetadataRef other[FAMILY_COUNT * MAX_ALIAS];
    unsigned count = 0;
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        unsigned scopes = f == FRAME ? 1 : MAX_ALIAS;
        for (unsigned a = 0; a < scopes; a++) {
            /* Within a family only different known numbers are apart. */
            bool apart = f != family || (alias != 0 && a != 0 && a != alias);
            if (apart)
                other[count++] = scope_md(cg, (enum family)f, a);
        }
    }
    LLVMMetadataRef own = scope_md(cg, family, alias);
    cg->p->alias_scope[family][alias] = LLVMMDNodeInContext2(cg->ctx, &own, 1);
    cg->p->alias_others[family][alias] = LLVMMDNodeInContext2(cg->ctx, other, count);
}

static void set_scopes(struct cg *cg, LLVMValueRef access, enum family family, unsigned alias)
{
    /* Nothing that compiles fast asks. */
    if (cg->m->request->flags & WEFT_REQUEST_FAST)
        return;
    if (!cg->p->alias_scope[family][alias])
        make_scopes(cg, family, alias);
    set_md(cg, access, "alias.scope", cg->p->alias_scope[family][alias]);
    set_md(cg, access, "noalias", cg->p->alias_others[family][alias]);
}

void cg_alias_frame(struct cg *cg, LLVMValueRef access)
{
    set_scopes(cg, access, FRAME, 0);
}

void cg_alias_memory(struct cg *cg, LLVMValueRef access, const struct ir_mem *mem)
{
    if (mem->flags & IR_MEM_VOLATILE)
        LLVMSetVolatile(access, true);
    if (mem->space == IR_SPACE_PUSH)
        cg_invariant(cg, access);
    unsigned alias = mem->alias < MAX_ALIAS ? mem->alias : 0;
    set_scopes(cg, access, mem->space == IR_SPACE_SHARED ? SHARED : OUTSIDE, alias);
}

void cg_invariant(struct cg *cg, LLVMValueRef load)
{
    set_md(cg, load, "invariant.load", LLVMMDNodeInContext2(cg->ctx, NULL, 0));
}

void cg_unlikely(struct cg *cg, LLVMValueRef branch, unsigned unlikely_successor)
{
    if (cg->m->request->flags & WEFT_REQUEST_FAST)
        return;
    LLVMMetadataRef weights[3] = {
        string_md(cg, "branch_weights"),
        LLVMValueAsMetadata(cg_i32(cg, unlikely_successor == 0 ? 1 : 10000)),
        LLVMValueAsMetadata(cg_i32(cg, unlikely_successor == 1 ? 1 : 10000)),
    };
    set_md(cg, branch, "prof", LLVMMDNodeInContext2(cg->ctx, weights, 3));
}
