#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs Khronos's conformance suite on Weft in its compute-only mode: see --help."""

import argparse
import os
import signal
import sys
import time

import cases
import report
import suite

HERE = os.path.dirname(os.path.abspath(__file__))


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="./dev cts",
        description="Runs the suite's compute cases on Weft and compares them with expected.tsv. "
        "The suite itself (deqp-vk, of a revision with --deqp-compute-only) must be on the machine.",
    )
    parser.add_argument("--deqp", required=True, metavar="PATH", help="the deqp-vk program")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one case in N (all)")
    parser.add_argument(
        "--offset", type=int, default=0, metavar="K",
        help="another sample, 0 to N-1: no two share a case; K, K+M, K+2M, ... of N are K of M",
    )
    parser.add_argument(
        "--groups", nargs="+", default=[], metavar="LABEL",
        help="labels of compute.rules; * works, !LABEL leaves out",
    )
    parser.add_argument("--only", metavar="REGEX", help="cases whose name holds this")
    parser.add_argument(
        "--cases", metavar="PATH", help="a list of names, or a folder of such (default: ask deqp-vk)"
    )
    parser.add_argument("--icd", metavar="MANIFEST", help="the driver (default: VK_DRIVER_FILES)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    parser.add_argument("--timeout", type=float, default=60, metavar="S", help="of a case (60)")
    parser.add_argument("--option", action="append", default=[], help="one more for deqp-vk")
    parser.add_argument("--json", metavar="FILE", help="write all results there")
    parser.add_argument("--list", action="store_true", help="print the cases and run none")
    parser.add_argument("--verbose", action="store_true", help="print every case that isn't good")
    parser.add_argument("--rules", default=os.path.join(HERE, "compute.rules"), metavar="FILE")
    parser.add_argument("--expected", default=os.path.join(HERE, "expected.tsv"), metavar="FILE")
    parser.add_argument(
        "--record", metavar="FILE", help="write the failures as a list of expected results"
    )
    options = parser.parse_args(arguments)
    if options.sample < 1 or options.jobs < 1 or options.timeout <= 0:
        parser.error("--sample, --jobs and --timeout want positive numbers")
    if not 0 <= options.offset < options.sample:
        parser.error("--offset wants a number from 0 to below --sample")
    return options


def environment(icd):
    """The environment of the suite: with `icd` the only driver, and no implicit layers."""
    result = dict(os.environ)
    if icd:
        result["VK_DRIVER_FILES"] = result["VK_ICD_FILENAMES"] = os.path.abspath(icd)
    result["VK_LOADER_LAYERS_DISABLE"] = "~implicit~"
    return result


def progress(verbose):
    last = [time.monotonic()]
    tty = sys.stderr.isatty()

    def show(done, total, name, result):
        if verbose and result.verdict not in suite.GOOD:
            print(f"{result.verdict}: {name}: {result.message}", flush=True)
        if time.monotonic() - last[0] > (0.5 if tty else 60):
            last[0] = time.monotonic()
            sys.stderr.write(f"\r{done}/{total}\x1b[K" if tty else f"{done}/{total}\n")
            sys.stderr.flush()

    return show


def show_surprises(title, names, results):
    print(f"\n{len(names)} {title}")
    for name, wanted in names[:50]:
        result = results[name]
        print(f"  {name}: {result.verdict} ({result.message[:120]}), expected {wanted}")
    if len(names) > 50:
        print(f"  and {len(names) - 50} more (--json has them all)")


def main():
    options = parse(sys.argv[1:])
    if not os.access(options.deqp, os.X_OK):
        sys.exit(f"./dev cts: {options.deqp} is no program")
    deqp = os.path.abspath(options.deqp)
    env = environment(options.icd)
    try:
        rules = cases.read_rules(options.rules)
        expected = report.Expected.read(options.expected)
        if options.cases:
            names = cases.read_names(options.cases)
        else:
            names = cases.list_names(deqp, env)
        groups = cases.select(
            names, rules, options.groups, options.sample, options.offset, options.only
        )
    except (OSError, ValueError) as problem:
        sys.exit(f"./dev cts: {problem}")
    if not groups:
        sys.exit("./dev cts: no case is selected; labels: " + " ".join(r.label for r in rules))
    if options.list:
        for label, members in groups.items():
            for name in members:
                print(f"{label}\t{name}")
        return 0

    # A limit on the whole run (timeout and the like) ends it as Ctrl-C does: with a table.
    # timeout signals its child twice, and the second must not end the table.
    def stop(number, frame):
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    began = time.monotonic()
    runner = suite.Suite(deqp, env, options.timeout, options.option)
    try:
        results = suite.run_all(runner, groups, options.jobs, progress(options.verbose))
    except (suite.StartError, OSError) as problem:
        sys.exit(f"./dev cts: the suite does not start: {problem}")
    seconds = time.monotonic() - began

    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    print(report.table(groups, results))
    worse, better = report.surprises(results, expected)
    if better:
        show_surprises("better than expected.tsv says", better, results)
    if worse:
        show_surprises("not as expected", worse, results)
    if options.json:
        about = {
            "deqp": deqp,
            "driver": env.get("VK_DRIVER_FILES", ""),
            "sample": options.sample,
            "offset": options.offset,
            "seconds": round(seconds, 1),
            "unexpected": [name for name, _ in worse],
        }
        report.write_json(options.json, about, groups, results)
    if options.record:
        with open(options.record, "w", encoding="utf-8") as file:
            for name, result in sorted(results.items()):
                if result.verdict not in suite.GOOD:
                    file.write(f"{name}\t{result.verdict}\n")
    print(f"\n{len(results)} cases in {seconds:.0f} s, {len(worse)} not as expected")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
