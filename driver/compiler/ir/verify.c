/* SPDX-License-Identifier: MIT
 *
 * The verifier: what it lets through, the later passes and code generation handle without further
 * checks. Types come from the table ir_ops.def.
 */
#include <errno.h>
#include <string.h>

#include "arena.h"
#include "ir.h"

/* Bytes of local arrays that one invocation may have. */
#define MAX_LOCAL_B ((uint64_t)1 << 20)

/* The types that each kind of REDUCE and of ATOMIC works on. */
static const uint16_t reduce_types[] = {
    [IR_REDUCE_ADD] = IR_INTS,
    [IR_REDUCE_MUL] = IR_INTS,
    [IR_REDUCE_SMIN] = IR_INTS,
    [IR_REDUCE_SMAX] = IR_INTS,
    [IR_REDUCE_UMIN] = IR_INTS,
    [IR_REDUCE_UMAX] = IR_INTS,
    [IR_REDUCE_AND] = IR_INTS | IR_BOOLS,
    [IR_REDUCE_OR] = IR_INTS | IR_BOOLS,
    [IR_REDUCE_XOR] = IR_INTS | IR_BOOLS,
    [IR_REDUCE_FADD] = IR_FLOATS,
    [IR_REDUCE_FMUL] = IR_FLOATS,
    [IR_REDUCE_FMIN] = IR_FLOATS,
    [IR_REDUCE_FMAX] = IR_FLOATS,
};
static const uint16_t atomic_types[] = {
    [IR_ATOMIC_ADD] = IR_INTS,
    [IR_ATOMIC_AND] = IR_INTS,
    [IR_ATOMIC_OR] = IR_INTS,
    [IR_ATOMIC_XOR] = IR_INTS,
    [IR_ATOMIC_SMIN] = IR_INTS,
    [IR_ATOMIC_SMAX] = IR_INTS,
    [IR_ATOMIC_UMIN] = IR_INTS,
    [IR_ATOMIC_UMAX] = IR_INTS,
    [IR_ATOMIC_EXCHANGE] = IR_INTS | IR_FLOATS,
    [IR_ATOMIC_FADD] = IR_FLOATS,
    [IR_ATOMIC_FMIN] = IR_FLOATS,
    [IR_ATOMIC_FMAX] = IR_FLOATS,
};

struct verifier {
    struct ir_module *m;
    struct ir_local **locals;
    uint32_t local_count;
};

/* An instruction is in scope while its pass_ptr is the verifier's address. */

static bool fail(struct verifier *v, const struct ir_inst *inst, const char *what)
{
    const char *name = inst && inst->op < IR_OP_COUNT ? ir_op_infos[inst->op].name : "?";
    ir_error(v->m, -EINVAL, "internal: %s %%%u (line %u): %s", name, inst ? inst->id : 0,
             inst ? inst->line : 0, what);
    return false;
}

static bool in_scope(struct verifier *v, const struct ir_inst *value)
{
    return value && value->pass_ptr == v;
}

/* A value that an ordinary argument may name. */
static bool check_value(struct verifier *v, const struct ir_inst *user, const struct ir_inst *value)
{
    if (!in_scope(v, value))
        return fail(v, user, "uses a value out of scope");
    if (value->type == IR_VOID)
        return fail(v, user, "uses an instruction without a value");
    if (ir_comps(value) > 1)
        return fail(v, user, "uses several components as one value");
    return true;
}

static bool is_memory(enum ir_op op)
{
    return op == IR_LOAD || op == IR_STORE || (op >= IR_ATOMIC && op <= IR_ATOMIC_STORE);
}

static bool check_mem(struct verifier *v, const struct ir_inst *inst)
{
    const struct ir_mem *mem = &inst->mem;
    if (mem->space > IR_SPACE_PUSH)
        return fail(v, inst, "unknown address space");
    if (mem->comps < 1 || mem->comps > 16)
        return fail(v, inst, "moves an impossible number of components");
    if (mem->align_B == 0 || (mem->align_B & (mem->align_B - 1)))
        return fail(v, inst, "alignment isn't a power of two");
    bool vectors = inst->op == IR_LOAD || inst->op == IR_STORE;
    if (!vectors && mem->comps != 1)
        return fail(v, inst, "atomic of several components");
    if (inst->op != IR_LOAD && mem->space == IR_SPACE_PUSH)
        return fail(v, inst, "writes push constants");
    return true;
}

