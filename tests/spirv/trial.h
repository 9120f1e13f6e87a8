/* SPDX-License-Identifier: MIT
 *
 * One run of one shader test on one device.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>

#include "images.h"
#include "script.h"
#include "values.h"
#include "weft/driver.h"

#define TRIAL_MAX_BUFFERS 32
#define TRIAL_SLACK_B 64 /* before and after each buffer, which nothing may touch */

struct trial_buffer {
    const char *ref;
    bool bound;               /* has a descriptor */
    uint32_t set, binding, element;
    enum weft_binding_kind kind;
    size_t size_B;
    uint32_t bind_offset_B, bind_size_B;
    struct weft_bo *bo;       /* buffers: between slacks */
    void *data;               /* inline blocks; after the run: the buffer's last contents */
};

/* A descriptor of an image, a sampler or both. */
struct trial_image {
    const char *ref, *buffer; /* whose memory the image is in; NULL for samplers */
    uint32_t set, binding, element;
    bool has_image, has_sampler;
    struct weft_image_desc image;
    struct weft_sampler_desc sampler;
};

struct trial_compare {
    const char *ref;
    bool skip;
    enum value_type type;
    struct tolerance tolerance;
};

struct trial_options {
    struct weft_device *device;
    const uint32_t *spirv;
    size_t spirv_words;
    uint32_t width, isa, features;
    bool fast; /* WEFT_REQUEST_FAST */
    const void *image; /* made by an earlier trial of the same width, isa and features, or NULL to compile */
    size_t image_B;
};

struct trial {
    struct trial_buffer buffers[TRIAL_MAX_BUFFERS];
    unsigned buffer_count;
    struct trial_image images[TRIAL_MAX_BUFFERS];
    unsigned image_count;
    struct trial_compare compares[TRIAL_MAX_BUFFERS];
    unsigned compare_count;
    void *image; /* what was compiled; NULL when the test wants an error */
    size_t image_B;
    char failure[512]; /* "" when all went well */
};

/* Runs the test from its first line to its last. Failures of any kind go to trial_out->failure. */
void trial_run(const struct script_test *test, const struct trial_options *options,
               struct trial *trial_out);
/* Writes to trial->failure where the buffers differ from the reference's. */
void trial_compare(struct trial *trial, const struct trial *reference);
void trial_finish(struct trial *trial);

#endif
