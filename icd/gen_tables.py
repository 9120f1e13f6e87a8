#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins features.def and properties.def with the structures of vk.xml:
vk.xml extensions.def features.def properties.def tables.h tables.c

A feature or property occurs in several structures (a core version's and its extension's) under one
name, so one row gives its value everywhere. A name without a row, or a row without a use, is an
error here.
"""
import sys

from registry import Registry, fail, read_def

# Members whose name says less in one structure than in the other.
RENAMED = {
    ('VkPhysicalDeviceSubgroupProperties', 'supportedStages'): 'subgroupSupportedStages',
    ('VkPhysicalDeviceSubgroupProperties', 'supportedOperations'): 'subgroupSupportedOperations',
    ('VkPhysicalDeviceSubgroupProperties', 'quadOperationsInAllStages'):
        'subgroupQuadOperationsInAllStages',
}


def payload(registry, struct):
    return [m for m in registry.members(struct) if m.name not in ('sType', 'pNext')]


def structure_type(registry, struct):
    return next(m.values for m in registry.members(struct) if m.name == 'sType')


def check_rows(what, names, rows):
    have = [row.name for row in rows]
    for name in names:
        if name not in have:
            fail(f'{what} {name} has no row')
    for name in have:
        if name not in names:
            fail(f'{what} {name} is in no structure')


def features(registry, rows, header, source):
    structs = {s: payload(registry, s) for s in
               ['VkPhysicalDeviceFeatures'] + registry.chain('VkPhysicalDeviceFeatures2')}
    names = list(dict.fromkeys(m.name for members in structs.values() for m in members))
    check_rows('feature', names, rows)

    header += ['/* Features by their names in Vulkan. */', 'struct icd_features {']
    header += [f'    bool {name};' for name in names]
    header += ['};', '']
    places, length = {}, 0
    source.append('const char icd_feature_names[] =')
    for name in names:
        places[name] = length
        length += len(name) + 1
        source.append(f'    "{name}\\0"')
    source[-1] += ';'
    source += ['', 'const struct icd_feature_field icd_feature_fields[] = {']
    first = {}
    for struct, members in structs.items():
        first[struct] = sum(len(structs[s]) for s in first)
        for m in members:
            source.append(f'    {{{places[m.name]}, offsetof({struct}, {m.name}), '
                          f'offsetof(struct icd_features, {m.name})}},')
    source += ['};', '']
    source.append('const struct icd_feature_struct icd_feature_structs[] = {')
    for struct, members in structs.items():
        # The one without sType is a member of VkPhysicalDeviceFeatures2.
        base, stype = (('offsetof(VkPhysicalDeviceFeatures2, features)',
                        'VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2')
                       if struct == 'VkPhysicalDeviceFeatures'
                       else ('0', structure_type(registry, struct)))
        source.append(f'    {{{stype}, {base}, {first[struct]}, {len(members)}}},')
    source += ['};', f'const uint32_t icd_feature_struct_count = {len(structs)};', '']


def properties(registry, rows, header, source):
    structs = {s: payload(registry, s) for s in registry.chain('VkPhysicalDeviceProperties2')}
    core = [m for m in payload(registry, 'VkPhysicalDeviceProperties')
            if m.name not in ('limits', 'sparseProperties')]
    limits = payload(registry, 'VkPhysicalDeviceLimits')
    sparse = payload(registry, 'VkPhysicalDeviceSparseProperties')
    declared = {m.name: m for m in core + limits + sparse}
    lengths = {m.length for members in structs.values() for m in members if m.length}
    for struct, members in structs.items():
        for m in members:
            m.property = RENAMED.get((struct, m.name), m.name)
            declared.setdefault(m.property, m)
    check_rows('property', list(declared), rows)

    header += ['/* Properties and limits by their names in Vulkan. */', 'struct icd_properties {']
    header += [f'    const {m.type} *{name};' if m.length else f'    {m.type} {name}{m.array};'
               for name, m in declared.items()]
    header += ['};', '']

    def copy(target, member, name):
        if member.length:
            # "If NULL, the number is returned; otherwise as many as there is room for."
            length = f'{target}{member.length}'
            return (f'    if (!{target}{member.name} || {length} > p->{member.length})\n'
                    f'        {length} = p->{member.length};\n'
                    f'    if ({target}{member.name} && {length})\n'
                    f'        memcpy({target}{member.name}, p->{name}, '
                    f'{length} * sizeof(*p->{name}));')
        if member.name in lengths:
            return None
        if member.array:
            return f'    memcpy({target}{member.name}, p->{name}, sizeof({target}{member.name}));'
        return f'    {target}{member.name} = p->{name};'

    source += ['void icd_properties_core(const struct icd_properties *p, '
               'VkPhysicalDeviceProperties *out)', '{']
    source += [copy('out->', m, m.name) for m in core]
    source += [copy('out->limits.', m, m.name) for m in limits]
    source += [copy('out->sparseProperties.', m, m.name) for m in sparse]
    source += ['}', '']
    for struct, members in structs.items():
        source += [f'static void fill_{struct}(const struct icd_properties *p, void *chained)', '{',
                   f'    {struct} *out = chained;', '']
        source += [line for line in (copy('out->', m, m.property) for m in members) if line]
        source += ['}', '']
    source.append('const struct icd_property_struct icd_property_structs[] = {')
    source += [f'    {{{structure_type(registry, s)}, fill_{s}}},' for s in structs]
    source += ['};', f'const uint32_t icd_property_struct_count = {len(structs)};', '']


def main():
    xml_path, extensions_path, features_path, properties_path, header_path, source_path = \
        sys.argv[1:]
    registry = Registry(xml_path, extensions_path)
    notice = ['/* SPDX-License-Identifier: MIT */',
              '/* Made by gen_tables.py from vk.xml, features.def and properties.def. */']
    header = notice + ['#ifndef ICD_TABLES_H', '#define ICD_TABLES_H', '',
                       '#include <stdbool.h>', '#include <stdint.h>', '', '#include "vk.h"', '']
    source = notice + ['#include "tables.h"', '', '#include <stddef.h>', '#include <string.h>', '',
                       '#include "feature.h"', '#include "properties.h"', '']
    features(registry, read_def(features_path), header, source)
    properties(registry, read_def(properties_path), header, source)
    header += ['#endif', '']
    open(header_path, 'w').write('\n'.join(header))
    open(source_path, 'w').write('\n'.join(source))


main()