/* Types of one fixed argument by its letter; first[] remembers the first i, f and x. */
static bool check_letter(struct verifier *v, const struct ir_inst *inst, char letter,
                         uint32_t index, uint8_t first[256])
{
    const struct ir_inst *arg = inst->args[index];
    if (!check_value(v, inst, arg))
        return false;
    unsigned allowed = 0;
    switch (letter) {
    case 't':
        allowed = IR_BIT(inst->type);
        break;
    case 'b':
        allowed = IR_BOOLS;
        break;
    case 'w':
        allowed = IR_BIT(IR_I32);
        break;
    case 'q':
        allowed = IR_BIT(IR_I64);
        break;
    case 'i':
        allowed = IR_INTS;
        break;
    case 'f':
        allowed = IR_FLOATS;
        break;
    case 'j':
    case 'x':
        allowed = ir_op_infos[inst->op].free_args;
        break;
    }
    if (letter == 'i' || letter == 'f' || letter == 'x') {
        uint8_t *seen = &first[(unsigned char)letter];
        if (*seen)
            allowed = IR_BIT(*seen);
        *seen = arg->type;
    }
    if (!(allowed & IR_BIT(arg->type)))
        return fail(v, inst, "an argument has the wrong type");
    return true;
}

static bool check_address(struct verifier *v, const struct ir_inst *inst)
{
    static const uint8_t address_types[][2] = {
        [IR_SPACE_BUFFER] = {IR_I64, IR_I32},
        [IR_SPACE_SHARED] = {IR_I32},
        [IR_SPACE_GLOBAL] = {IR_I64},
        [IR_SPACE_PUSH] = {IR_I32},
    };
    for (unsigned i = 0; i < ir_address_args(inst); i++) {
        if (!check_value(v, inst, inst->args[i]))
            return false;
        if (inst->args[i]->type != address_types[inst->mem.space][i])
            return fail(v, inst, "an address argument has the wrong type");
    }
    return true;
}

static bool check_args(struct verifier *v, const struct ir_inst *inst)
{
    const char *pattern = ir_op_infos[inst->op].args;
    uint32_t expected = 0;
    bool open = false; /* ends with a star */
    for (const char *c = pattern; *c; c++) {
        if (*c == '*')
            open = true;
        else if (*c == 'a')
            expected += ir_address_args(inst);
        else if (*c == 'v')
            expected += inst->mem.comps;
        else
            expected++;
    }
    if (inst->arg_count < expected || (!open && inst->arg_count != expected))
        return fail(v, inst, "wrong number of arguments");

    uint8_t first[256] = {0};
    uint32_t index = 0;
    for (const char *c = pattern; *c; c++) {
        if (*c == '*')
            break;
        if (*c == 'a') {
            if (!check_address(v, inst))
                return false;
            index += ir_address_args(inst);
        } else if (*c == 'v') {
            for (unsigned k = 0; k < inst->mem.comps; k++, index++) {
                if (!check_value(v, inst, inst->args[index]))
                    return false;
                if (inst->args[index]->type != inst->args[index - k]->type)
                    return fail(v, inst, "stores components of different types");
            }
        } else if (!check_letter(v, inst, *c, index++, first)) {
            return false;
        }
    }
    return true;
}

static bool check_atomic(struct verifier *v, const struct ir_inst *inst)
{
    unsigned type = inst->type;
    if (inst->op == IR_ATOMIC_STORE)
        type = inst->args[inst->arg_count - 1]->type;
    if (inst->op == IR_ATOMIC) {
        if (inst->mem.atomic > IR_ATOMIC_FMAX)
            return fail(v, inst, "unknown atomic");
        if (!(atomic_types[inst->mem.atomic] & IR_BIT(type)))
            return fail(v, inst, "this atomic doesn't work on its type");
    }
    if (!((IR_INTS | IR_FLOATS) & IR_BIT(type)))
        return fail(v, inst, "an atomic of something that isn't a number");
    return true;
}

static bool check_subgroup(struct verifier *v, const struct ir_inst *inst)
{
    uint64_t kind = inst->imm & 0xff, cluster = inst->imm >> 8;
    if (kind > IR_REDUCE_FMAX || !(reduce_types[kind] & IR_BIT(inst->type)))
        return fail(v, inst, "this reduction doesn't work on its type");
    if (inst->op == IR_SG_PARTITION)
        return cluster <= IR_PARTITION_EXSCAN || fail(v, inst, "unknown partition operation");
    if (cluster > 128 || (cluster & (cluster - 1)) || (inst->op != IR_SG_REDUCE && cluster))
        return fail(v, inst, "impossible cluster size");
    return true;
}

