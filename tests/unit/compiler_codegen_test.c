/* SPDX-License-Identifier: MIT
 *
 * Every elementwise operation, at several widths and for each instruction set that this machine has:
 * the generated code must give what compile-time folding gives, bit for bit, which the simplifier
 * and the shape analysis rely on. Code for instruction sets that this machine lacks is compiled only.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codegen_harness.h"
#include "fold.h"
#include "ir.h"

#define SAMPLES 128 /* a multiple of every width */
#define MAX_CASES 400

struct op_case {
    enum ir_op op;
    enum ir_type type, from;
    uint64_t imm;
    bool constant; /* the second argument is the constant b */
    uint64_t b;
    uint32_t zeros[2]; /* bits of the first two arguments that are masked away, so that code may know */
};

static struct op_case cases[MAX_CASES];
static unsigned case_count;
static unsigned failures;

static void add_case(enum ir_op op, enum ir_type type, enum ir_type from)
{
    if (case_count < MAX_CASES)
        cases[case_count++] = (struct op_case){.op = op, .type = type, .from = from};
}

static void add_constant_case(enum ir_op op, enum ir_type type, uint64_t b)
{
    add_case(op, type, type);
    cases[case_count - 1].constant = true;
    cases[case_count - 1].b = b & fold_mask(type);
}

static void add_cases(void)
{
    static const enum ir_type ints[] = {IR_I8, IR_I16, IR_I32, IR_I64};
    static const enum ir_type floats[] = {IR_F16, IR_F32, IR_F64};
    static const uint64_t divisors[] = {0, 1, 3, 7, 10, 64, UINT64_MAX, UINT64_MAX - 6};

    for (enum ir_op op = IR_ADD; op <= IR_CTZ; op++)
        for (unsigned t = 0; t < 4; t++)
            add_case(op, ints[t], ints[t]);
    for (enum ir_op op = IR_AND; op <= IR_NOT; op++)
        add_case(op, IR_BOOL, IR_BOOL);
    for (enum ir_op op = IR_UDIV; op <= IR_SREM; op++)
        for (unsigned d = 0; d < sizeof(divisors) / sizeof(divisors[0]); d++)
            add_constant_case(op, ints[1 + d % 3], divisors[d]);
    for (enum ir_op op = IR_SDOT4; op <= IR_SUDOT4; op++)
        for (unsigned small = 0; small < 4; small++) {
            add_case(op, IR_I32, IR_I32);
            cases[case_count - 1].zeros[0] = small & 1 ? 0x80808080 : 0;
            cases[case_count - 1].zeros[1] = small & 2 ? 0xf0f0f0f0 : 0;
        }
    for (enum ir_op op = IR_EQ; op <= IR_SLE; op++)
        for (unsigned t = 0; t < 4; t++)
            add_case(op, IR_BOOL, ints[t]);
    add_case(IR_EQ, IR_BOOL, IR_BOOL);
    add_case(IR_NE, IR_BOOL, IR_BOOL);
    for (enum ir_op op = IR_FOEQ; op <= IR_FULE; op++)
        for (unsigned t = 0; t < 3; t++)
            add_case(op, IR_BOOL, floats[t]);
    for (enum ir_type t = IR_BOOL; t <= IR_F64; t++)
        add_case(IR_SELECT, t, IR_BOOL);
    for (enum ir_op op = IR_FADD; op <= IR_FRINT; op++)
        for (unsigned t = 0; t < 3; t++)
            add_case(op, floats[t], floats[t]);
    add_constant_case(IR_FMIN, IR_F16, 0x3c00);
    add_constant_case(IR_FMAX, IR_F16, 0);
    add_constant_case(IR_FMIN, IR_F32, 0x3f800000);
    add_constant_case(IR_FMAX, IR_F32, 0);
    add_constant_case(IR_FMAX, IR_F32, 0x7fc00000);
    for (unsigned t = 0; t < 4; t++) {
        for (unsigned s = 0; s < 4; s++) {
            if (s > t)
                add_case(IR_TRUNC, ints[t], ints[s]);
            if (s < t) {
                add_case(IR_ZEXT, ints[t], ints[s]);
                add_case(IR_SEXT, ints[t], ints[s]);
            }
        }
        for (unsigned f = 0; f < 3; f++) {
            add_case(IR_F2S, ints[t], floats[f]);
            add_case(IR_F2U, ints[t], floats[f]);
            add_case(IR_S2F, floats[f], ints[t]);
            add_case(IR_U2F, floats[f], ints[t]);
        }
    }
    for (unsigned t = 0; t < 3; t++) {
        add_case(IR_BITCAST, floats[t], ints[t + 1]);
        add_case(IR_BITCAST, ints[t + 1], floats[t]);
        for (unsigned s = 0; s < 3; s++) {
            if (s < t)
                add_case(IR_FEXT, floats[t], floats[s]);
            if (s > t) {
                add_case(IR_FTRUNC_TO, floats[t], floats[s]);
                add_case(IR_FTRUNC_TO, floats[t], floats[s]);
                cases[case_count - 1].imm = 1;
            }
        }
    }
}

