/* SPDX-License-Identifier: MIT
 *
 * The specification's chapter on sampling, word by word, for weighted averages.
 */
#include "images.h"

#include <math.h>

#define NEAR 2e-3 /* of a texel or a level: what floats may decide either way */

static double extent(uint32_t e, unsigned level)
{
    return e >> level ? e >> level : 1;
}

/* True if x is so near to an integer that floor(x) hangs on rounding. */
static bool is_close(double x)
{
    return fabs(x - nearbyint(x)) < NEAR;
}

static int modulo(int a, int n)
{
    return ((a % n) + n) % n;
}

/* The texel index, or -1 for the border. */
static int wrap(int i, int n, uint32_t mode)
{
    switch (mode) {
    case 0:
        return modulo(i, n);
    case 1:
        i = modulo(i, 2 * n);
        return i < n ? i : 2 * n - 1 - i;
    case 2:
        return i < 0 ? 0 : i >= n ? n - 1 : i;
    case 3:
        return i < 0 || i >= n ? -1 : i;
    default:
        i = i < 0 ? -1 - i : i;
        return i >= n ? n - 1 : i;
    }
}

static void cube_face(const float r[3], unsigned *face, double *s, double *t, bool *close)
{
    double x = r[0], y = r[1], z = r[2], ax = fabs(x), ay = fabs(y), az = fabs(z), sc, tc, ma;
    if (az >= ax && az >= ay) {
        *face = z < 0 ? 5 : 4;
        sc = z < 0 ? -x : x;
        tc = -y;
        ma = az;
    } else if (ay >= ax) {
        *face = y < 0 ? 3 : 2;
        sc = x;
        tc = y < 0 ? -z : z;
        ma = ay;
    } else {
        *face = x < 0 ? 1 : 0;
        sc = x < 0 ? z : -z;
        tc = -y;
        ma = ax;
    }
    *close = fabs(sc) > ma * 0.999 || fabs(tc) > ma * 0.999;
    *s = 0.5 * sc / ma + 0.5;
    *t = 0.5 * tc / ma + 0.5;
}

/* A texel of a cube's face, or of the face beyond an edge; false at a corner. */
static bool across(unsigned *face, int *x, int *y, int n)
{
    bool out_x = *x < 0 || *x >= n, out_y = *y < 0 || *y >= n, close;
    if (!out_x && !out_y)
        return true;
    if (out_x && out_y)
        return false;
    /* A point just beyond the edge, at half a texel's depth on the other side. */
    double s = 2 * (*x + 0.5) / n - 1, t = 2 * (*y + 0.5) / n - 1, m = 1 - 1.0 / n;
    if (out_x)
        s = s < 0 ? -1 : 1;
    else
        t = t < 0 ? -1 : 1;
    float r[3];
    double d[6][3] = {{m, -t, -s}, {-m, -t, s}, {s, m, t}, {s, -m, -t}, {s, -t, m}, {-s, -t, -m}};
    for (unsigned i = 0; i < 3; i++)
        r[i] = (float)d[*face][i];
    cube_face(r, face, &s, &t, &close);
    *x = (int)floor(s * n);
    *y = (int)floor(t * n);
    *x = *x < 0 ? 0 : *x >= n ? n - 1 : *x;
    *y = *y < 0 ? 0 : *y >= n ? n - 1 : *y;
    return true;
}

static bool sample_level(const struct model_image *image, const struct weft_sampler_desc *sampler,
                         const double uvw[3], unsigned face, unsigned level, bool linear, double rgba[4])
{
    const struct weft_image_desc *d = image->desc;
    const uint32_t extents[3] = {d->width, d->height, d->depth};
    int n[3] = {1, 1, 1}, first[3] = {0};
    double fraction[3] = {0};
    unsigned dims = image->dimensions;
    for (unsigned i = 0; i < dims; i++) {
        n[i] = (int)extent(extents[i], level);
        double x = uvw[i] * n[i] - (linear ? 0.5 : 0);
        if (!linear && is_close(x))
            return false;
        first[i] = (int)floor(x);
        fraction[i] = linear ? x - floor(x) : 0;
    }
    for (unsigned c = 0; c < 4; c++)
        rgba[c] = 0;
    for (unsigned tap = 0; tap < (linear ? 1u << dims : 1); tap++) {
        double weight = 1;
        int p[3] = {0};
        unsigned layer = image->cube ? face : image->layer;
        bool border = false;
        for (unsigned i = 0; i < dims; i++) {
            bool second = tap >> i & 1;
            weight *= linear ? second ? fraction[i] : 1 - fraction[i] : 1;
            p[i] = first[i] + second;
            if (!image->cube) {
                p[i] = wrap(p[i], n[i], sampler->address[i]);
                border |= p[i] < 0;
            }
        }
        if (image->cube && !across(&layer, &p[0], &p[1], n[0]))
            return false;
        uint32_t at = d->offset_B[level] + layer * d->layer_stride_B +
                      (uint32_t)p[2] * d->slice_stride_B[level] + (uint32_t)p[1] * d->row_stride_B[level] +
                      (uint32_t)p[0] * 16;
        for (unsigned c = 0; c < 4; c++) {
            union {
                uint32_t u;
                float f;
            } colour = {sampler->border[c]};
            rgba[c] += weight * (double)(border ? colour.f : image->texels[at / 4 + c]);
        }
    }
    return true;
}

bool model_sample(const struct model_image *image, const struct weft_sampler_desc *sampler,
                  const float point[3], float lod, double rgba[4])
{
    double uvw[3] = {point[0], point[1], point[2]}, second[4];
    unsigned face = 0;
    bool close = false;
    if (image->cube)
        cube_face(point, &face, &uvw[0], &uvw[1], &close);
    if (close)
        return false;
    double lambda = fmin(fmax((double)lod + sampler->lod_bias, sampler->lod_min), sampler->lod_max);
    if (fabs(lambda) < NEAR)
        return false;
    bool linear = (lambda <= 0 ? sampler->mag_filter : sampler->min_filter) == 1;
    double level = fmin(fmax(lambda, 0), image->desc->levels - 1);
    if (sampler->mip_mode == 0) {
        if (is_close(level + 0.5))
            return false;
        return sample_level(image, sampler, uvw, face, (unsigned)(ceil(level + 0.5) - 1), linear, rgba);
    }
    double between = level - floor(level);
    if (!sample_level(image, sampler, uvw, face, (unsigned)floor(level), linear, rgba))
        return false;
    if (between > 0) {
        if (!sample_level(image, sampler, uvw, face, (unsigned)floor(level) + 1, linear, second))
            return false;
        for (unsigned c = 0; c < 4; c++)
            rgba[c] = rgba[c] * (1 - between) + second[c] * between;
    }
    return true;
}
