/* SPDX-License-Identifier: MIT
 *
 * DOC: Rows
 *
 * Where each lane accesses several elements side by side and the lanes are further apart, a lane's row is
 * loaded or stored at once, and rows become components, or the other way around, by a transposition of
 * 4 x 4 words within each 16 bytes of a register: it needs two shuffles a register, and no more on wider
 * registers.
 *
 * Elements smaller than a word travel in words of 32 bits; what is bigger is a word of 64.
 */
#include "cg_memory.h"

#define CHUNK_B 16
#define MAX_WORDS 16

/* How the rows of an access are cut. */
struct rows {
    const struct cg_pattern *p;
    const struct ir_mem *mem;
    const LLVMValueRef *at; /* a strip's */
    unsigned align_B;
    unsigned word_B;  /* 4 or 8 */
    unsigned words;   /* in a row */
    unsigned size_B;  /* of an element, at most word_B */
    unsigned last;    /* the lane of a strip at the end of the span */
    bool over;        /* all lanes but those may load 4 words instead of 3 */
};

static bool cut(struct cg *cg, const struct cg_pattern *p, const struct ir_mem *mem,
                enum ir_type type, struct rows *rows_out)
{
    unsigned size_B = ir_type_B(type), row_B = mem->comps * size_B;
    struct rows r = {.p = p, .mem = mem, .size_B = size_B, .word_B = size_B > 4 ? 8 : 4};
    if (mem->comps < 2 || mem->stride_B != size_B || cg->width < 4 || row_B % r.word_B ||
        row_B / r.word_B > MAX_WORDS)
        return false;
    r.words = row_B / r.word_B;
    r.align_B = mem->align_B && mem->align_B < size_B ? mem->align_B : mem->align_B ? size_B : 1;
    for (unsigned i = 1; i < p->strip; i++)
        if (p->lane_B[i] > p->lane_B[r.last])
            r.last = i;
    r.over = r.words == 3 && r.word_B == 4;
    for (unsigned i = 0; i < p->strip; i++)
        r.over &= i == r.last || (uint64_t)p->lane_B[i] + CHUNK_B <= p->span_B;
    *rows_out = r;
    return true;
}

/* Words from this one on that are moved at once. */
static unsigned chunk(const struct rows *r, unsigned word)
{
    unsigned left = r->words - word, most = CHUNK_B / r->word_B;
    return left >= most ? most : left >= 2 ? 2 : 1;
}

static LLVMTypeRef word_t(struct cg *cg, const struct rows *r)
{
    return r->word_B == 8 ? cg->i64 : cg->i32;
}

static LLVMValueRef place(struct cg *cg, const struct rows *r, unsigned lane, unsigned word)
{
    LLVMValueRef index = cg_i64(cg, (uint64_t)r->p->lane_B[lane] + (uint64_t)word * r->word_B);
    return LLVMBuildInBoundsGEP2(cg->b, cg->i8, r->at[lane / r->p->strip], &index, 1, "");
}

static LLVMValueRef load(struct cg *cg, const struct rows *r, LLVMTypeRef type, unsigned lane,
                         unsigned word)
{
    LLVMValueRef v = LLVMBuildLoad2(cg->b, type, place(cg, r, lane, word), "");
    LLVMSetAlignment(v, r->align_B);
    cg_alias_memory(cg, v, r->mem);
    return v;
}

static void store(struct cg *cg, const struct rows *r, LLVMValueRef v, unsigned lane, unsigned word)
{
    LLVMValueRef s = LLVMBuildStore(cg->b, v, place(cg, r, lane, word));
    LLVMSetAlignment(s, r->align_B);
    cg_alias_memory(cg, s, r->mem);
}

/* In each 16 bytes: halves[half] of both vectors, taking turns in pieces of `piece` words. */
static LLVMValueRef interleave(struct cg *cg, LLVMValueRef a, LLVMValueRef b, unsigned in_chunk,
                               unsigned piece, unsigned half)
{
    int64_t lanes[256];
    unsigned w = cg->width;
    for (unsigned i = 0; i < w; i++) {
        unsigned at = i % in_chunk, turn = at / piece % 2;
        unsigned from = half * (in_chunk / 2) + at / (2 * piece) * piece + at % piece;
        lanes[i] = i / in_chunk * in_chunk + from + (turn ? w : 0);
    }
    return cg_shuffle(cg, a, b, lanes, w);
}

