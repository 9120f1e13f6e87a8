/* SPDX-License-Identifier: MIT
 *
 * Input variables: what an invocation knows about itself.
 */
#include "spv_builder.h"

static struct ir_inst *lane(struct spv_builder *b)
{
    b->m->uses_subgroup = true;
    return spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
}

/* Where quads are 2 x 2 invocations, the lanes go through the workgroup quad by quad. */
static struct ir_inst *quad_id(struct spv_builder *b, uint32_t k)
{
    const uint32_t *size = b->m->local_size;
    struct ir_inst *n = spv_pooled(b, IR_LOCAL_INDEX, IR_I32, 0, NULL);
    struct ir_inst *quad = spv_emit2(b, IR_LSHR, IR_I32, n, spv_i32(b, 2));
    uint32_t columns = size[0] / 2, rows = size[1] / 2;
    if (k == 2)
        return spv_emit2(b, IR_UDIV, IR_I32, quad, spv_i32(b, columns * rows));
    struct ir_inst *corner = spv_emit2(b, IR_AND, IR_I32,
                                       spv_emit2(b, IR_LSHR, IR_I32, n, spv_i32(b, k)),
                                       spv_i32(b, 1));
    if (k == 1)
        quad = spv_emit2(b, IR_UDIV, IR_I32, quad, spv_i32(b, columns));
    quad = spv_emit2(b, IR_UREM, IR_I32, quad, spv_i32(b, k == 0 ? columns : rows));
    return spv_emit2(b, IR_ADD, IR_I32, spv_emit2(b, IR_SHL, IR_I32, quad, spv_i32(b, 1)), corner);
}

static struct ir_inst *local_id(struct spv_builder *b, uint32_t k)
{
    if (b->m->local_size[k] == 1)
        return spv_i32(b, 0);
    if (b->shader->derivatives == SPV_DERIVATIVES_QUADS)
        return quad_id(b, k);
    return spv_pooled(b, IR_LOCAL_ID, IR_I32, k, NULL);
}

static struct ir_inst *global_id(struct spv_builder *b, uint32_t k)
{
    struct ir_inst *group = spv_pooled(b, IR_GROUP_ID, IR_I32, k, NULL);
    struct ir_inst *base =
        spv_emit2(b, IR_MUL, IR_I32, group, spv_i32(b, b->m->local_size[k]));
    return b->m->local_size[k] == 1 ? base : spv_emit2(b, IR_ADD, IR_I32, base, local_id(b, k));
}

static struct ir_inst *group_id(struct spv_builder *b, uint32_t k)
{
    return spv_pooled(b, IR_GROUP_ID, IR_I32, k, NULL);
}

static struct ir_inst *group_count(struct spv_builder *b, uint32_t k)
{
    return spv_pooled(b, IR_GROUP_COUNT, IR_I32, k, NULL);
}

static struct ir_inst *group_size(struct spv_builder *b, uint32_t k)
{
    return spv_i32(b, b->m->local_size[k]);
}

static struct ir_inst *local_index(struct spv_builder *b, uint32_t k)
{
    (void)k;
    if (b->shader->derivatives == SPV_DERIVATIVES_QUADS) {
        struct ir_inst *index = spv_i32(b, 0);
        for (uint32_t i = 3; i-- > 0;)
            index = spv_emit2(b, IR_ADD, IR_I32, local_id(b, i),
                              spv_emit2(b, IR_MUL, IR_I32, index, spv_i32(b, b->m->local_size[i])));
        return index;
    }
    return spv_pooled(b, IR_LOCAL_INDEX, IR_I32, 0, NULL);
}

static struct ir_inst *subgroup_size(struct spv_builder *b, uint32_t k)
{
    (void)k;
    b->m->uses_subgroup = true;
    return spv_i32(b, b->m->subgroup_size);
}

static struct ir_inst *subgroup_count(struct spv_builder *b, uint32_t k)
{
    (void)k;
    const uint32_t *size = b->m->local_size;
    b->m->uses_subgroup = true;
    uint64_t invocations = (uint64_t)size[0] * size[1] * size[2];
    return spv_i32(b, (uint32_t)((invocations + b->m->subgroup_size - 1) / b->m->subgroup_size));
}

static struct ir_inst *subgroup_id(struct spv_builder *b, uint32_t k)
{
    (void)k;
    b->m->uses_subgroup = true;
    return spv_pooled(b, IR_SUBGROUP_ID, IR_I32, 0, NULL);
}

static struct ir_inst *subgroup_lane(struct spv_builder *b, uint32_t k)
{
    (void)k;
    return lane(b);
}

static struct ir_inst *zero(struct spv_builder *b, uint32_t k)
{
    (void)k;
    return spv_i32(b, 0);
}

