/* SPDX-License-Identifier: MIT
 *
 * State that cg.c, cg_group.c, cg_flow.c and the memory files share.
 */
#ifndef CG_PRIVATE_H
#define CG_PRIVATE_H

#include "cg.h"

/* How an instruction outside of a piece gets its value inside one; see cg_group.c. */
enum cg_home {
    CG_HOME_PIECE,   /* used in its own piece only: an SSA value there */
    CG_HOME_GROUP,   /* an SSA scalar computed once for the workgroup */
    CG_HOME_REMAT,   /* computed again in each piece that uses it */
    CG_HOME_CELL,    /* a scalar of the workgroup, kept in an alloca */
    CG_HOME_FRAME,   /* kept in the subgroup's frame */
};

struct cg_where {
    uint32_t piece;     /* 0: workgroup level */
    uint8_t home;       /* enum cg_home */
    bool placed;
    uint16_t comps;
    uint32_t offset_B;  /* FRAME: in the frame */
    LLVMValueRef cell;  /* CELL; or FRAME where one subgroup is the whole workgroup: an alloca */
    struct ir_inst *shares; /* keeps its value in that instruction's place */
    uint32_t last_use;      /* the highest piece that uses it */
    bool moved;             /* used by the workgroup level: copied into a PARAM or RESULT */
    bool imported;          /* has a value in the piece being emitted */
    bool fixed;             /* FRAME, filled when the kernel starts: cg_fixed.c */
};

#define CG_PIECE_SEVERAL UINT32_MAX

/* Rows of an array that is not constant: its elements, and one that is never read (cg_local.c). */
#define CG_LOCAL_ROWS(local) ((uint64_t)(local)->length + 1)

struct cg_local_place {
    uint32_t piece;    /* the only piece that uses it; 0: none yet */
    bool in_scratch;
    bool per_subgroup;
    uint32_t offset_B;
    LLVMValueRef base; /* alloca or constant; NULL: in scratch */
};

struct cg_private {
    uint32_t subgroups;     /* in a workgroup */
    uint32_t local_count;   /* invocations in a workgroup */
    bool has_barrier;
    uint32_t frame_B;       /* of one subgroup */
    uint32_t scratch_B;     /* beyond the frames */
    LLVMValueRef frame;     /* of the current subgroup */
    struct cg_where *where; /* by instruction id */
    struct cg_local_place *locals; /* by local id */
    uint32_t piece;         /* being emitted; 0: workgroup level */
    uint32_t next_piece;
    uint32_t loop_depth; /* loops with barriers around, while planning */

    LLVMValueRef slow[2][4]; /* [store][log2 element size]: out-of-line access, cg_slow.c */
    LLVMValueRef *binding_base, *binding_size; /* by binding, for element 0.. of constant index 0 */
    struct cg_guard *guard; /* conditions around the workgroup-level region being emitted */
    LLVMBuilderRef spread_b; /* cg_fast.c: in a block between the first and the rest; NULL: there is none */
    LLVMMetadataRef alias_scope[3][16], alias_others[3][16]; /* cg_alias.c */
    struct cg_matrices *matrices; /* cg_matrix.c */
    const uint8_t *fixed; /* by instruction id, or NULL: cg_fixed.c */
    bool backwards; /* the piece being emitted runs from the last subgroup to the first */
    struct cg_partition_fn *partitions; /* cg_partition.c: the functions that there are */
    const struct cg_runs *runs; /* the piece being emitted; NULL: all subgroups alike */
    const struct cg_run *run;
    bool unmasked_copy; /* already inside an unmasked copy of a guarded region */
    bool loop_atomics; /* the loop being emitted has atomics in it */
    LLVMValueRef merge_where, merge_sum; /* additions put off, or NULL: cg_merge_lanes.c */
    struct cg_merge_table *merge_tables; /* the same */
    bool merge_sums;                     /* uses weft_worker_args.sums */
    struct cg_merge_site *merge_sites;   /* cg_merge.c */
    struct cg_held *held; /* cg_shared.c; NULL: nothing */
    bool streams;      /* has stores past the caches: cg_stream.c */
    unsigned copies;    /* region emissions so far, bounds code growth */
};

static inline struct cg_where *cg_where(struct cg *cg, const struct ir_inst *inst)
{
    return &cg->p->where[inst->id];
}

