/* SPDX-License-Identifier: MIT
 *
 * Subgroup instructions: OpGroupNonUniform* and the older OpSubgroup*KHR, which have no scope.
 */
#include "spv_builder.h"

/* Where the operands start: behind the scope, if the opcode has one. */
static uint32_t first_operand(struct spv_builder *b, const uint32_t *w)
{
    uint32_t op = w[0] & 0xffff;
    b->m->uses_subgroup = true;
    if (op >= SpvOpSubgroupBallotKHR && op <= SpvOpSubgroupReadInvocationKHR &&
        op != SpvOpGroupNonUniformRotateKHR)
        return 3;
    if (op == SpvOpGroupNonUniformQuadAllKHR || op == SpvOpGroupNonUniformQuadAnyKHR)
        return 3;
    if (spv_constant_u32(b, w[3]) != SpvScopeSubgroup)
        spv_unsupported(b, "a group operation of scope %u", spv_constant_u32(b, w[3]));
    return 4;
}

static struct ir_inst *lane_id(struct spv_builder *b)
{
    return spv_pooled(b, IR_LANE, IR_I32, 0, NULL);
}

static struct ir_inst *bool_operand(struct spv_builder *b, uint32_t id)
{
    struct ir_inst *x = spv_scalar(b, id);
    if (x->type != IR_BOOL)
        spv_bad(b, "%%%u is not a boolean", id);
    return x;
}

static struct spv_value *bool_result(struct spv_builder *b, const uint32_t *w)
{
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_BOOL)
        spv_bad(b, "the result is not a boolean");
    return value;
}

void spv_op_elect(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    first_operand(b, w);
    bool_result(b, w)->leaves[0] = spv_append(b, IR_SG_ELECT, IR_BOOL, 0, NULL);
}

void spv_op_vote(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    uint32_t at = first_operand(b, w), op = w[0] & 0xffff;
    struct spv_value *value = bool_result(b, w);
    if (op == SpvOpGroupNonUniformAllEqual || op == SpvOpSubgroupAllEqualKHR) {
        const struct spv_value *x = spv_operand(b, w[at]);
        struct ir_inst *all = NULL;
        if (!spv_is_numeric(x->type))
            spv_bad(b, "%%%u is not a scalar or vector", w[at]);
        for (uint32_t k = 0; k < x->type->leaf_count; k++) {
            struct ir_inst *equal = spv_append(b, IR_SG_ALL_EQUAL, IR_BOOL, 1, &x->leaves[k]);
            all = all ? spv_emit2(b, IR_AND, IR_BOOL, all, equal) : equal;
        }
        value->leaves[0] = all;
        return;
    }
    struct ir_inst *x = bool_operand(b, w[at]);
    bool every = op == SpvOpGroupNonUniformAll || op == SpvOpSubgroupAllKHR;
    value->leaves[0] = spv_append(b, every ? IR_SG_ALL : IR_SG_ANY, IR_BOOL, 1, &x);
}

void spv_op_quad_vote(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct ir_inst *x = bool_operand(b, w[first_operand(b, w)]);
    bool every = (w[0] & 0xffff) == SpvOpGroupNonUniformQuadAllKHR;
    struct spv_value *value = bool_result(b, w);
    if (b->m->subgroup_size == 1) {
        value->leaves[0] = x;
        return;
    }
    uint32_t size = b->m->subgroup_size <= 4 ? 0 : 4;
    value->leaves[0] = spv_append(b, IR_SG_REDUCE, IR_BOOL, 1, &x);
    value->leaves[0]->imm = (every ? IR_REDUCE_AND : IR_REDUCE_OR) | size << 8;
}

/* ---- Shuffles ---- */

static struct ir_inst *power_of_two_operand(struct spv_builder *b, uint32_t id)
{
    struct ir_inst *x = spv_int_scalar(b, id);
    if (!spv_is_const(x) || x->imm == 0 || x->imm & (x->imm - 1) || x->imm > UINT32_MAX)
        spv_bad(b, "the cluster size is not a constant power of two");
    return spv_i32(b, (uint32_t)x->imm);
}

/* lane with its lowest bits, those below size, from low. */
static struct ir_inst *inside_cluster(struct spv_builder *b, struct ir_inst *low, uint32_t size)
{
    struct ir_inst *base = spv_emit2(b, IR_AND, IR_I32, lane_id(b), spv_i32(b, ~(size - 1)));
    low = spv_emit2(b, IR_AND, IR_I32, low, spv_i32(b, size - 1));
    return spv_emit2(b, IR_OR, IR_I32, base, low);
}

