/* SPDX-License-Identifier: MIT
 *
 * What the reader makes of a SPIR-V module: a table of ids, with types, constants, variables,
 * functions and blocks behind them. Everything lives in the compilation's arena.
 */
#ifndef SPV_MODULE_H
#define SPV_MODULE_H

#include <setjmp.h>
#include <spirv/unified1/spirv.h>

#include "arena.h"
#include "ir.h"

struct spv_builder;
struct spv_value;

/* Limits; beyond them a module is refused. */
#define SPV_MAX_BOUND (4u << 20)       /* ids; the specification's own limit (2.17) */
#define SPV_MAX_FAST_MATH 3 /* float types with an FPFastMathDefault */
#define SPV_MAX_TYPE_DEPTH 255         /* nesting of structures and arrays (2.17) */
#define SPV_MAX_VECTOR 1024u           /* components, maxVectorComponents */
#define SPV_MAX_LEAVES 65536u          /* scalars of one value */
#define SPV_MAX_SLOTS 4096u            /* scalars of a variable that is kept as values */
#define SPV_MAX_LOCAL_ELEMENTS (1u << 18) /* of one array in an invocation's own memory */

struct spv_decoration {
    struct spv_decoration *next;
    uint32_t decoration; /* SpvDecoration */
    uint32_t member;     /* SPV_NO_MEMBER for the id itself */
    uint32_t count;      /* words behind the decoration */
    const uint32_t *words;
};
#define SPV_NO_MEMBER UINT32_MAX

enum spv_type_kind {
    SPV_TYPE_VOID,
    SPV_TYPE_BOOL,
    SPV_TYPE_INT,
    SPV_TYPE_FLOAT,
    SPV_TYPE_VECTOR,
    SPV_TYPE_MATRIX, /* element is the column */
    SPV_TYPE_ARRAY,
    SPV_TYPE_RUNTIME_ARRAY,
    SPV_TYPE_STRUCT,
    SPV_TYPE_POINTER,
    SPV_TYPE_FUNCTION,
    SPV_TYPE_IMAGE,         /* element is the sampled type; values are handles of descriptors */
    SPV_TYPE_SAMPLER,
    SPV_TYPE_SAMPLED_IMAGE, /* element is the image; two handles */
    SPV_TYPE_OPAQUE, /* others: exist, cannot be used */
};

/* A structure's member. Offsets of memory without explicit layout are natural: each scalar is
 * aligned to its size and nothing else is padded. */
struct spv_member {
    struct spv_type *type;
    uint32_t leaf_first, path_first;
    uint64_t natural_B;
    uint32_t offset_B;      /* Offset decoration */
    uint32_t matrix_stride; /* 0 without one */
    bool has_offset, row_major;
    uint8_t access; /* enum spv_access */
};

/* How a float is made up; those that are not IEEE's are integers in the IR (spv_narrow.c). */
enum spv_encoding {
    SPV_ENCODING_IEEE,
    SPV_ENCODING_BFLOAT16,
    SPV_ENCODING_E4M3,
    SPV_ENCODING_E5M2,
};

/* Names that SPIR-V's headers have since their versions of 2025. */
#define SPV_FP_ENCODING_BFLOAT16 0u
#define SPV_FP_ENCODING_E4M3 4214u
#define SPV_FP_ENCODING_E5M2 4215u
#define SPV_CAPABILITY_BFLOAT16_TYPE 5116u
#define SPV_CAPABILITY_BFLOAT16_DOT_PRODUCT 5117u
#define SPV_CAPABILITY_BFLOAT16_COOPERATIVE_MATRIX 5118u
#define SPV_CAPABILITY_FLOAT8 4212u
#define SPV_CAPABILITY_FLOAT8_COOPERATIVE_MATRIX 4213u
#define SPV_DECORATION_SATURATED_FLOAT8 4216u

#define SPV_CAPABILITY_LONG_VECTOR 5425u
#define SPV_CAPABILITY_64_BIT_INDEXING 5426u
#define SPV_EXECUTION_MODE_64_BIT_INDEXING 5427u
#define SPV_OP_TYPE_VECTOR_ID 5288u
#define SPV_OP_FMA 4427u
#define SPV_CAPABILITY_FMA 6030u

