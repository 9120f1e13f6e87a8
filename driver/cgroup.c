/* SPDX-License-Identifier: MIT */
#include "cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "weft/driver.h"

/* ---- Small files ---- */

/* Reads the start of a file as a string; false if it cannot be read. */
static bool read_text(const char *path, char *text_out, size_t size_B)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length;

    if (fd < 0)
        return false;
    /* These files come whole, or as far as there is room. */
    length = read(fd, text_out, size_B - 1);
    close(fd);
    text_out[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* Reads a number; false if there is none, as in "max". */
static bool read_number(const char *path, int64_t *value_out)
{
    char text[64], *end;
    long long value;

    if (!read_text(path, text, sizeof(text)))
        return false;
    value = strtoll(text, &end, 10);
    if (end == text)
        return false;
    *value_out = value;
    return true;
}

/* ---- Control groups ---- */

struct limits {
    bool now;             /* what is still there is asked for; else the limits */
    double cpus;          /* of the CPU quota; 0: none, or not asked for */
    uint64_t memory_B;    /* UINT64_MAX: none */
    uint64_t available_B; /* what the tightest group still has; UINT64_MAX: no limit, or not asked for */
};

static void apply_memory(struct limits *limits, const char *dir, const char *limit_name,
                         const char *usage_name)
{
    char path[PATH_MAX + 64];
    int64_t limit, usage = 0;
    uint64_t left;

    snprintf(path, sizeof(path), "%s/%s", dir, limit_name);
    if (!read_number(path, &limit) || limit <= 0)
        return;
    if ((uint64_t)limit < limits->memory_B)
        limits->memory_B = (uint64_t)limit;
    if (!limits->now)
        return;
    snprintf(path, sizeof(path), "%s/%s", dir, usage_name);
    if (!read_number(path, &usage) || usage < 0)
        usage = 0;
    left = usage < limit ? (uint64_t)(limit - usage) : 0;
    if (left < limits->available_B)
        limits->available_B = left;
}

static void apply_cpus(struct limits *limits, double quota, double period)
{
    double cpus;

    if (quota <= 0 || period <= 0)
        return;
    cpus = quota / period;
    if (limits->cpus == 0 || cpus < limits->cpus)
        limits->cpus = cpus;
}

static void apply_v2(struct limits *limits, const char *dir)
{
    char path[PATH_MAX + 64], text[64];
    double quota, period;

    snprintf(path, sizeof(path), "%s/cpu.max", dir);
    if (!limits->now && read_text(path, text, sizeof(text)) &&
        sscanf(text, "%lf %lf", &quota, &period) == 2)
        apply_cpus(limits, quota, period);
    apply_memory(limits, dir, "memory.max", "memory.current");
}

static void apply_v1_cpu(struct limits *limits, const char *dir)
{
    char path[PATH_MAX + 64];
    int64_t quota, period;

    snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", dir);
    if (!read_number(path, &quota) || quota <= 0)
        return;
    snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", dir);
    if (read_number(path, &period))
        apply_cpus(limits, (double)quota, (double)period);
}

static void apply_v1_memory(struct limits *limits, const char *dir)
{
    apply_memory(limits, dir, "memory.limit_in_bytes", "memory.usage_in_bytes");
}

/* Applies a group and all its parents. In a container the path may name a group that cannot be seen
 * from inside; the walk then still ends at the mount point, which is the container's own group. */
static void apply_upwards(struct limits *limits, const char *mount, const char *group,
                          void (*apply)(struct limits *, const char *))
{
    char dir[PATH_MAX];
    size_t mount_length = strlen(mount);

    /* The mount point itself is the last directory of the walk. */
    if (strcmp(group, "/") == 0)
        group = "";
    if (snprintf(dir, sizeof(dir), "%s%s", mount, group) >= (int)sizeof(dir))
        return;
    for (;;) {
        char *slash;

        apply(limits, dir);
        slash = strrchr(dir, '/');
        if (slash == NULL || (size_t)(slash - dir) < mount_length)
            return;
        *slash = '\0';
    }
}

/* Whether a list with commas between has the name. */
static bool is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (; *list != '\0'; list += strcspn(list, ","), list += *list == ',')
        if (strncmp(list, name, length) == 0 && (list[length] == ',' || list[length] == '\0'))
            return true;
    return false;
}

