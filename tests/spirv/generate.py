#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes random shader tests with the values that an interpreter of their own expects.

    generate.py SEED COUNT out.shader_test

Each program is a tree of statements on unsigned numbers, printed as GLSL and run in Python, one
generator an invocation, which stops at barriers. Everything is defined: loops are bounded, indices
are masked, shifts are small, and workgroup memory is exchanged only across barriers.
"""
import random
import sys
from math import gcd

MASK = 0xffffffff
SHAPES = [(32, 1, 1), (8, 4, 1), (4, 2, 4), (33, 1, 1), (20, 1, 1), (7, 5, 1), (64, 1, 1), (2, 16, 1)]
GROUPS = 2
INPUTS = 64     # words of input
FUEL = 4000     # statements that one invocation may execute before a program is thrown away


class TooLong(Exception):
    pass


class Lane:
    """One invocation: its variables, and what all share."""

    def __init__(self, shape, group, index, inputs, push, shared):
        i = group * len(shared) + index
        self.names = {'x': inputs[i % INPUTS], 'i': i, 'l': index, 'w': group, 'u': push,
                      'lx': index % shape[0], 'ly': index // shape[0] % shape[1]}
        self.arrays = {}
        self.inputs = inputs
        self.shared = shared
        self.fuel = FUEL
        self.result = 0


# ---- Expressions: (GLSL text, function of a lane) ----

BINARY = {
    '+': lambda a, b: a + b, '-': lambda a, b: a - b, '*': lambda a, b: a * b,
    '&': lambda a, b: a & b, '|': lambda a, b: a | b, '^': lambda a, b: a ^ b,
}
COMPARE = {
    '<': lambda a, b: a < b, '<=': lambda a, b: a <= b, '>': lambda a, b: a > b,
    '>=': lambda a, b: a >= b, '==': lambda a, b: a == b, '!=': lambda a, b: a != b,
}
CONSTANTS = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 31, 32, 33, 63, 64, 100, 255, 256, 1000, 65535, 65536,
             0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff]


def signed(value):
    return value - (1 << 32) if value >> 31 else value


class Writer:
    def __init__(self, rng, shape):
        self.rng = rng
        self.local = shape[0] * shape[1] * shape[2]
        self.lines = []
        self.loops = 0
        self.temps = 0
        self.variables = []  # that may be assigned
        self.counters = []   # of the loops around
        self.function = None
        self.may_leave = False  # no barrier follows

    def expr(self, depth, uniform=False):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.15:
            return self.leaf(uniform)
        kind = rng.random()
        if kind < 0.55:
            op = rng.choice(list(BINARY))
            a, b = self.expr(depth - 1, uniform), self.expr(depth - 1, uniform)
            fn = BINARY[op]
            return f'({a[0]} {op} {b[0]})', lambda s: fn(a[1](s), b[1](s)) & MASK
        if kind < 0.65:
            a, n = self.expr(depth - 1, uniform), rng.randrange(0, 32)
            if rng.random() < 0.5:
                return f'({a[0]} << {n})', lambda s: a[1](s) << n & MASK
            if rng.random() < 0.5:
                return f'({a[0]} >> {n})', lambda s: a[1](s) >> n
            return f'uint(int({a[0]}) >> {n})', lambda s: signed(a[1](s)) >> n & MASK
        if kind < 0.73:
            a, n = self.expr(depth - 1, uniform), rng.choice([2, 3, 4, 5, 7, 8, 10, 16, 33])
            if rng.random() < 0.5:
                return f'({a[0]} / {n}u)', lambda s: a[1](s) // n
            return f'({a[0]} % {n}u)', lambda s: a[1](s) % n
        if kind < 0.8:
            a, b = self.expr(depth - 1, uniform), self.expr(depth - 1, uniform)
            name = rng.choice(['min', 'max'])
            fn = {'min': min, 'max': max}[name]
            return f'{name}({a[0]}, {b[0]})', lambda s: fn(a[1](s), b[1](s))
        if kind < 0.86:
            a, bits = self.expr(depth - 1, uniform), rng.choice([8, 16])
            if rng.random() < 0.5:
                return f'uint(uint{bits}_t({a[0]}))', lambda s: a[1](s) & (1 << bits) - 1
            half = 1 << bits - 1
            return (f'uint(int(int{bits}_t({a[0]})))',
                    lambda s: ((a[1](s) & (1 << bits) - 1 ^ half) - half) & MASK)
        if kind < 0.93:
            c, a, b = self.cond(depth - 1, uniform), self.expr(depth - 1, uniform), self.expr(depth - 1, uniform)
            return f'({c[0]} ? {a[0]} : {b[0]})', lambda s: a[1](s) if c[1](s) else b[1](s)
        a = self.expr(depth - 1, uniform)
        if rng.random() < 0.25:
            k = rng.randrange(4)
            return (f'quads[({a[0]}) & {INPUTS // 4 - 1}].{"xyzw"[k]}',
                    lambda s: s.inputs[(a[1](s) & INPUTS // 4 - 1) * 4 + k])
        if uniform or rng.random() < 0.5:
            return f'src[({a[0]}) & {INPUTS - 1}]', lambda s: s.inputs[a[1](s) & INPUTS - 1]
        return f't[({a[0]}) & 3]', lambda s: s.arrays['t'][a[1](s) & 3]

    def leaf(self, uniform):
        rng = self.rng
        if rng.random() < 0.3:
            value = rng.choice(CONSTANTS)
            return f'{value}u', lambda s: value
        ids = ['i', 'l'] if self.function else ['i', 'l', 'lx', 'ly']
        names = ['w', 'u'] if uniform else ['x', 'w', 'u'] + ids + self.variables * 2 + self.counters
        name = rng.choice(names)
        return name, lambda s: s.names[name]

    def cond(self, depth, uniform=False):
        rng = self.rng
        a, b = self.expr(depth - 1, uniform), self.expr(depth - 1, uniform)
        op = rng.choice(list(COMPARE))
        fn = COMPARE[op]
        first = f'{a[0]} {op} {b[0]}', lambda s: fn(a[1](s), b[1](s))
        if depth < 2 or rng.random() < 0.7:
            return first
        second = self.cond(depth - 1, uniform)
        if rng.random() < 0.5:
            return f'({first[0]} && {second[0]})', lambda s: first[1](s) and second[1](s)
        return f'({first[0]} || {second[0]})', lambda s: first[1](s) or second[1](s)

    # ---- Statements: generators that end with None, 'break', 'continue' or 'return' ----

    def line(self, indent, text):
        self.lines.append('    ' * indent + text)

    def block(self, indent, depth, uniform, in_loop):
        count = self.rng.randrange(1, 5 if depth > 1 else 4)
        return [self.statement(indent, depth, uniform, in_loop) for _ in range(count)]

    def statement(self, indent, depth, uniform, in_loop):
        rng = self.rng
        kind = rng.random()
        if depth > 0 and kind < 0.22:
            return self.if_statement(indent, depth, uniform, in_loop)
        if depth > 0 and kind < 0.38 and self.loops < 3:
            return self.loop(indent, depth, uniform)
        if depth > 0 and kind < 0.46:
            return self.switch(indent, depth, uniform, in_loop)
        if in_loop and kind < 0.54:
            return self.jump(indent, uniform)
        if uniform and kind < 0.62 and not self.function:
            return self.exchange(indent)
        if self.may_leave and kind < 0.56:
            return self.leave(indent)
        if kind < 0.72:
            return self.store_array(indent)
        return self.assign(indent)

    def assign(self, indent):
        name = self.rng.choice(self.variables)
        value = self.expr(3)
        self.line(indent, f'{name} = {value[0]};')

        def run(s):
            s.names[name] = value[1](s)
            return None
            yield
        return run

    def store_array(self, indent):
        at, value = self.expr(1), self.expr(2)
        self.line(indent, f't[({at[0]}) & 3] = {value[0]};')

        def run(s):
            index = at[1](s) & 3
            s.arrays['t'][index] = value[1](s)
            return None
            yield
        return run

    def exchange(self, indent):
        name, value, at = self.rng.choice(self.variables), self.expr(2), self.expr(2)
        self.line(indent, f'shr[l] = {value[0]};')
        self.line(indent, 'barrier();')
        count = self.local
        self.line(indent, f'{name} += shr[({at[0]}) % {count}u];')
        self.line(indent, 'barrier();')

        def run(s):
            s.shared[s.names['l']] = value[1](s)
            yield
            s.names[name] = s.names[name] + s.shared[at[1](s) % count] & MASK
            yield
            return None
        return run

    def jump(self, indent, uniform):
        cond, kind = self.cond(2, uniform), self.rng.choice(['break', 'continue'])
        self.line(indent, f'if ({cond[0]})')
        self.line(indent + 1, f'{kind};')

        def run(s):
            return kind if cond[1](s) else None
            yield
        return run

    def leave(self, indent):
        cond, value = self.cond(2), self.expr(2)
        self.line(indent, f'if ({cond[0]}) {{')
        if self.function:
            self.line(indent + 1, f'return {value[0]};')
        else:
            self.line(indent + 1, f'dst[at] = {value[0]};')
            self.line(indent + 1, 'return;')
        self.line(indent, '}')

        def run(s):
            if cond[1](s):
                s.result = value[1](s)
                return 'return'
            return None
            yield
        return run

    def if_statement(self, indent, depth, uniform, in_loop):
        inner = uniform and self.rng.random() < 0.6
        cond = self.cond(2, inner)
        self.line(indent, f'if ({cond[0]}) {{')
        # Leaving a loop that all run together from here would let some pass its barriers.
        in_loop = in_loop if inner == uniform else None
        then = self.block(indent + 1, depth - 1, inner, in_loop)
        other = []
        if self.rng.random() < 0.6:
            self.line(indent, '} else {')
            other = self.block(indent + 1, depth - 1, inner, in_loop)
        self.line(indent, '}')

        def run(s):
            return (yield from run_all(then if cond[1](s) else other, s))
        return run

    def loop(self, indent, depth, uniform):
        inner = uniform and self.rng.random() < 0.6
        name = f'k{self.temps}'
        self.temps += 1
        limit = self.expr(2, inner)
        bound = self.rng.choice([3, 7])
        form = self.rng.choice(['for', 'while', 'do'])
        self.loops += 1
        self.counters.append(name)
        if form == 'for':
            self.line(indent, f'for (uint {name} = 0; {name} < (({limit[0]}) & {bound}); {name}++) {{')
        else:
            self.line(indent, f'uint {name} = 0;')
            self.line(indent, 'do {' if form == 'do' else f'while ({name} < (({limit[0]}) & {bound})) {{')
            self.line(indent + 1, f'{name}++;')
        body = self.block(indent + 1, depth - 1, inner, 'loop')
        self.line(indent, '}' + (f' while ({name} < (({limit[0]}) & {bound}));' if form == 'do' else ''))
        if form == 'for':
            self.counters.remove(name)
        self.loops -= 1

        def run(s):
            s.names[name] = 0
            while form == 'do' or s.names[name] < limit[1](s) & bound:
                if form != 'for':
                    s.names[name] += 1
                signal = yield from run_all(body, s)
                if signal == 'break':
                    break
                if signal == 'return':
                    return signal
                if form == 'for':
                    s.names[name] += 1
                if form == 'do' and not s.names[name] < limit[1](s) & bound:
                    break
            return None
        # A counter outlives a while loop in its scope; forgetting it keeps the printed text valid.
        if name in self.counters:
            self.counters.remove(name)
        return run

    def switch(self, indent, depth, uniform, in_loop):
        rng = self.rng
        inner = uniform and rng.random() < 0.6
        in_loop = in_loop if inner == uniform else None
        select = self.expr(2, inner)
        self.line(indent, f'switch (({select[0]}) & 3) {{')
        labels = rng.sample([0, 1, 2, 3], rng.randrange(1, 4))
        labels.insert(rng.randrange(len(labels) + 1), None)
        cases = []
        for label in labels:
            self.line(indent, 'default:' if label is None else f'case {label}:')
            body = self.block(indent + 1, depth - 1, inner, 'switch' if in_loop else None)
            falls = rng.random() < 0.35
            if not falls:
                self.line(indent + 1, 'break;')
            cases.append((label, body, falls))
        self.line(indent, '}')

        def run(s):
            value = select[1](s) & 3
            at = labels.index(value) if value in labels else labels.index(None)
            while at < len(cases):
                signal = yield from run_all(cases[at][1], s)
                if signal == 'break':
                    return None
                if signal:
                    return signal
                if not cases[at][2]:
                    return None
                at += 1
            return None
        return run


def run_all(statements, s):
    for statement in statements:
        s.fuel -= 1
        if s.fuel < 0:
            raise TooLong
        signal = yield from statement(s)
        if signal:
            return signal
    return None


def make_function(rng, shape):
    """uint fn(uint a, uint b), with early returns; sees only its parameters."""
    w = Writer(rng, shape)
    w.function = 'fn'
    w.may_leave = True
    w.variables = ['a', 'b']
    w.lines.append('uint fn(uint a, uint b, uint x, uint i, uint l)')
    w.lines.append('{')
    w.line(1, 'uint t[4] = { a, b, 1, 2 };')
    body = w.block(1, 2, False, None)
    w.line(1, 'return a ^ b ^ t[1];')
    w.lines.append('}')

    def call(s, a, b):
        inner = Lane.__new__(Lane)
        inner.__dict__.update(s.__dict__)
        inner.names = dict(s.names, a=a, b=b)
        inner.arrays = {'t': [a, b, 1, 2]}
        for _ in run_all_signal(body, inner):
            pass
        s.fuel = inner.fuel
        if inner.left:
            return inner.result
        return inner.names['a'] ^ inner.names['b'] ^ inner.arrays['t'][1]
    return w.lines, call


def run_all_signal(body, s):
    signal = yield from run_all(body, s)
    s.left = signal == 'return'


def make_place(rng, total):
    """Where an invocation's result goes: a permutation of all invocations."""
    kind = rng.randrange(4)
    if kind == 0:
        return 'i', lambda i: i
    if kind == 1:
        return f'{total - 1} - i', lambda i: total - 1 - i
    if kind == 2:
        return 'i ^ 1', lambda i: i ^ 1
    step = next(k for k in range(rng.randrange(3, 40), 100) if gcd(k, total) == 1)
    return f'i * {step} % {total}', lambda i: i * step % total


