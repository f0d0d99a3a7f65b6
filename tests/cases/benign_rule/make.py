"""Rules that tidy: newsletters to a folder, a colleague's copies to another inside address."""
from hospital import HOSPITAL
from scene import Scene


def make(name):
    scene = Scene(name, people=10)
    scene.live()
    one, two = scene.staff[2], scene.staff[4]
    for person, hour in ((one, 10), (two, 15)):
        scene.life.session(person, scene.moment(hour), 2, HOSPITAL, person.workstation)
    scene.ms.inbox_rule(scene.moment(10, 12), one, HOSPITAL, "Lettres d'information", FromAddressContainsWords="lettre@editeur-logiciel.example",
                        MoveToFolder="À lire plus tard", StopProcessingRules=False)
    scene.ms.inbox_rule(scene.moment(15, 20), two, HOSPITAL, "Copie secrétariat", SubjectContainsWords="planning", ForwardTo="secretaire.cardio1@ch-exemple.fr")
    scene.expect(nobody_accused=True, no_findings=[{"rule_technique": "T1114.003", "severity_at_least": "medium"}, {"rule_technique": "T1564.008", "severity_at_least": "medium"}])
    return scene
