#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds up what several runs wrote with --json (slices of a sample, chosen by --offset): a table of groups
beside lavapipe's share of passes, why cases are not supported, and every case that isn't good.

usage: ./dev cts total RESULTS.json..."""

import collections
import json
import os
import re
import sys

import cases
import report
import suite

HERE = os.path.dirname(os.path.abspath(__file__))


def read_results(paths):
    """{name: suite.Result} of all files; of a case in several, the last file's."""
    results = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for name, row in json.load(file)["results"].items():
                results[name] = suite.Result(row["verdict"], row.get("message", ""), row["seconds"])
    return results


def read_peer(path):
    """[(labels, cases, passes)]"""
    rows = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                labels, count, passes = line.rstrip("\n").split("\t")
                rows.append((labels.split(), int(count), int(passes)))
    return rows


def compare(groups, results, peer):
    """A line for each of the peer's rows of which something ran: cases, passes, both shares in per cent."""
    lines = [f"{'groups':<60}{'cases':>8}{'pass':>8}{'%':>6}{'lavapipe %':>12}"]
    for labels, count, passes in peer:
        names = [name for label in labels for name in groups.get(label, ())]
        good = sum(1 for name in names if results[name].verdict == "Pass")
        if not names:
            continue
        title = " ".join(labels)
        if len(title) > 58:
            title = title[:55] + "..."
        share = 100 * good / len(names)
        theirs = 100 * passes / count
        mark = "  below" if share < theirs else ""
        lines.append(
            f"{title:<60}{len(names):>8}{good:>8}{share:>6.0f}{theirs:>12.0f}{mark}"
        )
    return "\n".join(lines)


def reasons(groups, results):
    """[(count, label, reason)], the most frequent first; places in the suite's source are left out, and
    of formats only that there is one."""
    counts = collections.Counter()
    for label, names in groups.items():
        for name in names:
            if results[name].verdict == "NotSupported":
                reason = re.sub(r"( at)? [\w/]+\.\w+:\d+$", "", results[name].message)
                reason = re.sub(r"VK_FORMAT_(?!FEATURE)\w+", "FORMAT", reason)
                counts[label, reason] += 1
    return [(count, label, reason) for (label, reason), count in counts.most_common()]


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    results = read_results(sys.argv[1:])
    rules = cases.read_rules(os.path.join(HERE, "compute.rules"))
    groups = cases.select(results, rules)
    results = {name: results[name] for names in groups.values() for name in names}
    print(report.table(groups, results))
    print()
    print(compare(groups, results, read_peer(os.path.join(HERE, "lavapipe.tsv"))))
    print("\nnot supported:")
    for count, label, reason in reasons(groups, results):
        print(f"{count:>6}  {label}: {reason}")
    bad = [name for name in sorted(results) if results[name].verdict not in suite.GOOD]
    print(f"\n{len(bad)} that are not good:")
    for name in bad:
        print(f"  {name}: {results[name].verdict} ({results[name].message[:160]})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