def make_program(rng):
    shape = rng.choice(SHAPES)
    function, call = make_function(rng, shape)
    w = Writer(rng, shape)
    place = make_place(rng, w.local * GROUPS)
    w.variables = ['a', 'b', 'c', 'd']
    body = []
    for _ in range(rng.randrange(3, 6)):
        body.append(w.statement(1, 3, True, None))
        if rng.random() < 0.5:
            body.append(call_statement(w, call))
    w.may_leave = True
    for _ in range(rng.randrange(1, 4)):
        body.append(w.statement(1, 2, False, None))
    head = ['layout(local_size_x = %d, local_size_y = %d, local_size_z = %d) in;' % shape,
            'layout(std430, binding = 0) readonly buffer In { uint src[]; };',
            'layout(std430, binding = 0) readonly buffer Quads { uvec4 quads[]; };',
            'layout(std430, binding = 1) buffer Out { uint dst[]; };',
            'layout(push_constant) uniform P { uint u; };',
            'shared uint shr[%d];' % w.local,
            'uint w = gl_WorkGroupID.x;'] + function + [
            'void main()', '{',
            '    uint l = gl_LocalInvocationIndex, i = w * %d + l, at = %s;' % (w.local, place[0]),
            '    uint lx = gl_LocalInvocationID.x, ly = gl_LocalInvocationID.y;',
            '    uint x = src[i & %d];' % (INPUTS - 1),
            '    uint a = x, b = i, c = u, d = 0;',
            '    uint t[4] = { x, i, u, 7 };']
    tail = ['    dst[at] = a + b * 3 + c * 5 + d * 7 + t[0] + (t[1] ^ t[2]) - t[3];', '}']
    return head + w.lines + tail, body, shape, place[1]


