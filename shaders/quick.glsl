/* SPDX-License-Identifier: MIT
 *
 * DOC: Samples with the shortest code
 *
 * Most samples are of 2D and 3D images in few formats (enum weft_quick), by samplers that average, clamp to
 * edges or repeat, in one level. Then a filter's two texels along an axis lie side by side, but for lanes
 * at the seam of an image that repeats: clamped to an edge, the pair is the last one and the weight 1. So each
 * lane loads both texels of a row at once, and where the lanes themselves lie in a row, vector loads bring
 * them all. Bytes are filtered as 16-bit numbers, two channels at once.
 *
 * Every coordinate is clamped in all lanes, active or not, and who made the descriptor has seen to it that all
 * levels lie in the image: loads need no further check.
 */

/* enum weft_quick */
#define QUICK_RGBA8 1u
#define QUICK_BGRA8 2u
#define QUICK_R8 3u
#define QUICK_R32F 4u
#define QUICK_WIDE 5u
#define QUICK_RGBA16F 5u
#define QUICK_RGBA32F 6u
#define QUICK_SRGBA8 7u /* and later: fetches alone */

/* All bits where the condition holds, which is the same in all lanes: a choice without a branch. */
uint weft_mask(IN(bool) c)
{
    return c ? 0xffffffffu : 0u;
}

/* The larger one, of NaN and a number the number: one instruction, since the limit is no NaN. */
float weft_at_least(IN(float) x, IN(float) low)
{
    return x > low ? x : low;
}

float weft_at_most(IN(float) x, IN(float) high)
{
    return x < high ? x : high;
}

/* x where the bits of the mask are set, else 0: x is the same in all lanes or a constant. */
float weft_masked(IN(float) x, IN(uint) mask)
{
    return uintBitsToFloat(floatBitsToUint(x) & mask);
}

/* All bits for an axis that repeats. */
uint weft_quick_repeats(IN(uint64_t) s, IN(uint) axis)
{
    return weft_mask(ADDRESS_MODE(s, axis) == ADDRESS_REPEAT);
}

/* A coordinate in texels of a level n wide. */
float weft_quick_place(IN(float) u, IN(int) n, IN(uint) repeats)
{
    return (u - weft_masked(floor(u), repeats)) * float(n);
}

/* (the first of the two texels around a coordinate, the second one's weight). */
vec2 weft_quick_pair(IN(float) u, IN(int) n, IN(uint) repeats)
{
    float low = weft_masked(-0.5, repeats), high = float(n - 1) - low;
    float x = weft_at_most(weft_at_least(weft_quick_place(u, n, repeats) - 0.5, low), high);
    float first = weft_at_most(floor(x), float(n - 2) + weft_masked(1.0, repeats));
    return vec2(first, x - first);
}

/* The first of them, as gathers want it: outside where the address mode matters. */
uint weft_quick_around(IN(float) u, IN(int) n, IN(uint) repeats)
{
    float x = floor(weft_quick_place(u, n, repeats) - 0.5);
    return uint(weft_int(weft_at_most(weft_at_least(x, -1.0), float(n))));
}

/* The texel that a coordinate is in. */
uint weft_quick_texel(IN(float) u, IN(int) n, IN(uint) repeats)
{
    float x = weft_quick_place(u, n, repeats);
    return uint(weft_int(weft_at_most(weft_at_least(x, 0.0), float(n - 1))));
}

uint weft_quick_weight(IN(float) w)
{
    return uint(weft_int(w * -32768.0 - 0.5));
}

/* ---- Squares of two by two texels ---- */

/* RGBA8's (x, y, x of the next row, y of it): the even and the odd bytes of what lies between them, as halves of
 * 15 bits. */
uvec2 weft_quick_bytes(IN(uvec4) t, IN(float) a, IN(float) b)
{
    uint wa = weft_quick_weight(a), wb = weft_quick_weight(b);
    uvec4 even = t << 7 & uvec4(0x7f807f80u), odd = t >> 1 & uvec4(0x7f807f80u);
    return uvec2(weft_lerp16(weft_lerp16(even.x, even.y, wa), weft_lerp16(even.z, even.w, wa), wb),
                 weft_lerp16(weft_lerp16(odd.x, odd.y, wa), weft_lerp16(odd.z, odd.w, wa), wb));
}

