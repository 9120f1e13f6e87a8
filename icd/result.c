/* SPDX-License-Identifier: MIT */
#include "result.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "debug_utils.h"

/* The only map from the driver's errors to Vulkan's. The driver says EINVAL and ENOTSUP of shaders
 * only, for which the specification lists VK_ERROR_INVALID_SHADER_NV wherever pipelines are made;
 * everything that has a code of its own checks its arguments before it comes to the driver. */
static const struct {
    int error;
    VkResult result;
    const char *text;
} errors[] = {
    {0, VK_SUCCESS, "success"},
    {ENOMEM, VK_ERROR_OUT_OF_HOST_MEMORY, "out of memory"},
    {EMFILE, VK_ERROR_OUT_OF_HOST_MEMORY, "no more file descriptors"},
    {ENOSPC, VK_ERROR_OUT_OF_DEVICE_MEMORY,
     "sparse memory in more pieces than the system maps (vm.max_map_count)"},
    {EIO, VK_ERROR_DEVICE_LOST, "the device is lost"},
    {ETIMEDOUT, VK_TIMEOUT, "timed out"},
    {EINVAL, VK_ERROR_INVALID_SHADER_NV, "invalid shader"},
    {ENOTSUP, VK_ERROR_INVALID_SHADER_NV, "unsupported shader"},
    {EAGAIN, VK_ERROR_INITIALIZATION_FAILED, "no more threads can be created"},
    {ENOENT, VK_ERROR_INITIALIZATION_FAILED, "libweft_compiler.so cannot be loaded"},
};

static size_t find(int error)
{
    size_t count = sizeof(errors) / sizeof(errors[0]);
    size_t i = 0;

    while (i < count && errors[i].error != -error)
        i++;
    return i < count ? i : SIZE_MAX;
}

VkResult icd_result(int error)
{
    size_t i = find(error);

    return i == SIZE_MAX ? VK_ERROR_UNKNOWN : errors[i].result;
}

#define MESSAGE_B 1024

VkResult icd_error(const void *object, VkResult result, const char *format, ...)
{
    char text[MESSAGE_B];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    icd_debug_send(object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-error", result,
                   text);
    return result;
}

VkResult icd_error_errno(const void *object, int error, const char *format, ...)
{
    char text[MESSAGE_B];
    size_t i = find(error);
    va_list args;

    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof(text)) {
        snprintf(text + length, sizeof(text) - (size_t)length, ": %s",
                 i == SIZE_MAX ? strerror(-error) : errors[i].text);
    }
    VkResult result = icd_result(error);
    icd_debug_send(object, VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT, "weft-error", result,
                   text);
    return result;
}

void icd_message(const void *object, VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                 const char *id, const char *format, ...)
{
    char text[MESSAGE_B];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    icd_debug_send(object, severity, id, 0, text);
}
