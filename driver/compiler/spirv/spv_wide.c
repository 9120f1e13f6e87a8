/* SPDX-License-Identifier: MIT
 *
 * Buffers of more than 4 GiB (SPV_EXT_shader_64bit_indexing, or the pipeline's flag): the IR's offsets in
 * buffers have 32 bits, so such a buffer is memory at an address, which is read from its descriptor as the
 * handle says where that is, and every access is checked here. Storage buffers are of the class Uniform in
 * SPIR-V 1.0, where a pointer doesn't tell them from uniform buffers: so these are accessed alike.
 */
#include "spv_builder.h"
#include "weft/kernel.h"

#include <stddef.h>

bool spv_is_wide(const struct spv_builder *b, uint32_t storage)
{
    return storage == SpvStorageClassPhysicalStorageBuffer ||
           (b->wide_buffers &&
            (storage == SpvStorageClassStorageBuffer || storage == SpvStorageClassUniform));
}

/* A field of the descriptor. */
static struct ir_inst *field(struct spv_builder *b, const struct spv_pointer *p, size_t at_B)
{
    struct ir_inst *handle = p->handle;
    struct ir_inst *load = spv_append(b, IR_LOAD, IR_I64, 1, &handle);
    load->mem = (struct ir_mem){.space = IR_SPACE_GLOBAL,
                                .flags = IR_MEM_READONLY,
                                .comps = 1,
                                .align_B = 8,
                                .stride_B = 8,
                                .const_B = (uint32_t)at_B};
    b->m->uses_global = true;
    return load;
}

struct ir_inst *spv_buffer_size(struct spv_builder *b, const struct spv_pointer *p)
{
    if (spv_is_wide(b, p->storage))
        return field(b, p, offsetof(struct weft_buffer_desc, size_B));
    struct ir_inst *handle = p->handle;
    return spv_append(b, IR_BUFFER_SIZE, IR_I32, 1, &handle);
}

uint32_t spv_wide_address(struct spv_builder *b, const struct spv_pointer *p,
                          struct ir_inst **args_out, struct ir_mem *mem_out)
{
    struct ir_inst *address = field(b, p, offsetof(struct weft_buffer_desc, address));
    uint64_t const_B = p->const_B;
    if (p->offset)
        address = spv_emit2(b, IR_ADD, IR_I64, address, p->offset);
    if (const_B > SPV_MAX_CONST_B) {
        address = spv_emit2(b, IR_ADD, IR_I64, address, spv_const(b, IR_I64, const_B));
        const_B = 0;
    }
    args_out[0] = address;
    *mem_out = (struct ir_mem){
        .space = IR_SPACE_GLOBAL, .flags = p->flags, .const_B = (uint32_t)const_B};
    return 1;
}

void spv_inside_begin(struct spv_builder *b, struct spv_if *f, const struct spv_pointer *p,
                      uint64_t first_B, uint64_t span_B)
{
    /* offset + last <= size, neither side of which may wrap */
    struct ir_inst *size = spv_buffer_size(b, p);
    struct ir_inst *offset = p->offset ? p->offset : spv_const(b, IR_I64, 0);
    offset = spv_emit2(b, IR_ADD, IR_I64, offset, spv_const(b, IR_I64, p->const_B + first_B));
    struct ir_inst *span = spv_const(b, IR_I64, span_B);
    struct ir_inst *inside = spv_emit2(b, IR_AND, IR_BOOL,
                                       spv_emit2(b, IR_ULE, IR_BOOL, span, size),
                                       spv_emit2(b, IR_ULE, IR_BOOL, offset,
                                                 spv_emit2(b, IR_SUB, IR_I64, size, span)));
    spv_if_begin(b, f, inside);
    spv_if_arm_begin(b, f, 0);
}

void spv_inside_end(struct spv_builder *b, struct spv_if *f)
{
    spv_if_arm_end(b, f, 0, SPV_LEFT);
    spv_if_arm_begin(b, f, 1);
    spv_if_arm_end(b, f, 1, SPV_LEFT);
    spv_if_end(b, f);
}
