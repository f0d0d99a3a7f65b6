"""A sign-in at the hospital, and forty minutes later one from 4,500 km away, with another device."""
from hospital import FOREIGN_CHROME, HOSPITAL, LAGOS
from scene import ATTACK_DAY, Scene


def make(name):
    scene = Scene(name)
    victim = scene.person("secretaire.pediatrie1")
    scene.live(skip={(victim.login, ATTACK_DAY)})
    scene.life.session(victim, scene.moment(10), 2, HOSPITAL, victim.workstation)
    session = scene.intrusion(victim, scene.moment(10, 40))
    scene.ms.mail_access(scene.moment(10, 45), victim, LAGOS, f"Client=OWA;{FOREIGN_CHROME.agent}", session, count=3)
    scene.compromised(victim, verdicts=["compromised", "suspected"])
    scene.others_are_clear(victim)
    scene.finding("T1078", victim, LAGOS.ip)
    # One of the two addresses is the hospital's way out, which a VPN could explain: doubt is a right answer.
    scene.expect(attacker_ips=[], doubtful_ips=[LAGOS.ip], benign_ips=[HOSPITAL.ip])
    return scene
