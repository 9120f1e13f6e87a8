/* SPDX-License-Identifier: MIT */
#include "driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The system that a manifest belongs to, "" for this one. */
static void find_root(const char *manifest, char *root, size_t root_B)
{
    snprintf(root, root_B, "%s", manifest);
    for (char *slash = strrchr(root, '/'); slash && slash != root; slash = strrchr(root, '/')) {
        *slash = '\0';
        char path[1100];
        struct stat st;
        snprintf(path, sizeof(path), "%s/etc/debian_version", root);
        bool debian = stat(path, &st) == 0;
        snprintf(path, sizeof(path), "%s/usr/lib", root);
        if (debian && stat(path, &st) == 0)
            return;
    }
    root[0] = '\0';
}

static bool copy_file(const char *from, const char *to, mode_t mode)
{
    char block[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ssize_t got = -1;
    if (in >= 0 && out >= 0) {
        while ((got = read(in, block, sizeof(block))) > 0) {
            if (write(out, block, (size_t)got) != got) {
                got = -1;
                break;
            }
        }
    }
    if (got < 0)
        fprintf(stderr, "weft_bench: copying %s to %s: %s\n", from, to, strerror(errno));
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return got == 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), suffix_length = strlen(suffix);
    return length > suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

static bool copy_into_root(struct driver *driver, const char *self, const char *spirv_dir)
{
    char host[2100], from[2100], to[2400];
    snprintf(driver->dir, sizeof(driver->dir), "/tmp/weft_bench-%d", (int)getpid());
    snprintf(host, sizeof(host), "%s%s", driver->root, driver->dir);
    if (mkdir(host, 0755) && errno != EEXIST) {
        fprintf(stderr, "weft_bench: %s: %s\n", host, strerror(errno));
        return false;
    }
    snprintf(to, sizeof(to), "%s/weft_bench", host);
    bool ok = copy_file(self, to, 0755);
    DIR *dir = opendir(spirv_dir);
    for (struct dirent *entry; ok && dir && (entry = readdir(dir));) {
        if (!has_suffix(entry->d_name, ".spv"))
            continue;
        snprintf(from, sizeof(from), "%s/%s", spirv_dir, entry->d_name);
        snprintf(to, sizeof(to), "%s/%s", host, entry->d_name);
        ok = copy_file(from, to, 0644);
    }
    if (dir)
        closedir(dir);
    return ok && dir;
}

/* An empty folder for the driver's caches. */
static bool make_cache(struct driver *driver)
{
    char host[2200];
    snprintf(host, sizeof(host), "%s/tmp/weft_bench-cache-XXXXXX", driver->root);
    if (!mkdtemp(host)) {
        fprintf(stderr, "weft_bench: %s: %s\n", host, strerror(errno));
        return false;
    }
    snprintf(driver->cache, sizeof(driver->cache), "%.1000s", host + strlen(driver->root));
    return true;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    return remove(path);
}

static void remove_cache(struct driver *driver)
{
    char host[2200];
    snprintf(host, sizeof(host), "%s%s", driver->root, driver->cache);
    if (driver->cache[0])
        nftw(host, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    driver->cache[0] = '\0';
}

bool driver_init(struct driver *driver, const char *manifest, const char *self,
                 const char *spirv_dir)
{
    *driver = (struct driver){
        .role = DRIVER_PEER, .manifest = manifest, .binary = self, .to_fd = -1, .from_fd = -1};
    snprintf(driver->label, sizeof(driver->label), "%s", manifest);
    if (access(manifest, R_OK)) {
        fprintf(stderr, "weft_bench: %s: %s\n", manifest, strerror(errno));
        return false;
    }
    find_root(manifest, driver->root, sizeof(driver->root));
    if (!make_cache(driver))
        return false;
    if (driver->root[0])
        return copy_into_root(driver, self, spirv_dir);
    snprintf(driver->dir, sizeof(driver->dir), "%s", spirv_dir);
    return true;
}

bool driver_init_native(struct driver *driver, enum driver_role role, const char *self,
                        const char *spirv_dir)
{
    static char binary[1100];
    *driver = (struct driver){.role = role, .binary = binary, .to_fd = -1, .from_fd = -1};
    snprintf(binary, sizeof(binary), "%s_native", self);
    snprintf(driver->label, sizeof(driver->label), "native");
    snprintf(driver->dir, sizeof(driver->dir), "%s", spirv_dir);
    return access(binary, X_OK) == 0;
}

static void run_child(const struct driver *driver, int in_fd, int out_fd)
{
    if (driver->root[0] && (chroot(driver->root) || chdir("/"))) {
        fprintf(stderr, "weft_bench: chroot %s: %s\n", driver->root, strerror(errno));
        _exit(1);
    }
    if (driver->cores) {
        cpu_set_t all, some;
        unsigned left = driver->cores;
        CPU_ZERO(&some);
        sched_getaffinity(0, sizeof(all), &all);
        for (int cpu = 0; cpu < CPU_SETSIZE && left; cpu++) {
            if (CPU_ISSET(cpu, &all)) {
                CPU_SET(cpu, &some);
                left--;
            }
        }
        sched_setaffinity(0, sizeof(some), &some);
    }
    if (driver->manifest) {
        const char *manifest = driver->manifest + strlen(driver->root);
        setenv("VK_DRIVER_FILES", manifest, 1);
        setenv("VK_ICD_FILENAMES", manifest, 1);
    }
    /* A layer that the system adds to every application is no part of a driver. */
    setenv("VK_LOADER_LAYERS_DISABLE", "~implicit~", 1);
    /* What compiles cold must, and what an earlier device compiled must be found. */
    setenv("XDG_CACHE_HOME", driver->cache, 1);
    unsetenv("WEFT_CACHE");
    unsetenv("MESA_SHADER_CACHE_DISABLE");
    if (getenv("WEFT_BENCH_CREATE")) {
        setenv("WEFT_CACHE", "off", 1);
        setenv("MESA_SHADER_CACHE_DISABLE", "true", 1);
    }
    /* What a kernel's time is about is the code that is there in the end. */
    setenv("WEFT_TIERS", "off", 1);
    /* Threads that have nothing to do must be asleep when the next driver's turn comes. */
    setenv("GOMP_SPINCOUNT", "20000", 0);
    char in[16], out[16], binary[1100];
    snprintf(in, sizeof(in), "%d", in_fd);
    snprintf(out, sizeof(out), "%d", out_fd);
    snprintf(binary, sizeof(binary), "%s", driver->binary);
    if (driver->root[0])
        snprintf(binary, sizeof(binary), "%s/weft_bench", driver->dir);
    dup2(STDERR_FILENO, STDOUT_FILENO); /* what drivers print must not reach the table */
    execl(binary, "weft_bench", "--child", in, out, driver->dir, (char *)NULL);
    fprintf(stderr, "weft_bench: %s: %s\n", binary, strerror(errno));
    _exit(1);
}

static bool start(struct driver *driver)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC))
        return false;
    if (pipe2(from, O_CLOEXEC)) {
        close(to[0]);
        close(to[1]);
        return false;
    }
    driver->pid = fork();
    if (driver->pid == 0) {
        int in_fd = dup(to[0]), out_fd = dup(from[1]); /* dup's copies survive exec */
        run_child(driver, in_fd, out_fd);
    }
    close(to[0]);
    close(from[1]);
    driver->to_fd = to[1];
    driver->from_fd = from[0];
    return driver->pid > 0;
}

