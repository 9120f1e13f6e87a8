/* SPDX-License-Identifier: MIT
 *
 * DOC: Fuzzing
 *
 * An input is either a whole compile request (it starts with the request's magic), or SPIR-V words,
 * around which a request is made; what that says (width, instruction set, subgroup size, robustness)
 * depends on a hash of the words.
 *
 *     weft_fuzz_NAME FILE|FOLDER...   replays inputs
 *
 * With -DWEFT_LIBFUZZER there is no main, and libFuzzer or AFL++ drive LLVMFuzzerTestOneInput.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a fuzzer does with one request. True if it was accepted. */
bool fuzz_request(const void *request, size_t request_B);

/* Ends the process, saying what was wrong. */
void fuzz_check(bool good, const char *what);
/* Prints a message of the compiler if FUZZ_MESSAGES is set. */
void fuzz_message(const char *message);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_B);

#endif
