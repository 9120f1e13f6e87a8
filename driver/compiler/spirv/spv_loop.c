/* SPDX-License-Identifier: MIT
 *
 * Loops: unrolled where every exit folds, else a LOOP.
 *
 * A LOOP's PARAMs are the slots that its blocks may write (found by a scan of their stores) and its
 * header's phis. Slots that only a leaving path writes (flags, results, the phis of outer blocks)
 * are found afterwards: the iteration that writes one is the last, so all earlier iterations see
 * the value from before the loop.
 */
#include "spv_builder.h"

#define UNROLL_INSTRUCTIONS 512         /* of a loop without a hint, all iterations */
#define UNROLL_HINTED_INSTRUCTIONS 32768
#define UNROLL_ARRAY_INSTRUCTIONS 4096  /* where it keeps an array out of memory */
#define UNROLL_FAST_INSTRUCTIONS 64     /* the same two, compiling fast */
#define UNROLL_FAST_ARRAY_INSTRUCTIONS 1024
#define UNROLL_VISITS 65536 /* blocks walked in one attempt */

/* ---- What a loop writes ---- */

struct scan {
    struct spv_builder *b;
    uint32_t *slots;
    uint32_t count, capacity;
    uint32_t stamp;
    struct spv_block **stack;
    uint32_t stack_count, stack_capacity;
};

static void add_slots(struct scan *s, uint32_t first, uint32_t count)
{
    if (s->count + count > s->capacity) {
        uint32_t capacity = s->capacity ? s->capacity : 64;
        while (capacity < s->count + count)
            capacity *= 2;
        s->slots = arena_grow(s->b->arena, s->slots, s->count, capacity, sizeof(s->slots[0]));
        s->capacity = capacity;
    }
    for (uint32_t i = 0; i < count; i++)
        s->slots[s->count++] = first + i;
}

static void add_variable(struct scan *s, struct spv_variable *v)
{
    if (!v || !v->instantiated || v->written_stamp == s->stamp)
        return;
    v->written_stamp = s->stamp;
    add_slots(s, v->instance, v->slots);
}

static void add_root(struct scan *s, uint32_t id)
{
    struct spv_module *mod = s->b->mod;
    if (id >= mod->bound || !mod->ids[id].root)
        return;
    struct spv_id *root = &mod->ids[mod->ids[id].root];
    if (root->kind == SPV_VARIABLE)
        add_variable(s, root->variable);
    else if (root->value && root->value->pointer)
        add_variable(s, root->value->pointer->variable);
}

static void push_block(struct scan *s, uint32_t id)
{
    struct spv_block *block = spv_block_at(s->b, id);
    if (block->stamp == s->stamp)
        return;
    for (struct spv_construct *c = s->b->construct; c->kind != SPV_FUNCTION_BODY; c = c->up)
        if (c->label == id)
            return;
    block->stamp = s->stamp;
    if (s->stack_count == s->stack_capacity) {
        uint32_t capacity = s->stack_capacity ? 2 * s->stack_capacity : 64;
        s->stack =
            arena_grow(s->b->arena, s->stack, s->stack_count, capacity, sizeof(s->stack[0]));
        s->stack_capacity = capacity;
    }
    s->stack[s->stack_count++] = block;
}

