/* SPDX-License-Identifier: MIT
 *
 * The nth allocation fails, for every n until none does. The linker sends the driver's allocations
 * through the functions below (--wrap). Each call must report -ENOMEM, and in the end nothing may be
 * left over; or, where memory is only of use and not needed, nothing may happen.
 */
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_compiler.h"

/* ---- Allocations ---- */

static atomic_long countdown = -1; /* this many succeed; negative: all do */
static atomic_bool all_fail;
static atomic_bool only_marked; /* threads that are not marked go on undisturbed */
static _Thread_local bool marked;
static atomic_bool failed;
static atomic_long live_blocks, live_mapped_B, live_threads;

static bool fails(void)
{
    long before = atomic_load(&countdown);

    if (atomic_load(&only_marked) && !marked)
        return false;
    if (atomic_load(&all_fail))
        return true;
    do {
        if (before < 0)
            return false;
    } while (!atomic_compare_exchange_weak(&countdown, &before, before - 1));
    if (before != 0)
        return false;
    atomic_store(&failed, true);
    return true;
}

static void *counted(void *memory)
{
    if (memory != NULL)
        atomic_fetch_add(&live_blocks, 1);
    return memory;
}

void *__real_malloc(size_t size_B);
void *__wrap_malloc(size_t size_B);
void *__wrap_malloc(size_t size_B)
{
    return fails() ? NULL : counted(__real_malloc(size_B));
}

void *__real_calloc(size_t count, size_t size_B);
void *__wrap_calloc(size_t count, size_t size_B);
void *__wrap_calloc(size_t count, size_t size_B)
{
    return fails() ? NULL : counted(__real_calloc(count, size_B));
}

void *__real_realloc(void *memory, size_t size_B);
void *__wrap_realloc(void *memory, size_t size_B);
void *__wrap_realloc(void *memory, size_t size_B)
{
    bool fresh = memory == NULL;

    if (fails())
        return NULL;
    memory = __real_realloc(memory, size_B);
    return fresh ? counted(memory) : memory;
}

void *__real_aligned_alloc(size_t alignment, size_t size_B);
void *__wrap_aligned_alloc(size_t alignment, size_t size_B);
void *__wrap_aligned_alloc(size_t alignment, size_t size_B)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, size_B));
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : counted(__real_strdup(text));
}

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
    if (memory != NULL)
        atomic_fetch_sub(&live_blocks, 1);
    __real_free(memory);
}

/* The C library's name for mmap() where off_t has 64 bits by a macro, as in Meson's builds. */
void *__real_mmap64(void *address, size_t size_B, int protection, int flags, int fd, off_t offset_B);
void *__wrap_mmap64(void *address, size_t size_B, int protection, int flags, int fd, off_t offset_B);
void *__wrap_mmap64(void *address, size_t size_B, int protection, int flags, int fd, off_t offset_B)
{
    if (fails()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    atomic_fetch_add(&live_mapped_B, (long)size_B);
    return __real_mmap64(address, size_B, protection, flags, fd, offset_B);
}

int __real_munmap(void *address, size_t size_B);
int __wrap_munmap(void *address, size_t size_B);
int __wrap_munmap(void *address, size_t size_B)
{
    atomic_fetch_sub(&live_mapped_B, (long)size_B);
    return __real_munmap(address, size_B);
}

int __real_mprotect(void *address, size_t size_B, int protection);
int __wrap_mprotect(void *address, size_t size_B, int protection);
int __wrap_mprotect(void *address, size_t size_B, int protection)
{
    if (fails()) {
        errno = ENOMEM;
        return -1;
    }
    return __real_mprotect(address, size_B, protection);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data)
{
    int rc = fails() ? EAGAIN : __real_pthread_create(thread, attributes, run, data);

    if (rc == 0)
        atomic_fetch_add(&live_threads, 1);
    return rc;
}

int __real_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result)
{
    atomic_fetch_sub(&live_threads, 1);
    return __real_pthread_join(thread, result);
}

/* ---- The scene ---- */

struct scene {
    void *image;
    size_t image_B;
    struct weft_device *device;
    struct weft_queue *queue;
    struct weft_bo *bos[80], *large;
    struct weft_program *program, *compiled;
    struct weft_stream *stream, *callee;
    struct weft_event *event;
    struct weft_fence *fence;
    struct weft_timeline *timeline;
    struct weft_job *job;
    char *message;
    void *request;
    bool spared; /* no allocation failed before the push */
};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        int try_rc = (call);                                                                       \
        if (try_rc != 0)                                                                           \
            return try_rc;                                                                         \
    } while (0)

