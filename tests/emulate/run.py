#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs tests on an emulated processor with AVX-512, on any Debian machine.

    run.py [--cpu MODEL] [--features LIST] [--mips N] [--bochs PROGRAM] BUILD [COMMAND]...

Bochs emulates a whole PC, some hundred times slower than this one. It starts Debian's kernel, with a disk
that holds the build folder and the libraries it needs, and runs the commands in BUILD, one after the other.
So that shaders need not be compiled there, the commands run here first, and everything that they compile is
compiled for the emulated processor too (store.c). $ISA is avx2 here and avx512 there. All that comes from
Debian's archive is unpacked in a folder of its own; nothing is installed, and the run needs no rights.
"""
import argparse
import lzma
import os
import re
import shutil
import subprocess
import sys
import time

SUITE = 'trixie'
PACKAGES = ['bochs', 'bochs-term', 'bochsbios', 'vgabios', 'busybox-static', 'linux-image-amd64', 'xorriso',
            'isolinux', 'syslinux-common', 'e2fsprogs']
# What the kernel's own image lacks to read the disk.
MODULES = ['crc32c_generic', 'ata_piix', 'sd_mod', 'ext4']
# The emulated timers are coarse, and Linux waits for ever for some; huge pages and protection keys fault.
KERNEL = ('console=ttyS0 quiet loglevel=3 mitigations=off nokaslr hpet=disable nolapic noapic acpi=off '
          'lpj=1000000 tsc=unstable nopcid noinvpcid nopku nogbpages nosmap nosmep no5lvl lsm=capability')
END = 'emulated: end'
# What Bochs 3.0 gets wrong of what LLVM uses. A failure of what has these may be the emulator's; it is reported all
# the same. KSHIFTLW and KSHIFTRW by 15 give 0 (mended after 3.0, its pull request 844), so the last of 16 lanes is
# wrong; gathers and scatters whose indices lie in registers 16 to 31 are taken for illegal; VPINSRB with registers
# 16 to 31 doubles short displacements.
WRONG = re.compile(rb'\xc4\xe3\xf9[\x30\x32][\xc0-\xff]\x0f|'
                   rb'\x62[%b][\x7d\xfd][%b][\x90-\x93\xa0-\xa3]|\x62[%b][%b].\x20[\x40-\x7f]' % tuple(
                       re.escape(bytes(b for b in range(256) if b & mask == bits))
                       for mask, bits in [(7, 2), (8, 0), (7, 3), (7, 5)]), re.S)
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# It stays after the last line, which has yet to leave the serial port; emulate() ends the emulator.
INIT = '''#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for module in $($b cat /modules/order); do $b insmod /modules/$module; done
$b mount -t ext2 /dev/sda /disk || $b mount -t ext4 /dev/sda /disk
for folder in proc sys dev; do $b mount --move /$folder /disk/$folder; done
$b mount -t tmpfs tmp /disk/tmp
$b chroot /disk /bin/sh /commands
echo "%s"
$b sleep 1000000
''' % END


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


class Tree:
    """Packages of a Debian release, unpacked; its programs run with its own libraries."""

    def __init__(self, folder):
        self.root = os.path.join(folder, 'tree')
        self.libraries = self.root + '/usr/lib/x86_64-linux-gnu'
        if not os.path.exists(folder + '/complete'):
            self.unpack(folder)

    def unpack(self, folder):
        apt = folder + '/apt'
        for part in ['etc/apt/apt.conf.d', 'etc/apt/preferences.d', 'var/lib/apt/lists/partial',
                     'var/cache/apt/archives/partial', 'var/lib/dpkg']:
            os.makedirs(f'{apt}/{part}', exist_ok=True)
        open(apt + '/var/lib/dpkg/status', 'w').close()
        policy = run('apt-cache', 'policy')
        archive = re.search(r'^ *\d+ (\S+/debian) \S+/main ', policy, re.M)
        if not archive:
            sys.exit('run.py: apt knows no Debian archive')
        with open(apt + '/etc/apt/sources.list', 'w') as out:
            out.write(f'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {archive[1]} {SUITE} main\n')
        options = ['-q', '-o', f'Dir={apt}', '-o', f'Dir::State::status={apt}/var/lib/dpkg/status',
                   '-o', 'APT::Install-Recommends=0', '-o', 'APT::Architecture=amd64']
        if os.getuid() == 0:
            options += ['-o', 'APT::Sandbox::User=root']
        print('unpacking packages of', SUITE, flush=True)
        run('apt-get', *options, 'update')
        run('apt-get', *options, '-y', '--download-only', 'install', *PACKAGES)
        archives = apt + '/var/cache/apt/archives'
        for name in sorted(os.listdir(archives)):
            if name.endswith('.deb'):
                run('dpkg', '-x', f'{archives}/{name}', self.root)
                os.remove(f'{archives}/{name}')
        open(folder + '/complete', 'w').close()

    def command(self, program, *arguments):
        return [self.root + '/usr/lib64/ld-linux-x86-64.so.2', '--library-path', self.libraries,
                self.root + program, *arguments]

    def modules(self):
        """The modules' names and contents, each after what it needs."""
        found, order = {}, []
        for folder, _, names in os.walk(self.root + '/usr/lib/modules'):
            for name in names:
                if name.endswith('.ko.xz'):
                    found[name[:-6].replace('-', '_')] = os.path.join(folder, name)

        def add(name):
            if name not in found or name in [module[0] for module in order]:
                return
            with lzma.open(found[name]) as file:
                content = file.read()
            for other in re.search(rb'\0depends=([^\0]*)', content)[1].decode().split(','):
                add(other.replace('-', '_'))
            order.append((name, content))
        for name in MODULES:
            add(name)
        return order


