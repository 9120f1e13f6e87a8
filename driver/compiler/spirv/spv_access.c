/* SPDX-License-Identifier: MIT
 *
 * Pointers: what a variable's pointer is, and access chains.
 */
#include "spv_builder.h"

static bool is_local(uint32_t storage)
{
    return storage == SpvStorageClassFunction || storage == SpvStorageClassPrivate ||
           storage == SpvStorageClassInput;
}

static uint8_t mem_flags(uint8_t access)
{
    return (access & SPV_ACCESS_COHERENT ? IR_MEM_COHERENT : 0) |
           (access & SPV_ACCESS_VOLATILE ? IR_MEM_VOLATILE : 0);
}

/* ---- Variables ---- */

/* Whether nobody in the module writes the buffer: all its variables are NonWritable. */
static bool binding_is_readonly(struct spv_builder *b, const struct spv_variable *v)
{
    const struct spv_module *mod = b->mod;
    for (uint32_t i = 0; i < mod->variable_count; i++) {
        const struct spv_variable *other = mod->ids[mod->variables[i]].variable;
        if (other->storage != SpvStorageClassStorageBuffer &&
            other->storage != SpvStorageClassUniform)
            continue;
        if (other->set != v->set || other->binding != v->binding)
            continue;
        const struct spv_type *type = other->type;
        while (type->kind == SPV_TYPE_ARRAY || type->kind == SPV_TYPE_RUNTIME_ARRAY)
            type = type->element;
        bool all = type->kind == SPV_TYPE_STRUCT && type->count > 0;
        for (uint32_t k = 0; all && k < type->count; k++)
            all = type->members[k].access & SPV_ACCESS_NON_WRITABLE;
        if (!all && !(other->access & SPV_ACCESS_NON_WRITABLE))
            return false;
    }
    return true;
}

/* Variables of one buffer share an alias number. */
static uint32_t binding_alias(struct spv_builder *b, struct spv_variable *v)
{
    const struct spv_module *mod = b->mod;
    bool aliased = false;
    for (uint32_t i = 0; i < mod->variable_count; i++) {
        const struct spv_variable *other = mod->ids[mod->variables[i]].variable;
        if (other->storage != SpvStorageClassStorageBuffer &&
            other->storage != SpvStorageClassUniform)
            continue;
        if (other->set != v->set || other->binding != v->binding)
            continue;
        if (other->alias)
            return other->alias;
        aliased |= (other->access & SPV_ACCESS_ALIASED) != 0;
    }
    return aliased ? 0 : b->next_alias++;
}

/* Whether a binding can be what the variable says. */
static bool binding_holds(uint32_t kind, const struct spv_type *type)
{
    while (type->kind == SPV_TYPE_ARRAY || type->kind == SPV_TYPE_RUNTIME_ARRAY)
        type = type->element;
    switch (kind) {
    case WEFT_BINDING_IMAGE: /* before SPIR-V 1.6, a uniform texel buffer may come as a sampled image */
        return type->kind == SPV_TYPE_IMAGE ||
               (type->kind == SPV_TYPE_SAMPLED_IMAGE && type->element->image.dim == SpvDimBuffer);
    case WEFT_BINDING_SAMPLER:
        return type->kind == SPV_TYPE_SAMPLER;
    case WEFT_BINDING_COMBINED: /* may be used as a part of it */
        return type->kind == SPV_TYPE_SAMPLED_IMAGE || type->kind == SPV_TYPE_IMAGE ||
               type->kind == SPV_TYPE_SAMPLER;
    case WEFT_BINDING_MUTABLE:
        return true;
    default:
        return !type->has_handle;
    }
}

static void find_binding(struct spv_builder *b, struct spv_variable *v)
{
    if (v->binding_index != UINT32_MAX)
        return;
    const struct ir_module *m = b->m;
    for (uint32_t i = 0; i < m->binding_count; i++) {
        if (m->bindings[i].set != v->set || m->bindings[i].binding != v->binding)
            continue;
        if (!binding_holds(m->bindings[i].kind, v->type))
            spv_bad(b, "the layout's set %u, binding %u is of another type (variable \"%.40s\")",
                    v->set, v->binding, spv_name(b, v->id));
        v->binding_index = i;
        return;
    }
    spv_bad(b, "the layout has no set %u, binding %u (variable \"%.40s\")", v->set, v->binding,
            spv_name(b, v->id));
}

