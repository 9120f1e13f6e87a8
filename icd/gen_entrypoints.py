#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the table of entry points (see entrypoints.h): vk.xml extensions.def output.c

A row for each name and each thing that provides it, sorted by name. The function is that of the
name's canonical command. Core commands must exist, or the library does not link; extensions'
commands are weak references, for some of them need other extensions that Weft does not have.

Core vkCmd* commands that nothing implements get a weak definition here, which makes the command
buffer invalid with a message.
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


def main():
    xml_path, extensions_path, output_path = sys.argv[1:]
    registry = Registry(xml_path, extensions_path)
    rows = set()
    for kind, key, require in registry.requires:
        for item in require.findall('command'):
            rows.add((item.get('name'), kind, key))
    rows = sorted(rows, key=lambda row: (row[0], row[1], str(row[2])))
    functions = sorted({registry.canonical(name) for name, _, _ in rows})
    core = {registry.canonical(name) for name, kind, _ in rows if kind == 'CORE'}
    core_cmds = sorted({name for name, kind, _ in rows if kind == 'CORE' and
                        registry.commands[registry.canonical(name)].param_types[0] ==
                        'VkCommandBuffer' and name.startswith('vkCmd')})

    out = ['/* SPDX-License-Identifier: MIT */',
           '/* Made by gen_entrypoints.py from vk.xml and extensions.def. */',
           '#include "entrypoint_table.h"', '']
    for name in functions:
        if name not in core:
            out.append(f'extern __typeof__({name}) {name} __attribute__((weak));')
    out.append('')
    for name in core_cmds:
        command = registry.commands[name]
        out += [f'VKAPI_ATTR void VKAPI_CALL __attribute__((weak)) {name}(',
                '    ' + ', '.join(command.params) + ')', '{',
                f'    icd_cmd_unsupported({command.param_names[0]}, "{name}");', '}', '']
    out.append('const struct icd_entrypoint icd_entrypoints[] = {')
    for name, kind, key in rows:
        canonical = registry.canonical(name)
        out.append(f'    {{"{name}", ICD_LEVEL_{level(registry.commands[canonical])}, '
                   f'ICD_BY_{provider(kind, key)}, (PFN_vkVoidFunction){canonical}}},')
    out += ['};', f'const uint32_t icd_entrypoint_count = {len(rows)};', '']
    open(output_path, 'w').write('\n'.join(out))


main()
