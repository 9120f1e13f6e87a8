/* SPDX-License-Identifier: MIT
 *
 * Reading a module: one walk over its instructions, in order, which is the order of definition for
 * everything at module scope. Functions' instructions are only measured and entered into the table
 * of ids; spv_scan.c looks at those that are used.
 */
#include <string.h>

#include "spv_builder.h"

struct reader {
    struct spv_builder *b;
    struct spv_module *mod;
    const char *entry;
    struct spv_function *function; /* being read */
    struct spv_block *block;
};

/* A literal string of the instruction, checked to end inside it. */
static const char *literal_string(struct spv_builder *b, const uint32_t *w, uint32_t wc,
                                  uint32_t from)
{
    if (from >= wc || !memchr(&w[from], 0, (size_t)(wc - from) * 4))
        spv_bad(b, "a string that does not end");
    return (const char *)&w[from];
}

const struct spv_decoration *spv_decoration(const struct spv_module *mod, uint32_t id,
                                            uint32_t member, uint32_t decoration)
{
    for (const struct spv_decoration *d = mod->ids[id].decorations; d; d = d->next)
        if (d->decoration == decoration && d->member == member)
            return d;
    return NULL;
}

static void add_decoration(struct reader *r, uint32_t id, uint32_t member, uint32_t decoration,
                           const uint32_t *words, uint32_t count)
{
    struct spv_id *slot = spv_id_at(r->b, id);
    struct spv_decoration *d = arena_new(r->b->arena, struct spv_decoration);
    *d = (struct spv_decoration){slot->decorations, decoration, member, count, words};
    slot->decorations = d;
    if (decoration == SpvDecorationBuiltIn && member == SPV_NO_MEMBER && count &&
        words[0] == SpvBuiltInWorkgroupSize)
        r->mod->workgroup_size_id = id;
}

static void copy_group(struct reader *r, uint32_t group, uint32_t target, uint32_t member)
{
    for (struct spv_decoration *d = spv_id_at(r->b, group)->decorations; d; d = d->next)
        add_decoration(r, target, member, d->decoration, d->words, d->count);
}

static void read_decoration(struct reader *r, const uint32_t *w, uint32_t wc)
{
    switch (w[0] & 0xffff) {
    case SpvOpDecorate:
    case SpvOpDecorateId:
    case SpvOpDecorateString:
        add_decoration(r, w[1], SPV_NO_MEMBER, w[2], &w[3], wc - 3);
        break;
    case SpvOpMemberDecorate:
    case SpvOpMemberDecorateString:
        if (w[2] != SPV_NO_MEMBER)
            add_decoration(r, w[1], w[2], w[3], &w[4], wc - 4);
        break;
    case SpvOpGroupDecorate:
        for (uint32_t i = 2; i < wc; i++)
            if (w[i] != w[1])
                copy_group(r, w[1], w[i], SPV_NO_MEMBER);
        break;
    case SpvOpGroupMemberDecorate:
        for (uint32_t i = 2; i + 1 < wc; i += 2)
            if (w[i] != w[1])
                copy_group(r, w[1], w[i], w[i + 1]);
        break;
    }
}

static void read_entry_point(struct reader *r, const uint32_t *w, uint32_t wc)
{
    const char *name = literal_string(r->b, w, wc, 3);
    if (w[1] != SpvExecutionModelGLCompute || !r->entry || strcmp(name, r->entry) != 0)
        return;
    if (r->mod->entry_id)
        spv_bad(r->b, "two compute entry points are called \"%.60s\"", name);
    spv_id_at(r->b, w[2]);
    r->mod->entry_id = w[2];
}

static void read_float_mode(struct reader *r, const uint32_t *w, uint32_t wc, uint8_t mode)
{
    if (wc < 4 || (w[3] != 16 && w[3] != 32 && w[3] != 64))
        spv_bad(r->b, "an execution mode of floats needs their width");
    r->mod->float_modes[w[3] == 16 ? IR_F16 : w[3] == 32 ? IR_F32 : IR_F64] |= mode;
}

