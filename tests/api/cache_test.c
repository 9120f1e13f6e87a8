/* SPDX-License-Identifier: MIT
 *
 * The disk cache, seen by an application: a process that finds its pipelines there never loads the
 * compiler. Each start is a process of its own, which this program runs as "cold" or "warm".
 */
#include "vk_test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "add_one.h"

static const VkDescriptorType storage = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;

/* Whether a file with this in its name is mapped into the process. */
static bool is_loaded(const char *name)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    bool found = false;

    assert_non_null(maps);
    while (!found && fgets(line, sizeof(line), maps))
        found = strstr(line, name) != NULL;
    fclose(maps);
    return found;
}

static VkResult create(struct vk_test *t, VkPipelineLayout layout, VkPipelineCreateFlags flags,
                       VkPipeline *pipeline)
{
    VkShaderModule module = vk_shader_module(t, add_one_spv, sizeof(add_one_spv));
    VkComputePipelineCreateInfo info = {
        VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        NULL,
        flags,
        {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, NULL, 0, VK_SHADER_STAGE_COMPUTE_BIT,
         module, "main", NULL},
        layout,
        VK_NULL_HANDLE,
        -1};
    VkResult result =
        vkCreateComputePipelines(t->device, VK_NULL_HANDLE, 1, &info, NULL, pipeline);

    vkDestroyShaderModule(t->device, module, NULL);
    return result;
}

static void run(struct vk_test *t, bool warm)
{
    VkDescriptorSetLayout set_layout = vk_set_layout(t, 0, 1, &storage);
    VkPipelineLayout layout = vk_pipeline_layout(t, 1, &set_layout, 0);
    VkDescriptorPool pool = vk_descriptor_pool(t, 1);
    VkDescriptorSet set = vk_descriptor_set(t, pool, set_layout);
    struct api_buffer buffer = vk_buffer_create(t, 256);
    const uint32_t *words = buffer.map;
    VkPipeline pipeline;

    vk_write_buffer(t, set, 0, storage, buffer.buffer, 0, VK_WHOLE_SIZE);
    assert_false(is_loaded("libLLVM"));
    assert_int_equal(create(t, layout, VK_PIPELINE_CREATE_FAIL_ON_PIPELINE_COMPILE_REQUIRED_BIT,
                            &pipeline),
                     warm ? VK_SUCCESS : VK_PIPELINE_COMPILE_REQUIRED);
    if (!warm)
        assert_vk(create(t, layout, 0, &pipeline));

    VkCommandBuffer cmd = vk_begin(t);
    vkCmdBindPipeline(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
    vkCmdBindDescriptorSets(cmd, VK_PIPELINE_BIND_POINT_COMPUTE, layout, 0, 1, &set, 0, NULL);
    vkCmdDispatch(cmd, 1, 1, 1);
    vk_run(t, cmd);
    for (int i = 0; i < 64; i++)
        assert_int_equal(words[i], 1);
    assert_int_equal(is_loaded("libLLVM") || is_loaded("weft_compiler"), !warm);

    vkDestroyPipeline(t->device, pipeline, NULL);
    vkDestroyPipelineLayout(t->device, layout, NULL);
    vkDestroyDescriptorSetLayout(t->device, set_layout, NULL);
    vkDestroyDescriptorPool(t->device, pool, NULL);
    vk_buffer_destroy(t, &buffer);
}

static void cold(void **state)
{
    run(*state, false);
}

static void warm(void **state)
{
    run(*state, true);
}

static bool start(const char *what)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        execl("/proc/self/exe", "api_cache_test", what, (char *)NULL);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void empty(const char *folder, void (*visit)(int folder_fd, const char *name))
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            visit(dirfd(dir), entry->d_name);
    closedir(dir);
}

static void remove_file(int folder_fd, const char *name)
{
    unlinkat(folder_fd, name, 0);
}

static void spoil_file(int folder_fd, const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "/proc/self/fd/%d/%.256s", folder_fd, name);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, -100, SEEK_END);
    fputc(0x11, file);
    fputc(0x22, file);
    fclose(file);
}

static void test_starts(void **state)
{
    char home[] = "/tmp/weft-home-XXXXXX", folder[64];

    assert_non_null(mkdtemp(home));
    snprintf(folder, sizeof(folder), "%s/weft", home);
    setenv("XDG_CACHE_HOME", home, 1);
    setenv("WEFT_CACHE", "off", 1);
    assert_true(start("cold"));
    assert_true(start("cold"));
    assert_int_equal(access(folder, F_OK), -1);
    /* By default it is on. */
    unsetenv("WEFT_CACHE");
    assert_true(start("cold"));
    assert_true(start("warm"));
    assert_true(start("warm"));
    /* Code for another instruction set is other code. */
    setenv("WEFT_ISA", "sse", 1);
    assert_true(start("cold"));
    assert_true(start("warm"));
    unsetenv("WEFT_ISA");
    assert_true(start("warm"));
    /* Damage costs a compilation, no more. */
    empty(folder, spoil_file);
    assert_true(start("cold"));
    assert_true(start("warm"));
    empty(folder, remove_file);
    setenv("WEFT_CACHE", folder, 1);
    assert_true(start("cold"));
    assert_true(start("warm"));
    empty(folder, remove_file);
    assert_int_equal(rmdir(folder), 0);
    empty(home, remove_file); /* the validation layer has a cache, too */
    assert_int_equal(rmdir(home), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cold_test[] = {VK_TEST_ENTRY(cold)}, warm_test[] = {VK_TEST_ENTRY(warm)};
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_starts)};

    if (argc > 1 && strcmp(argv[1], "cold") == 0)
        return cmocka_run_group_tests(cold_test, NULL, NULL);
    if (argc > 1 && strcmp(argv[1], "warm") == 0)
        return cmocka_run_group_tests(warm_test, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
