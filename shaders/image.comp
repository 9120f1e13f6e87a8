#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
/* SPDX-License-Identifier: MIT
 * The built-in image library as one module; see image.glsl. main only keeps glslang from dropping the
 * functions; it is never run. */

#include "image.glsl"
#include "sampler.glsl"
#include "quick.glsl"
#include "cube.glsl"
#include "place.glsl"
#include "site.glsl"
#include "resident.glsl"

layout(local_size_x = 1) in;
layout(std430, binding = 0) buffer Data
{
    uint64_t image, smp;
    uvec4 result[];
};

void main()
{
    uvec4 p = result[0];
    vec4 f = uintBitsToFloat(p);
    result[1] = weft_image_fetch(image, p, p.x, p.y, p.z, false, false, false, true);
    weft_image_write(image, p, p, 0u, 0u, p.z, false, false);
    result[2].x = weft_image_texel(image, p, 0u, p.z, false, false, 0u, 2u);
    result[3].xyz = weft_image_size(image, 0u, p.z, false);
    result[4] = weft_image_sample(image, smp, f, f.x, f.xyz, f.xyz, f.x, ivec3(0), f.x, p.z, false, false,
                                  false, false);
    result[5] = weft_image_gather(image, smp, f, p.x, ivec2(0), ivec2(0), ivec2(0), ivec2(0), f.x, p.z,
                                  false, false, false);
    result[7] = weft_image_sample_ycbcr(image, smp, f, f.x, f.xyz, f.xyz, f.x, false, false);
    result[6].xy = floatBitsToUint(weft_image_query_lod(image, smp, f.xyz, f.xyz, p.z));
    result[8].x = weft_resident_fetch(image, p, p.w, p.w, p.z, false, false, false);
    result[8].y = weft_resident_sample(image, smp, f, f.x, f.xyz, f.xyz, f.x, ivec3(0), p.z, false, false, false);
    result[8].z = weft_resident_gather(image, smp, f, ivec2(0), ivec2(0), ivec2(0), ivec2(0), p.z, false);
}
