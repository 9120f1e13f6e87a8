# SPDX-License-Identifier: MIT
# llama.cpp's own test of its backends: every operation that the Vulkan backend supports, on Weft against
# the CPU backend, in four settings. It takes hours; $OPS ("ADD,MUL_MAT") picks operations, $SETTINGS settings.
. "$here/common.sh"
sid_packages=(llama.cpp libggml0-backend-vulkan)
. "$here/sid.sh"

program=$(cd "$sid" && find usr/libexec usr/lib usr/bin -name test-backend-ops 2>/dev/null | head -n 1)
[ -n "$program" ] || skip "the sid tree has no test-backend-ops"

bad=0
for setting in ${SETTINGS:-plain no_coopmat no_halves neither}; do
    variables=()
    case $setting in no_coopmat | neither) variables+=(GGML_VK_DISABLE_COOPMAT=1) ;; esac
    case $setting in no_halves | neither) variables+=(GGML_VK_DISABLE_F16=1) ;; esac
    log=$work/$setting.log status=0
    in_sid "${variables[@]}" "/$program" test -b Vulkan0 ${OPS:+-o "$OPS"} >"$log" 2>&1 || status=$?
    good=$(grep -ac ': .*OK' "$log" || true)
    wrong=$(grep -ac 'FAIL' "$log" || true)
    echo "$setting: $good passed, $(grep -ac 'not supported' "$log" || true) not supported, $wrong lines with FAIL (exit status $status)"
    grep -q 'Weft' "$log" || fail "it did not run on Weft; see $log"
    [ "$status" = 0 ] && [ "$good" -gt 0 ] || { bad=$((bad + 1)); grep -a FAIL "$log" | head -n 5; }
done
[ $bad = 0 ]
