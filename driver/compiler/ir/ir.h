/* SPDX-License-Identifier: MIT
 *
 * DOC: The compiler's intermediate representation
 *
 * A shader is a tree. A region is a list of instructions; two instructions hold regions:
 *
 *     IF   cond            { then } { else }     results: RESULT k = the arm's yields[k]
 *     LOOP init_0..init_n  { body }              params:  PARAM k in the body
 *                                                results: RESULT k
 *
 * There is no jump: break, continue, return and fall-through have become conditions when the tree is
 * built. So every value is used only inside the region that defines it or regions below, and what
 * leaves a region leaves as a yield:
 *
 *   - IF: both arms yield as many values as the IF has results. RESULT instructions follow the IF
 *     directly, in order, in the IF's own region.
 *   - LOOP is do { body } while (yields[0]): the body yields the condition to go on (BOOL), then the
 *     next value of each PARAM. RESULT k is yields[1 + k] of an invocation's last iteration.
 *     PARAMs are the first instructions of the body, in order; RESULTs directly follow the LOOP.
 *
 * Values are scalars (ir_type). SPIR-V's vectors, matrices, arrays and structures are trees of them
 * that exist only while the IR is built. An instruction that gives several values (a LOAD of a
 * vec4, a BALLOT) is followed by COMP instructions that name its components; its own type is that of
 * a component.
 *
 * Function-local memory that is indexed by values unknown at compile time is an ir_local: an array
 * of scalars private to each invocation. Everything else local has become values.
 *
 * Instructions live in the module's arena and are freed with it.
 */
#ifndef IR_H
#define IR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "weft/compile.h"

struct arena; /* arena.h */

enum ir_type {
    IR_VOID,
    IR_BOOL,
    IR_I8, /* integers have no sign; operations do */
    IR_I16,
    IR_I32,
    IR_I64,
    IR_F16,
    IR_F32,
    IR_F64,
};

/* Sets of types, a bit each. */
#define IR_BIT(type) (1u << (type))
#define IR_INTS (IR_BIT(IR_I8) | IR_BIT(IR_I16) | IR_BIT(IR_I32) | IR_BIT(IR_I64))
#define IR_FLOATS (IR_BIT(IR_F16) | IR_BIT(IR_F32) | IR_BIT(IR_F64))
#define IR_BOOLS IR_BIT(IR_BOOL)
#define IR_ANY (IR_INTS | IR_FLOATS | IR_BOOLS)

/* Opcodes, one row each, in ir_ops.def. */
enum ir_op {
#define IR_OP(name, text, args, results, free_args, flags) IR_##name,
#include "ir_ops.def"
#undef IR_OP
    IR_OP_COUNT
};

enum ir_op_flags {
    IR_PURE = 1,        /* no effect, result depends on the arguments alone: may move, merge, vanish */
    IR_READS = 2,       /* reads memory */
    IR_WRITES = 4,      /* writes memory or orders it: may not vanish */
    IR_CROSS_LANE = 8,  /* the result depends on other lanes' values or on the active mask */
    IR_CONTROL = 16,    /* holds regions or belongs to one that does */
    IR_ELEMENTWISE = 32, /* lane i of the result depends on lane i of the arguments alone */
    IR_ROUNDS = 64 /* to the nearest float, ties to even; if imm is 1, towards zero */
};

struct ir_op_info {
    const char *name;
    const char *args; /* see ir_ops.def */
    uint16_t results, free_args; /* sets of types */
    uint8_t flags;
};
extern const struct ir_op_info ir_op_infos[IR_OP_COUNT];

/* Where a LOAD, STORE or ATOMIC goes, and which address arguments it has. */
enum ir_space {
    IR_SPACE_BUFFER, /* handle (I64), offset (I32): storage and uniform buffers, bounds-checked */
    IR_SPACE_SHARED, /* offset (I32) in workgroup memory */
    IR_SPACE_GLOBAL, /* address (I64): physical storage buffer pointers */
    IR_SPACE_PUSH,   /* offset (I32) in push constants */
};

enum ir_atomic {
    IR_ATOMIC_ADD,
    IR_ATOMIC_AND,
    IR_ATOMIC_OR,
    IR_ATOMIC_XOR,
    IR_ATOMIC_SMIN,
    IR_ATOMIC_SMAX,
    IR_ATOMIC_UMIN,
    IR_ATOMIC_UMAX,
    IR_ATOMIC_EXCHANGE,
    IR_ATOMIC_FADD,
    IR_ATOMIC_FMIN,
    IR_ATOMIC_FMAX,
};

