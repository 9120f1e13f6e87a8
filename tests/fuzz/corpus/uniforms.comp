// SPDX-License-Identifier: MIT
#version 460
#extension GL_EXT_nonuniform_qualifier : enable
layout(local_size_x = 4, local_size_y = 4) in;
struct Item { vec3 at; float weight; ivec2 cell; };
layout(std140, set = 1, binding = 0) uniform U { Item items[4]; uint n; } u[4];
layout(std430, set = 0, binding = 0) buffer Data { vec4 d[]; } data[4];
layout(push_constant) uniform Push { uint which; vec2 offset; };
void main()
{
    vec4 sum = vec4(offset, 0, 0);
    for (uint k = 0; k < u[which & 3].n; k++) {
        Item item = u[which & 3].items[k & 3];
        sum += vec4(item.at * item.weight, float(item.cell.y));
    }
    data[nonuniformEXT(gl_LocalInvocationIndex & 3)].d[gl_WorkGroupID.x + gl_NumWorkGroups.y] = sum;
}
