/* SPDX-License-Identifier: MIT
 *
 * DOC: Residency
 *
 * The code that the sparse forms of the image instructions give besides their texel: 0 where memory is bound
 * to every texel that counts. An image whose parts may be without memory has a map, a byte for each page of
 * it; others have none, and all of these functions are 0 for them. The taps are those of sample.glsl; the
 * shaders that ask pay for finding them twice, and no other shader for anything.
 */

#define RESIDENT_MAP 320ul
#define RESIDENT_SIZE(h) weft_desc(h, 328u)

uint weft_residency(IN(uint64_t) h, IN(uint) offset)
{
    return 1u - (weft_load8(h + RESIDENT_MAP, offset >> 12) & 1u);
}

/* Of the texel (x, y) whose level, layer and slice start at base. */
uint weft_resident_texel(IN(uint64_t) h, IN(uint) base, IN(uint) row, IN(uint) x, IN(uint) y)
{
    uint column = x << FORMAT_LOG2(h), line = y;
    if (FORMAT_BLOCK(h) != 0u) {
        column = x / FORMAT_BLOCK_WIDTH(h) * FORMAT_BLOCK_SIZE(h);
        line = y / FORMAT_BLOCK_HEIGHT(h);
    }
    return weft_residency(h, base + line * row + column);
}

/* OpImageSparseFetch and OpImageSparseRead: the parameters are weft_image_fetch()'s. */
uint weft_resident_fetch(IN(uint64_t) h, IN(uvec4) p, IN(uint) level, IN(uint) at_sample, IN(uint) dim,
                         IN(bool) arrayed, IN(bool) multisample, IN(bool) sampled)
{
    uint code = 0u;
    if (RESIDENT_SIZE(h) != 0u) {
        bool inside = weft_inside(h, p, dim, arrayed, level);
        bool l = sampled ? level < IMAGE_LEVELS(h) : weft_has_level(h, level);
        inside = inside && l;
        uint x = p.x, y = 0u, row = 0u;
        if (multisample) {
            bool s = at_sample < IMAGE_SAMPLES(h);
            inside = inside && s;
            x = x * IMAGE_SAMPLES(h) + at_sample;
        }
        if (dim == DIM_2D || dim == DIM_3D || dim == DIM_CUBE) {
            y = p.y;
            row = LEVEL_ROW(h, level);
        }
        uint there = weft_resident_texel(h, weft_base(h, p, dim, arrayed, level), row, x, y);
        code = inside ? there : 0u;
    }
    return code;
}

/* One tap; a border needs no memory. */
uint weft_resident_tap(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(ivec3) i, IN(int) face, IN(uint) layer,
                       IN(uint) dim, IN(bool) arrayed)
{
    weft_tap_place at = weft_tap_at(h, s, level, i, face, layer, dim, arrayed);
    uint code = weft_resident_texel(h, at.base, at.row, at.x, at.y);
    return at.inside ? code : 0u;
}

/* Texel t of a filter in one dimension; 0 where it has no weight. */
float weft_resident_axis(IN(float) u, IN(uint) extent, IN(uint) level, IN(uint) mode, IN(bool) unnormalized,
                         IN(int) offset, IN(uint) filtering, IN(uint) t, out int i)
{
    bool cubic = filtering == FILTER_CUBIC;
    float half_texel = filtering != 0u ? 0.5 : 0.0;
    float x = weft_coordinate(u, int(weft_extent(extent, level)), mode, unnormalized) - half_texel;
    float x0 = floor(x);
    float a = filtering != 0u ? x - x0 : 0.0;
    float near = t == 0u ? 1.0 - a : t == 1u ? a : 0.0;
    float far = t == 1u ? 1.0 : a; /* a curve through the texels: of none but the one that it hits, or all four */
    i = weft_int(x0) + offset + int(t) - (cubic ? 1 : 0);
    return cubic ? far : near;
}

/* All taps with a weight; p is on a cube's face for cubes. */
uint weft_resident_taps(IN(uint64_t) h, IN(uint64_t) s, IN(vec2) levels, IN(vec3) p, IN(int) face, IN(uint) layer,
                        IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed, IN(uint) filtering, IN(vec3) axis,
                        IN(int) steps)
{
    uint taps = 1u, code = 0u, t = 0u, along_log2 = weft_any(filtering == FILTER_CUBIC) ? 2u : 1u;
    if (weft_any(filtering != 0u)) {
        taps = 1u << (along_log2 * (dim == DIM_1D ? 1u : dim == DIM_3D ? 3u : 2u));
    }
    uint last = (1u << along_log2) - 1u;
    uint per_step = weft_any(levels.y > 0.0) ? 2u * taps : taps;
    bool unnormalized = UNNORMALIZED(s) != 0u;
    float place = 1.0 / float(steps + 1);
    int step = 0;
    [[dont_unroll]] while (step < steps)
    {
        uint tap = t & (taps - 1u);
        bool second = t >= taps;
        float weight = second ? levels.y : 1.0 - levels.y;
        float level_float = levels.x + (second ? 1.0 : 0.0);
        uint level = min(uint(weft_int(level_float)), max(IMAGE_LEVELS(h), 1u) - 1u);
        float along = float(step + 1) * place - 0.5;
        int x = 0, y = 0, z = 0;
        weight *= weft_resident_axis(p.x + axis.x * along, IMAGE_WIDTH(h), level, ADDRESS_MODE(s, 0u), unnormalized,
                                     offset.x, filtering, tap & last, x);
        if (dim != DIM_1D) {
            weight *= weft_resident_axis(p.y + axis.y * along, IMAGE_HEIGHT(h), level, ADDRESS_MODE(s, 1u),
                                         unnormalized, offset.y, filtering, tap >> along_log2 & last, y);
        }
        if (dim == DIM_3D) {
            weight *= weft_resident_axis(p.z + axis.z * along, IMAGE_DEPTH(h), level, ADDRESS_MODE(s, 2u),
                                         unnormalized, offset.z, filtering, tap >> (2u * along_log2) & last, z);
        }
        if (dim == DIM_CUBE) {
            /* The texel at a corner is none. */
            int n = int(weft_extent(IMAGE_WIDTH(h), level));
            bool corner = (x < 0 || x >= n) && (y < 0 || y >= n) && NONSEAMLESS(s) == 0u;
            weight = corner ? 0.0 : weight;
        }
        uint one = weft_resident_tap(h, s, level, ivec3(x, y, z), face, layer, dim, arrayed);
        code |= weight > 0.0 ? one : 0u;
        t++;
        bool done = t >= per_step;
        t = done ? 0u : t;
        step += int(done);
    }
    return code;
}

