"""The old IMAP server: a password is guessed, the mailbox is downloaded, a filter sends what comes in to the outside."""
from datetime import timedelta

from hospital import DOMAIN, ROSTOV
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("accueil.radio", "accueil.labo", "archives", "cuisine", "logistique1")]
OUT = "archive.radio@boite-rapide.example"


def make(name):
    scene = Scene(name, people=0)
    server, victim = scene.server, USERS[0]
    scene.live_old_server(USERS)
    for k in range(14):
        server.dovecot_failure(scene.moment(1, 48) + timedelta(seconds=140 * k), victim, ROSTOV.ip, 3, seconds=17)
    server.dovecot_ok(scene.moment(2, 31, 7), victim, ROSTOV.ip, 38, out=418_734_112, read=9120)
    server.dovecot_ok(scene.moment(2, 40), victim, ROSTOV.ip, 2, service="managesieve")
    for k in range(6):
        when, mid = scene.moment(8 + k, 14, 9), server.message_id("clinique-voisine.example")
        server.relayed(when, "secretariat@clinique-voisine.example", [victim], mid, f"mx1.{DOMAIN}", "10.20.0.11")
        server.sieve(when + timedelta(seconds=1), victim, f"msgid={mid}: forwarded to <{OUT}>", f"msgid={mid}: stored mail into mailbox 'INBOX'")
        server.relayed(when + timedelta(seconds=2), "secretariat@clinique-voisine.example", [OUT], mid, "localhost", "127.0.0.1")
    scene.compromised(victim)
    scene.finding("T1110", victim, "auth failed", ROSTOV.ip)
    scene.finding("T1114.003", victim, "forwarded to", OUT)
    scene.expect(options=OWN_LOGS, clear=USERS[1:], attacker_ips=[ROSTOV.ip], first_access={victim: "2026-03-11T01:31:07Z"},
                 exposure=[{"kind": "any", "account": victim}], reach=[{"address": OUT, "internal": False}])
    return scene
