"""The same audit records in the containers that they are exported in, and in the date spellings of three cultures."""
from hospital import FOREIGN_CHROME, LAGOS
from microsoft import concatenated_arrays, graph_query, json_array, ndjson, pretty, purview_csv, search_csv
from scene import Scene


def make(name):
    scene = Scene(name, people=6)
    scene.live()
    victim = scene.person("secretaire.cardio2")
    for k in range(20):
        scene.ms.sign_in(scene.moment(3, 2, 2 * k), victim, LAGOS, FOREIGN_CHROME, None, "exchange", 50126, mfa=False)
    session = scene.intrusion(victim, scene.moment(3, 4), mfa=False, app="exchange")
    scene.ms.inbox_rule(scene.moment(3, 6), victim, LAGOS, ".", session, SubjectContainsWords="virement", MoveToFolder="Flux RSS", MarkAsRead=True)
    scene.ms.send(scene.moment(3, 8), victim, LAGOS, f"Client=OWA;{FOREIGN_CHROME.agent}", session, "Éléments « urgents »; voir \"pièce jointe\", merci")
    rows = scene.ms.audit
    bom = "\ufeff"
    texts = {
        "purview/export.csv": purview_csv(rows), "purview_bom/export.csv": bom + purview_csv(rows),
        "search_fr/UAL-Combined.csv": search_csv(rows, "fr-FR"), "search_us/UAL-Combined.csv": search_csv(rows, "en-US"), "search_de/UAL-Combined.csv": search_csv(rows, "de-DE"),
        "ndjson/audit.json": ndjson(rows), "array/audit.json": json_array(rows), "arrays/audit.json": concatenated_arrays(rows), "pretty/audit.txt": pretty(rows),
        "graph_query/part1.json": graph_query(rows),
    }
    scene.files = dict(texts)
    scene.files["utf16/audit.json"] = (bom + ndjson(rows)).encode("utf-16-le")
    scene.files["utf16_csv/export.csv"] = (bom + search_csv(rows, "fr-FR")).encode("utf-16-le")
    blobs = [rows[i:i + 60] for i in range(0, len(rows), 60)]
    scene.files |= {f"management_api/blob{k:03d}.json": json_array(blob) for k, blob in enumerate(blobs)}
    count = {"accepted": len(rows), "duplicates": 0, "rejected": 0}
    scene.expect(variants={"same": sorted({path.split("/")[0] for path in scene.files})},
                 inputs={path: dict(count) for path in scene.files if not path.startswith("management_api")})
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding("T1564.008", victim, "New-InboxRule")
    scene.finding("T1110", victim, "50126")
    return scene
