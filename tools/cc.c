/* SPDX-License-Identifier: MIT
 *
 * weft cc: the compiler by itself. The shader's descriptor sets are made up (a storage buffer for
 * each binding that it declares), since there is no pipeline layout.
 */
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cc.h"
#include "weft.h"
#include "weft/compile.h"
#include "weft/kernel.h"

static const char help[] =
    "usage: weft cc [OPTION]... SHADER\n"
    "Compiles a compute shader: SPIR-V (.spv), what WEFT_DUMP wrote (.request), or GLSL (anything else)\n"
    "through glslangValidator. A .request has all that the driver knew; only what is given changes it.\n"
    "\n"
    "  --entry NAME       entry point (the module's first)\n"
    "  --isa ISA          sse, avx2 or avx512 (what this machine has), with +vnni or +bytes behind it\n"
    "                     for what some processors have beyond that level\n"
    "  --width N          lanes of a vector (the compiler's choice); 1 is the reference\n"
    "  --subgroup N       subgroup size as the shader sees it\n"
    "  --spec ID=VALUE    a specialisation constant; may be repeated\n"
    "  --robust           check all buffer accesses\n"
    "  --fast             compile as for a first dispatch: soon rather than well\n"
    "  --verify           run every verifier\n"
    "  --ir[=PASS]        list Weft's IR, after the last pass or the named one\n"
    "  --llvm             list LLVM's IR as generated\n"
    "  --llvm-opt         list LLVM's IR after its passes\n"
    "  --asm              list the machine code\n"
    "  --report           list what stayed slow: gathers, divergent branches\n"
    "  -o FILE            write the kernel image\n";

enum option_key {
    KEY_ENTRY = 256,
    KEY_ISA,
    KEY_WIDTH,
    KEY_SUBGROUP,
    KEY_SPEC,
    KEY_ROBUST,
    KEY_FAST,
    KEY_VERIFY,
    KEY_IR,
    KEY_LLVM,
    KEY_LLVM_OPT,
    KEY_ASM,
    KEY_REPORT,
};

static const struct option long_options[] = {
    {"entry", required_argument, NULL, KEY_ENTRY},
    {"isa", required_argument, NULL, KEY_ISA},
    {"width", required_argument, NULL, KEY_WIDTH},
    {"subgroup", required_argument, NULL, KEY_SUBGROUP},
    {"spec", required_argument, NULL, KEY_SPEC},
    {"robust", no_argument, NULL, KEY_ROBUST},
    {"fast", no_argument, NULL, KEY_FAST},
    {"verify", no_argument, NULL, KEY_VERIFY},
    {"ir", optional_argument, NULL, KEY_IR},
    {"llvm", no_argument, NULL, KEY_LLVM},
    {"llvm-opt", no_argument, NULL, KEY_LLVM_OPT},
    {"asm", no_argument, NULL, KEY_ASM},
    {"report", no_argument, NULL, KEY_REPORT},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse_isa(const char *text, struct cc_options *o)
{
    static const struct {
        const char *name;
        uint32_t isa;
    } names[] = {
        {"sse", WEFT_ISA_SSE}, {"avx2", WEFT_ISA_AVX2}, {"avx512", WEFT_ISA_AVX512}};
    static const struct {
        const char *name;
        uint32_t feature;
    } features[] = {{"+vnni", WEFT_FEATURE_VNNI}, {"+bytes", WEFT_FEATURE_BYTES}};
    size_t length = strcspn(text, "+");

    o->isa = o->features = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i].name) == length && !strncmp(names[i].name, text, length))
            o->isa = names[i].isa;
    }
    for (text += length; *text != '\0'; text += length) {
        uint32_t before = o->features;

        length = 1 + strcspn(text + 1, "+");
        for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
            if (strlen(features[i].name) == length && !strncmp(features[i].name, text, length))
                o->features |= features[i].feature;
        }
        if (o->features == before)
            o->isa = 0;
    }
    if (o->isa != 0)
        return 0;
    fprintf(stderr, "weft cc: --isa is sse, avx2 or avx512, then perhaps +vnni or +bytes\n");
    return -1;
}

/* 0; 1 when the help was printed; -1 with a message. */
static int parse(int argc, char **argv, struct cc_options *o)
{
    int key;

    optind = 1;
    while ((key = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        switch (key) {
        case KEY_ENTRY:
            o->entry = optarg;
            break;
        case KEY_ISA:
            if (parse_isa(optarg, o))
                return -1;
            break;
        case KEY_WIDTH:
            o->width = (uint32_t)strtoul(optarg, NULL, 0);
            break;
        case KEY_SUBGROUP:
            o->subgroup_size = (uint32_t)strtoul(optarg, NULL, 0);
            break;
        case KEY_SPEC:
            if (o->spec_count == CC_SPECS_MAX || !strchr(optarg, '=')) {
                fprintf(stderr, "weft cc: --spec ID=VALUE, at most %d times\n", CC_SPECS_MAX);
                return -1;
            }
            o->specs[o->spec_count++] = optarg;
            break;
        case KEY_ROBUST:
            o->flags |= WEFT_REQUEST_ROBUST_STORAGE | WEFT_REQUEST_ROBUST_UNIFORM;
            break;
        case KEY_FAST:
            o->flags |= WEFT_REQUEST_FAST;
            break;
        case KEY_VERIFY:
            o->flags |= WEFT_REQUEST_VERIFY;
            break;
        case KEY_IR:
            o->list |= WEFT_LIST_IR;
            if (optarg)
                snprintf(o->dump_pass, sizeof(o->dump_pass), "%s", optarg);
            break;
        case KEY_LLVM:
            o->list |= WEFT_LIST_LLVM;
            break;
        case KEY_LLVM_OPT:
            o->list |= WEFT_LIST_LLVM_OPT;
            break;
        case KEY_ASM:
            o->list |= WEFT_LIST_ASM;
            break;
        case KEY_REPORT:
            o->list |= WEFT_LIST_REPORT;
            break;
        case 'o':
            o->output = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return 1;
        default:
            fputs(help, stderr);
            return -1;
        }
    }
    if (optind + 1 != argc) {
        fputs(help, stderr);
        return -1;
    }
    o->shader = argv[optind];
    return 0;
}

/* ---- Files ---- */

static void *read_file(const char *path, size_t *size_out)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t size = 0, capacity = 0;

    while (file && !ferror(file) && !feof(file)) {
        if (size == capacity) {
            capacity = capacity ? capacity * 2 : 65536;
            char *larger = realloc(bytes, capacity);
            if (!larger)
                break;
            bytes = larger;
        }
        size += fread(bytes + size, 1, capacity - size, file);
    }
    if (!file || !feof(file)) {
        fprintf(stderr, "weft cc: %s: %s\n", path, strerror(errno ? errno : ENOMEM));
        free(bytes);
        bytes = NULL;
    }
    if (file)
        fclose(file);
    *size_out = size;
    return bytes;
}

