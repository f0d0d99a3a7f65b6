"""Human resources write to four hundred colleagues, as each month: through submission, and by web mail in batches."""
from datetime import timedelta

from hospital import DOMAIN, HOSPITAL
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("rh.communication", "archives", "cuisine")]


def make(name):
    scene = Scene(name, people=8)
    scene.live()
    scene.live_old_server(USERS)
    everyone = [f"agent{n:03d}@{DOMAIN}" for n in range(400)]
    for number in (1, 9):
        scene.server.submission(scene.moment(9, 30, day=number), USERS[0], "10.20.10.20", everyone, size=180000, host=f"poste-0.lan.{DOMAIN}")
    sender = scene.person("secretaire.chirurgie1")
    for number in (2, 9):
        session = scene.life.session(sender, scene.moment(13, day=number), 2, HOSPITAL, sender.workstation)
        for k in range(60):
            scene.ms.send(scene.moment(14, day=number) + timedelta(seconds=9 * k), sender, HOSPITAL, f"Client=OWA;{sender.workstation.agent}", session,
                          "Convocation à la visite médicale du travail")
    scene.expect(options=OWN_LOGS, nobody_accused=True)
    return scene
