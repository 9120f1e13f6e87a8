/* SPDX-License-Identifier: MIT
 *
 * DOC: The built-in image library
 *
 * Texels of every format, written once. Functions get descriptors as handles (their addresses) and read
 * the fields of include/weft/image.h as words; those are uniform, so a branch on a field costs a scalar
 * compare, and the vector code behind it has no lanes to mask. The compiler inlines everything into the
 * shader, with constants folded: where the shader declares an image's format, the fields of the format
 * are constants and one path is left.
 *
 * Here are the descriptors' fields, and reading and writing by integer coordinates.
 *
 *   - parameters are `const in`, which glslang passes by value;
 *   - no arrays with dynamic index but constant ones: they would live in memory;
 *   - texels come as the bits of four 32-bit words, floats or integers, so that one function does both.
 */

#define IN(type) const in type

#include "intrinsics.glsl"

/* ---- Fields (struct weft_image_desc) ---- */

#define IMAGE_QUICK(h) weft_desc(h, 116u)
#define IMAGE_WIDTH(h) weft_desc(h, 16u)
#define IMAGE_HEIGHT(h) weft_desc(h, 20u)
#define IMAGE_DEPTH(h) weft_desc(h, 24u)
#define IMAGE_LAYERS(h) weft_desc(h, 28u)
#define IMAGE_LEVELS(h) weft_desc(h, 32u)
#define IMAGE_SAMPLES(h) weft_desc(h, 36u)
#define IMAGE_LAYER_STRIDE(h) weft_desc(h, 40u)
#define IMAGE_MIN_LOD(h) uintBitsToFloat(weft_desc(h, 44u))
#define IMAGE_SWIZZLE(h) weft_desc(h, 48u)
#define IMAGE_INTEGER(h) weft_desc(h, 52u)
#define FORMAT_KIND(h) weft_desc(h, 56u)
#define FORMAT_LOG2(h) weft_desc(h, 60u)
#define FORMAT_FIRST(h, c) weft_desc(h, 64u + 4u * c)
#define FORMAT_BITS(h, c) weft_desc(h, 80u + 4u * c)
#define FORMAT_BLOCK(h) weft_desc(h, 96u)
#define FORMAT_BLOCK_WIDTH(h) weft_desc(h, 100u)
#define FORMAT_BLOCK_HEIGHT(h) weft_desc(h, 104u)
#define FORMAT_BLOCK_SIZE(h) weft_desc(h, 108u)
#define FORMAT_LAYOUT(h) weft_desc(h, 112u)
#define LEVEL_OFFSET(h, level) weft_desc_at(h, 128u + 4u * (level))
#define LEVEL_ROW(h, level) weft_desc_at(h, 192u + 4u * (level))
#define LEVEL_SLICE(h, level) weft_desc_at(h, 256u + 4u * (level))

/* enum weft_texel_kind */
#define KIND_NULL 0u
#define KIND_RAW 1u
#define KIND_UNORM 2u
#define KIND_SNORM 3u
#define KIND_UINT 4u
#define KIND_SINT 5u
#define KIND_HALF 6u
#define KIND_SRGB 7u
#define KIND_SMALL 8u
#define KIND_SHARED 9u
#define KIND_RAW64 10u
#define KIND_BLOCK 11u
#define KIND_USCALED 12u
#define KIND_SSCALED 13u

/* enum weft_texel_layout */
#define LAYOUT_RGBA8 1u
#define LAYOUT_BGRA8 2u
#define LAYOUT_R8 3u
#define LAYOUT_RGBA16F 4u

#define SWIZZLE_IDENTITY 0x03020100u
#define ONE_BITS 0x3f800000u

/* What an image instruction's image type says; constants. */
#define DIM_1D 0u
#define DIM_2D 1u
#define DIM_3D 2u
#define DIM_CUBE 3u
#define DIM_BUFFER 5u

#include "decode.glsl"
#include "encode.glsl"

/* ---- Reading and writing by integer coordinates ---- */

uint weft_extent(IN(uint) extent, IN(uint) level)
{
    uint e = extent >> (level & 31u);
    return e == 0u ? min(extent, 1u) : e;
}

/* Coordinates are (x, y, z), with the array's layer in the component behind the others, as SPIR-V has
 * them: cubes are arrays of faces. */
uint weft_layer(IN(uvec4) p, IN(uint) dim, IN(bool) arrayed)
{
    uint layer = 0u;
    if (dim == DIM_CUBE) {
        layer = p.z;
    } else if (arrayed) {
        layer = dim == DIM_1D ? p.y : p.z;
    }
    return layer;
}

bool weft_inside(IN(uint64_t) h, IN(uvec4) p, IN(uint) dim, IN(bool) arrayed, IN(uint) level)
{
    bool inside = p.x < weft_extent(IMAGE_WIDTH(h), level);
    if (dim == DIM_2D || dim == DIM_3D || dim == DIM_CUBE) {
        bool y = p.y < weft_extent(IMAGE_HEIGHT(h), level);
        inside = inside && y;
    }
    if (dim == DIM_3D) {
        bool z = p.z < weft_extent(IMAGE_DEPTH(h), level);
        inside = inside && z;
    }
    if (arrayed || dim == DIM_CUBE) {
        bool a = weft_layer(p, dim, arrayed) < IMAGE_LAYERS(h);
        inside = inside && a;
    }
    return inside;
}

/* Storage images have levels, too; for those that name none the compiler knows that it is the first. */
bool weft_has_level(IN(uint64_t) h, IN(uint) level)
{
    bool has = level < IMAGE_LEVELS(h);
    return level == 0u || has;
}

