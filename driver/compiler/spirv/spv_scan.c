/* SPDX-License-Identifier: MIT
 *
 * What is to be known of a function before it is walked.
 */
#include "spv_builder.h"

struct scan {
    struct spv_builder *b;
    struct spv_module *mod;
    struct spv_function *pending;
};

/* Calls visit for every distinct successor of a block. */
static void successors(struct spv_builder *b, const struct spv_block *block, uint32_t *list,
                       uint32_t *count_out)
{
    const struct spv_module *mod = b->mod;
    const uint32_t *w = &mod->words[block->terminator];
    uint32_t wc = w[0] >> 16, op = w[0] & 0xffff, count = 0;
    uint32_t first = op == SpvOpBranch ? 1 : op == SpvOpBranchConditional ? 2 : 2;
    uint32_t end = op == SpvOpBranch ? 2 : op == SpvOpBranchConditional ? 4 : wc;
    if (op == SpvOpBranch || op == SpvOpBranchConditional || op == SpvOpSwitch) {
        for (uint32_t i = first; i < end; i++) {
            /* OpSwitch's literals that look like labels are only taken for more edges. */
            bool is_block = w[i] < mod->bound && mod->ids[w[i]].kind == SPV_BLOCK &&
                            mod->ids[w[i]].block->function == block->function;
            if (!is_block && op == SpvOpSwitch)
                continue;
            if (!is_block)
                spv_bad(b, "%%%u is not a block of this function", w[i]);
            list[count++] = w[i];
        }
    }
    *count_out = count;
}

struct visit {
    struct spv_block *block;
    uint32_t *next;
    uint32_t count, at;
};

/* Marks reachable blocks; counts their edges; finds back edges: depth first, without recursion. */
static void find_edges(struct spv_builder *b, struct spv_function *f)
{
    uint32_t capacity = 64, depth = 1, edge_stamp = 0;
    struct visit *stack = arena_array(b->arena, struct visit, capacity);
    uint32_t *last_edge = arena_array(b->arena, uint32_t, b->mod->bound);
    f->first_block->reachable = f->first_block->on_path = true;
    stack[0] = (struct visit){.block = f->first_block};
    for (uint32_t fresh = 1; depth;) {
        struct visit *v = &stack[depth - 1];
        if (fresh) {
            b->word = v->block->terminator;
            v->next = arena_array(b->arena, uint32_t, b->mod->words[b->word] >> 16);
            successors(b, v->block, v->next, &v->count);
            uint32_t kept = 0;
            edge_stamp++;
            for (uint32_t i = 0; i < v->count; i++) {
                if (last_edge[v->next[i]] == edge_stamp)
                    continue;
                last_edge[v->next[i]] = edge_stamp;
                b->mod->ids[v->next[i]].block->pred_count++;
                v->next[kept++] = v->next[i];
            }
            v->count = kept;
        }
        if (v->at == v->count) {
            v->block->on_path = false;
            depth--;
            fresh = 0;
            continue;
        }
        struct spv_block *next = b->mod->ids[v->next[v->at++]].block;
        fresh = 0;
        if (next->on_path)
            next->back_edge = true;
        if (next->reachable)
            continue;
        next->reachable = next->on_path = true;
        if (depth == capacity) {
            stack = arena_grow(b->arena, stack, depth, 2 * capacity, sizeof(stack[0]));
            capacity *= 2;
        }
        stack[depth++] = (struct visit){.block = next};
        fresh = 1;
    }
}

/* Phis at a block's start; block->body is what follows the last. */
static void find_phis(struct spv_builder *b, struct spv_function *f, struct spv_block *block)
{
    const uint32_t *words = b->mod->words;
    uint32_t at = block->start;
    uint64_t leaves = 0;
    block->body = at;
    block->phi_slot = f->phi_leaves;
    for (; at < block->terminator; at += words[at] >> 16) {
        uint32_t op = words[at] & 0xffff;
        if (op == SpvOpLine || op == SpvOpNoLine || op == SpvOpExtInst)
            continue;
        if (op != SpvOpPhi)
            break;
        b->word = at;
        const struct spv_type *type = spv_type_at(b, words[at + 1]);
        if (type->kind == SPV_TYPE_POINTER && !type->leaf_count)
            spv_unsupported(b, "a phi of pointers of storage class %u", type->storage);
        leaves += type->leaf_count;
        if (leaves > SPV_MAX_LEAVES)
            spv_unsupported(b, "phis of too many scalars");
        block->body = at + (words[at] >> 16);
    }
    block->phi_leaves = (uint32_t)leaves;
    if (leaves > SPV_MAX_LEAVES * 16u - f->phi_leaves)
        spv_unsupported(b, "phis of too many scalars");
    f->phi_leaves += block->phi_leaves;
}

/* ---- What is written to variables ---- */

static bool is_local_storage(uint32_t storage)
{
    return storage == SpvStorageClassFunction || storage == SpvStorageClassPrivate;
}

static uint32_t root_of(struct scan *s, uint32_t id)
{
    if (id >= s->mod->bound)
        return 0;
    struct spv_id *slot = &s->mod->ids[id];
    if (!slot->root && slot->kind == SPV_VARIABLE && is_local_storage(slot->variable->storage))
        slot->root = id;
    return slot->root;
}

