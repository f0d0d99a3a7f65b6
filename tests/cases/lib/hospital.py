"""The fictional hospital: its networks, its people and what they use. No real person, no real address."""
import random
import uuid
from dataclasses import dataclass, field

DOMAIN = "ch-exemple.fr"
TENANT = "5f0c7a52-6a8e-4c57-9d1b-0e3a2f9b7c11"
TENANT_NAME = "chexemple.onmicrosoft.com"


@dataclass(frozen=True)
class Network:
    """Where an access comes from. Addresses are of the documentation ranges, AS numbers of RFC 5398."""
    ip: str
    country: str
    city: str
    latitude: float
    longitude: float
    asn: int

    def with_ip(self, ip):
        return Network(ip, self.country, self.city, self.latitude, self.longitude, self.asn)


HOSPITAL = Network("192.0.2.10", "FR", "Exempleville", 46.6, 2.5, 64496)
VPN = Network("192.0.2.20", "FR", "Exempleville", 46.6, 2.5, 64496)
LISBON = Network("2001:db8:351:7::24", "PT", "Lisboa", 38.72, -9.14, 64503)
PROXY = Network("203.0.113.66", "NL", "Amsterdam", 52.37, 4.9, 64500)
LAGOS = Network("2001:db8:234:66::15", "NG", "Lagos", 6.45, 3.39, 64501)
ROSTOV = Network("203.0.113.91", "RU", "Rostov-na-Donu", 47.23, 39.7, 64502)


def home(number):
    return Network(f"198.51.100.{10 + number % 180}", "FR", "Exempleville", 46.6, 2.5, 64497)


def mobile(number):
    return Network(f"2001:db8:4000:{number:x}::1", "FR", "Exempleville", 46.6, 2.5, 64498)


@dataclass(frozen=True)
class Device:
    id: str
    name: str
    os: str
    browser: str
    agent: str
    managed: bool
    client: str  # clientAppUsed of sign-ins


EDGE = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/133.0.0.0 Safari/537.36 Edg/133.0.0.0")
CHROME = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/131.0.0.0 Safari/537.36")
FIREFOX_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 "
          "(KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1")
ANDROID = ("Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/133.0.0.0 Mobile Safari/537.36")
SPRAYER = "python-requests/2.31.0"

FOREIGN_CHROME = Device("", "", "Windows10", "Chrome 131.0.0", CHROME, False, "Browser")
FOREIGN_LINUX = Device("", "", "Linux", "Firefox 128.0", FIREFOX_LINUX, False, "Browser")
SCRIPT = Device("", "", "", "Python Requests 2.31", SPRAYER, False, "Authenticated SMTP")


class Maker:
    """The only source of chance: every identifier and jitter comes from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def guid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def token(self, length=16):
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self.random.choice(letters) for _ in range(length))

    def between(self, low, high):
        return low + int(self.random.random() * (high - low + 1))

    def pick(self, items):
        return items[int(self.random.random() * len(items))]

    def chance(self, probability):
        return self.random.random() < probability

    def some(self, items, count):
        """`count` distinct items, in the order of the list."""
        ranked = sorted(range(len(items)), key=lambda _: self.random.random())
        return [items[i] for i in sorted(ranked[:count])]


@dataclass
class Person:
    login: str
    number: int
    shift: str  # day | night | telework
    object_id: str
    puid: str
    mailbox: str
    workstation: Device
    phone: Device
    display: str = ""
    extra: dict = field(default_factory=dict)

    @property
    def upn(self):
        return f"{self.login}@{DOMAIN}"

    @property
    def home(self):
        return self.extra.get("home") or home(self.number)

    @property
    def mobile(self):
        return self.extra.get("mobile") or mobile(self.number)


def make_person(make, login, number, shift="day"):
    workstation = Device(make.guid(), f"CHE-PC-{1000 + number}", "Windows10", "Edge 133.0.0", EDGE, True, "Browser")
    iphone = make.chance(0.5)
    phone = Device("", "", "iOS 18.3" if iphone else "Android 15", "Mobile Safari" if iphone else "Chrome Mobile 133.0.0",
                   IPHONE if iphone else ANDROID, False, "Mobile Apps and Desktop clients")
    display = login.replace(".", " ").capitalize()
    return Person(login, number, shift, make.guid(), f"10032002{make.random.getrandbits(32):08X}", make.guid(),
                  workstation, phone, display)


ROLES = [  # service account stem, how many, shift
    ("secretaire.cardio", 3, "day"), ("secretaire.pneumo", 2, "day"), ("secretaire.pediatrie", 2, "day"),
    ("secretaire.chirurgie", 2, "day"), ("medecin.urgences", 4, "night"), ("medecin.pediatrie", 2, "day"),
    ("medecin.cardio", 2, "day"), ("infirmier.urgences", 5, "night"), ("infirmier.rea", 4, "night"),
    ("aide.soignant", 4, "night"), ("sage.femme", 2, "night"), ("pharmacien", 2, "day"), ("biologiste", 2, "day"),
    ("radiologue", 2, "telework"), ("cadre.sante", 3, "day"), ("rh.paie", 2, "telework"), ("comptable", 3, "telework"),
    ("direction.soins", 1, "day"), ("direction.generale", 1, "day"), ("dpo", 1, "telework"),
    ("admin.systeme", 2, "telework"), ("qualite", 1, "telework"),
]


def make_staff(make, limit=None):
    staff = []
    for stem, count, shift in ROLES:
        for k in range(1, count + 1):
            staff.append(make_person(make, f"{stem}{k}" if count > 1 else stem, len(staff) + 1, shift))
    return staff[:limit]
