/* SPDX-License-Identifier: MIT
 *
 * Function, Private and Input variables.
 *
 * A variable starts as slots, one a scalar. A dynamic index into an array of it can't be a slot:
 * the scalars under that array ("paths") are marked, and the module is built again with those paths
 * as ir_locals. Vectors, matrices and small arrays are indexed by selects and stay values.
 */
#include "spv_builder.h"

#define SELECT_ELEMENTS 4 /* arrays of so many elements are indexed by selects */
#define SELECT_LEAVES 16
#define MAX_UNROLLED_LEAVES 256 /* for a larger variable's sake no loop is unrolled */

/* A place inside a variable: flat = index * inst + constant counts array elements on the way. */
struct place {
    struct spv_variable *v;
    const struct spv_type *type;
    uint32_t leaf, path;
    struct ir_inst *flat; /* NULL: constant */
    uint32_t flat_constant;
    bool outside; /* a constant index past the end */
};

static bool is_array(const struct spv_type *type)
{
    return type->kind == SPV_TYPE_ARRAY;
}

/* ---- ir_locals ---- */

static uint64_t path_length(const struct spv_type *type, uint32_t path, uint8_t *scalar_out)
{
    uint64_t length = 1;
    while (!spv_is_scalar(type) && type->kind != SPV_TYPE_POINTER) {
        uint32_t k = 0, first = 0, leaf = 0;
        if (is_array(type)) {
            length *= type->count;
            if (length > SPV_MAX_LOCAL_ELEMENTS)
                return length;
        } else if (type->kind == SPV_TYPE_STRUCT) {
            while (k + 1 < type->count && type->members[k + 1].path_first <= path)
                k++;
        } else {
            k = path / type->element->path_count;
        }
        type = spv_part(type, k, &leaf, &first);
        path -= first;
    }
    *scalar_out = type->kind == SPV_TYPE_POINTER ? (uint8_t)spv_leaf_type(type, path)
                                                  : type->scalar;
    return length;
}

/* Copies a constant's leaves to the initial values of the locals they belong to. */
static void fill_init(struct spv_builder *b, struct spv_variable *v, const struct spv_type *type,
                      uint32_t leaf, uint32_t path, uint32_t flat, struct ir_inst *const *leaves)
{
    uint32_t n = spv_part_count(type);
    if (n == 0) {
        for (uint32_t i = 0; i < type->leaf_count; i++) {
            struct ir_local *local = v->locals[path + i];
            if (local)
                ((uint64_t *)(uintptr_t)local->init)[flat] =
                    spv_is_const(leaves[leaf + i]) ? leaves[leaf + i]->imm : 0;
        }
        return;
    }
    for (uint32_t k = 0; k < n; k++) {
        uint32_t l = leaf, p = path;
        const struct spv_type *part = spv_part(type, k, &l, &p);
        fill_init(b, v, part, l, p, is_array(type) ? flat * n + k : flat, leaves);
    }
}

static struct ir_local *make_local(struct spv_builder *b, struct spv_variable *v, uint32_t path)
{
    uint8_t scalar;
    uint64_t length = path_length(v->type, path, &scalar);
    if (length > SPV_MAX_LOCAL_ELEMENTS)
        spv_unsupported(b, "variable %%%u \"%.40s\" is too large", v->id, spv_name(b, v->id));
    struct ir_local *local = arena_new(b->arena, struct ir_local);
    local->type = scalar;
    local->length = (uint32_t)length;
    local->id = b->m->locals ? b->m->locals->id + 1 : 0;
    local->next = b->m->locals;
    b->m->locals = local;
    b->local_elements += length;
    if (b->local_elements > SPV_MAX_LOCAL_ELEMENTS)
        spv_unsupported(b, "variable %%%u \"%.40s\" is too large", v->id, spv_name(b, v->id));
    return local;
}

