/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET_COUNT 4
#define BINDINGS_PER_SET 64
#define ELEMENTS 16                             /* descriptors of one binding */
#define BINDING_B (ELEMENTS * WEFT_COMBINED_DESC_B) /* room of one binding in its set */
#define SET_B (BINDINGS_PER_SET * BINDING_B)
#define SLACK_BYTE 0xa5

/* What the lines of a test build up. */
struct state {
    const struct trial_options *options;
    struct trial *trial;
    struct weft_queue *queue;
    struct weft_program *program;
    struct weft_spec_entry specs[64];
    uint32_t spec_count;
    uint8_t spec_data[64 * 8];
    uint8_t push[WEFT_MAX_PUSH_B];
    size_t push_B;
    uint32_t subgroup_size, flags;
    struct weft_binding bindings[2 * TRIAL_MAX_BUFFERS];
    uint32_t binding_count;
    const char *want_error, *want_word;
};

__attribute__((format(printf, 2, 3))) static int fail(struct trial *trial, const char *format, ...)
{
    if (!trial->failure[0]) {
        va_list list;
        va_start(list, format);
        vsnprintf(trial->failure, sizeof(trial->failure), format, list);
        va_end(list);
    }
    return -1;
}

static struct trial_buffer *find_buffer(struct trial *trial, const char *ref)
{
    for (unsigned i = 0; ref && i < trial->buffer_count; i++) {
        if (!strcmp(trial->buffers[i].ref, ref))
            return &trial->buffers[i];
    }
    fail(trial, "no buffer %s", ref ? ref : "(missing)");
    return NULL;
}

static char *buffer_data(const struct trial_buffer *buffer)
{
    return buffer->bo ? (char *)weft_bo_map(buffer->bo) + TRIAL_SLACK_B : buffer->data;
}

/* BINDING, SET.BINDING or SET.BINDING.ELEMENT; 1 if it is one, 0 if it is a name, -1 after failing. */
static int parse_ref(struct trial *trial, const char *ref, uint32_t *set, uint32_t *binding,
                     uint32_t *element)
{
    unsigned a = 0, b = 0, c = 0;
    int numbers = sscanf(ref, "%u.%u.%u", &a, &b, &c);
    *set = numbers > 1 ? a : 0;
    *binding = numbers > 1 ? b : a;
    *element = c;
    if (*set >= SET_COUNT || *binding >= BINDINGS_PER_SET || c >= ELEMENTS)
        return fail(trial, "descriptor %s is out of the runner's range", ref);
    return numbers > 0;
}

static struct trial_buffer *add_buffer(struct state *s, const char *ref, enum weft_binding_kind kind)
{
    struct trial *trial = s->trial;
    if (!ref || trial->buffer_count == TRIAL_MAX_BUFFERS) {
        fail(trial, "too many buffers, or no name");
        return NULL;
    }
    struct trial_buffer *buffer = &trial->buffers[trial->buffer_count];
    *buffer = (struct trial_buffer){ .ref = ref, .kind = kind };
    int bound = parse_ref(trial, ref, &buffer->set, &buffer->binding, &buffer->element);
    if (bound < 0)
        return NULL;
    buffer->bound = bound;
    trial->buffer_count++;
    return buffer;
}

/* Puts addresses where values say &REF. The texts live as long as the returned array. */
struct resolved {
    char *words[SCRIPT_MAX_WORDS + 1];
    char texts[16][24];
};

static int resolve(struct state *s, char **words, struct resolved *r)
{
    unsigned texts = 0, i;
    for (i = 0; words[i]; i++) {
        r->words[i] = words[i];
        if (words[i][0] != '&')
            continue;
        char ref[32];
        unsigned offset = 0;
        if (texts == 16 || sscanf(words[i], "&%31[^+]+%u", ref, &offset) < 1)
            return fail(s->trial, "bad address %s", words[i]);
        struct trial_buffer *buffer = find_buffer(s->trial, ref);
        if (!buffer)
            return -1;
        snprintf(r->texts[texts], sizeof(r->texts[0]), "%" PRIu64,
                 (uint64_t)(uintptr_t)buffer_data(buffer) + offset);
        r->words[i] = r->texts[texts++];
    }
    r->words[i] = NULL;
    return 0;
}

static int generate(struct state *s, enum value_type type, size_t count, char **words, void *data,
                    size_t *given_out)
{
    struct resolved r;
    const char *error;
    if (resolve(s, words, &r))
        return -1;
    if (!values_generate(type, count, r.words, data, given_out, &error))
        return fail(s->trial, "%s", error);
    return 0;
}

