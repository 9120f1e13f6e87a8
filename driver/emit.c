/* SPDX-License-Identifier: MIT
 *
 * One function per packet: takes a packet of its kind and fills it in. A stream that called deeper
 * than CALL_DEPTH would let the walk exhaust its stack.
 */
#include <errno.h>
#include <string.h>

#include "program.h"
#include "stream.h"

#define CALL_DEPTH 64u

static int refused(const struct weft_stream *stream)
{
    return stream->error != 0 ? stream->error : -EINVAL;
}

static void need(struct weft_stream *stream, uint32_t shared_B, uint32_t scratch_B)
{
    if (stream->shared_B < shared_B)
        stream->shared_B = shared_B;
    if (stream->scratch_B < scratch_B)
        stream->scratch_B = scratch_B;
}

static int emit_dispatch(struct weft_stream *stream, enum weft_packet_kind kind,
                         struct weft_program *program, const struct weft_kernel_args *args,
                         uint64_t address)
{
    struct weft_packet_dispatch *packet;
    int rc = weft_stream_hold_program(stream, program);

    if (rc != 0)
        return rc;
    packet = weft_stream_packet(stream, kind, sizeof(*packet));
    if (packet == NULL)
        return refused(stream);
    packet->program = program;
    packet->args = *args;
    packet->address = address;
    need(stream, program->image->shared_B, program->image->scratch_B);
    return 0;
}

int weft_emit_dispatch(struct weft_stream *stream, struct weft_program *program,
                       const struct weft_kernel_args *args)
{
    return emit_dispatch(stream, WEFT_PACKET_DISPATCH, program, args, 0);
}

int weft_emit_dispatch_indirect(struct weft_stream *stream, struct weft_program *program,
                                const struct weft_kernel_args *args, uint64_t address)
{
    return emit_dispatch(stream, WEFT_PACKET_DISPATCH_INDIRECT, program, args, address);
}

int weft_emit_generated(struct weft_stream *stream, const struct weft_generated *generated)
{
    struct weft_packet_generated *packet;
    int rc = weft_stream_hold_program(stream, generated->program);

    if (rc == 0)
        rc = weft_stream_hold_table(stream, generated->table);
    if (rc != 0)
        return rc;
    packet = weft_stream_packet(stream, WEFT_PACKET_GENERATED, sizeof(*packet));
    if (packet == NULL)
        return refused(stream);
    packet->generated = *generated;
    if (generated->program != NULL)
        need(stream, generated->program->image->shared_B, generated->program->image->scratch_B);
    return 0;
}

int weft_emit_condition_begin(struct weft_stream *stream, uint64_t address, bool inverted)
{
    struct weft_packet_condition *packet =
        weft_stream_packet(stream, WEFT_PACKET_CONDITION_BEGIN, sizeof(*packet));

    if (packet == NULL)
        return refused(stream);
    packet->address = address;
    packet->inverted = inverted;
    return 0;
}

int weft_emit_condition_end(struct weft_stream *stream)
{
    return weft_stream_packet(stream, WEFT_PACKET_CONDITION_END, sizeof(struct weft_packet)) != NULL
               ? 0
               : refused(stream);
}

int weft_emit_barrier(struct weft_stream *stream)
{
    /* Two in a row are one. */
    if (stream->last != NULL && stream->last->kind == WEFT_PACKET_BARRIER && !stream->frozen)
        return stream->error;
    return weft_stream_packet(stream, WEFT_PACKET_BARRIER, sizeof(struct weft_packet)) != NULL
               ? 0
               : refused(stream);
}

int weft_emit_copy(struct weft_stream *stream, const struct weft_copy_region *regions,
                   uint32_t region_count)
{
    size_t regions_B = (size_t)region_count * sizeof(regions[0]);
    struct weft_packet_copy *packet;

    packet = weft_stream_packet(stream, WEFT_PACKET_COPY, sizeof(*packet) + regions_B);
    if (packet == NULL)
        return refused(stream);
    packet->region_count = region_count;
    if (regions_B != 0)
        memcpy(packet->regions, regions, regions_B);
    return 0;
}

int weft_emit_copy_indirect(struct weft_stream *stream, uint64_t address, uint64_t stride_B,
                            uint32_t count)
{
    struct weft_packet_copy_indirect *packet =
        weft_stream_packet(stream, WEFT_PACKET_COPY_INDIRECT, sizeof(*packet));

    if (packet == NULL)
        return refused(stream);
    packet->address = address;
    packet->stride_B = stride_B;
    packet->count = count;
    return 0;
}

int weft_emit_fill(struct weft_stream *stream, uint64_t dst, uint64_t size_B, uint32_t value)
{
    struct weft_packet_fill *packet;

    packet = weft_stream_packet(stream, WEFT_PACKET_FILL, sizeof(*packet));
    if (packet == NULL)
        return refused(stream);
    packet->dst = dst;
    packet->size_B = size_B;
    packet->value = value;
    return 0;
}

int weft_emit_update(struct weft_stream *stream, uint64_t dst, uint64_t size_B, const void *data)
{
    struct weft_packet_update *packet;

    if (size_B > SIZE_MAX / 4)
        return weft_stream_fail(stream, -ENOMEM);
    packet = weft_stream_packet(stream, WEFT_PACKET_UPDATE, sizeof(*packet) + size_B);
    if (packet == NULL)
        return refused(stream);
    packet->dst = dst;
    packet->size_B = size_B;
    if (size_B != 0)
        memcpy(packet->data, data, size_B);
    return 0;
}

