/* SPDX-License-Identifier: MIT
 *
 * Calls: of LLVM's intrinsics, of the module's own functions, of the driver's.
 */
#include <string.h>

#include "x86_read.h"

#define ROUND(mode) x86_float_round, mode, x86_lanes_round, mode, mode, 1
static const struct call_row {
    const char *name; /* up to the types */
    x86_emit_fn *scalar;
    uint32_t scalar_sub;
    x86_emit_fn *lanes;
    uint32_t lanes_sub, quads_sub; /* quads_sub 0: not for lanes of 64 bits */
    unsigned count;
} call_rows[] = {
    {"llvm.fma.", x86_fma, X86_VEX(1, 2, 0xb9) | X86_VEX_128, x86_fma, X86_VEX(1, 2, 0xb8),
     X86_VEX(1, 2, 0xb8) | X86_VEX_W, 3},
    {"llvm.sqrt.", x86_float_unary, 0x51, x86_lanes_unary, X86_VEX(0, 1, 0x51), X86_VEX(1, 1, 0x51), 1},
    {"llvm.floor.", ROUND(9)},
    {"llvm.ceil.", ROUND(10)},
    {"llvm.trunc.", ROUND(11)},
    {"llvm.rint.", ROUND(4)},
    {"llvm.nearbyint.", ROUND(12)},
    {"llvm.roundeven.", ROUND(8)},
    {"llvm.umin.", x86_min_max, 7, x86_lanes_binary, X86_VEX(1, 2, 0x3b), 0, 2},
    {"llvm.umax.", x86_min_max, 2, x86_lanes_binary, X86_VEX(1, 2, 0x3f), 0, 2},
    {"llvm.smin.", x86_min_max, 0xf, x86_lanes_binary, X86_VEX(1, 2, 0x39), 0, 2},
    {"llvm.smax.", x86_min_max, 0xc, x86_lanes_binary, X86_VEX(1, 2, 0x3d), 0, 2},
    {"llvm.minnum.", x86_lanes_min, X86_VEX(2, 1, 0x5d), x86_lanes_min, X86_VEX(0, 1, 0x5d), 0, 2},
    {"llvm.maxnum.", x86_lanes_min, X86_VEX(2, 1, 0x5f), x86_lanes_min, X86_VEX(0, 1, 0x5f), 0, 2},
    {"llvm.ctpop.", x86_count_bits, 0x0fb8, NULL, 0, 0, 1},
    {"llvm.ctlz.", x86_count_bits, 0x0fbd, NULL, 0, 0, 1},
    {"llvm.cttz.", x86_count_bits, 0x0fbc, NULL, 0, 0, 1},
    {"llvm.x86.avx.maskload.ps.256", NULL, 0, x86_lanes_load, X86_VEX(1, 2, 0x2c), 0, 2},
    {"llvm.x86.avx2.maskload.d.256", NULL, 0, x86_lanes_load, X86_VEX(1, 2, 0x8c), 0, 2},
    {"llvm.x86.avx.maskstore.ps.256", NULL, 0, x86_lanes_store, X86_VEX(1, 2, 0x2e), 0, 3},
    {"llvm.x86.avx2.maskstore.d.256", NULL, 0, x86_lanes_store, X86_VEX(1, 2, 0x8e), 0, 3},
};

static bool read_gather(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef scale = LLVMGetOperand(v, 4);
    if (!LLVMIsNull(LLVMGetOperand(v, 0)) || !LLVMIsAConstantInt(scale) || x86_type_of(x, v) != X86_V)
        return false;
    struct x86_place base = x86_place_of(x, LLVMGetOperand(v, 1));
    uint32_t offsets = x86_value_of(x, LLVMGetOperand(v, 2));
    uint32_t mask = x86_value_of(x, LLVMGetOperand(v, 3)), id = x86_define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, x86_lanes_gather);
    inst->result = id;
    inst->disp = base.disp;
    inst->sub = (uint32_t)__builtin_ctzll(LLVMConstIntGetZExtValue(scale));
    x86_add_arg(x, inst, base.base);
    x86_add_arg(x, inst, offsets);
    x86_add_arg(x, inst, mask);
    return true;
}

/* By the operands' numbers; a value: to be stored. */
static bool add_masked(struct x86 *x, LLVMValueRef v, uint32_t sub, LLVMValueRef at, LLVMValueRef mask,
                       LLVMValueRef value)
{
    struct x86_place place = x86_place_of(x, at);
    uint32_t lanes = x86_value_of(x, mask), id = value ? x86_value_of(x, value) : x86_define(x, v);
    for (unsigned p = 0, parts = x86_parts(x, mask); p < parts && !x->failed; p++) {
        struct x86_inst *inst = x86_add_inst(x, value ? x86_lanes_store : x86_lanes_load);
        inst->sub = sub;
        inst->disp = place.disp + (int32_t)(32 * p);
        inst->effects = value;
        inst->result = value ? 0 : id + p;
        x86_add_arg(x, inst, place.base);
        x86_add_arg(x, inst, lanes + p);
        if (value)
            x86_add_arg(x, inst, id + p);
    }
    return true;
}

