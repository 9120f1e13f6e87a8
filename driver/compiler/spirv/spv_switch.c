/* SPDX-License-Identifier: MIT
 *
 * OpSwitch: a tree of IFs over its targets.
 *
 * Where no case falls through into another, each IF halves the list of targets (few targets: takes
 * one off). Where cases fall through, the targets follow one another in an order that has every
 * fall-through going forward, each under IF(selected or fallen into).
 */
#include "spv_builder.h"

#define CHAIN_TARGETS 8 /* up to so many targets are tested one by one */

struct target {
    uint32_t label;
    struct ir_inst *cond;      /* the selector is one of its literals; NULL for the default alone */
    uint32_t falls_to;         /* index + 1 of the target that it falls through to */
    bool fallen_into, placed, is_default;
};

struct cases {
    struct target *list;
    uint32_t count;
    bool fall_through;
    const struct spv_block *block;
    uint32_t *order;
};

static struct target *find_target(struct cases *cases, uint32_t label)
{
    for (uint32_t i = 0; i < cases->count; i++)
        if (cases->list[i].label == label)
            return &cases->list[i];
    return NULL;
}

static void read_targets(struct spv_builder *b, struct cases *cases, struct ir_inst *selector)
{
    const uint32_t *w = &b->mod->words[cases->block->terminator];
    uint32_t wc = w[0] >> 16;
    enum ir_type type = (enum ir_type)selector->type;
    uint32_t literal_words = type == IR_I64 ? 2 : 1;
    if ((wc - 3) % (literal_words + 1))
        spv_bad(b, "OpSwitch of %u words", wc);
    cases->list = arena_array(b->arena, struct target, (wc - 3) / (literal_words + 1) + 1);
    struct ir_inst *none = NULL; /* a default that is also a case needs "and no other" */
    for (uint32_t i = 3; i < wc; i += literal_words + 1) {
        uint64_t literal = w[i] | (literal_words == 2 ? (uint64_t)w[i + 1] << 32 : 0);
        uint32_t label = w[i + literal_words];
        spv_block_at(b, label);
        struct ir_inst *hit =
            spv_emit2(b, IR_EQ, IR_BOOL, selector, spv_const(b, type, literal));
        struct target *t = find_target(cases, label);
        if (!t) {
            t = &cases->list[cases->count++];
            *t = (struct target){.label = label, .cond = hit};
        } else {
            t->cond = spv_emit2(b, IR_OR, IR_BOOL, t->cond, hit);
        }
    }
    spv_block_at(b, w[2]);
    struct target *t = find_target(cases, w[2]);
    for (uint32_t i = 0; i < cases->count; i++)
        if (&cases->list[i] != t)
            none = none ? spv_emit2(b, IR_OR, IR_BOOL, none, cases->list[i].cond)
                        : cases->list[i].cond;
    if (!t)
        t = &cases->list[cases->count++];
    *t = (struct target){.label = w[2], .is_default = true};
    t->cond = none ? spv_not(b, none) : spv_bool(b, true);
}

/* ---- Fall-through ---- */

/* Which other target the blocks of target i branch to. */
static void find_fall_through(struct spv_builder *b, struct cases *cases, uint32_t i,
                              uint32_t merge_id)
{
    const struct spv_module *mod = b->mod;
    uint32_t count = 0, capacity = 16, stamp = ++b->stamp;
    struct spv_block **stack = arena_array(b->arena, struct spv_block *, capacity);
    stack[count++] = spv_block_at(b, cases->list[i].label);
    stack[0]->stamp = stamp;
    while (count) {
        const uint32_t *w = &mod->words[stack[--count]->terminator];
        uint32_t op = w[0] & 0xffff, wc = w[0] >> 16;
        if (op != SpvOpBranch && op != SpvOpBranchConditional && op != SpvOpSwitch)
            continue;
        for (uint32_t k = 1; k < wc; k++) {
            if (w[k] >= mod->bound || mod->ids[w[k]].kind != SPV_BLOCK)
                continue;
            struct spv_block *next = mod->ids[w[k]].block;
            bool stop = next->function != cases->block->function || next->stamp == stamp ||
                        w[k] == merge_id;
            for (struct spv_construct *c = b->construct;
                 c->kind != SPV_FUNCTION_BODY && !stop; c = c->up)
                stop = c->label == w[k] || (c->kind == SPV_LOOP && c->header == w[k]);
            if (stop)
                continue;
            struct target *t = find_target(cases, w[k]);
            if (t) {
                cases->list[i].falls_to = (uint32_t)(t - cases->list) + 1;
                t->fallen_into = true;
                cases->fall_through = true;
                continue;
            }
            next->stamp = stamp;
            if (count == capacity) {
                stack = arena_grow(b->arena, stack, count, 2 * capacity, sizeof(stack[0]));
                capacity *= 2;
            }
            stack[count++] = next;
        }
    }
}

