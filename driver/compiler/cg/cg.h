/* SPDX-License-Identifier: MIT
 *
 * DOC: Code generation
 *
 * Turns a shaped IR tree into one LLVM function (weft_kernel_fn) and that into a kernel image.
 *
 * A value is held by its shape: UNIFORM and OFFSETS values as one LLVM scalar (lane 0's value, the
 * base), VARYING ones as a vector of module->width lanes. Either form is made from the other when
 * somebody asks for it. At width 1 everything is uniform and no vector exists.
 *
 * The active lanes are cg->mask while code is emitted. Inactive lanes hold arbitrary values: what can
 * trap or touch memory must look at the mask, nothing else needs to. Code under a mask runs only when
 * at least one lane is active, and uniform values are valid there.
 *
 * BOOL vectors are <W x i1> within a block. Where one has to live across blocks (phis, slots) it
 * is stored in the target's mask form, since i1 vectors are costly there: see cg_keep/cg_use.
 */
#ifndef CG_H
#define CG_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdint.h>

#include "cg_target.h"
#include "ir.h"

/* Which lanes are active. */
struct cg_mask {
    LLVMValueRef lanes; /* <W x i1>; NULL: all lanes (always at width 1) */
};

/* The LLVM forms of one IR value. */
struct cg_value {
    LLVMValueRef scalar;
    LLVMValueRef vector;
    LLVMBasicBlockRef vector_block; /* where a vector made from the scalar is valid */
};

struct cg {
    struct ir_module *m;
    const struct cg_target *target;
    unsigned width;
    LLVMContextRef ctx;
    LLVMModuleRef mod;
    LLVMBuilderRef b;
    LLVMBuilderRef entry_b; /* at the end of the function's first block: allocas, descriptor loads */
    LLVMValueRef fn;
    LLVMMetadataRef subprogram; /* cg_debug.c; NULL: no line is known */

    LLVMTypeRef void_t, ptr, i1, i8, i16, i32, i64, f16, f32, f64;
    LLVMTypeRef scalar_t[IR_F64 + 1]; /* by ir_type; BOOL is i1, F16 its bits: i16 */
    LLVMTypeRef vector_t[IR_F64 + 1]; /* <W x scalar_t>; scalar_t at width 1 */

    /* The kernel's arguments and what is known at its entry. */
    LLVMValueRef args, worker, shared, scratch, stop, push;
    LLVMValueRef zeros;           /* ptr: 64 readable bytes of zeros, for reads that must not happen */
    LLVMValueRef sink;            /* ptr: 64 writable bytes, for writes that must not happen */
    LLVMValueRef group_count[3];  /* i32 */

    /* The workgroup and subgroup that code is being emitted for. */
    LLVMValueRef group_id[3];     /* i32, base included */
    LLVMValueRef subgroup;        /* i32: index in the workgroup */
    LLVMValueRef row_groups;      /* modules by rows, i64: workgroups along x to run */
    LLVMValueRef flat_first, flat_end; /* flat modules, i64: invocations of the row to run */
    LLVMValueRef flat;            /* i64: the vector's first invocation, a multiple of the width */
    struct cg_mask mask;

    /* Values, by instruction id; `comps` values for instructions with several. */
    struct cg_value **values;
    uint32_t value_count;

    struct cg_private *p; /* cg.c, cg_group.c, cg_memory.c: their own state */
};

/* ---- The entry point (cg.c) ---- */

/* Generates code for the module and fills image and listing of the result. Errors go to m->error. */
void cg_generate(struct ir_module *m, struct weft_compile_result *result);

/* ---- Values (cg_value.c) ---- */

bool cg_is_scalar(const struct cg *cg, const struct ir_inst *inst); /* UNIFORM or OFFSETS */
/* The value in every lane: <W x T>; the scalar itself at width 1. */
LLVMValueRef cg_vector(struct cg *cg, struct ir_inst *inst);
/* Lane 0's value of a UNIFORM or OFFSETS value. Not for VARYING ones. */
LLVMValueRef cg_scalar(struct cg *cg, struct ir_inst *inst);
/* Defines component k (0 for plain values) as a scalar or as a vector, which must fit the shape:
 * set_scalar on UNIFORM/OFFSETS, set_vector on VARYING. */
