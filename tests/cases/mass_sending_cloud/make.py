"""Eighty messages of one subject in ten minutes, from a session that is not the user's. The audit log names no recipient; the gateway's
lines under the same Message-ID do, and a delivery that was put off reached nobody."""
from datetime import timedelta

from hospital import FOREIGN_CHROME, LAGOS
from scene import Scene

SUBJECT = "Document partagé : avenant à signer"


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.pneumo1")
    session = scene.intrusion(victim, scene.moment(15, 0))
    gateway = scene.server
    for k in range(80):
        sent = scene.moment(15, 6) + timedelta(seconds=7 * k)
        mid, address = gateway.message_id(), f"contact{k:02}@partenaire.example"
        scene.ms.send(sent, victim, LAGOS, f"Client=OWA;{FOREIGN_CHROME.agent}", session, SUBJECT, message_id=mid)
        gateway.relayed(sent + timedelta(seconds=2), victim.upn, [address], mid, statuses={address: "deferred"} if k == 79 else None)
    gateway.relayed(scene.moment(9), victim.upn, ["patient@ailleurs.example"], gateway.message_id())
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1534", "T1586.002"], victim, SUBJECT)
    scene.expect(exposure=[{"kind": "certain", "what": "messages_sent", "account": victim.upn, "count": 80}],
                 reach=[{"address": f"contact{k:02}@partenaire.example", "internal": False, "how": "message", "messages": 1} for k in (0, 42, 78)])
    scene.expect(unreached=["contact79@partenaire.example", "patient@ailleurs.example"])
    return scene
