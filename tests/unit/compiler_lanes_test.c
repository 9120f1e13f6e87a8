/* SPDX-License-Identifier: MIT
 *
 * Subgroup operations and atomics against a walk over the lanes, with all lanes active and with some,
 * at several widths and for each instruction set that this machine has.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codegen_harness.h"
#include "fold.h"
#include "ir.h"

#define SAMPLES 128
#define MAX_CASES 2000
#define CELLS 16 /* of memory, 8 bytes each */

/* Columns: 0 value, 1 index or second value, 2 mask, 3 result, 4 second result, 5 memory. */
struct lanes_case {
    enum ir_op op;
    enum ir_type type;
    unsigned kind;     /* enum ir_reduce or ir_atomic */
    unsigned cluster;
    unsigned shift;    /* SHUFFLE: lane xor shift, known at compile time; 0: by column 1 */
    bool masked;
    bool uniform;      /* the value is */
    bool one_address;
    bool shared;
    bool unused;       /* nobody reads the result */
};

static struct lanes_case cases[MAX_CASES];
static unsigned case_count, failures;
static uint64_t columns[HARNESS_COLUMNS][SAMPLES];

static void add(struct lanes_case c)
{
    for (unsigned masked = 0; masked < 2 && case_count < MAX_CASES; masked++) {
        c.masked = masked;
        cases[case_count++] = c;
    }
}

static bool float_kind(unsigned kind)
{
    return kind >= IR_REDUCE_FADD;
}

static void add_reductions(enum ir_type type)
{
    for (unsigned kind = IR_REDUCE_ADD; kind <= IR_REDUCE_FMAX; kind++) {
        bool logic = kind == IR_REDUCE_AND || kind == IR_REDUCE_OR || kind == IR_REDUCE_XOR;
        bool narrow = type == IR_I8 || type == IR_I16;
        if (type == IR_BOOL ? !logic : float_kind(kind) != ir_type_is_float(type))
            continue;
        if (narrow && kind != IR_REDUCE_ADD && kind != IR_REDUCE_SMAX)
            continue;
        add((struct lanes_case){.op = IR_SG_REDUCE, .type = type, .kind = kind});
        add((struct lanes_case){.op = IR_SG_REDUCE, .type = type, .kind = kind, .cluster = 4});
        add((struct lanes_case){.op = IR_SG_SCAN, .type = type, .kind = kind});
        add((struct lanes_case){.op = IR_SG_EXSCAN, .type = type, .kind = kind});
    }
}

static void add_cases(void)
{
    static const enum ir_type types[] = {IR_BOOL, IR_I8, IR_I16, IR_I32, IR_I64, IR_F16, IR_F32,
                                         IR_F64};
    static const struct {
        enum ir_type type;
        unsigned first, last;
    } atomics[] = {
        {IR_I32, IR_ATOMIC_ADD, IR_ATOMIC_EXCHANGE}, {IR_I64, IR_ATOMIC_ADD, IR_ATOMIC_ADD},
        {IR_F16, IR_ATOMIC_FADD, IR_ATOMIC_FADD},    {IR_F32, IR_ATOMIC_FADD, IR_ATOMIC_FMAX},
        {IR_F32, IR_ATOMIC_EXCHANGE, IR_ATOMIC_EXCHANGE}, {IR_F64, IR_ATOMIC_FADD, IR_ATOMIC_FMAX},
    };
    add((struct lanes_case){.op = IR_SG_ELECT, .type = IR_BOOL});
    add((struct lanes_case){.op = IR_SG_ALL, .type = IR_BOOL});
    add((struct lanes_case){.op = IR_SG_ANY, .type = IR_BOOL});
    add((struct lanes_case){.op = IR_SG_BALLOT, .type = IR_BOOL});
    for (unsigned t = 0; t < sizeof types / sizeof types[0]; t++) {
        add((struct lanes_case){.op = IR_SG_ALL_EQUAL, .type = types[t]});
        add((struct lanes_case){.op = IR_SG_FIRST, .type = types[t]});
        add((struct lanes_case){.op = IR_SG_SHUFFLE, .type = types[t]});
        add((struct lanes_case){.op = IR_SG_SHUFFLE, .type = types[t], .shift = 1});
        add_reductions(types[t]);
    }
    for (unsigned a = 0; a < sizeof atomics / sizeof atomics[0]; a++)
        for (unsigned kind = atomics[a].first; kind <= atomics[a].last; kind++)
            for (unsigned bits = 0; bits < (atomics[a].type == IR_I32 ? 16 : 8); bits++)
                add((struct lanes_case){.op = IR_ATOMIC, .type = atomics[a].type, .kind = kind,
                                        .uniform = bits & 1, .one_address = bits & 2,
                                        .shared = bits & 4, .unused = bits & 8});
    for (unsigned bits = 0; bits < 8; bits++) {
        struct lanes_case c = {.type = bits & 1 ? IR_I64 : IR_I32, .one_address = bits & 2,
                               .shared = bits & 4};
        for (enum ir_op op = IR_ATOMIC_CMPXCHG; op <= IR_ATOMIC_STORE; op++) {
            c.op = op;
            c.uniform = op == IR_ATOMIC_STORE; /* else any lane's may be the last */
            add(c);
            c.uniform = true;
            add(c);
        }
    }
}

