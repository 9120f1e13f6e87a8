/* SPDX-License-Identifier: MIT
 *
 * DOC: Two tiers of code
 *
 * A first dispatch waits for the compiler, nearly all the later ones only for the code. So a program
 * starts with code that was compiled fast; when it has run for a while, or a dispatch is about to take
 * long, a thread in the background compiles it well. Workgroups that begin after that use the better
 * code, also those of a dispatch that has begun. Both give the same results, bit by bit, where the
 * shader itself does.
 *
 *   - The better code is a program of its own, which the first holds until it goes itself. Nothing is
 *     freed at the change: a worker that runs the first code goes on with it for the workgroups that it
 *     has claimed. All else about the program (its label, its cost, who holds it) stays with the first.
 *   - One thread does it, at the usual priority: with a lower one the workers that run the worse code
 *     would keep the better from coming.
 *   - The program is in the list by a reference. One that nobody else holds any more is dropped.
 *   - A job has taken its memory before it is pushed (lifetime rule 3). Better code that wants more
 *     than that waits for the next job.
 *   - Destroying the device empties the list and does not wait: the thread keeps the device's memory
 *     until it is done with the compilation that it is in.
 *
 * WEFT_TIERS: "off" compiles well at once, "fast" never compiles well, "eager" compiles well in the
 * background at once, and doesn't wait for the program to have run. A program whose request asks for fast code
 * keeps it (VK_PIPELINE_CREATE_DISABLE_OPTIMIZATION_BIT).
 */
#ifndef WEFT_TIER_H
#define WEFT_TIER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weft_device;
struct weft_program;

enum weft_tiers { WEFT_TIERS_ON, WEFT_TIERS_OFF, WEFT_TIERS_FAST, WEFT_TIERS_EAGER };

struct weft_tier {
    enum weft_tiers mode; /* immutable */
    /* The most that better code of this device wants of a worker. */
    _Atomic uint32_t scratch_B;

    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    struct weft_program *first, **last; /* to be compiled, referenced */
    bool started, stopping;
};

/* What a program has of it. */
struct weft_program_tier {
    bool improvable; /* immutable; where it is false the rest is unused */
    bool again;      /* immutable: an earlier process has compiled it */
    void *request;   /* for the better code; the thread's, which frees it */
    size_t request_B;
    _Atomic(struct weft_program *) better; /* referenced until the program goes */
    _Atomic uint64_t spent_ns;             /* in the code that was compiled fast */
    atomic_bool asked;                     /* is in the list, or was */
    struct weft_program *next;             /* in the list */
};

void weft_tier_init(struct weft_tier *tier);
void weft_tier_finish(struct weft_tier *tier);
/* Has the thread end. No compilation begins after that. */
void weft_tier_stop(struct weft_tier *tier);

/* The program's fast code has run for so long; asks for better code when that is long enough. Never
 * waits for long, never fails. */
void weft_tier_spent(const struct weft_program *program, uint64_t time_ns);
/* It is about to run for so long; asks at once if one dispatch is worth it. */
void weft_tier_expect(const struct weft_program *program, double time_ns);
/* Asks for it now. */
void weft_tier_ask(struct weft_program *program);

/* The program whose code to run now, with no more than so much memory of a worker. */
const struct weft_program *weft_tier_best(const struct weft_program *program, uint32_t shared_B,
                                          uint32_t scratch_B);

#endif
