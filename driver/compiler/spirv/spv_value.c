/* SPDX-License-Identifier: MIT
 *
 * Ids and values.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spv_builder.h"

void spv_fail(struct spv_builder *b, int error, const char *format, ...)
{
    char text[160], where[96] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (b->mod && b->word && b->word < b->mod->count)
        snprintf(where, sizeof(where), " (%s, word %u",
                 spv_op_name(b->mod->words[b->word] & 0xffff), b->word);
    if (where[0] && b->line)
        ir_error(b->m, error, "SPIR-V: %s%s, line %u)", text, where, b->line);
    else
        ir_error(b->m, error, "SPIR-V: %s%s%s", text, where, where[0] ? ")" : "");
    longjmp(b->fail, 1);
}

const char *spv_name(const struct spv_builder *b, uint32_t id)
{
    const char *name = id < b->mod->bound ? b->mod->ids[id].name : NULL;
    return name ? name : "";
}

struct spv_id *spv_id_at(struct spv_builder *b, uint32_t id)
{
    if (id == 0 || id >= b->mod->bound)
        spv_bad(b, "id %%%u is outside the bound %u", id, b->mod->bound);
    return &b->mod->ids[id];
}

struct spv_type *spv_type_at(struct spv_builder *b, uint32_t id)
{
    struct spv_id *slot = spv_id_at(b, id);
    if (slot->kind != SPV_TYPE)
        spv_bad(b, "%%%u is not a type", id);
    if (slot->type->reading)
        spv_bad(b, "type %%%u is defined by itself", id);
    return slot->type;
}

struct spv_value *spv_new_value(struct spv_builder *b, const struct spv_type *type)
{
    if (type->leaf_count > SPV_MAX_LEAVES)
        spv_unsupported(b, "a value of %u scalars", type->leaf_count);
    struct spv_value *value = arena_new(b->arena, struct spv_value);
    value->type = type;
    value->leaves = arena_array(b->arena, struct ir_inst *, type->leaf_count);
    return value;
}

struct spv_value *spv_undef_value(struct spv_builder *b, const struct spv_type *type)
{
    if (type->has_handle)
        spv_bad(b, "an undefined image or sampler");
    struct spv_value *value = spv_new_value(b, type);
    for (uint32_t i = 0; i < type->leaf_count; i++)
        value->leaves[i] = spv_undef(b, spv_leaf_type(type, i));
    return value;
}

void spv_set(struct spv_builder *b, uint32_t id, struct spv_value *value)
{
    struct spv_id *slot = spv_id_at(b, id);
    if (b->attempt && !b->reading) { /* an attempt that is given up takes its values back */
        if (b->id_trail_count == b->id_trail_capacity) {
            uint32_t capacity = b->id_trail_capacity ? 2 * b->id_trail_capacity : 256;
            b->id_trail = arena_grow(b->arena, b->id_trail, b->id_trail_count, capacity,
                                     sizeof(b->id_trail[0]));
            b->id_trail_capacity = capacity;
        }
        b->id_trail[b->id_trail_count++] = (struct id_change){slot, slot->value};
    }
    slot->value = value;
}

bool spv_is_nonuniform(struct spv_builder *b, uint32_t id)
{
    return spv_decoration(b->mod, id, SPV_NO_MEMBER, SpvDecorationNonUniform);
}

struct spv_value *spv_result(struct spv_builder *b, const uint32_t *w)
{
    struct spv_value *value = spv_new_value(b, spv_type_at(b, w[1]));
    value->nonuniform = b->mod->ids[w[2]].decorations && spv_is_nonuniform(b, w[2]);
    spv_set(b, w[2], value);
    return value;
}