def call_statement(w, call):
    name, p, q = w.rng.choice(w.variables), w.expr(2), w.expr(2)
    w.line(1, f'{name} += fn({p[0]}, {q[0]}, x, i, l);')

    def run(s):
        s.names[name] = s.names[name] + call(s, p[1](s), q[1](s)) & MASK
        return None
        yield
    return run


def lane_program(body, s):
    signal = yield from run_all(body, s)
    if signal != 'return':
        n, t = s.names, s.arrays['t']
        s.result = n['a'] + n['b'] * 3 + n['c'] * 5 + n['d'] * 7 + t[0] + (t[1] ^ t[2]) - t[3]
    s.result &= MASK


def interpret(body, shape, place, inputs, push):
    local = shape[0] * shape[1] * shape[2]
    results = [0] * (local * GROUPS)
    for group in range(GROUPS):
        shared = [0] * local
        lanes = [Lane(shape, group, k, inputs, push, shared) for k in range(local)]
        for s in lanes:
            s.names.update(a=s.names['x'], b=s.names['i'], c=push, d=0)
            s.arrays['t'] = [s.names['x'], s.names['i'], push, 7]
        running = [lane_program(body, s) for s in lanes]
        while running:
            running = [r for r in running if next(r, StopIteration) is not StopIteration]
        for s in lanes:
            results[place(s.names['i'])] = s.result
    return results


def main():
    seed, count, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    out = ['# SPDX-License-Identifier: MIT', '# Written by generate.py.']
    made = 0
    while made < count:
        rng = random.Random(seed)
        seed += 1
        inputs = [rng.choice(CONSTANTS + [rng.randrange(100)] * 20) for _ in range(INPUTS)]
        push = rng.randrange(12)
        source, body, shape, place = make_program(rng)
        try:
            want = interpret(body, shape, place, inputs, push)
        except TooLong:
            continue
        out += ['', '[glsl]'] + source + [
            '', f'[test random-{seed - 1}]', f'push u32 = {push}',
            'buffer 0 u32 = ' + ' '.join(map(str, inputs)),
            f'buffer 1 u32 {len(want)} zero', f'dispatch {GROUPS}',
            'expect 1 u32 = ' + ' '.join(map(str, want))]
        made += 1
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out) + '\n')


main()
