"""Files cut, mixed with binary, empty, with a line of 24 MB: what is lost is counted with its place, the rest tells the story."""
from hospital import LAGOS
from microsoft import compact, newest_first, purview_csv
from scene import OWN_LOGS, Scene


def make(name):
    scene = Scene(name, people=6)
    scene.live()
    victim = scene.person("secretaire.cardio3")
    session = scene.intrusion(victim, scene.moment(3, 4))
    scene.ms.inbox_rule(scene.moment(3, 6), victim, LAGOS, ".", session, DeleteMessage=True, SubjectContainsWords="virement")
    rows = newest_first(scene.ms.audit)
    lines = [compact(r).encode() for r in rows]
    third = len(lines) // 3
    noise = bytes((k * 37 + 11) % 256 if (k * 37 + 11) % 256 not in (10, 13) else 7 for k in range(4000))
    giant = b'{"CreationTime":"2026-03-05T10:00:00","Operation":"FileAccessed","ObjectId":"' + b"A" * (24 << 20) + b'"}'
    scene.files = {
        "cut.ndjson": b"\n".join(lines[:third] + [lines[third][:400]]),
        "mixed.ndjson": b"\n".join([lines[third]] + [noise] + lines[third + 1:third + 20] + [b'{"CreationTime":"2026-03-05T10:00:00","Operation":'] + lines[third + 20:2 * third]) + b"\n",
        "giant.ndjson": b"\n".join(lines[2 * third:2 * third + 5] + [giant] + lines[2 * third + 5:]) + b"\n",
        "cut.csv": purview_csv(rows)[:-700].encode(),
        "empty.json": b"",
        "blank.log": b"\n\n   \n",
        "noise.bin": noise * 40,
        "zeros.log": b"\0" * 100000,
        "only_header.csv": b"RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames\r\n",
        "unclosed.json": b'[' + b",".join(lines[:3]) + b',{"CreationTime":"2026-03-0',
        "nested.json": b"[" * 100000,
        "broken.gz": bytes.fromhex("1f8b0800000000000003") + noise[:500],
    }
    scene.expect(options=OWN_LOGS, inputs={
        "cut.ndjson": {"readable": third, "rejected": 1},
        "mixed.ndjson": {"readable": third, "rejected_at_least": 2, "notes": True},
        "giant.ndjson": {"readable_at_least": len(lines) - 2 * third, "records": len(lines) - 2 * third + 1},
        "cut.csv": {"readable": len(rows) - 1, "rejected": 1},
        "empty.json": {"records": 0}, "only_header.csv": {"accepted": 0, "rejected": 0},
        "unclosed.json": {"readable": 3, "rejected": 1},
        "noise.bin": {"accepted": 0}, "zeros.log": {"accepted": 0}, "nested.json": {"accepted": 0}, "broken.gz": {"accepted": 0},
    })
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding("T1564.008", victim, "New-InboxRule")
    return scene
