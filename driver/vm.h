/* SPDX-License-Identifier: MIT
 *
 * DOC: The address space
 *
 * The set of live buffer objects, sorted by address. It holds weak pointers (lifetime rule 5). A job
 * works on a snapshot: an immutable copy in which every buffer object is referenced (rule 2). The
 * copy is made when a job is armed and shared by all jobs until the set changes.
 */
#ifndef WEFT_VM_H
#define WEFT_VM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ref.h"

struct weft_bo;

struct weft_range {
    uint64_t address, size_B;
    struct weft_bo *bo;
};

struct weft_snapshot {
    struct weft_ref ref;
    size_t range_count;
    bool overlaps;              /* some range reaches into a later one: imported host memory */
    struct weft_range ranges[]; /* by address */
};

struct weft_vm {
    pthread_mutex_t lock; /* guards all below */
    struct weft_range *ranges;
    size_t range_count, range_capacity;
    struct weft_snapshot *snapshot; /* of the present set, or NULL */
};

void weft_vm_init(struct weft_vm *vm);
void weft_vm_finish(struct weft_vm *vm);
/* Publishes a complete buffer object. 0 or -ENOMEM */
int weft_vm_add(struct weft_vm *vm, struct weft_bo *bo, uint64_t address, uint64_t size_B);
/* Takes it out; does nothing if it is not there. */
void weft_vm_remove(struct weft_vm *vm, const struct weft_bo *bo, uint64_t address);
/* The present set, with a reference for the caller. 0 or -ENOMEM */
int weft_vm_snapshot(struct weft_vm *vm, struct weft_snapshot **snapshot_out);
/* Drops the cached snapshot and the references in it. */
void weft_vm_flush(struct weft_vm *vm);
void weft_snapshot_put(struct weft_snapshot **snapshot);
/* Whether [address, address + size_B) lies in one buffer object. */
bool weft_snapshot_contains(const struct weft_snapshot *snapshot, uint64_t address,
                            uint64_t size_B);

#endif
