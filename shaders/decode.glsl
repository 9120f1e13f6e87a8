/* SPDX-License-Identifier: MIT
 *
 * DOC: Texels become numbers
 */

/* Channel c of a texel's first two words, its bits moved down. */
uint weft_field(IN(uvec2) raw, IN(uint) first, IN(uint) bits)
{
    uint x = raw.x, y = raw.y;
    uint word = first >= 32u ? y : x;
    return (word >> (first & 31u)) & ((1u << bits) - 1u);
}

int weft_field_signed(IN(uvec2) raw, IN(uint) first, IN(uint) bits)
{
    uint x = raw.x, y = raw.y;
    uint word = first >= 32u ? y : x;
    return int(word << (32u - bits - (first & 31u))) >> (32u - bits);
}

/* 1 / the largest field of so many bits; 0 for none. */
float weft_norm_scale(IN(uint) bits)
{
    float most = float(int((1u << bits) - 1u));
    float scale = 1.0 / most;
    return bits == 0u ? 0.0 : scale;
}

float weft_unorm(IN(uint64_t) h, IN(uvec2) raw, IN(uint) c)
{
    uint bits = FORMAT_BITS(h, c);
    return float(int(weft_field(raw, FORMAT_FIRST(h, c), bits))) * weft_norm_scale(bits);
}

/* SNORM and SSCALED. */
float weft_snorm(IN(uint64_t) h, IN(uvec2) raw, IN(uint) c)
{
    uint bits = FORMAT_BITS(h, c);
    bool scaled = FORMAT_KIND(h) == KIND_SSCALED;
    float norm = weft_norm_scale(bits == 0u ? 0u : bits - 1u);
    float one = 1.0, scale = scaled ? one : norm;
    float least = scaled ? -65536.0 : -1.0;
    return max(float(weft_field_signed(raw, FORMAT_FIRST(h, c), bits)) * scale, least);
}

float weft_uscaled(IN(uint64_t) h, IN(uvec2) raw, IN(uint) c)
{
    return float(int(weft_field(raw, FORMAT_FIRST(h, c), FORMAT_BITS(h, c))));
}

float weft_half(IN(uint64_t) h, IN(uvec2) raw, IN(uint) c)
{
    return unpackHalf2x16(weft_field(raw, FORMAT_FIRST(h, c), 16u)).x;
}

