/* SPDX-License-Identifier: MIT
 *
 * Calls: functions are walked where they are called. The built-in library is a SPIR-V module like
 * any other (shaders/), read when its first function is wanted.
 */
#include <string.h>

#include "spv_builder.h"

extern const uint32_t weft_builtin_spv[];
extern const size_t weft_builtin_spv_words;

static void
check_call(struct spv_builder *b, struct spv_module *mod, struct spv_function *function)
{
    for (struct spv_frame *f = b->frame; f; f = f->up)
        if (f->function == function)
            spv_bad(b, "function %%%u calls itself", function->id);
    b->mod = mod;
    spv_scan(b, function);
}

static uint32_t
create_slots(struct spv_builder *b, struct spv_frame *frame)
{
    const struct spv_function *f = frame->function;
    uint32_t slot_count = b->slot_count;
    frame->phi_slot = spv_slots_create(b, f->phi_leaves);
    for (const struct spv_block *block = f->first_block; block; block = block->next) {
        uint32_t slot = frame->phi_slot + block->phi_slot;
        if (!block->phi_leaves)
            continue;
        for (uint32_t at = block->start; at < block->body; at += b->mod->words[at] >> 16) {
            if ((b->mod->words[at] & 0xffff) != SpvOpPhi)
                continue;
            const struct spv_type *type = spv_type_at(b, b->mod->words[at + 1]);
            for (uint32_t i = 0; i < type->leaf_count; i++)
                spv_slot_init(b, slot++, spv_leaf_type(type, i), NULL);
        }
    }
    if (f->result->leaf_count > SPV_MAX_LEAVES)
        spv_unsupported(b, "a result of %u scalars", f->result->leaf_count);
    frame->result_slot = spv_slots_create(b, f->result->leaf_count);
    for (uint32_t i = 0; i < f->result->leaf_count; i++)
        spv_slot_init(b, frame->result_slot + i, spv_leaf_type(f->result, i), NULL);
    for (uint32_t i = 0; i < f->variable_count; i++)
        spv_variable_instantiate(b, f->variables[i]);
    return slot_count;
}

void
spv_call(struct spv_builder *b, struct spv_module *mod, struct spv_function *function,
         struct spv_value *const *args, struct ir_inst **result_out)
{
    struct spv_module *caller = b->mod;
    uint32_t word = b->word, line = b->line;
    struct spv_frame frame = {.up = b->frame, .function = function, .mod = mod};
    struct spv_construct body;

    check_call(b, mod, function);
    spv_depth_enter(b);
    b->frame = &frame;
    for (uint32_t i = 0; i < function->param_count; i++)
        spv_set(b, function->params[i], args[i]);
    uint32_t slot_count = create_slots(b, &frame);
    spv_construct_push(b, &body, SPV_FUNCTION_BODY, 0);
    enum spv_end end = spv_walk(b, function->first_block->id);
    b->construct = body.up;
    b->depth -= 2;
    for (uint32_t i = 0; i < function->result->leaf_count; i++)
        result_out[i] = spv_slot_get(b, frame.result_slot + i);
    for (uint32_t i = 0; i < function->variable_count; i++)
        function->variables[i]->instantiated = false;
    (void)end; /* a function that never returns gives undefined values */
    b->frame = frame.up;
    b->slot_count = slot_count;
    b->mod = caller;
    b->word = word;
    b->line = line;
}

void
spv_op_function_call(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct spv_id *slot = spv_id_at(b, w[3]);
    if (slot->kind != SPV_FUNCTION)
        spv_bad(b, "%%%u is not a function", w[3]);
    struct spv_function *f = slot->function;
    if (b->reading || wc - 4 != f->param_count || spv_type_at(b, w[1]) != f->result)
        spv_bad(b, "the call does not fit function %%%u \"%.60s\"", w[3], spv_name(b, w[3]));
    struct spv_value **args = arena_array(b->arena, struct spv_value *, f->param_count);
    for (uint32_t i = 0; i < f->param_count; i++) {
        args[i] = spv_operand(b, w[4 + i]);
        if (args[i]->type != f->type->members[i].type)
            spv_bad(b, "argument %u is not of the parameter's type", i);
    }
    if (f->result->leaf_count > SPV_MAX_LEAVES)
        spv_unsupported(b, "a result of %u scalars", f->result->leaf_count);
    struct ir_inst **leaves = arena_array(b->arena, struct ir_inst *, f->result->leaf_count);
    spv_call(b, b->mod, f, args, leaves);
    struct spv_value *value = spv_result(b, w);
    value->leaves = leaves;
}

/* ---- The built-in library ---- */

static struct spv_module *
library(struct spv_builder *b)
{
    if (b->library)
        return b->library;
    struct spv_module *mod = b->mod;
    uint32_t word = b->word, line = b->line;
    b->reading = true;
    b->library = spv_read(b, weft_builtin_spv, weft_builtin_spv_words, NULL);
    b->reading = false;
    b->mod = mod;
    b->word = word;
    b->line = line;
    return b->library;
}

/* glslang's names of functions end in "(" and the parameters' types. */
static struct spv_function *
find_function(const struct spv_module *mod, const char *name)
{
    size_t length = strlen(name);
    for (uint32_t i = 0; i < mod->bound; i++)
        if (mod->ids[i].kind == SPV_FUNCTION && mod->ids[i].name &&
            !strncmp(mod->ids[i].name, name, length) &&
            (mod->ids[i].name[length] == '(' || mod->ids[i].name[length] == 0))
            return mod->ids[i].function;
    return NULL;
}

struct ir_inst *
spv_library_call(struct spv_builder *b, const char *name, uint32_t count,
                 struct ir_inst *const *args)
{
    struct spv_module *mod = library(b);
    struct spv_function *f = find_function(mod, name);
    struct spv_value *values[3];
    struct ir_inst *result = NULL;
    uint8_t flags = b->inst_flags;
    if (!f || f->param_count != count || f->result->leaf_count != 1)
        spv_unsupported(b, "the built-in library has no %s", name);
    for (uint32_t i = 0; i < count; i++) {
        const struct spv_type *type = f->type->members[i].type;
        values[i] = arena_new(b->arena, struct spv_value);
        values[i]->type = type;
        values[i]->leaves = arena_array(b->arena, struct ir_inst *, 1);
        values[i]->leaves[0] = args[i];
        if (type->kind == SPV_TYPE_POINTER) { /* a parameter that glslang passes in memory */
            if (type->storage != SpvStorageClassFunction || type->element->leaf_count != 1)
                spv_unsupported(b, "the parameters of %s", name);
            struct spv_variable *v = arena_new(b->arena, struct spv_variable);
            struct spv_pointer *p = arena_new(b->arena, struct spv_pointer);
            v->storage = SpvStorageClassFunction;
            v->type = type->element;
            v->instantiated = true;
            v->slots = 1;
            v->instance = spv_slots_create(b, 1);
            spv_slot_init(b, v->instance, (enum ir_type)v->type->scalar, args[i]);
            *p = (struct spv_pointer){.pointee = v->type, .storage = v->storage, .variable = v};
            values[i]->leaves = NULL;
            values[i]->pointer = p;
        }
    }
    spv_call(b, mod, f, values, &result);
    b->inst_flags = flags;
    return result;
}