/* ---- Code ---- */

static void emit_atomic(struct cg *cg, const struct lanes_case *c, struct ir_inst *value)
{
    LLVMBuilderRef b = cg->b;
    enum ir_type address_type = c->shared ? IR_I32 : IR_I64;
    LLVMValueRef cell = harness_load(cg, 1, address_type);
    LLVMValueRef at = LLVMBuildMul(b, cell, cg_splat(cg, LLVMConstInt(cg->scalar_t[address_type],
                                                                      8, false)), "");
    if (!c->shared)
        at = LLVMBuildAdd(b, at, cg_splat(cg, LLVMBuildPtrToInt(b, cg->shared, cg->i64, "")), "");
    struct ir_inst *args[3] = {harness_value(cg, address_type, at, c->one_address), value, value};
    if (c->op == IR_ATOMIC_CMPXCHG)
        args[2] = harness_value(cg, c->type, harness_load(cg, 4, c->type), c->uniform);
    unsigned count = c->op == IR_ATOMIC_LOAD ? 1 : c->op == IR_ATOMIC_CMPXCHG ? 3 : 2;
    enum ir_type type = c->op == IR_ATOMIC_STORE ? IR_VOID : c->type;
    struct ir_inst *inst = ir_append(cg->m, cg->m->body, c->op, type, count, args);
    inst->mem = (struct ir_mem){
        .space = c->shared ? IR_SPACE_SHARED : IR_SPACE_GLOBAL,
        .comps = 1,
        .atomic = (uint8_t)c->kind,
        .align_B = 8,
        .stride_B = 8,
    };
    inst->shape.kind = cg->width == 1 ? IR_SHAPE_UNIFORM : IR_SHAPE_VARYING;
    inst->use_count = !c->unused && c->op != IR_ATOMIC_STORE;
    cg_atomic(cg, inst);
    if (inst->use_count)
        harness_store(cg, 3, c->type, cg_vector(cg, inst));
}

static struct ir_inst *shuffle_index(struct cg *cg, const struct lanes_case *c)
{
    if (!c->shift || cg->width == 1)
        return harness_value(cg, IR_I32, harness_load(cg, 1, IR_I32), false);
    static int64_t offsets[64];
    for (unsigned i = 0; i < cg->width; i++)
        offsets[i] = (int64_t)(i ^ c->shift) - c->shift;
    struct ir_inst *index = ir_append(cg->m, cg->m->body, IR_LANE, IR_I32, 0, NULL);
    index->shape.kind = IR_SHAPE_OFFSETS;
    index->shape.offsets = offsets;
    cg_set_scalar(cg, index, 0, cg_i32(cg, c->shift));
    return index;
}

