/* SPDX-License-Identifier: MIT
 *
 * The builder: the state of one translation and what its files offer each other.
 *
 * Errors: spv_fail records the module's error and longjmps out of spv_build; nothing needs undoing,
 * because all memory is in the arena.
 */
#ifndef SPV_BUILDER_H
#define SPV_BUILDER_H

#include <errno.h>

#include "request.h"
#include "spv.h"
#include "spv_module.h"

#define SPV_MAX_DEPTH 500            /* nested constructs and calls */
#define SPV_MAX_INSTRUCTIONS 2000000 /* emitted for one module, attempts included */
#define SPV_MAX_VISITS 4000000       /* blocks walked */

/* A pointer as the builder knows it.
 *
 *     Function, Private, Input  variable + steps (constant or dynamic indices)
 *     StorageBuffer, Uniform    handle (I64), offset (I32), const_B
 *     Workgroup, PushConstant   offset (I32), const_B
 *     PhysicalStorageBuffer     offset is the address (I64), const_B
 * With 64-bit indexing StorageBuffer's offset is I64, too (spv_wide.c).
 *
 * A missing offset is zero. As a value that goes through a phi, a select or memory a pointer is its
 * leaves (spv_pointer_leaves()) and keeps nothing else. */
struct spv_pointer {
    const struct spv_type *pointee; /* may be NULL where it is untyped */
    uint32_t storage;
    struct spv_variable *variable; /* NULL where unknown */

    struct spv_step *steps; /* innermost last */
    uint32_t step_count;

    struct ir_inst *handle, *offset;
    uint64_t const_B; /* modulo 2^32 but for PhysicalStorageBuffer */
    uint64_t stride_B; /* of the array that it points into; 0: unknown */
    bool descriptors; /* an array of buffers that is still to be indexed */
    bool natural;     /* memory without explicit layout */
    bool nonuniform;
    bool row_major;
    uint32_t matrix_stride; /* of matrices inside the pointee */
    uint32_t component_B;   /* between the components of a row-major column; 0: packed */
    uint32_t alias;
    uint8_t flags; /* enum ir_mem_flags */
};

struct spv_step {
    const struct spv_type *container;
    uint32_t index;         /* where inst is NULL */
    struct ir_inst *inst;   /* I32 */
};

struct spv_value {
    const struct spv_type *type;
    struct ir_inst **leaves; /* type->leaf_count of them */
    struct spv_pointer *pointer;
    bool nonuniform;
    bool ycbcr; /* a sampled image with a conversion, and the descriptors of its other planes */
};

/* A point of control flow that a branch may leave to. See spv_flow.c. */
enum spv_construct_kind { SPV_FUNCTION_BODY, SPV_SELECTION, SPV_LOOP, SPV_CONTINUE, SPV_CASE };
struct spv_construct {
    struct spv_construct *up;
    uint8_t kind;
    uint32_t label;  /* reaching it leaves the construct */
    uint32_t header; /* LOOP: the back edge's target */
    struct spv_block *loop; /* LOOP: the header's block, where it is not unrolled */
    uint32_t left;   /* slot (BOOL): the construct was left for an outer one */
    uint32_t flag;   /* slot (BOOL): LOOP: ended; CASE: the label was reached */
    bool reached;    /* some path goes to label */
    bool breakable;  /* LOOP without a back edge: no more than a construct */
};

struct spv_frame {
    struct spv_frame *up;
    struct spv_function *function;
    struct spv_module *mod;
    uint32_t phi_slot; /* first slot of the function's phis */
    uint32_t result_slot;
    uint32_t call_word;
};

struct spv_change {
    uint32_t slot;
    struct ir_inst *value; /* NULL: undefined */
};
struct spv_changes {
    struct spv_change *list;
    uint32_t count;
};

/* One attempt to unroll a loop. See spv_loop.c. */
struct spv_attempt {
    struct spv_attempt *up;
    jmp_buf abort;
    uint32_t count_limit; /* of spv_builder.count */
    bool barrier;         /* has met one */
    uint32_t merge_id;
    struct spv_construct *construct; /* saved */
    struct spv_frame *frame;
    struct spv_module *mod;
    struct ir_region *region;
    struct ir_inst *marker; /* the last instruction that stays */
    uint32_t trail, id_trail, slot_count, depth, line, path_count, word;
    uint64_t visits;
    uint8_t inst_flags;
    bool flush;
};

