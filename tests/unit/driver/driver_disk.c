/* SPDX-License-Identifier: MIT
 *
 * The disk cache: that images come back as they were, and never from a file that is damaged, half
 * written, another build's or another user's.
 */
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disk_cache.h"
#include "fake_compiler.h"

#define LIMIT_B (UINT64_C(1) << 20)

static char folder[64];
static const uint8_t build_id[20] = "one build of many";

static int setup(void **state)
{
    strcpy(folder, "/tmp/weft-disk-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static void path_of(const char *name, char path_out[512])
{
    snprintf(path_out, 512, "%s/%.256s", folder, name);
}

/* Calls visit on every file in the folder; returns how many there are. */
static unsigned each_file(void (*visit)(const char *path))
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    unsigned count = 0;
    char path[512];

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        path_of(entry->d_name, path);
        count++;
        if (visit != NULL)
            visit(path);
    }
    closedir(dir);
    return count;
}

static void remove_file(const char *path)
{
    unlink(path);
}

static int teardown(void **state)
{
    each_file(remove_file);
    return rmdir(folder);
}

static struct weft_disk_cache *open_cache(void)
{
    struct weft_disk_cache *cache = NULL;

    assert_int_equal(weft_disk_cache_open(folder, build_id, LIMIT_B, &cache), 0);
    return cache;
}

/* A request of 100 bytes and an image of `image_B`, both told by the number. */
struct pair {
    unsigned char request[100];
    unsigned char image[8192];
    size_t image_B;
};

static struct pair make_pair(unsigned number)
{
    struct pair pair = {.image_B = 1000 + number % 7000};

    for (size_t i = 0; i < sizeof(pair.request); i++)
        pair.request[i] = (unsigned char)(number >> (8 * (i % 4)));
    for (size_t i = 0; i < pair.image_B; i++)
        pair.image[i] = (unsigned char)(i * 31 + number * 7);
    return pair;
}

static void store(struct weft_disk_cache *cache, unsigned number)
{
    struct pair pair = make_pair(number);

    weft_disk_cache_store(cache, pair.request, sizeof(pair.request), pair.image, pair.image_B);
}

/* 1: found, with the right bytes; 0: not there; -1: found, with wrong bytes. */
static int look_up(struct weft_disk_cache *cache, unsigned number)
{
    struct pair pair = make_pair(number);
    void *image = NULL;
    size_t image_B = 0;
    int rc = weft_disk_cache_find(cache, pair.request, sizeof(pair.request), &image, &image_B);

    if (rc != 0)
        return rc == -ENOENT ? 0 : -1;
    rc = image_B == pair.image_B && memcmp(image, pair.image, image_B) == 0 ? 1 : -1;
    free(image);
    return rc;
}

static void images_come_back(void **state)
{
    struct weft_disk_cache *cache = open_cache(), *other = NULL;
    uint8_t other_id[20] = "another build";

    assert_int_equal(look_up(cache, 1), 0);
    store(cache, 1);
    store(cache, 2);
    assert_int_equal(look_up(cache, 1), 1);
    assert_int_equal(look_up(cache, 2), 1);
    assert_int_equal(look_up(cache, 3), 0);
    weft_disk_cache_close(&cache);
    assert_null(cache);

    cache = open_cache();
    assert_int_equal(look_up(cache, 2), 1);
    /* Another build of the driver neither finds nor harms them. */
    assert_int_equal(weft_disk_cache_open(folder, other_id, LIMIT_B, &other), 0);
    assert_int_equal(look_up(other, 1), 0);
    store(other, 1);
    assert_int_equal(look_up(other, 1), 1);
    assert_int_equal(look_up(cache, 1), 1);
    weft_disk_cache_close(&other);
    weft_disk_cache_close(&cache);
}

static char only_path[512];
static void take_path(const char *path)
{
    strcpy(only_path, path);
}

static void write_file(const char *path, const void *bytes, size_t size_B)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size_B), size_B);
    close(fd);
}

