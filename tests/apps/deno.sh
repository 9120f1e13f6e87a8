# SPDX-License-Identifier: MIT
# npm's deno, whose WebGPU is wgpu: compute on buffers, storage textures and sampled textures.
. "$here/common.sh"
command -v npm >/dev/null || need_packages npm

[ -x "$work/node_modules/.bin/deno" ] ||
    npm install --silent --prefix "$work" deno >"$work/npm.log" 2>&1 </dev/null ||
    skip "$(tail -n 1 "$work/npm.log")"
WEFT_QUEUE_GRAPHICS=1 "$work/node_modules/.bin/deno" run --no-lock --unstable-webgpu --allow-all \
    "$here/webgpu_test.mjs"
