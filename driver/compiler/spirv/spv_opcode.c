/* SPDX-License-Identifier: MIT
 *
 * The table of opcodes.
 */
#include "spv_builder.h"

/* As the headers would call them. */
#define SpvOpFmaKHR SPV_OP_FMA
#define SpvOpTypeVectorIdEXT SPV_OP_TYPE_VECTOR_ID

static const struct row {
    uint16_t op, min_words;
    spv_handler *run; /* NULL: see signature */
    const char *signature;
    enum ir_op ir;
    spv_scalar_fn *fn;
    bool swap, computes;
} rows[] = {
#define SPV_ALU(name, signature, ir, fn, swap) \
    {SpvOp##name, sizeof(signature) + 1, NULL, signature, ir, fn, swap, true},
#define SPV_DO(name, words, handler) \
    {SpvOp##name, words, handler, NULL, IR_OP_COUNT, NULL, false, false},
#define SPV_FLOATS(name, words, handler) \
    {SpvOp##name, words, handler, NULL, IR_OP_COUNT, NULL, false, true},
#define SPV_SKIP(name, words) {SpvOp##name, words, NULL, NULL, IR_OP_COUNT, NULL, false, false},
#include "spv_ops.def"
#undef SPV_ALU
#undef SPV_DO
#undef SPV_FLOATS
#undef SPV_SKIP
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

#define MAX_OPCODE 8192

void spv_opcodes_begin(struct spv_builder *b)
{
    b->op_rows = arena_array(b->arena, uint16_t, MAX_OPCODE);
    for (size_t i = 0; i < ROW_COUNT; i++)
        b->op_rows[rows[i].op] = (uint16_t)(i + 1);
}

static const struct row *find(const struct spv_builder *b, uint32_t op)
{
    return op < MAX_OPCODE && b->op_rows[op] ? &rows[b->op_rows[op] - 1] : NULL;
}

uint32_t spv_op_min_words(const struct spv_builder *b, uint32_t op)
{
    const struct row *row = find(b, op);
    return row ? row->min_words : 1;
}

uint8_t spv_fast_math_flags(uint32_t mask)
{
    return (mask & SpvFPFastMathModeAllowContractMask ? 0 : IR_INST_NO_CONTRACT) |
           (mask & SpvFPFastMathModeAllowReassocMask ? 0 : IR_INST_NO_REASSOC) |
           (mask & SpvFPFastMathModeNSZMask ? 0 : IR_INST_SIGNED_ZERO);
}

uint8_t spv_float_flags(struct spv_builder *b, uint32_t type_id, uint32_t result_id)
{
    const struct spv_id *result = spv_id_at(b, result_id);
    uint8_t flags = 0;
    if (b->mod->fast_math_count)
        flags = b->mod->float_flags[spv_type_at(b, type_id)->scalar];
    if (!result->decorations)
        return flags;
    const struct spv_decoration *fast =
        spv_decoration(b->mod, result_id, SPV_NO_MEMBER, SpvDecorationFPFastMathMode);
    if (fast && fast->count)
        flags = spv_fast_math_flags(fast->words[0]);
    if (spv_decoration(b->mod, result_id, SPV_NO_MEMBER, SpvDecorationNoContraction))
        flags |= IR_INST_NO_CONTRACT;
    return flags;
}

static bool flushes(const struct spv_builder *b)
{
    const uint8_t *modes = b->mod->float_modes;
    return (modes[IR_F16] | modes[IR_F32] | modes[IR_F64]) & SPV_FLOAT_FLUSH;
}

bool spv_flush_operands(struct spv_builder *b, uint32_t type_id)
{
    bool before = b->flush;
    if (flushes(b))
        b->flush = ir_type_is_float((enum ir_type)spv_type_at(b, type_id)->scalar);
    return before;
}

void spv_flush_result(struct spv_builder *b, const uint32_t *w)
{
    if (!flushes(b))
        return;
    struct spv_value *value = spv_id_at(b, w[2])->value;
    if (!value || value->pointer)
        return;
    for (uint32_t k = 0; k < value->type->leaf_count; k++)
        value->leaves[k] = spv_flushed(b, value->leaves[k]);
}

void spv_instruction(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    const struct row *row = find(b, op);
    if (!row)
        spv_unsupported(b, "%s (opcode %u) is not supported", spv_op_name(op), op);
    if (!row->run && !row->signature)
        return;
    uint8_t flags = b->inst_flags;
    bool flush = row->computes && spv_flush_operands(b, w[1]);
    if (row->signature) {
        b->inst_flags |= spv_float_flags(b, w[1], w[2]);
        spv_alu(b, w, row->signature, row->ir, row->fn, row->swap);
    } else {
        row->run(b, w, wc);
    }
    if (row->computes) {
        b->flush = flush;
        spv_flush_result(b, w);
    }
    b->inst_flags = flags;
}
