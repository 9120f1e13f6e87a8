#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a SPIR-V file into C: embed.py in.spv out.c symbol"""
import struct
import sys


def main():
    source, target, symbol = sys.argv[1:]
    with open(source, 'rb') as f:
        data = f.read()
    words = struct.unpack(f'<{len(data) // 4}I', data)
    lines = [', '.join(f'0x{w:08x}' for w in words[i:i + 8]) for i in range(0, len(words), 8)]
    with open(target, 'w') as f:
        f.write('#include <stddef.h>\n#include <stdint.h>\n\n')
        f.write(f'extern const uint32_t {symbol}[];\nextern const size_t {symbol}_words;\n\n')
        f.write(f'const uint32_t {symbol}[] = {{\n    ' + ',\n    '.join(lines) + ',\n};\n')
        f.write(f'const size_t {symbol}_words = {len(words)};\n')


main()
