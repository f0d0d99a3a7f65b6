"""The attacker has the password and asks for the second factor again and again until the victim accepts."""
from hospital import FOREIGN_CHROME, ROSTOV
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.pneumo2")
    for k in range(12):
        scene.ms.sign_in(scene.moment(22, 40 + k * 3 // 4, 45 * k % 60), victim, ROSTOV, FOREIGN_CHROME, None, "home", 500121,
                         details="MFA denied; user declined the authentication")
    session = scene.intrusion(victim, scene.moment(22, 50, 30), ROSTOV, details="MFA completed in Azure AD")
    scene.ms.mail_access(scene.moment(22, 54), victim, ROSTOV, f"Client=OWA;{FOREIGN_CHROME.agent}", session, count=5)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding("T1621", victim, "500121")
    scene.expect(first_access={victim.upn: "2026-03-11T21:50:30Z"}, vector={victim.upn: ["mfa_fatigue"]})
    return scene
