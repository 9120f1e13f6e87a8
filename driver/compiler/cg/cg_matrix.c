/* SPDX-License-Identifier: MIT
 *
 * DOC: Cooperative matrices
 *
 * A multiplication is done in memory, by a function of its own (cg_matrix_mul.c) that all
 * multiplications of one kind share: a 16x16x16 product is 512 multiply-adds of a register each, far
 * too many to repeat wherever a shader multiplies. It broadcasts A's elements, and keeps rows of B and C
 * as vectors of columns.
 *
 * Since leaf k holds the elements k * width.. counted by rows, storing the leaves one behind the other
 * gives the matrix by rows, whatever the width. A and B are stored widened, as f32 or 16-bit integers,
 * unless there is an instruction for bytes, once for all the multiplications that follow in the region (and those inside it): that is what this
 * file remembers. The result is left in C's place, where the next multiplication finds it; values of its
 * leaves are loads that vanish if nobody asks for them.
 */
#include <errno.h>

#include "arena.h"
#include "cg_alu.h"
#include "cg_matrix.h"
#include "cg_reduce.h"

/* What a matrix in memory is there for; A and B as f32 or 16 bits, or as bytes (see cg_matrix.h). */
enum role { ROLE_A, ROLE_B, ROLE_C, ROLE_BYTES, ROLE_BIASED };

/* A matrix in memory. */
struct place {
    const struct ir_inst *first; /* its first leaf; for a result in place, the MATRIX_MUL */
    uint8_t role, element;
    bool pinned;      /* never given up for want of room */
    unsigned serial;  /* places are made in this order */
    const struct ir_region *region; /* that made it */
    LLVMValueRef at;
    uint32_t size_B;
};

#define MAX_PLACES 48 /* a few KiB each; beyond that the oldest is forgotten */
#define MAX_PINNED 32 /* of them */

struct cg_matrices {
    struct place places[MAX_PLACES];
    unsigned count, serial, pinned;
    struct place spare[MAX_PLACES]; /* memory to use again */
    unsigned spare_count;
    struct cg_matrix_function *functions;
};

static struct cg_matrices *matrices(struct cg *cg)
{
    if (!cg->p->matrices)
        cg->p->matrices = arena_new(cg->m->arena, struct cg_matrices);
    return cg->p->matrices;
}

struct cg_matrix_function **cg_matrix_functions(struct cg *cg)
{
    return &matrices(cg)->functions;
}

/* ---- Places ---- */

static void drop(struct cg_matrices *all, unsigned index)
{
    all->pinned -= all->places[index].pinned;
    if (all->spare_count < MAX_PLACES)
        all->spare[all->spare_count++] = all->places[index];
    all->count--;
    for (unsigned i = index; i < all->count; i++)
        all->places[i] = all->places[i + 1];
}

unsigned cg_matrix_mark(struct cg *cg)
{
    return cg->p->matrices ? cg->p->matrices->serial : 0;
}

void cg_matrix_forget(struct cg *cg, unsigned mark)
{
    struct cg_matrices *all = cg->p->matrices;
    for (unsigned i = all ? all->count : 0; i-- > 0;)
        if (all->places[i].serial >= mark)
            drop(all, i);
}

static struct place *find(struct cg_matrices *all, const struct ir_inst *first, enum role role,
                          enum ir_element element)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->places[i].first == first && all->places[i].role == role &&
            all->places[i].element == element)
            return &all->places[i];
    return NULL;
}

static struct place *make(struct cg *cg, uint32_t size_B)
{
    struct cg_matrices *all = matrices(cg);
    if (all->count == MAX_PLACES) {
        unsigned oldest = 0;
        while (all->places[oldest].pinned)
            oldest++;
        drop(all, oldest);
    }
    struct place *place = &all->places[all->count++];
    *place = (struct place){.serial = all->serial++, .size_B = size_B};
    for (unsigned i = 0; i < all->spare_count && !place->at; i++) {
        if (all->spare[i].size_B != size_B)
            continue;
        place->at = all->spare[i].at;
        all->spare[i] = all->spare[--all->spare_count];
    }
    if (!place->at)
        place->at = cg_alloca(cg, LLVMArrayType2(cg->i8, size_B), 64, "matrix");
    return place;
}

