/* SPDX-License-Identifier: MIT
 *
 * DOC: Packets
 *
 * What a stream consists of. Private to driver/: written by stream.c, walked by exec.c. Packets lie in
 * the stream's arena and are linked in order. Payloads of variable size follow their packet in the
 * same allocation.
 */
#ifndef WEFT_PACKET_H
#define WEFT_PACKET_H

#include "weft/driver.h"

enum weft_packet_kind {
    WEFT_PACKET_DISPATCH,
    WEFT_PACKET_DISPATCH_INDIRECT,
    WEFT_PACKET_GENERATED,
    WEFT_PACKET_CONDITION_BEGIN,
    WEFT_PACKET_CONDITION_END,
    WEFT_PACKET_BARRIER,
    WEFT_PACKET_COPY,
    WEFT_PACKET_COPY_INDIRECT,
    WEFT_PACKET_FILL,
    WEFT_PACKET_UPDATE,
    WEFT_PACKET_COPY_BOXES,
    WEFT_PACKET_COPY_BOXES_INDIRECT,
    WEFT_PACKET_FILL_BOXES,
    WEFT_PACKET_EVENT_SET,
    WEFT_PACKET_EVENT_WAIT,
    WEFT_PACKET_CALL,
    WEFT_PACKET_TIMESTAMP,
    WEFT_PACKET_QUERY_RESET,
    WEFT_PACKET_QUERY_BEGIN,
    WEFT_PACKET_QUERY_END,
    WEFT_PACKET_QUERY_COPY,
    WEFT_PACKET_COUNT,
};

/* First member of every packet. */
struct weft_packet {
    enum weft_packet_kind kind;
    const struct weft_packet *next;
};

struct weft_packet_dispatch {
    struct weft_packet packet;
    struct weft_program *program;
    uint64_t address; /* of the group count, for DISPATCH_INDIRECT */
    struct weft_kernel_args args;
};

struct weft_packet_generated {
    struct weft_packet packet;
    struct weft_generated generated;
};

struct weft_packet_condition {
    struct weft_packet packet;
    uint64_t address;
    bool inverted;
};

struct weft_packet_copy_indirect {
    struct weft_packet packet;
    uint64_t address, stride_B;
    uint32_t count;
};

struct weft_packet_copy {
    struct weft_packet packet;
    uint32_t region_count;
    struct weft_copy_region regions[];
};

struct weft_packet_fill {
    struct weft_packet packet;
    uint64_t dst, size_B;
    uint32_t value;
};

struct weft_packet_update {
    struct weft_packet packet;
    uint64_t dst, size_B;
    unsigned char data[];
};

struct weft_packet_copy_boxes {
    struct weft_packet packet;
    uint32_t count;
    struct weft_box_copy copies[];
};

struct weft_packet_copy_boxes_indirect {
    struct weft_packet packet;
    uint64_t address, stride_B;
    uint32_t count;
    struct weft_box_target targets[];
};

struct weft_packet_fill_boxes {
    struct weft_packet packet;
    uint32_t count;
    struct weft_box_fill fills[];
};

struct weft_packet_event {
    struct weft_packet packet;
    struct weft_event *event;
    bool value;
};

struct weft_packet_call {
    struct weft_packet packet;
    const struct weft_stream *callee;
};

/* TIMESTAMP, QUERY_RESET, QUERY_BEGIN, QUERY_END and QUERY_COPY */
struct weft_packet_query {
    struct weft_packet packet;
    uint64_t slot;
    uint32_t slot_count, slot_stride_B;
    uint32_t value_count, flags;
    uint64_t dst, dst_stride_B;
};

/* A query's slot, as driver.h defines it. */
struct weft_slot {
    _Atomic uint64_t available;
    uint64_t value[];
};

#endif
