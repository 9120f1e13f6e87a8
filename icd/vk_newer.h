/* SPDX-License-Identifier: MIT
 *
 * DOC: Extensions newer than the headers
 *
 * Weft builds against Vulkan headers 1.4.309 or newer. What is younger than that and Weft supports
 * is declared here and nowhere else; the rest of icd/ uses the names as if the headers had them. A
 * block is skipped where the headers know the extension.
 *
 * The generators read this file too (registry.py), so its form is fixed:
 *   - `#ifndef VK_name` with the comment `device` or `instance` begins an extension;
 *   - the #define of a structure's VkStructureType comes directly before the structure;
 *   - a structure that extends others names them in a comment behind its last line;
 *   - a command is a prototype, which begins with VKAPI_ATTR;
 *   - `typedef A B;` makes B another name of the structure A.
 */
#ifndef ICD_VK_NEWER_H
#define ICD_VK_NEWER_H

#ifndef VK_KHR_maintenance9 /* device */
#define VK_KHR_maintenance9 1
#define VK_KHR_MAINTENANCE_9_SPEC_VERSION 1
#define VK_DEPENDENCY_ASYMMETRIC_EVENT_BIT_KHR ((VkDependencyFlagBits)0x00000040)
#define VK_QUERY_POOL_CREATE_RESET_BIT_KHR 0x00000001u
typedef enum VkDefaultVertexAttributeValueKHR {
    VK_DEFAULT_VERTEX_ATTRIBUTE_VALUE_ZERO_ZERO_ZERO_ZERO_KHR = 0,
    VK_DEFAULT_VERTEX_ATTRIBUTE_VALUE_ZERO_ZERO_ZERO_ONE_KHR = 1,
} VkDefaultVertexAttributeValueKHR;
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_9_FEATURES_KHR ((VkStructureType)1000584000)
typedef struct VkPhysicalDeviceMaintenance9FeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 maintenance9;
} VkPhysicalDeviceMaintenance9FeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_9_PROPERTIES_KHR ((VkStructureType)1000584001)
typedef struct VkPhysicalDeviceMaintenance9PropertiesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 image2DViewOf3DSparse;
    VkDefaultVertexAttributeValueKHR defaultVertexAttributeValue;
} VkPhysicalDeviceMaintenance9PropertiesKHR; /* extends VkPhysicalDeviceProperties2 */
#define VK_STRUCTURE_TYPE_QUEUE_FAMILY_OWNERSHIP_TRANSFER_PROPERTIES_KHR                           \
    ((VkStructureType)1000584002)
typedef struct VkQueueFamilyOwnershipTransferPropertiesKHR {
    VkStructureType sType;
    void *pNext;
    uint32_t optimalImageTransferToQueueFamilies;
} VkQueueFamilyOwnershipTransferPropertiesKHR; /* extends VkQueueFamilyProperties2 */
#endif

#ifndef VK_KHR_robustness2 /* device */
#define VK_KHR_robustness2 1
#define VK_KHR_ROBUSTNESS_2_SPEC_VERSION 1
typedef VkPhysicalDeviceRobustness2FeaturesEXT VkPhysicalDeviceRobustness2FeaturesKHR;
typedef VkPhysicalDeviceRobustness2PropertiesEXT VkPhysicalDeviceRobustness2PropertiesKHR;
#endif

#ifndef VK_EXT_zero_initialize_device_memory /* device */
#define VK_EXT_zero_initialize_device_memory 1
#define VK_EXT_ZERO_INITIALIZE_DEVICE_MEMORY_SPEC_VERSION 1
#define VK_MEMORY_ALLOCATE_ZERO_INITIALIZE_BIT_EXT ((VkMemoryAllocateFlagBits)0x00000008)
#define VK_IMAGE_LAYOUT_ZERO_INITIALIZED_EXT ((VkImageLayout)1000620000)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ZERO_INITIALIZE_DEVICE_MEMORY_FEATURES_EXT               \
    ((VkStructureType)1000620000)
