/* SPDX-License-Identifier: MIT
 *
 * Descriptors: from a handle to an address and a size.
 *
 * A handle is the address of a weft_buffer_desc. Those of bindings that are named by a constant are
 * read once, when the kernel starts; a descriptor set that is not bound reads as null descriptors.
 * Images and samplers (weft/image.h) are handles too; their fields are read as words. The front end makes
 * image handles uniform.
 */
#include <stddef.h>

#include "cg_memory.h"
#include "weft/image.h"
#include "weft/kernel.h"

static LLVMValueRef gep(struct cg *cg, LLVMBuilderRef b, LLVMValueRef base, LLVMValueRef offset)
{
    (void)cg;
    return LLVMBuildGEP2(b, cg->i8, base, &offset, 1, "");
}

/* The memory that a binding's descriptors lie in, read at the kernel's entry. */
static LLVMValueRef binding_memory(struct cg *cg, const struct weft_binding *binding)
{
    LLVMBuilderRef b = cg->entry_b;
    bool dynamic = binding->kind == WEFT_BINDING_DYNAMIC;
    size_t at = dynamic ? offsetof(struct weft_kernel_args, dynamic)
                        : offsetof(struct weft_kernel_args, sets) + binding->set * sizeof(void *);
    LLVMValueRef p = LLVMBuildLoad2(b, cg->ptr, gep(cg, b, cg->args, cg_i64(cg, at)), "set");
    cg_invariant(cg, p);
    LLVMValueRef null = LLVMBuildIsNull(b, p, "");
    LLVMValueRef start = gep(cg, b, p, cg_i64(cg, dynamic ? binding->dynamic_index * WEFT_DESC_B
                                                          : binding->offset_B));
    return LLVMBuildSelect(b, null, cg->zeros, start, "");
}

/* Descriptors are at most 4 GiB - 1 in size: offsets are 32-bit numbers. */
static LLVMValueRef limit_size(struct cg *cg, LLVMBuilderRef b, LLVMValueRef size)
{
    LLVMValueRef max = cg_i64(cg, UINT32_MAX);
    LLVMValueRef over = LLVMBuildICmp(b, LLVMIntUGT, size, max, "");
    return LLVMBuildSelect(b, over, max, size, "");
}

static struct cg_span load_descriptor(struct cg *cg, LLVMBuilderRef b, LLVMValueRef desc)
{
    struct cg_span span = {0};
    span.base = LLVMBuildLoad2(b, cg->ptr, desc, "base");
    span.size = LLVMBuildLoad2(b, cg->i64, gep(cg, b, desc, cg_i64(cg, 8)), "size");
    cg_invariant(cg, span.base);
    cg_invariant(cg, span.size);
    span.size = limit_size(cg, b, span.size);
    return span;
}

static uint32_t stride_of(const struct weft_binding *binding)
{
    return binding->kind == WEFT_BINDING_DYNAMIC ? WEFT_DESC_B : binding->stride_B;
}

void cg_buffer_handle(struct cg *cg, struct ir_inst *inst)
{
    const struct weft_binding *binding = &cg->m->bindings[inst->imm];
    LLVMValueRef memory = binding_memory(cg, binding);
    LLVMValueRef base = LLVMBuildPtrToInt(cg->entry_b, memory, cg->i64, "");
    struct ir_inst *index = inst->args[0];
    bool scalar = cg_is_scalar(cg, inst);
    LLVMValueRef i = scalar ? cg_scalar(cg, index) : cg_vector(cg, index);
    LLVMValueRef last = cg_i32(cg, binding->count && binding->kind != WEFT_BINDING_INLINE
                                       ? binding->count - 1 : 0);
    LLVMTypeRef wide = scalar ? cg->i64 : cg->vector_t[IR_I64];
    if (!scalar) {
        last = cg_splat(cg, last);
        base = cg_splat(cg, base);
    }
    LLVMValueRef over = LLVMBuildICmp(cg->b, LLVMIntUGT, i, last, "");
    i = LLVMBuildZExt(cg->b, LLVMBuildSelect(cg->b, over, last, i, ""), wide, "");
    LLVMValueRef stride = cg_i64(cg, stride_of(binding));
    LLVMValueRef offset = LLVMBuildMul(cg->b, i, scalar ? stride : cg_splat(cg, stride), "");
    cg_set(cg, inst, 0, LLVMBuildAdd(cg->b, base, offset, ""));
}

/* The span of a binding named by a constant index 0, read at the kernel's entry. */
static struct cg_span entry_span(struct cg *cg, uint64_t number)
{
    const struct weft_binding *binding = &cg->m->bindings[number];
    LLVMValueRef *base = &cg->p->binding_base[number], *size = &cg->p->binding_size[number];
    if (!*base) {
        LLVMValueRef memory = binding_memory(cg, binding);
        if (binding->kind == WEFT_BINDING_INLINE) {
            LLVMBuilderRef b = cg->entry_b;
            LLVMValueRef null = LLVMBuildICmp(b, LLVMIntEQ, memory, cg->zeros, "");
            *base = memory;
            *size = LLVMBuildSelect(b, null, cg_i64(cg, 0), cg_i64(cg, binding->count), "");
        } else {
            struct cg_span span = load_descriptor(cg, cg->entry_b, memory);
            *base = span.base;
            *size = span.size;
        }
    }
    return (struct cg_span){*base, *size, true};
}

