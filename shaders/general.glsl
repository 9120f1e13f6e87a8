/* SPDX-License-Identifier: MIT
 *
 * DOC: The general path
 *
 * One loop over all taps of all levels and of the anisotropic footprint, for formats of every kind, cubes,
 * comparisons, minima and maxima (of integers, too), and cubic filters.
 */

float weft_compare(IN(uint) op, IN(float) reference, IN(float) texel)
{
    bool less = reference < texel, equal = reference == texel, greater = reference > texel;
    /* VkCompareOp: bit 0 less, bit 1 equal, bit 2 greater */
    bool l = less && (op & 1u) != 0u, e = equal && (op & 2u) != 0u, g = greater && (op & 4u) != 0u;
    bool always = op == 7u;
    bool not_equal = op == 5u && !equal;
    return l || e || g || always || not_equal ? 1.0 : 0.0;
}

float weft_reference(IN(uint64_t) h, IN(float) reference)
{
    float clamped = clamp(reference, 0.0, 1.0);
    return FORMAT_KIND(h) == KIND_UNORM ? clamped : reference;
}

/* One tap. */
uvec4 weft_tap(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(ivec3) i, IN(int) face,
               IN(uint) layer, IN(uint) dim, IN(bool) arrayed, IN(bool) integer)
{
    weft_tap_place at = weft_tap_at(h, s, level, i, face, layer, dim, arrayed);
    uvec4 texel = weft_texel(h, at.base, at.row, at.x, at.y, integer, true, true);
    if (at.border) {
        texel = weft_or_border(texel, at.inside, s);
    }
    return texel;
}

/* The weight of tap t along an axis, the same in all lanes, where the coordinate is a beyond the first of two
 * texels or the second of four (section "Texel Filtering"; the cubic one is Catmull and Rom's). */
float weft_tap_weight(IN(float) a, IN(uint) t, IN(bool) cubic, IN(bool) any_cubic)
{
    float weight = t == 0u ? 1.0 - a : t == 1u ? a : 0.0;
    if (any_cubic) {
        float curve = ((0.5 * a - 0.5) * a) * a;
        if (t == 0u) {
            curve = ((1.0 - 0.5 * a) * a - 0.5) * a;
        } else if (t == 1u) {
            curve = (1.5 * a - 2.5) * a * a + 1.0;
        } else if (t == 2u) {
            curve = ((2.0 - 1.5 * a) * a + 0.5) * a;
        }
        weight = cubic ? curve : weight;
    }
    return weight;
}

/* p is on a cube's face for cubes. axis and steps: the anisotropic footprint's, 1 step without. A lane is linear,
 * cubic or neither; cubes are not cubic. */
