/* SPDX-License-Identifier: MIT
 *
 * The function that multiplies matrices in memory. It keeps a block of C in registers, and for each k
 * broadcasts an element of A for each of the block's rows and multiplies it with a row of B. Bytes
 * take two k at once, with the machine's instruction for pairs of 16-bit products, or four where it has one
 * for them.
 *
 * bf16 is multiplied as f32 also where there is AVX512_BF16. Vulkan would allow its dot product, but that flushes
 * denormals, so machines would differ; and by LLVM's model of Zen 4 the two products of a lane take 3 cycles,
 * two multiply-adds of f32 take 2.
 */

#include <string.h>

#include "arena.h"
#include "cg_matrix.h"

/* The pointers are not said to be apart: LLVM would move B's loads out of the loop over blocks, and keep
 * what does not fit into registers on the stack. */

/* Registers for C's block: the rest is for a row of B and what is broadcast. */
#define BLOCK_REGISTERS(target) ((target)->mask_registers ? 16u : 8u)
#define MAX_BLOCK 16  /* vectors */
#define UNROLL 16     /* steps of k without a loop */

struct cg_matrix_function {
    struct cg_matrix_function *next;
    uint32_t m, n, k;
    enum cg_matrix_form form;
    bool b_unsigned, biased; /* bytes */
    LLVMValueRef fn;
};

struct mul {
    struct cg *cg;
    LLVMBuilderRef b;
    LLVMValueRef fn, c, a, bm; /* bm: B; for bytes its rows in pairs or fours */
    LLVMValueRef excess;       /* by column: what A's changed bits add to all rows; NULL: nothing */
    uint32_t m, n, k;          /* k: steps, of two or four for bytes */
    uint32_t rows, columns;    /* of a block */
    uint32_t lanes;            /* of a vector */
    enum cg_matrix_form form;
    bool b_unsigned;
};

static LLVMTypeRef function_type(struct cg *cg)
{
    LLVMTypeRef params[] = {cg->ptr, cg->ptr, cg->ptr};
    return LLVMFunctionType(cg->void_t, params, 3, false);
}

static LLVMValueRef element_at(struct mul *x, LLVMTypeRef type, LLVMValueRef base,
                               LLVMValueRef index)
{
    return LLVMBuildInBoundsGEP2(x->b, type, base, &index, 1, "");
}

static LLVMValueRef add(struct mul *x, LLVMValueRef v, uint64_t plus)
{
    return plus ? LLVMBuildAdd(x->b, v, cg_i64(x->cg, plus), "") : v;
}

static LLVMValueRef times(struct mul *x, LLVMValueRef v, uint64_t by)
{
    return LLVMBuildMul(x->b, v, cg_i64(x->cg, by), "");
}

/* for (i = 0; i < count; i++); `carried` values go around. */
struct loop {
    LLVMBasicBlockRef before, body;
    LLVMValueRef i;
};

static struct loop loop_begin(struct mul *x)
{
    struct loop l = {LLVMGetInsertBlock(x->b),
                     LLVMAppendBasicBlockInContext(x->cg->ctx, x->fn, "loop"), NULL};
    LLVMBuildBr(x->b, l.body);
    LLVMPositionBuilderAtEnd(x->b, l.body);
    l.i = LLVMBuildPhi(x->b, x->cg->i64, "");
    return l;
}

/* The block that branches back. */
static LLVMBasicBlockRef loop_end(struct mul *x, struct loop *l, uint64_t count)
{
    LLVMValueRef zero = cg_i64(x->cg, 0), next = add(x, l->i, 1);
    LLVMValueRef more = LLVMBuildICmp(x->b, LLVMIntULT, next, cg_i64(x->cg, count), "");
    LLVMBasicBlockRef tail = LLVMGetInsertBlock(x->b);
    LLVMBasicBlockRef done = LLVMAppendBasicBlockInContext(x->cg->ctx, x->fn, "done");
    LLVMBuildCondBr(x->b, more, l->body, done);
    LLVMAddIncoming(l->i, &zero, &l->before, 1);
    LLVMAddIncoming(l->i, &next, &tail, 1);
    LLVMPositionBuilderAtEnd(x->b, done);
    return tail;
}