/* Transposes 4 x 4 (2 x 2 for words of 64 bits) in each 16 bytes; its own inverse. */
static void transpose(struct cg *cg, LLVMValueRef *v, unsigned n)
{
    if (n == 2) {
        LLVMValueRef low = interleave(cg, v[0], v[1], 2, 1, 0);
        v[1] = interleave(cg, v[0], v[1], 2, 1, 1);
        v[0] = low;
        return;
    }
    LLVMValueRef t[4];
    for (unsigned half = 0; half < 2; half++) {
        t[half] = interleave(cg, v[0], v[1], 4, 1, half);
        t[2 + half] = interleave(cg, v[2], v[3], 4, 1, half);
    }
    for (unsigned i = 0; i < 4; i++)
        v[i] = interleave(cg, t[i / 2], t[2 + i / 2], 4, 2, i % 2);
}

/* ---- Loads ---- */

/* A row's first words in a vector of 16 bytes; what lies behind them is whatever. */
static LLVMValueRef load_row(struct cg *cg, const struct rows *r, unsigned lane, unsigned word,
                             unsigned count)
{
    unsigned n = CHUNK_B / r->word_B;
    if (count == n || (r->over && lane % r->p->strip != r->last))
        return load(cg, r, LLVMVectorType(word_t(cg, r), n), lane, word);
    int64_t widen[4] = {0, 1, 0, 1};
    LLVMValueRef two = load(cg, r, LLVMVectorType(cg->i32, 2), lane, word);
    two = cg_shuffle(cg, two, two, widen, 4);
    if (count == 2)
        return two;
    return LLVMBuildInsertElement(cg->b, two, load(cg, r, cg->i32, lane, word + 2), cg_i32(cg, 2), "");
}

/* The lanes' words from `word` on. */
static void load_chunk(struct cg *cg, const struct rows *r, unsigned word, unsigned count,
                       LLVMValueRef *words_out)
{
    unsigned w = cg->width, n = CHUNK_B / r->word_B;
    LLVMValueRef v[4], parts[64];
    if (count == 1) {
        v[0] = LLVMGetPoison(LLVMVectorType(word_t(cg, r), w));
        for (unsigned i = 0; i < w; i++)
            v[0] = LLVMBuildInsertElement(cg->b, v[0], load(cg, r, word_t(cg, r), i, word),
                                          cg_i32(cg, i), "");
        words_out[0] = v[0];
        return;
    }
    if (count == 2 && n == 4) {
        /* Two lanes in each 16 bytes. */
        int64_t even[256], odd[256];
        for (unsigned k = 0; k < 2; k++) {
            for (unsigned g = 0; g < w / 4; g++) {
                LLVMValueRef two[2];
                for (unsigned i = 0; i < 2; i++)
                    two[i] = load(cg, r, LLVMVectorType(cg->i32, 2), 4 * g + 2 * k + i, word);
                parts[g] = cg_join(cg, two, 2, 2);
            }
            v[k] = cg_join(cg, parts, w / 4, 4);
        }
        for (unsigned i = 0; i < w; i++) {
            even[i] = i / 4 * 4 + i % 2 * 2 + (i % 4 > 1 ? w : 0);
            odd[i] = even[i] + 1;
        }
        words_out[0] = cg_shuffle(cg, v[0], v[1], even, w);
        words_out[1] = cg_shuffle(cg, v[0], v[1], odd, w);
        return;
    }
    for (unsigned k = 0; k < n; k++) {
        for (unsigned g = 0; g < w / n; g++)
            parts[g] = load_row(cg, r, n * g + k, word, count);
        v[k] = cg_join(cg, parts, w / n, n);
    }
    transpose(cg, v, n);
    for (unsigned k = 0; k < count; k++)
        words_out[k] = v[k];
}

/* The four bytes of each word, one after the other. */
static void split_bytes(struct cg *cg, LLVMValueRef words, LLVMValueRef *bytes_out)
{
    LLVMBuilderRef b = cg->b;
    unsigned w = cg->width;
    int64_t lanes[1024];
    for (unsigned i = 0; i < 4 * w; i++)
        lanes[i] = i / CHUNK_B * CHUNK_B + i % 4 * 4 + i % CHUNK_B / 4;
    LLVMValueRef v = LLVMBuildBitCast(b, words, LLVMVectorType(cg->i8, 4 * w), "");
    v = LLVMBuildBitCast(b, cg_shuffle(cg, v, v, lanes, 4 * w), LLVMTypeOf(words), "");
    for (unsigned k = 0; k < 4; k++) {
        for (unsigned i = 0; i < w / 4; i++)
            lanes[i] = 4 * i + k;
        bytes_out[k] = LLVMBuildBitCast(b, cg_shuffle(cg, v, v, lanes, w / 4), LLVMVectorType(cg->i8, w), "");
    }
}

