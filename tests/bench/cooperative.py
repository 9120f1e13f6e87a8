#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the benchmark's product of cooperative matrices, as a section that tests/spirv/compile.py assembles
(Debian 12's glslang knows no cooperative matrices).

    cooperative.py f32|f16|bf16|s8 OUT

C = A B of 1024 x 1024. A subgroup keeps 4 x 4 matrices of 16 x 16 of C and goes along A's rows and B's
columns with 4 matrices of each, loaded from where they are.
"""
import sys

TILES = range(4)
TYPES = {  # declarations and capabilities of A's and B's elements, of C's, bytes of one, the operands' signs
    'f32': ('OpTypeFloat 32', [], 'OpTypeFloat 32', 4, 0),
    'f16': ('OpTypeFloat 16', ['Float16', 'StorageBuffer16BitAccess'], 'OpTypeFloat 32', 2, 0),
    'bf16': ('OpTypeFloat 16 0', ['BFloat16TypeKHR', 'BFloat16CooperativeMatrixKHR',
                                  'StorageBuffer16BitAccess'], 'OpTypeFloat 32', 2, 0),
    's8': ('OpTypeInt 8 1', ['Int8', 'StorageBuffer8BitAccess'], 'OpTypeInt 32 1', 1, 15),
}


def write(name):
    element, capabilities, total, size, signs = TYPES[name]
    same = element == total
    lines = ['[spirv newer]', 'OpCapability Shader', 'OpCapability VulkanMemoryModel',
             'OpCapability CooperativeMatrixKHR']
    lines += [f'OpCapability {word}' for word in capabilities]
    lines += ['OpExtension "SPV_KHR_cooperative_matrix"']
    if name == 'bf16':
        lines += ['OpExtension "SPV_KHR_bfloat16"']
    lines += f'''OpMemoryModel Logical Vulkan
OpEntryPoint GLCompute %main "main" %group %A %B %C
OpExecutionMode %main LocalSize 16 1 1
OpDecorate %group BuiltIn WorkgroupId
OpDecorate %elements ArrayStride {size}
OpDecorate %totals ArrayStride 4
OpDecorate %in Block
OpMemberDecorate %in 0 Offset 0
OpDecorate %out Block
OpMemberDecorate %out 0 Offset 0'''.splitlines()
    for binding, variable in enumerate(['A', 'B', 'C']):
        lines += [f'OpDecorate %{variable} DescriptorSet 0',
                  f'OpDecorate %{variable} Binding {binding}']
    kind = 'total' if same else 'element'
    lines += ['%void = OpTypeVoid', '%function = OpTypeFunction %void', '%bool = OpTypeBool',
              '%u32 = OpTypeInt 32 0', '%u32x3 = OpTypeVector %u32 3', f'%total = {total}']
    if not same:
        lines += [f'%element = {element}']
    constants = sorted({0, 1, 2, 3, 16, 64, 1024} | {16 * i for i in TILES} |
                       {1024 * 16 * i for i in TILES} | {1024 * 16})
    lines += [f'%n{n} = OpConstant %u32 {n}' for n in constants]
    lines += f'''%zero = OpConstantNull %total
%ma = OpTypeCooperativeMatrixKHR %{kind} %n3 %n16 %n16 %n0
%mb = OpTypeCooperativeMatrixKHR %{kind} %n3 %n16 %n16 %n1
%mc = OpTypeCooperativeMatrixKHR %total %n3 %n16 %n16 %n2
%elements = OpTypeRuntimeArray %{kind}
%in = OpTypeStruct %elements
%in_block = OpTypePointer StorageBuffer %in
%in_place = OpTypePointer StorageBuffer %{kind}
%totals = OpTypeRuntimeArray %total
%out = OpTypeStruct %totals
%out_block = OpTypePointer StorageBuffer %out
%out_place = OpTypePointer StorageBuffer %total
%group_block = OpTypePointer Input %u32x3
%group = OpVariable %group_block Input
%A = OpVariable %in_block StorageBuffer
%B = OpVariable %in_block StorageBuffer
%C = OpVariable %out_block StorageBuffer
%sum_block = OpTypePointer Function %mc
%zeros = OpConstantComposite %mc %zero
%main = OpFunction %void None %function
%entry = OpLabel
VARIABLES
%place = OpLoad %u32x3 %group
STORES
%x = OpCompositeExtract %u32 %place 0
%y = OpCompositeExtract %u32 %place 1
%column = OpIMul %u32 %x %n64
%row = OpIMul %u32 %y %n64
%above = OpIMul %u32 %row %n1024
OpBranch %head
%head = OpLabel
%k = OpPhi %u32 %n0 %entry %next %body'''.splitlines()
    sums = [f'{i}{j}' for i in TILES for j in TILES]
    at = lines.index('VARIABLES')
    lines[at:at + 1] = [f'%sum{s} = OpVariable %sum_block Function' for s in sums]
    at = lines.index('STORES')
    lines[at:at + 1] = [f'OpStore %sum{s} %zeros' for s in sums]
    lines += ['%more = OpULessThan %bool %k %n1024', 'OpLoopMerge %done %body None',
              'OpBranchConditional %more %body %done', '%body = OpLabel',
              '%a_at = OpIAdd %u32 %above %k', '%b_row = OpIMul %u32 %k %n1024',
              '%b_at = OpIAdd %u32 %b_row %column']
    for i in TILES:
        lines += [f'%a_at{i} = OpIAdd %u32 %a_at %n{1024 * 16 * i}',
                  f'%a_place{i} = OpAccessChain %in_place %A %n0 %a_at{i}',
                  f'%a{i} = OpCooperativeMatrixLoadKHR %ma %a_place{i} %n0 %n1024',
                  f'%b_at{i} = OpIAdd %u32 %b_at %n{16 * i}',
                  f'%b_place{i} = OpAccessChain %in_place %B %n0 %b_at{i}',
                  f'%b{i} = OpCooperativeMatrixLoadKHR %mb %b_place{i} %n0 %n1024']
    for i in TILES:
        for j in TILES:
            lines += [f'%c{i}{j} = OpLoad %mc %sum{i}{j}',
                      f'%d{i}{j} = OpCooperativeMatrixMulAddKHR %mc %a{i} %b{j} %c{i}{j} {signs}',
                      f'OpStore %sum{i}{j} %d{i}{j}']
    lines += ['%next = OpIAdd %u32 %k %n16', 'OpBranch %head', '%done = OpLabel',
              '%c_at = OpIAdd %u32 %above %column']
    for i in TILES:
        lines += [f'%c_row{i} = OpIAdd %u32 %c_at %n{1024 * 16 * i}']
        for j in TILES:
            lines += [f'%c_at{i}{j} = OpIAdd %u32 %c_row{i} %n{16 * j}',
                      f'%c_place{i}{j} = OpAccessChain %out_place %C %n0 %c_at{i}{j}',
                      f'%e{i}{j} = OpLoad %mc %sum{i}{j}',
                      f'OpCooperativeMatrixStoreKHR %c_place{i}{j} %e{i}{j} %n0 %n1024']
    return lines + ['OpReturn', 'OpFunctionEnd']


with open(sys.argv[2], 'w', encoding='utf-8') as f:
    f.write('\n'.join(write(sys.argv[1])) + '\n')
