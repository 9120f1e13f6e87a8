/* SPDX-License-Identifier: MIT
 *
 * DOC: Gathers, the whole of them
 */

/* Whether the four texels of a gather can be read side by side: of four bytes each, no border. */
bool weft_gathers_words(IN(uint64_t) h, IN(uint64_t) s, IN(uint) channel)
{
    bool words = weft_is_bytes(FORMAT_LAYOUT(h)) || (FORMAT_KIND(h) == KIND_RAW && FORMAT_LOG2(h) == 2u);
    bool border = ADDRESS_MODE(s, 0u) == ADDRESS_BORDER || ADDRESS_MODE(s, 1u) == ADDRESS_BORDER;
    return words && channel < 4u && !border;
}

/* at is the first texel, size the level's. */
uvec4 weft_gather_words(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(ivec2) at, IN(ivec2) size,
                        IN(uint) layer, IN(bool) arrayed, IN(uint) channel)
{
    ivec2 xs = weft_wrap(ivec2(at.x, at.x + 1), size.x, ADDRESS_MODE(s, 0u), true);
    ivec2 ys = weft_wrap(ivec2(at.y, at.y + 1), size.y, ADDRESS_MODE(s, 1u), true);
    uint base = LEVEL_OFFSET(h, level), row = LEVEL_ROW(h, level), format = FORMAT_LAYOUT(h);
    if (arrayed) {
        base += layer * IMAGE_LAYER_STRIDE(h);
    }
    uint a = base + uint(weft_clamp(ys.x, size.y)) * row, b = base + uint(weft_clamp(ys.y, size.y)) * row;
    uint p = uint(weft_clamp(xs.x, size.x)) << 2, q = uint(weft_clamp(xs.y, size.x)) << 2;
    uvec4 texels = uvec4(weft_load32(h, b + p), weft_load32(h, b + q), weft_load32(h, a + q),
                         weft_load32(h, a + p));
    if (FORMAT_KIND(h) == KIND_UNORM) {
        bool moved = format == LAYOUT_BGRA8 && (channel & 1u) == 0u;
        uint first = 8u * (moved ? channel ^ 2u : channel);
        texels = texels >> first & uvec4(255u);
        texels = floatBitsToUint(vec4(float(int(texels.x)), float(int(texels.y)), float(int(texels.z)),
                                      float(int(texels.w))) * (1.0 / 255.0));
    }
    return texels;
}

uvec4 weft_gather_taps(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(ivec2) at, IN(int) face,
                       IN(uint) layer, IN(uint) swizzle, IN(ivec2) o0, IN(ivec2) o1, IN(ivec2) o2,
                       IN(ivec2) o3, IN(float) reference, IN(uint) dim, IN(bool) arrayed,
                       IN(bool) integer, IN(bool) compare)
{
    float d_ref = compare ? weft_reference(h, reference) : 0.0;
    uint op = COMPARE(s) - 1u;
    uvec4 result = uvec4(0u);
    [[dont_unroll]] for (uint t = 0u; t < 4u; t++)
    {
        ivec2 o01 = t == 0u ? o0 : o1, o23 = t == 2u ? o2 : o3;
        ivec2 o = t < 2u ? o01 : o23;
        /* (0, 1), (1, 1), (1, 0), (0, 0) */
        int tx = t == 1u || t == 2u ? 1 : 0, ty = t < 2u ? 1 : 0;
        ivec3 i = ivec3(at.x + o.x + tx, at.y + o.y + ty, 0);
        uvec4 texel = weft_tap(h, s, level, i, face, layer, dim, arrayed, integer);
        uint v;
        if (compare) {
            v = floatBitsToUint(weft_compare(op, d_ref, uintBitsToFloat(texel.x)));
        } else {
            v = weft_pick(texel, swizzle, integer ? 1u : ONE_BITS);
        }
        result.x = t == 0u ? v : result.x;
        result.y = t == 1u ? v : result.y;
        result.z = t == 2u ? v : result.z;
        result.w = t == 3u ? v : result.w;
    }
    return result;
}

/* OpImageGather and OpImageDrefGather; component is the same in all lanes. o0..o3 are the offsets of the four. */
uvec4 weft_gather(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(uint) component, IN(ivec2) o0,
                        IN(ivec2) o1, IN(ivec2) o2, IN(ivec2) o3, IN(float) reference, IN(uint) dim,
                        IN(bool) arrayed, IN(bool) integer, IN(bool) compare)
{
    uint swizzle = IMAGE_SWIZZLE(h) >> (component * 8u) & 255u;
    weft_gather_place at = weft_gather_at(h, s, p, dim, arrayed);
    bool still = o0 == ivec2(0) && o1 == ivec2(0) && o2 == ivec2(0) && o3 == ivec2(0);
    uvec4 result;
    if (dim == DIM_2D && !compare && !integer && weft_gathers_words(h, s, swizzle) && weft_all(still)) {
        ivec2 size = ivec2(weft_extent(IMAGE_WIDTH(h), at.level), weft_extent(IMAGE_HEIGHT(h), at.level));
        result = weft_gather_words(h, s, at.level, ivec2(at.x, at.y), size, at.layer, arrayed, swizzle);
    } else {
        result = weft_gather_taps(h, s, at.level, ivec2(at.x, at.y), at.face, at.layer, swizzle, o0, o1, o2, o3,
                                  reference, dim, arrayed, integer, compare);
    }
    return result;
}
