/* SPDX-License-Identifier: MIT */
#include "api.h"

static void values_belong_to_slot_and_object(void **state)
{
    struct api *api = *state;
    VkPrivateDataSlotCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_PRIVATE_DATA_SLOT_CREATE_INFO};
    VkPrivateDataSlot a, b;
    struct api_buffer buffer;
    uint64_t value;

    api_buffer_create(api, 64, &buffer);
    uint64_t object = (uint64_t)buffer.buffer;
    assert_int_equal(vkCreatePrivateDataSlot(api->device, &info, NULL, &a), VK_SUCCESS);
    assert_int_equal(vkCreatePrivateDataSlot(api->device, &info, NULL, &b), VK_SUCCESS);
    vkGetPrivateData(api->device, VK_OBJECT_TYPE_BUFFER, object, a, &value);
    assert_int_equal(value, 0);
    assert_int_equal(vkSetPrivateData(api->device, VK_OBJECT_TYPE_BUFFER, object, a, 11),
                     VK_SUCCESS);
    assert_int_equal(vkSetPrivateData(api->device, VK_OBJECT_TYPE_BUFFER, object, b, 22),
                     VK_SUCCESS);
    vkGetPrivateData(api->device, VK_OBJECT_TYPE_BUFFER, object, a, &value);
    assert_int_equal(value, 11);
    vkDestroyPrivateDataSlot(api->device, a, NULL);
    assert_int_equal(vkCreatePrivateDataSlot(api->device, &info, NULL, &a), VK_SUCCESS);
    vkGetPrivateData(api->device, VK_OBJECT_TYPE_BUFFER, object, a, &value);
    assert_int_equal(value, 0);
    vkGetPrivateData(api->device, VK_OBJECT_TYPE_BUFFER, object, b, &value);
    assert_int_equal(value, 22);
    vkDestroyPrivateDataSlot(api->device, a, NULL);
    vkDestroyPrivateDataSlot(api->device, b, NULL);
    api_buffer_destroy(api, &buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_belong_to_slot_and_object, api_open, api_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
