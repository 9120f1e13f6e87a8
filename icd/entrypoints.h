/* SPDX-License-Identifier: MIT
 *
 * Finding entry points by name. The tables come from vk.xml through gen_entrypoints.py: one row for
 * each name, with the version and extensions that provide it and the function that implements it.
 * What nothing implements has a definition there that fails.
 */
#ifndef ICD_ENTRYPOINTS_H
#define ICD_ENTRYPOINTS_H

#include "object.h"

/* Commands that need no instance: vkCreateInstance and vkEnumerateInstance*. */
PFN_vkVoidFunction icd_find_global(const char *name);
/* Commands of an instance, of its physical devices, and of any device it might create. */
PFN_vkVoidFunction icd_find_instance(const struct icd_instance *instance, const char *name);
/* Commands that take a VkPhysicalDevice. */
PFN_vkVoidFunction icd_find_physical(const char *name);
/* Commands that the device's version and enabled extensions provide. */
PFN_vkVoidFunction icd_find_device(const struct icd_device *device, const char *name);

/* A call that Weft knows by name only, on a dispatchable handle: a message and the returned
 * VK_ERROR_FEATURE_NOT_PRESENT. Provided by graphics.c. */
VkResult icd_unsupported(const void *handle, const char *call);
/* A vkCmd* call that Weft knows by name only: a message, and the command buffer becomes invalid so
 * that vkEndCommandBuffer() fails. Provided by cmd_buffer.c. */
void icd_cmd_unsupported(VkCommandBuffer command_buffer, const char *command);

#endif
