"""The same four hundred people, and one of them taken by a relaying phishing page: only she is accused."""
from crowd import crowd
from hospital import FOREIGN_CHROME, FOREIGN_LINUX, LAGOS, PROXY


def make(name):
    scene = crowd(name)
    victim = scene.staff[211]
    session = scene.make.guid()
    scene.ms.sign_in(scene.moment(9, 12, 31), victim, PROXY, FOREIGN_CHROME, session, "home", details="MFA completed in Azure AD")
    scene.ms.sign_in(scene.moment(9, 15, 2), victim, LAGOS, FOREIGN_LINUX, session)
    for k in range(3):
        scene.ms.mail_access(scene.moment(9, 20 + 2 * k), victim, LAGOS, f"Client=OWA;{FOREIGN_LINUX.agent}", session, count=5)
    scene.ms.inbox_rule(scene.moment(9, 31), victim, LAGOS, ".", session, SubjectOrBodyContainsWords="facture;virement", MoveToFolder="Flux RSS", MarkAsRead=True)
    scene.compromised(victim)
    scene.expect(nobody_else_accused=True, attacker_ips=[PROXY.ip, LAGOS.ip], first_access={victim.upn: "2026-03-11T08:12:31Z"})
    scene.finding(["T1539", "T1550.004", "T1557"], victim, session)
    scene.finding("T1564.008", victim, "Flux RSS")
    return scene