static void read_execution_mode(struct reader *r, const uint32_t *w, uint32_t wc)
{
    if (w[1] != r->mod->entry_id)
        return;
    switch (w[2]) {
    case SpvExecutionModeLocalSize:
        if (wc < 6)
            spv_bad(r->b, "LocalSize needs three sizes");
        memcpy(r->mod->local_size, &w[3], sizeof(r->mod->local_size));
        r->mod->has_local_size = true;
        break;
    case SpvExecutionModeLocalSizeId:
        if (wc < 6)
            spv_bad(r->b, "LocalSizeId needs three sizes");
        memcpy(r->mod->local_size_ids, &w[3], sizeof(r->mod->local_size_ids));
        r->mod->has_local_size_ids = true;
        break;
    case SpvExecutionModeFPFastMathDefault:
        if (wc < 5 || r->mod->fast_math_count == SPV_MAX_FAST_MATH)
            spv_bad(r->b, "FPFastMathDefault needs a type and a mode, once for each type");
        memcpy(r->mod->fast_math_ids[r->mod->fast_math_count++], &w[3], 2 * sizeof(w[3]));
        break;
    case SpvExecutionModeDerivativeGroupQuadsKHR:
        r->mod->derivatives = SPV_DERIVATIVES_QUADS;
        break;
    case SpvExecutionModeDerivativeGroupLinearKHR:
        r->mod->derivatives = SPV_DERIVATIVES_LINEAR;
        break;
    case SPV_EXECUTION_MODE_64_BIT_INDEXING:
        r->b->wide_buffers = true;
        break;
    case SpvExecutionModeRoundingModeRTZ:
        read_float_mode(r, w, wc, SPV_FLOAT_TOWARDS_ZERO);
        break;
    case SpvExecutionModeDenormFlushToZero:
        read_float_mode(r, w, wc, SPV_FLOAT_FLUSH);
        break;
    case SpvExecutionModeDenormPreserve:
        read_float_mode(r, w, wc, SPV_FLOAT_PRESERVE);
        break;
    }
}

static void read_ext_set(struct reader *r, const uint32_t *w, uint32_t wc)
{
    const char *name = literal_string(r->b, w, wc, 2);
    struct spv_id *slot = spv_id_at(r->b, w[1]);
    slot->kind = SPV_EXT_SET;
    if (!strcmp(name, "GLSL.std.450"))
        slot->ext_set = SPV_EXT_GLSL450;
    else if (!strcmp(name, "SPV_AMD_shader_trinary_minmax"))
        slot->ext_set = SPV_EXT_TRINARY;
    else if (!strcmp(name, "NonSemantic.Shader.DebugInfo.100"))
        slot->ext_set = SPV_EXT_DEBUG_INFO;
    else if (!strncmp(name, "NonSemantic.", 12) || !strncmp(name, "OpenCL.DebugInfo", 16) ||
             !strcmp(name, "DebugInfo"))
        slot->ext_set = SPV_EXT_NONSEMANTIC;
    else
        spv_unsupported(r->b, "extended instruction set %.60s is not supported", name);
}

static void variable_access(struct spv_module *mod, struct spv_variable *v)
{
    for (const struct spv_decoration *d = mod->ids[v->id].decorations; d; d = d->next) {
        uint32_t value = d->count ? d->words[0] : 0;
        switch (d->decoration) {
        case SpvDecorationDescriptorSet:
            v->set = value;
            v->has_set = true;
            break;
        case SpvDecorationBinding:
            v->binding = value;
            v->has_binding = true;
            break;
        case SpvDecorationBuiltIn:
            v->builtin = value;
            break;
        case SpvDecorationNonWritable:
            v->access |= SPV_ACCESS_NON_WRITABLE;
            break;
        case SpvDecorationCoherent:
            v->access |= SPV_ACCESS_COHERENT;
            break;
        case SpvDecorationVolatile:
            v->access |= SPV_ACCESS_VOLATILE;
            break;
        case SpvDecorationAliased:
            v->access |= SPV_ACCESS_ALIASED;
            break;
        case SpvDecorationRestrict:
            v->access |= SPV_ACCESS_RESTRICT;
            break;
        }
    }
}

