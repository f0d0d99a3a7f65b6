"""Staff pass from the hospital's network to its VPN exit and home within a minute, with the same session."""
from datetime import timedelta

from hospital import HOSPITAL, VPN
from scene import Scene


def make(name):
    scene = Scene(name, people=10)
    scene.live()
    for k, person in enumerate(scene.staff[:5]):
        for number in (8, 9, 10):
            start = scene.moment(17, 5 + k, day=number)
            session = scene.make.guid()
            for step, network in enumerate((HOSPITAL, VPN, person.home, VPN)):
                scene.ms.sign_in(start + timedelta(seconds=50 * step), person, network, person.workstation, session)
                scene.ms.mail_access(start + timedelta(seconds=50 * step + 20), person, network, f"Client=OWA;{person.workstation.agent}", session)
    scene.expect(nobody_accused=True, benign_ips=[HOSPITAL.ip, VPN.ip])
    return scene
