/* SPDX-License-Identifier: MIT */
#include "quirk.h"

#include <stdlib.h>
#include <string.h>

/* A program is known by its engine's name. */
static const struct {
    const char *engine;
    unsigned quirks;
} programs[] = {
    /* FFmpeg. The filters of two passes (gblur) have no barrier between them. */
    {"libavutil", ICD_QUIRK_ORDER},
    /* ncnn. Older versions, as other packages bring them along, crash where no family has graphics. */
    {"ncnn", ICD_QUIRK_GRAPHICS},
};

unsigned icd_quirks_of(const VkApplicationInfo *info)
{
    const char *debug = getenv("WEFT_DEBUG"), *graphics = getenv("WEFT_QUEUE_GRAPHICS");
    unsigned quirks = debug && strstr(debug, "order") ? ICD_QUIRK_ORDER : 0;

    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (info && info->pEngineName && !strcmp(info->pEngineName, programs[i].engine))
            quirks |= programs[i].quirks;
    }
    if (graphics && !strcmp(graphics, "1"))
        quirks |= ICD_QUIRK_GRAPHICS | ICD_QUIRK_CONFORMANCE;
    else if (graphics)
        quirks &= ~(unsigned)ICD_QUIRK_GRAPHICS;
    return quirks;
}
