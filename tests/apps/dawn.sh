# SPDX-License-Identifier: MIT
# npm's webgpu, which is Dawn: compute on buffers, storage textures and sampled textures.
. "$here/common.sh"
command -v npm >/dev/null || need_packages npm nodejs

[ -d "$work/node_modules/webgpu" ] ||
    npm install --silent --prefix "$work" webgpu >"$work/npm.log" 2>&1 </dev/null ||
    skip "$(tail -n 1 "$work/npm.log")"
cat >"$work/dawn.mjs" <<END
import { create, globals } from 'webgpu';
Object.assign(globalThis, globals);
globalThis.gpu = create(['backend=vulkan']);
await import('$here/webgpu_test.mjs');
END
WEFT_QUEUE_GRAPHICS=1 node "$work/dawn.mjs"