/* Makes the variable's locals: of its marked paths, or of all of a table's. */
static void make_locals(struct spv_builder *b, struct spv_variable *v, bool all,
                        const uint32_t init_id)
{
    if (v->type->path_count > SPV_MAX_LEAVES)
        spv_unsupported(b, "variable %%%u \"%.40s\" has too many members", v->id,
                        spv_name(b, v->id));
    v->locals = arena_array(b->arena, struct ir_local *, v->type->path_count);
    for (uint32_t path = 0; path < v->type->path_count; path++) {
        if (!all && !v->memory[path])
            continue;
        v->locals[path] = make_local(b, v, path);
        v->locals[path]->constant = v->constant_table;
        if (init_id)
            v->locals[path]->init = arena_array(b->arena, uint64_t, v->locals[path]->length);
    }
    if (init_id)
        fill_init(b, v, v->type, 0, 0, 0, spv_operand(b, init_id)->leaves);
}

/* ---- Life ---- */

void spv_variables_begin(struct spv_builder *b, struct spv_module *mod)
{
    for (uint32_t i = 0; i < mod->bound; i++) {
        if (mod->ids[i].kind == SPV_RESULT)
            mod->ids[i].value = NULL;
        if (mod->ids[i].kind != SPV_VARIABLE)
            continue;
        struct spv_variable *v = mod->ids[i].variable;
        v->locals = NULL;
        v->instantiated = false;
        if (b->forget) {
            v->memory = NULL;
            v->has_memory = false;
        }
    }
    b->m->locals = NULL;
    b->local_elements = 0;
}

static void mark_memory(struct spv_builder *b, struct spv_variable *v, uint32_t path,
                        uint32_t count)
{
    if (!v->memory)
        v->memory = arena_array(b->arena, bool, v->type->path_count);
    for (uint32_t i = 0; i < count; i++)
        v->memory[path + i] = true;
    v->has_memory = true;
}

/* A dynamic index into an array of values: memory from the next building on, unless a loop around
 * it can be unrolled after all. */
static void mark_dynamic(struct spv_builder *b, const struct place *at)
{
    mark_memory(b, at->v, at->path, at->type->path_count);
    b->rebuild = true;
    if (at->v->type->leaf_count > MAX_UNROLLED_LEAVES)
        return;
    for (struct spv_construct *c = b->construct; c; c = c->up) {
        if (!c->loop || c->loop->array_loop || c->loop->loop_control & SpvLoopControlDontUnrollMask)
            continue;
        c->loop->array_loop = true;
        c->loop->no_unroll = false;
        b->forget = true;
    }
}

void spv_variable_instantiate(struct spv_builder *b, struct spv_variable *v)
{
    const struct spv_type *type = v->type;
    v->instantiated = true;
    v->slots = 0;
    if (v->constant_table)
        return;
    if (type->path_count > SPV_MAX_LEAVES || type->kind == SPV_TYPE_RUNTIME_ARRAY ||
        type->kind == SPV_TYPE_OPAQUE || type->has_handle)
        spv_unsupported(b, "a variable of type %%%u", type->id);
    bool large = type->leaf_count > SPV_MAX_SLOTS;
    if (large && !v->has_memory)
        mark_memory(b, v, 0, type->path_count);
    struct ir_inst **init = v->init_id ? spv_operand(b, v->init_id)->leaves : NULL;
    if (init && spv_operand(b, v->init_id)->type != type)
        spv_bad(b, "the initialiser of %%%u is not of its type", v->id);
    if (v->has_memory && !v->locals) {
        bool once = v->storage == SpvStorageClassPrivate || !b->frame || !b->frame->up;
        make_locals(b, v, false, once ? v->init_id : 0);
        if (init && !once)
            spv_unsupported(b, "an initialiser of an array in a function that is called");
    }
    if (large)
        return;
    v->slots = type->leaf_count;
    v->instance = spv_slots_create(b, v->slots);
    for (uint32_t i = 0; i < v->slots; i++)
        spv_slot_init(b, v->instance + i, spv_leaf_type(type, i), init ? init[i] : NULL);
}

/* ---- Places ---- */

static bool all_in_memory(const struct place *at)
{
    for (uint32_t i = 0; i < at->type->path_count; i++)
        if (!at->v->has_memory || !at->v->memory[at->path + i])
            return false;
    return true;
}

static struct place part_of(const struct place *at, uint32_t k)
{
    struct place part = *at;
    uint32_t n = spv_part_count(at->type);
    if (k >= n) {
        part.outside = true;
        k = 0;
    }
    part.type = spv_part(at->type, k, &part.leaf, &part.path);
    if (is_array(at->type)) {
        part.flat_constant = at->flat_constant * n + k;
    }
    return part;
}

