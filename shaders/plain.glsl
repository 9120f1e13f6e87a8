/* SPDX-License-Identifier: MIT
 *
 * DOC: The plain path
 *
 * Weighted averages of 1D, 2D and 3D images in formats that are UNORM, HALF or RAW, with the taps of one
 * slice side by side.
 */

float weft_sum(IN(vec4) v, IN(vec4) weights)
{
    return v.x * weights.x + v.y * weights.y + v.z * weights.z + v.w * weights.w;
}

/* Channel c of four texels; still to be scaled. */
vec4 weft_fields4(IN(uint64_t) h, IN(uvec4) low, IN(uvec4) high, IN(uint) c)
{
    uint first = FORMAT_FIRST(h, c), bits = FORMAT_BITS(h, c);
    return vec4(float(int(weft_field(uvec2(low.x, high.x), first, bits))),
                float(int(weft_field(uvec2(low.y, high.y), first, bits))),
                float(int(weft_field(uvec2(low.z, high.z), first, bits))),
                float(int(weft_field(uvec2(low.w, high.w), first, bits))));
}

/* Their weighted sum, which takes one scaling instead of four. */
float weft_unorm_sum(IN(uint64_t) h, IN(uvec4) low, IN(uvec4) high, IN(uint) c, IN(vec4) weights)
{
    return weft_sum(weft_fields4(h, low, high, c), weights) * weft_norm_scale(FORMAT_BITS(h, c));
}

vec4 weft_half4(IN(uint64_t) h, IN(uvec4) low, IN(uvec4) high, IN(uint) c)
{
    return vec4(weft_half(h, uvec2(low.x, high.x), c), weft_half(h, uvec2(low.y, high.y), c),
                weft_half(h, uvec2(low.z, high.z), c), weft_half(h, uvec2(low.w, high.w), c));
}

/* The weighted sum of the texels (x.x, a), (x.y, a), (x.x, b), (x.y, b) of one slice; y holds the rows a
 * and b. two_rows is a constant: without it only row a counts. */
vec4 weft_filter_slice(IN(uint64_t) h, IN(uint) base, IN(uint) row, IN(ivec2) x, IN(ivec2) y,
                       IN(vec4) weights, IN(bool) two_rows)
{
    uint kind = FORMAT_KIND(h), size = FORMAT_LOG2(h);
    uint a = base + uint(y.x) * row, b = base + uint(y.y) * row;
    uint p = uint(x.x), q = uint(x.y);
    uint format = FORMAT_LAYOUT(h);
    vec4 sum = vec4(0.0);
    if (weft_is_bytes(format)) {
        vec4 scaled = weights * (1.0 / 255.0);
        sum = weft_bytes(weft_load32(h, a + (p << 2))) * scaled.x;
        sum += weft_bytes(weft_load32(h, a + (q << 2))) * scaled.y;
        if (two_rows) {
            sum += weft_bytes(weft_load32(h, b + (p << 2))) * scaled.z;
            sum += weft_bytes(weft_load32(h, b + (q << 2))) * scaled.w;
        }
        sum = weft_order(sum, format);
    } else if (format == LAYOUT_R8) {
        vec4 scaled = weights * (1.0 / 255.0);
        sum.x = float(int(weft_load8(h, a + p))) * scaled.x;
        sum.x += float(int(weft_load8(h, a + q))) * scaled.y;
        if (two_rows) {
            sum.x += float(int(weft_load8(h, b + p))) * scaled.z;
            sum.x += float(int(weft_load8(h, b + q))) * scaled.w;
        }
    } else if (kind == KIND_UNORM || kind == KIND_HALF) {
        uvec4 low = uvec4(0u), high = uvec4(0u);
        if (size == 2u) {
            low.x = weft_load32(h, a + (p << 2));
            low.y = weft_load32(h, a + (q << 2));
            if (two_rows) {
                low.z = weft_load32(h, b + (p << 2));
                low.w = weft_load32(h, b + (q << 2));
            }
        } else if (size == 3u) {
            uvec2 t0 = weft_load64(h, a + (p << 3)), t1 = weft_load64(h, a + (q << 3));
            uvec2 t2 = t0, t3 = t1;
            if (two_rows) {
                t2 = weft_load64(h, b + (p << 3));
                t3 = weft_load64(h, b + (q << 3));
            }
            low = uvec4(t0.x, t1.x, t2.x, t3.x);
            high = uvec4(t0.y, t1.y, t2.y, t3.y);
        } else if (size == 0u) {
            low.x = weft_load8(h, a + p);
            low.y = weft_load8(h, a + q);
            if (two_rows) {
                low.z = weft_load8(h, b + p);
                low.w = weft_load8(h, b + q);
            }
        } else {
            low.x = weft_load16(h, a + (p << 1));
            low.y = weft_load16(h, a + (q << 1));
            if (two_rows) {
                low.z = weft_load16(h, b + (p << 1));
                low.w = weft_load16(h, b + (q << 1));
            }
        }
        if (kind == KIND_UNORM) {
            sum = vec4(weft_unorm_sum(h, low, high, 0u, weights),
                       weft_unorm_sum(h, low, high, 1u, weights),
                       weft_unorm_sum(h, low, high, 2u, weights),
                       weft_unorm_sum(h, low, high, 3u, weights));
        } else {
            sum = vec4(weft_sum(weft_half4(h, low, high, 0u), weights),
                       weft_sum(weft_half4(h, low, high, 1u), weights),
                       weft_sum(weft_half4(h, low, high, 2u), weights),
                       weft_sum(weft_half4(h, low, high, 3u), weights));
        }
    } else if (size == 2u) { /* RAW */
        sum.x = uintBitsToFloat(weft_load32(h, a + (p << 2))) * weights.x;
        sum.x += uintBitsToFloat(weft_load32(h, a + (q << 2))) * weights.y;
        if (two_rows) {
            sum.x += uintBitsToFloat(weft_load32(h, b + (p << 2))) * weights.z;
            sum.x += uintBitsToFloat(weft_load32(h, b + (q << 2))) * weights.w;
        }
    } else if (size == 3u) {
        sum.xy = uintBitsToFloat(weft_load64(h, a + (p << 3))) * weights.x;
        sum.xy += uintBitsToFloat(weft_load64(h, a + (q << 3))) * weights.y;
        if (two_rows) {
            sum.xy += uintBitsToFloat(weft_load64(h, b + (p << 3))) * weights.z;
            sum.xy += uintBitsToFloat(weft_load64(h, b + (q << 3))) * weights.w;
        }
    } else {
        sum = uintBitsToFloat(weft_load128(h, a + (p << 4))) * weights.x;
        sum += uintBitsToFloat(weft_load128(h, a + (q << 4))) * weights.y;
        if (two_rows) {
            sum += uintBitsToFloat(weft_load128(h, b + (p << 4))) * weights.z;
            sum += uintBitsToFloat(weft_load128(h, b + (q << 4))) * weights.w;
        }
    }
    return sum;
}