void spv_set_pointer(struct spv_builder *b, const uint32_t *w, struct spv_pointer *pointer)
{
    const struct spv_type *type = spv_type_at(b, w[1]);
    if (type->kind != SPV_TYPE_POINTER || type->storage != pointer->storage)
        spv_bad(b, "the result type %%%u is not the pointer's", w[1]);
    if (!type->untyped && type->element != pointer->pointee)
        spv_bad(b, "the result type %%%u points to another type", w[1]);
    struct spv_value *value = arena_new(b->arena, struct spv_value);
    value->type = type;
    value->pointer = pointer;
    spv_set(b, w[2], value);
}

static struct spv_value *usable_pointer(struct spv_builder *b, struct spv_value *value)
{
    struct spv_pointer *p = value->pointer, old = *p;
    if (p->handle)
        old.handle = spv_usable(b, p->handle);
    if (p->offset)
        old.offset = spv_usable(b, p->offset);
    bool same = old.handle == p->handle && old.offset == p->offset;
    for (uint32_t i = 0; i < p->step_count; i++) {
        if (!p->steps[i].inst)
            continue;
        struct ir_inst *inst = spv_usable(b, p->steps[i].inst);
        if (inst == p->steps[i].inst)
            continue;
        if (old.steps == p->steps)
            old.steps = arena_copy(b->arena, p->steps, p->step_count * sizeof(p->steps[0]));
        old.steps[i].inst = inst;
        same = false;
    }
    if (same)
        return value;
    struct spv_value *copy = arena_copy(b->arena, value, sizeof(*value));
    copy->pointer = arena_copy(b->arena, &old, sizeof(old));
    return copy;
}

static struct spv_value *operand(struct spv_builder *b, uint32_t id)
{
    struct spv_id *slot = spv_id_at(b, id);
    struct spv_value *value = slot->value;
    if (slot->kind == SPV_VARIABLE && !value) {
        value = arena_new(b->arena, struct spv_value);
        value->type = spv_type_at(b, b->mod->words[slot->word + 1]);
        value->pointer = spv_variable_pointer(b, slot->variable);
        return value; /* not kept: an instance lasts as long as its function's walk */
    }
    if (!value) {
        if (slot->kind == SPV_UNDEFINED)
            spv_bad(b, "%%%u is not defined", id);
        if (slot->kind != SPV_RESULT && slot->kind != SPV_CONSTANT)
            spv_bad(b, "%%%u is not a value", id);
        spv_bad(b, "%%%u is used where its definition does not dominate", id);
    }
    if (value->pointer && !value->leaves)
        return usable_pointer(b, value);
    if (slot->kind == SPV_CONSTANT)
        return value;
    struct spv_value *copy = NULL;
    for (uint32_t i = 0; i < value->type->leaf_count; i++) {
        if (!value->leaves[i]) /* an operand of its own definition */
            spv_bad(b, "%%%u is used before it is defined", id);
        struct ir_inst *x = spv_usable(b, value->leaves[i]);
        if (x == value->leaves[i])
            continue;
        if (!copy) {
            copy = arena_copy(b->arena, value, sizeof(*value));
            copy->leaves = arena_copy(b->arena, value->leaves,
                                      value->type->leaf_count * sizeof(value->leaves[0]));
        }
        copy->leaves[i] = x;
    }
    return copy ? copy : value;
}

static struct spv_value *flushed(struct spv_builder *b, struct spv_value *value)
{
    if (value->pointer)
        return value;
    struct spv_value *copy = NULL;
    for (uint32_t i = 0; i < value->type->leaf_count; i++) {
        struct ir_inst *x = spv_flushed(b, value->leaves[i]);
        if (x == value->leaves[i])
            continue;
        if (!copy) {
            copy = spv_new_value(b, value->type);
            memcpy(copy->leaves, value->leaves, value->type->leaf_count * sizeof(x));
            copy->nonuniform = value->nonuniform;
        }
        copy->leaves[i] = x;
    }
    return copy ? copy : value;
}

struct spv_value *spv_operand(struct spv_builder *b, uint32_t id)
{
    struct spv_value *value = operand(b, id);
    return b->flush ? flushed(b, value) : value;
}

