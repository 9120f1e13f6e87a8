// SPDX-License-Identifier: MIT
// Follows linked lists whose nodes point to each other by address: no descriptors at all.
#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference_uvec2 : require
layout(local_size_x = 64) in;

layout(buffer_reference, std430, buffer_reference_align = 16) buffer Node {
    uvec2 next; // the next node's address, or 0
    uint value;
    uint unused;
};
layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer Heads { uvec2 first[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer Sums { uint sum[]; };
layout(push_constant) uniform Push { Heads heads; Sums sums; uint count; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    if (i >= count)
        return;
    uint sum = 0;
    uvec2 address = heads.first[i];
    while (address != uvec2(0)) {
        Node node = Node(address);
        sum += node.value;
        address = node.next;
    }
    sums.sum[i] = sum;
}