typedef struct VkPhysicalDeviceZeroInitializeDeviceMemoryFeaturesEXT {
    VkStructureType sType;
    void *pNext;
    VkBool32 zeroInitializeDeviceMemory;
} VkPhysicalDeviceZeroInitializeDeviceMemoryFeaturesEXT; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_KHR_unified_image_layouts /* device */
#define VK_KHR_unified_image_layouts 1
#define VK_KHR_UNIFIED_IMAGE_LAYOUTS_SPEC_VERSION 1
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_UNIFIED_IMAGE_LAYOUTS_FEATURES_KHR                       \
    ((VkStructureType)1000527000)
typedef struct VkPhysicalDeviceUnifiedImageLayoutsFeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 unifiedImageLayouts;
    VkBool32 unifiedImageLayoutsVideo;
} VkPhysicalDeviceUnifiedImageLayoutsFeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_KHR_internally_synchronized_queues /* device */
#define VK_KHR_internally_synchronized_queues 1
#define VK_KHR_INTERNALLY_SYNCHRONIZED_QUEUES_SPEC_VERSION 1
#define VK_DEVICE_QUEUE_CREATE_INTERNALLY_SYNCHRONIZED_BIT_KHR                                     \
    ((VkDeviceQueueCreateFlagBits)0x00000004)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_INTERNALLY_SYNCHRONIZED_QUEUES_FEATURES_KHR              \
    ((VkStructureType)1000504000)
typedef struct VkPhysicalDeviceInternallySynchronizedQueuesFeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 internallySynchronizedQueues;
} VkPhysicalDeviceInternallySynchronizedQueuesFeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_KHR_shader_bfloat16 /* device */
#define VK_KHR_shader_bfloat16 1
#define VK_KHR_SHADER_BFLOAT16_SPEC_VERSION 1
#define VK_COMPONENT_TYPE_BFLOAT16_KHR ((VkComponentTypeKHR)1000141000)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR ((VkStructureType)1000141000)
typedef struct VkPhysicalDeviceShaderBfloat16FeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 shaderBFloat16Type;
    VkBool32 shaderBFloat16DotProduct;
    VkBool32 shaderBFloat16CooperativeMatrix;
} VkPhysicalDeviceShaderBfloat16FeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_EXT_shader_float8 /* device */
#define VK_EXT_shader_float8 1
#define VK_EXT_SHADER_FLOAT8_SPEC_VERSION 1
#define VK_COMPONENT_TYPE_FLOAT8_E4M3_EXT ((VkComponentTypeKHR)1000491002)
#define VK_COMPONENT_TYPE_FLOAT8_E5M2_EXT ((VkComponentTypeKHR)1000491003)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT8_FEATURES_EXT ((VkStructureType)1000567000)
typedef struct VkPhysicalDeviceShaderFloat8FeaturesEXT {
    VkStructureType sType;
    void *pNext;
    VkBool32 shaderFloat8;
    VkBool32 shaderFloat8CooperativeMatrix;
} VkPhysicalDeviceShaderFloat8FeaturesEXT; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_KHR_shader_untyped_pointers /* device */
#define VK_KHR_shader_untyped_pointers 1
#define VK_KHR_SHADER_UNTYPED_POINTERS_SPEC_VERSION 1
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_UNTYPED_POINTERS_FEATURES_KHR                     \
    ((VkStructureType)1000387000)
typedef struct VkPhysicalDeviceShaderUntypedPointersFeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 shaderUntypedPointers;
} VkPhysicalDeviceShaderUntypedPointersFeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_KHR_shader_fma /* device */
#define VK_KHR_shader_fma 1
#define VK_KHR_SHADER_FMA_SPEC_VERSION 1
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FMA_FEATURES_KHR ((VkStructureType)1000579000)
typedef struct VkPhysicalDeviceShaderFmaFeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 shaderFmaFloat16;
    VkBool32 shaderFmaFloat32;
    VkBool32 shaderFmaFloat64;
} VkPhysicalDeviceShaderFmaFeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_EXT_shader_64bit_indexing /* device */
#define VK_EXT_shader_64bit_indexing 1
#define VK_EXT_SHADER_64BIT_INDEXING_SPEC_VERSION 1
#define VK_PIPELINE_CREATE_2_64_BIT_INDEXING_BIT_EXT 0x80000000000ull
#define VK_SHADER_CREATE_64_BIT_INDEXING_BIT_EXT ((VkShaderCreateFlagBitsEXT)0x00008000)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_64_BIT_INDEXING_FEATURES_EXT                      \
    ((VkStructureType)1000627000)
