/* SPDX-License-Identifier: MIT
 *
 * DOC: Sparse residency of images
 *
 * An image's texels lie in rows here too, so that kernels read a sparse image like any other. A sparse block is
 * therefore a page wide, ICD_SPARSE_PAGE_B bytes of each of its rows: 16 rows of a 2D image, 4 rows of 4 slices
 * of a 3D image. Rows of levels that are made of blocks take whole pages, and whole blocks lie at their ends;
 * the levels that are smaller than a block in some direction are each layer's mip tail.
 *
 *     block (x, y) of a level    row r of it is the page at level + (16 y + r) * row_B + x * ICD_SPARSE_PAGE_B
 *
 * A block's memory has its rows one after the other, then its slices. The system allows a process 65530 mappings
 * by default, and a row of a block is one where its neighbours' memory is not next to its own.
 *
 * Planes are bound each by itself. Formats whose texel blocks are no power of two in size have no residency,
 * nor do YCbCr ones. Where texels have samples, a page has fewer texels.
 */
#ifndef ICD_SPARSE_IMAGE_H
#define ICD_SPARSE_IMAGE_H

#include <stdbool.h>

#include "format.h"

#define ICD_SPARSE_PAGE_B 4096u

/* Whether images of a format and type may have residency. */
bool icd_sparse_image_fits(const struct icd_format *format, VkImageType type);

/* The size of a sparse block of a plane, in texel blocks; of such an image. */
VkExtent3D icd_sparse_block(const struct icd_format_plane *plane, VkImageType type,
                            uint32_t samples);

#endif
