/* SPDX-License-Identifier: MIT
 *
 * Functions of the elements of cooperative matrices (SPV_NV_cooperative_matrix2). A matrix of few leaves has
 * its function walked for each of them; of many, once, in a loop that leaves go into and come out of
 * through arrays of the invocation's own.
 */
#include "spv_cooperative.h"

#define UNROLLED 4 /* leaves */

struct spv_position spv_matrix_position(struct spv_builder *b, const struct spv_type *type,
                                        struct ir_inst *leaf)
{
    uint32_t size = b->m->subgroup_size, columns = type->columns;
    uint32_t elements = type->piece_rows * columns;
    struct ir_inst *lane = size == 1 ? spv_i32(b, 0) : spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
    struct spv_position at = {NULL, NULL, NULL};
    struct ir_inst *e = NULL;
    if (columns % size == 0) { /* a leaf is part of a row */
        struct ir_inst *per = spv_i32(b, columns / size);
        at.row = spv_emit2(b, IR_UDIV, IR_I32, leaf, per);
        at.column = spv_emit2(b, IR_MUL, IR_I32, spv_emit2(b, IR_UREM, IR_I32, leaf, per),
                              spv_i32(b, size));
        at.column = spv_emit2(b, IR_ADD, IR_I32, lane, at.column);
    } else if (size % columns == 0) { /* some rows */
        at.row = spv_emit2(b, IR_MUL, IR_I32, leaf, spv_i32(b, size / columns));
        at.row = spv_emit2(b, IR_ADD, IR_I32,
                           spv_emit2(b, IR_UDIV, IR_I32, lane, spv_i32(b, columns)), at.row);
        at.column = spv_emit2(b, IR_UREM, IR_I32, lane, spv_i32(b, columns));
    } else {
        e = spv_emit2(b, IR_ADD, IR_I32, lane,
                      spv_emit2(b, IR_MUL, IR_I32, leaf, spv_i32(b, size)));
        at.row = spv_emit2(b, IR_UDIV, IR_I32, e, spv_i32(b, columns));
        at.column = spv_emit2(b, IR_UREM, IR_I32, e, spv_i32(b, columns));
    }
    if (elements % size) {
        if (!e)
            e = spv_emit2(b, IR_ADD, IR_I32, lane,
                          spv_emit2(b, IR_MUL, IR_I32, leaf, spv_i32(b, size)));
        at.exists = spv_emit2(b, IR_ULT, IR_BOOL, e, spv_i32(b, elements));
    }
    if (type->pieces > 1) {
        struct ir_inst *piece = spv_pooled(b, IR_SUBGROUP_ID, IR_I32, 0, NULL);
        at.row = spv_emit2(b, IR_ADD, IR_I32, at.row,
                           spv_emit2(b, IR_MUL, IR_I32, piece, spv_i32(b, type->piece_rows)));
    }
    if (type->pieces * type->piece_rows != type->rows) {
        struct ir_inst *row = spv_emit2(b, IR_ULT, IR_BOOL, at.row, spv_i32(b, type->rows));
        at.exists = at.exists ? spv_emit2(b, IR_AND, IR_BOOL, at.exists, row) : row;
    }
    return at;
}

/* ---- Loops ---- */

void spv_count_begin(struct spv_builder *b, struct spv_count *c, struct ir_inst *first)
{
    struct ir_inst *init[] = {spv_i32(b, 0), first};
    uint32_t count = first ? 2 : 1;
    spv_depth_enter(b);
    c->loop = spv_append(b, IR_LOOP, IR_VOID, count, init);
    c->loop->regions[0] = ir_region_create(b->m, c->loop);
    c->outer = b->region;
    c->slot_count = b->slot_count;
    c->mark = spv_slots_mark(b);
    b->region = c->loop->regions[0];
    c->i = spv_append(b, IR_PARAM, IR_I32, 0, NULL);
    c->i->imm = 0;
    c->carried = NULL;
    if (first) {
        c->carried = spv_append(b, IR_PARAM, (enum ir_type)first->type, 0, NULL);
        c->carried->imm = 1;
    }
}

