#!/bin/bash
# Installs the Debian packages that a job lacks, and nothing else.
#   packaging/setup.sh [--yes] [--check] [build] [test] [fuzz] [package]
# Asks first when a person is at the terminal; never in CI (CI is set), nor when standard input is not a terminal.
# --yes: do not ask. --check: only say what is missing (exit code 1 when something is).
set -euo pipefail

declare -A packages=(
  [build]="make g++ cmake ninja-build ccache mold pkg-config libboost1.81-dev libboost-json1.81-dev libsimdjson-dev libfyaml-dev
    libcli11-dev libfmt-dev libexpected-dev libsodium-dev libssl-dev libsqlite3-dev libpq-dev libmaxminddb-dev libseccomp-dev libarchive-dev
    libcurl4-openssl-dev libssh-dev libldap-dev libhowardhinnant-date-dev tzdata ca-certificates"
  [test]="doctest-dev postgresql postfix postfix-cdb postfix-lmdb dovecot-core dovecot-imapd dovecot-pop3d dovecot-sieve dovecot-managesieved
    dovecot-submissiond dovecot-lmtpd dovecot-ldap rspamd slapd ldap-utils samba samba-common-bin samba-ad-dc samba-ad-provision samba-dsdb-modules
    tinyproxy liblemonldap-ng-portal-perl starman libgd-securityimage-perl libimage-magick-perl libconvert-base32-perl libdigest-hmac-perl
    openssh-server sudo python3 python3-jsonschema chromium clang-format-19 jq weasyprint poppler-utils fonts-dejavu-core"
  [fuzz]="clang-19 clang-tidy-19 libclang-rt-19-dev"
  [package]="dpkg-dev patchelf debootstrap iproute2 python3"
)

ask=yes
check=no
jobs=()
for argument in "$@"; do
  case "$argument" in
    --yes) ask=no ;;
    --check) check=yes ;;
    build | test | fuzz | package) jobs+=("$argument") ;;
    *) echo "setup: unknown argument '$argument' (build, test, fuzz, package, --yes, --check)" >&2; exit 2 ;;
  esac
done
[ ${#jobs[@]} -gt 0 ] || jobs=(build)
if [ -n "${CI:-}" ] || [ ! -t 0 ]; then ask=no; fi

wanted=""
for job in "${jobs[@]}"; do wanted+=" ${packages[$job]}"; done

missing=()
if command -v dpkg-query >/dev/null; then
  for package in $(printf "%s\n" $wanted | sort -u); do
    state=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
    [ "$state" = "install ok installed" ] || missing+=("$package")
  done
  # Any Node with its npm serves: packaging/node.sh gets a newer one when it is too old.
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: this machine has no apt-get. Digue builds on Debian 12; elsewhere install the equivalents of:" >&2
  echo "  $(echo $wanted) nodejs npm" >&2
  exit 1
fi
[ ${#missing[@]} -gt 0 ] || exit 0

. /etc/os-release
if [ "${VERSION_CODENAME:-}" != bookworm ]; then
  echo "setup: this is ${PRETTY_NAME:-an unknown system}, not Debian 12: package names or versions may differ." >&2
fi
echo "Debian packages to install (${#missing[@]}):" >&2
printf '  %s\n' "${missing[@]}" >&2
[ "$check" = no ] || exit 1

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: not root and no sudo. As root, run: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
  [ "$ask" = yes ] || as_root=(sudo -n)
fi
if [ "$ask" = yes ]; then
  read -r -p "Install them now? [y/N] " answer
  case "$answer" in
    y | Y | yes | o | O | oui) ;;
    *) echo "setup: nothing was installed." >&2; exit 1 ;;
  esac
fi
# Servers are installed for the tests, which start their own: none of Debian's starts here. A policy of the machine's own stays as it is.
policy=/usr/sbin/policy-rc.d
made=no
remove_policy() {
  [ "$made" = no ] || "${as_root[@]}" rm -f "$policy"
}
trap remove_policy EXIT
if [[ " ${jobs[*]} " == *" test "* ]] && [ ! -e "$policy" ]; then
  made=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi
"${as_root[@]}" apt-get update -q >&2 || echo "setup: apt-get update failed, going on with the known package lists." >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 || {
  echo "setup: apt-get could not install all packages; its message is above." >&2
  exit 1
}
