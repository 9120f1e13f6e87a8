/* SPDX-License-Identifier: MIT
 *
 * DOC: Capture and replay
 *
 * A tool that records what an application does plays it back in another process, where every address
 * that the application has seen must be the same. Memory has to be told so when it is allocated; then it
 * lies where the address can be had again (driver/place.h). Buffers and images lie in memory, so they
 * have its addresses; sparse ones have addresses of their own. Descriptors hold nothing but addresses
 * and what the create infos say, so nothing more is captured of views and samplers.
 */
#ifndef ICD_CAPTURE_H
#define ICD_CAPTURE_H

#include "device.h"

/* Bytes that are captured of a buffer or an image: the address of a sparse one, else 0. */
#define ICD_CAPTURE_B 8

/* What the chain of a create info or an allocation says of where it was captured; 0: nowhere, it is the
 * first time. */
uint64_t icd_captured_address(const void *chain);

#endif