/* Word k of the mask of lanes below this one. */
static struct ir_inst *mask_below(struct spv_builder *b, uint32_t k, struct ir_inst *end)
{
    /* (1 << (end - 32k)) - 1 for ends inside the word, all or none outside. */
    struct ir_inst *first = spv_i32(b, 32 * k);
    struct ir_inst *bits = spv_emit2(b, IR_SUB, IR_I32, end, first);
    struct ir_inst *inside = spv_emit2(b, IR_ADD, IR_I32,
                                       spv_emit2(b, IR_SHL, IR_I32, spv_i32(b, 1),
                                                 spv_emit2(b, IR_AND, IR_I32, bits,
                                                           spv_i32(b, 31))),
                                       spv_i32(b, UINT32_MAX));
    struct ir_inst *before = spv_emit2(b, IR_ULE, IR_BOOL, end, first);
    struct ir_inst *past = spv_emit2(b, IR_ULE, IR_BOOL, spv_i32(b, 32 * k + 32), end);
    return spv_select(b, before, spv_i32(b, 0),
                      spv_select(b, past, spv_i32(b, UINT32_MAX), inside));
}

static struct ir_inst *mask_lt(struct spv_builder *b, uint32_t k)
{
    return mask_below(b, k, lane(b));
}

static struct ir_inst *mask_le(struct spv_builder *b, uint32_t k)
{
    return mask_below(b, k, spv_emit2(b, IR_ADD, IR_I32, lane(b), spv_i32(b, 1)));
}

static struct ir_inst *mask_eq(struct spv_builder *b, uint32_t k)
{
    return spv_emit2(b, IR_XOR, IR_I32, mask_le(b, k), mask_lt(b, k));
}

/* Lanes past the subgroup's size are in no mask. */
static struct ir_inst *mask_all(struct spv_builder *b, uint32_t k)
{
    return mask_below(b, k, spv_i32(b, b->m->subgroup_size));
}

static struct ir_inst *mask_ge(struct spv_builder *b, uint32_t k)
{
    return spv_emit2(b, IR_AND, IR_I32, mask_all(b, k), spv_not(b, mask_lt(b, k)));
}

static struct ir_inst *mask_gt(struct spv_builder *b, uint32_t k)
{
    return spv_emit2(b, IR_AND, IR_I32, mask_all(b, k), spv_not(b, mask_le(b, k)));
}

struct ir_inst *spv_lane_mask(struct spv_builder *b, uint32_t operation, uint32_t k)
{
    switch (operation) {
    case SpvGroupOperationInclusiveScan:
        return mask_le(b, k);
    case SpvGroupOperationExclusiveScan:
        return mask_lt(b, k);
    default:
        return mask_all(b, k);
    }
}

static const struct {
    uint32_t builtin, components;
    struct ir_inst *(*make)(struct spv_builder *b, uint32_t k);
} rows[] = {
    {SpvBuiltInNumWorkgroups, 3, group_count},
    {SpvBuiltInWorkgroupSize, 3, group_size},
    {SpvBuiltInWorkgroupId, 3, group_id},
    {SpvBuiltInLocalInvocationId, 3, local_id},
    {SpvBuiltInGlobalInvocationId, 3, global_id},
    {SpvBuiltInLocalInvocationIndex, 1, local_index},
    {SpvBuiltInSubgroupSize, 1, subgroup_size},
    {SpvBuiltInNumSubgroups, 1, subgroup_count},
    {SpvBuiltInSubgroupId, 1, subgroup_id},
    {SpvBuiltInSubgroupLocalInvocationId, 1, subgroup_lane},
    {SpvBuiltInSubgroupEqMask, 4, mask_eq},
    {SpvBuiltInSubgroupGeMask, 4, mask_ge},
    {SpvBuiltInSubgroupGtMask, 4, mask_gt},
    {SpvBuiltInSubgroupLeMask, 4, mask_le},
    {SpvBuiltInSubgroupLtMask, 4, mask_lt},
    {SpvBuiltInDeviceIndex, 1, zero},
};

struct ir_inst *spv_builtin_leaf(struct spv_builder *b, const struct spv_variable *v, uint32_t leaf)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].builtin != v->builtin)
            continue;
        enum ir_type type = v->type->leaf_count == rows[i].components
                                ? spv_leaf_type(v->type, leaf)
                                : IR_VOID;
        if (type == IR_I32)
            return rows[i].make(b, leaf);
        if (ir_type_is_int(type)) /* 16-bit or 64-bit built-ins */
            return spv_to_int(b, rows[i].make(b, leaf), type, false);
        spv_bad(b, "the type of built-in %u", v->builtin);
    }
    if (v->builtin == UINT32_MAX)
        spv_bad(b, "an input of a compute shader that is not a built-in");
    spv_unsupported(b, "built-in %u in a compute shader", v->builtin);
}
