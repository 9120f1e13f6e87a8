/* SPDX-License-Identifier: MIT
 *
 * A linker for one object: code first, constants behind it, nothing else. The object comes from LLVM,
 * but every offset in it is checked as if it did not.
 */
#include "cg_object.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cg_lines.h"
#include "weft/kernel.h"

#ifndef SHT_X86_64_UNWIND
#define SHT_X86_64_UNWIND 0x70000001
#endif

#define NOT_PLACED UINT64_MAX
#define MAX_CODE_B ((uint64_t)1 << 30)

/* Where C library functions that LLVM may call by itself are served from: a call costs no reference
 * to the outside that way. System V calling convention; position-independent. */
static const struct builtin {
    const char *name;
    const char *code;
    uint32_t code_B;
} builtins[] = {
#define CODE(bytes) bytes, sizeof(bytes) - 1
    {"memcpy", CODE("\x48\x89\xf8"      /* mov rax, rdi */
                    "\x48\x89\xd1"      /* mov rcx, rdx */
                    "\xf3\xa4\xc3")},   /* rep movsb; ret */
    {"memset", CODE("\x49\x89\xf8"      /* mov r8, rdi */
                    "\x89\xf0"          /* mov eax, esi */
                    "\x48\x89\xd1"      /* mov rcx, rdx */
                    "\xf3\xaa"          /* rep stosb */
                    "\x4c\x89\xc0\xc3")}, /* mov rax, r8; ret */
    {"memmove", CODE("\x48\x89\xf8"     /* mov rax, rdi */
                     "\x48\x89\xd1"     /* mov rcx, rdx */
                     "\x49\x89\xf8"     /* mov r8, rdi */
                     "\x49\x29\xf0"     /* sub r8, rsi */
                     "\x49\x39\xd0"     /* cmp r8, rdx */
                     "\x72\x03"         /* jb backwards */
                     "\xf3\xa4\xc3"     /* rep movsb; ret */
                     "\x48\x8d\x74\x16\xff" /* backwards: lea rsi, [rsi + rdx - 1] */
                     "\x48\x8d\x7c\x17\xff" /* lea rdi, [rdi + rdx - 1] */
                     "\xfd\xf3\xa4\xfc\xc3")}, /* std; rep movsb; cld; ret */
#undef CODE
};
#define BUILTIN_COUNT (sizeof(builtins) / sizeof(builtins[0]))

struct link {
    struct ir_module *m;
    const uint8_t *object;
    size_t object_B;
    const Elf64_Shdr *sections;
    uint32_t section_count;
    uint32_t names;            /* the section of section names */
    uint64_t *placed;          /* by section: offset in the code, or NOT_PLACED */
    uint64_t builtin_at[BUILTIN_COUNT];
    uint8_t *code;
    uint64_t code_B;
    const Elf64_Sym *symbols;
    uint64_t symbol_count;
    const char *strings;
    uint64_t strings_B;
};

/* Bytes of the object, or NULL. */
static const void *bytes_at(const struct link *l, uint64_t offset_B, uint64_t size_B)
{
    if (offset_B > l->object_B || size_B > l->object_B - offset_B)
        return NULL;
    return l->object + offset_B;
}

static bool damaged(struct link *l, const char *what)
{
    ir_error(l->m, -EINVAL, "internal: LLVM's object is damaged: %s", what);
    return false;
}

static const char *symbol_name(const struct link *l, const Elf64_Sym *symbol)
{
    if (symbol->st_name >= l->strings_B)
        return "";
    const char *name = l->strings + symbol->st_name;
    return memchr(name, 0, l->strings_B - symbol->st_name) ? name : "";
}