static struct place constant_part(struct spv_builder *b, const struct place *at, uint32_t k)
{
    struct place part = part_of(at, k);
    if (is_array(at->type) && at->flat)
        part.flat = spv_emit2(b, IR_MUL, IR_I32, at->flat, spv_i32(b, at->type->count));
    return part;
}

static struct place dynamic_part(struct spv_builder *b, const struct place *at,
                                 struct ir_inst *index)
{
    struct place part = part_of(at, 0);
    struct ir_inst *flat = index;
    if (at->flat)
        flat = spv_emit2(b, IR_ADD, IR_I32,
                         spv_emit2(b, IR_MUL, IR_I32, at->flat, spv_i32(b, at->type->count)),
                         index);
    part.flat = flat;
    return part;
}

/* Whether a dynamic index selects among all elements instead of becoming an address. */
static bool by_select(const struct place *at)
{
    if (!is_array(at->type))
        return true;
    bool table = at->v->constant_table || at->v->storage == SpvStorageClassInput;
    return !table && !all_in_memory(at) && !at->flat && at->type->count <= SELECT_ELEMENTS &&
           at->type->leaf_count <= SELECT_LEAVES;
}

static struct ir_inst *flat_index(struct spv_builder *b, const struct place *at)
{
    struct ir_inst *constant = spv_i32(b, at->flat_constant);
    return at->flat ? spv_emit2(b, IR_ADD, IR_I32, at->flat, constant) : constant;
}

/* ---- Loads ---- */

static struct ir_inst *load_leaf(struct spv_builder *b, const struct place *at, uint32_t i)
{
    struct spv_variable *v = at->v;
    uint32_t leaf = at->leaf + i, path = at->path + i;
    enum ir_type type = spv_leaf_type(at->type, i);
    if (at->outside)
        return spv_undef(b, type);
    if (v->storage == SpvStorageClassInput)
        return spv_builtin_leaf(b, v, leaf);
    if (v->constant_table && !at->flat)
        return spv_operand(b, v->constant_id)->leaves[leaf];
    if (!v->constant_table && !(v->has_memory && v->memory[path])) {
        struct ir_inst *x =
            v->instantiated ? spv_slot_get(b, v->instance + leaf) : spv_undef(b, type);
        /* Would it be in memory, if the index were no constant? */
        return v->indexed || v->other_writes ? spv_unfused(b, x) : x;
    }
    if (!v->locals && v->constant_table)
        make_locals(b, v, true, v->constant_id);
    if (!v->locals || !v->locals[path]) /* marked just now: this building is for nothing */
        return spv_undef(b, type);
    struct ir_inst *index = flat_index(b, at);
    struct ir_inst *load = spv_append(b, IR_LOCAL_LOAD, type, 1, &index);
    load->local = v->locals[path];
    return load;
}

static void load_all(struct spv_builder *b, const struct place *at, struct ir_inst **out)
{
    uint32_t n = spv_part_count(at->type);
    if (n == 0) {
        for (uint32_t i = 0; i < at->type->leaf_count; i++)
            out[i] = load_leaf(b, at, i);
        return;
    }
    for (uint32_t k = 0; k < n; k++) {
        struct place part = constant_part(b, at, k);
        load_all(b, &part, out);
        out += part.type->leaf_count;
    }
}