/* LLVM's own, of lanes of 32 bits. Zeros, where the mask says to read nothing. */
static bool read_masked(struct x86 *x, LLVMValueRef v, bool store)
{
    LLVMValueRef value = store ? LLVMGetOperand(v, 0) : v;
    if (x86_type_of(x, value) != X86_V || LLVMGetVectorSize(LLVMTypeOf(value)) % X86_LANES || (!store && !LLVMIsNull(LLVMGetOperand(v, 3))))
        return false;
    return add_masked(x, v, store ? X86_VEX(1, 2, 0x2e) : X86_VEX(1, 2, 0x2c), LLVMGetOperand(v, store),
                      LLVMGetOperand(v, store ? 3 : 2), store ? value : NULL);
}

/* The sign alone, or all but it (keep). */
bool x86_read_flip(struct x86 *x, LLVMValueRef v, uint32_t op, bool keep)
{
    enum x86_type type = x86_type_of(x, v);
    if (type != X86_F32 && type < X86_V)
        return false;
    uint32_t at = x86_pool_splat(x, keep ? UINT32_MAX : 0), each = type == X86_Q ? 8 : 4;
    for (uint32_t i = each - 1; i < 32; i += each)
        x->a.pool[at + i] = keep ? 0x7f : 0x80;
    return x86_add(x, v, x86_flip, op, (int32_t)at, 1);
}

/* Scalar arguments for what lays them out in the frame; address: that of a function, behind them, or NULL. */
static bool add_call(struct x86 *x, LLVMValueRef v, unsigned count, LLVMValueRef address,
                     x86_emit_fn *emit, uint32_t sub)
{
    uint32_t args[X86_ARGS];
    if (count + (address ? 1 : 0) > X86_ARGS || LLVMGetTypeKind(LLVMTypeOf(v)) != LLVMVoidTypeKind)
        return false;
    for (unsigned k = 0; k < count; k++) {
        if (x86_type_of(x, LLVMGetOperand(v, k)) > X86_I64)
            return false;
        args[k] = x86_value_of(x, LLVMGetOperand(v, k));
    }
    if (address)
        args[count++] = x86_value_of(x, address);
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, emit);
    inst->effects = true;
    inst->sub = sub;
    for (unsigned k = 0; k < count; k++)
        x86_add_arg(x, inst, args[k]);
    return true;
}

static bool read_row(struct x86 *x, LLVMValueRef v, const struct call_row *row)
{
    bool nothing = LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVoidTypeKind;
    enum x86_type type = nothing ? X86_V : x86_type_of(x, v);
    uint32_t sub = type == X86_V ? row->lanes_sub : type == X86_Q ? row->quads_sub : row->scalar_sub;
    bool scalar = type == X86_F32 || type == X86_I32 || type == X86_I64;
    x86_emit_fn *emit = type >= X86_V ? row->lanes : scalar ? row->scalar : NULL;
    if (!emit || (type == X86_Q && !sub))
        return false;
    if (emit == x86_lanes_load || emit == x86_lanes_store)
        return add_masked(x, v, sub, LLVMGetOperand(v, 0), LLVMGetOperand(v, 1),
                          emit == x86_lanes_store ? LLVMGetOperand(v, 2) : NULL);
    return x86_add(x, v, emit, sub, type == X86_Q, row->count);
}

bool x86_read_call(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef called = LLVMGetCalledValue(v);
    unsigned count = LLVMGetNumArgOperands(v);
    if (!LLVMIsAFunction(called))
        return count <= 6 && !LLVMIsAInlineAsm(called) && add_call(x, v, count, called, x86_call_address, 0);
    const char *name = LLVMGetValueName(called);
    if (strncmp(name, "llvm.", 5) != 0)
        return LLVMCountBasicBlocks(called) &&
               add_call(x, v, count, NULL, x86_call, x86_function_label(x, called));
    if (strcmp(name, "llvm.x86.avx2.gather.d.d.256") == 0)
        return read_gather(x, v);
    if (strncmp(name, "llvm.fabs.", 10) == 0)
        return x86_read_flip(x, v, X86_VEX(1, 1, 0xdb), true);
    if (strncmp(name, "llvm.masked.load.", 17) == 0 || strncmp(name, "llvm.masked.store.", 18) == 0)
        return read_masked(x, v, name[12] == 's');
    if (strncmp(name, "llvm.memset.", 12) == 0)
        return add_call(x, v, 3, NULL, x86_fill, 0);
    if (strncmp(name, "llvm.memcpy.", 12) == 0)
        return add_call(x, v, 3, NULL, x86_copy, 0);
    if (strncmp(name, "llvm.prefetch.", 14) == 0)
        return true;
    for (unsigned i = 0; i < sizeof(call_rows) / sizeof(call_rows[0]); i++)
        if (strncmp(name, call_rows[i].name, strlen(call_rows[i].name)) == 0)
            return read_row(x, v, &call_rows[i]);
    return false;
}
