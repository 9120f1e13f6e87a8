// SPDX-License-Identifier: MIT
// A WebGPU program that only computes: a buffer, a storage texture, a sampled texture with a filter. For
// Deno as it is, and for Node with npm's webgpu (Dawn), where dawn.sh sets globalThis.gpu.
const gpu = globalThis.gpu ?? navigator.gpu;

function check(condition, what) {
    if (!condition) throw new Error(`wrong: ${what}`);
}

async function read(device, buffer, size, Type) {
    const staging = device.createBuffer({
        size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const result = new Type(staging.getMappedRange().slice(0));
    staging.unmap();
    return result;
}

function dispatch(device, code, entries, groups) {
    const module = device.createShaderModule({ code });
    const pipeline = device.createComputePipeline({
        layout: "auto", compute: { module, entryPoint: "main" } });
    const group = device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: entries.map((resource, binding) => ({ binding, resource })) });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
}

async function buffers(device) {
    const n = 10000;
    const buffer = device.createBuffer({
        size: 4 * n,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
    device.queue.writeBuffer(buffer, 0, Uint32Array.from({ length: n }, (_, i) => i));
    dispatch(device, `
        @group(0) @binding(0) var<storage, read_write> data: array<u32>;
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
            if (id.x < arrayLength(&data)) { data[id.x] = data[id.x] * data[id.x] + 1u; }
        }`, [{ buffer }], [Math.ceil(n / 64)]);
    const result = await read(device, buffer, 4 * n, Uint32Array);
    for (let i = 0; i < n; i++) check(result[i] === i * i + 1, `element ${i}: ${result[i]}`);
}

async function textures(device) {
    const size = 64, bytes = 4 * size * size;
    const usage = GPUTextureUsage.COPY_SRC | GPUTextureUsage.COPY_DST |
        GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.STORAGE_BINDING;
    const make = () => device.createTexture({ size: [size, size], format: "rgba8unorm", usage });
    const drawn = make(), filtered = make();
    dispatch(device, `
        @group(0) @binding(0) var image: texture_storage_2d<rgba8unorm, write>;
        @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
            let color = vec4f(vec3f(id) / 64.0, f32((id.x ^ id.y) & 1u));
            textureStore(image, id.xy, color);
        }`, [drawn.createView()], [8, 8]);
    // Between four texels: their mean.
    dispatch(device, `
        @group(0) @binding(0) var source: texture_2d<f32>;
        @group(0) @binding(1) var filtering: sampler;
        @group(0) @binding(2) var result: texture_storage_2d<rgba8unorm, write>;
        @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
            let at = (vec2f(id.xy) + 1.0) / 64.0;
            textureStore(result, id.xy, textureSampleLevel(source, filtering, at, 0.0));
        }`, [drawn.createView(),
             device.createSampler({ magFilter: "linear", minFilter: "linear" }),
             filtered.createView()], [8, 8]);
    const buffer = device.createBuffer({
        size: bytes, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
    const encoder = device.createCommandEncoder();
    encoder.copyTextureToBuffer({ texture: filtered }, { buffer, bytesPerRow: 4 * size },
                                [size, size]);
    device.queue.submit([encoder.finish()]);
    const result = await read(device, buffer, bytes, Uint8Array);
    const clamp = (i) => Math.min(i, size - 1);
    for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
            const expected = [0, 0, 0, 0];
            for (const [tx, ty] of [[x, y], [x + 1, y], [x, y + 1], [x + 1, y + 1]]) {
                const [cx, cy] = [clamp(tx), clamp(ty)];
                expected[0] += cx / 64 * 255 / 4;
                expected[1] += cy / 64 * 255 / 4;
                expected[3] += ((cx ^ cy) & 1) * 255 / 4;
            }
            for (let c = 0; c < 4; c++)
                check(Math.abs(result[4 * (y * size + x) + c] - expected[c]) <= 1.5,
                      `texel ${x}, ${y}, channel ${c}: ${result[4 * (y * size + x) + c]}`);
        }
    }
}

async function main() {
    const adapter = await gpu.requestAdapter();
    check(adapter, "there is no adapter");
    const device = await adapter.requestDevice();
    device.addEventListener?.("uncapturederror", (event) => {
        console.error(event.error.message);
        throw event.error;
    });
    await buffers(device);
    await textures(device);
    console.log(`buffers and textures are right on ${adapter.info?.description || adapter.info?.device || "the adapter"}`);
}

await main();
(globalThis.Deno ?? globalThis.process).exit(0);
