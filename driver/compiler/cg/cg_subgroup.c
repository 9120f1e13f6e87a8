/* SPDX-License-Identifier: MIT
 *
 * Subgroup operations: a subgroup is a vector, so each is a few vector instructions. At width 1 a
 * subgroup is one invocation.
 */
#include <errno.h>

#include "cg_alu.h"
#include "cg_matrix.h"
#include "cg_reduce.h"

typedef void subgroup_fn(struct cg *cg, struct ir_inst *inst);

/* Defines a value that is the same in all lanes. */
static void set_uniform(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef scalar)
{
    if (cg_is_scalar(cg, inst))
        cg_set_scalar(cg, inst, k, scalar);
    else
        cg_set_vector(cg, inst, k, cg_splat(cg, scalar));
}

/* Defines a value from its vector; where the shape has one scalar for it, that is lane 0's for OFFSETS
 * and any active lane's for UNIFORM. */
static void set_lanes(struct cg *cg, struct ir_inst *inst, LLVMValueRef vector)
{
    if (!cg_is_scalar(cg, inst)) {
        cg_set_vector(cg, inst, 0, vector);
        return;
    }
    bool uniform = inst->shape.kind == IR_SHAPE_UNIFORM;
    cg_set_scalar(cg, inst, 0,
                  cg_lane(cg, vector, uniform ? cg_first_lane(cg) : cg_i32(cg, 0)));
}

static bool is_uniform(const struct cg *cg, const struct ir_inst *inst)
{
    return cg->width == 1 || (cg_is_scalar(cg, inst) && inst->shape.kind != IR_SHAPE_OFFSETS);
}

static LLVMValueRef true_value(struct cg *cg)
{
    return LLVMConstInt(cg->i1, 1, false);
}

/* The lanes, with those added that are not active. */
static LLVMValueRef or_inactive(struct cg *cg, LLVMValueRef lanes)
{
    if (!cg->mask.lanes)
        return lanes;
    return LLVMBuildOr(cg->b, lanes, LLVMBuildNot(cg->b, cg->mask.lanes, ""), "");
}

static LLVMValueRef and_active(struct cg *cg, LLVMValueRef lanes)
{
    return cg->mask.lanes ? LLVMBuildAnd(cg->b, lanes, cg->mask.lanes, "") : lanes;
}

static LLVMValueRef lane_numbers(struct cg *cg)
{
    int64_t lanes[256];
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = i;
    return cg_const_vector(cg, cg->i32, lanes, cg->width);
}

static void elect(struct cg *cg, struct ir_inst *inst)
{
    if (cg->width == 1) {
        cg_set_scalar(cg, inst, 0, true_value(cg));
        return;
    }
    LLVMValueRef first = cg_splat(cg, cg_first_lane(cg));
    set_lanes(cg, inst, LLVMBuildICmp(cg->b, LLVMIntEQ, lane_numbers(cg), first, ""));
}

/* i64: the base of a value with a pattern and, in one that is the same in all lanes, the value. */
static LLVMValueRef wide(struct cg *cg, struct ir_inst *value, bool sign)
{
    LLVMValueRef v = cg_scalar(cg, value);
    return sign ? LLVMBuildSExt(cg->b, v, cg->i64, "") : LLVMBuildZExt(cg->b, v, cg->i64, "");
}

/* i1: whether a comparison holds in all lanes, seen from the lowest and the highest one, which are told by their
 * distance from the first. NULL: not to be seen so, or not without the lanes. */
static LLVMValueRef compare_ends(struct cg *cg, struct ir_inst *test)
{
    LLVMBuilderRef b = cg->b;
    bool sign = test->op == IR_SLE || test->op == IR_SLT, below = test->op == IR_ULT || test->op == IR_SLT;
    if ((!sign && test->op != IR_ULE && test->op != IR_ULT) || test->args[0]->type != IR_I32)
        return NULL;
    unsigned varying = test->args[0]->shape.kind == IR_SHAPE_UNIFORM;
    struct ir_inst *value = test->args[varying], *bound = test->args[1 - varying];
    if (value->shape.kind != IR_SHAPE_OFFSETS || bound->shape.kind != IR_SHAPE_UNIFORM)
        return NULL;
    int64_t high = 0;
    for (unsigned i = 0; i < cg->width; i++) {
        int64_t offset = (int32_t)(uint32_t)value->shape.offsets[i];
        if (offset < 0)
            return NULL;
        high = offset > high ? offset : high;
    }
    LLVMValueRef low = wide(cg, value, sign), limit = wide(cg, bound, sign);
    LLVMValueRef top = LLVMBuildAdd(b, low, cg_i64(cg, (uint64_t)high), "");
    if (varying == 0)
        return LLVMBuildICmp(b, below ? LLVMIntSLT : LLVMIntSLE, top, limit, "");
    LLVMValueRef most = cg_i64(cg, sign ? INT32_MAX : UINT32_MAX);
    LLVMValueRef above = LLVMBuildICmp(b, below ? LLVMIntSLT : LLVMIntSLE, limit, low, "");
    return LLVMBuildAnd(b, above, LLVMBuildICmp(b, LLVMIntSLE, top, most, ""), "");
}

