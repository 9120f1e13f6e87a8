/* SPDX-License-Identifier: MIT
 *
 * VK_EXT_debug_utils: messengers, and the names of objects. Weft's own messages go out here.
 */
#ifndef ICD_DEBUG_UTILS_H
#define ICD_DEBUG_UTILS_H

#include "instance.h"

struct icd_messenger {
    struct icd_object base;
    struct icd_messenger *next; /* the instance's list and lock */
    VkDebugUtilsMessageSeverityFlagsEXT severities;
    VkDebugUtilsMessageTypeFlagsEXT types;
    PFN_vkDebugUtilsMessengerCallbackEXT callback;
    void *data;
};

ICD_DEFINE_CASTS(icd_messenger, VkDebugUtilsMessengerEXT, VK_OBJECT_TYPE_DEBUG_UTILS_MESSENGER_EXT)

/* Sends one line to all messengers of the object's instance that want it, and to stderr where the
 * environment's WEFT_DEBUG contains "messages" or the id. No lock may be held that a callback could need.
 * object may be NULL (then only stderr). number is the message's VkResult, or 0. */
void icd_debug_send(const struct icd_object *object,
                    VkDebugUtilsMessageSeverityFlagBitsEXT severity, const char *id,
                    int32_t number, const char *text);

/* The same for messages of any type, with a structure to chain (or NULL). Not for stderr. */
void icd_debug_send_data(const struct icd_object *object,
                         VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                         VkDebugUtilsMessageTypeFlagsEXT types, const char *id, int32_t number,
                         const char *text, const void *chain);

/* Adds a messenger to the instance. -> VK_ERROR_OUT_OF_HOST_MEMORY */
VkResult icd_messenger_create(struct icd_instance *instance,
                              const VkDebugUtilsMessengerCreateInfoEXT *info,
                              const VkAllocationCallbacks *alloc,
                              struct icd_messenger **messenger_out);
/* Removes it; callbacks in progress end by themselves. Accepts NULL. */
void icd_messenger_destroy(struct icd_messenger *messenger);

#endif
