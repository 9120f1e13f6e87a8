/* SPDX-License-Identifier: MIT
 *
 * DOC: Sampling
 *
 * Chapter "Image Operations" of the specification. Coordinates are a point p, the array's layer in a
 * float of its own. There are two paths: `plain`, for weighted averages of 1D, 2D and 3D images in
 * formats that are UNORM, HALF or RAW, with the taps of one slice side by side; and `general`, one
 * loop over all taps of all levels and of the anisotropic footprint, for everything else. Which one runs
 * is a uniform branch, and only the general one has code for every format.
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

/* ---- The plain path ---- */

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
        bool inside = in_x && in_y && in_z;
        uvec4 border = weft_border(s);
        texel.x = inside ? texel.x : border.x;
        texel.y = inside ? texel.y : border.y;
        texel.z = inside ? texel.z : border.z;
        texel.w = inside ? texel.w : border.w;
    }
    return texel;
}

/* ---- Cubes ---- */

/* (s, t) in 0..1 on the face that a direction meets, and the face. */
vec3 weft_cube_face(IN(vec3) r)
{
    float ax = abs(r.x), ay = abs(r.y), az = abs(r.z);
    bool z_major = az >= ax && az >= ay;
    bool y_major = !z_major && ay >= ax;
    float sx = r.x < 0.0 ? r.z : -r.z, tx = -r.y;
    float sy = r.x, ty = r.y < 0.0 ? -r.z : r.z;
    float sz = r.z < 0.0 ? -r.x : r.x, tz = -r.y;
    float fx = r.x < 0.0 ? 1.0 : 0.0, fy = r.y < 0.0 ? 3.0 : 2.0, fz = r.z < 0.0 ? 5.0 : 4.0;
    float sxy = y_major ? sy : sx, txy = y_major ? ty : tx, mxy = y_major ? ay : ax;
    float fxy = y_major ? fy : fx;
    float sc = z_major ? sz : sxy, tc = z_major ? tz : txy, ma = z_major ? az : mxy;
    float face = z_major ? fz : fxy;
    return vec3(0.5 * sc / ma + 0.5, 0.5 * tc / ma + 0.5, face);
}

/* The direction of (s, t) in -1..1 and the distance m along the face's axis. */
vec3 weft_cube_direction(IN(float) s, IN(float) t, IN(float) m, IN(uint) face)
{
    float minus_s = -s, minus_t = -t, minus_m = -m;
    vec3 x = vec3((face & 1u) != 0u ? minus_m : m, minus_t, (face & 1u) != 0u ? s : minus_s);
    vec3 y = vec3(s, (face & 1u) != 0u ? minus_m : m, (face & 1u) != 0u ? minus_t : t);
    vec3 z = vec3((face & 1u) != 0u ? minus_s : s, minus_t, (face & 1u) != 0u ? minus_m : m);
    bool is_x = face < 2u, is_y = face < 4u;
    vec3 r;
    float rx = is_y ? y.x : z.x, ry = is_y ? y.y : z.y, rz = is_y ? y.z : z.z;
    r.x = is_x ? x.x : rx;
    r.y = is_x ? x.y : ry;
    r.z = is_x ? x.z : rz;
    return r;
}

/* The texel of the neighbouring face where (x, y) is one beyond an edge of a face n wide: (x, y, face). */
ivec3 weft_cube_fold(IN(int) x, IN(int) y, IN(int) face, IN(int) n)
{
    float by = 1.0 / float(n);
    float s = float(2 * x + 1) * by - 1.0, t = float(2 * y + 1) * by - 1.0;
    bool out_x = uint(x) >= uint(n);
    bool out_y = uint(y) >= uint(n);
    float edge_s = s < 0.0 ? -1.0 : 1.0, edge_t = t < 0.0 ? -1.0 : 1.0;
    float inner = 1.0 - by;
    float fs = out_x ? edge_s : s, ft = out_y ? edge_t : t;
    float m = out_x || out_y ? inner : 1.0;
    vec3 f = weft_cube_face(weft_cube_direction(fs, ft, m, uint(face)));
    int nx = weft_clamp(int(floor(f.x * float(n))), n), ny = weft_clamp(int(floor(f.y * float(n))), n);
    int nf = int(f.z);
    bool moved = out_x || out_y;
    return ivec3(moved ? nx : x, moved ? ny : y, moved ? nf : face);
}

/* ---- The general path ---- */

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

