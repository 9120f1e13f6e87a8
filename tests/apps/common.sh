# SPDX-License-Identifier: MIT
# What the scripts here share.
set -euo pipefail

fail() { echo "$*" >&2; exit 1; }
skip() { echo "cannot run here: $*"; exit 77; }

# Installs missing Debian packages, or skips the program.
need_packages() { # PACKAGE...
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || skip "packages are missing: apt-get install ${missing[*]}"
    echo "installing ${missing[*]}"
    { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
        { apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; }
    } >"$work/apt.log" 2>&1 </dev/null || skip "$(tail -n 1 "$work/apt.log")"
}
