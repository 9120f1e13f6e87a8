/* SPDX-License-Identifier: MIT
 *
 * Algebraic identities, one function for each family of operations. All of them are exact: floating
 * point keeps its signed zeros, infinities and NaNs.
 */
#include "fold.h"
#include "simplify.h"

/* A new instruction in front of `at`, at its line. */
static struct ir_inst *make(struct simplify *s, struct ir_inst *at, enum ir_op op,
                            enum ir_type type, struct ir_inst *a, struct ir_inst *b)
{
    struct ir_inst *args[] = {a, b};
    struct ir_inst *inst = ir_insert_before(s->m, at, op, type, b ? 2 : 1, args);
    inst->line = at->line;
    return inst;
}

static struct ir_inst *constant(struct simplify *s, enum ir_type type, uint64_t bits)
{
    return simplify_const(s, type, bits & fold_mask(type));
}

/* Changes the instruction into another form in place. */
static void become(struct simplify *s, struct ir_inst *inst, enum ir_op op, struct ir_inst *a,
                   struct ir_inst *b)
{
    inst->op = (uint16_t)op;
    inst->args[0] = a;
    if (b)
        inst->args[1] = b;
    inst->arg_count = b ? 2 : 1;
    s->changed = true;
}

static bool power_of_two(const struct ir_inst *inst, unsigned *log_out)
{
    if (inst->op != IR_CONST || inst->imm == 0 || (inst->imm & (inst->imm - 1)))
        return false;
    *log_out = (unsigned)__builtin_ctzll(inst->imm);
    return true;
}

static bool commutative(enum ir_op op)
{
    switch (op) {
    case IR_ADD:
    case IR_MUL:
    case IR_UMULH:
    case IR_SMULH:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
    case IR_SADD_SAT:
    case IR_UADD_SAT:
    case IR_EQ:
    case IR_NE:
    case IR_FADD:
    case IR_FMUL:
    case IR_FOEQ:
    case IR_FONE:
    case IR_FUEQ:
    case IR_FUNE:
        return true;
    default:
        return false;
    }
}

/* Constants go to the right, others are ordered so that equal expressions look equal. */
static void order_args(struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0], *b = inst->args[1];
    bool a_const = a->op == IR_CONST, b_const = b->op == IR_CONST;
    if (a_const != b_const ? a_const : a->id > b->id) {
        inst->args[0] = b;
        inst->args[1] = a;
    }
}

/* op(op(x, c1), c2) -> op(x, c1 op c2) for associative integer operations. */
static void reassociate(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0], *b = inst->args[1];
    uint64_t folded;
    if (b->op != IR_CONST || a->op != inst->op || a->args[1]->op != IR_CONST)
        return;
    uint64_t values[] = {a->args[1]->imm, b->imm};
    if (!fold_op(inst->op, inst->type, inst->type, 0, values, &folded))
        return;
    become(s, inst, inst->op, a->args[0], constant(s, inst->type, folded));
}

