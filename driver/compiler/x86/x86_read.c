/* SPDX-License-Identifier: MIT
 *
 * From LLVM's IR to instructions that have an emitter each. What the tables here don't have fails.
 */
#include <string.h>


#include "x86_private.h"

/* ---- Tables by LLVM's pointers ---- */

static struct x86_entry *find(const struct x86_map *map, const void *key)
{
    uint32_t at = (uint32_t)(((uintptr_t)key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    while (map->entries[at &= map->room - 1].key && map->entries[at].key != key)
        at++;
    return &map->entries[at];
}

static uint32_t map_get(const struct x86_map *map, const void *key)
{
    return map->room ? find(map, key)->value : 0;
}

/* value: not 0. */
static void map_set(struct x86 *x, struct x86_map *map, const void *key, uint32_t value)
{
    if (map->count * 2 >= map->room) {
        struct x86_map old = *map;
        map->room = old.room ? old.room * 2 : 256;
        map->entries = arena_array(x->arena, struct x86_entry, map->room);
        for (uint32_t i = 0; i < old.room; i++)
            if (old.entries[i].key)
                *find(map, old.entries[i].key) = old.entries[i];
    }
    struct x86_entry *entry = find(map, key);
    map->count += !entry->key;
    *entry = (struct x86_entry){key, value};
}

uint32_t x86_function_label(struct x86 *x, LLVMValueRef fn)
{
    if (!map_get(&x->functions, fn))
        map_set(x, &x->functions, fn, x86_label(&x->a) + 1);
    return map_get(&x->functions, fn) - 1;
}

/* ---- Types ---- */

static enum x86_type find_type(LLVMTypeRef t)
{
    switch (LLVMGetTypeKind(t)) {
    case LLVMPointerTypeKind: return X86_I64;
    case LLVMFloatTypeKind: return X86_F32;
    case LLVMIntegerTypeKind:
        switch (LLVMGetIntTypeWidth(t)) {
        case 1: return X86_I1;
        case 8: return X86_I8;
        case 16: return X86_I16;
        case 32: return X86_I32;
        case 64: return X86_I64;
        default: return X86_NONE;
        }
    case LLVMVectorTypeKind:
        if (LLVMGetVectorSize(t) != X86_LANES)
            return X86_NONE;
        switch (find_type(LLVMGetElementType(t))) {
        case X86_I1: return X86_M;
        case X86_I32:
        case X86_F32: return X86_V;
        default: return X86_NONE;
        }
    default: return X86_NONE;
    }
}

static enum x86_type type_of(struct x86 *x, LLVMTypeRef t)
{
    unsigned i = 0, room = sizeof(x->types) / sizeof(x->types[0]);
    for (; i < room && x->types[i]; i++)
        if (x->types[i] == t)
            return x->known[i];
    enum x86_type type = find_type(t);
    if (i < room) {
        x->types[i] = t;
        x->known[i] = type;
    }
    return type;
}

static enum x86_type type_of_value(struct x86 *x, LLVMValueRef v)
{
    return type_of(x, LLVMTypeOf(v));
}

static bool is_float_vector(LLVMValueRef v)
{
    LLVMTypeRef t = LLVMTypeOf(v);
    return LLVMGetTypeKind(t) == LLVMVectorTypeKind && LLVMGetTypeKind(LLVMGetElementType(t)) == LLVMFloatTypeKind;
}

static uint8_t size_of(enum x86_type type)
{
    static const uint8_t sizes[] = {[X86_I1] = 1, [X86_I8] = 1, [X86_I16] = 2, [X86_I32] = 4, [X86_I64] = 8,
                                    [X86_F32] = 4, [X86_M] = 32, [X86_V] = 32};
    return sizes[type];
}

static uint32_t fail(struct x86 *x)
{
    x->failed = true;
    return 0;
}

/* ---- Values ---- */

static uint32_t add_value(struct x86 *x, enum x86_type type, enum x86_kind kind)
{
    if (x->value_count == x->value_room || !x->value_room) {
        uint32_t room = x->value_room ? x->value_room * 2 : 512;
        x->values = arena_grow(x->arena, x->values, x->value_room ? x->value_count : 0, room, sizeof *x->values);
        x->value_room = room;
    }
    x->values[x->value_count] = (struct x86_value){
        .type = type, .kind = kind, .reg = X86_NO_REG, .at = -1, .in = -1, .block = X86_NEVER, .seen = X86_NEVER};
    return x->value_count++;
}

static struct x86_inst *add_inst(struct x86 *x, x86_emit_fn *emit)
{
    if (x->inst_count == x->inst_room) {
        uint32_t room = x->inst_room ? x->inst_room * 2 : 512;
        x->insts = arena_grow(x->arena, x->insts, x->inst_count, room, sizeof *x->insts);
        x->inst_room = room;
    }
    struct x86_inst *inst = &x->insts[x->inst_count++];
    memset(inst, 0, sizeof *inst);
    inst->emit = emit;
    inst->line = x->line;
    return inst;
}

static void add_arg(struct x86 *x, struct x86_inst *inst, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    v->uses++;
    if (v->kind == X86_DEFINED && v->block != x->block)
        v->crosses = true;
    inst->args[inst->count++] = value;
}

/* A constant as the bytes of memory. */
static bool write_constant(struct x86 *x, LLVMValueRef c, uint32_t at)
{
    LLVMTypeRef t = LLVMTypeOf(c);
    LLVMTypeKind kind = LLVMGetTypeKind(t);
    if (LLVMIsNull(c) || LLVMIsUndef(c))
        return true;
    if (kind == LLVMIntegerTypeKind && LLVMIsAConstantInt(c) && LLVMGetIntTypeWidth(t) <= 64) {
        uint64_t bits = LLVMConstIntGetZExtValue(c);
        memcpy(x->a.pool + at, &bits, LLVMGetIntTypeWidth(t) / 8);
        return true;
    }
    if (kind == LLVMFloatTypeKind && LLVMIsAConstantFP(c)) {
        LLVMBool loses;
        float value = (float)LLVMConstRealGetDouble(c, &loses);
        memcpy(x->a.pool + at, &value, 4);
        return true; /* of NaNs, a quiet one */
    }
    if (kind == LLVMArrayTypeKind || kind == LLVMVectorTypeKind) {
        LLVMTypeRef element = LLVMGetElementType(t);
        uint64_t count = kind == LLVMArrayTypeKind ? LLVMGetArrayLength2(t) : LLVMGetVectorSize(t);
        uint64_t size_B = LLVMABISizeOfType(x->layout, element);
        for (uint64_t i = 0; i < count; i++) {
            LLVMValueRef e = LLVMGetAggregateElement(c, (unsigned)i);
            if (!e || !write_constant(x, e, at + (uint32_t)(i * size_B)))
                return false;
        }
        return true;
    }
    return false;
}

/* The lanes of a constant <8 x i1> as bits; fails otherwise. */
static uint32_t mask_bits(struct x86 *x, LLVMValueRef c)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < X86_LANES; i++) {
        LLVMValueRef e = LLVMGetAggregateElement(c, i);
        if (!e || !(LLVMIsAConstantInt(e) || LLVMIsUndef(e)))
            return fail(x);
        if (LLVMIsAConstantInt(e) && LLVMConstIntGetZExtValue(e))
            bits |= 1u << i;
    }
    return bits;
}

