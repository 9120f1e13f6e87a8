/* SPDX-License-Identifier: MIT
 *
 * The pool on more cores than this machine has. Threads whose work sleeps stand for cores that
 * compute: hundreds of them make progress at a time on any machine, and what the scheduler adds
 * shows. Calls of the work's function, threads that took part and context switches do not depend on
 * the machine. A table comes out; as a test it sees that each index is run once, that no more
 * threads come than there are seats, and that works of a single index keep all threads busy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "device.h"
#include "exec.h"

enum { MAX_THREADS = 1024 };

struct scene {
    const char *name;
    uint64_t per_thread, fixed; /* indices: per_thread * threads + fixed */
    long sleep_ns;              /* each takes so long */
    uint64_t slow_index;        /* this one takes ten times as long; UINT64_MAX: none */
    unsigned dispatches;
    unsigned works; /* of so many indices each, that may overlap; at most WEFT_EXEC_WORKS */
};

static const struct scene scenes[] = {
    {"4 indices of 5 ms", 0, 4, 5000000, UINT64_MAX, 8, 1},
    {"4 a thread, of 5 ms", 4, 0, 5000000, UINT64_MAX, 4, 1},
    {"the same, one takes 50 ms", 4, 0, 5000000, 0, 4, 1},
    {"32 works of one of 5 ms", 0, 1, 5000000, UINT64_MAX, 4, 32},
    {"1M indices of nothing", 0, 1 << 20, 0, UINT64_MAX, 20, 1},
    {"2 a thread, of nothing", 2, 0, 0, UINT64_MAX, 200, 1},
};

struct scene_play {
    const struct scene *scene;
    atomic_uint calls;
    _Atomic uint64_t indices;
    /* Who took part: by the address of the worker's arguments, which each thread has its own of. */
    _Atomic(const void *) seen[MAX_THREADS];
};

static void run_scene(const struct weft_work *work, const struct weft_worker_args *worker,
                      uint64_t first, uint64_t end)
{
    struct scene_play *own = (struct scene_play *)(uintptr_t)work->data;
    long ns = own->scene->sleep_ns * (long)(end - first);

    atomic_fetch_add_explicit(&own->calls, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&own->indices, end - first, memory_order_relaxed);
    for (unsigned i = 0; i < MAX_THREADS; i++) {
        const void *nobody = NULL;

        if (atomic_load(&own->seen[i]) == worker ||
            atomic_compare_exchange_strong(&own->seen[i], &nobody, worker) || nobody == worker)
            break;
    }
    if (first <= own->scene->slow_index && own->scene->slow_index < end)
        ns += 9 * own->scene->sleep_ns;
    if (ns != 0) {
        struct timespec time = {ns / 1000000000, ns % 1000000000};

        nanosleep(&time, NULL);
    }
}

static double cpu_s(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* False if a dispatch was not run as it should be. */
static bool play(struct weft_device *device, unsigned threads, const struct scene *scene)
{
    static struct scene_play own;
    static struct weft_exec exec;
    struct weft_worker worker;
    struct rusage before, after;
    uint64_t total = scene->per_thread * threads + scene->fixed, all = total * scene->works;
    uint64_t start_ns, calls = 0, seen = 0;
    bool ok = true;
    double ideal_s = 1e-9 * (double)scene->sleep_ns * (double)((all + threads - 1) / threads);
    double slow_s = scene->slow_index != UINT64_MAX ? 1e-8 * (double)scene->sleep_ns : 0, wall_s;
    double best_s = 1e9;
    struct timespec rest = {0, 20000000};

    ideal_s = ideal_s > slow_s ? ideal_s : slow_s;
    weft_worker_init(&worker, device);
    weft_exec_init(&exec, device, &worker);
    nanosleep(&rest, NULL); /* every worker sleeps */
    getrusage(RUSAGE_SELF, &before);
    start_ns = weft_clock_ns();
    for (unsigned i = 0; i < scene->dispatches; i++) {
        uint64_t own_ns = weft_clock_ns();

        memset(&own, 0, sizeof(own));
        own.scene = scene;
        for (unsigned k = 0; k < scene->works; k++) {
            struct weft_exec_work *work = weft_exec_work(&exec);

            work->work.run = run_scene;
            work->work.data = &own;
            work->work.total = total;
            weft_exec_offer(&exec, work);
        }
        weft_exec_complete(&exec);
        own_ns = weft_clock_ns() - own_ns;
        best_s = 1e-9 * (double)own_ns < best_s ? 1e-9 * (double)own_ns : best_s;
        calls += own.calls;
        unsigned came = 0;
        while (came < MAX_THREADS && own.seen[came])
            came++;
        seen += came;
        ok = ok && own.indices == all && own.calls <= all && came <= threads &&
             came <= all + 1;
    }
    if (scene->works >= 8 * threads && best_s > 1.6 * ideal_s) {
        printf("%u threads, %s: the best took %.1f ms\n", threads, scene->name, best_s * 1e3);
        ok = false;
    }
    wall_s = 1e-9 * (double)(weft_clock_ns() - start_ns) / scene->dispatches;
    getrusage(RUSAGE_SELF, &after);
    weft_worker_finish(&worker);
    printf("%8u  %-28s%12.1f%12.1f%10.1f%10.1f%12.1f%12.1f\n", threads, scene->name, ideal_s * 1e6,
           wall_s * 1e6, (double)seen / scene->dispatches, (double)calls / scene->dispatches,
           (cpu_s(&after) - cpu_s(&before)) / scene->dispatches * 1e6,
           (double)(after.ru_nvcsw + after.ru_nivcsw - before.ru_nvcsw - before.ru_nivcsw) /
               scene->dispatches);
    return ok;
}

int main(int argc, char **argv)
{
    static const unsigned counts[] = {2, 16, 64, 256};

    bool ok = true;

    printf("%8s  %-28s%12s%12s%10s%10s%12s%12s\n", "threads", "a dispatch of", "ideal us",
           "took us", "workers", "calls", "cpu us", "switches");
    for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct weft_device_info info = {.worker_count = counts[i]};
        struct weft_device *device;

        if (weft_device_create(&info, &device) != 0 || weft_pool_start(&device->pool) != 0)
            return 1;
        for (unsigned k = 0; k < sizeof(scenes) / sizeof(scenes[0]); k++)
            ok = play(device, counts[i], &scenes[k]) && ok;
        weft_device_destroy(&device);
    }
    if (!ok)
        puts("WRONG: an index was not run once, more threads came than there were seats, or too few");
    return ok ? 0 : 1;
}
