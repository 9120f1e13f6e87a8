/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "api.h"

static VkResult create(uint32_t api_version, const char *extension, VkInstance *instance_out)
{
    VkApplicationInfo application = {
        .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
        .apiVersion = api_version,
    };
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &application,
        .enabledExtensionCount = extension ? 1 : 0,
        .ppEnabledExtensionNames = &extension,
    };

    return vkCreateInstance(&info, NULL, instance_out);
}

static void accepts_every_version(void **state)
{
    static const uint32_t versions[] = {
        0, VK_API_VERSION_1_0, VK_API_VERSION_1_1, VK_API_VERSION_1_3,
        VK_MAKE_API_VERSION(0, 1, 4, 0), VK_MAKE_API_VERSION(0, 1, 9, 999),
    };

    API_BREAKS_RULES(); /* the layer knows no version after its own */
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        VkInstance instance;
        uint32_t count = 0;
        assert_int_equal(create(versions[i], NULL, &instance), VK_SUCCESS);
        assert_int_equal(vkEnumeratePhysicalDevices(instance, &count, NULL), VK_SUCCESS);
        assert_int_equal(count, 1);
        vkDestroyInstance(instance, NULL);
    }
}

static void refuses_unknown_extension(void **state)
{
    VkInstance instance;

    API_BREAKS_RULES();
    assert_int_equal(create(VK_API_VERSION_1_3, "VK_WEFT_no_such_thing", &instance),
                     VK_ERROR_EXTENSION_NOT_PRESENT);
}

static void instances_do_not_meet(void **state)
{
    VkInstance a, b;

    assert_int_equal(create(VK_API_VERSION_1_3, NULL, &a), VK_SUCCESS);
    assert_int_equal(create(VK_API_VERSION_1_1, VK_EXT_DEBUG_UTILS_EXTENSION_NAME, &b),
                     VK_SUCCESS);
    vkDestroyInstance(a, NULL);
    uint32_t count = 0;
    assert_int_equal(vkEnumeratePhysicalDevices(b, &count, NULL), VK_SUCCESS);
    vkDestroyInstance(b, NULL);
}

static VkPhysicalDeviceProperties properties(void)
{
    VkInstance instance;
    VkPhysicalDevice device;
    VkPhysicalDeviceProperties result;
    uint32_t count = 1;

    assert_int_equal(create(VK_API_VERSION_1_3, NULL, &instance), VK_SUCCESS);
    assert_int_equal(vkEnumeratePhysicalDevices(instance, &count, &device), VK_SUCCESS);
    vkGetPhysicalDeviceProperties(device, &result);
    vkDestroyInstance(instance, NULL);
    return result;
}

static void names_its_device(void **state)
{
    VkPhysicalDeviceProperties p = properties();

    assert_memory_equal(p.deviceName, "Weft (", 6);
    assert_int_equal(VK_API_VERSION_MINOR(p.apiVersion), 4);
    assert_int_equal(p.deviceType, VK_PHYSICAL_DEVICE_TYPE_CPU);
}

static void device_type_follows_environment(void **state)
{
    setenv("WEFT_DEVICE_TYPE", "discrete", 1);
    assert_int_equal(properties().deviceType, VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU);
    setenv("WEFT_DEVICE_TYPE", "integrated", 1);
    assert_int_equal(properties().deviceType, VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU);
    setenv("WEFT_DEVICE_TYPE", "virtual", 1);
    assert_int_equal(properties().deviceType, VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU);
    setenv("WEFT_DEVICE_TYPE", "nonsense", 1);
    assert_int_equal(properties().deviceType, VK_PHYSICAL_DEVICE_TYPE_CPU);
    unsetenv("WEFT_DEVICE_TYPE");
}

static void groups_hold_one_device(void **state)
{
    VkInstance instance;
    VkPhysicalDeviceGroupProperties group = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_GROUP_PROPERTIES};
    uint32_t count = 1;

    assert_int_equal(create(VK_API_VERSION_1_3, NULL, &instance), VK_SUCCESS);
    assert_int_equal(vkEnumeratePhysicalDeviceGroups(instance, &count, &group), VK_SUCCESS);
    assert_int_equal(group.physicalDeviceCount, 1);
    vkDestroyInstance(instance, NULL);
}

static void tools_are_none(void **state)
{
    struct api *api = *state;
    uint32_t count = 99;

    assert_int_equal(vkGetPhysicalDeviceToolProperties(api->physical, &count, NULL), VK_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_version),
        cmocka_unit_test(refuses_unknown_extension),
        cmocka_unit_test(instances_do_not_meet),
        cmocka_unit_test(names_its_device),
        cmocka_unit_test(device_type_follows_environment),
        cmocka_unit_test(groups_hold_one_device),
        cmocka_unit_test_setup_teardown(tools_are_none, api_open_instance, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