/* i1, of comparisons joined by AND. Recursion is bounded by depth. */
static LLVMValueRef all_roughly(struct cg *cg, struct ir_inst *test, unsigned depth)
{
    if (test->op != IR_AND)
        return compare_ends(cg, test);
    if (depth == 0)
        return NULL;
    LLVMValueRef x = all_roughly(cg, test->args[0], depth - 1);
    LLVMValueRef y = x ? all_roughly(cg, test->args[1], depth - 1) : NULL;
    return y ? LLVMBuildAnd(cg->b, x, y, "") : NULL;
}

static void vote(struct cg *cg, struct ir_inst *inst)
{
    LLVMValueRef v = NULL;
    if (inst->op == IR_SG_ALL && inst->imm == IR_ALL_ROUGHLY && !is_uniform(cg, inst->args[0]))
        v = all_roughly(cg, inst->args[0], 40);
    if (v) {
        set_uniform(cg, inst, 0, v);
        return;
    }
    if (is_uniform(cg, inst->args[0])) {
        v = cg_scalar(cg, inst->args[0]);
    } else {
        v = cg_vector(cg, inst->args[0]);
        v = inst->op == IR_SG_ALL ? cg_all(cg, or_inactive(cg, v)) : cg_any(cg, and_active(cg, v));
    }
    set_uniform(cg, inst, 0, v);
}

static void all_equal(struct cg *cg, struct ir_inst *inst)
{
    struct ir_inst *arg = inst->args[0];
    LLVMBuilderRef b = cg->b;
    bool is_float = ir_type_is_float((enum ir_type)arg->type);
    if (is_uniform(cg, arg)) {
        set_uniform(cg, inst, 0, true_value(cg));
        return;
    }
    LLVMValueRef v = cg_vector(cg, arg), first = cg_splat(cg, cg_lane(cg, v, cg_first_lane(cg)));
    if (arg->type == IR_F16) {
        struct alu form = {.cg = cg, .n = cg->width};
        v = alu_compared(cg, alu_half_to_float(&form, v));
        first = alu_half_to_float(&form, first);
    }
    LLVMValueRef same = is_float ? LLVMBuildFCmp(b, LLVMRealOEQ, v, first, "")
                                 : LLVMBuildICmp(b, LLVMIntEQ, v, first, "");
    set_uniform(cg, inst, 0, cg_all(cg, or_inactive(cg, same)));
}

static void row(struct cg *cg, struct ir_inst *inst)
{
    struct ir_inst *arg = inst->args[0];
    int64_t lanes[256];
    if (cg->width == 1 || cg_is_scalar(cg, arg) || cg->mask.lanes) {
        bool same = cg->width == 1 || (arg->shape.kind == IR_SHAPE_OFFSETS && !cg->mask.lanes);
        for (unsigned i = 1; same && i < cg->width; i++)
            same = (uint32_t)arg->shape.offsets[i] == (uint32_t)(i * inst->imm);
        set_uniform(cg, inst, 0, LLVMConstInt(cg->i1, same, false));
        return;
    }
    for (unsigned i = 0; i < cg->width; i++)
        lanes[i] = (int64_t)(i * inst->imm);
    LLVMValueRef v = cg_vector(cg, arg), first = cg_splat(cg, cg_lane(cg, v, cg_i32(cg, 0)));
    LLVMValueRef steps = cg_const_vector(cg, cg->i32, lanes, cg->width);
    LLVMValueRef same = LLVMBuildICmp(cg->b, LLVMIntEQ, v, LLVMBuildAdd(cg->b, first, steps, ""), "");
    set_uniform(cg, inst, 0, cg_all(cg, same));
}

static void ballot(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    LLVMValueRef bits = cg_bits(cg, cg->width == 1 ? cg_scalar(cg, inst->args[0])
                                                   : and_active(cg, cg_vector(cg, inst->args[0])));
    LLVMTypeRef wide = LLVMIntTypeInContext(cg->ctx, 128);
    bits = LLVMBuildZExtOrBitCast(b, bits, wide, "");
    for (unsigned k = 0; k < 4; k++) {
        LLVMValueRef word = LLVMBuildLShr(b, bits, LLVMConstInt(wide, 32 * k, false), "");
        set_uniform(cg, inst, k, LLVMBuildTrunc(b, word, cg->i32, ""));
    }
}

