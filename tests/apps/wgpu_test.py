# SPDX-License-Identifier: MIT
"""Computes with PyPI's wgpu on a buffer, a storage texture and a sampled texture."""
import sys

import wgpu

SIZE = 64


def dispatch(device, code, resources, groups):
    module = device.create_shader_module(code=code)
    pipeline = device.create_compute_pipeline(
        layout="auto", compute={"module": module, "entry_point": "main"})
    group = device.create_bind_group(
        layout=pipeline.get_bind_group_layout(0),
        entries=[{"binding": i, "resource": r} for i, r in enumerate(resources)])
    encoder = device.create_command_encoder()
    compute = encoder.begin_compute_pass()
    compute.set_pipeline(pipeline)
    compute.set_bind_group(0, group)
    compute.dispatch_workgroups(*groups)
    compute.end()
    device.queue.submit([encoder.finish()])


def buffers(device):
    n = 10000
    data = memoryview(bytearray(4 * n)).cast("I")
    for i in range(n):
        data[i] = i
    buffer = device.create_buffer_with_data(
        data=data, usage=wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC)
    dispatch(device, """
        @group(0) @binding(0) var<storage, read_write> data: array<u32>;
        @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            if (id.x < arrayLength(&data)) { data[id.x] = data[id.x] * data[id.x] + 1u; }
        }""", [{"buffer": buffer, "offset": 0, "size": buffer.size}], [(n + 63) // 64])
    result = device.queue.read_buffer(buffer).cast("I")
    assert all(result[i] == i * i + 1 for i in range(n)), "the buffer is wrong"


def textures(device):
    usage = (wgpu.TextureUsage.COPY_SRC | wgpu.TextureUsage.TEXTURE_BINDING |
             wgpu.TextureUsage.STORAGE_BINDING)
    drawn, filtered = (device.create_texture(size=(SIZE, SIZE, 1), format="rgba8unorm", usage=usage)
                       for _ in range(2))
    dispatch(device, """
        @group(0) @binding(0) var image: texture_storage_2d<rgba8unorm, write>;
        @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            let color = vec4<f32>(vec3<f32>(id) / 64.0, f32((id.x ^ id.y) & 1u));
            textureStore(image, vec2<i32>(id.xy), color);
        }""", [drawn.create_view()], [8, 8])
    dispatch(device, """
        @group(0) @binding(0) var source: texture_2d<f32>;
        @group(0) @binding(1) var filtering: sampler;
        @group(0) @binding(2) var result: texture_storage_2d<rgba8unorm, write>;
        @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            let at = (vec2<f32>(id.xy) + 1.0) / 64.0;
            textureStore(result, vec2<i32>(id.xy), textureSampleLevel(source, filtering, at, 0.0));
        }""", [drawn.create_view(),
               device.create_sampler(mag_filter="linear", min_filter="linear"),
               filtered.create_view()], [8, 8])
    texels = device.queue.read_texture({"texture": filtered}, {"bytes_per_row": 4 * SIZE},
                                       (SIZE, SIZE, 1)).cast("B")
    for y in range(SIZE):
        for x in range(SIZE):
            four = [(min(x + i, SIZE - 1), min(y + j, SIZE - 1)) for i in (0, 1) for j in (0, 1)]
            expected = (sum(a / 64 for a, _ in four), sum(b / 64 for _, b in four), 0,
                        sum((a ^ b) & 1 for a, b in four))
            for c in range(4):
                got = texels[4 * (y * SIZE + x) + c]
                assert abs(got - expected[c] * 255 / 4) <= 1.5, f"texel {x}, {y}, {c}: {got}"


def main():
    adapter = wgpu.gpu.request_adapter_sync(power_preference="high-performance")
    if "Weft" not in adapter.info["device"]:
        sys.exit(f"the adapter is {adapter.info['device']}")
    device = adapter.request_device_sync()
    buffers(device)
    textures(device)
    print(f"buffers and textures are right on {adapter.info['device']}")


main()
