#!/usr/bin/env python3
"""docs/security.md against OWASP ASVS 5.0: each requirement of V6, V7 and V8 at levels 1 and 2 has one row, and each test that a row
names exists. The requirements are read from ../shared/specs beside the checkout.

usage: tests/conformance/asvs_test.py [PROGRAM]      the program is not needed
"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared/specs/asvs-5.0.0/asvs-5.0.0.flat.json"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+) \| (unit|integration|web|reason): (.+) \|$")
NAMED = {  # where tests of a kind are declared, and how
    "unit": ("src", "*_test.cpp", re.compile(r'TEST_CASE\("((?:[^"\\]|\\.)+)"\)')),
    "integration": ("tests/integration", "*_test.mjs", re.compile(r"test\('((?:[^'\\]|\\.)+)'")),
    "web": ("tests/web", "*_test.mjs", re.compile(r"check\('((?:[^'\\]|\\.)+)'")),
}


def declared(kind):
    folder, pattern, call = NAMED[kind]
    return {name for path in (ROOT / folder).rglob(pattern) for name in call.findall(path.read_text())}


def main():
    faults, rows = [], {}
    tests = {kind: declared(kind) for kind in NAMED}
    for number, line in enumerate((ROOT / "docs/security.md").read_text().splitlines(), 1):
        if not re.match(r"^\| \d+\.\d+\.\d+ ", line):
            continue
        match = ROW.match(line)
        if not match:
            faults.append(f"docs/security.md:{number}: no row of this form: | 6.1.1 | how | unit: name |")
            continue
        if match[1] in rows:
            faults.append(f"docs/security.md:{number}: {match[1]} has a row already")
        rows[match[1]] = number
        if match[3] != "reason" and match[4] not in tests[match[3]]:
            faults.append(f"docs/security.md:{number}: no {match[3]} test is called \"{match[4]}\"")
    passed = 0
    if SPEC.exists():
        wanted = {one["req_id"].removeprefix("V") for one in json.loads(SPEC.read_text())["requirements"]
                  if one["chapter_id"] in ("V6", "V7", "V8") and int(one["L"]) <= 2}
        faults += [f"docs/security.md: no row for {one}" for one in sorted(wanted - rows.keys())]
        faults += [f"docs/security.md:{rows[one]}: {one} is no requirement of level 1 or 2" for one in sorted(rows.keys() - wanted)]
        passed += len(wanted & rows.keys())
    else:
        print(f"skipped: the list of requirements is not at {SPEC.relative_to(ROOT.parent)}")
    for fault in faults:
        print(fault)
    if not rows:
        faults.append("no row")
    print(f"{max(passed, 0 if faults else 1)} passed, {len(faults)} failed, {0 if SPEC.exists() else 1} skipped")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
