#!/bin/bash
# Makes build/package/: a .deb that depends on Debian 12's libraries, and a tar that carries its own (all but glibc) and runs
# from any folder. The same commit gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
packaging/setup.sh build package
program=build/release/digue
version=$(sed -n 's/^project(digue VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)}
export SOURCE_DATE_EPOCH
out=build/package
rm -rf "$out"
mkdir -p "$out/deb/DEBIAN" "$out/deb/usr/bin" "$out/deb/usr/share/man/man1" "$out/deb/usr/share/doc/digue"

# The .deb
deb=$out/deb
strip -o "$deb/usr/bin/digue" "$program"
gzip -9n <packaging/digue.1 >"$deb/usr/share/man/man1/digue.1.gz"
gzip -9n <CHANGELOG.md >"$deb/usr/share/doc/digue/changelog.gz"
cp packaging/copyright "$deb/usr/share/doc/digue/copyright"
# For the servers of platforms: carried there by hand, never run here by itself.
mkdir -p "$deb/usr/share/digue/host"
cp packaging/host/README.md "$deb/usr/share/digue/host/"
install -m 755 packaging/host/digue-mail-host packaging/host/digue-sso-host "$deb/usr/share/digue/host/"
mkdir -p "$out/debian"
printf 'Source: digue\n\nPackage: digue\nArchitecture: any\n' >"$out/debian/control"
libraries=$(cd "$out" && dpkg-shlibdeps -O deb/usr/bin/digue 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$libraries" ] || { echo "package: dpkg-shlibdeps found no dependency" >&2; exit 1; }
cat >"$deb/DEBIAN/control" <<CONTROL
Package: digue
Version: $version
Architecture: $architecture
Maintainer: The Digue developers <digue@digue.invalid>
Installed-Size: $(du -sk --apparent-size "$deb/usr" | cut -f 1)
Depends: $libraries, tzdata
Recommends: weasyprint, fonts-dejavu-core, ca-certificates
Suggests: sudo
Section: admin
Priority: optional
Description: workbench for a compromised mailbox
 Reads exported mail and sign-in logs, tells which sessions are an intruder's and
 what was done in them, and guides containment with the actions of the CERT Santé
 reflex card. One program, one machine, no request to any other.
CONTROL
find "$deb" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$deb" "$out/digue_${version}_$architecture.deb" >/dev/null

# The tar
name=digue-$version-linux-$architecture
tree=$out/$name
mkdir -p "$tree/bin" "$tree/lib" "$tree/licenses"
cp "$deb/usr/bin/digue" "$tree/bin/digue"
cp README.md README.fr.md LICENSE CHANGELOG.md "$tree/"
cp content/LICENSE.md "$tree/licenses/playbook.md"
cp -r packaging/host "$tree/host"
glibc='^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|nsl|anl)\.so.*)$'
ldd "$program" | awk '$2 == "=>" { print $3 }' | while read -r library; do
  file=$(basename "$library")
  [[ $file =~ $glibc ]] && continue
  cp -L "$library" "$tree/lib/$file"
  owner=$(dpkg -S "$(readlink -f "$library")" 2>/dev/null || dpkg -S "$library")
  owner=${owner%%:*}
  cp -L "/usr/share/doc/$owner/copyright" "$tree/licenses/$owner"
  patchelf --set-rpath '$ORIGIN' "$tree/lib/$file"
done
patchelf --set-rpath '$ORIGIN/../lib' "$tree/bin/digue"
chmod -R u=rwX,go=rX "$tree"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$out" -cf - "$name" | gzip -9n >"$out/$name.tar.gz"

rm -rf "$deb" "$out/debian" "$tree"
(cd "$out" && sha256sum -- *.deb *.tar.gz >SHA256SUMS && ls -l --time-style=+ -- *)
