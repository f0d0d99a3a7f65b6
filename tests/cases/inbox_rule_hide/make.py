"""Rules that hide the answers to a fraud: deleted, marked read, moved where nobody looks (French folder names)."""
from hospital import LAGOS
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.pediatrie2")
    session = scene.intrusion(victim, scene.moment(6, 1))
    rules = [
        ("..", {"SubjectOrBodyContainsWords": "virement;facture;hameçonnage", "MoveToFolder": "Flux RSS", "MarkAsRead": "True"}),
        ("Tri", {"FromAddressContainsWords": "rssi@ch-exemple.fr", "DeleteMessage": "True", "StopProcessingRules": "True"}),
        (".", {"BodyContainsWords": "mot de passe;piratage", "MoveToFolder": "Historique des conversations", "MarkAsRead": "True"}),
    ]
    for k, (rule, what) in enumerate(rules):
        scene.ms.inbox_rule(scene.moment(6, 5 + k), victim, LAGOS, rule, session, **what)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    for text in ("Flux RSS", "rssi@ch-exemple.fr", "Historique des conversations"):
        scene.finding("T1564.008", victim, text)
    return scene