static uint32_t add_constant(struct x86 *x, enum x86_type type, uint64_t bits)
{
    uint32_t id = add_value(x, type, X86_CONSTANT);
    x->values[id].bits = bits;
    return id;
}

static uint32_t pooled(struct x86 *x, LLVMValueRef c, enum x86_type type)
{
    uint32_t id = add_value(x, type, X86_POOLED), at = x86_pool(&x->a, 32, 32);
    x->values[id].at = (int32_t)at;
    if (LLVMIsNull(c) || LLVMIsUndef(c)) {
        x->values[id].bits = 1;
    } else if (type == X86_M) {
        uint32_t bits = mask_bits(x, c);
        for (unsigned i = 0; i < X86_LANES; i++)
            memset(x->a.pool + at + 4 * i, bits >> i & 1 ? 0xff : 0, 4);
    } else if (!write_constant(x, c, at)) {
        return fail(x);
    }
    return id;
}

static uint32_t constant(struct x86 *x, LLVMValueRef c)
{
    enum x86_type type = type_of_value(x, c);
    if (type == X86_NONE)
        return fail(x);
    if (x86_in_vector(type))
        return pooled(x, c, type);
    if (LLVMIsNull(c) || LLVMIsUndef(c))
        return add_constant(x, type, 0);
    if (LLVMIsAConstantInt(c))
        return add_constant(x, type, LLVMConstIntGetZExtValue(c));
    if (LLVMIsAConstantExpr(c) && LLVMGetConstOpcode(c) == LLVMBitCast && type == X86_I8 &&
        type_of_value(x, LLVMGetOperand(c, 0)) == X86_M)
        return add_constant(x, type, mask_bits(x, LLVMGetOperand(c, 0)));
    return fail(x);
}

static uint32_t global(struct x86 *x, LLVMValueRef g)
{
    LLVMValueRef init = LLVMGetInitializer(g);
    if (!init || !LLVMIsGlobalConstant(g))
        return fail(x);
    uint32_t id = add_value(x, X86_I64, X86_GLOBAL);
    uint32_t at = x86_pool(&x->a, (uint32_t)LLVMABISizeOfType(x->layout, LLVMTypeOf(init)), 64);
    x->values[id].at = (int32_t)at;
    return write_constant(x, init, at) ? id : fail(x);
}

static uint32_t define(struct x86 *x, LLVMValueRef v);

/* An instruction that changes nothing where values are held: its argument, or NULL. */
static LLVMValueRef same_as(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    switch (opcode) {
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMFreeze: return LLVMGetOperand(v, 0);
    case LLVMBitCast: {
        enum x86_type to = type_of_value(x, v), from = type_of_value(x, LLVMGetOperand(v, 0));
        return to == from && to != X86_NONE ? LLVMGetOperand(v, 0) : NULL;
    }
    case LLVMTrunc: {
        enum x86_type to = type_of_value(x, v);
        return to >= X86_I8 && to <= X86_I32 ? LLVMGetOperand(v, 0) : NULL;
    }
    case LLVMSExt: {
        bool mask = type_of_value(x, v) == X86_V && type_of_value(x, LLVMGetOperand(v, 0)) == X86_M;
        return mask ? LLVMGetOperand(v, 0) : NULL;
    }
    case LLVMCall: {
        LLVMValueRef called = LLVMGetCalledValue(v);
        if (!LLVMIsAFunction(called) || type_of_value(x, v) == X86_NONE)
            return NULL;
        return strncmp(LLVMGetValueName(called), "llvm.arithmetic.fence.", 22) == 0 ? LLVMGetOperand(v, 0) : NULL;
    }
    default: return NULL;
    }
}