static int create(struct scene *scene)
{
    const struct weft_device_info info = {.worker_count = 3, .hang_timeout_ns = 100 * SECOND};
    const uint32_t word = FAKE_OK;
    const struct weft_program_info program = {.spirv = &word, .spirv_words = 1, .entry = "main"};
    size_t request_B;

    TRY(weft_device_create(&info, &scene->device));
    TRY(weft_queue_create(scene->device, &scene->queue));
    for (int i = 0; i < 80; i++)
        TRY(weft_bo_create(scene->device, 1000, 0, &scene->bos[i]));
    TRY(weft_bo_create(scene->device, 3 << 20, 0, &scene->large));
    TRY(weft_program_load(scene->device, scene->image, scene->image_B, &scene->program));
    TRY(weft_program_request(scene->device, &program, &scene->request, &request_B));
    TRY(weft_program_create(scene->device, &program, &scene->compiled, &scene->message));
    TRY(weft_event_create(scene->device, &scene->event));
    TRY(weft_fence_create(scene->device, &scene->fence));
    TRY(weft_timeline_create(scene->device, 0, &scene->timeline));
    return 0;
}

static int record(struct scene *scene)
{
    uint64_t address = (uintptr_t)weft_bo_map(scene->bos[0]);
    uint64_t large = (uintptr_t)weft_bo_map(scene->large);
    struct weft_copy_region regions[2] = {{large, large + (1 << 20), 1 << 20},
                                          {address, address + 64, 8}};
    struct weft_kernel_args args = {.group_count = {100, 1, 1}};
    uint64_t *push;

    TRY(weft_stream_create(scene->device, &scene->callee));
    TRY(weft_emit_update(scene->callee, address + 100, 5, "hello"));
    TRY(weft_stream_freeze(scene->callee));
    TRY(weft_stream_create(scene->device, &scene->stream));
    for (int i = 0; i < 80; i++)
        TRY(weft_stream_hold_bo(scene->stream, scene->bos[i]));
    push = weft_stream_alloc(scene->stream, WEFT_MAX_PUSH_B);
    if (push == NULL) {
        /* Sticky: whoever looks at the end only finds out too. */
        assert_int_equal(weft_emit_barrier(scene->stream), -ENOMEM);
        return weft_stream_freeze(scene->stream);
    }
    push[0] = address;
    push[1] = 4096;
    args.push_constants = push;
    for (int i = 0; i < 30; i++) {
        TRY(weft_emit_dispatch(scene->stream, scene->program, &args));
        TRY(weft_emit_barrier(scene->stream));
    }
    TRY(weft_emit_call(scene->stream, scene->callee));
    TRY(weft_emit_fill(scene->stream, large, 1 << 20, 1));
    TRY(weft_emit_barrier(scene->stream));
    TRY(weft_emit_copy(scene->stream, regions, 2));
    TRY(weft_emit_event_set(scene->stream, scene->event, true));
    TRY(weft_emit_event_wait(scene->stream, scene->event));
    TRY(weft_emit_timestamp(scene->stream, address + 200));
    return weft_stream_freeze(scene->stream);
}

static int run(struct scene *scene)
{
    uint64_t value = 1;

    TRY(weft_job_create(scene->queue, &scene->job));
    TRY(weft_job_add_stream(scene->job, scene->stream));
    for (int i = 0; i < 6; i++) {
        TRY(weft_job_wait_timeline(scene->job, scene->timeline, 0));
        TRY(weft_job_signal_timeline(scene->job, scene->timeline, 1));
    }
    TRY(weft_job_signal_fence(scene->job, scene->fence));
    TRY(weft_job_arm(scene->job));
    scene->spared = !atomic_load(&failed);
    /* Rule 3: from here on nothing can fail, so nothing is allocated. */
    atomic_store(&all_fail, true);
    weft_job_push(&scene->job);
    TRY(weft_fence_wait(&scene->fence, 1, true, UINT64_MAX));
    TRY(weft_timeline_wait(&scene->timeline, &value, 1, true, UINT64_MAX));
    return weft_queue_wait_idle(scene->queue);
}