/* To 0..1. */
vec4 weft_quick_unpack(IN(uvec2) t, IN(bool) bgra)
{
    vec4 v = vec4(float(int(t.x & 65535u)), float(int(t.y & 65535u)), float(int(t.x >> 16)),
                  float(int(t.y >> 16))) * (1.0 / 32640.0);
    if (bgra) {
        v = v.zyxw;
    }
    return v;
}

/* Four texels of 4 bytes each: (x, y, x of the next row, y of it). */
uvec4 weft_quick_words(IN(uint64_t) h, IN(uint) at, IN(uint) slice, IN(uint) step)
{
    uint below = slice + step;
    uvec4 t;
    if (weft_row(at, 4u)) {
        uint first = weft_first(at - 4u * weft_lane()) + 4u * weft_lane();
        t = uvec4(weft_texels32(h, first, slice), weft_texels32(h, first, slice + 4u),
                  weft_texels32(h, first, below), weft_texels32(h, first, below + 4u));
    } else {
        t = uvec4(weft_texels64(h, at, slice), weft_texels64(h, at, below));
    }
    return t;
}

float weft_quick_mix(IN(float) x, IN(float) y, IN(float) a)
{
    return x + (y - x) * a;
}

/* Words of four texels: one with a weight of zero must not count, were it infinite, and takes another one's. */
uvec4 weft_quick_settle(IN(uvec4) t, IN(float) a, IN(float) b)
{
    bool left = a == 0.0, right = a == 1.0, up = b == 0.0, down = b == 1.0;
    uint x = right ? t.y : t.x, y = left ? t.x : t.y, z = right ? t.w : t.z, w = left ? t.z : t.w;
    return uvec4(down ? z : x, down ? w : y, up ? x : z, up ? y : w);
}

float weft_quick_floats(IN(uvec4) t, IN(float) a, IN(float) b)
{
    vec4 v = uintBitsToFloat(weft_quick_settle(t, a, b));
    return weft_quick_mix(weft_quick_mix(v.x, v.y, a), weft_quick_mix(v.z, v.w, a), b);
}

/* Of bytes x | y << 8 | next row's x << 16 | y << 24, both rows between their texels: halves of 15 bits. */
uint weft_quick_columns(IN(uint) t, IN(uint) wa)
{
    return weft_lerp16(t << 7 & 0x7f807f80u, t >> 1 & 0x7f807f80u, wa);
}

float weft_quick_rows(IN(uint) t, IN(float) b)
{
    return weft_quick_mix(float(int(t & 65535u)), float(int(t >> 16)), b) * (1.0 / 32640.0);
}

vec4 weft_halves(IN(uvec2) t)
{
    return vec4(unpackHalf2x16(t.x), unpackHalf2x16(t.y));
}

/* The square at `at`, with step bytes from row to row and `slice` bytes on. */
vec4 weft_quick_square(IN(uint64_t) h, IN(uint) quick, IN(uint) at, IN(uint) slice, IN(uint) step, IN(float) a,
                       IN(float) b, IN(bool) wide)
{
    uint below = slice + step;
    vec4 v = vec4(0.0, 0.0, 0.0, 1.0);
    if (quick == QUICK_RGBA8 || quick == QUICK_BGRA8 || quick == QUICK_R32F) {
        uvec4 t = weft_quick_words(h, at, slice, step);
        if (quick == QUICK_R32F) {
            v.x = weft_quick_floats(t, a, b);
        } else {
            v = weft_quick_unpack(weft_quick_bytes(t, a, b), quick == QUICK_BGRA8);
        }
    } else if (quick == QUICK_R8) {
        v.x = weft_quick_rows(weft_quick_columns(weft_texels16(h, at, slice, below), weft_quick_weight(a)), b);
    } else if (!wide) {
        v = vec4(0.0);
    } else if (quick == QUICK_RGBA16F) {
        uvec4 s = weft_texels128(h, at, slice), t = weft_texels128(h, at, below);
        uvec4 low = weft_quick_settle(uvec4(s.x, s.z, t.x, t.z), a, b);
        uvec4 high = weft_quick_settle(uvec4(s.y, s.w, t.y, t.w), a, b);
        vec4 up = weft_halves(uvec2(low.x, high.x)), down = weft_halves(uvec2(low.z, high.z));
        up += (weft_halves(uvec2(low.y, high.y)) - up) * a;
        down += (weft_halves(uvec2(low.w, high.w)) - down) * a;
        v = up + (down - up) * b;
    } else {
        uvec4 s = weft_texels128(h, at, slice), t = weft_texels128(h, at, slice + 16u);
        uvec4 u = weft_texels128(h, at, below), w = weft_texels128(h, at, below + 16u);
        v = vec4(weft_quick_floats(uvec4(s.x, t.x, u.x, w.x), a, b),
                 weft_quick_floats(uvec4(s.y, t.y, u.y, w.y), a, b),
                 weft_quick_floats(uvec4(s.z, t.z, u.z, w.z), a, b),
                 weft_quick_floats(uvec4(s.w, t.w, u.w, w.w), a, b));
    }
    return v;
}

