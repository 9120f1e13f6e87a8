/* SPDX-License-Identifier: MIT
 *
 * Finds the matrices that a loop only adds products to. As values that go around the loop they would be moved out
 * of their place and back at every turn.
 */
#include "arena.h"
#include "cg_matrix.h"

static bool is_product(const struct ir_inst *inst)
{
    return inst->op == IR_MATRIX_MUL || inst->op == IR_MATRIX_MUL_SHARED;
}

/* The product's C. */
static struct ir_inst *const *
sum_of(const struct ir_inst *product)
{
    return &product->args[product->arg_count - ir_comps(product)];
}

/* Whether each of the leaves is used in one place only. */
static bool used_once(struct ir_inst *const *leaves, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        if (leaves[k]->use_count != 1)
            return false;
    return true;
}

/* The loop's value that becomes leaf k of the product; NOT_ONE if none does. */
#define NOT_ONE UINT32_MAX
static uint32_t value_of(const struct ir_inst *loop, const struct ir_inst *product, uint32_t k)
{
    const struct ir_region *body = loop->regions[0];
    for (uint32_t i = 0; i < loop->arg_count; i++) {
        const struct ir_inst *y = body->yields[1 + i];
        if (y == product || (y->op == IR_COMP && y->args[0] == product && y->imm == k))
            return i;
    }
    return NOT_ONE;
}

bool cg_matrix_is_carried(struct arena *arena, const struct ir_inst *loop, uint32_t value,
                          struct cg_matrix_carried *carried_out)
{
    const struct ir_region *body = loop->regions[0];
    struct ir_inst *first = body->yields[1 + value];
    const struct ir_inst *last = first->op == IR_COMP ? first->args[0] : first;
    if (!is_product(last) || (first->op == IR_COMP && first->imm))
        return false;
    uint32_t count = ir_comps(last), *values = arena_array(arena, uint32_t, count);
    enum ir_element element = ir_matrix_of(last).c;
    struct ir_inst **leaves = arena_array(arena, struct ir_inst *, count);
    struct ir_inst *const *from = leaves;
    if (element != IR_ELEMENT_F32 && element != IR_ELEMENT_I32)
        return false;
    for (uint32_t k = 0; k < count; k++) {
        values[k] = value_of(loop, last, k);
        if (values[k] == NOT_ONE)
            return false;
        leaves[k] = body->yields[1 + values[k]];
    }
    /* Back along the chain of products, to the loop's own values. */
    const struct ir_inst *product;
    while ((product = cg_matrix_whole(from, count)) != NULL) {
        if (product->parent != body || !used_once(from, count))
            return false;
        from = sum_of(product);
    }
    for (uint32_t k = 0; k < count; k++)
        if (from[k]->op != IR_PARAM || from[k]->parent != body || from[k]->imm != values[k])
            return false;
    *carried_out = (struct cg_matrix_carried){from[0], count, values, element};
    return used_once(from, count);
}