static void read_variable(struct reader *r, const uint32_t *w, uint32_t wc)
{
    struct spv_builder *b = r->b;
    const struct spv_type *pointer = spv_type_at(b, w[1]), *type = pointer->element;
    uint32_t init = 4; /* the word of the initialiser */
    if ((w[0] & 0xffff) == SpvOpUntypedVariableKHR) {
        if (!pointer->untyped || wc < 5)
            spv_unsupported(b, "an untyped variable without a data type");
        type = spv_type_at(b, w[4]);
        init = 5;
    } else if (pointer->untyped) {
        spv_bad(b, "OpVariable of an untyped pointer");
    }
    if (pointer->kind != SPV_TYPE_POINTER || pointer->storage != w[3])
        spv_bad(b, "the variable's type is not a pointer of its storage class");
    if (!pointer->defined)
        spv_bad(b, "the variable's type is not complete");
    if ((w[3] == SpvStorageClassFunction) != (r->function != NULL))
        spv_bad(b, "storage class %u of a variable %s a function", w[3],
                r->function ? "in" : "outside");
    struct spv_variable *v = arena_new(b->arena, struct spv_variable);
    v->id = w[2];
    v->storage = w[3];
    v->type = (struct spv_type *)type;
    v->init_id = wc > init ? w[init] : 0;
    v->binding_index = UINT32_MAX;
    v->builtin = UINT32_MAX;
    variable_access(r->mod, v);
    /* SPV_KHR_workgroup_memory_explicit_layout: all of a module's workgroup variables are blocks, or none
     * is, whatever the module's capabilities. */
    if (v->storage == SpvStorageClassWorkgroup && v->type->kind == SPV_TYPE_STRUCT &&
        spv_decoration(r->mod, v->type->id, SPV_NO_MEMBER, SpvDecorationBlock))
        r->mod->explicit_workgroup = true;
    if (v->storage == SpvStorageClassWorkgroup && v->init_id && v->access & SPV_ACCESS_ALIASED)
        r->mod->zero_aliased = true;
    struct spv_id *slot = spv_id_at(b, w[2]);
    slot->kind = SPV_VARIABLE;
    slot->variable = v;
    if (r->function)
        return;
    if (r->mod->variable_count == r->mod->variable_capacity) {
        uint32_t capacity = r->mod->variable_capacity ? 2 * r->mod->variable_capacity : 32;
        r->mod->variables = arena_grow(b->arena, r->mod->variables, r->mod->variable_count,
                                       capacity, sizeof(uint32_t));
        r->mod->variable_capacity = capacity;
    }
    r->mod->variables[r->mod->variable_count++] = w[2];
}

static void begin_function(struct reader *r, const uint32_t *w)
{
    struct spv_builder *b = r->b;
    if (r->function)
        spv_bad(b, "a function inside a function");
    struct spv_function *f = arena_new(b->arena, struct spv_function);
    f->id = w[2];
    f->word = b->word;
    f->type = spv_type_at(b, w[4]);
    if (f->type->kind != SPV_TYPE_FUNCTION)
        spv_bad(b, "%%%u is not a function's type", w[4]);
    f->result = spv_type_at(b, w[1]);
    if (f->result != f->type->element)
        spv_bad(b, "the result type differs from the function type's");
    f->params = arena_array(b->arena, uint32_t, f->type->count);
    struct spv_id *slot = spv_id_at(b, w[2]);
    slot->kind = SPV_FUNCTION;
    slot->function = f;
    r->function = f;
    r->block = NULL;
}

static void read_parameter(struct reader *r, const uint32_t *w)
{
    struct spv_function *f = r->function;
    if (!f || f->first_block)
        spv_bad(r->b, "a parameter out of place");
    if (f->param_count >= f->type->count ||
        f->type->members[f->param_count].type != spv_type_at(r->b, w[1]))
        spv_bad(r->b, "the parameters differ from the function's type");
    f->params[f->param_count++] = w[2];
}

static void begin_block(struct reader *r, const uint32_t *w)
{
    struct spv_builder *b = r->b;
    if (!r->function || r->block)
        spv_bad(b, "a label in the middle of a block");
    struct spv_block *block = arena_new(b->arena, struct spv_block);
    block->id = w[1];
    block->word = b->word;
    block->start = b->word + (w[0] >> 16);
    block->function = r->function;
    struct spv_id *slot = spv_id_at(b, w[1]);
    slot->kind = SPV_BLOCK;
    slot->block = block;
    if (r->function->last_block)
        r->function->last_block->next = block;
    else
        r->function->first_block = block;
    r->function->last_block = block;
    r->block = block;
}

