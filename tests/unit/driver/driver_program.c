/* SPDX-License-Identifier: MIT
 *
 * Programs: requests, the compiler library, and images that must be refused.
 */
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "fake_compiler.h"
#include "program.h"

static void set_u32(unsigned char *image, size_t offset_B, uint32_t value)
{
    memcpy(image + offset_B, &value, sizeof(value));
}

#define FIELD(name, value) {offsetof(struct weft_image, name), (value)}

static void damaged_images_are_refused(void **state)
{
    static const struct {
        size_t offset_B;
        uint32_t value;
    } damages[] = {
        FIELD(magic, 0),
        FIELD(version, WEFT_IMAGE_VERSION + 1),
        FIELD(image_B, 0),
        FIELD(image_B, 0xffffffff),
        FIELD(code_offset_B, 0),
        FIELD(code_offset_B, 129),
        FIELD(code_offset_B, 0xffffffc0),
        FIELD(code_B, 0),
        FIELD(code_B, 0xffffffff),
        FIELD(entry_offset_B, 0xffffffff),
        FIELD(entry_offset_B, 1000),
        FIELD(line_offset_B, 0),
        FIELD(line_offset_B, 0xfffffffc),
        FIELD(line_offset_B, 130),
        FIELD(line_count, 0x20000001),
        FIELD(line_count, 2),
        FIELD(local_size, 0),
        FIELD(local_size, 0x10000000),
        FIELD(width, 0),
        FIELD(width, 3),
        FIELD(width, 256),
        FIELD(subgroup_size, 0),
        FIELD(subgroup_size, 12),
        FIELD(subgroup_size, 256),
        FIELD(shared_B, 0xffffffff),
        FIELD(scratch_B, 0xffffffff),
        FIELD(isa, 0),
        FIELD(isa, WEFT_ISA_AVX512 + 1),
        FIELD(features, WEFT_FEATURE_END),
        FIELD(flags, 0x80000000),
    };
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *program = NULL;
    size_t image_B;
    unsigned char *image = kernel_image(KERNEL_COUNT, 0, 0, &image_B);

    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        unsigned char *copy = malloc(image_B);

        memcpy(copy, image, image_B);
        set_u32(copy, damages[i].offset_B, damages[i].value);
        if (weft_program_load(device, copy, image_B, &program) != -EINVAL)
            fail_msg("damage %zu was not noticed", i);
        free(copy);
    }
    for (size_t size_B = 0; size_B < image_B; size_B++) {
        unsigned char *copy = malloc(size_B + 1);

        memcpy(copy, image, size_B);
        assert_int_equal(weft_program_load(device, copy, size_B, &program), -EINVAL);
        free(copy);
    }
    assert_null(program);
    assert_int_equal(weft_program_load(device, image, image_B, &program), 0);
    assert_memory_equal(weft_program_image(program), image, image_B);
    free(image);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

