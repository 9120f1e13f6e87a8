/* SPDX-License-Identifier: MIT
 *
 * Values that depend on an invocation's place in its workgroup alone: known at compile time, one by one.
 */
#ifndef LANE_H
#define LANE_H

#include "ir.h"

/* The value of `inst` in the invocation of that LocalInvocationIndex: false if it depends on anything
 * else. Not for modules that are flat. Requires width. */
bool lane_value(const struct ir_module *m, const struct ir_inst *inst, uint32_t index,
                uint64_t *value_out);
/* Whether lane_value knows it. */
bool lane_known(const struct ir_module *m, const struct ir_inst *inst);

#endif
