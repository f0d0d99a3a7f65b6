"""A relaying phishing page: the sign-in with second factor comes from the relay, the same session id is then used from elsewhere."""
from hospital import FOREIGN_CHROME, FOREIGN_LINUX, LAGOS, PROXY
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.cardio2")
    session = scene.make.guid()
    scene.ms.sign_in(scene.moment(9, 12), victim, PROXY, FOREIGN_CHROME, session, "home", 50074, details="MFA required in Azure AD")
    scene.ms.sign_in(scene.moment(9, 12, 31), victim, PROXY, FOREIGN_CHROME, session, "home", details="MFA completed in Azure AD")
    scene.ms.sign_in(scene.moment(9, 15, 2), victim, LAGOS, FOREIGN_LINUX, session)
    for k in range(4):
        scene.ms.mail_access(scene.moment(9, 17 + 2 * k), victim, LAGOS, "Client=OWA;Action=ViaProxy", session, count=7)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding(["T1539", "T1550.004", "T1557"], victim, session)
    scene.expect(attacker_ips=[PROXY.ip, LAGOS.ip], first_access={victim.upn: "2026-03-11T08:12:31Z"},
                 exposure=[{"kind": "certain", "what": "messages_read", "account": victim.upn, "count": 28}])
    return scene
