/* SPDX-License-Identifier: MIT
 *
 * How many lanes a vector has.
 */
#include "ir.h"

/* The subgroup size that a shader sees where the application doesn't ask for one. */
#define DEFAULT_SUBGROUP_SIZE 16

/* One machine register of 32-bit lanes. */
static const uint32_t isa_widths[] = {
    [WEFT_ISA_NATIVE] = 4,
    [WEFT_ISA_SSE] = 4,
    [WEFT_ISA_AVX2] = 8,
    [WEFT_ISA_AVX512] = 16,
};

/* The smallest power of two that holds every invocation of a workgroup: more lanes stay empty. */
static uint32_t largest_useful(const struct ir_module *m)
{
    uint32_t size = m->local_size[0] * m->local_size[1] * m->local_size[2];
    uint32_t width = 1;
    while (width < size)
        width *= 2;
    return width;
}

void ir_choose_width(struct ir_module *m)
{
    const struct weft_request *request = m->request;
    uint32_t subgroup = request->subgroup_size ? request->subgroup_size : DEFAULT_SUBGROUP_SIZE;

    if (request->width == 1 && !m->uses_quads && !(m->uses_subgroup && request->subgroup_size)) {
        /* the reference: one lane, also where the shader can see it, but for sizes that were asked for */
        m->width = 1;
        m->subgroup_size = request->subgroup_size ? subgroup : 1;
        return;
    }
    if (m->uses_subgroup) {
        m->width = m->subgroup_size = subgroup;
        return;
    }
    m->subgroup_size = subgroup;
    m->width = request->width ? request->width : isa_widths[request->isa];
    if (ir_flatten(m, m->width))
        return;
    uint32_t useful = largest_useful(m);
    if (!request->width && m->width > useful)
        m->width = useful;
    if (m->uses_quads && m->width < 4)
        m->width = 4;
    m->may_rows = ir_may_rows(m);
    m->rows = ir_by_rows(m);
}
