/* SPDX-License-Identifier: MIT
 *
 * DOC: From branches to a tree
 *
 * spv_walk() emits blocks one after the other. Where the control flow splits it makes an IF and
 * walks each arm until the arm's path ends; a path ends at the label of an open construct: the
 * merge block of a selection, a loop's merge, continue target or back edge, or a return.
 *
 * A merge block that only one edge leads to needs no construct: it is simply the next block of that
 * path. So `if (done) return; rest` becomes IF(!done) { rest }, and a loop's body lands in the arm
 * of its exit test.
 *
 * A path that ends at an outer construct's label sets the flag `left` of every construct in between
 * (spv_leave). Whoever closes such a construct goes on under IF(!left). Flags are slots, so they
 * fold to constants where all paths agree.
 */
#include "spv_builder.h"

void spv_depth_enter(struct spv_builder *b)
{
    if (++b->depth > SPV_MAX_DEPTH)
        spv_unsupported(b, "control flow nested more than %d deep", SPV_MAX_DEPTH);
}

struct spv_block *spv_block_at(struct spv_builder *b, uint32_t id)
{
    struct spv_id *slot = spv_id_at(b, id);
    if (slot->kind != SPV_BLOCK || slot->block->function != b->frame->function)
        spv_bad(b, "%%%u is not a block of this function", id);
    return slot->block;
}

/* ---- Constructs ---- */

void spv_construct_push(struct spv_builder *b, struct spv_construct *c, uint8_t kind,
                        uint32_t label)
{
    *c = (struct spv_construct){.up = b->construct, .kind = kind, .label = label};
    c->left = spv_slot_bool(b, false);
    b->construct = c;
    spv_depth_enter(b);
}

void spv_leave(struct spv_builder *b, struct spv_construct *to, bool to_label)
{
    struct ir_inst *yes = spv_bool(b, true);
    for (struct spv_construct *c = b->construct; c != to; c = c->up) {
        spv_slot_set(b, c->left, yes);
        if (c->kind == SPV_LOOP)
            spv_slot_set(b, c->flag, yes);
    }
    if (!to_label)
        return;
    to->reached = true;
    if (to->kind == SPV_LOOP || to->kind == SPV_CASE)
        spv_slot_set(b, to->flag, yes);
}

bool spv_construct_pop(struct spv_builder *b, struct spv_construct *c, enum spv_end *end_out)
{
    b->construct = c->up;
    b->depth--;
    *end_out = SPV_LEFT;
    if (!c->reached)
        return false;
    struct ir_inst *left = spv_slot_get(b, c->left);
    if (spv_is_const(left))
        return !left->imm;
    struct spv_if f;
    spv_depth_enter(b);
    spv_if_begin(b, &f, spv_not(b, left));
    spv_if_arm_begin(b, &f, 0);
    spv_if_arm_end(b, &f, 0, spv_walk(b, c->label));
    spv_if_arm_begin(b, &f, 1);
    spv_if_arm_end(b, &f, 1, SPV_LEFT);
    *end_out = spv_if_end(b, &f);
    b->depth--;
    return false;
}

/* ---- IF ---- */

void spv_if_begin(struct spv_builder *b, struct spv_if *f, struct ir_inst *cond)
{
    f->cond = cond;
    f->inst = spv_append(b, IR_IF, IR_VOID, 1, &cond);
    f->inst->regions[0] = ir_region_create(b->m, f->inst);
    f->inst->regions[1] = ir_region_create(b->m, f->inst);
    f->outer = b->region;
    f->slot_count = b->slot_count;
}

void spv_if_arm_begin(struct spv_builder *b, struct spv_if *f, uint32_t arm)
{
    b->region = f->inst->regions[arm];
    f->mark = spv_slots_mark(b);
}

void spv_if_arm_end(struct spv_builder *b, struct spv_if *f, uint32_t arm, enum spv_end end)
{
    b->region = f->outer;
    f->ends[arm] = end;
    f->changes[arm] = spv_slots_collect(b, f->mark, f->slot_count);
    b->slot_count = f->slot_count;
}

static bool is_in_arm(const struct spv_if *f, const struct ir_inst *x)
{
    return x->parent == f->inst->regions[0] || x->parent == f->inst->regions[1];
}

