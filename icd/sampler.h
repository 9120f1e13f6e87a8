/* SPDX-License-Identifier: MIT
 *
 * VkSampler and VkSamplerYcbcrConversion. A sampler is the descriptor that shaders read; writing a
 * descriptor copies it, set layouts with immutable samplers copy it too.
 */
#ifndef ICD_SAMPLER_H
#define ICD_SAMPLER_H

#include "device.h"
#include "format.h"

struct icd_ycbcr_conversion {
    struct icd_object base;
    struct weft_sampler_desc desc; /* the fields of the conversion; the others are 0 */
};

ICD_DEFINE_CASTS(icd_ycbcr_conversion, VkSamplerYcbcrConversion,
                 VK_OBJECT_TYPE_SAMPLER_YCBCR_CONVERSION)

struct icd_sampler {
    struct icd_object base;
    struct weft_sampler_desc desc;
};

ICD_DEFINE_CASTS(icd_sampler, VkSampler, VK_OBJECT_TYPE_SAMPLER)

#endif
