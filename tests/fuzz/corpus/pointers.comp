// SPDX-License-Identifier: MIT
#version 460
#extension GL_EXT_buffer_reference : enable
#extension GL_EXT_buffer_reference2 : enable
#extension GL_EXT_shader_explicit_arithmetic_types : enable
layout(local_size_x = 8) in;
layout(buffer_reference) buffer Node;
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Node { Node next; vec3 value; uint16_t small[4]; };
layout(push_constant) uniform Push { Node first; uint64_t address; };
layout(std430, binding = 0) buffer Data { vec4 d[]; };
void main()
{
    Node n = first;
    vec3 sum = vec3(0);
    for (int k = 0; k < 5 && uint64_t(n) != 0; k++) {
        sum += n.value * float(n.small[k & 3]);
        n.small[k & 3] = uint16_t(k);
        n = n.next;
    }
    Node m = Node(address) + gl_LocalInvocationIndex;
    m.value = sum;
    d[gl_GlobalInvocationID.x] = vec4(sum, 1);
}
