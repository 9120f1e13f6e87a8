/* SPDX-License-Identifier: MIT
 *
 * The built-in library: SPIR-V modules like any other (shaders/), one for mathematics and one for images,
 * each read when its first function is wanted. Functions of images that GLSL has no words for are made
 * here: descriptors' words, texels' memory.
 */
#include <string.h>

#include "spv_builder.h"
#include "weft/image.h"

extern const uint32_t weft_builtin_spv[], weft_image_spv[];
extern const size_t weft_builtin_spv_words, weft_image_spv_words;

static struct spv_module *library(struct spv_builder *b, enum spv_library which)
{
    if (b->libraries[which])
        return b->libraries[which];
    struct spv_module *mod = b->mod;
    uint32_t word = b->word, line = b->line;
    b->reading = true;
    b->libraries[which] = which == SPV_LIBRARY_MATH
                              ? spv_read(b, weft_builtin_spv, weft_builtin_spv_words, NULL)
                              : spv_read(b, weft_image_spv, weft_image_spv_words, NULL);
    b->reading = false;
    b->mod = mod;
    b->word = word;
    b->line = line;
    return b->libraries[which];
}

/* glslang's names of functions end in "(" and the parameters' types. */
static bool has_name(const char *id, const char *name)
{
    size_t length = strlen(name);
    return id && !strncmp(id, name, length) && (id[length] == '(' || id[length] == 0);
}

static struct spv_function *find_function(const struct spv_module *mod, const char *name)
{
    for (uint32_t i = 0; i < mod->bound; i++)
        if (mod->ids[i].kind == SPV_FUNCTION && has_name(mod->ids[i].name, name))
            return mod->ids[i].function;
    return NULL;
}

/* A parameter that glslang passes in memory. */
static struct spv_pointer *in_memory(struct spv_builder *b, const struct spv_type *type,
                                     struct ir_inst *x)
{
    struct spv_variable *v = arena_new(b->arena, struct spv_variable);
    struct spv_pointer *p = arena_new(b->arena, struct spv_pointer);
    v->storage = SpvStorageClassFunction;
    v->type = type->element;
    v->instantiated = true;
    v->slots = 1;
    v->instance = spv_slots_create(b, 1);
    spv_slot_init(b, v->instance, (enum ir_type)v->type->scalar, x);
    *p = (struct spv_pointer){.pointee = v->type, .storage = v->storage, .variable = v};
    return p;
}

void spv_library_call_leaves(struct spv_builder *b, enum spv_library which, const char *name,
                             uint32_t count, struct ir_inst *const *leaves, uint32_t result_count,
                             struct ir_inst **result_out)
{
    struct spv_module *mod = library(b, which);
    struct spv_function *f = find_function(mod, name);
    uint8_t flags = b->inst_flags;
    uint32_t at = 0;
    if (!f || f->result->leaf_count != result_count)
        spv_unsupported(b, "the built-in library has no %s", name);
    struct spv_value **values = arena_array(b->arena, struct spv_value *, f->param_count);
    for (uint32_t i = 0; i < f->param_count; i++) {
        struct spv_type *type = f->type->members[i].type;
        bool memory = type->kind == SPV_TYPE_POINTER;
        uint32_t n = memory ? type->element->leaf_count : type->leaf_count;
        if (at + n > count || (memory && (type->storage != SpvStorageClassFunction || n != 1)))
            spv_unsupported(b, "the parameters of %s", name);
        values[i] = arena_new(b->arena, struct spv_value);
        values[i]->type = type;
        if (memory)
            values[i]->pointer = in_memory(b, type, leaves[at]);
        else
            values[i]->leaves = arena_copy(b->arena, &leaves[at], n * sizeof(leaves[0]));
        at += n;
    }
    if (at != count)
        spv_unsupported(b, "the parameters of %s", name);
    spv_call(b, mod, f, values, result_out);
    b->inst_flags = flags;
}

struct ir_inst *spv_library_call(struct spv_builder *b, const char *name, uint32_t count,
                                 struct ir_inst *const *args)
{
    struct ir_inst *result = NULL;
    spv_library_call_leaves(b, SPV_LIBRARY_MATH, name, count, args, 1, &result);
    return result;
}

/* ---- Intrinsics of the image library ---- */

enum intrinsic { DESC, DESC_AT, LOAD, STORE, TEXELS, DECODE, ANY, ALL, INT, ROW, FIRST, LANE, LERP,
                 FAST, SAMPLE, UNORM };