static struct ir_inst *source_lane(struct spv_builder *b, const uint32_t *w, uint32_t wc,
                                   uint32_t at)
{
    struct ir_inst *x = spv_to_int(b, spv_int_scalar(b, w[at]), IR_I32, false);
    uint32_t size = b->m->subgroup_size;
    switch (w[0] & 0xffff) {
    case SpvOpGroupNonUniformShuffleXor:
        return spv_emit2(b, IR_XOR, IR_I32, lane_id(b), x);
    case SpvOpGroupNonUniformShuffleUp:
        return spv_emit2(b, IR_SUB, IR_I32, lane_id(b), x);
    case SpvOpGroupNonUniformShuffleDown:
        return spv_emit2(b, IR_ADD, IR_I32, lane_id(b), x);
    case SpvOpGroupNonUniformRotateKHR:
        if (wc > at + 1) {
            uint32_t cluster = (uint32_t)power_of_two_operand(b, w[at + 1])->imm;
            size = cluster < size ? cluster : size;
        }
        return inside_cluster(b, spv_emit2(b, IR_ADD, IR_I32, lane_id(b), x), size);
    case SpvOpGroupNonUniformQuadBroadcast:
        return inside_cluster(b, x, 4);
    case SpvOpGroupNonUniformQuadSwap:
        if (!spv_is_const(x) || x->imm > 2)
            spv_bad(b, "the direction of a quad swap");
        return spv_emit2(b, IR_XOR, IR_I32, lane_id(b), spv_i32(b, (uint32_t)x->imm + 1));
    default:
        return x;
    }
}

void spv_op_shuffle(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t at = first_operand(b, w);
    const struct spv_value *x = spv_operand(b, w[at]);
    struct ir_inst *source = source_lane(b, w, wc, at + 1);
    struct spv_value *value = spv_result(b, w);
    if (!spv_is_numeric(x->type) || x->type != value->type)
        spv_bad(b, "%%%u is not of the result's type", w[at]);
    for (uint32_t k = 0; k < x->type->leaf_count; k++) {
        struct ir_inst *args[] = {x->leaves[k], source};
        value->leaves[k] =
            spv_append(b, IR_SG_SHUFFLE, (enum ir_type)x->type->scalar, 2, args);
    }
}

void spv_op_broadcast_first(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    uint32_t at = first_operand(b, w);
    const struct spv_value *x = spv_operand(b, w[at]);
    struct spv_value *value = spv_result(b, w);
    if (!spv_is_numeric(x->type) || x->type != value->type)
        spv_bad(b, "%%%u is not of the result's type", w[at]);
    for (uint32_t k = 0; k < x->type->leaf_count; k++)
        value->leaves[k] =
            spv_append(b, IR_SG_FIRST, (enum ir_type)x->type->scalar, 1, &x->leaves[k]);
}

/* ---- Ballots: four words of 32 lanes ---- */

static struct ir_inst **ballot_operand(struct spv_builder *b, uint32_t id)
{
    const struct spv_value *x = spv_operand(b, id);
    if (x->type->kind != SPV_TYPE_VECTOR || x->type->count != 4 || x->type->scalar != IR_I32)
        spv_bad(b, "%%%u is not a ballot", id);
    return x->leaves;
}

/* Words that lanes can be in. */
static uint32_t ballot_words(const struct spv_builder *b)
{
    return b->m->subgroup_size > 96 ? 4 : (b->m->subgroup_size + 31) / 32;
}

static struct spv_value *int_result(struct spv_builder *b, const uint32_t *w)
{
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_INT || value->type->scalar != IR_I32)
        spv_bad(b, "the result is not a 32-bit integer");
    return value;
}

void spv_op_ballot(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    struct ir_inst *x = bool_operand(b, w[first_operand(b, w)]);
    struct spv_value *value = spv_result(b, w);
    if (value->type->kind != SPV_TYPE_VECTOR || value->type->count != 4 ||
        value->type->scalar != IR_I32)
        spv_bad(b, "the result is not a ballot");
    struct ir_inst *ballot = spv_append(b, IR_SG_BALLOT, IR_I32, 1, &x);
    for (uint32_t k = 0; k < 4; k++)
        value->leaves[k] = spv_comp(b, ballot, k);
}