static struct ir_inst *integer(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0], *b = inst->args[1];
    uint64_t mask = fold_mask(inst->type);
    unsigned log;

    switch (inst->op) {
    case IR_ADD:
        reassociate(s, inst);
        a = inst->args[0], b = inst->args[1];
        if (is_const(b, 0))
            return a;
        /* (x - y) + y */
        if (a->op == IR_SUB && a->args[1] == b)
            return a->args[0];
        if (b->op == IR_SUB && b->args[1] == a)
            return b->args[0];
        return NULL;
    case IR_SUB:
        if (a == b)
            return constant(s, inst->type, 0);
        if (b->op == IR_CONST) {
            become(s, inst, IR_ADD, a, constant(s, inst->type, -b->imm));
            return integer(s, inst);
        }
        if (a->op == IR_ADD && a->args[1] == b)
            return a->args[0];
        if (a->op == IR_ADD && a->args[0] == b)
            return a->args[1];
        return NULL;
    case IR_MUL:
        reassociate(s, inst);
        a = inst->args[0], b = inst->args[1];
        return is_const(b, 1) ? a : is_const(b, 0) ? b : NULL;
    case IR_UDIV:
        if (is_const(b, 1))
            return a;
        if (power_of_two(b, &log))
            become(s, inst, IR_LSHR, a, constant(s, inst->type, log));
        return NULL;
    case IR_UREM:
        if (is_const(b, 1))
            return constant(s, inst->type, 0);
        if (power_of_two(b, &log))
            become(s, inst, IR_AND, a, constant(s, inst->type, b->imm - 1));
        return NULL;
    case IR_SDIV:
        return is_const(b, 1) ? a : NULL;
    case IR_SHL:
    case IR_LSHR:
    case IR_ASHR: {
        if (is_const(b, 0))
            return a;
        if (is_const(a, 0))
            return a;
        unsigned bits = ir_type_bits(inst->type);
        /* Two shifts the same way, if together they stay in range. */
        if (b->op == IR_CONST && a->op == inst->op && a->args[1]->op == IR_CONST &&
            b->imm < bits && a->args[1]->imm < bits && b->imm + a->args[1]->imm < bits)
            become(s, inst, inst->op, a->args[0],
                   constant(s, inst->type, b->imm + a->args[1]->imm));
        return NULL;
    }
    case IR_AND:
        if (a == b || is_const(b, mask))
            return a;
        if (is_const(b, 0))
            return b;
        reassociate(s, inst);
        return normalized_byte(s, inst);
    case IR_OR:
        if (a == b || is_const(b, 0))
            return a;
        if (is_const(b, mask))
            return b;
        reassociate(s, inst);
        return NULL;
    case IR_XOR:
        if (a == b)
            return constant(s, inst->type, 0);
        if (is_const(b, 0))
            return a;
        if (inst->type == IR_BOOL && is_const(b, 1)) {
            become(s, inst, IR_NOT, a, NULL);
            return identity_find(s, inst);
        }
        reassociate(s, inst);
        return NULL;
    case IR_SMIN:
    case IR_SMAX:
    case IR_UMIN:
    case IR_UMAX:
        return a == b ? a : NULL;
    default:
        return NULL;
    }
}

bool identity_inverse(enum ir_op op, enum ir_op *op_out, bool *swap_out)
{
    static const struct {
        uint8_t op, inverse, swap;
    } rows[] = {
        {IR_EQ, IR_NE, 0},     {IR_NE, IR_EQ, 0},     {IR_ULT, IR_ULE, 1},   {IR_ULE, IR_ULT, 1},
        {IR_SLT, IR_SLE, 1},   {IR_SLE, IR_SLT, 1},   {IR_FOEQ, IR_FUNE, 0}, {IR_FUNE, IR_FOEQ, 0},
        {IR_FONE, IR_FUEQ, 0}, {IR_FUEQ, IR_FONE, 0}, {IR_FOLT, IR_FULE, 1}, {IR_FULE, IR_FOLT, 1},
        {IR_FOLE, IR_FULT, 1}, {IR_FULT, IR_FOLE, 1},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].op == op) {
            *op_out = rows[i].inverse;
            *swap_out = rows[i].swap;
            return true;
        }
    }
    return false;
}

struct ir_inst *identity_not(struct simplify *s, struct ir_inst *at, struct ir_inst *value)
{
    if (value->op == IR_CONST)
        return constant(s, IR_BOOL, !value->imm);
    if (value->op == IR_NOT)
        return value->args[0];
    return make(s, at, IR_NOT, IR_BOOL, value, NULL);
}

static struct ir_inst *logical_not(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0];
    enum ir_op op;
    bool swap;
    if (a->op == IR_NOT)
        return a->args[0];
    if (inst->type == IR_BOOL && identity_inverse(a->op, &op, &swap))
        return make(s, inst, op, IR_BOOL, a->args[swap], a->args[!swap]);
    return NULL;
}

