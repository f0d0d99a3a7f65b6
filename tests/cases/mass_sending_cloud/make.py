"""Eighty messages of one subject in ten minutes, from a session that is not the user's."""
from datetime import timedelta

from hospital import FOREIGN_CHROME, LAGOS
from scene import Scene

SUBJECT = "Document partagé : avenant à signer"


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.pneumo1")
    session = scene.intrusion(victim, scene.moment(15, 0))
    for k in range(80):
        scene.ms.send(scene.moment(15, 6) + timedelta(seconds=7 * k), victim, LAGOS, f"Client=OWA;{FOREIGN_CHROME.agent}", session, SUBJECT)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1534", "T1586.002"], victim, SUBJECT)
    scene.expect(exposure=[{"kind": "certain", "what": "messages_sent", "account": victim.upn, "count": 80}])
    return scene
