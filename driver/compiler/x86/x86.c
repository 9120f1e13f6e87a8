/* SPDX-License-Identifier: MIT */
#include "x86.h"

#include <string.h>

#include "x86_private.h"

/* Of a stack that may be an application's. */
#define MOST_FRAME_B (1 << 20)

/* Takes out what nobody uses, and notes next uses. */
static void find_uses(struct x86 *x, const struct x86_block *block)
{
    for (uint32_t i = block->end; i-- > block->first;) {
        struct x86_inst *inst = &x->insts[i];
        if (!inst->emit)
            continue;
        struct x86_value *result = &x->values[inst->result];
        if (inst->result && !inst->effects && !result->uses) {
            inst->emit = NULL;
            for (unsigned k = 0; k < inst->count; k++)
                x->values[inst->args[k]].uses--;
            continue;
        }
        inst->result_next = result->seen == x->block ? result->next : X86_NEVER;
        for (unsigned k = inst->count; k-- > 0;) {
            struct x86_value *v = &x->values[inst->args[k]];
            inst->next[k] = v->seen == x->block ? v->next : X86_NEVER;
            v->next = i;
            v->seen = x->block;
        }
    }
}

static void note_line(struct x86 *x, uint32_t line)
{
    if (x->line_count && x->lines[x->line_count - 1].line == line)
        return;
    if (x->line_count == x->line_room) {
        uint32_t room = x->line_room ? x->line_room * 2 : 64;
        x->lines = arena_grow(x->arena, x->lines, x->line_count, room, sizeof *x->lines);
        x->line_room = room;
    }
    x->lines[x->line_count++] = (struct weft_line){x->a.code_B, line};
}

static void emit_block(struct x86 *x)
{
    const struct x86_block *block = &x->blocks[x->block];
    x86_place(&x->a, block->label);
    for (uint32_t i = block->first; i < block->end; i++) {
        struct x86_inst *inst = &x->insts[i];
        if (!inst->emit)
            continue;
        if (x->has_lines)
            note_line(x, inst->line);
        x86_begin(x, inst);
        inst->emit(x, inst);
        x86_end(x, inst);
    }
}

/* The frame lies at rsp, aligned; rbp keeps what rsp was. Its first bytes are the arguments of functions called. */
static void emit_prologue(struct x86 *x)
{
    static const uint8_t enter[] = {
        0x55, 0x48, 0x89, 0xe5,                                /* push rbp; mov rbp, rsp */
        0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57}; /* push rbx, r12, r13, r14, r15 */
    for (unsigned i = 0; i < (x->entry ? sizeof enter : 4); i++)
        x86_byte(&x->a, enter[i]);
    x86_op(&x->a, 0x81 | X86_W, 5, x86_reg(X86_RSP), 4); /* sub rsp, frame */
    x->frame_fixup = x->a.code_B;
    x86_word(&x->a, 0);
    x86_op(&x->a, 0x83 | X86_W, 4, x86_reg(X86_RSP), 1); /* and rsp, -64 */
    x86_byte(&x->a, (unsigned)-64 & 0xff);
}

/* Parameters are the first values. The entry has them in registers, other functions above their frame. */
static void emit_parameters(struct x86 *x)
{
    static const int registers[] = {X86_RDI, X86_RSI, X86_RDX, X86_RCX};
    unsigned count = LLVMCountParams(x->fn);
    for (unsigned i = 0; i < count; i++) {
        int reg = x->entry ? registers[i] : X86_RAX;
        if (!x->entry)
            x86_move(x, X86_I64, reg, x86_mem(X86_RBP, (int32_t)(16 + 8 * i)));
        x86_move_out(x, X86_I64, x86_mem(X86_RSP, x86_slot(x, 1 + i)), reg);
        x->values[1 + i].stored = true;
    }
}

static void emit_function(struct x86 *x, LLVMValueRef fn)
{
    x->fn = fn;
    x->entry = strcmp(LLVMGetValueName(fn), "weft_kernel") == 0;
    x->frame_B = 8 * X86_ARGS;
    x->map = (struct x86_map){0};
    x->value_count = x->inst_count = x->block_count = 0;
    x->free_count[0] = x->free_count[1] = 0;
    x86_read(x);
    if (x->failed)
        return;

    x86_place(&x->a, x86_function_label(x, fn));
    emit_prologue(x);
    emit_parameters(x);
    for (x->block = 0; x->block < x->block_count; x->block++) {
        find_uses(x, &x->blocks[x->block]);
        x86_forget(x);
        emit_block(x);
    }
    memcpy(x->a.code + x->frame_fixup, &x->frame_B, 4);
    x->failed = x->frame_B > MOST_FRAME_B;
}

bool x86_generate(struct arena *arena, LLVMModuleRef module, bool lines, struct x86_code *code_out)
{
    struct x86 *x = arena_new(arena, struct x86);
    LLVMValueRef entry = LLVMGetNamedFunction(module, "weft_kernel");
    x->arena = x->a.arena = arena;
    x->has_lines = lines;
    x->layout = LLVMGetModuleDataLayout(module);
    for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn && !x->failed; fn = LLVMGetNextFunction(fn))
        if (LLVMCountBasicBlocks(fn))
            emit_function(x, fn);
    *code_out = (struct x86_code){.without_row = x->why};
    if (x->failed || !entry)
        return false;
    while (x->a.code_B % 64)
        x86_byte(&x->a, 0xcc);
    x86_link(&x->a, x->a.code_B);
    *code_out = (struct x86_code){
        .code = x->a.code,
        .code_B = x->a.code_B,
        .constants = x->a.pool,
        .constants_B = x->a.pool_B,
        .lines = x->lines,
        .line_count = x->line_count,
        .entry = x->a.labels[x86_function_label(x, entry)],
    };
    return true;
}