/* An address as a value and a distance. */
struct place {
    uint32_t base;
    int32_t disp;
};

static uint32_t value_of(struct x86 *x, LLVMValueRef v);

static bool constant_index(struct x86 *x, LLVMValueRef gep, int64_t *bytes_out)
{
    if (LLVMGetNumOperands(gep) != 2 || !LLVMIsAConstantInt(LLVMGetOperand(gep, 1)))
        return false;
    int64_t index = LLVMConstIntGetSExtValue(LLVMGetOperand(gep, 1));
    int64_t size_B = (int64_t)LLVMABISizeOfType(x->layout, LLVMGetGEPSourceElementType(gep));
    return !__builtin_mul_overflow(index, size_B, bytes_out);
}

static bool is_gep(LLVMValueRef v)
{
    return (LLVMIsAInstruction(v) && LLVMGetInstructionOpcode(v) == LLVMGetElementPtr) ||
           (LLVMIsAConstantExpr(v) && LLVMGetConstOpcode(v) == LLVMGetElementPtr);
}

/* Fits a displacement, and a small one on top of it. */
static bool near(int64_t distance)
{
    return distance > -(1 << 30) && distance < 1 << 30;
}

static struct place place_of(struct x86 *x, LLVMValueRef v)
{
    int64_t distance = 0, bytes;
    while (is_gep(v) && constant_index(x, v, &bytes) && near(bytes) && near(distance + bytes)) {
        distance += bytes;
        v = LLVMGetOperand(v, 0);
    }
    return (struct place){value_of(x, v), (int32_t)distance};
}

/* A sum, made here, for this block only. */
static uint32_t address(struct x86 *x, uint32_t base, int64_t distance)
{
    uint32_t id = add_value(x, X86_I64, X86_DEFINED);
    uint32_t far = near(distance) ? 0 : add_constant(x, X86_I64, (uint64_t)distance);
    struct x86_inst *inst = add_inst(x, far ? x86_binary : x86_lea);
    inst->result = id;
    inst->size = 8;
    inst->disp = far ? 0 : (int32_t)distance;
    x->values[id].block = x->block;
    add_arg(x, inst, base);
    if (far)
        add_arg(x, inst, far);
    return id;
}

/* Something in a register of the same bits has the same number. May add instructions. */
static uint32_t value_of(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = map_get(&x->map, v);
    int64_t bytes;
    if (id || x->failed)
        return id;
    if (is_gep(v) && constant_index(x, v, &bytes)) {
        if (!near(bytes)) {
            uint32_t base = value_of(x, LLVMGetOperand(v, 0));
            return x->failed ? 0 : address(x, base, bytes);
        }
        struct place p = place_of(x, v);
        if (!p.disp || x->failed)
            return p.base;
        return address(x, p.base, p.disp);
    }
    if (LLVMIsAInstruction(v)) {
        LLVMValueRef same = same_as(x, v, LLVMGetInstructionOpcode(v));
        id = same ? value_of(x, same) : add_value(x, type_of_value(x, v), X86_DEFINED);
        if (x->failed || x->values[id].type == X86_NONE)
            return fail(x);
        if (same && !map_get(&x->map, same))
            return id; /* made for this block only */
    } else if (LLVMIsAGlobalVariable(v)) {
        id = global(x, v);
    } else if (LLVMIsAConstant(v)) {
        id = constant(x, v);
    } else {
        return fail(x);
    }
    if (id)
        map_set(x, &x->map, v, id);
    return id;
}

/* ---- Instructions ---- */

/* One that takes the operands as they are, and gives what `v` is. */
static struct x86_inst *add_simple(struct x86 *x, LLVMValueRef v, x86_emit_fn *emit, uint32_t sub, unsigned count)
{
    uint32_t args[X86_ARGS], result = 0;
    for (unsigned k = 0; k < count; k++)
        args[k] = value_of(x, LLVMGetOperand(v, k));
    if (LLVMGetTypeKind(LLVMTypeOf(v)) != LLVMVoidTypeKind)
        result = define(x, v);
    struct x86_inst *inst = add_inst(x, emit);
    inst->sub = sub;
    inst->result = result;
    inst->size = result ? size_of(x->values[result].type) : 0;
    if (result)
        x->values[result].inst = x->inst_count - 1;
    if (!x->failed)
        for (unsigned k = 0; k < count; k++)
            add_arg(x, inst, args[k]);
    return inst;
}

/* The number of what this instruction defines, here. */
static uint32_t define(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = value_of(x, v);
    if (id)
        x->values[id].block = x->block;
    return id;
}

