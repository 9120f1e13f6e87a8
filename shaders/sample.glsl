/* SPDX-License-Identifier: MIT
 *
 * DOC: Sampling, the whole of it
 *
 * Chapter "Image Operations" of the specification. There are three paths: `quick` (quick.glsl), `plain`
 * (plain.glsl) and `general` (general.glsl); which one runs is a uniform branch.
 */

/* Floats of 1D, 2D and 3D images: the plain path where it may be taken. */
uvec4 weft_sample_long(IN(uint64_t) h, IN(uint64_t) s, IN(vec2) levels, IN(vec3) point, IN(uint) layer,
                       IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed, IN(bool) linear, IN(bool) cubic,
                       IN(bool) unnormalized, IN(vec3) axis, IN(int) steps, IN(bool) grad)
{
    uint kind = FORMAT_KIND(h);
    bool plain_kind = kind == KIND_UNORM || kind == KIND_HALF || kind == KIND_RAW;
    bool plain = REDUCTION(s) == 0u && plain_kind && FORMAT_BLOCK(h) == 0u;
    plain = plain && (!grad || MAX_ANISOTROPY(s) <= 1.0) && !weft_any(cubic);
    uvec4 texel;
    if (plain) {
        uint level = uint(weft_int(levels.x));
        bool two = weft_any(levels.y > 0.0);
        if (!weft_any(linear) && !two) {
            texel = weft_nearest_level(h, s, level, point, layer, offset, dim, arrayed, false, unnormalized);
        } else {
            vec4 sum = vec4(0.0);
            float weight = 1.0 - levels.y;
            uint count = two ? 2u : 1u;
            [[dont_unroll]] for (uint k = 0u; k < count; k++)
            {
                sum += weight * weft_filter_level(h, s, level, point, layer, offset, dim, arrayed, linear,
                                                  unnormalized);
                weight = levels.y;
                level = weight > 0.0 ? level + 1u : level;
            }
            texel = floatBitsToUint(sum);
        }
    } else {
        texel = weft_general(h, s, levels, point, 0, layer, offset, dim, arrayed, false, linear, cubic, unnormalized,
                             axis, steps, false, 0.0);
    }
    return texel;
}

/* OpImageSample*. p is (x, y, z) and for arrays the layer in w; dim, arrayed, integer, compare and grad
 * are the same in all lanes, dim a constant. lod is the instruction's Lod or bias; with grad it is
 * ignored, and dx, dy count. */
uvec4 weft_sample(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(float) lod, IN(vec3) dx,
                        IN(vec3) dy, IN(float) min_lod, IN(ivec3) offset, IN(float) reference,
                        IN(uint) dim, IN(bool) arrayed, IN(bool) integer, IN(bool) compare,
                        IN(bool) grad)
{
    bool unnormalized = UNNORMALIZED(s) != 0u;
    uint layer = 0u;
    vec3 point = p.xyz, axis = vec3(0.0);
    int face = 0, steps = 1;
    if (arrayed) {
        layer = weft_round_layer(p.w, dim == DIM_CUBE ? IMAGE_LAYERS(h) / 6u : IMAGE_LAYERS(h));
    }
    float lambda = lod;
    vec3 gx = dx, gy = dy;
    if (dim == DIM_CUBE) {
        vec3 f = weft_cube_face(p.xyz);
        if (grad) {
            /* Derivatives on the face: of the projection's neighbours, by the quotient rule. */
            vec3 r = weft_cube_direction(0.0, 0.0, 1.0, uint(int(f.z)));
            vec3 axis_s = weft_cube_direction(1.0, 0.0, 0.0, uint(int(f.z)));
            vec3 axis_t = weft_cube_direction(0.0, 1.0, 0.0, uint(int(f.z)));
            float ma = dot(p.xyz, r), sc = dot(p.xyz, axis_s), tc = dot(p.xyz, axis_t);
            float by = 0.5 / (ma * ma);
            gx = vec3((dot(dx, axis_s) * ma - sc * dot(dx, r)) * by,
                      (dot(dx, axis_t) * ma - tc * dot(dx, r)) * by, 0.0);
            gy = vec3((dot(dy, axis_s) * ma - sc * dot(dy, r)) * by,
                      (dot(dy, axis_t) * ma - tc * dot(dy, r)) * by, 0.0);
        }
        point = vec3(f.xy, 0.0);
        face = int(f.z);
    }
    if (grad) {
        vec3 n = weft_extents(h);
        if (dim == DIM_1D) {
            n.y = 0.0;
        }
        if (dim != DIM_3D) {
            n.z = 0.0;
        }
        if (dim == DIM_1D) {
            gx = vec3(gx.x, 0.0, 0.0);
            gy = vec3(gy.x, 0.0, 0.0);
        }
        lambda = weft_footprint(s, n, gx, gy, axis, steps) + lod;
    }
    lambda = weft_clamp_lod(h, s, lambda + LOD_BIAS(s));
    lambda = max(lambda, min_lod);
    uint mag = MAG_FILTER(s), min_filter = MIN_FILTER(s);
    bool magnified = lambda <= 0.0;
    uint either = magnified ? mag : min_filter;
    uint filtering = mag == min_filter ? mag : either;
    /* Integers are filtered for their minimum or maximum alone; cubes never cubically. */
    bool may_filter = !integer || REDUCTION(s) != 0u;
    bool cubic = dim != DIM_CUBE && may_filter && filtering == FILTER_CUBIC;
    bool linear = may_filter && !cubic && filtering != 0u;
    vec2 levels = weft_levels(h, s, lambda);
    uvec4 texel;
    if (dim == DIM_CUBE || compare || (integer && may_filter)) {
        texel = weft_general(h, s, levels, point, face, layer, offset, dim, arrayed, integer, linear, cubic,
                             unnormalized, axis, steps, compare, reference);
    } else if (integer) {
        texel = weft_nearest_level(h, s, uint(weft_int(levels.x)), point, layer, offset, dim, arrayed, true,
                                   unnormalized);
    } else {
        bool done = false, filtered = weft_any(linear);
        if ((dim == DIM_2D || dim == DIM_3D) && weft_all(offset == ivec3(0))) {
            if (IMAGE_QUICK(h) - 1u < QUICK_SRGBA8 - 1u && SAMPLER_QUICK(s) != 0u) {
                texel = floatBitsToUint(weft_quick_levels(h, s, levels, point, layer, dim, arrayed, filtered, done));
            }
        }
        if (!done) {
            texel = weft_sample_long(h, s, levels, point, layer, offset, dim, arrayed, linear, cubic, unnormalized,
                                     axis, steps, grad);
        }
    }
    if (compare) {
        texel = uvec4(texel.x, 0u, 0u, ONE_BITS);
    } else {
        texel = weft_swizzle(texel, IMAGE_SWIZZLE(h), integer ? 1u : ONE_BITS);
    }
    return texel;
}
