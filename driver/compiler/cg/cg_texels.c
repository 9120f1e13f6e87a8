/* SPDX-License-Identifier: MIT
 *
 * Texels side by side, which filters read: each lane loads both at once. Where lanes lie in a row, a vector
 * load brings each texel of all of them. Offsets are the library's own and inside the image, those of active
 * lanes at least: the others read what the first active one does.
 */
#include "cg_memory.h"

static LLVMValueRef gep(struct cg *cg, LLVMValueRef base, LLVMValueRef offset)
{
    return LLVMBuildGEP2(cg->b, cg->i8, base, &offset, 1, "");
}

/* ptr: the memory of the row that argument `number` names. */
static LLVMValueRef row_of(struct cg *cg, struct ir_inst *inst, unsigned number)
{
    LLVMValueRef more = cg_scalar(cg, inst->args[number]);
    return gep(cg, cg_buffer_span(cg, inst->args[0]).base, LLVMBuildZExt(cg->b, more, cg->i64, ""));
}

static LLVMValueRef load(struct cg *cg, struct ir_inst *inst, LLVMTypeRef type, LLVMValueRef at)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, type, at, "");
    LLVMSetAlignment(v, inst->mem.stride_B < 4 ? 1 : 4);
    cg_alias_memory(cg, v, &inst->mem);
    return v;
}

/* <W x i32> */
static LLVMValueRef offsets_of(struct cg *cg, struct ir_inst *inst)
{
    LLVMValueRef v = cg_vector(cg, inst->args[1]);
    if (!cg->mask.lanes)
        return v;
    LLVMValueRef safe = LLVMBuildExtractElement(cg->b, v, cg_first_lane(cg), "");
    return LLVMBuildSelect(cg->b, cg->mask.lanes, v, cg_splat(cg, safe), "");
}

/* Lane i's offset, i64. */
static LLVMValueRef lane_offset(struct cg *cg, LLVMValueRef offsets, unsigned i)
{
    LLVMValueRef at = LLVMBuildExtractElement(cg->b, offsets, cg_i32(cg, i), "");
    return LLVMBuildZExt(cg->b, at, cg->i64, "");
}

/* Lanes whose places are known but for a base. */
static void pattern(struct cg *cg, struct ir_inst *inst, LLVMValueRef row, LLVMValueRef *words_out)
{
    unsigned size_B = inst->mem.stride_B, element_B = size_B < 4 ? 1 : 4;
    struct ir_mem mem = inst->mem;
    mem.flags &= (uint8_t)~IR_MEM_IMAGE; /* rows are read once: nothing to fetch ahead */
    struct cg_pattern p;
    LLVMValueRef parts[4];
    mem.comps = (uint8_t)(size_B / element_B);
    mem.stride_B = mem.align_B = element_B;
    cg_pattern_make(cg, &inst->args[1]->shape, 32, &mem, element_B, &p);
    LLVMValueRef low = LLVMBuildAdd(cg->b, cg_scalar(cg, inst->args[1]), cg_i32(cg, (uint32_t)p.low_B), "");
    LLVMValueRef at = gep(cg, row, LLVMBuildZExt(cg->b, low, cg->i64, ""));
    cg_pattern_load(cg, &p, &at, &mem, element_B == 1 ? IR_I8 : IR_I32, element_B == 1 ? parts : words_out);
    if (element_B == 4)
        return;
    for (unsigned k = 0; k < 2; k++)
        parts[k] = LLVMBuildZExt(cg->b, parts[k], cg->vector_t[IR_I32], "");
    LLVMValueRef eight = cg_splat(cg, cg_i32(cg, 8));
    words_out[0] = LLVMBuildOr(cg->b, parts[0], LLVMBuildShl(cg->b, parts[1], eight, ""), "");
}

/* Pairs of bytes of two rows: they fill the halves of each lane's word. */
static void gather_bytes(struct cg *cg, struct ir_inst *inst, LLVMValueRef *word_out)
{
    LLVMValueRef rows[2] = {row_of(cg, inst, 2), row_of(cg, inst, 3)};
    LLVMValueRef offsets = offsets_of(cg, inst);
    LLVMValueRef v = LLVMGetPoison(LLVMVectorType(cg->i16, 2 * cg->width));
    for (unsigned i = 0; i < 2 * cg->width; i++) {
        LLVMValueRef at = gep(cg, rows[i & 1], lane_offset(cg, offsets, i / 2));
        v = LLVMBuildInsertElement(cg->b, v, load(cg, inst, cg->i16, at), cg_i32(cg, i), "");
    }
    word_out[0] = LLVMBuildBitCast(cg->b, v, cg->vector_t[IR_I32], "");
}