static enum ir_type arg_type(const struct op_case *c, unsigned i)
{
    return c->op == IR_SELECT && i > 0 ? c->type : c->from;
}

static unsigned arg_count(const struct op_case *c)
{
    return (unsigned)strlen(ir_op_infos[c->op].args);
}

/* ---- Samples: numbers that matter and numbers that do not, of every type ---- */

static uint64_t samples[3][SAMPLES];

static uint64_t sample(enum ir_type type)
{
    static const uint64_t special[] = {0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff,
                                       0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX,
                                       0x8000000000000000ull, UINT64_MAX};
    static const double numbers[] = {0.0, -0.0, 0.5, 1.5, 2.5, -1.0, 3.7, 1e-8, 6e-8, 65504, 65519,
                                     65520, 1e30, -1e30, 127.6, -128.5, 255.9, 2147483647.0,
                                     4294967295.0, -2147483649.0, 9.3e18, 1.9e19, INFINITY,
                                     -INFINITY, NAN, 2e-5, 1e-40, 1.0009765625, 3.0000001};
    uint64_t r = harness_random();
    if (ir_type_is_float(type)) {
        switch (r & 3) {
        case 0:
            return fold_from_double(type, numbers[(r >> 8) % (sizeof numbers / sizeof *numbers)],
                                    false);
        case 1:
            return fold_from_double(type, ((double)(int64_t)harness_random()) * 0x1p-50, false);
        case 2:
            return fold_from_double(type, (double)((int)(r >> 8 & 255) - 128), false);
        default:
            return r & fold_mask(type);
        }
    }
    if ((r & 3) == 0)
        return special[(r >> 8) % (sizeof special / sizeof *special)] & fold_mask(type);
    return (r & 4 ? r >> 20 : (r >> 20) & 15) & fold_mask(type);
}

static uint32_t zeros(const struct op_case *c, unsigned i)
{
    return i < 2 ? c->zeros[i] : 0;
}

static void fill_samples(const struct op_case *c)
{
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < SAMPLES; k++)
            samples[i][k] = (i == 1 && c->constant ? c->b : sample(arg_type(c, i))) & ~(uint64_t)zeros(c, i);
    if (c->op == IR_FMA) /* products that cancel but for their rounding */
        for (unsigned k = 0; k < SAMPLES / 2; k++)
            samples[2][k] = fold_from_double(c->type,
                                             -fold_to_double(c->type, samples[0][k]) *
                                                 fold_to_double(c->type, samples[1][k]),
                                             false);
}

/* ---- Code ---- */

static struct ir_inst *constant(struct cg *cg, enum ir_type type, uint64_t value)
{
    struct ir_inst *inst = ir_append(cg->m, cg->m->body, IR_CONST, type, 0, NULL);
    inst->imm = value;
    return inst;
}

