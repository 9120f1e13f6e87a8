/* SPDX-License-Identifier: MIT
 *
 * DOC: What the compiler does itself
 *
 * Functions without bodies worth reading: the compiler replaces their calls (spv_library.c).
 */

/* A word of a descriptor; the offset is a constant. */
uint weft_desc(IN(uint64_t) handle, IN(uint) offset) { return 0u; }
/* The same at an offset that may vary (image descriptors only). */
uint weft_desc_at(IN(uint64_t) handle, IN(uint) offset) { return 0u; }
/* Memory of the image, at a byte offset; outside of it reads give anything and writes vanish. */
uint weft_load8(IN(uint64_t) image, IN(uint) offset) { return 0u; }
uint weft_load16(IN(uint64_t) image, IN(uint) offset) { return 0u; }
uint weft_load32(IN(uint64_t) image, IN(uint) offset) { return 0u; }
uvec2 weft_load64(IN(uint64_t) image, IN(uint) offset) { return uvec2(0u); }
uvec4 weft_load128(IN(uint64_t) image, IN(uint) offset) { return uvec4(0u); }
void weft_store8(IN(uint64_t) image, IN(uint) offset, IN(uint) v) {}
void weft_store16(IN(uint64_t) image, IN(uint) offset, IN(uint) v) {}
void weft_store32(IN(uint64_t) image, IN(uint) offset, IN(uint) v) {}
void weft_store64(IN(uint64_t) image, IN(uint) offset, IN(uvec2) v) {}
void weft_store128(IN(uint64_t) image, IN(uint) offset, IN(uvec4) v) {}
/* Memory of the image that is inside it: texels side by side, at offset + row, with row the same in all lanes.
 * Of pairs of bytes those of two rows, in the halves of the word. */
uint weft_texels16(IN(uint64_t) image, IN(uint) offset, IN(uint) row, IN(uint) second) { return 0u; }
uint weft_texels32(IN(uint64_t) image, IN(uint) offset, IN(uint) row) { return 0u; }
uvec2 weft_texels64(IN(uint64_t) image, IN(uint) offset, IN(uint) row) { return uvec2(0u); }
uvec4 weft_texels128(IN(uint64_t) image, IN(uint) offset, IN(uint) row) { return uvec4(0u); }
/* A texel of a compressed block, or the words of a triple. */
vec4 weft_decode(IN(uint64_t) image, IN(uint) offset, IN(uint) format, IN(uint) x, IN(uint) y)
{
    return vec4(0.0);
}
/* Is it true in any lane, in all lanes. */
bool weft_any(IN(bool) x) { return x; }
bool weft_all(IN(bool) x) { return x; }
/* The lane's number; the value of the first active lane; are all lanes active, and does lane i hold lane 0's
 * value + i * step. */
uint weft_lane() { return 0u; }
uint weft_first(IN(uint) x) { return x; }
bool weft_row(IN(uint) x, IN(uint) step) { return false; }
/* a - (b - a) * w / 2^15 in both halves of the words, w being the low half's, -2^15 to 0. */
uint weft_lerp16(IN(uint) a, IN(uint) b, IN(uint) w) { return a; }
/* Is the shader compiled fast. */
bool weft_fast() { return false; }
/* The whole of sampling, as a call (site.glsl). */
uvec4 weft_call_sample(IN(uint64_t) image, IN(uint64_t) smp, IN(uint) what, IN(vec4) p, IN(float) lod, IN(vec3) dx,
                       IN(vec3) dy, IN(float) min_lod, IN(ivec3) offset, IN(float) reference)
{
    return uvec4(0u);
}
uvec4 weft_call_gather(IN(uint64_t) image, IN(uint64_t) smp, IN(uint) what, IN(vec4) p, IN(ivec2) o0, IN(ivec2) o1,
                       IN(ivec2) o2, IN(ivec2) o3, IN(float) reference)
{
    return uvec4(0u);
}
uvec4 weft_call_fetch(IN(uint64_t) image, IN(uint64_t) same, IN(uint) what, IN(uvec4) p, IN(uint) level,
                      IN(uint) at_sample)
{
    return uvec4(0u);
}
/* x / 255 of a byte; what adds such up may add the bytes. */
float weft_unorm8(IN(uint) x) { return float(x); }
/* int(x) of a number that is known to fit: without the checks for those that don't, and NaN. */
int weft_int(IN(float) x) { return int(x); }