/* One level of a 1D, 2D or 3D image, filtered; linear may vary. */
vec4 weft_filter_level(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(vec3) p, IN(uint) layer,
                       IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed, IN(bool) linear,
                       IN(bool) unnormalized)
{
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = 1, depth = 1;
    float half_texel = linear ? 0.5 : 0.0;
    uint mode_u = ADDRESS_MODE(s, 0u), mode_v = mode_u, mode_w = mode_u;
    float x = weft_coordinate(p.x, w, mode_u, unnormalized) - half_texel;
    float x0 = floor(x);
    float a = linear ? x - x0 : 0.0, b = 0.0, c = 0.0;
    int ix = weft_int(x0) + offset.x;
    ivec2 xs = weft_wrap(ivec2(ix, ix + 1), w, mode_u, weft_all(offset.x == 0)), ys = ivec2(0), zs = ivec2(0);
    uint row = 0u;
    if (dim != DIM_1D) {
        height = int(weft_extent(IMAGE_HEIGHT(h), level));
        mode_v = ADDRESS_MODE(s, 1u);
        float y = weft_coordinate(p.y, height, mode_v, unnormalized) - half_texel;
        float y0 = floor(y);
        b = linear ? y - y0 : 0.0;
        int iy = weft_int(y0) + offset.y;
        ys = weft_wrap(ivec2(iy, iy + 1), height, mode_v, weft_all(offset.y == 0));
        row = LEVEL_ROW(h, level);
    }
    if (dim == DIM_3D) {
        depth = int(weft_extent(IMAGE_DEPTH(h), level));
        mode_w = ADDRESS_MODE(s, 2u);
        float z = weft_coordinate(p.z, depth, mode_w, unnormalized) - half_texel;
        float z0 = floor(z);
        c = linear ? z - z0 : 0.0;
        int iz = weft_int(z0) + offset.z;
        zs = weft_wrap(ivec2(iz, iz + 1), depth, mode_w, weft_all(offset.z == 0));
    }
    /* A weight of zero is for a texel that must not count, were it infinite: take the other one. */
    xs.y = a == 0.0 ? xs.x : xs.y;
    ys.y = b == 0.0 ? ys.x : ys.y;
    zs.y = c == 0.0 ? zs.x : zs.y;
    vec2 wx = vec2(1.0 - a, a), wy = vec2(1.0 - b, b), wz = vec2(1.0 - c, c);
    bool border = mode_u == ADDRESS_BORDER || mode_v == ADDRESS_BORDER || mode_w == ADDRESS_BORDER;
    if (border) {
        wx.x = weft_within(xs.x, w, mode_u) ? wx.x : 0.0;
        wx.y = weft_within(xs.y, w, mode_u) ? wx.y : 0.0;
        wy.x = weft_within(ys.x, height, mode_v) ? wy.x : 0.0;
        wy.y = weft_within(ys.y, height, mode_v) ? wy.y : 0.0;
        wz.x = weft_within(zs.x, depth, mode_w) ? wz.x : 0.0;
        wz.y = weft_within(zs.y, depth, mode_w) ? wz.y : 0.0;
    }
    xs = ivec2(weft_clamp(xs.x, w), weft_clamp(xs.y, w));
    if (dim != DIM_1D) {
        ys = ivec2(weft_clamp(ys.x, height), weft_clamp(ys.y, height));
    }
    if (dim == DIM_3D) {
        zs = ivec2(weft_clamp(zs.x, depth), weft_clamp(zs.y, depth));
    }
    vec4 weights = vec4(wx.x * wy.x, wx.y * wy.x, wx.x * wy.y, wx.y * wy.y);
    uint base = LEVEL_OFFSET(h, level);
    if (arrayed) {
        base += layer * IMAGE_LAYER_STRIDE(h);
    }
    vec4 sum;
    if (dim == DIM_3D) {
        uint slice = LEVEL_SLICE(h, level);
        sum = vec4(0.0);
        [[dont_unroll]] for (uint k = 0u; k < 2u; k++)
        {
            bool second = k != 0u;
            int z = second ? zs.y : zs.x;
            float wk = second ? wz.y : wz.x;
            sum += weft_filter_slice(h, base + uint(z) * slice, row, xs, ys, weights * wk, true);
        }
    } else {
        sum = weft_filter_slice(h, base, row, xs, ys, weights, dim != DIM_1D);
    }
    if (border) {
        float inside = (weights.x + weights.y + weights.z + weights.w) * (wz.x + wz.y);
        sum += uintBitsToFloat(weft_border(s)) * (1.0 - inside);
    }
    return sum;
}

