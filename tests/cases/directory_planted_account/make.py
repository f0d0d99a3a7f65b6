"""A guessed mailbox, and an account that the directory made the same night; others were made before, and long after, for new people."""
import json
from datetime import timedelta, timezone

from hospital import DOMAIN, ROSTOV
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("accueil.radio", "accueil.labo", "archives", "cuisine", "logistique1")]
CREATOR = f"cn=gestion,dc={DOMAIN.replace('.', ',dc=')}"


def account(uid, when, creator=CREATOR):
    """As the connector writes what it read in OpenLDAP."""
    stamp = when.astimezone(timezone.utc).strftime("%Y%m%d%H%M%SZ")
    return json.dumps({"record": "digue.directory.account/1", "name": f"uid={uid},ou=people,dc=example", "blocked": False, "created": stamp, "creator": creator,
                       "identity": f"00000000-0000-4000-8000-{sum(map(ord, uid)):012d}", "names": {"uid": [uid], "mail": [f"{uid}@{DOMAIN}"]}, "marks": [], "password_set": stamp}) + "\n"


def make(name):
    scene = Scene(name, people=0)
    server, victim = scene.server, USERS[0]
    scene.live_old_server(USERS)
    for k in range(14):
        server.dovecot_failure(scene.moment(1, 48) + timedelta(seconds=140 * k), victim, ROSTOV.ip, 3, seconds=17)
    server.dovecot_ok(scene.moment(2, 31, 7), victim, ROSTOV.ip, 38, out=418_734_112, read=9120)
    planted, helped = account("support2", scene.moment(3, 5)), account("support3", scene.moment(3, 6), f"uid=accueil.radio,ou=people,dc={DOMAIN}")
    scene.files = {
        "mail.log": server.text(),
        "accounts-created.jsonl": account("interne1", scene.moment(9, day=4)) + planted + helped + account("interne2", scene.moment(9, day=11)),
        "administrators.jsonl": planted,
    }
    scene.compromised(victim)
    scene.finding("T1136.002", "uid=support2,ou=people,dc=example", "support2")
    scene.finding("T1136.002", "uid=support3,ou=people,dc=example", "support3", severity_at_least="high")
    created = scene.files["accounts-created.jsonl"].count("\n")
    scene.expect(options=OWN_LOGS, clear=USERS[1:], attacker_ips=[ROSTOV.ip], nobody_else_accused=True,
                 no_findings=[{"rule_technique": "T1136", "account": f"uid=interne{n},ou=people,dc=example"} for n in (1, 2)],
                 inputs={"accounts-created.jsonl": {"format": "directory.account", "records": created, "readable": created, "rejected": 0}})
    return scene