uvec4 weft_general(IN(uint64_t) h, IN(uint64_t) s, IN(vec2) levels, IN(vec3) p, IN(int) face,
                   IN(uint) layer, IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed,
                   IN(bool) integer, IN(bool) linear, IN(bool) cubic, IN(bool) unnormalized, IN(vec3) axis,
                   IN(int) steps, IN(bool) compare, IN(float) reference)
{
    bool any_cubic = dim != DIM_CUBE && weft_any(cubic), filtered = linear || cubic;
    uint taps_log2 = 0u, axis_log2 = any_cubic ? 2u : 1u;
    if (weft_any(filtered)) {
        taps_log2 = axis_log2 * (dim == DIM_1D ? 1u : dim == DIM_3D ? 3u : 2u);
    }
    uint taps = 1u << taps_log2, reduction = REDUCTION(s);
    uint per_step = weft_any(levels.y > 0.0) ? 2u * taps : taps;
    bool seamless = dim == DIM_CUBE && NONSEAMLESS(s) == 0u;
    uint op = COMPARE(s) - 1u;
    float d_ref = compare ? weft_reference(h, reference) : 0.0;
    float share = 1.0 / float(steps);
    float place = 1.0 / float(steps + 1);
    float half_texel = filtered ? 0.5 : 0.0;
    int before = cubic ? 1 : 0;
    /* Signed integers are compared as unsigned ones that are moved. */
    uint sign = integer && reduction != 0u && IMAGE_INTEGER(h) == 2u ? 0x80000000u : 0u;
    vec4 sum = vec4(0.0), least = vec4(0.0), most = vec4(0.0);
    uvec4 bits = uvec4(0u);
    bool some = false;
    uint t = 0u;
    int step = 0;
    [[dont_unroll]] while (step < steps)
    {
        uint tap = t & (taps - 1u);
        bool second = t >= taps;
        float level_weight = second ? levels.y : 1.0 - levels.y;
        float level_float = levels.x + (second ? 1.0 : 0.0);
        uint level = min(uint(weft_int(level_float)), max(IMAGE_LEVELS(h), 1u) - 1u);
        float along = float(step + 1) * place - 0.5;
        float w = float(int(weft_extent(IMAGE_WIDTH(h), level)));
        float height = float(int(weft_extent(IMAGE_HEIGHT(h), level)));
        float depth = float(int(weft_extent(IMAGE_DEPTH(h), level)));
        uint most_along = any_cubic ? 3u : 1u;
        uint tx = tap & most_along, ty = tap >> axis_log2 & most_along, tz = tap >> (2u * axis_log2) & most_along;
        float weight = level_weight * share;
        ivec3 i = ivec3(0);

        float x = weft_coordinate(p.x + axis.x * along, int(w), ADDRESS_MODE(s, 0u), unnormalized);
        x -= half_texel;
        float x0 = floor(x), a = filtered ? x - x0 : 0.0;
        float b = 0.0, y0 = 0.0;
        i.x = weft_int(x0) + offset.x + int(tx) - before;
        float wx = weft_tap_weight(a, tx, cubic, any_cubic), wy = 1.0;
        if (dim != DIM_1D) {
            float y = weft_coordinate(p.y + axis.y * along, int(height), ADDRESS_MODE(s, 1u),
                                      unnormalized);
            y -= half_texel;
            y0 = floor(y);
            b = filtered ? y - y0 : 0.0;
            i.y = weft_int(y0) + offset.y + int(ty) - before;
            wy = weft_tap_weight(b, ty, cubic, any_cubic);
        }
        if (seamless) {
            /* The corner's missing texel is the average of the other three. */
            float out_x = x0 < 0.0 ? 1.0 - a : x0 + 1.0 >= w ? a : 0.0;
            float out_y = y0 < 0.0 ? 1.0 - b : y0 + 1.0 >= height ? b : 0.0;
            float missing = out_x * out_y;
            bool corner = (i.x < 0 || i.x >= int(w)) && (i.y < 0 || i.y >= int(height));
            float shared_weight = wx * wy + missing * (1.0 / 3.0);
            weight *= corner ? 0.0 : shared_weight;
        } else {
            weight *= wx * wy;
        }
        if (dim == DIM_3D) {
            float z = weft_coordinate(p.z + axis.z * along, int(depth), ADDRESS_MODE(s, 2u),
                                      unnormalized);
            z -= half_texel;
            float z0 = floor(z), c = filtered ? z - z0 : 0.0;
            i.z = weft_int(z0) + offset.z + int(tz) - before;
            weight *= weft_tap_weight(c, tz, cubic, any_cubic);
        }
        uvec4 texel = weft_tap(h, s, level, i, face, layer, dim, arrayed, integer);
        bool counts = weight > 0.0 || weight < 0.0;
        if (integer) {
            uvec4 moved = texel ^ uvec4(sign);
            if (reduction != 0u) {
                uvec4 extreme = reduction == 1u ? min(bits, moved) : max(bits, moved);
                moved = some ? extreme : moved;
            }
            bits = counts ? moved : bits;
            some = some || counts;
        } else {
            vec4 v = uintBitsToFloat(texel);
            if (compare) {
                v = vec4(weft_compare(op, d_ref, v.x), 0.0, 0.0, 0.0);
            }
            if (reduction == 0u) {
                vec4 more = sum + v * weight;
                sum = counts ? more : sum;
            } else {
                vec4 low = some ? min(least, v) : v, high = some ? max(most, v) : v;
                least = counts ? low : least;
                most = counts ? high : most;
                some = some || counts;
            }
        }
        t++;
        bool done = t >= per_step;
        t = done ? 0u : t;
        step += int(done);
    }
    if (!integer) {
        vec4 extreme = reduction == 1u ? least : most;
        bits = floatBitsToUint(reduction == 0u ? sum : extreme);
    }
    return bits ^ uvec4(sign);
}