static struct limits read_cgroups(bool now)
{
    struct limits limits = {.now = now, .memory_B = UINT64_MAX, .available_B = UINT64_MAX};
    bool has_cpu = false, has_memory = false;
    char text[PATH_MAX + 1024];

    if (!read_text("/proc/self/cgroup", text, sizeof(text)))
        return limits;
    /* hierarchy-ID:controller-list:cgroup-path, cgroups(7). Each file takes microseconds, so none is asked for
     * that cannot be there: version 2, whose line is the last, does not control what version 1 does. */
    for (char *line = text, *next; line[0] != '\0'; line = next) {
        char *controllers, *group;

        next = line + strcspn(line, "\n");
        if (next[0] != '\0')
            *next++ = '\0';
        controllers = strchr(line, ':');
        if (controllers == NULL || (group = strchr(++controllers, ':')) == NULL)
            continue;
        *group++ = '\0';
        if (controllers[0] == '\0') {
            if (has_cpu && has_memory)
                continue;
            apply_upwards(&limits, "/sys/fs/cgroup", group, apply_v2);
            if (access("/sys/fs/cgroup/unified", X_OK) == 0)
                apply_upwards(&limits, "/sys/fs/cgroup/unified", group, apply_v2);
        } else {
            char mount[256];

            if (snprintf(mount, sizeof(mount), "/sys/fs/cgroup/%s", controllers) >=
                (int)sizeof(mount))
                continue;
            if (is_listed(controllers, "cpu")) {
                has_cpu = true;
                if (!now)
                    apply_upwards(&limits, mount, group, apply_v1_cpu);
            }
            if (is_listed(controllers, "memory")) {
                has_memory = true;
                apply_upwards(&limits, mount, group, apply_v1_memory);
            }
        }
    }
    return limits;
}

/* ---- Memory ---- */

/* A row of /proc/meminfo in bytes; 0 if it is missing. */
static uint64_t meminfo_B(const char *key)
{
    char text[2048];
    const char *row;
    unsigned long long kib;

    if (!read_text("/proc/meminfo", text, sizeof(text)))
        return 0;
    row = strstr(text, key);
    if (row == NULL || sscanf(row + strlen(key), ": %llu", &kib) != 1)
        return 0;
    return (uint64_t)kib * 1024;
}

static uint64_t address_space_limit_B(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

struct weft_cgroup_limits weft_cgroup_limits(void)
{
    struct limits limits = read_cgroups(false);
    uint64_t physical_B = UINT64_C(1) << 30;
    struct sysinfo info;

    if (sysinfo(&info) == 0)
        physical_B = (uint64_t)info.totalram * info.mem_unit;
    return (struct weft_cgroup_limits){
        .cpus = limits.cpus,
        .memory_B = min_u64(min_u64(physical_B, limits.memory_B), address_space_limit_B()),
    };
}

uint64_t weft_machine_available_B(void)
{
    uint64_t available_B = meminfo_B("MemAvailable");
    uint64_t limit_B = address_space_limit_B();

    if (available_B == 0)
        available_B = UINT64_C(1) << 30;
    available_B = min_u64(available_B, read_cgroups(true).available_B);
    if (limit_B != UINT64_MAX) {
        int64_t pages = 0;
        uint64_t used_B;

        if (!read_number("/proc/self/statm", &pages) || pages < 0)
            pages = 0;
        used_B = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
        available_B = min_u64(available_B, used_B < limit_B ? limit_B - used_B : 0);
    }
    return available_B;
}