enum spv_access {
    SPV_ACCESS_NON_WRITABLE = 1,
    SPV_ACCESS_COHERENT = 2,
    SPV_ACCESS_VOLATILE = 4,
    SPV_ACCESS_ALIASED = 8,
    SPV_ACCESS_RESTRICT = 16,
};

#define SPV_TENSOR_DIMS 5
struct spv_tensor_type {
    uint32_t dims;
    bool view;
    uint32_t clamp; /* layout: SpvTensorClampMode */
    bool has_dimensions; /* view: of its own */
    uint32_t permutation[SPV_TENSOR_DIMS]; /* view */
};

struct spv_type {
    uint8_t kind;   /* enum spv_type_kind */
    uint8_t encoding; /* enum spv_encoding, of FLOATs and what is made of them */
    uint8_t scalar; /* enum ir_type of BOOL, INT, FLOAT and of VECTOR's and MATRIX's elements */
    uint8_t depth;
    bool is_signed;
    bool buffer_block;
    bool wide;      /* POINTER: of two leaves, the offset has 64 bits */
    bool untyped;   /* POINTER: has no pointee, who uses it says the type (SPV_KHR_untyped_pointers) */
    bool defined;   /* a pointer declared by OpTypeForwardPointer may not be yet */
    bool reading;   /* its definition is being read: nothing may use it yet */
    bool explicit_layout; /* STRUCT: every member has an Offset */
    bool has_pointer; /* a pointer somewhere among the leaves */
    bool has_handle;  /* an image or a sampler somewhere: no variable of the shader holds such */
    uint32_t id;
    uint32_t count;           /* components, columns, elements, members, parameters */
    struct spv_type *element; /* component, column, element, pointee, function's result */
    struct spv_member *members; /* STRUCT; FUNCTION's parameters use type only */
    uint32_t storage;         /* POINTER: SpvStorageClass */
    bool cooperative;         /* ARRAY: an invocation's part of a cooperative matrix (spv_cooperative.h) */
    uint32_t rows, columns, use;
    uint32_t pieces, piece_rows; /* how many subgroups hold the matrix, and what each has of it */
    const struct spv_tensor_type *tensor; /* ARRAY: a tensor layout or view (spv_tensor.c) */
    uint32_t array_stride;    /* ArrayStride, of arrays and pointers */
    struct spv_image_type {   /* IMAGE */
        uint32_t dim, format; /* SpvDim, SpvImageFormat */
        bool arrayed, multisample, storage;
    } image;

    /* A value of the type is leaf_count scalars. A variable in memory form is path_count arrays of
     * scalars: arrays count their element once. Both saturate. */
    uint32_t leaf_count, path_count;
    uint64_t natural_B;       /* size without explicit layout */
    uint32_t natural_align_B;
};

/* A module-scope or function-scope OpVariable. */
struct spv_variable {
    uint32_t id, storage;
    struct spv_type *type; /* pointee */
    uint32_t init_id;      /* 0 is none */

    /* Function and Private. */
    bool *memory;        /* by path: indexed dynamically, so it lives in memory */
    bool has_memory;
    bool constant_table; /* written once, as a whole, with a constant, before every read */
    uint32_t constant_id; /* that constant, or the initialiser, or 0 */
    struct ir_local **locals; /* by path, of the present building */
    uint32_t instance;        /* first slot, while its function is being walked */
    uint32_t slots;           /* so many; none where all is memory or a table */
    bool instantiated;
    uint32_t written_stamp;

    /* What the scan of the functions found. */
    uint32_t store_count;  /* OpStores of the whole variable */
    uint32_t stored_id;    /* the last value so stored */
    bool other_writes;
    bool indexed; /* by something else than constants */

    /* Buffers and workgroup memory. */
    uint32_t set, binding;
    bool has_set, has_binding;
    uint32_t binding_index; /* in ir_module.bindings; UINT32_MAX before the first use */
    uint32_t offset_B;      /* Workgroup */
    uint32_t alias;
    uint8_t access;  /* enum spv_access */
    uint32_t builtin; /* Input: SpvBuiltIn, or UINT32_MAX */
};