static bool read_header(struct link *l)
{
    const Elf64_Ehdr *header = bytes_at(l, 0, sizeof *header);
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_type != ET_REL || header->e_machine != EM_X86_64 ||
        header->e_shentsize != sizeof(Elf64_Shdr))
        return damaged(l, "header");
    l->section_count = header->e_shnum;
    l->names = header->e_shstrndx;
    l->sections = bytes_at(l, header->e_shoff, (uint64_t)l->section_count * sizeof *l->sections);
    if (!l->sections)
        return damaged(l, "sections");

    for (uint32_t i = 0; i < l->section_count; i++) {
        const Elf64_Shdr *s = &l->sections[i];
        if (s->sh_type != SHT_SYMTAB)
            continue;
        l->symbols = bytes_at(l, s->sh_offset, s->sh_size);
        l->symbol_count = s->sh_size / sizeof *l->symbols;
        if (s->sh_link >= l->section_count)
            return damaged(l, "symbol names");
        const Elf64_Shdr *strings = &l->sections[s->sh_link];
        l->strings = bytes_at(l, strings->sh_offset, strings->sh_size);
        l->strings_B = strings->sh_size;
    }
    if (!l->symbols || !l->strings)
        return damaged(l, "symbols");
    return true;
}

/* Gives sections their place: code (pass 0), then constants (pass 1). */
static bool place_sections(struct link *l)
{
    l->placed = malloc((l->section_count + 1) * sizeof *l->placed);
    if (!l->placed) {
        ir_error(l->m, -ENOMEM, "out of memory while linking");
        return false;
    }
    for (uint32_t i = 0; i < l->section_count; i++)
        l->placed[i] = NOT_PLACED;

    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < l->section_count; i++) {
            const Elf64_Shdr *s = &l->sections[i];
            bool code = s->sh_flags & SHF_EXECINSTR;
            if (!(s->sh_flags & SHF_ALLOC) || !s->sh_size || code != (pass == 0) ||
                s->sh_type == SHT_X86_64_UNWIND || s->sh_type == SHT_NOTE)
                continue;
            if (s->sh_type != SHT_PROGBITS || (s->sh_flags & SHF_WRITE)) {
                ir_error(l->m, -ENOTSUP, "internal: the machine code has writable data");
                return false;
            }
            if (!bytes_at(l, s->sh_offset, s->sh_size))
                return damaged(l, "section");
            uint64_t align_B = s->sh_addralign < 16 ? 16 : s->sh_addralign;
            if (align_B > 4096 || (align_B & (align_B - 1)))
                return damaged(l, "alignment");
            l->placed[i] = (l->code_B + align_B - 1) & ~(align_B - 1);
            l->code_B = l->placed[i] + s->sh_size;
            if (l->code_B > MAX_CODE_B) {
                ir_error(l->m, -ENOTSUP, "the machine code is too large");
                return false;
            }
        }
    }
    return true;
}

/* Makes room for the builtins that undefined symbols ask for. */
static void place_builtins(struct link *l)
{
    for (unsigned b = 0; b < BUILTIN_COUNT; b++) {
        l->builtin_at[b] = NOT_PLACED;
        for (uint64_t i = 1; i < l->symbol_count && l->builtin_at[b] == NOT_PLACED; i++) {
            if (l->symbols[i].st_shndx != SHN_UNDEF ||
                strcmp(symbol_name(l, &l->symbols[i]), builtins[b].name) != 0)
                continue;
            l->builtin_at[b] = (l->code_B + 15) & ~15ull;
            l->code_B = l->builtin_at[b] + builtins[b].code_B;
        }
    }
}

static void copy_code(struct link *l)
{
    for (uint32_t i = 0; i < l->section_count; i++)
        if (l->placed[i] != NOT_PLACED)
            memcpy(l->code + l->placed[i], l->object + l->sections[i].sh_offset,
                   l->sections[i].sh_size);
    for (unsigned b = 0; b < BUILTIN_COUNT; b++)
        if (l->builtin_at[b] != NOT_PLACED)
            memcpy(l->code + l->builtin_at[b], builtins[b].code, builtins[b].code_B);
}

/* A symbol's offset in the code. */
static bool resolve_symbol(struct link *l, uint64_t index, uint64_t *offset_out)
{
    if (index >= l->symbol_count)
        return damaged(l, "symbol number");
    const Elf64_Sym *symbol = &l->symbols[index];
    if (symbol->st_shndx == SHN_UNDEF) {
        const char *name = symbol_name(l, symbol);
        for (unsigned b = 0; b < BUILTIN_COUNT; b++) {
            if (l->builtin_at[b] != NOT_PLACED && strcmp(name, builtins[b].name) == 0) {
                *offset_out = l->builtin_at[b];
                return true;
            }
        }
        ir_error(l->m, -ENOTSUP, "internal: the machine code calls %s", name);
        return false;
    }
    if (symbol->st_shndx >= l->section_count || l->placed[symbol->st_shndx] == NOT_PLACED)
        return damaged(l, "symbol's section");
    *offset_out = l->placed[symbol->st_shndx] + symbol->st_value;
    return true;
}

