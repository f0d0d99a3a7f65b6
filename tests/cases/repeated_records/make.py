"""44 of 100 records of the export are repetitions, inside a file and across two: the same story, the repetitions counted."""
from hospital import FOREIGN_CHROME, LAGOS
from microsoft import compact, newest_first, purview_csv
from scene import Scene


def make(name):
    scene = Scene(name, people=6)
    scene.live()
    victim = scene.person("secretaire.cardio1")
    session = scene.intrusion(victim, scene.moment(3, 4))
    scene.ms.inbox_rule(scene.moment(3, 6), victim, LAGOS, ".", session, DeleteMessage=True, SubjectContainsWords="virement")
    for k in range(60):
        scene.ms.send(scene.moment(3, 10, k), victim, LAGOS, f"Client=OWA;{FOREIGN_CHROME.agent}", session, "Facture en attente")
    rows = newest_first(scene.ms.audit)
    again = [r for k, r in enumerate(rows) if k % 100 < 78]
    lines = []
    for record in rows:
        lines.append(compact(record) + "\n")
        if record in again[::2]:
            lines.append(compact(record) + "\n")
    scene.files = {
        "clean/audit.ndjson": "".join(compact(r) + "\n" for r in rows),
        "repeated/audit.ndjson": "".join(lines),
        "repeated/export.csv": purview_csv(again[1::2]),
    }
    scene.expect(variants={"same": ["clean", "repeated"]},
                 inputs={"clean/audit.ndjson": {"accepted": len(rows), "duplicates": 0, "rejected": 0}},
                 totals={"repeated": {"records": len(rows) + len(again), "accepted": len(rows), "duplicates": len(again), "rejected": 0}})
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1534", "T1586.002"], victim, "Facture en attente")
    return scene
