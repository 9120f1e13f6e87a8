/* SPDX-License-Identifier: MIT
 *
 * Memory instructions: loads, stores, pointer comparison, barriers, atomics.
 */
#include "spv_builder.h"

uint8_t spv_memory_operands(struct spv_builder *b, const uint32_t *w, uint32_t wc, uint32_t at,
                            uint32_t *align_out)
{
    *align_out = 0;
    if (at >= wc)
        return 0;
    uint32_t mask = w[at++];
    uint8_t flags = mask & SpvMemoryAccessVolatileMask ? IR_MEM_VOLATILE : 0;
    if (mask & SpvMemoryAccessAlignedMask) {
        if (at >= wc || w[at] == 0 || w[at] & (w[at] - 1))
            spv_bad(b, "the alignment is not a power of two");
        *align_out = w[at];
    }
    /* Non-private accesses take part in the memory model's ordering. */
    if (mask & (SpvMemoryAccessMakePointerAvailableMask | SpvMemoryAccessMakePointerVisibleMask |
                SpvMemoryAccessNonPrivatePointerMask))
        flags |= IR_MEM_COHERENT;
    return flags;
}

void spv_op_load(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t align_B;
    uint8_t flags = spv_memory_operands(b, w, wc, 4, &align_B);
    const struct spv_type *type = spv_type_at(b, w[1]);
    const struct spv_pointer *p = spv_pointer_to(b, w[3], type);
    if (p->pointee != type)
        spv_bad(b, "the result is not of the pointee's type");
    if (type->kind == SPV_TYPE_POINTER && spv_pointer_leaves(type->storage) == 0)
        spv_unsupported(b, "a pointer of storage class %u in a variable", type->storage);
    struct spv_value *value = spv_result(b, w);
    value->nonuniform |= p->nonuniform;
    if (!spv_load_handles(b, p, value))
        spv_load(b, p, align_B, flags, value->leaves);
}

void spv_op_store(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t align_B;
    uint8_t flags = spv_memory_operands(b, w, wc, 3, &align_B);
    const struct spv_value *value = spv_operand(b, w[2]);
    const struct spv_pointer *p = spv_pointer_to(b, w[1], value->type);
    if (p->pointee != value->type)
        spv_bad(b, "the object is not of the pointee's type");
    spv_store(b, p, align_B, flags, spv_leaves(b, value));
}

/* So many bytes, in the largest words that size and alignment allow. */
static const struct spv_type *bytes_type(struct spv_builder *b, uint32_t size_B, uint32_t align_B)
{
    uint32_t unit_B = 4;
    while (size_B % unit_B || (align_B ? align_B : 1) % unit_B)
        unit_B /= 2;
    if (size_B == 0 || size_B / unit_B > SPV_MAX_LEAVES)
        spv_unsupported(b, "a copy of %u bytes", size_B);
    struct spv_type *unit = arena_new(b->arena, struct spv_type);
    struct spv_type *type = arena_new(b->arena, struct spv_type);
    *unit = (struct spv_type){.kind = SPV_TYPE_INT,
                              .scalar = unit_B == 4 ? IR_I32 : unit_B == 2 ? IR_I16 : IR_I8,
                              .defined = true,
                              .leaf_count = 1,
                              .path_count = 1,
                              .natural_B = unit_B,
                              .natural_align_B = unit_B};
    *type = *unit;
    type->kind = SPV_TYPE_ARRAY;
    type->count = type->leaf_count = size_B / unit_B;
    type->element = unit;
    type->array_stride = unit_B;
    type->natural_B = size_B;
    return type;
}

void spv_op_copy_memory(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    bool sized = (w[0] & 0xffff) == SpvOpCopyMemorySized;
    uint32_t at = sized ? 4 : 3, align_B, source_align_B;
    uint8_t flags = spv_memory_operands(b, w, wc, at, &align_B);
    source_align_B = align_B; /* a second set of operands would be for the source */
    if (wc > at && w[at] & SpvMemoryAccessAlignedMask && wc > at + 2)
        source_align_B = 0;
    struct spv_pointer to = *spv_pointer_at(b, w[1]), from = *spv_pointer_at(b, w[2]);
    bool to_untyped = spv_operand(b, w[1])->type->untyped;
    bool from_untyped = spv_operand(b, w[2])->type->untyped;
    if (sized) {
        uint32_t size_B = spv_constant_u32(b, w[3]);
        bool local = to.steps || from.steps || !spv_pointer_leaves(to.storage) ||
                     !spv_pointer_leaves(from.storage);
        const struct spv_type *typed = to_untyped ? from_untyped ? NULL : from.pointee : to.pointee;
        const struct spv_type *type = typed;
        /* A whole variable is copied as what it is. */
        if (!type || (!local && type->natural_B != size_B) || type->kind != SPV_TYPE_INT)
            type = local && typed ? typed : bytes_type(b, size_B, align_B);
        if (to_untyped || !local)
            spv_reinterpret(&to, type);
        if (from_untyped || !local)
            spv_reinterpret(&from, type);
    } else if (to_untyped) {
        spv_reinterpret(&to, from.pointee);
    } else if (from_untyped) {
        spv_reinterpret(&from, to.pointee);
    }
    if (!to.pointee || to.pointee != from.pointee || to.pointee->leaf_count > SPV_MAX_LEAVES)
        spv_bad(b, "the pointers are not to one type");
    struct ir_inst **leaves = arena_array(b->arena, struct ir_inst *, to.pointee->leaf_count);
    spv_load(b, &from, source_align_B, flags, leaves);
    spv_store(b, &to, align_B, flags, leaves);
}