/* The sRGB curve at k / 255. */
const float WEFT_SRGB[256] = float[](
    0.0, 0.000303526984, 0.000607053967, 0.000910580951, 0.00121410793, 0.00151763492, 0.0018211619,
    0.00212468888, 0.00242821587, 0.00273174285, 0.00303526984, 0.00334653576, 0.00367650732,
    0.00402471702, 0.00439144204, 0.00477695348, 0.0051815167, 0.00560539162, 0.00604883302,
    0.00651209079, 0.00699541019, 0.00749903204, 0.00802319299, 0.00856812562, 0.0091340587,
    0.00972121732, 0.010329823, 0.010960094, 0.0116122452, 0.0122864884, 0.0129830323, 0.013702083,
    0.0144438436, 0.0152085144, 0.0159962934, 0.0168073758, 0.0176419545, 0.0185002201, 0.019382361,
    0.0202885631, 0.0212190104, 0.0221738848, 0.0231533662, 0.0241576324, 0.0251868596,
    0.0262412219, 0.0273208916, 0.0284260395, 0.0295568344, 0.0307134437, 0.0318960331,
    0.0331047666, 0.0343398068, 0.0356013149, 0.0368894504, 0.0382043716, 0.0395462353,
    0.0409151969, 0.0423114106, 0.0437350293, 0.0451862044, 0.0466650863, 0.0481718242, 0.049706566,
    0.0512694584, 0.052860647, 0.0544802764, 0.05612849, 0.0578054302, 0.0595112382, 0.0612460542,
    0.0630100177, 0.0648032667, 0.0666259386, 0.0684781698, 0.0703600957, 0.0722718507,
    0.0742135684, 0.0761853815, 0.0781874218, 0.0802198203, 0.0822827071, 0.0843762115, 0.086500462,
    0.0886555863, 0.0908417112, 0.0930589628, 0.0953074666, 0.0975873471, 0.0998987282, 0.102241733,
    0.104616484, 0.107023103, 0.109461711, 0.111932428, 0.114435374, 0.116970668, 0.119538428,
    0.122138772, 0.124771818, 0.12743768, 0.130136477, 0.132868322, 0.13563333, 0.138431615,
    0.141263291, 0.144128471, 0.147027266, 0.14995979, 0.152926152, 0.155926464, 0.158960835,
    0.162029376, 0.165132195, 0.1682694, 0.171441101, 0.174647404, 0.177888416, 0.181164244,
    0.184474995, 0.187820772, 0.191201683, 0.19461783, 0.19806932, 0.201556254, 0.205078736,
    0.20863687, 0.212230757, 0.2158605, 0.2195262, 0.223227957, 0.226965874, 0.230740049,
    0.234550582, 0.238397574, 0.242281122, 0.246201327, 0.250158285, 0.254152094, 0.258182853,
    0.262250658, 0.266355605, 0.270497791, 0.274677312, 0.278894263, 0.28314874, 0.287440838,
    0.29177065, 0.296138271, 0.300543794, 0.304987314, 0.309468923, 0.313988713, 0.318546778,
    0.323143209, 0.327778098, 0.332451536, 0.337163615, 0.341914425, 0.346704056, 0.3515326,
    0.356400144, 0.36130678, 0.366252596, 0.37123768, 0.376262123, 0.381326011, 0.386429434,
    0.391572478, 0.396755231, 0.40197778, 0.407240212, 0.412542613, 0.417885071, 0.42326767,
    0.428690497, 0.434153636, 0.439657174, 0.445201195, 0.450785783, 0.456411023, 0.462077,
    0.467783796, 0.473531496, 0.479320183, 0.48514994, 0.49102085, 0.496932995, 0.502886458,
    0.508881321, 0.514917665, 0.520995573, 0.527115126, 0.533276404, 0.539479489, 0.545724461,
    0.552011402, 0.55834039, 0.564711506, 0.571124829, 0.57758044, 0.584078418, 0.590618841,
    0.597201788, 0.603827339, 0.610495571, 0.617206562, 0.623960392, 0.630757136, 0.637596874,
    0.644479682, 0.651405637, 0.658374817, 0.665387298, 0.672443157, 0.67954247, 0.686685312,
    0.693871761, 0.701101892, 0.70837578, 0.715693501, 0.723055129, 0.73046074, 0.737910409,
    0.74540421, 0.752942217, 0.760524505, 0.768151147, 0.775822218, 0.783537792, 0.79129794,
    0.799102738, 0.806952258, 0.814846572, 0.822785754, 0.830769877, 0.838799012, 0.846873232,
    0.854992608, 0.863157213, 0.871367119, 0.879622397, 0.887923118, 0.896269353, 0.904661174,
    0.913098652, 0.921581856, 0.930110858, 0.938685728, 0.947306537, 0.955973353, 0.964686248,
    0.97344529, 0.98225055, 0.991102097, 1.0);

float weft_srgb(IN(uint64_t) h, IN(uvec2) raw, IN(uint) c)
{
    return WEFT_SRGB[weft_field(raw, FORMAT_FIRST(h, c), 8u)];
}

/* Unsigned floats of 5 bits exponent and `bits` bits mantissa. A half's bits, but for the sign. */
float weft_small(IN(uint) field, IN(uint) bits)
{
    return unpackHalf2x16(field << (10u - bits)).x;
}

vec3 weft_shared_exponent(IN(uint) raw)
{
    /* 2^(e - 15 - 9) */
    float scale = uintBitsToFloat(((raw >> 27) + 103u) << 23);
    return vec3(float(int(raw & 511u)), float(int(raw >> 9 & 511u)), float(int(raw >> 18 & 511u))) *
           scale;
}

/* The texel's memory as four words; x counts texels from the offset on. Each arm has its own constant
 * size, so that lanes next to each other are seen to lie next to each other. */
