/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "device.h"
#include "disk_cache.h"

/* Far above anything that a shader within the API's limits needs. */
#define MAX_LOCAL_COUNT 65536u
#define MAX_WIDTH 128u
#define MAX_SUBGROUP 128u
#define MAX_SHARED_B (16u << 20)
#define MAX_SCRATCH_B (1u << 30)

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t local_count(const struct weft_image *image)
{
    uint64_t count = 1;

    for (int i = 0; i < 3; i++) {
        if (image->local_size[i] == 0 || image->local_size[i] > MAX_LOCAL_COUNT)
            return 0;
        count *= image->local_size[i];
    }
    return count;
}

/* Every field, since images come from files. What the code does cannot be checked; who stores images
 * must see to it that they come back as they were. */
static bool is_valid(const struct weft_image *image, size_t size_B, const struct weft_machine *machine)
{
    uint64_t code_end_B = (uint64_t)image->code_offset_B + image->code_B;
    uint64_t count = local_count(image);

    return image->magic == WEFT_IMAGE_MAGIC && image->version == WEFT_IMAGE_VERSION &&
           image->image_B == size_B && image->code_offset_B >= sizeof(*image) &&
           image->code_offset_B % 64 == 0 && image->code_B != 0 && code_end_B <= size_B &&
           image->entry_offset_B < image->code_B && image->line_offset_B % 4 == 0 &&
           (image->line_count == 0 ||
            (image->line_offset_B >= sizeof(*image) && image->line_offset_B <= size_B &&
             image->line_count <= (size_B - image->line_offset_B) / sizeof(struct weft_line))) &&
           count != 0 && count <= MAX_LOCAL_COUNT && is_power_of_two(image->width) &&
           image->width <= MAX_WIDTH && is_power_of_two(image->subgroup_size) &&
           image->subgroup_size <= MAX_SUBGROUP && image->shared_B <= MAX_SHARED_B &&
           image->scratch_B <= MAX_SCRATCH_B && image->isa >= WEFT_ISA_SSE &&
           image->isa <= machine->isa && (image->features & ~machine->features) == 0 &&
           (image->flags & ~(WEFT_IMAGE_GLOBAL_ADDRESSES | WEFT_IMAGE_FAST | WEFT_IMAGE_SUMS)) == 0;
}

int weft_program_load(struct weft_device *device, const void *bytes, size_t image_B,
                      struct weft_program **program_out)
{
    struct weft_image header;
    struct weft_program *program;
    void *mapping;

    if (image_B < sizeof(header))
        return -EINVAL;
    memcpy(&header, bytes, sizeof(header));
    if (!is_valid(&header, image_B, &device->machine))
        return -EINVAL;

    program = calloc(1, sizeof(*program));
    if (program == NULL)
        return -ENOMEM;
    mapping = mmap(NULL, image_B, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        goto fail_program;
    memcpy(mapping, bytes, image_B);
    __builtin___clear_cache(mapping, (char *)mapping + image_B);
    /* Never writable and executable at a time. */
    if (mprotect(mapping, image_B, PROT_READ | PROT_EXEC) != 0)
        goto fail_mapping;

    weft_ref_init(&program->ref);
    program->device = weft_device_get(device);
    program->image = mapping;
    program->mapped_B = image_B;
    program->entry = (weft_kernel_fn *)((uintptr_t)mapping + header.code_offset_B +
                                        header.entry_offset_B);
    program->local_count = (uint32_t)local_count(&header);
    program->granule =
        program->local_count < header.width ? header.width / program->local_count : 1;
    *program_out = program;
    return 0;

fail_mapping:
    munmap(mapping, image_B);
fail_program:
    free(program);
    return -ENOMEM;
}

/* What the disk has, if it loads. */
static bool load_from_disk(struct weft_device *device, struct weft_disk_cache *disk,
                           const void *request, size_t request_B,
                           struct weft_program **program_out)
{
    void *image;
    size_t image_B;
    int rc;

