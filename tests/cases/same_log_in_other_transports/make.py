"""One attack on the IMAP server, its log taken in five ways: each way tells it."""
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from datetime import timedelta

from clock import iso_local
from hospital import DOMAIN, ROSTOV
from scene import OWN_LOGS, Scene

USERS = [f"{name}@{DOMAIN}" for name in ("accueil.radio", "archives", "cuisine")]


def rfc5424(server):
    rows = []
    for when, _, tag, text in sorted(server.lines, key=lambda l: (l[0], l[1])):
        program, _, pid = tag.rstrip("]").partition("[")
        rows.append(f"<22>1 {iso_local(when, 1000)} {server.host} {program} {pid or '-'} - - {text}\n")
    return "".join(rows)


def journald(server):
    rows = []
    for when, order, tag, text in sorted(server.lines, key=lambda l: (l[0], l[1])):
        program, _, pid = tag.rstrip("]").partition("[")
        rows.append(json.dumps({"__CURSOR": f"s=1;i={order:x}", "__REALTIME_TIMESTAMP": str(int(when.timestamp()) * 1000000 + order % 1000),
                                "PRIORITY": "6", "SYSLOG_IDENTIFIER": program, "_PID": pid or "812", "_HOSTNAME": server.host, "MESSAGE": text}) + "\n")
    return "".join(rows)


def rotated(text):
    lines = text.splitlines(keepends=True)
    a, b = len(lines) // 3, 2 * len(lines) // 3
    return {"rotated/mail.log.2.gz": gzip.compress("".join(lines[:a]).encode(), mtime=0), "rotated/mail.log.1": "".join(lines[a:b]), "rotated/mail.log": "".join(lines[b:])}


def archives(text):
    data = text.encode()
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("var/log/mail.log", (2026, 3, 13, 12, 0, 0)), data)
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        member = tarfile.TarInfo("var/log/mail.log")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return {"gzip/mail.log.gz": gzip.compress(data, mtime=0), "xz/mail.log.xz": lzma.compress(data), "zip/logs.zip": zipped.getvalue(), "tar/logs.tgz": gzip.compress(tarred.getvalue(), mtime=0)}


def make(name):
    scene = Scene(name, people=0)
    server, victim = scene.server, USERS[0]
    scene.live_old_server(USERS)
    for k in range(14):
        server.dovecot_failure(scene.moment(1, 48) + timedelta(seconds=140 * k), victim, ROSTOV.ip, 3, seconds=17)
    server.dovecot_ok(scene.moment(2, 31, 7), victim, ROSTOV.ip, 38, out=18_734_112, read=412)
    plain = server.text("rfc3164")
    scene.files = {"rfc3164/mail.log": plain, "iso/mail.log": server.text("iso"), "rfc5424/mail.log": rfc5424(server), "journald/journal.json": journald(server)}
    scene.files |= rotated(plain) | archives(plain)
    scene.compromised(victim)
    scene.finding("T1110", victim, "auth failed")
    scene.expect(options=OWN_LOGS, variants={"same": ["rfc3164", "rotated", "gzip", "xz", "zip", "tar"], "each": ["iso", "rfc5424", "journald"]},
                 clear=USERS[1:], attacker_ips=[ROSTOV.ip], first_access={victim: "2026-03-11T01:31:07Z"})
    return scene