static void emit_case(struct cg *cg, unsigned number)
{
    const struct op_case *c = &cases[number];
    struct ir_inst *args[3];
    for (unsigned i = 0; i < arg_count(c); i++) {
        if (i == 1 && c->constant) {
            args[i] = constant(cg, arg_type(c, i), c->b);
        } else {
            args[i] = harness_value(cg, arg_type(c, i), harness_load(cg, i, arg_type(c, i)), false);
        }
        if (zeros(c, i)) {
            struct ir_inst *both[] = {args[i], constant(cg, IR_I32, ~zeros(c, i))};
            args[i] = ir_append(cg->m, cg->m->body, IR_AND, IR_I32, 2, both);
            args[i]->shape = both[0]->shape;
            cg_alu(cg, args[i]);
        }
    }
    struct ir_inst *inst = ir_append(cg->m, cg->m->body, c->op, c->type, arg_count(c), args);
    inst->imm = c->imm;
    inst->flags |= IR_INST_NO_CONTRACT;
    cg_alu(cg, inst);
    harness_store(cg, 3, c->type, cg_vector(cg, inst));
}

/* ---- Checking ---- */

static bool same(const struct op_case *c, uint64_t got, uint64_t want)
{
    if (got == want)
        return true;
    if (!ir_type_is_float(c->type) || c->op == IR_BITCAST || c->op == IR_SELECT)
        return false;
    double x = fold_to_double(c->type, got), y = fold_to_double(c->type, want);
    if (isnan(x) && isnan(y))
        return true;
    if (c->op == IR_FRSQRT)
        return x == y || fabs((double)(int64_t)(got - want)) <= 2;
    return c->op == IR_FMA && c->type == IR_F16 && fabs((double)(int64_t)(got - want)) <= 1;
}

/* Without the instruction, an f64 fma is exact only where nothing over- or underflows. */
static bool inexact_fma(const struct harness *h, const struct op_case *c, unsigned k, uint64_t want)
{
    if (c->op != IR_FMA || c->type != IR_F64 || h->target->fma)
        return false;
    double x = fold_to_double(IR_F64, samples[0][k]), y = fold_to_double(IR_F64, samples[1][k]);
    double r = fabs(fold_to_double(IR_F64, want));
    return !(r > 1e-200 && r < 1e200 && fabs(x * y) > 1e-200 && fabs(x) < 1e200 && fabs(y) < 1e200);
}

static bool expected(const struct op_case *c, unsigned k, uint64_t *want_out)
{
    uint64_t args[3] = {samples[0][k], samples[1][k], samples[2][k]};
    if (c->op == IR_FRSQRT) {
        double x = fold_to_double(c->type, args[0]);
        *want_out = fold_from_double(c->type, 1 / sqrt(x), false);
        return true;
    }
    if (c->op == IR_FMA && c->type == IR_F16) {
        double x[3];
        for (unsigned i = 0; i < 3; i++)
            x[i] = fold_to_double(c->type, args[i]);
        *want_out = fold_from_double(c->type, fma(x[0], x[1], x[2]), false);
        return true;
    }
    return fold_op(c->op, c->type, c->from, c->imm, args, want_out);
}

static void check_case(const struct harness *h, unsigned number)
{
    const struct op_case *c = &cases[number];
    static uint64_t got[SAMPLES];
    uint64_t *columns[HARNESS_COLUMNS] = {samples[0], samples[1], samples[2], got};
    fill_samples(c);
    memset(got, 0xa5, sizeof got);
    harness_run(h, number, columns, SAMPLES);
    for (unsigned k = 0; k < SAMPLES; k++) {
        uint64_t want;
        if (!expected(c, k, &want) || same(c, got[k], want) || inexact_fma(h, c, k, want))
            continue;
        printf("%s features %x width %u: %s %s from %s imm %u (%#llx, %#llx, %#llx): %#llx, not %#llx\n",
               h->target->name, h->target->extra, h->width, ir_op_infos[c->op].name, ir_type_name(c->type),
               ir_type_name(c->from), (unsigned)c->imm, (unsigned long long)samples[0][k],
               (unsigned long long)samples[1][k], (unsigned long long)samples[2][k],
               (unsigned long long)got[k], (unsigned long long)want);
        failures++;
        break;
    }
}

static void check(const struct harness *h)
{
    for (unsigned i = 0; i < case_count; i++)
        check_case(h, i);
}

int main(void)
{
    add_cases();
    failures += harness_all(case_count, emit_case, check);
    printf("%u operations, %u failures\n", case_count, failures);
    return failures != 0;
}