static int parse_type(struct state *s, const char *word, enum value_type *type_out)
{
    if (!word || !value_type_find(word, type_out))
        return fail(s->trial, "no type %s", word ? word : "(missing)");
    return 0;
}

/* ---- Lines ---- */

static int do_buffer(struct state *s, char **words)
{
    enum value_type type;
    size_t given;
    struct trial_buffer *buffer = add_buffer(s, words[0], WEFT_BINDING_BUFFER);
    if (!buffer || parse_type(s, words[1], &type))
        return -1;
    size_t count = values_count(words + 2);
    bool list = count > 0;
    if (!list && words[2])
        count = strtoull(words[2], NULL, 0);
    if (!count)
        return fail(s->trial, "buffer %s is empty", words[0]);
    buffer->size_B = count * value_type_B(type);
    buffer->bind_size_B = (uint32_t)buffer->size_B;
    if (weft_bo_create(s->options->device, buffer->size_B + 2 * TRIAL_SLACK_B, 0, &buffer->bo))
        return fail(s->trial, "no memory for buffer %s", words[0]);
    char *map = weft_bo_map(buffer->bo);
    memset(map, SLACK_BYTE, buffer->size_B + 2 * TRIAL_SLACK_B);
    return generate(s, type, count, words + 2 + !list, map + TRIAL_SLACK_B, &given);
}

static int do_inline(struct state *s, char **words)
{
    enum value_type type;
    size_t given;
    struct trial_buffer *buffer = add_buffer(s, words[0], WEFT_BINDING_INLINE);
    if (!buffer || parse_type(s, words[1], &type))
        return -1;
    size_t count = values_count(words + 2);
    buffer->size_B = count * value_type_B(type);
    if (!count || buffer->size_B > BINDING_B)
        return fail(s->trial, "inline block %s has a bad size", words[0]);
    buffer->data = calloc(1, buffer->size_B);
    if (!buffer->data)
        return fail(s->trial, "no memory");
    return generate(s, type, count, words + 2, buffer->data, &given);
}

static struct trial_image *image_at(struct state *s, const char *ref)
{
    struct trial *trial = s->trial;
    for (unsigned i = 0; ref && i < trial->image_count; i++) {
        if (!strcmp(trial->images[i].ref, ref))
            return &trial->images[i];
    }
    if (!ref || trial->image_count == TRIAL_MAX_BUFFERS) {
        fail(trial, "too many images, or no name");
        return NULL;
    }
    struct trial_image *image = &trial->images[trial->image_count];
    image->ref = ref;
    if (parse_ref(trial, ref, &image->set, &image->binding, &image->element) <= 0) {
        fail(trial, "an image or sampler needs a descriptor");
        return NULL;
    }
    trial->image_count++;
    return image;
}

static int do_image(struct state *s, char **words)
{
    struct trial_image *image = image_at(s, words[0]);
    struct trial_buffer *buffer = find_buffer(s->trial, words[0] ? words[1] : NULL);
    if (!image || !buffer)
        return -1;
    const char *error = image_parse(words + 2, &image->image);
    if (error)
        return fail(s->trial, "%s", error);
    if (image->image.size_B > buffer->size_B)
        return fail(s->trial, "image %s needs %llu bytes", image->ref,
                    (unsigned long long)image->image.size_B);
    image->buffer = buffer->ref;
    image->has_image = true;
    return 0;
}

static int do_sampler(struct state *s, char **words)
{
    struct trial_image *image = image_at(s, words[0]);
    if (!image)
        return -1;
    const char *error = sampler_parse(words + 1, &image->sampler);
    if (error)
        return fail(s->trial, "%s", error);
    image->has_sampler = true;
    return 0;
}

static int do_bind(struct state *s, char **words)
{
    struct trial_buffer *buffer = find_buffer(s->trial, words[0]);
    if (!buffer || !words[1] || !words[2])
        return fail(s->trial, "bind needs a buffer, an offset and a size");
    buffer->bind_offset_B = (uint32_t)strtoul(words[1], NULL, 0);
    buffer->bind_size_B = (uint32_t)strtoul(words[2], NULL, 0);
    return 0;
}

