/* SPDX-License-Identifier: MIT
 *
 * DOC: The compiler's seam
 *
 * A compile request (bytes) goes in, a kernel image (bytes, see kernel.h) or a message comes out.
 * No pointer and no callback crosses, so the compiler can live in this process, in a library that is
 * loaded when it is first needed, or in a process of its own.
 *
 *     +------------------------------+ 0
 *     | struct weft_request          |
 *     | struct weft_binding[]        | binding_offset_B
 *     | struct weft_spec_entry[]     | spec_entry_offset_B
 *     | specialisation data          | spec_data_offset_B
 *     | entry point's name, NUL      | entry_offset_B
 *     | SPIR-V words                 | spirv_offset_B (4-byte aligned)
 *     +------------------------------+ request_B
 *
 * Every byte of a request that the result depends on is in the request: it is the cache key.
 */
#ifndef WEFT_COMPILE_H
#define WEFT_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#define WEFT_REQUEST_MAGIC 0x51525357u /* "WSRQ" */
#define WEFT_REQUEST_VERSION 3u

/* How a descriptor is found. */
enum weft_binding_kind {
    WEFT_BINDING_BUFFER = 1, /* weft_buffer_desc in the set's memory */
    WEFT_BINDING_DYNAMIC,    /* weft_buffer_desc number dynamic_index + element of args.dynamic */
    WEFT_BINDING_INLINE,     /* the data itself lies in the set's memory; count is its size in bytes */
    WEFT_BINDING_IMAGE,      /* weft_image_desc: sampled, storage, input attachment, texel buffers */
    WEFT_BINDING_SAMPLER,    /* weft_sampler_desc */
    WEFT_BINDING_COMBINED,   /* weft_image_desc, then weft_sampler_desc (image.h) */
    WEFT_BINDING_MUTABLE,    /* any of these but DYNAMIC and INLINE, as the shader declares it */
    WEFT_BINDING_KIND_END,
};

struct weft_binding {
    uint32_t set, binding;
    uint32_t kind;          /* enum weft_binding_kind */
    uint32_t count;         /* descriptors in the array (bytes for INLINE) */
    uint32_t offset_B;      /* in the set's memory */
    uint32_t stride_B;      /* between array elements */
    uint32_t dynamic_index; /* for DYNAMIC: first index in args.dynamic */
};

/* One row of VkSpecializationMapEntry, its data taken from the request's specialisation data. */
struct weft_spec_entry {
    uint32_t id, offset_B, size_B;
};

/* Instruction sets that code is made for, worst first. NATIVE is resolved by weft_isa_native(). */
enum weft_isa {
    WEFT_ISA_NATIVE = 0,
    WEFT_ISA_SSE,    /* x86-64-v2 */
    WEFT_ISA_AVX2,   /* x86-64-v3 */
    WEFT_ISA_AVX512, /* x86-64-v4 */
};

/* What processors of a level may have beyond it, as bits. */
#define WEFT_FEATURE_VNNI 1u  /* products of bytes, added by fours: AVX-VNNI at AVX2, AVX512_VNNI at AVX-512 */
#define WEFT_FEATURE_BYTES 2u /* AVX-512 with VBMI, VBMI2, BITALG and VPOPCNTDQ: any order of bytes, bits counted */
#define WEFT_FEATURE_END 4u

#define WEFT_REQUEST_ROBUST_STORAGE 1u /* storage buffers: out-of-bounds reads give 0, writes vanish */
#define WEFT_REQUEST_ROBUST_UNIFORM 2u /* the same for uniform buffers */
#define WEFT_REQUEST_FULL_SUBGROUPS 4u
#define WEFT_REQUEST_VERIFY 8u         /* run every verifier, LLVM's too */
#define WEFT_REQUEST_ZERO_SHARED 16u   /* workgroup memory starts as zeros */
#define WEFT_REQUEST_WIDE_BUFFERS 64u  /* storage buffers may be larger than 4 GiB */
#define WEFT_REQUEST_LIBRARY 128u      /* the shader is part of the built-in library: it has its functions without
                                          bodies (shaders/image.glsl) */
#define WEFT_REQUEST_FAST 32u          /* compile soon rather than well; the results are the same */

/* What to put into the listing (weft cc, WEFT_DEBUG). Does not change the image. */
#define WEFT_LIST_IR 1u     /* our IR after the pass named by dump_pass, or after the last one */
#define WEFT_LIST_LLVM 2u   /* vector LLVM IR before LLVM's passes */
#define WEFT_LIST_LLVM_OPT 4u
#define WEFT_LIST_ASM 8u
#define WEFT_LIST_REPORT 16u /* remaining gathers, divergent branches, by source line */

struct weft_request {
    uint32_t magic, version;
    uint64_t request_B;
    uint32_t binding_offset_B, binding_count;
    uint32_t spec_entry_offset_B, spec_entry_count;
    uint32_t spec_data_offset_B, spec_data_B;
    uint32_t entry_offset_B;
    uint32_t spirv_offset_B, spirv_words;
    uint32_t isa;           /* enum weft_isa, never NATIVE */
    uint32_t features;      /* WEFT_FEATURE_*; those that the isa's level has no use for are ignored */
    uint32_t width;         /* lanes of a vector; 0 lets the compiler choose. 1 is the reference, whose
                               subgroups have one lane, too, where no size is asked for. */
    uint32_t subgroup_size; /* as the shader sees it; 0 is the default */
    uint32_t flags;         /* WEFT_REQUEST_* */
    uint32_t list;          /* WEFT_LIST_* */
    char dump_pass[20];     /* name of the pass to print after, for WEFT_LIST_IR */
};

struct weft_compile_result {
    void *image; /* NULL on error; free() */
    size_t image_B;
    char *message; /* on error: what is wrong and where, one line; else NULL; free() */
    char *listing; /* what request.list asked for, or NULL; free() */
};

/* What several compilations may share: later ones take less time. NULL without memory. Nothing may compile with
 * it any more when it is destroyed; NULL is allowed. */
struct weft_compiler;
struct weft_compiler *weft_compiler_create(void);
void weft_compiler_destroy(struct weft_compiler *compiler);

/* Compiles a request. Returns 0, or
 * -EINVAL  the SPIR-V is malformed, or the request is,
 * -ENOTSUP the SPIR-V asks for what Weft does not support,
 * -ENOMEM  out of memory,
 * with result_out->message set. Never aborts, whatever the bytes. Thread-safe; calls share nothing but the
 * compiler (or NULL), and that exit() waits for those that run, and later ones fail (-ENOMEM).
 * The result's memory belongs to the caller in either case (weft_compile_result_finish). */
int weft_compile(struct weft_compiler *compiler, const void *request, size_t request_B,
                 struct weft_compile_result *result_out);
typedef int weft_compile_fn(struct weft_compiler *compiler, const void *request, size_t request_B,
                            struct weft_compile_result *result_out);

/* Frees what a result holds. */
void weft_compile_result_finish(struct weft_compile_result *result);

#endif
