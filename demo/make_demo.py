#!/usr/bin/env python3
"""Writes the demonstration incident: evidence/ and truth.json, the same bytes at each run.

The hospital, its people and its correspondents do not exist. Addresses are of the documentation ranges (RFC 5737,
RFC 3849), domains of .example and ch-exemple.fr, AS numbers of RFC 5398.
"""
import json
import sys
from datetime import timedelta
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "cases" / "lib"))

from clock import at, iso, paris
from hospital import (DOMAIN, FOREIGN_CHROME, FOREIGN_LINUX, HOSPITAL, LAGOS, LISBON, PROXY, ROSTOV, Device, IPHONE, Maker, make_staff)
from life import Life, OldServerLife, OUTSIDE
from maillog import MailServer
from microsoft import Microsoft, graph_page, ndjson, purview_csv, when_of

FIRST = paris(2026, 3, 2)  # a Monday
DAYS = 11  # the evidence is taken on Thursday evening
ATTACK = paris(2026, 3, 11)  # Wednesday of the second week
OLD_USERS = [f"{name}@{DOMAIN}" for name in ("accueil.radio", "accueil.labo", "archives", "biomedical1", "biomedical2", "cuisine", "imprimerie",
                                             "lingerie", "logistique1", "logistique2", "rh.communication", "technique")]
OLD_VICTIM = OLD_USERS[0]
FRAUD_SUBJECT = "Facture en attente - nouvelles coordonnées bancaires"
FORWARD = "archive.radio@boite-rapide.example"
APP_NAME, APP_ID = "Lecteur PDF Rapide", "7d2a9c54-1b0e-4f6a-b3c8-52e6f0a91d37"


def ordinary_days(make, ms, staff, old, gateway):
    by_login = {p.login: p for p in staff}
    traveller = by_login["medecin.pediatrie1"]
    trip = {(traveller.login, n) for n in range(2, 6)}  # Wednesday to Saturday of the first week
    life = Life(ms, richness=0.2)
    life.days(staff, FIRST, DAYS, skip=trip)

    # A congress in Lisbon: own laptop, hospital device id, MFA passed.
    for number in (3, 4):
        day = FIRST + timedelta(days=number)
        life.session(traveller, at(day, 8, 20), 2, LISBON, traveller.workstation, small=True)
        life.session(traveller, at(day, 19, 5), 1, LISBON.with_ip("2001:db8:351:9::3b"), traveller.phone, app="mobile", small=True)

    # A new telephone: the method is registered again from the hospital.
    changer = by_login["infirmier.rea2"]
    new_phone = Device("", "", "iOS 18.3", "Mobile Safari", IPHONE, False, "Mobile Apps and Desktop clients")
    when = at(FIRST + timedelta(days=7), 22, 10)
    ms.sign_in(when, changer, HOSPITAL, changer.workstation, make.guid())
    ms.mfa_registered(when + timedelta(minutes=6), changer, (6,), (6, 6))
    ms.sign_in(when + timedelta(minutes=9), changer, HOSPITAL, new_phone, make.guid(), "mobile")

    # An inbox rule as people make them.
    tidy = by_login["comptable1"]
    ms.inbox_rule(at(FIRST + timedelta(days=1), 10, 12), tidy, HOSPITAL, "Lettres d'information", FromAddressContainsWords="lettre@editeur-logiciel.example",
                  MoveToFolder="À lire", StopProcessingRules=False)

    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        for hour in (2, 14):
            ms.service_noise(at(day, hour, make.between(0, 59), make.between(0, 59)))

    OldServerLife(old).days(OLD_USERS, FIRST, DAYS)
    everyone = [p.upn for p in staff] + [f"agent{n}@{DOMAIN}" for n in range(1, 121)]
    for number in (0, 7):  # the internal newsletter of each Monday
        old.submission(at(FIRST + timedelta(days=number), 9, 30), f"rh.communication@{DOMAIN}", "10.20.14.30", everyone, host=f"poste-10.lan.{DOMAIN}",
                       size=148000)

    # Mail that leaves Exchange Online through the hospital's gateway, and what comes in.
    for when, person, mid in life.sent:
        if make.chance(0.5):
            gateway.relayed(when + timedelta(seconds=3), person.upn, [make.pick(OUTSIDE)], mid)
    for number in range(DAYS):
        for _ in range(9):
            when = at(FIRST + timedelta(days=number), 6 + make.random.random() * 14).replace(microsecond=0)
            gateway.relayed(when, make.pick(OUTSIDE), [make.pick(staff).upn], gateway.message_id("fournisseur-medical.example"), "mx.fournisseur-medical.example",
                            "198.51.100.5", outside="exchange-online.example[192.0.2.200]:25")

    # Guessing from the Internet that never succeeds.
    for number in range(DAYS):
        for _ in range(make.between(3, 7)):
            when = at(FIRST + timedelta(days=number), make.random.random() * 24).replace(microsecond=0)
            name = make.pick(["info", "admin", "test", "scan", "contact"])
            ip = f"203.0.113.{make.between(200, 250)}"
            if make.chance(0.5):
                old.dovecot_failure(when, f"{name}@{DOMAIN}", ip, make.between(1, 3))
            else:
                old.sasl_failure(when, ip, f"{name}@{DOMAIN}")