/* One slot's value after the IF, from its values at the ends of the arms. */
static struct ir_inst *join(struct spv_builder *b, struct spv_if *f, struct ir_inst *x,
                            struct ir_inst *y, enum ir_type type, uint32_t *results)
{
    x = ir_resolve(x);
    y = ir_resolve(y);
    if (x == y)
        return x;
    if (type == IR_BOOL && x && y && spv_is_const(x) && spv_is_const(y))
        return x->imm ? f->cond : spv_not(b, f->cond);
    if (!x || !y) { /* undefined on one way: the other's value will do, if it reaches so far */
        struct ir_inst *defined = x ? x : y;
        if (!is_in_arm(f, defined) && (defined->parent == f->outer || spv_is_const(defined)))
            return defined;
    }
    struct ir_region **arms = f->inst->regions;
    struct ir_region *outer = b->region;
    b->region = arms[0];
    x = x ? spv_usable(b, x) : spv_undef(b, type);
    b->region = arms[1];
    y = y ? spv_usable(b, y) : spv_undef(b, type);
    b->region = outer;
    uint32_t k = arms[0]->yield_count;
    for (uint32_t same = 0; type == IR_BOOL && same < k; same++) /* flags often agree */
        if (arms[0]->yields[same] == x && arms[1]->yields[same] == y)
            for (struct ir_inst *r = f->inst->next; r && r->op == IR_RESULT; r = r->next)
                if (r->imm == same)
                    return r;
    if (k == *results) {
        *results = *results ? 2 * *results : 8;
        for (uint32_t i = 0; i < 2; i++)
            arms[i]->yields = arena_grow(b->arena, arms[i]->yields, k, *results,
                                         sizeof(arms[i]->yields[0]));
    }
    arms[0]->yields[k] = x;
    arms[1]->yields[k] = y;
    arms[0]->yield_count = arms[1]->yield_count = k + 1;
    struct ir_inst *result = spv_append(b, IR_RESULT, type, 1, &f->inst);
    result->imm = k;
    /* Joining other slots may have made instructions since the IF: RESULTs go in front of them. */
    struct ir_inst *at = f->inst->next;
    while (at != result && at->op == IR_RESULT)
        at = at->next;
    if (at != result)
        ir_move_before(result, at);
    return result;
}

enum spv_end spv_if_end(struct spv_builder *b, struct spv_if *f)
{
    if (f->ends[0] == SPV_NEVER || f->ends[1] == SPV_NEVER) {
        /* Only the other arm goes on; its values leave their region where they are used. */
        uint32_t live = f->ends[0] == SPV_NEVER;
        spv_slots_apply(b, &f->changes[live]);
        return f->ends[live];
    }
    /* Values of slots in the other arm: by slot, for those of the first arm. */
    const struct spv_changes *c = f->changes;
    uint32_t stamp = ++b->stamp;
    for (uint32_t i = 0; i < c[0].count; i++) {
        b->slot_stamps[c[0].list[i].slot] = stamp;
        b->slot_index[c[0].list[i].slot] = i;
    }
    uint32_t results = f->inst->regions[0]->yield_count;
    if (results) { /* values have left already: room as for a full array */
        struct ir_region **arms = f->inst->regions;
        for (uint32_t i = 0; i < 2; i++)
            arms[i]->yields = arena_grow(b->arena, arms[i]->yields, results, results,
                                         sizeof(arms[i]->yields[0]));
    }
    struct spv_change *joined =
        arena_array(b->arena, struct spv_change, (size_t)c[0].count + c[1].count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < c[1].count; i++) {
        uint32_t slot = c[1].list[i].slot;
        if (b->slot_stamps[slot] != stamp) {
            joined[count++] = (struct spv_change){slot, c[1].list[i].value};
            continue;
        }
        uint32_t other = b->slot_index[slot];
        c[0].list[other].slot |= 1u << 31; /* done here */
        joined[count++] = (struct spv_change){
            slot, join(b, f, c[0].list[other].value, c[1].list[i].value,
                       (enum ir_type)b->slot_types[slot], &results)};
        joined[count - 1].slot |= 1u << 31;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = joined[i].slot & ~(1u << 31);
        if (joined[i].slot == slot)
            joined[i].value = join(b, f, b->slots[slot], joined[i].value,
                                   (enum ir_type)b->slot_types[slot], &results);
        joined[i].slot = slot;
    }
    for (uint32_t i = 0; i < c[0].count; i++) {
        uint32_t slot = c[0].list[i].slot;
        if (slot >> 31)
            continue;
        joined[count++] = (struct spv_change){
            slot, join(b, f, c[0].list[i].value, b->slots[slot],
                       (enum ir_type)b->slot_types[slot], &results)};
    }
    spv_slots_apply(b, &(struct spv_changes){joined, count});
    return SPV_LEFT;
}

/* ---- Edges ---- */

