/* SPDX-License-Identifier: MIT
 *
 * DOC: What a shader has where it samples
 *
 * The functions that the compiler inlines at each sampling instruction: the shortest code (quick.glsl) for what
 * is common, and a call of the whole of it (sample.comp, compiled with Weft) for all else. A shader that is
 * compiled fast has the call alone.
 */

/* What a call does (sample.comp): the constants of the instruction, in bits. */
#define CALL_SAMPLE 0u
#define CALL_GATHER 1u
#define CALL_YCBCR 2u
#define CALL_FETCH 3u /* its bit of `compare` is multisample */

uint weft_what(IN(uint) call, IN(uint) dim, IN(bool) arrayed, IN(bool) integer, IN(bool) compare, IN(bool) grad,
               IN(uint) component)
{
    return call | dim << 2 | (arrayed ? 32u : 0u) | (integer ? 64u : 0u) | (compare ? 128u : 0u) |
           (grad ? 256u : 0u) | component << 9;
}

/* OpImageSample*. p is (x, y, z) and for arrays the layer in w; dim, arrayed, integer, compare and grad
 * are constants. lod is the instruction's Lod or bias; with grad it is ignored, and dx, dy count. */
uvec4 weft_image_sample(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(float) lod, IN(vec3) dx,
                        IN(vec3) dy, IN(float) min_lod, IN(ivec3) offset, IN(float) reference,
                        IN(uint) dim, IN(bool) arrayed, IN(bool) integer, IN(bool) compare,
                        IN(bool) grad)
{
    bool done = false;
    uvec4 texel = uvec4(0u);
    bool may = (dim == DIM_2D || dim == DIM_3D) && !integer && !compare && !weft_fast();
    if (may && weft_all(offset == ivec3(0))) {
        uint count = IMAGE_LEVELS(h);
        if (IMAGE_QUICK(h) - 1u < QUICK_WIDE - 1u && SAMPLER_QUICK(s) != 0u && (!grad || count == 1u)) {
            uint layer = 0u, level = 0u;
            float next = 0.0;
            bool linear = MAG_FILTER(s) == 1u, bytes = IMAGE_QUICK(h) <= QUICK_BGRA8, same = true;
            if (!grad && count > 1u) {
                vec2 levels = weft_levels(h, s, max(weft_clamp_lod(h, s, lod + LOD_BIAS(s)), min_lod));
                uint own = uint(weft_int(levels.x));
                level = weft_first(own);
                next = levels.y;
                same = weft_all(own == level);
            }
            if (arrayed) {
                layer = weft_round_layer(p.w, IMAGE_LAYERS(h));
            }
            if (same) {
                if (!weft_any(next > 0.0)) {
                    texel = floatBitsToUint(weft_quick_level(h, s, level, p.xyz, layer, dim, arrayed, linear, false,
                                                             done));
                } else if (dim == DIM_2D && bytes && linear) {
                    texel = floatBitsToUint(weft_quick_two(h, s, level, next, p.xy, layer, arrayed, done));
                }
            }
        }
    }
    if (!done) {
        texel = weft_call_sample(h, s, weft_what(CALL_SAMPLE, dim, arrayed, integer, compare, grad, 0u), p, lod, dx,
                                 dy, min_lod, offset, reference);
    }
    return texel;
}

