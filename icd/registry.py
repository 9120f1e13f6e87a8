# SPDX-License-Identifier: MIT
"""What the generators read: vk.xml, and Weft's tables (*.def).

Only what API `vulkan` has, core up to CORE, and the extensions of extensions.def.
"""
import re
import sys
import xml.etree.ElementTree as ET

CORE = (1, 3)


def of_vulkan(element):
    """Whether an element applies to Vulkan and not only to Vulkan SC."""
    return 'vulkan' in element.get('api', 'vulkan').split(',')


def fail(message):
    sys.exit(f'{sys.argv[0]}: {message}')


class Row:
    """One row of a .def file: MACRO(name, text of the rest)."""

    def __init__(self, macro, name, rest):
        self.macro, self.name, self.rest = macro, name, rest


def read_def(path):
    """The rows of a .def file, in order; comments and continuation lines are taken care of."""
    text = re.sub(r'/\*.*?\*/', '', open(path).read(), flags=re.S)
    rows = []
    for statement in re.findall(r'^[A-Z_]+\(.*?\)[ \t]*$', text, flags=re.S | re.M):
        macro, rest = statement.rstrip()[:-1].split('(', 1)
        name, _, rest = rest.partition(',')
        rows.append(Row(macro, name.strip(), ' '.join(rest.split())))
    names = [(row.macro, row.name) for row in rows]
    for name in names:
        if names.count(name) > 1:
            fail(f'{path}: {name[1]} occurs twice')
    return rows


class Member:
    """A member of a structure: its C declaration split in type, name and array suffix."""

    def __init__(self, element):
        self.name = element.find('name').text
        self.type = element.find('type').text
        self.values = element.get('values')
        text = ''.join(part for part in element.itertext()
                       if part != (element.findtext('comment') or None))
        self.array = ''.join(re.findall(r'\[[^\]]*\]', text)).replace(' ', '')


class Command:
    """A command: its result, name and parameters as C text."""

    def __init__(self, element):
        proto = element.find('proto')
        self.name = proto.findtext('name')
        self.result = proto.findtext('type')
        params = [p for p in element.findall('param') if of_vulkan(p)]
        self.params = [' '.join(''.join(p.itertext()).split()) for p in params]
        self.param_types = [p.findtext('type') for p in params]
        self.param_names = [p.findtext('name') for p in params]


class Registry:
    def __init__(self, xml_path, extensions_path):
        self.root = ET.parse(xml_path).getroot()
        self.extension_rows = read_def(extensions_path)
        self._read_providers()
        self._read_structs()
        self._read_commands()

    def _read_providers(self):
        """(kind, key, require element) of everything that Weft supports. kind is CORE with a
        version, or INSTANCE or DEVICE with an extension's name less VK_."""
        self.requires = []
        for feature in self.root.findall('feature'):
            version = tuple(int(n) for n in feature.get('number').split('.'))
            if of_vulkan(feature) and version <= CORE:
                for require in feature.findall('require'):
                    if of_vulkan(require):
                        self.requires.append(('CORE', version, require))
        extensions = {e.get('name'): e for e in self.root.find('extensions')
                      if 'vulkan' in e.get('supported').split(',')}
        for row in self.extension_rows:
            element = extensions.get('VK_' + row.name)
            if element is None or element.get('type') != row.macro.lower():
                fail(f'vk.xml has no {row.macro.lower()} extension VK_{row.name}')
            for require in element.findall('require'):
                if of_vulkan(require):
                    self.requires.append((row.macro, row.name, require))
                for enum in require.findall('enum'):
                    if (enum.get('name').endswith('_SPEC_VERSION') and enum.get('value')
                            and enum.get('value') != row.rest):
                        fail(f'VK_{row.name} has revision {enum.get("value")} in vk.xml')

    def _read_structs(self):
        self.structs, self.struct_alias = {}, {}
        for element in self.root.find('types'):
            if element.get('category') != 'struct' or not of_vulkan(element):
                continue
            if element.get('alias'):
                self.struct_alias[element.get('name')] = element.get('alias')
            else:
                self.structs[element.get('name')] = element
        self.supported_structs = {}
        for _, _, require in self.requires:
            for item in require.findall('type'):
                name = self.struct_alias.get(item.get('name'), item.get('name'))
                if name in self.structs:
                    self.supported_structs[name] = True

    def _read_commands(self):
        self.commands, self.command_alias = {}, {}
        for element in self.root.find('commands'):
            if not of_vulkan(element):
                continue
            if element.get('alias'):
                self.command_alias[element.get('name')] = element.get('alias')
            else:
                command = Command(element)
                self.commands[command.name] = command

    def members(self, struct):
        return [Member(m) for m in self.structs[struct].findall('member') if of_vulkan(m)]

    def chain(self, head):
        """Names of the supported structures that extend head, sorted."""
        return sorted(name for name in self.supported_structs
                      if head in self.structs[name].get('structextends', '').split(','))

    def canonical(self, command):
        while command in self.command_alias:
            command = self.command_alias[command]
        return command
