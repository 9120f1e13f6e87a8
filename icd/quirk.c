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
};

unsigned icd_quirks_of(const VkApplicationInfo *info)
{
    const char *debug = getenv("WEFT_DEBUG");
    unsigned quirks = debug && strstr(debug, "order") ? ICD_QUIRK_ORDER : 0;

    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (info && info->pEngineName && !strcmp(info->pEngineName, programs[i].engine))
            quirks |= programs[i].quirks;
    }
    return quirks;
}
