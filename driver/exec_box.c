/* SPDX-License-Identifier: MIT
 *
 * Copies and fills of boxes: slices of rows, as images consist of. A box is cut into units of about
 * UNIT_B bytes, whole rows or pieces of one, which the workers claim.
 */
#include <string.h>

#include "device.h"
#include "exec.h"
#include "move.h"

#define SHARE_B (UINT64_C(1) << 20)
#define UNIT_B (UINT64_C(256) << 10)

/* How a box falls into units. */
struct cut {
    uint64_t width_B;  /* of a row */
    uint64_t row_count; /* of all slices */
    uint32_t rows;      /* of a slice */
    uint64_t rows_unit; /* rows that a unit has, or */
    uint64_t pieces;    /* pieces that a row has */
    uint64_t units;
};

static struct cut cut_box(uint64_t width_B, uint32_t rows, uint32_t slices)
{
    struct cut cut = {width_B, (uint64_t)rows * slices, rows, 1, 1, 0};

    if (width_B < UNIT_B)
        cut.rows_unit = UNIT_B / width_B;
    else
        cut.pieces = (width_B + UNIT_B - 1) / UNIT_B;
    cut.units = cut.pieces > 1 ? cut.row_count * cut.pieces
                               : (cut.row_count + cut.rows_unit - 1) / cut.rows_unit;
    return cut;
}

static char *row_address(const struct weft_box *box, const struct cut *cut, uint64_t row)
{
    return (char *)(uintptr_t)box->address + row / cut->rows * box->slice_B +
           row % cut->rows * box->row_B;
}

/* Rows that follow each other without a gap are one row. */
static void join_rows(struct weft_box_copy *copy)
{
    if (copy->slices > 1 && copy->src.slice_B == copy->rows * copy->src.row_B &&
        copy->dst.slice_B == copy->rows * copy->dst.row_B &&
        (uint64_t)copy->rows * copy->slices <= UINT32_MAX) {
        copy->rows *= copy->slices;
        copy->slices = 1;
    }
    if (copy->slices == 1 && copy->src.row_B == copy->width_B &&
        copy->dst.row_B == copy->width_B) {
        copy->width_B *= copy->rows;
        copy->rows = 1;
    }
}

/* ---- Copies ---- */

static void copy_units(const struct weft_box_copy *copy, const struct cut *cut, uint64_t first,
                       uint64_t end)
{
    uint64_t whole_B = cut->width_B * cut->row_count;

    if (cut->pieces > 1) {
        for (uint64_t unit = first; unit < end; unit++) {
            uint64_t row = unit / cut->pieces, offset_B = unit % cut->pieces * UNIT_B;
            uint64_t rest_B = cut->width_B - offset_B;
            weft_move(row_address(&copy->dst, cut, row) + offset_B,
                      row_address(&copy->src, cut, row) + offset_B,
                      rest_B < UNIT_B ? rest_B : UNIT_B, whole_B);
        }
        return;
    }
    uint64_t row = first * cut->rows_unit, row_end = end * cut->rows_unit;
    if (row_end > cut->row_count)
        row_end = cut->row_count;
    while (row < row_end) {
        /* As far as the slice goes, addresses only grow. */
        uint64_t left = cut->rows - row % cut->rows;
        const char *src = row_address(&copy->src, cut, row);
        char *dst = row_address(&copy->dst, cut, row);
        if (left > row_end - row)
            left = row_end - row;
        row += left;
        for (; left != 0; left--, src += copy->src.row_B, dst += copy->dst.row_B)
            weft_move(dst, src, cut->width_B, whole_B);
    }
}

static void copy_work(const struct weft_work *work, const struct weft_worker_args *worker,
                      uint64_t first, uint64_t end)
{
    struct weft_box_copy copy = *(const struct weft_box_copy *)work->data;

    join_rows(&copy);
    struct cut cut = cut_box(copy.width_B, copy.rows, copy.slices);
    copy_units(&copy, &cut, first, end);
}

