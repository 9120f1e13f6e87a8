/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <spirv/unified1/spirv.h>

#include "weft.h"
#include "weft/kernel.h"
#include "weft/compile.h"

/* Descriptors that an array of unknown length is given. */
#define RUNTIME_ARRAY_COUNT 64

/* What is known of one <id>; 0 is unknown. */
struct id_facts {
    uint32_t set, binding;  /* + 1 */
    uint32_t spec;          /* SpecId + 1 */
    uint32_t type;          /* of a value; pointee of a pointer; element of an array; image of a sampled image */
    uint32_t count_id;      /* length of an array */
    uint32_t value;         /* of a constant; dimensionality of an image */
    uint16_t opcode;        /* of the definition */
    uint16_t bits;          /* of a scalar type */
};

static void note_instruction(struct id_facts *ids, uint32_t bound, const uint32_t *w,
                             uint32_t count)
{
#define ID(n) ((n) < count && w[n] < bound ? w[n] : 0)
    uint32_t opcode = w[0] & SpvOpCodeMask;
    struct id_facts *id;

    switch (opcode) {
    case SpvOpDecorate:
        if (count < 4)
            break;
        id = &ids[ID(1)];
        if (w[2] == SpvDecorationBinding)
            id->binding = w[3] + 1;
        else if (w[2] == SpvDecorationDescriptorSet)
            id->set = w[3] + 1;
        else if (w[2] == SpvDecorationSpecId)
            id->spec = w[3] + 1;
        break;
    case SpvOpTypeInt:
    case SpvOpTypeFloat:
        id = &ids[ID(1)];
        id->opcode = (uint16_t)opcode;
        id->bits = count > 2 ? (uint16_t)w[2] : 0;
        break;
    case SpvOpTypeImage:
        id = &ids[ID(1)];
        id->opcode = (uint16_t)opcode;
        id->value = count > 3 ? w[3] : 0;
        break;
    case SpvOpTypeSampler:
        ids[ID(1)].opcode = (uint16_t)opcode;
        break;
    case SpvOpTypeSampledImage:
        ids[ID(1)].opcode = (uint16_t)opcode;
        ids[ID(1)].type = ID(2);
        break;
    case SpvOpTypePointer:
        ids[ID(1)].opcode = (uint16_t)opcode;
        ids[ID(1)].type = ID(3);
        break;
    case SpvOpTypeArray:
    case SpvOpTypeRuntimeArray:
        id = &ids[ID(1)];
        id->opcode = (uint16_t)opcode;
        id->type = ID(2);
        id->count_id = opcode == SpvOpTypeArray ? ID(3) : 0;
        break;
    case SpvOpVariable:
    case SpvOpConstant:
    case SpvOpSpecConstant:
    case SpvOpSpecConstantTrue:
    case SpvOpSpecConstantFalse:
        id = &ids[ID(2)];
        id->opcode = (uint16_t)opcode;
        id->type = ID(1);
        id->value = count > 3 ? w[3] : 0;
        break;
    default:
        break;
    }
#undef ID
}

static uint32_t descriptor_count(const struct id_facts *ids, const struct id_facts *variable)
{
    const struct id_facts *pointee = &ids[ids[variable->type].type];

    if (pointee->opcode == SpvOpTypeRuntimeArray)
        return RUNTIME_ARRAY_COUNT;
    if (pointee->opcode == SpvOpTypeArray && ids[pointee->count_id].value > 0)
        return ids[pointee->count_id].value;
    return 1;
}

/* The kind of a variable's descriptors and their size. */
static uint32_t descriptor_kind(const struct id_facts *ids, const struct id_facts *variable,
                                uint32_t *stride_B_out)
{
    const struct id_facts *type = &ids[ids[variable->type].type];

    if (type->opcode == SpvOpTypeRuntimeArray || type->opcode == SpvOpTypeArray)
        type = &ids[type->type];
    /* Before SPIR-V 1.6 a uniform texel buffer may be declared as a sampled image. */
    if (type->opcode == SpvOpTypeSampledImage && ids[type->type].value == SpvDimBuffer)
        type = &ids[type->type];
    switch (type->opcode) {
    case SpvOpTypeImage:
        *stride_B_out = WEFT_IMAGE_DESC_B;
        return WEFT_BINDING_IMAGE;
    case SpvOpTypeSampler:
        *stride_B_out = WEFT_SAMPLER_DESC_B;
        return WEFT_BINDING_SAMPLER;
    case SpvOpTypeSampledImage:
        *stride_B_out = WEFT_COMBINED_DESC_B;
        return WEFT_BINDING_COMBINED;
    default:
        *stride_B_out = WEFT_DESC_B;
        return WEFT_BINDING_BUFFER;
    }
}