static void scan_block(struct scan *s, struct spv_block *block)
{
    struct spv_module *mod = s->b->mod;
    for (uint32_t at = block->body; at < block->terminator; at += mod->words[at] >> 16) {
        const uint32_t *w = &mod->words[at];
        uint32_t wc = w[0] >> 16;
        switch (w[0] & 0xffff) {
        case SpvOpLoad:
        case SpvOpAccessChain:
        case SpvOpInBoundsAccessChain:
            break;
        case SpvOpCooperativeMatrixPerElementOpNV:
        case SpvOpCooperativeMatrixReduceNV:
        case SpvOpCooperativeMatrixLoadTensorNV:
        case SpvOpFunctionCall:
            for (uint32_t i = 0; i < mod->variable_count; i++) {
                struct spv_variable *v = mod->ids[mod->variables[i]].variable;
                if (v->storage == SpvStorageClassPrivate && (v->store_count || v->other_writes))
                    add_variable(s, v);
            }
            /* fallthrough */
        default:
            for (uint32_t i = 1; i < wc; i++)
                add_root(s, w[i]);
        }
    }
    const uint32_t *w = &mod->words[block->terminator];
    uint32_t wc = w[0] >> 16;
    switch (w[0] & 0xffff) {
    case SpvOpBranch:
        push_block(s, w[1]);
        break;
    case SpvOpBranchConditional:
        push_block(s, w[2]);
        push_block(s, w[3]);
        break;
    case SpvOpSwitch:
        for (uint32_t i = 2; i < wc; i++)
            if (w[i] < mod->bound && mod->ids[w[i]].kind == SPV_BLOCK &&
                mod->ids[w[i]].block->function == block->function)
                push_block(s, w[i]);
        break;
    }
}

/* Slots that iterations hand on, the header's phis among them. Its construct is open. */
static void scan_loop(struct scan *s, struct spv_builder *b, struct spv_block *header)
{
    *s = (struct scan){.b = b, .stamp = ++b->stamp};
    add_slots(s, b->frame->phi_slot + header->phi_slot, header->phi_leaves);
    push_block(s, header->id);
    while (s->stack_count)
        scan_block(s, s->stack[--s->stack_count]);
}

/* ---- One iteration ---- */

static enum spv_end walk_iteration(struct spv_builder *b, struct spv_block *header)
{
    struct spv_construct c;
    enum spv_end end, after;
    if (header->continue_id == header->id || !spv_needs_merge(b, header->continue_id))
        return spv_walk_in(b, header->id, true);
    uint32_t slot_count = b->slot_count;
    spv_construct_push(b, &c, SPV_CONTINUE, header->continue_id);
    end = spv_walk_in(b, header->id, true);
    bool on = spv_construct_pop(b, &c, &after);
    if (on)
        after = spv_walk(b, header->continue_id);
    b->slot_count = slot_count;
    return end == SPV_NEVER ? SPV_NEVER : after;
}

/* ---- LOOP ---- */

/* Drops the PARAMs that never change. */
static void drop_constant_params(struct ir_inst *loop, struct ir_inst **params,
                                 struct ir_inst **yields, uint32_t *slots)
{
    bool again = true;
    while (again) {
        again = false;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < loop->arg_count; i++) {
            struct ir_inst *y = ir_resolve(yields[i]), *init = ir_resolve(loop->args[i]);
            if (y == params[i] || y == init) {
                ir_remove(params[i]);
                params[i]->replaced_by = init;
                again = true;
                continue;
            }
            params[kept] = params[i];
            yields[kept] = yields[i];
            slots[kept] = slots[i];
            loop->args[kept] = loop->args[i];
            params[kept]->imm = kept;
            kept++;
        }
        loop->arg_count = kept;
    }
}

