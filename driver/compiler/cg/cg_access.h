/* SPDX-License-Identifier: MIT
 *
 * One load, store or atomic access on its way to memory: what cg_memory.c, which chooses how it is made, and
 * cg_lanes.c share.
 */
#ifndef CG_ACCESS_H
#define CG_ACCESS_H

#include "cg_memory.h"

/* cg->zeros has as many bytes. */
#define CG_SAFE_SPAN_B 128

struct cg_access {
    struct ir_inst *inst;
    const struct ir_mem *mem;
    enum ir_type type;       /* of an element in memory: BOOL is I32 */
    unsigned size_B;         /* of an element */
    uint64_t span_B;         /* of one lane's components */
    struct ir_inst *address; /* the offset or address argument */
    struct ir_inst *handle;  /* BUFFER only */
    bool store;
};

/* ---- cg_access.c ---- */

/* Takes an instruction apart. */
struct cg_access cg_access_of(struct ir_inst *inst);

/* Of the spaces whose size is known at compile time. */
uint64_t cg_fixed_size(struct cg *cg, const struct ir_mem *mem);
LLVMValueRef cg_fixed_base(struct cg *cg, const struct ir_mem *mem);
/* Do the ranges prove that every active lane's access lies within the fixed space? */
bool cg_access_proved(struct cg *cg, const struct cg_access *a);

/* An offset's (i32) or address's (i64) value, scalar or vector, with its constant part. */
LLVMValueRef cg_access_offset(struct cg *cg, const struct cg_access *a, LLVMValueRef v);
LLVMValueRef cg_access_address(struct cg *cg, const struct cg_access *a, LLVMValueRef v);
/* The lesser of the two; v is i32 or <W x i32>. */
LLVMValueRef cg_offset_limit(struct cg *cg, LLVMValueRef v, uint64_t max);

/* A value in the form that memory holds, and back: BOOL is an I32 there. */
LLVMValueRef cg_to_memory(struct cg *cg, const struct cg_access *a, struct ir_inst *value,
                          bool scalar);
LLVMValueRef cg_from_memory(struct cg *cg, const struct cg_access *a, LLVMValueRef v);
/* All components of a load's result, or a store's values, as memory holds them. */
void cg_define_vectors(struct cg *cg, const struct cg_access *a, LLVMValueRef const *comps);
void cg_stored_vectors(struct cg *cg, const struct cg_access *a, LLVMValueRef *comps_out);
/* An access that is made in two ways: fast where a condition holds, else slow. */
struct cg_fork {
    LLVMBasicBlockRef head, slow, merge, fast_end;
};
/* What follows is fast; `likely`: that comes nearly always. */
struct cg_fork cg_fork_begin(struct cg *cg, LLVMValueRef condition, bool likely);
/* What follows is slow. */
void cg_fork_turn(struct cg *cg, struct cg_fork *fork);
/* Both ways meet. A load's components, as each way has them: fast[] becomes what they are here. */
void cg_fork_end(struct cg *cg, const struct cg_fork *fork, const struct cg_access *a,
                 LLVMValueRef *fast, LLVMValueRef *slow);

static inline enum ir_type cg_memory_type(const struct cg_access *a)
{
    return a->type == IR_BOOL ? IR_I32 : a->type;
}

/* That an element has at least. */
static inline unsigned cg_access_align(const struct cg_access *a)
{
    unsigned align = a->mem->align_B ? a->mem->align_B : 1;
    return align < a->size_B ? align : a->size_B;
}

static inline LLVMValueRef cg_byte_at(struct cg *cg, LLVMValueRef base, LLVMValueRef offset)
{
    return LLVMBuildGEP2(cg->b, cg->i8, base, &offset, 1, "");
}

/* ---- cg_memory.c ---- */

/* Can the pattern be stored under a mask as vectors? */
bool cg_can_mask(const struct cg_access *a, const struct cg_pattern *p);
/* A load without robust access may read anything that is the buffer's: past its end, the last element.
 * `span` is known at the entry; `at`: i32. */
LLVMValueRef cg_limited_address(struct cg *cg, const struct cg_access *a, const struct cg_span *span,
                                LLVMValueRef at);
/* Stores a pattern whose lanes all are accessible (in bounds, or not looked at under the mask); at[]: each strip's
 * lowest lane's address. Of several strips only what cg_can_mask(), or without a mask. `stream`: see cg_stream, or
 * NULL. */
void cg_store_inside(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                     const LLVMValueRef *at, LLVMValueRef const *comps, LLVMValueRef stream);

/* ---- cg_shared.c: workgroup memory ---- */

/* A pattern from `at` on (ptr). Loads may be of the other memory of fixed size, too. */
void cg_shared_load(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                    LLVMValueRef at, LLVMValueRef *comps_out);
void cg_shared_store(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                     LLVMValueRef at, LLVMValueRef const *comps);

/* ---- cg_lanes.c: an address for each lane ---- */

/* Each lane's place: a 32-bit offset from one base, or (base NULL) an address of its own. */
struct cg_lanes {
    LLVMValueRef base; /* ptr */
    LLVMValueRef at;   /* <W x i32> with a base, <W x i64> without */
    LLVMValueRef valid; /* which lanes may be accessed; NULL: all. Inactive lanes may not */
    LLVMValueRef fits;  /* i1, with a base: offset 0 may be read; NULL: yes, if `tame` */
    bool tame;          /* all lanes' offsets may be read, valid or not */
};

struct cg_lanes cg_lane_places(struct cg *cg, const struct cg_access *a);
/* <W x i64>: each lane's host address. */
LLVMValueRef cg_lane_addresses(struct cg *cg, const struct cg_lanes *l);
/* Loads or stores. */
void cg_lane_access(struct cg *cg, const struct cg_access *a);
/* Gathers, or scatters `comps`. */
void cg_lane_gather(struct cg *cg, const struct cg_access *a, LLVMValueRef *comps);

/* ---- cg_repeat.c ---- */

/* A pattern from `low` (i64) on, several lanes to each element; `inside`: all of it is in the buffer.
 * False: that would not pay. */
bool cg_repeat_load(struct cg *cg, const struct cg_access *a, const struct cg_pattern *p,
                    const struct cg_span *span, LLVMValueRef low, LLVMValueRef inside);

/* ---- cg_strips.c ---- */

/* Loads or stores strip by strip; false: that would not pay. */
bool cg_strip_access(struct cg *cg, const struct cg_access *a);

#endif
