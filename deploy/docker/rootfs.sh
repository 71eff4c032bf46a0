#!/bin/sh
# Makes the file system of an image in $1 for the binaries that follow: they, the libraries that they are linked to,
# the roots of TLS, and names for their user.
set -eu
root=$1
shift
mkdir -p "$root/usr/local/bin" "$root/etc/ssl/certs" "$root/tmp"
for binary in "$@"; do
    cp "$binary" "$root/usr/local/bin/"
    # "libc.so.6 => /lib/... (0x...)", and the loader alone: "/lib64/ld-... (0x...)"
    ldd "$binary" | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p'
done | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'medique:x:65532:65532::/:/sbin/nologin' >"$root/etc/passwd"
echo 'medique:x:65532:' >"$root/etc/group"
# libc asks these how to look hosts up
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
# Only the empty folder may be written to, where one is mounted over it.
chmod 1777 "$root/tmp"
