// What the shader sees of its subgroup: its size, how many are active, and where it is in it.
#version 450
#extension GL_KHR_shader_subgroup_arithmetic : enable

layout(local_size_x = 64) in;
layout(set = 0, binding = 0) buffer Words {
    uvec4 words[];
};

void main()
{
    words[gl_LocalInvocationID.x] = uvec4(gl_SubgroupSize, subgroupAdd(1), gl_SubgroupInvocationID,
                                          gl_SubgroupID);
}