static bool relocate(struct link *l, const Elf64_Shdr *target, uint64_t target_at,
                     const Elf64_Rela *rela)
{
    /* Relocations that depend on distances inside the blob alone, and their size. */
    static const struct {
        uint32_t type;
        uint32_t size_B;
    } kinds[] = {{R_X86_64_PC32, 4}, {R_X86_64_PLT32, 4}, {R_X86_64_PC64, 8}};

    uint32_t size_B = 0;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].type == ELF64_R_TYPE(rela->r_info))
            size_B = kinds[i].size_B;
    uint64_t symbol_at;
    if (!resolve_symbol(l, ELF64_R_SYM(rela->r_info), &symbol_at))
        return false;
    if (!size_B) {
        ir_error(l->m, -ENOTSUP, "internal: relocation %u in the machine code",
                 (unsigned)ELF64_R_TYPE(rela->r_info));
        return false;
    }
    if (rela->r_offset > target->sh_size || size_B > target->sh_size - rela->r_offset)
        return damaged(l, "relocation");
    uint64_t at = target_at + rela->r_offset;
    int64_t value = (int64_t)(symbol_at + (uint64_t)rela->r_addend - at);
    if (size_B == 4 && value != (int32_t)value)
        return damaged(l, "distance");
    memcpy(l->code + at, &value, size_B); /* little-endian: the low bytes come first */
    return true;
}

static bool relocate_all(struct link *l)
{
    for (uint32_t i = 0; i < l->section_count; i++) {
        const Elf64_Shdr *s = &l->sections[i];
        if (s->sh_type != SHT_RELA || s->sh_info >= l->section_count ||
            l->placed[s->sh_info] == NOT_PLACED)
            continue;
        const Elf64_Rela *relas = bytes_at(l, s->sh_offset, s->sh_size);
        if (!relas)
            return damaged(l, "relocations");
        for (uint64_t k = 0; k < s->sh_size / sizeof *relas; k++)
            if (!relocate(l, &l->sections[s->sh_info], l->placed[s->sh_info], &relas[k]))
                return false;
    }
    return true;
}

static bool find_entry(struct link *l, uint64_t *offset_out)
{
    for (uint64_t i = 1; i < l->symbol_count; i++)
        if (l->symbols[i].st_shndx != SHN_UNDEF &&
            strcmp(symbol_name(l, &l->symbols[i]), "weft_kernel") == 0)
            return resolve_symbol(l, i, offset_out);
    return damaged(l, "no weft_kernel");
}

static const char *section_name(const struct link *l, uint32_t index)
{
    if (l->names >= l->section_count)
        return "";
    const Elf64_Shdr *s = &l->sections[l->names];
    const char *all = bytes_at(l, s->sh_offset, s->sh_size);
    uint64_t at = l->sections[index].sh_name;
    return all && at < s->sh_size && memchr(all + at, 0, s->sh_size - at) ? all + at : "";
}

/* What the line table's section refers to: an address is a relocation. */
struct line_section {
    struct link *l;
    const Elf64_Rela *relas;
    uint64_t rela_count;
};

static bool line_address(void *data, uint64_t offset_B, uint64_t *code_B_out)
{
    const struct line_section *s = data;
    for (uint64_t i = 0; i < s->rela_count; i++) {
        const Elf64_Rela *rela = &s->relas[i];
        if (rela->r_offset != offset_B || ELF64_R_TYPE(rela->r_info) != R_X86_64_64)
            continue;
        if (!resolve_symbol(s->l, ELF64_R_SYM(rela->r_info), code_B_out))
            return false;
        *code_B_out += (uint64_t)rela->r_addend;
        return true;
    }
    return false;
}

