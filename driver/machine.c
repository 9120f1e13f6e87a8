/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <limits.h>
#include <link.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include "loader.h"
#include "weft/driver.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

/* ---- Small files ---- */

/* Reads the start of a file as a string; false if it cannot be read. */
static bool read_text(const char *path, char *text_out, size_t size_B)
{
    FILE *file = fopen(path, "re");
    size_t length;

    if (file == NULL)
        return false;
    length = fread(text_out, 1, size_B - 1, file);
    text_out[length] = '\0';
    fclose(file);
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

struct cgroup_limits {
    double cpus;          /* of the CPU quota; 0: none */
    uint64_t memory_B;    /* UINT64_MAX: none */
    uint64_t available_B; /* what the tightest group still has; UINT64_MAX: no limit */
};

static void apply_memory(struct cgroup_limits *limits, const char *dir, const char *limit_name,
                         const char *usage_name)
{
    char path[PATH_MAX + 64];
    int64_t limit, usage = 0;
    uint64_t left;

    snprintf(path, sizeof(path), "%s/%s", dir, limit_name);
    if (!read_number(path, &limit) || limit <= 0)
        return;
    snprintf(path, sizeof(path), "%s/%s", dir, usage_name);
    if (!read_number(path, &usage) || usage < 0)
        usage = 0;
    left = usage < limit ? (uint64_t)(limit - usage) : 0;
    if ((uint64_t)limit < limits->memory_B)
        limits->memory_B = (uint64_t)limit;
    if (left < limits->available_B)
        limits->available_B = left;
}

static void apply_cpus(struct cgroup_limits *limits, double quota, double period)
{
    double cpus;

    if (quota <= 0 || period <= 0)
        return;
    cpus = quota / period;
    if (limits->cpus == 0 || cpus < limits->cpus)
        limits->cpus = cpus;
}

static void apply_v2(struct cgroup_limits *limits, const char *dir)
{
    char path[PATH_MAX + 64], text[64];
    double quota, period;

    snprintf(path, sizeof(path), "%s/cpu.max", dir);
    if (read_text(path, text, sizeof(text)) && sscanf(text, "%lf %lf", &quota, &period) == 2)
        apply_cpus(limits, quota, period);
    apply_memory(limits, dir, "memory.max", "memory.current");
}

static void apply_v1(struct cgroup_limits *limits, const char *dir)
{
    char path[PATH_MAX + 64];
    int64_t quota, period;

    snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", dir);
    if (read_number(path, &quota)) {
        snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", dir);
        if (read_number(path, &period))
            apply_cpus(limits, (double)quota, (double)period);
    }
    apply_memory(limits, dir, "memory.limit_in_bytes", "memory.usage_in_bytes");
}

/* Applies a group and all its parents. In a container the path may name a group that cannot be seen
 * from inside; the walk then still ends at the mount point, which is the container's own group. */
static void apply_upwards(struct cgroup_limits *limits, const char *mount, const char *group,
                          void (*apply)(struct cgroup_limits *, const char *))
{
    char dir[PATH_MAX];
    size_t mount_length = strlen(mount);

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

static struct cgroup_limits read_cgroups(void)
{
    struct cgroup_limits limits = {.memory_B = UINT64_MAX, .available_B = UINT64_MAX};
    char line[PATH_MAX + 128];
    FILE *file = fopen("/proc/self/cgroup", "re");

    if (file == NULL)
        return limits;
    /* hierarchy-ID:controller-list:cgroup-path, cgroups(7) */
    while (fgets(line, sizeof(line), file) != NULL) {
        char *controllers = strchr(line, ':'), *group;

        if (controllers == NULL || (group = strchr(++controllers, ':')) == NULL)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (controllers[0] == '\0') {
            apply_upwards(&limits, "/sys/fs/cgroup", group, apply_v2);
            apply_upwards(&limits, "/sys/fs/cgroup/unified", group, apply_v2);
        } else if (strstr(controllers, "cpu") != NULL || strstr(controllers, "memory") != NULL) {
            char mount[256];

            if (snprintf(mount, sizeof(mount), "/sys/fs/cgroup/%s", controllers) <
                (int)sizeof(mount))
                apply_upwards(&limits, mount, group, apply_v1);
        }
    }
    fclose(file);
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

uint64_t weft_machine_available_B(void)
{
    uint64_t available_B = meminfo_B("MemAvailable");
    uint64_t limit_B = address_space_limit_B();

    if (available_B == 0)
        available_B = UINT64_C(1) << 30;
    available_B = min_u64(available_B, read_cgroups().available_B);
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

/* ---- Processor ---- */

static uint32_t count_cores(double quota_cpus)
{
    cpu_set_t set;
    uint32_t cores = 0;

    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
        cores = (uint32_t)CPU_COUNT(&set);
    } else {
        /* More processors than a cpu_set_t holds. */
        long online = sysconf(_SC_NPROCESSORS_ONLN);

        cores = online > 0 ? (uint32_t)online : 1;
    }
    if (quota_cpus > 0) {
        uint32_t quota = (uint32_t)quota_cpus;

        if ((double)quota < quota_cpus)
            quota++;
        if (quota < cores)
            cores = quota;
    }
    return cores > 0 ? cores : 1;
}

#if defined(__x86_64__)

/* State components that the operating system saves (XCR0). */
static uint64_t enabled_state(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static enum weft_isa detect_isa(void)
{
    /* The bits that the x86-64 psABI lists for each level and that are not implied by another. */
    const uint32_t v3_1c = bit_FMA | bit_MOVBE | bit_F16C | bit_AVX | bit_OSXSAVE;
    const uint32_t v3_7b = bit_AVX2 | bit_BMI | bit_BMI2;
    const uint32_t v4_7b = bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL;
    const uint64_t avx_state = 0x6, avx512_state = 0xe6;
    uint32_t a, b, c, d, ext_c = 0;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & v3_1c) != v3_1c)
        return WEFT_ISA_SSE;
    if (__get_cpuid(0x80000001u, &a, &b, &ext_c, &d) == 0 || (ext_c & bit_LZCNT) == 0)
        return WEFT_ISA_SSE;
    if ((enabled_state() & avx_state) != avx_state)
        return WEFT_ISA_SSE;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (b & v3_7b) != v3_7b)
        return WEFT_ISA_SSE;
    if ((b & v4_7b) != v4_7b || (enabled_state() & avx512_state) != avx512_state)
        return WEFT_ISA_AVX2;
    return WEFT_ISA_AVX512;
}

static void read_name(char *name_out, size_t size_B)
{
    uint32_t words[13] = {0};
    const char *name = (const char *)words;

    for (uint32_t i = 0; i < 3; i++)
        __get_cpuid(0x80000002u + i, &words[4 * i], &words[4 * i + 1], &words[4 * i + 2],
                    &words[4 * i + 3]);
    name += strspn(name, " ");
    snprintf(name_out, size_B, "%s", name[0] != '\0' ? name : "x86-64");
    for (size_t length = strlen(name_out); length > 0 && name_out[length - 1] == ' '; length--)
        name_out[length - 1] = '\0';
}

uint64_t weft_machine_fault_pc(const void *ucontext)
{
    return (uint64_t)((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_RIP];
}

bool weft_machine_fault_resume(void *ucontext, void (*function)(void *data), void *data,
                               const void *stack)
{
    const uint32_t direction_flag = 0x400, mxcsr_default = 0x1f80;
    mcontext_t *context = &((ucontext_t *)ucontext)->uc_mcontext;

    /* As if function had been called: past the red zone, 8 bytes below a multiple of 16. */
    context->gregs[REG_RSP] = (greg_t)((((uintptr_t)stack - 256) & ~(uintptr_t)15) - 8);
    context->gregs[REG_RIP] = (greg_t)(uintptr_t)function;
    context->gregs[REG_RDI] = (greg_t)(uintptr_t)data;
    context->gregs[REG_EFL] &= ~(greg_t)direction_flag;
    if (context->fpregs != NULL)
        context->fpregs->mxcsr = mxcsr_default;
    return true;
}

#else

static enum weft_isa detect_isa(void)
{
    return WEFT_ISA_SSE;
}

static void read_name(char *name_out, size_t size_B)
{
    snprintf(name_out, size_B, "unknown processor");
}

uint64_t weft_machine_fault_pc(const void *ucontext)
{
    return 0;
}

bool weft_machine_fault_resume(void *ucontext, void (*function)(void *data), void *data,
                               const void *stack)
{
    return false;
}

#endif

/* ---- Overrides ---- */

static const struct {
    const char *name;
    enum weft_isa isa;
} isa_names[] = {
    {"sse", WEFT_ISA_SSE},
    {"avx2", WEFT_ISA_AVX2},
    {"avx512", WEFT_ISA_AVX512},
};

static enum weft_isa choose_isa(void)
{
    enum weft_isa isa = detect_isa();
    const char *text = getenv("WEFT_ISA");

    for (size_t i = 0; text != NULL && i < sizeof(isa_names) / sizeof(isa_names[0]); i++) {
        /* More than the processor has would crash the first kernel. */
        if (strcmp(text, isa_names[i].name) == 0 && isa_names[i].isa < isa)
            return isa_names[i].isa;
    }
    return isa;
}

/* A positive number from the environment, at most `max`; else 0. */
static uint32_t env_number(const char *name, uint32_t max)
{
    const char *text = getenv(name);
    long value = text != NULL ? strtol(text, NULL, 10) : 0;

    return value > 0 && value <= (long)max ? (uint32_t)value : 0;
}

static uint32_t choose_width(void)
{
    uint32_t width = env_number("WEFT_WIDTH", 64);

    return (width & (width - 1)) == 0 ? width : 0;
}

uint32_t weft_machine_threads(uint32_t wanted, uint32_t cores)
{
    uint32_t forced = env_number("WEFT_THREADS", 1024);

    if (forced != 0)
        return forced;
    return wanted != 0 ? wanted : cores;
}

/* ---- Build id ---- */

struct module {
    uintptr_t address; /* inside the module looked for */
    const uint8_t *id;
    size_t id_B;
};

/* Finds the GNU build id note of the module that holds an address, elf(5). */
static int find_build_id(struct dl_phdr_info *info, size_t size_B, void *data)
{
    struct module *module = data;
    bool ours = false;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;

        if (header->p_type == PT_LOAD && module->address >= start &&
            module->address - start < header->p_memsz)
            ours = true;
    }
    for (int i = 0; ours && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const uint8_t *note = (const uint8_t *)(info->dlpi_addr + header->p_vaddr);
        const uint8_t *end = note + header->p_memsz;

        while (header->p_type == PT_NOTE && end - note > (ptrdiff_t)sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *head = (const void *)note;
            const uint8_t *name = note + sizeof(*head);
            const uint8_t *desc = name + ((head->n_namesz + 3u) & ~3u);

            if (head->n_type == NT_GNU_BUILD_ID && head->n_namesz == 4 &&
                memcmp(name, "GNU", 4) == 0) {
                module->id = desc;
                module->id_B = head->n_descsz;
                return 1;
            }
            note = desc + ((head->n_descsz + 3u) & ~3u);
        }
    }
    return ours;
}

/* Ours, mixed with the compiler's: images that another compiler made must not be taken for ours. */
static void read_build_id(uint8_t id_out[20])
{
    struct module module = {.address = (uintptr_t)&read_build_id};
    uint64_t other = weft_loader_identity();

    dl_iterate_phdr(find_build_id, &module);
    memset(id_out, 0, 20);
    for (size_t i = 0; i < module.id_B; i++)
        id_out[i % 20] ^= module.id[i];
    for (int i = 0; i < 8; i++)
        id_out[i] ^= (uint8_t)(other >> (8 * i));
}

void weft_machine_query(struct weft_machine *machine_out)
{
    struct cgroup_limits limits = read_cgroups();
    struct weft_machine machine = {0};
    uint64_t physical_B = meminfo_B("MemTotal");
    long page_B = sysconf(_SC_PAGESIZE);

    if (physical_B == 0)
        physical_B = UINT64_C(1) << 30;
    machine.cores = count_cores(limits.cpus);
    machine.memory_B = min_u64(min_u64(physical_B, limits.memory_B), address_space_limit_B());
    machine.page_B = page_B > 0 ? (uint64_t)page_B : 4096;
    machine.isa = choose_isa();
    machine.width = choose_width();
    read_name(machine.name, sizeof(machine.name));
    read_build_id(machine.build_id);
    *machine_out = machine;
}