static void damage_is_noticed(void **state)
{
    struct weft_disk_cache *cache = open_cache();
    static unsigned char bytes[16384];
    size_t size_B;
    FILE *file;

    store(cache, 5);
    assert_int_equal(each_file(take_path), 1);
    file = fopen(only_path, "rb");
    size_B = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    /* One wrong byte anywhere. The four bytes that pad the header mean nothing. */
    for (size_t at = 0; at < size_B; at++) {
        if (at >= 28 && at < 32)
            continue;
        bytes[at] ^= 0x40;
        write_file(only_path, bytes, size_B);
        assert_int_equal(look_up(cache, 5), 0);
        bytes[at] ^= 0x40;
    }
    /* Cut off anywhere, and with something behind. */
    for (size_t cut_B = 0; cut_B < size_B; cut_B++) {
        write_file(only_path, bytes, cut_B);
        assert_int_equal(look_up(cache, 5), 0);
        assert_int_equal(access(only_path, F_OK), -1);
    }
    write_file(only_path, bytes, size_B + 1);
    assert_int_equal(look_up(cache, 5), 0);
    write_file(only_path, bytes, size_B);
    assert_int_equal(look_up(cache, 5), 1);
    /* The right file under another request's name. */
    store(cache, 6);
    assert_int_equal(look_up(cache, 6), 1);
    remove_file(only_path);
    each_file(take_path);
    write_file(only_path, bytes, size_B);
    assert_int_equal(look_up(cache, 6), 0);
    weft_disk_cache_close(&cache);
}

static void only_our_own_files_are_used(void **state)
{
    struct weft_disk_cache *cache = open_cache(), *refused = NULL;
    char aside[512];

    store(cache, 7);
    each_file(take_path);
    chmod(only_path, 0666);
    assert_int_equal(look_up(cache, 7), 0);
    chmod(only_path, 0620);
    assert_int_equal(look_up(cache, 7), 0);
    chmod(only_path, 0600);
    assert_int_equal(look_up(cache, 7), 1);
    if (geteuid() == 0) {
        assert_int_equal(chown(only_path, 12345, (gid_t)-1), 0);
        assert_int_equal(look_up(cache, 7), 0);
        assert_int_equal(chown(only_path, 0, (gid_t)-1), 0);
    }
    path_of("aside", aside);
    assert_int_equal(rename(only_path, aside), 0);
    assert_int_equal(symlink(aside, only_path), 0);
    assert_int_equal(look_up(cache, 7), 0);
    unlink(only_path);
    assert_int_equal(mkfifo(only_path, 0600), 0);
    assert_int_equal(look_up(cache, 7), 0);
    unlink(only_path);
    assert_int_equal(rename(aside, only_path), 0);
    assert_int_equal(look_up(cache, 7), 1);

    chmod(folder, 0777);
    assert_int_equal(weft_disk_cache_open(folder, build_id, LIMIT_B, &refused), -EPERM);
    chmod(folder, 0720);
    assert_int_equal(weft_disk_cache_open(folder, build_id, LIMIT_B, &refused), -EPERM);
    chmod(folder, 0700);
    if (geteuid() == 0) {
        assert_int_equal(chown(folder, 12345, (gid_t)-1), 0);
        assert_int_equal(weft_disk_cache_open(folder, build_id, LIMIT_B, &refused), -EPERM);
        assert_int_equal(chown(folder, 0, (gid_t)-1), 0);
    }
    path_of("aside", aside);
    write_file(aside, "x", 1);
    assert_int_equal(weft_disk_cache_open(aside, build_id, LIMIT_B, &refused), -ENOTDIR);
    assert_null(refused);
    weft_disk_cache_close(&cache);
}

/* Stores and looks up the same forty images; true if none came back wrong. */
static bool work(struct weft_disk_cache *cache, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        if (i % 3 == 0)
            store(cache, i * 7 % 40);
        if (look_up(cache, i * 11 % 40) < 0)
            return false;
    }
    return true;
}

static void *work_on_thread(void *cache)
{
    return work(cache, 400) ? cache : NULL;
}

static void writers_dont_disturb_each_other(void **state)
{
    struct weft_disk_cache *caches[2] = {open_cache(), open_cache()};
    pthread_t threads[4];
    pid_t children[2];
    void *result;
    int status;

    for (unsigned i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct weft_disk_cache *own = NULL;

            _exit(weft_disk_cache_open(folder, build_id, LIMIT_B, &own) != 0 ||
                  !work(own, 800));
        }
    }
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work_on_thread, caches[i % 2]), 0);
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        assert_non_null(result);
    }
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(look_up(caches[0], i), 1);
    assert_int_equal(each_file(NULL), 40); /* no temporary file is left */
    weft_disk_cache_close(&caches[0]);
    weft_disk_cache_close(&caches[1]);
}

