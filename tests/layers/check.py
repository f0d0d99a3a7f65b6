#!/usr/bin/env python3
"""Checks the house rules that a compiler does not: direction of includes, owners of third-party headers, size of files, entries
of *.def files, texts that must not be in the project. Names file and line; runs in a fraction of a second.

usage: tests/layers/check.py [ROOT]      exceptions come from the table "Allowed exceptions" of docs/architecture.md
"""
import re
import sys
import time
from pathlib import Path

LAYERS = [  # DESIGN: dependencies point down only
    {"base"},
    {"model"},
    {"formats", "mail", "enrich", "detect", "story", "playbook", "incident", "containment", "journal", "people", "exchange", "report"},
    {"analysis", "hunt", "watch", "store", "connect", "worker", "net"},
    {"service"},
    {"api", "cli"},
    {"app"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# header prefix -> the places that may include it (prefixes of the path under the root)
OWNERS = {
    "simdjson.h": ["src/base/json"],
    "boost/json": ["src/base/json"],
    "boost/asio": ["src/net/"],
    "boost/beast": ["src/net/"],
    "boost/system": ["src/net/"],
    "sqlite3.h": ["src/store/sqlite/"],
    "libpq-fe.h": ["src/store/postgres/"],
    "libfyaml.h": ["src/base/yaml"],
    "openssl/": ["src/base/crypto/"],
    "sodium.h": ["src/base/crypto/"],
    "crypt.h": ["src/base/crypto/"],
    "archive.h": ["src/base/archive"],
    "archive_entry.h": ["src/base/archive"],
    "maxminddb.h": ["src/enrich/"],
    "curl/": ["src/base/http_client"],
    "libssh/": ["src/connect/host/"],
    "ldap.h": ["src/connect/ldap/session"],
    "lber.h": ["src/connect/ldap/session"],
    "openldap.h": ["src/connect/ldap/session"],
    "seccomp.h": ["src/base/sandbox"],
    "linux/landlock.h": ["src/base/sandbox"],
    "linux/seccomp.h": ["src/base/sandbox"],
    "date/": ["src/base/time"],
    "fmt/": [""],
    "CLI/": ["src/cli/"],
    "tl/expected.hpp": ["src/base/result.hpp"],
    "benchmark/": ["bench/"],
}
DOCTEST = "doctest/"  # in *_test.cpp, *_test.hpp and under tests/
SYSTEM = re.compile(r"^(?:[a-z0-9_]+|(?:sys|netinet|arpa|net|linux|asm)/[a-z0-9_]+\.h|"
                    r"(?:unistd|fcntl|poll|signal|dirent|dlfcn|ftw|glob|grp|pwd|pthread|sched|spawn|syslog|termios|time|getopt|err|errno|"
                    r"limits|stdlib|stdio|string|strings|netdb|endian|byteswap|elf|link|execinfo|immintrin|x86intrin|sanitizer/[a-z_]+)\.h)$")

CODE = {".cpp", ".hpp", ".ts", ".mjs", ".svelte", ".css", ".py", ".sh", ".cmake", ".def"}
CODE_FOLDERS = ("src", "tests", "bench", "fuzz", "packaging", "cmake", "web/src", "web/scripts")
TEXT_FOLDERS = CODE_FOLDERS + ("docs", "content")
TEXT_FILES = ("Makefile", "CMakeLists.txt", "CMakePresets.json", "README.md", "README.fr.md", "CONTRIBUTING.md", "SECURITY.md",
              "CHANGELOG.md", ".ci/run", "tests/run", ".clang-tidy", ".clang-format", "web/package.json", "web/vite.config.ts", "web/.npmrc")
EVIDENCE = ("tests/cases/", "tests/layers/check.py", "fuzz/corpus/")  # records quote the paths of the machines that they tell of
LONGEST = 600
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
DEFINED = re.compile(r"^(?:extern )?const \w+ (\w+)\s*[{=(]", re.MULTILINE)
FORBIDDEN = [
    (re.compile(r"(?<![\w.~$}:/-])/(?:home|root|Users|work|workspace|builds?)/[\w.-]+"), "absolute path of one machine"),
    (re.compile(r"(?://|#|\*)\s*(?:TODO|FIXME|XXX|HACK)\b"), "unfinished mark"),
    (re.compile(r"\bregistry\.[a-z0-9-]+\.[a-z]+|\bdeb\.debian\.org"), "name of a package registry"),
    (re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE), "conflict mark"),
]


class Tree:
    """The text files below a root, each read once."""

    def __init__(self, texts):
        self.texts = texts

    @classmethod
    def read(cls, root):
        tree = cls({})
        for folder in TEXT_FOLDERS:
            for path in sorted((root / folder).rglob("*")):
                if path.is_file() and "node_modules" not in path.parts:
                    tree.add(root, path)
        for name in TEXT_FILES:
            if (root / name).is_file():
                tree.add(root, root / name)
        return tree

    def add(self, root, path):
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            self.texts[path.relative_to(root).as_posix()] = data.decode("utf-8", "replace")

    def code(self, *suffixes):
        for name, text in self.texts.items():
            if Path(name).suffix in suffixes:
                yield name, text


def exceptions(tree):
    """Rows `| from | to | reason |` below the heading "Allowed exceptions" of docs/architecture.md; one without a reason is none."""
    allowed, inside = set(), False
    for line in tree.texts.get("docs/architecture.md", "").splitlines():
        if line.startswith("#"):
            inside = "allowed exceptions" in line.lower()
        elif inside and line.startswith("|"):
            cells = [cell.strip().strip("`") for cell in line.strip("|\n ").split("|")]
            if len(cells) >= 3 and len(cells[2]) > 10:
                allowed.add((cells[0], cells[1]))
    return allowed


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def check_direction(tree):
    allowed = exceptions(tree)
    for name, text in tree.code(".cpp", ".hpp"):
        parts = name.split("/")
        if parts[0] != "src":
            continue
        module = parts[1]
        if module not in LEVEL:
            yield f"{name}:1: folder src/{module} is in no layer"
            continue
        for number, own, _ in includes(text):
            if not own or "/" not in own:
                if own and own != "assets.def":
                    yield f'{name}:{number}: "{own}" is not relative to src/'
                continue
            target = own.split("/")[0]
            if target not in LEVEL:
                yield f'{name}:{number}: "{own}" is in no layer'
            elif "src/" + own not in tree.texts:
                yield f'{name}:{number}: "{own}" does not exist'
            elif target != module and LEVEL[target] >= LEVEL[module] and (module, target) not in allowed:
                way = "beside" if LEVEL[target] == LEVEL[module] else "up"
                yield f'{name}:{number}: {module} includes "{own}": {way}, not down (see "Allowed exceptions" in docs/architecture.md)'


def check_owners(tree):
    for name, text in tree.code(".cpp", ".hpp"):
        for number, _, header in includes(text):
            if not header or SYSTEM.match(header) and header not in OWNERS:
                continue
            if header.startswith(DOCTEST):
                if not (name.endswith(("_test.cpp", "_test.hpp")) or name.startswith("tests/")):
                    yield f"{name}:{number}: <{header}> belongs to *_test.cpp, *_test.hpp and tests/"
                continue
            owner = next((places for prefix, places in OWNERS.items() if header.startswith(prefix)), None)
            if owner is None:
                yield f"{name}:{number}: <{header}> has no owner: name one in OWNERS of tests/layers/check.py"
            elif not any(name.startswith(place) for place in owner):
                yield f"{name}:{number}: <{header}> belongs to {', '.join(owner)}"


def check_size(tree):
    for name, text in tree.texts.items():
        lines = text.count("\n")
        if Path(name).suffix in CODE and lines > LONGEST and not name.startswith(EVIDENCE[0]):
            yield f"{name}:{lines}: {lines} lines, {LONGEST} at most"


def check_defs(tree):
    """An entry NAME(x) or NAME(x, ...) of a *.def file under src needs a const table x or x_... in a source below the same folder."""
    for name, text in tree.code(".def"):
        if not name.startswith("src/"):
            continue
        folder = name.rsplit("/", 1)[0] + "/"
        defined, seen = set(), {}
        for path, body in tree.code(".cpp"):
            if path.startswith(folder) and not path.endswith("_test.cpp"):
                defined.update(DEFINED.findall(body))
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r"^\s*[A-Z][A-Z0-9_]*\(\s*(\w+)", line)
            if not match:
                if line.strip() and not line.lstrip().startswith(("//", "#")):
                    yield f"{name}:{number}: not an entry: {line.strip()}"
                continue
            entry = match[1]
            if entry in seen:
                yield f"{name}:{number}: {entry} is already on line {seen[entry]}"
            seen[entry] = number
            if not any(known == entry or known.startswith(entry + "_") for known in defined):
                yield f"{name}:{number}: no source under {folder} defines {entry}"