void weft_box_copy_now(const struct weft_box_copy *box_copy)
{
    struct weft_box_copy copy = *box_copy;

    if (copy.width_B == 0 || copy.rows == 0 || copy.slices == 0)
        return;
    join_rows(&copy);
    struct cut cut = cut_box(copy.width_B, copy.rows, copy.slices);
    copy_units(&copy, &cut, 0, cut.units);
}

/* Whether a box lies in one buffer object. */
static bool check_box(struct weft_exec *exec, const char *what, const struct weft_box *box,
                      uint64_t width_B, uint32_t rows, uint32_t slices)
{
    uint64_t reach_B = 0, slices_B = 0, rows_B = 0;

    if (__builtin_mul_overflow(box->slice_B, slices - 1, &slices_B) ||
        __builtin_mul_overflow(box->row_B, rows - 1, &rows_B) ||
        __builtin_add_overflow(slices_B, rows_B, &reach_B) ||
        __builtin_add_overflow(reach_B, width_B, &reach_B))
        reach_B = UINT64_MAX;
    return weft_exec_check(exec, what, box->address, reach_B, 1);
}

static void start(struct weft_exec *exec, struct weft_exec_work *work, const struct cut *cut)
{
    work->work.program = NULL;
    work->work.total = cut->units;
    if (cut->width_B * cut->row_count >= SHARE_B && exec->device->pool.thread_count != 0)
        weft_exec_offer(exec, work);
    else
        weft_work_run(exec->device, &work->work, exec->worker, 0, work->work.total);
}

/* `copy` lies in the packet or in the work. */
static void copy_box(struct weft_exec *exec, const struct weft_box_copy *copy, bool own)
{
    struct weft_box_copy joined = *copy;
    struct weft_exec_work *work;

    if (copy->width_B == 0 || copy->rows == 0 || copy->slices == 0 ||
        !check_box(exec, "image copy", &copy->src, copy->width_B, copy->rows, copy->slices) ||
        !check_box(exec, "image copy", &copy->dst, copy->width_B, copy->rows, copy->slices))
        return;
    join_rows(&joined);
    struct cut cut = cut_box(joined.width_B, joined.rows, joined.slices);
    work = weft_exec_work(exec);
    if (own)
        work->own_box = *copy;
    work->work.run = copy_work;
    work->work.data = own ? &work->own_box : copy;
    start(exec, work, &cut);
}

void weft_exec_copy_boxes(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_copy_boxes *boxes = (const void *)packet;

    for (uint32_t i = 0; i < boxes->count; i++)
        copy_box(exec, &boxes->copies[i], false);
}

/* False where the command reaches beyond its target, or cuts texel blocks. */
static bool resolve(const struct weft_box_target *target, const struct weft_box_command *command,
                    struct weft_box_copy *out)
{
    uint64_t width = command->extent[0], height = command->extent[1];
    uint64_t slices = target->layered ? target->slices : command->extent[2];
    uint64_t row_length = command->row_length ? command->row_length : width;
    uint64_t image_height = command->image_height ? command->image_height : height;
    uint64_t x = (uint32_t)command->offset[0], y = (uint32_t)command->offset[1];
    uint64_t z = target->layered ? 0 : (uint32_t)command->offset[2];
    uint32_t block_width = target->block_width, block_height = target->block_height;

    /* Negative offsets are large here. */
    if (x + width > target->width || y + height > target->height || z + slices > target->slices ||
        row_length < width || image_height < height || x % block_width || y % block_height ||
        (width % block_width && x + width != target->width) ||
        (height % block_height && y + height != target->height))
        return false;
    out->width_B = (width + block_width - 1) / block_width * target->block_B;
    out->rows = (uint32_t)((height + block_height - 1) / block_height);
    out->slices = (uint32_t)slices;
    out->src.address = command->src;
    out->src.row_B = (row_length + block_width - 1) / block_width * target->block_B;
    out->dst = target->box;
    out->dst.address += z * out->dst.slice_B + y / block_height * out->dst.row_B +
                        x / block_width * target->block_B;
    return !__builtin_mul_overflow(out->src.row_B,
                                   (image_height + block_height - 1) / block_height,
                                   &out->src.slice_B);
}