/* Pairs of words. Of each four lanes the first two go into one vector and the others into another: one
 * shuffle within 16 bytes then parts the words. */
static void gather_pairs(struct cg *cg, struct ir_inst *inst, LLVMValueRef row,
                         LLVMValueRef *words_out)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef offsets = offsets_of(cg, inst), v[2];
    LLVMTypeRef words = LLVMVectorType(cg->i32, cg->width);
    for (unsigned k = 0; k < 2; k++) {
        v[k] = LLVMGetPoison(LLVMVectorType(cg->i64, cg->width / 2));
        for (unsigned i = 0; i < cg->width / 2; i++) {
            LLVMValueRef at = gep(cg, row, lane_offset(cg, offsets, (i / 2) * 4 + i % 2 + 2 * k));
            v[k] = LLVMBuildInsertElement(b, v[k], load(cg, inst, cg->i64, at), cg_i32(cg, i), "");
        }
        v[k] = LLVMBuildBitCast(b, v[k], words, "");
    }
    for (unsigned k = 0; k < 2; k++) {
        int64_t index[256];
        for (unsigned i = 0; i < cg->width; i++)
            index[i] = ((i / 4) * 2 + i % 2) * 2 + k + (i % 4 >= 2 ? cg->width : 0);
        words_out[k] = cg_shuffle(cg, v[0], v[1], index, cg->width);
    }
}

void cg_texels(struct cg *cg, struct ir_inst *inst)
{
    unsigned size_B = inst->mem.stride_B, count = inst->mem.comps;
    struct ir_inst *offset = inst->args[1];
    LLVMValueRef words[4];
    if (cg_is_scalar(cg, inst)) { /* the same in all lanes */
        LLVMValueRef at = LLVMBuildZExt(cg->b, cg_scalar(cg, offset), cg->i64, "");
        for (unsigned k = 0; k < count; k++) {
            LLVMValueRef from = gep(cg, gep(cg, row_of(cg, inst, 2), at), cg_i64(cg, 4 * k));
            words[k] = load(cg, inst, size_B < 4 ? cg->i16 : cg->i32, from);
        }
        if (size_B < 4) {
            LLVMValueRef high = load(cg, inst, cg->i16, gep(cg, row_of(cg, inst, 3), at));
            high = LLVMBuildShl(cg->b, LLVMBuildZExt(cg->b, high, cg->i32, ""), cg_i32(cg, 16), "");
            words[0] = LLVMBuildOr(cg->b, LLVMBuildZExt(cg->b, words[0], cg->i32, ""), high, "");
        }
        for (unsigned k = 0; k < count; k++)
            cg_set_scalar(cg, inst, k, words[k]);
        return;
    }
    bool known = cg_is_scalar(cg, offset) && !cg->mask.lanes;
    if (size_B == 2 && known) {
        LLVMValueRef high;
        pattern(cg, inst, row_of(cg, inst, 2), words);
        pattern(cg, inst, row_of(cg, inst, 3), &high);
        high = LLVMBuildShl(cg->b, high, cg_splat(cg, cg_i32(cg, 16)), "");
        words[0] = LLVMBuildOr(cg->b, words[0], high, "");
    } else if (size_B == 2) {
        gather_bytes(cg, inst, words);
    } else if (known) {
        pattern(cg, inst, row_of(cg, inst, 2), words);
    } else if (size_B == 8 && cg->width % 4 == 0) {
        gather_pairs(cg, inst, row_of(cg, inst, 2), words);
    } else {
        struct ir_mem mem = inst->mem;
        mem.stride_B = mem.align_B = 4;
        cg_gather_offsets(cg, row_of(cg, inst, 2), offsets_of(cg, inst), NULL, &mem, IR_I32, words);
    }
    for (unsigned k = 0; k < count; k++)
        cg_set_vector(cg, inst, k, words[k]);
}
