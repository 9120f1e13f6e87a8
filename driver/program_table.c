/* SPDX-License-Identifier: MIT */
#include "program_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "device.h"
#include "program.h"

/* A program that was replaced. */
struct retired {
    struct retired *next;
    struct weft_program *program;
};

struct weft_program_table {
    struct weft_ref ref;
    struct weft_device *device;
    pthread_mutex_t lock; /* guards retired and all writing of places */
    struct retired *retired;
    uint32_t shared_B, scratch_B; /* of any program that was ever in it; lock */
    uint32_t count;
    _Atomic(struct weft_program *) places[]; /* references */
};

int weft_program_table_create(struct weft_device *device, uint32_t count,
                              struct weft_program_table **table_out)
{
    struct weft_program_table *table =
        calloc(1, sizeof(*table) + (size_t)count * sizeof(table->places[0]));

    if (table == NULL)
        return -ENOMEM;
    weft_ref_init(&table->ref);
    pthread_mutex_init(&table->lock, NULL);
    table->device = weft_device_get(device);
    table->count = count;
    *table_out = table;
    return 0;
}

struct weft_program_table *weft_program_table_get(struct weft_program_table *table)
{
    if (table != NULL)
        weft_ref_get(&table->ref);
    return table;
}

void weft_program_table_put(struct weft_program_table **table_ref)
{
    struct weft_program_table *table = *table_ref;

    *table_ref = NULL;
    if (table == NULL || !weft_ref_put(&table->ref))
        return;
    for (uint32_t i = 0; i < table->count; i++) {
        struct weft_program *program = atomic_load(&table->places[i]);

        weft_program_put(&program);
    }
    while (table->retired != NULL) {
        struct retired *retired = table->retired;

        table->retired = retired->next;
        weft_program_put(&retired->program);
        free(retired);
    }
    pthread_mutex_destroy(&table->lock);
    weft_device_put(&table->device);
    free(table);
}

int weft_program_table_set(struct weft_program_table *table, uint32_t index,
                           struct weft_program *program)
{
    const struct weft_image *image = program->image;
    struct weft_program *old;
    struct retired *retired;

    if (index >= table->count)
        return -EINVAL;
    retired = calloc(1, sizeof(*retired));
    if (retired == NULL)
        return -ENOMEM;
    pthread_mutex_lock(&table->lock);
    if (table->shared_B < image->shared_B)
        table->shared_B = image->shared_B;
    if (table->scratch_B < image->scratch_B)
        table->scratch_B = image->scratch_B;
    old = atomic_exchange(&table->places[index], weft_program_get(program));
    if (old != NULL) {
        retired->program = old;
        retired->next = table->retired;
        table->retired = retired;
        retired = NULL;
    }
    pthread_mutex_unlock(&table->lock);
    free(retired);
    return 0;
}

struct weft_program *weft_program_table_at(const struct weft_program_table *table, uint32_t index)
{
    return index < table->count ? atomic_load(&table->places[index]) : NULL;
}

void weft_program_table_need(struct weft_program_table *table, uint32_t *shared_B,
                             uint32_t *scratch_B)
{
    pthread_mutex_lock(&table->lock);
    if (*shared_B < table->shared_B)
        *shared_B = table->shared_B;
    if (*scratch_B < table->scratch_B)
        *scratch_B = table->scratch_B;
    pthread_mutex_unlock(&table->lock);
}
