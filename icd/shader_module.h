/* SPDX-License-Identifier: MIT
 *
 * VkShaderModule: a copy of SPIR-V words. Nothing is read from them but the header and, for
 * recording, the numbers of the descriptor sets; the compiler checks the rest.
 */
#ifndef ICD_SHADER_MODULE_H
#define ICD_SHADER_MODULE_H

#include "device.h"

struct icd_shader_module {
    struct icd_object base;
    size_t word_count;
    uint32_t words[];
};

ICD_DEFINE_CASTS(icd_shader_module, VkShaderModule, VK_OBJECT_TYPE_SHADER_MODULE)

/* Bit n is set where some variable of the module lies in descriptor set n. Any bytes are fine. */
uint32_t icd_spirv_set_mask(const uint32_t *words, size_t word_count);

#endif