static struct ir_inst *buffer_handle(struct spv_builder *b, const struct spv_variable *v,
                                     struct ir_inst *element)
{
    if (spv_is_const(element))
        return spv_pooled(b, IR_BUFFER, IR_I64, v->binding_index, element);
    struct ir_inst *inst = spv_append(b, IR_BUFFER, IR_I64, 1, &element);
    inst->imm = v->binding_index;
    return inst;
}

static void buffer_pointer(struct spv_builder *b, struct spv_variable *v, struct spv_pointer *p)
{
    const struct spv_type *type = v->type;
    bool uniform = v->storage == SpvStorageClassUniform;
    find_binding(b, v);
    while (type->kind == SPV_TYPE_ARRAY || type->kind == SPV_TYPE_RUNTIME_ARRAY) {
        p->descriptors = true;
        type = type->element;
    }
    if (type->kind != SPV_TYPE_STRUCT)
        spv_unsupported(b, "variable \"%.40s\" is not a buffer", spv_name(b, v->id));
    if (type->buffer_block)
        uniform = false;
    if (!p->descriptors && !v->alias)
        v->alias = binding_alias(b, v);
    p->alias = p->descriptors ? 0 : v->alias;
    p->flags = mem_flags(v->access);
    if (uniform || binding_is_readonly(b, v))
        p->flags |= IR_MEM_READONLY;
    if (b->m->request->flags &
        (uniform ? WEFT_REQUEST_ROBUST_UNIFORM : WEFT_REQUEST_ROBUST_STORAGE))
        p->flags |= IR_MEM_ROBUST;
    if (!p->descriptors)
        p->handle = buffer_handle(b, v, spv_i32(b, 0));
}

/* Images and samplers. */
static void handle_pointer(struct spv_builder *b, struct spv_variable *v, struct spv_pointer *p)
{
    const struct spv_type *type = v->type;
    find_binding(b, v);
    if (type->kind == SPV_TYPE_ARRAY || type->kind == SPV_TYPE_RUNTIME_ARRAY) {
        p->descriptors = true;
        type = type->element;
    }
    if (!type->has_handle || spv_is_composite(type))
        spv_unsupported(b, "variable \"%.40s\" is not an image or a sampler", spv_name(b, v->id));
    p->flags = mem_flags(v->access);
    if (!p->descriptors)
        p->handle = buffer_handle(b, v, spv_i32(b, 0));
}

/* Workgroup variables lie one after the other; those with explicit layout that may overlap all at
 * offset 0 (SPV_KHR_workgroup_memory_explicit_layout). */
static void workgroup_pointer(struct spv_builder *b, struct spv_variable *v, struct spv_pointer *p)
{
    p->natural = !b->mod->explicit_workgroup;
    if (!v->alias) {
        uint64_t size_B = v->type->natural_B, align_B = size_B >= 256 ? 64 : 16;
        uint64_t at = b->shared_B;
        if (!p->natural) {
            size_B = spv_explicit_size_B(v->type);
            at = v->access & SPV_ACCESS_ALIASED ? b->shared_start_B : at;
        }
        at = (at + align_B - 1) / align_B * align_B;
        if (size_B > (1u << 24) || at + size_B > (1u << 24))
            spv_unsupported(b, "%llu bytes of workgroup memory", (unsigned long long)(at + size_B));
        v->offset_B = (uint32_t)at;
        v->alias = b->next_alias++;
        if (at + size_B > b->shared_B)
            b->shared_B = (uint32_t)(at + size_B);
        /* Only null is allowed, and what lies on a variable with it may be used alone. */
        if (v->init_id || (v->access & SPV_ACCESS_ALIASED && b->mod->zero_aliased))
            b->m->zero_shared = true;
    }
    p->const_B = v->offset_B;
    p->flags = mem_flags(v->access);
    p->alias = p->natural && !(v->access & SPV_ACCESS_ALIASED) ? v->alias : 0;
}

