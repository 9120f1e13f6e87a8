/* SPDX-License-Identifier: MIT
 *
 * DOC: Cubes
 */

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
