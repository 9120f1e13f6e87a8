/* SPDX-License-Identifier: MIT
 *
 * Digests of bytes, for names: of pipelines' contents, of shader modules. Good against accidents, not
 * against an attacker.
 */
#ifndef ICD_DIGEST_H
#define ICD_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define ICD_DIGEST_B 32u

/* Writes ICD_DIGEST_B bytes. */
void icd_digest(const void *bytes, size_t size_B, uint8_t digest_out[ICD_DIGEST_B]);

#endif