void weft_exec_copy_boxes_indirect(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_copy_boxes_indirect *boxes = (const void *)packet;

    for (uint32_t i = 0; i < boxes->count; i++) {
        uint64_t address = boxes->address + i * boxes->stride_B;
        struct weft_box_command command;
        struct weft_box_copy copy;

        if (!weft_exec_check(exec, "indirect copy", address, sizeof(command), 4))
            return;
        /* Checked and used: a copy, for kernels could change what is there. */
        memcpy(&command, (const void *)(uintptr_t)address, sizeof(command));
        if (resolve(&boxes->targets[i], &command, &copy))
            copy_box(exec, &copy, true);
        else
            weft_device_message(exec->device, WEFT_MESSAGE_ERROR, "address",
                                "indirect copy dropped: the command at 0x%llx does not fit the image",
                                (unsigned long long)address);
    }
}

/* ---- Fills ---- */

/* Repeats the pattern over a row. */
static void fill_row(const struct weft_box_fill *fill, char *row, uint64_t width_B)
{
    uint64_t done_B = fill->pattern_B;

    memcpy(row, fill->pattern, fill->pattern_B);
    while (done_B < width_B) {
        uint64_t rest_B = width_B - done_B;
        memcpy(row + done_B, row, rest_B < done_B ? rest_B : done_B);
        done_B *= 2;
    }
}

static bool is_one_byte(const struct weft_box_fill *fill)
{
    for (uint32_t i = 1; i < fill->pattern_B; i++) {
        if (fill->pattern[i] != fill->pattern[0])
            return false;
    }
    return true;
}

static void fill_work(const struct weft_work *work, const struct weft_worker_args *worker,
                      uint64_t first, uint64_t end)
{
    const struct weft_box_fill *fill = work->data;
    struct cut cut = cut_box(fill->width_B, fill->rows, fill->slices);
    bool one_byte = is_one_byte(fill);

    if (cut.pieces > 1) {
        for (uint64_t unit = first; unit < end; unit++) {
            /* UNIT_B is no multiple of every pattern: pieces start where one starts. */
            uint64_t piece = unit % cut.pieces, pattern_B = fill->pattern_B;
            uint64_t start_B = piece * UNIT_B / pattern_B * pattern_B;
            uint64_t end_B = (piece + 1) * UNIT_B / pattern_B * pattern_B;
            if (piece + 1 == cut.pieces)
                end_B = fill->width_B;
            fill_row(fill, row_address(&fill->dst, &cut, unit / cut.pieces) + start_B,
                     end_B - start_B);
        }
        return;
    }
    uint64_t row = first * cut.rows_unit, row_end = end * cut.rows_unit;
    const char *source = NULL;
    if (row_end > cut.row_count)
        row_end = cut.row_count;
    for (; row < row_end; row++) {
        char *dst = row_address(&fill->dst, &cut, row);
        if (one_byte) {
            memset(dst, fill->pattern[0], fill->width_B);
        } else if (source) {
            memcpy(dst, source, fill->width_B);
        } else {
            fill_row(fill, dst, fill->width_B);
            source = dst;
        }
    }
}

void weft_exec_fill_boxes(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_fill_boxes *boxes = (const void *)packet;

    for (uint32_t i = 0; i < boxes->count; i++) {
        const struct weft_box_fill *fill = &boxes->fills[i];
        struct weft_exec_work *work;

        if (fill->width_B == 0 || fill->rows == 0 || fill->slices == 0 || fill->pattern_B == 0 ||
            fill->pattern_B > WEFT_MAX_PATTERN_B || fill->width_B % fill->pattern_B != 0 ||
            !check_box(exec, "image clear", &fill->dst, fill->width_B, fill->rows, fill->slices))
            continue;
        struct cut cut = cut_box(fill->width_B, fill->rows, fill->slices);
        work = weft_exec_work(exec);
        work->work.run = fill_work;
        work->work.data = fill;
        start(exec, work, &cut);
    }
}
