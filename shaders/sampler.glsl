/* SPDX-License-Identifier: MIT
 *
 * DOC: Samplers
 *
 * A sampler's words, and what every way to sample needs: coordinates, levels of detail.
 *
 * Floats become integers only after they were clamped, and every texel's address is clamped into its
 * level, so that NaN and huge coordinates stay inside.
 */

/* struct weft_sampler_desc */
#define MAG_FILTER(s) weft_desc(s, 0u)
#define MIN_FILTER(s) weft_desc(s, 4u)
#define MIP_MODE(s) weft_desc(s, 8u)
#define ADDRESS_MODE(s, i) weft_desc(s, 12u + 4u * i)
#define COMPARE(s) weft_desc(s, 24u)
#define REDUCTION(s) weft_desc(s, 28u)
#define UNNORMALIZED(s) weft_desc(s, 32u)
#define NONSEAMLESS(s) weft_desc(s, 36u)
#define LOD_BIAS(s) uintBitsToFloat(weft_desc(s, 40u))
#define LOD_MIN(s) uintBitsToFloat(weft_desc(s, 44u))
#define LOD_MAX(s) uintBitsToFloat(weft_desc(s, 48u))
#define MAX_ANISOTROPY(s) uintBitsToFloat(weft_desc(s, 52u))
#define BORDER(s, c) weft_desc(s, 56u + 4u * c)

#define SAMPLER_QUICK(s) weft_desc(s, 116u)

#define FILTER_CUBIC 2u

#define ADDRESS_REPEAT 0u
#define ADDRESS_MIRROR 1u
#define ADDRESS_EDGE 2u
#define ADDRESS_BORDER 3u
/* ---- Coordinates ---- */

/* Clamping is nothing to do before the end: every address is clamped. The other modes are one formula. */
bool weft_wraps(IN(uint) mode)
{
    return mode != ADDRESS_EDGE && mode != ADDRESS_BORDER;
}

/* A coordinate in texels of a level n wide. */
float weft_coordinate(IN(float) u, IN(int) n, IN(uint) mode, IN(bool) unnormalized)
{
    float x = u;
    if (mode < ADDRESS_EDGE) { /* repeat, mirrored repeat: whole periods don't matter */
        float period = mode == ADDRESS_REPEAT ? 1.0 : 2.0, by = mode == ADDRESS_REPEAT ? 1.0 : 0.5;
        x = x - period * floor(x * by);
    }
    float size = float(n);
    float scale = unnormalized ? 1.0 : size;
    return clamp(x * scale, -1048576.0, 1048576.0); /* NaN: the lower end */
}

/* Two texel coordinates in a level n wide; still to be clamped. near: they are no farther out than n. */
ivec2 weft_wrap(IN(ivec2) i, IN(int) n, IN(uint) mode, IN(bool) near)
{
    ivec2 r = i;
    if (mode == ADDRESS_REPEAT && near) {
        /* Of i, i + n and i - n the smallest without sign. */
        uvec2 u = uvec2(uint(i.x), uint(i.y));
        uvec2 up = u + uvec2(uint(n)), down = u - uvec2(uint(n));
        u = min(u, min(up, down));
        r = ivec2(int(u.x), int(u.y));
    } else if (weft_wraps(mode)) {
        int twice = 2 * n;
        int period = mode == ADDRESS_REPEAT ? n : twice;
        float by = 1.0 / float(period);
        float none = 0.0;
        float scale = mode < ADDRESS_EDGE ? by : none;
        ivec2 q = ivec2(weft_int(floor((float(r.x) + 0.5) * scale)),
                        weft_int(floor((float(r.y) + 0.5) * scale)));
        r = r - q * period;
        /* mirrored: m and 2n - 1 - m are the same texel; once: i and -1 - i are */
        int mirror = mode == ADDRESS_MIRROR ? twice - 1 : 0x3fffffff;
        int once = mode > ADDRESS_BORDER ? -1 : -0x3fffffff;
        r = min(r, ivec2(mirror) - r);
        r = max(r, ivec2(once) - r);
    }
    return r;
}

int weft_clamp(IN(int) i, IN(int) n)
{
    return max(min(i, n - 1), 0);
}