static const struct row {
    const char *name;
    uint8_t kind; /* enum intrinsic */
    uint8_t type; /* enum ir_type in memory */
    uint8_t comps;
    uint8_t args; /* leaves */
} rows[] = {
    {"weft_desc", DESC, IR_I32, 1, 2},        {"weft_desc_at", DESC_AT, IR_I32, 1, 2},
    {"weft_load8", LOAD, IR_I8, 1, 2},        {"weft_load16", LOAD, IR_I16, 1, 2},
    {"weft_load32", LOAD, IR_I32, 1, 2},      {"weft_load64", LOAD, IR_I32, 2, 2},
    {"weft_load128", LOAD, IR_I32, 4, 2},     {"weft_store8", STORE, IR_I8, 1, 3},
    {"weft_store16", STORE, IR_I16, 1, 3},    {"weft_store32", STORE, IR_I32, 1, 3},
    {"weft_store64", STORE, IR_I32, 2, 4},    {"weft_store128", STORE, IR_I32, 4, 6},
    {"weft_decode", DECODE, IR_F32, 4, 5},    {"weft_any", ANY, IR_BOOL, 1, 1},
    {"weft_all", ALL, IR_BOOL, 1, 1},         {"weft_int", INT, IR_I32, 1, 1},
    {"weft_texels16", TEXELS, IR_I16, 1, 4},  {"weft_texels32", TEXELS, IR_I32, 1, 3},
    {"weft_texels64", TEXELS, IR_I32, 2, 3},  {"weft_texels128", TEXELS, IR_I32, 4, 3},
    {"weft_row", ROW, IR_I32, 1, 2},          {"weft_first", FIRST, IR_I32, 1, 1},
    {"weft_lane", LANE, IR_I32, 1, 0},        {"weft_lerp16", LERP, IR_I32, 1, 3},
    {"weft_fast", FAST, IR_BOOL, 1, 0},       {"weft_call_sample", SAMPLE, IR_I32, 4, 19},
    {"weft_call_gather", SAMPLE, IR_I32, 4, 16}, {"weft_call_fetch", SAMPLE, IR_I32, 4, 9},
    {"weft_unorm8", UNORM, IR_F32, 1, 1},
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))
#define MAX_ARGS 20

struct ir_mem spv_image_memory(struct spv_builder *b, enum ir_type type, uint32_t comps)
{
    uint32_t size_B = ir_type_B(type);
    if (!b->image_alias)
        b->image_alias = b->next_alias++;
    return (struct ir_mem){.space = IR_SPACE_BUFFER,
                           .flags = b->image_flags | IR_MEM_IMAGE,
                           .comps = (uint8_t)comps,
                           .align_B = size_B,
                           .stride_B = size_B,
                           .alias = b->image_alias};
}

/* A word of a descriptor: a constant where the shader says what format it is. */
static struct ir_inst *descriptor_word(struct spv_builder *b, struct ir_inst *handle,
                                       struct ir_inst *offset)
{
    if (!spv_is_const(offset))
        spv_bad(b, "a descriptor's word at no constant offset");
    uint32_t at = (uint32_t)offset->imm;
    if (b->image_format && handle == b->image_handle && at >= offsetof(struct weft_image_desc, swizzle) &&
        at < offsetof(struct weft_image_desc, reserved)) {
        uint32_t word;
        memcpy(&word, (const char *)b->image_format + at, sizeof(word));
        return spv_i32(b, word);
    }
    if (handle->op == IR_BUFFER && spv_is_const(handle->args[0]))
        return spv_pooled(b, IR_DESC, IR_I32, at, handle);
    if (handle->op == IR_ADD && handle->args[0]->op == IR_BUFFER && spv_is_const(handle->args[0]->args[0]) &&
        spv_is_const(handle->args[1]) && handle->args[1]->imm + at < WEFT_COMBINED_DESC_B) /* a sampler behind its image */
        return spv_pooled(b, IR_DESC, IR_I32, handle->args[1]->imm + at, handle->args[0]);
    struct ir_inst *inst = spv_append(b, IR_DESC, IR_I32, 1, &handle);
    inst->imm = at;
    return inst;
}