static int do_spec(struct state *s, char **words)
{
    enum value_type type = VALUE_U32;
    if (!words[0] || !words[1] || !words[2] || s->spec_count == 64 || parse_type(s, words[1], &type))
        return fail(s->trial, "bad spec line");
    uint32_t offset = s->spec_count * 8;
    if (!value_parse(type, words[2], s->spec_data + offset))
        return fail(s->trial, "bad value %s", words[2]);
    s->specs[s->spec_count++] = (struct weft_spec_entry){
        .id = (uint32_t)strtoul(words[0], NULL, 0),
        .offset_B = offset,
        .size_B = (uint32_t)value_type_B(type),
    };
    return 0;
}

static int do_push(struct state *s, char **words)
{
    enum value_type type;
    size_t given;
    if (parse_type(s, words[0], &type))
        return -1;
    size_t size_B = values_count(words + 1) * value_type_B(type);
    if (!size_B || s->push_B + size_B > sizeof(s->push))
        return fail(s->trial, "bad push line");
    if (generate(s, type, size_B / value_type_B(type), words + 1, s->push + s->push_B, &given))
        return -1;
    s->push_B += size_B;
    return 0;
}

static int do_repush(struct state *s, char **words)
{
    s->push_B = 0;
    return do_push(s, words);
}

static int do_subgroup(struct state *s, char **words)
{
    /* The reference has one lane, whatever the test asks for. */
    if (s->options->width != 1 && words[0])
        s->subgroup_size = (uint32_t)strtoul(words[0], NULL, 0);
    return 0;
}

static int do_flags(struct state *s, char **words)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } flags[] = {
        { "robust", WEFT_REQUEST_ROBUST_STORAGE | WEFT_REQUEST_ROBUST_UNIFORM },
        { "zero_shared", WEFT_REQUEST_ZERO_SHARED },
        { "full_subgroups", WEFT_REQUEST_FULL_SUBGROUPS },
    };
    for (; *words; words++) {
        size_t i = 0;
        while (i < sizeof(flags) / sizeof(flags[0]) && strcmp(*words, flags[i].name))
            i++;
        if (i == sizeof(flags) / sizeof(flags[0]))
            return fail(s->trial, "no flag %s", *words);
        s->flags |= flags[i].flag;
    }
    return 0;
}

/* Adds a binding in its place, or makes the one that is there longer. */
static void add_binding(struct state *s, struct weft_binding row)
{
    uint32_t at = 0;
    row.offset_B = row.binding * BINDING_B;
    while (at < s->binding_count &&
           (s->bindings[at].set < row.set ||
            (s->bindings[at].set == row.set && s->bindings[at].binding < row.binding)))
        at++;
    bool known = at < s->binding_count && s->bindings[at].set == row.set &&
                 s->bindings[at].binding == row.binding;
    if (known) {
        if (row.count > s->bindings[at].count)
            s->bindings[at].count = row.count;
        return;
    }
    memmove(&s->bindings[at + 1], &s->bindings[at], (s->binding_count - at) * sizeof(row));
    s->bindings[at] = row;
    s->binding_count++;
}

static enum weft_binding_kind image_kind(const struct trial_image *image, uint32_t *stride_B_out)
{
    if (image->has_image && image->has_sampler) {
        *stride_B_out = WEFT_COMBINED_DESC_B;
        return WEFT_BINDING_COMBINED;
    }
    *stride_B_out = image->has_image ? WEFT_IMAGE_DESC_B : WEFT_SAMPLER_DESC_B;
    return image->has_image ? WEFT_BINDING_IMAGE : WEFT_BINDING_SAMPLER;
}

static void collect_bindings(struct state *s)
{
    s->binding_count = 0;
    for (unsigned i = 0; i < s->trial->image_count; i++) {
        const struct trial_image *image = &s->trial->images[i];
        struct weft_binding row = {
            .set = image->set,
            .binding = image->binding,
            .count = image->element + 1,
        };
        row.kind = image_kind(image, &row.stride_B);
        add_binding(s, row);
    }
    for (unsigned i = 0; i < s->trial->buffer_count; i++) {
        const struct trial_buffer *buffer = &s->trial->buffers[i];
        if (!buffer->bound)
            continue;
        struct weft_binding row = {
            .set = buffer->set,
            .binding = buffer->binding,
            .kind = buffer->kind,
            .count = buffer->kind == WEFT_BINDING_INLINE ? (uint32_t)buffer->size_B : buffer->element + 1,
            .stride_B = WEFT_DESC_B,
        };
        add_binding(s, row);
    }
}

