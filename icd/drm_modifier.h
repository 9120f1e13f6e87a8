/* SPDX-License-Identifier: MIT
 *
 * DOC: DRM format modifiers
 *
 * A modifier is a number of the kernel's for a layout of texels in memory. Weft has one, DRM_FORMAT_MOD_LINEAR:
 * rows of texels, as all its images have. Images with it are 2D, with one level; their memory planes are the
 * format's. Who imports one may say where each plane starts and how far its rows are apart.
 */
#ifndef ICD_DRM_MODIFIER_H
#define ICD_DRM_MODIFIER_H

#include "image.h"

/* Fills in the lists of modifiers that are chained to a format's properties. */
void icd_modifier_fill_lists(const struct icd_format *format, void *chain);

/* True unless `tiling` wants a modifier and the chain of an image's, or of its format query's, info allows
 * none of ours. */
bool icd_modifier_fits(VkImageTiling tiling, const void *chain);

/* True where the chain says how the planes lie. */
bool icd_modifier_is_explicit(const void *chain);

/* Lays an image out as its create info's chain says; nothing else of it is filled in but the planes' layout
 * without that. NULL, or what is wrong. */
const char *icd_modifier_lay_out(struct icd_image *image, const void *chain);

#endif