/* Bytes of a texel, log2. */
uint weft_quick_size(IN(uint) quick)
{
    return quick == QUICK_R8 ? 0u : quick == QUICK_RGBA16F ? 3u : quick == QUICK_RGBA32F ? 4u : 2u;
}

/* One filtered level, the same in all lanes; false in `done` where it takes longer. */
vec4 weft_quick_linear(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(vec3) p, IN(uint) layer, IN(uint) dim,
                       IN(bool) arrayed, IN(bool) wide, out bool done)
{
    uint quick = IMAGE_QUICK(h), size = weft_quick_size(quick), step = LEVEL_ROW(h, level), slice = 0u;
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = int(weft_extent(IMAGE_HEIGHT(h), level));
    vec2 x = weft_quick_pair(p.x, w, weft_quick_repeats(s, 0u));
    vec2 y = weft_quick_pair(p.y, height, weft_quick_repeats(s, 1u));
    uint ix = uint(weft_int(x.x)), iy = uint(weft_int(y.x));
    bool good = ix < uint(w - 1) && iy < uint(height - 1);
    uint at = LEVEL_OFFSET(h, level) + iy * step + (ix << size);
    float c = 0.0;
    if (arrayed) {
        at += layer * IMAGE_LAYER_STRIDE(h);
    }
    if (dim == DIM_3D) {
        int depth = int(weft_extent(IMAGE_DEPTH(h), level));
        vec2 z = weft_quick_pair(p.z, depth, weft_quick_repeats(s, 2u));
        uint iz = uint(weft_int(z.x));
        slice = LEVEL_SLICE(h, level);
        at += iz * slice;
        good = good && iz < uint(depth - 1);
        c = z.y;
    }
    vec4 v = vec4(0.0);
    done = weft_all(good);
    if (done) {
        if (dim == DIM_3D && quick == QUICK_R8) {
            uint wa = weft_quick_weight(x.y), wc = weft_quick_weight(c);
            uint near = weft_quick_columns(weft_texels16(h, at, 0u, step), wa);
            uint far = weft_quick_columns(weft_texels16(h, at, slice, slice + step), wa);
            v = vec4(weft_quick_rows(weft_lerp16(near, far, wc), y.y), 0.0, 0.0, 1.0);
        } else {
            v = weft_quick_square(h, quick, at, 0u, step, x.y, y.y, wide);
            if (dim == DIM_3D) {
                vec4 far = weft_quick_square(h, quick, at, slice, step, x.y, y.y, wide);
                vec4 mixed = v + (far - v) * c;
                v = c == 0.0 ? v : c == 1.0 ? far : mixed;
            }
        }
    }
    return v;
}

/* Texels of 4 bytes that may lie in a row, or be every second one of it. */
uint weft_quick_word(IN(uint64_t) h, IN(uint) at)
{
    uint t;
    if (weft_row(at, 4u)) {
        t = weft_texels32(h, weft_first(at - 4u * weft_lane()) + 4u * weft_lane(), 0u);
    } else if (weft_row(at, 8u)) {
        t = weft_texels32(h, weft_first(at - 8u * weft_lane()) + 8u * weft_lane(), 0u);
    } else {
        t = weft_texels32(h, at, 0u);
    }
    return t;
}

