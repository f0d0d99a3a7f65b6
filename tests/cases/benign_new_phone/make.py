"""Three people get a new telephone and register their second factor again, from the hospital, in a known session."""
from datetime import timedelta

from hospital import ANDROID, HOSPITAL, Device
from scene import Scene

NEW = Device("", "", "Android 16", "Chrome Mobile 133.0.0", ANDROID.replace("Android 15; Pixel 8", "Android 16; Pixel 10"), False, "Mobile Apps and Desktop clients")


def make(name):
    scene = Scene(name, people=12)
    scene.live()
    for k, person in enumerate(scene.staff[:3]):
        when = scene.moment(12, 10 + 20 * k)
        scene.ms.sign_in(when, person, HOSPITAL, person.workstation, scene.make.guid())
        scene.ms.mfa_registered(when + timedelta(minutes=4), person, (6,), (6, 6))
        scene.ms.sign_in(when + timedelta(minutes=7), person, HOSPITAL, NEW, scene.make.guid(), "mobile")
        scene.life.session(person, when + timedelta(hours=8), 0.5, person.mobile, NEW, app="mobile", small=True)
    scene.expect(nobody_accused=True)
    return scene
