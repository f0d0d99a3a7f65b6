"""Two passwords are guessed: one from a single address, one from an address that changes at each try (the account links them)."""
from hospital import FOREIGN_LINUX, ROSTOV
from scene import Scene


def make(name):
    scene = Scene(name, people=12)
    scene.live()
    one, two = scene.person("secretaire.chirurgie1"), scene.person("medecin.urgences1")
    for k in range(25):
        scene.ms.sign_in(scene.moment(1, 5 + 11 * k // 60, 11 * k % 60), one, ROSTOV, FOREIGN_LINUX, None, "exchange", 50126, mfa=False)
    session = scene.intrusion(one, scene.moment(1, 11, 2), ROSTOV, FOREIGN_LINUX, app="exchange", mfa=False)
    scene.ms.mail_access(scene.moment(1, 13), one, ROSTOV, "Client=IMAP4;Protocol=IMAP4;", session, count=12)
    for k in range(24):
        scene.ms.sign_in(scene.moment(2, 30 + k // 6, 10 * (k % 6)), two, ROSTOV.with_ip(f"203.0.113.{140 + k}"), FOREIGN_LINUX, None, "exchange", 50126, mfa=False)
    session = scene.intrusion(two, scene.moment(2, 36), ROSTOV.with_ip("203.0.113.180"), FOREIGN_LINUX, app="exchange", mfa=False)
    scene.ms.mail_access(scene.moment(2, 40), two, ROSTOV.with_ip("203.0.113.180"), "Client=IMAP4;Protocol=IMAP4;", session, count=12)
    scene.compromised(one, two)
    scene.others_are_clear(one, two)
    for person in (one, two):
        scene.finding("T1110", person, "50126")
    return scene