typedef struct VkPhysicalDeviceShader64BitIndexingFeaturesEXT {
    VkStructureType sType;
    void *pNext;
    VkBool32 shader64BitIndexing;
} VkPhysicalDeviceShader64BitIndexingFeaturesEXT; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_EXT_shader_uniform_buffer_unsized_array /* device */
#define VK_EXT_shader_uniform_buffer_unsized_array 1
#define VK_EXT_SHADER_UNIFORM_BUFFER_UNSIZED_ARRAY_SPEC_VERSION 1
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_UNIFORM_BUFFER_UNSIZED_ARRAY_FEATURES_EXT         \
    ((VkStructureType)1000642000)
typedef struct VkPhysicalDeviceShaderUniformBufferUnsizedArrayFeaturesEXT {
    VkStructureType sType;
    void *pNext;
    VkBool32 shaderUniformBufferUnsizedArray;
} VkPhysicalDeviceShaderUniformBufferUnsizedArrayFeaturesEXT; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_EXT_shader_long_vector /* device */
#define VK_EXT_shader_long_vector 1
#define VK_EXT_SHADER_LONG_VECTOR_SPEC_VERSION 1
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_LONG_VECTOR_FEATURES_EXT                          \
    ((VkStructureType)1000635000)
typedef struct VkPhysicalDeviceShaderLongVectorFeaturesEXT {
    VkStructureType sType;
    void *pNext;
    VkBool32 longVector;
} VkPhysicalDeviceShaderLongVectorFeaturesEXT; /* extends VkPhysicalDeviceFeatures2 */
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_LONG_VECTOR_PROPERTIES_EXT                        \
    ((VkStructureType)1000635001)
typedef struct VkPhysicalDeviceShaderLongVectorPropertiesEXT {
    VkStructureType sType;
    void *pNext;
    uint32_t maxVectorComponents;
} VkPhysicalDeviceShaderLongVectorPropertiesEXT; /* extends VkPhysicalDeviceProperties2 */
#endif

#ifndef VK_EXT_shader_subgroup_partitioned /* device */
#define VK_EXT_shader_subgroup_partitioned 1
#define VK_EXT_SHADER_SUBGROUP_PARTITIONED_SPEC_VERSION 1
#define VK_SUBGROUP_FEATURE_PARTITIONED_BIT_EXT ((VkSubgroupFeatureFlagBits)0x00000100)
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SUBGROUP_PARTITIONED_FEATURES_EXT                 \
    ((VkStructureType)1000662000)
typedef struct VkPhysicalDeviceShaderSubgroupPartitionedFeaturesEXT {
    VkStructureType sType;
    void *pNext;
    VkBool32 shaderSubgroupPartitioned;
} VkPhysicalDeviceShaderSubgroupPartitionedFeaturesEXT; /* extends VkPhysicalDeviceFeatures2 */
#endif

