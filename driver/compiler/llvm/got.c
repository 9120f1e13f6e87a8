/* SPDX-License-Identifier: MIT */
#include "got.h"

#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct search {
    uintptr_t inside;
    const char *function;
    unsigned max, count;
    struct got_slot *slots;
};

/* What a library's dynamic section says. */
struct tables {
    const ElfW(Sym) *symbols;
    const char *names;
    const ElfW(Rela) *calls, *others;
    size_t calls_B, others_B, relative_count;
    bool rela; /* relocations with addends, as all 64-bit machines but few have them */
};

static bool lies_in(const struct dl_phdr_info *library, const ElfW(Phdr) * part, uintptr_t address)
{
    return address - (library->dlpi_addr + part->p_vaddr) < part->p_memsz;
}

static const ElfW(Phdr) *
find_part(const struct dl_phdr_info *library, uint32_t type, uintptr_t address)
{
    for (unsigned i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        if (part->p_type == type && (!address || lies_in(library, part, address)))
            return part;
    }
    return NULL;
}

static struct tables read_tables(const struct dl_phdr_info *library, const ElfW(Phdr) * dynamic)
{
    struct tables t = {.rela = true};
    for (const ElfW(Dyn) *d = (void *)(library->dlpi_addr + dynamic->p_vaddr); d->d_tag != DT_NULL; d++) {
        /* The dynamic linker adds the library's address in place where the section can be written. */
        void *pointer = (void *)(d->d_un.d_ptr + (d->d_un.d_ptr < library->dlpi_addr ? library->dlpi_addr : 0));
        switch (d->d_tag) {
        case DT_SYMTAB: t.symbols = pointer; break;
        case DT_STRTAB: t.names = pointer; break;
        case DT_JMPREL: t.calls = pointer; break;
        case DT_RELA: t.others = pointer; break;
        case DT_PLTRELSZ: t.calls_B = d->d_un.d_val; break;
        case DT_RELASZ: t.others_B = d->d_un.d_val; break;
        case DT_RELACOUNT: t.relative_count = d->d_un.d_val; break;
        case DT_PLTREL: t.rela = d->d_un.d_val == DT_RELA; break;
        }
    }
    return t;
}

static void search_table(struct search *search, const struct dl_phdr_info *library,
                         const struct tables *t, const ElfW(Rela) * table, size_t count)
{
    for (size_t i = 0; table && i < count && search->count < search->max; i++) {
        /* On 64-bit machines; the symbol's number is elsewhere on 32-bit ones. */
        const ElfW(Sym) *symbol = &t->symbols[table[i].r_info >> 32];
        uintptr_t address = library->dlpi_addr + table[i].r_offset;
        if (symbol->st_shndx != SHN_UNDEF || table[i].r_addend ||
            strcmp(t->names + symbol->st_name, search->function) != 0)
            continue;
        /* Until then it leads to the dynamic linker, by way of code of the library's own. */
        void *function = *(void **)address;
        bool filled = !find_part(library, PT_LOAD, (uintptr_t)function);
        search->slots[search->count++] = (struct got_slot){
            .address = (void **)address,
            .function = filled ? function : NULL,
            .sealed = find_part(library, PT_GNU_RELRO, address) != NULL,
        };
    }
}

static int visit(struct dl_phdr_info *library, size_t size_B, void *data)
{
    struct search *search = data;
    (void)size_B;
    if (!find_part(library, PT_LOAD, search->inside))
        return 0;
    const ElfW(Phdr) *dynamic = find_part(library, PT_DYNAMIC, 0);
    if (!dynamic || sizeof(void *) != 8)
        return 1;
    struct tables t = read_tables(library, dynamic);
    if (!t.rela || !t.symbols || !t.names)
        return 1;
    search_table(search, library, &t, t.calls, t.calls_B / sizeof *t.calls);
    /* The relative ones, which have no symbol, come first and are many. */
    size_t count = t.others_B / sizeof *t.others;
    if (t.others && t.relative_count < count)
        search_table(search, library, &t, t.others + t.relative_count, count - t.relative_count);
    return 1;
}

unsigned got_find(const void *inside, const char *function, unsigned max,
                  struct got_slot slots_out[])
{
    struct search search = {(uintptr_t)inside, function, max, 0, slots_out};
    dl_iterate_phdr(visit, &search);
    return search.count;
}

bool got_set(const struct got_slot *slot, void *function)
{
    size_t page_B = (size_t)sysconf(_SC_PAGESIZE);
    void *page = (void *)((uintptr_t)slot->address & ~(page_B - 1));
    if (slot->sealed && mprotect(page, page_B, PROT_READ | PROT_WRITE) != 0)
        return false;
    atomic_store((_Atomic(void *) *)slot->address, function);
    if (slot->sealed)
        mprotect(page, page_B, PROT_READ);
    return true;
}