/* InverseBallot and BallotBitExtract */
void spv_op_ballot_bit(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    uint32_t at = first_operand(b, w);
    struct ir_inst **words = ballot_operand(b, w[at]);
    struct ir_inst *index = lane_id(b);
    if ((w[0] & 0xffff) == SpvOpGroupNonUniformBallotBitExtract)
        index = spv_to_int(b, spv_int_scalar(b, w[at + 1]), IR_I32, false);
    struct ir_inst *word = words[0];
    struct ir_inst *which = spv_emit2(b, IR_LSHR, IR_I32, index, spv_i32(b, 5));
    for (uint32_t k = 1; k < ballot_words(b); k++)
        word = spv_select(b, spv_emit2(b, IR_EQ, IR_BOOL, which, spv_i32(b, k)), words[k], word);
    struct ir_inst *bit = spv_emit2(b, IR_AND, IR_I32, index, spv_i32(b, 31));
    bit = spv_emit2(b, IR_AND, IR_I32, spv_emit2(b, IR_LSHR, IR_I32, word, bit), spv_i32(b, 1));
    bool_result(b, w)->leaves[0] = spv_emit2(b, IR_NE, IR_BOOL, bit, spv_i32(b, 0));
}

void spv_op_ballot_count(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    uint32_t at = first_operand(b, w), operation = w[at];
    struct ir_inst **words = ballot_operand(b, w[at + 1]);
    struct ir_inst *sum = NULL;
    if (operation > SpvGroupOperationExclusiveScan)
        spv_bad(b, "group operation %u of a ballot", operation);
    for (uint32_t k = 0; k < ballot_words(b); k++) {
        struct ir_inst *word =
            spv_emit2(b, IR_AND, IR_I32, words[k], spv_lane_mask(b, operation, k));
        word = spv_emit1(b, IR_BITCOUNT, IR_I32, word);
        sum = sum ? spv_emit2(b, IR_ADD, IR_I32, sum, word) : word;
    }
    int_result(b, w)->leaves[0] = sum;
}

void spv_op_ballot_find(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    uint32_t at = first_operand(b, w), n = ballot_words(b);
    bool lowest = (w[0] & 0xffff) == SpvOpGroupNonUniformBallotFindLSB;
    struct ir_inst **words = ballot_operand(b, w[at]), *found = NULL;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = lowest ? n - 1 - i : i; /* the word that counts most comes last */
        struct ir_inst *word = spv_emit2(b, IR_AND, IR_I32, words[k],
                                         spv_lane_mask(b, SpvGroupOperationReduce, k));
        struct ir_inst *bit;
        if (lowest)
            bit = spv_emit1(b, IR_CTZ, IR_I32, word);
        else
            bit = spv_emit2(b, IR_SUB, IR_I32, spv_i32(b, 31),
                            spv_emit1(b, IR_CLZ, IR_I32, word));
        bit = spv_emit2(b, IR_ADD, IR_I32, bit, spv_i32(b, 32 * k));
        found = found ? spv_select(b, spv_emit2(b, IR_NE, IR_BOOL, word, spv_i32(b, 0)), bit,
                                   found)
                      : bit;
    }
    int_result(b, w)->leaves[0] = found;
}

/* ---- Arithmetic ---- */

static const struct {
    uint16_t op;
    uint8_t kind; /* enum ir_reduce */
    char class;
} groups[] = {
    {SpvOpGroupNonUniformIAdd, IR_REDUCE_ADD, 'i'},
    {SpvOpGroupNonUniformFAdd, IR_REDUCE_FADD, 'f'},
    {SpvOpGroupNonUniformIMul, IR_REDUCE_MUL, 'i'},
    {SpvOpGroupNonUniformFMul, IR_REDUCE_FMUL, 'f'},
    {SpvOpGroupNonUniformSMin, IR_REDUCE_SMIN, 'i'},
    {SpvOpGroupNonUniformUMin, IR_REDUCE_UMIN, 'i'},
    {SpvOpGroupNonUniformFMin, IR_REDUCE_FMIN, 'f'},
    {SpvOpGroupNonUniformSMax, IR_REDUCE_SMAX, 'i'},
    {SpvOpGroupNonUniformUMax, IR_REDUCE_UMAX, 'i'},
    {SpvOpGroupNonUniformFMax, IR_REDUCE_FMAX, 'f'},
    {SpvOpGroupNonUniformBitwiseAnd, IR_REDUCE_AND, 'i'},
    {SpvOpGroupNonUniformBitwiseOr, IR_REDUCE_OR, 'i'},
    {SpvOpGroupNonUniformBitwiseXor, IR_REDUCE_XOR, 'i'},
    {SpvOpGroupNonUniformLogicalAnd, IR_REDUCE_AND, 'b'},
    {SpvOpGroupNonUniformLogicalOr, IR_REDUCE_OR, 'b'},
    {SpvOpGroupNonUniformLogicalXor, IR_REDUCE_XOR, 'b'},
};

