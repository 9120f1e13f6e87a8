/* SPDX-License-Identifier: MIT
 *
 * Cooperative matrices (SPV_KHR_cooperative_matrix): their types and memory. To the rest of the
 * front end such a matrix is an array of the invocation's elements; spv_cooperative.h says which. Those of
 * SPV_NV_cooperative_matrix are the same: where an element is does not depend on the matrix's use.
 */
#include "spv_cooperative.h"

/* How many subgroups hold a matrix of that scope. */
static uint32_t pieces_of(struct spv_builder *b, uint32_t scope)
{
    if (scope == SpvScopeSubgroup)
        return 1;
    if (scope != SpvScopeWorkgroup)
        spv_unsupported(b, "cooperative matrices of scope %u", scope);
    spv_set_local_size(b);
    const uint32_t *local = b->m->local_size;
    uint32_t count = local[0] * local[1] * local[2], size = b->m->subgroup_size;
    if (count % size)
        spv_unsupported(b, "cooperative matrices of a workgroup of %u invocations", count);
    return count / size;
}

void spv_read_cooperative(struct spv_builder *b, struct spv_type *type, const uint32_t *w)
{
    uint32_t size = b->m->subgroup_size;
    type->pieces = pieces_of(b, spv_constant_u32(b, w[3]));
    type->rows = spv_constant_u32(b, w[4]);
    type->columns = spv_constant_u32(b, w[5]);
    if ((w[0] & 0xffff) == SpvOpTypeCooperativeMatrixKHR)
        type->use = spv_constant_u32(b, w[6]);
    type->cooperative = true;
    const struct spv_type *element = spv_type_at(b, w[2]);
    if (element->kind != SPV_TYPE_INT && element->kind != SPV_TYPE_FLOAT)
        spv_bad(b, "a cooperative matrix of type %%%u", w[2]);
    if (!type->rows || !type->columns || type->rows > IR_MATRIX_MAX ||
        type->columns > IR_MATRIX_MAX)
        spv_unsupported(b, "a cooperative matrix of %u x %u", type->rows, type->columns);
    b->m->uses_subgroup = true;
    type->piece_rows = (type->rows + type->pieces - 1) / type->pieces;
    type->count = ir_matrix_leaves(type->piece_rows, type->columns, size);
}

const struct spv_type *spv_cooperative(struct spv_builder *b, const struct spv_type *type)
{
    if (!type->cooperative)
        spv_bad(b, "%%%u is not a cooperative matrix type", type->id);
    return type;
}

void spv_op_matrix_length(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type = spv_cooperative(b, spv_type_at(b, w[3]));
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_INT || value->type->scalar != IR_I32)
        spv_bad(b, "the result type of OpCooperativeMatrixLength");
    value->leaves[0] = spv_i32(b, type->count);
}

/* ---- Memory ---- */

enum ir_type spv_matrix_address_type(const struct spv_builder *b, const struct spv_pointer *p)
{
    return spv_is_wide(b, p->storage) ? IR_I64 : IR_I32;
}

void spv_matrix_move(struct spv_builder *b, struct spv_pointer *p, struct ir_inst *by_B)
{
    enum ir_type type = spv_matrix_address_type(b, p);
    if (spv_is_const(by_B))
        p->const_B += by_B->imm;
    else
        p->offset = p->offset ? spv_emit2(b, IR_ADD, type, p->offset, by_B) : by_B;
    if (type != IR_I64)
        p->const_B &= UINT32_MAX;
}

/* A matrix in memory, as it is accessed: by lines of consecutive elements. Those are the matrix's rows,
 * or its columns where it lies in memory by columns. */
struct lines {
    struct spv_builder *b;
    struct spv_pointer start; /* to an element */
    struct ir_inst *stride_B; /* between lines, of the address's type */
    uint32_t element_B;
    uint32_t count, length;   /* lines, elements of one */
    enum ir_type type;        /* of addresses */
    uint8_t flags;            /* enum ir_mem_flags */
};

/* Whether the matrix lies in memory by columns, and where the operands say how far apart they are. */
static bool is_by_columns(struct spv_builder *b, const uint32_t *w, uint32_t wc, uint32_t layout,
                          uint32_t *stride_out)
{
    uint32_t op = w[0] & 0xffff;
    if (op == SpvOpCooperativeMatrixLoadNV || op == SpvOpCooperativeMatrixStoreNV) {
        const struct spv_value *value = spv_operand(b, w[layout + 1]);
        *stride_out = layout;
        if (value->type->kind != SPV_TYPE_BOOL || !spv_is_const(value->leaves[0]))
            spv_bad(b, "%%%u is not a constant that is true or false", w[layout + 1]);
        return value->leaves[0]->imm != 0;
    }
    uint32_t order = spv_constant_u32(b, w[layout]);
    if (order != SpvCooperativeMatrixLayoutRowMajorKHR &&
        order != SpvCooperativeMatrixLayoutColumnMajorKHR)
        spv_unsupported(b, "memory layout %u of a cooperative matrix", order);
    *stride_out = layout + 1;
    if (wc <= layout + 1)
        spv_bad(b, "a cooperative matrix in memory without a stride");
    return order == SpvCooperativeMatrixLayoutColumnMajorKHR;
}

