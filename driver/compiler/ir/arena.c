/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN_B 16
/* So large that malloc maps it at first. When that is freed, malloc learns to keep as much for the next
 * compilation, instead of giving what LLVM frees back to the system every time. */
#define FIRST_CHUNK_B ((size_t)1 << 20)
#define LARGEST_CHUNK_B ((size_t)4 << 20)

struct chunk {
    struct chunk *next;
    size_t size_B; /* of the data */
    _Alignas(ALIGN_B) unsigned char data[];
};

struct deferred {
    struct deferred *next;
    void (*release)(void *data);
    void *data;
};

struct arena {
    struct chunk *chunks; /* the first one is being filled */
    size_t fill_B;        /* used bytes of the first chunk */
    size_t used_B, limit_B;
    size_t next_chunk_B;
    struct deferred *deferred;
    jmp_buf recovery;
};

struct arena *arena_create(size_t limit_B)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    if (!arena)
        return NULL;
    arena->limit_B = limit_B;
    arena->next_chunk_B = FIRST_CHUNK_B;
    return arena;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    for (struct deferred *d = arena->deferred; d; d = d->next)
        d->release(d->data);
    for (struct chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}

jmp_buf *arena_recovery(struct arena *arena)
{
    return &arena->recovery;
}

/* Rounding up to the alignment may step over the limit by a few bytes; used_B doesn't. */
static void account(struct arena *arena, size_t size_B)
{
    size_t left_B = arena->limit_B - arena->used_B;
    arena->used_B += size_B < left_B ? size_B : left_B;
}

void *arena_alloc(struct arena *arena, size_t size_B)
{
    if (size_B > arena->limit_B - arena->used_B)
        longjmp(arena->recovery, 1);
    size_B = (size_B + ALIGN_B - 1) & ~(size_t)(ALIGN_B - 1);

    struct chunk *chunk = arena->chunks;
    if (!chunk || size_B > chunk->size_B - arena->fill_B) {
        size_t chunk_B = arena->next_chunk_B;
        /* A large block gets a chunk of its own behind the one being filled. */
        bool alone = size_B > chunk_B / 4;
        if (alone)
            chunk_B = size_B;
        /* What is handed out is cleared then: most of a chunk never is. */
        struct chunk *fresh = alone ? calloc(1, sizeof(*fresh) + chunk_B)
                                    : malloc(sizeof(*fresh) + chunk_B);
        if (!fresh)
            longjmp(arena->recovery, 1);
        fresh->size_B = chunk_B;
        if (alone && chunk) {
            fresh->next = chunk->next;
            chunk->next = fresh;
            account(arena, size_B);
            return fresh->data;
        }
        fresh->next = chunk;
        arena->chunks = chunk = fresh;
        arena->fill_B = 0;
        if (arena->next_chunk_B < LARGEST_CHUNK_B)
            arena->next_chunk_B *= 2;
    }
    void *data = memset(chunk->data + arena->fill_B, 0, size_B);
    arena->fill_B += size_B;
    account(arena, size_B);
    return data;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size_B)
{
    size_t total_B;
    if (__builtin_mul_overflow(count, size_B, &total_B))
        longjmp(arena->recovery, 1);
    return arena_alloc(arena, total_B);
}

void *arena_copy(struct arena *arena, const void *data, size_t size_B)
{
    void *copy = arena_alloc(arena, size_B);
    if (size_B)
        memcpy(copy, data, size_B);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t size_B = length < 0 ? 1 : (size_t)length + 1;
    char *text = arena_alloc(arena, size_B);
    vsnprintf(text, size_B, format, again);
    va_end(again);
    return text;
}

void *arena_grow(struct arena *arena, const void *old, size_t old_count, size_t new_count,
                 size_t size_B)
{
    void *grown = arena_alloc_array(arena, new_count, size_B);
    if (old_count)
        memcpy(grown, old, old_count * size_B);
    return grown;
}

void arena_defer(struct arena *arena, void (*release)(void *data), void *data)
{
    struct deferred *d = arena_new(arena, struct deferred);
    *d = (struct deferred){arena->deferred, release, data};
    arena->deferred = d;
}

size_t arena_used_B(const struct arena *arena)
{
    return arena->used_B;
}
