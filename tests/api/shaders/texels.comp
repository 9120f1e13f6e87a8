// SPDX-License-Identifier: MIT
#version 450
layout(local_size_x = 1) in;
layout(set = 0, binding = 0) uniform samplerBuffer uniforms;
layout(set = 0, binding = 1, r32ui) uniform uimageBuffer storage;
layout(set = 0, binding = 2) buffer Result { vec4 result[]; };

void main()
{
    result[0] = texelFetch(uniforms, 2);
    result[1] = texelFetch(uniforms, 1 << 29); // outside
    result[2] = vec4(textureSize(uniforms), imageSize(storage), imageLoad(storage, 1).x, 0.0);
    imageStore(storage, 0, uvec4(7u));
    imageAtomicAdd(storage, 1, 5u);
}