static const struct binary_row {
    LLVMOpcode opcode;
    x86_emit_fn *scalar;
    uint32_t sub;
    bool small; /* of 8 and 16 bits, too: the bits above don't matter */
    uint32_t lanes; /* 0: not for vectors */
} binary_rows[] = {
    {LLVMAdd, x86_binary, 0, true, X86_VEX(1, 1, 0xfe)},
    {LLVMSub, x86_binary, 5, true, X86_VEX(1, 1, 0xfa)},
    {LLVMAnd, x86_binary, 4, true, X86_VEX(1, 1, 0xdb)},
    {LLVMOr, x86_binary, 1, true, X86_VEX(1, 1, 0xeb)},
    {LLVMXor, x86_binary, 6, true, X86_VEX(1, 1, 0xef)},
    {LLVMMul, x86_multiply, 0, true, X86_VEX(1, 2, 0x40)},
    {LLVMShl, x86_shift, 4, false, X86_VEX(1, 2, 0x47)},
    {LLVMLShr, x86_shift, 5, false, X86_VEX(1, 2, 0x45)},
    {LLVMAShr, x86_shift, 7, false, X86_VEX(1, 2, 0x46)},
    {LLVMUDiv, x86_divide, 0, false, 0},
    {LLVMSDiv, x86_divide, 1, false, 0},
    {LLVMURem, x86_divide, 2, false, 0},
    {LLVMSRem, x86_divide, 3, false, 0},
    {LLVMFAdd, x86_float_binary, 0x58, false, X86_VEX(0, 1, 0x58)},
    {LLVMFMul, x86_float_binary, 0x59, false, X86_VEX(0, 1, 0x59)},
    {LLVMFSub, x86_float_binary, 0x5c, false, X86_VEX(0, 1, 0x5c)},
    {LLVMFDiv, x86_float_binary, 0x5e, false, X86_VEX(0, 1, 0x5e)},
};

static bool read_binary(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type type = type_of_value(x, v);
    for (unsigned i = 0; i < sizeof(binary_rows) / sizeof(binary_rows[0]); i++) {
        const struct binary_row *row = &binary_rows[i];
        if (row->opcode != opcode)
            continue;
        bool logic = opcode == LLVMAnd || opcode == LLVMOr || opcode == LLVMXor;
        if (type == X86_V || (type == X86_M && logic))
            return row->lanes && add_simple(x, v, x86_lanes_binary, row->lanes, 2);
        if (type >= X86_I32 ? type <= X86_F32 : type == X86_I1 ? logic : row->small && type != X86_NONE)
            return add_simple(x, v, row->scalar, row->sub, 2);
        return false;
    }
    return false;
}

/* By LLVMRealPredicate: what vcmpps calls it. */
static const uint8_t float_predicates[] = {11, 0, 14, 13, 1, 2, 12, 7, 3, 8, 6, 5, 9, 10, 4, 15};

static bool read_compare(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type type = type_of_value(x, LLVMGetOperand(v, 0));
    if (opcode == LLVMFCmp) {
        uint32_t predicate = float_predicates[LLVMGetFCmpPredicate(v)];
        return (type == X86_V || type == X86_F32) &&
               add_simple(x, v, type == X86_V ? x86_lanes_fcmp : x86_float_cmp, predicate, 2);
    }
    if (type == X86_NONE || type == X86_M || type == X86_F32)
        return false;
    struct x86_inst *inst = add_simple(x, v, type == X86_V ? x86_lanes_icmp : x86_icmp, LLVMGetICmpPredicate(v), 2);
    inst->size = size_of(type);
    return true;
}

/* A scalar comparison of this block that only the instruction to be added uses: taken back, for that to do. */
static struct x86_inst *take_compare(struct x86 *x, LLVMValueRef condition)
{
    LLVMUseRef use = LLVMGetFirstUse(condition);
    uint32_t id = map_get(&x->map, condition);
    if (!id || !use || LLVMGetNextUse(use) || !LLVMIsAICmpInst(condition) || x->values[id].block != x->block || x->values[id].kind != X86_DEFINED)
        return NULL;
    struct x86_inst *inst = &x->insts[x->values[id].inst];
    if (inst->emit != x86_icmp || inst->result != id)
        return NULL;
    inst->emit = NULL;
    return inst;
}

static bool read_select(struct x86 *x, LLVMValueRef v)
{
    enum x86_type type = type_of_value(x, v), of = type_of_value(x, LLVMGetOperand(v, 0));
    if (type == X86_NONE)
        return false;
    if (of == X86_M)
        return type >= X86_M && add_simple(x, v, x86_lanes_select, 0, 3);
    if (type >= X86_F32)
        return add_simple(x, v, x86_float_select, 0, 3);
    struct x86_inst *compare = take_compare(x, LLVMGetOperand(v, 0));
    if (!compare)
        return add_simple(x, v, x86_select, 0, 3);
    struct x86_inst old = *compare;
    uint32_t a = value_of(x, LLVMGetOperand(v, 1)), b = value_of(x, LLVMGetOperand(v, 2)), result = define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, x86_select_cmp);
    inst->sub = old.sub;
    inst->size = old.size;
    inst->result = result;
    add_arg(x, inst, a);
    add_arg(x, inst, b);
    inst->args[inst->count++] = old.args[0]; /* counted as uses already */
    inst->args[inst->count++] = old.args[1];
    return true;
}