/* ---- Elements as the function wants them ---- */

static struct alu form_of(struct cg *cg)
{
    return (struct alu){.cg = cg, .n = cg->width > 1 ? cg->width : 0};
}

/* Bits of an 8-bit float as f32: through f16, which has room for all of them. */
static LLVMValueRef from_float8(const struct alu *a, enum ir_element element, LLVMValueRef v)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i16 = a->cg->i16;
    LLVMValueRef wide = LLVMBuildZExt(b, v, alu_form(a, i16), "");
    if (element == IR_ELEMENT_E5M2)
        return alu_half_to_float(a, LLVMBuildShl(b, wide, alu_int(a, i16, 8), ""));
    LLVMValueRef low = LLVMBuildAnd(b, wide, alu_int(a, i16, 0x7f), "");
    LLVMValueRef sign = LLVMBuildShl(b, LLVMBuildXor(b, wide, low, ""), alu_int(a, i16, 8), "");
    LLVMValueRef half = LLVMBuildOr(b, sign, LLVMBuildShl(b, low, alu_int(a, i16, 7), ""), "");
    LLVMValueRef nan = LLVMBuildICmp(b, LLVMIntEQ, low, alu_int(a, i16, 0x7f), "");
    v = LLVMBuildFMul(b, alu_half_to_float(a, half), alu_float(a, a->cg->f32, 256), "");
    return LLVMBuildSelect(b, nan, alu_float(a, a->cg->f32, __builtin_nan("")), v, "");
}

static LLVMValueRef widened(struct cg *cg, enum ir_element element, LLVMValueRef v)
{
    struct alu a = form_of(cg);
    LLVMBuilderRef b = cg->b;
    switch (element) {
    case IR_ELEMENT_F16:
        return alu_half_to_float(&a, v);
    case IR_ELEMENT_BF16:
        v = LLVMBuildZExt(b, v, alu_form(&a, cg->i32), "");
        v = LLVMBuildShl(b, v, alu_int(&a, cg->i32, 16), "");
        return LLVMBuildBitCast(b, v, alu_form(&a, cg->f32), "");
    case IR_ELEMENT_E4M3:
    case IR_ELEMENT_E5M2:
        return from_float8(&a, element, v);
    case IR_ELEMENT_S8:
        return LLVMBuildSExt(b, v, alu_form(&a, cg->i16), "");
    case IR_ELEMENT_U8:
        return LLVMBuildZExt(b, v, alu_form(&a, cg->i16), "");
    default:
        return v;
    }
}

/* To the next bf16, ties to even; a NaN stays one. */
static LLVMValueRef to_bfloat16(const struct alu *a, LLVMValueRef v)
{
    LLVMBuilderRef b = a->cg->b;
    LLVMTypeRef i32 = a->cg->i32;
    LLVMValueRef nan = LLVMBuildFCmp(b, LLVMRealUNO, v, v, "");
    LLVMValueRef bits = alu_bits(a, v, i32), sixteen = alu_int(a, i32, 16);
    LLVMValueRef odd = LLVMBuildAnd(b, LLVMBuildLShr(b, bits, sixteen, ""), alu_int(a, i32, 1), "");
    LLVMValueRef half = LLVMBuildAdd(b, odd, alu_int(a, i32, 0x7fff), "");
    LLVMValueRef quiet = LLVMBuildOr(b, bits, alu_int(a, i32, 0x400000), "");
    bits = LLVMBuildSelect(b, nan, quiet, LLVMBuildAdd(b, bits, half, ""), "");
    return LLVMBuildTrunc(b, LLVMBuildLShr(b, bits, sixteen, ""), alu_form(a, a->cg->i16), "");
}

static LLVMValueRef narrowed(struct cg *cg, enum ir_element element, LLVMValueRef v)
{
    struct alu a = form_of(cg);
    if (element == IR_ELEMENT_F16)
        return alu_float_to_half(&a, v, false);
    return element == IR_ELEMENT_BF16 ? to_bfloat16(&a, v) : v;
}

static bool is_integer(enum ir_element element)
{
    return element == IR_ELEMENT_S8 || element == IR_ELEMENT_U8 || element == IR_ELEMENT_I32;
}

