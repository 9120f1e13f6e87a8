# SPDX-License-Identifier: MIT
# Sourced after common.sh: a Debian sid tree ($sid: $PEERS/sid if that is there, or else one that is made under
# the build folder) with the packages that the script names in sid_packages, and Weft in its /opt/weft. Some
# programs, or the versions of them that matter, are in sid only.
[ "$(id -u)" = 0 ] || skip "a Debian sid tree needs root"

sid=${PEERS:-$HOME/.cache/weft-peers}/sid
mounted=()
finish() {
    local at
    for at in "${mounted[@]}"; do umount "$at" || true; done
    rm -rf "$sid/opt/weft"
}
if [ ! -e "$sid/usr/bin/apt-get" ]; then
    sid=$build/apps/sid
    if [ ! -e "$sid/etc/weft-complete" ]; then
        need_packages debootstrap
        mirror=$(apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' |
            awk '$2 == "Debian" { print $1; exit }')
        [ -n "$mirror" ] || skip "apt knows no Debian archive"
        echo "making a Debian sid tree in $sid"
        rm -rf "$sid"
        debootstrap --variant=minbase --include=libvulkan1 sid "$sid" \
            "$mirror" >"$work/debootstrap.log" 2>&1 || skip "debootstrap: $(tail -n 1 "$work/debootstrap.log")"
        touch "$sid/etc/weft-complete"
    fi
fi
trap finish EXIT
for at in proc dev; do
    if ! mountpoint -q "$sid/$at"; then
        mount --bind "/$at" "$sid/$at"
        mounted+=("$sid/$at")
    fi
done
missing=()
for package in "${sid_packages[@]}"; do
    chroot "$sid" dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "installing ${missing[*]} in $sid"
    chroot "$sid" /bin/sh -c 'apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"' sh "${missing[@]}" \
        >"$work/apt.log" 2>&1 </dev/null || skip "$(tail -n 1 "$work/apt.log")"
fi

# Weft goes into the tree, with those libraries of this system that the tree lacks.
weft=$sid/opt/weft
mkdir -p "$weft/lib" "$weft/old"
find "$build/icd" "$build/driver" -name 'libvulkan_weft.so' -o -name 'libweft_compiler.so' | xargs cp -t "$weft/lib"
printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "/opt/weft/lib/libvulkan_weft.so", "api_version": "1.3.0"}}\n' \
    >"$weft/weft_icd.json"
ldd "$weft"/lib/*.so | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u |
    while read -r name path; do
        [ -n "$(find "$sid"/usr/lib -name "$name" | head -n 1)" ] || cp -L "$path" "$weft/old/$name"
    done

# Runs a program of the tree on Weft.
in_sid() { # [NAME=VALUE]... PROGRAM [ARGUMENT]...
    chroot "$sid" /usr/bin/env VK_DRIVER_FILES=/opt/weft/weft_icd.json VK_ICD_FILENAMES=/opt/weft/weft_icd.json \
        LD_LIBRARY_PATH=/opt/weft/old GGML_VK_VISIBLE_DEVICES=0 HOME=/tmp "$@"
}
