/* SPDX-License-Identifier: MIT
 *
 * Compiles the sampling code for every instruction set while Weft is built: generate sample.spv out.S.
 * The images become bytes of the text section, which is where their code runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weft/compile.h"
#include "weft/kernel.h"

#define SPIRV_MAX_B (4u << 20)

static const struct {
    const char *name;
    uint32_t isa, lanes;
} targets[] = {{"sse", WEFT_ISA_SSE, 4}, {"avx2", WEFT_ISA_AVX2, 8}, {"avx512", WEFT_ISA_AVX512, 16}};

struct request {
    struct weft_request header;
    struct weft_binding binding;
    struct weft_spec_entry spec;
    uint32_t lanes;
    char entry[8];
    uint32_t spirv[SPIRV_MAX_B / 4];
};

static int write_image(FILE *out, const char *name, const struct weft_compile_result *result)
{
    const unsigned char *bytes = result->image;
    const struct weft_image *image = result->image;

    if (image->scratch_B || image->shared_B) {
        fprintf(stderr, "generate: the code for %s needs memory of its own\n", name);
        return -1;
    }
    fprintf(out, ".balign 64\n.hidden weft_sampler_%s\n.globl weft_sampler_%s\nweft_sampler_%s:\n", name, name,
            name);
    for (size_t i = 0; i < result->image_B; i++)
        fprintf(out, "%s%u", i % 32 ? "," : "\n.byte ", bytes[i]);
    fputs("\n", out);
    return 0;
}

int main(int argc, char **argv)
{
    static struct request request;
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *out = argc == 3 ? fopen(argv[2], "w") : NULL;
    int status = 0;

    if (!in || !out) {
        fprintf(stderr, "usage: generate sample.spv out.S\n");
        return 2;
    }
    size_t spirv_B = fread(request.spirv, 1, sizeof(request.spirv), in);
    request.header = (struct weft_request){
        .magic = WEFT_REQUEST_MAGIC,
        .version = WEFT_REQUEST_VERSION,
        .request_B = offsetof(struct request, spirv) + spirv_B,
        .binding_offset_B = offsetof(struct request, binding),
        .binding_count = 1,
        .spec_entry_offset_B = offsetof(struct request, spec),
        .spec_entry_count = 1,
        .spec_data_offset_B = offsetof(struct request, lanes),
        .spec_data_B = sizeof(request.lanes),
        .entry_offset_B = offsetof(struct request, entry),
        .spirv_offset_B = offsetof(struct request, spirv),
        .spirv_words = (uint32_t)(spirv_B / 4),
        .flags = WEFT_REQUEST_LIBRARY,
    };
    request.binding = (struct weft_binding){
        .kind = WEFT_BINDING_BUFFER, .count = 1, .stride_B = WEFT_DESC_B};
    request.spec = (struct weft_spec_entry){.size_B = sizeof(request.lanes)};
    strcpy(request.entry, "main");
    fputs(".text\n", out);
    for (size_t i = 0; status == 0 && i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct weft_compile_result result = {0};
        request.header.isa = targets[i].isa;
        request.header.width = request.lanes = targets[i].lanes;
        if (weft_compile(NULL, &request, request.header.request_B, &result)) {
            fprintf(stderr, "generate: %s: %s\n", targets[i].name, result.message);
            status = 1;
        } else if (write_image(out, targets[i].name, &result)) {
            status = 1;
        }
        weft_compile_result_finish(&result);
    }
    fputs(".section .note.GNU-stack,\"\",@progbits\n", out);
    fclose(in);
    if (fclose(out))
        status = 1;
    return status;
}
