"""Checks one result of `digue analyze --json` against an expected.json. The words are told in ../README.md."""
import gzip
import ipaddress
import lzma
import tarfile
import zipfile
from functools import lru_cache
from pathlib import Path

SEVERITIES = ["informational", "low", "medium", "high", "critical"]
ACCUSED = ("compromised", "suspected")


@lru_cache(maxsize=64)
def exhibit(path):
    """The bytes that offsets of an input count in: the file's, or the decoded ones when compressed, archived or UTF-16."""
    name, _, member = path.partition("!")
    data = Path(name).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    elif data[:6] == b"\xfd7zXZ\0":
        data = lzma.decompress(data)
    if member and data[:2] == b"PK":
        with zipfile.ZipFile(name) as archive:
            data = archive.read(member)
    elif member and data[257:262] == b"ustar":
        with tarfile.open(name) as archive:
            data = archive.extractfile(member).read()
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            data = data[2:].decode(codec).encode("utf-8")
    return data


def related(technique, wanted):
    """Equal, parent or child: T1110 and T1110.003, but not T1110.001 and T1110.003."""
    wanted = [wanted] if isinstance(wanted, str) else wanted
    return any(technique == w or technique.startswith(w + ".") or w.startswith(technique + ".") for w in wanted)


def tells(finding, fact):
    return any(related(t, fact["rule_technique"]) for t in finding["techniques"]) and fact.get("account", finding["account"]) == finding["account"] \
        and SEVERITIES.index(finding["severity"]) >= SEVERITIES.index(fact.get("severity_at_least", "informational"))