#ifndef VK_KHR_copy_memory_indirect /* device */
#define VK_KHR_copy_memory_indirect 1
#define VK_KHR_COPY_MEMORY_INDIRECT_SPEC_VERSION 1
#define VK_PIPELINE_STAGE_2_COPY_INDIRECT_BIT_KHR 0x400000000000ull
#define VK_FORMAT_FEATURE_2_COPY_IMAGE_INDIRECT_DST_BIT_KHR 0x800000000000000ull
typedef struct VkStridedDeviceAddressRangeKHR {
    VkDeviceAddress address;
    VkDeviceSize size;
    VkDeviceSize stride;
} VkStridedDeviceAddressRangeKHR;
typedef VkFlags VkAddressCopyFlagsKHR;
typedef struct VkCopyMemoryIndirectCommandKHR {
    VkDeviceAddress srcAddress;
    VkDeviceAddress dstAddress;
    VkDeviceSize size;
} VkCopyMemoryIndirectCommandKHR;
#define VK_STRUCTURE_TYPE_COPY_MEMORY_INDIRECT_INFO_KHR ((VkStructureType)1000549002)
typedef struct VkCopyMemoryIndirectInfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkAddressCopyFlagsKHR srcCopyFlags;
    VkAddressCopyFlagsKHR dstCopyFlags;
    uint32_t copyCount;
    VkStridedDeviceAddressRangeKHR copyAddressRange;
} VkCopyMemoryIndirectInfoKHR;
typedef struct VkCopyMemoryToImageIndirectCommandKHR {
    VkDeviceAddress srcAddress;
    uint32_t bufferRowLength;
    uint32_t bufferImageHeight;
    VkImageSubresourceLayers imageSubresource;
    VkOffset3D imageOffset;
    VkExtent3D imageExtent;
} VkCopyMemoryToImageIndirectCommandKHR;
#define VK_STRUCTURE_TYPE_COPY_MEMORY_TO_IMAGE_INDIRECT_INFO_KHR ((VkStructureType)1000549003)
typedef struct VkCopyMemoryToImageIndirectInfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkAddressCopyFlagsKHR srcCopyFlags;
    uint32_t copyCount;
    VkStridedDeviceAddressRangeKHR copyAddressRange;
    VkImage dstImage;
    VkImageLayout dstImageLayout;
    const VkImageSubresourceLayers *pImageSubresources;
} VkCopyMemoryToImageIndirectInfoKHR;
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COPY_MEMORY_INDIRECT_FEATURES_KHR                        \
    ((VkStructureType)1000549000)
typedef struct VkPhysicalDeviceCopyMemoryIndirectFeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 indirectMemoryCopy;
    VkBool32 indirectMemoryToImageCopy;
} VkPhysicalDeviceCopyMemoryIndirectFeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COPY_MEMORY_INDIRECT_PROPERTIES_KHR                      \
    ((VkStructureType)1000426001)
typedef struct VkPhysicalDeviceCopyMemoryIndirectPropertiesKHR {
    VkStructureType sType;
    void *pNext;
    VkQueueFlags supportedQueues;
} VkPhysicalDeviceCopyMemoryIndirectPropertiesKHR; /* extends VkPhysicalDeviceProperties2 */
typedef void(VKAPI_PTR *PFN_vkCmdCopyMemoryIndirectKHR)(
    VkCommandBuffer commandBuffer, const VkCopyMemoryIndirectInfoKHR *pCopyMemoryIndirectInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryIndirectKHR(
    VkCommandBuffer commandBuffer, const VkCopyMemoryIndirectInfoKHR *pCopyMemoryIndirectInfo);
typedef void(VKAPI_PTR *PFN_vkCmdCopyMemoryToImageIndirectKHR)(
    VkCommandBuffer commandBuffer,
    const VkCopyMemoryToImageIndirectInfoKHR *pCopyMemoryToImageIndirectInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryToImageIndirectKHR(
    VkCommandBuffer commandBuffer,
    const VkCopyMemoryToImageIndirectInfoKHR *pCopyMemoryToImageIndirectInfo);
#endif

#ifndef VK_KHR_maintenance10 /* device */
#define VK_KHR_maintenance10 1
#define VK_KHR_MAINTENANCE_10_SPEC_VERSION 1
#define VK_FORMAT_FEATURE_2_DEPTH_COPY_ON_COMPUTE_QUEUE_BIT_KHR 0x10000000000000ull
#define VK_FORMAT_FEATURE_2_DEPTH_COPY_ON_TRANSFER_QUEUE_BIT_KHR 0x20000000000000ull
#define VK_FORMAT_FEATURE_2_STENCIL_COPY_ON_COMPUTE_QUEUE_BIT_KHR 0x40000000000000ull
#define VK_FORMAT_FEATURE_2_STENCIL_COPY_ON_TRANSFER_QUEUE_BIT_KHR 0x80000000000000ull
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_10_FEATURES_KHR ((VkStructureType)1000630000)
typedef struct VkPhysicalDeviceMaintenance10FeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 maintenance10;
} VkPhysicalDeviceMaintenance10FeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_10_PROPERTIES_KHR                            \
    ((VkStructureType)1000630001)
typedef struct VkPhysicalDeviceMaintenance10PropertiesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 rgba4OpaqueBlackSwizzled;
    VkBool32 resolveSrgbFormatAppliesTransferFunction;
    VkBool32 resolveSrgbFormatSupportsTransferFunctionControl;
} VkPhysicalDeviceMaintenance10PropertiesKHR; /* extends VkPhysicalDeviceProperties2 */
#define VK_STRUCTURE_TYPE_RENDERING_END_INFO_KHR ((VkStructureType)1000619003)
typedef struct VkRenderingEndInfoKHR {
    VkStructureType sType;
    const void *pNext;
} VkRenderingEndInfoKHR;
VKAPI_ATTR void VKAPI_CALL vkCmdEndRendering2KHR(
    VkCommandBuffer commandBuffer, const VkRenderingEndInfoKHR *pRenderingEndInfo);
