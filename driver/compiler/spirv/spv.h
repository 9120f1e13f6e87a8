/* SPDX-License-Identifier: MIT
 *
 * DOC: The front end: SPIR-V to IR
 *
 *     words -> spv_reader  ids, types (spv_types), constants (spv_const), functions and blocks
 *           -> spv_build   walks the entry point's structured control flow, functions inlined, and
 *                          emits the tree IR: flow (spv_flow, spv_loop), variables (spv_env,
 *                          spv_vars), memory (spv_mem), and one handler a row of spv_ops.def
 *
 * SPIR-V is untrusted. Whatever the words are, the result is IR that ir_verify accepts or one error.
 */
#ifndef SPV_H
#define SPV_H

#include "ir.h"

/* Builds the request's entry point into an empty module: sets body, locals, local_size, shared_B,
 * uses_subgroup and uses_global. Requires m->request and m->bindings. On error m->error is
 * -EINVAL (malformed SPIR-V, or a layout that does not fit it) or -ENOTSUP (asks for what Weft does
 * not have) and the message says what and where: opcode, word and source line. Allocates from the
 * module's arena only; touches no state outside the module. */
void spv_build(struct ir_module *m);

#endif
