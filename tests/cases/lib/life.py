"""Ordinary days of the hospital: what the staff does when nobody attacks."""
from datetime import timedelta

from clock import at, local
from hospital import DOMAIN, HOSPITAL, VPN

SUBJECTS = ["Planning de la semaine", "Compte rendu de réunion", "Re: Planning de la semaine", "Commande de fournitures", "Point d'étape du service",
            "Re: Remplacement de vendredi", "Formation incendie", "Tr: Consignes de garde", "Courrier de sortie", "Re: Rendez-vous de suivi"]
FILES = ["Planning gardes.xlsx", "Protocole accueil.docx", "Annuaire interne.xlsx", "Tableau de bord.xlsx", "Procédure qualité.pdf", "Compte rendu.docx"]
OUTSIDE = ["contact@fournisseur-medical.example", "cabinet@medecine-ville.example", "commandes@papeterie.example", "laboratoire@analyses.example",
           "secretariat@clinique-voisine.example", "support@editeur-logiciel.example"]


class Life:
    """Normal activity of the people of a tenant. `richness` scales how many audit items a working day leaves."""

    def __init__(self, microsoft, richness=1.0, files=True):
        self.ms = microsoft
        self.make = microsoft.make
        self.richness = richness
        self.files = files
        self.sent = []  # (instant, person, message id): for a gateway's log

    def works(self, person, day):
        weekday = local(day).weekday()
        if person.shift == "night":
            return (person.number + (day.toordinal() % 5)) % 5 in (0, 1, 2)
        return weekday < 5 and not self.make.chance(0.06)

    def day(self, person, day, network=None, device=None):
        """One working day (`day` is the Paris midnight as an instant)."""
        make = self.make
        start = 20 + make.random.random() * 1.2 if person.shift == "night" else 7.4 + make.random.random() * 2
        length = 9 if person.shift == "night" else 8
        where = network or HOSPITAL
        if network is None and person.shift == "telework" and (person.number + day.toordinal()) % 3 == 0:
            where = VPN if make.chance(0.6) else person.home
        self.session(person, at(day, start), length, where, device or person.workstation)
        if network is None and make.chance(0.15 * self.richness):
            where = self.on_the_way(person) if make.chance(0.6) else person.home
            self.session(person, at(day, 18.2 + make.random.random() * 2), 0.5, where, person.phone, app="mobile", small=True)

    def on_the_way(self, person):
        """A mobile carrier gives another address of its own each time."""
        return person.mobile.with_ip(f"{person.mobile.ip.rsplit('::', 1)[0]}:{self.make.between(1, 65535):x}::1")

    def session(self, person, start, hours, network, device, app="outlook", small=False, session=None):
        make, ms = self.make, self.ms
        session = session or make.guid()
        start = start.replace(microsecond=0)
        if make.chance(0.05):
            ms.sign_in(start - timedelta(seconds=make.between(12, 50)), person, network, device, None, app, 50126, mfa=False)
        ms.sign_in(start, person, network, device, session, app)
        phone = app == "mobile"
        client = "Client=OutlookService;Outlook-iOS/2.0;" if phone else f"Client=OWA;{device.agent}"

        def moment():
            return start + timedelta(seconds=make.between(60, max(120, int(hours * 3500))))

        for _ in range(self._count(0.7 if small else 2)):
            ms.mail_access(moment(), person, network, client, session, count=make.between(1, 4))
        for _ in range(self._count(0.2 if small else 0.8)):
            when = moment()
            mid = ms.message_id()
            ms.send(when, person, network, client, session, make.pick(SUBJECTS), mid)
            self.sent.append((when, person, mid))
        if not small:
            for _ in range(self._count(0.3)):
                ms.remove_items(moment(), person, network, client, session, "MoveToDeletedItems", "\\Boîte de réception",
                                [(ms.message_id(), make.pick(SUBJECTS))], "\\Éléments supprimés")
            if self.files:
                for _ in range(self._count(0.8)):
                    ms.file(moment(), person, network, device, make.pick(["FileAccessed", "FileAccessed", "FileModified", "FileDownloaded"]),
                            make.pick(FILES), session)
        return session

    def _count(self, mean):
        mean *= self.richness
        whole = int(mean)
        return whole + (1 if self.make.chance(mean - whole) else 0)

    def days(self, staff, first, count, skip=()):
        """`count` days from the Paris midnight `first`; `skip`: (login, day number) pairs told elsewhere."""
        for number in range(count):
            day = first + timedelta(days=number)
            for person in staff:
                if (person.login, number) not in skip and self.works(person, day):
                    self.day(person, day)


class OldServerLife:
    """Ordinary days of the users of the old IMAP server."""

    def __init__(self, server):
        self.server = server
        self.make = server.make

    def day(self, user, number, day):
        make, server = self.make, self.server
        ip = f"10.20.{10 + number % 8}.{20 + number}"
        for _ in range(make.between(1, 3)):
            start = at(day, 7.5 + make.random.random() * 9).replace(microsecond=0)
            if make.chance(0.04):
                server.dovecot_failure(start - timedelta(seconds=20), user, ip)
            server.dovecot_ok(start, user, ip, make.between(2, 50), read=make.between(0, 4))
        if make.chance(0.45):
            recipients = [make.pick(OUTSIDE)] if make.chance(0.5) else [f"cadre.sante{make.between(1, 3)}@{DOMAIN}"]
            server.submission(at(day, 8.5 + make.random.random() * 8).replace(microsecond=0), user, ip, recipients, host=f"poste-{number}.lan.{DOMAIN}")
        if make.chance(0.8):
            when = at(day, 6 + make.random.random() * 13).replace(microsecond=0)
            mid = server.message_id("fournisseur-medical.example")
            server.relayed(when, make.pick(OUTSIDE), [user], mid, f"mx1.{DOMAIN}", "10.20.0.11")
            server.sieve(when + timedelta(seconds=1), user, f"msgid={mid}: stored mail into mailbox 'INBOX'")

    def days(self, users, first, count):
        self.server.users.update(users)
        for number in range(count):
            day = first + timedelta(days=number)
            if local(day).weekday() >= 5:
                continue
            for k, user in enumerate(users):
                self.day(user, k, day)