static bool read_cast(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    enum x86_type to = type_of_value(x, v), from = type_of_value(x, LLVMGetOperand(v, 0));
    struct x86_inst *inst;
    if (to == X86_NONE || from == X86_NONE)
        return false;
    bool lanes = to >= X86_M, scalar = !x86_in_vector(to) && !x86_in_vector(from);
    switch (opcode) {
    case LLVMZExt:
        if (lanes) {
            if (to != X86_V || from != X86_M)
                return false;
            add_simple(x, v, x86_lanes_shift, 2, 1)->disp = 31;
            return true;
        }
        return add_simple(x, v, x86_zext, from, 1);
    case LLVMSExt: return scalar && add_simple(x, v, x86_sext, from, 1);
    case LLVMTrunc: return add_simple(x, v, lanes ? x86_lanes_trunc : x86_trunc_bit, 0, 1);
    case LLVMBitCast:
        if (to == X86_I8 && from == X86_M)
            return add_simple(x, v, x86_lanes_bits, 0, 1);
        if (to == X86_M && from == X86_I8) {
            inst = add_simple(x, v, x86_lanes_from_bits, 0, 1);
            inst->disp = (int32_t)x86_pool(&x->a, 32, 32);
            for (unsigned i = 0; i < X86_LANES; i++)
                x->a.pool[(uint32_t)inst->disp + 4 * i] = (uint8_t)(1u << i);
            return true;
        }
        return ((to == X86_F32 && from == X86_I32) || (to == X86_I32 && from == X86_F32)) &&
               add_simple(x, v, x86_float_bits, 0, 1);
    case LLVMSIToFP:
    case LLVMUIToFP:
        if (to == X86_F32 && (from == X86_I32 || (from == X86_I64 && opcode == LLVMSIToFP))) {
            add_simple(x, v, x86_int_to_float, opcode == LLVMUIToFP, 1)->size = size_of(from);
            return true;
        }
        if (to != X86_V || from != X86_V)
            return false;
        if (opcode == LLVMSIToFP)
            return add_simple(x, v, x86_lanes_unary, X86_VEX(0, 1, 0x5b), 1);
        inst = add_simple(x, v, x86_lanes_from_unsigned, 0, 1);
        inst->disp = (int32_t)x86_pool_splat(x, 0x4b000000); /* 2^23; 2^39; both together */
        x86_pool_splat(x, 0x53000000);
        x86_pool_splat(x, 0x53000080);
        return true;
    case LLVMFPToSI:
    case LLVMFPToUI:
        if (from == X86_F32 && (to == X86_I32 || (to == X86_I64 && opcode == LLVMFPToSI)))
            return add_simple(x, v, x86_float_to_int, opcode == LLVMFPToUI, 1);
        if (to != X86_V || from != X86_V)
            return false;
        if (opcode == LLVMFPToSI)
            return add_simple(x, v, x86_lanes_unary, X86_VEX(2, 1, 0x5b), 1);
        inst = add_simple(x, v, x86_lanes_to_unsigned, 0, 1);
        inst->disp = (int32_t)x86_pool_splat(x, 0x4f000000); /* 2^31 */
        return true;
    default: return false;
    }
}

static bool read_index(struct x86 *x, LLVMValueRef v)
{
    if (LLVMGetNumOperands(v) != 2 || type_of_value(x, LLVMGetOperand(v, 1)) != X86_I64 ||
        type_of_value(x, v) != X86_I64)
        return false;
    uint64_t size_B = LLVMABISizeOfType(x->layout, LLVMGetGEPSourceElementType(v));
    if (!size_B || size_B > 8 || size_B & (size_B - 1))
        return false;
    struct x86_inst *inst = add_simple(x, v, x86_lea_index, (uint32_t)__builtin_ctzll(size_B), 2);
    return inst;
}

static bool read_memory(struct x86 *x, LLVMValueRef v, bool store)
{
    LLVMValueRef value = store ? LLVMGetOperand(v, 0) : v;
    enum x86_type type = type_of_value(x, value);
    if (type == X86_NONE || type == X86_I1 || type == X86_M || LLVMGetOrdering(v) > LLVMAtomicOrderingUnordered)
        return false;
    uint32_t id = store ? value_of(x, value) : 0;
    struct place place = place_of(x, LLVMGetOperand(v, store ? 1 : 0));
    if (!store)
        id = define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, store ? x86_store : x86_load);
    inst->disp = place.disp;
    inst->size = size_of(type);
    inst->sub = type;
    inst->effects = store || LLVMGetVolatile(v);
    if (store)
        add_arg(x, inst, id);
    else
        inst->result = id;
    add_arg(x, inst, place.base);
    return true;
}

static bool read_alloca(struct x86 *x, LLVMValueRef v)
{
    uint64_t size_B = LLVMABISizeOfType(x->layout, LLVMGetAllocatedType(v));
    unsigned align_B = LLVMGetAlignment(v);
    if (align_B > 64 || size_B > 1 << 20 || !LLVMIsAConstantInt(LLVMGetOperand(v, 0)) ||
        LLVMConstIntGetZExtValue(LLVMGetOperand(v, 0)) != 1)
        return false;
    uint32_t id = value_of(x, v);
    if (!id)
        return false;
    x->values[id].kind = X86_FRAME;
    x->values[id].at = x86_frame(x, (uint32_t)size_B, align_B ? align_B : 8);
    return true;
}

/* ---- Lanes ---- */

static bool is_lane(LLVMValueRef v, unsigned *lane_out)
{
    if (!LLVMIsAConstantInt(v) || LLVMConstIntGetZExtValue(v) >= X86_LANES)
        return false;
    *lane_out = (unsigned)LLVMConstIntGetZExtValue(v);
    return true;
}

static bool read_lane(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    bool insert = opcode == LLVMInsertElement;
    enum x86_type of = type_of_value(x, LLVMGetOperand(v, 0));
    unsigned lane;
    if (of < X86_M || !is_lane(LLVMGetOperand(v, insert ? 2 : 1), &lane))
        return false;
    uint32_t sub = insert ? type_of_value(x, LLVMGetOperand(v, 1)) : of;
    add_simple(x, v, insert ? x86_lanes_insert : x86_lanes_extract, sub, insert ? 2 : 1)->disp = (int32_t)lane;
    return true;
}

