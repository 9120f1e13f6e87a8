# SPDX-License-Identifier: MIT
"""Which cases to run: names from the suite's lists, groups from the rules file."""

import fnmatch
import os
import re
import subprocess
import tempfile
import zlib

PREFIX = "dEQP-VK."


class Rule:
    """A group: the cases whose whole name matches `include` and no part `exclude`."""

    def __init__(self, label, include, exclude):
        self.label = label
        self.include = re.compile(include)
        self.exclude = re.compile(exclude) if exclude else None
        # The first component of every name that can match, so that most rules need no look at a name.
        self.root = re.match(r"\w+", include).group(0)

    def takes(self, name):
        return bool(self.include.fullmatch(name)) and not (self.exclude and self.exclude.search(name))


def read_rules(path):
    """The rules of the file, in its order. Raises ValueError with path and line."""
    rules = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            fields = line.split("\t")
            if len(fields) not in (2, 3):
                raise ValueError(f"{path}:{number}: wants LABEL <tab> INCLUDE [<tab> EXCLUDE]")
            try:
                rules.append(Rule(fields[0], fields[1], fields[2] if len(fields) > 2 else ""))
            except (re.error, AttributeError) as problem:
                raise ValueError(f"{path}:{number}: {problem}") from problem
    return rules


def read_names(path):
    """All case names in a list file, or in every .txt file below a folder."""
    files = [path]
    if os.path.isdir(path):
        files = sorted(
            os.path.join(folder, name)
            for folder, _, names in os.walk(path)
            for name in names
            if name.endswith(".txt")
        )
    for file in files:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(PREFIX):
                    yield line.strip()


def list_names(deqp, environment):
    """Asks the suite itself for its list, which takes a minute, and keeps the answer in a cache."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    cache = os.path.join(root, "weft", "cts-cases-%08x" % zlib.crc32(deqp.encode()))
    if os.path.exists(cache) and os.path.getmtime(cache) > os.path.getmtime(deqp):
        return list(read_names(cache))
    names = []
    with tempfile.TemporaryDirectory() as folder:
        pattern = os.path.join(folder, "${packageName}.txt")
        subprocess.run(
            [deqp, "--deqp-runmode=txt-caselist", f"--deqp-caselist-export-file={pattern}"],
            cwd=os.path.dirname(deqp),
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with open(os.path.join(folder, "dEQP-VK.txt"), encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("TEST: " + PREFIX):
                    names.append(line[len("TEST: ") :].strip())
    os.makedirs(os.path.dirname(cache), exist_ok=True)
    with open(cache, "w", encoding="utf-8") as file:
        file.write("\n".join(names) + "\n")
    return names


def select(names, rules, groups=(), sample=1, offset=0, only=None):
    """An ordered dictionary, label to names. `groups` are label patterns (none: all; one that begins
    with ! takes away), `sample` N keeps one case in N, chosen by the name alone so that two runs of
    two suites agree; the N values of `offset` choose samples that share no case and together are
    all. `only` is a regular expression that a name must hold."""
    keep = [pattern for pattern in groups if not pattern.startswith("!")] or ["*"]
    drop = [pattern[1:] for pattern in groups if pattern.startswith("!")]
    wanted = [
        rule
        for rule in rules
        if any(fnmatch.fnmatch(rule.label, pattern) for pattern in keep)
        and not any(fnmatch.fnmatch(rule.label, pattern) for pattern in drop)
    ]
    by_root = {}
    for rule in rules:  # all of them: the first that takes a case owns it, wanted or not
        by_root.setdefault(rule.root, []).append(rule)
    found = {rule.label: [] for rule in wanted}
    look = re.compile(only) if only else None
    for name in names:
        if zlib.crc32(name.encode()) % sample != offset:
            continue
        if look and not look.search(name):
            continue
        rest = name[len(PREFIX) :]
        for rule in by_root.get(rest.split(".", 1)[0], ()):
            if rule.takes(rest):
                if rule.label in found:
                    found[rule.label].append(name)
                break
    return {label: cases for label, cases in found.items() if cases}
