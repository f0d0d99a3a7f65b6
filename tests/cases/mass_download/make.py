"""Seventy patient documents are downloaded from SharePoint in five minutes."""
from datetime import timedelta

from hospital import FOREIGN_CHROME, PROXY
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.pediatrie1")
    session = scene.intrusion(victim, scene.moment(23, 2), PROXY)
    for k in range(70):
        scene.ms.file(scene.moment(23, 10) + timedelta(seconds=4 * k), victim, PROXY, FOREIGN_CHROME, "FileDownloaded", f"Compte rendu {k:03d}.pdf", session, "pediatrie")
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1530", "T1213.002"], victim, "FileDownloaded")
    scene.expect(exposure=[{"kind": "certain", "what": "files_downloaded", "account": victim.upn, "count": 70}])
    return scene
