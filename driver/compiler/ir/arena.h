/* SPDX-License-Identifier: MIT
 *
 * An arena: memory of one compilation, freed all at once.
 *
 * Allocations never return NULL. When memory or the arena's limit is exhausted, the arena longjmps
 * to the recovery point that weft_compile set with arena_recovery(). So between setjmp and an
 * allocation there may be frames of ours only: no LLVM frame may call back into code that
 * allocates, and whoever holds something that is not in the arena registers its release with
 * arena_defer().
 *
 * An arena belongs to one thread.
 */
#ifndef ARENA_H
#define ARENA_H

#include <setjmp.h>
#include <stddef.h>

struct arena;

/* limit_B bounds the sum of all allocations. NULL when out of memory. */
struct arena *arena_create(size_t limit_B);
/* Takes NULL. */
void arena_destroy(struct arena *arena);

/* Where a failing allocation jumps: `if (setjmp(*arena_recovery(arena)))`. Until the caller has
 * done that, allocations must not fail: one that does ends the process. */
jmp_buf *arena_recovery(struct arena *arena);

/* Zeroed, aligned to 16 bytes. Never NULL; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size_B);
/* The same for count elements, checked for overflow. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size_B);
/* A copy of size_B bytes. */
void *arena_copy(struct arena *arena, const void *data, size_t size_B);
/* A copy of a text. */
char *arena_strdup(struct arena *arena, const char *text);
/* printf into the arena. */
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *arena, const char *format,
                                                         ...);
/* A larger array with the old contents in front; the old one stays allocated. For arrays that grow
 * by doubling. */
void *arena_grow(struct arena *arena, const void *old, size_t old_count, size_t new_count,
                 size_t size_B);

/* Has release(data) called when the arena is destroyed, the last registered first. This is how what
 * isn't in the arena (an LLVM context, a FILE) is freed whichever way the compilation ends. */
void arena_defer(struct arena *arena, void (*release)(void *data), void *data);

/* Bytes handed out so far. */
size_t arena_used_B(const struct arena *arena);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) \
    ((type *)arena_alloc_array((arena), (count), sizeof(type)))

#endif
