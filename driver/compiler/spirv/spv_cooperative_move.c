/* SPDX-License-Identifier: MIT
 *
 * Cooperative matrices whose elements change places (SPV_NV_cooperative_matrix2): transposed, reduced, or
 * seen by other subgroups. They go through workgroup memory that belongs to the compiler: one piece of
 * it, behind the shader's variables, that all such operations take turns with.
 */
#include "spv_cooperative.h"

/* ---- Memory ---- */

/* A component of one type as one of another. */
static struct ir_inst *converted(struct spv_builder *b, const struct spv_type *from,
                                 const struct spv_type *to, struct ir_inst *x)
{
    enum ir_type type = (enum ir_type)to->scalar;
    if (from == to)
        return x;
    if (from->kind != to->kind)
        spv_bad(b, "components of different kinds");
    if (from->encoding || to->encoding)
        return spv_convert_narrow(b, x, (enum spv_encoding)from->encoding,
                                  (enum spv_encoding)to->encoding, type, false);
    if (from->kind == SPV_TYPE_FLOAT)
        return spv_float_to(b, x, type);
    return spv_to_int(b, x, type, from->is_signed);
}

/* Blocks of workgroup memory all start at 0: what is behind them is known when all have been seen. */
static void place_blocks(struct spv_builder *b)
{
    struct spv_module *mod = b->shader;
    if (!mod->explicit_workgroup)
        return;
    for (uint32_t i = 0; i < mod->variable_count; i++) {
        struct spv_variable *v = mod->ids[mod->variables[i]].variable;
        if (v->storage == SpvStorageClassWorkgroup)
            spv_variable_pointer(b, v);
    }
}

static void reserve(struct spv_builder *b, uint64_t size_B)
{
    if (size_B <= b->scratch_B)
        return;
    place_blocks(b);
    uint64_t at = ((uint64_t)b->shared_B + 63) / 64 * 64;
    if (size_B > (1u << 24) || at + size_B > (1u << 24))
        spv_unsupported(b, "%llu bytes of workgroup memory", (unsigned long long)(at + size_B));
    b->scratch_at = (uint32_t)at;
    b->scratch_B = (uint32_t)size_B;
    b->shared_B = (uint32_t)(at + size_B);
    if (!b->scratch_alias)
        b->scratch_alias = b->next_alias++;
}

static uint32_t invocations(const struct spv_builder *b)
{
    const uint32_t *size = b->m->local_size;
    return size[0] * size[1] * size[2];
}

static void meet(struct spv_builder *b, bool workgroup)
{
    if (workgroup && invocations(b) > b->m->subgroup_size)
        spv_append(b, IR_BARRIER, IR_VOID, 0, NULL);
    else
        spv_append(b, IR_FENCE, IR_VOID, 0, NULL);
}

struct spv_scratch spv_scratch_begin(struct spv_builder *b, const struct spv_type *element,
                                     uint32_t count, bool workgroup)
{
    struct spv_scratch s = {.element_B = ir_type_B((enum ir_type)element->scalar),
                            .workgroup = workgroup};
    uint64_t size_B = ((uint64_t)count * s.element_B + 63) / 64 * 64;
    uint32_t subgroups = (invocations(b) + b->m->subgroup_size - 1) / b->m->subgroup_size;
    reserve(b, workgroup ? size_B : size_B * subgroups);
    meet(b, workgroup);
    s.start = (struct spv_pointer){.pointee = element,
                                   .storage = SpvStorageClassWorkgroup,
                                   .const_B = b->scratch_at,
                                   .natural = true,
                                   .alias = b->scratch_alias};
    if (!workgroup && subgroups > 1)
        spv_matrix_move(b, &s.start,
                        spv_emit2(b, IR_MUL, IR_I32, spv_pooled(b, IR_SUBGROUP_ID, IR_I32, 0, NULL),
                                  spv_i32(b, (uint32_t)size_B)));
    return s;
}

