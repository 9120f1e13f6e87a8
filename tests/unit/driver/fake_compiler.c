/* SPDX-License-Identifier: MIT
 *
 * Stands in for libweft_compiler.so: the first word of the SPIR-V says what to do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_compiler.h"

__attribute__((visibility("default"))) struct weft_compiler *weft_compiler_create(void)
{
    return malloc(1);
}

__attribute__((visibility("default"))) void weft_compiler_destroy(struct weft_compiler *compiler)
{
    free(compiler);
}

__attribute__((visibility("default"))) int weft_compile(struct weft_compiler *compiler,
                                                        const void *request, size_t request_B,
                                                        struct weft_compile_result *result_out)
{
    const struct weft_request *header = request;
    const uint32_t *spirv =
        (const uint32_t *)((const char *)request + header->spirv_offset_B);
    struct weft_image image = {
        .magic = WEFT_IMAGE_MAGIC,
        .version = WEFT_IMAGE_VERSION,
        .image_B = 192,
        .code_offset_B = 128,
        .code_B = 64,
        .local_size = {1, 1, 1},
        .width = 8,
        .subgroup_size = 8,
        .isa = header->isa,
        .flags = header->flags & WEFT_REQUEST_FAST ? WEFT_IMAGE_FAST : 0,
    };

    *result_out = (struct weft_compile_result){0};
    switch (spirv[0]) {
    case FAKE_INVALID:
        result_out->message = strdup("word 0: this is not SPIR-V");
        return -EINVAL;
    case FAKE_BAD_IMAGE:
        image.magic = 0;
        break;
    case FAKE_SILENT:
        return -ENOTSUP;
    case FAKE_SLOW: /* to compile well */
        if (!(header->flags & WEFT_REQUEST_FAST))
            usleep(100000);
        break;
    case FAKE_ONLY_FAST:
        if (!(header->flags & WEFT_REQUEST_FAST))
            return -ENOTSUP;
        break;
    default:
        break;
    }
    result_out->image_B = image.image_B;
    result_out->image = calloc(1, image.image_B);
    if (result_out->image == NULL)
        return -ENOMEM;
    memcpy(result_out->image, &image, sizeof(image));
    memset((char *)result_out->image + 128, 0xc3, 64);
    return 0;
}

__attribute__((visibility("default"))) void
weft_compile_result_finish(struct weft_compile_result *result)
{
    free(result->image);
    free(result->message);
    free(result->listing);
}