/* One texel of a level. */
uvec4 weft_nearest_level(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(vec3) p, IN(uint) layer,
                         IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed, IN(bool) integer,
                         IN(bool) unnormalized)
{
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = 1, depth = 1;
    uint mode_u = ADDRESS_MODE(s, 0u), mode_v = mode_u, mode_w = mode_u, row = 0u;
    float x = floor(weft_coordinate(p.x, w, mode_u, unnormalized));
    int ix = weft_wrap(ivec2(weft_int(x) + offset.x, 0), w, mode_u, weft_all(offset.x == 0)).x, iy = 0, iz = 0;
    uint base = LEVEL_OFFSET(h, level);
    if (dim != DIM_1D) {
        height = int(weft_extent(IMAGE_HEIGHT(h), level));
        mode_v = ADDRESS_MODE(s, 1u);
        float y = floor(weft_coordinate(p.y, height, mode_v, unnormalized));
        iy = weft_wrap(ivec2(weft_int(y) + offset.y, 0), height, mode_v, weft_all(offset.y == 0)).x;
        row = LEVEL_ROW(h, level);
    }
    if (dim == DIM_3D) {
        depth = int(weft_extent(IMAGE_DEPTH(h), level));
        mode_w = ADDRESS_MODE(s, 2u);
        float z = floor(weft_coordinate(p.z, depth, mode_w, unnormalized));
        iz = weft_wrap(ivec2(weft_int(z) + offset.z, 0), depth, mode_w, weft_all(offset.z == 0)).x;
        base += uint(weft_clamp(iz, depth)) * LEVEL_SLICE(h, level);
    }
    if (arrayed) {
        base += layer * IMAGE_LAYER_STRIDE(h);
    }
    uvec4 texel = weft_texel(h, base, row, uint(weft_clamp(ix, w)), uint(weft_clamp(iy, height)),
                             integer, false, integer);
    if (mode_u == ADDRESS_BORDER || mode_v == ADDRESS_BORDER || mode_w == ADDRESS_BORDER) {
        bool in_x = weft_within(ix, w, mode_u), in_y = weft_within(iy, height, mode_v);
        bool in_z = weft_within(iz, depth, mode_w);
        texel = weft_or_border(texel, in_x && in_y && in_z, s);
    }
    return texel;
}