static void finish_loop(struct spv_builder *b, struct ir_inst *loop, struct ir_inst *go_on,
                        struct ir_inst **params, struct ir_inst **yields, uint32_t *slots,
                        const struct spv_changes *changes)
{
    struct ir_region *body = loop->regions[0];
    drop_constant_params(loop, params, yields, slots);
    uint32_t n = loop->arg_count;
    body->yield_count = n + 1;
    body->yields = arena_array(b->arena, struct ir_inst *, n + 1);
    body->yields[0] = go_on;
    uint32_t stamp = ++b->stamp;
    for (uint32_t i = 0; i < n; i++) {
        body->yields[1 + i] = ir_resolve(yields[i]);
        struct ir_inst *result =
            spv_append(b, IR_RESULT, (enum ir_type)params[i]->type, 1, &loop);
        result->imm = i;
        spv_slot_set(b, slots[i], result);
        b->slot_stamps[slots[i]] = stamp;
    }
    for (uint32_t i = 0; i < changes->count; i++) {
        uint32_t slot = changes->list[i].slot;
        struct ir_inst *value = ir_resolve(changes->list[i].value);
        if (b->slot_stamps[slot] == stamp)
            continue;
        struct ir_inst *init = spv_slot_get(b, slot);
        if (!value || value == init)
            continue;
        b->region = body;
        value = spv_usable(b, value);
        b->region = loop->parent;
        if (value == init)
            continue;
        struct ir_inst *result = NULL;
        for (uint32_t k = n; value->type == IR_BOOL && k < loop->arg_count && !result; k++)
            if (loop->args[k] == init && body->yields[1 + k] == value) /* flags often agree */
                for (result = loop->next; result->imm != k;)
                    result = result->next;
        spv_slot_set(b, slot, result ? result : spv_loop_carry(b, loop, init, value));
    }
}

static enum spv_end emit_loop(struct spv_builder *b, struct spv_block *header,
                              struct spv_construct *c)
{
    struct scan scan;
    scan_loop(&scan, b, header);
    uint32_t n = scan.count, slot_count = b->slot_count;
    uint32_t mark = spv_slots_mark(b);
    struct ir_inst **params = arena_array(b->arena, struct ir_inst *, n);
    struct ir_inst **yields = arena_array(b->arena, struct ir_inst *, n);
    for (uint32_t i = 0; i < n; i++)
        params[i] = spv_slot_get(b, scan.slots[i]);
    struct ir_inst *loop = spv_append(b, IR_LOOP, IR_VOID, n, params);
    struct ir_region *outer = b->region;
    loop->regions[0] = ir_region_create(b->m, loop);
    b->region = loop->regions[0];
    for (uint32_t i = 0; i < n; i++) {
        params[i] = spv_append(b, IR_PARAM, (enum ir_type)b->slot_types[scan.slots[i]], 0, NULL);
        params[i]->imm = i;
        spv_slot_set(b, scan.slots[i], params[i]);
    }
    c->flag = spv_slot_bool(b, false);
    enum spv_end end = walk_iteration(b, header);
    struct ir_inst *go_on = spv_bool(b, false);
    if (end != SPV_NEVER)
        go_on = spv_not(b, spv_slot_get(b, c->flag));
    for (uint32_t i = 0; i < n; i++)
        yields[i] = spv_slot_get(b, scan.slots[i]);
    b->region = outer;
    struct spv_changes changes = spv_slots_collect(b, mark, slot_count);
    finish_loop(b, loop, go_on, params, yields, scan.slots, &changes);
    b->slot_count = slot_count;
    return end;
}

/* ---- Unrolling ---- */

void spv_attempt_check(struct spv_builder *b)
{
    struct spv_attempt *outermost = NULL;
    for (struct spv_attempt *a = b->attempt; a; a = a->up)
        if (b->visits - a->visits > UNROLL_VISITS)
            outermost = a;
    if (outermost)
        spv_attempt_abort(b, outermost);
}

void spv_attempt_abort(struct spv_builder *b, struct spv_attempt *a)
{
    spv_slots_undo(b, a->trail);
    while (b->id_trail_count > a->id_trail) {
        struct id_change *change = &b->id_trail[--b->id_trail_count];
        change->id->value = change->value;
    }
    while (b->path_count > a->path_count)
        b->path[--b->path_count]->on_path = false;
    b->construct = a->construct;
    b->frame = a->frame;
    b->mod = a->mod;
    b->region = a->region;
    b->slot_count = a->slot_count;
    b->depth = a->depth;
    b->line = a->line;
    b->word = a->word;
    b->inst_flags = a->inst_flags;
    b->flush = a->flush;
    a->region->last = a->marker;
    a->marker->next = NULL;
    b->attempt = a->up;
    longjmp(a->abort, 1);
}

