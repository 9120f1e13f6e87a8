/* SPDX-License-Identifier: MIT
 *
 * Multiplies two matrices by 16x16 tiles in shared memory (matmul.comp).
 */
#include "common.h"

#include <math.h>
#include <stdio.h>

#include "matmul.spv.h"

enum { N = 512 };

/* Every element of every 17th row, in double precision. */
static bool right(const float *a, const float *b, const float *c)
{
    for (int row = 0; row < N; row += 17) {
        for (int col = 0; col < N; col++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += (double)a[row * N + k] * b[k * N + col];
            if (!(fabs(c[row * N + col] - sum) <= 1e-3))
                return false;
        }
    }
    return true;
}

int main(void)
{
    struct sample sample;
    sample_open(&sample, "matmul", false);
    struct sample_buffer a = sample_create_buffer(&sample, N * N * sizeof(float));
    struct sample_buffer b = sample_create_buffer(&sample, N * N * sizeof(float));
    struct sample_buffer c = sample_create_buffer(&sample, N * N * sizeof(float));
    for (int i = 0; i < N * N; i++) {
        ((float *)a.map)[i] = (float)(i * 7 % 19 - 9) / 10.0f;
        ((float *)b.map)[i] = (float)(i * 11 % 23 - 11) / 10.0f;
    }

    uint32_t n = N;
    struct sample_pipeline pipeline =
        sample_create_pipeline(&sample, matmul_spv, sizeof(matmul_spv), 3, sizeof(n));
    VkDescriptorSet set =
        sample_create_set(&sample, &pipeline, (const struct sample_buffer *[]){&a, &b, &c});
    VkCommandBuffer commands = sample_begin(&sample);
    sample_dispatch(commands, &pipeline, set, &n, N / 16, N / 16, 1);
    sample_barrier(commands);
    sample_end(commands);
    sample_run(&sample, commands); /* the first run may have to compile */
    double seconds = sample_run(&sample, commands);

    int status = sample_report(&sample, "512x512 product", seconds, 2e-9 * N * N * N / seconds, "GFLOP/s",
                               right(a.map, b.map, c.map));
    sample_destroy_pipeline(&sample, &pipeline);
    sample_destroy_buffer(&sample, &a);
    sample_destroy_buffer(&sample, &b);
    sample_destroy_buffer(&sample, &c);
    sample_close(&sample);
    return status;
}
