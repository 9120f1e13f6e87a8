/* SPDX-License-Identifier: MIT
 *
 * DOC: Code for an image's format
 *
 * The library asks at each texel what format its image has, and has code for several. Where a shader reads
 * one image in many places, or again and again, what follows the first question becomes
 *
 *     IF it is RGBA8 { as it was, of that format } else { IF it is RGBA16F { ... } else { as it was } }
 *
 * In an arm with one format nothing is asked, and what several texels have in common can be seen.
 */
#include <stddef.h>

#include "versions.h"
#include "weft/image.h"

#define MAX_COPIED 3000 /* instructions */
#define LOOP_WEIGHT 8   /* how often a loop is taken to go round */

/* The most frequent first. */
static const uint32_t formats[] = {WEFT_QUICK_RGBA8, WEFT_QUICK_RGBA16F};

static bool is_question(const struct ir_inst *inst)
{
    return inst->op == IR_DESC && inst->imm == offsetof(struct weft_image_desc, quick) &&
           inst->parent->owner == NULL;
}

/* Counts instructions and, in pass_data of what is asked, the questions. Recursion is bounded by IR_MAX_DEPTH. */
static void measure(struct ir_region *r, uint32_t weight, uint32_t *count)
{
    for (struct ir_inst *i = r->first; i; i = i->next) {
        ++*count;
        for (uint32_t k = 0; k < i->arg_count; k++)
            if (is_question(i->args[k]))
                i->args[k]->pass_data += weight;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            measure(i->regions[k], i->op == IR_LOOP && weight < 1000 ? weight * LOOP_WEIGHT : weight, count);
    }
}

static bool has_barrier(struct ir_module *m)
{
    for (struct ir_inst *i = m->body->first; i; i = ir_next(i))
        if (i->op == IR_BARRIER)
            return true;
    return false;
}

/* Does an instruction, or any in it, use the value? Recursion is bounded by IR_MAX_DEPTH. */
static bool uses(const struct ir_inst *inst, const struct ir_inst *value)
{
    for (uint32_t k = 0; k < inst->arg_count; k++)
        if (inst->args[k] == value)
            return true;
    for (unsigned k = 0; k < ir_region_count(inst); k++)
        for (const struct ir_inst *i = inst->regions[k]->first; i; i = i->next)
            if (uses(i, value))
                return true;
    return false;
}

/* Is there code for that format? Bytes are what is left where the library has asked for all others. */
static bool is_asked(const struct ir_inst *first, const struct ir_inst *value, uint32_t format)
{
    for (const struct ir_inst *i = first; i; i = i->next) {
        if ((i->op == IR_EQ || i->op == IR_NE) && i->args[0] == value && i->args[1]->op == IR_CONST &&
            i->args[1]->imm == format)
            return true;
        for (unsigned k = 0; k < ir_region_count(i); k++)
            if (is_asked(i->regions[k]->first, value, format))
                return true;
    }
    return false;
}

/* Constants and descriptors' words, which are in front of everything. */
static bool is_word(const struct ir_inst *inst)
{
    return inst->op == IR_CONST || inst->op == IR_DESC || inst->op == IR_BUFFER;
}

static struct ir_inst *number(struct ir_module *m, enum ir_type type, uint64_t bits)
{
    struct ir_inst *c = ir_insert_before(m, m->body->first, IR_CONST, type, 0, NULL);
    c->imm = bits;
    return c;
}

/* What a version takes for granted besides the format, of a shader that samples: that the image's own sampler averages,
 * as quick.glsl can, in the image's only level. These are read in front of everything, too. */
static const struct fact {
    uint32_t word; /* of the combined descriptor */
    uint32_t value;
} facts[] = {
    {WEFT_IMAGE_DESC_B + offsetof(struct weft_sampler_desc, quick), 1},
    {WEFT_IMAGE_DESC_B + offsetof(struct weft_sampler_desc, mag_filter), 1},
    {offsetof(struct weft_image_desc, levels), 1},
};
#define FACT_COUNT (sizeof(facts) / sizeof(facts[0]))

/* All of them, or, if it does not sample, none: how many. */
static uint32_t facts_of(const struct ir_module *m, const struct ir_inst *value,
                         struct ir_inst **words_out)
{
    for (uint32_t k = 0; k < FACT_COUNT; k++) {
        struct ir_inst *i = m->body->first;
        while (i && !(i->op == IR_DESC && i->imm == facts[k].word && i->args[0] == value->args[0]))
            i = i->next;
        if (!i)
            return 0;
        words_out[k] = i;
    }
    return FACT_COUNT;
}

/* In the second arm it is not that format. */
static void exclude(struct ir_region *r, const struct ir_inst *value, uint32_t format,
                    struct ir_inst *no)
{
    for (struct ir_inst *i = r->first; i; i = i->next) {
        if (i->op == IR_EQ && i->args[0] == value && i->args[1]->op == IR_CONST && i->args[1]->imm == format) {
            i->op = IR_AND; /* false & false: simplified away */
            i->args[0] = i->args[1] = no;
        }
        for (unsigned k = 0; k < ir_region_count(i); k++)
            exclude(i->regions[k], value, format, no);
    }
}

void ir_formats(struct ir_module *m)
{
    uint32_t count = 0;
    struct ir_inst *value = NULL, *first;
    if (m->request->flags & (WEFT_REQUEST_FAST | WEFT_REQUEST_LIBRARY) || has_barrier(m))
        return;
    for (struct ir_inst *i = m->body->first; i; i = i->next)
        i->pass_data = 0;
    measure(m->body, 1, &count);
    for (struct ir_inst *i = m->body->first; i; i = i->next)
        if (is_question(i) && i->pass_data && (!value || i->pass_data > value->pass_data))
            value = i;
    if (!value || count > MAX_COPIED)
        return;
    struct ir_inst *from[1 + FACT_COUNT] = {value}, *to[1 + FACT_COUNT];
    uint32_t fact_count = facts_of(m, value, from + 1);
    for (first = value->next; !uses(first, value) || is_word(first);)
        first = first->next;
    for (unsigned k = 0; k < sizeof(formats) / sizeof(formats[0]); k++) {
        struct ir_inst *cond = NULL;
        if (k && (fact_count || !is_asked(first, value, formats[k])))
            continue;
        for (uint32_t i = 0; i < 1 + fact_count; i++) {
            to[i] = number(m, IR_I32, i ? facts[i - 1].value : formats[k]);
            struct ir_inst *test = ir_insert_before(m, first, IR_EQ, IR_BOOL, 2, (struct ir_inst *[]){from[i], to[i]});
            cond = cond ? ir_insert_before(m, first, IR_AND, IR_BOOL, 2, (struct ir_inst *[]){cond, test}) : test;
        }
        struct version version = {from, to, 1 + fact_count};
        struct ir_inst *branch = version_split(m, first, cond, &version);
        if (!fact_count)
            exclude(branch->regions[1], value, formats[k], number(m, IR_BOOL, 0));
        first = branch->regions[1]->first;
    }
    ir_simplify(m);
}
