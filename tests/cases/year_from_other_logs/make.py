"""No option says the year or the zone: sign-ins of the same days give the year, and a French log runs on Paris time whatever this machine's clock says."""
from datetime import timedelta

from hospital import DOMAIN, ROSTOV
from scene import Scene

USERS = [f"{name}@{DOMAIN}" for name in ("accueil.labo", "archives", "cuisine")]


def make(name):
    scene = Scene(name, people=4)
    scene.live()
    scene.live_old_server(USERS)
    server, victim = scene.server, USERS[1]
    for k in range(20):
        server.dovecot_failure(scene.moment(3) + timedelta(seconds=75 * k), victim, ROSTOV.ip, 2, seconds=9)
    server.dovecot_ok(scene.moment(3, 27), victim, ROSTOV.ip, 20, out=9_000_000, read=300)
    scene.compromised(victim)
    scene.others_are_clear()
    scene.expect(attacker_ips=[ROSTOV.ip], first_access={victim: "2026-03-11T02:27:00Z"}, inputs={"mail.log": {"first_day": "2026-03-02", "rejected": 0}})
    return scene
