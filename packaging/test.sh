#!/bin/bash
# Starts what `make package` made on clean Debian 12 roots without network: the tar as it is (and moved), the .deb after apt
# installed what it depends on. Each must say its version, analyse a log and serve the page.
set -euo pipefail
cd "$(dirname "$0")/.."

passed=0
failed=0
skipped=0
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}
skip() {
  echo "skipped: $1"
  skipped=$((skipped + 1))
}
check() { # name, command...
  local name=$1
  shift
  if "$@"; then
    echo "ok   $name"
    passed=$((passed + 1))
  else
    echo "FAIL $name"
    failed=$((failed + 1))
  fi
}

if [ "${1:-}" != inside ]; then
  unshare --mount --net true 2>/dev/null || { skip "this machine refuses namespaces (root is needed)"; finish; }
  folder=$(mktemp -d "${TMPDIR:-/tmp}/digue-package.XXXXXX")
  trap 'rm -rf --one-file-system "$folder"' EXIT
  unshare --mount bash packaging/test.sh inside "$folder"
  exit
fi
folder=$2
tarball=$(ls build/package/digue-*-linux-*.tar.gz)
package=$(ls build/package/digue_*.deb)
version=$(sed -n 's/^project(digue VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)

# Runs a command in a root, without network (but for the loopback) when OFFLINE is set.
in_root() {
  local root=$1
  shift
  local enter=(chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@")
  if [ -n "${OFFLINE:-}" ]; then
    unshare --net bash -c 'ip link set lo up && exec "$@"' _ "${enter[@]}"
  else
    "${enter[@]}"
  fi
}
new_root() {
  packaging/clean_root.sh "$1" || return 1
  mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && cp demo/evidence/*.log demo/evidence/*.ndjson "$1/mnt/"
}

says_version() { [ "$(in_root "$1" "$2" --version)" = "digue $version" ]; }
analyses() {
  local code=0
  in_root "$1" "$2" analyze /mnt --json --quiet >"$folder/out.json" || code=$?
  [ "$code" = 0 ] && python3 - "$folder/out.json" <<'PYTHON'
import json
import sys
result = json.load(open(sys.argv[1]))
assert result["schema"] == "digue.analysis/1"
assert result["inputs"] and all(entry["accepted"] > 0 for entry in result["inputs"]), result["inputs"]
assert any(entry["verdict"] == "compromised" for entry in result["accounts"]), result["accounts"]
PYTHON
}
serves() {
  cat >"$1/serve-and-fetch" <<'INSIDE'
"$1" serve --port 0 --data /tmp/data >/tmp/serve.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 300); do
  port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' /tmp/serve.log | head -n 1)
  [ -n "$port" ] && break
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
[ -n "$port" ] || { cat /tmp/serve.log; exit 1; }
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAccept: text/html\r\nConnection: close\r\n\r\n' "$port" >&3
answer=$(cat <&3 | tr -d '\0')
[[ $answer == "HTTP/1.1 200"* && $answer == *"<title>"* ]] || { printf '%s\n' "$answer" | head -n 20; exit 1; }
INSIDE
  in_root "$1" bash /serve-and-fetch "$2"
}
installs() {
  in_root "$1" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends /digue.deb >"$folder/apt.log" 2>&1 ||
    { cat "$folder/apt.log"; return 1; }
}
# The program for mail servers is there and runs with what a minimal Debian holds (dash, mawk, coreutils, util-linux).
has_mail_host() {
  mkdir -p "$1/srv/mail" # a password file lies in a folder that only root writes
  printf 'passwd /srv/mail/users\n' >"$1/srv/mail/conf"
  printf 'a@chu.example:{SHA512-CRYPT}$6$x$y::::::\n' >"$1/srv/mail/users"
  in_root "$1" env DIGUE_MAIL_HOST_CONF=/srv/mail/conf "$2/digue-mail-host" passwd-read /srv/mail/users a@chu.example | grep -q '"found":true' &&
    [ -s "$1$2/README.md" ] && [ -x "$1$2/digue-sso-host" ]
}
three_checks() { # label, root, program
  check "$1: says its version" says_version "$2" "$3"
  check "$1: analyses the demonstration's logs" analyses "$2" "$3"
  check "$1: serves the page" serves "$2" "$3"
}

if new_root "$folder/tar"; then
  tar -C "$folder/tar/opt" -xzf "$tarball"
  name=$(basename "$tarball" .tar.gz)
  OFFLINE=yes three_checks "tar" "$folder/tar" "/opt/$name/bin/digue"
  OFFLINE=yes check "tar: carries the program for mail servers" has_mail_host "$folder/tar" "/opt/$name/host"
  mv "$folder/tar/opt/$name" "$folder/tar/srv/moved elsewhere"
  OFFLINE=yes check "tar: runs from another folder" says_version "$folder/tar" "/srv/moved elsewhere/bin/digue"
else
  skip "the tar: no clean Debian root here"
fi

if new_root "$folder/deb"; then
  cp "$package" "$folder/deb/digue.deb"
  cp -L /etc/resolv.conf /etc/hosts "$folder/deb/etc/"
  if in_root "$folder/deb" apt-get update -q >/dev/null 2>&1; then
    check "deb: apt finds its dependencies" installs "$folder/deb"
    OFFLINE=yes three_checks "deb" "$folder/deb" digue
    OFFLINE=yes check "deb: carries the program for mail servers" has_mail_host "$folder/deb" /usr/share/digue/host
  else
    skip "the .deb: its dependencies need a Debian mirror"
  fi
else
  skip "the .deb: no clean Debian root here"
fi
finish