static void end_function(struct reader *r)
{
    if (!r->function)
        spv_bad(r->b, "OpFunctionEnd without a function");
    if (r->block)
        spv_bad(r->b, "a block without an end");
    if (r->function->param_count != r->function->type->count)
        spv_bad(r->b, "the parameters differ from the function's type");
    r->function->end_word = r->b->word;
    r->function = NULL;
}

/* Instructions of functions; true if it was one. */
static bool read_function_part(struct reader *r, uint32_t op, const uint32_t *w, uint32_t wc)
{
    switch (op) {
    case SpvOpFunction:
        begin_function(r, w);
        return true;
    case SpvOpFunctionParameter:
        read_parameter(r, w);
        return true;
    case SpvOpFunctionEnd:
        end_function(r);
        return true;
    case SpvOpLabel:
        begin_block(r, w);
        return true;
    case SpvOpLine:
    case SpvOpNoLine:
    case SpvOpNop:
        return true;
    }
    if (!r->function)
        return false;
    if (!r->block) {
        /* Debug information may stand between blocks. */
        if (op == SpvOpExtInst || op == SpvOpExtInstWithForwardRefsKHR)
            return true;
        spv_bad(r->b, "an instruction outside a block");
    }
    switch (op) {
    case SpvOpVariable:
    case SpvOpUntypedVariableKHR:
        read_variable(r, w, wc);
        break;
    case SpvOpBranch:
    case SpvOpBranchConditional:
    case SpvOpSwitch:
    case SpvOpReturn:
    case SpvOpReturnValue:
    case SpvOpUnreachable:
    case SpvOpKill:
    case SpvOpTerminateInvocation:
    case SpvOpIgnoreIntersectionKHR:
    case SpvOpTerminateRayKHR:
    case SpvOpEmitMeshTasksEXT:
        r->block->terminator = r->b->word;
        r->block = NULL;
        break;
    case SpvOpSelectionMerge:
        r->block->merge_word = r->b->word;
        r->block->merge_id = w[1];
        break;
    case SpvOpLoopMerge:
        r->block->merge_word = r->b->word;
        r->block->merge_id = w[1];
        r->block->continue_id = w[2];
        r->block->loop_control = w[3];
        r->block->is_loop = true;
        break;
    }
    return true;
}

static void read_global(struct reader *r, uint32_t op, const uint32_t *w, uint32_t wc)
{
    struct spv_builder *b = r->b;
    if ((op >= SpvOpTypeVoid && op <= SpvOpTypeForwardPointer) ||
        op == SpvOpTypeCooperativeMatrixKHR || op == SpvOpTypeCooperativeMatrixNV || op == SpvOpTypeTensorLayoutNV ||
        op == SpvOpTypeTensorViewNV || op == SpvOpTypeUntypedPointerKHR ||
        op == SPV_OP_TYPE_VECTOR_ID) {
        spv_read_type(b, w, wc);
        return;
    }
    if ((op >= SpvOpConstantTrue && op <= SpvOpSpecConstantOp) || op == SpvOpUndef ||
        op == SpvOpConstantCompositeReplicateEXT || op == SpvOpSpecConstantCompositeReplicateEXT) {
        spv_read_constant(b, w, wc);
        return;
    }
    switch (op) {
    case SpvOpCapability:
        spv_check_capability(b, w[1]);
        break;
    case SpvOpExtension:
        spv_check_extension(b, literal_string(b, w, wc, 1));
        break;
    case SpvOpExtInstImport:
        read_ext_set(r, w, wc);
        break;
    case SpvOpMemoryModel:
        r->mod->addressing = w[1];
        r->mod->memory_model = w[2];
        if (w[1] != SpvAddressingModelLogical && w[1] != SpvAddressingModelPhysicalStorageBuffer64)
            spv_unsupported(b, "addressing model %u", w[1]);
        break;
    case SpvOpEntryPoint:
        read_entry_point(r, w, wc);
        break;
    case SpvOpExecutionMode:
    case SpvOpExecutionModeId:
        read_execution_mode(r, w, wc);
        break;
    case SpvOpName:
        spv_id_at(b, w[1])->name = literal_string(b, w, wc, 2);
        break;
    case SpvOpString:
        literal_string(b, w, wc, 2);
        spv_id_at(b, w[1])->kind = SPV_STRING;
        break;
    case SpvOpDecorationGroup:
        spv_id_at(b, w[1])->kind = SPV_GROUP;
        break;
    case SpvOpDecorate:
    case SpvOpDecorateId:
    case SpvOpDecorateString:
    case SpvOpMemberDecorate:
    case SpvOpMemberDecorateString:
    case SpvOpGroupDecorate:
    case SpvOpGroupMemberDecorate:
        read_decoration(r, w, wc);
        break;
    case SpvOpVariable:
    case SpvOpUntypedVariableKHR:
        read_variable(r, w, wc);
        break;
    case SpvOpSource:
    case SpvOpSourceContinued:
    case SpvOpSourceExtension:
    case SpvOpMemberName:
    case SpvOpModuleProcessed:
    case SpvOpExtInst: /* only non-semantic ones may stand here */
    case SpvOpExtInstWithForwardRefsKHR:
        break;
    default:
        if (op >= SpvOpTypePipeStorage && op != SpvOpTypeNamedBarrier)
            spv_unsupported(b, "opcode %u", op);
        spv_bad(b, "opcode %u outside a function", op);
    }
}

