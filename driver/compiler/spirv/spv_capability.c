/* SPDX-License-Identifier: MIT
 *
 * What of SPIR-V Weft has: one row a capability, one row an extension.
 */
#include <string.h>

#define inline static inline /* the header's names of enumerants are functions */
#define SPV_ENABLE_UTILITY_CODE
#include <spirv/unified1/spirv.h>
#undef inline

#include "spv_builder.h"

static const uint16_t capabilities[] = {
    SpvCapabilityMatrix,
    SpvCapabilityShader,
    SpvCapabilityFloat16,
    SpvCapabilityFloat64,
    SpvCapabilityInt64,
    SpvCapabilityInt64Atomics,
    SpvCapabilityInt16,
    SpvCapabilityInt8,
    SpvCapabilityUniformBufferArrayDynamicIndexing,
    SpvCapabilityStorageBufferArrayDynamicIndexing,
    SpvCapabilityGroupNonUniform,
    SpvCapabilityGroupNonUniformVote,
    SpvCapabilityGroupNonUniformArithmetic,
    SpvCapabilityGroupNonUniformBallot,
    SpvCapabilityGroupNonUniformShuffle,
    SpvCapabilityGroupNonUniformShuffleRelative,
    SpvCapabilityGroupNonUniformClustered,
    SpvCapabilityGroupNonUniformQuad,
    SpvCapabilityGroupNonUniformPartitionedNV,
    SpvCapabilitySubgroupBallotKHR,
    SpvCapabilityWorkgroupMemoryExplicitLayoutKHR,
    SpvCapabilityWorkgroupMemoryExplicitLayout8BitAccessKHR,
    SpvCapabilityWorkgroupMemoryExplicitLayout16BitAccessKHR,
    SpvCapabilitySubgroupVoteKHR,
    SpvCapabilityStorageBuffer16BitAccess,
    SpvCapabilityStorageUniform16,
    SpvCapabilityStoragePushConstant16,
    SpvCapabilityDeviceGroup,
    SpvCapabilityVariablePointersStorageBuffer,
    SpvCapabilityVariablePointers,
    SpvCapabilityStorageBuffer8BitAccess,
    SpvCapabilityUniformAndStorageBuffer8BitAccess,
    SpvCapabilityStoragePushConstant8,
    SpvCapabilityDenormPreserve,
    SpvCapabilityDenormFlushToZero,
    SpvCapabilitySignedZeroInfNanPreserve,
    SpvCapabilityRoundingModeRTE,
    SpvCapabilityRoundingModeRTZ,
    SpvCapabilityRawAccessChainsNV,
    SpvCapabilityUntypedPointersKHR,
    SpvCapabilityShaderClockKHR,
    SpvCapabilityQuadControlKHR,
    SpvCapabilityShaderNonUniform,
    SpvCapabilityRuntimeDescriptorArray,
    SpvCapabilityUniformBufferArrayNonUniformIndexing,
    SpvCapabilityStorageBufferArrayNonUniformIndexing,
    SpvCapabilityVulkanMemoryModel,
    SpvCapabilityVulkanMemoryModelDeviceScope,
    SpvCapabilityPhysicalStorageBufferAddresses,
    SpvCapabilityAtomicFloat32MinMaxEXT,
    SpvCapabilityAtomicFloat64MinMaxEXT,
    SpvCapabilityAtomicFloat16MinMaxEXT,
    SpvCapabilityExpectAssumeKHR,
    SpvCapabilityDotProductInputAll,
    SpvCapabilityDotProductInput4x8Bit,
    SpvCapabilityDotProductInput4x8BitPacked,
    SpvCapabilityDotProduct,
    SpvCapabilityReplicatedCompositesEXT,
    SpvCapabilityCooperativeMatrixKHR,
    SpvCapabilityCooperativeMatrixNV,
    SpvCapabilityCooperativeMatrixReductionsNV,
    SpvCapabilityCooperativeMatrixConversionsNV,
    SpvCapabilityCooperativeMatrixPerElementOperationsNV,
    SpvCapabilityCooperativeMatrixTensorAddressingNV,
    SpvCapabilityCooperativeMatrixBlockLoadsNV,
    SpvCapabilityTensorAddressingNV,
    SPV_CAPABILITY_BFLOAT16_TYPE,
    SPV_CAPABILITY_BFLOAT16_DOT_PRODUCT,
    SPV_CAPABILITY_BFLOAT16_COOPERATIVE_MATRIX,
    SPV_CAPABILITY_FLOAT8,
    SPV_CAPABILITY_FMA,
    SPV_CAPABILITY_LONG_VECTOR,
    SPV_CAPABILITY_64_BIT_INDEXING,
    SPV_CAPABILITY_FLOAT8_COOPERATIVE_MATRIX,
    SpvCapabilityIntegerFunctions2INTEL,
    SpvCapabilityBitInstructions,
    SpvCapabilityGroupNonUniformRotateKHR,
    SpvCapabilityFloatControls2,
    SpvCapabilityAtomicFloat32AddEXT,
    SpvCapabilityAtomicFloat64AddEXT,
    SpvCapabilityAtomicFloat16AddEXT,
    SpvCapabilityOptNoneEXT,
    SpvCapabilitySampled1D,
    SpvCapabilityImage1D,
    SpvCapabilitySampledBuffer,
    SpvCapabilityImageBuffer,
    SpvCapabilityImageQuery,
    SpvCapabilityStorageImageExtendedFormats,
    SpvCapabilityStorageImageReadWithoutFormat,
    SpvCapabilityStorageImageWriteWithoutFormat,
    SpvCapabilityStorageImageArrayDynamicIndexing,
    SpvCapabilitySampledImageArrayDynamicIndexing,
    SpvCapabilityStorageImageArrayNonUniformIndexing,
    SpvCapabilitySampledImageArrayNonUniformIndexing,
    SpvCapabilityImageCubeArray,
    SpvCapabilitySampledCubeArray,
    SpvCapabilityImageGatherExtended,
    SpvCapabilityImageMSArray,
    SpvCapabilityStorageImageMultisample,
    SpvCapabilityImageReadWriteLodAMD,
    SpvCapabilityInputAttachment,
    SpvCapabilityInt64ImageEXT,
    SpvCapabilityMinLod,
    SpvCapabilityDerivativeControl,
    SpvCapabilityComputeDerivativeGroupQuadsKHR,
    SpvCapabilityComputeDerivativeGroupLinearKHR,
    SpvCapabilitySparseResidency,
    SpvCapabilityUniformTexelBufferArrayDynamicIndexing,
    SpvCapabilityStorageTexelBufferArrayDynamicIndexing,
    SpvCapabilityUniformTexelBufferArrayNonUniformIndexing,
    SpvCapabilityStorageTexelBufferArrayNonUniformIndexing,
};