def check_texts(tree):
    for name, text in tree.texts.items():
        if name.startswith(EVIDENCE):
            continue
        for pattern, what in FORBIDDEN:
            for match in pattern.finditer(text):
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match[0].strip()}"


RULES = [("includes point down", check_direction), ("third-party headers have one owner", check_owners),
         ("files stay short", check_size), ("entries of *.def exist", check_defs), ("no forbidden text", check_texts)]

# (what it proves, files, the rule that must name this place, or None when all must pass)
SELF_TESTS = [
    ("down is allowed", {"src/model/a.hpp": "", "src/formats/b.cpp": '#include "model/a.hpp"\n'}, None),
    ("up is refused", {"src/base/a.cpp": '\n#include "model/b.hpp"\n', "src/model/b.hpp": ""}, "src/base/a.cpp:2:"),
    ("beside is refused", {"src/detect/a.cpp": '#include "story/b.hpp"\n', "src/story/b.hpp": ""}, "src/detect/a.cpp:1:"),
    ("beside with a reason is allowed", {"src/worker/a.cpp": '#include "analysis/b.hpp"\n', "src/analysis/b.hpp": "", "docs/architecture.md":
     "## Allowed exceptions\n| from | to | reason |\n|---|---|---|\n| `worker` | `analysis` | the worker runs the first river |\n"}, None),
    ("an exception without a reason is none", {"src/worker/a.cpp": '#include "analysis/b.hpp"\n', "src/analysis/b.hpp": "",
     "docs/architecture.md": "## Allowed exceptions\n| worker | analysis | |\n"}, "src/worker/a.cpp:1:"),
    ("a missing header is named", {"src/model/a.cpp": '#include "base/gone.hpp"\n'}, "src/model/a.cpp:1:"),
    ("an unknown folder is named", {"src/utils/a.cpp": ""}, "src/utils/a.cpp:1:"),
    ("the owner may include", {"src/store/sqlite/a.cpp": "#include <sqlite3.h>\n#include <vector>\n#include <sys/stat.h>\n"}, None),
    ("another folder may not", {"src/service/a.cpp": "#include <sqlite3.h>\n"}, "src/service/a.cpp:1:"),
    ("a header without owner is named", {"src/net/a.cpp": "#include <curl/curl.h>\n"}, "src/net/a.cpp:1:"),
    ("doctest only in tests", {"src/base/a_test.cpp": "#include <doctest/doctest.h>\n", "src/base/b.cpp": "#include <doctest/doctest.h>\n"},
     "src/base/b.cpp:1:"),
    ("a long file is named", {"src/base/a.cpp": "\n" * (LONGEST + 1)}, "src/base/a.cpp:601:"),
    ("a defined entry passes", {"src/formats/formats.def": "// all\nLINE_FORMAT(postfix)\n",
     "src/formats/postfix/postfix.cpp": "const LineFormat postfix{};\n"}, None),
    ("an entry without source is named", {"src/formats/formats.def": "LINE_FORMAT(postfix)\n"}, "src/formats/formats.def:1:"),
    ("an absolute path is named", {"docs/a.md": "see /ho" + "me/anna/logs\n"}, "docs/a.md:1:"),
    ("an address is no path", {"docs/a.md": "https://example.test/home/x and src/y\n"}, None),
    ("an unfinished mark is named", {"src/base/a.cpp": "// TO" + "DO later\n"}, "src/base/a.cpp:1:"),
]


def violations(tree):
    return [(title, list(rule(tree))) for title, rule in RULES]


def self_test():
    failures = []
    for title, files, place in SELF_TESTS:
        found = [line for _, lines in violations(Tree(files)) for line in lines]
        right = not found if place is None else len(found) == 1 and found[0].startswith(place)
        if not right:
            failures.append(f"self-test: {title}: found {found or 'nothing'}, expected {place or 'nothing'}")
    return failures


def main():
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    started = time.monotonic()
    broken = self_test()
    results = violations(Tree.read(root))
    for line in broken + [line for _, lines in results for line in lines]:
        print(line)
    failed = len(broken) + sum(1 for _, lines in results if lines)
    passed = len(SELF_TESTS) + len(RULES) - failed
    print(f"{len(RULES)} rules, {len(SELF_TESTS)} self-tests, {time.monotonic() - started:.2f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
