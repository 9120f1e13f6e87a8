/* SPDX-License-Identifier: MIT
 *
 * Calls: functions are walked where they are called.
 */
#include "spv_builder.h"

static void check_call(struct spv_builder *b, struct spv_module *mod, struct spv_function *function)
{
    for (struct spv_frame *f = b->frame; f; f = f->up)
        if (f->function == function)
            spv_bad(b, "function %%%u calls itself", function->id);
    b->mod = mod;
    spv_scan(b, function);
}

static uint32_t create_slots(struct spv_builder *b, struct spv_frame *frame)
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

void spv_call(struct spv_builder *b, struct spv_module *mod, struct spv_function *function,
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

void spv_op_function_call(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    struct spv_id *slot = spv_id_at(b, w[3]);
    if (slot->kind != SPV_FUNCTION)
        spv_bad(b, "%%%u is not a function", w[3]);
    struct spv_function *f = slot->function;
    bool library = b->mod->library || (b->m->request->flags & WEFT_REQUEST_LIBRARY);
    if (!b->reading && library && spv_library_intrinsic(b, f, w, wc))
        return;
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
