# SPDX-License-Identifier: MIT
# PyPI's taichi: kernels on fields, a sum, atomics, a divergent loop and 64-bit integers, against numpy.
. "$here/common.sh"
need_packages python3-venv

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -c 'import taichi' >/dev/null 2>&1 ||
    "$work/venv/bin/pip" install -q taichi numpy >"$work/pip.log" 2>&1 || skip "$(tail -n 1 "$work/pip.log")"
WEFT_QUEUE_GRAPHICS=1 TI_OFFLINE_CACHE=0 "$work/venv/bin/python" "$here/taichi_test.py"
