/* SPDX-License-Identifier: MIT */
#include "native.h"
#include "vec.h"

enum { STREAM = 16 * 1024 * 1024, N = 4096 };

void native_saxpy(void *const *buffers)
{
    const float *restrict x = buffers[0];
    float *restrict y = buffers[1];
#pragma omp parallel for simd
    for (size_t i = 0; i < STREAM; i++)
        y[i] = SAXPY_A * x[i] + y[i];
}

void native_triad(void *const *buffers)
{
    float *a = buffers[0];
    const float *b = buffers[1], *c = buffers[2];
#pragma omp parallel for
    for (size_t i = 0; i < STREAM; i += LANES)
        stream_f(a + i, load_f(b + i) + TRIAD_S * load_f(c + i));
}

void native_stencil(void *const *buffers)
{
    const float *x = buffers[0];
    float *y = buffers[1];
#pragma omp parallel for
    for (int row = 0; row < N; row++) {
        const float *here = x + row * N, *up = x + (row ? row - 1 : 0) * N;
        const float *down = x + (row < N - 1 ? row + 1 : row) * N;
        float *to = y + row * N;
        for (int col = LANES; col < N - LANES; col += LANES)
            stream_f(to + col, 0.5f * load_f(here + col) +
                                   0.125f * (load_f(here + col - 1) + load_f(here + col + 1) +
                                             load_f(up + col) + load_f(down + col)));
        for (int edge = 0; edge < 2 * LANES; edge++) {
            int col = edge < LANES ? edge : N - 2 * LANES + edge;
            int left = col ? col - 1 : 0, right = col < N - 1 ? col + 1 : col;
            to[col] = 0.5f * here[col] + 0.125f * (here[left] + here[right] + up[col] + down[col]);
        }
    }
}

/* A tile's rows are read, its columns written: through a block in L1, as the shader does, but 32
 * columns a row of the block, so that whole lines are written past the cache. */
void native_transpose(void *const *buffers)
{
    enum { TILE = 32 };
    const float *x = buffers[0];
    float *y = buffers[1];
#pragma omp parallel for collapse(2)
    for (int row0 = 0; row0 < N; row0 += TILE) {
        for (int col0 = 0; col0 < N; col0 += TILE) {
            float block[TILE][TILE + LANES] __attribute__((aligned(64)));
            for (int row = 0; row < TILE; row++)
                for (int col = 0; col < TILE; col++)
                    block[col][row] = x[(row0 + row) * N + col0 + col];
            for (int col = 0; col < TILE; col++)
                for (int row = 0; row < TILE; row += LANES)
                    stream_f(y + (col0 + col) * N + row0 + row, load_f(&block[col][row]));
        }
    }
}

/* Bytes become floats at each tap, as in the shader; the four channels are four neighbours. */
void native_filter(void *const *buffers)
{
    enum { SIDE = 1024, BYTES = 4 * SIDE };
    const uint8_t *x = buffers[0];
    const float *weight = buffers[1];
    uint8_t *y = buffers[2];
#pragma omp parallel for
    for (int row = 0; row < SIDE; row++) {
        float sum[BYTES];
        uint8_t padded[BYTES + 16];
        memset(sum, 0, sizeof(sum));
        for (int dy = -2; dy <= 2; dy++) {
            int from = row + dy < 0 ? 0 : row + dy > SIDE - 1 ? SIDE - 1 : row + dy;
            const uint8_t *line = x + from * BYTES;
            const float *w = weight + (dy + 2) * 5;
            memcpy(padded + 8, line, BYTES);
            for (int i = 0; i < 8; i++) {
                padded[i] = line[i & 3];
                padded[BYTES + 8 + i] = line[BYTES - 4 + (i & 3)];
            }
#pragma omp simd
            for (int i = 0; i < BYTES; i++)
                sum[i] += w[0] * padded[i] + w[1] * padded[i + 4] + w[2] * padded[i + 8] +
                          w[3] * padded[i + 12] + w[4] * padded[i + 16];
        }
#pragma omp simd
        for (int i = 0; i < BYTES; i++)
            y[row * BYTES + i] = (uint8_t)(int)(sum[i] + 0.5f);
    }
}
