/* SPDX-License-Identifier: MIT
 *
 * Sums of bytes' texels
 *
 * A texel of bytes is i / 255, and nobody is promised the last bit of that. So a sum of such is the sum of the
 * integers, divided once; and what multiplies the sum may go into the division. As a product with a constant of
 * twice a float's length the quotient is the nearest float, however many texels it sums: three white ones are 3.
 *
 * Bytes 0 and 2 of words are added as the halves of words, and so are 1 and 3: one addition for two channels, and
 * half the work of taking words apart.
 *
 * What becomes a byte again, a mean of 2^k texels or a texel itself, never was a float.
 */
#include <math.h>
#include <string.h>

#include "fold.h"
#include "simplify.h"

#define MAX_DEPTH 24
#define MAX_BOUNDS_DEPTH 5
#define EXACT ((uint64_t)1 << 24) /* integers below are floats */

#define HALVES 0x00ff00ffu
#define ROUNDER 0x4b000000u /* 2^23 */

/* The most that either half of such a sum can be, or more than 2^16. Recursion is bounded by depth. */
static uint64_t most_of_halves(const struct ir_inst *word, unsigned depth)
{
    const struct ir_inst *by = word->arg_count == 2 ? word->args[1] : NULL;
    if (word->type != IR_I32 || depth == 0)
        return EXACT;
    if (word->op == IR_AND && is_const(by, HALVES))
        return 255;
    return word->op == IR_ADD ? most_of_halves(word->args[0], depth - 1) + most_of_halves(by, depth - 1) : EXACT;
}

static bool is_half(const struct ir_inst *inst)
{
    return (inst->op == IR_AND && is_const(inst->args[1], 0xffff)) ||
           (inst->op == IR_LSHR && is_const(inst->args[1], 16));
}

/* The most that an integer can be, read unsigned. Recursion is bounded by depth. */
static uint64_t most(const struct ir_inst *inst, unsigned depth)
{
    uint64_t all = fold_mask((enum ir_type)inst->type);
    if (inst->op == IR_CONST)
        return inst->imm;
    if (inst->op == IR_ZEXT)
        return fold_mask((enum ir_type)inst->args[0]->type);
    if (is_half(inst)) {
        uint64_t half = most_of_halves(inst->args[0], depth);
        return half < 0x10000 ? half : 0xffff;
    }
    if (inst->op == IR_AND && inst->args[1]->op == IR_CONST)
        return inst->args[1]->imm;
    if (inst->op == IR_LSHR && inst->args[1]->op == IR_CONST && inst->args[1]->imm < 32)
        return all >> inst->args[1]->imm;
    if (inst->op != IR_ADD || depth == 0)
        return all;
    uint64_t sum = most(inst->args[0], depth - 1) + most(inst->args[1], depth - 1);
    return sum < all ? sum : all;
}

/* A value that is integer * scale. */
struct normalized {
    struct ir_inst *integer; /* I32 */
    uint64_t most;
    double scale;
};