static void emit_case(struct cg *cg, unsigned number)
{
    const struct lanes_case *c = &cases[number];
    if (c->masked && cg->width > 1)
        cg->mask.lanes = harness_load(cg, 2, IR_BOOL);
    struct ir_inst *value = harness_value(cg, c->type, harness_load(cg, 0, c->type), c->uniform);
    if (c->op >= IR_ATOMIC && c->op <= IR_ATOMIC_STORE) {
        emit_atomic(cg, c, value);
        return;
    }
    bool ballot = c->op == IR_SG_BALLOT;
    enum ir_type type = ballot                   ? IR_I32
                        : c->op < IR_SG_BALLOT   ? IR_BOOL
                                                 : c->type;
    struct ir_inst *args[2] = {value, NULL};
    unsigned count = c->op == IR_SG_ELECT ? 0 : 1;
    if (c->op == IR_SG_SHUFFLE)
        args[count++] = shuffle_index(cg, c);
    struct ir_inst *inst = ir_append(cg->m, cg->m->body, c->op, type, count, args);
    inst->imm = c->kind | c->cluster << 8;
    bool same = ballot || c->op == IR_SG_ALL || c->op == IR_SG_ANY || c->op == IR_SG_FIRST ||
                (c->op == IR_SG_REDUCE && !c->cluster);
    inst->shape.kind = same || cg->width == 1 ? IR_SHAPE_UNIFORM : IR_SHAPE_VARYING;
    cg_subgroup(cg, inst);
    harness_store(cg, 3, type, cg_vector(cg, inst));
}

/* ---- Reference ---- */

static bool active(const struct harness *h, const struct lanes_case *c, unsigned lane)
{
    return !c->masked || h->width == 1 || (columns[2][lane] & 1);
}

static uint64_t combine(enum ir_type type, unsigned kind, uint64_t a, uint64_t b)
{
    static const enum ir_op ops[] = {
        [IR_REDUCE_ADD] = IR_ADD,   [IR_REDUCE_MUL] = IR_MUL,   [IR_REDUCE_SMIN] = IR_SMIN,
        [IR_REDUCE_SMAX] = IR_SMAX, [IR_REDUCE_UMIN] = IR_UMIN, [IR_REDUCE_UMAX] = IR_UMAX,
        [IR_REDUCE_AND] = IR_AND,   [IR_REDUCE_OR] = IR_OR,     [IR_REDUCE_XOR] = IR_XOR,
        [IR_REDUCE_FADD] = IR_FADD, [IR_REDUCE_FMUL] = IR_FMUL, [IR_REDUCE_FMIN] = IR_FMIN,
        [IR_REDUCE_FMAX] = IR_FMAX,
    };
    uint64_t args[2] = {a, b}, r = a;
    fold_op(ops[kind], type, type, 0, args, &r); /* zeros of min and max stay as they are */
    return r;
}

static uint64_t identity(enum ir_type type, unsigned kind)
{
    uint64_t ones = fold_mask(type), sign = (ones >> 1) + 1;
    switch (kind) {
    case IR_REDUCE_MUL: return 1;
    case IR_REDUCE_SMIN: return sign - 1;
    case IR_REDUCE_SMAX: return sign;
    case IR_REDUCE_UMIN:
    case IR_REDUCE_AND: return ones;
    case IR_REDUCE_FADD: return sign;
    case IR_REDUCE_FMUL: return fold_from_double(type, 1, false);
    case IR_REDUCE_FMIN: return fold_from_double(type, INFINITY, false);
    case IR_REDUCE_FMAX: return fold_from_double(type, -INFINITY, false);
    default: return 0;
    }
}