bool cg_entry_span(struct cg *cg, const struct ir_inst *handle, struct cg_span *span_out)
{
    if (handle->op != IR_BUFFER || handle->args[0]->op != IR_CONST ||
        (handle->args[0]->imm != 0 && cg->m->bindings[handle->imm].kind != WEFT_BINDING_INLINE))
        return false;
    *span_out = entry_span(cg, handle->imm);
    return true;
}

struct cg_span cg_buffer_span(struct cg *cg, struct ir_inst *handle)
{
    struct cg_span span;
    if (cg_entry_span(cg, handle, &span))
        return span;
    LLVMValueRef desc = LLVMBuildIntToPtr(cg->b, cg_scalar(cg, handle), cg->ptr, "");
    return load_descriptor(cg, cg->b, desc);
}

void cg_buffer_spans(struct cg *cg, struct ir_inst *handle, LLVMValueRef *base_out,
                     LLVMValueRef *size_out)
{
    /* Inactive lanes' handles are anything: they read a null descriptor. */
    LLVMValueRef handles = cg_vector(cg, handle);
    LLVMValueRef null = cg_splat(cg, LLVMBuildPtrToInt(cg->b, cg->zeros, cg->i64, ""));
    if (cg->mask.lanes)
        handles = LLVMBuildSelect(cg->b, cg->mask.lanes, handles, null, "");
    LLVMValueRef base = LLVMConstNull(cg->vector_t[IR_I64]), size = base;
    for (unsigned i = 0; i < cg->width; i++) {
        LLVMValueRef lane = cg_i32(cg, i);
        LLVMValueRef h = LLVMBuildExtractElement(cg->b, handles, lane, "");
        struct cg_span s = load_descriptor(cg, cg->b, LLVMBuildIntToPtr(cg->b, h, cg->ptr, ""));
        LLVMValueRef address = LLVMBuildPtrToInt(cg->b, s.base, cg->i64, "");
        base = LLVMBuildInsertElement(cg->b, base, address, lane, "");
        size = LLVMBuildInsertElement(cg->b, size, s.size, lane, "");
    }
    *base_out = base;
    *size_out = size;
}

void cg_buffer_size(struct cg *cg, struct ir_inst *inst)
{
    struct ir_inst *handle = inst->args[0];
    if (cg_is_scalar(cg, handle)) {
        LLVMValueRef size = cg_buffer_span(cg, handle).size;
        cg_set(cg, inst, 0, LLVMBuildTrunc(cg->b, size, cg->i32, ""));
        return;
    }
    LLVMValueRef base, size;
    cg_buffer_spans(cg, handle, &base, &size);
    cg_set(cg, inst, 0, LLVMBuildTrunc(cg->b, size, cg->vector_t[IR_I32], ""));
}

/* A descriptor does not change while a dispatch runs: its words may be read early and often. */
void cg_descriptor_word(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    if (!cg_is_scalar(cg, inst->args[0])) {
        ir_error(cg->m, -22, "internal: a descriptor's handle that is not uniform");
        return;
    }
    LLVMValueRef base = LLVMBuildIntToPtr(b, cg_scalar(cg, inst->args[0]), cg->ptr, "");
    LLVMValueRef offset = cg_i64(cg, inst->imm), last = cg_i32(cg, WEFT_IMAGE_DESC_B - 4);
    if (inst->op == IR_DESC_AT) {
        bool scalar = cg_is_scalar(cg, inst);
        LLVMValueRef at = scalar ? cg_scalar(cg, inst->args[1]) : cg_vector(cg, inst->args[1]);
        last = scalar ? last : cg_splat(cg, last);
        at = LLVMBuildSelect(b, LLVMBuildICmp(b, LLVMIntULT, at, last, ""), at, last, "");
        if (!scalar) {
            struct ir_mem mem = {.space = IR_SPACE_GLOBAL,
                                 .flags = IR_MEM_READONLY,
                                 .comps = 1,
                                 .align_B = 4,
                                 .stride_B = 4};
            cg_set_vector(cg, inst, 0, cg_gather32(cg, base, at, NULL, &mem, IR_I32));
            return;
        }
        offset = LLVMBuildZExt(b, at, cg->i64, "");
    }
    LLVMValueRef word = LLVMBuildLoad2(b, cg->i32, gep(cg, b, base, offset), "word");
    LLVMSetAlignment(word, 4);
    cg_invariant(cg, word);
    cg_set(cg, inst, 0, word);
}
