/* SPDX-License-Identifier: MIT */
#ifndef WEFT_STREAM_H
#define WEFT_STREAM_H

#include "packet.h"
#include "ref.h"
#include "weft/driver.h"

struct weft_arena_block;
struct weft_hold;

struct weft_stream {
    struct weft_ref ref;
    struct weft_device *device;
    int error; /* sticky; 0 or -errno */
    bool frozen;

    /* The arena */
    struct weft_arena_block *blocks; /* the one being filled first */
    size_t used_B, block_B;          /* of that */

    const struct weft_packet *first;
    struct weft_packet *last;

    /* Held references: an open hash table, at most three quarters full. */
    struct weft_hold *holds;
    size_t hold_count, hold_capacity;

    /* What the programs of this stream and its callees need at most. */
    uint32_t shared_B, scratch_B;
    bool has_tables; /* what the programs of a table need is known only when a job is armed */
    /* How deep calls nest below this stream; bounded, since the walk recurses. */
    uint32_t depth;
};

/* A packet of size_B bytes at the end of the stream, zeroed but for its head; NULL with the sticky
 * error set. */
void *weft_stream_packet(struct weft_stream *stream, enum weft_packet_kind kind, size_t size_B);
/* Makes the stream hold a reference. -ENOMEM (sticky) */
int weft_stream_hold_table(struct weft_stream *stream, struct weft_program_table *table);
/* What the programs of a frozen stream and its callees need at most, added to what the pointers show. */
void weft_stream_need(const struct weft_stream *stream, uint32_t *shared_B, uint32_t *scratch_B);
/* Sets the sticky error and returns it. */
int weft_stream_fail(struct weft_stream *stream, int error);

#endif
