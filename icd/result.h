/* SPDX-License-Identifier: MIT
 *
 * Results and messages: the only place where the driver's errors become Vulkan's.
 */
#ifndef ICD_RESULT_H
#define ICD_RESULT_H

#include "object.h"

/* The VkResult of a driver function's 0 or -errno (see result.c's table). */
VkResult icd_result(int error);

/* Tells the instance's debug messengers (and stderr, where WEFT_DEBUG has `messages`) about an
 * error of the call that works on object, and returns result: `return icd_error(...)`. It is
 * one line without newline: what is wrong, where, which value. object may be NULL (stderr only). */
VkResult icd_error(const void *object, VkResult result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a driver function's -errno. */
VkResult icd_error_errno(const void *object, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A message alone. id is a short stable name such as "weft-shader". */
void icd_message(const void *object, VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                 const char *id, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
