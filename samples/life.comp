// SPDX-License-Identifier: MIT
// One generation of Conway's Game of Life on a torus.
#version 450
layout(local_size_x = 32, local_size_y = 8) in;
layout(set = 0, binding = 0, r8ui) readonly uniform uimage2D before;
layout(set = 0, binding = 1, r8ui) writeonly uniform uimage2D after;

void main()
{
    ivec2 size = imageSize(before), cell = ivec2(gl_GlobalInvocationID.xy);
    if (cell.x >= size.x || cell.y >= size.y)
        return;
    uint neighbours = 0u;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++)
            if (x != 0 || y != 0)
                neighbours += imageLoad(before, (cell + ivec2(x, y) + size) % size).x;
    uint alive = imageLoad(before, cell).x;
    imageStore(after, cell, uvec4(neighbours == 3u || (alive == 1u && neighbours == 2u) ? 1u : 0u));
}