/* ---- One multiply-add of vectors ---- */

static LLVMValueRef splat(struct mul *x, LLVMValueRef scalar)
{
    LLVMTypeRef type = LLVMVectorType(LLVMTypeOf(scalar), x->lanes);
    LLVMValueRef v = LLVMBuildInsertElement(x->b, LLVMGetPoison(type), scalar, cg_i32(x->cg, 0), "");
    return LLVMBuildShuffleVector(x->b, v, v, LLVMConstNull(LLVMVectorType(x->cg->i32, x->lanes)),
                                  "");
}

static LLVMValueRef call(struct mul *x, const char *name, LLVMTypeRef *overload, LLVMValueRef *args,
                         unsigned count)
{
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name)), overloads = overload ? 1 : 0;
    LLVMValueRef fn = LLVMGetIntrinsicDeclaration(x->cg->mod, id, overload, overloads);
    LLVMTypeRef type = LLVMIntrinsicGetType(x->cg->ctx, id, overload, overloads);
    return LLVMBuildCall2(x->b, type, fn, args, count, "");
}

/* Every second of <2 lanes x i16>, as i32. */
static LLVMValueRef every_second(struct mul *x, LLVMValueRef v, unsigned start)
{
    int64_t index[64];
    for (unsigned i = 0; i < x->lanes && i < 64; i++)
        index[i] = 2 * i + start;
    v = LLVMBuildShuffleVector(x->b, v, v, cg_const_vector(x->cg, x->cg->i32, index, x->lanes), "");
    return LLVMBuildSExt(x->b, v, LLVMVectorType(x->cg->i32, x->lanes), "");
}

static LLVMValueRef multiply_add(struct mul *x, LLVMValueRef scalar, LLVMValueRef row,
                                 LLVMValueRef sum)
{
    LLVMValueRef v = splat(x, scalar);
    if (x->form == CG_MATRIX_WORDS)
        return LLVMBuildAdd(x->b, sum, LLVMBuildMul(x->b, v, row, ""), "");
    if (x->form == CG_MATRIX_BYTES) {
        LLVMValueRef args[] = {sum, x->b_unsigned ? row : v, x->b_unsigned ? v : row};
        return cg_product(x->cg, x->b, CG_MULTIPLY_FOURS, x->lanes, args, 3);
    }
    if (x->form == CG_MATRIX_FLOATS) {
        LLVMTypeRef type = LLVMTypeOf(row);
        LLVMValueRef args[] = {v, row, sum};
        if (x->cg->target->fma)
            return call(x, "llvm.fma", &type, args, 3);
        return LLVMBuildFAdd(x->b, LLVMBuildFMul(x->b, v, row, ""), sum, "");
    }
    LLVMTypeRef pairs = LLVMVectorType(x->cg->i16, 2 * x->lanes);
    LLVMValueRef args[] = {LLVMBuildBitCast(x->b, v, pairs, ""),
                           LLVMBuildBitCast(x->b, row, pairs, "")};
    LLVMValueRef product;
    if (cg_target_product(x->cg->target, CG_MULTIPLY_PAIRS, x->lanes)) {
        product = cg_product(x->cg, x->b, CG_MULTIPLY_PAIRS, x->lanes, args, 2);
    } else {
        LLVMValueRef even = LLVMBuildMul(x->b, every_second(x, args[0], 0),
                                         every_second(x, args[1], 0), "");
        LLVMValueRef odd = LLVMBuildMul(x->b, every_second(x, args[0], 1),
                                        every_second(x, args[1], 1), "");
        product = LLVMBuildAdd(x->b, even, odd, "");
    }
    return LLVMBuildAdd(x->b, sum, product, "");
}

/* ---- The loops ---- */

static LLVMValueRef load(struct mul *x, LLVMTypeRef type, LLVMValueRef at)
{
    LLVMValueRef v = LLVMBuildLoad2(x->b, type, at, "");
    LLVMSetAlignment(v, 4);
    return v;
}

