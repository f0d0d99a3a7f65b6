"""The CACAO export against the schemas of OASIS, and foreign playbooks through the check.

  python3 tests/conformance/cacao_test.py build/release/digue
"""
import json
import pathlib
import subprocess
import sys

PROGRAM = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared/specs/cacao"
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, truth, detail=""):
    counts["passed" if truth else "failed"] += 1
    print(f"{'ok  ' if truth else 'FAIL'} {name} {'' if truth else detail}")


def bundle(folder, first):
    """All schema files as one, so that every version of the validator resolves their references alike."""

    def key(path):
        return path.relative_to(folder.resolve()).as_posix().replace("/", "-")

    def rewrite(node, file):
        if isinstance(node, list):
            return [rewrite(each, file) for each in node]
        if not isinstance(node, dict):
            return node
        out = {name: rewrite(value, file) for name, value in node.items() if name not in ("$id", "$schema")}
        if isinstance(node.get("$ref"), str):
            place, _, inside = node["$ref"].partition("#")
            target = (file.parent / place).resolve() if place else file
            out["$ref"] = f"#/definitions/{key(target)}{inside}"
        return out

    files = [file.resolve() for file in folder.rglob("*.json")]
    return {"definitions": {key(file): rewrite(json.loads(file.read_text()), file) for file in files}, "$ref": f"#/definitions/{first}"}


def digue(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)


exported = digue("playbook", "export", "--format", "cacao")
book = json.loads(exported.stdout)
check("the export is the same twice", exported.stdout == digue("playbook", "export").stdout)
actions = [step for step in book["workflow"].values() if step["type"] == "action"]
check("22 actions", len(actions) == 22, str(len(actions)))
check("both languages in every command", all("[fr]" in c["command"] and "[en]" in c["command"] for a in actions for c in a["commands"]))
step, order = book["workflow"][book["workflow_start"]], []
while step["type"] != "end":
    step = book["workflow"][step["on_completion"]]
    if step["type"] == "action":
        order.append(step["name"].split()[0])
check("actions come in the order of priority", len(order) == 22 and order == sorted(order), str(order))
path = pathlib.Path(subprocess.run(["mktemp"], capture_output=True, text=True).stdout.strip())
path.write_text(exported.stdout)
mine = digue("playbook", "check", str(path), "--json")
check("our own check finds nothing in it", mine.returncode == 0 and json.loads(mine.stdout)["problems"] == [], mine.stdout[:500])
shown = digue("playbook", "import", str(path), "--json")
check("the import shows its steps in order", len(json.loads(shown.stdout)["playbook"]["steps"]) == 24)

book["workflow"][book["workflow_start"]]["on_completion"] = "action--00000000-0000-4000-8000-000000000000"
path.write_text(json.dumps(book))
bad = digue("playbook", "check", str(path), "--json")
pointers = [problem["pointer"] for problem in json.loads(bad.stdout)["problems"]]
check("a step that leads nowhere is told by its pointer", bad.returncode == 1 and f"/workflow/{book['workflow_start']}/on_completion" in pointers,
      str(pointers[:5]))
path.unlink()

if not SPECS.exists():
    counts["skipped"] += 1
    print("skipped: the schemas of CACAO 2.0 are not beside this tree")
else:
    try:
        import jsonschema
    except ImportError:
        jsonschema = None
    if jsonschema is None:
        counts["skipped"] += 1
        print("skipped: python3-jsonschema is not installed")
    else:
        validator = jsonschema.Draft7Validator(bundle(SPECS / "schemas", "playbook.json"))
        errors = [f"{'/'.join(map(str, e.path))}: {e.message}"[:300] for e in validator.iter_errors(json.loads(exported.stdout))]
        check("the export validates against the schemas", errors == [], "\n".join(errors[:10]))
        wrong = json.loads(exported.stdout)
        del wrong["workflow_start"]
        check("the validator can say no", any(validator.iter_errors(wrong)))
    for file in sorted((SPECS / "interop-examples").glob("*.json")):
        read = digue("playbook", "import", str(file), "--json")
        answer = json.loads(read.stdout)
        # These examples write times with other decimals than three and leave out playbook_activities: nothing else at the top may be told.
        kinds = {problem["pointer"].split("/")[1] for problem in answer["problems"]}
        check(f"{file.name}: told with pointers, and nothing run", read.returncode in (0, 1) and kinds <= {
            "created", "modified", "playbook_activities", "workflow", "agent_definitions", "authentication_info_definitions"},
              str(answer["problems"])[:400])

print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
sys.exit(1 if counts["failed"] else 0)