uvec4 weft_raw(IN(uint64_t) h, IN(uint) offset, IN(uint) x)
{
    uint size = FORMAT_LOG2(h);
    uvec4 raw = uvec4(0u);
    if (size == 2u) {
        raw.x = weft_load32(h, offset + (x << 2));
    } else if (size == 3u) {
        raw.xy = weft_load64(h, offset + (x << 3));
    } else if (size == 4u) {
        raw = weft_load128(h, offset + (x << 4));
    } else if (size == 0u) {
        raw.x = weft_load8(h, offset + x);
    } else {
        raw.x = weft_load16(h, offset + (x << 1));
    }
    return raw;
}

/* A texel of an uncompressed format whose kind is not HALF, UNORM or RAW. */
uvec4 weft_decode_rare(IN(uint64_t) h, IN(uvec2) raw)
{
    uint kind = FORMAT_KIND(h);
    vec4 v = vec4(0.0);
    if (kind == KIND_SNORM || kind == KIND_SSCALED) {
        v = vec4(weft_snorm(h, raw, 0u), weft_snorm(h, raw, 1u), weft_snorm(h, raw, 2u),
                 weft_snorm(h, raw, 3u));
    } else if (kind == KIND_USCALED) {
        v = vec4(weft_uscaled(h, raw, 0u), weft_uscaled(h, raw, 1u), weft_uscaled(h, raw, 2u),
                 weft_uscaled(h, raw, 3u));
    } else if (kind == KIND_SRGB) {
        v.x = weft_srgb(h, raw, 0u);
        v.y = weft_srgb(h, raw, 1u);
        v.z = weft_srgb(h, raw, 2u);
        v.w = weft_unorm(h, raw, 3u);
    } else if (kind == KIND_SMALL) {
        v.x = weft_small(raw.x & 2047u, 6u);
        v.y = weft_small(raw.x >> 11 & 2047u, 6u);
        v.z = weft_small(raw.x >> 22, 5u);
    } else if (kind == KIND_SHARED) {
        v.xyz = weft_shared_exponent(raw.x);
    }
    return floatBitsToUint(v);
}

/* RGBA8 and BGRA8 */
bool weft_is_bytes(IN(uint) kind_of)
{
    return kind_of - LAYOUT_RGBA8 < 2u;
}

/* 0 .. 255 each */
vec4 weft_bytes(IN(uint) raw)
{
    return vec4(float(int(raw & 255u)), float(int(raw >> 8 & 255u)), float(int(raw >> 16 & 255u)),
                float(int(raw >> 24)));
}

/* 0 .. 1 each */
vec4 weft_unorm8s(IN(uint) raw)
{
    return vec4(weft_unorm8(raw & 255u), weft_unorm8(raw >> 8 & 255u), weft_unorm8(raw >> 16 & 255u),
                weft_unorm8(raw >> 24));
}

/* From the order of the bytes to that of the channels. */
vec4 weft_order(IN(vec4) v, IN(uint) kind_of)
{
    bool bgra = kind_of == LAYOUT_BGRA8;
    float x = v.x, z = v.z;
    return vec4(bgra ? z : x, v.y, bgra ? x : z, v.w);
}

/* Without `rare` the kind is UNORM, RAW or HALF, or nothing. */
uvec4 weft_decode_float(IN(uint64_t) h, IN(uvec4) raw, IN(bool) rare)
{
    uint kind = FORMAT_KIND(h);
    uvec4 texel;
    if (kind == KIND_UNORM) {
        texel = floatBitsToUint(vec4(weft_unorm(h, raw.xy, 0u), weft_unorm(h, raw.xy, 1u),
                                     weft_unorm(h, raw.xy, 2u), weft_unorm(h, raw.xy, 3u)));
    } else if (kind == KIND_RAW || kind == KIND_BLOCK) {
        texel = raw;
    } else if (kind == KIND_HALF) {
        texel = floatBitsToUint(vec4(weft_half(h, raw.xy, 0u), weft_half(h, raw.xy, 1u),
                                     weft_half(h, raw.xy, 2u), weft_half(h, raw.xy, 3u)));
    } else {
        texel = uvec4(0u);
        if (rare) {
            texel = weft_decode_rare(h, raw.xy);
        }
    }
    return texel;
}

