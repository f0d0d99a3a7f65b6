"""UserLoginFailed that are steps of a sign-in (second factor asked, stay signed in?), thirty in a row: no failure at all."""
from datetime import timedelta

from hospital import HOSPITAL
from scene import Scene


def make(name):
    scene = Scene(name, people=8)
    scene.live()
    person = scene.staff[3]
    for k in range(30):
        scene.ms.sign_in(scene.moment(9) + timedelta(seconds=6 * k), person, HOSPITAL, person.workstation, None, "outlook", (50074, 50140)[k % 2])
    scene.life.session(person, scene.moment(9, 5), 3, HOSPITAL, person.workstation)
    scene.expect(nobody_accused=True, no_findings=[{"rule_technique": "T1110", "severity_at_least": "low"}])
    return scene