struct spv_builder {
    struct ir_module *m;
    struct arena *arena;
    jmp_buf fail;
    uint16_t *op_rows; /* by opcode: its row in spv_opcode.c, plus one */
    struct spv_module *mod;     /* whose words are being walked */
    struct spv_module *shader;
    struct spv_module *libraries[2]; /* by enum spv_library; NULL until used */
    uint32_t word;              /* where we are, for messages */
    uint32_t line;
    bool reading;        /* module scope: only constants may come out */

    /* Emission */
    struct ir_region *region;
    struct ir_inst *pool_last; /* constants and the like, at the body's start */
    struct ir_inst **pool;     /* hash table */
    uint32_t pool_count, pool_capacity;
    uint32_t count;            /* instructions emitted */
    uint8_t inst_flags;
    bool flush;                /* operands' denormals are flushed where the shader wants that */
    uint64_t visits;

    /* Variables */
    struct ir_inst **slots;
    uint8_t *slot_types;
    uint32_t *slot_stamps;
    uint32_t *slot_index;
    uint32_t slot_count, slot_capacity, stamp;
    struct spv_change *trail;
    uint32_t trail_count, trail_capacity;
    bool rebuild; /* a variable has to live in memory: start again */
    bool forget;  /* and first try to unroll more instead */

    /* Flow */
    struct spv_construct *construct;
    struct spv_frame *frame;
    struct spv_attempt *attempt;
    uint32_t depth;
    struct id_change {
        struct spv_id *id;
        struct spv_value *value;
    } *id_trail;
    uint32_t id_trail_count, id_trail_capacity;
    struct spv_block **path; /* blocks being walked */
    uint32_t path_count, path_capacity;

    uint32_t shared_B, shared_start_B; /* where the first workgroup variable lies */
    bool wide_buffers; /* 64-bit indexing: buffers may be larger than 4 GiB */
    uint32_t next_alias;
    uint64_t local_elements; /* of all ir_locals */

    /* Cooperative matrices: workgroup memory that they meet in, and arrays for loops over their leaves. */
    uint32_t scratch_at, scratch_B, scratch_alias;
    struct spv_matrix_array {
        struct spv_matrix_array *next;
        struct ir_local *local;
        bool used;
    } *matrix_arrays;

    /* Images: what the library's functions work on. */
    uint32_t image_alias; /* of all images' memory; 0 before the first use */
    uint8_t image_flags;  /* enum ir_mem_flags */
    struct ir_inst *image_handle;
    const struct weft_image_desc *image_format; /* whose format the shader declares, or NULL */
};

/* ---- Errors and memory ---- */
__attribute__((format(printf, 3, 4), noreturn)) void spv_fail(struct spv_builder *b, int error,
                                                              const char *format, ...);
#define spv_bad(b, ...) spv_fail((b), -EINVAL, __VA_ARGS__)
#define spv_unsupported(b, ...) spv_fail((b), -ENOTSUP, __VA_ARGS__)
/* An id's debug name for messages, or "". */
const char *spv_name(const struct spv_builder *b, uint32_t id);

/* ---- Ids (spv_value.c) ---- */
struct spv_id *spv_id_at(struct spv_builder *b, uint32_t id); /* checked against the bound */
struct spv_type *spv_type_at(struct spv_builder *b, uint32_t id);
/* The value of an id, its instructions usable in the present region. */
struct spv_value *spv_operand(struct spv_builder *b, uint32_t id);
/* The same; it must be a scalar, its instruction is returned. */
struct ir_inst *spv_scalar(struct spv_builder *b, uint32_t id);
struct ir_inst *spv_int_scalar(struct spv_builder *b, uint32_t id);
uint32_t spv_constant_u32(struct spv_builder *b, uint32_t id);
struct spv_pointer *spv_pointer_at(struct spv_builder *b, uint32_t id);
/* The same; where it is untyped, as one to that type. */
struct spv_pointer *spv_pointer_to(struct spv_builder *b, uint32_t id, const struct spv_type *type);
void spv_reinterpret(struct spv_pointer *p, const struct spv_type *type);
struct spv_value *spv_new_value(struct spv_builder *b, const struct spv_type *type);
struct spv_value *spv_undef_value(struct spv_builder *b, const struct spv_type *type);
void spv_set(struct spv_builder *b, uint32_t id, struct spv_value *value);
/* A value of type type_id (w[1]) for the result w[2], set at once; leaves are to be filled in. */
struct spv_value *spv_result(struct spv_builder *b, const uint32_t *w);
void spv_set_pointer(struct spv_builder *b, const uint32_t *w, struct spv_pointer *pointer);
/* A pointer of a value, whichever form it is in; and any value's leaves, a pointer's too. */
struct spv_pointer *spv_pointer_of(struct spv_builder *b, struct spv_value *value);
struct ir_inst **spv_leaves(struct spv_builder *b, const struct spv_value *value);
bool spv_is_nonuniform(struct spv_builder *b, uint32_t id);

