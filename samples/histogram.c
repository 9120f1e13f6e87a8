/* SPDX-License-Identifier: MIT
 *
 * Counts how often each byte value occurs in 16 MB, with atomics in shared memory and in a buffer
 * (histogram.comp).
 */
#include "common.h"

#include <string.h>

#include "histogram.spv.h"

enum { WORDS = 4000000, GROUPS = 64 };

int main(void)
{
    struct sample sample;
    sample_open(&sample, "histogram", false);
    struct sample_buffer words = sample_create_buffer(&sample, WORDS * sizeof(uint32_t));
    struct sample_buffer bins = sample_create_buffer(&sample, 256 * sizeof(uint32_t));
    uint32_t random = 1, *word = words.map, expected[256] = {0};
    for (int i = 0; i < WORDS; i++) {
        random = random * 1664525u + 1013904223u;
        word[i] = random ^ (random >> 13 & random); /* not all bytes equally often */
        for (int shift = 0; shift < 32; shift += 8)
            expected[word[i] >> shift & 255]++;
    }

    uint32_t count = WORDS;
    struct sample_pipeline pipeline =
        sample_create_pipeline(&sample, histogram_spv, sizeof(histogram_spv), 2, sizeof(count));
    VkDescriptorSet set =
        sample_create_set(&sample, &pipeline, (const struct sample_buffer *[]){&words, &bins});
    VkCommandBuffer commands = sample_begin(&sample);
    vkCmdFillBuffer(commands, bins.buffer, 0, VK_WHOLE_SIZE, 0);
    sample_barrier(commands);
    sample_dispatch(commands, &pipeline, set, &count, GROUPS, 1, 1);
    sample_barrier(commands);
    sample_end(commands);
    sample_run(&sample, commands);
    double seconds = sample_run(&sample, commands);

    int status = sample_report(&sample, "16000000 bytes", seconds, 4e-9 * WORDS / seconds, "GB/s",
                               memcmp(bins.map, expected, sizeof(expected)) == 0);
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &words);
    sample_destroy_buffer(&sample, &bins);
    sample_close(&sample);
    return status;
}