#endif

#ifndef VK_KHR_maintenance11 /* device */
#define VK_KHR_maintenance11 1
#define VK_KHR_MAINTENANCE_11_SPEC_VERSION 1
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_11_FEATURES_KHR ((VkStructureType)1000657000)
typedef struct VkPhysicalDeviceMaintenance11FeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 maintenance11;
} VkPhysicalDeviceMaintenance11FeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#define VK_STRUCTURE_TYPE_QUEUE_FAMILY_OPTIMAL_IMAGE_TRANSFER_GRANULARITY_PROPERTIES_KHR           \
    ((VkStructureType)1000657001)
typedef struct VkQueueFamilyOptimalImageTransferGranularityPropertiesKHR {
    VkStructureType sType;
    void *pNext;
    VkExtent3D optimalImageTransferGranularity;
} VkQueueFamilyOptimalImageTransferGranularityPropertiesKHR; /* extends VkQueueFamilyProperties2 */
#endif

#ifndef VK_KHR_device_address_commands /* device */
#define VK_KHR_device_address_commands 1
#define VK_KHR_DEVICE_ADDRESS_COMMANDS_SPEC_VERSION 1
typedef VkFlags VkAddressCommandFlagsKHR;
typedef struct VkDeviceAddressRangeKHR {
    VkDeviceAddress address;
    VkDeviceSize size;
} VkDeviceAddressRangeKHR;
#define VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DEVICE_ADDRESS_COMMANDS_FEATURES_KHR                     \
    ((VkStructureType)1000318006)