/* Comparing SELECT(c, k1, k2) with k: c, its negation or a constant. */
static struct ir_inst *compare_select(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0], *b = inst->args[1];
    if (b->op != IR_CONST || a->op != IR_SELECT || a->args[1]->op != IR_CONST ||
        a->args[2]->op != IR_CONST)
        return NULL;
    bool if_true = (a->args[1]->imm == b->imm) == (inst->op == IR_EQ);
    bool if_false = (a->args[2]->imm == b->imm) == (inst->op == IR_EQ);
    if (if_true == if_false)
        return constant(s, IR_BOOL, if_true);
    return if_true ? a->args[0] : identity_not(s, inst, a->args[0]);
}

static struct ir_inst *comparison(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0], *b = inst->args[1];
    enum ir_type type = a->type;

    if (a == b && inst->op <= IR_SLE) /* a float may be a NaN */
        return constant(s, IR_BOOL, inst->op == IR_EQ || inst->op == IR_ULE || inst->op == IR_SLE);
    switch (inst->op) {
    case IR_EQ:
    case IR_NE:
        if (type == IR_BOOL && b->op == IR_CONST)
            return (inst->op == IR_EQ) == (b->imm == 1) ? a : identity_not(s, inst, a);
        if (a->op == IR_ADD && a->args[1]->op == IR_CONST && b->op == IR_CONST)
            become(s, inst, inst->op, a->args[0], constant(s, type, b->imm - a->args[1]->imm));
        else if (a->op == IR_ZEXT && b->op == IR_CONST) {
            if (b->imm & ~fold_mask(a->args[0]->type))
                return constant(s, IR_BOOL, inst->op == IR_NE);
            become(s, inst, inst->op, a->args[0], constant(s, a->args[0]->type, b->imm));
        }
        return compare_select(s, inst);
    case IR_ULT:
        if (is_const(b, 0))
            return constant(s, IR_BOOL, 0);
        if (is_const(b, 1)) {
            become(s, inst, IR_EQ, a, constant(s, type, 0));
            return comparison(s, inst);
        }
        if (is_const(a, 0)) {
            become(s, inst, IR_NE, b, a);
            return comparison(s, inst);
        }
        return NULL;
    case IR_ULE:
        if (is_const(a, 0))
            return constant(s, IR_BOOL, 1);
        if (is_const(b, 0)) {
            become(s, inst, IR_EQ, a, b);
            return comparison(s, inst);
        }
        return NULL;
    default:
        return NULL;
    }
}

static struct ir_inst *selection(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *c = inst->args[0], *a = inst->args[1], *b = inst->args[2];
    if (a == b || b->op == IR_UNDEF)
        return a;
    if (a->op == IR_UNDEF)
        return b;
    if (c->op == IR_CONST)
        return c->imm ? a : b;
    if (c->op == IR_NOT) {
        inst->args[0] = c->args[0];
        inst->args[1] = b;
        inst->args[2] = a;
        s->changed = true;
        return selection(s, inst);
    }
    if (inst->type != IR_BOOL)
        return NULL;
    if (is_const(a, 1))
        return is_const(b, 0) ? c : make(s, inst, IR_OR, IR_BOOL, c, b);
    if (is_const(a, 0))
        return is_const(b, 1) ? identity_not(s, inst, c)
                              : make(s, inst, IR_AND, IR_BOOL, identity_not(s, inst, c), b);
    if (is_const(b, 0))
        return make(s, inst, IR_AND, IR_BOOL, c, a);
    if (is_const(b, 1))
        return make(s, inst, IR_OR, IR_BOOL, identity_not(s, inst, c), a);
    return NULL;
}

/* The float constant 1, or -0 and so on, in the type's bits. */
static bool is_float(const struct ir_inst *inst, double value)
{
    return inst->op == IR_CONST && inst->imm == fold_from_double(inst->type, value, false);
}