/* ---- Comparing pointers ---- */

static struct ir_inst **comparable(struct spv_builder *b, uint32_t id,
                                   const struct spv_type **type_out)
{
    const struct spv_value *value = spv_operand(b, id);
    if (value->type->kind != SPV_TYPE_POINTER || spv_pointer_leaves(value->type->storage) == 0)
        spv_bad(b, "%%%u is not a pointer that can be compared", id);
    *type_out = value->type;
    return spv_leaves(b, value);
}

void spv_op_ptr_compare(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type, *other;
    struct ir_inst **x = comparable(b, w[3], &type), **y = comparable(b, w[4], &other);
    struct spv_value *value = spv_result(b, w);
    if (type->storage != other->storage || value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "the pointers are of different storage classes");
    struct ir_inst *equal = NULL;
    for (uint32_t i = 0; i < type->leaf_count; i++) {
        struct ir_inst *same = spv_emit2(b, IR_EQ, IR_BOOL, x[i], y[i]);
        equal = equal ? spv_emit2(b, IR_AND, IR_BOOL, equal, same) : same;
    }
    value->leaves[0] = (w[0] & 0xffff) == SpvOpPtrEqual ? equal : spv_not(b, equal);
}

/* Of the array that the pointers were indexed out of, where their type doesn't say; that of a packed array where
 * neither is from an access chain. */
static uint64_t known_stride_B(struct spv_builder *b, uint32_t x, uint32_t y)
{
    const struct spv_value *values[] = {spv_operand(b, x), spv_operand(b, y)};
    for (uint32_t i = 0; i < 2; i++) {
        if (values[i]->pointer && values[i]->pointer->stride_B)
            return values[i]->pointer->stride_B;
    }
    return spv_explicit_size_B(values[0]->type->element);
}

void spv_op_ptr_diff(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type, *other;
    struct ir_inst **x = comparable(b, w[3], &type), **y = comparable(b, w[4], &other);
    struct spv_value *value = spv_result(b, w);
    uint32_t last = type->leaf_count - 1;
    uint64_t stride_B = type->array_stride;
    if (type->untyped) /* counted in bytes */
        stride_B = 1;
    else if (type->storage == SpvStorageClassWorkgroup && !b->mod->explicit_workgroup)
        stride_B = type->element->natural_B;
    else if (!stride_B)
        stride_B = known_stride_B(b, w[3], w[4]);
    if (type->storage != other->storage || value->type->kind != SPV_TYPE_INT || !stride_B)
        spv_bad(b, "pointers that have no difference");
    enum ir_type scalar = (enum ir_type)x[last]->type;
    struct ir_inst *bytes = spv_emit2(b, IR_SUB, scalar, x[last], y[last]);
    struct ir_inst *elements =
        spv_emit2(b, IR_SDIV, scalar, bytes, spv_const(b, scalar, stride_B));
    value->leaves[0] = spv_to_int(b, elements, (enum ir_type)value->type->scalar, true);
}

/* ---- Barriers ---- */

static uint32_t scope_at(struct spv_builder *b, uint32_t id)
{
    return spv_constant_u32(b, id);
}

static void fence(struct spv_builder *b, uint32_t scope)
{
    struct ir_inst *inst = spv_append(b, IR_FENCE, IR_VOID, 0, NULL);
    inst->imm = scope <= SpvScopeDevice || scope == SpvScopeQueueFamily;
}

void spv_op_control_barrier(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    switch (scope_at(b, w[1])) {
    case SpvScopeWorkgroup:
        spv_append(b, IR_BARRIER, IR_VOID, 0, NULL);
        /* Other workgroups see what a wider memory scope made available. */
        if (scope_at(b, w[2]) <= SpvScopeDevice)
            fence(b, SpvScopeDevice);
        break;
    case SpvScopeSubgroup:
        b->m->uses_subgroup = true;
        fence(b, SpvScopeSubgroup);
        break;
    default:
        spv_unsupported(b, "a control barrier of scope %u", scope_at(b, w[1]));
    }
}