/* The types of a matrix's leaves, by enum ir_element. */
static const uint8_t element_types[IR_ELEMENT_COUNT] = {
    [IR_ELEMENT_F16] = IR_F16, [IR_ELEMENT_F32] = IR_F32, [IR_ELEMENT_BF16] = IR_I16,
    [IR_ELEMENT_E4M3] = IR_I8, [IR_ELEMENT_E5M2] = IR_I8, [IR_ELEMENT_S8] = IR_I8,
    [IR_ELEMENT_U8] = IR_I8,   [IR_ELEMENT_I32] = IR_I32,
};

static bool check_leaves(struct verifier *v, const struct ir_inst *inst, uint32_t first,
                         uint32_t count, enum ir_type type)
{
    if (first + count > inst->arg_count)
        return fail(v, inst, "has too few leaves");
    for (uint32_t i = first; i < first + count; i++) {
        if (!check_value(v, inst, inst->args[i]))
            return false;
        if (inst->args[i]->type != type)
            return fail(v, inst, "has a leaf of another type");
    }
    return true;
}

/* Where B is in shared memory. */
static bool check_shared(struct verifier *v, const struct ir_inst *inst, uint32_t arg,
                         const struct ir_matrix *x)
{
    const struct ir_inst *at = inst->args[arg];
    if (!check_value(v, inst, at))
        return false;
    if (at->op != IR_CONST || at->type != IR_I32 || at->imm % 4 || x->b != IR_ELEMENT_F32 ||
        at->imm + 4 * (uint64_t)x->k * x->n > v->m->shared_B)
        return fail(v, inst, "has a matrix that is not in shared memory");
    return true;
}

static bool check_matrix_mul(struct verifier *v, const struct ir_inst *inst)
{
    struct ir_matrix x = ir_matrix_of(inst);
    uint32_t size = v->m->subgroup_size;
    if (!x.m || !x.n || !x.k || x.m > IR_MATRIX_MAX || x.n > IR_MATRIX_MAX ||
        x.k > IR_MATRIX_MAX || x.a >= IR_ELEMENT_COUNT || x.b >= IR_ELEMENT_COUNT ||
        x.c >= IR_ELEMENT_COUNT)
        return fail(v, inst, "has impossible matrices");
    bool bytes = x.a == IR_ELEMENT_S8 || x.a == IR_ELEMENT_U8;
    bool words = x.a == IR_ELEMENT_I32, ints = bytes || words;
    if (bytes != (x.b == IR_ELEMENT_S8 || x.b == IR_ELEMENT_U8) ||
        words != (x.b == IR_ELEMENT_I32) || ints != (x.c == IR_ELEMENT_I32) || (bytes && x.k % 2) ||
        (!ints && x.c != IR_ELEMENT_F16 && x.c != IR_ELEMENT_F32 && x.c != IR_ELEMENT_BF16))
        return fail(v, inst, "multiplies elements that do not fit");
    uint32_t a = ir_matrix_leaves(x.m, x.k, size), b = ir_matrix_leaves(x.k, x.n, size);
    uint32_t c = ir_matrix_leaves(x.m, x.n, size);
    bool shared = inst->op == IR_MATRIX_MUL_SHARED;
    if (shared)
        b = 1;
    if (inst->arg_count != a + b + c || ir_comps(inst) != c || inst->type != element_types[x.c])
        return fail(v, inst, "has the wrong number or type of leaves");
    return check_leaves(v, inst, 0, a, (enum ir_type)element_types[x.a]) &&
           (shared ? check_shared(v, inst, a, &x)
                   : check_leaves(v, inst, a, b, (enum ir_type)element_types[x.b])) &&
           check_leaves(v, inst, a + b, c, (enum ir_type)element_types[x.c]);
}

static bool check_conversion(struct verifier *v, const struct ir_inst *inst)
{
    unsigned from = ir_type_bits(inst->args[0]->type), to = ir_type_bits(inst->type);
    bool good = true;
    switch (inst->op) {
    case IR_TRUNC:
    case IR_FTRUNC_TO:
        good = from > to;
        break;
    case IR_ZEXT:
    case IR_SEXT:
    case IR_FEXT:
        good = from < to;
        break;
    case IR_BITCAST:
        good = from == to;
        break;
    }
    return good || fail(v, inst, "converts between these widths the wrong way");
}

static bool check_local(struct verifier *v, const struct ir_inst *inst)
{
    const struct ir_local *local = inst->local;
    if (!local || local->id >= v->local_count || v->locals[local->id] != local)
        return fail(v, inst, "names an array that the module doesn't have");
    if (inst->op == IR_LOCAL_LOAD)
        return inst->type == local->type || fail(v, inst, "type differs from the array's");
    if (inst->arg_count != 2)
        return fail(v, inst, "wrong number of arguments");
    if (!check_value(v, inst, inst->args[1]))
        return false;
    if (inst->args[1]->type != local->type)
        return fail(v, inst, "type differs from the array's");
    return !local->constant || fail(v, inst, "writes a constant array");
}