/* Scaled integers are floats to a shader; one that wants integers of them gets the fields. */
uvec4 weft_decode_integer(IN(uint64_t) h, IN(uvec4) raw)
{
    uint kind = FORMAT_KIND(h);
    uvec4 texel = raw;
    if (kind == KIND_UINT || kind == KIND_USCALED) {
        texel = uvec4(weft_field(raw.xy, FORMAT_FIRST(h, 0u), FORMAT_BITS(h, 0u)),
                      weft_field(raw.xy, FORMAT_FIRST(h, 1u), FORMAT_BITS(h, 1u)),
                      weft_field(raw.xy, FORMAT_FIRST(h, 2u), FORMAT_BITS(h, 2u)),
                      weft_field(raw.xy, FORMAT_FIRST(h, 3u), FORMAT_BITS(h, 3u)));
    } else if (kind == KIND_SINT || kind == KIND_SSCALED) {
        texel = uvec4(ivec4(weft_field_signed(raw.xy, FORMAT_FIRST(h, 0u), FORMAT_BITS(h, 0u)),
                            weft_field_signed(raw.xy, FORMAT_FIRST(h, 1u), FORMAT_BITS(h, 1u)),
                            weft_field_signed(raw.xy, FORMAT_FIRST(h, 2u), FORMAT_BITS(h, 2u)),
                            weft_field_signed(raw.xy, FORMAT_FIRST(h, 3u), FORMAT_BITS(h, 3u))));
    }
    return texel;
}

/* The texel (x, y) whose level, layer and slice start at base. rare: of every format, else of the plain
 * ones; blocks: compressed ones and triples, too. */
uvec4 weft_texel(IN(uint64_t) h, IN(uint) base, IN(uint) row, IN(uint) x, IN(uint) y,
                 IN(bool) integer, IN(bool) rare, IN(bool) blocks)
{
    uint format = FORMAT_LAYOUT(h);
    uvec4 texel;
    if (!integer && weft_is_bytes(format)) {
        vec4 v = weft_unorm8s(weft_load32(h, base + y * row + (x << 2)));
        texel = floatBitsToUint(weft_order(v, format));
    } else {
        uvec4 raw;
        if (blocks && FORMAT_BLOCK(h) != 0u) {
            uint width = FORMAT_BLOCK_WIDTH(h), height = FORMAT_BLOCK_HEIGHT(h);
            uint column = x / width, line = y / height, size = FORMAT_BLOCK_SIZE(h);
            uint block = FORMAT_BLOCK(h) | width << 8 | height << 16 | size << 24;
            raw = floatBitsToUint(weft_decode(h, base + line * row + column * size, block,
                                              x - column * width, y - line * height));
        } else {
            raw = weft_raw(h, base + y * row, x);
        }
        if (integer) {
            texel = weft_decode_integer(h, raw);
        } else {
            texel = weft_decode_float(h, raw, rare);
        }
    }
    return texel;
}

/* ---- Swizzle ---- */

uint weft_pick(IN(uvec4) texel, IN(uint) from, IN(uint) one)
{
    uint x = texel.x, y = texel.y, z = texel.z, w = texel.w;
    uint low = from == 0u ? x : y;
    uint high = from == 2u ? z : w;
    uint channel = from < 2u ? low : high;
    uint constant = from == 4u ? 0u : one;
    return from < 4u ? channel : constant;
}

uvec4 weft_swizzle(IN(uvec4) texel, IN(uint) swizzle, IN(uint) one)
{
    uvec4 v = texel;
    if (swizzle != SWIZZLE_IDENTITY) {
        v = uvec4(weft_pick(texel, swizzle & 255u, one), weft_pick(texel, swizzle >> 8 & 255u, one),
                  weft_pick(texel, swizzle >> 16 & 255u, one), weft_pick(texel, swizzle >> 24, one));
    }
    return v;
}