struct ir_inst *spv_count_end(struct spv_builder *b, struct spv_count *c, struct ir_inst *count,
                              struct ir_inst *next)
{
    struct ir_region *body = c->loop->regions[0];
    struct ir_inst *i = spv_emit2(b, IR_ADD, IR_I32, c->i, spv_i32(b, 1));
    struct ir_inst *more = spv_emit2(b, IR_ULT, IR_BOOL, i, count);
    body->yield_count = c->carried ? 3 : 2;
    body->yields = arena_array(b->arena, struct ir_inst *, 3);
    body->yields[0] = more;
    body->yields[1] = i;
    body->yields[2] = c->carried ? spv_usable(b, next) : NULL;
    b->region = c->outer;
    b->depth--;
    if (spv_slots_collect(b, c->mark, c->slot_count).count)
        spv_unsupported(b, "a function of a matrix's elements that writes to variables outside");
    b->slot_count = c->slot_count;
    struct ir_inst *result = spv_append(b, IR_RESULT, IR_I32, 1, &c->loop);
    result->imm = 0;
    if (!c->carried)
        return NULL;
    result = spv_append(b, IR_RESULT, (enum ir_type)next->type, 1, &c->loop);
    result->imm = 1;
    return result;
}

/* ---- Arrays for the loops ---- */

static struct spv_matrix_array *array_begin(struct spv_builder *b, enum ir_type type,
                                            uint32_t length)
{
    for (struct spv_matrix_array *a = b->matrix_arrays; a; a = a->next)
        if (!a->used && a->local->type == type && a->local->length == length) {
            a->used = true;
            return a;
        }
    struct spv_matrix_array *a = arena_new(b->arena, struct spv_matrix_array);
    a->local = arena_new(b->arena, struct ir_local);
    a->local->type = (uint8_t)type;
    a->local->length = length;
    a->local->id = b->m->locals ? b->m->locals->id + 1 : 0;
    a->local->next = b->m->locals;
    b->m->locals = a->local;
    b->local_elements += length;
    if (b->local_elements > SPV_MAX_LOCAL_ELEMENTS)
        spv_unsupported(b, "cooperative matrices that are too large");
    a->used = true;
    a->next = b->matrix_arrays;
    b->matrix_arrays = a;
    return a;
}

static void array_store(struct spv_builder *b, struct spv_matrix_array *a, struct ir_inst *index,
                        struct ir_inst *value)
{
    struct ir_inst *args[] = {index, spv_usable(b, value)};
    spv_append(b, IR_LOCAL_STORE, IR_VOID, 2, args)->local = a->local;
}

static struct ir_inst *array_load(struct spv_builder *b, struct spv_matrix_array *a,
                                  struct ir_inst *index)
{
    struct ir_inst *load =
        spv_append(b, IR_LOCAL_LOAD, (enum ir_type)a->local->type, 1, &index);
    load->local = a->local;
    return load;
}

/* ---- Elements ---- */

/* Calls fn where the lane has an element. */
static struct ir_inst *call(struct spv_builder *b, const struct spv_type *type,
                            const struct spv_position *at, struct ir_inst *const *in, bool result,
                            spv_element_fn *fn, void *data)
{
    enum ir_type scalar = (enum ir_type)type->scalar;
    struct ir_inst *value;
    if (!at->exists)
        return fn(b, at, in, data);
    uint32_t slot = spv_slots_create(b, 1);
    spv_slot_init(b, slot, scalar, spv_const(b, scalar, 0));
    struct spv_if f;
    spv_if_begin(b, &f, at->exists);
    spv_if_arm_begin(b, &f, 0);
    value = fn(b, at, in, data);
    if (result)
        spv_slot_set(b, slot, value);
    spv_if_arm_end(b, &f, 0, SPV_LEFT);
    spv_if_arm_begin(b, &f, 1);
    spv_if_arm_end(b, &f, 1, SPV_LEFT);
    spv_if_end(b, &f);
    return result ? spv_slot_get(b, slot) : NULL;
}

static void each_in_loop(struct spv_builder *b, const struct spv_type *type,
                         struct ir_inst *const *const *inputs, uint32_t input_count,
                         struct ir_inst **out, spv_element_fn *fn, void *data)
{
    struct spv_matrix_array *from[SPV_EACH_MAX], *to = NULL;
    struct ir_inst *in[SPV_EACH_MAX] = {NULL};
    for (uint32_t i = 0; i < input_count; i++) {
        from[i] = array_begin(b, (enum ir_type)inputs[i][0]->type, type->count);
        for (uint32_t k = 0; k < type->count; k++)
            array_store(b, from[i], spv_i32(b, k), inputs[i][k]);
    }
    if (out)
        to = array_begin(b, (enum ir_type)type->scalar, type->count);
    struct spv_count c;
    spv_count_begin(b, &c, NULL);
    struct spv_position at = spv_matrix_position(b, type, c.i);
    for (uint32_t i = 0; i < input_count; i++)
        in[i] = array_load(b, from[i], c.i);
    struct ir_inst *value = call(b, type, &at, in, out != NULL, fn, data);
    if (out)
        array_store(b, to, c.i, value);
    spv_count_end(b, &c, spv_i32(b, type->count), NULL);
    for (uint32_t k = 0; k < type->count && out; k++)
        out[k] = array_load(b, to, spv_i32(b, k));
    for (uint32_t i = 0; i < input_count; i++)
        from[i]->used = false;
    if (to)
        to->used = false;
}

