# SPDX-License-Identifier: MIT
"""Runs cases in processes of the suite and outlives their crashes and hangs."""

import os
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time

# The suite's own verdicts, and those that this runner adds: Crash (the process died in the case),
# Timeout (no end within the limit), Missing (the suite doesn't know the name).
GOOD = ("Pass", "NotSupported", "QualityWarning", "CompatibilityWarning", "Waiver")

CASE = re.compile(r"Test case '([^']+)'\.\.")
VERDICT = re.compile(
    r"  (Pass|Fail|NotSupported|QualityWarning|CompatibilityWarning|Waiver|ResourceError"
    r"|InternalError|Crash|Timeout|Pending) \((.*)\)$"
)

# Fresh processes keep one case's leaks from failing another, and shards equally long.
BATCH = 400


class Result:
    def __init__(self, verdict, message="", seconds=0.0):
        self.verdict = verdict
        self.message = message
        self.seconds = seconds


class StartError(Exception):
    """The suite ended before its first case: no case can tell why, its output may."""


class Suite:
    """One installed deqp-vk and how to call it. Several threads may run batches at a time."""

    def __init__(self, deqp, environment, timeout_s=60, options=()):
        self.deqp = os.path.abspath(deqp)
        self.environment = environment
        self.timeout_s = timeout_s
        # Pipes are block-buffered otherwise, and the name of the case that crashed would be lost.
        unbuffer = ["stdbuf", "-oL"] if shutil.which("stdbuf") else []
        self.command = unbuffer + [
            self.deqp,
            "--deqp-compute-only=enable",
            "--deqp-shadercache=disable",
            "--deqp-log-images=disable",
            "--deqp-log-shader-sources=disable",
            "--deqp-log-filename=/dev/null",
            *options,
        ]

    def run(self, names, report, stopped):
        """Runs the cases, in this order, in as many processes as it takes; calls
        report(name, Result) once for each. The event `stopped` ends it after the case at hand."""
        left = list(names)
        while left and not stopped.is_set():
            done = self._run_process(left, report, stopped)
            if stopped.is_set():
                return
            if not done:
                for name in left:
                    report(name, Result("Missing"))
                return
            left = [name for name in left if name not in done]

    def _run_process(self, names, report, stopped):
        """One process; returns the names that it settled. Empty: it knew none of them."""
        done = set()
        with tempfile.TemporaryDirectory(prefix="weft-cts-") as folder:
            listing = os.path.join(folder, "cases")
            with open(listing, "w", encoding="utf-8") as file:
                file.write("\n".join(names) + "\n")
            process = subprocess.Popen(
                self.command + [f"--deqp-caselist-file={listing}"],
                cwd=os.path.dirname(self.deqp),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                current, began, last = self._follow(process, done, report, stopped)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                status = process.wait()
                process.stdout.close()
        if current:
            seconds = time.monotonic() - began
            if seconds >= self.timeout_s:
                result = Result("Timeout", f"no end within {self.timeout_s} s", seconds)
            else:
                result = Result("Crash", f"{ending(status)}: {' | '.join(last[-3:])}", seconds)
            report(current, result)
            done.add(current)
        elif not done and status != 0:
            raise StartError(f"{self.deqp}: {ending(status)}\n" + "\n".join(last))
        return done

    def _follow(self, process, done, report, stopped):
        """Reads the process's output until it ends or the case's time is up. Returns the case
        that is still open (or None), when it began, and the last lines seen."""
        current, began, last = None, time.monotonic(), []
        pending = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                # The start of the process, before its first case, may take the same time.
                remaining = began + self.timeout_s - time.monotonic()
                if remaining <= 0 or not selector.select(remaining):
                    return current, began, last
                data = os.read(process.stdout.fileno(), 65536)
                if not data:
                    return current, began, last
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    text = line.decode(errors="replace").rstrip()
                    case = CASE.match(text)
                    verdict = VERDICT.match(text)
                    if case:
                        current, began, last = case.group(1), time.monotonic(), []
                    elif verdict and current:
                        seconds = time.monotonic() - began
                        message = verdict.group(2)
                        if verdict.group(1) not in GOOD and last:  # the driver's own words
                            message += " | " + last[-1]
                        report(current, Result(verdict.group(1), message, seconds))
                        done.add(current)
                        current, began = None, time.monotonic()
                        if stopped.is_set():
                            return None, began, last
                    elif text:
                        last = (last + [text])[-8:]


def ending(status):
    """A process's exit status in words."""
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"signal {-status}"
    return f"exit status {status}"


def run_all(suite, groups, jobs, progress=None):
    """Runs every group's cases over `jobs` processes at a time. Returns {name: Result}. Raises
    StartError where the suite doesn't start; progress(done, total, name, Result) sees each case."""
    queue = [cases[i : i + BATCH] for cases in groups.values() for i in range(0, len(cases), BATCH)]
    if len(queue) < 2 * jobs:  # few cases: shares smaller than a batch keep all cores busy
        flat = [name for cases in groups.values() for name in cases]
        size = max(1, -(-len(flat) // (2 * jobs)))
        queue = [flat[i : i + size] for i in range(0, len(flat), size)]
    total = sum(map(len, queue))
    results, problems = {}, []
    lock = threading.Lock()
    stopped = threading.Event()

    def report(name, result):
        with lock:
            results[name] = result
            if progress:
                progress(len(results), total, name, result)

    def work():
        while not problems and not stopped.is_set():
            with lock:
                if not queue:
                    return
                batch = queue.pop(0)
            try:
                suite.run(batch, report, stopped)
            except (StartError, OSError) as problem:
                problems.append(problem)

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:  # what is there already is worth a table
        stopped.set()
        for thread in threads:
            thread.join()
    if problems:
        raise problems[0]
    return results