/* Which lanes hold the same value: a vector's components have to agree in all. */
void spv_op_partition(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    b->m->uses_subgroup = true;
    const struct spv_value *x = spv_operand(b, w[3]);
    struct spv_value *value = spv_result(b, w);
    if (!spv_is_numeric(x->type) || value->type->kind != SPV_TYPE_VECTOR ||
        value->type->count != 4 || value->type->scalar != IR_I32)
        spv_bad(b, "the types of OpGroupNonUniformPartitionNV");
    for (uint32_t i = 0; i < x->type->leaf_count; i++) {
        struct ir_inst *match = spv_append(b, IR_SG_MATCH, IR_I32, 1, &x->leaves[i]);
        for (uint32_t k = 0; k < 4; k++) {
            struct ir_inst *word = spv_comp(b, match, k);
            value->leaves[k] = i ? spv_emit2(b, IR_AND, IR_I32, value->leaves[k], word) : word;
        }
    }
}

/* One leaf of a group operation inside the partition that the ballot w[6] names. */
static struct ir_inst *partitioned(struct spv_builder *b, const uint32_t *w, uint32_t wc,
                                   enum ir_type type, struct ir_inst *x, uint64_t kind)
{
    if (wc < 7)
        spv_bad(b, "a partitioned operation without a ballot");
    struct ir_inst **words = ballot_operand(b, w[6]);
    struct ir_inst *args[] = {x, words[0], words[1], words[2], words[3]};
    struct ir_inst *inst = spv_append(b, IR_SG_PARTITION, type, 5, args);
    inst->imm = kind | (uint64_t)(w[4] - SpvGroupOperationPartitionedReduceNV) << 8;
    return inst;
}

static enum ir_op group_op(struct spv_builder *b, const uint32_t *w, uint32_t wc, uint64_t *imm)
{
    switch (w[4]) {
    case SpvGroupOperationReduce:
        return IR_SG_REDUCE;
    case SpvGroupOperationInclusiveScan:
        return IR_SG_SCAN;
    case SpvGroupOperationExclusiveScan:
        return IR_SG_EXSCAN;
    case SpvGroupOperationClusteredReduce: {
        if (wc < 7)
            spv_bad(b, "a clustered reduction without a cluster size");
        uint32_t size = (uint32_t)power_of_two_operand(b, w[6])->imm;
        if (size < b->m->subgroup_size)
            *imm |= (uint64_t)size << 8;
        return IR_SG_REDUCE;
    }
    default:
        spv_unsupported(b, "group operation %u", w[4]);
    }
}

void spv_op_group(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    first_operand(b, w);
    const struct spv_value *x = spv_operand(b, w[5]);
    struct spv_value *value = spv_result(b, w);
    enum ir_type type = (enum ir_type)x->type->scalar;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (groups[i].op != (w[0] & 0xffff))
            continue;
        bool fits = groups[i].class == 'i'   ? ir_type_is_int(type)
                    : groups[i].class == 'f' ? ir_type_is_float(type)
                                             : type == IR_BOOL;
        if (!fits || !spv_is_numeric(x->type) || x->type != value->type)
            spv_bad(b, "%%%u is not of the result's type", w[5]);
        uint64_t imm = groups[i].kind;
        if (w[4] >= SpvGroupOperationPartitionedReduceNV &&
            w[4] <= SpvGroupOperationPartitionedExclusiveScanNV) {
            for (uint32_t k = 0; k < x->type->leaf_count; k++)
                value->leaves[k] = partitioned(b, w, wc, type, x->leaves[k], imm);
            continue;
        }
        enum ir_op op = group_op(b, w, wc, &imm);
        for (uint32_t k = 0; k < x->type->leaf_count; k++) {
            if (imm >> 8 == 1) { /* clusters of one */
                value->leaves[k] = x->leaves[k];
                continue;
            }
            value->leaves[k] = spv_append(b, op, type, 1, &x->leaves[k]);
            value->leaves[k]->imm = imm;
        }
    }
}
