/* SPDX-License-Identifier: MIT
 *
 * The front end alone: reading the request and the SPIR-V, building IR that verifies.
 */
#include "fuzz.h"

#include <string.h>

#include "arena.h"
#include "request.h"
#include "spv.h"

bool fuzz_request(const void *request, size_t request_B)
{
    struct arena *arena = arena_create((size_t)256 << 20);
    bool good = false;
    if (arena && setjmp(*arena_recovery(arena)) == 0) {
        struct ir_module *m = ir_module_create(arena);
        request_read(m, request, request_B);
        if (!m->error)
            spv_build(m);
        if (!m->error)
            ir_verify(m);
        fuzz_check(!m->error || m->message[0], "an error without a message");
        fuzz_check(!strstr(m->message, "internal:"), m->message);
        if (m->error)
            fuzz_message(m->message);
        good = !m->error;
    }
    arena_destroy(arena);
    return good;
}