static bool read_splat(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef insert = LLVMGetOperand(v, 0), scalar;
    unsigned lane;
    if (!LLVMIsAInsertElementInst(insert) || !is_lane(LLVMGetOperand(insert, 2), &lane))
        return false;
    for (unsigned i = 0; i < X86_LANES; i++)
        if (LLVMGetMaskValue(v, i) != (int)lane)
            return false;
    scalar = LLVMGetOperand(insert, 1);
    uint32_t value = value_of(x, scalar), result = define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, x86_lanes_splat);
    inst->sub = type_of_value(x, scalar);
    inst->result = result;
    add_arg(x, inst, value);
    return true;
}

static bool read_shuffle(struct x86 *x, LLVMValueRef v)
{
    if (type_of_value(x, v) < X86_M || type_of_value(x, LLVMGetOperand(v, 0)) < X86_M)
        return false;
    if (read_splat(x, v) || x->failed)
        return true;
    uint32_t at = x86_pool(&x->a, 32, 32), second = 0;
    for (unsigned i = 0; i < X86_LANES; i++) {
        int lane = LLVMGetMaskValue(v, i);
        lane = lane < 0 ? 0 : lane;
        second |= lane >= X86_LANES ? 1u << i : 0;
        x->a.pool[at + 4 * i] = (uint8_t)(lane % X86_LANES);
    }
    struct x86_inst *inst = add_simple(x, v, x86_lanes_shuffle, second, second ? 2 : 1);
    inst->disp = (int32_t)at;
    return true;
}

/* ---- Calls ---- */

#define ROUND(mode) x86_float_round, mode, x86_lanes_round, mode, 1
static const struct call_row {
    const char *name; /* up to the types */
    x86_emit_fn *scalar;
    uint32_t scalar_sub;
    x86_emit_fn *lanes;
    uint32_t lanes_sub;
    unsigned count;
} call_rows[] = {
    {"llvm.fma.", x86_fma, X86_VEX(1, 2, 0xb9) | X86_VEX_128, x86_fma, X86_VEX(1, 2, 0xb8), 3},
    {"llvm.sqrt.", x86_float_unary, 0x51, x86_lanes_unary, X86_VEX(0, 1, 0x51), 1},
    {"llvm.floor.", ROUND(9)},
    {"llvm.ceil.", ROUND(10)},
    {"llvm.trunc.", ROUND(11)},
    {"llvm.rint.", ROUND(4)},
    {"llvm.nearbyint.", ROUND(12)},
    {"llvm.roundeven.", ROUND(8)},
    {"llvm.umin.", x86_min_max, 7, x86_lanes_binary, X86_VEX(1, 2, 0x3b), 2},
    {"llvm.umax.", x86_min_max, 2, x86_lanes_binary, X86_VEX(1, 2, 0x3f), 2},
    {"llvm.smin.", x86_min_max, 0xf, x86_lanes_binary, X86_VEX(1, 2, 0x39), 2},
    {"llvm.smax.", x86_min_max, 0xc, x86_lanes_binary, X86_VEX(1, 2, 0x3d), 2},
    {"llvm.ctpop.", x86_count_bits, 0x0fb8, NULL, 0, 1},
    {"llvm.ctlz.", x86_count_bits, 0x0fbd, NULL, 0, 1},
    {"llvm.cttz.", x86_count_bits, 0x0fbc, NULL, 0, 1},
    {"llvm.x86.avx.maskload.ps.256", NULL, 0, x86_lanes_load, X86_VEX(1, 2, 0x2c), 2},
    {"llvm.x86.avx2.maskload.d.256", NULL, 0, x86_lanes_load, X86_VEX(1, 2, 0x8c), 2},
    {"llvm.x86.avx.maskstore.ps.256", NULL, 0, x86_lanes_store, X86_VEX(1, 2, 0x2e), 3},
    {"llvm.x86.avx2.maskstore.d.256", NULL, 0, x86_lanes_store, X86_VEX(1, 2, 0x8e), 3},
};

static bool read_gather(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef scale = LLVMGetOperand(v, 4);
    if (!LLVMIsNull(LLVMGetOperand(v, 0)) || !LLVMIsAConstantInt(scale) || type_of_value(x, v) != X86_V)
        return false;
    struct place base = place_of(x, LLVMGetOperand(v, 1));
    uint32_t offsets = value_of(x, LLVMGetOperand(v, 2)), mask = value_of(x, LLVMGetOperand(v, 3)), id = define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, x86_lanes_gather);
    inst->result = id;
    inst->disp = base.disp;
    inst->sub = (uint32_t)__builtin_ctzll(LLVMConstIntGetZExtValue(scale));
    add_arg(x, inst, base.base);
    add_arg(x, inst, offsets);
    add_arg(x, inst, mask);
    return true;
}

/* Operands: address, mask, value to store. */
static bool add_masked(struct x86 *x, LLVMValueRef v, x86_emit_fn *emit, uint32_t sub)
{
    bool store = emit == x86_lanes_store;
    struct place place = place_of(x, LLVMGetOperand(v, 0));
    uint32_t mask = value_of(x, LLVMGetOperand(v, 1)), id = store ? value_of(x, LLVMGetOperand(v, 2)) : define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, emit);
    inst->sub = sub;
    inst->disp = place.disp;
    inst->effects = store;
    inst->result = store ? 0 : id;
    add_arg(x, inst, place.base);
    add_arg(x, inst, mask);
    if (store)
        add_arg(x, inst, id);
    return true;
}

