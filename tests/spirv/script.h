/* SPDX-License-Identifier: MIT
 *
 * DOC: Shader tests as data
 *
 * A .shader_test file holds shaders and, after each, the tests that run it. Lines that begin with #
 * (outside shaders) and empty lines say nothing.
 *
 *     [glsl]                          source of a compute shader; without a #version line, version 460
 *     ...                             and the usual extensions are put in front (see compile.py)
 *     [spirv]                         or SPIR-V assembly
 *     ...
 *     [test NAME]                     uses the shader above; has these lines, executed in order:
 *
 *     buffer REF TYPE COUNT VALUES    a storage or uniform buffer at a descriptor
 *     buffer REF TYPE = V V*COUNT     the same, as long as the list
 *     inline REF TYPE = V ...         an inline uniform block
 *     image REF BUFFER FORMAT WxHxD ...  an image, or a texel buffer, in the memory of BUFFER (see images.h)
 *     sampler REF ...                 a sampler, or the sampler of the combined descriptor REF
 *     bind REF OFFSET SIZE            shrinks the descriptor to a part of the buffer (bytes)
 *     spec ID TYPE VALUE              a specialisation constant
 *     push TYPE = V ...               push constants, one line after the other
 *     repush TYPE = V ...             the same, from the first byte again
 *     subgroup SIZE                   the subgroup size asked for
 *     flags NAME ...                  robust, zero_shared, full_subgroups
 *     dispatch X Y Z [BX BY BZ]       runs it, from a base workgroup on
 *     expect REF TYPE [at I] [count N] [abs X] [ulp X] VALUES
 *     compare REF TYPE [abs X] [ulp X]
 *     compare REF skip
 *     error NAME [WORD]               compiling fails with EINVAL or ENOTSUP, the message has the word
 *
 * REF names a descriptor, BINDING or SET.BINDING or SET.BINDING.ELEMENT; or, begun with a letter,
 * memory without a descriptor. &REF or &REF+BYTES in values is the buffer's address. VALUES are
 * described in values.h.
 *
 * Every test runs at width 1 first, the reference. At other widths and thread counts every buffer
 * must end up the same, bit for bit where no compare line says otherwise. What expect lines say holds
 * at every width.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#define SCRIPT_MAX_WORDS 2048

struct script_line {
    unsigned number;
    char **words; /* NULL-terminated */
};

struct script_test {
    char *name;
    unsigned number; /* of its line in the file */
    unsigned shader; /* index of the shader section before it */
    struct script_line *lines;
    size_t line_count;
};

struct script {
    char *text;
    struct script_test *tests;
    size_t test_count;
};

/* Reads a file. 0, or -1 after printing why not. */
int script_read(const char *path, struct script *script_out);
void script_finish(struct script *script);

#endif
