"""Stolen password, no guessing seen: an account that sends a mail a day hands in eight messages to fifty people each."""
from hospital import DOMAIN, ROSTOV
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("imprimerie", "lingerie", "technique", "archives", "cuisine")]


def make(name):
    scene = Scene(name, people=0)
    server, victim = scene.server, USERS[2]
    scene.live_old_server(USERS)
    recipients = [f"client{n:03d}@messagerie{n % 9}.example" for n in range(400)]
    for k in range(8):
        server.submission(scene.moment(4, 2 + 2 * k), victim, ROSTOV.ip, recipients[50 * k:50 * k + 50], size=6120)
    scene.compromised(victim)
    scene.finding(["T1534", "T1586.002"], victim, "nrcpt=50")
    scene.expect(options=OWN_LOGS, clear=[u for u in USERS if u != victim], attacker_ips=[ROSTOV.ip],
                 reach=[{"address": recipients[0], "internal": False, "messages": 1}, {"address": recipients[399], "internal": False}])
    return scene
