"""A mailbox guessed under one name of its person and opened under another; a colleague's own two names, and nobody's name without a domain."""
from datetime import timedelta
from pathlib import Path

from hospital import DOMAIN, HOSPITAL, ROSTOV
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("accueil.radio", "accueil.labo", "archives", "cuisine", "logistique1")]


def make(name):
    scene = Scene(name, people=0)
    server, victim = scene.server, USERS[0]
    scene.live_old_server(USERS)
    for day in range(2, 8):
        server.dovecot_ok(scene.moment(9, day=day), "archives", HOSPITAL.ip)
    for k in range(14):
        server.dovecot_failure(scene.moment(1, 48) + timedelta(seconds=140 * k), "aradio", ROSTOV.ip, 3, seconds=17)
    server.dovecot_failure(scene.moment(2, 20), "root", ROSTOV.ip, 1)
    server.dovecot_ok(scene.moment(2, 31, 7), victim, ROSTOV.ip, 38, out=418_734_112, read=9120)
    scene.files = {"mail.log": server.text()}
    scene.compromised(victim)
    scene.finding("T1110", victim, "user=<aradio>")
    scene.expect(options=[*OWN_LOGS, "--profile", str(Path(__file__).with_name("profile.yaml"))], clear=[*USERS[1:], "aradio", "archives", "root"],
                 attacker_ips=[ROSTOV.ip], nobody_else_accused=True)
    return scene
