"""Times for made evidence: everything is held in UTC, written in the shapes of the sources."""
from datetime import datetime, timedelta, timezone

UTC = timezone.utc
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def utc(year, month, day, hour=0, minute=0, second=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _last_sunday(year, month):
    day = datetime(year, month, 31, 1, tzinfo=UTC)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def paris_offset(when):
    """Offset of Europe/Paris by the rule in force since 1996, so that no time zone database is needed."""
    summer = _last_sunday(when.year, 3) <= when < _last_sunday(when.year, 10)
    return timedelta(hours=2 if summer else 1)


def paris(year, month, day, hour=0, minute=0, second=0):
    """The instant at which clocks in Paris show this."""
    shown = utc(year, month, day, hour, minute, second)
    return shown - paris_offset(shown - timedelta(hours=1))


def at(day, hour, minute=0, second=0):
    """An instant of a Paris calendar day; `day` is its local midnight as an instant, hours may pass 24."""
    return day + timedelta(hours=hour, minutes=minute, seconds=second)


def iso(when, fraction=""):
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + fraction


def local(when):
    return when + paris_offset(when)


def rfc3164(when):
    shown = local(when)
    return f"{MONTHS[shown.month - 1]} {shown.day:2d} {shown:%H:%M:%S}"


def iso_local(when, micros=0):
    offset = int(paris_offset(when).total_seconds() // 3600)
    return f"{local(when):%Y-%m-%dT%H:%M:%S}.{micros:06d}+{offset:02d}:00"


def purview(when):
    return iso(when) + ".0000000Z"


def culture_date(when, culture):
    """What Export-Csv writes on a PC of that culture; the value itself is UTC."""
    if culture == "fr-FR":
        return when.strftime("%d/%m/%Y %H:%M:%S")
    if culture == "de-DE":
        return when.strftime("%d.%m.%Y %H:%M:%S")
    if culture == "en-US":
        half = "AM" if when.hour < 12 else "PM"
        return f"{when.month}/{when.day}/{when.year} {(when.hour + 11) % 12 + 1}:{when:%M:%S} {half}"
    raise ValueError(culture)
