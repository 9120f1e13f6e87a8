/* SPDX-License-Identifier: MIT
 *
 * Runs image.comp's modes and compares with the models. Everything is random but the same every time.
 */
#include "images.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODES 8
#define POINTS 1024u /* invocations of a run */
#define IMAGE_B (256u * 1024u)

extern const uint32_t image_0[], image_1[], image_2[], image_3[], image_4[], image_5[], image_6[],
    image_7[];
extern const size_t image_0_words, image_1_words, image_2_words, image_3_words, image_4_words,
    image_5_words, image_6_words, image_7_words;

struct test {
    struct weft_device *device;
    struct weft_queue *queue;
    struct weft_program *programs[MODES];
    struct weft_bo *image, *points, *texels;
    unsigned failures;
};

static uint32_t seed = 1;

static uint32_t random_u32(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) * 2654435761u ^ seed;
}

static float random_float(float low, float high)
{
    return low + (high - low) * (float)(random_u32() >> 8) / 16777216.0f;
}

static void fail(struct test *t, const char *what, unsigned i, const double *got, const double *want)
{
    if (t->failures++ < 20)
        printf("%s, %u: got %g %g %g %g, not %g %g %g %g\n", what, i, got[0], got[1], got[2], got[3],
               want[0], want[1], want[2], want[3]);
}

static int create(struct test *t, uint32_t width)
{
    const uint32_t *spirv[MODES] = {image_0, image_1, image_2, image_3,
                                    image_4, image_5, image_6, image_7};
    const size_t words[MODES] = {image_0_words, image_1_words, image_2_words, image_3_words,
                                 image_4_words, image_5_words, image_6_words, image_7_words};
    struct weft_device_info info = {.worker_count = 1};
    if (weft_device_create(&info, &t->device) || weft_queue_create(t->device, &t->queue) ||
        weft_bo_create(t->device, IMAGE_B, 0, &t->image) ||
        weft_bo_create(t->device, POINTS * 16, 0, &t->points) ||
        weft_bo_create(t->device, POINTS * 16, 0, &t->texels))
        return -1;
    for (unsigned mode = 0; mode < MODES; mode++) {
        struct weft_binding bindings[3] = {
            {.kind = mode < 4 ? WEFT_BINDING_IMAGE : WEFT_BINDING_COMBINED,
             .count = 1,
             .stride_B = WEFT_COMBINED_DESC_B},
            {.binding = 1, .kind = WEFT_BINDING_BUFFER, .count = 1, .offset_B = 512, .stride_B = 16},
            {.binding = 2, .kind = WEFT_BINDING_BUFFER, .count = 1, .offset_B = 528, .stride_B = 16},
        };
        struct weft_program_info program = {
            .spirv = spirv[mode],
            .spirv_words = words[mode],
            .entry = "main",
            .bindings = bindings,
            .binding_count = 3,
            .flags = WEFT_REQUEST_VERIFY,
            .width = width,
        };
        char *message = NULL;
        if (weft_program_create(t->device, &program, &t->programs[mode], &message)) {
            printf("mode %u: %s\n", mode, message ? message : "no message");
            free(message);
            return -1;
        }
    }
    return 0;
}

static void destroy(struct test *t)
{
    for (unsigned mode = 0; mode < MODES; mode++)
        weft_program_put(&t->programs[mode]);
    weft_bo_close(&t->image);
    weft_bo_close(&t->points);
    weft_bo_close(&t->texels);
    weft_queue_destroy(&t->queue);
    weft_device_destroy(&t->device);
}

static bool run(struct test *t, unsigned mode, struct weft_image_desc desc,
                const struct weft_sampler_desc *sampler)
{
    struct weft_stream *stream = NULL;
    struct weft_job *job = NULL;
    bool good = false;
    desc.address = (uintptr_t)weft_bo_map(t->image);
    if (weft_stream_create(t->device, &stream))
        return false;
    char *set = weft_stream_alloc(stream, 1024);
    void *push = weft_stream_alloc(stream, WEFT_MAX_PUSH_B);
    if (!set || !push)
        goto out;
    struct weft_buffer_desc buffers[2] = {
        {(uintptr_t)weft_bo_map(t->points), POINTS * 16},
        {(uintptr_t)weft_bo_map(t->texels), POINTS * 16},
    };
    memset(push, 0, WEFT_MAX_PUSH_B);
    memcpy(set, &desc, sizeof(desc));
    if (sampler)
        memcpy(set + WEFT_IMAGE_DESC_B, sampler, sizeof(*sampler));
    memcpy(set + 512, buffers, sizeof(buffers));
    struct weft_kernel_args args = {.push_constants = push, .group_count = {POINTS / 32, 1, 1}};
    args.sets[0] = set;
    good = !weft_stream_hold_bo(stream, t->image) && !weft_stream_hold_bo(stream, t->points) &&
           !weft_stream_hold_bo(stream, t->texels) &&
           !weft_emit_dispatch(stream, t->programs[mode], &args) && !weft_stream_freeze(stream) &&
           !weft_job_create(t->queue, &job) && !weft_job_add_stream(job, stream) && !weft_job_arm(job);
    if (good) {
        weft_job_push(&job);
        good = !weft_queue_wait_idle(t->queue);
    }
out:
    weft_job_cancel(&job);
    weft_stream_put(&stream);
    return good;
}