void spv_op_memory_barrier(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    fence(b, scope_at(b, w[1]));
}

void spv_op_read_clock(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_value *value = spv_result(b, w);
    struct ir_inst *clock = spv_append(b, IR_CLOCK, IR_I64, 0, NULL);
    const struct spv_type *type = value->type;
    if (!spv_is_numeric(type) || type->leaf_count * ir_type_bits((enum ir_type)type->scalar) != 64)
        spv_bad(b, "the result type of OpReadClockKHR");
    spv_bitcast(b, &clock, 1, value->leaves, type->leaf_count, (enum ir_type)type->scalar);
}

/* ---- Atomics ---- */

static struct ir_inst *atomic(struct spv_builder *b, const struct spv_pointer *p, enum ir_op op,
                              enum ir_type type, enum ir_atomic kind, uint32_t value_count,
                              struct ir_inst *const *values)
{
    struct ir_inst *args[4];
    struct ir_mem mem;
    if (!spv_is_scalar(p->pointee) || p->pointee->kind == SPV_TYPE_BOOL)
        spv_bad(b, "an atomic access to type %%%u", p->pointee->id);
    uint32_t count = spv_address(b, p, args, &mem);
    if (mem.space == IR_SPACE_PUSH || (op != IR_ATOMIC_LOAD && p->flags & IR_MEM_READONLY))
        spv_bad(b, "an atomic access to constant memory");
    for (uint32_t i = 0; i < value_count; i++)
        args[count + i] = values[i];
    mem.comps = 1;
    mem.align_B = mem.stride_B = ir_type_B((enum ir_type)p->pointee->scalar);
    mem.atomic = (uint8_t)kind;
    mem.flags &= (uint8_t)~IR_MEM_READONLY;
    if (op == IR_ATOMIC && kind >= IR_ATOMIC_FADD && b->mod->float_modes[type] & SPV_FLOAT_FLUSH)
        mem.flags |= IR_MEM_FLUSH;
    bool wide = p->handle && p->storage != SpvStorageClassImage && spv_is_wide(b, p->storage);
    uint32_t slot = wide && type != IR_VOID ? spv_slots_create(b, 1) : 0;
    struct spv_if f;
    if (wide) {
        if (type != IR_VOID)
            spv_slot_init(b, slot, type, spv_const(b, type, 0));
        spv_inside_begin(b, &f, p, 0, mem.align_B);
    }
    struct ir_inst *inst = spv_append(b, op, type, count + value_count, args);
    inst->mem = mem;
    if (p->nonuniform)
        inst->flags |= IR_INST_NONUNIFORM;
    if (!wide)
        return inst;
    if (type != IR_VOID)
        spv_slot_set(b, slot, inst);
    spv_inside_end(b, &f);
    return type == IR_VOID ? inst : spv_slot_get(b, slot);
}

static struct ir_inst *atomic_operand(struct spv_builder *b, const struct spv_pointer *p,
                                      uint32_t id)
{
    const struct spv_value *value = spv_operand(b, id);
    if (value->type != p->pointee &&
        !(value->type->kind == SPV_TYPE_INT && p->pointee->kind == SPV_TYPE_INT &&
          value->type->scalar == p->pointee->scalar))
        spv_bad(b, "%%%u is not of the pointee's type", id);
    return value->leaves[0];
}

static struct spv_value *atomic_result(struct spv_builder *b, const uint32_t *w,
                                       const struct spv_pointer *p)
{
    struct spv_value *value = spv_result(b, w);
    if (value->type != p->pointee)
        spv_bad(b, "the result is not of the pointee's type");
    return value;
}

void spv_op_atomic_load(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_pointer *p = spv_pointer_to(b, w[3], spv_type_at(b, w[1]));
    struct spv_value *value = atomic_result(b, w, p);
    value->leaves[0] = atomic(b, p, IR_ATOMIC_LOAD, (enum ir_type)p->pointee->scalar, 0, 0, NULL);
}

void spv_op_atomic_store(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_pointer *p = spv_pointer_to(b, w[1], spv_operand(b, w[4])->type);
    struct ir_inst *x = atomic_operand(b, p, w[4]);
    atomic(b, p, IR_ATOMIC_STORE, IR_VOID, 0, 1, &x);
}

#define ORDERED                                                                                    \
    (SpvMemorySemanticsAcquireMask | SpvMemorySemanticsReleaseMask |                               \
     SpvMemorySemanticsAcquireReleaseMask | SpvMemorySemanticsSequentiallyConsistentMask)

