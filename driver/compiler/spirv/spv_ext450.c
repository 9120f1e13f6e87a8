/* SPDX-License-Identifier: MIT
 *
 * Extended instructions: GLSL.std.450, and the lines of debug information. One row an instruction.
 */
#include <spirv/unified1/GLSL.std.450.h>
#include <spirv/unified1/NonSemanticShaderDebugInfo100.h>

#include "spv_ext450.h"

/* ---- The built-in library ---- */

static void call_library(struct spv_builder *b, const uint32_t *w, uint32_t wc, const char *name)
{
    struct spv_value *value = spv_result(b, w);
    enum ir_type type = (enum ir_type)value->type->scalar;
    const struct spv_value *args[2];
    uint32_t count = wc - 5;
    spv_ext_check_float(b, value->type);
    if (type == IR_F64)
        spv_unsupported(b, "64-bit floats in a transcendental function");
    if (count > 2)
        spv_bad(b, "%u operands", count);
    for (uint32_t i = 0; i < count; i++)
        args[i] = spv_ext_float_operand(b, w[5 + i], value->type);
    for (uint32_t k = 0; k < value->type->leaf_count; k++) {
        struct ir_inst *x[2];
        for (uint32_t i = 0; i < count; i++) /* the call before may have left their region */
            x[i] = spv_float_to(b, spv_usable(b, args[i]->leaves[k]), IR_F32);
        struct ir_inst *y = spv_library_call(b, name, count, x);
        value->leaves[k] = spv_float_to(b, y, type);
    }
}

/* ---- The table ---- */

