"""The intruder purges the sent mail and the warnings of colleagues."""
from hospital import FOREIGN_CHROME, LAGOS
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.cardio2")
    session = scene.intrusion(victim, scene.moment(16, 0))
    client = f"Client=OWA;{FOREIGN_CHROME.agent}"
    for k in range(9):
        items = [(scene.ms.message_id(), "Avenant à signer") for _ in range(20)]
        scene.ms.remove_items(scene.moment(16, 20 + k), victim, LAGOS, client, session, "HardDelete", "\\Éléments envoyés", items)
    for k in range(3):
        items = [(scene.ms.message_id(), "Re: Avenant à signer - attention, hameçonnage") for _ in range(5)]
        scene.ms.remove_items(scene.moment(16, 30 + k), victim, LAGOS, client, session, "SoftDelete", "\\Éléments supprimés", items)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1070.008", "T1485"], victim, "HardDelete")
    return scene
