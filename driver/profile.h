/* SPDX-License-Identifier: MIT
 *
 * Programs made visible to other tools: to perf, whose samples in them get a name, and to weft cc, which can
 * compile again what an application had compiled.
 */
#ifndef WEFT_PROFILE_H
#define WEFT_PROFILE_H

#include <stdbool.h>

struct weft_program;
struct weft_request;

struct weft_profile {
    bool perf;    /* WEFT_DEBUG has `perf` */
    char *folder; /* WEFT_DUMP, or NULL */
};

/* Reads the environment. Both immutable afterwards. */
void weft_profile_init(struct weft_profile *profile);
void weft_profile_finish(struct weft_profile *profile);

/* A program was loaded that was made by the request. Writes a line of /tmp/perf-PID.map, and HASH.request
 * into the folder, as asked for; what cannot be written is left out. Any thread. */
void weft_profile_program(const struct weft_profile *profile, const struct weft_program *program,
                          const struct weft_request *request);

#endif
