/* SPDX-License-Identifier: MIT
 *
 * Cooperative matrices (SPV_KHR_cooperative_matrix): their types, memory and products. To the rest of the
 * front end such a matrix is an array of the invocation's elements; spv_cooperative.h says which.
 */
#include "spv_cooperative.h"

/* How many subgroups hold a matrix of that scope. */
static uint32_t
pieces_of(struct spv_builder *b, uint32_t scope)
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

void
spv_read_cooperative(struct spv_builder *b, struct spv_type *type, const uint32_t *w)
{
    uint32_t size = b->m->subgroup_size;
    type->pieces = pieces_of(b, spv_constant_u32(b, w[3]));
    type->rows = spv_constant_u32(b, w[4]);
    type->columns = spv_constant_u32(b, w[5]);
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

const struct spv_type *
spv_cooperative(struct spv_builder *b, const struct spv_type *type)
{
    if (!type->cooperative)
        spv_bad(b, "%%%u is not a cooperative matrix type", type->id);
    return type;
}

void
spv_op_matrix_length(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    const struct spv_type *type = spv_cooperative(b, spv_type_at(b, w[3]));
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_INT || value->type->scalar != IR_I32)
        spv_bad(b, "the result type of OpCooperativeMatrixLengthKHR");
    value->leaves[0] = spv_i32(b, type->count);
}

/* ---- Memory ---- */

enum ir_type
spv_matrix_address_type(const struct spv_builder *b, const struct spv_pointer *p)
{
    return spv_is_wide(b, p->storage) ? IR_I64 : IR_I32;
}

void
spv_matrix_move(struct spv_builder *b, struct spv_pointer *p, struct ir_inst *by_B)
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

