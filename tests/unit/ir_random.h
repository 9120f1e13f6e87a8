/* SPDX-License-Identifier: MIT
 *
 * Random IR: arithmetic on the built-in inputs, IFs, loops that end, stores to shared memory.
 */
#ifndef IR_RANDOM_H
#define IR_RANDOM_H

#include "ir_builder.h"

extern uint32_t random_seed;
uint32_t random_pick(uint32_t count); /* 0 .. count - 1 */

/* Appends a program to an empty module. The seed alone decides which. */
void random_program(struct build *b);

#endif
