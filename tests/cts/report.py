# SPDX-License-Identifier: MIT
"""What is expected of each case, and what came out: the table, the JSON."""

import fnmatch
import json

from suite import GOOD

# Columns of the table: verdicts put together.
COLUMNS = (
    ("pass", ("Pass",)),
    ("warn", ("QualityWarning", "CompatibilityWarning", "Waiver")),
    ("unsup", ("NotSupported",)),
    ("fail", ("Fail", "ResourceError", "InternalError", "Pending")),
    ("crash", ("Crash",)),
    ("hang", ("Timeout",)),
    ("missing", ("Missing",)),
)


class Expected:
    """The committed list: PATTERN <tab> VERDICT [<tab> why]. Patterns are names, with * if need be,
    or @TEXT: every failure whose message holds the text. A case that no line names is to pass or be
    unsupported. The verdict `Any` is for what changes from run to run. Of several patterns that
    match a name, the last counts."""

    def __init__(self):
        self.exact = {}
        self.patterns = []
        self.messages = []

    @classmethod
    def read(cls, path):
        self = cls()
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                line = line.rstrip("\n")
                if not line or line.startswith("#"):
                    continue
                fields = line.split("\t")
                if len(fields) < 2:
                    raise ValueError(f"{path}:{number}: wants PATTERN <tab> VERDICT")
                if fields[0].startswith("@"):
                    self.messages.append((fields[0][1:], fields[1]))
                elif "*" in fields[0]:
                    self.patterns.append((fields[0], fields[1]))
                else:
                    self.exact[fields[0]] = fields[1]
        return self

    def of(self, name):
        if name in self.exact:
            return self.exact[name]
        for pattern, verdict in reversed(self.patterns):
            if fnmatch.fnmatchcase(name, pattern):
                return verdict
        return None

    def agrees(self, name, result):
        verdict, wanted = result.verdict, self.of(name)
        if any(text in result.message and verdict == known for text, known in self.messages):
            return True
        if wanted is None:
            return verdict in GOOD or verdict == "Missing"
        return verdict == wanted or wanted == "Any"


def surprises(results, expected):
    """(worse, better): names whose verdict isn't the expected one, each with the expected verdict;
    better are those that the list says fail and that don't."""
    worse, better = [], []
    for name, result in sorted(results.items()):
        if not expected.agrees(name, result):
            target = better if result.verdict in GOOD else worse
            target.append((name, expected.of(name) or "Pass"))
    return worse, better


def counts(names, results):
    row = []
    for _, verdicts in COLUMNS:
        row.append(sum(1 for name in names if name in results and results[name].verdict in verdicts))
    return row


def table(groups, results):
    """The table of groups as text, with a last line of sums and only the columns in use."""
    rows = [(label, len(names), *counts(names, results)) for label, names in groups.items()]
    rows.append(("all", *[sum(row[i] for row in rows) for i in range(1, len(COLUMNS) + 2)]))
    used = [i for i in range(len(COLUMNS) + 2) if i < 3 or any(row[i] for row in rows)]
    heads = ["group", "cases"] + [title for title, _ in COLUMNS]
    lines = []
    for row in [heads] + rows:
        cells = [f"{row[0]:<26}"] + [f"{row[i]:>9}" for i in used if i]
        lines.append("".join(cells).rstrip())
    return "\n".join(lines)


def write_json(path, about, groups, results):
    """about is a dictionary of what was run; verdicts other than Pass keep their message."""
    document = dict(about)
    document["groups"] = {
        label: {
            "cases": len(names),
            **{title: n for (title, _), n in zip(COLUMNS, counts(names, results))},
        }
        for label, names in groups.items()
    }
    document["results"] = {
        name: {
            "verdict": result.verdict,
            "seconds": round(result.seconds, 3),
            **({"message": result.message} if result.verdict != "Pass" else {}),
        }
        for name, result in sorted(results.items())
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
