"""Postfix uses a short queue id again for another mail of another user: two mails, two senders, nothing mixed."""
from hospital import DOMAIN
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("imprimerie", "lingerie", "technique")]


def make(name):
    scene = Scene(name, people=0)
    server = scene.server
    scene.live_old_server(USERS)
    server.queue_id = lambda: "3F9A21C0D2"
    for hour, user in ((9, USERS[0]), (11, USERS[1])):
        server.submission(scene.moment(hour), user, "10.20.10.20", [f"pour-{user.split('@')[0]}@papeterie.example"])
    scene.expect(options=OWN_LOGS, nobody_accused=True)
    return scene