/* Where a texel's row starts. */
uint weft_base(IN(uint64_t) h, IN(uvec4) p, IN(uint) dim, IN(bool) arrayed, IN(uint) level)
{
    uint base = 0u;
    if (dim != DIM_BUFFER) {
        base = LEVEL_OFFSET(h, level);
        if (arrayed || dim == DIM_CUBE) {
            base += weft_layer(p, dim, arrayed) * IMAGE_LAYER_STRIDE(h);
        }
        if (dim == DIM_3D) {
            base += p.z * LEVEL_SLICE(h, level);
        }
    }
    return base;
}

/* OpImageFetch and OpImageRead, of all formats. dim, arrayed, multisample and integer are the same in all
 * lanes. */
uvec4 weft_fetch(IN(uint64_t) h, IN(uvec4) p, IN(uint) level, IN(uint) at_sample, IN(uint) dim,
                       IN(bool) arrayed, IN(bool) multisample, IN(bool) integer, IN(bool) sampled)
{
    bool inside = weft_inside(h, p, dim, arrayed, level);
    if (dim != DIM_BUFFER) {
        bool l = sampled ? level < IMAGE_LEVELS(h) : weft_has_level(h, level);
        inside = inside && l;
    }
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
    uint base = weft_base(h, p, dim, arrayed, level);
    uvec4 texel = weft_texel(h, base, row, x, y, integer, true, sampled);
    texel.x = inside ? texel.x : 0u;
    texel.y = inside ? texel.y : 0u;
    texel.z = inside ? texel.z : 0u;
    texel.w = inside ? texel.w : 0u;
    return weft_swizzle(texel, IMAGE_SWIZZLE(h), integer ? 1u : ONE_BITS);
}

/* Where a texel is, for atomics and 64-bit texels; beyond any image's end where it is outside. */
uint weft_image_texel(IN(uint64_t) h, IN(uvec4) p, IN(uint) at_sample, IN(uint) dim,
                      IN(bool) arrayed, IN(bool) multisample, IN(uint) level, IN(uint) log2_B)
{
    bool l = weft_has_level(h, level), inside = weft_inside(h, p, dim, arrayed, level) && l;
    uint x = p.x;
    if (multisample) {
        bool s = at_sample < IMAGE_SAMPLES(h);
        inside = inside && s;
        x = x * IMAGE_SAMPLES(h) + at_sample;
    }
    uint offset = weft_base(h, p, dim, arrayed, level) + (x << log2_B);
    if (dim == DIM_2D || dim == DIM_3D || dim == DIM_CUBE) {
        offset += p.y * LEVEL_ROW(h, level);
    }
    return inside ? offset : 0xfffffff0u;
}

void weft_put(IN(uint64_t) h, IN(uint) base, IN(uint) x, IN(uvec4) raw)
{
    uint size = FORMAT_LOG2(h);
    if (size == 2u) {
        weft_store32(h, base + (x << 2), raw.x);
    } else if (size == 3u) {
        weft_store64(h, base + (x << 3), raw.xy);
    } else if (size == 4u) {
        weft_store128(h, base + (x << 4), raw);
    } else if (size == 0u) {
        weft_store8(h, base + x, raw.x);
    } else {
        weft_store16(h, base + (x << 1), raw.x);
    }
}

/* OpImageWrite, level 0 unless the instruction has one. */
void weft_image_write(IN(uint64_t) h, IN(uvec4) p, IN(uvec4) v, IN(uint) level, IN(uint) at_sample,
                      IN(uint) dim, IN(bool) arrayed, IN(bool) multisample)
{
    bool l = weft_has_level(h, level), inside = weft_inside(h, p, dim, arrayed, level) && l;
    uint base = weft_base(h, p, dim, arrayed, level);
    uint x = p.x, size = FORMAT_LOG2(h), kind = FORMAT_KIND(h);
    if (multisample) {
        bool s = at_sample < IMAGE_SAMPLES(h);
        inside = inside && s;
        x = x * IMAGE_SAMPLES(h) + at_sample;
    }
    if (dim == DIM_2D || dim == DIM_3D || dim == DIM_CUBE) {
        base += p.y * LEVEL_ROW(h, level);
    }
    uvec4 raw = v;
    if (kind == KIND_SMALL) {
        raw.x = weft_to_small(uintBitsToFloat(v.x), 6u) |
                weft_to_small(uintBitsToFloat(v.y), 6u) << 11 |
                weft_to_small(uintBitsToFloat(v.z), 5u) << 22;
    } else if (kind != KIND_RAW) {
        raw.x = weft_encode_word(h, v, false);
        if (size == 3u) {
            raw.y = weft_encode_word(h, v, true);
        }
    }
    if (weft_all(inside)) { /* mostly: stores without a mask */
        weft_put(h, base, x, raw);
    } else {
        if (inside) {
            weft_put(h, base, x, raw);
        }
    }
}

/* ---- Queries ---- */

uvec3 weft_image_size(IN(uint64_t) h, IN(uint) level, IN(uint) dim, IN(bool) arrayed)
{
    uint w = weft_extent(IMAGE_WIDTH(h), level);
    uint height = weft_extent(IMAGE_HEIGHT(h), level);
    uint layers = IMAGE_LAYERS(h);
    uvec3 size = uvec3(w, height, 0u);
    if (dim == DIM_1D) {
        size.y = layers;
    } else if (dim == DIM_3D) {
        size.z = weft_extent(IMAGE_DEPTH(h), level);
    } else if (dim == DIM_CUBE) {
        size.z = layers / 6u;
    } else {
        size.z = layers;
    }
    return size;
}