/* False where the border's colour takes the texel's place. */
bool weft_within(IN(int) i, IN(int) n, IN(uint) mode)
{
    bool inside = uint(i) < uint(n);
    return mode != ADDRESS_BORDER || inside;
}

uvec4 weft_border(IN(uint64_t) s)
{
    return uvec4(BORDER(s, 0u), BORDER(s, 1u), BORDER(s, 2u), BORDER(s, 3u));
}

/* The texel, or the border's colour. */
uvec4 weft_or_border(IN(uvec4) texel, IN(bool) inside, IN(uint64_t) s)
{
    uvec4 border = weft_border(s);
    return uvec4(inside ? texel.x : border.x, inside ? texel.y : border.y, inside ? texel.z : border.z,
                 inside ? texel.w : border.w);
}

/* ---- Levels ---- */

/* The level of detail between the sampler's and the view's limits. */
float weft_clamp_lod(IN(uint64_t) h, IN(uint64_t) s, IN(float) lod)
{
    return max(clamp(lod, LOD_MIN(s), LOD_MAX(s)), IMAGE_MIN_LOD(h));
}

/* (first level, weight of the level after it); the sampler's mip mode decides. */
vec2 weft_levels(IN(uint64_t) h, IN(uint64_t) s, IN(float) lod)
{
    float last = float(int(IMAGE_LEVELS(h)) - 1);
    float d = clamp(lod, 0.0, last);
    float nearest = ceil(d + 0.5) - 1.0;
    float low = floor(d);
    bool linear = MIP_MODE(s) == 1u;
    float first = linear ? low : nearest;
    float weight = linear ? d - low : 0.0;
    return vec2(first, weight);
}
/* ---- The level of detail from derivatives ---- */

/* (lod, steps, axis.xy or whichever derivative is the longer one): the footprint of p's derivatives.
 * n is the extent of level 0. */
float weft_footprint(IN(uint64_t) s, IN(vec3) n, IN(vec3) dx, IN(vec3) dy, out vec3 axis,
                     out int steps)
{
    vec3 mx = dx * n, my = dy * n;
    float px = sqrt(dot(mx, mx)), py = sqrt(dot(my, my));
    float long_side = max(px, py), short_side = min(px, py);
    float most = MAX_ANISOTROPY(s);
    bool longer = px >= py;
    axis = vec3(0.0);
    steps = 1;
    float ratio = 1.0;
    if (most > 1.0) {
        float r = min(long_side / short_side, most);
        bool sane = long_side > 0.0 && r >= 1.0;
        ratio = sane ? r : 1.0;
        steps = int(min(ceil(ratio), 16.0));
        axis.x = longer ? dx.x : dy.x;
        axis.y = longer ? dx.y : dy.y;
        axis.z = longer ? dx.z : dy.z;
    }
    return log2(long_side / ratio);
}
/* The array layer of a coordinate: rounded to the nearest even, clamped. */
uint weft_round_layer(IN(float) layer, IN(uint) layers)
{
    float last = float(int(layers) - 1);
    return uint(weft_int(clamp(roundEven(layer), 0.0, max(last, 0.0))));
}

vec3 weft_extents(IN(uint64_t) h)
{
    return vec3(float(int(IMAGE_WIDTH(h))), float(int(IMAGE_HEIGHT(h))), float(int(IMAGE_DEPTH(h))));
}

/* OpImageQueryLod: (level that would be read, lod before the limits of the image). */
vec2 weft_image_query_lod(IN(uint64_t) h, IN(uint64_t) s, IN(vec3) dx, IN(vec3) dy, IN(uint) dim)
{
    vec3 n = weft_extents(h), axis;
    int steps;
    if (dim == DIM_1D) {
        n.y = 0.0;
    }
    if (dim != DIM_3D && dim != DIM_CUBE) {
        n.z = 0.0;
    }
    float lambda = weft_footprint(s, n, dx, dy, axis, steps) + LOD_BIAS(s);
    float limited = weft_clamp_lod(h, s, lambda);
    float last = float(int(IMAGE_LEVELS(h)) - 1);
    float d = clamp(limited, 0.0, last);
    float nearest = ceil(d + 0.5) - 1.0;
    return vec2(MIP_MODE(s) == 1u ? d : nearest, lambda);
}