static int make_program(struct state *s)
{
    char *message = NULL;
    int error;
    if (s->program)
        return 0;
    collect_bindings(s);
    struct weft_program_info info = {
        .spirv = s->options->spirv,
        .spirv_words = s->options->spirv_words,
        .entry = "main",
        .bindings = s->bindings,
        .binding_count = s->binding_count,
        .spec_entries = s->specs,
        .spec_entry_count = s->spec_count,
        .spec_data = s->spec_data,
        .spec_data_B = s->spec_count * 8,
        .subgroup_size = s->subgroup_size,
        .flags = s->flags | WEFT_REQUEST_VERIFY | (s->options->fast ? WEFT_REQUEST_FAST : 0u),
        .width = s->options->width,
        .isa = s->options->isa,
        .features = s->options->features,
    };
    if (s->options->image && !s->want_error)
        error = weft_program_load(s->options->device, s->options->image, s->options->image_B,
                                  &s->program);
    else
        error = weft_program_create(s->options->device, &info, &s->program, &message);
    if (s->want_error) {
        int want = !strcmp(s->want_error, "EINVAL") ? -EINVAL : -ENOTSUP;
        if (error != want)
            fail(s->trial, "compiling gave %d, not -%s: %s", error, s->want_error,
                 message ? message : "no message");
        else if (!message || (s->want_word && !strstr(message, s->want_word)))
            fail(s->trial, "the message lacks \"%s\": %s", s->want_word ? s->want_word : "",
                 message ? message : "none");
    } else if (error) {
        fail(s->trial, "compiling gave %d: %s", error, message ? message : "no message");
    }
    free(message);
    return s->trial->failure[0] ? -1 : 0;
}

/* Keeps a copy of the image, so that other devices need not compile again. */
static int keep_image(struct state *s)
{
    const struct weft_image *image = weft_program_image(s->program);
    /* Derivatives are differences between lanes: four are the fewest. */
    if (s->options->width == 1 && image->width != 1 && image->width != 4)
        return fail(s->trial, "the image's width is %u", image->width);
    s->trial->image = malloc(image->image_B);
    if (!s->trial->image)
        return fail(s->trial, "no memory");
    memcpy(s->trial->image, image, image->image_B);
    s->trial->image_B = image->image_B;
    return 0;
}

static void write_sets(const struct trial *trial, char *sets)
{
    for (unsigned i = 0; i < trial->buffer_count; i++) {
        const struct trial_buffer *buffer = &trial->buffers[i];
        char *at = sets + buffer->set * SET_B + buffer->binding * BINDING_B;
        if (!buffer->bound)
            continue;
        if (buffer->kind == WEFT_BINDING_INLINE) {
            memcpy(at, buffer->data, buffer->size_B);
            continue;
        }
        struct weft_buffer_desc desc = {
            .address = (uintptr_t)buffer_data(buffer) + buffer->bind_offset_B,
            .size_B = buffer->bind_size_B,
        };
        memcpy(at + buffer->element * WEFT_DESC_B, &desc, sizeof(desc));
    }
}

static void write_images(const struct trial *trial, char *sets)
{
    for (unsigned i = 0; i < trial->image_count; i++) {
        const struct trial_image *image = &trial->images[i];
        uint32_t stride_B;
        image_kind(image, &stride_B);
        char *at = sets + image->set * SET_B + image->binding * BINDING_B + image->element * stride_B;
        struct weft_image_desc desc = image->image;
        for (unsigned k = 0; image->has_image && k < trial->buffer_count; k++) {
            if (!strcmp(trial->buffers[k].ref, image->buffer))
                desc.address = (uintptr_t)buffer_data(&trial->buffers[k]);
        }
        if (image->has_image) {
            memcpy(at, &desc, sizeof(desc));
            at += sizeof(desc);
        }
        if (image->has_sampler)
            memcpy(at, &image->sampler, sizeof(image->sampler));
    }
}

static int record(struct state *s, struct weft_stream *stream, const uint32_t numbers[6])
{
    char *sets = weft_stream_alloc(stream, SET_COUNT * SET_B);
    void *push = weft_stream_alloc(stream, WEFT_MAX_PUSH_B);
    if (!sets || !push)
        return -ENOMEM;
    memset(sets, 0, SET_COUNT * SET_B);
    write_sets(s->trial, sets);
    write_images(s->trial, sets);
    memcpy(push, s->push, sizeof(s->push));
    struct weft_kernel_args args = { .push_constants = push };
    for (unsigned i = 0; i < SET_COUNT; i++)
        args.sets[i] = sets + i * SET_B;
    memcpy(args.group_count, numbers, sizeof(args.group_count));
    memcpy(args.group_base, numbers + 3, sizeof(args.group_base));
    for (unsigned i = 0; i < s->trial->buffer_count; i++) {
        if (s->trial->buffers[i].bo && weft_stream_hold_bo(stream, s->trial->buffers[i].bo))
            return -ENOMEM;
    }
    int error = weft_emit_dispatch(stream, s->program, &args);
    return error ? error : weft_stream_freeze(stream);
}