static LLVMTypeRef stored_type(struct cg *cg, enum role role, enum ir_element element)
{
    if (role == ROLE_BYTES || role == ROLE_BIASED)
        return cg->i8;
    return element == IR_ELEMENT_I32 ? cg->i32 : is_integer(element) ? cg->i16 : cg->f32;
}

static LLVMValueRef leaf_at(struct cg *cg, LLVMValueRef at, LLVMTypeRef type, unsigned leaf)
{
    LLVMValueRef index = cg_i64(cg, (uint64_t)leaf * cg->width);
    return LLVMBuildInBoundsGEP2(cg->b, type, at, &index, 1, "");
}

/* ---- The operation ---- */

/* The matrix in memory, from its place or from its leaves. */
static struct place *place_of(struct cg *cg, const struct ir_inst *inst, uint32_t first,
                              uint32_t count, enum role role, enum ir_element element)
{
    struct ir_inst **leaves = &inst->args[first];
    const struct ir_inst *whole = leaves[0];
    struct place *place = find(matrices(cg), whole, role, element);
    if (place && (role != ROLE_C || place->region == inst->parent))
        return place;
    LLVMTypeRef type = stored_type(cg, role, element);
    unsigned size_B = type == cg->i8 ? 1 : type == cg->i16 ? 2 : 4;
    unsigned align_B = size_B * cg->width < 64 ? size_B * cg->width : 64;
    place = make(cg, count * cg->width * size_B);
    place->first = whole;
    place->role = (uint8_t)role;
    place->element = (uint8_t)element;
    place->region = inst->parent;
    for (uint32_t k = 0; k < count; k++) {
        LLVMValueRef v = cg_vector(cg, leaves[k]);
        struct alu a = form_of(cg);
        if (role == ROLE_BIASED)
            v = LLVMBuildXor(cg->b, v, alu_int(&a, cg->i8, 0x80), "");
        else if (role != ROLE_BYTES)
            v = widened(cg, element, v);
        LLVMSetAlignment(LLVMBuildStore(cg->b, v, leaf_at(cg, place->at, type, k)), align_B);
    }
    return place;
}

/* ---- Matrices that loops add to ---- */

static unsigned leaf_align_B(struct cg *cg)
{
    return 4 * cg->width < 64 ? 4 * cg->width : 64;
}

bool cg_matrix_pin(struct cg *cg, const struct cg_matrix_carried *carried,
                   struct ir_inst *const *init)
{
    struct cg_matrices *all = matrices(cg);
    if (all->pinned >= MAX_PINNED)
        return false;
    LLVMTypeRef type = stored_type(cg, ROLE_C, carried->element);
    struct place *place = make(cg, carried->count * cg->width * 4);
    place->first = carried->first;
    place->role = ROLE_C;
    place->element = (uint8_t)carried->element;
    place->region = carried->first->parent;
    place->pinned = true;
    all->pinned++;
    for (uint32_t k = 0; k < carried->count; k++)
        LLVMSetAlignment(LLVMBuildStore(cg->b, cg_vector(cg, init[carried->values[k]]),
                                        leaf_at(cg, place->at, type, k)),
                         leaf_align_B(cg));
    return true;
}

LLVMValueRef cg_matrix_pinned(struct cg *cg, const struct cg_matrix_carried *carried)
{
    return find(matrices(cg), carried->first, ROLE_C, carried->element)->at;
}

LLVMValueRef cg_matrix_leaf(struct cg *cg, const struct cg_matrix_carried *carried, LLVMValueRef at,
                            uint32_t k)
{
    LLVMTypeRef type = stored_type(cg, ROLE_C, carried->element);
    LLVMValueRef v = LLVMBuildLoad2(cg->b, LLVMVectorType(type, cg->width), leaf_at(cg, at, type, k), "");
    LLVMSetAlignment(v, leaf_align_B(cg));
    return v;
}

