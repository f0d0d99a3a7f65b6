#!/usr/bin/env python3
"""Each public sample of a simulated attack, under a name that tells nothing, gives a finding of the technique its own name tells.

det_eng.py BINARY [FOLDER]   (FOLDER: by default ../shared/samples/det-eng-samples beside the project; skipped when absent)
"""
import json
import random
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
sys.path.insert(0, str(HERE))

from facts import exhibit, related
from run import Digue, ROOT, Tally

SHOWN = {  # what must stand in the bytes of the records that prove the technique
    "T1098": ["Add member to role.", "Company Administrator"], "T1098.001": ["Add member to role.", "Company Administrator"],
    "T1098.002": ["Add-MailboxPermission", "FullAccess"], "T1110.003": ["UserLoginFailed"], "T1114.002": ["Set-CASMailbox"],
    "T1114": ["Set-Mailbox", "ForwardingSmtpAddress"], "T1531": ["Remove member from role."], "T1550.001": ["Add application."],
    "T1556": ["StrongAuthenticationRequirement"], "T1556.006": ["StrongAuthenticationRequirement"],
    "T1562": ["UnifiedAuditLogIngestionEnabled"], "T1562.008": ["UnifiedAuditLogIngestionEnabled"], "T1564.008": ["New-InboxRule"],
}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT.parent / "shared" / "samples" / "det-eng-samples"
    tally, digue, names = Tally(False), Digue(str(Path(sys.argv[1]).resolve())), random.Random(20260322)
    samples = sorted(p for p in folder.glob("t1*") if p.is_file()) if folder.is_dir() else []
    if not samples:
        tally.skip(f"public samples of simulated attacks: {folder} is not there")
    for sample in samples:
        technique = re.match(r"t\d{4}(\.\d{3})?", sample.name).group(0).upper()
        say = tally.said(sample.name)
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch) / f"{names.getrandbits(48):012x}"
            shutil.copy(sample, copy)
            code, text, result, _ = digue.analyze([copy], [])
            if result is None:
                say("a result", False, f"exit code {code}: {text}")
                continue
            fitting = [f for f in result["findings"] if any(related(t, technique) for t in f["techniques"])]
            say(f"finding of {technique}", fitting, f"got {[(f['rule'], f['techniques']) for f in result['findings']]}, inputs {json.dumps(result['inputs'])[:300]}")
            if not fitting:
                continue
            data = exhibit(result["inputs"][0]["path"])
            texts = [data[r["offset"]:r["offset"] + r["length"]] for f in fitting for r in f["records"]]
            for shown in SHOWN[technique]:
                say(f"records of {technique} show {shown}", any(shown.encode() in t for t in texts), f"records: {[t[:80] for t in texts[:3]]}")
            exhibit.cache_clear()
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