void spv_matrix_each(struct spv_builder *b, const struct spv_type *type,
                     struct ir_inst *const *const *inputs, uint32_t input_count,
                     struct ir_inst **out, spv_element_fn *fn, void *data)
{
    if (input_count > SPV_EACH_MAX)
        spv_unsupported(b, "a function of the elements of %u matrices", input_count);
    if (type->count > UNROLLED) {
        each_in_loop(b, type, inputs, input_count, out, fn, data);
        return;
    }
    for (uint32_t k = 0; k < type->count; k++) {
        struct ir_inst *in[SPV_EACH_MAX] = {NULL};
        for (uint32_t i = 0; i < input_count; i++)
            in[i] = spv_usable(b, inputs[i][k]);
        struct spv_position at = spv_matrix_position(b, type, spv_i32(b, k));
        struct ir_inst *value = call(b, type, &at, in, out != NULL, fn, data);
        if (out)
            out[k] = value;
    }
}

/* ---- OpCooperativeMatrixPerElementOpNV ---- */

struct spv_function *spv_matrix_function(struct spv_builder *b, uint32_t id, uint32_t params,
                                         const struct spv_type *result)
{
    struct spv_id *slot = spv_id_at(b, id);
    if (slot->kind != SPV_FUNCTION || b->reading)
        spv_bad(b, "%%%u is not a function", id);
    struct spv_function *f = slot->function;
    if (f->param_count < params || f->result != result)
        spv_bad(b, "function %%%u \"%.60s\" does not fit a matrix's elements", id, spv_name(b, id));
    return f;
}

struct per_element {
    struct spv_function *function;
    struct spv_value **args; /* matrices: to be filled in */
    uint32_t *input;         /* by argument: its place among the inputs; 0: the same for all elements */
};

static struct ir_inst *per_element(struct spv_builder *b, const struct spv_position *at,
                                   struct ir_inst *const *in, void *data)
{
    struct per_element *p = data;
    struct spv_function *f = p->function;
    struct spv_value **args = arena_array(b->arena, struct spv_value *, f->param_count);
    struct ir_inst *result;
    for (uint32_t i = 0; i < f->param_count; i++) {
        args[i] = p->args[i];
        if (args[i] && !p->input[i])
            continue;
        args[i] = spv_new_value(b, f->type->members[i].type);
        args[i]->leaves[0] = i == 0 ? at->row : i == 1 ? at->column : in[p->input[i] - 1];
    }
    spv_call(b, b->mod, f, args, &result);
    return result;
}

void spv_op_matrix_per_element(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[3]);
    const struct spv_type *type = spv_cooperative(b, x->type);
    struct per_element p = {.function = spv_matrix_function(b, w[4], 3, type->element)};
    struct spv_function *f = p.function;
    if (spv_type_at(b, w[1]) != type || f->param_count != 3 + wc - 5)
        spv_bad(b, "the types of OpCooperativeMatrixPerElementOpNV");
    for (uint32_t i = 0; i < 3; i++) {
        const struct spv_type *param = f->type->members[i].type;
        if (i < 2 ? param->kind != SPV_TYPE_INT || param->scalar != IR_I32 : param != type->element)
            spv_bad(b, "parameter %u of a function of a matrix's elements", i);
    }
    p.args = arena_array(b->arena, struct spv_value *, f->param_count);
    p.input = arena_array(b->arena, uint32_t, f->param_count);
    struct ir_inst *const **inputs = arena_array(b->arena, struct ir_inst *const *, wc);
    uint32_t count = 0;
    inputs[count++] = x->leaves;
    p.input[2] = count;
    for (uint32_t i = 3; i < f->param_count; i++) {
        struct spv_value *arg = spv_operand(b, w[2 + i]);
        const struct spv_type *param = f->type->members[i].type;
        bool matrix = arg->type->cooperative && param == arg->type->element;
        if (matrix && (arg->type->rows != type->rows || arg->type->columns != type->columns ||
                       arg->type->pieces != type->pieces))
            spv_bad(b, "matrices of different sizes");
        if (!matrix && param != arg->type)
            spv_bad(b, "argument %u is not of the parameter's type", i);
        p.args[i] = arg;
        if (matrix) {
            inputs[count++] = arg->leaves;
            p.input[i] = count;
        }
    }
    struct spv_value *value = spv_result(b, w);
    spv_matrix_each(b, type, inputs, count, value->leaves, per_element, &p);
}
