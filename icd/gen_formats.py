#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins format.def with the formats of vk.xml: vk.xml format.def formats.c

vk.xml has the sizes, channels, planes and compatibility classes; format.def what Weft does with a
format. format.h says what comes out.
"""
import re
import sys
import xml.etree.ElementTree as ET

from registry import fail, read_def

USES = {'S': 'SAMPLED', 'L': 'LINEAR', 'W': 'STORAGE', 'A': 'ATOMIC', 'C': 'COLOR', 'B': 'BLEND',
        'D': 'DEPTH_STENCIL', 'T': 'UNIFORM_TEXEL', 'X': 'STORAGE_TEXEL', 'V': 'VERTEX',
        'Y': 'CONVERTED'}
# The planes that Weft stores a combined format in, depth and stencil each like a format of its own.
DEPTH_STENCIL = {'D16_UNORM_S8_UINT': 'D16_UNORM', 'D24_UNORM_S8_UINT': 'X8_D24_UNORM_PACK32',
                 'D32_SFLOAT_S8_UINT': 'D32_SFLOAT'}
MAX_CHANNELS = 4


def block_kind(name):
    """The enumerator of enum weft_block_kind for a block-compressed format."""
    name = re.sub(r'R8G8B8A1', 'RGB8A1', name)
    name = re.sub(r'R8G8B8A8', 'RGBA8', name)
    name = re.sub(r'R8G8B8', 'RGB8', name)
    name = re.sub(r'^ASTC_\d+x\d+', 'ASTC', name)
    name = name[:-len('_BLOCK')]
    if name.startswith(('BC4', 'BC5', 'EAC')):
        return name
    return name[:-len('_UNORM')] if name.endswith('_UNORM') else name


def enum_values(root):
    """The values of VkFormat's enumerators, by name."""
    values = {}
    for enums in root.findall('enums'):
        if enums.get('name') == 'VkFormat':
            values.update((e.get('name'), int(e.get('value'))) for e in enums.findall('enum')
                          if e.get('value'))
    for scope in root.findall('feature') + root.findall('extensions/extension'):
        for enum in scope.findall('require/enum'):
            if enum.get('extends') == 'VkFormat' and enum.get('offset'):
                number = int(enum.get('extnumber', scope.get('number', '0')))
                values[enum.get('name')] = (1000000000 + (number - 1) * 1000 +
                                            int(enum.get('offset')))
    return values


class Format:
    def __init__(self, element):
        self.name = element.get('name')[len('VK_FORMAT_'):]
        self.class_name = element.get('class')
        self.block_B = int(element.get('blockSize'))
        self.extent = [int(n) for n in element.get('blockExtent', '1,1,1').split(',')]
        self.packed = int(element.get('packed', '0'))
        self.compressed = element.get('compressed') is not None
        self.chroma = element.get('chroma')
        self.components = [(c.get('name'), c.get('bits'), c.get('numericFormat'))
                           for c in element.findall('component')]
        self.plane_elements = element.findall('plane')

    def aspects(self):
        if self.plane_elements:
            return ['COLOR'] + [f'PLANE_{i}' for i in range(len(self.plane_elements))]
        names = {name for name, _, _ in self.components}
        aspects = [a for letter, a in (('D', 'DEPTH'), ('S', 'STENCIL')) if letter in names]
        return aspects or ['COLOR']

    def channels(self):
        """(name, bit offset, bits, numeric type) of each channel in a texel of one block."""
        if self.compressed or self.plane_elements or self.name in DEPTH_STENCIL:
            return []
        out, offset = [], 0
        if re.search(r'\dPACK16$', self.name) or (self.packed == 16 and 'X' in self.name):
            # A word of 16 bits each, used from the top.
            return [(name, 16 * i + 16 - int(bits), int(bits), numeric)
                    for i, (name, bits, numeric) in enumerate(self.components)]
        # A packed format names its topmost channel first, the others the one that is first in memory.
        for name, bits, numeric in reversed(self.components) if self.packed else self.components:
            out.append((name, offset, int(bits), numeric))
            offset += int(bits)
        return out

    def planes(self, formats):
        """(format's name, width divisor, height divisor) of each plane in memory."""
        if self.plane_elements:
            return [(p.get('compatible')[len('VK_FORMAT_'):], int(p.get('widthDivisor')),
                     int(p.get('heightDivisor'))) for p in self.plane_elements]
        if self.name in DEPTH_STENCIL:
            return [(DEPTH_STENCIL[self.name], 1, 1), ('S8_UINT', 1, 1)]
        return [(self.name, 1, 1)]


def main():
    xml_path, def_path, output_path = sys.argv[1:]
    root = ET.parse(xml_path).getroot()
    values = enum_values(root)
    formats = {}
    for element in root.find('formats'):
        f = Format(element)
        formats[f.name] = f
    classes = sorted({f.class_name for f in formats.values()})

    rows = read_def(def_path)
    for row in rows:
        if row.name not in formats or 'VK_FORMAT_' + row.name not in values:
            fail(f'vk.xml has no format {row.name}')
    rows.sort(key=lambda row: values['VK_FORMAT_' + row.name])
    out = ['/* SPDX-License-Identifier: MIT */', '/* Made by gen_formats.py from vk.xml and format.def. */',
           '#include "format.h"', '', '/* By value, for a binary search. */',
           'const struct icd_format icd_formats[] = {']
    for row in rows:
        f = formats[row.name]
        uses = [f'ICD_FORMAT_{USES[letter]}' for letter in row.rest if row.rest != 'NONE']
        planes = f.planes(formats)
        channels = f.channels()[:MAX_CHANNELS]
        colors = sum(1 << 'RGBA'.index(c) for c in
                     {'R' if name in 'DS' else name for name, _, _ in f.components})
        # VK_EXT_rgba10x6_formats: nothing sets it apart from any other format.
        ycbcr = f.chroma and (f.plane_elements or f.chroma != '444')
        flags = (['ICD_FORMAT_COMPRESSED'] if f.compressed else []) + \
            (['ICD_FORMAT_PACKED'] if f.packed else []) + \
            (['ICD_FORMAT_YCBCR'] if ycbcr else []) + \
            (['ICD_FORMAT_420'] if f.chroma == '420' else [])
        out += ['    {',
                f'        .format = VK_FORMAT_{f.name},',
                f'        .uses = {" | ".join(uses) or "0"}, .flags = {" | ".join(flags) or "0"},',
                '        .aspects = ' + ' | '.join(f'VK_IMAGE_ASPECT_{a}_BIT' for a in f.aspects()) +
                ',',
                f'        .class_id = {classes.index(f.class_name) + 1},'
                f' .numeric = ICD_NUMERIC_{f.components[0][2]}, .colors = {colors},',
                f'        .block = WEFT_BLOCK_{block_kind(f.name) if f.compressed else "NONE"},',
                f'        .plane_count = {len(planes)}, .planes = {{']
        for name, width, height in planes:
            p = formats[name]
            out.append(f'            {{VK_FORMAT_{name}, {p.block_B}, {p.extent[0]}, {p.extent[1]}, '
                       f'{width}, {height}}},')
        out += ['        },', f'        .channel_count = {len(channels)}, .channels = {{']
        out += [f"            {{'{name}', {offset}, {bits}, ICD_NUMERIC_{numeric}}},"
                for name, offset, bits, numeric in channels]
        out += ['        },', '    },']
    out += ['};', f'const uint32_t icd_format_count = {len(rows)};', '']
    open(output_path, 'w').write('\n'.join(out))


main()
