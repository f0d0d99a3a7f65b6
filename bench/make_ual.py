#!/usr/bin/env python3
"""Writes a unified audit log of a given size: make_ual.py OUT --megabytes N [--purview-csv] [--seed S]

Records have the shapes of a real tenant (about 1.7 kB each): mail opened, mail sent, sign-ins, files, and the platform's own noise.
1,000 people, 90 days, no attack. The same bytes for the same arguments.
"""
import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "cases" / "lib"))

from clock import purview, utc
from hospital import Maker, Network, make_person
from life import FILES, SUBJECTS
from microsoft import Microsoft, compact, when_of

PEOPLE, DAYS, CHUNK = 1000, 90, 500
MIX = [("open", 46), ("sign_in", 15), ("failed", 1), ("file", 16), ("send", 9), ("sync", 3), ("delete", 3), ("noise", 7)]  # percent
# Holes: text that each record replaces. None of them occurs in a record otherwise.
TIME, ID, OTHER, MESSAGE, IP = "2031-01-01T01:01:01", "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b", "@@M@@", "192.0.2.254"


def templates(make):
    """A record of each kind for each person, with holes (below) for what changes."""
    def cut(record):
        text = compact(record).replace(record["Id"], ID)
        for session in {record.get("SessionId"), record.get("AppAccessContext", {}).get("AADSessionId")} - {None, ""}:
            text = text.replace(session, OTHER)
        return text

    made = {kind: [] for kind, _ in MIX}
    network = Network(IP, "FR", "Exempleville", 46.6, 2.5, 64496)
    when = utc(2031, 1, 1, 1, 1, 1)
    for number in range(PEOPLE):
        person = make_person(make, f"agent{number:04d}", number)
        ms, session = Microsoft(make), make.guid()
        client = f"Client=OWA;{person.workstation.agent}"
        count = 1 + int(make.random.expovariate(0.2))
        made["open"].append(cut(ms.mail_access(when, person, network, client, session,
                                               messages=[f"<{MESSAGE}{k:02d}@PR2P264MB1234.FRAP264.PROD.OUTLOOK.COM>" for k in range(min(count, 30))])))
        made["sync"].append(cut(ms.mail_access(when, person, network, "Client=MSExchangeRPC", session, sync=True)))
        made["send"].append(cut(ms.send(when, person, network, client, session, make.pick(SUBJECTS), f"<{MESSAGE}@PR2P264MB1234.FRAP264.PROD.OUTLOOK.COM>")))
        made["sign_in"].append(cut(ms.login(when, person, network, person.workstation, session)))
        made["failed"].append(cut(ms.login(when, person, network, person.workstation, error=50126)))
        made["file"].append(cut(ms.file(when, person, network, person.workstation, make.pick(["FileAccessed", "FileAccessed", "FileModified"]), make.pick(FILES), session)))
        made["delete"].append(cut(ms.remove_items(when, person, network, client, session, "SoftDelete", "\\Éléments supprimés",
                                                  [(f"<{MESSAGE}@PR2P264MB1234.FRAP264.PROD.OUTLOOK.COM>", make.pick(SUBJECTS))])))
        made["noise"].append(cut(ms.service_noise(when)))
    return made


def as_csv(text):
    """The Purview row around a record."""
    record = json.loads(text)
    head = ",".join([ID, purview(when_of(record)), str(record["RecordType"]), record["Operation"], record["UserId"]])
    return head + ',"' + text.replace('"', '""') + '",,\r\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--megabytes", type=int, required=True)
    parser.add_argument("--purview-csv", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    made = templates(Maker(f"bench-{options.seed}"))
    if options.purview_csv:
        ready = {kind: [as_csv(t) for t in texts] for kind, texts in made.items()}
    else:
        ready = {kind: [t + "\n" for t in texts] for kind, texts in made.items()}
    kinds = [kind for kind, weight in MIX for _ in range(weight)]
    target, written, records, clock = options.megabytes * 1_000_000, 0, 0, 1_767_571_200  # 2026-01-05
    # Only the size is known beforehand: records follow each other so that the days are about filled.
    mean = sum(len(t.encode()) for texts in ready.values() for t in texts) / sum(len(texts) for texts in ready.values())
    step = DAYS * 86400 / max(1, target / mean)
    start = time.monotonic()
    with open(options.out, "wb") as out:
        if options.purview_csv:
            written += out.write(b"RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames\r\n")
        while written < target:
            rows = []
            for _ in range(CHUNK):
                clock += step
                moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(clock))
                bits = f"{chance.getrandbits(128):032x}"
                person = int(chance.random() * PEOPLE)
                day = int(clock) // 86400
                text = ready[kinds[int(chance.random() * 100)]][person]
                rows.append(text.replace(TIME, moment).replace(ID, f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-8{bits[17:20]}-{bits[20:]}")
                            .replace(OTHER, f"{person:08x}-{day % 65536:04x}-4000-8000-5e5510000000").replace(MESSAGE, bits).replace(IP, f"198.51.100.{person % 200}"))
            records += len(rows)
            written += out.write("".join(rows).encode())
    seconds = time.monotonic() - start
    print(f"{options.out}: {written} bytes, {records} records, {written / records:.0f} bytes each, {seconds:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
