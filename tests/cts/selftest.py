#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the runner itself against a stand-in for the suite that passes, fails, crashes and hangs."""

import os
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases  # noqa: E402
import report  # noqa: E402
import suite  # noqa: E402
import total  # noqa: E402

STAND_IN = r"""#!/usr/bin/env python3
import os, sys, time
listing = [a.split("=", 1)[1] for a in sys.argv if a.startswith("--deqp-caselist-file=")][0]
for name in open(listing).read().split():
    if name.endswith("unknown"):
        continue
    print("\nTest case '%s'..\n" % name, flush=True)
    if name.endswith("crash"):
        os.abort()
    if name.endswith("hang"):
        time.sleep(60)
    verdict = "Fail (it broke)" if name.endswith("fail") else "Pass (fine)"
    print("  " + verdict, flush=True)
"""


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.deqp = os.path.join(self.folder.name, "deqp-vk")
        with open(self.deqp, "w", encoding="utf-8") as file:
            file.write(STAND_IN)
        os.chmod(self.deqp, stat.S_IRWXU)

    def tearDown(self):
        self.folder.cleanup()

    def run_cases(self, names, jobs=1):
        runner = suite.Suite(self.deqp, dict(os.environ), timeout_s=2)
        return suite.run_all(runner, {"group": names}, jobs)

    def test_survives_crashes_and_hangs(self):
        kinds = ("a.pass", "a.crash", "b.pass", "a.hang", "a.fail", "c.pass", "a.unknown")
        names = ["dEQP-VK." + name for name in kinds]
        for jobs in (1, 3):
            results = self.run_cases(names, jobs)
            verdicts = [results[name].verdict for name in names]
            wanted = ["Pass", "Crash", "Pass", "Timeout", "Fail", "Pass", "Missing"]
            self.assertEqual(verdicts, wanted)

    def test_says_why_the_suite_does_not_start(self):
        with open(self.deqp, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho no Vulkan here\nexit 3\n")
        with self.assertRaisesRegex(suite.StartError, "(?s)exit status 3.*no Vulkan here"):
            self.run_cases(["dEQP-VK.a.pass"])

    def test_first_rule_owns_a_case(self):
        path = os.path.join(self.folder.name, "rules")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# a comment\none\ta\\.b\\..*\t_vert\nrest\ta\\..*\n")
        rules = cases.read_rules(path)
        names = ["dEQP-VK.a.b.c", "dEQP-VK.a.b.c_vert", "dEQP-VK.a.d", "dEQP-VK.z.a"]
        found = cases.select(names, rules)
        self.assertEqual(found, {"one": names[:1], "rest": names[1:3]})
        self.assertEqual(cases.select(names, rules, groups=["rest"]), {"rest": names[1:3]})
        self.assertEqual(cases.select(names, rules, only="c$"), {"one": names[:1]})
        half = cases.select(["dEQP-VK.a.%d" % i for i in range(1000)], rules, sample=2)["rest"]
        self.assertTrue(400 < len(half) < 600)

    def test_slices_add_up(self):
        rules = cases.read_rules(os.path.join(os.path.dirname(__file__), "compute.rules"))
        names = ["dEQP-VK.ssbo.%d" % i for i in range(500)]
        slices = [cases.select(names, rules, sample=8, offset=k).get("ssbo", []) for k in range(8)]
        self.assertEqual(sorted(sum(slices, [])), sorted(names))
        coarse = cases.select(names, rules, sample=4, offset=1)["ssbo"]
        self.assertEqual(sorted(slices[1] + slices[5]), sorted(coarse))

    def test_groups_can_be_left_out(self):
        rules = cases.read_rules(os.path.join(os.path.dirname(__file__), "compute.rules"))
        names = ["dEQP-VK.ssbo.a", "dEQP-VK.image.a", "dEQP-VK.image.host_image_copy.a"]
        found = cases.select(names, rules, groups=["!image*"])
        self.assertEqual(found, {"ssbo": names[:1]})
        found = cases.select(names, rules, groups=["image*", "!image"])
        self.assertEqual(found, {"image.host_image_copy": names[2:]})

    def test_bad_rules_name_their_line(self):
        path = os.path.join(self.folder.name, "rules")
        with open(path, "w", encoding="utf-8") as file:
            file.write("one\ta\\..*\ntwo\t((\n")
        with self.assertRaisesRegex(ValueError, ":2: "):
            cases.read_rules(path)

    def test_committed_files_read(self):
        here = os.path.dirname(os.path.abspath(__file__))
        self.assertGreater(len(cases.read_rules(os.path.join(here, "compute.rules"))), 30)
        report.Expected.read(os.path.join(here, "expected.tsv"))

    def test_expected(self):
        path = os.path.join(self.folder.name, "expected")
        with open(path, "w", encoding="utf-8") as file:
            file.write("dEQP-VK.a.*\tFail\nflaky.*\tAny\ndEQP-VK.a.crash\tCrash\n@no images\tFail\n")
        expected = report.Expected.read(path)
        verdicts = {"dEQP-VK.a.x": "Pass", "dEQP-VK.a.y": "Fail", "dEQP-VK.b": "Fail", "flaky.z": "Fail"}
        results = {name: suite.Result(verdict) for name, verdict in verdicts.items()}
        results["dEQP-VK.c"] = suite.Result("Fail", "error: no images here")
        worse, better = report.surprises(results, expected)
        self.assertEqual(worse, [("dEQP-VK.b", "Pass")])
        self.assertEqual(better, [("dEQP-VK.a.x", "Fail")])
        text = report.table({"g": list(verdicts)}, results)
        self.assertRegex(text, r"g +4 +1 +3")

    def test_slices_are_added_up(self):
        paths = []
        for k, (name, verdict) in enumerate((("ssbo.a", "Pass"), ("ssbo.b", "NotSupported"), ("ssbo.a", "Fail"))):
            paths.append(os.path.join(self.folder.name, f"{k}.json"))
            result = suite.Result(verdict, "no VK_FORMAT_R8_UNORM here at vktFile.cpp:12", 1.0)
            report.write_json(paths[k], {}, {"ssbo": [name]}, {"dEQP-VK." + name: result})
        results = total.read_results(paths)
        self.assertEqual(sorted(results), ["dEQP-VK.ssbo.a", "dEQP-VK.ssbo.b"])
        self.assertEqual(results["dEQP-VK.ssbo.a"].verdict, "Fail")  # the last file's
        groups = {"ssbo": sorted(results)}
        self.assertEqual(total.reasons(groups, results), [(1, "ssbo", "no FORMAT here")])
        text = total.compare(groups, results, [(["ssbo"], 4, 1)])
        self.assertRegex(text, r"ssbo +2 +0 +0 +25  below")
        here = os.path.dirname(os.path.abspath(__file__))
        labels = [rule.label for rule in cases.read_rules(os.path.join(here, "compute.rules"))]
        known = [label for row in total.read_peer(os.path.join(here, "lavapipe.tsv")) for label in row[0]]
        self.assertEqual(sorted(known + ["info"]), sorted(labels))


if __name__ == "__main__":
    unittest.main()