struct spv_pointer *spv_variable_pointer(struct spv_builder *b, struct spv_variable *v)
{
    struct spv_pointer *p = arena_new(b->arena, struct spv_pointer);
    p->pointee = v->type;
    p->storage = v->storage;
    p->variable = v;
    switch (v->storage) {
    case SpvStorageClassFunction:
    case SpvStorageClassPrivate:
    case SpvStorageClassInput:
        break;
    case SpvStorageClassStorageBuffer:
    case SpvStorageClassUniform:
        buffer_pointer(b, v, p);
        break;
    case SpvStorageClassWorkgroup:
        workgroup_pointer(b, v, p);
        break;
    case SpvStorageClassPushConstant:
        p->flags = IR_MEM_READONLY;
        break;
    case SpvStorageClassUniformConstant:
        handle_pointer(b, v, p);
        break;
    default:
        spv_unsupported(b, "variable \"%.40s\" of storage class %u in a compute shader",
                        spv_name(b, v->id), v->storage);
    }
    return p;
}

/* ---- Access chains ---- */

/* An index as I32 (I64 for global addresses); indices are signed. */
static struct ir_inst *index_of(struct spv_builder *b, uint32_t id, enum ir_type type)
{
    return spv_to_int(b, spv_int_scalar(b, id), type, true);
}

static uint32_t constant_member(struct spv_builder *b, const struct spv_type *type, uint32_t id)
{
    uint32_t k = spv_constant_u32(b, id);
    if (k >= type->count)
        spv_bad(b, "member %u of a structure of %u", k, type->count);
    return k;
}

static const struct spv_type *indexed_type(struct spv_builder *b, const struct spv_type *type)
{
    switch (type->kind) {
    case SPV_TYPE_VECTOR:
    case SPV_TYPE_MATRIX:
    case SPV_TYPE_ARRAY:
    case SPV_TYPE_RUNTIME_ARRAY:
        return type->element;
    default:
        spv_bad(b, "an index into type %%%u", type->id);
    }
}

static void step_into(struct spv_builder *b, struct spv_pointer *p, uint32_t id)
{
    const struct spv_type *type = p->pointee;
    struct spv_step *step = &p->steps[p->step_count++];
    *step = (struct spv_step){.container = type};
    if (type->kind == SPV_TYPE_STRUCT) {
        step->index = constant_member(b, type, id);
        p->pointee = type->members[step->index].type;
        return;
    }
    p->pointee = indexed_type(b, type);
    struct ir_inst *index = index_of(b, id, IR_I32);
    if (spv_is_const(index))
        step->index = (uint32_t)index->imm;
    else
        step->inst = index;
}

/* Adds index * stride_B to the offset. */
static void add_scaled(struct spv_builder *b, struct spv_pointer *p, uint32_t id, uint64_t stride_B)
{
    bool wide = spv_is_wide(b, p->storage);
    enum ir_type type = wide ? IR_I64 : IR_I32;
    struct ir_inst *index = index_of(b, id, type);
    if (spv_is_const(index)) {
        p->const_B += (uint64_t)spv_sext(index->imm, type) * stride_B;
    } else {
        if (index->op == IR_ADD && spv_is_const(index->args[1])) {
            p->const_B += (uint64_t)spv_sext(index->args[1]->imm, type) * stride_B;
            index = spv_usable(b, index->args[0]);
        }
        struct ir_inst *scaled =
            spv_emit2(b, IR_MUL, type, index, spv_const(b, type, stride_B));
        p->offset = p->offset ? spv_emit2(b, IR_ADD, type, p->offset, scaled) : scaled;
    }
    if (!wide)
        p->const_B &= UINT32_MAX;
}

static uint64_t stride_of(struct spv_builder *b, struct spv_pointer *p, const struct spv_type *type)
{
    uint32_t scalar_B = ir_type_B((enum ir_type)type->scalar);
    switch (type->kind) {
    case SPV_TYPE_VECTOR:
        return p->component_B ? p->component_B : scalar_B;
    case SPV_TYPE_MATRIX: {
        uint32_t stride_B = p->natural ? type->element->count * scalar_B : p->matrix_stride;
        if (!stride_B)
            spv_bad(b, "a matrix in memory without MatrixStride");
        p->component_B = p->row_major && !p->natural ? stride_B : 0;
        return p->component_B ? scalar_B : stride_B;
    }
    default: {
        uint64_t stride_B = p->natural ? type->element->natural_B : type->array_stride;
        if (!stride_B)
            spv_bad(b, "an array in memory without ArrayStride");
        return stride_B;
    }
    }
}

