/* SPDX-License-Identifier: MIT
 *
 * The words through which a loaded library calls functions of others (ELF's global offset table). The dynamic
 * linker fills them in; here they are found by the function's name, and changed.
 */
#ifndef GOT_H
#define GOT_H

#include <stdbool.h>

struct got_slot {
    void **address;
    void *function; /* NULL: not filled in yet, which the first call will do */
    bool sealed;    /* the dynamic linker has made it read-only */
};

/* The slots for a function in the library that this address lies in, at most max of them; returns how many. None
 * too where the library doesn't call the function, defines it, or has another form than the one read here. */
unsigned got_find(const void *inside, const char *function, unsigned max, struct got_slot slots_out[]);
/* Other threads may be calling through it. False if it can't be written; it's unchanged then. */
bool got_set(const struct got_slot *slot, void *function);

#endif