static int compare_bindings(const void *a, const void *b)
{
    const struct weft_binding *x = a, *y = b;

    if (x->set != y->set)
        return x->set < y->set ? -1 : 1;
    return x->binding < y->binding ? -1 : x->binding > y->binding;
}

/* Sorts, drops doubles (two views of one buffer), and lays each set out. */
static void lay_out(struct spirv_facts *facts)
{
    uint32_t kept = 0, offset_B = 0;

    if (facts->binding_count > 0) {
        qsort(facts->bindings, facts->binding_count, sizeof(*facts->bindings), compare_bindings);
    }
    for (uint32_t i = 0; i < facts->binding_count; i++) {
        struct weft_binding binding = facts->bindings[i];
        if (kept > 0 && compare_bindings(&facts->bindings[kept - 1], &binding) == 0)
            continue;
        if (kept == 0 || facts->bindings[kept - 1].set != binding.set)
            offset_B = 0;
        binding.offset_B = offset_B;
        offset_B += binding.count * binding.stride_B;
        facts->bindings[kept++] = binding;
    }
    facts->binding_count = kept;
}

static void collect(struct spirv_facts *facts, const struct id_facts *ids, uint32_t bound)
{
    for (uint32_t i = 1; i < bound; i++) {
        const struct id_facts *id = &ids[i];
        if (id->opcode == SpvOpVariable && id->binding) {
            struct weft_binding *binding = &facts->bindings[facts->binding_count++];
            *binding = (struct weft_binding){
                .set = id->set ? id->set - 1 : 0,
                .binding = id->binding - 1,
                .count = descriptor_count(ids, id),
            };
            binding->kind = descriptor_kind(ids, id, &binding->stride_B);
        }
        if (id->spec && id->opcode) {
            const struct id_facts *type = &ids[id->type];
            facts->specs[facts->spec_count++] = (struct spec_constant){
                .id = id->spec - 1,
                .bits = type->bits ? type->bits : 32, /* booleans are VkBool32 */
                .is_float = type->opcode == SpvOpTypeFloat,
            };
        }
    }
    lay_out(facts);
}

/* The name of an OpEntryPoint, if it ends inside the instruction. */
static char *entry_name(const uint32_t *w, uint32_t count)
{
    const char *name = (const char *)(w + 3);

    if (count < 4 || w[1] != SpvExecutionModelGLCompute ||
        strnlen(name, (count - 3) * 4u) == (count - 3) * 4u)
        return NULL;
    return strdup(name);
}

int spirv_facts_read(const uint32_t *words, size_t word_count, struct spirv_facts *facts_out)
{
    struct spirv_facts facts = {0};
    uint32_t bound = word_count > 5 ? words[3] : 0;

    *facts_out = facts;
    if (bound == 0 || bound > word_count || words[0] != SpvMagicNumber)
        return 0;
    struct id_facts *ids = calloc(bound, sizeof(*ids));
    facts.bindings = calloc(bound, sizeof(*facts.bindings));
    facts.specs = calloc(bound, sizeof(*facts.specs));
    if (!ids || !facts.bindings || !facts.specs) {
        free(ids);
        spirv_facts_finish(&facts);
        return -1;
    }
    for (size_t at = 5; at < word_count;) {
        uint32_t count = words[at] >> SpvWordCountShift;
        if (count == 0 || count > word_count - at)
            break;
        if ((words[at] & SpvOpCodeMask) == SpvOpEntryPoint && !facts.entry)
            facts.entry = entry_name(words + at, count);
        note_instruction(ids, bound, words + at, count);
        at += count;
    }
    collect(&facts, ids, bound);
    free(ids);
    *facts_out = facts;
    return 0;
}

void spirv_facts_finish(struct spirv_facts *facts)
{
    free(facts->bindings);
    free(facts->specs);
    free(facts->entry);
    *facts = (struct spirv_facts){0};
}