static void offset_into(struct spv_builder *b, struct spv_pointer *p, uint32_t id)
{
    const struct spv_type *type = p->pointee;
    if (p->descriptors) {
        struct ir_inst *element = index_of(b, id, IR_I32);
        p->pointee = type->element;
        if (p->pointee->kind == SPV_TYPE_ARRAY || p->pointee->kind == SPV_TYPE_RUNTIME_ARRAY)
            spv_unsupported(b, "arrays of arrays of descriptors");
        p->handle = buffer_handle(b, p->variable, element);
        if (spv_is_nonuniform(b, id)) {
            p->nonuniform = true;
            p->handle->flags |= IR_INST_NONUNIFORM;
        }
        p->descriptors = false;
        return;
    }
    if (type->kind == SPV_TYPE_STRUCT) {
        const struct spv_member *m = &type->members[constant_member(b, type, id)];
        if (!p->natural && !m->has_offset)
            spv_bad(b, "a member of %%%u in memory without Offset", type->id);
        p->const_B += p->natural ? m->natural_B : m->offset_B;
        if (!spv_is_wide(b, p->storage))
            p->const_B &= UINT32_MAX;
        p->matrix_stride = m->matrix_stride;
        p->row_major = m->row_major;
        p->flags |= mem_flags(m->access);
        p->pointee = m->type;
        p->stride_B = 0;
        return;
    }
    p->pointee = indexed_type(b, type);
    p->stride_B = stride_of(b, p, type);
    add_scaled(b, p, id, p->stride_B);
    if (type->kind == SPV_TYPE_VECTOR)
        p->component_B = 0;
}