/* One tap: the texel (x, y, z) of a level, addressed by the sampler's modes, or across a cube's edge. */
uvec4 weft_tap(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(ivec3) i, IN(int) face,
               IN(uint) layer, IN(uint) dim, IN(bool) arrayed, IN(bool) integer)
{
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = 1, depth = 1;
    uint mode_u = ADDRESS_MODE(s, 0u), mode_v = mode_u, mode_w = mode_u, row = 0u;
    uint base = LEVEL_OFFSET(h, level);
    int x = i.x, y = 0, z = 0, f = face;
    if (dim != DIM_1D) {
        height = int(weft_extent(IMAGE_HEIGHT(h), level));
        mode_v = ADDRESS_MODE(s, 1u);
        row = LEVEL_ROW(h, level);
        y = i.y;
        mode_w = mode_v;
    }
    if (dim == DIM_CUBE && NONSEAMLESS(s) == 0u) {
        mode_u = ADDRESS_EDGE;
        mode_v = ADDRESS_EDGE;
        mode_w = ADDRESS_EDGE;
        ivec3 folded = weft_cube_fold(x, y, f, w);
        x = folded.x;
        y = folded.y;
        f = folded.z;
    } else {
        x = weft_wrap(ivec2(x, 0), w, mode_u, false).x;
        if (dim != DIM_1D) {
            y = weft_wrap(ivec2(y, 0), height, mode_v, false).x;
        }
        if (dim == DIM_3D) {
            depth = int(weft_extent(IMAGE_DEPTH(h), level));
            mode_w = ADDRESS_MODE(s, 2u);
            z = weft_wrap(ivec2(i.z, 0), depth, mode_w, false).x;
            base += uint(weft_clamp(z, depth)) * LEVEL_SLICE(h, level);
        }
    }
    if (dim == DIM_CUBE) {
        base += (layer * 6u + uint(f)) * IMAGE_LAYER_STRIDE(h);
    } else if (arrayed) {
        base += layer * IMAGE_LAYER_STRIDE(h);
    }
    uvec4 texel = weft_texel(h, base, row, uint(weft_clamp(x, w)), uint(weft_clamp(y, height)),
                             integer, true, true);
    if (mode_u == ADDRESS_BORDER || mode_v == ADDRESS_BORDER || mode_w == ADDRESS_BORDER) {
        bool in_x = weft_within(x, w, mode_u), in_y = weft_within(y, height, mode_v);
        bool in_z = weft_within(z, depth, mode_w);
        bool inside = in_x && in_y && in_z;
        uvec4 border = weft_border(s);
        texel.x = inside ? texel.x : border.x;
        texel.y = inside ? texel.y : border.y;
        texel.z = inside ? texel.z : border.z;
        texel.w = inside ? texel.w : border.w;
    }
    return texel;
}