static uint32_t read_lines(struct link *l, struct weft_line **lines_out)
{
    *lines_out = NULL;
    for (uint32_t i = 0; i < l->section_count; i++) {
        const Elf64_Shdr *s = &l->sections[i];
        const void *bytes = bytes_at(l, s->sh_offset, s->sh_size);
        if (s->sh_type != SHT_PROGBITS || !bytes || strcmp(section_name(l, i), ".debug_line") != 0)
            continue;
        struct line_section lines = {.l = l};
        for (uint32_t k = 0; k < l->section_count; k++) {
            const Elf64_Shdr *r = &l->sections[k];
            if (r->sh_type != SHT_RELA || r->sh_info != i)
                continue;
            lines.relas = bytes_at(l, r->sh_offset, r->sh_size);
            lines.rela_count = lines.relas ? r->sh_size / sizeof *lines.relas : 0;
        }
        return cg_lines_read(bytes, s->sh_size, line_address, &lines, lines_out);
    }
    return 0;
}

static void fill_header(const struct ir_module *m, const struct cg_facts *facts,
                        uint64_t code_offset_B, uint64_t code_B, uint64_t entry,
                        uint64_t line_offset_B, uint32_t line_count, struct weft_image *image)
{
    *image = (struct weft_image){
        .magic = WEFT_IMAGE_MAGIC,
        .version = WEFT_IMAGE_VERSION,
        .image_B = line_offset_B + line_count * sizeof(struct weft_line),
        .code_offset_B = (uint32_t)code_offset_B,
        .code_B = (uint32_t)code_B,
        .entry_offset_B = (uint32_t)entry,
        .line_offset_B = (uint32_t)line_offset_B,
        .line_count = line_count,
        .local_size = {m->local_size[0], m->local_size[1], m->local_size[2]},
        .width = m->width,
        .subgroup_size = m->subgroup_size,
        .shared_B = m->shared_B,
        .scratch_B = facts->scratch_B,
        .isa = m->request->isa,
        .features = m->request->features,
        .flags = facts->flags,
    };
}

void cg_object_link(struct ir_module *m, const struct cg_facts *facts, const void *object,
                    size_t object_B, struct weft_compile_result *result)
{
    struct link l = {.m = m, .object = object, .object_B = object_B};
    struct weft_line *lines = NULL;
    uint8_t *image = NULL;
    uint64_t entry;

    if (!read_header(&l) || !place_sections(&l))
        goto out;
    place_builtins(&l);
    uint64_t code_offset_B = (sizeof(struct weft_image) + 63) & ~63ull;
    uint64_t line_offset_B = (code_offset_B + l.code_B + 7) & ~7ull;
    uint32_t line_count = read_lines(&l, &lines);
    uint64_t image_B = line_offset_B + line_count * sizeof *lines;
    image = calloc(1, image_B);
    if (!image) {
        ir_error(m, -ENOMEM, "out of memory while linking");
        goto out;
    }
    l.code = image + code_offset_B;
    copy_code(&l);
    if (!relocate_all(&l) || !find_entry(&l, &entry))
        goto out;
    fill_header(m, facts, code_offset_B, l.code_B, entry, line_offset_B, line_count,
                (struct weft_image *)image);
    if (line_count)
        memcpy(image + line_offset_B, lines, line_count * sizeof *lines);
    result->image = image;
    result->image_B = image_B;
    image = NULL;
out:
    free(lines);
    free(image);
    free(l.placed);
}

void cg_object_wrap(struct ir_module *m, const struct cg_facts *facts, const struct x86_code *code,
                    struct weft_compile_result *result)
{
    uint64_t code_offset_B = (sizeof(struct weft_image) + 63) & ~63ull;
    uint64_t code_B = (uint64_t)code->code_B + code->constants_B;
    uint64_t line_offset_B = (code_offset_B + code_B + 7) & ~7ull;
    uint64_t lines_B = code->line_count * sizeof *code->lines;
    uint8_t *image = code_B <= MAX_CODE_B ? calloc(1, line_offset_B + lines_B) : NULL;
    if (!image) {
        ir_error(m, -ENOMEM, "out of memory while linking");
        return;
    }
    memcpy(image + code_offset_B, code->code, code->code_B);
    if (code->constants_B)
        memcpy(image + code_offset_B + code->code_B, code->constants, code->constants_B);
    if (lines_B)
        memcpy(image + line_offset_B, code->lines, lines_B);
    fill_header(m, facts, code_offset_B, code_B, code->entry, line_offset_B, code->line_count,
                (struct weft_image *)image);
    result->image = image;
    result->image_B = line_offset_B + lines_B;
}