static float float_of(const struct ir_inst *c)
{
    float x;
    uint32_t bits = (uint32_t)c->imm;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static bool is_normalized(const struct ir_inst *inst, struct normalized *n_out)
{
    if (!(inst->flags & IR_INST_NORMALIZED) || inst->type != IR_F32 || (inst->op != IR_FMUL && inst->op != IR_FMA) ||
        inst->args[0]->op != IR_S2F || inst->args[1]->op != IR_CONST)
        return false;
    n_out->integer = inst->args[0]->args[0];
    if (n_out->integer->type != IR_I32)
        return false;
    n_out->most = most(n_out->integer, MAX_DEPTH);
    if (n_out->most >= EXACT)
        return false;
    float high = float_of(inst->args[1]);
    n_out->scale = high;
    if (inst->op == IR_FMUL && high == 1 / 255.0f) {
        n_out->scale = 1 / 255.0;
    } else if (inst->op == IR_FMA) {
        const struct ir_inst *low = inst->args[2];
        if (low->op != IR_FMUL || low->args[1]->op != IR_CONST)
            return false;
        n_out->scale += float_of(low->args[1]);
    }
    return true;
}

static struct ir_inst *make(struct simplify *s, struct ir_inst *at, enum ir_op op,
                            enum ir_type type, uint32_t count, struct ir_inst *const *args)
{
    struct ir_inst *inst = ir_insert_before(s->m, at, op, type, count, args);
    inst->line = at->line;
    return inst;
}

static struct ir_inst *factor(struct simplify *s, double value)
{
    return simplify_const(s, IR_F32, fold_from_double(IR_F32, value, false));
}

static struct ir_inst *quotient(struct simplify *s, struct ir_inst *at, struct ir_inst *integer,
                                double scale)
{
    struct ir_inst *x = make(s, at, IR_S2F, IR_F32, 1, &integer), *high = factor(s, scale), *inst;
    if (s->m->request->isa < WEFT_ISA_AVX2) { /* no fused multiply-add */
        inst = make(s, at, IR_FMUL, IR_F32, 2, (struct ir_inst *[]){x, high});
    } else {
        struct ir_inst *low = factor(s, scale - float_of(high));
        low = make(s, at, IR_FMUL, IR_F32, 2, (struct ir_inst *[]){x, low});
        inst = make(s, at, IR_FMA, IR_F32, 3, (struct ir_inst *[]){x, high, low});
    }
    inst->flags |= IR_INST_NORMALIZED;
    return inst;
}

/* A byte of a word, or a half of a sum of such: the word whose half it is, and which; NULL: neither. */
static struct ir_inst *halves(struct simplify *s, struct ir_inst *at, struct ir_inst *inst, bool make_it,
                              bool *high_out)
{
    if (is_half(inst) && most_of_halves(inst->args[0], MAX_DEPTH) < 0x10000) {
        *high_out = inst->op == IR_LSHR;
        return inst->args[0];
    }
    unsigned shift = 0;
    struct ir_inst *word = inst;
    if (word->op == IR_AND && is_const(word->args[1], 255))
        word = word->args[0];
    else if (word->op != IR_LSHR || !is_const(word->args[1], 24))
        return NULL;
    if (word->op == IR_LSHR && word->args[1]->op == IR_CONST && word->args[1]->imm % 8 == 0 &&
        word->args[1]->imm < 32) {
        shift = (unsigned)word->args[1]->imm;
        word = word->args[0];
    }
    *high_out = shift >= 16;
    if (!make_it)
        return word;
    if (shift & 8)
        word = make(s, at, IR_LSHR, IR_I32, 2, (struct ir_inst *[]){word, simplify_const(s, IR_I32, 8)});
    return make(s, at, IR_AND, IR_I32, 2, (struct ir_inst *[]){word, simplify_const(s, IR_I32, HALVES)});
}

static struct ir_inst *sum(struct simplify *s, struct ir_inst *at, struct ir_inst *a, struct ir_inst *b)
{
    bool high[2];
    if (halves(s, at, a, false, &high[0]) && halves(s, at, b, false, &high[1]) && high[0] == high[1] &&
        most(a, MAX_DEPTH) + most(b, MAX_DEPTH) < 0x10000) {
        struct ir_inst *words[] = {halves(s, at, a, true, &high[0]), halves(s, at, b, true, &high[1])};
        struct ir_inst *args[] = {make(s, at, IR_ADD, IR_I32, 2, words),
                                  simplify_const(s, IR_I32, high[0] ? 16 : 0xffff)};
        return make(s, at, high[0] ? IR_LSHR : IR_AND, IR_I32, 2, args);
    }
    return make(s, at, IR_ADD, IR_I32, 2, (struct ir_inst *[]){a, b});
}

/* ---- Limits ---- */

struct bounds {
    double low, high;
};

static float next_float(double x, float towards)
{
    float y = (float)x;
    return (towards > 0 ? (double)y < x : (double)y > x) ? nextafterf(y, towards) : y;
}

/* A value's, were each operation's result the next float outwards. */
static struct bounds round_out(double low, double high)
{
    return (struct bounds){(double)next_float(low, -INFINITY), (double)next_float(high, INFINITY)};
}

static struct bounds product(struct bounds a, struct bounds b)
{
    double p[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
    return round_out(fmin(fmin(p[0], p[1]), fmin(p[2], p[3])), fmax(fmax(p[0], p[1]), fmax(p[2], p[3])));
}

/* Between which numbers a sum of texels, and what is made of it by constants, lies; false if nobody knows, or it may be
 * none. Recursion is bounded by depth. */
static bool bounds_of(const struct ir_inst *inst, unsigned depth, struct bounds *out)
{
    struct normalized n;
    struct bounds b[3];
    if (inst->type != IR_F32 || depth == 0)
        return false;
    if (inst->op == IR_CONST) {
        *out = (struct bounds){float_of(inst), float_of(inst)};
        return fabs(out->low) < 1e9; /* products of which stay far below what a float can be */
    }
    if (is_normalized(inst, &n) && n.scale > 0) {
        *out = (struct bounds){0, (float)((double)n.most * n.scale)}; /* the quotient is the nearest float */
        return true;
    }
    if (inst->op != IR_FADD && inst->op != IR_FMUL && inst->op != IR_FMA && inst->op != IR_FMIN && inst->op != IR_FMAX)
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!bounds_of(inst->args[i], depth - 1, &b[i]))
            return false;
    if (inst->op == IR_FMIN)
        *out = (struct bounds){fmin(b[0].low, b[1].low), fmin(b[0].high, b[1].high)};
    else if (inst->op == IR_FMAX)
        *out = (struct bounds){fmax(b[0].low, b[1].low), fmax(b[0].high, b[1].high)};
    else if (inst->op == IR_FADD)
        *out = round_out(b[0].low + b[1].low, b[0].high + b[1].high);
    else
        *out = product(b[0], b[1]);
    if (inst->op == IR_FMA)
        *out = round_out(out->low + b[2].low, out->high + b[2].high);
    return fabs(out->low) < 1e9 && fabs(out->high) < 1e9;
}

/* A limit that such a value never reaches. */
static struct ir_inst *limit(const struct ir_inst *inst)
{
    struct bounds b;
    if (inst->args[1]->op != IR_CONST || (inst->flags & IR_INST_SIGNED_ZERO) ||
        !bounds_of(inst->args[0], MAX_BOUNDS_DEPTH, &b))
        return NULL;
    double bound = float_of(inst->args[1]);
    bool within = inst->op == IR_FMAX ? bound <= b.low : b.high <= bound;
    return within ? inst->args[0] : NULL;
}

struct ir_inst *normalized_find(struct simplify *s, struct ir_inst *inst)
{
    struct normalized a, b;
    if (inst->type == IR_F32 && !inst->imm && (inst->op == IR_FMIN || inst->op == IR_FMAX))
        return limit(inst);
    if (inst->type != IR_F32 || inst->imm || (inst->flags & IR_INST_NO_CONTRACT) ||
        !is_normalized(inst->args[0], &a))
        return NULL;
    switch (inst->op) {
    case IR_FADD:
        if (!is_normalized(inst->args[1], &b) || fabs(a.scale - b.scale) > a.scale * 1e-12 || a.most + b.most >= EXACT)
            return NULL;
        return quotient(s, inst, sum(s, inst, a.integer, b.integer), a.scale);
    case IR_FMUL: {
        if (inst->args[1]->op != IR_CONST || (a.integer->op != IR_ADD && !is_half(a.integer)))
            return NULL;
        double scale = a.scale * (double)float_of(inst->args[1]);
        return scale > 1e-6 && scale < 1e6 ? quotient(s, inst, a.integer, scale) : NULL;
    }
    default:
        return NULL;
    }
}

/* The float that a byte comes of: its lowest bits, once 2^23 is added. Its multiple that has been added; NULL: none. */
static struct ir_inst *before_rounding(const struct ir_inst *x, double *by_out)
{
    struct ir_inst *a = x->arg_count ? x->args[0] : NULL;
    *by_out = 1;
    if (x->type != IR_F32 || (x->op != IR_FMA && x->op != IR_FADD))
        return NULL;
    if (!is_const(x->args[x->arg_count - 1], ROUNDER))
        return NULL;
    if (x->op == IR_FADD && a->op == IR_FMUL && !(a->flags & IR_INST_NORMALIZED))
        x = a;
    if (x->op == IR_FADD)
        return a;
    if (x->args[1]->op != IR_CONST)
        return NULL;
    *by_out = float_of(x->args[1]);
    return x->args[0];
}

struct ir_inst *normalized_byte(struct simplify *s, struct ir_inst *inst)
{
    struct normalized n;
    double by;
    if (inst->type != IR_I32 || !is_const(inst->args[1], 255) || inst->args[0]->op != IR_BITCAST)
        return NULL;
    const struct ir_inst *x = before_rounding(inst->args[0]->args[0], &by);
    if (!x || !is_normalized(x, &n))
        return NULL;
    for (unsigned k = 0; k <= 8; k++) {
        uint64_t half = k ? UINT64_C(1) << (k - 1) : 0;
        if (fabs(n.scale * by * (double)(1u << k) - 1) > 1e-6 || (n.most + half) >> k > 255)
            continue;
        if (k == 0)
            return n.integer;
        struct ir_inst *args[] = {n.integer, simplify_const(s, IR_I32, half)};
        args[0] = make(s, inst, IR_ADD, IR_I32, 2, args);
        args[1] = simplify_const(s, IR_I32, k);
        return make(s, inst, IR_LSHR, IR_I32, 2, args);
    }
    return NULL;
}