/* `count` steps of a block from step k on; the sums are by row, then by vector. */
static void steps(struct mul *x, LLVMValueRef row0, LLVMValueRef k, uint32_t count, uint32_t column,
                  LLVMValueRef *sums)
{
    LLVMTypeRef scalar = x->form != CG_MATRIX_FLOATS ? x->cg->i32 : x->cg->f32;
    LLVMTypeRef vector = LLVMVectorType(scalar, x->lanes);
    uint32_t vectors = x->columns / x->lanes;
    for (uint32_t u = 0; u < count; u++) {
        LLVMValueRef row[MAX_BLOCK], at = add(x, k, u), first = times(x, at, x->n);
        for (uint32_t j = 0; j < vectors; j++)
            row[j] = load(x, vector, element_at(x, scalar, x->bm, add(x, first, column + j * x->lanes)));
        for (uint32_t r = 0; r < x->rows; r++) {
            LLVMValueRef index = LLVMBuildAdd(x->b, times(x, add(x, row0, r), x->k), at, "");
            LLVMValueRef a = load(x, scalar, element_at(x, scalar, x->a, index));
            for (uint32_t j = 0; j < vectors; j++)
                sums[r * vectors + j] = multiply_add(x, a, row[j], sums[r * vectors + j]);
        }
    }
}

static uint32_t unrolled(uint32_t k)
{
    for (uint32_t u = UNROLL; u > 1; u /= 2)
        if (k % u == 0)
            return u;
    return k <= UNROLL ? k : 1;
}

static void block(struct mul *x, LLVMValueRef row0, uint32_t column)
{
    LLVMTypeRef scalar = x->form != CG_MATRIX_FLOATS ? x->cg->i32 : x->cg->f32;
    LLVMTypeRef vector = LLVMVectorType(scalar, x->lanes);
    uint32_t vectors = x->columns / x->lanes, count = x->rows * vectors, u = unrolled(x->k);
    LLVMValueRef sums[MAX_BLOCK], at[MAX_BLOCK];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = column + i % vectors * x->lanes;
        LLVMValueRef row = times(x, add(x, row0, i / vectors), x->n);
        at[i] = element_at(x, scalar, x->c, add(x, row, first));
        sums[i] = load(x, vector, at[i]);
        if (x->excess)
            sums[i] = LLVMBuildSub(
                x->b, sums[i], load(x, vector, element_at(x, scalar, x->excess, cg_i64(x->cg, first))), "");
    }
    if (u == x->k) {
        steps(x, row0, cg_i64(x->cg, 0), u, column, sums);
    } else {
        LLVMValueRef phis[MAX_BLOCK];
        struct loop l = loop_begin(x);
        for (uint32_t i = 0; i < count; i++) {
            phis[i] = LLVMBuildPhi(x->b, vector, "");
            LLVMAddIncoming(phis[i], &sums[i], &l.before, 1);
            sums[i] = phis[i];
        }
        steps(x, row0, times(x, l.i, u), u, column, sums);
        LLVMBasicBlockRef tail = loop_end(x, &l, x->k / u);
        for (uint32_t i = 0; i < count; i++)
            LLVMAddIncoming(phis[i], &sums[i], &tail, 1);
    }
    for (uint32_t i = 0; i < count; i++)
        LLVMSetAlignment(LLVMBuildStore(x->b, sums[i], at[i]), 4);
}

/* The elements of two vectors by turns. */
static LLVMValueRef by_turns(struct mul *x, LLVMValueRef even, LLVMValueRef odd)
{
    unsigned count = LLVMGetVectorSize(LLVMTypeOf(even));
    LLVMValueRef *order = arena_alloc(x->cg->m->arena, 2 * count * sizeof *order);
    for (uint32_t i = 0; i < 2 * count; i++)
        order[i] = cg_i32(x->cg, i / 2 + (i % 2 ? count : 0));
    return LLVMBuildShuffleVector(x->b, even, odd, LLVMConstVector(order, 2 * count), "");
}