/* The subgroup of lanes start..start+width-1. */
static uint64_t subgroup_result(const struct harness *h, const struct lanes_case *c, unsigned start,
                                unsigned lane)
{
    const uint64_t *value = columns[0];
    unsigned end = start + h->width, first = start;
    while (first < end && !active(h, c, first))
        first++;
    uint64_t bits = 0, all = 1, equal = 1, r = identity(c->type, c->kind);
    unsigned cluster = c->cluster && c->cluster < h->width ? c->cluster : h->width;
    for (unsigned i = start; i < end; i++) {
        if (!active(h, c, i))
            continue;
        bits |= (value[i] & 1) << (i - start);
        all &= value[i];
        equal &= value[i] == value[first];
        bool in = c->op == IR_SG_REDUCE ? (i - start) / cluster == (lane - start) / cluster
                  : c->op == IR_SG_SCAN ? i <= lane
                                        : i < lane;
        if (in && c->op >= IR_SG_REDUCE)
            r = combine(c->type, c->kind, r, value[i]);
    }
    switch (c->op) {
    case IR_SG_ELECT: return lane == first;
    case IR_SG_ALL: return all;
    case IR_SG_ANY: return bits != 0;
    case IR_SG_ALL_EQUAL: return equal;
    case IR_SG_BALLOT: return bits;
    case IR_SG_FIRST: return value[first];
    case IR_SG_SHUFFLE:
        return h->width == 1 ? value[lane]
               : c->shift    ? value[start + ((lane - start) ^ c->shift)]
                             : value[start + (columns[1][lane] & (h->width - 1))];
    default: return r;
    }
}

static const uint8_t reduce_of[] = {
    [IR_ATOMIC_ADD] = IR_REDUCE_ADD,   [IR_ATOMIC_AND] = IR_REDUCE_AND,
    [IR_ATOMIC_OR] = IR_REDUCE_OR,     [IR_ATOMIC_XOR] = IR_REDUCE_XOR,
    [IR_ATOMIC_SMIN] = IR_REDUCE_SMIN, [IR_ATOMIC_SMAX] = IR_REDUCE_SMAX,
    [IR_ATOMIC_UMIN] = IR_REDUCE_UMIN, [IR_ATOMIC_UMAX] = IR_REDUCE_UMAX,
    [IR_ATOMIC_FADD] = IR_REDUCE_FADD, [IR_ATOMIC_FMIN] = IR_REDUCE_FMIN,
    [IR_ATOMIC_FMAX] = IR_REDUCE_FMAX,
};

/* One lane after the other; returns what the lane reads. */
static uint64_t atomic_step(const struct harness *h, const struct lanes_case *c, unsigned start,
                            unsigned lane, uint64_t *memory)
{
    uint64_t *cell = &memory[columns[1][c->one_address ? start : lane]];
    uint64_t value = columns[0][c->uniform ? start : lane], old = *cell;
    uint64_t compare = columns[4][c->uniform ? start : lane];
    (void)h;
    if (c->op == IR_ATOMIC_LOAD)
        return old;
    if (c->op == IR_ATOMIC_STORE || (c->op == IR_ATOMIC && c->kind == IR_ATOMIC_EXCHANGE))
        *cell = value;
    else if (c->op == IR_ATOMIC)
        *cell = combine(c->type, reduce_of[c->kind], old, value);
    else if (old == compare)
        *cell = value;
    return old;
}

/* ---- Checking ---- */

static uint64_t small(enum ir_type type)
{
    uint64_t r = harness_random() >> 20;
    return ir_type_is_float(type) ? fold_from_double(type, (double)(int)(r % 7) + 1, false)
           : type == IR_BOOL      ? (r & 7) != 0
                                  : r % 5 + 1;
}