/* 1 / c where c is a power of two and neither is subnormal: then x / c is x * (1 / c). */
static bool exact_reciprocal(const struct ir_inst *c, uint64_t *bits_out)
{
    static const struct {
        uint8_t fraction_bits, exponent_max;
    } formats[] = {[IR_F16] = {10, 31}, [IR_F32] = {23, 255}};
    if (c->op != IR_CONST || c->type == IR_F64)
        return false;
    unsigned fraction = formats[c->type].fraction_bits, max = formats[c->type].exponent_max;
    unsigned exponent = (unsigned)(c->imm >> fraction & max);
    if ((c->imm & ((UINT64_C(1) << fraction) - 1)) || exponent < 2 || exponent > max - 3)
        return false;
    *bits_out = fold_from_double(c->type, 1.0 / fold_to_double(c->type, c->imm), false);
    return true;
}

/* What the value is the negation of, found without a FNEG of its own: -x, or a product with such a
 * factor, whose other factor is *rest_out then. NULL: nothing. */
static struct ir_inst *negated(const struct ir_inst *value, struct ir_inst **rest_out)
{
    *rest_out = NULL;
    if (value->op == IR_FNEG)
        return value->args[0];
    if (value->op != IR_FMUL)
        return NULL;
    for (unsigned k = 0; k < 2; k++)
        if (value->args[k]->op == IR_FNEG) {
            *rest_out = value->args[1 - k];
            return value->args[k]->args[0];
        }
    return NULL;
}

/* -x * -y and (c * -x) * -y are x * y and (c * x) * y: a formula of both x and -x is computed once. */
static struct ir_inst *product_of_negated(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *rest[2], *factor[2];
    for (unsigned k = 0; k < 2; k++) {
        factor[k] = negated(inst->args[k], &rest[k]);
        if (!factor[k])
            return NULL;
    }
    for (unsigned k = 0; k < 2; k++)
        if (rest[k]) {
            const struct ir_inst *old = inst->args[k];
            factor[k] = make(s, inst, IR_FMUL, inst->type, rest[k], factor[k]);
            factor[k]->flags = old->flags;
            factor[k]->imm = old->imm;
        }
    struct ir_inst *product = make(s, inst, IR_FMUL, inst->type, factor[0], factor[1]);
    product->flags = inst->flags;
    product->imm = inst->imm;
    return product;
}

static struct ir_inst *floating(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0], *b = inst->arg_count > 1 ? inst->args[1] : NULL;
    uint64_t bits;
    switch (inst->op) {
    case IR_FADD:
        return is_float(b, -0.0) ? a : normalized_find(s, inst);
    case IR_FSUB:
        return is_float(b, 0.0) ? a : NULL;
    case IR_FMUL:
        if (is_float(b, -1))
            return make(s, inst, IR_FNEG, inst->type, a, NULL);
        if (is_float(b, 1))
            return a;
        return inst->args[0]->flags & IR_INST_NORMALIZED ? normalized_find(s, inst) : product_of_negated(s, inst);
    case IR_FDIV:
        if (is_float(b, 1))
            return a;
        if (exact_reciprocal(b, &bits))
            become(s, inst, IR_FMUL, a, constant(s, inst->type, bits));
        return NULL;
    case IR_FNEG:
        return a->op == IR_FNEG ? a->args[0] : NULL;
    case IR_FABS:
        if (a->op == IR_FNEG || a->op == IR_FABS)
            return make(s, inst, IR_FABS, inst->type, a->args[0], NULL);
        return NULL;
    case IR_FMIN:
    case IR_FMAX:
        return a == b ? a : normalized_find(s, inst);
    default:
        return NULL;
    }
}

