/* SPDX-License-Identifier: MIT
 *
 * The whole compiler: a well-formed image or a message, and the process survives.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "weft/compile.h"
#include "weft/kernel.h"

static void check_image(const struct weft_compile_result *result)
{
    const struct weft_image *image = result->image;
    fuzz_check(result->image_B >= sizeof(*image), "the image is too small");
    fuzz_check(image->magic == WEFT_IMAGE_MAGIC && image->image_B == result->image_B,
               "the image's header is wrong");
    fuzz_check(image->entry_offset_B < image->code_B &&
                   (uint64_t)image->code_offset_B + image->code_B <= image->image_B,
               "the image's code lies outside");
}

bool fuzz_request(const void *request, size_t request_B)
{
    struct weft_compile_result result = {0};
    int error = weft_compile(NULL, request, request_B, &result);
    if (error) {
        fuzz_check(error == -EINVAL || error == -ENOTSUP || error == -ENOMEM, "unknown error");
        fuzz_check(!result.image, "an image in spite of an error");
        fuzz_check(result.message && result.message[0] && !strchr(result.message, '\n'),
                   "no message of one line");
        /* The front end promises IR that verifies, the passes keep it so. */
        fuzz_check(!strstr(result.message, "internal:"), result.message);
        fuzz_message(result.message);
    } else {
        check_image(&result);
    }
    weft_compile_result_finish(&result);
    return error == 0;
}