/* Ends the child; the status it ended with, or -1. */
static int stop(struct driver *driver, bool kill_it)
{
    if (driver->pid <= 0)
        return -1;
    close(driver->to_fd); /* the child sees the end of its commands and leaves */
    close(driver->from_fd);
    if (kill_it)
        kill(driver->pid, SIGKILL);
    int status = -1;
    struct rusage usage;
    if (wait4(driver->pid, &status, 0, &usage) == driver->pid)
        driver->peak_KiB = usage.ru_maxrss;
    driver->pid = 0;
    return status;
}

void driver_end_child(struct driver *driver)
{
    stop(driver, false);
}

void driver_finish(struct driver *driver)
{
    stop(driver, false);
    remove_cache(driver);
    if (!driver->root[0])
        return;
    char host[2100], path[2400];
    snprintf(host, sizeof(host), "%s%s", driver->root, driver->dir);
    DIR *dir = opendir(host);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        snprintf(path, sizeof(path), "%s/%s", host, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (dir)
        closedir(dir);
    rmdir(host);
}

/* Reads a line. 1: read; 0: the child is gone; -1: too late. */
static int read_line(int fd, double timeout_s, char *line, size_t line_B)
{
    double end = bench_now_s() + timeout_s;
    size_t length = 0;
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        double left = end - bench_now_s();
        if (left <= 0 || poll(&poll_fd, 1, (int)(left * 1000) + 1) == 0)
            return -1;
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        if (c == '\n')
            break;
        if (length + 1 < line_B)
            line[length++] = c;
    }
    line[length] = '\0';
    return 1;
}

bool driver_ask(struct driver *driver, const char *command, double timeout_s,
                char answer[DRIVER_ANSWER_B])
{
    if (driver->pid == 0 && !start(driver)) {
        snprintf(answer, DRIVER_ANSWER_B, "cannot start a child: %s", strerror(errno));
        return false;
    }
    char line[DRIVER_ANSWER_B];
    int length = snprintf(line, sizeof(line), "%s\n", command);
    bool sent = write(driver->to_fd, line, (size_t)length) == length;
    int got = sent ? read_line(driver->from_fd, timeout_s, line, sizeof(line)) : 0;
    if (got <= 0) {
        int status = stop(driver, got < 0);
        if (got < 0)
            snprintf(answer, DRIVER_ANSWER_B, "hangs (%.0f s)", timeout_s);
        else if (WIFSIGNALED(status))
            snprintf(answer, DRIVER_ANSWER_B, "crashed (signal %d)", WTERMSIG(status));
        else
            snprintf(answer, DRIVER_ANSWER_B, "exited (status %d)", WEXITSTATUS(status));
        return false;
    }
    char *space = strchr(line, ' ');
    snprintf(answer, DRIVER_ANSWER_B, "%s", space ? space + 1 : "");
    return strncmp(line, "ok", 2) == 0;
}
