/* SPDX-License-Identifier: MIT
 *
 * Debug labels in command buffers (VK_EXT_debug_utils). The validation layer and capture
 * tools keep them; the driver has nothing to show them in and only accepts them.
 */
#include "cmd_buffer.h"

VKAPI_ATTR void VKAPI_CALL vkCmdBeginDebugUtilsLabelEXT(VkCommandBuffer handle,
                                                        const VkDebugUtilsLabelEXT *pLabelInfo)
{
    (void)ICD_CMD(handle);
}

VKAPI_ATTR void VKAPI_CALL vkCmdEndDebugUtilsLabelEXT(VkCommandBuffer handle)
{
    (void)ICD_CMD(handle);
}

VKAPI_ATTR void VKAPI_CALL vkCmdInsertDebugUtilsLabelEXT(VkCommandBuffer handle,
                                                         const VkDebugUtilsLabelEXT *pLabelInfo)
{
    (void)ICD_CMD(handle);
}