static void load_steps(struct spv_builder *b, const struct place *at, const struct spv_step *step,
                       uint32_t count, const struct spv_type *pointee, struct ir_inst **out)
{
    uint32_t leaves = pointee->leaf_count;
    if (count == 0) {
        load_all(b, at, out);
        return;
    }
    if (!step->inst) {
        struct place part = constant_part(b, at, step->index);
        load_steps(b, &part, step + 1, count - 1, pointee, out);
        return;
    }
    if (by_select(at)) {
        struct ir_inst **element = arena_array(b->arena, struct ir_inst *, leaves);
        for (uint32_t k = 0; k < at->type->count; k++) {
            struct place part = constant_part(b, at, k);
            load_steps(b, &part, step + 1, count - 1, pointee, k ? element : out);
            if (k == 0)
                continue;
            struct ir_inst *hit = spv_emit2(b, IR_EQ, IR_BOOL, step->inst, spv_i32(b, k));
            for (uint32_t i = 0; i < leaves; i++)
                out[i] = spv_select(b, hit, element[i], out[i]);
        }
        return;
    }
    if (!at->v->constant_table && !all_in_memory(at) && at->v->storage != SpvStorageClassInput) {
        mark_dynamic(b, at);
        for (uint32_t i = 0; i < leaves; i++)
            out[i] = spv_undef(b, spv_leaf_type(pointee, i));
        return;
    }
    struct place part = dynamic_part(b, at, step->inst);
    load_steps(b, &part, step + 1, count - 1, pointee, out);
}

static struct place start(const struct spv_pointer *p)
{
    return (struct place){.v = p->variable, .type = p->variable->type};
}

void spv_var_load(struct spv_builder *b, const struct spv_pointer *p, struct ir_inst **leaves_out)
{
    struct place at = start(p);
    load_steps(b, &at, p->steps, p->step_count, p->pointee, leaves_out);
}

/* ---- Stores; cond NULL is always ---- */

static void store_leaf(struct spv_builder *b, const struct place *at, uint32_t i,
                       struct ir_inst *cond, struct ir_inst *value)
{
    struct spv_variable *v = at->v;
    uint32_t path = at->path + i;
    if (at->outside)
        return;
    if (cond)
        value = spv_select(b, cond, value, load_leaf(b, at, i));
    if (!(v->has_memory && v->memory[path])) {
        spv_slot_set(b, v->instance + at->leaf + i, value);
        return;
    }
    if (!v->locals || !v->locals[path])
        return;
    struct ir_inst *args[] = {flat_index(b, at), value};
    spv_append(b, IR_LOCAL_STORE, IR_VOID, 2, args)->local = v->locals[path];
}

static void store_all(struct spv_builder *b, const struct place *at, struct ir_inst *cond,
                      struct ir_inst *const *leaves)
{
    uint32_t n = spv_part_count(at->type);
    if (n == 0) {
        for (uint32_t i = 0; i < at->type->leaf_count; i++)
            store_leaf(b, at, i, cond, leaves[i]);
        return;
    }
    for (uint32_t k = 0; k < n; k++) {
        struct place part = constant_part(b, at, k);
        store_all(b, &part, cond, leaves);
        leaves += part.type->leaf_count;
    }
}

static void store_steps(struct spv_builder *b, const struct place *at, const struct spv_step *step,
                        uint32_t count, struct ir_inst *cond, struct ir_inst *const *leaves)
{
    if (count == 0) {
        store_all(b, at, cond, leaves);
        return;
    }
    if (!step->inst) {
        struct place part = constant_part(b, at, step->index);
        store_steps(b, &part, step + 1, count - 1, cond, leaves);
        return;
    }
    if (by_select(at)) {
        for (uint32_t k = 0; k < at->type->count; k++) {
            struct place part = constant_part(b, at, k);
            struct ir_inst *hit = spv_emit2(b, IR_EQ, IR_BOOL, step->inst, spv_i32(b, k));
            if (cond)
                hit = spv_emit2(b, IR_AND, IR_BOOL, cond, hit);
            store_steps(b, &part, step + 1, count - 1, hit, leaves);
        }
        return;
    }
    if (!all_in_memory(at)) {
        mark_dynamic(b, at);
        return;
    }
    struct place part = dynamic_part(b, at, step->inst);
    store_steps(b, &part, step + 1, count - 1, cond, leaves);
}

void spv_var_store(struct spv_builder *b, const struct spv_pointer *p,
                   struct ir_inst *const *leaves)
{
    struct place at = start(p);
    if (p->variable->storage == SpvStorageClassInput)
        spv_bad(b, "a store to an input");
    if (p->variable->constant_table)
        return; /* the one store that makes it a table */
    if (!p->variable->instantiated)
        spv_bad(b, "variable %%%u belongs to another function", p->variable->id);
    store_steps(b, &at, p->steps, p->step_count, NULL, leaves);
}