static void run_intrinsic(struct spv_builder *b, const struct row *row, struct ir_inst **args,
                          struct ir_inst **out)
{
    enum ir_type type = (enum ir_type)row->type;
    struct ir_inst *inst;
    switch ((enum intrinsic)row->kind) {
    case DESC:
        out[0] = descriptor_word(b, args[0], args[1]);
        break;
    case DESC_AT:
        out[0] = spv_is_const(args[1]) ? descriptor_word(b, args[0], args[1])
                                       : spv_append(b, IR_DESC_AT, IR_I32, 2, args);
        break;
    case LOAD:
        inst = spv_append(b, IR_LOAD, type, 2, args);
        inst->mem = spv_image_memory(b, type, row->comps);
        for (uint32_t k = 0; k < row->comps; k++) {
            out[k] = row->comps == 1 ? inst : spv_comp(b, inst, k);
            if (type != IR_I32)
                out[k] = spv_emit1(b, IR_ZEXT, IR_I32, out[k]);
        }
        break;
    case STORE:
        for (uint32_t k = 0; type != IR_I32 && k < row->comps; k++)
            args[2 + k] = spv_emit1(b, IR_TRUNC, type, args[2 + k]);
        inst = spv_append(b, IR_STORE, IR_VOID, row->args, args);
        inst->mem = spv_image_memory(b, type, row->comps);
        inst->mem.flags &= (uint8_t)~IR_MEM_READONLY;
        break;
    case TEXELS:
        if (row->args == 3)
            args[3] = spv_i32(b, 0);
        inst = spv_append(b, IR_TEXELS, IR_I32, 4, args);
        inst->mem = spv_image_memory(b, type, row->comps);
        inst->mem.stride_B = ir_type_B(type) * row->comps;
        for (uint32_t k = 0; k < row->comps; k++)
            out[k] = row->comps == 1 ? inst : spv_comp(b, inst, k);
        break;
    case ROW:
        if (!spv_is_const(args[1]))
            spv_bad(b, "a row's step that is no constant");
        inst = spv_append(b, IR_SG_ROW, IR_BOOL, 1, args);
        inst->imm = args[1]->imm;
        out[0] = inst;
        break;
    case FIRST:
        out[0] = spv_is_const(args[0]) ? args[0] : spv_append(b, IR_SG_FIRST, IR_I32, 1, args);
        break;
    case LANE:
        out[0] = spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
        break;
    case LERP:
        out[0] = spv_append(b, IR_LERP16, IR_I32, 3, args);
        break;
    case FAST:
        out[0] = spv_bool(b, b->m->request->flags & WEFT_REQUEST_FAST);
        break;
    case SAMPLE:
        inst = spv_append(b, IR_SAMPLE, IR_I32, row->args, args);
        for (uint32_t k = 0; k < row->comps; k++)
            out[k] = spv_comp(b, inst, k);
        break;
    case DECODE:
        inst = spv_append(b, IR_DECODE, IR_F32, 5, args);
        for (uint32_t k = 0; k < row->comps; k++)
            out[k] = spv_comp(b, inst, k);
        break;
    case ANY:
        out[0] = spv_is_const(args[0]) ? args[0] : spv_append(b, IR_SG_ANY, IR_BOOL, 1, args);
        break;
    case ALL:
        out[0] = spv_is_const(args[0]) ? args[0] : spv_append(b, IR_SG_ALL, IR_BOOL, 1, args);
        break;
    case UNORM:
        args[1] = spv_const(b, IR_F32, 0x3b808081);
        args[0] = spv_emit1(b, IR_S2F, IR_F32, args[0]);
        out[0] = spv_append(b, IR_FMUL, IR_F32, 2, args);
        out[0]->flags |= IR_INST_NORMALIZED;
        break;
    case INT:
        out[0] = spv_emit1(b, IR_F2S, IR_I32, args[0]);
        if (out[0]->op == IR_F2S)
            out[0]->imm = IR_F2S_FITS;
        break;
    }
}

bool spv_library_intrinsic(struct spv_builder *b, struct spv_function *f, const uint32_t *w,
                           uint32_t wc)
{
    if (!f->intrinsic) {
        f->intrinsic = 1;
        for (uint8_t i = 0; i < ROW_COUNT; i++)
            if (has_name(b->mod->ids[f->id].name, rows[i].name))
                f->intrinsic = (uint8_t)(i + 2);
    }
    if (f->intrinsic == 1)
        return false;
    const struct row *row = &rows[f->intrinsic - 2];
    struct ir_inst *args[MAX_ARGS];
    uint32_t at = 0;
    for (uint32_t i = 4; i < wc; i++) {
        const struct spv_value *x = spv_operand(b, w[i]);
        for (uint32_t k = 0; k < x->type->leaf_count && at < MAX_ARGS; k++)
            args[at++] = x->leaves[k];
    }
    if (at != row->args)
        spv_bad(b, "the arguments of %s", row->name);
    struct spv_value *value = spv_result(b, w);
    run_intrinsic(b, row, args, value->leaves);
    return true;
}
