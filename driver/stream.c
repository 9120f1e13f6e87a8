/* SPDX-License-Identifier: MIT
 *
 * The stream: an arena, a list of packets in it, and a set of held references. emit.c fills in the
 * packets.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "program_table.h"
#include "program.h"

#define BLOCK_MIN_B 4096u
#define BLOCK_MAX_B (1u << 20)
#define ARENA_ALIGN_B 64u

/* ---- Arena ---- */

struct weft_arena_block {
    struct weft_arena_block *next;
    _Alignas(ARENA_ALIGN_B) unsigned char memory[];
};

static void *arena_alloc(struct weft_stream *stream, size_t size_B, size_t alignment)
{
    size_t offset_B = (stream->used_B + alignment - 1) / alignment * alignment;

    if (stream->blocks == NULL || size_B > stream->block_B ||
        offset_B > stream->block_B - size_B) {
        size_t block_B = stream->blocks == NULL ? BLOCK_MIN_B : stream->block_B * 2;
        struct weft_arena_block *block;

        if (block_B > BLOCK_MAX_B)
            block_B = BLOCK_MAX_B;
        if (size_B > SIZE_MAX / 2)
            return NULL;
        if (block_B < size_B)
            block_B = (size_B + ARENA_ALIGN_B - 1) / ARENA_ALIGN_B * ARENA_ALIGN_B;
        block = aligned_alloc(ARENA_ALIGN_B, sizeof(*block) + block_B);
        if (block == NULL)
            return NULL;
        block->next = stream->blocks;
        stream->blocks = block;
        stream->block_B = block_B;
        offset_B = 0;
    }
    stream->used_B = offset_B + size_B;
    return stream->blocks->memory + offset_B;
}

int weft_stream_fail(struct weft_stream *stream, int error)
{
    if (stream->error == 0)
        stream->error = error;
    return stream->error;
}

/* False, with the sticky error set, when nothing may be added any more. */
static bool is_open(struct weft_stream *stream)
{
    if (stream->frozen)
        return false;
    return stream->error == 0;
}

void *weft_stream_alloc(struct weft_stream *stream, size_t size_B)
{
    void *memory;

    if (!is_open(stream))
        return NULL;
    memory = arena_alloc(stream, size_B != 0 ? size_B : 1, ARENA_ALIGN_B);
    if (memory == NULL)
        weft_stream_fail(stream, -ENOMEM);
    return memory;
}

void *weft_stream_packet(struct weft_stream *stream, enum weft_packet_kind kind, size_t size_B)
{
    struct weft_packet *packet;

    if (!is_open(stream))
        return NULL;
    packet = arena_alloc(stream, size_B, 16);
    if (packet == NULL) {
        weft_stream_fail(stream, -ENOMEM);
        return NULL;
    }
    memset(packet, 0, size_B);
    packet->kind = kind;
    if (stream->last != NULL)
        stream->last->next = packet;
    else
        stream->first = packet;
    stream->last = packet;
    return packet;
}

/* ---- Held references ---- */

enum hold_kind { HOLD_BO, HOLD_PROGRAM, HOLD_EVENT, HOLD_STREAM, HOLD_TABLE };

struct weft_hold {
    void *object; /* NULL: the place is free */
    enum hold_kind kind;
};

static void hold_get(const struct weft_hold *hold)
{
    switch (hold->kind) {
    case HOLD_BO:
        weft_bo_get(hold->object);
        break;
    case HOLD_PROGRAM:
        weft_program_get(hold->object);
        break;
    case HOLD_EVENT:
        weft_event_get(hold->object);
        break;
    case HOLD_STREAM:
        weft_stream_get(hold->object);
        break;
    case HOLD_TABLE:
        weft_program_table_get(hold->object);
        break;
    }
}

static void hold_put(const struct weft_hold *hold)
{
    switch (hold->kind) {
    case HOLD_BO:
        weft_bo_put(&(struct weft_bo *){hold->object});
        break;
    case HOLD_PROGRAM:
        weft_program_put(&(struct weft_program *){hold->object});
        break;
    case HOLD_EVENT:
        weft_event_put(&(struct weft_event *){hold->object});
        break;
    case HOLD_STREAM:
        weft_stream_put(&(struct weft_stream *){hold->object});
        break;
    case HOLD_TABLE:
        weft_program_table_put(&(struct weft_program_table *){hold->object});
        break;
    }
}

