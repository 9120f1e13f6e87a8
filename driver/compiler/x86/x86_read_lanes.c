/* SPDX-License-Identifier: MIT
 *
 * Lanes taken out of vectors, put into them and moved between them; and what masks say about 64-bit lanes.
 */
#include "x86_read.h"

/* A constant lane: its part, and which it is there. */
static bool is_lane(struct x86 *x, LLVMValueRef vector, LLVMValueRef index, unsigned *part_out, unsigned *lane_out)
{
    unsigned each = x86_type_of(x, vector) == X86_Q ? X86_QUADS : X86_LANES;
    if (!LLVMIsAConstantInt(index) || LLVMConstIntGetZExtValue(index) >= each * x86_parts(x, vector))
        return false;
    *part_out = (unsigned)LLVMConstIntGetZExtValue(index) / each;
    *lane_out = (unsigned)LLVMConstIntGetZExtValue(index) % each;
    return true;
}

/* By an index that is not constant: through the frame. */
static bool read_variable(struct x86 *x, LLVMValueRef v, bool insert)
{
    LLVMValueRef vector = LLVMGetOperand(v, 0), index = LLVMGetOperand(v, insert ? 2 : 1);
    enum x86_type of = x86_type_of(x, vector), index_type = x86_type_of(x, index);
    unsigned parts = x86_parts(x, vector);
    if (of < X86_B || (index_type != X86_I32 && index_type != X86_I64) || parts > 2 ||
        (insert && (parts > 1 || x86_type_of(x, LLVMGetOperand(v, 1)) == X86_NONE)))
        return false;
    uint32_t value = x86_value_of(x, vector), at = x86_value_of(x, index);
    uint32_t scalar = insert ? x86_value_of(x, LLVMGetOperand(v, 1)) : 0, result = x86_define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, insert ? x86_lanes_put : x86_lanes_pick);
    inst->sub = of == X86_Q;
    inst->disp = (int32_t)parts;
    inst->result = result;
    x86_add_arg(x, inst, at);
    if (insert)
        x86_add_arg(x, inst, scalar);
    for (unsigned p = 0; p < parts; p++)
        x86_add_arg(x, inst, value + p);
    return true;
}

static bool read_extract(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef from = LLVMGetOperand(v, 0);
    enum x86_type of = x86_type_of(x, from);
    unsigned part, lane;
    if (of < X86_M || x86_type_of(x, v) == X86_NONE || !is_lane(x, from, LLVMGetOperand(v, 1), &part, &lane))
        return false;
    uint32_t vector = x86_value_of(x, from), result = x86_define(x, v);
    if (x->failed)
        return false;
    struct x86_inst *inst = x86_add_inst(x, of == X86_Q ? x86_quads_extract : x86_lanes_extract);
    inst->sub = of;
    inst->disp = (int32_t)lane;
    inst->result = result;
    x86_add_arg(x, inst, vector + part);
    return true;
}

/* The other parts stay as they are, but for the number that they have. */
static bool read_insert(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef scalar = LLVMGetOperand(v, 1);
    enum x86_type of = x86_type_of(x, v);
    unsigned part, lane;
    if (of < X86_M || x86_type_of(x, scalar) == X86_NONE || !is_lane(x, v, LLVMGetOperand(v, 2), &part, &lane))
        return false;
    uint32_t vector = x86_value_of(x, LLVMGetOperand(v, 0)), value = x86_value_of(x, scalar);
    uint32_t result = x86_define(x, v);
    x86_emit_fn *emit = of == X86_Q ? x86_quads_insert : x86_lanes_insert;
    if (x->failed)
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, p == part ? emit : x86_lanes_same);
        inst->sub = x86_type_of(x, scalar);
        inst->disp = (int32_t)lane;
        inst->result = result + p;
        x86_add_arg(x, inst, vector + p);
        if (p == part)
            x86_add_arg(x, inst, value);
    }
    return true;
}

bool x86_read_lane(struct x86 *x, LLVMValueRef v, LLVMOpcode opcode)
{
    bool insert = opcode == LLVMInsertElement;
    if (!LLVMIsAConstantInt(LLVMGetOperand(v, insert ? 2 : 1)))
        return read_variable(x, v, insert);
    return insert ? read_insert(x, v) : read_extract(x, v);
}

static bool read_splat(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef insert = LLVMGetOperand(v, 0), scalar;
    if (!LLVMIsAInsertElementInst(insert) || !LLVMIsAConstantInt(LLVMGetOperand(insert, 2)))
        return false;
    int lane = (int)LLVMConstIntGetZExtValue(LLVMGetOperand(insert, 2));
    for (unsigned i = 0, count = LLVMGetNumMaskElements(v); i < count; i++)
        if (LLVMGetMaskValue(v, i) != lane)
            return false;
    scalar = LLVMGetOperand(insert, 1);
    if (x86_type_of(x, scalar) == X86_NONE)
        return false;
    uint32_t value = x86_value_of(x, scalar), result = x86_define(x, v);
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts && !x->failed; p++) {
        struct x86_inst *inst = x86_add_inst(x, x86_type_of(x, v) == X86_Q ? x86_quads_splat : x86_lanes_splat);
        inst->sub = x86_type_of(x, scalar);
        inst->result = result + p;
        x86_add_arg(x, inst, value);
    }
    return true;
}