static struct lines lines_of(struct spv_builder *b, const struct spv_type *type, const uint32_t *w,
                             uint32_t wc, uint32_t pointer, uint32_t layout, bool *by_columns_out)
{
    struct lines l = {.b = b, .start = *spv_pointer_at(b, w[pointer])};
    /* Strides are in what the pointer points to; of an untyped pointer, in elements of the matrix. */
    bool untyped = spv_operand(b, w[pointer])->type->untyped;
    const struct spv_type *pointee = untyped ? type->element : l.start.pointee;
    uint32_t align_B, stride;
    *by_columns_out = is_by_columns(b, w, wc, layout, &stride);
    if (!spv_is_numeric(pointee) || pointee->cooperative)
        spv_bad(b, "a cooperative matrix at a pointer to type %%%u", pointee->id);
    l.type = spv_matrix_address_type(b, &l.start);
    l.stride_B = spv_emit2(b, IR_MUL, l.type,
                           spv_to_int(b, spv_int_scalar(b, w[stride]), l.type, false),
                           spv_const(b, l.type, pointee->natural_B));
    l.flags = spv_memory_operands(b, w, wc, layout + 2, &align_B);
    l.element_B = ir_type_B((enum ir_type)type->scalar);
    l.start.pointee = type->element;
    l.start.component_B = 0;
    l.count = *by_columns_out ? type->columns : type->piece_rows;
    l.length = *by_columns_out ? type->piece_rows : type->columns;
    if (type->pieces > 1) {
        struct ir_inst *piece = spv_pooled(b, IR_SUBGROUP_ID, IR_I32, 0, NULL);
        struct ir_inst *row = spv_emit2(b, IR_MUL, IR_I32, piece, spv_i32(b, type->piece_rows));
        struct ir_inst *step_B = *by_columns_out ? spv_const(b, l.type, l.element_B) : l.stride_B;
        spv_matrix_move(b, &l.start, spv_emit2(b, IR_MUL, l.type, spv_to_int(b, row, l.type, false),
                                               step_B));
    }
    return l;
}

static struct ir_inst *divided(struct spv_builder *b, enum ir_op op, struct ir_inst *x, uint32_t by)
{
    return spv_emit2(b, op, IR_I32, x, spv_i32(b, by));
}

/* Where this invocation's element number `index` * subgroup size + lane is. line and place are of the
 * lane's part; constants are told apart, so that addresses keep their shapes. */
static struct spv_pointer element_at(struct lines *l, struct ir_inst *line, uint32_t line_0,
                                     struct ir_inst *place, uint32_t place_0)
{
    struct spv_builder *b = l->b;
    struct spv_pointer p = l->start;
    spv_matrix_move(b, &p, spv_emit2(b, IR_MUL, l->type, l->stride_B, spv_const(b, l->type, line_0)));
    p.const_B += (uint64_t)place_0 * l->element_B;
    if (line)
        spv_matrix_move(b, &p, spv_emit2(b, IR_MUL, l->type, spv_to_int(b, line, l->type, false), l->stride_B));
    if (place)
        spv_matrix_move(b, &p, spv_emit2(b, IR_MUL, l->type, spv_to_int(b, place, l->type, false),
                              spv_const(b, l->type, l->element_B)));
    if (l->type != IR_I64)
        p.const_B &= UINT32_MAX;
    return p;
}

/* The element of leaf k of a matrix with so many columns: in memory its row is a line, or its column. */
static struct spv_pointer leaf_at(struct lines *l, uint32_t k, uint32_t columns, bool by_columns)
{
    struct spv_builder *b = l->b;
    uint32_t size = b->m->subgroup_size, first = k * size, row_0 = 0, column_0 = 0;
    struct ir_inst *lane = spv_pooled(b, IR_LANE, IR_I32, 0, NULL), *row = NULL, *column = NULL;
    if (size == 1 || columns % size == 0) {
        row_0 = first / columns;
        column_0 = first % columns;
        column = size == 1 ? NULL : lane;
    } else if (size % columns == 0) {
        row_0 = first / columns;
        row = divided(b, IR_UDIV, lane, columns);
        column = divided(b, IR_UREM, lane, columns);
    } else {
        lane = spv_emit2(b, IR_ADD, IR_I32, lane, spv_i32(b, first));
        row = divided(b, IR_UDIV, lane, columns);
        column = divided(b, IR_UREM, lane, columns);
    }
    return by_columns ? element_at(l, column, column_0, row, row_0)
                      : element_at(l, row, row_0, column, column_0);
}