static struct spv_pointer scratch_at(struct spv_builder *b, const struct spv_scratch *s,
                                     struct ir_inst *index)
{
    struct spv_pointer p = s->start;
    spv_matrix_move(b, &p, spv_emit2(b, IR_MUL, IR_I32, index, spv_i32(b, s->element_B)));
    return p;
}

void spv_scratch_store(struct spv_builder *b, const struct spv_scratch *s, struct ir_inst *index,
                       struct ir_inst *value, struct ir_inst *guard)
{
    struct spv_pointer p = scratch_at(b, s, index);
    value = spv_usable(b, value);
    spv_matrix_access(b, &p, 0, true, guard, &value);
}

struct ir_inst *spv_scratch_load(struct spv_builder *b, const struct spv_scratch *s,
                                 struct ir_inst *index)
{
    struct spv_pointer p = scratch_at(b, s, index);
    struct ir_inst *value;
    spv_load(b, &p, 0, 0, &value);
    return value;
}

void spv_scratch_ready(struct spv_builder *b, const struct spv_scratch *s)
{
    meet(b, s->workgroup);
}

static struct ir_inst *index_of(struct spv_builder *b, struct ir_inst *row, uint32_t columns,
                                struct ir_inst *column)
{
    return spv_emit2(b, IR_ADD, IR_I32, spv_emit2(b, IR_MUL, IR_I32, row, spv_i32(b, columns)),
                     column);
}

/* This lane's element of the leaf, by rows of the whole matrix. */
static struct ir_inst *index_of_leaf(struct spv_builder *b, const struct spv_type *type, uint32_t k)
{
    uint32_t size = b->m->subgroup_size;
    struct ir_inst *index = spv_i32(b, k * size);
    if (size > 1)
        index = spv_emit2(b, IR_ADD, IR_I32, spv_pooled(b, IR_LANE, IR_I32, 0, NULL), index);
    if (type->pieces > 1)
        index = index_of(b, spv_pooled(b, IR_SUBGROUP_ID, IR_I32, 0, NULL),
                         type->piece_rows * type->columns, index);
    return index;
}

struct spv_scratch spv_scratch_matrix(struct spv_builder *b, const struct spv_type *type,
                                      const struct spv_type *element, struct ir_inst *const *leaves,
                                      uint32_t extra)
{
    uint32_t size = b->m->subgroup_size, elements = type->piece_rows * type->columns;
    struct spv_scratch s =
        spv_scratch_begin(b, element, type->pieces * elements + extra, type->pieces > 1);
    for (uint32_t k = 0; k < type->count; k++) {
        struct ir_inst *guard = NULL;
        if ((k + 1) * size > elements)
            guard = spv_emit2(b, IR_ULT, IR_BOOL, spv_pooled(b, IR_LANE, IR_I32, 0, NULL),
                              spv_i32(b, elements - k * size));
        spv_scratch_store(b, &s, index_of_leaf(b, type, k),
                          converted(b, type->element, element, leaves[k]), guard);
    }
    spv_scratch_ready(b, &s);
    return s;
}

/* ---- Conversions of use ---- */

void spv_op_matrix_convert(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    const struct spv_type *from = spv_cooperative(b, x->type);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *to = spv_cooperative(b, value->type);
    if (from->element != to->element || from->rows != to->rows || from->columns != to->columns ||
        from->pieces != to->pieces)
        spv_bad(b, "the types of OpCooperativeMatrixConvertNV");
    value->leaves = x->leaves;
}

struct source {
    const struct spv_scratch *scratch;
    const struct spv_type *type; /* of the matrix in it */
    const struct spv_type *element; /* that it is to have */
};

static struct ir_inst *transposed(struct spv_builder *b, const struct spv_position *at,
                                  struct ir_inst *const *in, void *data)
{
    (void)in;
    const struct source *source = data;
    struct ir_inst *x = spv_scratch_load(b, source->scratch,
                                         index_of(b, at->column, source->type->columns, at->row));
    return converted(b, source->type->element, source->element, x);
}