    if (disk == NULL || weft_disk_cache_find(disk, request, request_B, &image, &image_B) != 0)
        return false;
    rc = weft_program_load(device, image, image_B, program_out);
    if (rc == 0)
        weft_profile_program(&device->profile, *program_out, request);
    free(image);
    return rc == 0;
}

/* Each line of the compiler's report as a message. Compiles for it alone: a report is no part of an
 * image, and what was compiled before is to be reported as well. */
static void report(struct weft_device *device, const char *entry, void *request, size_t request_B)
{
    struct weft_request *header = request;
    struct weft_compile_result result = {0};
    struct weft_loader loader;
    char *message = NULL, *rest;

    if (weft_device_compiler(device, &loader, &message) != 0) {
        free(message);
        return;
    }
    header->list = WEFT_LIST_REPORT;
    loader.compile(loader.compiler, request, request_B, &result);
    header->list = 0;
    rest = result.listing;
    for (char *line; rest != NULL && (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0')
            weft_device_message(device, WEFT_MESSAGE_INFO, "report", "%s(): %s", entry, line);
    loader.finish(&result);
}

static int compile(struct weft_device *device, const void *request, size_t request_B,
                   struct weft_program **program_out, char **message_out)
{
    struct weft_disk_cache *disk = weft_device_disk(device);
    struct weft_compile_result result = {0};
    struct weft_loader loader;
    int rc = weft_device_compiler(device, &loader, message_out);

    if (rc != 0)
        return rc;
    rc = loader.compile(loader.compiler, request, request_B, &result);
    if (rc == 0) {
        rc = weft_program_load(device, result.image, result.image_B, program_out);
        if (rc == 0)
            weft_profile_program(&device->profile, *program_out, request);
        if (rc == 0 && disk != NULL)
            weft_disk_cache_store(disk, request, request_B, result.image, result.image_B);
    } else {
        *message_out = result.message;
        result.message = NULL;
    }
    loader.finish(&result);
    return rc;
}

int weft_program_better(struct weft_device *device, const void *request, size_t request_B,
                        struct weft_program **program_out)
{
    char *message = NULL;
    int rc;

    if (load_from_disk(device, weft_device_disk(device), request, request_B, program_out))
        return 0;
    rc = compile(device, request, request_B, program_out, &message);
    free(message);
    return rc;
}

void weft_program_improve(struct weft_program *program, const void *request, size_t request_B,
                          bool again)
{
    /* Nobody else has the program yet. */
    if ((program->image->flags & WEFT_IMAGE_FAST) == 0 || program->tier.improvable ||
        (((const struct weft_request *)request)->flags & WEFT_REQUEST_FAST) != 0)
        return;
    program->tier.request = malloc(request_B);
    if (program->tier.request == NULL)
        return; /* it stays as it is */
    memcpy(program->tier.request, request, request_B);
    program->tier.request_B = request_B;
    program->tier.improvable = true;
    program->tier.again = again;
    if (program->device->tier.mode == WEFT_TIERS_EAGER)
        weft_tier_ask(program);
}

/* The good code from the disk; or the fast, from there or from the compiler. */
static int find_or_compile(struct weft_device *device, const struct weft_program_info *info,
                           struct weft_request *request, struct weft_program **program_out,
                           char **message_out)
{
    struct weft_disk_cache *disk = weft_device_disk(device);
    bool stays = info->well || (info->flags & WEFT_REQUEST_FAST);
    bool tiers = device->tier.mode != WEFT_TIERS_OFF && !stays, found = false;
    struct weft_request good = *request;
    int rc = 0;

    if (load_from_disk(device, disk, request, request->request_B, program_out))
        return 0;
    if (tiers) {
        weft_program_request_fast(device, info, request);
        found = load_from_disk(device, disk, request, request->request_B, program_out);
    }
    if (!found)
        rc = info->only_cached
                 ? -EAGAIN
                 : compile(device, request, request->request_B, program_out, message_out);
    *request = good;
    if (rc == 0)
        weft_program_improve(*program_out, request, request->request_B, found);
    return rc;
}

int weft_program_create(struct weft_device *device, const struct weft_program_info *info,
                        struct weft_program **program_out, char **message_out)
{
    char *message = NULL;
    void *request;
    size_t request_B;
    int rc;

    rc = weft_program_request(device, info, &request, &request_B);
    if (rc == 0) {
        rc = find_or_compile(device, info, request, program_out, &message);
        if (rc == 0 && device->reports)
            report(device, info->entry, request, request_B);
        free(request);
    }
    if (rc != 0 && message == NULL && message_out != NULL)
        message = strdup(rc == -ENOMEM    ? "out of memory"
                         : rc == -EAGAIN ? "it is in no cache"
                                         : "the compiler made a bad image");
    if (message_out != NULL && rc != 0)
        *message_out = message;
    else
        free(message);
    return rc;
}

int weft_program_list(struct weft_device *device, const void *request, size_t request_B,
                      uint32_t list, char **text_out)
{
    struct weft_compile_result result = {0};
    struct weft_request *copy;
    struct weft_loader loader;
    int rc;

    if (request_B < sizeof(*copy))
        return -EINVAL;
    rc = weft_device_compiler(device, &loader, NULL);
    if (rc != 0)
        return rc;
    copy = malloc(request_B);
    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, request, request_B);
    copy->list = list;
    rc = loader.compile(loader.compiler, copy, request_B, &result);
    if (rc == 0) {
        *text_out = result.listing != NULL ? result.listing : strdup("");
        result.listing = NULL;
        rc = *text_out != NULL ? 0 : -ENOMEM;
    }
    loader.finish(&result);
    free(copy);
    return rc;
}

struct weft_program *weft_program_get(struct weft_program *program)
{
    if (program != NULL)
        weft_ref_get(&program->ref);
    return program;
}

void weft_program_put(struct weft_program **program_ref)
{
    struct weft_program *program = *program_ref, *better;

    *program_ref = NULL;
    if (program == NULL || !weft_ref_put(&program->ref))
        return;
    better = atomic_load(&program->tier.better);
    weft_program_put(&better);
    free(program->tier.request);
    munmap((void *)(uintptr_t)program->image, program->mapped_B);
    weft_device_put(&program->device);
    free(program);
}

void weft_program_set_label(struct weft_program *program, const void *label)
{
    atomic_store_explicit(&program->label, label, memory_order_relaxed);
}

const struct weft_image *weft_program_image(const struct weft_program *program)
{
    return weft_tier_best(program, UINT32_MAX, UINT32_MAX)->image;
}

/* The row of an image's table for an address in its code. */
static uint32_t find_line(const struct weft_image *image, uint64_t pc)
{
    const struct weft_line *lines =
        (const struct weft_line *)((const char *)image + image->line_offset_B);
    uint64_t code = (uintptr_t)image + image->code_offset_B;
    uint32_t low = 0, high = image->line_count;

    if (pc < code || pc - code >= image->code_B)
        return 0;
    /* The last row that starts at or before the address. */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (lines[middle].code_B <= pc - code)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? lines[low - 1].line : 0;
}

uint32_t weft_program_line(const struct weft_program *program, uint64_t pc)
{
    const struct weft_image *best = weft_program_image(program);
    uint32_t line = find_line(program->image, pc);

    return line == 0 && best != program->image ? find_line(best, pc) : line;
}
