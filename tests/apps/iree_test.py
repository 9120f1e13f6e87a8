#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles functions for the CPU and for Vulkan with IREE, runs both on random numbers, and compares.

usage: iree_test.py PROGRAMS FOLDER

The targets are GPUs whose code differs: subgroups of 16, 32 and 64, cooperative matrices or none.
"""
import subprocess
import sys

import numpy

TARGETS = ["valhall4", "turing", "ampere", "rdna3"]

MATMUL = """
func.func @{name}(%a: tensor<{m}x{k}x{inputs}>, %b: tensor<{k}x{n}x{inputs}>) -> tensor<{m}x{n}x{sums}> {{
  %zero = arith.constant {zero} : {sums}
  %empty = tensor.empty() : tensor<{m}x{n}x{sums}>
  %zeros = linalg.fill ins(%zero : {sums}) outs(%empty : tensor<{m}x{n}x{sums}>) -> tensor<{m}x{n}x{sums}>
  %c = linalg.matmul ins(%a, %b : tensor<{m}x{k}x{inputs}>, tensor<{k}x{n}x{inputs}>)
                     outs(%zeros : tensor<{m}x{n}x{sums}>) -> tensor<{m}x{n}x{sums}>
  return %c : tensor<{m}x{n}x{sums}>
}}
"""

# name, its text, its inputs' shapes and type, the error that is allowed, as a part of the largest result
FUNCTIONS = [
    ("floats", MATMUL.format(name="floats", m=128, n=96, k=256, inputs="f32", sums="f32", zero="0.0"),
     [(128, 256), (256, 96)], numpy.float32, 1e-5),
    ("odd", MATMUL.format(name="odd", m=37, n=19, k=101, inputs="f32", sums="f32", zero="0.0"),
     [(37, 101), (101, 19)], numpy.float32, 1e-5),
    ("halves", MATMUL.format(name="halves", m=128, n=128, k=256, inputs="f16", sums="f32", zero="0.0"),
     [(128, 256), (256, 128)], numpy.float16, 1e-4),
    ("bytes", MATMUL.format(name="bytes", m=128, n=128, k=256, inputs="i8", sums="i32", zero="0"),
     [(128, 256), (256, 128)], numpy.int8, 0),
    ("softmax", """
func.func @softmax(%a: tensor<16x1000xf32>) -> tensor<16x1000xf32> {
  %empty = tensor.empty() : tensor<16x1000xf32>
  %b = linalg.softmax dimension(1) ins(%a : tensor<16x1000xf32>)
                                   outs(%empty : tensor<16x1000xf32>) -> tensor<16x1000xf32>
  return %b : tensor<16x1000xf32>
}
""", [(16, 1000)], numpy.float32, 1e-5),
    ("convolution", """
func.func @convolution(%a: tensor<1x34x34x16xf32>, %w: tensor<3x3x16x32xf32>) -> tensor<1x32x32x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x32x32x32xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x32x32x32xf32>) -> tensor<1x32x32x32xf32>
  %b = linalg.conv_2d_nhwc_hwcf
         ins(%a, %w : tensor<1x34x34x16xf32>, tensor<3x3x16x32xf32>)
         outs(%zeros : tensor<1x32x32x32xf32>) -> tensor<1x32x32x32xf32>
  return %b : tensor<1x32x32x32xf32>
}
""", [(1, 34, 34, 16), (3, 3, 16, 32)], numpy.float32, 1e-5),
]


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError((done.stderr.strip() or done.stdout.strip()).splitlines()[-1][:300])
    return done.stdout


def compile_for(programs, folder, name, options):
    module = f"{folder}/{name}.vmfb"
    run([f"{programs}/iree-compile", f"{folder}/functions.mlir", "-o", module, *options])
    return module


def results(programs, folder, device, module):
    out = {}
    for name, _, shapes, _, _ in FUNCTIONS:
        inputs = [f"--input=@{folder}/{name}{i}.npy" for i in range(len(shapes))]
        run([f"{programs}/iree-run-module", f"--device={device}", f"--module={module}",
             f"--function={name}", *inputs, f"--output=@{folder}/{name}.out.npy"])
        out[name] = numpy.load(f"{folder}/{name}.out.npy").astype(numpy.float64)
    return out


def main():
    programs, folder = sys.argv[1:3]
    devices = run([f"{programs}/iree-run-module", "--dump_devices"])
    if "driver: Weft" not in devices:
        sys.exit("IREE does not see Weft:\n" + devices)
    with open(f"{folder}/functions.mlir", "w") as text:
        text.write("".join(function[1] for function in FUNCTIONS))
    rng = numpy.random.default_rng(7)
    for name, _, shapes, kind, _ in FUNCTIONS:
        for i, shape in enumerate(shapes):
            values = (rng.integers(-128, 128, shape) if kind == numpy.int8 else rng.standard_normal(shape))
            numpy.save(f"{folder}/{name}{i}.npy", values.astype(kind))
    cpu = compile_for(programs, folder, "cpu", [
        "--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
        "--iree-llvmcpu-target-cpu=host"])
    want = results(programs, folder, "local-task", cpu)
    bad = 0
    for target in TARGETS:
        try:
            module = compile_for(programs, folder, target, [
                "--iree-hal-target-device=vulkan", f"--iree-vulkan-target={target}"])
            got = results(programs, folder, "vulkan", module)
        except RuntimeError as error:
            print(f"{target}: {error}")
            bad += 1
            continue
        off = {}
        for name, _, _, _, allowed in FUNCTIONS:
            error = float(numpy.abs(got[name] - want[name]).max() / max(1.0, numpy.abs(want[name]).max()))
            if got[name].shape != want[name].shape or not error <= allowed:
                off[name] = error
        bad += len(off) != 0
        print(f"{target}: " + (f"WRONG: {off}" if off else f"{len(FUNCTIONS)} functions as on the CPU"))
    sys.exit(bad != 0)


main()
