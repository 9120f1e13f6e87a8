/* SPDX-License-Identifier: MIT
 *
 * What the memory files share.
 */
#ifndef CG_MEMORY_H
#define CG_MEMORY_H

#include "cg_private.h"

/* A range of host memory. */
struct cg_span {
    LLVMValueRef base; /* ptr */
    LLVMValueRef size; /* i64, bytes; NULL: accesses are not checked (GLOBAL) */
    bool entry;        /* both are known at the kernel's entry */
};

/* cg_buffer.c: BUFFER and BUFFER_SIZE; what a uniform handle names; what each lane's handle names
 * (<W x i64> addresses and sizes). */
void cg_buffer_handle(struct cg *cg, struct ir_inst *inst);
void cg_buffer_size(struct cg *cg, struct ir_inst *inst);
void cg_descriptor_word(struct cg *cg, struct ir_inst *inst); /* DESC, DESC_AT */
struct cg_span cg_buffer_span(struct cg *cg, struct ir_inst *handle);
/* The same for a handle that is known when the kernel starts, of values that are good anywhere; false for others. */
bool cg_entry_span(struct cg *cg, const struct ir_inst *handle, struct cg_span *span_out);
void cg_buffer_spans(struct cg *cg, struct ir_inst *handle, LLVMValueRef *base_out,
                     LLVMValueRef *size_out);

/* An access whose lanes' addresses are base + a compile-time pattern; or in strips, each with a base of its own
 * and the same pattern. */
struct cg_pattern {
    unsigned strip;      /* lanes of one; the width where all have one base */
    int64_t lane_B[256]; /* each lane's offset from its strip's lowest lane's first byte */
    int64_t low_B;       /* of the lowest lane, from the strip's first */
    uint64_t span_B;     /* of a strip, from the first byte to the end of the last */
    bool exact;          /* every byte of the span is some lane's: stores may write it whole */
    bool window;         /* loads may read the whole span as vectors */
};
/* False: the strips' patterns differ. */
bool cg_pattern_make(struct cg *cg, const struct ir_shape *shape, unsigned bits,
                     const struct ir_mem *mem, unsigned size_B, struct cg_pattern *pattern_out);

/* cg_pattern.c: moves all lanes; at[]: each strip's lowest lane's address; everything is in bounds. `stream`:
 * see cg_stream, or NULL. */
void cg_pattern_load(struct cg *cg, const struct cg_pattern *pattern, const LLVMValueRef *at,
                     const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out);
void cg_pattern_store(struct cg *cg, const struct cg_pattern *pattern, const LLVMValueRef *at,
                      const struct ir_mem *mem, enum ir_type type, LLVMValueRef const *comps,
                      LLVMValueRef stream);

/* cg_rows.c: the same where a lane's elements are side by side. False: they are not. */
bool cg_rows_load(struct cg *cg, const struct cg_pattern *pattern, const LLVMValueRef *at,
                  const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out);
bool cg_rows_store(struct cg *cg, const struct cg_pattern *pattern, const LLVMValueRef *at,
                   const struct ir_mem *mem, enum ir_type type, LLVMValueRef const *comps);

/* cg_stream.c: i1, known when the kernel starts: should this STORE to a buffer, by all lanes, bypass the
 * caches? NULL: never. And the store. */
LLVMValueRef cg_stream(struct cg *cg, const struct ir_inst *inst, const struct cg_pattern *pattern);
void cg_stream_store(struct cg *cg, LLVMValueRef stream, LLVMValueRef value, LLVMValueRef at,
                     const struct ir_mem *mem, enum ir_type type, unsigned align_B);

/* cg_gather.c: every lane at an address of its own. `valid` (NULL: all) lanes are accessed. */
void cg_gather(struct cg *cg, LLVMValueRef addresses, LLVMValueRef valid, const struct ir_mem *mem,
               enum ir_type type, LLVMValueRef *comps_out);
/* The same at base + a 32-bit offset. Lanes that are not valid read the first bytes at base, which must be
 * readable, and give 0. */
void cg_gather_offsets(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets, LLVMValueRef valid,
                       const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out);
/* One 32-bit element a lane at base + a 32-bit offset, by the machine's gather instruction; lanes that
 * are not valid read 0. */
LLVMValueRef cg_gather32(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets, LLVMValueRef valid,
                         const struct ir_mem *mem, enum ir_type type);
/* All lanes, at offsets (<W x i32>) from one base. */
void cg_scatter_offsets(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets, const struct ir_mem *mem,
                        enum ir_type type, LLVMValueRef const *comps);
void cg_scatter(struct cg *cg, LLVMValueRef addresses, LLVMValueRef valid, const struct ir_mem *mem,
                enum ir_type type, LLVMValueRef const *comps);

/* cg_fast.c. Elements of 32 bits at offsets (<W x i32>) into a buffer. A lane, or (not `whole`) one of its components, that
 * is not within it, or not active, reads 0. */
bool cg_fast_gathers(const struct cg *cg, unsigned size_B);
void cg_fast_gather(struct cg *cg, const struct cg_span *span, LLVMValueRef offsets, bool whole,
                    const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out);
/* The same where all lanes may be read, at offsets below 2 GiB. */
void cg_fast_gather_fixed(struct cg *cg, LLVMValueRef base, LLVMValueRef offsets,
                          const struct ir_mem *mem, enum ir_type type, LLVMValueRef *comps_out);
/* Is the pattern one of neighbours that these move? From `low` (i32) on. */
bool cg_fast_neighbours(const struct cg *cg, const struct cg_pattern *pattern,
                        const struct ir_mem *mem, unsigned size_B);
LLVMValueRef cg_fast_load(struct cg *cg, const struct cg_span *span, LLVMValueRef low,
                          const struct cg_pattern *pattern, const struct ir_mem *mem,
                          enum ir_type type);
void cg_fast_store(struct cg *cg, const struct cg_span *span, LLVMValueRef low,
                   const struct cg_pattern *pattern, const struct ir_mem *mem, LLVMValueRef value);

#endif
