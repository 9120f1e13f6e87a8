/* SPDX-License-Identifier: MIT */
#include "cg_lines.h"

#include <stdlib.h>
#include <string.h>

enum { /* standard opcodes */
    LNS_EXTENDED = 0,
    LNS_COPY,
    LNS_ADVANCE_PC,
    LNS_ADVANCE_LINE,
    LNS_CONST_ADD_PC = 8,
    LNS_FIXED_ADVANCE_PC = 9,
};
enum { /* extended opcodes */
    LNE_END_SEQUENCE = 1,
    LNE_SET_ADDRESS = 2,
};

struct reader {
    const uint8_t *bytes;
    size_t at, end;
    bool bad;

    cg_lines_address_fn *address;
    void *data;
    struct weft_line *lines;
    uint32_t count, room;
};

/* A unit's header, as far as the program needs it. */
struct unit {
    uint8_t min_length, line_range, opcode_base;
    int8_t line_base;
    const uint8_t *lengths; /* arguments of standard opcode i + 1 */
};

static uint64_t read_fixed(struct reader *r, unsigned size_B)
{
    uint64_t v = 0;
    if (r->bad || size_B > r->end - r->at) {
        r->bad = true;
        return 0;
    }
    memcpy(&v, r->bytes + r->at, size_B);
    r->at += size_B;
    return v;
}

/* LEB128, signed or not. */
static uint64_t read_leb(struct reader *r, bool is_signed)
{
    uint64_t v = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = (uint8_t)read_fixed(r, 1);
        if (shift < 64)
            v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) && !r->bad);
    if (is_signed && (byte & 0x40) && shift < 64)
        v |= UINT64_MAX << shift;
    return v;
}

static void add_row(struct reader *r, uint64_t address, uint64_t line)
{
    if (r->bad || address > UINT32_MAX)
        return;
    if (r->count == r->room) {
        uint32_t room = r->room ? 2 * r->room : 64;
        struct weft_line *lines = realloc(r->lines, room * sizeof *lines);
        if (!lines) {
            r->bad = true;
            return;
        }
        r->lines = lines;
        r->room = room;
    }
    r->lines[r->count++] =
        (struct weft_line){.code_B = (uint32_t)address, .line = line <= UINT32_MAX ? (uint32_t)line : 0};
}

static void run_extended(struct reader *r, uint64_t *address, uint64_t *line)
{
    uint64_t length = read_leb(r, false);
    size_t start = r->at;
    if (r->bad || length == 0 || length > r->end - r->at) {
        r->bad = true;
        return;
    }
    switch (read_fixed(r, 1)) {
    case LNE_END_SEQUENCE:
        add_row(r, *address, 0);
        *address = 0;
        *line = 1;
        break;
    case LNE_SET_ADDRESS:
        if (length != 9 || !r->address(r->data, r->at, address))
            r->bad = true;
        break;
    default:
        break;
    }
    r->at = start + length;
}

static void run_program(struct reader *r, const struct unit *u)
{
    uint64_t address = 0, line = 1;
    uint64_t const_add = (255u - u->opcode_base) / u->line_range * (uint64_t)u->min_length;
    while (!r->bad && r->at < r->end) {
        uint8_t op = (uint8_t)read_fixed(r, 1);
        if (op >= u->opcode_base) {
            unsigned step = op - u->opcode_base;
            address += step / u->line_range * (uint64_t)u->min_length;
            line += (uint64_t)(int64_t)(u->line_base + (int)(step % u->line_range));
            add_row(r, address, line);
            continue;
        }
        switch (op) {
        case LNS_EXTENDED:
            run_extended(r, &address, &line);
            break;
        case LNS_COPY:
            add_row(r, address, line);
            break;
        case LNS_ADVANCE_PC:
            address += read_leb(r, false) * u->min_length;
            break;
        case LNS_ADVANCE_LINE:
            line += read_leb(r, true);
            break;
        case LNS_CONST_ADD_PC:
            address += const_add;
            break;
        case LNS_FIXED_ADVANCE_PC:
            address += read_fixed(r, 2);
            break;
        default:
            for (unsigned i = 0; i < u->lengths[op - 1]; i++)
                read_leb(r, false);
            break;
        }
    }
}

static void read_unit(struct reader *r, size_t section_B)
{
    struct unit u;
    uint64_t length;
    r->end = section_B;
    length = read_fixed(r, 4);
    if (r->bad || length > section_B - r->at) {
        r->bad = true;
        return;
    }
    r->end = r->at + length;
    uint64_t version = read_fixed(r, 2), header_B = read_fixed(r, 4);
    size_t header = r->at;
    u.min_length = (uint8_t)read_fixed(r, 1);
    read_fixed(r, 2); /* operations per instruction, default_is_stmt */
    u.line_base = (int8_t)read_fixed(r, 1);
    u.line_range = (uint8_t)read_fixed(r, 1);
    u.opcode_base = (uint8_t)read_fixed(r, 1);
    u.lengths = r->bytes + r->at;
    if (r->bad || version != 4 || !u.line_range || u.opcode_base < 10 ||
        header_B > r->end - header || header_B < (uint64_t)u.opcode_base + 5) {
        r->bad = true;
        return;
    }
    r->at = header + header_B;
    run_program(r, &u);
    r->at = r->end;
}

static int by_code(const void *a, const void *b)
{
    const struct weft_line *x = a, *y = b;
    return (x->code_B > y->code_B) - (x->code_B < y->code_B);
}

uint32_t cg_lines_read(const void *section, size_t section_B, cg_lines_address_fn *address,
                       void *data, struct weft_line **lines_out)
{
    struct reader r = {.bytes = section, .end = section_B, .address = address, .data = data};
    *lines_out = NULL;
    while (!r.bad && r.at < section_B)
        read_unit(&r, section_B);
    if (r.bad || !r.count) {
        free(r.lines);
        return 0;
    }
    qsort(r.lines, r.count, sizeof *r.lines, by_code);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r.count; i++) {
        if (kept && r.lines[kept - 1].code_B == r.lines[i].code_B) {
            if (r.lines[i].line) /* of several rows for one address, one that says something */
                r.lines[kept - 1].line = r.lines[i].line;
        } else if (!kept || r.lines[kept - 1].line != r.lines[i].line) {
            r.lines[kept++] = r.lines[i];
        }
    }
    *lines_out = r.lines;
    return kept;
}
