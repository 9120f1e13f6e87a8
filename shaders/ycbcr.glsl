/* SPDX-License-Identifier: MIT
 *
 * DOC: Sampler Y'CbCr conversion
 *
 * Section "Sampler Y'CbCr Conversion" of the specification, with implicit reconstruction: each plane is
 * filtered by itself at the same place, luma by the sampler's filter, chroma by the conversion's. Where
 * chroma samples lie on even luma samples (cosited) and are filtered, they lie a quarter of their distance
 * further left than in the middle.
 *
 * Such images have one level, two dimensions and UNORM planes.
 */

#define YCBCR_MODEL(s) weft_desc(s, 72u)
#define YCBCR_NARROW(s) weft_desc(s, 76u)
#define YCBCR_BITS(s) weft_desc(s, 80u)
#define YCBCR_PLANES(s) weft_desc(s, 84u)
#define YCBCR_SWIZZLE(s) weft_desc(s, 88u)
#define CHROMA_LINEAR(s) weft_desc(s, 92u)
#define CHROMA_SHIFT(s, i) weft_desc(s, 96u + 4u * i)
#define CHROMA_MIDPOINT(s, i) weft_desc(s, 104u + 4u * i)

/* enum weft_ycbcr_model */
#define YCBCR_IDENTITY 1u
#define YCBCR_RANGE 2u
#define YCBCR_709 3u
#define YCBCR_601 4u

/* How far chroma's coordinate is moved along an axis of a plane n wide. */
float weft_chroma_move(IN(uint64_t) s, IN(uint) axis, IN(uint) n)
{
    bool moved = CHROMA_LINEAR(s) != 0u && CHROMA_SHIFT(s, axis) != 0u;
    bool cosited = moved && CHROMA_MIDPOINT(s, axis) == 0u;
    float quarter = 0.25 / float(int(max(n, 1u)));
    float none = 0.0;
    return cosited ? quarter : none;
}

/* R, G and B of V, Y and U, in the range of the format's numbers. */
vec3 weft_convert(IN(uint64_t) s, IN(vec3) vyu)
{
    uint model = YCBCR_MODEL(s), bits = YCBCR_BITS(s);
    vec3 rgb = vyu;
    if (model > YCBCR_IDENTITY) {
        float most = float(int((1u << bits) - 1u)), unit = float(int(1u << (bits - 8u)));
        float zero = float(int(1u << (bits - 1u)));
        bool narrow = YCBCR_NARROW(s) != 0u;
        float one = 1.0, none = 0.0;
        float luma_scale = narrow ? most / (219.0 * unit) : one;
        float luma_bias = narrow ? -16.0 / 219.0 : none;
        float chroma_scale = narrow ? most / (224.0 * unit) : one;
        float chroma_bias = narrow ? -128.0 / 224.0 : -zero / most;
        float v = vyu.x * chroma_scale + chroma_bias;
        float y = vyu.y * luma_scale + luma_bias;
        float u = vyu.z * chroma_scale + chroma_bias;
        rgb = vec3(v, y, u);
        if (model > YCBCR_RANGE) {
            float kr_601 = 0.299, kr_709 = 0.2126, kr_2020 = 0.2627;
            float kb_601 = 0.114, kb_709 = 0.0722, kb_2020 = 0.0593;
            float kr_later = model == YCBCR_601 ? kr_601 : kr_2020;
            float kb_later = model == YCBCR_601 ? kb_601 : kb_2020;
            float kr = model == YCBCR_709 ? kr_709 : kr_later;
            float kb = model == YCBCR_709 ? kb_709 : kb_later;
            float kg = 1.0 - kr - kb;
            rgb.x = y + 2.0 * (1.0 - kr) * v;
            rgb.y = y - 2.0 * (kr * (1.0 - kr) / kg) * v - 2.0 * (kb * (1.0 - kb) / kg) * u;
            rgb.z = y + 2.0 * (1.0 - kb) * u;
        }
    }
    return rgb;
}

/* OpImageSample* through a combined descriptor with a conversion; h, h1 and h2 are the planes. The other
 * parameters are those of weft_sample(); offsets and comparisons are not allowed here. */
uvec4 weft_sample_ycbcr(IN(uint64_t) h, IN(uint64_t) h1, IN(uint64_t) h2, IN(uint64_t) s, IN(vec4) p,
                              IN(float) lod, IN(vec3) dx, IN(vec3) dy, IN(float) min_lod, IN(bool) arrayed,
                              IN(bool) grad)
{
    uint layer = 0u;
    if (arrayed) {
        layer = weft_round_layer(p.w, IMAGE_LAYERS(h));
    }
    float lambda = lod;
    if (grad) {
        vec3 n = weft_extents(h), axis;
        int steps;
        n.z = 0.0;
        lambda = weft_footprint(s, n, dx, dy, axis, steps) + lod;
    }
    lambda = max(weft_clamp_lod(h, s, lambda + LOD_BIAS(s)), min_lod);
    uint mag = MAG_FILTER(s), min_filter = MIN_FILTER(s);
    uint either = lambda <= 0.0 ? mag : min_filter;
    bool linear = (mag == min_filter ? mag : either) == 1u;
    vec4 c = weft_filter_level(h, s, 0u, p.xyz, layer, ivec3(0), DIM_2D, arrayed, linear, false);
    uint planes = YCBCR_PLANES(s);
    if (planes > 1u) {
        bool chroma_linear = CHROMA_LINEAR(s) == 1u;
        vec3 q = vec3(p.x + weft_chroma_move(s, 0u, IMAGE_WIDTH(h1)),
                      p.y + weft_chroma_move(s, 1u, IMAGE_HEIGHT(h1)), 0.0);
        vec4 u = weft_filter_level(h1, s, 0u, q, layer, ivec3(0), DIM_2D, arrayed, chroma_linear, false);
        vec4 v = vec4(u.y, 0.0, 0.0, 0.0);
        if (planes > 2u) {
            v = weft_filter_level(h2, s, 0u, q, layer, ivec3(0), DIM_2D, arrayed, chroma_linear, false);
        }
        c = vec4(v.x, c.x, u.x, 1.0);
    }
    vec4 picked = uintBitsToFloat(weft_swizzle(floatBitsToUint(c), YCBCR_SWIZZLE(s), ONE_BITS));
    return floatBitsToUint(vec4(weft_convert(s, picked.xyz), picked.w));
}
