// SPDX-License-Identifier: MIT
// An array of structs, each read, changed in part and written back.
#version 460
layout(local_size_x = 128) in;
struct Particle {
    vec3 position;
    float mass;
    vec3 velocity;
    uint bounces;
};
layout(std430, binding = 0) buffer Particles { Particle particle[]; };
layout(push_constant) uniform Push { float dt; };

void main()
{
    uint i = gl_GlobalInvocationID.x;
    Particle p = particle[i];
    p.velocity.y -= 9.75 * dt;
    p.position += p.velocity * dt;
    if (p.position.y < 0.0) {
        p.position.y = -p.position.y;
        p.velocity.y = -0.5 * p.velocity.y;
        p.bounces++;
    }
    particle[i].position = p.position;
    particle[i].velocity = p.velocity;
    particle[i].bounces = p.bounces;
}