/* Where a 32-bit lane of the result comes from: of which part of which operand; -1: anywhere. */
struct source {
    int part; /* the second operand's are behind the first's */
    unsigned lane;
};

static struct source source_of(struct x86 *x, LLVMValueRef v, unsigned lane)
{
    unsigned scale = x86_type_of(x, v) == X86_Q ? 2 : 1;
    int from = lane / scale < LLVMGetNumMaskElements(v) ? LLVMGetMaskValue(v, lane / scale) : -1;
    if (from < 0)
        return (struct source){.part = -1};
    unsigned behind = LLVMGetVectorSize(LLVMTypeOf(LLVMGetOperand(v, 0)));
    bool second = (unsigned)from >= behind;
    unsigned at = ((unsigned)from - (second ? behind : 0)) * scale + lane % scale;
    unsigned parts = second ? x86_parts(x, LLVMGetOperand(v, 0)) : 0;
    return (struct source){(int)(parts + at / X86_LANES), at % X86_LANES};
}

/* The lanes of one part of the result that come from one part; then those of the next are laid over them. */
static uint32_t add_permutation(struct x86 *x, const struct source *sources, int part, uint32_t from,
                                uint32_t under, uint32_t result)
{
    uint32_t at = x86_pool(&x->a, 32, 32), lanes = 0;
    for (unsigned i = 0; i < X86_LANES; i++) {
        bool here = sources[i].part == part;
        x->a.pool[at + 4 * i] = here ? (uint8_t)sources[i].lane : 0;
        lanes |= here ? 1u << i : 0;
    }
    struct x86_inst *inst = x86_add_inst(x, x86_lanes_shuffle);
    inst->sub = lanes;
    inst->disp = (int32_t)at;
    inst->result = result;
    x86_add_arg(x, inst, from);
    if (under)
        x86_add_arg(x, inst, under);
    return result;
}

bool x86_read_shuffle(struct x86 *x, LLVMValueRef v)
{
    LLVMValueRef a = LLVMGetOperand(v, 0), b = LLVMGetOperand(v, 1);
    enum x86_type type = x86_type_of(x, v);
    if (type < X86_M || x86_type_of(x, a) < X86_M)
        return false;
    if (read_splat(x, v) || x->failed)
        return true;
    int a_parts = (int)x86_parts(x, a);
    uint32_t first = x86_value_of(x, a), second = x86_value_of(x, b), result = x86_define(x, v);
    if (x->failed)
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct source sources[X86_LANES];
        uint32_t under = 0;
        int used[X86_LANES];
        unsigned used_count = 0;
        for (unsigned i = 0; i < X86_LANES; i++) {
            sources[i] = source_of(x, v, p * X86_LANES + i);
            bool known = sources[i].part < 0;
            for (unsigned k = 0; k < used_count; k++)
                known |= used[k] == sources[i].part;
            if (!known)
                used[used_count++] = sources[i].part;
        }
        if (!used_count)
            used[used_count++] = 0;
        for (unsigned k = 0; k < used_count; k++) {
            int part = used[k];
            uint32_t from = part < a_parts ? first + (uint32_t)part : second + (uint32_t)(part - a_parts);
            under = add_permutation(x, sources, part, from, under,
                                    k + 1 == used_count ? result + p : x86_temporary(x, type));
        }
    }
    return true;
}

/* A mask's part for two parts of each operand. */
bool x86_read_quads_compare(struct x86 *x, LLVMValueRef v, uint32_t predicate, bool floats)
{
    uint32_t a = x86_value_of(x, LLVMGetOperand(v, 0)), b = x86_value_of(x, LLVMGetOperand(v, 1));
    uint32_t result = x86_define(x, v), sign = floats ? 0 : x86_pool(&x->a, 32, 32);
    if (x->failed || x86_parts(x, LLVMGetOperand(v, 0)) != 2 * x86_parts(x, v))
        return false;
    for (unsigned i = 0; i < X86_QUADS && !floats; i++)
        x->a.pool[sign + 8 * i + 7] = 0x80;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, floats ? x86_quads_fcmp : x86_quads_icmp);
        inst->sub = predicate;
        inst->disp = (int32_t)sign;
        inst->result = result + p;
        for (unsigned half = 0; half < 2; half++) {
            x86_add_arg(x, inst, a + 2 * p + half);
            x86_add_arg(x, inst, b + 2 * p + half);
        }
    }
    return true;
}

bool x86_read_quads_select(struct x86 *x, LLVMValueRef v)
{
    uint32_t args[3], result;
    for (unsigned k = 0; k < 3; k++)
        args[k] = x86_value_of(x, LLVMGetOperand(v, k));
    result = x86_define(x, v);
    if (x->failed || x86_parts(x, v) != 2 * x86_parts(x, LLVMGetOperand(v, 0)))
        return false;
    for (unsigned p = 0, parts = x86_parts(x, v); p < parts; p++) {
        struct x86_inst *inst = x86_add_inst(x, x86_quads_select);
        inst->disp = p & 1;
        inst->result = result + p;
        x86_add_arg(x, inst, args[0] + p / 2);
        x86_add_arg(x, inst, args[1] + p);
        x86_add_arg(x, inst, args[2] + p);
    }
    return true;
}
