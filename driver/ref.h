/* SPDX-License-Identifier: MIT
 *
 * A reference count. Lifetime rule 7: incrementing orders nothing (whoever increments has a reference
 * already), the last decrement sees all that other holders did.
 */
#ifndef WEFT_REF_H
#define WEFT_REF_H

#include <stdatomic.h>
#include <stdbool.h>

struct weft_ref {
    atomic_uint count;
};

static inline void weft_ref_init(struct weft_ref *ref)
{
    atomic_init(&ref->count, 1);
}

static inline void weft_ref_get(struct weft_ref *ref)
{
    atomic_fetch_add_explicit(&ref->count, 1, memory_order_relaxed);
}

/* For lookups through weak pointers (rule 5); the caller holds the lock of the table that holds the
 * pointer. False when the object is being destroyed. */
static inline bool weft_ref_get_unless_zero(struct weft_ref *ref)
{
    unsigned count = atomic_load_explicit(&ref->count, memory_order_relaxed);

    while (count != 0) {
        if (atomic_compare_exchange_weak_explicit(&ref->count, &count, count + 1,
                                                  memory_order_relaxed, memory_order_relaxed))
            return true;
    }
    return false;
}

/* True when that was the last reference: the caller destroys the object. */
static inline bool weft_ref_put(struct weft_ref *ref)
{
    return atomic_fetch_sub_explicit(&ref->count, 1, memory_order_acq_rel) == 1;
}

#endif
