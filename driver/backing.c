/* SPDX-License-Identifier: MIT */
#include "backing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* What Linux allows where nothing else is said. */
#define MAP_COUNT 65530u

static uint64_t read_most(void)
{
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    unsigned long long most = MAP_COUNT;

    if (file != NULL) {
        if (fscanf(file, "%llu", &most) != 1)
            most = MAP_COUNT;
        fclose(file);
    }
    return most - most / 8; /* the rest is for all that is not sparse */
}

void weft_mappings_init(struct weft_mappings *mappings)
{
    pthread_mutex_init(&mappings->lock, NULL);
    mappings->edges = 0;
    mappings->most = 0;
}

void weft_mappings_finish(struct weft_mappings *mappings)
{
    pthread_mutex_destroy(&mappings->lock);
}

int weft_backing_init(struct weft_backing *backing, uint64_t page_count)
{
    void *pages = mmap(NULL, page_count * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (pages == MAP_FAILED)
        return -ENOMEM;
    *backing = (struct weft_backing){.pages = pages, .count = page_count};
    return 0;
}

void weft_backing_finish(struct weft_backing *backing, struct weft_mappings *mappings)
{
    if (backing->pages == NULL)
        return;
    pthread_mutex_lock(&mappings->lock);
    mappings->edges -= backing->edges;
    pthread_mutex_unlock(&mappings->lock);
    munmap(backing->pages, backing->count * sizeof(uint64_t));
    *backing = (struct weft_backing){0};
}

/* Whether a run ends before a page; the first and the one behind the last have no page beside them. */
static bool is_edge(const struct weft_backing *backing, uint64_t page, uint64_t page_B)
{
    if (page == 0 || page >= backing->count)
        return false;
    return backing->pages[page] != (backing->pages[page - 1] ? backing->pages[page - 1] + page_B : 0);
}

static uint64_t edges_around(const struct weft_backing *backing, uint64_t first, uint64_t count,
                             uint64_t page_B)
{
    uint64_t edges = 0;

    for (uint64_t page = first; page <= first + count; page++)
        edges += is_edge(backing, page, page_B);
    return edges;
}

static void recount(struct weft_backing *backing, struct weft_mappings *mappings, uint64_t before,
                    uint64_t after)
{
    backing->edges = backing->edges - before + after;
    mappings->edges = mappings->edges - before + after;
}

int weft_backing_plan(struct weft_backing *backing, struct weft_mappings *mappings, uint64_t first,
                      uint64_t count, uint64_t memory, uint64_t page_B, uint64_t *undo)
{
    int rc = 0;

    pthread_mutex_lock(&mappings->lock);
    if (mappings->most == 0)
        mappings->most = read_most();
    uint64_t before = edges_around(backing, first, count, page_B);
    memcpy(undo, &backing->pages[first], count * sizeof(*undo));
    for (uint64_t i = 0; i < count; i++)
        backing->pages[first + i] = memory ? memory + i * page_B : 0;
    uint64_t after = edges_around(backing, first, count, page_B);
    /* What makes fewer of them is welcome at any time. */
    if (after > before && mappings->edges - before + after > mappings->most) {
        memcpy(&backing->pages[first], undo, count * sizeof(*undo));
        rc = -ENOSPC;
    } else {
        recount(backing, mappings, before, after);
    }
    pthread_mutex_unlock(&mappings->lock);
    return rc;
}

void weft_backing_revert(struct weft_backing *backing, struct weft_mappings *mappings,
                         uint64_t first, uint64_t count, uint64_t page_B, const uint64_t *undo)
{
    pthread_mutex_lock(&mappings->lock);
    uint64_t before = edges_around(backing, first, count, page_B);
    memcpy(&backing->pages[first], undo, count * sizeof(*undo));
    recount(backing, mappings, before, edges_around(backing, first, count, page_B));
    pthread_mutex_unlock(&mappings->lock);
}
