"""Behind the hospital's one address, on a Monday morning after password renewals, twenty people mistype and then get in."""
from datetime import timedelta

from hospital import HOSPITAL
from scene import Scene


def make(name):
    scene = Scene(name, people=40, richness=0.3)
    scene.live()
    for k, person in enumerate(scene.staff[:20]):
        when = scene.moment(8, day=7) + timedelta(seconds=40 * k)
        for attempt in range(1 + k % 3):
            scene.ms.sign_in(when + timedelta(seconds=9 * attempt), person, HOSPITAL, person.workstation, None, "outlook", 50126, mfa=False)
        if k % 4:
            scene.life.session(person, when + timedelta(seconds=50), 3, HOSPITAL, person.workstation)
    scene.expect(nobody_accused=True, benign_ips=[HOSPITAL.ip])
    return scene
