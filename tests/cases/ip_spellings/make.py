"""One address written in the ways that audit records write it: one source in the story."""
from hospital import PROXY
from scene import Scene


def make(name):
    scene = Scene(name)
    scene.live()
    victim = scene.person("secretaire.pneumo2")
    session = scene.intrusion(victim, scene.moment(6, 1), PROXY)
    ip = PROXY.ip
    for k, written in enumerate([f"{ip}:12345", f"[{ip}]:12345", f"[{ip}]", f"::ffff:{ip}", f"[::ffff:{ip}]:12345", ip]):
        record = scene.ms.inbox_rule(scene.moment(6, 5 + k), victim, PROXY, f"regle{k}", session, DeleteMessage=True, SubjectContainsWords="virement")
        record["ClientIP"] = written
        scene.finding("T1564.008", victim, f"regle{k}", ips=[ip])
    scene.compromised(victim)
    scene.others_are_clear(victim)
    return scene
