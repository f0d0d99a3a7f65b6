"""A log without a year that runs from December to January (--year: of its last line): the guessing of New Year's night is followed by its success."""
from datetime import timedelta

from clock import paris
from hospital import DOMAIN, ROSTOV
from scene import OWN, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("accueil.labo", "archives", "cuisine")]


def make(name):
    scene = Scene(name, people=0, first=paris(2025, 12, 22))
    server, victim = scene.server, USERS[1]
    scene.live_old_server(USERS, 19)
    night = paris(2025, 12, 31, 23, 40)
    for k in range(20):
        server.dovecot_failure(night + timedelta(seconds=75 * k), victim, ROSTOV.ip, 2, seconds=9)
    server.dovecot_ok(night + timedelta(minutes=27), victim, ROSTOV.ip, 20, out=9_000_000, read=300)
    scene.compromised(victim)
    scene.finding("T1110", victim, "auth failed", "Dec 31 23:")
    scene.expect(options=OWN + ["--zone", "Europe/Paris", "--year", "2026"], clear=[u for u in USERS if u != victim], attacker_ips=[ROSTOV.ip],
                 first_access={victim: "2025-12-31T23:07:00Z"},
                 inputs={"mail.log": {"first_day": "2025-12-22", "last_day": "2026-01-09", "rejected": 0}})
    return scene