/* An image of 32 x 32 texels. */
static struct weft_image_desc square(const struct model_format *f)
{
    static const uint32_t swizzles[5] = {
        [1] = WEFT_SWIZZLE(0, 4, 4, 5),
        [2] = WEFT_SWIZZLE(0, 1, 4, 5),
        [3] = WEFT_SWIZZLE(0, 1, 2, 5),
        [4] = WEFT_SWIZZLE_IDENTITY,
    };
    return (struct weft_image_desc){
        .size_B = 32 * 32 * f->texel_B,
        .width = 32,
        .height = 32,
        .depth = 1,
        .layers = 1,
        .levels = 1,
        .samples = 1,
        .swizzle = swizzles[f->channels],
        .integer = f->integer,
        .format = weft_texel_format_make(f->kind, f->texel_B, f->bits, f->first),
        .row_stride_B = {32 * f->texel_B},
    };
}

static bool close_to(double got, double want, double tolerance)
{
    return (isnan(got) && isnan(want)) || got == want || fabs(got - want) <= tolerance;
}

static void test_fetch(struct test *t, const struct model_format *f)
{
    uint8_t *texels = weft_bo_map(t->image);
    const uint32_t *results = weft_bo_map(t->texels);
    for (unsigned i = 0; i < POINTS * f->texel_B; i++)
        texels[i] = (uint8_t)random_u32();
    if (!run(t, f->integer, square(f), NULL)) {
        t->failures++;
        return;
    }
    for (unsigned i = 0; i < POINTS; i++) {
        double got[4], want[4];
        uint32_t words[4];
        bool good = true;
        model_decode(f, texels + i * f->texel_B, want, words);
        for (unsigned c = 0; c < 4; c++) {
            float v;
            memcpy(&v, &results[4 * i + c], sizeof(v));
            got[c] = f->integer ? results[4 * i + c] : v;
            want[c] = f->integer ? words[c] : want[c];
            good &= close_to(got[c], want[c], 1e-6 * fabs(want[c]));
        }
        if (!good)
            fail(t, f->name, i, got, want);
    }
}

static void test_store(struct test *t, const struct model_format *f)
{
    uint8_t *texels = weft_bo_map(t->image);
    float *values = weft_bo_map(t->points);
    memset(texels, 0xa5, IMAGE_B);
    for (unsigned i = 0; i < 4 * POINTS; i++) {
        float scale = f->kind == WEFT_TEXEL_SMALL || f->kind == WEFT_TEXEL_HALF ? 1 << (i % 15) : 1.2f;
        uint32_t word = random_u32();
        values[i] = random_float(-scale, scale);
        if (i % 7 == 0)
            values[i] *= 1e-5f;
        if (f->integer)
            memcpy(&values[i], &word, sizeof(word));
    }
    if (!run(t, 2 + f->integer, square(f), NULL)) {
        t->failures++;
        return;
    }
    for (unsigned i = 0; i < POINTS; i++) {
        double got[4] = {0}, want[4] = {0};
        bool good = true;
        for (unsigned c = 0; c < f->channels; c++) {
            uint32_t word, tolerance = f->kind == WEFT_TEXEL_UNORM || f->kind == WEFT_TEXEL_SNORM;
            memcpy(&word, &values[4 * i + c], sizeof(word));
            got[c] = model_bits(texels + i * f->texel_B, f->first[c], f->bits[c]);
            want[c] = model_encode(f, c, values[4 * i + c], word);
            /* A tie may go either way where the product was rounded. */
            double apart = fabs(got[c] - want[c]), wrapped = ldexp(1, f->bits[c]) - apart;
            good &= fmin(apart, wrapped) <= tolerance;
        }
        if (!good)
            fail(t, f->name, i, got, want);
    }
    for (unsigned i = POINTS * f->texel_B; i < POINTS * f->texel_B + 64; i++) {
        if (texels[i] != 0xa5) {
            printf("%s wrote beyond the image\n", f->name);
            t->failures++;
            break;
        }
    }
}

/* ---- Sampling ---- */

