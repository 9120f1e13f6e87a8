/* SPDX-License-Identifier: MIT
 *
 * Prefix sums of 4 million numbers: blocks in shared memory, then the blocks' totals, then the
 * totals' totals, and back (prefix_sum.comp).
 */
#include "common.h"

#include <string.h>

#include "prefix_sum.spv.h"

enum { LEVELS = 3, BLOCK = 256, COUNT = 4000000 };

struct push {
    uint32_t count, add;
};

static uint32_t input(uint32_t i)
{
    return i * 2654435761u >> 24;
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "prefix_sum", false);

    /* values[0] is the data, values[k + 1] the totals of values[k]'s blocks. */
    uint32_t counts[LEVELS + 1] = {COUNT};
    struct sample_buffer values[LEVELS + 1];
    for (int k = 0; k <= LEVELS; k++) {
        if (k > 0)
            counts[k] = (counts[k - 1] + BLOCK - 1) / BLOCK;
        values[k] = sample_create_buffer(&sample, counts[k] * sizeof(uint32_t));
    }
    struct sample_pipeline pipeline = sample_create_pipeline(
        &sample, prefix_sum_spv, sizeof(prefix_sum_spv), 2, sizeof(struct push));
    VkDescriptorSet sets[LEVELS];
    for (int k = 0; k < LEVELS; k++)
        sets[k] = sample_create_set(&sample, &pipeline,
                                    (const struct sample_buffer *[]){&values[k], &values[k + 1]});

    VkCommandBuffer commands = sample_begin(&sample);
    for (int k = 0; k < LEVELS; k++) { /* up: sums within blocks */
        struct push push = {counts[k], 0};
        sample_dispatch(commands, &pipeline, sets[k], &push, counts[k + 1], 1, 1);
        sample_barrier(commands);
    }
    for (int k = LEVELS - 2; k >= 0; k--) { /* down: add what the blocks before sum to */
        struct push push = {counts[k], 1};
        sample_dispatch(commands, &pipeline, sets[k], &push, counts[k + 1], 1, 1);
        sample_barrier(commands);
    }
    sample_end(commands);

    double seconds = 0;
    uint32_t *data = values[0].map;
    for (int run = 0; run < 2; run++) { /* the first one may have to compile */
        for (uint32_t i = 0; i < COUNT; i++)
            data[i] = input(i);
        seconds = sample_run(&sample, commands);
    }

    bool right = true;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        sum += input(i);
        right = right && data[i] == sum;
    }
    int status = sample_report(&sample, "4000000 sums", seconds, 1e-6 * COUNT / seconds, "M/s", right);
    sample_destroy_pipeline(&sample, &pipeline);
    for (int k = 0; k <= LEVELS; k++)
        sample_destroy_buffer(&sample, &values[k]);
    sample_close(&sample);
    return status;
}
