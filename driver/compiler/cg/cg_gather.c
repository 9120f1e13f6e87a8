/* SPDX-License-Identifier: MIT
 *
 * Gathers and scatters: every lane at an address of its own. Lanes that must not access memory are
 * turned to cg->zeros or cg->sink, so that no branch is needed.
 */
#include "cg_memory.h"

static LLVMValueRef lane_pointer(struct cg *cg, LLVMValueRef addresses, unsigned lane)
{
    LLVMValueRef a = LLVMBuildExtractElement(cg->b, addresses, cg_i32(cg, lane), "");
    return LLVMBuildIntToPtr(cg->b, a, cg->ptr, "");
}

static LLVMValueRef step(struct cg *cg, LLVMValueRef addresses, uint64_t offset_B)
{
    if (offset_B == 0)
        return addresses;
    return LLVMBuildAdd(cg->b, addresses, cg_splat(cg, cg_i64(cg, offset_B)), "");
}

static LLVMValueRef redirect(struct cg *cg, LLVMValueRef addresses, LLVMValueRef valid,
                             LLVMValueRef to)
{
    if (!valid)
        return addresses;
    LLVMValueRef safe = cg_splat(cg, LLVMBuildPtrToInt(cg->b, to, cg->i64, ""));
    return LLVMBuildSelect(cg->b, valid, addresses, safe, "");
}

static unsigned align_of(const struct ir_mem *mem, unsigned size_B)
{
    unsigned align = mem->align_B ? mem->align_B : 1;
    return align < size_B ? align : size_B;
}

void cg_gather(struct cg *cg, LLVMValueRef addresses, LLVMValueRef valid, const struct ir_mem *mem,
               enum ir_type type, LLVMValueRef *comps_out)
{
    unsigned size_B = ir_type_B(type);
    bool packed = mem->comps > 1 && mem->stride_B == size_B;
    for (unsigned k = 0; k < mem->comps; k++)
        comps_out[k] = LLVMGetPoison(cg->vector_t[type]);
    LLVMTypeRef row = LLVMVectorType(cg->scalar_t[type], mem->comps);
    LLVMValueRef safe = NULL;
    for (unsigned k = 0; k < mem->comps; k++) {
        if (!packed || k == 0)
            safe = redirect(cg, step(cg, addresses, (uint64_t)k * mem->stride_B), valid, cg->zeros);
        for (unsigned i = 0; i < cg->width; i++) {
            LLVMValueRef p = lane_pointer(cg, safe, i);
            LLVMValueRef e = LLVMBuildLoad2(cg->b, packed ? row : cg->scalar_t[type], p, "");
            LLVMSetAlignment(e, align_of(mem, size_B));
            cg_alias_memory(cg, e, mem);
            for (unsigned j = k; j < (packed ? mem->comps : k + 1); j++) {
                LLVMValueRef c =
                    packed ? LLVMBuildExtractElement(cg->b, e, cg_i32(cg, j), "") : e;
                comps_out[j] = LLVMBuildInsertElement(cg->b, comps_out[j], c, cg_i32(cg, i), "");
            }
        }
        if (packed)
            break;
    }
}

/* One lane's components, into lane i of comps. */
static void load_lane(struct cg *cg, LLVMValueRef p, unsigned i, const struct ir_mem *mem,
                      enum ir_type type, LLVMValueRef *comps)
{
    unsigned size_B = ir_type_B(type), align = align_of(mem, size_B);
    bool packed = mem->comps > 1 && mem->stride_B == size_B;
    LLVMTypeRef t = packed ? LLVMVectorType(cg->scalar_t[type], mem->comps) : cg->scalar_t[type];
    LLVMValueRef row = NULL;
    for (unsigned k = 0; k < mem->comps; k++) {
        LLVMValueRef e = row;
        if (!packed || k == 0) {
            LLVMValueRef offset = cg_i64(cg, (uint64_t)k * mem->stride_B);
            LLVMValueRef at = k ? LLVMBuildGEP2(cg->b, cg->i8, p, &offset, 1, "") : p;
            e = row = LLVMBuildLoad2(cg->b, t, at, "");
            LLVMSetAlignment(row, align);
            cg_alias_memory(cg, row, mem);
        }
        if (packed)
            e = LLVMBuildExtractElement(cg->b, row, cg_i32(cg, k), "");
        comps[k] = LLVMBuildInsertElement(cg->b, comps[k], e, cg_i32(cg, i), "");
    }
}