static void fill(const struct harness *h, const struct lanes_case *c)
{
    bool wide = harness_random() & 256 && !ir_type_is_float(c->type) && c->type != IR_BOOL;
    bool equal = harness_random() & 512;
    bool is_atomic = c->op >= IR_ATOMIC && c->op <= IR_ATOMIC_STORE;
    uint64_t one = small(c->type);
    for (unsigned k = 0; k < SAMPLES; k++) {
        bool product = c->kind == IR_REDUCE_FMUL && c->op >= IR_SG_REDUCE;
        columns[0][k] = wide ? harness_random() & fold_mask(c->type)
                        : equal && !is_atomic ? one
                                              : small(c->type);
        if (product && (k & 3)) /* products that every type holds exactly */
            columns[0][k] = fold_from_double(c->type, 1, false);
        else if (product)
            columns[0][k] = fold_from_double(c->type, k & 4 ? 2 : 0.5, false);
        columns[1][k] = (harness_random() >> 13) % (is_atomic ? CELLS : 64);
        columns[2][k] = harness_random() >> 17 & 1;
        columns[3][k] = 0xa5a5a5a5a5a5a5a5ull;
        columns[4][k] = small(c->type);
    }
    for (unsigned k = 0; k < SAMPLES; k += h->width) /* code runs with at least one lane active */
        columns[2][k + (harness_random() >> 9) % h->width] = 1;
}

static void complain(const struct harness *h, const struct lanes_case *c, unsigned lane,
                     uint64_t got, uint64_t want)
{
    printf("%s width %u: %s %s kind %u cluster %u shift %u%s%s%s%s%s, lane %u: %#llx, not %#llx\n",
           h->target->name, h->width, ir_op_infos[c->op].name, ir_type_name(c->type), c->kind,
           c->cluster, c->shift, c->masked ? " masked" : "", c->uniform ? " uniform" : "",
           c->one_address ? " one-address" : "", c->shared ? " shared" : "",
           c->unused ? " unused" : "", lane, (unsigned long long)got, (unsigned long long)want);
    failures++;
}

static void check_case(const struct harness *h, unsigned number)
{
    const struct lanes_case *c = &cases[number];
    uint64_t *all[HARNESS_COLUMNS], memory[CELLS] = {0};
    bool is_atomic = c->op >= IR_ATOMIC && c->op <= IR_ATOMIC_STORE;
    fill(h, c);
    for (unsigned i = 0; i < HARNESS_COLUMNS; i++)
        all[i] = columns[i];
    if (is_atomic)
        for (unsigned i = 0; i < CELLS; i++)
            memory[i] = columns[HARNESS_MEMORY][i] = small(c->type);
    harness_run(h, number, all, SAMPLES);
    for (unsigned start = 0; start < SAMPLES; start += h->width) {
        for (unsigned lane = start; lane < start + h->width; lane++) {
            if (!active(h, c, lane))
                continue;
            uint64_t want = is_atomic ? atomic_step(h, c, start, lane, memory)
                                      : subgroup_result(h, c, start, lane);
            bool inactive_source = c->op == IR_SG_SHUFFLE && c->masked && h->width > 1;
            if (inactive_source) {
                unsigned from = c->shift ? (lane - start) ^ c->shift
                                         : (unsigned)columns[1][lane] & (h->width - 1);
                if (!active(h, c, start + from))
                    continue;
            }
            bool no_result = is_atomic && (c->unused || c->op == IR_ATOMIC_STORE);
            if (!no_result && columns[3][lane] != want) {
                complain(h, c, lane, columns[3][lane], want);
                return;
            }
        }
    }
    for (unsigned i = 0; is_atomic && i < CELLS; i++) {
        if (columns[HARNESS_MEMORY][i] != memory[i]) {
            complain(h, c, 1000 + i, columns[HARNESS_MEMORY][i], memory[i]);
            return;
        }
    }
}

static void check(const struct harness *h)
{
    for (unsigned round = 0; round < 4; round++)
        for (unsigned i = 0; i < case_count; i++)
            check_case(h, i);
}

int main(void)
{
    add_cases();
    failures += harness_all(case_count, emit_case, check);
    printf("%u cases, %u failures\n", case_count, failures);
    return failures != 0;
}
