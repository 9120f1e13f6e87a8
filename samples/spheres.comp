// SPDX-License-Identifier: MIT
// Traces rays through a scene of spheres over a chequered plane: a light with shadows, and mirrors.
#version 450
layout(local_size_x = 8, local_size_y = 8) in;
layout(set = 0, binding = 0, rgba8) writeonly uniform image2D result;

const int COUNT = 6;
const vec4 spheres[COUNT] = vec4[](
    vec4(0.0, 1.0, 0.0, 1.0), vec4(-2.2, 0.8, 0.6, 0.8), vec4(2.1, 0.7, 0.9, 0.7),
    vec4(-0.9, 0.35, -1.6, 0.35), vec4(0.9, 0.4, -1.5, 0.4), vec4(0.1, 0.25, -2.2, 0.25));
const vec4 colours[COUNT] = vec4[]( // and how much of a mirror
    vec4(0.9, 0.9, 0.95, 0.8), vec4(0.9, 0.25, 0.2, 0.25), vec4(0.2, 0.45, 0.9, 0.3),
    vec4(0.95, 0.75, 0.2, 0.2), vec4(0.3, 0.8, 0.4, 0.2), vec4(0.8, 0.4, 0.8, 0.4));

// The distance to the nearest hit, or a negative one; which: the sphere, -1 for the plane.
float trace(vec3 from, vec3 to, out int which)
{
    float nearest = 1e30;
    which = -2;
    for (int i = 0; i < COUNT; i++) {
        vec3 away = from - spheres[i].xyz;
        float b = dot(away, to), c = dot(away, away) - spheres[i].w * spheres[i].w, d = b * b - c;
        float t = -b - sqrt(max(d, 0.0));
        if (d > 0.0 && t > 1e-3 && t < nearest) {
            nearest = t;
            which = i;
        }
    }
    float t = -from.y / to.y;
    if (t > 1e-3 && t < nearest) {
        nearest = t;
        which = -1;
    }
    return which == -2 ? -1.0 : nearest;
}

void main()
{
    ivec2 size = imageSize(result), pixel = ivec2(gl_GlobalInvocationID.xy);
    if (pixel.x >= size.x || pixel.y >= size.y)
        return;
    vec3 sum = vec3(0.0);
    const vec3 sun = normalize(vec3(-0.5, 0.9, -0.6));
    for (int s = 0; s < 4; s++) {
        vec2 at = vec2(pixel) + vec2(s & 1, s >> 1) * 0.5 + 0.25 - 0.5 * vec2(size);
        vec3 from = vec3(0.0, 1.3, -6.0), to = normalize(vec3(at.x, -at.y, float(size.y) * 1.4));
        float share = 1.0;
        for (int bounce = 0; bounce < 4; bounce++) {
            int which;
            float t = trace(from, to, which);
            if (t < 0.0) {
                sum += share * mix(vec3(0.9, 0.92, 0.95), vec3(0.25, 0.45, 0.8), max(to.y, 0.0));
                break;
            }
            vec3 hit = from + t * to, normal = vec3(0.0, 1.0, 0.0);
            vec4 colour = vec4(0.0);
            if (which < 0) {
                bool odd = ((int(floor(hit.x)) + int(floor(hit.z))) & 1) != 0;
                colour = odd ? vec4(0.75, 0.75, 0.7, 0.05) : vec4(0.2, 0.22, 0.25, 0.15);
            } else {
                colour = colours[which];
                normal = normalize(hit - spheres[which].xyz);
            }
            int shadow;
            float light = trace(hit + 1e-3 * normal, sun, shadow) < 0.0 ? max(dot(normal, sun), 0.0) : 0.0;
            sum += share * (1.0 - colour.a) * colour.rgb * (0.25 + 0.75 * light);
            share *= colour.a;
            from = hit;
            to = reflect(to, normal);
        }
    }
    imageStore(result, pixel, vec4(sqrt(sum * 0.25), 1.0));
}
