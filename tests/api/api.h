/* SPDX-License-Identifier: MIT
 *
 * What the API tests share: an instance and a device of Weft's through the system's loader, and the
 * messages that the driver sent.
 */
#ifndef TESTS_API_H
#define TESTS_API_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <vulkan/vulkan.h>

#include "vk_newer.h"

struct api {
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue; /* the first of api_open()'s */
    VkDebugUtilsMessengerEXT messenger;
    uint32_t message_count;
    char message[1024]; /* the last one */
};

/* Whether the validation layer is on. */
bool api_validation(void);
/* For tests that break the rules on purpose: with the validation layer on they are left out. */
#define API_BREAKS_RULES()                                                                         \
    do {                                                                                           \
        if (api_validation())                                                                      \
            skip();                                                                                \
    } while (0)

/* The engine's name that instances are made with; NULL at first. */
extern const char *api_engine_name;

/* Fixtures for cmocka_unit_test_setup_teardown: *state is a struct api *. api_open makes a device
 * with every feature and extension that Weft has, and two queues; api_open_instance no device. The
 * validation layer, which warns of extensions newer than itself, gets an older selection. */
int api_open(void **state);
int api_open_instance(void **state);
int api_close(void **state);

/* Fails the test unless the last message contains the text. */
void api_expect_message(const struct api *api, const char *text);

/* An extension's command; fails the test if there is none. */
PFN_vkVoidFunction api_device_proc(const struct api *api, const char *name);
#define API_DEVICE_PROC(api, name) ((PFN_##name)api_device_proc((api), #name))

/* A bound buffer with its memory mapped at map. */
struct api_buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    void *map;
    VkDeviceSize size_B;
};
void api_buffer_create(const struct api *api, VkDeviceSize size_B, struct api_buffer *buffer_out);
void api_buffer_destroy(const struct api *api, struct api_buffer *buffer);

#endif