/* Kinds of subgroup REDUCE and SCAN; integers unless F. */
enum ir_reduce {
    IR_REDUCE_ADD,
    IR_REDUCE_MUL,
    IR_REDUCE_SMIN,
    IR_REDUCE_SMAX,
    IR_REDUCE_UMIN,
    IR_REDUCE_UMAX,
    IR_REDUCE_AND, /* BOOL too */
    IR_REDUCE_OR,
    IR_REDUCE_XOR,
    IR_REDUCE_FADD,
    IR_REDUCE_FMUL,
    IR_REDUCE_FMIN,
    IR_REDUCE_FMAX,
};

/* What SG_PARTITION combines for each lane: all of the partition, or what comes before the lane. */
enum ir_partition { IR_PARTITION_REDUCE, IR_PARTITION_SCAN, IR_PARTITION_EXSCAN };

/* What the elements of a MATRIX_MUL's matrices are. */
enum ir_element {
    IR_ELEMENT_F16,
    IR_ELEMENT_F32,
    IR_ELEMENT_BF16, /* in I16 */
    IR_ELEMENT_E4M3, /* in I8 */
    IR_ELEMENT_E5M2,
    IR_ELEMENT_S8,
    IR_ELEMENT_U8,
    IR_ELEMENT_I32,
    IR_ELEMENT_COUNT
};

/* A is m x k, B is k x n, C and the result are m x n. */
struct ir_matrix {
    uint32_t m, n, k;
    enum ir_element a, b, c; /* a and b: floats or S8 and U8; c: F16, F32, BF16 or I32 */
};
#define IR_MATRIX_MAX 512 /* rows or columns */

enum ir_mem_flags {
    IR_MEM_VOLATILE = 1,
    IR_MEM_COHERENT = 2, /* may not be kept in a register across a memory barrier of this memory */
    IR_MEM_READONLY = 4, /* nobody writes this memory during the dispatch (uniform, push, NonWritable) */
    IR_MEM_ROBUST = 8,   /* out of bounds: loads give 0, stores vanish, exactly */
    IR_MEM_IMAGE = 16,   /* an image's texels: rows that workgroups cross */
    IR_MEM_FLUSH = 32,   /* FADD, FMIN and FMAX ATOMICs: a denormal result is stored as zero */
};

/* What a LOAD, STORE or ATOMIC needs besides its arguments. */
struct ir_mem {
    uint8_t space;     /* enum ir_space */
    uint8_t flags;     /* enum ir_mem_flags */
    uint8_t comps;     /* values moved, 1..16 */
    uint8_t atomic;    /* enum ir_atomic */
    uint32_t align_B;  /* known alignment of the address */
    uint32_t stride_B; /* between components; the element size where they are packed */
    uint32_t const_B;  /* constant added to the offset (modulo 2^32) or address (zero-extended) */
    uint32_t alias;    /* accesses with different nonzero alias never overlap */
};

/* What is known about a value's lanes; set by shape.c. */
enum ir_shape_kind {
    IR_SHAPE_VARYING, /* nothing */
    IR_SHAPE_OFFSETS, /* lane i = base + offset[i], modulo 2^bits; base is uniform; integers only */
    IR_SHAPE_UNIFORM, /* all active lanes hold the same */
};
enum ir_scope {
    IR_SCOPE_SUBGROUP,  /* the base may differ between subgroups */
    IR_SCOPE_WORKGROUP, /* the base is the same in the whole workgroup, at every execution between
                           two barriers */
};
/* Strips of fewer lanes are accessed lane by lane. */
#define IR_STRIP_MIN 4u

struct ir_shape {
    uint8_t kind;           /* enum ir_shape_kind */
    uint8_t scope;          /* enum ir_scope, of the base; unused for VARYING */
    uint8_t align_log2;     /* UNIFORM and OFFSETS integers: the base is a multiple of 2^this */
    bool known;             /* UNIFORM and OFFSETS: the base is the constant in `base` */
    bool partial;           /* lo..hi holds because of a condition around: inactive lanes, and so
                               the base of OFFSETS, may lie outside */
    uint8_t strip;          /* VARYING integers: not 0: in each strip of so many lanes, active or not, lane
                               i = the strip's first lane + offset[i] */
    const int64_t *offsets; /* OFFSETS, strips: module->width of them; a first lane's is 0 */
    uint64_t base;
    uint64_t lo, hi;        /* I8..I64: every active lane's value, read unsigned, lies in lo..hi */
};

struct ir_inst {
    uint16_t op;   /* enum ir_op */
    uint8_t type;  /* enum ir_type, of the result or of each component */
    uint8_t flags; /* IR_INST_* */
    uint32_t id;   /* unique; dense after ir_number() */
    uint32_t line; /* of the shader's source, 0 if unknown */
    uint32_t arg_count;
    struct ir_inst **args;
    union {
        uint64_t imm;                 /* CONST: the bits, zero-extended; others: see ir_ops.def */
        struct ir_mem mem;            /* LOAD, STORE, ATOMIC* */
        struct ir_local *local;       /* LOCAL_LOAD, LOCAL_STORE */
        struct ir_region *regions[2]; /* IF, LOOP (one) */
    };
    struct ir_inst *prev, *next;
    struct ir_region *parent;
    struct ir_inst *replaced_by; /* set while building; ir_resolve() follows it */

