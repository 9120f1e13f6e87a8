# SPDX-License-Identifier: MIT
# ncnn (from PyPI) runs a small convolutional network of random weights on Weft and on its own CPU code,
# in float and, where the driver has it, with halves: the results must be the same.
. "$here/common.sh"
python=$work/venv/bin/python
if [ ! -e "$work/venv/ready" ]; then
    python3 -m venv "$work/venv" >"$work/venv.log" 2>&1 || skip "python3 -m venv: $(tail -n 1 "$work/venv.log")"
    "$python" -m pip install -q ncnn numpy >"$work/pip.log" 2>&1 || skip "pip: $(tail -n 1 "$work/pip.log")"
    touch "$work/venv/ready"
fi
exec "$python" "$here/ncnn_test.py" "$work"