struct ir_inst *spv_scalar(struct spv_builder *b, uint32_t id)
{
    struct spv_value *value = spv_operand(b, id);
    if (!spv_is_scalar(value->type))
        spv_bad(b, "%%%u is not a scalar", id);
    return value->leaves[0];
}

struct ir_inst *spv_int_scalar(struct spv_builder *b, uint32_t id)
{
    struct spv_value *value = spv_operand(b, id);
    if (value->type->kind != SPV_TYPE_INT)
        spv_bad(b, "%%%u is not an integer", id);
    return value->leaves[0];
}

uint32_t spv_constant_u32(struct spv_builder *b, uint32_t id)
{
    struct ir_inst *x = spv_int_scalar(b, id);
    if (!spv_is_const(x) || x->imm > UINT32_MAX)
        spv_bad(b, "%%%u is not a constant of 32 bits", id);
    return (uint32_t)x->imm;
}

struct spv_pointer *spv_pointer_of(struct spv_builder *b, struct spv_value *value)
{
    if (value->type->kind != SPV_TYPE_POINTER)
        spv_bad(b, "a value that is not a pointer is used as one");
    if (value->pointer)
        return value->pointer;
    if (!value->type->defined)
        spv_bad(b, "a pointer to a type that is not defined");
    struct spv_pointer *p = arena_new(b->arena, struct spv_pointer);
    p->pointee = value->type->element;
    p->storage = value->type->storage;
    p->nonuniform = value->nonuniform;
    switch (spv_pointer_leaves(p->storage)) {
    case 1:
        p->offset = value->leaves[0];
        break;
    case 2:
        p->handle = value->leaves[0];
        p->offset = value->leaves[1];
        break;
    default:
        spv_unsupported(b, "a pointer of storage class %u as a value", p->storage);
    }
    p->natural = p->storage == SpvStorageClassWorkgroup && !b->mod->explicit_workgroup;
    return p;
}

struct spv_pointer *spv_pointer_at(struct spv_builder *b, uint32_t id)
{
    struct spv_value *value = spv_operand(b, id);
    if (value->type->kind != SPV_TYPE_POINTER)
        spv_bad(b, "%%%u is not a pointer", id);
    return spv_pointer_of(b, value);
}

struct spv_pointer *spv_pointer_to(struct spv_builder *b, uint32_t id, const struct spv_type *type)
{
    struct spv_pointer *p = spv_pointer_at(b, id);
    if (!spv_operand(b, id)->type->untyped)
        return p;
    p = arena_copy(b->arena, p, sizeof(*p));
    spv_reinterpret(p, type);
    return p;
}

void spv_reinterpret(struct spv_pointer *p, const struct spv_type *type)
{
    if (p->pointee == type)
        return;
    p->pointee = type;
    p->matrix_stride = p->component_B = 0;
    p->row_major = false;
}

struct ir_inst **spv_leaves(struct spv_builder *b, const struct spv_value *value)
{
    if (value->leaves || !value->pointer)
        return value->leaves;
    const struct spv_pointer *p = value->pointer;
    uint32_t count = spv_pointer_leaves(p->storage);
    if (count == 0)
        spv_unsupported(b, "a pointer of storage class %u as a value", p->storage);
    if (p->descriptors)
        spv_unsupported(b, "a pointer to an array of buffers as a value");
    if (p->component_B)
        spv_unsupported(b, "a pointer into a row-major matrix as a value");
    enum ir_type type = spv_is_wide(b, p->storage) ? IR_I64 : IR_I32;
    struct ir_inst *offset = p->offset ? p->offset : spv_const(b, type, 0);
    struct ir_inst **leaves = arena_array(b->arena, struct ir_inst *, 2);
    leaves[0] = p->handle;
    leaves[count - 1] = spv_emit2(b, IR_ADD, type, offset, spv_const(b, type, p->const_B));
    return leaves;
}