struct spv_block {
    uint32_t id;
    struct spv_function *function;
    /* Offsets: OpLabel, what follows it, what follows the phis, the merge instruction or 0, and the
     * terminator. */
    uint32_t word, start, body, merge_word, terminator;
    uint32_t merge_id, continue_id, loop_control;
    bool is_loop;
    bool reachable;
    bool back_edge;    /* some block behind it branches here */
    bool no_unroll;    /* unrolling was tried and failed */
    bool array_loop;   /* would keep an array out of memory, were it unrolled */
    bool on_path;      /* being walked */
    uint32_t pred_count; /* edges from reachable blocks */
    uint32_t phi_slot;   /* of the first phi, relative to the function's */
    uint32_t phi_leaves;
    uint32_t stamp;
    struct spv_block *next;
};

struct spv_function {
    uint32_t id, word, end_word;
    struct spv_type *type, *result;
    uint32_t param_count;
    uint32_t *params; /* ids */
    struct spv_block *first_block, *last_block;
    uint32_t phi_leaves;
    uint32_t variable_count;
    struct spv_variable **variables;
    uint8_t intrinsic; /* of the library: see spv_library.c */
    bool scanned;
    struct spv_function *next_scan;
};

enum spv_kind {
    SPV_UNDEFINED,
    SPV_TYPE,
    SPV_CONSTANT, /* value is set */
    SPV_VARIABLE,
    SPV_FUNCTION,
    SPV_BLOCK,
    SPV_STRING,
    SPV_EXT_SET,
    SPV_GROUP,
    SPV_RESULT, /* of an instruction in a function; value while building */
};

enum spv_ext_set { SPV_EXT_GLSL450, SPV_EXT_TRINARY, SPV_EXT_DEBUG_INFO, SPV_EXT_NONSEMANTIC };

struct spv_id {
    uint8_t kind; /* enum spv_kind */
    bool spec;    /* a specialisation constant */
    uint16_t op;  /* of the defining instruction */
    uint32_t word; /* its offset */
    uint32_t root; /* id of the variable or parameter that a Function or Private pointer is into */
    const char *name;
    struct spv_decoration *decorations;
    union {
        struct spv_type *type;
        struct spv_variable *variable;
        struct spv_function *function;
        struct spv_block *block;
        uint32_t ext_set; /* enum spv_ext_set */
    };
    struct spv_value *value;
};

/* Which invocations are a quad (SPV_KHR_compute_shader_derivatives): 2 x 2 of the workgroup, or four in a
 * row of their indices. Either way their lanes follow each other. */
enum spv_derivatives { SPV_DERIVATIVES_NONE, SPV_DERIVATIVES_QUADS, SPV_DERIVATIVES_LINEAR };

/* Execution modes of a float width (SPV_KHR_float_controls). To round to nearest even and to keep signed zeros,
 * infinities and NaNs is what happens without one; to preserve denormals too, but in exponentials and
 * logarithms. */
enum spv_float_mode {
    SPV_FLOAT_FLUSH = 1,        /* DenormFlushToZero */
    SPV_FLOAT_TOWARDS_ZERO = 2, /* RoundingModeRTZ */
    SPV_FLOAT_PRESERVE = 4,     /* DenormPreserve */
};

struct spv_module {
    const uint32_t *words; /* in this machine's byte order */
    uint32_t count;
    uint32_t bound;
    struct spv_id *ids;
    uint32_t addressing, memory_model;
    uint32_t entry_id;
    uint32_t local_size[3];
    uint32_t local_size_ids[3];
    uint32_t workgroup_size_id;
    bool has_local_size, has_local_size_ids;
    /* FPFastMathDefault's pairs of a type and a mask, ids both (SPV_KHR_float_controls2). */
    uint32_t fast_math_ids[SPV_MAX_FAST_MATH][2];
    uint32_t fast_math_count;
    uint8_t float_flags[IR_F64 + 1]; /* what they mean, IR_INST_* by enum ir_type */
    uint8_t float_modes[IR_F64 + 1]; /* enum spv_float_mode, by enum ir_type */
    bool library;
    bool explicit_workgroup; /* workgroup memory is blocks, which have explicit layout */
    bool zero_aliased;       /* one of those that overlap is to be zero at first */
    uint8_t derivatives;     /* enum spv_derivatives */
    uint32_t *variables; /* ids of module-scope variables */
    uint32_t variable_count, variable_capacity;
};