void cg_gather_offsets(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets, LLVMValueRef valid,
                       const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out)
{
    LLVMBuilderRef b = cg->b;
    if (valid)
        offsets = LLVMBuildSelect(b, valid, offsets, LLVMConstNull(cg->vector_t[IR_I32]), "");
    for (unsigned k = 0; k < mem->comps; k++)
        comps_out[k] = LLVMGetPoison(cg->vector_t[type]);
    for (unsigned i = 0; i < cg->width; i++) {
        LLVMValueRef offset = LLVMBuildExtractElement(b, offsets, cg_i32(cg, i), "");
        offset = LLVMBuildZExt(b, offset, cg->i64, "");
        LLVMValueRef p = LLVMBuildGEP2(b, cg->i8, base, &offset, 1, "");
        load_lane(cg, p, i, mem, type, comps_out);
    }
    for (unsigned k = 0; valid && k < mem->comps; k++)
        comps_out[k] = LLVMBuildSelect(b, valid, comps_out[k], LLVMConstNull(cg->vector_t[type]), "");
}

LLVMValueRef cg_gather32(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets, LLVMValueRef valid,
                         const struct ir_mem *mem, enum ir_type type)
{
    LLVMBuilderRef b = cg->b;
    /* The instruction takes offsets as signed numbers, ours are unsigned: count from 2 GiB on. */
    LLVMValueRef middle = cg_i64(cg, 1u << 31);
    base = LLVMBuildGEP2(b, cg->i8, base, &middle, 1, "");
    LLVMValueRef sign = cg_splat(cg, cg_i32(cg, 1u << 31));
    offsets = LLVMBuildSExt(b, LLVMBuildXor(b, offsets, sign, ""), cg->vector_t[IR_I64], "");
    LLVMValueRef pointers = LLVMBuildGEP2(b, cg->i8, base, &offsets, 1, "");
    LLVMTypeRef vector = cg->vector_t[type];
    LLVMTypeRef overloads[] = {vector, LLVMVectorType(cg->ptr, cg->width)};
    LLVMValueRef all = LLVMConstAllOnes(cg->vector_t[IR_BOOL]);
    LLVMValueRef args[] = {pointers, cg_i32(cg, align_of(mem, 4)), valid ? valid : all,
                           LLVMConstNull(vector)};
    LLVMValueRef v = cg_intrinsic(cg, "llvm.masked.gather", overloads, 2, args, 4);
    cg_alias_memory(cg, v, mem);
    return v;
}

void cg_scatter_offsets(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets,
                        const struct ir_mem *mem, enum ir_type type, LLVMValueRef const *comps)
{
    LLVMBuilderRef b = cg->b;
    for (unsigned i = 0; i < cg->width; i++) {
        LLVMValueRef at = LLVMBuildExtractElement(b, offsets, cg_i32(cg, i), "");
        at = LLVMBuildZExt(b, at, cg->i64, "");
        for (unsigned k = 0; k < mem->comps; k++) {
            LLVMValueRef step = cg_i64(cg, (uint64_t)k * mem->stride_B);
            LLVMValueRef p = LLVMBuildGEP2(b, cg->i8, base, &at, 1, "");
            if (k)
                p = LLVMBuildGEP2(b, cg->i8, p, &step, 1, "");
            LLVMValueRef e = LLVMBuildExtractElement(b, comps[k], cg_i32(cg, i), "");
            LLVMValueRef store = LLVMBuildStore(b, e, p);
            LLVMSetAlignment(store, align_of(mem, ir_type_B(type)));
            cg_alias_memory(cg, store, mem);
        }
    }
}

void cg_scatter(struct cg *cg, LLVMValueRef addresses, LLVMValueRef valid, const struct ir_mem *mem,
                enum ir_type type, LLVMValueRef const *comps)
{
    unsigned size_B = ir_type_B(type);
    for (unsigned k = 0; k < mem->comps; k++) {
        LLVMValueRef safe =
            redirect(cg, step(cg, addresses, (uint64_t)k * mem->stride_B), valid, cg->sink);
        for (unsigned i = 0; i < cg->width; i++) {
            LLVMValueRef e = LLVMBuildExtractElement(cg->b, comps[k], cg_i32(cg, i), "");
            LLVMValueRef store = LLVMBuildStore(cg->b, e, lane_pointer(cg, safe, i));
            LLVMSetAlignment(store, align_of(mem, size_B));
            cg_alias_memory(cg, store, mem);
        }
    }
}
