"""What a case is built with: a small hospital that lives twelve ordinary days, and a place to put what the attacker did."""
import json
from datetime import timedelta

from clock import at, iso, paris
from hospital import DOMAIN, FOREIGN_CHROME, LAGOS, Maker, make_staff
from life import Life, OldServerLife
from maillog import MailServer
from microsoft import Microsoft, graph_page, ndjson

FIRST = paris(2026, 3, 2)  # a Monday
DAYS = 12
ATTACK_DAY = 9  # Wednesday of the second week
OWN = ["--own-domain", DOMAIN]
OWN_LOGS = OWN + ["--zone", "Europe/Paris", "--year", "2026"]


class Scene:
    def __init__(self, name, people=8, richness=0.6, first=FIRST):
        self.make = Maker(name)
        self.first = first
        self.ms = Microsoft(self.make)
        self.staff = make_staff(self.make)[:people] if people else []
        self.by_login = {p.login: p for p in self.staff}
        self.life = Life(self.ms, richness)
        self.server = MailServer(self.make, "messagerie1")
        self.files = {}
        self.expected = {"options": list(OWN)}

    def person(self, login):
        return self.by_login[login]

    def moment(self, hour, minute=0, second=0, day=ATTACK_DAY):
        """A time of a day of the scene, Paris clock."""
        return at(self.first + timedelta(days=day), hour, minute, second)

    def live(self, days=DAYS, skip=()):
        self.life.days(self.staff, self.first, days, skip)

    def live_old_server(self, users, days=DAYS):
        OldServerLife(self.server).days(users, self.first, days)

    def intrusion(self, person, when, network=LAGOS, device=FOREIGN_CHROME, **more):
        """A sign-in of the attacker that works, and the session it opens."""
        session = self.make.guid()
        self.ms.sign_in(when, person, network, device, session, **more)
        self.expected.setdefault("attacker_ips", []).append(network.ip)
        return session

    def expect(self, **facts):
        self.expected.update(facts)

    def finding(self, technique, account, *texts, **more):
        """A finding that must exist, with records whose bytes contain each of the texts."""
        fact = {"rule_technique": technique, "records_contain": list(texts)} | more
        if account:
            fact["account"] = getattr(account, "upn", account)
        self.expected.setdefault("findings", []).append(fact)

    def compromised(self, *people, verdicts="compromised"):
        for person in people:
            self.expected.setdefault("accounts", {})[getattr(person, "upn", person)] = verdicts

    def others_are_clear(self, *but):
        touched = {getattr(p, "upn", p) for p in but}
        self.expected["clear"] = [p.upn for p in self.staff if p.upn not in touched]

    def write(self, folder):
        """The evidence (by default sign-ins, audit log and mail log, as far as there are any) and expected.json."""
        if not self.files:
            if self.ms.sign_ins:
                self.files["connexions.json"] = graph_page(self.ms.sign_ins)
            if self.ms.audit:
                self.files["audit.ndjson"] = ndjson(self.ms.audit)
            if self.server.lines:
                self.files["mail.log"] = self.server.text()
        for name, content in self.files.items():
            path = folder / "evidence" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        (folder / "expected.json").write_text(json.dumps(self.expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def utc_text(when):
    return iso(when) + "Z"