/* The texels of a gather lie side by side: (0, 1), (1, 1), (1, 0), (0, 0). */
uvec4 weft_quick_gather(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(uint) component, IN(bool) arrayed,
                        out bool done)
{
    uint quick = IMAGE_QUICK(h), step = LEVEL_ROW(h, 0u);
    bool words = quick == QUICK_R32F && component == 0u;
    bool bytes = quick == QUICK_RGBA8 || quick == QUICK_BGRA8;
    uvec4 texels = uvec4(0u);
    done = false;
    if ((words || bytes) && SAMPLER_QUICK(s) != 0u && IMAGE_MIN_LOD(h) == 0.0) {
        int w = int(IMAGE_WIDTH(h)), height = int(IMAGE_HEIGHT(h));
        uint ix = weft_quick_around(p.x, w, weft_quick_repeats(s, 0u));
        uint iy = weft_quick_around(p.y, height, weft_quick_repeats(s, 1u));
        if (weft_all(ix < uint(w - 1) && iy < uint(height - 1))) {
            uint at = LEVEL_OFFSET(h, 0u) + iy * step + (ix << 2);
            if (arrayed) {
                at += weft_round_layer(p.w, IMAGE_LAYERS(h)) * IMAGE_LAYER_STRIDE(h);
            }
            uvec2 up = weft_texels64(h, at, 0u), down = weft_texels64(h, at, step);
            texels = uvec4(down.x, down.y, up.y, up.x);
            if (bytes) {
                bool moved = quick == QUICK_BGRA8 && (component & 1u) == 0u;
                texels = texels >> (8u * (moved ? component ^ 2u : component)) & uvec4(255u);
                texels = floatBitsToUint(vec4(float(int(texels.x)), float(int(texels.y)), float(int(texels.z)),
                                              float(int(texels.w))) * (1.0 / 255.0));
            }
            done = true;
        }
    }
    return texels;
}

/* OpImageGather and OpImageDrefGather; component is a constant. o0..o3 are the offsets of the four. */
uvec4 weft_image_gather(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(uint) component, IN(ivec2) o0,
                        IN(ivec2) o1, IN(ivec2) o2, IN(ivec2) o3, IN(float) reference, IN(uint) dim,
                        IN(bool) arrayed, IN(bool) integer, IN(bool) compare)
{
    bool still = o0 == ivec2(0) && o1 == ivec2(0) && o2 == ivec2(0) && o3 == ivec2(0), done = false;
    uvec4 texels = uvec4(0u);
    if (dim == DIM_2D && !compare && !integer && !weft_fast() && weft_all(still)) {
        texels = weft_quick_gather(h, s, p, component, arrayed, done);
    }
    if (!done) {
        texels = weft_call_gather(h, s, weft_what(CALL_GATHER, dim, arrayed, integer, compare, false, component), p,
                                  o0, o1, o2, o3, reference);
    }
    return texels;
}

/* OpImageSample* through a combined descriptor with a conversion (ycbcr.glsl). */
uvec4 weft_image_sample_ycbcr(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(float) lod, IN(vec3) dx, IN(vec3) dy,
                              IN(float) min_lod, IN(bool) arrayed, IN(bool) grad)
{
    return weft_call_sample(h, s, weft_what(CALL_YCBCR, DIM_2D, arrayed, false, false, grad, 0u), p, lod, dx, dy,
                            min_lod, ivec3(0), 0.0);
}

/* OpImageFetch and OpImageRead. dim, arrayed, multisample, integer and sampled are constants; images without
 * `sampled` are storage images, most often of a format that is known. */
uvec4 weft_image_fetch(IN(uint64_t) h, IN(uvec4) p, IN(uint) level, IN(uint) at_sample, IN(uint) dim,
                       IN(bool) arrayed, IN(bool) multisample, IN(bool) integer, IN(bool) sampled)
{
    bool done = false;
    uvec4 texel = uvec4(0u);
    if (!sampled || integer) {
        texel = weft_fetch(h, p, level, at_sample, dim, arrayed, multisample, integer, sampled);
        done = true;
    } else if (!multisample && !weft_fast() && IMAGE_QUICK(h) != 0u) {
        texel = floatBitsToUint(weft_quick_fetch(h, p, level, dim, arrayed, done));
    }
    if (!done) {
        texel = weft_call_fetch(h, h, weft_what(CALL_FETCH, dim, arrayed, integer, multisample, false, 0u), p, level,
                                at_sample);
    }
    return texel;
}
