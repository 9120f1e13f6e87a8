#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the fuzzer's corpus: mutate.py FOLDER COUNT STAMP SPV...

Copies each SPIR-V module and adds COUNT damaged ones of it, always the same for the same module.
STAMP is written when all is done.
"""
import os
import random
import struct
import sys


def instructions(words):
    """(start, length) of each instruction, as far as they make sense."""
    at, found = 5, []
    while at < len(words):
        length = words[at] >> 16
        if length == 0 or at + length > len(words):
            break
        found.append((at, length))
        at += length
    return found


def change_operand(words, rng):
    at, length = rng.choice(instructions(words))
    if length > 1:
        i = at + rng.randrange(1, length)
        words[i] = rng.choice([rng.randrange(0, words[3] + 2), words[i] ^ 1 << rng.randrange(32),
                               words[i] + 1 & 0xffffffff, 0, 0xffffffff])


def swap_ids(words, rng):
    a, b = rng.choice(instructions(words)), rng.choice(instructions(words))
    if a[1] > 1 and b[1] > 1:
        i, j = a[0] + rng.randrange(1, a[1]), b[0] + rng.randrange(1, b[1])
        words[i], words[j] = words[j], words[i]


def change_opcode(words, rng):
    at, length = rng.choice(instructions(words))
    same_length = [words[i] & 0xffff for i, n in instructions(words) if n == length]
    words[at] = length << 16 | rng.choice(same_length + [rng.randrange(0, 400)])


def delete(words, rng):
    at, length = rng.choice(instructions(words))
    del words[at:at + length]


def duplicate(words, rng):
    at, length = rng.choice(instructions(words))
    to = rng.choice(instructions(words))[0]
    words[to:to] = words[at:at + length]


def move(words, rng):
    at, length = rng.choice(instructions(words))
    taken = words[at:at + length]
    del words[at:at + length]
    if instructions(words):
        to = rng.choice(instructions(words))[0]
        words[to:to] = taken


def truncate(words, rng):
    del words[rng.randrange(0, len(words)):]


def change_length(words, rng):
    at, length = rng.choice(instructions(words))
    words[at] = words[at] & 0xffff | rng.randrange(0, 20) << 16


def change_header(words, rng):
    words[rng.randrange(0, 5)] = rng.choice([0, 1, 0x00010600, 0x10000, 0xffffffff, len(words)])


# Instructions whose first two operands are result type and result, and that name values after them.
VALUES = [41, 42, 43, 44, 46, 50, 51, 52, 61, 65, 66, 80, 81, 82, 84, 245] + list(range(109, 152)) + list(
    range(154, 206)) + list(range(227, 243)) + list(range(333, 360))
ALIKE = [  # opcodes with operands of the same kind
    [128, 130, 132, 134, 135, 137, 138, 139, 194, 195, 196, 197, 198, 199], [129, 131, 133, 136, 141],
    [170, 171, 172, 173, 174, 175, 176, 177, 178, 179], [180, 182, 183, 184, 186, 188, 190],
    [164, 165, 166, 167], [234, 236, 237, 238, 239, 240, 241, 242],
    [349, 350, 351, 352, 353, 354, 355, 356, 357, 358]]


def typed(words):
    """Type of each value, in the order of definition."""
    return {words[at + 2]: words[at + 1] for at, n in instructions(words)
            if words[at] & 0xffff in VALUES and n > 2}


def change_value(words, rng):
    """Another value of the same type: the module mostly stays valid."""
    types = typed(words)
    users = [(at, n) for at, n in instructions(words) if words[at] & 0xffff in VALUES + [62] and n > 3]
    if users:
        at, n = rng.choice(users)
        i = at + rng.randrange(1 if words[at] & 0xffff == 62 else 3, n)
        like = [v for v, t in types.items() if t == types.get(words[i])]
        if like:
            words[i] = rng.choice(like)


def change_alike(words, rng):
    at_all = [at for at, n in instructions(words) if any(words[at] & 0xffff in a for a in ALIKE)]
    if at_all:
        at = rng.choice(at_all)
        group = next(a for a in ALIKE if words[at] & 0xffff in a)
        words[at] = words[at] & 0xffff0000 | rng.choice(group)


def change_constant(words, rng):
    at_all = [at for at, n in instructions(words) if words[at] & 0xffff in (43, 50)]
    if at_all:
        words[rng.choice(at_all) + 3] = rng.choice(
            [0, 1, 2, 3, 31, 32, 64, 255, 0x7fffffff, 0x80000000, 0xffffffff, rng.getrandbits(32)])


def turn_branch(words, rng):
    at_all = [at for at, n in instructions(words) if words[at] & 0xffff == 250 and n == 4]
    if at_all:
        at = rng.choice(at_all)
        words[at + 2], words[at + 3] = words[at + 3], words[at + 2]


def delete_store(words, rng):
    at_all = [(at, n) for at, n in instructions(words) if words[at] & 0xffff in (62, 224, 225)]
    if at_all:
        at, n = rng.choice(at_all)
        del words[at:at + n]


# The likelier ones keep most of the module valid, so that what follows the reader is reached.
GENTLE = [change_value] * 6 + [change_alike] * 3 + [change_constant] * 3 + [turn_branch, delete_store]
ROUGH = [change_operand] * 8 + [swap_ids] * 4 + [change_opcode] * 5 + [
    delete, delete, duplicate, move, move, truncate, change_length, change_header]


def main():
    folder, count, stamp = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    os.makedirs(folder, exist_ok=True)
    for path in sys.argv[4:]:
        name = os.path.splitext(os.path.basename(path))[0]
        with open(path, 'rb') as file:
            data = file.read()
        original = list(struct.unpack('<%dI' % (len(data) // 4), data))
        rng = random.Random(name)
        for number in range(count + 1):
            words = list(original)
            if number:
                for _ in range(rng.choice([1, 1, 1, 2, 4])):
                    if instructions(words):
                        rng.choice(GENTLE if number % 3 else ROUGH)(words, rng)
            with open(os.path.join(folder, '%s-%03d' % (name, number)), 'wb') as file:
                file.write(struct.pack('<%dI' % len(words), *words))
                if number % 50 == 49:
                    file.write(b'\x01\x02\x03'[:number % 3 + 1])
    with open(stamp, 'w'):
        pass


main()