/* ---- Emission (spv_emit.c): folds constants and identities ---- */
struct ir_inst *spv_emit(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                         struct ir_inst *const *args);
struct ir_inst *spv_emit1(struct spv_builder *b, enum ir_op op, enum ir_type type,
                          struct ir_inst *x);
struct ir_inst *spv_emit2(struct spv_builder *b, enum ir_op op, enum ir_type type,
                          struct ir_inst *x, struct ir_inst *y);
struct ir_inst *spv_emit3(struct spv_builder *b, enum ir_op op, enum ir_type type,
                          struct ir_inst *x, struct ir_inst *y, struct ir_inst *z);
/* A float operation rounded to nearest even or towards zero, whatever the shader's execution modes say. */
struct ir_inst *spv_rounded(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                            struct ir_inst *const *args, bool towards_zero);
/* A float that is not denormal where the shader's entry point flushes those of its width. */
struct ir_inst *spv_flushed(struct spv_builder *b, struct ir_inst *x);
/* From here on operands are flushed, where the instruction's result is a float; what to put back into
 * b->flush. And its result. */
bool spv_flush_operands(struct spv_builder *b, uint32_t type_id);
void spv_flush_result(struct spv_builder *b, const uint32_t *w);
/* The value, no longer a product that an addition may fuse with. */
struct ir_inst *spv_unfused(struct spv_builder *b, struct ir_inst *x);
/* Never folded: memory, control, cross-lane. */
struct ir_inst *spv_append(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                           struct ir_inst *const *args);
struct ir_inst *spv_comp(struct spv_builder *b, struct ir_inst *inst, uint32_t k);
struct ir_inst *spv_not(struct spv_builder *b, struct ir_inst *x);
struct ir_inst *spv_select(struct spv_builder *b, struct ir_inst *cond, struct ir_inst *x,
                           struct ir_inst *y);
/* An integer of any width as I32 or I64, sign-extended or cut. */
struct ir_inst *spv_to_int(struct spv_builder *b, struct ir_inst *x, enum ir_type type,
                           bool is_signed);

/* Constants (spv_pool.c), each once a module. */
struct ir_inst *spv_const(struct spv_builder *b, enum ir_type type, uint64_t bits);
struct ir_inst *spv_const_float(struct spv_builder *b, enum ir_type type, double value);
struct ir_inst *spv_i32(struct spv_builder *b, uint32_t value);
struct ir_inst *spv_bool(struct spv_builder *b, bool value);
struct ir_inst *spv_undef(struct spv_builder *b, enum ir_type type);
/* A pure instruction without varying arguments (LOCAL_ID, BUFFER of a constant), once a module. */
struct ir_inst *spv_pooled(struct spv_builder *b, enum ir_op op, enum ir_type type, uint64_t imm,
                           struct ir_inst *arg);
static inline bool spv_is_const(const struct ir_inst *x)
{
    return x->op == IR_CONST;
}
static inline bool spv_is_value(const struct ir_inst *x, uint64_t bits)
{
    return x->op == IR_CONST && x->imm == bits;
}

/* Identities (spv_identity.c): what else the operation is, or NULL. May put a constant last in args. */
struct ir_inst *spv_identity(struct spv_builder *b, enum ir_op op, enum ir_type type, uint32_t count,
                             struct ir_inst **args);

/* Values between regions (spv_leave.c). Adds a value that a LOOP carries: the RESULT. */
struct ir_inst *spv_loop_carry(struct spv_builder *b, struct ir_inst *loop, struct ir_inst *init,
                               struct ir_inst *yield);
/* Makes an instruction usable in the present region, whatever region it is in. */
struct ir_inst *spv_usable(struct spv_builder *b, struct ir_inst *x);

/* Folding (spv_fold.c): the bits of op on constants; false where it is not folded. */
bool spv_fold(enum ir_op op, enum ir_type type, uint64_t imm, uint32_t count,
              const struct ir_inst *const *args, uint64_t *bits_out);
int64_t spv_sext(uint64_t bits, enum ir_type type);
uint64_t spv_mask(enum ir_type type);
double spv_bits_to_double(enum ir_type type, uint64_t bits);
uint64_t spv_double_to_bits(enum ir_type type, double value);