/* Signs, by a constant. */
static bool read_flip(struct x86 *x, LLVMValueRef v, uint32_t op, uint32_t bits)
{
    enum x86_type type = type_of_value(x, v);
    if (type != X86_F32 && !(type == X86_V && is_float_vector(v)))
        return false;
    add_simple(x, v, x86_flip, op, 1)->disp = (int32_t)x86_pool_splat(x, bits);
    return true;
}

static bool read_own_call(struct x86 *x, LLVMValueRef v, LLVMValueRef called)
{
    unsigned count = LLVMGetNumArgOperands(v);
    uint32_t args[X86_ARGS];
    if (count > X86_ARGS || !LLVMCountBasicBlocks(called) || LLVMGetTypeKind(LLVMTypeOf(v)) != LLVMVoidTypeKind)
        return false;
    for (unsigned k = 0; k < count; k++) {
        args[k] = value_of(x, LLVMGetOperand(v, k));
        if (x86_in_vector(type_of_value(x, LLVMGetOperand(v, k))))
            return false;
    }
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, x86_call);
    inst->effects = true;
    inst->sub = x86_function_label(x, called);
    for (unsigned k = 0; k < count; k++)
        add_arg(x, inst, args[k]);
    return true;
}

static bool read_call(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef called = LLVMGetCalledValue(v);
    if (!LLVMIsAFunction(called))
        return false;
    const char *name = LLVMGetValueName(called);
    if (strncmp(name, "llvm.", 5) != 0)
        return read_own_call(x, v, called);
    if (strcmp(name, "llvm.x86.avx2.gather.d.d.256") == 0)
        return read_gather(x, v);
    if (strncmp(name, "llvm.fabs.", 10) == 0)
        return read_flip(x, v, X86_VEX(1, 1, 0xdb), 0x7fffffff);
    for (unsigned i = 0; i < sizeof(call_rows) / sizeof(call_rows[0]); i++) {
        const struct call_row *row = &call_rows[i];
        if (strncmp(name, row->name, strlen(row->name)) != 0)
            continue;
        bool nothing = LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMVoidTypeKind;
        enum x86_type type = nothing ? X86_V : type_of_value(x, v);
        x86_emit_fn *emit = type == X86_V ? row->lanes : type >= X86_I32 && type <= X86_F32 ? row->scalar : NULL;
        if (!emit)
            return false;
        uint32_t sub = type == X86_V ? row->lanes_sub : row->scalar_sub;
        if (emit == x86_lanes_load || emit == x86_lanes_store)
            return add_masked(x, v, emit, sub);
        return add_simple(x, v, emit, sub, row->count);
    }
    return false;
}

/* ---- Control flow ---- */

static uint32_t block_of(struct x86 *x, LLVMBasicBlockRef block)
{
    return map_get(&x->map, block) - 1;
}

/* What a phi is on the way from this block. */
static LLVMValueRef incoming(LLVMValueRef phi, LLVMBasicBlockRef from)
{
    for (unsigned i = 0, count = LLVMCountIncoming(phi); i < count; i++)
        if (LLVMGetIncomingBlock(phi, i) == from)
            return LLVMGetIncomingValue(phi, i);
    return NULL;
}

/* What is read when edges may have written phis has to be elsewhere by then. */
static void read_late(struct x86 *x, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    if (v->kind == X86_DEFINED && v->in >= 0)
        v->crosses = true;
}

static uint32_t phi_of(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = value_of(x, v);
    if (!id)
        return 0;
    struct x86_value *phi = &x->values[id];
    unsigned size_B = phi->type >= X86_M ? 32 : 8;
    if (phi->in < 0)
        phi->in = x86_frame(x, size_B, size_B);
    return id;
}

#define MOST_PHIS 256

