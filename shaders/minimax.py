#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds the polynomial coefficients of the built-in maths library (Remez exchange).

Not part of the build: it was run once (it needs mpmath), and its output stands in the .glsl files.
Each row of FITS asks for the polynomial p of the given degree that minimises the largest value of
|p(z) - target(z)| * weight(z) over [lo, hi]. Coefficients are rounded to binary32 one after the
other where that works, lowest first, and the rest are fitted again, so that the rounding costs little.
"""
import struct
import sys

from mpmath import (acosh, asin, asinh, atan, atanh, cos, exp, log, lu_solve, matrix, mp, mpf, pi,
                    sin, sinh, sqrt, tan, tanh)

mp.prec = 160


def f32(x):
    return mpf(struct.unpack('<f', struct.pack('<f', float(x)))[0])


def remez(target, weight, lo, hi, degree, fixed):
    """Coefficients fixed[0..] are given; returns the others and the error reached."""
    low = len(fixed)
    n = degree + 1 - low

    def rest(z):
        return target(z) - sum(c * z**k for k, c in enumerate(fixed))

    x = [(lo + hi) / 2 - (hi - lo) / 2 * cos(pi * (2 * i + 1) / (2 * (n + 1))) for i in range(n + 1)]
    for _ in range(12):
        a = matrix(n + 1, n + 1)
        b = matrix(n + 1, 1)
        for i, z in enumerate(x):
            for k in range(n):
                a[i, k] = z**(low + k)
            a[i, n] = (-1)**i / weight(z)
            b[i] = rest(z)
        c = lu_solve(a, b)

        def err(z):
            return (sum(c[k] * z**(low + k) for k in range(n)) - rest(z)) * weight(z)

        count = 40 * (n + 1)
        zs = [lo + (hi - lo) * mpf(i) / count for i in range(count + 1)]
        es = [err(z) for z in zs]
        peaks = []
        for z, e in zip(zs, es):
            if peaks and (peaks[-1][1] > 0) == (e > 0):
                if abs(e) > abs(peaks[-1][1]):
                    peaks[-1] = (z, e)
            else:
                peaks.append((z, e))
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(peaks[0][1]) < abs(peaks[-1][1]) else -1)
        if len(peaks) < n + 1:
            break
        done = all(abs(z - p[0]) < (hi - lo) / 1000 for z, p in zip(x, peaks))
        x = [p[0] for p in peaks]
        if done:
            break
    return [c[k] for k in range(n)], max(abs(e) for e in es)


def near0(g, limit):
    """g(z), by its limit where the formula loses its digits."""
    return lambda z: g(z) if abs(z) > mpf(10)**-18 else mpf(limit)


# name, target(z), weight(z), lo, hi, degree, leading coefficients that are exact
FITS = [
    ('exp2: (2^f - 1) / f', near0(lambda f: (mpf(2)**f - 1) / f, log(2)),
     lambda f: f * mpf(2)**(-f / 2) + mpf(10)**-3, mpf(0), mpf(1), 4, []),
    ('log: (log(1 + f) - f) / f^2', near0(lambda f: (log(1 + f) - f) / f**2, -.5),
     lambda f: f**2 + abs(f) / 50, sqrt(mpf(0.5)) - 1, sqrt(mpf(2)) - 1, 6, []),
    ('log2: log2(1 + f) / f', near0(lambda f: log(1 + f) / log(2) / f, 1 / log(2)),
     lambda f: abs(f) + mpf('0.1'), sqrt(mpf(0.5)) - 1, sqrt(mpf(2)) - 1, 7, []),
    ('sin: (sin(r) / r - 1) / r^2, z = r^2',
     near0(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6),
     lambda z: z / near0(lambda y: sin(sqrt(y)) / sqrt(y), 1)(z) + mpf(10)**-4, mpf(0), (pi / 2 * mpf('1.01'))**2, 3, []),
    ('tan: (tan(r) / r - 1) / r^2, z = r^2',
     near0(lambda z: (tan(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 3),
     lambda z: z + mpf(10)**-4, mpf(0), (pi / 4 * mpf('1.01'))**2, 5, []),
    ('asin: (asin(x) / x - 1) / x^2, z = x^2',
     near0(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 6),
     lambda z: z + mpf(10)**-4, mpf(0), mpf(0.25), 4, []),
    ('atan: (atan(t) / t - 1) / t^2, z = t^2',
     near0(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 3),
     lambda z: z / near0(lambda y: atan(sqrt(y)) / sqrt(y), 1)(z) + mpf(10)**-4, mpf(0), mpf(1), 7, []),
    ('sinh: (sinh(x) / x - 1) / x^2, z = x^2',
     near0(lambda z: (sinh(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 6),
     lambda z: z + mpf(10)**-4, mpf(0), mpf(1), 3, []),
    ('tanh: (tanh(x) / x - 1) / x^2, z = x^2',
     near0(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 3),
     lambda z: z + mpf(10)**-4, mpf(0), mpf('0.391'), 4, []),
    ('asinh: (asinh(x) / x - 1) / x^2, z = x^2',
     near0(lambda z: (asinh(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6),
     lambda z: z + mpf(10)**-4, mpf(0), mpf(0.25), 4, []),
    ('acosh: acosh(1 + z) / sqrt(2 z)',
     near0(lambda z: acosh(1 + z) / sqrt(2 * z), 1), lambda z: mpf(1), mpf(0), mpf(0.5), 5, [1]),
    ('atanh: (atanh(x) / x - 1) / x^2, z = x^2',
     near0(lambda z: (atanh(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 3),
     lambda z: z + mpf(10)**-4, mpf(0), mpf(0.25), 5, []),
]


def main():
    for name, target, weight, lo, hi, degree, exact in FITS:
        if len(sys.argv) > 1 and not name.startswith(sys.argv[1]):
            continue
        fixed = [mpf(c) for c in exact]
        error = 0
        while len(fixed) <= degree:
            rest, error = remez(target, weight, lo, hi, degree, fixed)
            # With 0 inside the interval the remaining powers all vanish there, and the exchange has no
            # alternation to find; then all are rounded at once.
            fixed += [f32(c) for c in rest] if lo < 0 else [f32(rest[0])]
        print(f'{name}   error {float(error):.3g} = 2^{float(log(error, 2)):.1f}')
        got = max(abs(sum(c * z**k for k, c in enumerate(fixed)) - target(z)) * weight(z)
                  for z in (lo + (hi - lo) * i / 500 for i in range(501)))
        print(f'  after rounding 2^{float(log(got, 2)):.1f}')
        for k, c in enumerate(fixed):
            print(f'  c{k} {float(c):.9g}')


main()