static int write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    size_t written = file ? fwrite(bytes, 1, size, file) : 0;

    if (!file || fclose(file) || written != size) {
        fprintf(stderr, "weft cc: %s: %s\n", path, strerror(errno));
        return -1;
    }
    return 0;
}

/* Runs glslangValidator on a GLSL file; output is its SPIR-V. What it prints on its standard output
 * (the file's name, and the errors) goes to messages. */
static int run_glslang(const char *shader, const char *output, const char *messages)
{
    pid_t child = fork();

    if (child == 0) {
        if (!freopen(messages, "w", stdout))
            _exit(126);
        execlp("glslangValidator", "glslangValidator", "--target-env", "vulkan1.3", "-g", "-S",
               "comp", "-o", output, shader, (char *)NULL);
        fprintf(stderr, "weft cc: glslangValidator: %s\n", strerror(errno));
        _exit(127);
    }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static void *read_shader(const char *path, size_t *size_out)
{
    size_t length = strlen(path);

    if ((length > 4 && !strcmp(path + length - 4, ".spv")) ||
        (length > 8 && !strcmp(path + length - 8, ".request")))
        return read_file(path, size_out);
    char temporary[] = "/tmp/weft-cc-XXXXXX";
    int fd = mkstemp(temporary);
    if (fd < 0) {
        fprintf(stderr, "weft cc: %s: %s\n", temporary, strerror(errno));
        return NULL;
    }
    close(fd);
    void *spirv = NULL;
    /* Quiet while all is well; the errors come out in a second run. */
    if (run_glslang(path, temporary, "/dev/null"))
        (void)run_glslang(path, temporary, "/dev/stderr");
    else
        spirv = read_file(temporary, size_out);
    unlink(temporary);
    return spirv;
}

/* ---- Compiling ---- */

static void print_summary(const struct weft_image *image)
{
    printf("local size %u x %u x %u, width %u, subgroup %u, %u bytes of code, %u of workgroup "
           "memory, %u of scratch\n",
           image->local_size[0], image->local_size[1], image->local_size[2], image->width,
           image->subgroup_size, image->code_B, image->shared_B, image->scratch_B);
}

static int compile(const struct cc_options *o, const void *request, size_t request_B)
{
    struct weft_compile_result result = {0};
    struct place place;

    if (place_find(&place))
        return 1;
    void *library = dlopen(place.compiler, RTLD_NOW | RTLD_LOCAL);
    weft_compile_fn *compiler =
        library ? (weft_compile_fn *)dlsym(library, "weft_compile") : NULL;
    if (!compiler) {
        fprintf(stderr, "weft cc: %s\n", dlerror());
        return 1;
    }
    int error = compiler(NULL, request, request_B, &result);
    if (result.listing)
        fputs(result.listing, stdout);
    if (error) {
        fprintf(stderr, "weft cc: %s: %s\n", o->shader,
                result.message ? result.message : strerror(-error));
    } else if (o->output) {
        error = write_file(o->output, result.image, result.image_B);
    } else if (!o->list) {
        print_summary(result.image);
    }
    free(result.image);
    free(result.message);
    free(result.listing);
    return error ? 1 : 0;
}

int weft_cc(int argc, char **argv)
{
    struct cc_options options = {0};
    struct spirv_facts facts = {0};
    size_t spirv_B = 0, request_B = 0;
    int status = 1;

    int parsed = parse(argc, argv, &options);
    if (parsed)
        return parsed > 0 ? 0 : 2;
    void *spirv = read_shader(options.shader, &spirv_B);
    if (!spirv)
        return 1;
    if (cc_is_request(spirv, spirv_B)) {
        cc_request_change(&options, spirv);
        status = compile(&options, spirv, spirv_B);
        goto free_spirv;
    }
    if (spirv_facts_read(spirv, spirv_B / 4, &facts)) {
        fprintf(stderr, "weft cc: out of memory\n");
        goto free_spirv;
    }
    void *request = cc_request_make(&options, &facts, spirv, spirv_B, &request_B);
    if (request)
        status = compile(&options, request, request_B);
    free(request);
    spirv_facts_finish(&facts);
free_spirv:
    free(spirv);
    return status;
}