def cloud_attack(make, ms, staff, gateway):
    """A secretary gives her password and second factor to a relaying phishing page; the session is used from elsewhere."""
    by_login = {p.login: p for p in staff}
    victim, second = by_login["secretaire.cardio2"], by_login["rh.paie1"]
    session = make.guid()
    client = f"Client=OWA;{FOREIGN_CHROME.agent}"

    def moment(hour, minute, second=0):
        return at(ATTACK, hour, minute, second)

    ms.sign_in(moment(8, 41, 12), victim, PROXY, FOREIGN_CHROME, session, "home", 50074, details="MFA required in Azure AD")
    ms.sign_in(moment(8, 41, 40), victim, PROXY, FOREIGN_CHROME, session, "home", details="MFA completed in Azure AD")
    ms.sign_in(moment(8, 44, 5), victim, LAGOS, FOREIGN_LINUX, session, "outlook")
    ms.mfa_registered(moment(8, 52, 31), victim)
    ms.inbox_rule(moment(9, 3, 18), victim, PROXY, ".", session, SubjectOrBodyContainsWords="virement;facture;RIB;hameçonnage;phishing;suspect;piratage;mot de passe",
                  MoveToFolder="Flux RSS", MarkAsRead=True, StopProcessingRules=True)
    for query in ("RIB", "facture", "mot de passe"):
        ms.search(moment(9, 5 + make.between(0, 4), make.between(0, 59)), victim, LAGOS, query, session)
    read = []
    for k in range(14):
        ids = [ms.message_id() for _ in range(make.between(2, 9))]
        read += ids
        ms.mail_access(moment(9, 8 + 2 * k, make.between(0, 59)), victim, LAGOS, f"Client=OWA;{FOREIGN_LINUX.agent}", session, messages=ids,
                       folder="\\Boîte de réception" if k % 3 else "\\Éléments envoyés")
    ms.consent(moment(9, 47, 2), victim, APP_NAME, APP_ID, "openid profile offline_access Mail.Read Mail.ReadWrite Mail.Send")
    sent, outside, inside = [], [], []
    colleagues = [p.upn for p in make.some([p for p in staff if p not in (victim, second)], 22)] + [second.upn]
    partners = [f"comptabilite@partenaire{n:02d}.example" for n in range(1, 41)]
    for k, address in enumerate(partners + colleagues):
        when = moment(13, 40) + timedelta(seconds=11 * k + make.between(0, 4))
        mid = ms.message_id()
        sent.append((mid, FRAUD_SUBJECT))
        ms.send(when, victim, PROXY, client, session, FRAUD_SUBJECT, mid, size=48211, attachments="Facture_2026_0311.pdf (38114b)")
        if address in partners:
            outside.append(address)
            gateway.relayed(when + timedelta(seconds=2), victim.upn, [address], mid, size=51700,
                            statuses={address: "bounced"} if k % 13 == 5 else None)
        else:
            inside.append(address)
    for k in range(0, len(sent), 21):
        ms.remove_items(moment(13, 56, k), victim, PROXY, client, session, "HardDelete", "\\Éléments envoyés", sent[k:k + 21])

    # A colleague answers the mail sent inside: same source, one hour later.
    second_session = make.guid()
    ms.sign_in(moment(14, 52, 20), second, PROXY, FOREIGN_CHROME, second_session, "home", details="MFA completed in Azure AD")
    for k in range(4):
        ms.mail_access(moment(14, 55 + k, 30), second, PROXY, client, second_session, count=6)
    # And others are only tried.
    tried = [by_login["comptable2"], by_login["secretaire.pneumo1"]]
    for person in tried:
        for k in range(3):
            ms.sign_in(moment(15, 10 + k, 7 * person.number % 60), person, PROXY, FOREIGN_CHROME, None, "home", 50126, mfa=False)
    return {"victim": victim.upn, "second": second.upn, "tried": [p.upn for p in tried], "sessions": {victim.upn: session, second.upn: second_session},
            "outside": outside, "inside": inside, "sent": len(sent), "read": len(read)}


