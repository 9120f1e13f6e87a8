/* SPDX-License-Identifier: MIT
 *
 * Building a module: reads the shader once, then walks its entry point until no further variable
 * turns out to need memory.
 */
#include <string.h>

#include "spv_builder.h"

#define DEFAULT_SUBGROUP_SIZE 16 /* as in width.c */
#define MAX_LOCAL_SIZE 65536  /* in one dimension */
#define MAX_INVOCATIONS 1024  /* as in verify.c */

void spv_set_local_size(struct spv_builder *b)
{
    struct spv_module *mod = b->mod;
    uint32_t *size = b->m->local_size;
    if (mod->workgroup_size_id && mod->ids[mod->workgroup_size_id].kind == SPV_CONSTANT) {
        const struct spv_value *value = mod->ids[mod->workgroup_size_id].value;
        if (value->type->leaf_count != 3 || spv_leaf_type(value->type, 0) != IR_I32)
            spv_bad(b, "the WorkgroupSize built-in is not three integers");
        for (uint32_t k = 0; k < 3; k++)
            size[k] = (uint32_t)value->leaves[k]->imm;
    } else if (mod->has_local_size_ids) {
        for (uint32_t k = 0; k < 3; k++)
            size[k] = spv_constant_u32(b, mod->local_size_ids[k]);
    } else if (mod->has_local_size) {
        memcpy(size, mod->local_size, sizeof(mod->local_size));
    } else {
        spv_bad(b, "the entry point has no local size");
    }
    for (uint32_t k = 0; k < 3; k++)
        if (size[k] == 0 || size[k] > MAX_LOCAL_SIZE)
            spv_bad(b, "local size %u x %u x %u", size[0], size[1], size[2]);
    if ((uint64_t)size[0] * size[1] * size[2] > MAX_INVOCATIONS)
        spv_unsupported(b, "local size %u x %u x %u", size[0], size[1], size[2]);
}

static void set_fast_math(struct spv_builder *b)
{
    struct spv_module *mod = b->mod;
    for (uint32_t i = 0; i < mod->fast_math_count; i++) {
        const struct spv_type *type = spv_type_at(b, mod->fast_math_ids[i][0]);
        if (type->kind != SPV_TYPE_FLOAT)
            spv_bad(b, "%%%u of FPFastMathDefault is no floating-point type", type->id);
        mod->float_flags[type->scalar] =
            spv_fast_math_flags(spv_constant_u32(b, mod->fast_math_ids[i][1]));
    }
}

static void set_subgroup_size(struct spv_builder *b)
{
    const struct weft_request *request = b->m->request;
    b->m->subgroup_size = request->subgroup_size ? request->subgroup_size : DEFAULT_SUBGROUP_SIZE;
    if (request->width == 1 && !request->subgroup_size)
        b->m->subgroup_size = 1;
}

/* Private variables live as long as the shader. */
static void begin_private(struct spv_builder *b)
{
    struct spv_module *mod = b->mod;
    for (uint32_t i = 0; i < mod->variable_count; i++) {
        struct spv_variable *v = mod->ids[mod->variables[i]].variable;
        if (v->storage == SpvStorageClassPrivate &&
            (v->store_count || v->other_writes || v->init_id))
            spv_variable_instantiate(b, v);
    }
}

static struct spv_function *read_shader(struct spv_builder *b)
{
    const struct weft_request *request = b->m->request;
    b->region = b->m->body;
    b->reading = true;
    b->shader =
        spv_read(b, request_spirv(request), request->spirv_words, request_entry(request));
    b->reading = false;
    spv_set_local_size(b);
    set_fast_math(b);
    struct spv_id *entry = spv_id_at(b, b->shader->entry_id);
    if (entry->kind != SPV_FUNCTION || entry->function->param_count ||
        entry->function->result->kind != SPV_TYPE_VOID)
        spv_bad(b, "the entry point %%%u is not a function without parameters and result",
                b->shader->entry_id);
    spv_scan(b, entry->function);
    return entry->function;
}

/* Drops everything but the pool, which the constants are in. */
static void begin(struct spv_builder *b)
{
    struct ir_region *body = b->m->body;
    body->last = b->pool_last;
    if (b->pool_last)
        b->pool_last->next = NULL;
    else
        body->first = NULL;
    spv_variables_begin(b, b->shader);
    for (uint32_t i = 0; i < 2; i++)
        if (b->libraries[i])
            spv_variables_begin(b, b->libraries[i]);
    b->m->locals = NULL;
    b->local_elements = 0;
    b->matrix_arrays = NULL;
    b->slot_count = b->trail_count = 0;
    b->id_trail_count = 0;
    b->rebuild = b->forget = false;
}

/* Emission has marked products there. */
static void clear_pass_data(struct ir_inst *inst, void *data)
{
    (void)data;
    inst->pass_data = 0;
}

void spv_build(struct ir_module *m)
{
    struct spv_builder *b = arena_new(m->arena, struct spv_builder);
    b->m = m;
    b->arena = m->arena;
    b->next_alias = 1;
    b->wide_buffers = m->request->flags & WEFT_REQUEST_WIDE_BUFFERS;
    set_subgroup_size(b);
    spv_opcodes_begin(b);
    if (setjmp(b->fail))
        return;
    struct spv_function *entry = read_shader(b);
    do {
        begin(b);
        begin_private(b);
        spv_call(b, b->shader, entry, NULL, NULL);
    } while (b->rebuild);
    m->shared_B = b->shared_B;
    if (m->request->flags & WEFT_REQUEST_ZERO_SHARED) /* initialisers may have set it as well */
        m->zero_shared = true;
    ir_resolve_all(m);
    ir_walk(m->body, clear_pass_data, NULL);
}
