#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes SUPPORT.md from extensions.def and features.def:
vk.xml extensions.def features.def SUPPORT.md [--check]

--check writes nothing and fails where the file is not what would be written. Both ways fail where an
extension by Khronos or of several vendors has no row, as far as vk.xml is no newer than the headers
that Weft asks for.
"""
import re
import sys

from registry import CORE, Registry, fail, read_def

HEADERS = 309  # patch number of the oldest headers that Weft builds with
NO_REASON = 'not done yet'


def text_of(row, part):
    """The reason in a row's rest, which may be in several parts of a C string."""
    return ''.join(re.findall(r'"(.*?)"', row.rest)) if '"' in row.rest else part


def check_complete(registry, rows):
    element = next(t for t in registry.root.find('types')
                   if t.findtext('name') == 'VK_HEADER_VERSION')
    if int(re.search(r'\d+', element.find('name').tail).group()) > HEADERS:
        return
    known = {row.name for row in rows}
    for name in registry.extensions:
        if name[3:].split('_')[0] in ('KHR', 'EXT') and name[3:] not in known:
            fail(f'{name} has no row in extensions.def')


def state(registry, row):
    """What the table says of an extension."""
    if row.macro == 'ABSENT':
        return f'no: {text_of(row, NO_REASON)}'
    promoted = registry.extensions['VK_' + row.name].get('promotedto') or ''
    match = re.fullmatch(r'VK_VERSION_(\d+)_(\d+)', promoted)
    return f'yes, core since {match[1]}.{match[2]}' if match else 'yes'


def document(registry, extensions, features):
    have = {row.name for row in extensions if row.macro != 'ABSENT'}
    for row in extensions:
        if row.macro == 'ABSENT' and row.name in have:
            fail(f'{row.name} is both supported and absent')
    # A line an item, so that changes of different people don't meet.
    lines = ['# What of Vulkan Weft supports', '',
             '<!-- Made by `./dev support` from icd/extensions.def and icd/features.def. -->', '',
             f'Vulkan {CORE[0]}.{CORE[1]}, for compute.', '', '## Extensions', '',
             'Those by Khronos (KHR) and of several vendors (EXT), and what of others is supported or was '
             'asked for.', '', '| extension | supported |', '|---|---|']
    lines += [f'| VK_{row.name} | {state(registry, row)} |'
              for row in sorted(extensions, key=lambda row: row.name)]
    lines += ['', '## Features', '', '| feature | supported |', '|---|---|']
    lines += [f'| {row.name} | ' + ('no: ' + text_of(row, NO_REASON)
                                   if row.rest.split(',')[0] == 'false' else 'yes') + ' |'
              for row in sorted(features, key=lambda row: row.name.lower())]
    return '\n'.join(lines) + '\n'


def main():
    xml_path, extensions_path, features_path, output_path = sys.argv[1:5]
    registry = Registry(xml_path, extensions_path)
    check_complete(registry, registry.extension_rows)
    text = document(registry, registry.extension_rows, read_def(features_path))
    if '--check' not in sys.argv:
        open(output_path, 'w').write(text)
    elif open(output_path).read() != text:
        fail(f'{output_path} is not current: run ./dev support')


main()