static const struct row {
    uint8_t inst, operands;
    const char *signature; /* as in spv_ops.def, or NULL: run or library */
    enum ir_op ir;
    spv_scalar_fn *fn;
    spv_handler *run;
    const char *library, *library_denorm; /* the latter under DenormPreserve, where it is another */
} rows[] = {
#define ALU(name, signature, ir, fn) \
    {GLSLstd450##name, sizeof(signature) - 2, signature, ir, fn, NULL, NULL, NULL},
#define RUN(name, operands, run) \
    {GLSLstd450##name, operands, NULL, IR_OP_COUNT, NULL, run, NULL, NULL},
#define LIB(name, operands, library) \
    {GLSLstd450##name, operands, NULL, IR_OP_COUNT, NULL, NULL, library, NULL},
#define LIB2(name, operands, library) \
    {GLSLstd450##name, operands, NULL, IR_OP_COUNT, NULL, NULL, library, library "_denorm"},
    ALU(Round, "ff", IR_FRINT, NULL)
    ALU(RoundEven, "ff", IR_FRINT, NULL)
    ALU(Trunc, "ff", IR_FTRUNC, NULL)
    ALU(FAbs, "ff", IR_FABS, NULL)
    ALU(SAbs, "ii", IR_OP_COUNT, spv_ext_sabs)
    ALU(FSign, "ff", IR_OP_COUNT, spv_ext_fsign)
    ALU(SSign, "ii", IR_OP_COUNT, spv_ext_ssign)
    ALU(Floor, "ff", IR_FFLOOR, NULL)
    ALU(Ceil, "ff", IR_FCEIL, NULL)
    ALU(Fract, "ff", IR_OP_COUNT, spv_ext_fract)
    ALU(Radians, "ff", IR_OP_COUNT, spv_ext_radians)
    ALU(Degrees, "ff", IR_OP_COUNT, spv_ext_degrees)
    LIB(Sin, 1, "weft_sin")
    LIB(Cos, 1, "weft_cos")
    LIB(Tan, 1, "weft_tan")
    LIB(Asin, 1, "weft_asin")
    LIB(Acos, 1, "weft_acos")
    LIB(Atan, 1, "weft_atan")
    LIB(Sinh, 1, "weft_sinh")
    LIB(Cosh, 1, "weft_cosh")
    LIB(Tanh, 1, "weft_tanh")
    LIB(Asinh, 1, "weft_asinh")
    LIB(Acosh, 1, "weft_acosh")
    LIB(Atanh, 1, "weft_atanh")
    LIB(Atan2, 2, "weft_atan2")
    LIB2(Pow, 2, "weft_pow")
    LIB2(Exp, 1, "weft_exp")
    LIB2(Log, 1, "weft_log")
    LIB2(Exp2, 1, "weft_exp2")
    LIB2(Log2, 1, "weft_log2")
    ALU(Sqrt, "ff", IR_FSQRT, NULL)
    ALU(InverseSqrt, "ff", IR_FRSQRT, NULL)
    RUN(Determinant, 1, spv_ext_matrix)
    RUN(MatrixInverse, 1, spv_ext_matrix)
    RUN(Modf, 2, spv_ext_two_results)
    RUN(ModfStruct, 1, spv_ext_two_results)
    ALU(FMin, "fff", IR_FMIN, NULL)
    ALU(UMin, "iii", IR_UMIN, NULL)
    ALU(SMin, "iii", IR_SMIN, NULL)
    ALU(FMax, "fff", IR_FMAX, NULL)
    ALU(UMax, "iii", IR_UMAX, NULL)
    ALU(SMax, "iii", IR_SMAX, NULL)
    ALU(FClamp, "ffff", IR_OP_COUNT, spv_ext_fclamp)
    ALU(UClamp, "iiii", IR_OP_COUNT, spv_ext_uclamp)
    ALU(SClamp, "iiii", IR_OP_COUNT, spv_ext_sclamp)
    ALU(FMix, "ffff", IR_OP_COUNT, spv_ext_fmix)
    ALU(Step, "fff", IR_OP_COUNT, spv_ext_step)
    ALU(SmoothStep, "ffff", IR_OP_COUNT, spv_ext_smoothstep)
    ALU(Fma, "ffff", IR_FMA, NULL)
    RUN(Frexp, 2, spv_ext_two_results)
    RUN(FrexpStruct, 1, spv_ext_two_results)
    ALU(Ldexp, "ffI", IR_OP_COUNT, spv_ext_ldexp)
    RUN(PackSnorm4x8, 1, spv_ext_pack)
    RUN(PackUnorm4x8, 1, spv_ext_pack)
    RUN(PackSnorm2x16, 1, spv_ext_pack)
    RUN(PackUnorm2x16, 1, spv_ext_pack)
    RUN(PackHalf2x16, 1, spv_ext_pack)
    RUN(PackDouble2x32, 1, spv_ext_pack)
    RUN(UnpackSnorm2x16, 1, spv_ext_pack)
    RUN(UnpackUnorm2x16, 1, spv_ext_pack)
    RUN(UnpackHalf2x16, 1, spv_ext_pack)
    RUN(UnpackSnorm4x8, 1, spv_ext_pack)
    RUN(UnpackUnorm4x8, 1, spv_ext_pack)
    RUN(UnpackDouble2x32, 1, spv_ext_pack)
    RUN(Length, 1, spv_ext_length_or_distance)
    RUN(Distance, 2, spv_ext_length_or_distance)
    RUN(Cross, 2, spv_ext_cross)
    RUN(Normalize, 1, spv_ext_normalize)
    RUN(FaceForward, 3, spv_ext_face_forward)
    RUN(Reflect, 2, spv_ext_reflect)
    RUN(Refract, 3, spv_ext_refract)
    ALU(FindILsb, "II", IR_OP_COUNT, spv_ext_find_lsb)
    ALU(FindSMsb, "II", IR_OP_COUNT, spv_ext_find_smsb)
    ALU(FindUMsb, "II", IR_OP_COUNT, spv_ext_find_umsb)
    ALU(NMin, "fff", IR_FMIN, NULL)
    ALU(NMax, "fff", IR_FMAX, NULL)
    ALU(NClamp, "ffff", IR_OP_COUNT, spv_ext_fclamp)
#undef ALU
#undef RUN
#undef LIB
#undef LIB2
};

static void glsl450(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        if (row->inst != w[4])
            continue;
        if (wc - 5 < row->operands)
            spv_bad(b, "instruction %u of GLSL.std.450 needs %u operands", w[4], row->operands);
        if (row->run) {
            row->run(b, w, wc);
        } else if (row->library) {
            bool denorm = b->mod->float_modes[IR_F32] & SPV_FLOAT_PRESERVE && row->library_denorm;
            call_library(b, w, 5u + row->operands, denorm ? row->library_denorm : row->library);
        } else {
            uint32_t plain[6] = {0, w[1], w[2]};
            for (uint32_t k = 0; k < row->operands; k++)
                plain[3 + k] = w[5 + k];
            spv_alu(b, plain, row->signature, row->ir, row->fn, false);
        }
        return;
    }
    spv_unsupported(b, "instruction %u of GLSL.std.450", w[4]);
}

/* NonSemantic.Shader.DebugInfo.100: only where lines are. */
static void debug_info(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    if (b->mod->library)
        return;
    if (w[4] == NonSemanticShaderDebugInfo100DebugLine && wc > 6)
        b->line = spv_constant_u32(b, w[6]);
    else if (w[4] == NonSemanticShaderDebugInfo100DebugNoLine)
        b->line = 0;
}

void spv_op_ext_inst(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    const struct spv_id *set = spv_id_at(b, w[3]);
    if (set->kind != SPV_EXT_SET)
        spv_bad(b, "%%%u is not an extended instruction set", w[3]);
    uint8_t flags = b->inst_flags;
    if (set->ext_set == SPV_EXT_TRINARY) {
        bool flush = spv_flush_operands(b, w[1]);
        spv_ext_trinary(b, w, wc);
        b->flush = flush;
        spv_flush_result(b, w);
    } else if (set->ext_set == SPV_EXT_GLSL450) {
        b->inst_flags |= spv_float_flags(b, w[1], w[2]);
        bool computes = w[4] != GLSLstd450PackDouble2x32;
        bool flush = computes && spv_flush_operands(b, w[1]);
        glsl450(b, w, wc);
        if (computes) {
            b->flush = flush;
            spv_flush_result(b, w);
        }
    } else if (set->ext_set == SPV_EXT_DEBUG_INFO) {
        debug_info(b, w, wc);
    }
    b->inst_flags = flags;
}

void spv_op_line(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    (void)wc;
    if (!b->mod->library)
        b->line = (w[0] & 0xffff) == SpvOpLine ? w[2] : 0;
}