/* Chains of fall-through, each from its first target on. */
static void order_targets(struct spv_builder *b, struct cases *cases)
{
    uint32_t n = 0;
    cases->order = arena_array(b->arena, uint32_t, cases->count);
    for (uint32_t i = 0; i < cases->count; i++) {
        if (cases->list[i].fallen_into)
            continue;
        for (uint32_t k = i; !cases->list[k].placed;) {
            cases->list[k].placed = true;
            cases->order[n++] = k;
            if (!cases->list[k].falls_to)
                break;
            k = cases->list[k].falls_to - 1;
        }
    }
    if (n != cases->count)
        spv_bad(b, "the cases of OpSwitch fall through in a circle");
}

static bool wants_construct(struct spv_builder *b, const struct target *t, uint32_t merge_id)
{
    return t->fallen_into && t->label != merge_id;
}

/* Takes the switch's edge to a target and walks it. Its phis keep what the fall-through assigned
 * where that is how it was reached. */
static enum spv_end walk_target(struct spv_builder *b, struct cases *cases, const struct target *t,
                                struct ir_inst *fallen)
{
    const struct spv_block *block = spv_block_at(b, t->label);
    uint32_t n = block->phi_leaves, slot = b->frame->phi_slot + block->phi_slot;
    struct ir_inst **old = arena_array(b->arena, struct ir_inst *, n);
    for (uint32_t i = 0; i < n; i++)
        old[i] = spv_slot_get(b, slot + i);
    if (spv_edge(b, cases->block, t->label))
        return SPV_LEFT;
    for (uint32_t i = 0; i < n && fallen; i++)
        spv_slot_set(b, slot + i, spv_select(b, fallen, old[i], spv_slot_get(b, slot + i)));
    return spv_walk(b, t->label);
}

/* Targets in order. Constructs for all later targets are open while one is walked, the next one
 * innermost. */
static enum spv_end walk_in_order(struct spv_builder *b, struct cases *cases, uint32_t merge_id)
{
    struct spv_construct *fall =
        arena_array(b->arena, struct spv_construct, cases->count);
    uint32_t slot_count = b->slot_count;
    order_targets(b, cases);
    for (uint32_t i = cases->count; i-- > 1;) {
        const struct target *t = &cases->list[cases->order[i]];
        if (!wants_construct(b, t, merge_id))
            continue;
        spv_construct_push(b, &fall[i], SPV_CASE, t->label);
        fall[i].flag = spv_slot_bool(b, false);
    }
    for (uint32_t i = 0; i < cases->count; i++) {
        const struct target *t = &cases->list[cases->order[i]];
        struct ir_inst *cond = t->cond, *fallen = NULL;
        struct spv_if f;
        if (i > 0 && wants_construct(b, t, merge_id)) {
            fallen = spv_slot_get(b, fall[i].flag);
            cond = spv_emit2(b, IR_OR, IR_BOOL, spv_usable(b, cond), fallen);
            b->construct = fall[i].up;
            b->depth--;
        }
        if (spv_is_const(cond) && !cond->imm)
            continue;
        spv_if_begin(b, &f, spv_usable(b, cond));
        spv_if_arm_begin(b, &f, 0);
        spv_if_arm_end(b, &f, 0, walk_target(b, cases, t, fallen));
        spv_if_arm_begin(b, &f, 1);
        spv_if_arm_end(b, &f, 1, SPV_LEFT);
        spv_if_end(b, &f);
    }
    b->slot_count = slot_count;
    return SPV_LEFT;
}

