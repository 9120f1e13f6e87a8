# SPDX-License-Identifier: MIT
# vulkaninfo asks for nearly everything that a physical device can be asked.
. "$here/common.sh"
need_packages vulkan-tools

vulkaninfo >"$work/full.txt" 2>"$work/errors.txt" || fail "vulkaninfo: exit status $?; $(tail -n 3 "$work/errors.txt")"
vulkaninfo --summary 2>/dev/null | sed -n '/^Devices:/,$p'
grep -q 'deviceName .*Weft' "$work/full.txt" || fail "vulkaninfo did not find Weft"
# It looks for a display and asks every device for a swapchain; neither is ours.
harmless='XDG_RUNTIME_DIR|VK_KHR_swapchain not supported|Failed to validate extensions in list'
if grep -iE 'error|invalid' "$work/errors.txt" | grep -vE "$harmless"; then
    fail "vulkaninfo complained"
fi
# The profile that it writes must be well-formed JSON (older versions write to standard output).
(cd "$work" && vulkaninfo --json >profile.json 2>/dev/null) || true
for file in "$work"/*.json; do
    [ ! -s "$file" ] || python3 -m json.tool "$file" >"$work/checked.txt" || fail "$file is not JSON"
done
echo "$(wc -l <"$work/full.txt") lines, no error"