static struct spv_attempt *begin_attempt(struct spv_builder *b, const struct spv_block *header)
{
    bool fast = b->m->request->flags & WEFT_REQUEST_FAST;
    uint32_t budget = header->array_loop ? UNROLL_ARRAY_INSTRUCTIONS : UNROLL_INSTRUCTIONS;
    if (header->loop_control & SpvLoopControlUnrollMask)
        budget = UNROLL_HINTED_INSTRUCTIONS;
    if (fast)
        budget = header->array_loop ? UNROLL_FAST_ARRAY_INSTRUCTIONS : UNROLL_FAST_INSTRUCTIONS;
    struct spv_attempt *a = arena_new(b->arena, struct spv_attempt);
    *a = (struct spv_attempt){
        .up = b->attempt,
        .count_limit = b->count + budget,
        .merge_id = header->merge_id,
        .construct = b->construct,
        .frame = b->frame,
        .mod = b->mod,
        .region = b->region,
        .trail = spv_slots_mark(b),
        .id_trail = b->id_trail_count,
        .slot_count = b->slot_count,
        .depth = b->depth,
        .line = b->line,
        .path_count = b->path_count,
        .word = b->word,
        .visits = b->visits,
        .inst_flags = b->inst_flags,
        .flush = b->flush,
        /* A dead instruction, so that results added to what is before it stay in place. */
        .marker = spv_append(b, IR_UNDEF, IR_BOOL, 0, NULL),
    };
    b->attempt = a;
    return a;
}

/* Walks iterations until the loop has ended; leaves through spv_attempt_abort if one may go on and
 * may not. */
static enum spv_end unroll(struct spv_builder *b, struct spv_block *header, struct spv_construct *c,
                           struct spv_attempt *a)
{
    for (;;) {
        spv_slot_set(b, c->flag, spv_bool(b, false));
        enum spv_end end = walk_iteration(b, header);
        struct ir_inst *ended = spv_slot_get(b, c->flag);
        if (end != SPV_NEVER && !spv_is_const(ended))
            spv_attempt_abort(b, a);
        if (end == SPV_NEVER || ended->imm) {
            b->attempt = a->up;
            if (!b->attempt)
                b->id_trail_count = 0;
            return end;
        }
    }
}

/* True if it was unrolled. */
static bool try_unroll(struct spv_builder *b, struct spv_block *header, struct spv_construct *c,
                       enum spv_end *end_out)
{
    if (header->no_unroll || header->loop_control & SpvLoopControlDontUnrollMask)
        return false;
    struct spv_attempt *a = begin_attempt(b, header);
    if (setjmp(a->abort)) {
        header->no_unroll = true;
        return false;
    }
    *end_out = unroll(b, header, c, a);
    return true;
}

struct spv_block *spv_loop(struct spv_builder *b, struct spv_block *header, enum spv_end *end_out)
{
    struct spv_construct c;
    enum spv_end end = SPV_LEFT;
    uint32_t slot_count = b->slot_count;
    spv_block_at(b, header->merge_id);
    spv_block_at(b, header->continue_id);
    for (struct spv_construct *up = b->construct; up->kind != SPV_FUNCTION_BODY; up = up->up)
        if (up->label == header->merge_id)
            spv_bad(b, "block %%%u is the merge block of two constructs", header->merge_id);
    spv_construct_push(b, &c, SPV_LOOP, header->merge_id);
    c.header = header->id;
    if (!header->back_edge) {
        c.breakable = true;
        c.flag = spv_slot_bool(b, false);
        end = walk_iteration(b, header);
    } else {
        c.flag = spv_slot_bool(b, false);
        if (!try_unroll(b, header, &c, &end)) {
            c.loop = header;
            end = emit_loop(b, header, &c);
        }
    }
    bool on = spv_construct_pop(b, &c, end_out);
    if (end == SPV_NEVER) {
        on = false;
        *end_out = SPV_NEVER;
    }
    b->slot_count = slot_count;
    return on ? spv_block_at(b, header->merge_id) : NULL;
}