/* ---- Slots: scalars that change (spv_env.c) ---- */
uint32_t spv_slots_create(struct spv_builder *b, uint32_t count);
void spv_slot_init(struct spv_builder *b, uint32_t slot, enum ir_type type,
                   struct ir_inst *value);
uint32_t spv_slot_bool(struct spv_builder *b, bool value);
struct ir_inst *spv_slot_get(struct spv_builder *b, uint32_t slot);
void spv_slot_set(struct spv_builder *b, uint32_t slot, struct ir_inst *value);
uint32_t spv_slots_mark(struct spv_builder *b);
/* What changed since the mark among the first slot_count slots; undone. */
struct spv_changes spv_slots_collect(struct spv_builder *b, uint32_t mark, uint32_t slot_count);
void spv_slots_undo(struct spv_builder *b, uint32_t mark);
void spv_slots_apply(struct spv_builder *b, const struct spv_changes *changes);

/* ---- Variables (spv_vars.c) ---- */
/* Before each building: forgets results, locals and instances, keeps which paths are in memory. */
void spv_variables_begin(struct spv_builder *b, struct spv_module *mod);
void spv_variable_instantiate(struct spv_builder *b, struct spv_variable *variable);
void spv_var_load(struct spv_builder *b, const struct spv_pointer *p, struct ir_inst **leaves_out);
void spv_var_store(struct spv_builder *b, const struct spv_pointer *p,
                   struct ir_inst *const *leaves);
struct ir_inst *spv_builtin_leaf(struct spv_builder *b, const struct spv_variable *variable,
                                 uint32_t leaf); /* spv_builtin.c */

struct spv_if; /* below */

/* ---- Memory (spv_mem.c, spv_access.c, spv_wide.c) ---- */
struct spv_pointer *spv_variable_pointer(struct spv_builder *b, struct spv_variable *variable);
struct spv_pointer *spv_access(struct spv_builder *b, const struct spv_pointer *base,
                               const uint32_t *indices, uint32_t count);
void spv_load(struct spv_builder *b, const struct spv_pointer *p, uint32_t align_B, uint8_t flags,
              struct ir_inst **leaves_out);
void spv_store(struct spv_builder *b, const struct spv_pointer *p, uint32_t align_B,
               uint8_t flags, struct ir_inst *const *leaves);
/* The memory operands from word `at` on: an alignment, 0 without one, and enum ir_mem_flags. */
uint8_t spv_memory_operands(struct spv_builder *b, const uint32_t *w, uint32_t wc, uint32_t at,
                            uint32_t *align_out);
/* The constant part of a 64-bit address goes up to here in an access; what its parts add stays within 32 bits. */
#define SPV_MAX_CONST_B (UINT32_MAX / 2)
/* Whether offsets in memory of that storage class have 64 bits. */
bool spv_is_wide(const struct spv_builder *b, uint32_t storage);
/* A buffer's size in bytes; I64 of buffers whose offsets are so wide, else I32. */
struct ir_inst *spv_buffer_size(struct spv_builder *b, const struct spv_pointer *p);
/* spv_address() of a buffer whose offsets have 64 bits. */
uint32_t spv_wide_address(struct spv_builder *b, const struct spv_pointer *p,
                          struct ir_inst **args_out, struct ir_mem *mem_out);
/* An access of span_B bytes from first_B behind the pointer on: until spv_inside_end what is emitted happens
 * only where that is inside of such a buffer. */
void spv_inside_begin(struct spv_builder *b, struct spv_if *f, const struct spv_pointer *p,
                      uint64_t first_B, uint64_t span_B);
void spv_inside_end(struct spv_builder *b, struct spv_if *f);
/* Address arguments (1 or 2) of a pointer into buffers, workgroup or global memory; fills in
 * everything of mem but comps, atomic, align_B and stride_B. */
uint32_t spv_address(struct spv_builder *b, const struct spv_pointer *p, struct ir_inst **args_out,
                     struct ir_mem *mem_out);

/* ---- Flow (spv_flow.c, spv_loop.c, spv_switch.c, spv_call.c) ---- */
/* How a walk ended. */
enum spv_end { SPV_LEFT, SPV_NEVER /* OpUnreachable: no invocation comes here */ };
enum spv_end spv_walk(struct spv_builder *b, uint32_t label);
enum spv_end spv_walk_in(struct spv_builder *b, uint32_t label, bool header_done);
/* Takes the edge: assigns phis; then true if the target is one of the open constructs' (the path
 * has ended), false if the walk goes on there. */