/* Values for the target's phis. All are read before any is written. */
static void assign_phis(struct spv_builder *b, const struct spv_block *from,
                        const struct spv_block *to)
{
    if (to->phi_leaves == 0)
        return;
    struct ir_inst **values = arena_array(b->arena, struct ir_inst *, to->phi_leaves);
    const uint32_t *words = b->mod->words;
    uint32_t n = 0, saved = b->word;
    for (uint32_t at = to->start; at < to->body; at += words[at] >> 16) {
        const uint32_t *w = &words[at];
        uint32_t wc = w[0] >> 16, value_id = 0;
        if ((w[0] & 0xffff) != SpvOpPhi)
            continue;
        b->word = at;
        for (uint32_t i = 3; i + 1 < wc; i += 2)
            if (w[i + 1] == from->id)
                value_id = w[i];
        if (!value_id)
            spv_bad(b, "no value for the way from block %%%u", from->id);
        const struct spv_type *type = spv_type_at(b, w[1]);
        const struct spv_value *value = spv_operand(b, value_id);
        if (value->type != type)
            spv_bad(b, "%%%u is not of the phi's type", value_id);
        struct ir_inst **leaves = spv_leaves(b, value);
        for (uint32_t i = 0; i < type->leaf_count; i++)
            values[n++] = leaves[i];
    }
    b->word = saved;
    for (uint32_t i = 0; i < n; i++)
        spv_slot_set(b, b->frame->phi_slot + to->phi_slot + i, values[i]);
}

/* The phis' values at the start of their block; a slot is empty again once it is read. */
static void read_phis(struct spv_builder *b, const struct spv_block *block)
{
    const uint32_t *words = b->mod->words;
    uint32_t slot = b->frame->phi_slot + block->phi_slot;
    if (block->phi_leaves == 0)
        return;
    for (uint32_t at = block->start; at < block->body; at += words[at] >> 16) {
        if ((words[at] & 0xffff) != SpvOpPhi)
            continue;
        struct spv_value *value = spv_result(b, &words[at]);
        for (uint32_t i = 0; i < value->type->leaf_count; i++, slot++) {
            value->leaves[i] = spv_slot_get(b, slot);
            spv_slot_set(b, slot, NULL);
        }
    }
}

bool spv_edge(struct spv_builder *b, const struct spv_block *from, uint32_t target)
{
    assign_phis(b, from, spv_block_at(b, target));
    for (struct spv_construct *c = b->construct; c->kind != SPV_FUNCTION_BODY; c = c->up) {
        if (c->label == target) {
            spv_leave(b, c, true);
            return true;
        }
        if (c->kind == SPV_LOOP && c->header == target && !c->breakable) {
            spv_leave(b, c, false);
            return true;
        }
    }
    return false;
}

enum spv_end spv_walk_edge(struct spv_builder *b, const struct spv_block *from, uint32_t target)
{
    return spv_edge(b, from, target) ? SPV_LEFT : spv_walk(b, target);
}

bool spv_needs_merge(struct spv_builder *b, uint32_t merge_id)
{
    if (!merge_id || spv_block_at(b, merge_id)->pred_count < 2)
        return false;
    for (struct spv_construct *c = b->construct; c->kind != SPV_FUNCTION_BODY; c = c->up)
        if (c->label == merge_id || (c->kind == SPV_LOOP && c->header == merge_id))
            return false;
    return true;
}

/* An attempt to unroll ends at the first exit that does not fold. */
static void check_attempt(struct spv_builder *b, uint32_t x, uint32_t y)
{
    struct spv_attempt *a = b->attempt;
    if (a && a->frame == b->frame && (x == a->merge_id || y == a->merge_id))
        spv_attempt_abort(b, a);
}

/* OpBranchConditional. The block to go on with, or 0 where the path has ended. */
static uint32_t branch_conditional(struct spv_builder *b, struct spv_block *block,
                                   enum spv_end *end_out)
{
    const uint32_t *w = &b->mod->words[block->terminator];
    struct ir_inst *cond = spv_scalar(b, w[1]);
    uint32_t merge_id = block->is_loop ? 0 : block->merge_id;
    struct spv_construct c;
    if (cond->type != IR_BOOL)
        spv_bad(b, "the condition %%%u is not a boolean", w[1]);
    bool merge = spv_needs_merge(b, merge_id);
    if (w[2] == w[3])
        cond = spv_bool(b, true);
    if (!spv_is_const(cond))
        check_attempt(b, w[2], w[3]);
    if (spv_is_const(cond) && !merge)
        return spv_edge(b, block, cond->imm ? w[2] : w[3]) ? 0 : (cond->imm ? w[2] : w[3]);
    uint32_t slot_count = b->slot_count;
    if (merge)
        spv_construct_push(b, &c, SPV_SELECTION, merge_id);
    else
        spv_depth_enter(b);
    if (spv_is_const(cond)) {
        *end_out = spv_walk_edge(b, block, cond->imm ? w[2] : w[3]);
    } else {
        struct spv_if f;
        spv_if_begin(b, &f, cond);
        for (uint32_t arm = 0; arm < 2; arm++) {
            spv_if_arm_begin(b, &f, arm);
            spv_if_arm_end(b, &f, arm, spv_walk_edge(b, block, w[2 + arm]));
        }
        *end_out = spv_if_end(b, &f);
    }
    if (!merge) {
        b->depth--;
        return 0;
    }
    enum spv_end end = *end_out;
    bool on = spv_construct_pop(b, &c, end_out);
    if (end == SPV_NEVER) {
        on = false;
        *end_out = SPV_NEVER;
    }
    b->slot_count = slot_count;
    return on ? merge_id : 0;
}