static unsigned temporaries;
static void make_old(const char *path)
{
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    if (strstr(path, ".tmp") != NULL) {
        temporaries++;
        utimensat(AT_FDCWD, path, times, 0);
    }
}

static void killed_writers_do_no_harm(void **state)
{
    struct weft_disk_cache *cache = open_cache();
    char path[512];

    for (unsigned i = 0; i < 30; i++) {
        pid_t child = fork();

        if (child == 0) {
            for (unsigned n = 0;; n++)
                store(cache, n % 40);
        }
        usleep(500 + i * 173);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        for (unsigned n = 0; n < 40; n++)
            assert_true(look_up(cache, n) >= 0);
    }
    /* What they left, or would have: young files may be somebody's work, old ones go. */
    path_of("0123456789abcdef0123456789abcdef-1-2-3.tmp", path);
    write_file(path, "half", 4);
    weft_disk_cache_evict(cache);
    assert_int_equal(access(path, F_OK), 0);
    each_file(make_old);
    assert_true(temporaries > 0);
    weft_disk_cache_evict(cache);
    temporaries = 0;
    each_file(make_old);
    assert_int_equal(temporaries, 0);
    weft_disk_cache_close(&cache);
}

static uint64_t total_B;
static void add_size(const char *path)
{
    struct stat st;

    if (strstr(path, ".weft") != NULL && stat(path, &st) == 0)
        total_B += (uint64_t)st.st_size;
}

/* Makes the file of the request that `wanted` tells old. */
static unsigned wanted;
static void make_one_old(const char *path)
{
    struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct pair pair = make_pair(wanted);
    static unsigned char bytes[16384];
    FILE *file = fopen(path, "rb");
    size_t size_B = file != NULL ? fread(bytes, 1, sizeof(bytes), file) : 0;

    if (file != NULL)
        fclose(file);
    if (size_B > sizeof(pair.request) &&
        memmem(bytes, size_B, pair.request, sizeof(pair.request)) != NULL)
        utimensat(AT_FDCWD, path, times, 0);
}

static void the_oldest_go_first(void **state)
{
    struct weft_disk_cache *cache = open_cache();
    char path[512];

    path_of("somebody-else's", path);
    write_file(path, "text", 4);
    store(cache, 1);
    /* Some eight times the limit. */
    for (unsigned n = 2; n < 1500; n++)
        store(cache, n * 1009);
    total_B = 0;
    each_file(add_size);
    assert_true(total_B <= LIMIT_B + LIMIT_B / 8 + 16384);
    assert_true(total_B > LIMIT_B / 2);
    assert_int_equal(look_up(cache, 1), 0);
    assert_int_equal(look_up(cache, 1499 * 1009), 1);
    assert_int_equal(access(path, F_OK), 0);

    /* One that is used becomes young again, if it was not used lately. */
    store(cache, 1);
    wanted = 1;
    each_file(make_one_old);
    assert_int_equal(look_up(cache, 1), 1);
    store(cache, 3);
    wanted = 3;
    each_file(make_one_old);
    while (total_B < LIMIT_B + 1) {
        store(cache, 5000000 + (unsigned)total_B);
        total_B += 4096;
    }
    for (unsigned n = 0; n < 100; n++)
        store(cache, 5000000 + n);
    assert_int_equal(look_up(cache, 3), 0);
    assert_int_equal(look_up(cache, 1), 1);
    weft_disk_cache_close(&cache);
}

static void a_full_disk_is_no_error(void **state)
{
    struct weft_disk_cache *cache = open_cache();
    struct rlimit old, tiny;

    getrlimit(RLIMIT_FSIZE, &old);
    tiny = old;
    tiny.rlim_cur = 512;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &tiny);
    store(cache, 9);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(look_up(cache, 9), 0);
    assert_int_equal(each_file(NULL), 0);
    store(cache, 9);
    assert_int_equal(look_up(cache, 9), 1);
    /* Larger than all there may be. */
    weft_disk_cache_store(cache, "r", 1, cache, LIMIT_B + 1);
    assert_int_equal(each_file(NULL), 1);
    weft_disk_cache_close(&cache);
}

static void expect_folder(const char *want)
{
    char *got = weft_disk_cache_folder();

    if (want == NULL)
        assert_null(got);
    else
        assert_string_equal(got, want);
    free(got);
}