/* Whether a matrix against the grain is better turned in registers than gathered. */
static bool turns(struct spv_builder *b, const struct spv_type *type, const struct lines *l)
{
    uint32_t size = b->m->subgroup_size;
    return size > 1 && type->pieces * type->piece_rows == type->rows && l->count % size == 0 && l->length % size == 0;
}

/* Turns the leaves of a matrix of so many columns, square by square. */
static void turn(struct spv_builder *b, enum ir_type type, struct ir_inst *const *leaves,
                 uint32_t rows, uint32_t columns, struct ir_inst **turned)
{
    uint32_t size = b->m->subgroup_size;
    struct ir_inst **square = arena_array(b->arena, struct ir_inst *, size);
    for (uint32_t row = 0; row < rows; row += size)
        for (uint32_t column = 0; column < columns; column += size) {
            for (uint32_t k = 0; k < size; k++)
                square[k] = leaves[(row + k) * (columns / size) + column / size];
            struct ir_inst *inst = spv_append(b, IR_SG_TRANSPOSE, type, size, square);
            for (uint32_t k = 0; k < size; k++)
                turned[(column + k) * (rows / size) + row / size] = spv_comp(b, inst, k);
        }
}

/* Whether the lane has an element of leaf k; NULL: all have. */
static struct ir_inst *is_element(struct spv_builder *b, const struct spv_type *type, uint32_t k)
{
    uint32_t size = b->m->subgroup_size, elements = type->piece_rows * type->columns;
    if (type->pieces * type->piece_rows != type->rows)
        return spv_matrix_position(b, type, spv_i32(b, k)).exists;
    if ((k + 1) * size <= elements)
        return NULL;
    return spv_emit2(b, IR_ULT, IR_BOOL, spv_pooled(b, IR_LANE, IR_I32, 0, NULL),
                     spv_i32(b, elements - k * size));
}

static void access_leaf(struct spv_builder *b, const struct spv_pointer *p, uint8_t flags,
                        bool store, struct ir_inst **leaf)
{
    if (store)
        spv_store(b, p, 0, flags, leaf);
    else
        spv_load(b, p, 0, flags, leaf);
}

void spv_matrix_access(struct spv_builder *b, const struct spv_pointer *p, uint8_t flags,
                       bool store, struct ir_inst *guard, struct ir_inst **leaf)
{
    if (!guard) {
        access_leaf(b, p, flags, store, leaf);
        return;
    }
    enum ir_type type = (enum ir_type)p->pointee->scalar;
    uint32_t slot = spv_slots_create(b, 1);
    spv_slot_init(b, slot, type, store ? *leaf : spv_const(b, type, 0));
    struct spv_if f;
    spv_if_begin(b, &f, guard);
    spv_if_arm_begin(b, &f, 0);
    access_leaf(b, p, flags, store, leaf);
    spv_slot_set(b, slot, *leaf);
    spv_if_arm_end(b, &f, 0, SPV_LEFT);
    spv_if_arm_begin(b, &f, 1);
    spv_if_arm_end(b, &f, 1, SPV_LEFT);
    spv_if_end(b, &f);
    *leaf = spv_slot_get(b, slot);
}

void spv_op_matrix_load(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_type *type = spv_cooperative(b, spv_type_at(b, w[1]));
    bool by_columns;
    struct lines l = lines_of(b, type, w, wc, 3, 4, &by_columns);
    struct spv_value *value = spv_result(b, w);
    bool turned = by_columns && turns(b, type, &l);
    struct ir_inst **leaves = value->leaves;
    if (turned)
        leaves = arena_array(b->arena, struct ir_inst *, type->count);
    for (uint32_t k = 0; k < type->count; k++) {
        struct spv_pointer p = turned ? leaf_at(&l, k, type->piece_rows, false)
                                      : leaf_at(&l, k, type->columns, by_columns);
        spv_matrix_access(b, &p, l.flags, false, is_element(b, type, k), &leaves[k]);
    }
    if (turned)
        turn(b, (enum ir_type)type->scalar, leaves, type->columns, type->piece_rows, value->leaves);
}

void spv_op_matrix_store(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *value = spv_operand(b, w[2]);
    const struct spv_type *type = spv_cooperative(b, value->type);
    bool by_columns;
    struct lines l = lines_of(b, type, w, wc, 1, 3, &by_columns);
    bool turned = by_columns && turns(b, type, &l);
    struct ir_inst **leaves = arena_array(b->arena, struct ir_inst *, type->count);
    for (uint32_t k = 0; k < type->count; k++)
        leaves[k] = value->leaves[k];
    if (turned)
        turn(b, (enum ir_type)type->scalar, value->leaves, type->piece_rows, type->columns, leaves);
    for (uint32_t k = 0; k < type->count; k++) {
        struct spv_pointer p = turned ? leaf_at(&l, k, type->piece_rows, false)
                                      : leaf_at(&l, k, type->columns, by_columns);
        spv_matrix_access(b, &p, l.flags, true, is_element(b, type, k), &leaves[k]);
    }
}
