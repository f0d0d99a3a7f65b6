"""Nine minutes after a sign-in from a country never seen, a second-factor method is added to the account."""
from hospital import PROXY
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.cardio1")
    scene.intrusion(victim, scene.moment(12, 3), PROXY, details="MFA completed in Azure AD")
    scene.ms.mfa_registered(scene.moment(12, 12), victim)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1098.005", "T1556.006"], victim, "StrongAuthenticationMethod")
    return scene
