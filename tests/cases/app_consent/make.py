"""The intruder gives an application the right to read and send mail, which outlives a password change."""
from hospital import PROXY
from scene import Scene

APP = "4be1c2de-50a2-47c8-8d42-61a9f0e6c755"


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.cardio3")
    scene.intrusion(victim, scene.moment(7, 3), PROXY)
    scene.ms.consent(scene.moment(7, 9), victim, "Signature Facile", APP, "openid offline_access Mail.Read Mail.Send")
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding("T1528", victim, APP, "Mail.Read")
    scene.expect(indicators=[{"type": "application", "value": APP}])
    return scene