void cg_set_scalar(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef scalar);
void cg_set_vector(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef vector);
/* Whichever form fits the instruction's shape: `value` must be of that form. */
void cg_set(struct cg *cg, struct ir_inst *inst, unsigned k, LLVMValueRef value);

LLVMValueRef cg_splat(struct cg *cg, LLVMValueRef scalar); /* <W x T>; scalar itself at width 1 */
LLVMValueRef cg_splat_n(struct cg *cg, LLVMValueRef scalar, unsigned n);
LLVMValueRef cg_const(struct cg *cg, enum ir_type type, uint64_t bits); /* scalar */
LLVMValueRef cg_i32(struct cg *cg, uint32_t value);
LLVMValueRef cg_i64(struct cg *cg, uint64_t value);
/* <n x i32/i64> from compile-time numbers. */
LLVMValueRef cg_const_vector(struct cg *cg, LLVMTypeRef element, const int64_t *v, unsigned n);
/* cg_shuffle.c. Lanes of two vectors (b NULL: one), numbered one vector behind the other. */
LLVMValueRef cg_shuffle(struct cg *cg, LLVMValueRef a, LLVMValueRef b, const int64_t *lanes,
                        unsigned count);
/* `count` lanes from `first` on; a scalar is all it has. */
LLVMValueRef cg_part(struct cg *cg, LLVMValueRef v, unsigned first, unsigned count);
/* Vectors of `length` lanes, at most 64 and 1024 lanes together, one behind the other. */
LLVMValueRef cg_join(struct cg *cg, const LLVMValueRef *vectors, unsigned count, unsigned length);
/* The same value, i32 or a vector of them, whose origin LLVM does not see. No instruction comes of it. */
LLVMValueRef cg_cover(struct cg *cg, LLVMValueRef v);
/* a where lanes (or a scalar condition) says so, else b. */
LLVMValueRef cg_select(struct cg *cg, LLVMValueRef lanes, LLVMValueRef a, LLVMValueRef b);
/* A vector that may be kept across blocks: BOOL to the target's mask form and back; other types pass. */
LLVMTypeRef cg_kept_type(struct cg *cg, enum ir_type type, bool vector);
LLVMValueRef cg_keep(struct cg *cg, enum ir_type type, LLVMValueRef v);
LLVMValueRef cg_use(struct cg *cg, enum ir_type type, bool vector, LLVMValueRef kept);
/* Sets the instruction's value to a kept one. */
void cg_define(struct cg *cg, struct ir_inst *inst, LLVMValueRef kept);

/* Calls the target's instruction for a product, with arguments that fill registers, of whatever elements;
 * the result is <lanes x i32>. */
LLVMValueRef cg_product(struct cg *cg, LLVMBuilderRef b, enum cg_products which, unsigned lanes,
                        LLVMValueRef *args, unsigned arg_count);
/* Calls an LLVM intrinsic by name, overloaded on the given types. */
LLVMValueRef cg_intrinsic(struct cg *cg, const char *name, LLVMTypeRef *overloads,
                          unsigned overload_count, LLVMValueRef *args, unsigned arg_count);
LLVMBasicBlockRef cg_block(struct cg *cg, const char *name); /* appended to the function */
/* An alloca in the function's first block. */
LLVMValueRef cg_alloca(struct cg *cg, LLVMTypeRef type, unsigned align_B, const char *name);

/* ---- Masks (cg_mask.c) ---- */

/* The active lanes as <W x i1>, all ones where they are known to be. Width > 1 only. */
LLVMValueRef cg_mask_lanes(struct cg *cg);
struct cg_mask cg_mask_and(struct cg *cg, struct cg_mask mask, LLVMValueRef lanes);
/* and, or, xor of values of any kind. <W x i1> are combined in the form that compares give on x86 before
 * AVX-512, full-width masks, where LLVM would pack them first. */
