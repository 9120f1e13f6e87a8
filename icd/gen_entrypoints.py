#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table of entry points (see entrypoints.h): vk.xml extensions.def output.c

A row for each name and each thing that provides it, sorted by name. The function is that of the
name's canonical command.

Every command has a weak definition here, which stands where nothing implements it: a vkCmd* command
makes the command buffer invalid with a message; one that returns a VkResult fails with
VK_ERROR_FEATURE_NOT_PRESENT and a message; the others do nothing. Commands that create something, or
that answer through a pointer, must be implemented: a caller would read what nobody wrote.
"""
import sys

from registry import Registry

LEVELS = {'VkInstance': 'INSTANCE', 'VkPhysicalDevice': 'PHYSICAL', 'VkDevice': 'DEVICE',
          'VkQueue': 'DEVICE', 'VkCommandBuffer': 'DEVICE'}


def level(command):
    return LEVELS.get(command.param_types[0], 'GLOBAL')


def provider(kind, key):
    if kind == 'CORE':
        return f'CORE, VK_MAKE_API_VERSION(0, {key[0]}, {key[1]}, 0)'
    return f'{kind}_EXTENSION, ICD_{kind}_{key}'


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
    rows = sorted(rows, key=lambda row: (row[0], row[1], str(row[2])))
    functions = sorted({registry.canonical(name) for name, _, _ in rows})

    out = ['/* SPDX-License-Identifier: MIT */',
           '/* Made by gen_entrypoints.py from vk.xml and extensions.def. */',
           '#include "entrypoint_table.h"', '', '#include "result.h"', '']
    for name in functions:
        out += stub(registry.commands[name])
    out.append('const struct icd_entrypoint icd_entrypoints[] = {')
    for name, kind, key in rows:
        canonical = registry.canonical(name)
        out.append(f'    {{"{name}", ICD_LEVEL_{level(registry.commands[canonical])}, '
                   f'ICD_BY_{provider(kind, key)}, (PFN_vkVoidFunction){canonical}}},')
    out += ['};', f'const uint32_t icd_entrypoint_count = {len(rows)};', '']
    open(output_path, 'w').write('\n'.join(out))


main()