struct spv_pointer *spv_access(struct spv_builder *b, const struct spv_pointer *base,
                               const uint32_t *indices, uint32_t count)
{
    struct spv_pointer *p = arena_copy(b->arena, base, sizeof(*base));
    bool local = is_local(p->storage);
    if (local) {
        p->steps = arena_array(b->arena, struct spv_step, p->step_count + count);
        for (uint32_t i = 0; i < p->step_count; i++)
            p->steps[i] = base->steps[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (local)
            step_into(b, p, indices[i]);
        else
            offset_into(b, p, indices[i]);
    }
    return p;
}

void spv_op_access_chain(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    bool untyped = (w[0] & 0xffff) == SpvOpUntypedAccessChainKHR ||
                   (w[0] & 0xffff) == SpvOpUntypedInBoundsAccessChainKHR;
    struct spv_pointer base = *spv_pointer_at(b, w[untyped ? 4 : 3]);
    uint32_t first = 4;
    if (untyped) { /* the base may be any pointer */
        first = 5;
        spv_reinterpret(&base, spv_type_at(b, w[3]));
    } else if (!base.pointee) {
        spv_bad(b, "a typed access chain of an untyped pointer");
    }
    struct spv_pointer *p = spv_access(b, &base, &w[first], wc - first);
    if (b->mod->ids[w[2]].decorations && spv_is_nonuniform(b, w[2]))
        p->nonuniform = true;
    spv_set_pointer(b, w, p);
}

/* The base pointer moves by whole elements first. */
void spv_op_ptr_access_chain(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    bool untyped = (w[0] & 0xffff) == SpvOpUntypedPtrAccessChainKHR ||
                   (w[0] & 0xffff) == SpvOpUntypedInBoundsPtrAccessChainKHR;
    uint32_t at = untyped ? 4 : 3;
    struct spv_value *base = spv_operand(b, w[at]);
    struct spv_pointer moved = *spv_pointer_of(b, base);
    struct ir_inst *element = spv_int_scalar(b, w[at + 1]);
    if (untyped)
        spv_reinterpret(&moved, spv_type_at(b, w[3]));
    else if (!moved.pointee)
        spv_bad(b, "a typed access chain of an untyped pointer");
    uint64_t stride_B = base->type->array_stride;
    if (moved.natural || (!stride_B && spv_is_numeric(moved.pointee)))
        stride_B = moved.pointee->natural_B;
    if (!spv_is_value(element, 0)) {
        if (is_local(moved.storage) || moved.descriptors)
            spv_unsupported(b, "a moved pointer of storage class %u", moved.storage);
        if (!stride_B)
            spv_bad(b, "the pointer's type has no ArrayStride");
        add_scaled(b, &moved, w[at + 1], stride_B);
    }
    spv_set_pointer(b, w, spv_access(b, &moved, &w[at + 2], wc - at - 2));
}

/* SPV_NV_raw_access_chains: byte offsets, whatever the base points to. */
void spv_op_raw_access_chain(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct spv_pointer *p = arena_copy(b->arena, spv_pointer_at(b, w[3]), sizeof(*p));
    const struct spv_type *type = spv_type_at(b, w[1]);
    uint32_t checks = wc > 7 ? w[7] : 0;
    if (type->kind != SPV_TYPE_POINTER || !spv_is_numeric(type->element) || type->cooperative)
        spv_bad(b, "a raw access chain to something else than a number or a vector");
    if (is_local(p->storage) || p->natural || p->descriptors)
        spv_bad(b, "a raw access chain into storage class %u", p->storage);
    uint32_t stride_B = spv_constant_u32(b, w[4]);
    p->pointee = type->element;
    p->row_major = false;
    p->component_B = p->matrix_stride = 0;
    add_scaled(b, p, w[5], stride_B);
    if (checks & SpvRawAccessChainOperandsRobustnessPerElementNVMask && p->handle) {
        /* An element that begins behind the buffer's end is outside as a whole. */
        enum ir_type address = spv_is_wide(b, p->storage) ? IR_I64 : IR_I32;
        struct ir_inst *element = spv_const(b, address, p->const_B);
        if (p->offset)
            element = spv_emit2(b, IR_ADD, address, p->offset, element);
        struct ir_inst *inside = spv_emit2(b, IR_ULT, IR_BOOL, element, spv_buffer_size(b, p));
        add_scaled(b, p, w[6], 1);
        struct ir_inst *at = p->offset ? p->offset : spv_const(b, address, 0);
        at = spv_emit2(b, IR_ADD, address, at, spv_const(b, address, p->const_B));
        p->offset = spv_select(b, inside, at, spv_const(b, address, UINT64_MAX & ~63ull));
        p->const_B = 0;
    } else {
        add_scaled(b, p, w[6], 1);
    }
    if (checks && p->handle)
        p->flags |= IR_MEM_ROBUST;
    spv_set_pointer(b, w, p);
}

void spv_op_array_length(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    bool untyped = (w[0] & 0xffff) == SpvOpUntypedArrayLengthKHR;
    uint32_t member = w[untyped ? 5 : 4];
    struct spv_pointer *p = spv_pointer_at(b, w[untyped ? 4 : 3]);
    const struct spv_type *type = untyped ? spv_type_at(b, w[3]) : p->pointee;
    if (spv_pointer_leaves(p->storage) != 2 || p->descriptors || !type ||
        type->kind != SPV_TYPE_STRUCT || member >= type->count ||
        type->members[member].type->kind != SPV_TYPE_RUNTIME_ARRAY)
        spv_bad(b, "OpArrayLength of something else than a buffer's runtime array");
    uint32_t stride_B = type->members[member].type->array_stride;
    if (!stride_B)
        spv_bad(b, "an array in memory without ArrayStride");
    enum ir_type address = spv_is_wide(b, p->storage) ? IR_I64 : IR_I32;
    struct ir_inst *first = spv_const(b, address, p->const_B + type->members[member].offset_B);
    if (p->offset)
        first = spv_emit2(b, IR_ADD, address, p->offset, first);
    struct ir_inst *size = spv_buffer_size(b, p);
    struct ir_inst *room = spv_emit2(b, IR_SUB, address, size, first);
    if (!spv_is_value(first, 0)) /* a buffer that ends before its array has no elements */
        room = spv_select(b, spv_emit2(b, IR_ULT, IR_BOOL, size, first),
                          spv_const(b, address, 0), room);
    struct spv_value *value = spv_result(b, w);
    enum ir_type scalar = (enum ir_type)value->type->scalar;
    if (value->type->kind != SPV_TYPE_INT ||
        (scalar != IR_I32 && !(scalar == IR_I64 && b->wide_buffers)))
        spv_bad(b, "the result type of OpArrayLength");
    room = spv_emit2(b, IR_UDIV, address, room, spv_const(b, address, stride_B));
    value->leaves[0] = spv_to_int(b, room, scalar, false);
}
