#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table of entry points (see entrypoints.h): vk.xml extensions.def output.c

A row for each name and each thing that provides it, sorted by the name's hash, and then by the name. The
function is that of the name's canonical command.

No table has a pointer: some 900 of them would have to be relocated whenever the library is loaded. So rows
have the places of their names in one long string, and a function says where functions are.

Every command has a weak definition here, which stands where nothing implements it: a vkCmd* command
makes the command buffer invalid with a message; one that returns a VkResult fails with
VK_ERROR_FEATURE_NOT_PRESENT and a message; the others do nothing. Commands that create something, or
that answer through a pointer, must be implemented: a caller would read what nobody wrote.
"""
import sys

from registry import Registry

# About one bucket for each name.
BUCKET_BITS = 9
LEVELS = {'VkInstance': 'INSTANCE', 'VkPhysicalDevice': 'PHYSICAL', 'VkDevice': 'DEVICE',
          'VkQueue': 'DEVICE', 'VkCommandBuffer': 'DEVICE'}


def level(command):
    return LEVELS.get(command.param_types[0], 'GLOBAL')


def provider(kind, key):
    if kind == 'CORE':
        return f'CORE, VK_MAKE_API_VERSION(0, {key[0]}, {key[1]}, 0)'
    return f'{kind}_EXTENSION, ICD_{kind}_{key}'


def bucket(name):
    """As bucket() of entrypoints.c."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2 ** 32
    return value >> 32 - BUCKET_BITS


def stub(command):
    """The weak definition of a command."""
    first, dispatch = command.param_names[0], command.param_types[0]
    lines = [f'VKAPI_ATTR {command.result} VKAPI_CALL __attribute__((weak)) {command.name}(',
             '    ' + ', '.join(command.params) + ')', '{']
    if dispatch == 'VkCommandBuffer' and command.result == 'void':
        lines.append(f'    icd_cmd_unsupported({first}, "{command.name}");')
    elif command.result == 'VkResult':
        handle = first if dispatch in LEVELS else 'NULL'
        lines.append(f'    return icd_unsupported({handle}, "{command.name}");')
    elif command.result != 'void':
        lines.append('    return 0;')
    return lines + ['}', '']


def main():
    xml_path, extensions_path, output_path = sys.argv[1:]
    registry = Registry(xml_path, extensions_path)
    rows = set()
    for kind, key, require in registry.requires:
        for item in require.findall('command'):
            rows.add((item.get('name'), kind, key))
    rows = sorted(rows, key=lambda row: (bucket(row[0]), row[0], row[1], str(row[2])))
    functions = sorted({registry.canonical(name) for name, _, _ in rows})

    out = ['/* SPDX-License-Identifier: MIT */',
           '/* Made by gen_entrypoints.py from vk.xml and extensions.def. */',
           '#include "entrypoint_table.h"', '', '#include "result.h"', '']
    for name in functions:
        out += stub(registry.commands[name])
    places, length = {}, 0
    out.append('const char icd_entrypoint_names[] =')
    for name in dict.fromkeys(row[0] for row in rows):
        places[name] = length
        length += len(name) + 1
        out.append(f'    "{name}\\0"')
    out[-1] += ';'
    out += ['', 'const struct icd_entrypoint icd_entrypoints[] = {']
    for name, kind, key in rows:
        canonical = registry.canonical(name)
        out.append(f'    {{{places[name]}, {functions.index(canonical)}, '
                   f'ICD_LEVEL_{level(registry.commands[canonical])}, ICD_BY_{provider(kind, key)}}},')
    out += ['};', '', f'const uint32_t icd_entrypoint_bucket_bits = {BUCKET_BITS};',
            'const uint16_t icd_entrypoint_buckets[] = {']
    for number in range(2 ** BUCKET_BITS + 1):
        out.append(f'    {sum(bucket(row[0]) < number for row in rows)},')
    out += ['};', '', 'PFN_vkVoidFunction icd_entrypoint_function(uint32_t number)', '{',
            '    switch (number) {']
    for number, name in enumerate(functions):
        out += [f'    case {number}:', f'        return (PFN_vkVoidFunction){name};']
    out += ['    default:', '        return NULL;', '    }', '}', '']
    open(output_path, 'w').write('\n'.join(out))


main()