/* B's rows 2k and 2k + 1 become one of pairs. */
static void pair_rows(struct mul *x)
{
    struct cg *cg = x->cg;
    LLVMTypeRef row = LLVMVectorType(cg->i16, x->n);
    LLVMValueRef pairs = LLVMBuildArrayAlloca(x->b, cg->i32, cg_i32(cg, x->k * x->n), "pairs");
    LLVMSetAlignment(pairs, 64);
    struct loop l = loop_begin(x);
    LLVMValueRef from = times(x, l.i, 2 * (uint64_t)x->n);
    LLVMValueRef even = load(x, row, element_at(x, cg->i16, x->bm, from));
    LLVMValueRef odd = load(x, row, element_at(x, cg->i16, x->bm, add(x, from, x->n)));
    LLVMSetAlignment(even, 2);
    LLVMSetAlignment(odd, 2);
    LLVMValueRef both = by_turns(x, even, odd);
    LLVMValueRef to = element_at(x, cg->i32, pairs, times(x, l.i, x->n));
    LLVMSetAlignment(LLVMBuildStore(x->b, both, to), 4);
    loop_end(x, &l, x->k);
    x->bm = pairs;
}

/* B's rows 4k to 4k + 3 become one of fours. */
static void four_rows(struct mul *x)
{
    struct cg *cg = x->cg;
    LLVMValueRef fours = LLVMBuildArrayAlloca(x->b, cg->i32, cg_i32(cg, x->k * x->n), "fours");
    LLVMSetAlignment(fours, 64);
    struct loop l = loop_begin(x);
    LLVMValueRef from = times(x, l.i, 4 * (uint64_t)x->n), rows[4], pairs[2];
    for (uint32_t r = 0; r < 4; r++) {
        rows[r] = load(x, LLVMVectorType(cg->i8, x->n), element_at(x, cg->i8, x->bm, add(x, from, r * x->n)));
        LLVMSetAlignment(rows[r], 1);
    }
    for (uint32_t r = 0; r < 2; r++)
        pairs[r] = LLVMBuildBitCast(x->b, by_turns(x, rows[2 * r], rows[2 * r + 1]),
                                    LLVMVectorType(cg->i16, x->n), "");
    LLVMValueRef to = element_at(x, cg->i32, fours, times(x, l.i, x->n));
    LLVMSetAlignment(LLVMBuildStore(x->b, by_turns(x, pairs[0], pairs[1]), to), 4);
    loop_end(x, &l, x->k);
    x->bm = fours;
}

/* Each of A's bytes is 128 more than it says, or less: so is 128 times the column's sum in the product. */
static void find_excess(struct mul *x)
{
    struct cg *cg = x->cg;
    LLVMTypeRef vector = LLVMVectorType(cg->i32, x->lanes);
    x->excess = LLVMBuildArrayAlloca(x->b, cg->i32, cg_i32(cg, x->n), "excess");
    LLVMSetAlignment(x->excess, 64);
    for (uint32_t column = 0; column < x->n; column += x->lanes) {
        LLVMValueRef zero = LLVMConstNull(vector);
        struct loop l = loop_begin(x);
        LLVMValueRef sum = LLVMBuildPhi(x->b, vector, ""), at = add(x, times(x, l.i, x->n), column);
        LLVMValueRef row = load(x, vector, element_at(x, cg->i32, x->bm, at));
        LLVMValueRef next = multiply_add(x, cg_i32(cg, 0x80808080), row, sum);
        LLVMAddIncoming(sum, &zero, &l.before, 1);
        LLVMBasicBlockRef tail = loop_end(x, &l, x->k);
        LLVMAddIncoming(sum, &next, &tail, 1);
        LLVMValueRef to = element_at(x, cg->i32, x->excess, cg_i64(cg, column));
        LLVMSetAlignment(LLVMBuildStore(x->b, next, to), 4);
    }
}

/* The largest divisor of n that is not above most. */
static uint32_t divisor(uint32_t n, uint32_t most)
{
    uint32_t d = most < n ? most : n;
    while (n % d)
        d--;
    return d;
}