static const struct shape {
    const char *name;
    uint32_t width, height, depth, layers, levels;
    unsigned dimensions;
    bool cube;
} shapes[4] = {
    {"1D", 37, 1, 1, 1, 4, 1, false},
    {"2D array", 19, 12, 1, 3, 4, 2, false},
    {"3D", 9, 7, 5, 1, 3, 3, false},
    {"cube", 16, 16, 1, 6, 4, 2, true},
};

static uint32_t shrink(uint32_t e, unsigned level)
{
    return e >> level ? e >> level : 1;
}

static struct weft_image_desc shape_desc(const struct shape *shape, const struct model_format *f)
{
    struct weft_image_desc d = square(f);
    uint32_t at_B = 0;
    d.width = shape->width;
    d.height = shape->height;
    d.depth = shape->depth;
    d.layers = shape->layers;
    d.levels = shape->levels;
    for (unsigned l = 0; l < shape->levels; l++) {
        d.offset_B[l] = at_B;
        d.row_stride_B[l] = shrink(shape->width, l) * f->texel_B + 48;
        d.slice_stride_B[l] = shrink(shape->height, l) * d.row_stride_B[l];
        at_B += shrink(shape->depth, l) * d.slice_stride_B[l];
    }
    d.layer_stride_B = at_B;
    d.size_B = (uint64_t)at_B * shape->layers;
    return d;
}

static struct weft_sampler_desc sampler_number(unsigned n)
{
    struct weft_sampler_desc s = {
        .mag_filter = n & 1,
        .min_filter = n >> 1 & 1,
        .mip_mode = n >> 2 & 1,
        .address = {n % 5, (n + n / 5) % 5, (n + n / 25) % 5},
        .lod_bias = n % 3 == 0 ? 0.25f : 0,
        .lod_max = n % 4 == 0 ? 1.3f : 1000,
        .max_anisotropy = 1,
    };
    float border[4] = {0.5f, 2, -1, 0.25f};
    memcpy(s.border, border, sizeof(border));
    return s;
}

/* One that the short code serves: both filters alike, repeating or clamped. */
static struct weft_sampler_desc quick_sampler_number(unsigned n)
{
    struct weft_sampler_desc s = {
        .mag_filter = n & 1,
        .min_filter = n & 1,
        .mip_mode = n >> 1 & 1,
        .address = {n & 4 ? 2 : 0, n & 8 ? 2 : 0, n & 4 ? 0 : 2},
        .lod_max = 1000,
        .max_anisotropy = 1,
    };
    s.quick = weft_sampler_quick(&s);
    return s;
}

/* How the points of a vector lie. */
enum points { RANDOM, ONE_LEVEL, ROWS };

static void place_points(const struct shape *shape, enum points how, float *points)
{
    for (unsigned i = 0; i < POINTS; i++) {
        float reach = shape->cube ? 1 : i % 5 == 0 ? 3 : 1.2f;
        for (unsigned k = 0; k < 3; k++)
            points[4 * i + k] = random_float(shape->cube ? -1 : 1 - reach, reach);
        points[4 * i + 3] = i % 3 == 0 ? -0.5f : random_float(-1, (float)shape->levels);
        if (how != RANDOM)
            points[4 * i + 3] = (float)(i / 32 % 7) * 0.5f;
        if (how == ROWS) {
            points[4 * i] = ((float)(i % 16) + 0.25f + (float)(i / 64 % 4)) / (float)shape->width;
            points[4 * i + 1] = ((float)(i / 16 % 16) + 0.375f) / (float)shape->height;
            points[4 * i + 2] = (float)(i / 16 % 11) * 0.1f;
        }
    }
}

static const struct model_format *find_format(const char *name)
{
    const struct model_format *f = model_formats;
    while (strcmp(f->name, name) != 0)
        f++;
    return f;
}

/* Random texels in the image's memory, and as floats for the model, laid out as `model` says. */
static void fill_texels(const struct shape *shape, const struct weft_image_desc *desc,
                        const struct model_format *f, uint8_t *memory,
                        const struct weft_image_desc *model, float *texels)
{
    for (unsigned a = 0; a < shape->layers; a++)
        for (unsigned l = 0; l < shape->levels; l++)
            for (unsigned z = 0; z < shrink(shape->depth, l); z++)
                for (unsigned y = 0; y < shrink(shape->height, l); y++)
                    for (unsigned x = 0; x < shrink(shape->width, l); x++) {
                        uint8_t *to = memory + desc->offset_B[l] + a * desc->layer_stride_B +
                                      z * desc->slice_stride_B[l] + y * desc->row_stride_B[l] +
                                      x * f->texel_B;
                        uint32_t at = model->offset_B[l] + a * model->layer_stride_B +
                                      z * model->slice_stride_B[l] + y * model->row_stride_B[l] + 16 * x;
                        for (unsigned c = 0; c < 4; c++) {
                            float v = random_float(f->kind == WEFT_TEXEL_UNORM ? 0 : -1, 1);
                            uint32_t bits = model_encode(f, c, v, random_u32());
                            memcpy(to + f->first[c] / 8, &bits, f->bits[c] / 8);
                        }
                        double rgba[4];
                        uint32_t words[4];
                        model_decode(f, to, rgba, words);
                        for (unsigned c = 0; c < 4; c++)
                            texels[at / 4 + c] = (float)rgba[c];
                    }
}

