/* SPDX-License-Identifier: MIT
 *
 * VK_KHR_calibrated_timestamps: the device's clock is CLOCK_MONOTONIC itself.
 */
#include <time.h>

#include "device.h"

static const VkTimeDomainKHR domains[] = {
    VK_TIME_DOMAIN_DEVICE_KHR,
    VK_TIME_DOMAIN_CLOCK_MONOTONIC_KHR,
    VK_TIME_DOMAIN_CLOCK_MONOTONIC_RAW_KHR,
};
#define DOMAIN_COUNT (sizeof(domains) / sizeof(domains[0]))

VKAPI_ATTR VkResult VKAPI_CALL vkGetPhysicalDeviceCalibrateableTimeDomainsKHR(
    VkPhysicalDevice _physical, uint32_t *count, VkTimeDomainKHR *domains_out)
{
    if (!domains_out) {
        *count = DOMAIN_COUNT;
        return VK_SUCCESS;
    }
    uint32_t copied = *count < DOMAIN_COUNT ? *count : (uint32_t)DOMAIN_COUNT;
    for (uint32_t i = 0; i < copied; i++)
        domains_out[i] = domains[i];
    *count = copied;
    return copied < DOMAIN_COUNT ? VK_INCOMPLETE : VK_SUCCESS;
}

static uint64_t read_ns(VkTimeDomainKHR domain)
{
    if (domain != VK_TIME_DOMAIN_CLOCK_MONOTONIC_RAW_KHR)
        return weft_clock_ns();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

VKAPI_ATTR VkResult VKAPI_CALL vkGetCalibratedTimestampsKHR(
    VkDevice _device, uint32_t count, const VkCalibratedTimestampInfoKHR *infos,
    uint64_t *timestamps_out, uint64_t *deviation_out)
{
    uint64_t begin_ns = weft_clock_ns();

    for (uint32_t i = 0; i < count; i++)
        timestamps_out[i] = read_ns(infos[i].timeDomain);
    /* The readings lie within this many nanoseconds of each other, one tick included. */
    *deviation_out = weft_clock_ns() - begin_ns + 1;
    return VK_SUCCESS;
}
