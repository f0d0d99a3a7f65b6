"""Four hundred people during fourteen days, sign-ins, audit and mail logs, trips, new phones, mailings, and no attack: nobody may be accused."""
from datetime import timedelta

from hospital import DOMAIN, HOSPITAL, LISBON, make_person
from life import Life
from microsoft import graph_page, ndjson
from scene import OWN_LOGS, Scene

OLD_USERS = [f"poste{n:02d}@{DOMAIN}" for n in range(40)]
DAYS = 14


def make(name):
    scene = Scene(name, people=0)
    shifts = ["day"] * 5 + ["night"] * 3 + ["telework"] * 2
    scene.staff = [make_person(scene.make, f"agent{n:03d}", n, shifts[n % 10]) for n in range(400)]
    scene.life = Life(scene.ms, 0.35)
    travellers = [(scene.staff[n], 3 + n % 5) for n in range(20, 400, 57)]
    scene.live(DAYS, skip={(p.login, n) for p, start in travellers for n in range(start - 1, start + 4)})
    for k, (person, start) in enumerate(travellers):
        for number in range(start, start + 3):
            scene.life.session(person, scene.moment(9, k, day=number), 2, LISBON.with_ip(f"2001:db8:351:{k:x}::24"), person.workstation, small=True)
    for n in range(7, 400, 41):
        person, when = scene.staff[n], scene.moment(11, n % 60, day=5 + n % 8)
        scene.ms.sign_in(when, person, HOSPITAL, person.workstation, scene.make.guid())
        scene.ms.mfa_registered(when + timedelta(minutes=3), person, (6,), (6, 6))
    for n in range(3, 400, 53):
        person, when = scene.staff[n], scene.moment(10, n % 60, day=1 + n % 10)
        scene.ms.sign_in(when, person, HOSPITAL, person.workstation, scene.make.guid())
        scene.ms.inbox_rule(when + timedelta(minutes=5), person, HOSPITAL, "Lettres d'information", FromAddressContainsWords="lettre@editeur-logiciel.example", MoveToFolder="À lire")
    scene.live_old_server(OLD_USERS, DAYS)
    everyone = [p.upn for p in scene.staff]
    for number in (0, 7):
        scene.server.submission(scene.moment(9, 30, day=number), OLD_USERS[0], "10.20.10.20", everyone, size=180000)
    for number in range(DAYS):
        for k in range(scene.make.between(20, 60)):
            when = scene.moment(scene.make.between(0, 23), scene.make.between(0, 59), scene.make.between(0, 59), day=number)
            user = f"{scene.make.pick(['info', 'admin', 'test', 'scan', 'contact', 'poste03', 'poste11'])}@{DOMAIN}"
            scene.server.dovecot_failure(when, user, f"203.0.113.{scene.make.between(1, 250)}", scene.make.between(1, 3))
    scene.files = {"connexions.json": graph_page(scene.ms.sign_ins), "audit.ndjson": ndjson(scene.ms.audit), "mail.log": scene.server.text()}
    scene.expect(options=OWN_LOGS, nobody_accused=True, benign_ips=[HOSPITAL.ip, LISBON.ip], slow=True)
    return scene
