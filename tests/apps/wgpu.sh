# SPDX-License-Identifier: MIT
# PyPI's wgpu (wgpu-native): compute on buffers, storage textures and sampled textures.
. "$here/common.sh"
need_packages python3-venv

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -c 'import wgpu' 2>/dev/null ||
    "$work/venv/bin/pip" install -q wgpu >"$work/pip.log" 2>&1 || skip "$(tail -n 1 "$work/pip.log")"
WEFT_QUEUE_GRAPHICS=1 "$work/venv/bin/python" "$here/wgpu_test.py"
