// SPDX-License-Identifier: MIT
#version 460
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
// Writes to an address where nothing is.
layout(local_size_x = 1) in;
layout(buffer_reference, std430) buffer Word { uint value; };
layout(set = 0, binding = 0) buffer Data { uint64_t address; };
void main()
{
    Word(address).value = 1;
}