def old_server_attack(make, old):
    """The password of a shared desk account is guessed; mail is redirected by a filter, then the account sends in mass."""
    night = paris(2026, 3, 12)
    for k in range(16):
        old.dovecot_failure(at(night, 1, 48, 0) + timedelta(seconds=140 * k), OLD_VICTIM if k % 4 else f"accueil@{DOMAIN}", ROSTOV.ip, 3, seconds=17)
    old.dovecot_ok(at(night, 2, 31, 7), OLD_VICTIM, ROSTOV.ip, 38, out=18_734_112, read=412)
    old.dovecot_ok(at(night, 2, 40, 55), OLD_VICTIM, ROSTOV.ip, 2, service="managesieve")
    for k in range(7):
        when = at(night, 8 + k, 14, 9)
        sender, mid = make.pick(OUTSIDE), old.message_id("clinique-voisine.example")
        old.relayed(when, sender, [OLD_VICTIM], mid, f"mx1.{DOMAIN}", "10.20.0.11")
        old.sieve(when + timedelta(seconds=1), OLD_VICTIM, f"msgid={mid}: forwarded to <{FORWARD}>",
                  f"msgid={mid}: stored mail into mailbox 'INBOX'")
        old.relayed(when + timedelta(seconds=2), sender, [FORWARD], mid, "localhost", "127.0.0.1")
    recipients = [f"client{n:03d}@messagerie{n % 9}.example" for n in range(300)]
    statuses = {r: ("bounced" if k % 11 == 3 else "deferred" if k % 17 == 5 else "sent") for k, r in enumerate(recipients)}
    for k in range(6):
        old.submission(at(night, 4, 2 + 3 * k, 13), OLD_VICTIM, ROSTOV.ip, recipients[50 * k:50 * k + 50], statuses=statuses, size=6120)
    return {"recipients": recipients}


def finding(technique, account, text, why):
    return {"rule_technique": technique, "account": account, "records_contain": [text], "why": why}


def main():
    make = Maker("digue-demo-1")
    ms = Microsoft(make)
    staff = make_staff(make)
    old = MailServer(make, "messagerie1", "rfc3164")
    gateway = MailServer(make, "mx1", "iso", "10.20.0.11")
    ordinary_days(make, ms, staff, old, gateway)
    cloud = cloud_attack(make, ms, staff, gateway)
    server = old_server_attack(make, old)

    # Two exports that overlap by some hours, as two colleagues make them.
    cut, overlap = FIRST + timedelta(days=8), FIRST + timedelta(days=7, hours=14)
    out = HERE / "evidence"
    out.mkdir(exist_ok=True)
    files = {
        "journal-audit-semaine-1.csv": purview_csv([r for r in ms.audit if when_of(r) < cut]),
        "journal-audit-semaine-2.ndjson": ndjson([r for r in ms.audit if when_of(r) >= overlap]),
        "connexions-entra.json": graph_page(ms.sign_ins),
        "messagerie1-mail.log": old.text(),
        "mx1-mail.log": gateway.text(),
    }
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="")
    victim, second = cloud["victim"], cloud["second"]
    truth = {
        "about": "What really happened in evidence/: the demonstration incident of a hospital that does not exist.",
        "options": ["--own-domain", DOMAIN, "--own-range", "192.0.2.0/27", "--own-range", "10.20.0.0/16", "--zone", "Europe/Paris", "--year", "2026"],
        "accounts": {victim: "compromised", second: "compromised", OLD_VICTIM: "compromised", **{a: "targeted" for a in cloud["tried"]}},
        "clear": sorted((set(p.upn for p in staff) | set(OLD_USERS)) - {OLD_VICTIM} - {victim, second} - set(cloud["tried"])),
        "attacker_ips": [PROXY.ip, LAGOS.ip, ROSTOV.ip],
        "benign_ips": [HOSPITAL.ip, "192.0.2.20", LISBON.ip],
        "attacker_sessions": cloud["sessions"],
        "first_access": {victim: iso(at(ATTACK, 8, 41, 40)) + "Z", second: iso(at(ATTACK, 14, 52, 20)) + "Z",
                         OLD_VICTIM: iso(at(paris(2026, 3, 12), 2, 31, 7)) + "Z"},
        "fraudulent_messages": {"subject": FRAUD_SUBJECT, "count": cloud["sent"], "outside": cloud["outside"], "inside": cloud["inside"]},
        "messages_read": {victim: cloud["read"], second: 24},
        "mass_sending": {"account": OLD_VICTIM, "recipients": len(server["recipients"])},
        "redirect": FORWARD,
        "application": {"name": APP_NAME, "id": APP_ID},
        "findings": [
            finding("T1539", victim, cloud["sessions"][victim], "one session id from two networks and two countries"),
            finding("T1098.005", victim, "StrongAuthenticationMethod", "MFA method registered eleven minutes after a doubtful sign-in"),
            finding("T1564.008", victim, "Flux RSS", "rule named . that hides replies in the RSS folder and marks them read"),
            finding("T1528", victim, APP_ID, "consent to an application that reads and sends mail"),
            finding("T1534", victim, FRAUD_SUBJECT, "63 messages of one subject in twelve minutes"),
            finding("T1070.008", victim, "HardDelete", "the sent messages are purged"),
            finding("T1110", OLD_VICTIM, "auth failed", "failures then a success from the same source"),
            finding("T1114.003", OLD_VICTIM, FORWARD, "incoming mail is forwarded outside by a filter"),
            finding("T1534", OLD_VICTIM, "nrcpt=50", "300 recipients in eighteen minutes"),
        ],
    }
    (HERE / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