/* The point and its derivatives on the face of a cube: of the projection's neighbours, by the quotient rule. */
vec3 weft_resident_cube(IN(vec3) p, IN(vec3) dx, IN(vec3) dy, out vec3 gx, out vec3 gy)
{
    vec3 f = weft_cube_face(p);
    vec3 r = weft_cube_direction(0.0, 0.0, 1.0, uint(int(f.z)));
    vec3 axis_s = weft_cube_direction(1.0, 0.0, 0.0, uint(int(f.z)));
    vec3 axis_t = weft_cube_direction(0.0, 1.0, 0.0, uint(int(f.z)));
    float ma = dot(p, r), sc = dot(p, axis_s), tc = dot(p, axis_t);
    float by = 0.5 / (ma * ma);
    gx = vec3((dot(dx, axis_s) * ma - sc * dot(dx, r)) * by, (dot(dx, axis_t) * ma - tc * dot(dx, r)) * by, 0.0);
    gy = vec3((dot(dy, axis_s) * ma - sc * dot(dy, r)) * by, (dot(dy, axis_t) * ma - tc * dot(dy, r)) * by, 0.0);
    return f;
}

/* OpImageSparseSample*: the parameters are weft_image_sample()'s. */
uint weft_resident_sample(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(float) lod, IN(vec3) dx, IN(vec3) dy,
                          IN(float) min_lod, IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed, IN(bool) integer,
                          IN(bool) grad)
{
    uint code = 0u;
    if (RESIDENT_SIZE(h) != 0u) {
        uint layer = 0u;
        vec3 point = p.xyz, axis = vec3(0.0), gx = dx, gy = dy;
        int face = 0, steps = 1;
        float lambda = lod;
        if (arrayed) {
            layer = weft_round_layer(p.w, dim == DIM_CUBE ? IMAGE_LAYERS(h) / 6u : IMAGE_LAYERS(h));
        }
        if (dim == DIM_CUBE) {
            vec3 f = weft_resident_cube(p.xyz, dx, dy, gx, gy);
            point = vec3(f.xy, 0.0);
            face = int(f.z);
        }
        if (grad) {
            vec3 n = weft_extents(h);
            if (dim == DIM_1D) {
                n.y = 0.0;
                gx = vec3(gx.x, 0.0, 0.0);
                gy = vec3(gy.x, 0.0, 0.0);
            }
            if (dim != DIM_3D) {
                n.z = 0.0;
            }
            lambda = weft_footprint(s, n, gx, gy, axis, steps) + lod;
        }
        lambda = max(weft_clamp_lod(h, s, lambda + LOD_BIAS(s)), min_lod);
        uint filtering = lambda <= 0.0 ? MAG_FILTER(s) : MIN_FILTER(s);
        if (integer && REDUCTION(s) == 0u) {
            filtering = 0u;
        }
        if (dim == DIM_CUBE) {
            filtering = min(filtering, 1u);
        }
        code = weft_resident_taps(h, s, weft_levels(h, s, lambda), point, face, layer, offset, dim, arrayed, filtering,
                                  axis, steps);
    }
    return code;
}

/* OpImageSparseGather and OpImageSparseDrefGather. */
uint weft_resident_gather(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(ivec2) o0, IN(ivec2) o1, IN(ivec2) o2,
                          IN(ivec2) o3, IN(uint) dim, IN(bool) arrayed)
{
    uint code = 0u;
    if (RESIDENT_SIZE(h) != 0u) {
        weft_gather_place at = weft_gather_at(h, s, p, dim, arrayed);
        [[dont_unroll]] for (uint t = 0u; t < 4u; t++)
        {
            ivec2 o01 = t == 0u ? o0 : o1, o23 = t == 2u ? o2 : o3;
            ivec2 o = t < 2u ? o01 : o23;
            int tx = t == 1u || t == 2u ? 1 : 0, ty = t < 2u ? 1 : 0;
            code |= weft_resident_tap(h, s, at.level, ivec3(at.x + o.x + tx, at.y + o.y + ty, 0), at.face, at.layer,
                                      dim, arrayed);
        }
    }
    return code;
}
