#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows what ./dev bench --json wrote: as one picture (SVG), or as a table for the README.

usage: show.py picture|table RESULTS.json > FILE
"""
import json
import math
import sys

LEFT, ROW, TOP, PLOT = 250, 15, 74, 560
LOW, HIGH = 0.01, 4.0  # the axis: times as fast as native C
COLOURS = ["#1f5fa8", "#e07b00", "#7a7a7a", "#2e8b57", "#a03060"]


def ok(kernel, driver):
    """The driver's result of the kernel, or None."""
    found = [r for r in kernel["results"] if r["driver"] == driver and "seconds" in r]
    return found[0]["seconds"] if found else None


def roles(data, role):
    return [i for i, d in enumerate(data["drivers"]) if d["role"] == role]


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else 0


def place(ratio):
    span = math.log(HIGH / LOW)
    return LEFT + PLOT * math.log(min(max(ratio, LOW), HIGH) / LOW) / span


def mark(ratio, y, colour, own):
    x = place(ratio)
    if own:
        return f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y}" r="3" fill="white" stroke="{colour}" stroke-width="1.6"/>'


def picture(data):
    native = roles(data, "native")
    if not native:
        sys.exit("the results have no native references")
    shown = roles(data, "own") + roles(data, "peer")
    rows = [k for k in data["kernels"] if ok(k, native[0]) and ok(k, shown[0])]
    rows.sort(key=lambda k: -ok(k, native[0]) / ok(k, shown[0]))
    height = TOP + ROW * len(rows) + 34
    width = LEFT + PLOT + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans, Helvetica, sans-serif" font-size="11">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="{LEFT}" y="20" font-size="14">Speed against the same algorithm by hand in C</text>']
    x = LEFT
    for i, driver in enumerate(shown):
        name = data["drivers"][driver]["name"]
        out.append(mark_at(x + 5, 36, COLOURS[i % len(COLOURS)], i == 0))
        out.append(f'<text x="{x + 14}" y="40">{name}</text>')
        x += 30 + 7 * len(name)
    bottom = TOP + ROW * len(rows)
    for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4):
        x = place(tick)
        strong = tick == 1
        out.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}" '
                   f'stroke="{"#333" if strong else "#ddd"}" stroke-width="{1.2 if strong else 1}"/>')
        for y in (TOP - 12, bottom + 14):
            out.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="#444">{tick:g}</text>')
    out.append(f'<text x="{place(1):.1f}" y="{bottom + 28}" text-anchor="middle">native C</text>')
    for n, kernel in enumerate(rows):
        y = TOP + ROW * n + ROW // 2
        if n % 2:
            out.append(f'<rect x="0" y="{y - ROW / 2}" width="{LEFT}" height="{ROW}" fill="#f5f5f5"/>')
        title = kernel["title"].replace("&", "&amp;").replace("<", "&lt;")
        out.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{title}</text>')
        reference = ok(kernel, native[0])
        for i, driver in reversed(list(enumerate(shown))):
            if ok(kernel, driver):
                out.append(mark(reference / ok(kernel, driver), y, COLOURS[i % len(COLOURS)], i == 0))
    return "\n".join(out + ["</svg>"])


def mark_at(x, y, colour, own):
    fill = colour if own else "white"
    return f'<circle cx="{x}" cy="{y}" r="{4.5 if own else 3}" fill="{fill}" stroke="{colour}" stroke-width="1.6"/>'


def time(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            break
    value = seconds * scale
    return f"{value:.{1 if value < 100 else 0}f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def rate(kernel, seconds):
    unit = kernel["unit"]
    if not unit:
        return ""
    if unit == "us each":
        return f"{seconds * 1e6 / kernel['work']:.3g} us each"
    value = kernel["work"] / seconds / (1e9 if unit[0] == "G" else 1e6)
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def ratio(value):
    return f"{value:.2f}" if 0 < value < 1 else f"{value:.1f}" if 0 < value < 10 else f"{value:.0f}" if value else ""


def table(data):
    own = roles(data, "own")[0]
    print("| kernel | Weft | | x fastest peer | x native C | x other program | of limit |")
    print("|---|---|---|---|---|---|---|")
    for k in data["kernels"]:
        seconds = ok(k, own)
        if seconds is None:
            continue
        share = f"{k['limit_share'] * 100:.0f}%" if k["limit_share"] else ""
        print(f"| {k['title']} | {time(seconds)} | {rate(k, seconds)} | {ratio(k['peer_ratio'])} | "
              f"{ratio(k['native_ratio'])} | {ratio(k['other_ratio'])} | {share} |")
    peers = [k["peer_ratio"] for k in data["kernels"] if k["peer_ratio"]]
    natives = [k["native_ratio"] for k in data["kernels"] if k["native_ratio"]]
    print(f"\nGeometric means: {mean(peers):.1f} over the fastest peer ({len(peers)} kernels, worst "
          f"{min(peers, default=0):.2f}), {mean(natives):.2f} of native C ({len(natives)} kernels, worst "
          f"{min(natives, default=0):.2f}).")


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("picture", "table"):
        sys.exit(__doc__)
    with open(sys.argv[2]) as file:
        data = json.load(file)
    if sys.argv[1] == "table":
        table(data)
    else:
        print(picture(data))


if __name__ == "__main__":
    main()