/* The place where an object is, or where it belongs. There is always a free place. */
static struct weft_hold *hold_find(struct weft_hold *holds, size_t capacity, const void *object)
{
    size_t index = (size_t)(((uintptr_t)object >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

    for (;; index++) {
        struct weft_hold *hold = &holds[index & (capacity - 1)];

        if (hold->object == NULL || hold->object == object)
            return hold;
    }
}

static int hold_grow(struct weft_stream *stream)
{
    size_t capacity = stream->hold_capacity != 0 ? 2 * stream->hold_capacity : 16;
    struct weft_hold *holds = calloc(capacity, sizeof(*holds));

    if (holds == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < stream->hold_capacity; i++) {
        if (stream->holds[i].object != NULL)
            *hold_find(holds, capacity, stream->holds[i].object) = stream->holds[i];
    }
    free(stream->holds);
    stream->holds = holds;
    stream->hold_capacity = capacity;
    return 0;
}

static int hold(struct weft_stream *stream, void *object, enum hold_kind kind)
{
    struct weft_hold *place;

    if (stream->frozen)
        return -EINVAL;
    if (stream->error != 0 || object == NULL)
        return stream->error;
    if (4 * (stream->hold_count + 1) > 3 * stream->hold_capacity && hold_grow(stream) != 0)
        return weft_stream_fail(stream, -ENOMEM);
    place = hold_find(stream->holds, stream->hold_capacity, object);
    if (place->object != NULL)
        return 0;
    *place = (struct weft_hold){.object = object, .kind = kind};
    hold_get(place);
    stream->hold_count++;
    return 0;
}

int weft_stream_hold_bo(struct weft_stream *stream, struct weft_bo *bo)
{
    return hold(stream, bo, HOLD_BO);
}

int weft_stream_hold_program(struct weft_stream *stream, struct weft_program *program)
{
    return hold(stream, program, HOLD_PROGRAM);
}

int weft_stream_hold_event(struct weft_stream *stream, struct weft_event *event)
{
    return hold(stream, event, HOLD_EVENT);
}

int weft_stream_hold_stream(struct weft_stream *stream, struct weft_stream *callee)
{
    /* A stream that held itself would never be freed; a frozen one holds nothing new. */
    if (callee != NULL && !callee->frozen)
        return weft_stream_fail(stream, -EINVAL);
    return hold(stream, callee, HOLD_STREAM);
}

int weft_stream_hold_table(struct weft_stream *stream, struct weft_program_table *table)
{
    stream->has_tables |= table != NULL;
    return hold(stream, table, HOLD_TABLE);
}

void weft_stream_need(const struct weft_stream *stream, uint32_t *shared_B, uint32_t *scratch_B)
{
    if (*shared_B < stream->shared_B)
        *shared_B = stream->shared_B;
    if (*scratch_B < stream->scratch_B)
        *scratch_B = stream->scratch_B;
    for (size_t i = 0; stream->has_tables && i < stream->hold_capacity; i++) {
        const struct weft_hold *place = &stream->holds[i];

        if (place->object == NULL)
            continue;
        if (place->kind == HOLD_TABLE)
            weft_program_table_need(place->object, shared_B, scratch_B);
        if (place->kind == HOLD_STREAM)
            weft_stream_need(place->object, shared_B, scratch_B);
    }
}

/* ---- Life ---- */

int weft_stream_create(struct weft_device *device, struct weft_stream **stream_out)
{
    struct weft_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return -ENOMEM;
    weft_ref_init(&stream->ref);
    stream->device = weft_device_get(device);
    *stream_out = stream;
    return 0;
}

struct weft_stream *weft_stream_get(struct weft_stream *stream)
{
    if (stream != NULL)
        weft_ref_get(&stream->ref);
    return stream;
}

void weft_stream_put(struct weft_stream **stream_ref)
{
    struct weft_stream *stream = *stream_ref;

    *stream_ref = NULL;
    if (stream == NULL || !weft_ref_put(&stream->ref))
        return;
    for (size_t i = 0; i < stream->hold_capacity; i++) {
        if (stream->holds[i].object != NULL)
            hold_put(&stream->holds[i]);
    }
    free(stream->holds);
    while (stream->blocks != NULL) {
        struct weft_arena_block *block = stream->blocks;

        stream->blocks = block->next;
        free(block);
    }
    weft_device_put(&stream->device);
    free(stream);
}

int weft_stream_freeze(struct weft_stream *stream)
{
    stream->frozen = true;
    return stream->error;
}