/* What the tables can't say. */
static bool check_special(struct verifier *v, const struct ir_inst *inst)
{
    unsigned bits = ir_type_bits(inst->type);
    switch (inst->op) {
    case IR_CONST:
        return bits == 64 || inst->imm >> bits == 0 || fail(v, inst, "has bits above its type");
    case IR_COMP:
        if (inst->arg_count != 1 || !in_scope(v, inst->args[0]))
            return fail(v, inst, "uses a value out of scope");
        if (inst->type != inst->args[0]->type || inst->imm >= ir_comps(inst->args[0]))
            return fail(v, inst, "isn't a component of its source");
        return true;
    case IR_LOCAL_ID:
    case IR_GROUP_ID:
    case IR_GROUP_COUNT:
        return inst->imm < 3 || fail(v, inst, "has three dimensions");
    case IR_BUFFER:
        if (inst->imm >= v->m->binding_count)
            return fail(v, inst, "binding out of range");
        return true;
    case IR_TRUNC:
    case IR_ZEXT:
    case IR_SEXT:
    case IR_FTRUNC_TO:
    case IR_FEXT:
    case IR_BITCAST:
        return check_conversion(v, inst);
    case IR_LOCAL_LOAD:
    case IR_LOCAL_STORE:
        return check_local(v, inst);
    case IR_ATOMIC:
    case IR_ATOMIC_CMPXCHG:
    case IR_ATOMIC_LOAD:
    case IR_ATOMIC_STORE:
        return check_atomic(v, inst);
    case IR_SG_REDUCE:
    case IR_SG_SCAN:
    case IR_SG_EXSCAN:
    case IR_SG_PARTITION:
        return check_subgroup(v, inst);
    case IR_MATRIX_MUL:
    case IR_MATRIX_MUL_SHARED:
        return check_matrix_mul(v, inst);
    case IR_SG_TRANSPOSE:
        if (inst->arg_count != v->m->subgroup_size)
            return fail(v, inst, "transposes another number of values than lanes");
        return check_leaves(v, inst, 0, inst->arg_count, (enum ir_type)inst->type);
    case IR_PARAM: {
        const struct ir_inst *loop = inst->parent->owner;
        if (!loop || loop->op != IR_LOOP || inst->imm >= loop->arg_count ||
            inst->type != loop->args[inst->imm]->type)
            return fail(v, inst, "isn't a parameter of its loop");
        if (inst->imm == 0 ? inst->prev != NULL
                           : !inst->prev || inst->prev->op != IR_PARAM ||
                                 inst->prev->imm != inst->imm - 1)
            return fail(v, inst, "isn't in order at the start of its loop");
        return true;
    }
    case IR_RESULT: {
        if (inst->arg_count != 1 || !inst->prev)
            return fail(v, inst, "doesn't follow an IF or LOOP");
        const struct ir_inst *owner = inst->args[0];
        if (inst->imm == 0 ? inst->prev != owner
                           : inst->prev->op != IR_RESULT || inst->prev->args[0] != owner ||
                                 inst->prev->imm != inst->imm - 1)
            return fail(v, inst, "doesn't follow its IF or LOOP in order");
        if (owner->op != IR_IF && owner->op != IR_LOOP)
            return fail(v, inst, "doesn't follow an IF or LOOP");
        unsigned skip = owner->op == IR_LOOP;
        const struct ir_region *r = owner->regions[0];
        if (inst->imm + skip >= r->yield_count || r->yields[inst->imm + skip]->type != inst->type)
            return fail(v, inst, "has no yield of its type");
        return true;
    }
    default:
        return true;
    }
}

static bool check_inst(struct verifier *v, struct ir_inst *inst)
{
    if (inst->op >= IR_OP_COUNT || inst->type > IR_F64)
        return fail(v, inst, "unknown opcode or type");
    if (inst->replaced_by)
        return fail(v, inst, "was replaced but is still there");
    if (!(ir_op_infos[inst->op].results & IR_BIT(inst->type)))
        return fail(v, inst, "has a wrong result type");
    if (is_memory(inst->op) && !check_mem(v, inst))
        return false;
    return check_args(v, inst) && check_special(v, inst);
}