static struct lines
lines_of(struct spv_builder *b, const struct spv_type *type, const uint32_t *w, uint32_t wc,
         uint32_t pointer, uint32_t layout, bool *by_columns_out)
{
    struct lines l = {.b = b, .start = *spv_pointer_at(b, w[pointer])};
    /* Strides are in what the pointer points to; of an untyped pointer, in elements of the matrix. */
    bool untyped = spv_operand(b, w[pointer])->type->untyped;
    const struct spv_type *pointee = untyped ? type->element : l.start.pointee;
    uint32_t align_B, order = spv_constant_u32(b, w[layout]);
    if (order != SpvCooperativeMatrixLayoutRowMajorKHR &&
        order != SpvCooperativeMatrixLayoutColumnMajorKHR)
        spv_unsupported(b, "memory layout %u of a cooperative matrix", order);
    if (!spv_is_numeric(pointee) || pointee->cooperative)
        spv_bad(b, "a cooperative matrix at a pointer to type %%%u", pointee->id);
    if (wc <= layout + 1)
        spv_bad(b, "a cooperative matrix in memory without a stride");
    l.type = spv_matrix_address_type(b, &l.start);
    l.stride_B = spv_emit2(b, IR_MUL, l.type,
                           spv_to_int(b, spv_int_scalar(b, w[layout + 1]), l.type, false),
                           spv_const(b, l.type, pointee->natural_B));
    l.flags = spv_memory_operands(b, w, wc, layout + 2, &align_B);
    l.element_B = ir_type_B((enum ir_type)type->scalar);
    l.start.pointee = type->element;
    l.start.component_B = 0;
    *by_columns_out = order == SpvCooperativeMatrixLayoutColumnMajorKHR;
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


static struct ir_inst *
divided(struct spv_builder *b, enum ir_op op, struct ir_inst *x, uint32_t by)
{
    return spv_emit2(b, op, IR_I32, x, spv_i32(b, by));
}

/* Where this invocation's element number `index` * subgroup size + lane is. line and place are of the
 * lane's part; constants are told apart, so that addresses keep their shapes. */
static struct spv_pointer
element_at(struct lines *l, struct ir_inst *line, uint32_t line_0, struct ir_inst *place,
           uint32_t place_0)
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
static struct spv_pointer
leaf_at(struct lines *l, uint32_t k, uint32_t columns, bool by_columns)
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
static bool
turns(struct spv_builder *b, const struct spv_type *type, const struct lines *l)
{
    uint32_t size = b->m->subgroup_size;
    return size > 1 && type->pieces * type->piece_rows == type->rows && l->count % size == 0 && l->length % size == 0;
}

/* Turns the leaves of a matrix of so many columns, square by square. */
static void
turn(struct spv_builder *b, enum ir_type type, struct ir_inst *const *leaves, uint32_t rows,
     uint32_t columns, struct ir_inst **turned)
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
static struct ir_inst *
is_element(struct spv_builder *b, const struct spv_type *type, uint32_t k)
{
    uint32_t size = b->m->subgroup_size, elements = type->piece_rows * type->columns;
    if (type->pieces * type->piece_rows != type->rows)
        return spv_matrix_position(b, type, spv_i32(b, k)).exists;
    if ((k + 1) * size <= elements)
        return NULL;
    return spv_emit2(b, IR_ULT, IR_BOOL, spv_pooled(b, IR_LANE, IR_I32, 0, NULL),
                     spv_i32(b, elements - k * size));
}

static void
access_leaf(struct spv_builder *b, const struct spv_pointer *p, uint8_t flags, bool store,
            struct ir_inst **leaf)
{
    if (store)
        spv_store(b, p, 0, flags, leaf);
    else
        spv_load(b, p, 0, flags, leaf);
}

void
spv_matrix_access(struct spv_builder *b, const struct spv_pointer *p, uint8_t flags, bool store,
                  struct ir_inst *guard, struct ir_inst **leaf)
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

void
spv_op_matrix_load(struct spv_builder *b, const uint32_t *w, uint32_t wc)
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

void
spv_op_matrix_store(struct spv_builder *b, const uint32_t *w, uint32_t wc)
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

/* ---- Multiplication ---- */

static enum ir_element
element_of(struct spv_builder *b, const struct spv_type *type, bool is_signed)
{
    switch (type->encoding) {
    case SPV_ENCODING_BFLOAT16:
        return IR_ELEMENT_BF16;
    case SPV_ENCODING_E4M3:
        return IR_ELEMENT_E4M3;
    case SPV_ENCODING_E5M2:
        return IR_ELEMENT_E5M2;
    default:
        break;
    }
    switch (type->scalar) {
    case IR_F16:
        return IR_ELEMENT_F16;
    case IR_F32:
        return IR_ELEMENT_F32;
    case IR_I8:
        return is_signed ? IR_ELEMENT_S8 : IR_ELEMENT_U8;
    case IR_I32:
        return IR_ELEMENT_I32;
    default:
        spv_unsupported(b, "multiplying cooperative matrices of type %%%u", type->id);
    }
}

static bool
is_byte(enum ir_element element)
{
    return element == IR_ELEMENT_S8 || element == IR_ELEMENT_U8;
}

/* All of a matrix that the workgroup's subgroups hold pieces of. */
static struct ir_inst **
gathered(struct spv_builder *b, const struct spv_value *x, uint32_t *count_out)
{
    const struct spv_type *type = x->type;
    uint32_t size = b->m->subgroup_size;
    *count_out = type->count;
    if (type->pieces == 1)
        return x->leaves;
    *count_out = ir_matrix_leaves(type->rows, type->columns, size);
    struct ir_inst **leaves = arena_array(b->arena, struct ir_inst *, *count_out);
    /* The last leaf may reach beyond the last element. */
    struct spv_scratch s = spv_scratch_matrix(b, type, type->element, x->leaves, size);
    struct ir_inst *lane = size == 1 ? spv_i32(b, 0) : spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
    for (uint32_t k = 0; k < *count_out; k++)
        leaves[k] = spv_scratch_load(
            b, &s, spv_emit2(b, IR_ADD, IR_I32, lane, spv_i32(b, k * size)));
    return leaves;
}

/* Where a workgroup's B is by rows, as f32: the address. */
static struct ir_inst *
shown(struct spv_builder *b, const struct spv_value *x)
{
    struct spv_type *f32 = arena_new(b->arena, struct spv_type);
    f32->kind = SPV_TYPE_FLOAT;
    f32->scalar = IR_F32;
    f32->defined = true;
    f32->leaf_count = f32->path_count = 1;
    f32->natural_B = f32->natural_align_B = 4;
    const struct spv_type *element = x->type->element;
    struct spv_scratch s = spv_scratch_matrix(
        b, x->type, !element->encoding && element->scalar == IR_F32 ? element : f32, x->leaves, 0);
    return spv_i32(b, (uint32_t)s.start.const_B);
}

void
spv_op_matrix_mul_add(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_value *x = spv_operand(b, w[3]), *y = spv_operand(b, w[4]);
    const struct spv_value *sum = spv_operand(b, w[5]);
    uint32_t operands = wc > 6 ? w[6] : 0, size = b->m->subgroup_size;
    const struct spv_type *at = spv_cooperative(b, x->type), *bt = spv_cooperative(b, y->type);
    const struct spv_type *ct = spv_cooperative(b, sum->type);
    struct spv_value *value = spv_result(b, w);
    if (!value->type->cooperative || value->type->scalar != ct->scalar ||
        value->type->rows != ct->rows || value->type->columns != ct->columns ||
        at->columns != bt->rows || at->rows != ct->rows || bt->columns != ct->columns ||
        at->pieces != ct->pieces || bt->pieces != ct->pieces)
        spv_bad(b, "cooperative matrices that do not fit each other");
    if (operands & SpvCooperativeMatrixOperandsSaturatingAccumulationKHRMask)
        spv_unsupported(b, "a saturating sum of cooperative matrices");
    struct ir_matrix matrix = {
        .m = at->piece_rows,
        .n = bt->columns,
        .k = at->columns,
        .a = element_of(b, at,
                        operands & SpvCooperativeMatrixOperandsMatrixASignedComponentsKHRMask),
        .b = element_of(b, bt,
                        operands & SpvCooperativeMatrixOperandsMatrixBSignedComponentsKHRMask),
        .c = element_of(b, ct, true),
    };
    bool ints = matrix.c == IR_ELEMENT_I32;
    if (ints != is_byte(matrix.a) || ints != is_byte(matrix.b) || at->scalar == IR_I32 ||
        bt->scalar == IR_I32 || ct->scalar == IR_I8 || (ints && matrix.k % 2))
        spv_unsupported(b, "multiplying cooperative matrices of these types");
    uint32_t b_count, n = 0;
    bool shared = bt->pieces > 1 && !ints;
    struct ir_inst *address = NULL, **b_leaves = &address;
    if (shared) {
        b_count = 1;
        address = shown(b, y);
        matrix.b = IR_ELEMENT_F32;
    } else {
        b_leaves = gathered(b, y, &b_count);
    }
    uint32_t count = at->count + b_count + ct->count;
    struct ir_inst **args = arena_array(b->arena, struct ir_inst *, count);
    for (uint32_t k = 0; k < at->count; k++)
        args[n++] = x->leaves[k];
    for (uint32_t k = 0; k < b_count; k++)
        args[n++] = b_leaves[k];
    for (uint32_t k = 0; k < ct->count; k++)
        args[n++] = sum->leaves[k];
    struct ir_inst *inst = spv_append(b, shared ? IR_MATRIX_MUL_SHARED : IR_MATRIX_MUL,
                                      (enum ir_type)ct->scalar, count, args);
    inst->imm = ir_matrix_pack(&matrix, size);
    for (uint32_t k = 0; k < ct->count; k++)
        value->leaves[k] = spv_comp(b, inst, k);
}