static void lines_are_found(void **state)
{
    const struct weft_line lines[] = {{0, 3}, {4, 9}, {10, 4}};
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *program;
    size_t image_B;
    unsigned char *image = kernel_image(KERNEL_MARK, 0, 0, &image_B), *longer;
    struct weft_image header;
    uint64_t code;

    memcpy(&header, image, sizeof(header));
    header.line_count = 3;
    header.image_B = header.line_offset_B + sizeof(lines);
    longer = calloc(1, header.image_B);
    memcpy(longer, image, image_B);
    memcpy(longer, &header, sizeof(header));
    memcpy(longer + header.line_offset_B, lines, sizeof(lines));
    assert_int_equal(weft_program_load(device, longer, header.image_B, &program), 0);
    code = (uintptr_t)weft_program_image(program) + header.code_offset_B;
    assert_int_equal(weft_program_line(program, code), 3);
    assert_int_equal(weft_program_line(program, code + 3), 3);
    assert_int_equal(weft_program_line(program, code + 4), 9);
    assert_int_equal(weft_program_line(program, code + 12), 4);
    assert_int_equal(weft_program_line(program, code - 1), 0);
    assert_int_equal(weft_program_line(program, code + header.code_B), 0);
    assert_int_equal(weft_program_line(program, 0), 0);
    free(longer);
    free(image);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

static void requests_hold_everything(void **state)
{
    const uint32_t spirv[] = {FAKE_OK, 2, 3};
    const struct weft_binding bindings[] = {{1, 2, WEFT_BINDING_BUFFER, 4, 0, 16, 0}};
    const struct weft_spec_entry entries[] = {{7, 0, 4}, {8, 4, 1}};
    const struct weft_program_info info = {
        .spirv = spirv,
        .spirv_words = 3,
        .entry = "main",
        .bindings = bindings,
        .binding_count = 1,
        .spec_entries = entries,
        .spec_entry_count = 2,
        .spec_data = "12345",
        .spec_data_B = 5,
        .subgroup_size = 16,
        .flags = WEFT_REQUEST_ROBUST_STORAGE,
    };
    struct weft_device *device = device_new(1, 0, NULL);
    const struct weft_request *request;
    const char *bytes;
    void *first, *second;
    size_t first_B, second_B;

    assert_int_equal(weft_program_request(device, &info, &first, &first_B), 0);
    assert_int_equal(weft_program_request(device, &info, &second, &second_B), 0);
    assert_int_equal(first_B, second_B);
    assert_memory_equal(first, second, first_B);
    request = first;
    bytes = first;
    assert_int_equal(request->magic, WEFT_REQUEST_MAGIC);
    assert_int_equal(request->request_B, first_B);
    assert_int_equal(request->spirv_offset_B % 4, 0);
    assert_memory_equal(bytes + request->spirv_offset_B, spirv, sizeof(spirv));
    assert_int_equal(request->spirv_words, 3);
    assert_memory_equal(bytes + request->binding_offset_B, bindings, sizeof(bindings));
    assert_memory_equal(bytes + request->spec_entry_offset_B, entries, sizeof(entries));
    assert_memory_equal(bytes + request->spec_data_offset_B, "12345", 5);
    assert_string_equal(bytes + request->entry_offset_B, "main");
    assert_in_range(request->isa, WEFT_ISA_SSE, WEFT_ISA_AVX512);
    assert_int_equal(request->subgroup_size, 16);
    assert_int_equal(request->flags, WEFT_REQUEST_ROBUST_STORAGE);
    free(first);
    free(second);
    weft_device_destroy(&device);
}

/* What is compiled fast is for the level that this is fast for; but one that is asked for stays. */
static void fast_requests_have_their_level(void **state)
{
    static const uint32_t spirv[3] = {1, 2, 3};
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program_info info = {.spirv = spirv, .spirv_words = 3, .entry = "main"};
    size_t request_B;
    void *bytes;

    device->machine.isa = WEFT_ISA_AVX512;
    device->machine.features = WEFT_FEATURE_VNNI;
    device->machine.fast_isa = WEFT_ISA_AVX2;
    for (int asked = 0; asked < 2; asked++) {
        for (int fast = 0; fast < 2; fast++) {
            const struct weft_request *request;

            info.isa = asked ? WEFT_ISA_AVX512 : 0;
            info.features = asked ? WEFT_FEATURE_VNNI : 0;
            info.flags = fast ? WEFT_REQUEST_FAST : 0;
            assert_int_equal(weft_program_request(device, &info, &bytes, &request_B), 0);
            request = bytes;
            assert_int_equal(request->isa, fast && !asked ? WEFT_ISA_AVX2 : WEFT_ISA_AVX512);
            assert_int_equal(request->features, fast && !asked ? 0 : WEFT_FEATURE_VNNI);
            assert_int_equal(request->flags, info.flags);
            free(bytes);
        }
    }
    weft_device_destroy(&device);
}

static int create(struct weft_device *device, uint32_t word, struct weft_program **program_out,
                  char **message_out)
{
    const struct weft_program_info info = {.spirv = &word, .spirv_words = 1, .entry = "main"};

    return weft_program_create(device, &info, program_out, message_out);
}

static void the_compiler_is_asked(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *program = NULL;
    char *message = NULL;

    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    assert_int_equal(create(device, FAKE_INVALID, &program, &message), -EINVAL);
    assert_string_equal(message, "word 0: this is not SPIR-V");
    free(message);
    assert_int_equal(create(device, FAKE_BAD_IMAGE, &program, &message), -EINVAL);
    assert_non_null(message);
    free(message);
    assert_int_equal(create(device, FAKE_SILENT, &program, &message), -ENOTSUP);
    assert_non_null(message);
    free(message);
    assert_int_equal(create(device, FAKE_INVALID, &program, NULL), -EINVAL);
    assert_null(program);
    message = NULL;
    assert_int_equal(create(device, FAKE_OK, &program, &message), 0);
    assert_null(message);
    assert_int_equal(weft_program_image(program)->code_B, 64);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

static void a_missing_compiler_is_an_error(void **state)
{
    struct weft_device *device = device_new(1, 0, NULL);
    struct weft_program *program = NULL;
    char *message = NULL;

    setenv("WEFT_COMPILER", "/nonexistent/libweft_compiler.so", 1);
    assert_int_equal(create(device, FAKE_OK, &program, &message), -ENOENT);
    assert_non_null(strstr(message, "/nonexistent"));
    free(message);
    assert_int_equal(create(device, FAKE_OK, &program, NULL), -ENOENT);
    /* A library, but not a compiler. */
    setenv("WEFT_COMPILER", "libc.so.6", 1);
    assert_int_equal(create(device, FAKE_OK, &program, &message), -ENOENT);
    free(message);
    /* It can be there the next time. */
    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    assert_int_equal(create(device, FAKE_OK, &program, NULL), 0);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

/* WEFT_DUMP and WEFT_DEBUG=perf: a file that holds the request, and its name where perf looks. */
static void programs_are_shown_to_other_tools(void **state)
{
    char folder[] = "/tmp/weft-dump-XXXXXX", path[PATH_MAX], map[64], line[512] = "";
    struct weft_device *device;
    struct weft_program *program = NULL;
    struct weft_request header = {0};
    struct dirent *entry;
    unsigned requests = 0;
    bool named = false;
    DIR *dir;
    FILE *file;

    assert_non_null(mkdtemp(folder));
    setenv("WEFT_COMPILER", FAKE_COMPILER, 1);
    setenv("WEFT_CACHE", "off", 1);
    setenv("WEFT_DUMP", folder, 1);
    setenv("WEFT_DEBUG", "perf", 1);
    device = device_new(1, 0, NULL);
    unsetenv("WEFT_DUMP");
    unsetenv("WEFT_DEBUG");
    assert_int_equal(create(device, FAKE_OK, &program, NULL), 0);

    snprintf(map, sizeof(map), "/tmp/perf-%d.map", (int)getpid());
    file = fopen(map, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    unlink(map);

    dir = opendir(folder);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char *end = strstr(entry->d_name, ".request");

        if (end == NULL || end[sizeof(".request") - 1] != '\0')
            continue;
        requests++;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(fread(&header, sizeof(header), 1, file), 1);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        assert_int_equal(ftell(file), header.request_B);
        fclose(file);
        unlink(path);
        *end = '\0';
        named = strstr(line, entry->d_name) != NULL;
    }
    closedir(dir);
    rmdir(folder);
    assert_int_equal(requests, 1);
    assert_int_equal(header.magic, WEFT_REQUEST_MAGIC);
    assert_true(named);
    weft_program_put(&program);
    weft_device_destroy(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_images_are_refused),
        cmocka_unit_test(lines_are_found),
        cmocka_unit_test(requests_hold_everything),
        cmocka_unit_test(fast_requests_have_their_level),
        cmocka_unit_test(the_compiler_is_asked),
        cmocka_unit_test(a_missing_compiler_is_an_error),
        cmocka_unit_test(programs_are_shown_to_other_tools),
    };

    unsetenv("WEFT_WIDTH");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
