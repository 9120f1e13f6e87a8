#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a made-up network through ncnn, on the CPU and on the Vulkan device, and compares.

usage: ncnn_test.py FOLDER
"""
import struct
import sys

import ncnn
import numpy

# name, layer, its parameters, (weights, biases): an image goes in, 10 probabilities come out.
LAYERS = [
    ("conv1", "Convolution", "0=16 1=3 4=1 5=1 6=432", (432, 16)),
    ("relu1", "ReLU", "", None),
    ("dw", "ConvolutionDepthWise", "0=16 1=3 3=2 4=1 5=1 6=144 7=16", (144, 16)),
    ("pw", "Convolution", "0=32 1=1 5=1 6=512", (512, 32)),
    ("act", "HardSwish", "", None),
    ("pool", "Pooling", "0=0 1=2 2=2", None),
    ("conv2", "Convolution", "0=64 1=3 4=1 5=1 6=18432", (18432, 64)),
    ("sig", "Sigmoid", "", None),
    ("up", "Interp", "0=2 1=2.0 2=2.0", None),
    ("all", "Pooling", "0=1 4=1", None),
    ("fc", "InnerProduct", "0=10 1=1 2=640", (640, 10)),
    ("prob", "Softmax", "0=0 1=1", None),
]


def write_model(folder):
    rng = numpy.random.default_rng(7)
    lines = ["7767517", "%d %d" % (len(LAYERS) + 1, len(LAYERS) + 1), "Input data 0 1 data 0=64 1=48 2=3"]
    last = "data"
    with open(folder + "/net.bin", "wb") as weights:
        for name, kind, parameters, sizes in LAYERS:
            lines.append(f"{kind} {name} 1 1 {last} {name} {parameters}")
            last = name
            if sizes:
                scale = (3.0 * sizes[1] / sizes[0]) ** 0.5
                weights.write(struct.pack("<I", 0))  # a flag: 32-bit floats follow
                weights.write((rng.standard_normal(sizes[0]) * scale).astype("<f4").tobytes())
                weights.write((rng.standard_normal(sizes[1]) * 0.1).astype("<f4").tobytes())
    with open(folder + "/net.param", "w") as text:
        text.write("\n".join(lines) + "\n")


def run(folder, vulkan, halves, data):
    """Every layer's output, by name."""
    net = ncnn.Net()
    net.opt.use_vulkan_compute = vulkan
    net.opt.num_threads = 1
    for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage",
                   "use_winograd_convolution"):
        setattr(net.opt, option, halves and option.startswith("use_fp16"))
    if net.load_param(folder + "/net.param") or net.load_model(folder + "/net.bin"):
        sys.exit("ncnn cannot load the model")
    out = {}
    for name, _, _, _ in LAYERS:
        extractor = net.create_extractor()
        extractor.input("data", ncnn.Mat(data))
        status, mat = extractor.extract(name)
        if status:
            sys.exit(f"ncnn cannot compute {name} (status {status})")
        out[name] = numpy.array(mat)
    return out


def main():
    folder = sys.argv[1]
    count = ncnn.get_gpu_count() if hasattr(ncnn, "get_gpu_count") else 0
    if not count:
        print("this ncnn sees no Vulkan device")
        sys.exit(77 if not hasattr(ncnn, "get_gpu_count") else 1)
    device = ncnn.get_gpu_info(0).device_name()
    print("ncnn", ncnn.__version__, "on", device)
    if not device.startswith("Weft"):
        sys.exit("that is not Weft")
    write_model(folder)
    data = numpy.random.default_rng(8).standard_normal((3, 48, 64)).astype(numpy.float32)
    want = run(folder, False, False, data)
    bad = 0
    for halves, allowed in ((False, 1e-4), (True, 2e-2)):
        got = run(folder, True, halves, data)
        for name in want:
            scale = max(1.0, float(numpy.abs(want[name]).max()))
            error = float(numpy.abs(got[name] - want[name]).max()) / scale
            good = want[name].shape == got[name].shape and error <= allowed
            bad += not good
            if not good or name == "prob":
                print("%s, %s: %s (off by %.2g)" % ("halves" if halves else "floats", name,
                                                    "as on the CPU" if good else "WRONG", error))
    sys.exit(bad != 0)


main()
