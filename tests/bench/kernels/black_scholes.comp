// SPDX-License-Identifier: MIT
// European call and put prices; exp, log, sqrt.
#version 460
layout(local_size_x = 256) in;
layout(std430, binding = 0) readonly buffer Spots { float spot[]; };
layout(std430, binding = 1) readonly buffer Strikes { float strike[]; };
layout(std430, binding = 2) readonly buffer Years { float years[]; };
layout(std430, binding = 3) writeonly buffer Calls { float calls[]; };
layout(std430, binding = 4) writeonly buffer Puts { float puts[]; };
layout(push_constant) uniform Push { float rate; float volatility; };

// The normal distribution's integral (Abramowitz and Stegun 26.2.17).
float normal(float x)
{
    float k = 1.0 / (1.0 + 0.2316419 * abs(x));
    float tail = 0.39894228 * exp(-0.5 * x * x) * k *
        (0.31938153 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
    return x > 0.0 ? 1.0 - tail : tail;
}

void main()
{
    uint i = gl_GlobalInvocationID.x;
    float s = spot[i], x = strike[i], t = years[i];
    float root = volatility * sqrt(t);
    float d1 = (log(s / x) + (rate + 0.5 * volatility * volatility) * t) / root;
    float d2 = d1 - root;
    float discounted = x * exp(-rate * t);
    calls[i] = s * normal(d1) - discounted * normal(d2);
    puts[i] = discounted * normal(-d2) - s * normal(-d1);
}