    /* Analyses. */
    struct ir_shape shape;
    uint32_t use_count; /* after ir_count_uses() */
    uint32_t pass_data; /* free for a pass's own use */
    void *pass_ptr;     /* likewise */
};

enum ir_inst_flags {
    IR_INST_NO_CONTRACT = 1, /* NoContraction: may not become part of a fused multiply-add */
    IR_INST_BARRIER = 2,     /* a control instruction that the workgroup goes through together: there is a
                                barrier somewhere inside, or lift.c says so */
    IR_INST_NONUNIFORM = 4,
    IR_INST_SIGNED_ZERO = 8, /* zeros keep their order: -0 below +0 in minima and maxima */
    IR_INST_NO_REASSOC = 16, /* without AllowReassoc: what its operands overflow to counts */
    IR_INST_NORMALIZED = 32, /* an integer of an image divided by its largest one: the last bit is free */
};

struct ir_region {
    struct ir_inst *first, *last;
    struct ir_inst *owner; /* the IF or LOOP; NULL for the module's body */
    struct ir_inst **yields;
    uint32_t yield_count;
};

/* An array private to each invocation. */
struct ir_local {
    struct ir_local *next;
    uint32_t id;
    uint8_t type; /* enum ir_type, of an element */
    uint32_t length;
    const uint64_t *init; /* constant initial values (length of them), or NULL */
    bool constant;        /* never stored to: init is a lookup table */
};

struct ir_module {
    struct arena *arena;
    struct ir_region *body;
    struct ir_local *locals;
    uint32_t next_id;

    /* Facts from the request and the shader. */
    uint32_t local_size[3];
    uint32_t shared_B;
    uint32_t subgroup_size;
    uint32_t width; /* lanes; chosen by choose_width */
    bool flat;               /* workgroups along x share vectors: see flat.c */
    bool may_rows, rows;     /* workgroups along x may or do run row by row: see flat.c */
    bool rotated;            /* ir_rotate has run */
    bool shape_found;        /* the shape analysis made constants that simplify other values */
    bool shaped;             /* every instruction's shape is set */
    bool refining;           /* and the width is final: what is uniform will stay so */
    bool uses_subgroup;      /* the shader can see the subgroup: width must equal subgroup_size
                                (or be 1, then subgroup_size is 1) */
    bool uses_quads;         /* lanes 4n .. 4n + 3 see each other: never fewer than four */
    bool uses_global;        /* has GLOBAL accesses */
    bool zero_shared;
    const struct weft_request *request;
    struct weft_compiler *compiler; /* or NULL */
    const struct weft_binding *bindings; /* request's, in native order */
    uint32_t binding_count;

    /* The first error. Builders go on after it; the pass list stops at the end of the pass. */
    int error; /* 0 or -errno as weft_compile returns it */
    char message[256];
};

/* ---- Building (ir.c) ---- */

/* An empty module whose body exists; local size 1x1x1. */
struct ir_module *ir_module_create(struct arena *arena);

/* Makes an instruction at the end of the region. Arguments are copied. */
struct ir_inst *ir_append(struct ir_module *m, struct ir_region *r, enum ir_op op, enum ir_type type,
                          uint32_t arg_count, struct ir_inst *const *args);
/* The same, before another instruction. */
struct ir_inst *ir_insert_before(struct ir_module *m, struct ir_inst *at, enum ir_op op,
                                 enum ir_type type, uint32_t arg_count,
                                 struct ir_inst *const *args);
struct ir_region *ir_region_create(struct ir_module *m, struct ir_inst *owner);
void ir_remove(struct ir_inst *inst); /* unlinks it; uses are the caller's affair */
void ir_move_before(struct ir_inst *inst, struct ir_inst *at);
struct ir_inst *ir_resolve(struct ir_inst *inst); /* what it was replaced by, or itself */
void ir_resolve_all(struct ir_module *m);         /* applies ir_resolve to every argument and yield */

/* Records the first error; printf-like. */
__attribute__((format(printf, 3, 4))) void ir_error(struct ir_module *m, int error,
                                                    const char *format, ...);

unsigned ir_type_bits(enum ir_type type); /* BOOL is 1 */
unsigned ir_type_B(enum ir_type type);    /* bytes in memory; BOOL is 4 */
bool ir_type_is_int(enum ir_type type);   /* I8..I64 */
bool ir_type_is_float(enum ir_type type);
const char *ir_type_name(enum ir_type type);

