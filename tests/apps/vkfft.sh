# SPDX-License-Identifier: MIT
# Fast Fourier transforms by VkFFT, checked against direct ones: vkfft_test.c.
. "$here/common.sh"
# g++ for the library that glslang, written in C++, wants to be linked with.
need_packages gcc g++ libvkfft-dev glslang-dev spirv-tools libvulkan-dev

# Debian 12's VkFFT 1.2 needs two repairs: it uses C++'s empty initialiser for scalars, and fills
# glslang's table of limits by position, but that has grown by the EXT mesh limits.
mkdir -p "$work/include"
if grep -q 'maxMeshViewCountNV' /usr/include/vkFFT.h; then
    sed -e 's/VkCommandBuffer commandBuffer = {};/VkCommandBuffer commandBuffer = {0};/' \
        -e 's|/\* .maxMeshViewCountNV = \*/ 4,|& 256, 512, 32, 1, 1, 32, 1, 1, 4,|' \
        /usr/include/vkFFT.h >"$work/include/vkFFT.h"
fi
libraries=
for library in glslang MachineIndependent GenericCodeGen OSDependent OGLCompiler HLSL SPIRV SPVRemapper \
    glslang-default-resource-limits SPIRV-Tools-opt SPIRV-Tools; do
    ! compgen -G "/usr/lib/*/lib$library.[as]*" >/dev/null || libraries+=" -l$library"
done
# shellcheck disable=SC2086
gcc -std=gnu11 -O1 -w -I"$work/include" -isystem "$build/deps/usr/include" "$here/vkfft_test.c" \
    -o "$work/vkfft_test" -Wl,--start-group $libraries -Wl,--end-group -lvulkan -lm -lpthread -lstdc++ \
    >"$work/compile.log" 2>&1 || fail "compiling vkfft_test.c: $(head -n 5 "$work/compile.log")"
"$work/vkfft_test"
