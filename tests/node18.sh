#!/bin/bash
# The page builds where the system's Node is Debian 12's own (18): in a clean Debian root, with Debian's nodejs and npm, the
# set-up must fetch a newer Node through npm and build the page with it.
set -euo pipefail
cd "$(dirname "$0")/.."

skip() {
  echo "skipped: $1"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}
if [ "${1:-}" != inside ]; then
  unshare --mount true 2>/dev/null || skip "this machine refuses a mount namespace (root is needed)"
  root=$(mktemp -d "${TMPDIR:-/tmp}/digue-node18.XXXXXX")
  trap 'rm -rf --one-file-system "$root"' EXIT
  unshare --mount bash tests/node18.sh inside "$root"
  exit
fi
root=$2
packaging/clean_root.sh "$root" || skip "no clean Debian root here"

mkdir -p "$root/digue"
git ls-files -z web content packaging | tar --null -T - -cf - | tar -C "$root/digue" -xf -
# The machine's way to the network: name servers, hosts, trusted authorities, npm's settings.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/trusted.crt"
[ ! -f "$HOME/.npmrc" ] || cp "$HOME/.npmrc" "$root/root/.npmrc"

cat >"$root/build-page" <<'INSIDE'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive NODE_EXTRA_CA_CERTS=/trusted.crt npm_config_cafile=/trusted.crt
apt-get update -q >/dev/null || exit 3
apt-get install -y -q --no-install-recommends nodejs npm >/dev/null 2>&1 || exit 3
case "$(node --version)" in v18.*) ;; *) echo "Debian's node is $(node --version), not 18"; exit 1 ;; esac
cd /digue
packaging/page.sh
echo "Debian's node $(node --version), npm $(npm --version); page built with $(build/node/node_modules/.bin/node --version)"
test -s web/dist/index.html
INSIDE
code=0
mount --rbind /dev "$root/dev" && mount -t proc proc "$root/proc" || skip "this machine refuses to mount /dev and /proc in a root"
chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 bash /build-page || code=$?
case $code in
  0) echo "1 passed, 0 failed, 0 skipped" ;;
  3) skip "Debian's nodejs and npm could not be installed in the clean root" ;;
  *) echo "0 passed, 1 failed, 0 skipped"; exit 1 ;;
esac
