#version 460
#extension GL_EXT_samplerless_texture_functions : require
#extension GL_EXT_shader_image_load_formatted : require
/* SPDX-License-Identifier: MIT
 * MODE 0: fetch, 1: fetch of integers, 2: store, 3: store of integers, 4 to 7: sample 1D, 2D, 3D, cubes. */
layout(local_size_x = 32) in;
layout(binding = 1, std430) readonly buffer In { vec4 point[]; };
layout(binding = 2, std430) writeonly buffer Out { uvec4 texel[]; };
#if MODE == 0
layout(binding = 0) uniform texture2D image;
#elif MODE == 1
layout(binding = 0) uniform utexture2D image;
#elif MODE == 2
layout(binding = 0) writeonly uniform image2D image;
#elif MODE == 3
layout(binding = 0) writeonly uniform uimage2D image;
#elif MODE == 4
layout(binding = 0) uniform sampler1D image;
#elif MODE == 5
layout(binding = 0) uniform sampler2DArray image;
#elif MODE == 6
layout(binding = 0) uniform sampler3D image;
#else
layout(binding = 0) uniform samplerCube image;
#endif

void main()
{
    uint i = gl_GlobalInvocationID.x;
    vec4 p = point[i];
    ivec2 at = ivec2(i & 31u, i >> 5);
#if MODE == 0
    texel[i] = floatBitsToUint(texelFetch(image, at, 0));
#elif MODE == 1
    texel[i] = texelFetch(image, at, 0);
#elif MODE == 2
    imageStore(image, at, p);
#elif MODE == 3
    imageStore(image, at, floatBitsToUint(p));
#elif MODE == 4
    texel[i] = floatBitsToUint(textureLod(image, p.x, p.w));
#elif MODE == 5
    texel[i] = floatBitsToUint(textureLod(image, vec3(p.xy, 1.0), p.w));
#else
    texel[i] = floatBitsToUint(textureLod(image, p.xyz, p.w));
#endif
}