void spv_op_matrix_transpose(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    const struct spv_type *from = spv_cooperative(b, x->type);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *to = spv_cooperative(b, value->type);
    if (from->rows != to->columns || from->columns != to->rows || from->pieces != to->pieces)
        spv_bad(b, "the types of OpCooperativeMatrixTransposeNV");
    struct spv_scratch s = spv_scratch_matrix(b, from, from->element, x->leaves, 0);
    struct source source = {&s, from, to->element};
    spv_matrix_each(b, to, NULL, 0, value->leaves, transposed, &source);
}

/* ---- Reductions ---- */

struct reduction {
    struct spv_scratch scratch; /* the matrix, then what its rows or columns come to */
    const struct spv_type *type;
    struct spv_function *combine;
    uint32_t mode;  /* SpvCooperativeMatrixReduceMask */
    uint32_t first; /* where the results start */
};

static struct ir_inst *combined(struct spv_builder *b, const struct reduction *r, struct ir_inst *x,
                                struct ir_inst *y)
{
    struct ir_inst *list[] = {x, y}, *result;
    struct spv_value *args[2];
    for (uint32_t i = 0; i < 2; i++) {
        args[i] = spv_new_value(b, r->type->element);
        args[i]->leaves[0] = list[i];
    }
    spv_call(b, b->mod, r->combine, args, &result);
    return result;
}

#define GROUP 8 /* elements that are combined first: sums of sums round less than one long sum */

/* What `length` elements come to, the first at `start`. */
static struct ir_inst *along(struct spv_builder *b, const struct reduction *r,
                             struct ir_inst *start, uint32_t step, uint32_t length)
{
    uint32_t group = length > GROUP ? GROUP : 1;
    while (length % group)
        group--;
    struct ir_inst *sum = group > 1 ? along(b, r, start, step, group)
                                    : spv_scratch_load(b, &r->scratch, start);
    if (length == group)
        return sum;
    struct spv_count c;
    spv_count_begin(b, &c, sum);
    struct ir_inst *at = spv_emit2(b, IR_MUL, IR_I32, c.i, spv_i32(b, group * step));
    at = spv_emit2(b, IR_ADD, IR_I32, at, spv_i32(b, group * step));
    at = spv_emit2(b, IR_ADD, IR_I32, start, at);
    struct ir_inst *part = group > 1 ? along(b, r, at, step, group)
                                     : spv_scratch_load(b, &r->scratch, at);
    return spv_count_end(b, &c, spv_i32(b, length / group - 1), combined(b, r, c.carried, part));
}

/* Each invocation reduces some of the rows, or of the columns. */
static void reduce_lines(struct spv_builder *b, const struct reduction *r)
{
    bool rows = r->mode & SpvCooperativeMatrixReduceRowMask, all = r->type->pieces > 1;
    uint32_t lines = rows ? r->type->rows : r->type->columns, columns = r->type->columns;
    uint32_t workers = all ? invocations(b) : b->m->subgroup_size;
    struct ir_inst *me = workers == 1 ? spv_i32(b, 0)
                                      : spv_pooled(b, all ? IR_LOCAL_INDEX : IR_LANE, IR_I32, 0, NULL);
    for (uint32_t line = 0; line < lines; line += workers) {
        struct ir_inst *mine = spv_emit2(b, IR_ADD, IR_I32, me, spv_i32(b, line)), *start = mine;
        struct ir_inst *guard = spv_emit2(b, IR_ULT, IR_BOOL, mine, spv_i32(b, lines));
        if (line + workers <= lines)
            guard = spv_bool(b, true);
        struct spv_if f;
        spv_if_begin(b, &f, guard);
        spv_if_arm_begin(b, &f, 0);
        if (rows)
            start = spv_emit2(b, IR_MUL, IR_I32, mine, spv_i32(b, columns));
        struct ir_inst *sum = along(b, r, start, rows ? 1 : columns, rows ? columns : r->type->rows);
        spv_scratch_store(b, &r->scratch,
                          spv_emit2(b, IR_ADD, IR_I32, mine, spv_i32(b, r->first)), sum, NULL);
        spv_if_arm_end(b, &f, 0, SPV_LEFT);
        spv_if_arm_begin(b, &f, 1);
        spv_if_arm_end(b, &f, 1, SPV_LEFT);
        spv_if_end(b, &f);
    }
    spv_scratch_ready(b, &r->scratch);
}