bool spv_edge(struct spv_builder *b, const struct spv_block *from, uint32_t target);
enum spv_end spv_walk_edge(struct spv_builder *b, const struct spv_block *from, uint32_t target);
void spv_leave(struct spv_builder *b, struct spv_construct *to, bool to_label);
void spv_construct_push(struct spv_builder *b, struct spv_construct *c, uint8_t kind,
                        uint32_t label);
/* After the construct: whether the walk goes on at its label in this region. Where only some paths
 * do, walks the label under an IF and returns false. */
bool spv_construct_pop(struct spv_builder *b, struct spv_construct *c, enum spv_end *end_out);
struct spv_block *spv_block_at(struct spv_builder *b, uint32_t id);
/* Whether a selection's merge block needs a construct: more than one edge leads there. */
bool spv_needs_merge(struct spv_builder *b, uint32_t merge_id);
void spv_depth_enter(struct spv_builder *b);

/* An IF being built. */
struct spv_if {
    struct ir_inst *inst, *cond;
    struct ir_region *outer;
    uint32_t mark, slot_count;
    enum spv_end ends[2];
    struct spv_changes changes[2];
};
void spv_if_begin(struct spv_builder *b, struct spv_if *f, struct ir_inst *cond);
void spv_if_arm_begin(struct spv_builder *b, struct spv_if *f, uint32_t arm);
void spv_if_arm_end(struct spv_builder *b, struct spv_if *f, uint32_t arm, enum spv_end end);
enum spv_end spv_if_end(struct spv_builder *b, struct spv_if *f);

/* Walks a loop; the block to go on with, or NULL where the path has ended. */
struct spv_block *spv_loop(struct spv_builder *b, struct spv_block *header, enum spv_end *end_out);
__attribute__((noreturn)) void spv_attempt_abort(struct spv_builder *b, struct spv_attempt *a);
/* Gives up the attempts that walk too many blocks. */
void spv_attempt_check(struct spv_builder *b);
uint32_t spv_switch(struct spv_builder *b, struct spv_block *block, enum spv_end *end_out);
void spv_call(struct spv_builder *b, struct spv_module *mod, struct spv_function *function,
              struct spv_value *const *args, struct ir_inst **result_out);

/* ---- The built-in library (spv_library.c) ---- */
enum spv_library { SPV_LIBRARY_MATH, SPV_LIBRARY_IMAGE };
/* A function of the library on scalars: "weft_sin". */
struct ir_inst *spv_library_call(struct spv_builder *b, const char *name, uint32_t count,
                                 struct ir_inst *const *args);
/* The same with vectors, as their leaves one after the other. */
void spv_library_call_leaves(struct spv_builder *b, enum spv_library which, const char *name,
                             uint32_t count, struct ir_inst *const *leaves, uint32_t result_count,
                             struct ir_inst **result_out);
/* A call inside the library of what has no words in GLSL; false for other functions. */
bool spv_library_intrinsic(struct spv_builder *b, struct spv_function *f, const uint32_t *w,
                           uint32_t wc);
/* ---- Images (spv_image.c, spv_image_format.c) ---- */
/* Loads an image, a sampler or both from its descriptor; false for other types. */
bool spv_load_handles(struct spv_builder *b, const struct spv_pointer *p, struct spv_value *value);
/* A descriptor whose format fields are those of a SpvImageFormat; NULL for Unknown. */
const struct weft_image_desc *spv_image_format(struct spv_builder *b, uint32_t format);
/* How images' memory is accessed. */
struct ir_mem spv_image_memory(struct spv_builder *b, enum ir_type type, uint32_t comps);

/* ---- Instructions (spv_opcode.c dispatches) ---- */
typedef void spv_handler(struct spv_builder *b, const uint32_t *w, uint32_t wc);
/* One scalar result from scalar arguments; type is the result's. */
typedef struct ir_inst *spv_scalar_fn(struct spv_builder *b, struct ir_inst *const *args,
                                      enum ir_type type);
void spv_opcodes_begin(struct spv_builder *b);
/* Runs one instruction that is neither control flow nor a declaration. */
void spv_instruction(struct spv_builder *b, const uint32_t *w, uint32_t wc);
void spv_alu(struct spv_builder *b, const uint32_t *w, const char *signature, enum ir_op op,
             spv_scalar_fn *fn, bool swap);

#define SPV_HANDLER(name) void name(struct spv_builder *b, const uint32_t *w, uint32_t wc)
#include "spv_handlers.h"

#endif
