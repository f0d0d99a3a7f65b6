#!/usr/bin/env python3
"""Runs `digue analyze` on every case and checks what came out.

run.py BINARY [--case NAME]... [--once] [--verbose]

--once leaves out the repetitions (shuffled files, duplicated files, one and two threads, another time zone).
A line per fact that does not hold, then "N passed, N failed, N skipped". Exit code 0 when nothing failed.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE / "lib"))

from facts import Check, comparable, exhibit, first_difference
from generate import generate, names

ROOT = HERE.parent.parent
TIMEOUT = 180  # seconds: a hang is a failure too


class Tally:
    def __init__(self, verbose):
        self.passed = self.failed = self.skipped = 0
        self.verbose = verbose

    def said(self, case):
        def say(name, holds, detail=""):
            if holds:
                self.passed += 1
                if self.verbose:
                    print(f"ok    {case}: {name}")
            else:
                self.failed += 1
                print(f"FAIL  {case}: {name}" + (f" -- {detail}" if detail != "" else ""), flush=True)
        return say

    def skip(self, what):
        self.skipped += 1
        print(f"skip  {what}", flush=True)


def schema_validator():
    try:
        import jsonschema
    except ImportError:
        return None
    schema = json.loads((ROOT / "docs" / "schemas" / "analysis.schema.json").read_text(encoding="utf-8"))
    schema.pop("$id")  # a relative one, which Debian's jsonschema resolves against itself
    return jsonschema.Draft202012Validator(schema)


class Digue:
    """The program under test."""

    def __init__(self, binary):
        self.binary = binary

    def call(self, arguments, zone="Europe/Paris"):
        env = dict(os.environ, TZ=zone)
        return subprocess.run([self.binary, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, env=env)

    def analyze(self, paths, options, zone="Europe/Paris"):
        """(exit code, printed text, result or None, event rows or None)"""
        with tempfile.TemporaryDirectory() as folder:
            events = Path(folder) / "events.ndjson"
            try:
                done = self.call(["analyze", "--json", *options, "--events", events, *paths], zone)
            except subprocess.TimeoutExpired:
                return "timeout", "", None, None
            text = done.stdout.decode("utf-8", "replace")
            if done.returncode not in (0, 1, 3):
                return done.returncode, done.stderr.decode("utf-8", "replace")[-400:], None, None
            try:
                result = json.loads(text)
                rows = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()] if events.exists() else []
            except ValueError as problem:
                return done.returncode, f"{problem}: {text[:200]!r}", None, None
            return done.returncode, text, result, rows


def files_of(folder):
    return sorted(p for p in Path(folder).rglob("*") if p.is_file())


def run_once(digue, say, folder, expected, validator):
    code, text, result, rows = digue.analyze([folder], expected.get("options", []))
    wanted = expected.get("exit_code", 0)
    say(f"exit code {wanted}", code == wanted, f"got {code}" + (f": {text}" if result is None else ""))
    if result is None:
        return None
    if validator:
        problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:160]}" for e in validator.iter_errors(result)]
        say("result follows the schema", not problems, problems[:3])
        if problems:
            return None
    check = Check(result, expected, folder, say)
    check.form()
    check.verdicts()
    check.sources()
    check.findings()
    check.inputs()
    check.events(rows)
    return comparable(result, rows)


def run_again(digue, say, folder, expected, first, scratch):
    """The same evidence in other orders, twice, with other threads and another clock: the same result."""
    options, files = expected.get("options", []), files_of(folder)
    copies = Path(scratch) / "copies"
    shutil.copytree(folder, copies / "a")
    shutil.copytree(folder, copies / "b")
    again = {
        "duplicated files": ([copies], options, "Europe/Paris"),
        "one thread": ([folder], [*options, "--threads", "1"], "Europe/Paris"),
        "two threads": ([folder], [*options, "--threads", "2"], "Europe/Paris"),
        "TZ=Asia/Tokyo": ([folder], options, "Asia/Tokyo"),
    }
    if len(files) > 1:
        again["files in reverse order"] = (files[::-1], options, "Europe/Paris")
        again["files rotated"] = (files[len(files) // 2:] + files[:len(files) // 2], options, "Europe/Paris")
    for name, (paths, arguments, zone) in again.items():
        code, text, result, rows = digue.analyze(paths, arguments, zone)
        if result is None:
            say(f"{name}: a result", False, f"exit code {code}: {text}")
        else:
            other = comparable(result, rows)
            say(f"{name}: same result", other == first, first_difference(first, other) if other != first else "")
    shutil.rmtree(copies)


def run_case(digue, tally, name, folder, expected, validator, scratch, once):
    evidence = folder / "evidence"
    variants = expected.get("variants")
    if not variants:
        say = tally.said(name)
        first = run_once(digue, say, evidence, expected, validator)
        if first is not None and not once:
            run_again(digue, say, evidence, expected, first, scratch)
        return
    results = {}
    for variant in variants.get("same", []) + variants.get("each", []):
        facts = dict(expected)
        facts["inputs"] = {p.split("/", 1)[1]: v for p, v in expected.get("inputs", {}).items() if p.startswith(variant + "/")}
        facts["totals"] = expected.get("totals", {}).get(variant, {})
        results[variant] = run_once(digue, tally.said(f"{name}/{variant}"), evidence / variant, facts, validator)
    same = variants.get("same", [])
    for variant in same[1:]:
        a, b = results[same[0]], results[variant]
        if a is not None and b is not None:
            tally.said(name)(f"{variant} gives what {same[0]} gives", a == b, first_difference(a, b) if a != b else "")


def exit_codes(digue, tally, cases):
    """The contract of exit codes: 1 findings at --fail-on, 2 usage, 3 a named input without a record or rejections under --strict."""
    say = tally.said("exit codes")
    attack, quiet, damaged = cases / "inbox_rule_hide" / "evidence", cases / "benign_rule" / "evidence", cases / "damaged_files" / "evidence"
    whole = [p for p in files_of(attack)]
    for wanted, name, arguments in [
        (0, "findings without --fail-on", ["analyze", "--json", attack]),
        (1, "findings at --fail-on high", ["analyze", "--json", "--fail-on", "high", attack]),
        (0, "nothing at --fail-on high", ["analyze", "--json", "--fail-on", "high", *["--own-domain", "ch-exemple.fr"], quiet]),
        (2, "unknown option", ["analyze", "--no-such-option", attack]),
        (2, "no path", ["analyze", "--json"]),
        (3, "an empty file named among others", ["analyze", "--json", *whole, damaged / "empty.json"]),
        (3, "rejected records under --strict", ["analyze", "--json", "--strict", damaged / "cut.ndjson"]),
        (0, "rejected records are only told without --strict", ["analyze", "--json", damaged / "cut.ndjson"]),
        (3, "--strict comes before --fail-on", ["analyze", "--json", "--strict", "--fail-on", "low", attack, damaged / "cut.ndjson"]),
        (0, "nothing rejected under --strict", ["analyze", "--json", "--strict", quiet]),
    ]:
        try:
            done = digue.call(arguments)
            say(name, done.returncode == wanted, f"got {done.returncode}, expected {wanted}: {done.stderr.decode('utf-8', 'replace')[-200:]}")
        except subprocess.TimeoutExpired:
            say(name, False, "timeout")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--case", action="append")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    tally = Tally(options.verbose)
    digue = Digue(str(Path(options.binary).resolve()))
    validator = schema_validator()
    if validator is None:
        tally.skip("schema of the results (python3-jsonschema is not installed)")
    wanted = options.case or names() + ["demo"]
    with tempfile.TemporaryDirectory() as scratch:
        cases = Path(scratch) / "cases"
        for name in wanted:
            if name == "demo":
                folder, facts = ROOT / "demo", ROOT / "demo" / "truth.json"
            else:
                folder = generate(name, cases)
                facts = folder / "expected.json"
            expected = json.loads(facts.read_text(encoding="utf-8"))
            run_case(digue, tally, name, folder, expected, validator, scratch, options.once)
            exhibit.cache_clear()
        if not options.case:
            exit_codes(digue, tally, cases)
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