/* p is on a cube's face for cubes. axis and steps: the anisotropic footprint's, 1 step without. */
uvec4 weft_general(IN(uint64_t) h, IN(uint64_t) s, IN(vec2) levels, IN(vec3) p, IN(int) face,
                   IN(uint) layer, IN(ivec3) offset, IN(uint) dim, IN(bool) arrayed,
                   IN(bool) integer, IN(bool) linear, IN(bool) unnormalized, IN(vec3) axis,
                   IN(int) steps, IN(bool) compare, IN(float) reference)
{
    uint taps_log2 = 0u;
    if (weft_any(linear)) {
        taps_log2 = dim == DIM_1D ? 1u : dim == DIM_3D ? 3u : 2u;
    }
    uint taps = 1u << taps_log2, reduction = REDUCTION(s);
    uint per_step = weft_any(levels.y > 0.0) ? 2u * taps : taps;
    bool seamless = dim == DIM_CUBE && NONSEAMLESS(s) == 0u;
    uint op = COMPARE(s) - 1u;
    float d_ref = compare ? weft_reference(h, reference) : 0.0;
    float share = 1.0 / float(steps);
    float place = 1.0 / float(steps + 1);
    float half_texel = linear ? 0.5 : 0.0;
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
        bool tx = (tap & 1u) != 0u, ty = (tap & 2u) != 0u, tz = (tap & 4u) != 0u;
        float weight = level_weight * share;
        ivec3 i = ivec3(0);

        float x = weft_coordinate(p.x + axis.x * along, int(w), ADDRESS_MODE(s, 0u), unnormalized);
        x -= half_texel;
        float x0 = floor(x), a = linear ? x - x0 : 0.0;
        float b = 0.0, y0 = 0.0;
        i.x = weft_int(x0) + offset.x + int(tx);
        float wx = tx ? a : 1.0 - a, wy = 1.0;
        if (dim != DIM_1D) {
            float y = weft_coordinate(p.y + axis.y * along, int(height), ADDRESS_MODE(s, 1u),
                                      unnormalized);
            y -= half_texel;
            y0 = floor(y);
            b = linear ? y - y0 : 0.0;
            i.y = weft_int(y0) + offset.y + int(ty);
            wy = ty ? b : 1.0 - b;
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
            float z0 = floor(z), c = linear ? z - z0 : 0.0;
            i.z = weft_int(z0) + offset.z + int(tz);
            weight *= tz ? c : 1.0 - c;
        }
        uvec4 texel = weft_tap(h, s, level, i, face, layer, dim, arrayed, integer);
        bool counts = weight > 0.0;
        if (integer) {
            bits = counts ? texel : bits;
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
    return bits;
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

/* ---- Entry points ---- */

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

/* OpImageSample*. p is (x, y, z) and for arrays the layer in w; dim, arrayed, integer, compare and grad
 * are constants. lod is the instruction's Lod or bias; with grad it is ignored, and dx, dy count. */
uvec4 weft_image_sample(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(float) lod, IN(vec3) dx,
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
    bool linear = integer ? false : filtering == 1u;
    vec2 levels = weft_levels(h, s, lambda);
    uvec4 texel;
    if (dim == DIM_CUBE || compare) {
        texel = weft_general(h, s, levels, point, face, layer, offset, dim, arrayed, integer, linear,
                             unnormalized, axis, steps, compare, reference);
    } else if (integer) {
        texel = weft_nearest_level(h, s, uint(weft_int(levels.x)), point, layer, offset, dim, arrayed, true,
                                   unnormalized);
    } else {
        uint kind = FORMAT_KIND(h);
        bool plain_kind = kind == KIND_UNORM || kind == KIND_HALF || kind == KIND_RAW;
        bool plain = REDUCTION(s) == 0u && plain_kind && FORMAT_BLOCK(h) == 0u;
        if (grad) {
            plain = plain && MAX_ANISOTROPY(s) <= 1.0;
        }
        if (plain) {
            uint level = uint(weft_int(levels.x));
            bool two = weft_any(levels.y > 0.0);
            if (!weft_any(linear) && !two) {
                texel = weft_nearest_level(h, s, level, point, layer, offset, dim, arrayed, false,
                                           unnormalized);
            } else {
                vec4 sum = vec4(0.0);
                float weight = 1.0 - levels.y;
                uint count = two ? 2u : 1u;
                [[dont_unroll]] for (uint k = 0u; k < count; k++)
                {
                    sum += weight * weft_filter_level(h, s, level, point, layer, offset, dim, arrayed,
                                                      linear, unnormalized);
                    weight = levels.y;
                    level = weight > 0.0 ? level + 1u : level;
                }
                texel = floatBitsToUint(sum);
            }
        } else {
            texel = weft_general(h, s, levels, point, face, layer, offset, dim, arrayed, false, linear,
                                 unnormalized, axis, steps, false, 0.0);
        }
    }
    if (compare) {
        texel = uvec4(texel.x, 0u, 0u, ONE_BITS);
    } else {
        texel = weft_swizzle(texel, IMAGE_SWIZZLE(h), integer ? 1u : ONE_BITS);
    }
    return texel;
}

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

/* OpImageGather and OpImageDrefGather; component is a constant. o0..o3 are the offsets of the four. */
uvec4 weft_image_gather(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(uint) component, IN(ivec2) o0,
                        IN(ivec2) o1, IN(ivec2) o2, IN(ivec2) o3, IN(float) reference, IN(uint) dim,
                        IN(bool) arrayed, IN(bool) integer, IN(bool) compare)
{
    uint layer = 0u, swizzle = IMAGE_SWIZZLE(h) >> (component * 8u) & 255u;
    vec3 point = p.xyz;
    int face = 0;
    bool unnormalized = UNNORMALIZED(s) != 0u;
    if (arrayed) {
        layer = weft_round_layer(p.w, dim == DIM_CUBE ? IMAGE_LAYERS(h) / 6u : IMAGE_LAYERS(h));
    }
    if (dim == DIM_CUBE) {
        vec3 f = weft_cube_face(p.xyz);
        point = vec3(f.xy, 0.0);
        face = int(f.z);
    }
    uint level = uint(weft_int(weft_levels(h, s, max(0.0, IMAGE_MIN_LOD(h))).x));
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = int(weft_extent(IMAGE_HEIGHT(h), level));
    int x = weft_int(floor(weft_coordinate(point.x, w, ADDRESS_MODE(s, 0u), unnormalized) - 0.5));
    int y = weft_int(floor(weft_coordinate(point.y, height, ADDRESS_MODE(s, 1u), unnormalized) - 0.5));
    bool still = o0 == ivec2(0) && o1 == ivec2(0) && o2 == ivec2(0) && o3 == ivec2(0);
    uvec4 result;
    if (dim == DIM_2D && !compare && !integer && weft_gathers_words(h, s, swizzle) && weft_all(still)) {
        result = weft_gather_words(h, s, level, ivec2(x, y), ivec2(w, height), layer, arrayed, swizzle);
    } else {
        result = weft_gather_taps(h, s, level, ivec2(x, y), face, layer, swizzle, o0, o1, o2, o3, reference,
                                  dim, arrayed, integer, compare);
    }
    return result;
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