/* ---- Blocks ---- */

static void enter_block(struct spv_builder *b, struct spv_block *block)
{
    if (++b->visits > SPV_MAX_VISITS)
        spv_unsupported(b, "the shader expands to more than %d blocks", SPV_MAX_VISITS);
    if (block->is_loop)
        spv_attempt_check(b);
    read_phis(b, block);
}

static void return_value(struct spv_builder *b, uint32_t id)
{
    const struct spv_type *type = b->frame->function->result;
    const struct spv_value *value = spv_operand(b, id);
    if (value->type != type)
        spv_bad(b, "%%%u is not of the function's result type", id);
    struct ir_inst **leaves = spv_leaves(b, value);
    for (uint32_t i = 0; i < type->leaf_count; i++)
        spv_slot_set(b, b->frame->result_slot + i, leaves[i]);
}

static void leave_function(struct spv_builder *b)
{
    struct spv_construct *c = b->construct;
    while (c->kind != SPV_FUNCTION_BODY)
        c = c->up;
    spv_leave(b, c, true);
}

static void run_block(struct spv_builder *b, struct spv_block *block)
{
    const uint32_t *words = b->mod->words;
    uint32_t end = block->merge_word ? block->merge_word : block->terminator;
    for (uint32_t at = block->body; at < end; at += words[at] >> 16) {
        b->word = at;
        spv_instruction(b, &words[at], words[at] >> 16);
    }
    b->word = block->terminator;
}

/* A cycle that is no loop's would never end. */
static void path_push(struct spv_builder *b, struct spv_block *block)
{
    if (block->on_path)
        spv_bad(b, "block %%%u is in a cycle that is not a loop's", block->id);
    block->on_path = true;
    if (b->path_count == b->path_capacity) {
        uint32_t capacity = b->path_capacity ? 2 * b->path_capacity : 64;
        b->path = arena_grow(b->arena, b->path, b->path_count, capacity, sizeof(b->path[0]));
        b->path_capacity = capacity;
    }
    b->path[b->path_count++] = block;
}

/* One block and what ends it; the block to go on with or NULL. */
static struct spv_block *step(struct spv_builder *b, struct spv_block *block, enum spv_end *end_out)
{
    const uint32_t *w = &b->mod->words[block->terminator];
    uint32_t next = 0;
    run_block(b, block);
    *end_out = SPV_LEFT;
    switch (w[0] & 0xffff) {
    case SpvOpBranch:
        next = spv_edge(b, block, w[1]) ? 0 : w[1];
        break;
    case SpvOpBranchConditional:
        next = branch_conditional(b, block, end_out);
        break;
    case SpvOpSwitch:
        next = spv_switch(b, block, end_out);
        break;
    case SpvOpReturnValue:
        return_value(b, w[1]);
        leave_function(b);
        break;
    case SpvOpReturn:
        if (b->frame->function->result->kind != SPV_TYPE_VOID)
            spv_bad(b, "a return without the function's value");
        leave_function(b);
        break;
    case SpvOpUnreachable:
        *end_out = SPV_NEVER;
        break;
    default:
        spv_unsupported(b, "%s in a compute shader", spv_op_name(w[0] & 0xffff));
    }
    return next ? spv_block_at(b, next) : NULL;
}

enum spv_end spv_walk_in(struct spv_builder *b, uint32_t label, bool header_done)
{
    struct spv_block *block = spv_block_at(b, label);
    enum spv_end end = SPV_LEFT;
    uint32_t path_count = b->path_count;
    while (block) {
        b->word = block->word;
        if (block->is_loop && !header_done) {
            block = spv_loop(b, block, &end);
            continue;
        }
        header_done = false;
        path_push(b, block);
        enter_block(b, block);
        block = step(b, block, &end);
    }
    while (b->path_count > path_count)
        b->path[--b->path_count]->on_path = false;
    return end;
}

enum spv_end spv_walk(struct spv_builder *b, uint32_t label)
{
    return spv_walk_in(b, label, false);
}