static void first(struct cg *cg, struct ir_inst *inst)
{
    set_uniform(cg, inst, 0,
                is_uniform(cg, inst->args[0])
                    ? cg_scalar(cg, inst->args[0])
                    : cg_lane(cg, cg_vector(cg, inst->args[0]), cg_first_lane(cg)));
}

/* Indices that are known now: a base that folded to a constant plus the shape's offsets. */
static bool known_indices(struct cg *cg, struct ir_inst *index, int64_t *lanes_out)
{
    if (!cg_is_scalar(cg, index))
        return false;
    LLVMValueRef base = cg_scalar(cg, index);
    if (!LLVMIsAConstantInt(base))
        return false;
    uint64_t start = LLVMConstIntGetZExtValue(base);
    bool offsets = index->shape.kind == IR_SHAPE_OFFSETS && index->shape.offsets;
    for (unsigned i = 0; i < cg->width; i++)
        lanes_out[i] = (int64_t)((start + (offsets ? (uint64_t)index->shape.offsets[i] : 0)) &
                                 (cg->width - 1));
    return true;
}

static void shuffle(struct cg *cg, struct ir_inst *inst)
{
    struct ir_inst *value = inst->args[0], *index = inst->args[1];
    LLVMBuilderRef b = cg->b;
    int64_t known[256];
    if (is_uniform(cg, value)) {
        set_uniform(cg, inst, 0, cg_scalar(cg, value));
        return;
    }
    LLVMValueRef v = cg_vector(cg, value);
    if (is_uniform(cg, index)) {
        LLVMValueRef lane =
            LLVMBuildAnd(b, cg_scalar(cg, index), cg_i32(cg, cg->width - 1), "");
        set_uniform(cg, inst, 0, cg_lane(cg, v, lane));
    } else if (known_indices(cg, index, known)) {
        set_lanes(cg, inst, cg_shuffle(cg, v, NULL, known, cg->width));
    } else {
        set_lanes(cg, inst, cg_permute(cg, (enum ir_type)inst->type, v, cg_vector(cg, index)));
    }
}

static void reduce(struct cg *cg, struct ir_inst *inst)
{
    enum ir_reduce op = (enum ir_reduce)(inst->imm & 0xff);
    enum ir_type type = (enum ir_type)inst->type;
    uint64_t size = inst->imm >> 8;
    if (cg->width == 1) {
        cg_set_scalar(cg, inst, 0, cg_scalar(cg, inst->args[0]));
        return;
    }
    LLVMValueRef v = cg_vector(cg, inst->args[0]);
    if (size == 0 || size >= cg->width)
        set_uniform(cg, inst, 0, cg_reduce(cg, op, type, v));
    else
        set_lanes(cg, inst, cg_reduce_clusters(cg, op, type, v, (unsigned)size));
}

static void scan(struct cg *cg, struct ir_inst *inst)
{
    enum ir_reduce op = (enum ir_reduce)(inst->imm & 0xff);
    enum ir_type type = (enum ir_type)inst->type;
    bool exclusive = inst->op == IR_SG_EXSCAN;
    if (cg->width == 1)
        cg_set_scalar(cg, inst, 0,
                      exclusive ? cg_identity(cg, op, type) : cg_scalar(cg, inst->args[0]));
    else
        set_lanes(cg, inst, cg_scan(cg, op, type, cg_vector(cg, inst->args[0]), exclusive));
}

void cg_subgroup(struct cg *cg, struct ir_inst *inst)
{
    static subgroup_fn *const fns[IR_OP_COUNT] = {
        [IR_SG_ELECT] = elect,         [IR_SG_ALL] = vote,       [IR_SG_ANY] = vote,
        [IR_SG_ALL_EQUAL] = all_equal, [IR_SG_ROW] = row,        [IR_SG_BALLOT] = ballot,  [IR_SG_SHUFFLE] = shuffle,
        [IR_SG_FIRST] = first,         [IR_SG_REDUCE] = reduce,  [IR_SG_SCAN] = scan,
        [IR_SG_EXSCAN] = scan,         [IR_SG_MATCH] = cg_match, [IR_SG_PARTITION] = cg_partition,
        [IR_MATRIX_MUL] = cg_matrix_mul, [IR_MATRIX_MUL_SHARED] = cg_matrix_mul,
        [IR_SG_TRANSPOSE] = cg_transpose,
    };
    if (fns[inst->op])
        fns[inst->op](cg, inst);
    else
        ir_error(cg->m, -EINVAL, "internal: no code for %s", ir_op_infos[inst->op].name);
}