static int do_dispatch(struct state *s, char **words)
{
    uint32_t numbers[6] = { 1, 1, 1, 0, 0, 0 };
    struct weft_stream *stream = NULL;
    struct weft_job *job = NULL;
    for (unsigned i = 0; i < 6 && words[i]; i++)
        numbers[i] = (uint32_t)strtoul(words[i], NULL, 0);
    if (make_program(s))
        return -1;
    if (s->want_error)
        return 0;
    if (!s->trial->image && keep_image(s))
        return -1;

    int error = weft_stream_create(s->options->device, &stream);
    if (!error)
        error = record(s, stream, numbers);
    if (!error)
        error = weft_job_create(s->queue, &job);
    if (!error)
        error = weft_job_add_stream(job, stream);
    if (!error)
        error = weft_job_arm(job);
    if (error) {
        weft_job_cancel(&job);
    } else {
        weft_job_push(&job);
        error = weft_queue_wait_idle(s->queue);
    }
    weft_stream_put(&stream);
    const char *lost = weft_device_lost_reason(s->options->device);
    return error ? fail(s->trial, "dispatch gave %d%s%s", error, lost ? ": " : "", lost ? lost : "") : 0;
}

/* Reads "[at I] [count N] [abs X] [ulp X]"; returns the first word after them. */
static char **read_options(char **words, size_t *at, size_t *count, struct tolerance *tolerance)
{
    for (; words[0] && words[1]; words += 2) {
        if (at && !strcmp(words[0], "at"))
            *at = strtoull(words[1], NULL, 0);
        else if (count && !strcmp(words[0], "count"))
            *count = strtoull(words[1], NULL, 0);
        else if (!strcmp(words[0], "abs"))
            tolerance->absolute = strtod(words[1], NULL);
        else if (!strcmp(words[0], "ulp"))
            tolerance->ulp = strtod(words[1], NULL);
        else
            break;
    }
    return words;
}

static int compare_values(struct trial *trial, const char *ref, enum value_type type, const void *got,
                          const void *want, size_t first, size_t count, struct tolerance tolerance)
{
    size_t size_B = value_type_B(type), wrong = 0, where = 0;
    char got_text[64], want_text[64];
    for (size_t i = 0; i < count; i++) {
        if (!value_close(type, (const char *)got + i * size_B, (const char *)want + i * size_B, tolerance)) {
            where = wrong ? where : i;
            wrong++;
        }
    }
    if (!wrong)
        return 0;
    value_print(type, (const char *)got + where * size_B, got_text, sizeof(got_text));
    value_print(type, (const char *)want + where * size_B, want_text, sizeof(want_text));
    return fail(trial, "buffer %s %s[%zu] is %s, not %s (%zu of %zu wrong)", ref, value_type_name(type),
                first + where, got_text, want_text, wrong, count);
}

static int do_expect(struct state *s, char **words)
{
    struct trial_buffer *buffer = find_buffer(s->trial, words[0]);
    enum value_type type;
    struct tolerance tolerance = { 0, 0 };
    size_t at = 0, count = 0, given;
    if (!buffer || parse_type(s, words[1], &type))
        return -1;
    words = read_options(words + 2, &at, &count, &tolerance);
    size_t size_B = value_type_B(type), total = buffer->size_B / size_B;
    if (!count)
        count = values_count(words);
    if (!count)
        count = at < total ? total - at : 0;
    if (at + count > total || !count)
        return fail(s->trial, "expected values lie outside of buffer %s", buffer->ref);
    void *want = malloc(count * size_B);
    if (!want)
        return fail(s->trial, "no memory");
    int error = generate(s, type, count, words, want, &given);
    if (!error)
        error = compare_values(s->trial, buffer->ref, type, buffer_data(buffer) + at * size_B, want, at,
                               given, tolerance);
    free(want);
    return error;
}

static int do_compare(struct state *s, char **words)
{
    struct trial_compare *compare = &s->trial->compares[s->trial->compare_count];
    if (!find_buffer(s->trial, words[0]) || !words[1] || s->trial->compare_count == TRIAL_MAX_BUFFERS)
        return fail(s->trial, "bad compare line");
    *compare = (struct trial_compare){ .ref = words[0], .skip = !strcmp(words[1], "skip") };
    if (!compare->skip) {
        if (parse_type(s, words[1], &compare->type))
            return -1;
        read_options(words + 2, NULL, NULL, &compare->tolerance);
    }
    s->trial->compare_count++;
    return 0;
}

