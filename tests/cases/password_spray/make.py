"""One address tries one common password on twenty people; it works on another one, who is not among the failures."""
from hospital import FOREIGN_CHROME, LAGOS
from scene import Scene


def make(name):
    scene = Scene(name, people=24, richness=0.3)
    scene.live()
    victim = scene.person("infirmier.urgences2")
    sprayed = [p for p in scene.staff if p is not victim][:20]
    for k, person in enumerate(sprayed):
        scene.ms.sign_in(scene.moment(3, 10 + k // 4, 13 * (k % 4)), person, LAGOS, FOREIGN_CHROME, None, "exchange", 50126, mfa=False)
    session = scene.intrusion(victim, scene.moment(3, 16, 5), mfa=False, app="exchange")
    scene.ms.mail_access(scene.moment(3, 20), victim, LAGOS, "Client=REST;;", session, count=9)
    scene.compromised(victim)
    for person in sprayed:
        scene.compromised(person, verdicts="targeted")
    scene.others_are_clear(victim, *sprayed)
    scene.finding("T1110.003", None, "50126")
    scene.expect(first_access={victim.upn: "2026-03-11T02:16:05Z"})
    return scene