static void finish(struct scene *scene)
{
    weft_job_cancel(&scene->job);
    weft_stream_put(&scene->stream);
    weft_stream_put(&scene->callee);
    weft_timeline_put(&scene->timeline);
    weft_fence_put(&scene->fence);
    weft_event_put(&scene->event);
    __wrap_free(scene->message);
    __wrap_free(scene->request);
    weft_program_put(&scene->compiled);
    weft_program_put(&scene->program);
    weft_bo_close(&scene->large);
    for (int i = 0; i < 80; i++)
        weft_bo_close(&scene->bos[i]);
    weft_queue_destroy(&scene->queue);
    weft_device_destroy(&scene->device);
}

/* Takes the files out of the disk cache. */
static void empty_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
}

static void fail_each_allocation(const char *folder)
{
    size_t image_B;
    void *image = kernel_image(KERNEL_SHARED, 4096, 100, &image_B);
    bool spared = false;
    long failures = 0;

    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    for (long n = 0; !spared; n++) {
        long blocks = atomic_load(&live_blocks), mapped_B = atomic_load(&live_mapped_B);
        struct scene scene = {.image = image, .image_B = image_B};
        int rc;

        atomic_store(&failed, false);
        atomic_store(&countdown, n);
        rc = create(&scene);
        if (rc == 0)
            rc = record(&scene);
        if (rc == 0)
            rc = run(&scene);
        atomic_store(&countdown, -1);
        atomic_store(&all_fail, false);
        if (rc == 0) {
            const uint64_t *counter = weft_bo_map(scene.bos[0]);

            assert_int_equal(counter[0], 3000);
            assert_int_equal(counter[8], 3000);
            spared = scene.spared;
        } else {
            assert_int_equal(rc, -ENOMEM);
            assert_true(atomic_load(&failed));
            failures++;
        }
        finish(&scene);
        if (folder != NULL)
            empty_folder(folder);
        if (atomic_load(&live_blocks) != blocks || atomic_load(&live_mapped_B) != mapped_B ||
            atomic_load(&live_threads) != 0)
            fail_msg("failure %ld left %ld blocks, %ld mapped bytes, %ld threads", n,
                     atomic_load(&live_blocks) - blocks, atomic_load(&live_mapped_B) - mapped_B,
                     atomic_load(&live_threads));
    }
    assert_true(failures > 100);
    free(image);
}

static void every_allocation_fails_once(void **state)
{
    setenv("WEFT_CACHE", "off", 1);
    fail_each_allocation(NULL);
}

/* Memory for the cache is only of use. */
static void the_disk_cache_fails(void **state)
{
    char folder[] = "/tmp/weft-fail-XXXXXX";

    assert_non_null(mkdtemp(folder));
    setenv("WEFT_CACHE", folder, 1);
    fail_each_allocation(folder);
    setenv("WEFT_CACHE", "off", 1);
    assert_int_equal(rmdir(folder), 0);
}

/* A job that cannot be armed leaves some threads started; the next one starts the others. */
static void arming_fails_and_the_next_job_runs(void **state)
{
    size_t image_B;
    void *image = kernel_image(KERNEL_SHARED, 4096, 100, &image_B);
    long failures = 0;

    for (bool armed = false; !armed; failures += !armed) {
        struct scene scene = {.image = image, .image_B = image_B};
        int rc;

        assert_int_equal(create(&scene), 0);
        assert_int_equal(record(&scene), 0);
        assert_int_equal(weft_job_create(scene.queue, &scene.job), 0);
        assert_int_equal(weft_job_add_stream(scene.job, scene.stream), 0);
        /* The threads that it starts take memory, too. */
        marked = true;
        atomic_store(&only_marked, true);
        atomic_store(&countdown, failures);
        rc = weft_job_arm(scene.job);
        atomic_store(&countdown, -1);
        atomic_store(&only_marked, false);
        armed = rc == 0;
        if (!armed)
            assert_int_equal(rc, -ENOMEM);
        weft_job_cancel(&scene.job);
        assert_int_equal(run(&scene), 0);
        atomic_store(&all_fail, false);
        assert_int_equal(*(const uint64_t *)weft_bo_map(scene.bos[0]), 3000);
        finish(&scene);
        assert_int_equal(atomic_load(&live_threads), 0);
    }
    /* Three threads, each with a block of memory of its own. */
    assert_true(failures >= 6);
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(the_disk_cache_fails),
        cmocka_unit_test(arming_fails_and_the_next_job_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