/* Whether the leaves are all of one result, in order: then it may still be in its place. */
const struct ir_inst *cg_matrix_whole(struct ir_inst *const *leaves, uint32_t count)
{
    const struct ir_inst *leaf = leaves[0];
    const struct ir_inst *from = leaf->op == IR_COMP ? leaf->args[0] : leaf;
    if ((from->op != IR_MATRIX_MUL && from->op != IR_MATRIX_MUL_SHARED) || ir_comps(from) != count)
        return NULL;
    for (uint32_t k = 0; k < count && count > 1; k++) {
        leaf = leaves[k];
        if (leaf->op != IR_COMP || leaf->args[0] != from || leaf->imm != k)
            return NULL;
    }
    return from;
}

void cg_matrix_mul(struct cg *cg, struct ir_inst *inst)
{
    LLVMBuilderRef b = cg->b;
    struct ir_matrix x = ir_matrix_of(inst);
    uint32_t a_count = ir_matrix_leaves(x.m, x.k, cg->width);
    uint32_t b_count = ir_matrix_leaves(x.k, x.n, cg->width), c_count = ir_comps(inst);
    LLVMTypeRef type = stored_type(cg, ROLE_C, x.c);
    bool bytes = cg_matrix_form(cg, &x) == CG_MATRIX_BYTES;
    enum role a_role = !bytes ? ROLE_A : cg_matrix_biased(&x) ? ROLE_BIASED : ROLE_BYTES;
    unsigned align_B = 4 * cg->width < 64 ? 4 * cg->width : 64;

    LLVMValueRef a_at = place_of(cg, inst, 0, a_count, a_role, x.a)->at;
    LLVMValueRef b_at;
    if (inst->op == IR_MATRIX_MUL_SHARED) {
        LLVMValueRef offset = cg_i64(cg, inst->args[a_count]->imm);
        b_at = LLVMBuildInBoundsGEP2(b, cg->i8, cg->shared, &offset, 1, "");
        b_count = 1;
    } else {
        b_at = place_of(cg, inst, a_count, b_count, bytes ? ROLE_BYTES : ROLE_B, x.b)->at;
    }
    const struct ir_inst *from = cg_matrix_whole(&inst->args[a_count + b_count], c_count);
    struct place *c = from ? find(matrices(cg), from, ROLE_C, x.c) : NULL;
    if (!c || c->region != inst->parent)
        c = place_of(cg, inst, a_count + b_count, c_count, ROLE_C, x.c);

    LLVMValueRef args[] = {c->at, a_at, b_at};
    cg_matrix_call(cg, &x, args);
    for (uint32_t k = 0; k < c_count; k++) {
        LLVMTypeRef form = cg->width > 1 ? LLVMVectorType(type, cg->width) : type;
        LLVMValueRef v = LLVMBuildLoad2(b, form, leaf_at(cg, c->at, type, k), "");
        LLVMSetAlignment(v, align_B);
        cg_set(cg, inst, k, narrowed(cg, x.c, v));
    }
    /* What was rounded is no longer what is in memory. */
    c->first = x.c == IR_ELEMENT_F32 || x.c == IR_ELEMENT_I32 ? inst : NULL;
}

/* ---- Transposing: log2(width) exchanges between leaves a power of two apart ---- */

static LLVMValueRef exchange(struct cg *cg, LLVMValueRef x, LLVMValueRef y, unsigned step,
                             bool upper)
{
    int64_t index[256];
    for (unsigned i = 0; i < cg->width; i++) {
        bool from_y = i & step;
        unsigned lane = upper ? i | step : i & ~step;
        index[i] = from_y ? cg->width + lane : lane;
    }
    return cg_shuffle(cg, x, y, index, cg->width);
}

void cg_transpose(struct cg *cg, struct ir_inst *inst)
{
    LLVMValueRef v[256];
    if (cg->width == 1) {
        cg_set_scalar(cg, inst, 0, cg_scalar(cg, inst->args[0]));
        return;
    }
    for (unsigned k = 0; k < cg->width; k++)
        v[k] = cg_vector(cg, inst->args[k]);
    for (unsigned step = 1; step < cg->width; step *= 2)
        for (unsigned k = 0; k < cg->width; k++) {
            if (k & step)
                continue;
            LLVMValueRef low = v[k], high = v[k | step];
            v[k] = exchange(cg, low, high, step, false);
            v[k | step] = exchange(cg, low, high, step, true);
        }
    for (unsigned k = 0; k < cg->width; k++)
        cg_set_vector(cg, inst, k, v[k]);
}