int weft_emit_copy_boxes(struct weft_stream *stream, const struct weft_box_copy *copies,
                         uint32_t count)
{
    size_t copies_B = (size_t)count * sizeof(copies[0]);
    struct weft_packet_copy_boxes *packet;

    packet = weft_stream_packet(stream, WEFT_PACKET_COPY_BOXES, sizeof(*packet) + copies_B);
    if (packet == NULL)
        return refused(stream);
    packet->count = count;
    if (copies_B != 0)
        memcpy(packet->copies, copies, copies_B);
    return 0;
}

int weft_emit_copy_boxes_indirect(struct weft_stream *stream, uint64_t address, uint64_t stride_B,
                                  const struct weft_box_target *targets, uint32_t count)
{
    size_t targets_B = (size_t)count * sizeof(targets[0]);
    struct weft_packet_copy_boxes_indirect *packet;

    packet = weft_stream_packet(stream, WEFT_PACKET_COPY_BOXES_INDIRECT,
                                sizeof(*packet) + targets_B);
    if (packet == NULL)
        return refused(stream);
    packet->address = address;
    packet->stride_B = stride_B;
    packet->count = count;
    if (targets_B != 0)
        memcpy(packet->targets, targets, targets_B);
    return 0;
}

int weft_emit_fill_boxes(struct weft_stream *stream, const struct weft_box_fill *fills,
                         uint32_t count)
{
    size_t fills_B = (size_t)count * sizeof(fills[0]);
    struct weft_packet_fill_boxes *packet;

    packet = weft_stream_packet(stream, WEFT_PACKET_FILL_BOXES, sizeof(*packet) + fills_B);
    if (packet == NULL)
        return refused(stream);
    packet->count = count;
    if (fills_B != 0)
        memcpy(packet->fills, fills, fills_B);
    return 0;
}

static int emit_event(struct weft_stream *stream, enum weft_packet_kind kind,
                      struct weft_event *event, bool value)
{
    struct weft_packet_event *packet;
    int rc = weft_stream_hold_event(stream, event);

    if (rc != 0)
        return rc;
    packet = weft_stream_packet(stream, kind, sizeof(*packet));
    if (packet == NULL)
        return refused(stream);
    packet->event = event;
    packet->value = value;
    return 0;
}

int weft_emit_event_set(struct weft_stream *stream, struct weft_event *event, bool value)
{
    return emit_event(stream, WEFT_PACKET_EVENT_SET, event, value);
}

int weft_emit_event_wait(struct weft_stream *stream, struct weft_event *event)
{
    return emit_event(stream, WEFT_PACKET_EVENT_WAIT, event, true);
}

int weft_emit_call(struct weft_stream *stream, struct weft_stream *callee)
{
    struct weft_packet_call *packet;
    int rc;

    if (!callee->frozen || callee->error != 0 || callee->depth + 1 > CALL_DEPTH)
        return weft_stream_fail(stream, callee->error != 0 ? callee->error : -EINVAL);
    rc = weft_stream_hold_stream(stream, callee);
    if (rc != 0)
        return rc;
    packet = weft_stream_packet(stream, WEFT_PACKET_CALL, sizeof(*packet));
    if (packet == NULL)
        return refused(stream);
    packet->callee = callee;
    stream->has_tables |= callee->has_tables;
    need(stream, callee->shared_B, callee->scratch_B);
    if (stream->depth < callee->depth + 1)
        stream->depth = callee->depth + 1;
    return 0;
}

static int emit_query(struct weft_stream *stream, enum weft_packet_kind kind,
                      const struct weft_packet_query *query)
{
    struct weft_packet_query *packet;

    packet = weft_stream_packet(stream, kind, sizeof(*packet));
    if (packet == NULL)
        return refused(stream);
    /* All but the head, which links the packet in. */
    memcpy((char *)packet + sizeof(packet->packet), (const char *)query + sizeof(query->packet),
           sizeof(*packet) - sizeof(packet->packet));
    return 0;
}

int weft_emit_timestamp(struct weft_stream *stream, uint64_t slot)
{
    return emit_query(stream, WEFT_PACKET_TIMESTAMP,
                      &(struct weft_packet_query){.slot = slot, .slot_count = 1});
}

int weft_emit_query_reset(struct weft_stream *stream, uint64_t slot, uint32_t slot_count,
                          uint32_t slot_stride_B)
{
    return emit_query(stream, WEFT_PACKET_QUERY_RESET,
                      &(struct weft_packet_query){.slot = slot,
                                                  .slot_count = slot_count,
                                                  .slot_stride_B = slot_stride_B});
}

int weft_emit_query_begin(struct weft_stream *stream, uint64_t slot)
{
    return emit_query(stream, WEFT_PACKET_QUERY_BEGIN,
                      &(struct weft_packet_query){.slot = slot, .slot_count = 1});
}

int weft_emit_query_end(struct weft_stream *stream, uint64_t slot)
{
    return emit_query(stream, WEFT_PACKET_QUERY_END,
                      &(struct weft_packet_query){.slot = slot, .slot_count = 1});
}

int weft_emit_query_copy(struct weft_stream *stream, uint64_t slot, uint32_t slot_count,
                         uint32_t slot_stride_B, uint32_t value_count, uint64_t dst,
                         uint64_t dst_stride_B, uint32_t flags)
{
    return emit_query(stream, WEFT_PACKET_QUERY_COPY,
                      &(struct weft_packet_query){.slot = slot,
                                                  .slot_count = slot_count,
                                                  .slot_stride_B = slot_stride_B,
                                                  .value_count = value_count,
                                                  .dst = dst,
                                                  .dst_stride_B = dst_stride_B,
                                                  .flags = flags});
}
