"""A doctor goes to Lisbon for a congress: enough time to get there, own computer and telephone, second factor passed."""
from hospital import LISBON
from scene import Scene


def make(name):
    scene = Scene(name, people=16)
    traveller = scene.person("medecin.pediatrie1")
    away = range(8, 12)
    scene.live(skip={(traveller.login, n) for n in away})
    for number in away:
        scene.life.session(traveller, scene.moment(8, 10, day=number), 2, LISBON, traveller.workstation)
        scene.life.session(traveller, scene.moment(19, 40, day=number), 1, LISBON.with_ip("2001:db8:351:9::3b"), traveller.phone, app="mobile", small=True)
    scene.expect(nobody_accused=True, benign_ips=[LISBON.ip])
    return scene
