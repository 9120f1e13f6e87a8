// SPDX-License-Identifier: MIT
// For 32 points (texel coordinates and a level): the texel, and what the sparse forms of the instructions that read
// around it say of its memory, a bit each: fetch, read (of level 0), nearest, linear, gather.
#version 450
#extension GL_ARB_sparse_texture2 : require
layout(local_size_x = 32) in;
layout(set = 0, binding = 0) uniform sampler2DArray nearest;
layout(set = 0, binding = 1) uniform sampler2DArray linear;
layout(set = 0, binding = 2, r32ui) uniform readonly uimage2DArray stored;
layout(set = 0, binding = 3) buffer Points { ivec4 points[32]; uvec2 results[]; };

void main()
{
    uint i = gl_LocalInvocationIndex;
    ivec3 p = points[i].xyz;
    int level = points[i].w;
    vec4 v, ignored;
    uvec4 u;
    vec3 at = vec3((vec2(p.xy) + 0.5) / vec2(textureSize(nearest, level).xy), float(p.z));
    vec3 corner = vec3(vec2(p.xy) / vec2(textureSize(nearest, level).xy), float(p.z));
    uint bits = sparseTexelsResidentARB(sparseTexelFetchARB(nearest, p, level, v)) ? 1u : 0u;
    bits |= sparseTexelsResidentARB(sparseImageLoadARB(stored, p, u)) ? 2u : 0u;
    bits |= sparseTexelsResidentARB(sparseTextureLodARB(nearest, at, float(level), ignored)) ? 4u : 0u;
    bits |= sparseTexelsResidentARB(sparseTextureLodARB(linear, corner, float(level), ignored)) ? 8u : 0u;
    bits |= sparseTexelsResidentARB(sparseTextureGatherARB(nearest, corner, ignored)) ? 16u : 0u;
    results[i] = uvec2(packUnorm4x8(v), bits);
}
