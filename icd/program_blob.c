/* SPDX-License-Identifier: MIT */
#include "program_blob.h"

#include <errno.h>
#include <string.h>

#include "digest.h"

#define BLOB_MAGIC 0x42504657u /* "WFPB" */

struct blob {
    uint32_t magic, set_mask;
    uint8_t uuid[VK_UUID_SIZE]; /* pipelineCacheUUID: build and instruction set */
    uint64_t image_B;
    uint8_t digest[ICD_DIGEST_B]; /* of the image */
    /* then the image */
};

size_t icd_blob_size(const struct icd_pipeline *pipeline)
{
    return sizeof(struct blob) + weft_program_image(pipeline->program)->image_B;
}

void icd_blob_write(const struct icd_pipeline *pipeline, void *out)
{
    const struct weft_image *image = weft_program_image(pipeline->program);
    struct blob blob = {
        .magic = BLOB_MAGIC,
        .set_mask = pipeline->set_mask,
        .image_B = image->image_B,
    };

    memcpy(blob.uuid, pipeline->base.device->physical->properties.pipelineCacheUUID, VK_UUID_SIZE);
    icd_digest(image, image->image_B, blob.digest);
    memcpy(out, &blob, sizeof(blob));
    memcpy((char *)out + sizeof(blob), image, image->image_B);
}

bool icd_blob_is_valid(const struct icd_device *device, const void *bytes, size_t blob_B)
{
    const char *image = (const char *)bytes + sizeof(struct blob);
    uint8_t digest[ICD_DIGEST_B];
    struct blob blob;

    if (blob_B < sizeof(blob))
        return false;
    memcpy(&blob, bytes, sizeof(blob));
    if (blob.magic != BLOB_MAGIC || blob.image_B != blob_B - sizeof(blob) ||
        memcmp(blob.uuid, device->physical->properties.pipelineCacheUUID, VK_UUID_SIZE) != 0)
        return false;
    icd_digest(image, blob.image_B, digest);
    return !memcmp(digest, blob.digest, sizeof(digest));
}

VkResult icd_blob_read(struct icd_device *device, const void *bytes, size_t blob_B,
                       struct icd_pipeline *pipeline)
{
    struct blob blob;

    if (!icd_blob_is_valid(device, bytes, blob_B))
        return VK_ERROR_VALIDATION_FAILED_EXT;
    memcpy(&blob, bytes, sizeof(blob));
    int error = weft_program_load(device->weft, (const char *)bytes + sizeof(blob), blob.image_B,
                                  &pipeline->program);
    if (error)
        return error == -ENOMEM ? VK_ERROR_OUT_OF_HOST_MEMORY : VK_ERROR_VALIDATION_FAILED_EXT;
    pipeline->set_mask = blob.set_mask;
    return VK_SUCCESS;
}