static struct ir_inst *reduced_line(struct spv_builder *b, const struct spv_position *at,
                                    struct ir_inst *const *in, void *data)
{
    (void)in;
    const struct reduction *r = data;
    struct ir_inst *line = r->mode & SpvCooperativeMatrixReduceRowMask ? at->row : at->column;
    return spv_scratch_load(b, &r->scratch,
                            spv_emit2(b, IR_ADD, IR_I32, line, spv_i32(b, r->first)));
}

static struct ir_inst *reduced_square(struct spv_builder *b, const struct spv_position *at,
                                      struct ir_inst *const *in, void *data)
{
    (void)in;
    const struct reduction *r = data;
    struct ir_inst *two = spv_i32(b, 2), *sum = NULL;
    struct ir_inst *first = index_of(b, spv_emit2(b, IR_MUL, IR_I32, at->row, two), r->type->columns,
                                     spv_emit2(b, IR_MUL, IR_I32, at->column, two));
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t step = i / 2 * r->type->columns + i % 2;
        struct ir_inst *x = spv_scratch_load(
            b, &r->scratch, spv_emit2(b, IR_ADD, IR_I32, first, spv_i32(b, step)));
        sum = sum ? combined(b, r, sum, x) : x;
    }
    return sum;
}

static void check_reduction(struct spv_builder *b, const struct spv_type *from,
                            const struct spv_type *to, uint32_t mode)
{
    bool good = from->element == to->element && from->pieces == to->pieces;
    switch (mode) {
    case SpvCooperativeMatrixReduceRowMask:
        good &= from->rows == to->rows;
        break;
    case SpvCooperativeMatrixReduceColumnMask:
        good &= from->columns == to->columns;
        break;
    case SpvCooperativeMatrixReduceRowMask | SpvCooperativeMatrixReduceColumnMask:
        break;
    case SpvCooperativeMatrixReduce2x2Mask:
        good &= from->rows == 2 * to->rows && from->columns == 2 * to->columns;
        break;
    default:
        good = false;
    }
    if (!good)
        spv_bad(b, "the types or the mode %u of OpCooperativeMatrixReduceNV", mode);
}

void spv_op_matrix_reduce(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_value *x = spv_operand(b, w[3]);
    const struct spv_type *from = spv_cooperative(b, x->type);
    struct spv_value *value = spv_result(b, w);
    const struct spv_type *to = spv_cooperative(b, value->type);
    struct reduction r = {.type = from, .mode = w[4]};
    check_reduction(b, from, to, r.mode);
    r.combine = spv_matrix_function(b, w[5], 2, from->element);
    if (r.combine->param_count != 2 || r.combine->type->members[0].type != from->element ||
        r.combine->type->members[1].type != from->element)
        spv_bad(b, "the function of OpCooperativeMatrixReduceNV");
    bool both = r.mode == (SpvCooperativeMatrixReduceRowMask | SpvCooperativeMatrixReduceColumnMask);
    bool square = r.mode == SpvCooperativeMatrixReduce2x2Mask;
    uint32_t lines = r.mode & SpvCooperativeMatrixReduceRowMask ? from->rows : from->columns;
    r.first = from->pieces * from->piece_rows * from->columns;
    r.scratch = spv_scratch_matrix(b, from, from->element, x->leaves, square ? 0 : lines);
    if (!square)
        reduce_lines(b, &r);
    if (both) { /* every invocation goes through what the rows came to */
        struct ir_inst *sum = along(b, &r, spv_i32(b, r.first), 1, lines);
        for (uint32_t k = 0; k < to->count; k++)
            value->leaves[k] = sum;
        return;
    }
    spv_matrix_each(b, to, NULL, 0, value->leaves, square ? reduced_square : reduced_line, &r);
}
