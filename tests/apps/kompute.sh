# SPDX-License-Identifier: MIT
# Kompute (PyPI's kp): builds its Python module and runs its own Python tests on Weft. Three of those translate
# Python functions to SPIR-V with pyshader, which knows the byte code of old Pythons only: they are left out where
# it can't.
. "$here/common.sh"
need_packages cmake g++ glslang-tools libfmt-dev libvulkan-dev pybind11-dev python3-dev python3-venv
python=$work/venv/bin/python
if [ ! -e "$work/venv/ready" ]; then
    rm -rf "$work/venv" "$work"/kp-*
    python3 -m venv "$work/venv" >"$work/venv.log" 2>&1 || skip "python3 -m venv: $(tail -n 1 "$work/venv.log")"
    echo "building Kompute, which takes minutes"
    # Its build would fetch these from elsewhere; Debian has them.
    export KOMPUTE_OPT_INSTALL=OFF KOMPUTE_OPT_USE_BUILT_IN_FMT=OFF KOMPUTE_OPT_USE_BUILT_IN_PYBIND11=OFF \
        KOMPUTE_OPT_USE_BUILT_IN_VULKAN_HEADER=OFF KOMPUTE_PYTHON_NUM_PARALLEL_THREADS=2
    "$python" -m pip install -q kp==0.9.0 pytest pyshader >"$work/pip.log" 2>&1 ||
        skip "pip: $(grep -i error "$work/pip.log" | tail -n 1)"
    "$python" -m pip download -q --no-deps --no-binary :all: -d "$work" kp==0.9.0 >>"$work/pip.log" 2>&1 ||
        skip "pip: $(tail -n 1 "$work/pip.log")"
    tar -C "$work" -xf "$work"/kp-0.9.0.tar.gz
    touch "$work/venv/ready"
fi
cd "$work/kp-0.9.0/python"
left_out=()
if ! "$python" -c 'import pyshader
@pyshader.python2shader
def f(i=("input", "GlobalInvocationId", pyshader.ivec3), x=("buffer", 0, pyshader.Array(pyshader.f32))):
    x[i.x] = x[i.x] + 1.0' >/dev/null 2>&1; then
    echo "pyshader does not know this Python: three tests are left out"
    left_out=(-k 'not test_array_multiplication and not test_workgroup and not test_logistic_regression')
fi
"$python" -m pytest -q -p no:cacheprovider "${left_out[@]}" test >"$work/pytest.log" 2>&1 || {
    tail -n 20 "$work/pytest.log"
    fail "Kompute's tests failed; see $work/pytest.log"
}
tail -n 1 "$work/pytest.log"