def make_boot(tree, work):
    """An image of a CD that starts the kernel, which then runs INIT."""
    start, cd = work + '/start', work + '/cd'
    for folder in ['bin', 'proc', 'sys', 'dev', 'disk', 'modules']:
        os.makedirs(f'{start}/{folder}')
    busybox = shutil.copy(tree.root + '/usr/bin/busybox', start + '/bin/busybox')
    modules = tree.modules()
    for name, content in modules:
        with open(f'{start}/modules/{name}', 'wb') as out:
            out.write(content)
    with open(start + '/modules/order', 'w') as out:
        out.write('\n'.join(name for name, _ in modules))
    with open(start + '/init', 'w') as out:
        out.write(INIT)
    os.chmod(start + '/init', 0o755)
    os.makedirs(cd + '/isolinux')
    subprocess.run(f'find . | {busybox} cpio -o -H newc 2>/dev/null | gzip -1 >{cd}/isolinux/initrd', shell=True,
                   check=True, cwd=start)
    kernel = [name for name in os.listdir(tree.root + '/boot') if name.startswith('vmlinuz')][0]
    shutil.copy(f'{tree.root}/boot/{kernel}', cd + '/isolinux/vmlinuz')
    shutil.copy(tree.root + '/usr/lib/ISOLINUX/isolinux.bin', cd + '/isolinux')
    shutil.copy(tree.root + '/usr/lib/syslinux/modules/bios/ldlinux.c32', cd + '/isolinux')
    with open(cd + '/isolinux/isolinux.cfg', 'w') as out:
        out.write(f'default linux\nprompt 0\nlabel linux\n kernel vmlinuz\n append initrd=initrd {KERNEL}\n')
    run(*tree.command('/usr/bin/xorriso', '-as', 'mkisofs', '-quiet', '-o', work + '/cd.iso', '-b',
                      'isolinux/isolinux.bin', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', cd))
    return work + '/cd.iso'


def environment(build, store, isa):
    """For the commands, here or there; on AVX-512, with VNNI and the later byte instructions or without."""
    values = {'ISA': isa, 'WEFT_CACHE': 'off', 'WEFT_TIERS': 'off', 'WEFT_STORE': store,
              'WEFT_COMPILER': build + '/tests/emulate/libweft_store.so',
              'WEFT_STORE_COMPILER': build + '/driver/compiler/libweft_compiler.so',
              'VK_DRIVER_FILES': build + '/weft_icd.x86_64.json'}
    if isa == 'avx2':
        values.update(WEFT_ISA=isa, WEFT_STORE_FOR='3:3,3:0')
    return values


def make_disk(tree, work, build, store, commands):
    """The build's programs, libraries and data under their own paths, with the libraries they load."""
    root = work + '/root'
    for folder in ['bin', 'dev', 'proc', 'sys', 'tmp', 'root']:
        os.makedirs(f'{root}/{folder}')
    shutil.copy(tree.root + '/usr/bin/busybox', root + '/bin/busybox')
    programs = run(root + '/bin/busybox', '--list').split()
    for program in programs:
        if program != 'busybox':
            os.symlink('busybox', f'{root}/bin/{program}')
    wanted, binaries = [], []
    for top in [build, SOURCE + '/tests/spirv']:
        for folder, folders, names in os.walk(top):
            folders[:] = [name for name in folders
                          if not name.endswith('.p') and name not in ('deps', 'fuzz', 'meson-private')]
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or name.endswith(('.o', '.a', '.c', '.h')):
                    continue
                if name.endswith(('.spv', '.spvs', '.json', '.shader_test')):
                    wanted.append(path)
                else:
                    with open(path, 'rb') as file:
                        if file.read(4) == b'\x7fELF':
                            binaries.append(path)
    wanted += [os.path.join(store, name) for name in os.listdir(store)]
    libraries = {'/lib64/ld-linux-x86-64.so.2'}
    for path in binaries:
        listed = subprocess.run(['ldd', path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        libraries.update(re.findall(r'(?:=> |^\s*)(/\S+)', listed.stdout, re.M))
    for path in sorted(set(wanted + binaries) | libraries):
        os.makedirs(root + os.path.dirname(path), exist_ok=True)
        shutil.copy(path, root + path)
    with open(root + '/commands', 'w') as out:
        out.write(f'cd {build}\nexport HOME=/root PATH=/bin\n')
        for name, value in environment(build, store, 'avx512').items():
            out.write(f"export {name}='{value}'\n")
        for command in commands:
            out.write(f"echo '$ {command}'\n{command}\n[ $? = 0 ] || echo \"emulated: failed: $?\"\n")
    size_MiB = int(run('du', '-sm', root).split()[0]) + 200
    run(*tree.command('/usr/sbin/mke2fs', '-q', '-t', 'ext2', '-d', root, work + '/disk', f'{size_MiB}M'),
        stderr=subprocess.DEVNULL)
    return work + '/disk'


def emulate(tree, work, program, cpu, cd, disk):
    """Prints what the emulated machine writes to its serial port, and returns it."""
    share, serial = tree.root + '/usr/share', work + '/serial'
    with open(work + '/bochsrc', 'w') as out:
        out.write(f'''cpu: {cpu}
memory: guest=2048, host=2048
romimage: file={share}/bochs/BIOS-bochs-latest
vgaromimage: file={share}/bochs/VGABIOS-lgpl-latest
display_library: rfb, options="timeout=0"
ata0-master: type=disk, path={disk}, mode=flat
ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15
ata1-master: type=cdrom, path={cd}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={serial}
log: {work}/log
panic: action=fatal
''')
    open(serial, 'w').close()
    variables = dict(os.environ, LTDL_LIBRARY_PATH=tree.libraries + '/bochs/plugins', BXSHARE=share + '/bochs')
    command = [program] if program else tree.command('/usr/bin/bochs-bin')
    bochs = subprocess.Popen([*command, '-q', '-f', work + '/bochsrc'], env=variables, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    text = ''
    try:
        with open(serial, errors='replace') as file:
            while END not in text and bochs.poll() is None:
                time.sleep(1)
                new = file.read().replace('\r', '')
                print(new, end='', flush=True)
                text += new
    finally:
        bochs.kill()
        bochs.wait()
    if END not in text:
        sys.exit(f'run.py: the emulator ended; see {work}/log')
    return text


def count_wrong(store, seen):
    """How many of the images that are new in the store have instructions that the emulator gets wrong."""
    new = set(os.listdir(store)) - seen
    seen |= new
    count = 0
    for name in new:
        with open(os.path.join(store, name), 'rb') as file:
            count += WRONG.search(file.read()) is not None
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--cpu', default='corei7_icelake_u', help="Bochs's name of the processor")
    parser.add_argument('--features', default='', help="Bochs's names of more, with commas")
    parser.add_argument('--mips', type=int, default=50, help='emulated instructions in a second of its clock')
    parser.add_argument('--bochs', help="another Bochs than Debian's, in which what WRONG lists is right")
    parser.add_argument('build')
    parser.add_argument('command', nargs='*')
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    folder = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'), 'weft-emulator')
    scripts = os.path.join(SOURCE, 'tests/spirv')
    commands = options.command or [
        f'tests/spirv/weft_spirv_runner --isa $ISA --threads 1 {scripts}/{name} '
        f'tests/spirv/{name.replace(".shader_test", ".spvs")}'
        for name in sorted(os.listdir(scripts)) if name.endswith('.shader_test')]
    tree = Tree(folder)
    work = f'{folder}/run.{os.getpid()}'
    store = work + '/store'
    os.makedirs(store)
    wrong, seen = [], set()
    for command in commands:
        print('here:', command, flush=True)
        ran = subprocess.run(command, shell=True, cwd=build, stdout=subprocess.PIPE, text=True,
                             env=dict(os.environ, **environment(build, store, 'avx2')))
        if ran.returncode:
            sys.exit(f'{ran.stdout}run.py: failed here: {command}')
        wrong.append(count_wrong(store, seen))
    added = f', add_features="{options.features}"' if options.features else ''
    cpu = f'model={options.cpu}, count=1, ips={options.mips * 1000000}{added}'
    disk = make_disk(tree, work, build, store, commands)
    text = emulate(tree, work, options.bochs, cpu, make_boot(tree, work), disk)
    shutil.rmtree(work)
    failed, command = 0, None
    for line in text.split('\n'):
        if line[:2] == '$ ' and line[2:] in commands:
            command = line[2:]
        elif 'emulated: failed:' in line and command:
            failed += 1
            print('run.py: failed:', command)
            count = wrong[commands.index(command)]
            if count and not options.bochs:
                print(f'run.py: {count} of its images have instructions that the emulator gets wrong (WRONG)')
    sys.exit(f'run.py: {failed} of {len(commands)} commands failed' if failed else 0)


if __name__ == '__main__':
    main()
