/* SPDX-License-Identifier: MIT
 *
 * Slots: the scalars of variables and phis and the builder's own flags, while they are values.
 *
 * One array holds every slot's present value. Every change is logged, so that an arm's changes can
 * be collected and undone before the other arm is walked: the cost is that of what changed.
 */
#include "spv_builder.h"

uint32_t spv_slots_create(struct spv_builder *b, uint32_t count)
{
    uint32_t first = b->slot_count;
    if (count > (1u << 24) - first)
        spv_unsupported(b, "too many variables");
    if (first + count > b->slot_capacity) {
        uint32_t capacity = b->slot_capacity ? b->slot_capacity : 256;
        while (capacity < first + count)
            capacity *= 2;
        uint32_t old = b->slot_capacity;
        b->slots = arena_grow(b->arena, b->slots, old, capacity, sizeof(b->slots[0]));
        b->slot_types = arena_grow(b->arena, b->slot_types, old, capacity, 1);
        b->slot_stamps = arena_grow(b->arena, b->slot_stamps, old, capacity, 4);
        b->slot_index = arena_grow(b->arena, b->slot_index, old, capacity, 4);
        b->slot_capacity = capacity;
    }
    b->slot_count += count;
    return first;
}

void spv_slot_init(struct spv_builder *b, uint32_t slot, enum ir_type type, struct ir_inst *value)
{
    b->slot_types[slot] = (uint8_t)type;
    spv_slot_set(b, slot, value);
}

uint32_t spv_slot_bool(struct spv_builder *b, bool value)
{
    uint32_t slot = spv_slots_create(b, 1);
    spv_slot_init(b, slot, IR_BOOL, spv_bool(b, value));
    return slot;
}

struct ir_inst *spv_slot_get(struct spv_builder *b, uint32_t slot)
{
    struct ir_inst *value = b->slots[slot];
    return value ? spv_usable(b, value) : spv_undef(b, (enum ir_type)b->slot_types[slot]);
}

void spv_slot_set(struct spv_builder *b, uint32_t slot, struct ir_inst *value)
{
    if (b->slots[slot] == value)
        return;
    if (b->trail_count == b->trail_capacity) {
        uint32_t capacity = b->trail_capacity ? 2 * b->trail_capacity : 1024;
        b->trail =
            arena_grow(b->arena, b->trail, b->trail_count, capacity, sizeof(b->trail[0]));
        b->trail_capacity = capacity;
    }
    b->trail[b->trail_count++] = (struct spv_change){slot, b->slots[slot]};
    b->slots[slot] = value;
}

uint32_t spv_slots_mark(struct spv_builder *b)
{
    return b->trail_count;
}

void spv_slots_undo(struct spv_builder *b, uint32_t mark)
{
    while (b->trail_count > mark) {
        b->trail_count--;
        b->slots[b->trail[b->trail_count].slot] = b->trail[b->trail_count].value;
    }
}

struct spv_changes spv_slots_collect(struct spv_builder *b, uint32_t mark, uint32_t slot_count)
{
    struct spv_changes changes = {NULL, 0};
    uint32_t stamp = ++b->stamp;
    uint32_t most = b->trail_count - mark;
    if (most)
        changes.list = arena_array(b->arena, struct spv_change, most);
    for (uint32_t i = b->trail_count; i-- > mark;) {
        uint32_t slot = b->trail[i].slot;
        if (slot >= slot_count || b->slot_stamps[slot] == stamp)
            continue;
        b->slot_stamps[slot] = stamp;
        changes.list[changes.count++] = (struct spv_change){slot, b->slots[slot]};
    }
    spv_slots_undo(b, mark);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < changes.count; i++) /* what came back to its old value */
        if (b->slots[changes.list[i].slot] != changes.list[i].value)
            changes.list[kept++] = changes.list[i];
    changes.count = kept;
    return changes;
}

void spv_slots_apply(struct spv_builder *b, const struct spv_changes *changes)
{
    for (uint32_t i = 0; i < changes->count; i++)
        spv_slot_set(b, changes->list[i].slot, changes->list[i].value);
}