static void the_environment_names_the_folder(void **state)
{
    char *home = getenv("HOME") != NULL ? strdup(getenv("HOME")) : NULL;
    struct weft_disk_cache *cache = NULL;
    char path[512], deep[512];

    setenv("WEFT_CACHE", "off", 1);
    expect_folder(NULL);
    setenv("WEFT_CACHE", "/a/b", 1);
    expect_folder("/a/b");
    unsetenv("WEFT_CACHE");
    setenv("HOME", folder, 1);
    setenv("XDG_CACHE_HOME", "/no/such/folder", 1);
    expect_folder("/no/such/folder/weft");
    path_of(".cache/weft", path);
    setenv("XDG_CACHE_HOME", "relative", 1);
    expect_folder(path);
    unsetenv("XDG_CACHE_HOME");
    expect_folder(path);
    setenv("WEFT_CACHE", "", 1);
    expect_folder(path);
    if (geteuid() == 0) {
        assert_int_equal(chown(folder, 12345, (gid_t)-1), 0);
        expect_folder(NULL);
        assert_int_equal(chown(folder, 0, (gid_t)-1), 0);
    }
    setenv("HOME", "here", 1);
    expect_folder(NULL);
    unsetenv("HOME");
    expect_folder(NULL);
    if (home != NULL)
        setenv("HOME", home, 1);
    free(home);
    setenv("WEFT_CACHE", "off", 1);

    /* It is made, with those above it, for us alone. */
    path_of("x", path);
    snprintf(deep, sizeof(deep), "%.256s/y", path);
    assert_int_equal(weft_disk_cache_open(deep, build_id, LIMIT_B, &cache), 0);
    struct stat st;
    assert_int_equal(stat(deep, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    weft_disk_cache_close(&cache);
    assert_int_equal(rmdir(deep), 0);
    assert_int_equal(rmdir(path), 0);
}

/* ---- Programs from the cache ---- */

static void a_known_program_needs_no_compiler(void **state)
{
    const uint32_t spirv[2] = {FAKE_OK, 77}, other[2] = {FAKE_OK, 78};
    struct weft_program_info info = {.spirv = spirv, .spirv_words = 2, .entry = "main"};
    struct messages messages = {0};
    struct weft_device *device;
    struct weft_program *program = NULL;
    char *message = NULL;

    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    setenv("WEFT_CACHE", folder, 1);
    device = device_new(1, 0, NULL);
    info.only_cached = true;
    assert_int_equal(weft_program_create(device, &info, &program, &message), -EAGAIN);
    assert_non_null(message);
    free(message);
    info.only_cached = false;
    assert_int_equal(weft_program_create(device, &info, &program, NULL), 0);
    weft_program_put(&program);
    weft_device_destroy(&device);
    assert_int_equal(each_file(NULL), 1);

    /* The device takes the build's identity when it is made; by now there is no compiler. */
    device = device_new(1, 0, NULL);
    setenv("WEFT_COMPILER", "/no/such/compiler.so", 1);
    info.only_cached = true;
    assert_int_equal(weft_program_create(device, &info, &program, NULL), 0);
    weft_program_put(&program);
    info.only_cached = false;
    info.spirv = other;
    assert_int_equal(weft_program_create(device, &info, &program, NULL), -ENOENT);
    weft_device_destroy(&device);

    /* A compiler that was replaced makes other code. */
    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    utimensat(AT_FDCWD, FAKE_COMPILER, NULL, 0);
    device = device_new(1, 0, NULL);
    info.spirv = spirv;
    info.only_cached = true;
    assert_int_equal(weft_program_create(device, &info, &program, NULL), -EAGAIN);
    weft_device_destroy(&device);

    /* A folder that others may write to is named once, and not used. */
    chmod(folder, 0777);
    device = device_new(1, 0, &messages);
    info.only_cached = false;
    assert_int_equal(weft_program_create(device, &info, &program, NULL), 0);
    weft_program_put(&program);
    assert_int_equal(weft_program_create(device, &info, &program, NULL), 0);
    weft_program_put(&program);
    assert_int_equal(messages.count, 1);
    assert_non_null(strstr(messages.last, folder));
    weft_device_destroy(&device);
    chmod(folder, 0700);
    setenv("WEFT_CACHE", "off", 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(images_come_back),
        TEST(damage_is_noticed),
        TEST(only_our_own_files_are_used),
        TEST(writers_dont_disturb_each_other),
        TEST(killed_writers_do_no_harm),
        TEST(the_oldest_go_first),
        TEST(a_full_disk_is_no_error),
        TEST(the_environment_names_the_folder),
        TEST(a_known_program_needs_no_compiler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