LLVMValueRef cg_logic(struct cg *cg, LLVMOpcode op, LLVMValueRef a, LLVMValueRef b);
/* Is it known at compile time that the lane of <W x i1> is so; that any is set? */
bool cg_lane_is(LLVMValueRef lanes, unsigned lane, bool active);
bool cg_surely_any(struct cg *cg, LLVMValueRef lanes);
/* i1: is any lane of <W x i1> set; are all. */
LLVMValueRef cg_any(struct cg *cg, LLVMValueRef lanes);
LLVMValueRef cg_all(struct cg *cg, LLVMValueRef lanes);
/* iW: the lanes as bits. */
LLVMValueRef cg_bits(struct cg *cg, LLVMValueRef lanes);
/* The same in an i32, or in an i64 or i128 where there are so many lanes; cg_word_t is that type. */
LLVMValueRef cg_word(struct cg *cg, LLVMValueRef lanes);
LLVMTypeRef cg_word_t(struct cg *cg);
/* i32: number of active lanes (1 at width 1); index of the lowest active lane (0 at width 1). */
LLVMValueRef cg_active_count(struct cg *cg);
LLVMValueRef cg_first_lane(struct cg *cg);

/* ---- One file a topic; each handles the opcodes named and defines the instruction's value ---- */

void cg_inst(struct cg *cg, struct ir_inst *inst);     /* cg_inst.c: the table of all opcodes */
void cg_region(struct cg *cg, struct ir_region *r);    /* cg_flow.c: a region without barriers */
void cg_alu(struct cg *cg, struct ir_inst *inst);      /* every ELEMENTWISE op, scalar or vector */
/* May this STORE to workgroup memory be made by a vector without an active lane: does it write back what was
 * there? */
bool cg_memory_blends(struct cg *cg, const struct ir_inst *store);
void cg_memory(struct cg *cg, struct ir_inst *inst);   /* LOAD, STORE, BUFFER*, DESC*, LOCAL_* */
void cg_sample(struct cg *cg, struct ir_inst *inst);   /* SAMPLE */
void cg_texels(struct cg *cg, struct ir_inst *inst);   /* TEXELS */
void cg_decode(struct cg *cg, struct ir_inst *inst);   /* DECODE */
void cg_atomic(struct cg *cg, struct ir_inst *inst);   /* ATOMIC*, FENCE, CLOCK */
void cg_subgroup(struct cg *cg, struct ir_inst *inst); /* SG_* */

/* For atomics and other lane-by-lane memory: the host address of each access, made safe. */
struct cg_places {
    LLVMValueRef scalar;  /* ptr, where the address is UNIFORM, or else */
    LLVMValueRef vector;  /* <W x ptr> */
    LLVMValueRef base;    /* ptr, with */
    LLVMValueRef offsets; /* <W x i32>: the same where all lanes are valid and it is known, or NULL */
    LLVMValueRef at;      /* <W x i32>: offsets into what one handle names, of lanes that are valid, or NULL */
    LLVMValueRef valid;   /* i1 for the scalar form, <W x i1> for the vector form: not those that are inactive or
                             out of bounds; their pointers go to cg->sink */
    bool shared;          /* workgroup memory: no other thread sees it */
};
/* size_B bytes at the address of the instruction. */
void cg_address(struct cg *cg, struct ir_inst *inst, unsigned size_B, struct cg_places *out);

/* ---- Line numbers (cg_debug.c) ---- */

/* Prepares the function for line numbers where the module has any. */
void cg_debug_begin(struct cg *cg);
/* What the builder makes from now on comes from that instruction's line. */
void cg_debug_line(struct cg *cg, const struct ir_inst *inst);

/* ---- LLVM's part (cg_target.c, cg_passes.c, cg_object.c) ---- */

/* Runs LLVM's passes, emits the object, links it into an image (header filled but for what the caller
 * sets: scratch_B etc. are taken from `facts`), and writes what the request wants listed. */
struct cg_facts {
    uint32_t scratch_B;
    uint32_t flags; /* WEFT_IMAGE_* */
};
void cg_finish(struct cg *cg, const struct cg_facts *facts, struct weft_compile_result *result);

#endif
