#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
/* SPDX-License-Identifier: MIT
 *
 * DOC: Sampling as a program of its own
 *
 * The whole of sampling, compiled when Weft is built, for each instruction set: shaders call it (site.glsl)
 * where their own short code does not do. One invocation serves one lane of the caller.
 */

#include "image.glsl"
#include "sampler.glsl"
#include "quick.glsl"
#include "plain.glsl"
#include "cube.glsl"
#include "place.glsl"
#include "general.glsl"
#include "sample.glsl"
#include "gather.glsl"
#include "ycbcr.glsl"
#include "site.glsl"

layout(local_size_x_id = 0) in;
layout(std430, binding = 0) buffer Call /* struct weft_sample_call */
{
    uint64_t image, smp;
    uint what, stride;
    uint words[];
};

/* Argument k of this lane; results take the first four places. */
uint word(uint k)
{
    return words[k * stride + gl_GlobalInvocationID.x];
}

float number(uint k)
{
    return uintBitsToFloat(word(k));
}

uvec4 sample_as(const uint dim)
{
    vec4 p = vec4(number(0u), number(1u), number(2u), number(3u));
    bool arrayed = (what & 32u) != 0u, integer = (what & 64u) != 0u, compare = (what & 128u) != 0u;
    bool grad = (what & 256u) != 0u;
    uvec4 texel;
    if ((what & 3u) == CALL_GATHER) {
        ivec4 o = ivec4(int(word(4u)), int(word(5u)), int(word(6u)), int(word(7u)));
        ivec4 q = ivec4(int(word(8u)), int(word(9u)), int(word(10u)), int(word(11u)));
        texel = weft_gather(image, smp, p, what >> 9 & 3u, o.xy, o.zw, q.xy, q.zw, number(12u), dim, arrayed, integer,
                            compare);
    } else {
        vec3 dx = vec3(number(5u), number(6u), number(7u)), dy = vec3(number(8u), number(9u), number(10u));
        ivec3 offset = ivec3(int(word(12u)), int(word(13u)), int(word(14u)));
        texel = weft_sample(image, smp, p, number(4u), dx, dy, number(11u), offset, number(15u), dim, arrayed,
                            integer, compare, grad);
    }
    return texel;
}

uvec4 fetch()
{
    uvec4 p = uvec4(word(0u), word(1u), word(2u), word(3u));
    return weft_fetch(image, p, word(4u), word(5u), what >> 2 & 7u, (what & 32u) != 0u, (what & 128u) != 0u,
                      (what & 64u) != 0u, true);
}

uvec4 sample_planes()
{
    vec4 p = vec4(number(0u), number(1u), number(2u), number(3u));
    vec3 dx = vec3(number(5u), number(6u), number(7u)), dy = vec3(number(8u), number(9u), number(10u));
    /* planes 1 and 2: WEFT_COMBINED_DESC_B and another WEFT_IMAGE_DESC_B behind */
    return weft_sample_ycbcr(image, image + 464ul, image + 800ul, smp, p, number(4u), dx, dy, number(11u),
                             (what & 32u) != 0u, (what & 256u) != 0u);
}

void main()
{
    uint dim = what >> 2 & 7u;
    uvec4 texel;
    if ((what & 3u) == CALL_YCBCR) {
        texel = sample_planes();
    } else if ((what & 3u) == CALL_FETCH) {
        texel = fetch();
    } else if (dim == DIM_2D) {
        texel = sample_as(DIM_2D);
    } else if (dim == DIM_3D) {
        texel = sample_as(DIM_3D);
    } else if (dim == DIM_CUBE) {
        texel = sample_as(DIM_CUBE);
    } else {
        texel = sample_as(DIM_1D);
    }
    uint at = gl_GlobalInvocationID.x;
    words[at] = texel.x;
    words[stride + at] = texel.y;
    words[2u * stride + at] = texel.z;
    words[3u * stride + at] = texel.w;
}