class Check:
    """Collects what does not hold. `base`: the folder that input paths of the expectation count from."""

    def __init__(self, result, expected, base, said):
        self.result, self.expected, self.base, self.said = result, expected, Path(base), said
        self.accounts = {a["account"]: a for a in result["accounts"]}

    def fact(self, name, holds, detail=""):
        self.said(name, bool(holds), detail)

    def record_bytes(self, record):
        entry = self.result["inputs"][record["input"]]
        data = exhibit(entry["path"])
        return data[record["offset"]:record["offset"] + record["length"]]

    def form(self):
        """What holds for every result, whatever the evidence."""
        result = self.result
        for entry in result["inputs"]:
            total = entry["accepted"] + entry["duplicates"] + entry["rejected"]
            if entry["records"] != total:
                self.fact(f"counts of {Path(entry['path']).name}", False, f"records {entry['records']}, sum {total}")
        names = [a["account"] for a in result["accounts"]] + [s["account"] for s in result["sessions"]]
        self.fact("accounts are lower-case", all(n == n.lower() for n in names), [n for n in names if n != n.lower()][:3])
        ips = {ip for s in result["sessions"] + result["findings"] for ip in s["ips"]} | {i["value"] for i in result["indicators"] if i["type"] == "ip"}
        odd = [ip for ip in ips if not canonical(ip)]
        self.fact("addresses are canonical", not odd, odd[:3])
        known = {s["id"] for s in result["sessions"]}
        self.fact("sessions of accounts exist", all(i in known for a in result["accounts"] for i in a["sessions"]))
        for finding in result["findings"]:
            for record in finding["records"]:
                if record["input"] >= len(result["inputs"]):
                    self.fact(f"place of a record of {finding['rule']}", False, f"input {record['input']} of {len(result['inputs'])}")
                    continue
                data = self.record_bytes(record)
                if len(data) != record["length"]:
                    self.fact(f"place of a record of {finding['rule']}", False, f"offset {record['offset']} + {record['length']} is outside")
                elif record["uid"] and record["uid"].strip("<>").encode() not in data:
                    self.fact(f"place of a record of {finding['rule']}", False, f"uid {record['uid']} is not in {data[:60]!r}")
        self.fact("findings have records", all(f["records"] for f in result["findings"]), [f["rule"] for f in result["findings"] if not f["records"]][:3])

    def verdicts(self):
        expected = self.expected
        for account, wanted in expected.get("accounts", {}).items():
            wanted = [wanted] if isinstance(wanted, str) else wanted
            got = self.accounts.get(account, {"verdict": "clear"})["verdict"]
            self.fact(f"{account} is {' or '.join(wanted)}", got in wanted, f"got {got}: {self.reasons(account)}")
        for account in expected.get("clear", []):
            got = self.accounts.get(account, {"verdict": "clear"})["verdict"]
            self.fact(f"{account} is clear", got == "clear", f"got {got}: {self.reasons(account)}")
        if expected.get("nobody_accused") or expected.get("nobody_else_accused"):
            accused = [f"{n} {a['verdict']}: {self.reasons(n)}" for n, a in self.accounts.items() if a["verdict"] in ACCUSED and n not in expected.get("accounts", {})]
            self.fact("nobody else is accused", not accused, f"{len(accused)} accused, first: {accused[:2]}")
        for account, when in expected.get("first_access", {}).items():
            got = (self.accounts.get(account) or {}).get("first_access")
            self.fact(f"first access to {account}", got is not None and got[:19] == when[:19], f"got {got}, expected {when}")
        for account, wanted in expected.get("vector", {}).items():
            got = (self.accounts.get(account) or {}).get("vector")
            self.fact(f"vector of {account}", got in wanted, f"got {got}, expected {wanted}")

    def reasons(self, account):
        return (self.accounts.get(account) or {}).get("reasons", [])[:3]

    def sources(self):
        result, expected = self.result, self.expected
        attacker = {ip: s for s in result["sessions"] if s["actor"] == "attacker" for ip in s["ips"]}
        indicators = {i["value"] for i in result["indicators"] if i["type"] == "ip"}
        for ip in expected.get("attacker_ips", []):
            self.fact(f"{ip} is in an attacker's session", canonical(ip) in attacker, f"attacker's: {sorted(attacker)[:6]}")
            self.fact(f"{ip} is an indicator", canonical(ip) in indicators, f"indicators: {sorted(indicators)[:6]}")
        for ip in expected.get("benign_ips", []):
            self.fact(f"{ip} is not the attacker's", canonical(ip) not in attacker and canonical(ip) not in indicators,
                      f"session {attacker[canonical(ip)]['account']}" if canonical(ip) in attacker else "indicator")
        for ip in expected.get("doubtful_ips", []):
            own = [s["actor"] for s in result["sessions"] if canonical(ip) in s["ips"]]
            self.fact(f"{ip} is not called the user's", own and "user" not in own, f"sessions: {own}")
        everywhere = {ip for s in result["sessions"] + result["findings"] for ip in s["ips"]} | indicators
        for ip in expected.get("unused_ips", []):
            self.fact(f"{ip} is the source of nothing", canonical(ip) not in everywhere)
        for wanted in expected.get("indicators", []):
            self.fact(f"indicator {wanted['value']}", any(i["type"] == wanted["type"] and i["value"].lower() == wanted["value"].lower() for i in result["indicators"]))
        for wanted in expected.get("reach", []):
            found = [r for r in result["reach"] if all(r.get(k) == v for k, v in wanted.items())]
            near = [r for r in result["reach"] if r["address"] == wanted["address"]]
            self.fact(f"reach of {wanted['address']}", found, f"got {near or len(result['reach'])}")
        for address in expected.get("unreached", []):
            self.fact(f"{address} is not reached", all(r["address"] != address for r in result["reach"]))
        for wanted in expected.get("exposure", []):
            kinds = ["certain", "possible", "unknowable"] if wanted["kind"] == "any" else [wanted["kind"]]
            rows = [e for kind in kinds for e in result["exposure"][kind] if e["account"] == wanted["account"]]
            found = [e for e in rows if e["what"] == wanted.get("what", e["what"]) and e["count"] == wanted.get("count", e["count"])]
            self.fact(f"exposure of {wanted['account']}: {wanted.get('what', 'anything')}", found, f"got {[(e['what'], e['count']) for e in rows]}")

    def findings(self):
        for fact in self.expected.get("findings", []):
            name = f"finding {fact['rule_technique']} on {fact.get('account', 'any account')} showing {fact.get('records_contain', [])}"
            fitting = [f for f in self.result["findings"] if tells(f, fact)]
            shown = [f for f in fitting if all(any(text.encode() in self.record_bytes(r) for r in f["records"]) for text in fact.get("records_contain", []))]
            with_ips = [f for f in shown if all(ip in f["ips"] for ip in fact.get("ips", []))]
            others = sorted({(f["rule"], *f["techniques"]) for f in self.result["findings"] if f["account"] == fact.get("account", f["account"])})
            self.fact(name, with_ips, f"{len(fitting)} of the technique, {len(shown)} with the texts, {len(with_ips)} with the addresses; there: {others[:8]}")
        for fact in self.expected.get("no_findings", []):
            found = [f for f in self.result["findings"] if tells(f, fact)]
            self.fact(f"no finding {fact['rule_technique']} from {fact.get('severity_at_least', 'informational')}", not found,
                      [(f["rule"], f["account"], f["severity"], f["why"][:2]) for f in found[:2]])

    def inputs(self):
        by_name = {}
        for entry in self.result["inputs"]:
            path = entry["path"]
            by_name[str(Path(path).relative_to(self.base)) if Path(path).is_relative_to(self.base) else path] = entry
        for name, wanted in self.expected.get("inputs", {}).items():
            entry = by_name.get(name)
            if entry is None:
                self.fact(f"input {name} is listed", False, f"listed: {sorted(by_name)[:12]}")
                continue
            got = dict(entry, readable=entry["accepted"] + entry["duplicates"], readable_at_least=entry["accepted"] + entry["duplicates"],
                       rejected_at_least=entry["rejected"], first_day=(entry["first"] or "")[:10], last_day=(entry["last"] or "")[:10], notes=bool(entry["notes"]))
            for key, value in wanted.items():
                holds = got[key] >= value if key.endswith("_at_least") else got[key] == value
                self.fact(f"{name}: {key} {value}", holds, f"got {got[key]} ({entry['records']} records, notes {entry['notes'][:3]})")
        totals = self.expected.get("totals")
        for key, value in (totals or {}).items():
            got = sum(entry[key] for entry in self.result["inputs"])
            self.fact(f"all inputs: {key} {value}", got == value, f"got {got}")

    def events(self, rows):
        for wanted in self.expected.get("events", []):
            fields = {k: v for k, v in wanted.items() if k != "count"}
            found = [r for r in rows if all(r.get(k) == v for k, v in fields.items())]
            self.fact(f"events {fields}: {wanted['count']}", len(found) == wanted["count"], f"got {len(found)} of {len(rows)}")


def canonical(ip):
    try:
        return ip if str(ipaddress.ip_address(ip)) == ip else None
    except ValueError:
        return None


def comparable(result, rows):
    """A result without what may differ between equal analyses: inputs, places, duplicate counts, completeness."""
    kept = {k: v for k, v in result.items() if k not in ("inputs", "completeness")}
    kept["findings"] = [dict(f, records=sorted(r["uid"] or "" for r in f["records"])) for f in result["findings"]]
    kept["events"] = [{k: v for k, v in row.items() if k not in ("input", "offset", "length")} for row in rows]
    return kept


def first_difference(a, b, path="$"):
    if type(a) is not type(b):
        return f"{path}: {a!r} / {b!r}"
    if isinstance(a, dict):
        for key in sorted(a.keys() | b.keys()):
            if key not in a or key not in b:
                return f"{path}.{key} is on one side only"
            if a[key] != b[key]:
                return first_difference(a[key], b[key], f"{path}.{key}")
    if isinstance(a, list):
        if len(a) != len(b):
            return f"{path}: {len(a)} / {len(b)} entries"
        for k, (x, y) in enumerate(zip(a, b)):
            if x != y:
                return first_difference(x, y, f"{path}[{k}]")
    return f"{path}: {a!r} / {b!r}"
