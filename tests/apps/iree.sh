# SPDX-License-Identifier: MIT
# IREE (from PyPI) compiles small linear algebra for Vulkan, as for several vendors' GPUs, and runs it on Weft:
# the results must be those of its own CPU code.
. "$here/common.sh"
python=$work/venv/bin/python
if [ ! -e "$work/venv/ready" ]; then
    python3 -m venv "$work/venv" >"$work/venv.log" 2>&1 || skip "python3 -m venv: $(tail -n 1 "$work/venv.log")"
    "$python" -m pip install -q iree-base-compiler iree-base-runtime numpy >"$work/pip.log" 2>&1 ||
        skip "pip: $(tail -n 1 "$work/pip.log")"
    touch "$work/venv/ready"
fi
exec "$python" "$here/iree_test.py" "$work/venv/bin" "$work"