/* How many values an instruction gives; those with several are named by COMP only. */
unsigned ir_comps(const struct ir_inst *inst);

/* An F2S's imm where the number is known to fit: no lane that counts needs more than a conversion. */
#define IR_F2S_FITS 1u

/* An SG_ALL's imm that may say no where lanes' integers wrap around. */
#define IR_ALL_ROUGHLY 1u

/* A MATRIX_MUL's imm. Also holds how many leaves the result has in subgroups of that size. */
uint64_t ir_matrix_pack(const struct ir_matrix *matrix, uint32_t subgroup_size);
struct ir_matrix ir_matrix_of(const struct ir_inst *inst);
static inline uint32_t ir_matrix_leaves(uint32_t rows, uint32_t columns, uint32_t subgroup_size)
{
    return (rows * columns + subgroup_size - 1) / subgroup_size;
}

/* How many leading arguments of a memory instruction form its address (by mem.space). */
unsigned ir_address_args(const struct ir_inst *inst);

/* The next instruction in walk order (outer before inner, in order), NULL after the last. */
struct ir_inst *ir_next(struct ir_inst *inst);
/* How many regions an instruction holds: IF 2, LOOP 1, others 0. */
unsigned ir_region_count(const struct ir_inst *inst);
/* Calls visit on every instruction, outer before inner, in order. */
void ir_walk(struct ir_region *r, void (*visit)(struct ir_inst *inst, void *data), void *data);
void ir_number(struct ir_module *m);     /* ids 0.. in walk order; returns with next_id = count */
void ir_count_uses(struct ir_module *m); /* use_count, yields counted */

/* ---- Passes: each says what it requires, keeps and breaks (see compile.c for the order) ---- */

/* An ORDER's imm: the orders of a piece's subgroups that do. */
enum ir_order { IR_ORDER_ASCENDING = 1, IR_ORDER_DESCENDING = 2 };

/* How deep regions may nest (so passes may recurse over them), and how many invocations a workgroup
 * may have. The verifier refuses more. */
#define IR_MAX_DEPTH 1000
#define IR_MAX_INVOCATIONS 1024

/* Checks structure and types of the whole module; an error is a message, never undefined behaviour
 * later. What passes here can be turned into LLVM IR. */
void ir_verify(struct ir_module *m);
void ir_simplify(struct ir_module *m); /* folding, common subexpressions, copies, dead code */
void ir_readonly(struct ir_module *m); /* marks loads of memory that nothing in the module writes */
void ir_formats(struct ir_module *m);  /* versions for an image's format; requires and keeps simplified */
void ir_rotate(struct ir_module *m);   /* tests of loops move to the bottom; requires simplified */
void ir_opposites(struct ir_module *m); /* one comparison instead of it and its opposite */
void ir_unroll(struct ir_module *m);   /* inner loops of filters; requires and keeps simplified */
void ir_hoist(struct ir_module *m);    /* loop-invariant values leave their loops */
void ir_shape(struct ir_module *m);    /* fills shape; requires width, ids dense */
/* Counters of loops that lanes leave at different times get shapes; requires and keeps shape. */
void ir_counters(struct ir_module *m);
/* Code for where coordinates need no clamping; requires and keeps shape. */
void ir_clamps(struct ir_module *m);
void ir_neighbours(struct ir_module *m); /* joins accesses to neighbouring elements; keeps shape */
/* Simplifies with what the shapes tell, then finds the shapes again; requires shape. */
void ir_refine(struct ir_module *m);
void ir_regions(struct ir_module *m);  /* sets IR_INST_BARRIER */
/* Barriers become ORDERs where an order of the subgroups does instead; requires and keeps shape. */
void ir_fuse(struct ir_module *m);
void ir_lift(struct ir_module *m); /* sets it where going together reads better; requires shape */
void ir_choose_width(struct ir_module *m);
void ir_columns(struct ir_module *m); /* the order of invocations that access columns; requires width */
/* Makes the module flat if it may be and that fills vectors of that width better: part of
 * choose_width; keeps verified. */
bool ir_flatten(struct ir_module *m, uint32_t width);
/* Whether workgroups may run row by row; before passes of ours add votes. */
bool ir_may_rows(struct ir_module *m);
/* Whether they should, with vectors of m->width lanes. */
bool ir_by_rows(const struct ir_module *m);
void ir_split(struct ir_module *m);    /* loops that carry too many vectors; keeps shape */
void ir_widen(struct ir_module *m);    /* doubles the width where registers allow; keeps shape */

void ir_print(const struct ir_module *m, FILE *to); /* with shapes where they are known */
/* Gathers, scatters, divergent control flow and atomics by source line, with the reason; after shape. */
void ir_report(const struct ir_module *m, FILE *to);

#endif