static void written(struct scan *s, uint32_t id)
{
    uint32_t root = root_of(s, id);
    if (root && s->mod->ids[root].kind == SPV_VARIABLE)
        s->mod->ids[root].variable->other_writes = true;
}

static void indexed(struct scan *s, uint32_t id)
{
    uint32_t root = root_of(s, id);
    if (root && s->mod->ids[root].kind == SPV_VARIABLE)
        s->mod->ids[root].variable->indexed = true;
}

/* Goes through the function later, if it is one. */
static void called(struct scan *s, uint32_t id)
{
    struct spv_id *slot = id < s->mod->bound ? &s->mod->ids[id] : NULL;
    if (!slot || slot->kind != SPV_FUNCTION || slot->function->scanned)
        return;
    slot->function->scanned = true;
    slot->function->next_scan = s->pending;
    s->pending = slot->function;
}

static void scan_instruction(struct scan *s, struct spv_function *f, const uint32_t *w, uint32_t wc)
{
    struct spv_id *ids = s->mod->ids;
    switch (w[0] & 0xffff) {
    case SpvOpVariable:
        ids[w[2]].root = w[2];
        f->variables = arena_grow(s->b->arena, f->variables, f->variable_count,
                                  f->variable_count + 1, sizeof(f->variables[0]));
        f->variables[f->variable_count++] = ids[w[2]].variable;
        break;
    case SpvOpAccessChain:
    case SpvOpInBoundsAccessChain:
        for (uint32_t i = 4; i < wc; i++)
            if (w[i] < s->mod->bound && ids[w[i]].kind != SPV_CONSTANT)
                indexed(s, w[3]);
        /* fallthrough */
    case SpvOpCopyObject:
        ids[w[2]].root = root_of(s, w[3]);
        break;
    case SpvOpLoad:
        break;
    case SpvOpStore:
        written(s, w[2]);
        if (w[1] < s->mod->bound && ids[w[1]].kind == SPV_VARIABLE) {
            root_of(s, w[1]); /* gives module-scope variables theirs, which loops look for */
            ids[w[1]].variable->store_count++;
            ids[w[1]].variable->stored_id = w[2];
        } else {
            written(s, w[1]);
        }
        break;
    case SpvOpCooperativeMatrixPerElementOpNV:
    case SpvOpCooperativeMatrixReduceNV:
    case SpvOpCooperativeMatrixLoadTensorNV:
        for (uint32_t i = 3; i < wc; i++)
            called(s, w[i]);
        for (uint32_t i = 3; i < wc; i++)
            written(s, w[i]);
        break;
    case SpvOpFunctionCall:
        called(s, w[3]);
        for (uint32_t i = 4; i < wc; i++)
            written(s, w[i]);
        break;
    default: /* literals that look like ids do no harm */
        for (uint32_t i = 1; i < wc; i++)
            written(s, w[i]);
    }
}

static void scan_function(struct scan *s, struct spv_function *f)
{
    struct spv_builder *b = s->b;
    b->word = f->word;
    if (!f->first_block)
        spv_bad(b, "function %%%u \"%.60s\" has no body", f->id, spv_name(b, f->id));
    for (uint32_t i = 0; i < f->param_count; i++) {
        const struct spv_type *type = f->type->members[i].type;
        if (type->kind == SPV_TYPE_POINTER && is_local_storage(type->storage))
            s->mod->ids[f->params[i]].root = f->params[i];
    }
    find_edges(b, f);
    for (struct spv_block *block = f->first_block; block; block = block->next) {
        find_phis(b, f, block);
        for (uint32_t at = block->body; at < block->terminator; at += s->mod->words[at] >> 16) {
            b->word = at;
            scan_instruction(s, f, &s->mod->words[at], s->mod->words[at] >> 16);
        }
    }
}

/* A variable that only ever holds one constant. */
static void find_table(struct spv_module *mod, struct spv_variable *v)
{
    uint32_t id = v->store_count ? v->stored_id : v->init_id;
    if (!is_local_storage(v->storage) || v->other_writes || v->store_count > 1 ||
        (v->store_count && v->init_id) || id == 0 || id >= mod->bound)
        return;
    const struct spv_id *slot = &mod->ids[id];
    if (slot->kind != SPV_CONSTANT || slot->value->type != v->type || v->type->has_pointer)
        return;
    v->constant_table = true;
    v->constant_id = id;
}

void spv_scan(struct spv_builder *b, struct spv_function *function)
{
    struct scan s = {.b = b, .mod = b->mod};
    if (function->scanned)
        return;
    uint32_t word = b->word;
    struct spv_function *done = NULL;
    function->scanned = true;
    s.pending = function;
    while (s.pending) {
        struct spv_function *f = s.pending;
        s.pending = f->next_scan;
        scan_function(&s, f);
        f->next_scan = done;
        done = f;
    }
    for (struct spv_function *f = done; f; f = f->next_scan)
        for (uint32_t i = 0; i < f->variable_count; i++)
            find_table(b->mod, f->variables[i]);
    for (uint32_t i = 0; i < b->mod->variable_count; i++)
        find_table(b->mod, b->mod->ids[b->mod->variables[i]].variable);
    b->word = word;
}