bool cg_rows_load(struct cg *cg, const struct cg_pattern *p, const LLVMValueRef *at,
                  const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out)
{
    LLVMBuilderRef b = cg->b;
    struct rows r;
    LLVMValueRef words[MAX_WORDS];
    if (!cut(cg, p, mem, type, &r))
        return false;
    r.at = at;
    for (unsigned i = 0, n; i < r.words; i += n) {
        n = r.over ? 3 : chunk(&r, i);
        load_chunk(cg, &r, i, n, &words[i]);
    }
    unsigned in_word = r.word_B / r.size_B;
    LLVMTypeRef whole = LLVMVectorType(LLVMIntTypeInContext(cg->ctx, 8 * r.size_B), cg->width);
    for (unsigned i = 0; i < r.words && in_word == 4; i++)
        split_bytes(cg, words[i], &comps_out[4 * i]);
    for (unsigned k = 0; k < mem->comps && in_word < 4; k++) {
        LLVMValueRef v = words[k / in_word];
        if (k % in_word)
            v = LLVMBuildLShr(b, v, cg_splat(cg, cg_i32(cg, k % in_word * 8 * r.size_B)), "");
        if (in_word > 1)
            v = LLVMBuildTrunc(b, v, whole, "");
        comps_out[k] = LLVMBuildBitCast(b, v, cg->vector_t[type], "");
    }
    return true;
}

/* ---- Stores ---- */

static void store_chunk(struct cg *cg, const struct rows *r, unsigned word, unsigned count,
                        const LLVMValueRef *words)
{
    unsigned w = cg->width, n = CHUNK_B / r->word_B;
    LLVMValueRef v[4];
    if (count == 1) {
        for (unsigned i = 0; i < w; i++)
            store(cg, r, LLVMBuildExtractElement(cg->b, words[0], cg_i32(cg, i), ""), i, word);
        return;
    }
    if (count == 2 && n == 4) {
        for (unsigned k = 0; k < 2; k++) {
            v[0] = interleave(cg, words[0], words[1], 4, 1, k);
            for (unsigned i = 0; i < w / 2; i++)
                store(cg, r, cg_part(cg, v[0], 2 * i, 2), i / 2 * 4 + 2 * k + i % 2, word);
        }
        return;
    }
    for (unsigned k = 0; k < n; k++)
        v[k] = k < count ? words[k] : LLVMGetPoison(LLVMTypeOf(words[0]));
    transpose(cg, v, n);
    for (unsigned k = 0; k < n; k++)
        for (unsigned g = 0; g < w / n; g++) {
            if (count == n) {
                store(cg, r, cg_part(cg, v[k], n * g, n), n * g + k, word);
                continue;
            }
            store(cg, r, cg_part(cg, v[k], n * g, 2), n * g + k, word);
            store(cg, r, LLVMBuildExtractElement(cg->b, v[k], cg_i32(cg, n * g + 2), ""), n * g + k,
                  word + 2);
        }
}

/* The components in words. */
static void pack(struct cg *cg, const struct rows *r, const LLVMValueRef *comps,
                 LLVMValueRef *words_out)
{
    LLVMBuilderRef b = cg->b;
    unsigned in_word = r->word_B / r->size_B;
    LLVMTypeRef whole = LLVMVectorType(LLVMIntTypeInContext(cg->ctx, 8 * r->size_B), cg->width);
    LLVMTypeRef word = LLVMVectorType(word_t(cg, r), cg->width);
    for (unsigned k = 0; k < r->mem->comps; k++) {
        LLVMValueRef v = LLVMBuildBitCast(b, comps[k], whole, "");
        if (in_word > 1)
            v = LLVMBuildZExt(b, v, word, "");
        if (k % in_word) {
            v = LLVMBuildShl(b, v, cg_splat(cg, cg_i32(cg, k % in_word * 8 * r->size_B)), "");
            v = LLVMBuildOr(b, words_out[k / in_word], v, "");
        }
        words_out[k / in_word] = v;
    }
}

bool cg_rows_store(struct cg *cg, const struct cg_pattern *p, const LLVMValueRef *at,
                   const struct ir_mem *mem, enum ir_type type, LLVMValueRef const *comps)
{
    struct rows r;
    LLVMValueRef words[MAX_WORDS];
    if (!cut(cg, p, mem, type, &r))
        return false;
    r.at = at;
    pack(cg, &r, comps, words);
    for (unsigned i = 0, n; i < r.words; i += n) {
        n = r.words == 3 && r.word_B == 4 ? 3 : chunk(&r, i);
        store_chunk(cg, &r, i, n, &words[i]);
    }
    return true;
}
