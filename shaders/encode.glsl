/* SPDX-License-Identifier: MIT
 *
 * DOC: Numbers become texels
 */

/* Adding 2^23 leaves the nearest integer in the sum's low bits (bits is at most 16). */
uint weft_to_unorm(IN(float) v, IN(uint) bits)
{
    float most = float(int((1u << bits) - 1u));
    float x = clamp(v, 0.0, 1.0); /* NaN: 0 */
    return floatBitsToUint(x * most + 8388608.0) & ((1u << bits) - 1u);
}

uint weft_to_snorm(IN(float) v, IN(uint) bits)
{
    float most = float(int((1u << (bits - 1u)) - 1u));
    float nan = v != v ? 0.0 : v;
    float x = clamp(nan, -1.0, 1.0);
    return floatBitsToUint(x * most + 12582912.0) & ((1u << bits) - 1u);
}

/* To an unsigned float of 5 bits exponent and `bits` bits mantissa: NaN stays, what is below 0 is 0. */
uint weft_to_small(IN(float) v, IN(uint) bits)
{
    float positive = v < 0.0 ? 0.0 : v;
    uint h = floatBitsToUint(positive);
    uint shift = 23u - bits;
    /* denormals: adding 2^(-14 - bits + 23) leaves the field in the sum's low bits */
    float magic = uintBitsToFloat((127u - 14u - bits + 23u) << 23);
    uint denormal = floatBitsToUint(positive + magic) - floatBitsToUint(magic);
    uint rounded = h + ((1u << (shift - 1u)) - 1u) + (h >> shift & 1u);
    uint normal = (rounded - ((127u - 15u) << 23)) >> shift;
    uint small = h < (113u << 23) ? denormal : normal;
    uint largest = (31u << bits) - 1u;
    uint finite = min(small, largest);
    uint inf = 31u << bits;
    uint high = h > 0x7f800000u ? inf | 1u : inf;
    uint field = h >= 0x7f800000u ? high : finite;
    return v < 0.0 ? 0u : field;
}

/* Channel c of a texel, in place; the second word's if `second`. */
uint weft_encode_channel(IN(uint64_t) h, IN(uint) v, IN(uint) c, IN(bool) second)
{
    uint kind = FORMAT_KIND(h), bits = FORMAT_BITS(h, c), first = FORMAT_FIRST(h, c);
    uint field = v;
    if (kind == KIND_UNORM) {
        field = weft_to_unorm(uintBitsToFloat(v), bits);
    } else if (kind == KIND_SNORM) {
        field = weft_to_snorm(uintBitsToFloat(v), bits);
    } else if (kind == KIND_HALF) {
        field = packHalf2x16(vec2(uintBitsToFloat(v), 0.0));
    }
    field = (field & ((1u << bits) - 1u)) << (first & 31u);
    bool here = (first >= 32u) == second && bits != 0u;
    return here ? field : 0u;
}

uint weft_encode_word(IN(uint64_t) h, IN(uvec4) v, IN(bool) second)
{
    return weft_encode_channel(h, v.x, 0u, second) | weft_encode_channel(h, v.y, 1u, second) |
           weft_encode_channel(h, v.z, 2u, second) | weft_encode_channel(h, v.w, 3u, second);
}
