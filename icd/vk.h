/* SPDX-License-Identifier: MIT
 *
 * Vulkan's own declarations, as every file of icd/ includes them.
 *
 * Entry points are ordinary functions named after the call that they implement (vkCreateBuffer). An
 * application is usually linked with the loader, which exports the same names, so they are all
 * declared hidden here: a call or a weak reference can then never leave this library.
 *
 * Implement the canonical name only, the one that vk.xml's aliases lead to (vkCmdPushDescriptorSet,
 * not vkCmdPushDescriptorSetKHR). The generated tables hand out the other names for it, and only
 * where the application enabled the version or extension that has them.
 */
#ifndef ICD_VK_H
#define ICD_VK_H

#pragma GCC visibility push(hidden)
#include <vulkan/vulkan.h>

#include "vk_newer.h"
#pragma GCC visibility pop
#include <vulkan/vk_icd.h>

/* The version that Weft implements, with the patch number of the headers it was built with. */
#define ICD_API_VERSION VK_MAKE_API_VERSION(0, 1, 4, VK_HEADER_VERSION)

#endif
