/* SPDX-License-Identifier: MIT
 *
 * The values of LLVM's IR as those of this folder.
 */
#include <string.h>

#include "x86_read.h"

/* ---- Tables by LLVM's pointers ---- */

static struct x86_entry *find(const struct x86_map *map, const void *key)
{
    uint32_t at = (uint32_t)(((uintptr_t)key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
    while (map->entries[at &= map->room - 1].key && map->entries[at].key != key)
        at++;
    return &map->entries[at];
}

uint32_t x86_map_get(const struct x86_map *map, const void *key)
{
    return map->room ? find(map, key)->value : 0;
}

/* value: not 0. */
void x86_map_set(struct x86 *x, struct x86_map *map, const void *key, uint32_t value)
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
    if (!x86_map_get(&x->functions, fn))
        x86_map_set(x, &x->functions, fn, x86_label(&x->a) + 1);
    return x86_map_get(&x->functions, fn) - 1;
}

/* ---- Types ---- */

static enum x86_type find_type(LLVMTypeRef t, unsigned *parts_out)
{
    *parts_out = 1;
    switch (LLVMGetTypeKind(t)) {
    case LLVMPointerTypeKind: return X86_I64;
    case LLVMFloatTypeKind: return X86_F32;
    case LLVMHalfTypeKind: return X86_F16; /* these two of lanes only */
    case LLVMDoubleTypeKind: return X86_F64;
    case LLVMIntegerTypeKind:
        switch (LLVMGetIntTypeWidth(t)) {
        case 1: return X86_I1;
        case 8: return X86_I8;
        case 16: return X86_I16;
        case 32: return X86_I32;
        case 64: return X86_I64;
        default: return X86_NONE;
        }
    case LLVMVectorTypeKind: {
        unsigned lanes = LLVMGetVectorSize(t), parts = (lanes + X86_LANES - 1) / X86_LANES;
        if (lanes % X86_LANES && lanes != 1 && lanes != 2 && lanes != 4)
            return X86_NONE; /* those leave the upper lanes of a register undefined */
        switch (find_type(LLVMGetElementType(t), parts_out)) {
        case X86_I1: *parts_out = parts; return X86_M;
        case X86_I8: *parts_out = parts; return X86_B;
        case X86_I16:
        case X86_F16: *parts_out = parts; return X86_H;
        case X86_I32:
        case X86_F32: *parts_out = parts; return X86_V;
        case X86_I64:
        case X86_F64: *parts_out = (lanes + X86_QUADS - 1) / X86_QUADS; return X86_Q;
        default: return X86_NONE;
        }
    }
    default: return X86_NONE;
    }
}

static struct x86_known known_type(struct x86 *x, LLVMTypeRef t)
{
    unsigned i = 0, room = sizeof(x->known) / sizeof(x->known[0]), parts;
    for (; i < room && x->known[i].llvm; i++)
        if (x->known[i].llvm == t)
            return x->known[i];
    enum x86_type type = find_type(t, &parts);
    if (parts > X86_PARTS || type == X86_F64 || type == X86_F16)
        type = X86_NONE;
    struct x86_known known = {t, type, (uint8_t)parts};
    if (i < room)
        x->known[i] = known;
    return known;
}

enum x86_type x86_type_of(struct x86 *x, LLVMValueRef v)
{
    return known_type(x, LLVMTypeOf(v)).type;
}

unsigned x86_parts(struct x86 *x, LLVMValueRef v)
{
    return known_type(x, LLVMTypeOf(v)).parts;
}

uint8_t x86_size_of(enum x86_type type)
{
    static const uint8_t sizes[] = {[X86_I1] = 1, [X86_I8] = 1, [X86_I16] = 2, [X86_I32] = 4, [X86_I64] = 8,
                                    [X86_F32] = 4, [X86_M] = 32, [X86_B] = 32, [X86_H] = 32,
                                    [X86_V] = 32, [X86_Q] = 32};
    return sizes[type];
}

uint32_t x86_fail(struct x86 *x)
{
    x->failed = true;
    return 0;
}

/* ---- Values ---- */

static uint32_t x86_add_value(struct x86 *x, enum x86_type type, enum x86_kind kind)
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

struct x86_inst *x86_add_inst(struct x86 *x, x86_emit_fn *emit)
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

void x86_add_arg(struct x86 *x, struct x86_inst *inst, uint32_t value)
{
    struct x86_value *v = &x->values[value];
    v->uses++;
    if (v->kind == X86_DEFINED && v->block != x->block)
        v->crosses = true;
    inst->args[inst->count++] = value;
}

uint32_t x86_temporary(struct x86 *x, enum x86_type type)
{
    uint32_t id = x86_add_value(x, type, X86_DEFINED);
    x->values[id].block = x->block;
    return id;
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
    if (kind == LLVMDoubleTypeKind && LLVMIsAConstantFP(c)) {
        LLVMBool loses;
        double value = LLVMConstRealGetDouble(c, &loses);
        memcpy(x->a.pool + at, &value, 8);
        return true;
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

static uint32_t add_constant(struct x86 *x, enum x86_type type, uint64_t bits)
{
    uint32_t id = x86_add_value(x, type, X86_CONSTANT);
    x->values[id].bits = bits;
    return id;
}

/* Lanes of few bits, each in 32. */
static bool write_lanes(struct x86 *x, LLVMValueRef c, enum x86_type type, uint32_t at)
{
    for (unsigned i = 0, count = LLVMGetVectorSize(LLVMTypeOf(c)); i < count; i++) {
        LLVMValueRef e = LLVMGetAggregateElement(c, i);
        if (!e || !(LLVMIsAConstantInt(e) || LLVMIsUndef(e)))
            return false;
        uint32_t bits = LLVMIsUndef(e) ? 0 : (uint32_t)LLVMConstIntGetZExtValue(e);
        if (type == X86_M && bits)
            bits = UINT32_MAX;
        memcpy(x->a.pool + at + 4 * i, &bits, 4);
    }
    return true;
}

static uint32_t pooled(struct x86 *x, LLVMValueRef c, enum x86_type type)
{
    bool zero = LLVMIsNull(c) || LLVMIsUndef(c), lanes = type >= X86_M && type <= X86_H;
    unsigned parts = x86_parts(x, c);
    uint32_t at = x86_pool(&x->a, 32 * parts, 32), first = x->value_count;
    for (unsigned p = 0; p < parts; p++) {
        uint32_t id = x86_add_value(x, type, X86_POOLED);
        x->values[id].at = (int32_t)(at + 32 * p);
        x->values[id].bits = zero;
    }
    return zero || (lanes ? write_lanes(x, c, type, at) : write_constant(x, c, at)) ? first : x86_fail(x);
}

/* An integer whose bits are the lanes of a constant mask. */
static uint32_t mask_bits(struct x86 *x, LLVMValueRef c, enum x86_type type)
{
    uint64_t bits = 0;
    if (x86_type_of(x, c) != X86_M)
        return x86_fail(x);
    for (unsigned i = 0, count = LLVMGetVectorSize(LLVMTypeOf(c)); i < count; i++) {
        LLVMValueRef e = LLVMGetAggregateElement(c, i);
        if (!e || !(LLVMIsAConstantInt(e) || LLVMIsUndef(e)))
            return x86_fail(x);
        if (LLVMIsAConstantInt(e))
            bits |= (uint64_t)LLVMConstIntGetZExtValue(e) << i;
    }
    return add_constant(x, type, bits);
}

static uint32_t constant(struct x86 *x, LLVMValueRef c)
{
    enum x86_type type = x86_type_of(x, c);
    if (type == X86_NONE)
        return x86_fail(x);
    if (x86_in_vector(type))
        return pooled(x, c, type);
    if (LLVMIsNull(c) || LLVMIsUndef(c))
        return add_constant(x, type, 0);
    if (LLVMIsAConstantInt(c))
        return add_constant(x, type, LLVMConstIntGetZExtValue(c));
    if (LLVMIsAConstantExpr(c) && LLVMGetConstOpcode(c) == LLVMBitCast)
        return mask_bits(x, LLVMGetOperand(c, 0), type);
    return x86_fail(x);
}

static uint32_t global(struct x86 *x, LLVMValueRef g)
{
    LLVMValueRef init = LLVMGetInitializer(g);
    if (!init || !LLVMIsGlobalConstant(g))
        return x86_fail(x);
    uint32_t id = x86_add_value(x, X86_I64, X86_GLOBAL);
    uint32_t at = x86_pool(&x->a, (uint32_t)LLVMABISizeOfType(x->layout, LLVMTypeOf(init)), 64);
    x->values[id].at = (int32_t)at;
    return write_constant(x, init, at) ? id : x86_fail(x);
}

/* An instruction that changes nothing where values are held: its argument, or NULL. */
LLVMValueRef x86_same_as(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    switch (opcode) {
    case LLVMPtrToInt:
    case LLVMIntToPtr:
    case LLVMFreeze: return LLVMGetOperand(v, 0);
    case LLVMBitCast: {
        enum x86_type to = x86_type_of(x, v), from = x86_type_of(x, LLVMGetOperand(v, 0));
        bool vectors = to >= X86_V && from >= X86_V && x86_parts(x, v) == x86_parts(x, LLVMGetOperand(v, 0));
        return vectors || (to == from && to != X86_NONE) ? LLVMGetOperand(v, 0) : NULL;
    }
    case LLVMTrunc: {
        enum x86_type to = x86_type_of(x, v);
        enum x86_type from = x86_type_of(x, LLVMGetOperand(v, 0));
        bool lanes = (to == X86_B || to == X86_H) && (from == X86_H || from == X86_V);
        return lanes || (to >= X86_I8 && to <= X86_I32) ? LLVMGetOperand(v, 0) : NULL;
    }
    case LLVMSExt: {
        enum x86_type to = x86_type_of(x, v);
        bool lanes = to >= X86_B && to <= X86_V && x86_type_of(x, LLVMGetOperand(v, 0)) == X86_M;
        return lanes ? LLVMGetOperand(v, 0) : NULL;
    }
    case LLVMCall: {
        LLVMValueRef called = LLVMGetCalledValue(v);
        if (!LLVMIsAFunction(called) || x86_type_of(x, v) == X86_NONE)
            return NULL;
        return strncmp(LLVMGetValueName(called), "llvm.arithmetic.fence.", 22) == 0 ? LLVMGetOperand(v, 0) : NULL;
    }
    default: return NULL;
    }
}

bool x86_constant_index(struct x86 *x, LLVMValueRef gep, int64_t *bytes_out)
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

struct x86_place x86_place_of(struct x86 *x, LLVMValueRef v)
{
    int64_t distance = 0, bytes;
    while (is_gep(v) && x86_constant_index(x, v, &bytes) && near(bytes) && near(distance + bytes)) {
        distance += bytes;
        v = LLVMGetOperand(v, 0);
    }
    return (struct x86_place){x86_value_of(x, v), (int32_t)distance};
}

/* A sum, made here, for this block only. */
static uint32_t address(struct x86 *x, uint32_t base, int64_t distance)
{
    uint32_t id = x86_temporary(x, X86_I64);
    uint32_t far = near(distance) ? 0 : add_constant(x, X86_I64, (uint64_t)distance);
    struct x86_inst *inst = x86_add_inst(x, far ? x86_binary : x86_lea);
    inst->result = id;
    inst->size = 8;
    inst->disp = far ? 0 : (int32_t)distance;
    x86_add_arg(x, inst, base);
    if (far)
        x86_add_arg(x, inst, far);
    return id;
}

static uint32_t add_parts(struct x86 *x, LLVMValueRef v)
{
    uint32_t first = x->value_count;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++)
        x86_add_value(x, x86_type_of(x, v), X86_DEFINED);
    return first;
}

uint32_t x86_value_of(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = x86_map_get(&x->map, v);
    int64_t bytes;
    if (id || x->failed)
        return id;
    if (is_gep(v) && x86_constant_index(x, v, &bytes)) {
        if (!near(bytes)) {
            uint32_t base = x86_value_of(x, LLVMGetOperand(v, 0));
            return x->failed ? 0 : address(x, base, bytes);
        }
        struct x86_place p = x86_place_of(x, v);
        if (!p.disp || x->failed)
            return p.base;
        return address(x, p.base, p.disp);
    }
    if (LLVMIsAInstruction(v)) {
        LLVMValueRef same = x86_same_as(x, v, LLVMGetInstructionOpcode(v));
        id = same ? x86_value_of(x, same) : add_parts(x, v);
        if (x->failed || x->values[id].type == X86_NONE)
            return x86_fail(x);
        if (same && !x86_map_get(&x->map, same))
            return id; /* made for this block only */
    } else if (LLVMIsAGlobalVariable(v)) {
        id = global(x, v);
    } else if (LLVMIsAConstant(v)) {
        id = constant(x, v);
    } else {
        return x86_fail(x);
    }
    if (id)
        x86_map_set(x, &x->map, v, id);
    return id;
}

struct x86_inst *x86_add(struct x86 *x, LLVMValueRef v, x86_emit_fn *emit, uint32_t sub, int32_t disp,
                         unsigned count)
{
    uint32_t args[X86_ARGS], several[X86_ARGS], result;
    unsigned parts = x86_parts(x, v);
    for (unsigned k = 0; k < count; k++) {
        args[k] = x86_value_of(x, LLVMGetOperand(v, k));
        several[k] = x86_type_of(x, LLVMGetOperand(v, k)) >= X86_M;
    }
    result = x86_define(x, v);
    struct x86_inst *inst = NULL;
    for (unsigned p = 0; p < parts; p++) {
        inst = x86_add_inst(x, emit);
        inst->sub = sub;
        inst->disp = disp;
        if (x->failed)
            break;
        inst->result = result + p;
        inst->size = x86_size_of(x->values[result].type);
        x->values[result + p].inst = x->inst_count - 1;
        for (unsigned k = 0; k < count; k++)
            x86_add_arg(x, inst, args[k] + p * several[k]);
    }
    return inst;
}

uint32_t x86_define(struct x86 *x, LLVMValueRef v)
{
    uint32_t id = x86_value_of(x, v);
    for (unsigned p = 0, parts = x86_parts(x, v); id && p < parts; p++)
        x->values[id + p].block = x->block;
    return id;
}
