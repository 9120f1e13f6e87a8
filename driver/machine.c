/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <link.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "cgroup.h"
#include "loader.h"
#include "weft/driver.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/platform/x86.h>
#endif

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

/* What the processor has and the operating system lets one use, as the C library has found out: a
 * cpuid instruction takes microseconds in a virtual machine. */
enum { EAX, EBX, ECX, EDX };

static bool has(unsigned leaf, unsigned reg, uint32_t bits)
{
    return (__x86_get_cpuid_feature_leaf(leaf)->active_array[reg] & bits) == bits;
}

/* The WEFT_FEATURE_* that a level has. */
static const struct {
    enum weft_isa isa;
    uint32_t feature;
    unsigned leaf, reg;
    uint32_t bits;
} feature_rows[] = {
    {WEFT_ISA_AVX2, WEFT_FEATURE_VNNI, CPUID_INDEX_7_ECX_1, EAX, bit_AVXVNNI},
    {WEFT_ISA_AVX512, WEFT_FEATURE_VNNI, CPUID_INDEX_7, ECX, bit_AVX512VNNI},
    {WEFT_ISA_AVX512, WEFT_FEATURE_BYTES, CPUID_INDEX_7, ECX,
     bit_AVX512VBMI | bit_AVX512VBMI2 | bit_AVX512BITALG | bit_AVX512VPOPCNTDQ},
};

static uint32_t detect_features(enum weft_isa isa)
{
    uint32_t features = 0;

    for (size_t i = 0; i < sizeof(feature_rows) / sizeof(feature_rows[0]); i++) {
        if (feature_rows[i].isa == isa &&
            has(feature_rows[i].leaf, feature_rows[i].reg, feature_rows[i].bits))
            features |= feature_rows[i].feature;
    }
    return features;
}

/* The bits that the x86-64 psABI lists for each level and that are not implied by another. */
static enum weft_isa detect_isa(void)
{
    if (!has(CPUID_INDEX_1, ECX, bit_FMA | bit_MOVBE | bit_F16C | bit_AVX) ||
        !has(CPUID_INDEX_80000001, ECX, bit_LZCNT) ||
        !has(CPUID_INDEX_7, EBX, bit_AVX2 | bit_BMI | bit_BMI2))
        return WEFT_ISA_SSE;
    if (!has(CPUID_INDEX_7, EBX,
             bit_AVX512F | bit_AVX512BW | bit_AVX512CD | bit_AVX512DQ | bit_AVX512VL))
        return WEFT_ISA_AVX2;
    return WEFT_ISA_AVX512;
}

static void read_name(char *name_out, size_t size_B)
{
    uint32_t words[13] = {0};
    const char *name = (const char *)words;

    for (uint32_t i = 0; i < 3; i++) /* leaves that every 64-bit processor has */
        __cpuid(0x80000002u + i, words[4 * i], words[4 * i + 1], words[4 * i + 2],
                words[4 * i + 3]);
    name += strspn(name, " ");
    snprintf(name_out, size_B, "%s", name[0] != '\0' ? name : "x86-64");
    for (size_t length = strlen(name_out); length > 0 && name_out[length - 1] == ' '; length--)
        name_out[length - 1] = '\0';
}

uint64_t weft_machine_fault_pc(const void *ucontext)
{
    return (uint64_t)((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_RIP];
}

bool weft_machine_fault_is_write(const void *ucontext)
{
    /* Of a page fault's error code. */
    const greg_t write_bit = 2;

    return (((const ucontext_t *)ucontext)->uc_mcontext.gregs[REG_ERR] & write_bit) != 0;
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

static uint32_t detect_features(enum weft_isa isa)
{
    return 0;
}

static void read_name(char *name_out, size_t size_B)
{
    snprintf(name_out, size_B, "unknown processor");
}

uint64_t weft_machine_fault_pc(const void *ucontext)
{
    return 0;
}

bool weft_machine_fault_is_write(const void *ucontext)
{
    return false;
}

bool weft_machine_fault_resume(void *ucontext, void (*function)(void *data), void *data,
                               const void *stack)
{
    return false;
}

#endif

#define FAST_ISA WEFT_ISA_AVX2 /* see driver/compiler/x86 */

/* ---- Overrides ---- */

static const struct {
    const char *name;
    enum weft_isa isa;
} isa_names[] = {
    {"sse", WEFT_ISA_SSE},
    {"avx2", WEFT_ISA_AVX2},
    {"avx512", WEFT_ISA_AVX512},
};

static void force_isa(struct weft_machine *machine, const char *text)
{
    for (size_t i = 0; text != NULL && i < sizeof(isa_names) / sizeof(isa_names[0]); i++) {
        /* More than the processor has would crash the first kernel. */
        if (strcmp(text, isa_names[i].name) == 0 && isa_names[i].isa <= machine->isa) {
            machine->isa = isa_names[i].isa;
            machine->features = 0;
        }
    }
}

static void choose_isa(struct weft_machine *machine)
{
    machine->isa = detect_isa();
    machine->features = detect_features(machine->isa);
    force_isa(machine, getenv("WEFT_ISA"));
    machine->fast_isa = machine->isa > FAST_ISA ? FAST_ISA : machine->isa;
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
    struct weft_cgroup_limits limits = weft_cgroup_limits();
    struct weft_machine machine = {0};
    long page_B = sysconf(_SC_PAGESIZE);

    machine.cores = count_cores(limits.cpus);
    machine.memory_B = limits.memory_B;
    machine.page_B = page_B > 0 ? (uint64_t)page_B : 4096;
    choose_isa(&machine);
    machine.width = choose_width();
    read_name(machine.name, sizeof(machine.name));
    read_build_id(machine.build_id);
    *machine_out = machine;
}