uvec2 weft_quick_words2(IN(uint64_t) h, IN(uint) at)
{
    uvec2 t;
    if (weft_row(at, 8u)) {
        t = weft_texels64(h, weft_first(at - 8u * weft_lane()) + 8u * weft_lane(), 0u);
    } else {
        t = weft_texels64(h, at, 0u);
    }
    return t;
}

/* The texel at `at`; zeros where it is outside. */
vec4 weft_quick_at(IN(uint64_t) h, IN(uint) quick, IN(uint) at, IN(bool) inside, IN(bool) wide)
{
    vec4 v = vec4(0.0, 0.0, 0.0, 1.0);
    uint kept = inside ? 0xffffffffu : 0u;
    if (quick == QUICK_R8) {
        v.x = float(int(weft_load8(h, at) & kept)) * (1.0 / 255.0);
    } else if (wide && quick == QUICK_RGBA16F) {
        v = weft_halves(weft_quick_words2(h, at) & uvec2(kept));
    } else if (wide && quick == QUICK_RGBA32F) {
        v = uintBitsToFloat(weft_texels128(h, at, 0u) & uvec4(kept));
    } else {
        uint t = weft_quick_word(h, at) & kept;
        if (quick == QUICK_R32F) {
            v.x = uintBitsToFloat(t);
        } else if (wide && quick == QUICK_SRGBA8) {
            v = vec4(WEFT_SRGB[t & 255u], WEFT_SRGB[t >> 8 & 255u], WEFT_SRGB[t >> 16 & 255u],
                     float(int(t >> 24)) * (1.0 / 255.0));
        } else {
            v = weft_unorm8s(t);
            if (quick == QUICK_BGRA8) {
                v = v.zyxw;
            }
        }
    }
    return v;
}

/* The nearest texel. */
vec4 weft_quick_nearest(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(vec3) p, IN(uint) layer, IN(uint) dim,
                        IN(bool) arrayed, IN(bool) wide)
{
    uint quick = IMAGE_QUICK(h), size = weft_quick_size(quick), step = LEVEL_ROW(h, level);
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = int(weft_extent(IMAGE_HEIGHT(h), level));
    uint at = LEVEL_OFFSET(h, level) + weft_quick_texel(p.y, height, weft_quick_repeats(s, 1u)) * step +
              (weft_quick_texel(p.x, w, weft_quick_repeats(s, 0u)) << size);
    if (arrayed) {
        at += layer * IMAGE_LAYER_STRIDE(h);
    }
    if (dim == DIM_3D) {
        int depth = int(weft_extent(IMAGE_DEPTH(h), level));
        at += weft_quick_texel(p.z, depth, weft_quick_repeats(s, 2u)) * LEVEL_SLICE(h, level);
    }
    return weft_quick_at(h, quick, at, true, wide);
}

/* The texel (x, y, z), or by the array's layer, of a level; false in `done` where it takes longer. */
vec4 weft_quick_fetch(IN(uint64_t) h, IN(uvec4) p, IN(uint) level, IN(uint) dim, IN(bool) arrayed, out bool done)
{
    uint quick = IMAGE_QUICK(h), size = weft_quick_size(quick), last = max(IMAGE_LEVELS(h), 1u) - 1u;
    uint own = min(level, last), same = weft_first(own), at = LEVEL_OFFSET(h, same);
    uint x = min(p.x, weft_extent(IMAGE_WIDTH(h), same) - 1u), layer = weft_layer(p, dim, arrayed);
    bool in_level = own == level, in_x = x == p.x, inside = in_level && in_x;
    vec4 v = vec4(0.0);
    done = weft_all(own == same);
    if (done) {
        at += x << size;
        if (dim == DIM_2D || dim == DIM_3D) {
            uint y = min(p.y, weft_extent(IMAGE_HEIGHT(h), same) - 1u);
            at += y * LEVEL_ROW(h, same);
            bool in_y = y == p.y;
            inside = inside && in_y;
        }
        if (dim == DIM_3D) {
            uint z = min(p.z, weft_extent(IMAGE_DEPTH(h), same) - 1u);
            at += z * LEVEL_SLICE(h, same);
            bool in_z = z == p.z;
            inside = inside && in_z;
        }
        if (arrayed) {
            uint a = min(layer, IMAGE_LAYERS(h) - 1u);
            at += a * IMAGE_LAYER_STRIDE(h);
            bool in_a = a == layer;
            inside = inside && in_a;
        }
        v = weft_quick_at(h, quick, at, inside, true);
    }
    return v;
}

