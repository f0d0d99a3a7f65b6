"""A day nurse passes to nights in the second week; night staff work at hours that are unusual elsewhere."""
from scene import Scene


def make(name):
    scene = Scene(name, people=30, richness=0.4)
    mover = scene.person("secretaire.cardio1")
    scene.live(skip={(mover.login, n) for n in range(7, 12)})
    mover.shift = "night"
    for number in range(7, 12):
        scene.life.day(mover, scene.moment(0, day=number))
    scene.expect(nobody_accused=True)
    return scene