static const struct {
    uint16_t op;
    uint8_t kind; /* enum ir_atomic */
    char class;   /* i, f or x: either */
    char operand; /* v: the value; 1, -: constant one, minus one; n: the value negated */
} atomics[] = {
    {SpvOpAtomicExchange, IR_ATOMIC_EXCHANGE, 'x', 'v'},
    {SpvOpAtomicIIncrement, IR_ATOMIC_ADD, 'i', '1'},
    {SpvOpAtomicIDecrement, IR_ATOMIC_ADD, 'i', '-'},
    {SpvOpAtomicIAdd, IR_ATOMIC_ADD, 'i', 'v'},
    {SpvOpAtomicISub, IR_ATOMIC_ADD, 'i', 'n'},
    {SpvOpAtomicSMin, IR_ATOMIC_SMIN, 'i', 'v'},
    {SpvOpAtomicUMin, IR_ATOMIC_UMIN, 'i', 'v'},
    {SpvOpAtomicSMax, IR_ATOMIC_SMAX, 'i', 'v'},
    {SpvOpAtomicUMax, IR_ATOMIC_UMAX, 'i', 'v'},
    {SpvOpAtomicAnd, IR_ATOMIC_AND, 'i', 'v'},
    {SpvOpAtomicOr, IR_ATOMIC_OR, 'i', 'v'},
    {SpvOpAtomicXor, IR_ATOMIC_XOR, 'i', 'v'},
    {SpvOpAtomicFAddEXT, IR_ATOMIC_FADD, 'f', 'v'},
    {SpvOpAtomicFMinEXT, IR_ATOMIC_FMIN, 'f', 'v'},
    {SpvOpAtomicFMaxEXT, IR_ATOMIC_FMAX, 'f', 'v'},
};

void spv_op_atomic(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct spv_pointer ordered = *spv_pointer_to(b, w[3], spv_type_at(b, w[1]));
    const struct spv_pointer *p = &ordered;
    enum ir_type type = (enum ir_type)p->pointee->scalar;
    /* Another dispatch may see what comes before it by what it sees of it. */
    if (spv_constant_u32(b, w[5]) & ORDERED)
        ordered.flags |= IR_MEM_COHERENT;
    for (size_t i = 0; i < sizeof(atomics) / sizeof(atomics[0]); i++) {
        if (atomics[i].op != (w[0] & 0xffff))
            continue;
        struct ir_inst *x;
        if ((atomics[i].class == 'i' && p->pointee->kind != SPV_TYPE_INT) ||
            (atomics[i].class == 'f' && p->pointee->kind != SPV_TYPE_FLOAT))
            spv_bad(b, "an atomic operation on type %%%u", p->pointee->id);
        switch (atomics[i].operand) {
        case '1':
            x = spv_const(b, type, 1);
            break;
        case '-':
            x = spv_const(b, type, UINT64_MAX);
            break;
        default:
            x = atomic_operand(b, p, w[6]);
            if (atomics[i].operand == 'n')
                x = spv_emit2(b, IR_SUB, type, spv_const(b, type, 0), x);
        }
        struct spv_value *value = atomic_result(b, w, p);
        value->leaves[0] = atomic(b, p, IR_ATOMIC, type, (enum ir_atomic)atomics[i].kind, 1, &x);
    }
}

void spv_op_atomic_compare_exchange(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_pointer *p = spv_pointer_to(b, w[3], spv_type_at(b, w[1]));
    struct ir_inst *args[] = {atomic_operand(b, p, w[7]), atomic_operand(b, p, w[8])};
    struct spv_value *value = atomic_result(b, w, p);
    if (p->pointee->kind != SPV_TYPE_INT)
        spv_bad(b, "an atomic comparison of type %%%u", p->pointee->id);
    value->leaves[0] =
        atomic(b, p, IR_ATOMIC_CMPXCHG, (enum ir_type)p->pointee->scalar, 0, 2, args);
}

void spv_op_atomic_flag(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    bool set = (w[0] & 0xffff) == SpvOpAtomicFlagTestAndSet;
    const struct spv_pointer *p = spv_pointer_at(b, w[set ? 3 : 1]);
    if (!p->pointee || p->pointee->scalar != IR_I32 || p->pointee->kind != SPV_TYPE_INT)
        spv_bad(b, "an atomic flag that is not a 32-bit integer");
    if (!set) {
        struct ir_inst *zero = spv_i32(b, 0);
        atomic(b, p, IR_ATOMIC_STORE, IR_VOID, 0, 1, &zero);
        return;
    }
    struct ir_inst *one = spv_i32(b, 1);
    struct ir_inst *old = atomic(b, p, IR_ATOMIC, IR_I32, IR_ATOMIC_EXCHANGE, 1, &one);
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "the result is not a boolean");
    value->leaves[0] = spv_emit2(b, IR_NE, IR_BOOL, old, spv_i32(b, 0));
}
