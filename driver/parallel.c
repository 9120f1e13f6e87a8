/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "device.h"
#include "thread.h"

struct parallel {
    void (*run)(void *data, uint32_t index);
    void *data;
    uint32_t count;
    _Atomic uint32_t next;
};

static void *run_some(void *data)
{
    struct parallel *parallel = data;
    uint32_t index;

    while ((index = atomic_fetch_add(&parallel->next, 1)) < parallel->count)
        parallel->run(parallel->data, index);
    return NULL;
}

void weft_parallel(struct weft_device *device, uint32_t count,
                   void (*run)(void *data, uint32_t index), void *data)
{
    struct parallel parallel = {.run = run, .data = data, .count = count};
    uint32_t wanted = (count < device->threads ? count : device->threads), started = 0;
    pthread_t *threads = wanted > 1 ? calloc(wanted - 1, sizeof(*threads)) : NULL;

    while (threads != NULL && started < wanted - 1 &&
           weft_thread_create(&threads[started], "weft-parallel", run_some, &parallel) == 0)
        started++;
    run_some(&parallel);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    free(threads);
}
