# SPDX-License-Identifier: MIT
# All samples and API tests with Khronos's validation layer on; it must have nothing to say.
. "$here/common.sh"
need_packages vulkan-validationlayers

export VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation
cat >"$work/vk_layer_settings.txt" <<END
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.report_flags = error,warn
khronos_validation.log_filename = stdout
khronos_validation.enable_message_limit = false
END
export VK_LAYER_SETTINGS_PATH=$work WEFT_CACHE=off # as Meson runs them
cd "$work"

# Is the layer really there?
vulkaninfo --summary 2>/dev/null | grep -q VK_LAYER_KHRONOS_validation || skip "the loader does not find the layer"

programs=0 bad=0
check() { # NAME COMMAND...
    local name=$1 status=0
    shift
    "$@" >"$work/$name.log" 2>&1 || status=$?
    programs=$((programs + 1))
    if grep -nE 'VUID-|UNASSIGNED|Validation (Error|Warning)|\[ (VALIDATION|Best)' "$work/$name.log" | head -n 4 | cut -c1-600 | grep .; then
        echo "$name: messages, see $work/$name.log"
        bad=$((bad + 1))
    elif [ $status != 0 ] && [ $status != 77 ]; then
        tail -n 5 "$work/$name.log"
        echo "$name: exit status $status"
        bad=$((bad + 1))
    fi
}
# Programs as Meson knows them, so that none is forgotten: the tests of the suites samples and api.
while IFS=$'\t' read -r name command; do
    # shellcheck disable=SC2086
    check "$name" $command
done < <(meson introspect "$build" --tests | python3 -c '
import json, re, sys
for test in json.load(sys.stdin):
    suites = {suite.split(":")[-1] for suite in test["suite"]}
    # The variants of API tests that set the layer themselves would be the same again.
    if suites & {"samples", "api"} and not test["name"].endswith("validated"):
        print(re.sub(r"\W+", "_", test["name"]), " ".join(test["cmd"]), sep="\t")')
echo "$programs programs under the validation layer, $bad with messages"
[ $programs -gt 0 ] && [ $bad = 0 ]