static const char *const extensions[] = {
    "SPV_AMD_shader_image_load_store_lod",
    "SPV_AMD_shader_trinary_minmax",
    "SPV_EXT_descriptor_indexing",
    "SPV_EXT_float8",
    "SPV_EXT_long_vector",
    "SPV_EXT_optnone",
    "SPV_EXT_physical_storage_buffer",
    "SPV_EXT_replicated_composites",
    "SPV_EXT_shader_64bit_indexing",
    "SPV_EXT_shader_atomic_float_add",
    "SPV_EXT_shader_atomic_float_min_max",
    "SPV_EXT_shader_atomic_float16_add",
    "SPV_EXT_shader_image_int64",
    "SPV_EXT_shader_subgroup_partitioned",
    "SPV_GOOGLE_decorate_string",
    "SPV_GOOGLE_hlsl_functionality1",
    "SPV_GOOGLE_user_type",
    "SPV_INTEL_shader_integer_functions2",
    "SPV_KHR_16bit_storage",
    "SPV_KHR_8bit_storage",
    "SPV_KHR_bfloat16",
    "SPV_KHR_bit_instructions",
    "SPV_KHR_compute_shader_derivatives",
    "SPV_KHR_cooperative_matrix",
    "SPV_KHR_device_group",
    "SPV_KHR_expect_assume",
    "SPV_KHR_float_controls",
    "SPV_KHR_float_controls2",
    "SPV_KHR_fma",
    "SPV_KHR_integer_dot_product",
    "SPV_KHR_linkonce_odr",
    "SPV_KHR_maximal_reconvergence",
    "SPV_KHR_no_integer_wrap_decoration",
    "SPV_KHR_non_semantic_info",
    "SPV_KHR_physical_storage_buffer",
    "SPV_KHR_quad_control",
    "SPV_KHR_relaxed_extended_instruction",
    "SPV_KHR_shader_ballot",
    "SPV_KHR_shader_clock",
    "SPV_KHR_storage_buffer_storage_class",
    "SPV_KHR_subgroup_rotate",
    "SPV_KHR_subgroup_uniform_control_flow",
    "SPV_KHR_subgroup_vote",
    "SPV_KHR_terminate_invocation",
    "SPV_KHR_untyped_pointers",
    "SPV_KHR_variable_pointers",
    "SPV_KHR_vulkan_memory_model",
    "SPV_KHR_workgroup_memory_explicit_layout",
    "SPV_NV_compute_shader_derivatives",
    "SPV_NV_cooperative_matrix",
    "SPV_NV_cooperative_matrix2",
    "SPV_NV_raw_access_chains",
    "SPV_NV_shader_subgroup_partitioned",
    "SPV_NV_tensor_addressing",
};

void spv_check_capability(struct spv_builder *b, uint32_t capability)
{
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
        if (capabilities[i] == capability)
            return;
    spv_unsupported(b, "capability %s (%u) is not supported",
                    SpvCapabilityToString((SpvCapability)capability), capability);
}

void spv_check_extension(struct spv_builder *b, const char *name)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (!strcmp(extensions[i], name))
            return;
    spv_unsupported(b, "extension %.100s is not supported", name);
}

/* Opcodes that the headers may not know. */
static const struct newer {
    uint16_t op;
    bool has_result, has_type;
    const char *name;
} newer[] = {
    {SPV_OP_FMA, true, true, "OpFmaKHR"},
    {SPV_OP_TYPE_VECTOR_ID, true, false, "OpTypeVectorIdEXT"},
};

static const struct newer *find_newer(uint32_t op)
{
    for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
        if (newer[i].op == op)
            return &newer[i];
    return NULL;
}

const char *spv_op_name(uint32_t op)
{
    const struct newer *row = find_newer(op);
    return row ? row->name : SpvOpToString((SpvOp)op);
}

void spv_op_result(uint32_t op, bool *has_result_out, bool *has_type_out)
{
    const struct newer *row = find_newer(op);
    if (row) {
        *has_result_out = row->has_result;
        *has_type_out = row->has_type;
        return;
    }
    SpvHasResultAndType((SpvOp)op, has_result_out, has_type_out);
}
