#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the shaders of a .shader_test file.

    compile.py [--optimise spirv-opt | --bare] glslangValidator spirv-as spirv-val in.shader_test out.spvs

The output is, for each shader section in order, its number of words and its SPIR-V; --bare leaves the
numbers out.
A section may say how it wants to be compiled: [glsl 1.0] names the target Vulkan version (default
1.3), [glsl 1.3 -gVS] gives glslang an option, [spirv invalid] is not validated. Sections of [spirv newer]
use what Debian 12's tools don't know: instructions of NEWER below are assembled here, the rest by them, and
nothing is validated or optimised; [glsl 1.3 newer] is not either.
With --optimise, all but invalid modules go through spirv-opt -O, which gives control flow and phis
that glslang does not write.
"""
import os
import struct
import subprocess
import sys
import tempfile

PREAMBLE = '#version 460\n' + ''.join(f'#extension {name} : enable\n' for name in [
    'GL_EXT_shader_explicit_arithmetic_types', 'GL_EXT_shader_16bit_storage',
    'GL_EXT_shader_8bit_storage', 'GL_EXT_buffer_reference', 'GL_EXT_buffer_reference2',
    'GL_EXT_buffer_reference_uvec2', 'GL_EXT_scalar_block_layout', 'GL_EXT_control_flow_attributes',
    'GL_EXT_nonuniform_qualifier', 'GL_EXT_shader_atomic_float', 'GL_EXT_shader_atomic_float2',
    'GL_EXT_shader_atomic_int64', 'GL_KHR_memory_scope_semantics', 'GL_KHR_shader_subgroup_basic',
    'GL_KHR_shader_subgroup_vote', 'GL_KHR_shader_subgroup_arithmetic',
    'GL_KHR_shader_subgroup_ballot', 'GL_KHR_shader_subgroup_shuffle',
    'GL_KHR_shader_subgroup_shuffle_relative', 'GL_KHR_shader_subgroup_clustered',
    'GL_KHR_shader_subgroup_quad', 'GL_EXT_shader_image_int64',
    'GL_EXT_shader_image_load_formatted', 'GL_EXT_samplerless_texture_functions',
    'GL_EXT_shader_subgroup_extended_types_int8',
    'GL_EXT_shader_subgroup_extended_types_int16', 'GL_EXT_shader_subgroup_extended_types_int64',
    'GL_EXT_shader_subgroup_extended_types_float16',
])

# Opcodes and whether they have a result and a type.
NEWER = {
    'OpTypeCooperativeMatrixKHR': (4456, True, False),
    'OpCooperativeMatrixLoadKHR': (4457, True, True),
    'OpCooperativeMatrixStoreKHR': (4458, False, False),
    'OpCooperativeMatrixMulAddKHR': (4459, True, True),
    'OpCooperativeMatrixLengthKHR': (4460, True, True),
    'OpTypeUntypedPointerKHR': (4417, True, False),
    'OpUntypedVariableKHR': (4418, True, True),
    'OpUntypedAccessChainKHR': (4419, True, True),
    'OpUntypedInBoundsAccessChainKHR': (4420, True, True),
    'OpUntypedPtrAccessChainKHR': (4423, True, True),
    'OpUntypedArrayLengthKHR': (4425, True, True),
    'OpUntypedPrefetchKHR': (4426, False, False),
    'OpFmaKHR': (4427, True, True),
    'OpTypeVectorIdEXT': (5288, True, False),
    'OpRawAccessChainNV': (5398, True, True),
    'OpCooperativeMatrixConvertNV': (5293, True, True),
    'OpCooperativeMatrixReduceNV': (5366, True, True),
    'OpCooperativeMatrixLoadTensorNV': (5367, True, True),
    'OpCooperativeMatrixStoreTensorNV': (5368, False, False),
    'OpCooperativeMatrixPerElementOpNV': (5369, True, True),
    'OpTypeTensorLayoutNV': (5370, True, False),
    'OpTypeTensorViewNV': (5371, True, False),
    'OpCreateTensorLayoutNV': (5372, True, True),
    'OpTensorLayoutSetDimensionNV': (5373, True, True),
    'OpTensorLayoutSetStrideNV': (5374, True, True),
    'OpTensorLayoutSliceNV': (5375, True, True),
    'OpTensorLayoutSetClampValueNV': (5376, True, True),
    'OpCreateTensorViewNV': (5377, True, True),
    'OpTensorViewSetDimensionNV': (5378, True, True),
    'OpTensorViewSetStrideNV': (5379, True, True),
    'OpTensorViewSetClipNV': (5382, True, True),
    'OpTensorLayoutSetBlockSizeNV': (5384, True, True),
    'OpCooperativeMatrixTransposeNV': (5390, True, True),
}
NEWER_NAMES = {'CooperativeMatrixKHR': 6022, 'BFloat16TypeKHR': 5116, 'BFloat16DotProductKHR': 5117,
               'BFloat16CooperativeMatrixKHR': 5118,
               'Float8EXT': 4212, 'Float8CooperativeMatrixEXT': 4213,
               'UntypedPointersKHR': 4473, 'RawAccessChainsNV': 5414,
               'LongVectorEXT': 5425, 'Shader64BitIndexingEXT': 5426, 'FMAKHR': 6030,
               'CooperativeMatrixReductionsNV': 5430,
               'CooperativeMatrixConversionsNV': 5431, 'CooperativeMatrixPerElementOperationsNV': 5432,
               'CooperativeMatrixTensorAddressingNV': 5433, 'CooperativeMatrixBlockLoadsNV': 5434,
               'TensorAddressingNV': 5439}


def assemble_newer(line):
    """An instruction of NEWER as raw words, which spirv-as takes; others unchanged."""
    words = line.split()
    if words[:1] == ['OpCapability'] and words[1] in NEWER_NAMES:
        return f'OpCapability !{NEWER_NAMES[words[1]]}\n'
    result = words[0] if words[1:2] == ['='] else None
    body = words[2:] if result else words
    if not body or not (body[0] in NEWER or body[0] == 'OpTypeFloat' and len(body) == 3):
        return line
    opcode, has_result, has_type = NEWER.get(body[0], (22, True, False)) # a float of an encoding
    operands = body[1:]
    if has_result:
        operands.insert(1 if has_type else 0, result)
    operands = [word if word.startswith('%') else f'!{int(word, 0)}' for word in operands]
    raw = f'!{len(operands) + 1 << 16 | opcode} {" ".join(operands)}\n'
    # Behind an instruction with optional operands it would be taken for one of them.
    return raw if body[0].startswith('OpType') else 'OpNop\n' + raw


def assemble_all_newer(lines):
    """A module. Newer assemblers take raw words behind a float type for its encoding: something stands between."""
    result = []
    for line in lines:
        new = assemble_newer(line)
        if new != line and new.startswith('!') and result and 'OpTypeFloat' in result[-1]:
            result.append('OpNoLine\n')
        result.append(new)
    return result


def sections(path):
    """(line number, kind, options, text) of each shader section"""
    found = []
    current = None
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            words = line.strip('[]\n ').split() if line.startswith('[') else []
            if words and words[0] in ('glsl', 'spirv'):
                current = [number, words[0], words[1:], []]
                found.append(current)
            elif words and words[0] == 'test':
                current = None
            elif current:
                current[3].append(line)
    return found


def run(command, where):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f'{where}: {done.stdout.decode(errors="replace")}')


def main():
    arguments = sys.argv[1:]
    spirv_opt = None
    if arguments[0] == '--optimise':
        spirv_opt = arguments[1]
        del arguments[:2]
    bare = arguments[0] == '--bare'
    if bare:
        del arguments[0]
    glslang, spirv_as, spirv_val, source, target = arguments
    modules = []
    with tempfile.TemporaryDirectory() as folder:
        for number, kind, options, text in sections(source):
            where = f'{source}:{number}'
            spv = os.path.join(folder, 'out.spv')
            if kind == 'glsl':
                version = options[0] if options else '1.3'
                code = ''.join(text)
                if '#version' not in code:
                    code = PREAMBLE + f'#line {number + 1}\n' + code
                comp = os.path.join(folder, 'in.comp')
                with open(comp, 'w', encoding='utf-8') as f:
                    f.write(code)
                run([glslang, '--quiet', '--target-env', 'vulkan' + version] +
                    [option for option in options[1:] if option != 'newer'] + [comp, '-o', spv], where)
            else:
                version = '1.3'
                assembly = os.path.join(folder, 'in.spvasm')
                with open(assembly, 'w', encoding='utf-8') as f:
                    if 'newer' in options:
                        text = assemble_all_newer(text)
                    f.write(''.join(text))
                run([spirv_as, '--target-env', 'vulkan1.3', assembly, '-o', spv], where)
            if 'invalid' not in options and 'newer' not in options:
                run([spirv_val, '--scalar-block-layout', '--target-env', 'vulkan' + version, spv],
                    where)
                if spirv_opt:
                    run([spirv_opt, '-O', '--scalar-block-layout', '--target-env=vulkan' + version,
                         spv, '-o', spv], where)
            with open(spv, 'rb') as f:
                modules.append(f.read())
    with open(target, 'wb') as f:
        for module in modules:
            f.write(module if bare else struct.pack('<I', len(module) // 4) + module)


main()