static int do_error(struct state *s, char **words)
{
    s->want_error = words[0];
    s->want_word = words[0] ? words[1] : NULL;
    return make_program(s);
}

static const struct {
    const char *name;
    int (*run)(struct state *s, char **words);
} commands[] = {
    { "buffer", do_buffer },     { "inline", do_inline }, { "bind", do_bind },
    { "spec", do_spec },         { "push", do_push },     { "subgroup", do_subgroup },
    { "flags", do_flags },       { "error", do_error },   { "dispatch", do_dispatch },
    { "expect", do_expect },     { "compare", do_compare }, { "repush", do_repush },
    { "image", do_image },       { "sampler", do_sampler },
};

static int run_line(struct state *s, const struct script_line *line)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!strcmp(commands[i].name, line->words[0])) {
            int error = commands[i].run(s, line->words + 1);
            if (error)
                fail(s->trial, "%s failed", line->words[0]);
            return error;
        }
    }
    return fail(s->trial, "no command %s", line->words[0]);
}

static void check_slack(struct trial *trial)
{
    for (unsigned i = 0; i < trial->buffer_count; i++) {
        const struct trial_buffer *buffer = &trial->buffers[i];
        if (!buffer->bo)
            continue;
        const uint8_t *before = weft_bo_map(buffer->bo);
        const uint8_t *after = before + TRIAL_SLACK_B + buffer->size_B;
        for (unsigned j = 0; j < TRIAL_SLACK_B; j++) {
            if (before[j] != SLACK_BYTE || after[j] != SLACK_BYTE) {
                fail(trial, "memory beside buffer %s was written", buffer->ref);
                break;
            }
        }
    }
}

/* Moves the buffers' contents out of the device's memory. */
static void keep_buffers(struct trial *trial)
{
    for (unsigned i = 0; i < trial->buffer_count; i++) {
        struct trial_buffer *buffer = &trial->buffers[i];
        if (!buffer->bo)
            continue;
        buffer->data = malloc(buffer->size_B);
        if (buffer->data)
            memcpy(buffer->data, buffer_data(buffer), buffer->size_B);
        else
            fail(trial, "no memory");
        weft_bo_close(&buffer->bo);
    }
}

void trial_run(const struct script_test *test, const struct trial_options *options,
               struct trial *trial_out)
{
    *trial_out = (struct trial){ 0 };
    struct state s = {
        .options = options,
        .trial = trial_out,
        /* Where the shader sees the subgroup, its size is the width. */
        .subgroup_size = options->width > 1 ? options->width : 0,
    };
    if (weft_queue_create(options->device, &s.queue)) {
        fail(trial_out, "no queue");
        return;
    }
    for (size_t i = 0; i < test->line_count; i++) {
        if (run_line(&s, &test->lines[i])) {
            size_t length = strlen(trial_out->failure);
            snprintf(trial_out->failure + length, sizeof(trial_out->failure) - length, " (line %u)",
                     test->lines[i].number);
            break;
        }
    }
    if (!trial_out->failure[0])
        check_slack(trial_out);
    weft_program_put(&s.program);
    weft_queue_destroy(&s.queue);
    keep_buffers(trial_out);
}

void trial_compare(struct trial *trial, const struct trial *reference)
{
    for (unsigned i = 0; i < trial->buffer_count; i++) {
        const struct trial_buffer *buffer = &trial->buffers[i];
        struct trial_compare rule = { .type = VALUE_U32 };
        if (buffer->size_B % 4)
            rule.type = buffer->size_B % 2 ? VALUE_U8 : VALUE_U16;
        for (unsigned j = 0; j < trial->compare_count; j++) {
            if (!strcmp(trial->compares[j].ref, buffer->ref))
                rule = trial->compares[j];
        }
        if (!rule.skip)
            compare_values(trial, buffer->ref, rule.type, buffer->data, reference->buffers[i].data, 0,
                           buffer->size_B / value_type_B(rule.type), rule.tolerance);
    }
}

void trial_finish(struct trial *trial)
{
    for (unsigned i = 0; i < trial->buffer_count; i++)
        free(trial->buffers[i].data);
    free(trial->image);
    *trial = (struct trial){ 0 };
}
