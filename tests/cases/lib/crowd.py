"""Four hundred people during fourteen days: sign-ins, audit and mail logs, trips, holidays, new phones and computers, a browser update,
people who live across the border, rules, mailings, guessing from the Internet, and no attack."""
from dataclasses import replace
from datetime import timedelta

from hospital import CHROME, DOMAIN, HOSPITAL, LISBON, Device, Network, make_person
from life import Life
from scene import OWN_LOGS, Scene

OLD_USERS = [f"poste{n:02d}@{DOMAIN}" for n in range(40)]
DAYS = 14
BELGIUM = Network("2001:db8:32:1::1", "BE", "Tournai", 50.6, 3.4, 64504)
MOROCCO = Network("2001:db8:212:1::1", "MA", "Agadir", 30.4, -9.6, 64505)
OWN_PC = Device("", "", "Windows10", "Chrome 133.0.0", CHROME.replace("131", "133"), False, "Browser")


def crowd(name):
    scene = Scene(name, people=0)
    shifts = ["day"] * 5 + ["night"] * 3 + ["telework"] * 2
    scene.staff = [make_person(scene.make, f"agent{n:03d}", n, shifts[n % 10]) for n in range(400)]
    scene.life = Life(scene.ms, 0.35)
    travellers = [(scene.staff[n], 3 + n % 5) for n in range(20, 400, 57)]
    holiday = [scene.staff[n] for n in range(33, 400, 61)]
    skip = {(p.login, n) for p, start in travellers for n in range(start - 1, start + 4)} | {(p.login, n) for p in holiday for n in range(6, DAYS)}
    for n in range(9, 400, 50):  # across the border: hospital by day, Belgium in the evening
        scene.staff[n].extra["home"] = scene.staff[n].extra["mobile"] = BELGIUM.with_ip(f"2001:db8:32:{n:x}::1")
    scene.life.days(scene.staff, scene.first, 7, skip)
    for person in scene.staff:  # the browser is updated over the second weekend
        person.workstation = replace(person.workstation, browser="Edge 134.0.0", agent=person.workstation.agent.replace("133.0.0.0", "134.0.0.0"))
    scene.life.days(scene.staff, scene.first + timedelta(days=7), DAYS - 7, {(login, n - 7) for login, n in skip})
    for k, person in enumerate(holiday):  # only the telephone, from the beach
        for number in range(8, DAYS, 2):
            scene.life.session(person, scene.moment(10, 7 * k, day=number), 0.3, MOROCCO.with_ip(f"2001:db8:212:{k:x}::1"), person.phone, app="mobile", small=True)
    for n in range(14, 400, 20):  # a new computer at home
        scene.life.session(scene.staff[n], scene.moment(20, n % 60, day=8 + n % 5), 1, scene.staff[n].home, OWN_PC, small=True)
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
    scene.expect(options=OWN_LOGS, benign_ips=[HOSPITAL.ip, LISBON.ip])
    return scene