/* cg_plan.c */
void cg_group_plan(struct cg *cg); /* fills `where` and the locals' places */
bool cg_is_free(const struct ir_inst *inst);                   /* a constant: has no home */
bool cg_is_group_control(const struct ir_inst *inst);          /* an IF or LOOP around a barrier */
bool cg_is_group_level(const struct ir_inst *inst);            /* belongs to no piece */
bool cg_at_group_level(struct cg *cg, const struct ir_inst *inst);  /* free, or HOME_GROUP */
bool cg_is_group_scalar(struct cg *cg, const struct ir_inst *inst); /* one scalar for the workgroup */
LLVMTypeRef cg_home_type(struct cg *cg, const struct ir_inst *inst); /* in its cell or frame */

/* cg_home.c: may an instruction of the piece being emitted use the value? */
bool cg_is_here(struct cg *cg, const struct ir_inst *inst);

/* cg_group.c */
void cg_group_emit(struct cg *cg);                      /* the whole workgroup at the insert point */

/* cg_flow.c, cg_loop.c: control flow inside a piece */
void cg_if(struct cg *cg, struct ir_inst *inst);
void cg_loop(struct cg *cg, struct ir_inst *inst);

/* cg_local.c */
void cg_local_access(struct cg *cg, struct ir_inst *inst);
/* Initial values of this subgroup's arrays that live in the piece (or in CG_PIECE_SEVERAL). */
void cg_local_init(struct cg *cg, uint32_t piece);
bool cg_local_has_init(struct cg *cg, uint32_t piece);

/* cg.c: makes a function that the kernel calls one of its kind: for the same target, never inlined. */
void cg_outline(struct cg *cg, LLVMValueRef fn);

/* cg_fast.c: is code to be compiled fast, for lanes on a machine with masked accesses and gathers? Then less code
 * is better than faster code. */
bool cg_fast(const struct cg *cg);

/* cg_slow.c: lane-by-lane access with bounds checks, out of line so that the common path stays small.
 * `address` <W x i64> are byte offsets from base; lanes not in `lanes` (NULL: all) are left alone. */
void cg_slow_load(struct cg *cg, LLVMValueRef base, LLVMValueRef size, LLVMValueRef offsets,
                  LLVMValueRef lanes, const struct ir_mem *mem, enum ir_type type,
                  LLVMValueRef *comps_out);
void cg_slow_store(struct cg *cg, LLVMValueRef base, LLVMValueRef size, LLVMValueRef offsets,
                   LLVMValueRef lanes, const struct ir_mem *mem, enum ir_type type,
                   LLVMValueRef const *comps);

/* cg_shared.c: workgroup memory is written otherwise than by cg_shared_store(); no workgroup memory was
 * written between the end of one block and what another now has. */
void cg_shared_forget(struct cg *cg);
void cg_shared_move(struct cg *cg, LLVMBasicBlockRef from, LLVMBasicBlockRef to);

/* cg_stream.c: before the kernel returns. */
void cg_stream_end(struct cg *cg);

/* cg_merge.c: puts an ATOMIC off, of all lanes at one address `at`, or of lanes at addresses of their own; false
 * if it may not be. And does what was put off, at the kernel's end. */
bool cg_merge_one(struct cg *cg, struct ir_inst *inst, LLVMValueRef at, struct ir_inst *value);
bool cg_merge(struct cg *cg, struct ir_inst *inst, const struct cg_places *places,
              struct ir_inst *value);
void cg_merge_end(struct cg *cg);
/* cg_merge_lanes.c: its part for addresses of their own. */
void cg_merge_lanes(struct cg *cg, struct ir_inst *inst, const struct cg_places *places,
                    struct ir_inst *value);
void cg_merge_lanes_end(struct cg *cg);
/* cg_atomic_one.c: how the instruction combines its operand with memory, if in whatever order. One lane's access to
 * memory that others see, for nothing but its effect. */
bool cg_atomic_reduces(const struct ir_inst *inst, enum ir_reduce *reduce_out);
void cg_atomic_put(struct cg *cg, struct ir_inst *inst, LLVMValueRef at, LLVMValueRef value);

/* cg_alias.c: tells LLVM which accesses cannot overlap. */
void cg_alias_frame(struct cg *cg, LLVMValueRef access);
void cg_alias_memory(struct cg *cg, LLVMValueRef access, const struct ir_mem *mem);
void cg_invariant(struct cg *cg, LLVMValueRef load);
void cg_unlikely(struct cg *cg, LLVMValueRef branch, unsigned unlikely_successor);

#endif