static void read_instruction(struct reader *r, const uint32_t *w, uint32_t wc)
{
    struct spv_builder *b = r->b;
    uint32_t op = w[0] & 0xffff;
    bool has_result, has_type;
    spv_op_result(op, &has_result, &has_type);
    uint32_t min = 1u + has_result + has_type;
    if (wc < min || wc < spv_op_min_words(b, op))
        spv_bad(b, "an instruction of %u words is too short", wc);
    if (has_result) {
        uint32_t id = w[has_type ? 2 : 1];
        struct spv_id *slot = spv_id_at(b, id);
        bool forward = slot->kind == SPV_TYPE && op == SpvOpTypePointer && !slot->type->defined;
        if (slot->op && !forward)
            spv_bad(b, "%%%u is defined twice", id);
        slot->op = (uint16_t)op;
        slot->word = b->word;
        slot->kind = forward ? SPV_TYPE : SPV_RESULT;
    }
    if (!read_function_part(r, op, w, wc))
        read_global(r, op, w, wc);
}

/* The words in this machine's byte order, checked to be SPIR-V. */
static const uint32_t *native_words(struct spv_builder *b, const uint32_t *words, size_t count)
{
    if (count < 5 || count > UINT32_MAX / 4)
        spv_bad(b, "%zu words are no module", count);
    if (words[0] == SpvMagicNumber)
        return words;
    if (__builtin_bswap32(words[0]) != SpvMagicNumber)
        spv_bad(b, "magic number 0x%08x", words[0]);
    uint32_t *swapped = arena_array(b->arena, uint32_t, count);
    for (size_t i = 0; i < count; i++)
        swapped[i] = __builtin_bswap32(words[i]);
    return swapped;
}

struct spv_module *spv_read(struct spv_builder *b, const uint32_t *words, size_t count,
                            const char *entry)
{
    struct spv_module *mod = arena_new(b->arena, struct spv_module);
    struct reader r = {.b = b, .mod = mod, .entry = entry};
    uint32_t word = 0;

    b->word = 0;
    words = native_words(b, words, count);
    if ((words[1] >> 16) != 1 || (words[1] >> 8 & 0xff) > 6)
        spv_unsupported(b, "version %u.%u", words[1] >> 16, words[1] >> 8 & 0xff);
    if (words[3] == 0 || words[3] > SPV_MAX_BOUND)
        spv_bad(b, "id bound %u", words[3]);
    mod->words = words;
    mod->count = (uint32_t)count;
    mod->bound = words[3];
    mod->ids = arena_array(b->arena, struct spv_id, mod->bound);
    mod->library = entry == NULL;
    b->mod = mod;
    b->line = 0;
    for (word = 5; word < mod->count;) {
        uint32_t wc = words[word] >> 16;
        b->word = word;
        if (wc == 0 || wc > mod->count - word)
            spv_bad(b, "an instruction of %u words, %u are left", wc, mod->count - word);
        read_instruction(&r, &words[word], wc);
        word += wc;
    }
    b->word = 0;
    if (r.function)
        spv_bad(b, "the module ends inside a function");
    if (entry && !mod->entry_id)
        spv_bad(b, "there is no compute entry point \"%.60s\"", entry);
    return mod;
}
