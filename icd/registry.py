# SPDX-License-Identifier: MIT
"""What the generators read: vk.xml, and Weft's tables (*.def).

Only what API `vulkan` has, core up to CORE, and the extensions of extensions.def. Extensions that
vk.xml is too old for come from vk_newer.h, which lies beside this file.
"""
import os
import re
import sys
import xml.etree.ElementTree as ET

CORE = (1, 4)

NEWER_H = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'vk_newer.h')


def of_vulkan(element):
    """Whether an element applies to Vulkan and not only to Vulkan SC."""
    return 'vulkan' in element.get('api', 'vulkan').split(',')


def holds(depends, supported):
    """Whether an expression of versions and extensions (`+` is and, `,` is or) holds."""
    def known(match):
        name = match.group(0)
        version = re.fullmatch(r'VK_VERSION_(\d+)_(\d+)', name)
        return str((int(version[1]), int(version[2])) <= CORE if version else name in supported)

    if not depends or '::' in depends:
        return True
    text = re.sub(r'\w+', known, depends)
    return bool(eval(text.replace('+', ' and ').replace(',', ' or ')))


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
        # For a pointer to an array the member with its length, else None.
        self.length = element.get('len') if '*' in text else None


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


def element_of_declaration(tag, declaration):
    """A C declaration "type name[array]" as vk.xml has it."""
    text, name, array = re.fullmatch(r'(.*?)(\w+)((?:\[\w+\])*)', declaration.strip(), re.S).groups()
    base = re.search(r'(\w+)[\s*]*$', text)
    element = ET.Element(tag)
    element.text = text[:base.start(1)]
    for part, value, tail in (('type', base.group(1), text[base.end(1):]), ('name', name, array)):
        child = ET.SubElement(element, part)
        child.text, child.tail = value, tail
    return element


def add_newer(root, path):
    """Adds the extensions of vk_newer.h that vk.xml does not know to its tree."""
    types, commands, extensions = (root.find(n) for n in ('types', 'commands', 'extensions'))
    known = {e.get('name') for e in extensions}
    text = re.sub(r'\\\n', '', open(path).read())
    for name, kind, block in re.findall(r'^#ifndef (VK_\w+) /\* (\w+) \*/$(.*?)^#endif$', text,
                                        flags=re.S | re.M):
        if name in known:
            continue
        extension = ET.SubElement(extensions, 'extension', name=name, type=kind, supported='vulkan')
        require = ET.SubElement(extension, 'require')
        for enum, value in re.findall(r'^#define (\w+_SPEC_VERSION) (\d+)$', block, flags=re.M):
            ET.SubElement(require, 'enum', name=enum, value=value)
        for alias, struct in re.findall(r'^typedef (Vk\w+) (Vk\w+);$', block, flags=re.M):
            ET.SubElement(types, 'type', category='struct', name=struct, alias=alias)
            ET.SubElement(require, 'type', name=struct)
        for stype, struct, members, extends in re.findall(
                r'(?:^#define (VK_STRUCTURE_TYPE_\w+) [^\n]*\n)?^typedef struct (\w+) \{(.*?)^\} \w+;'
                r'(?: /\* extends (\w+) \*/)?$', block, flags=re.S | re.M):
            element = ET.SubElement(types, 'type', category='struct', name=struct)
            if extends:
                element.set('structextends', extends)
            for declaration in members.split(';')[:-1]:
                member = element_of_declaration('member', declaration)
                if member.findtext('name') == 'sType':
                    member.set('values', stype)
                element.append(member)
            ET.SubElement(require, 'type', name=struct)
        for result, command, params in re.findall(
                r'^VKAPI_ATTR (\w+) VKAPI_CALL (\w+)\((.*?)\);', block, flags=re.S | re.M):
            element = ET.SubElement(commands, 'command')
            proto = ET.SubElement(element, 'proto')
            ET.SubElement(proto, 'type').text = result
            ET.SubElement(proto, 'name').text = command
            for declaration in params.split(','):
                element.append(element_of_declaration('param', ' '.join(declaration.split())))
            ET.SubElement(require, 'command', name=command)


class Registry:
    def __init__(self, xml_path, extensions_path):
        self.root = ET.parse(xml_path).getroot()
        add_newer(self.root, NEWER_H)
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
        self.extensions = extensions
        supported = {'VK_' + row.name for row in self.extension_rows if row.macro != 'ABSENT'}
        for row in self.extension_rows:
            if row.macro == 'ABSENT':
                continue
            element = extensions.get('VK_' + row.name)
            if element is None or element.get('type') != row.macro.lower():
                fail(f'vk.xml has no {row.macro.lower()} extension VK_{row.name}')
            for require in element.findall('require'):
                if not of_vulkan(require) or not holds(require.get('depends'), supported):
                    continue
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