/* One level, the same in all lanes; wide: of texels of more than 4 bytes, too. */
vec4 weft_quick_level(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(vec3) p, IN(uint) layer, IN(uint) dim,
                      IN(bool) arrayed, IN(bool) linear, IN(bool) wide, out bool done)
{
    vec4 v;
    if (linear) {
        v = weft_quick_linear(h, s, level, p, layer, dim, arrayed, wide, done);
    } else {
        v = weft_quick_nearest(h, s, level, p, layer, dim, arrayed, wide);
        done = true;
    }
    return v;
}

/* The levels `levels` (see weft_levels) of a 2D or 3D image; false in `done` where it must take the long way.
 * linear is the same in all lanes. */
vec4 weft_quick_levels(IN(uint64_t) h, IN(uint64_t) s, IN(vec2) levels, IN(vec3) p, IN(uint) layer, IN(uint) dim,
                       IN(bool) arrayed, IN(bool) linear, out bool done)
{
    uint own = uint(weft_int(levels.x)), level = weft_first(own);
    vec4 v = vec4(0.0);
    done = false;
    if (weft_all(own == level)) {
        float weight = 1.0 - levels.y;
        uint count = weft_any(levels.y > 0.0) ? 2u : 1u, last = max(IMAGE_LEVELS(h), 1u) - 1u;
        bool all_done = true;
        [[dont_unroll]] for (uint k = 0u; k < count; k++)
        {
            bool level_done;
            vec4 more = weft_quick_level(h, s, level, p, layer, dim, arrayed, linear, true, level_done);
            vec4 part = weight * more;
            v += weight > 0.0 ? part : vec4(0.0);
            all_done = all_done && level_done;
            weight = levels.y;
            level = min(level + 1u, last);
        }
        done = all_done;
    }
    return v;
}

/* RGBA8 or BGRA8 of a 2D image, filtered in a level and the next one, whose weight is c. */
vec4 weft_quick_two(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(float) c, IN(vec2) p, IN(uint) layer,
                    IN(bool) arrayed, out bool done)
{
    uint repeats_u = weft_quick_repeats(s, 0u), repeats_v = weft_quick_repeats(s, 1u), start = 0u;
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = int(weft_extent(IMAGE_HEIGHT(h), level));
    int next_w = max(w >> 1, 1), next_height = max(height >> 1, 1);
    uint step = LEVEL_ROW(h, level), next_step = LEVEL_ROW(h, level + 1u);
    vec2 x = weft_quick_pair(p.x, w, repeats_u), y = weft_quick_pair(p.y, height, repeats_v);
    vec2 next_x = weft_quick_pair(p.x, next_w, repeats_u), next_y = weft_quick_pair(p.y, next_height, repeats_v);
    uint ix = uint(weft_int(x.x)), iy = uint(weft_int(y.x));
    uint next_ix = uint(weft_int(next_x.x)), next_iy = uint(weft_int(next_y.x));
    vec4 v = vec4(0.0);
    done = weft_all(ix < uint(w - 1) && iy < uint(height - 1) && next_ix < uint(next_w - 1) &&
                    next_iy < uint(next_height - 1));
    if (done) {
        if (arrayed) {
            start = layer * IMAGE_LAYER_STRIDE(h);
        }
        uint at = start + LEVEL_OFFSET(h, level) + iy * step + (ix << 2);
        uint next_at = start + LEVEL_OFFSET(h, level + 1u) + next_iy * next_step + (next_ix << 2);
        uvec2 first = weft_quick_bytes(weft_quick_words(h, at, 0u, step), x.y, y.y);
        uvec2 next = weft_quick_bytes(weft_quick_words(h, next_at, 0u, next_step), next_x.y, next_y.y);
        uint wc = weft_quick_weight(c);
        v = weft_quick_unpack(uvec2(weft_lerp16(first.x, next.x, wc), weft_lerp16(first.y, next.y, wc)),
                              IMAGE_QUICK(h) == QUICK_BGRA8);
    }
    return v;
}