/* ---- No fall-through ---- */

static enum spv_end walk_tree(struct spv_builder *b, struct cases *cases, uint32_t first,
                              uint32_t end)
{
    if (end - first == 1)
        return spv_walk_edge(b, cases->block, cases->list[cases->order[first]].label);
    uint32_t mid = end - first <= CHAIN_TARGETS ? first + 1 : first + (end - first) / 2;
    struct ir_inst *cond = NULL;
    for (uint32_t i = first; i < mid; i++) {
        struct ir_inst *hit = spv_usable(b, cases->list[cases->order[i]].cond);
        cond = cond ? spv_emit2(b, IR_OR, IR_BOOL, cond, hit) : hit;
    }
    struct spv_if f;
    spv_depth_enter(b);
    spv_if_begin(b, &f, cond);
    spv_if_arm_begin(b, &f, 0);
    spv_if_arm_end(b, &f, 0, walk_tree(b, cases, first, mid));
    spv_if_arm_begin(b, &f, 1);
    spv_if_arm_end(b, &f, 1, walk_tree(b, cases, mid, end));
    b->depth--;
    return spv_if_end(b, &f);
}

static enum spv_end walk_targets(struct spv_builder *b, struct cases *cases,
                                 struct ir_inst *selector, uint32_t merge_id)
{
    if (spv_is_const(selector)) {
        for (uint32_t i = 0; i < cases->count; i++)
            if (spv_is_const(cases->list[i].cond) && cases->list[i].cond->imm)
                return spv_walk_edge(b, cases->block, cases->list[i].label);
    }
    bool shared = false; /* some target has another predecessor than the switch */
    for (uint32_t i = 0; i < cases->count; i++)
        if (cases->list[i].label != merge_id &&
            spv_block_at(b, cases->list[i].label)->pred_count > 1)
            shared = true;
    for (uint32_t i = 0; i < cases->count && shared; i++)
        if (cases->list[i].label != merge_id)
            find_fall_through(b, cases, i, merge_id);
    if (cases->fall_through)
        return walk_in_order(b, cases, merge_id);
    cases->order = arena_array(b->arena, uint32_t, cases->count);
    uint32_t n = 0; /* the default last: its condition is that of no other */
    for (uint32_t i = 0; i < cases->count; i++)
        if (!cases->list[i].is_default)
            cases->order[n++] = i;
    for (uint32_t i = 0; i < cases->count; i++)
        if (cases->list[i].is_default)
            cases->order[n++] = i;
    return walk_tree(b, cases, 0, cases->count);
}

uint32_t spv_switch(struct spv_builder *b, struct spv_block *block, enum spv_end *end_out)
{
    const uint32_t *w = &b->mod->words[block->terminator];
    struct ir_inst *selector = spv_int_scalar(b, w[1]);
    uint32_t merge_id = block->is_loop ? 0 : block->merge_id, slot_count = b->slot_count;
    struct cases cases = {.block = block};
    struct spv_construct c;
    read_targets(b, &cases, selector);
    bool merge = spv_needs_merge(b, merge_id);
    if (merge)
        spv_construct_push(b, &c, SPV_SELECTION, merge_id);
    else
        spv_depth_enter(b);
    enum spv_end end = walk_targets(b, &cases, selector, merge_id);
    *end_out = end;
    if (!merge) {
        b->depth--;
        return 0;
    }
    bool on = spv_construct_pop(b, &c, end_out);
    if (end == SPV_NEVER) {
        on = false;
        *end_out = SPV_NEVER;
    }
    b->slot_count = slot_count;
    return on ? merge_id : 0;
}