/* Of a vector of columns. */
static uint32_t lanes_of(const struct cg *cg, uint32_t n)
{
    uint32_t lanes = cg->target->lanes;
    while (n % lanes)
        lanes /= 2;
    return lanes;
}

enum cg_matrix_form cg_matrix_form(struct cg *cg, const struct ir_matrix *matrix)
{
    if (matrix->a == IR_ELEMENT_I32)
        return CG_MATRIX_WORDS;
    if (matrix->c != IR_ELEMENT_I32)
        return CG_MATRIX_FLOATS;
    bool fours = cg_target_product(cg->target, CG_MULTIPLY_FOURS, lanes_of(cg, matrix->n)) != NULL;
    return fours && matrix->k % 4 == 0 ? CG_MATRIX_BYTES : CG_MATRIX_HALVES;
}

static void choose_block(struct mul *x)
{
    const struct cg_target *target = x->cg->target;
    x->lanes = lanes_of(x->cg, x->n);
    uint32_t registers = BLOCK_REGISTERS(target), vectors = divisor(x->n / x->lanes, 2);
    x->columns = vectors * x->lanes;
    x->rows = divisor(x->m, registers / vectors);
}

static LLVMValueRef make_function(struct cg *cg, const struct ir_matrix *matrix,
                                  const struct cg_matrix_function *f)
{
    static const uint32_t at_once[] = {
        [CG_MATRIX_FLOATS] = 1, [CG_MATRIX_WORDS] = 1, [CG_MATRIX_HALVES] = 2, [CG_MATRIX_BYTES] = 4};
    struct mul x = {
        .cg = cg,
        .m = matrix->m,
        .n = matrix->n,
        .k = matrix->k / at_once[f->form],
        .form = f->form,
        .b_unsigned = f->b_unsigned,
    };
    x.fn = LLVMAddFunction(cg->mod, "matrix_mul", function_type(cg));
    LLVMSetLinkage(x.fn, LLVMInternalLinkage);
    cg_outline(cg, x.fn);
    x.c = LLVMGetParam(x.fn, 0);
    x.a = LLVMGetParam(x.fn, 1);
    x.bm = LLVMGetParam(x.fn, 2);
    x.b = LLVMCreateBuilderInContext(cg->ctx);
    LLVMPositionBuilderAtEnd(x.b, LLVMAppendBasicBlockInContext(cg->ctx, x.fn, "entry"));
    choose_block(&x);
    if (f->form == CG_MATRIX_HALVES)
        pair_rows(&x);
    else if (f->form == CG_MATRIX_BYTES)
        four_rows(&x);
    if (f->biased)
        find_excess(&x);
    struct loop l = loop_begin(&x);
    LLVMValueRef row0 = times(&x, l.i, x.rows);
    for (uint32_t column = 0; column < x.n; column += x.columns)
        block(&x, row0, column);
    loop_end(&x, &l, x.m / x.rows);
    LLVMBuildRetVoid(x.b);
    LLVMDisposeBuilder(x.b);
    return x.fn;
}

void cg_matrix_call(struct cg *cg, const struct ir_matrix *matrix, LLVMValueRef *args)
{
    struct cg_matrix_function **list = cg_matrix_functions(cg), *f = *list;
    enum cg_matrix_form form = cg_matrix_form(cg, matrix);
    bool b_unsigned = form == CG_MATRIX_BYTES && matrix->b == IR_ELEMENT_U8;
    bool biased = form == CG_MATRIX_BYTES && cg_matrix_biased(matrix);
    while (f && (f->m != matrix->m || f->n != matrix->n || f->k != matrix->k || f->form != form ||
                 f->b_unsigned != b_unsigned || f->biased != biased))
        f = f->next;
    if (!f) {
        f = arena_new(cg->m->arena, struct cg_matrix_function);
        *f = (struct cg_matrix_function){*list,      matrix->m, matrix->n, matrix->k, form,
                                         b_unsigned, biased,    NULL};
        f->fn = make_function(cg, matrix, f);
        *list = f;
    }
    LLVMBuildCall2(cg->b, function_type(cg), f->fn, args, 3, "");
}