static void test_sample(struct test *t, unsigned number, unsigned sampler_index, const char *format,
                        bool quick, enum points how)
{
    static float texels[IMAGE_B / 4];
    const struct shape *shape = &shapes[number];
    const struct model_format *f = find_format(format);
    struct weft_image_desc desc = shape_desc(shape, f);
    struct weft_image_desc model = shape_desc(shape, find_format("rgba32f"));
    struct weft_sampler_desc sampler =
        quick ? quick_sampler_number(sampler_index) : sampler_number(sampler_index);
    float *points = weft_bo_map(t->points);
    const float *results = weft_bo_map(t->texels);
    struct model_image image = {&model, texels, shape->dimensions, shape->cube, shape->layers == 3};
    unsigned compared = 0;
    char what[64];
    desc.quick = weft_image_quick(&desc);
    if (quick && (!desc.quick || !sampler.quick)) {
        printf("%s %s, sampler %u is not for the short code\n", shape->name, format, sampler_index);
        t->failures++;
    }
    fill_texels(shape, &desc, f, weft_bo_map(t->image), &model, texels);
    place_points(shape, how, points);
    /* What a float holds besides: must stay inside, whatever it gives. */
    static const float odd[] = {INFINITY, -INFINITY, NAN, 1e30f, -1e30f, 1e-40f};
    for (unsigned i = 0; i < 24; i++)
        points[4 * (POINTS - 1 - i / 4) + i % 4] = odd[(i + i / 4) % 6];
    snprintf(what, sizeof(what), "%s %s, %ssampler %u, points %d", shape->name, format, quick ? "quick " : "",
             sampler_index, how);
    if (!run(t, 4 + number, desc, &sampler)) {
        printf("%s did not run\n", what);
        t->failures++;
        return;
    }
    for (unsigned i = 0; i < POINTS - 6; i++) {
        double want[4], got[4];
        bool good = true;
        if (!model_sample(&image, &sampler, &points[4 * i], points[4 * i + 3], want))
            continue;
        compared++;
        for (unsigned c = 0; c < 4; c++) {
            got[c] = results[4 * i + c];
            good &= close_to(got[c], want[c], quick ? 2e-4 : 2e-3);
        }
        if (!good)
            fail(t, what, i, got, want);
    }
    if (compared < POINTS / 4) {
        printf("%s: only %u points say something\n", what, compared);
        t->failures++;
    }
}

int main(int argc, char **argv)
{
    struct test t = {0};
    if (create(&t, argc > 1 ? (uint32_t)atoi(argv[1]) : 0)) {
        printf("cannot be set up\n");
        return 1;
    }
    for (unsigned i = 0; i < model_format_count; i++) {
        test_fetch(&t, &model_formats[i]);
        if (model_formats[i].store)
            test_store(&t, &model_formats[i]);
    }
    for (unsigned shape = 0; shape < 4; shape++)
        for (unsigned i = 0; i < 40; i++)
            test_sample(&t, shape, i, "rgba32f", false, RANDOM);
    /* The other formats that filtering has code of its own for, and one that it has not. */
    static const char *const formats[] = {"rgba8", "bgra8", "rgba16", "rgba16f", "rgba8_srgb"};
    for (unsigned f = 0; f < sizeof(formats) / sizeof(formats[0]); f++)
        for (unsigned i = 0; i < 12; i++)
            test_sample(&t, 1, i, formats[f], false, RANDOM);
    static const char *const quick[] = {"r8", "rgba8", "bgra8", "r32f", "rgba16f", "rgba32f"};
    for (unsigned f = 0; f < sizeof(quick) / sizeof(quick[0]); f++)
        for (unsigned i = 0; i < 16; i++)
            for (unsigned shape = 1; shape < 3; shape++)
                for (enum points how = RANDOM; how <= ROWS; how++)
                    test_sample(&t, shape, i, quick[f], true, how);
    destroy(&t);
    printf("%u failures\n", t.failures);
    return t.failures != 0;
}
