/* SPDX-License-Identifier: MIT
 *
 * Where an instruction with a sampler reads: for what samples, and for what says whether memory is there.
 */

/* One tap: the texel's row in memory and place in the level. inside: it is no border's; that can be only where
 * `border` says that a mode is border. */
struct weft_tap_place {
    uint base, row, x, y;
    bool border, inside;
};

/* The texel (x, y, z) of a level, addressed by the sampler's modes, or across a cube's edge. */
weft_tap_place weft_tap_at(IN(uint64_t) h, IN(uint64_t) s, IN(uint) level, IN(ivec3) i, IN(int) face,
                           IN(uint) layer, IN(uint) dim, IN(bool) arrayed)
{
    int w = int(weft_extent(IMAGE_WIDTH(h), level)), height = 1, depth = 1;
    uint mode_u = ADDRESS_MODE(s, 0u), mode_v = mode_u, mode_w = mode_u;
    int x = i.x, y = 0, z = 0, f = face;
    weft_tap_place at;
    at.base = LEVEL_OFFSET(h, level);
    at.row = 0u;
    if (dim != DIM_1D) {
        height = int(weft_extent(IMAGE_HEIGHT(h), level));
        mode_v = ADDRESS_MODE(s, 1u);
        at.row = LEVEL_ROW(h, level);
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
            at.base += uint(weft_clamp(z, depth)) * LEVEL_SLICE(h, level);
        }
    }
    if (dim == DIM_CUBE) {
        at.base += (layer * 6u + uint(f)) * IMAGE_LAYER_STRIDE(h);
    } else if (arrayed) {
        at.base += layer * IMAGE_LAYER_STRIDE(h);
    }
    at.x = uint(weft_clamp(x, w));
    at.y = uint(weft_clamp(y, height));
    at.border = mode_u == ADDRESS_BORDER || mode_v == ADDRESS_BORDER || mode_w == ADDRESS_BORDER;
    bool in_x = weft_within(x, w, mode_u), in_y = weft_within(y, height, mode_v);
    bool in_z = weft_within(z, depth, mode_w);
    at.inside = in_x && in_y && in_z;
    return at;
}

/* A gather: its first texel. */
struct weft_gather_place {
    uint layer, level;
    int face, x, y;
};

weft_gather_place weft_gather_at(IN(uint64_t) h, IN(uint64_t) s, IN(vec4) p, IN(uint) dim, IN(bool) arrayed)
{
    weft_gather_place at;
    vec3 point = p.xyz;
    bool unnormalized = UNNORMALIZED(s) != 0u;
    at.layer = 0u;
    at.face = 0;
    if (arrayed) {
        at.layer = weft_round_layer(p.w, dim == DIM_CUBE ? IMAGE_LAYERS(h) / 6u : IMAGE_LAYERS(h));
    }
    if (dim == DIM_CUBE) {
        vec3 f = weft_cube_face(p.xyz);
        point = vec3(f.xy, 0.0);
        at.face = int(f.z);
    }
    at.level = uint(weft_int(weft_levels(h, s, max(0.0, IMAGE_MIN_LOD(h))).x));
    int w = int(weft_extent(IMAGE_WIDTH(h), at.level)), height = int(weft_extent(IMAGE_HEIGHT(h), at.level));
    at.x = weft_int(floor(weft_coordinate(point.x, w, ADDRESS_MODE(s, 0u), unnormalized) - 0.5));
    at.y = weft_int(floor(weft_coordinate(point.y, height, ADDRESS_MODE(s, 1u), unnormalized) - 0.5));
    return at;
}
