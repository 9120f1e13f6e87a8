/* SPDX-License-Identifier: MIT */
#include "tier.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "program.h"
#include "thread.h"

/* Run time after which better code is likely to pay: a program that ran so long may well do so again.
 * Compiling well takes about twice as long, on a core that is perhaps idle. */
#define HOT_NS 20000000u
/* The same for a program that was compiled by an earlier process: there will be later ones. */
#define HOT_AGAIN_NS 2000000u

void weft_tier_init(struct weft_tier *tier)
{
    static const struct {
        const char *name;
        enum weft_tiers mode;
    } names[] = {{"off", WEFT_TIERS_OFF}, {"fast", WEFT_TIERS_FAST}, {"eager", WEFT_TIERS_EAGER}};
    const char *name = getenv("WEFT_TIERS");

    memset(tier, 0, sizeof(*tier));
    for (size_t i = 0; name != NULL && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            tier->mode = names[i].mode;
    pthread_mutex_init(&tier->lock, NULL);
    pthread_cond_init(&tier->changed, NULL);
    tier->last = &tier->first;
}

void weft_tier_finish(struct weft_tier *tier)
{
    pthread_cond_destroy(&tier->changed);
    pthread_mutex_destroy(&tier->lock);
}

/* ---- The thread ---- */

static void improve(struct weft_program *program)
{
    struct weft_device *device = program->device;
    struct weft_program *better = NULL;
    uint32_t scratch_B, old_B;
    int rc = weft_program_better(device, program->tier.request, program->tier.request_B, &better);

    free(program->tier.request);
    program->tier.request = NULL;
    if (rc != 0)
        return; /* the code that there is goes on to serve */
    /* Jobs armed from now on have room for it. */
    scratch_B = better->image->scratch_B;
    old_B = atomic_load(&device->tier.scratch_B);
    while (old_B < scratch_B &&
           !atomic_compare_exchange_weak(&device->tier.scratch_B, &old_B, scratch_B))
        ;
    /* Publish last (lifetime rule 5). */
    atomic_store_explicit(&program->tier.better, better, memory_order_release);
}

static struct weft_program *take_locked(struct weft_tier *tier)
{
    struct weft_program *program = tier->first;

    if (program != NULL) {
        tier->first = program->tier.next;
        if (tier->first == NULL)
            tier->last = &tier->first;
    }
    return program;
}

/* The thread may outlive the device, and an application may unload the driver then. */
static void stay_loaded(void)
{
    Dl_info info;

    if (dladdr((void *)(uintptr_t)&stay_loaded, &info) != 0)
        dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

static void *run(void *data)
{
    struct weft_device *device = data; /* referenced */
    struct weft_tier *tier = &device->tier;

    pthread_mutex_lock(&tier->lock);
    while (!tier->stopping) {
        struct weft_program *program = take_locked(tier);

        if (program == NULL) {
            pthread_cond_wait(&tier->changed, &tier->lock);
            continue;
        }
        pthread_mutex_unlock(&tier->lock);
        /* With the application's last reference gone nobody will run it again. */
        if (atomic_load_explicit(&program->ref.count, memory_order_relaxed) > 1)
            improve(program);
        weft_program_put(&program);
        pthread_mutex_lock(&tier->lock);
    }
    pthread_mutex_unlock(&tier->lock);
    weft_device_put(&device);
    return NULL;
}

static bool start_locked(struct weft_device *device)
{
    struct weft_device *reference = weft_device_get(device);
    pthread_t thread;

    stay_loaded();
    if (weft_thread_create(&thread, "weft-tier", run, reference) != 0) {
        weft_device_put(&reference);
        return false;
    }
    pthread_detach(thread);
    return true;
}

void weft_tier_stop(struct weft_tier *tier)
{
    struct weft_program *program;

    pthread_mutex_lock(&tier->lock);
    tier->stopping = true;
    pthread_cond_signal(&tier->changed);
    while ((program = take_locked(tier)) != NULL) {
        pthread_mutex_unlock(&tier->lock);
        weft_program_put(&program);
        pthread_mutex_lock(&tier->lock);
    }
    pthread_mutex_unlock(&tier->lock);
}

/* ---- Programs ---- */

void weft_tier_ask(struct weft_program *program)
{
    struct weft_tier *tier = &program->device->tier;

    if (!program->tier.improvable || tier->mode == WEFT_TIERS_FAST ||
        atomic_exchange(&program->tier.asked, true))
        return;
    pthread_mutex_lock(&tier->lock);
    if (!tier->stopping && !tier->started)
        tier->started = start_locked(program->device);
    /* Without a thread the code that there is goes on to serve. */
    if (!tier->stopping && tier->started) {
        program->tier.next = NULL;
        *tier->last = weft_program_get(program);
        tier->last = &program->tier.next;
        pthread_cond_signal(&tier->changed);
    }
    pthread_mutex_unlock(&tier->lock);
}

static uint64_t hot_ns(const struct weft_program *program)
{
    return program->tier.again ? HOT_AGAIN_NS : HOT_NS;
}

void weft_tier_spent(const struct weft_program *program, uint64_t time_ns)
{
    /* The program is immutable but for what the tiers need. */
    struct weft_program *changed = (struct weft_program *)(uintptr_t)program;

    if (!program->tier.improvable)
        return;
    time_ns += atomic_fetch_add_explicit(&changed->tier.spent_ns, time_ns, memory_order_relaxed);
    if (time_ns > hot_ns(program) &&
        !atomic_load_explicit(&program->tier.asked, memory_order_relaxed))
        weft_tier_ask(changed);
}

void weft_tier_expect(const struct weft_program *program, double time_ns)
{
    if (program->tier.improvable && time_ns > (double)hot_ns(program) &&
        !atomic_load_explicit(&program->tier.asked, memory_order_relaxed))
        weft_tier_ask((struct weft_program *)(uintptr_t)program);
}

const struct weft_program *weft_tier_best(const struct weft_program *program, uint32_t shared_B,
                                          uint32_t scratch_B)
{
    const struct weft_program *better =
        atomic_load_explicit(&program->tier.better, memory_order_acquire);

    return better != NULL && better->image->shared_B <= shared_B &&
                   better->image->scratch_B <= scratch_B
               ? better
               : program;
}