/* ---- Opcodes (spv_opcode.c) ---- */

const char *spv_op_name(uint32_t op);
/* The IR_INST_* flags of an instruction with floats: from its decorations, or else its type's
 * default. */
uint8_t spv_float_flags(struct spv_builder *b, uint32_t type_id, uint32_t result_id);
uint8_t spv_fast_math_flags(uint32_t mask); /* of an FPFastMathMode */
void spv_op_result(uint32_t op, bool *has_result_out, bool *has_type_out);
/* Fewest words of an instruction; 1 for opcodes that are not in spv_ops.def. */
uint32_t spv_op_min_words(const struct spv_builder *b, uint32_t op);

/* ---- Reading (spv_reader.c); errors leave through spv_fail ---- */

/* Reads a module: everything but the functions' instructions is checked and understood. entry is
 * the name of a compute entry point, or NULL for a library, whose functions are found by name. */
struct spv_module *spv_read(struct spv_builder *b, const uint32_t *words, size_t count,
                            const char *entry);
/* Looks at a function and all that it calls, once: reachable blocks, predecessors, phis, variables
 * and what is written to them (spv_scan.c). Then decides which variables are constant tables. */
void spv_scan(struct spv_builder *b, struct spv_function *function);
/* -ENOTSUP for capabilities and extensions that Weft does not have (spv_capability.c). */
void spv_check_capability(struct spv_builder *b, uint32_t capability);
void spv_check_extension(struct spv_builder *b, const char *name);

const struct spv_decoration *spv_decoration(const struct spv_module *mod, uint32_t id,
                                            uint32_t member, uint32_t decoration);

/* ---- Types (spv_types.c) ---- */

/* Handles OpType*: fills in the id. */
void spv_read_type(struct spv_builder *b, const uint32_t *w, uint32_t wc);
/* Sets count, rows, columns, use and pieces. */
void spv_read_cooperative(struct spv_builder *b, struct spv_type *type, const uint32_t *w);
void spv_read_tensor(struct spv_builder *b, struct spv_type *type, const uint32_t *w, uint32_t wc);
/* Finds the workgroup's size from what has been read. */
void spv_set_local_size(struct spv_builder *b);
enum ir_type spv_leaf_type(const struct spv_type *type, uint32_t leaf);
/* The type of part k of a composite; first leaf and path of it are added to the outputs. */
struct spv_type *spv_part(const struct spv_type *type, uint32_t k, uint32_t *leaf, uint32_t *path);
uint32_t spv_part_count(const struct spv_type *type); /* 0 for scalars and pointers */
uint32_t spv_pointer_leaves(uint32_t storage);
/* Bytes that a type with explicit layout takes, rounded up generously for matrices. */
uint64_t spv_explicit_size_B(const struct spv_type *type);
bool spv_is_composite(const struct spv_type *type);
static inline bool spv_is_scalar(const struct spv_type *type)
{
    return type->kind == SPV_TYPE_BOOL || type->kind == SPV_TYPE_INT ||
           type->kind == SPV_TYPE_FLOAT;
}
static inline bool
spv_is_numeric(const struct spv_type *type) /* what arithmetic works on, leaf by leaf */
{
    return spv_is_scalar(type) || type->kind == SPV_TYPE_VECTOR || type->cooperative;
}

/* ---- Constants (spv_const.c) ---- */

/* Handles OpConstant*, OpSpecConstant*, OpUndef at module scope: fills in the id's value. */
void spv_read_constant(struct spv_builder *b, const uint32_t *w, uint32_t wc);

#endif