/* After an IF's or LOOP's regions: their yields fit each other and what follows. */
static bool check_control(struct verifier *v, const struct ir_inst *inst)
{
    const struct ir_region *r = inst->regions[0];
    uint32_t results = r->yield_count;
    if (inst->op == IR_IF) {
        const struct ir_region *other = inst->regions[1];
        if (other->yield_count != results)
            return fail(v, inst, "arms yield different numbers of values");
        for (uint32_t i = 0; i < results; i++)
            if (r->yields[i]->type != other->yields[i]->type)
                return fail(v, inst, "arms yield different types");
    } else {
        if (results != inst->arg_count + 1 || r->yields[0]->type != IR_BOOL)
            return fail(v, inst, "yields don't fit the parameters");
        results--;
        const struct ir_inst *param = r->first;
        for (uint32_t i = 0; i < results; i++, param = param->next) {
            if (!param || param->op != IR_PARAM)
                return fail(v, inst, "lacks a parameter");
            if (r->yields[1 + i]->type != param->type)
                return fail(v, inst, "yields another type than its parameter's");
        }
    }
    const struct ir_inst *result = inst->next;
    for (uint32_t i = 0; i < results; i++, result = result->next)
        if (!result || result->op != IR_RESULT || result->args[0] != inst)
            return fail(v, inst, "lacks a result");
    return true;
}

static bool check_region(struct verifier *v, struct ir_region *r, unsigned depth);

static bool check_regions(struct verifier *v, struct ir_inst *inst, unsigned depth)
{
    if (inst->op == IR_LOOP) { /* its initial values: the pattern allows anything */
        for (uint32_t i = 0; i < inst->arg_count; i++)
            if (!check_value(v, inst, inst->args[i]))
                return false;
    }
    for (unsigned i = 0; i < ir_region_count(inst); i++) {
        if (!inst->regions[i] || inst->regions[i]->owner != inst)
            return fail(v, inst, "lacks a region");
        if (!check_region(v, inst->regions[i], depth + 1))
            return false;
    }
    return check_control(v, inst);
}

/* Recursion is bounded by IR_MAX_DEPTH. */
static bool check_region(struct verifier *v, struct ir_region *r, unsigned depth)
{
    if (depth > IR_MAX_DEPTH) {
        ir_error(v->m, -ENOTSUP, "control flow is nested more than %d deep", IR_MAX_DEPTH);
        return false;
    }
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        if (inst->parent != r || (inst->next ? inst->next->prev : r->last) != inst ||
            (inst->next && inst->next->prev != inst))
            return fail(v, inst, "isn't linked properly");
        if (!check_inst(v, inst))
            return false;
        if (ir_region_count(inst) && !check_regions(v, inst, depth))
            return false;
        inst->pass_ptr = v;
    }
    for (uint32_t i = 0; i < r->yield_count; i++)
        if (!check_value(v, r->owner, r->yields[i]))
            return false;
    for (struct ir_inst *inst = r->first; inst; inst = inst->next)
        inst->pass_ptr = NULL;
    return true;
}

static bool check_module(struct verifier *v)
{
    struct ir_module *m = v->m;
    uint64_t invocations = 1, local_B = 0;
    for (int i = 0; i < 3; i++) {
        if (m->local_size[i] == 0 || m->local_size[i] > IR_MAX_INVOCATIONS) {
            ir_error(m, -EINVAL, "workgroup size %u x %u x %u is out of range", m->local_size[0],
                     m->local_size[1], m->local_size[2]);
            return false;
        }
        invocations *= m->local_size[i];
    }
    if (invocations > IR_MAX_INVOCATIONS) {
        ir_error(m, -EINVAL, "workgroup of %u x %u x %u has more than %d invocations",
                 m->local_size[0], m->local_size[1], m->local_size[2], IR_MAX_INVOCATIONS);
        return false;
    }
    for (struct ir_local *local = m->locals; local; local = local->next)
        v->local_count++;
    v->locals = arena_array(m->arena, struct ir_local *, v->local_count);
    for (struct ir_local *local = m->locals; local; local = local->next) {
        if (local->id >= v->local_count || v->locals[local->id] || !(IR_ANY & IR_BIT(local->type)) ||
            local->length == 0 || (local->constant && !local->init)) {
            ir_error(m, -EINVAL, "internal: local array %u is malformed", local->id);
            return false;
        }
        v->locals[local->id] = local;
        local_B += (uint64_t)local->length * ir_type_B(local->type);
    }
    if (local_B > MAX_LOCAL_B) {
        ir_error(m, -ENOTSUP, "an invocation has %llu bytes of private arrays, more than %llu",
                 (unsigned long long)local_B, (unsigned long long)MAX_LOCAL_B);
        return false;
    }
    return true;
}

void ir_verify(struct ir_module *m)
{
    struct verifier v = {.m = m};
    if (!check_module(&v))
        return;
    check_region(&v, m->body, 0);
}