/* Writes the phis of the blocks that follow this one. */
static bool read_edges(struct x86 *x, LLVMBasicBlockRef from, LLVMValueRef last)
{
    uint32_t phis[MOST_PHIS], values[MOST_PHIS];
    unsigned count = 0, successors = LLVMGetNumSuccessors(last);
    for (unsigned s = 0; s < successors; s++) {
        LLVMBasicBlockRef to = LLVMGetSuccessor(last, s);
        bool again = false;
        for (unsigned k = 0; k < s; k++)
            again |= LLVMGetSuccessor(last, k) == to;
        if (again)
            continue;
        for (LLVMValueRef v = LLVMGetFirstInstruction(to); v && LLVMIsAPHINode(v); v = LLVMGetNextInstruction(v)) {
            LLVMValueRef value = incoming(v, from);
            if (count == MOST_PHIS || !value)
                return false;
            phis[count] = phi_of(x, v);
            values[count++] = value_of(x, value);
            if (x->failed)
                return false;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        struct x86_inst *inst = add_inst(x, x86_phi_copy);
        inst->effects = true;
        inst->sub = phis[i];
        inst->size = size_of(x->values[phis[i]].type);
        add_arg(x, inst, values[i]);
        read_late(x, values[i]);
    }
    return true;
}

static bool read_switch(struct x86 *x, LLVMValueRef v)
{
    enum x86_type type = type_of_value(x, LLVMGetOperand(v, 0));
    uint32_t value = value_of(x, LLVMGetOperand(v, 0));
    if (type != X86_I32 || x->failed)
        return false;
    read_late(x, value);
    for (unsigned s = 1, count = LLVMGetNumSuccessors(v); s < count; s++) {
        struct x86_inst *inst = add_inst(x, x86_jump_case);
        inst->effects = true;
        inst->sub = (uint32_t)LLVMConstIntGetZExtValue(LLVMGetOperand(v, 2 * s));
        inst->to[0] = x->blocks[block_of(x, LLVMGetSuccessor(v, s))].label;
        add_arg(x, inst, value);
    }
    struct x86_inst *rest = add_inst(x, x86_jump);
    rest->effects = true;
    rest->to[0] = x->blocks[block_of(x, LLVMGetSwitchDefaultDest(v))].label;
    return true;
}

static bool read_branch(struct x86 *x, LLVMValueRef v, const struct x86_inst *compare)
{
    bool conditional = LLVMIsConditional(v);
    uint32_t condition = conditional && !compare ? value_of(x, LLVMGetCondition(v)) : 0;
    if (x->failed)
        return false;
    struct x86_inst *inst = add_inst(x, !conditional ? x86_jump : compare ? x86_jump_cmp : x86_jump_if);
    inst->effects = true;
    if (compare) {
        inst->sub = compare->sub;
        inst->size = compare->size;
        inst->count = compare->count;
        memcpy(inst->args, compare->args, sizeof inst->args);
    } else if (conditional) {
        add_arg(x, inst, condition);
    }
    for (unsigned k = 0; k < inst->count; k++)
        read_late(x, inst->args[k]);
    for (unsigned s = 0; s < LLVMGetNumSuccessors(v); s++)
        inst->to[s] = x->blocks[block_of(x, LLVMGetSuccessor(v, s))].label;
    return true;
}

static bool read_last(struct x86 *x, LLVMBasicBlockRef block, LLVMValueRef v, LLVMOpcode opcode)
{
    struct x86_inst *taken = NULL, compare;
    switch (opcode) {
    case LLVMBr:
        if (LLVMIsConditional(v))
            taken = take_compare(x, LLVMGetCondition(v));
        if (taken)
            compare = *taken;
        return read_edges(x, block, v) && read_branch(x, v, taken ? &compare : NULL);
    case LLVMSwitch: return read_edges(x, block, v) && read_switch(x, v);
    case LLVMRet:
        add_inst(x, x86_ret)->effects = true;
        return LLVMGetNumOperands(v) == 0;
    case LLVMUnreachable: add_inst(x, x86_trap)->effects = true; return true;
    default: return false;
    }
}

static bool read_phi(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = phi_of(x, v);
    if (!id || !define(x, v))
        return false;
    struct x86_inst *inst = add_inst(x, x86_phi);
    inst->result = id;
    inst->effects = true;
    return true;
}

static bool read_instruction(struct x86 *x, LLVMBasicBlockRef block, LLVMValueRef v)
{
    LLVMOpcode opcode = LLVMGetInstructionOpcode(v);
    int64_t bytes;
    if (same_as(x, v, opcode))
        return true; /* made where it is used */
    switch (opcode) {
    case LLVMPHI: return read_phi(x, v);
    case LLVMAlloca: return read_alloca(x, v);
    case LLVMLoad: return read_memory(x, v, false);
    case LLVMStore: return read_memory(x, v, true);
    case LLVMGetElementPtr: return constant_index(x, v, &bytes) || read_index(x, v);
    case LLVMICmp:
    case LLVMFCmp: return read_compare(x, v, opcode);
    case LLVMSelect: return read_select(x, v);
    case LLVMCall: return read_call(x, v);
    case LLVMFNeg: return read_flip(x, v, X86_VEX(1, 1, 0xef), 0x80000000);
    case LLVMInsertElement:
    case LLVMExtractElement: return read_lane(x, v, opcode);
    case LLVMShuffleVector: return read_shuffle(x, v);
    case LLVMZExt:
    case LLVMSExt:
    case LLVMTrunc:
    case LLVMBitCast:
    case LLVMSIToFP:
    case LLVMUIToFP:
    case LLVMFPToSI:
    case LLVMFPToUI: return read_cast(x, v, opcode);
    default: break;
    }
    return read_binary(x, v, opcode) || read_last(x, block, v, opcode);
}

void x86_read(struct x86 *x)
{
    uint32_t count = LLVMCountBasicBlocks(x->fn);
    add_value(x, X86_NONE, X86_CONSTANT); /* 0: none */
    for (unsigned i = 0, params = LLVMCountParams(x->fn); i < params; i++) {
        uint32_t id = add_value(x, X86_I64, X86_DEFINED);
        x->values[id].crosses = true;
        map_set(x, &x->map, LLVMGetParam(x->fn, i), id);
    }
    x->blocks = arena_array(x->arena, struct x86_block, count);
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(x->fn); b; b = LLVMGetNextBasicBlock(b)) {
        x->blocks[x->block_count].label = x86_label(&x->a);
        map_set(x, &x->map, b, ++x->block_count);
    }
    x->block = 0;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(x->fn); b; b = LLVMGetNextBasicBlock(b), x->block++) {
        x->blocks[x->block].first = x->inst_count;
        for (LLVMValueRef v = LLVMGetFirstInstruction(b); v; v = LLVMGetNextInstruction(v)) {
            x->line = x->has_lines ? LLVMGetDebugLocLine(v) : 0;
            if (!read_instruction(x, b, v) || x->failed) {
                x->failed = true;
                x->why = v;
                return;
            }
        }
        x->blocks[x->block].end = x->inst_count;
    }
}