static struct ir_inst *conversion(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->args[0];
    struct ir_inst *x = a->arg_count == 1 ? a->args[0] : NULL;
    unsigned to = ir_type_bits(inst->type);
    switch (inst->op) {
    case IR_TRUNC:
        if (a->op == IR_TRUNC)
            return make(s, inst, IR_TRUNC, inst->type, x, NULL);
        if (a->op == IR_ZEXT || a->op == IR_SEXT) {
            if (x->type == inst->type)
                return x;
            return make(s, inst, ir_type_bits(x->type) > to ? IR_TRUNC : a->op, inst->type, x,
                        NULL);
        }
        return NULL;
    case IR_ZEXT:
        return a->op == IR_ZEXT ? make(s, inst, IR_ZEXT, inst->type, x, NULL) : NULL;
    case IR_SEXT:
        return a->op == IR_ZEXT || a->op == IR_SEXT
                   ? make(s, inst, a->op, inst->type, x, NULL)
                   : NULL;
    case IR_FEXT:
        return a->op == IR_FEXT ? make(s, inst, IR_FEXT, inst->type, x, NULL) : NULL;
    case IR_FTRUNC_TO:
        return a->op == IR_FEXT && x->type == inst->type ? x : NULL;
    case IR_BITCAST:
        if (a->type == inst->type)
            return a;
        if (a->op == IR_BITCAST)
            return x->type == inst->type ? x : make(s, inst, IR_BITCAST, inst->type, x, NULL);
        return NULL;
    default:
        return NULL;
    }
}

/* Subgroup operations on constants, and constant tables. */
static struct ir_inst *other(struct simplify *s, struct ir_inst *inst)
{
    struct ir_inst *a = inst->arg_count ? inst->args[0] : NULL;
    switch (inst->op) {
    case IR_COMP: /* of a single value, or of what replaced it */
        return ir_comps(a) > 1 ? NULL : a;
    case IR_SG_ALL:
    case IR_SG_ANY:
    case IR_SG_FIRST:
    case IR_SG_SHUFFLE:
        /* Where votes agree already; a shuffle from no lane gives anything. */
        return a->op == IR_CONST || (s->m->refining && a->shape.kind == IR_SHAPE_UNIFORM) ? a : NULL;
    case IR_SG_ALL_EQUAL:
        return a->op == IR_CONST ? constant(s, IR_BOOL, 1) : NULL;
    case IR_LOCAL_LOAD:
        if (inst->local->constant && a->op == IR_CONST && a->imm < inst->local->length)
            return constant(s, inst->type, inst->local->init[a->imm]);
        return NULL;
    default:
        return NULL;
    }
}

/* A constant added to the address moves into const_B. */
static void address(struct simplify *s, struct ir_inst *inst)
{
    unsigned at = ir_address_args(inst) - 1;
    bool global = inst->mem.space == IR_SPACE_GLOBAL;
    for (;;) {
        struct ir_inst *offset = inst->args[at];
        if (offset->op != IR_ADD || offset->args[1]->op != IR_CONST)
            return;
        uint64_t sum = (uint64_t)inst->mem.const_B + offset->args[1]->imm;
        if (global && (offset->args[1]->imm > UINT32_MAX || sum > UINT32_MAX))
            return;
        inst->mem.const_B = (uint32_t)sum;
        inst->args[at] = offset->args[0];
        s->changed = true;
    }
}

static bool is_memory(enum ir_op op)
{
    return op == IR_LOAD || op == IR_STORE || (op >= IR_ATOMIC && op <= IR_ATOMIC_STORE);
}

struct ir_inst *identity_find(struct simplify *s, struct ir_inst *inst)
{
    if (is_memory(inst->op)) {
        address(s, inst);
        return NULL;
    }
    if (commutative(inst->op))
        order_args(inst);
    if (inst->op == IR_NOT)
        return logical_not(s, inst);
    if (inst->op >= IR_ADD && inst->op <= IR_UMAX)
        return integer(s, inst);
    if (inst->op >= IR_EQ && inst->op <= IR_FULE)
        return comparison(s, inst);
    if (inst->op == IR_SELECT)
        return selection(s, inst);
    if (inst->op >= IR_FADD && inst->op <= IR_FMAX)
        return floating(s, inst);
    if (inst->op >= IR_TRUNC && inst->op <= IR_BITCAST)
        return conversion(s, inst);
    return other(s, inst);
}