typedef struct VkPhysicalDeviceDeviceAddressCommandsFeaturesKHR {
    VkStructureType sType;
    void *pNext;
    VkBool32 deviceAddressCommands;
} VkPhysicalDeviceDeviceAddressCommandsFeaturesKHR; /* extends VkPhysicalDeviceFeatures2 */
#define VK_STRUCTURE_TYPE_DEVICE_MEMORY_COPY_KHR ((VkStructureType)1000318000)
typedef struct VkDeviceMemoryCopyKHR {
    VkStructureType sType;
    const void *pNext;
    VkDeviceAddressRangeKHR srcRange;
    VkAddressCommandFlagsKHR srcFlags;
    VkDeviceAddressRangeKHR dstRange;
    VkAddressCommandFlagsKHR dstFlags;
} VkDeviceMemoryCopyKHR;
#define VK_STRUCTURE_TYPE_COPY_DEVICE_MEMORY_INFO_KHR ((VkStructureType)1000318001)
typedef struct VkCopyDeviceMemoryInfoKHR {
    VkStructureType sType;
    const void *pNext;
    uint32_t regionCount;
    const VkDeviceMemoryCopyKHR *pRegions;
} VkCopyDeviceMemoryInfoKHR;
#define VK_STRUCTURE_TYPE_DEVICE_MEMORY_IMAGE_COPY_KHR ((VkStructureType)1000318002)
typedef struct VkDeviceMemoryImageCopyKHR {
    VkStructureType sType;
    const void *pNext;
    VkDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
    uint32_t addressRowLength;
    uint32_t addressImageHeight;
    VkImageSubresourceLayers imageSubresource;
    VkImageLayout imageLayout;
    VkOffset3D imageOffset;
    VkExtent3D imageExtent;
} VkDeviceMemoryImageCopyKHR;
#define VK_STRUCTURE_TYPE_COPY_DEVICE_MEMORY_IMAGE_INFO_KHR ((VkStructureType)1000318003)
typedef struct VkCopyDeviceMemoryImageInfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkImage image;
    uint32_t regionCount;
    const VkDeviceMemoryImageCopyKHR *pRegions;
} VkCopyDeviceMemoryImageInfoKHR;
#define VK_STRUCTURE_TYPE_MEMORY_RANGE_BARRIER_KHR ((VkStructureType)1000318005)
typedef struct VkMemoryRangeBarrierKHR {
    VkStructureType sType;
    const void *pNext;
    VkPipelineStageFlags2 srcStageMask;
    VkAccessFlags2 srcAccessMask;
    VkPipelineStageFlags2 dstStageMask;
    VkAccessFlags2 dstAccessMask;
    uint32_t srcQueueFamilyIndex;
    uint32_t dstQueueFamilyIndex;
    VkDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
} VkMemoryRangeBarrierKHR;
#define VK_STRUCTURE_TYPE_MEMORY_RANGE_BARRIERS_INFO_KHR ((VkStructureType)1000318004)
typedef struct VkMemoryRangeBarriersInfoKHR {
    VkStructureType sType;
    const void *pNext;
    uint32_t memoryRangeBarrierCount;
    const VkMemoryRangeBarrierKHR *pMemoryRangeBarriers;
} VkMemoryRangeBarriersInfoKHR; /* extends VkDependencyInfo */
#define VK_STRUCTURE_TYPE_DISPATCH_INDIRECT_2_INFO_KHR ((VkStructureType)1000318011)
typedef struct VkDispatchIndirect2InfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
} VkDispatchIndirect2InfoKHR;
#define VK_STRUCTURE_TYPE_CONDITIONAL_RENDERING_BEGIN_INFO_2_EXT ((VkStructureType)1000318012)
typedef struct VkConditionalRenderingBeginInfo2EXT {
    VkStructureType sType;
    const void *pNext;
    VkDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
    VkConditionalRenderingFlagsEXT flags;
} VkConditionalRenderingBeginInfo2EXT;
#define VK_STRUCTURE_TYPE_BIND_INDEX_BUFFER_3_INFO_KHR ((VkStructureType)1000318007)
typedef struct VkBindIndexBuffer3InfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
    VkIndexType indexType;
} VkBindIndexBuffer3InfoKHR;
#define VK_STRUCTURE_TYPE_BIND_VERTEX_BUFFER_3_INFO_KHR ((VkStructureType)1000318008)
typedef struct VkBindVertexBuffer3InfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkBool32 setStride;
    VkStridedDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
} VkBindVertexBuffer3InfoKHR;
#define VK_STRUCTURE_TYPE_DRAW_INDIRECT_2_INFO_KHR ((VkStructureType)1000318009)
typedef struct VkDrawIndirect2InfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkStridedDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
    uint32_t drawCount;
} VkDrawIndirect2InfoKHR;
#define VK_STRUCTURE_TYPE_DRAW_INDIRECT_COUNT_2_INFO_KHR ((VkStructureType)1000318010)
typedef struct VkDrawIndirectCount2InfoKHR {
    VkStructureType sType;
    const void *pNext;
    VkStridedDeviceAddressRangeKHR addressRange;
    VkAddressCommandFlagsKHR addressFlags;
    VkDeviceAddressRangeKHR countAddressRange;
    VkAddressCommandFlagsKHR countAddressFlags;
    uint32_t maxDrawCount;
} VkDrawIndirectCount2InfoKHR;
VKAPI_ATTR void VKAPI_CALL vkCmdBindIndexBuffer3KHR(
    VkCommandBuffer commandBuffer, const VkBindIndexBuffer3InfoKHR *pInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdBindVertexBuffers3KHR(
    VkCommandBuffer commandBuffer, uint32_t firstBinding, uint32_t bindingCount, const
    VkBindVertexBuffer3InfoKHR *pBindingInfos);
VKAPI_ATTR void VKAPI_CALL vkCmdDrawIndirect2KHR(
    VkCommandBuffer commandBuffer, const VkDrawIndirect2InfoKHR *pInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdDrawIndexedIndirect2KHR(
    VkCommandBuffer commandBuffer, const VkDrawIndirect2InfoKHR *pInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdDrawIndirectCount2KHR(
    VkCommandBuffer commandBuffer, const VkDrawIndirectCount2InfoKHR *pInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdDrawIndexedIndirectCount2KHR(
    VkCommandBuffer commandBuffer, const VkDrawIndirectCount2InfoKHR *pInfo);
typedef void(VKAPI_PTR *PFN_vkCmdDispatchIndirect2KHR)(
    VkCommandBuffer commandBuffer, const VkDispatchIndirect2InfoKHR *pInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdDispatchIndirect2KHR(
    VkCommandBuffer commandBuffer, const VkDispatchIndirect2InfoKHR *pInfo);
typedef void(VKAPI_PTR *PFN_vkCmdCopyMemoryKHR)(
    VkCommandBuffer commandBuffer, const VkCopyDeviceMemoryInfoKHR *pCopyMemoryInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryKHR(
    VkCommandBuffer commandBuffer, const VkCopyDeviceMemoryInfoKHR *pCopyMemoryInfo);
typedef void(VKAPI_PTR *PFN_vkCmdCopyMemoryToImageKHR)(
    VkCommandBuffer commandBuffer, const VkCopyDeviceMemoryImageInfoKHR *pCopyMemoryInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdCopyMemoryToImageKHR(
    VkCommandBuffer commandBuffer, const VkCopyDeviceMemoryImageInfoKHR *pCopyMemoryInfo);
typedef void(VKAPI_PTR *PFN_vkCmdCopyImageToMemoryKHR)(
    VkCommandBuffer commandBuffer, const VkCopyDeviceMemoryImageInfoKHR *pCopyMemoryInfo);
VKAPI_ATTR void VKAPI_CALL vkCmdCopyImageToMemoryKHR(
    VkCommandBuffer commandBuffer, const VkCopyDeviceMemoryImageInfoKHR *pCopyMemoryInfo);
typedef void(VKAPI_PTR *PFN_vkCmdUpdateMemoryKHR)(
    VkCommandBuffer commandBuffer, const VkDeviceAddressRangeKHR *pDstRange,
    VkAddressCommandFlagsKHR dstFlags, VkDeviceSize dataSize, const void *pData);
VKAPI_ATTR void VKAPI_CALL vkCmdUpdateMemoryKHR(
    VkCommandBuffer commandBuffer, const VkDeviceAddressRangeKHR *pDstRange,
    VkAddressCommandFlagsKHR dstFlags, VkDeviceSize dataSize, const void *pData);
typedef void(VKAPI_PTR *PFN_vkCmdFillMemoryKHR)(
    VkCommandBuffer commandBuffer, const VkDeviceAddressRangeKHR *pDstRange,
    VkAddressCommandFlagsKHR dstFlags, uint32_t data);
VKAPI_ATTR void VKAPI_CALL vkCmdFillMemoryKHR(
    VkCommandBuffer commandBuffer, const VkDeviceAddressRangeKHR *pDstRange,
    VkAddressCommandFlagsKHR dstFlags, uint32_t data);
typedef void(VKAPI_PTR *PFN_vkCmdCopyQueryPoolResultsToMemoryKHR)(
    VkCommandBuffer commandBuffer, VkQueryPool queryPool, uint32_t firstQuery, uint32_t
    queryCount, const VkStridedDeviceAddressRangeKHR *pDstRange, VkAddressCommandFlagsKHR
    dstFlags, VkQueryResultFlags queryResultFlags);
VKAPI_ATTR void VKAPI_CALL vkCmdCopyQueryPoolResultsToMemoryKHR(
    VkCommandBuffer commandBuffer, VkQueryPool queryPool, uint32_t firstQuery, uint32_t
    queryCount, const VkStridedDeviceAddressRangeKHR *pDstRange, VkAddressCommandFlagsKHR
    dstFlags, VkQueryResultFlags queryResultFlags);
typedef void(VKAPI_PTR *PFN_vkCmdBeginConditionalRendering2EXT)(
    VkCommandBuffer commandBuffer, const VkConditionalRenderingBeginInfo2EXT
    *pConditionalRenderingBegin);
VKAPI_ATTR void VKAPI_CALL vkCmdBeginConditionalRendering2EXT(
    VkCommandBuffer commandBuffer, const VkConditionalRenderingBeginInfo2EXT
    *pConditionalRenderingBegin);
#endif

#endif
