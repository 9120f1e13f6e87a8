#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs kernels through taichi on the Vulkan device, and compares with numpy."""
import sys

import numpy
import taichi

taichi.init(arch=taichi.vulkan, log_level=taichi.WARN)
if taichi.lang.impl.current_cfg().arch != taichi.vulkan:
    sys.exit("taichi does not use Vulkan")

N = 512
x = taichi.field(taichi.f32, (N, N))
y = taichi.field(taichi.f32, (N, N))
bins = taichi.ndarray(taichi.i32, 17)
lengths = taichi.ndarray(taichi.u64, 1000)


@taichi.kernel
def waves():
    for i, j in x:
        x[i, j] = taichi.sin(i * 0.1) * taichi.cos(j * 0.2)


@taichi.kernel
def stencil():
    for i, j in x:
        if 0 < i < N - 1 and 0 < j < N - 1:
            y[i, j] = (x[i - 1, j] + x[i + 1, j] + x[i, j - 1] + x[i, j + 1]) * 0.25


@taichi.kernel
def total() -> taichi.f32:
    sum = 0.0
    for i, j in y:
        sum += y[i, j] * y[i, j]
    return sum


@taichi.kernel
def count(out: taichi.types.ndarray(taichi.i32, 1)):
    for i in range(100000):
        taichi.atomic_add(out[i * i % 17], 1)


@taichi.kernel
def collatz(out: taichi.types.ndarray(taichi.u64, 1)):
    for i in range(1000):
        n = taichi.cast(i + 1, taichi.u64)
        steps = taichi.cast(0, taichi.u64)
        while n != 1:
            n = n * 3 + 1 if n % 2 == 1 else n // 2
            steps += 1
        out[i] = steps


def collatz_steps(n):
    steps = 0
    while n != 1:
        n = n * 3 + 1 if n % 2 else n // 2
        steps += 1
    return steps


bad = 0


def check(name, got, want, allowed):
    global bad
    error = float(numpy.abs(numpy.asarray(got, float) - numpy.asarray(want, float)).max())
    good = error <= allowed
    bad += not good
    print(f"{name}: " + ("right" if good else f"WRONG, off by {error:g}"))


waves()
stencil()
row, column = numpy.arange(N, dtype=numpy.float64)[:, None], numpy.arange(N, dtype=numpy.float64)[None, :]
want_x = numpy.sin(row * 0.1) * numpy.cos(column * 0.2)
want_y = numpy.zeros_like(want_x)
want_y[1:-1, 1:-1] = (want_x[:-2, 1:-1] + want_x[2:, 1:-1] + want_x[1:-1, :-2] + want_x[1:-1, 2:]) * 0.25
check("waves", x.to_numpy(), want_x, 1e-4)
check("stencil", y.to_numpy(), want_y, 1e-4)
check("sum", total(), (want_y * want_y).sum(), 10)
bins.fill(0)
count(bins)
index = numpy.arange(100000, dtype=numpy.int64).astype(numpy.int32)
with numpy.errstate(over="ignore"):
    remainder = (index * index) % 17  # of the wrapped square, rounded down, as taichi does
check("atomics", bins.to_numpy(), numpy.bincount(remainder, minlength=17), 0)
collatz(lengths)
check("64-bit loops", lengths.to_numpy(), [collatz_steps(i + 1) for i in range(1000)], 0)
sys.exit(bad != 0)
