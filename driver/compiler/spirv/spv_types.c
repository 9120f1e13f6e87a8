/* SPDX-License-Identifier: MIT
 *
 * Types: their scalars and their layout in memory.
 */
#include "spv_builder.h"

static uint32_t saturate(uint64_t x)
{
    return x > UINT32_MAX ? UINT32_MAX : (uint32_t)x;
}

static uint64_t saturating_mul(uint64_t x, uint64_t y)
{
    uint64_t r;
    return __builtin_mul_overflow(x, y, &r) ? UINT64_MAX / 4 : r;
}

uint32_t spv_pointer_leaves(uint32_t storage)
{
    switch (storage) {
    case SpvStorageClassStorageBuffer:
    case SpvStorageClassUniform:
        return 2;
    case SpvStorageClassPhysicalStorageBuffer:
    case SpvStorageClassWorkgroup:
    case SpvStorageClassPushConstant:
        return 1;
    default:
        return 0;
    }
}

bool spv_is_composite(const struct spv_type *type)
{
    return type->kind == SPV_TYPE_VECTOR || type->kind == SPV_TYPE_MATRIX ||
           type->kind == SPV_TYPE_ARRAY || type->kind == SPV_TYPE_STRUCT;
}

uint32_t spv_part_count(const struct spv_type *type)
{
    return spv_is_composite(type) ? type->count : 0;
}

struct spv_type *spv_part(const struct spv_type *type, uint32_t k, uint32_t *leaf, uint32_t *path)
{
    if (type->kind == SPV_TYPE_STRUCT) {
        *leaf += type->members[k].leaf_first;
        *path += type->members[k].path_first;
        return type->members[k].type;
    }
    *leaf += k * type->element->leaf_count;
    if (type->kind != SPV_TYPE_ARRAY && type->kind != SPV_TYPE_RUNTIME_ARRAY)
        *path += k * type->element->path_count;
    return type->element;
}

enum ir_type spv_leaf_type(const struct spv_type *type, uint32_t leaf)
{
    for (;;) {
        switch (type->kind) {
        case SPV_TYPE_STRUCT: {
            uint32_t lo = 0, hi = type->count;
            while (hi - lo > 1) { /* the last member whose first leaf is not behind the leaf */
                uint32_t mid = lo + (hi - lo) / 2;
                if (type->members[mid].leaf_first <= leaf)
                    lo = mid;
                else
                    hi = mid;
            }
            leaf -= type->members[lo].leaf_first;
            type = type->members[lo].type;
            break;
        }
        case SPV_TYPE_ARRAY:
            leaf %= type->element->leaf_count;
            type = type->element;
            break;
        case SPV_TYPE_POINTER:
            if (type->storage == SpvStorageClassPhysicalStorageBuffer || type->wide)
                return IR_I64;
            return spv_pointer_leaves(type->storage) == 2 && leaf == 0 ? IR_I64 : IR_I32;
        default:
            return (enum ir_type)type->scalar;
        }
    }
}

static void read_int(struct spv_builder *b, struct spv_type *type, const uint32_t *w)
{
    type->kind = SPV_TYPE_INT;
    type->is_signed = w[3] != 0;
    switch (w[2]) {
    case 8:
        type->scalar = IR_I8;
        break;
    case 16:
        type->scalar = IR_I16;
        break;
    case 32:
        type->scalar = IR_I32;
        break;
    case 64:
        type->scalar = IR_I64;
        break;
    default:
        spv_unsupported(b, "integers of %u bits", w[2]);
    }
}

static void read_float(struct spv_builder *b, struct spv_type *type, const uint32_t *w, uint32_t wc)
{
    static const struct {
        uint32_t bits, encoding;
        uint8_t is, scalar;
    } narrow[] = {
        {16, SPV_FP_ENCODING_BFLOAT16, SPV_ENCODING_BFLOAT16, IR_I16},
        {8, SPV_FP_ENCODING_E4M3, SPV_ENCODING_E4M3, IR_I8},
        {8, SPV_FP_ENCODING_E5M2, SPV_ENCODING_E5M2, IR_I8},
    };
    type->kind = SPV_TYPE_FLOAT;
    for (size_t i = 0; wc > 3 && i < sizeof(narrow) / sizeof(narrow[0]); i++)
        if (narrow[i].bits == w[2] && narrow[i].encoding == w[3]) {
            type->encoding = narrow[i].is;
            type->scalar = narrow[i].scalar;
            return;
        }
    if (wc > 3)
        spv_unsupported(b, "floating point encoding %u", w[3]);
    switch (w[2]) {
    case 16:
        type->scalar = IR_F16;
        break;
    case 32:
        type->scalar = IR_F32;
        break;
    case 64:
        type->scalar = IR_F64;
        break;
    default:
        spv_unsupported(b, "floating point of %u bits", w[2]);
    }
}

static void set_scalar_layout(struct spv_type *type)
{
    type->leaf_count = type->path_count = 1;
    type->natural_B = type->natural_align_B = ir_type_B((enum ir_type)type->scalar);
}

/* Vectors, matrices and arrays. */
static void set_repeated(struct spv_builder *b, struct spv_type *type, struct spv_type *element,
                         uint32_t count)
{
    type->element = element;
    type->count = count;
    type->scalar = element->scalar;
    type->encoding = element->encoding;
    type->has_pointer = element->has_pointer;
    type->has_handle = element->has_handle;
    if (element->depth >= SPV_MAX_TYPE_DEPTH)
        spv_unsupported(b, "types nested more than %d deep", SPV_MAX_TYPE_DEPTH);
    type->depth = (uint8_t)(element->depth + 1);
    type->leaf_count = saturate((uint64_t)element->leaf_count * count);
    bool is_array = type->kind == SPV_TYPE_ARRAY || type->kind == SPV_TYPE_RUNTIME_ARRAY;
    type->path_count =
        is_array ? element->path_count : saturate((uint64_t)element->path_count * count);
    type->natural_B = saturating_mul(element->natural_B, count);
    type->natural_align_B = element->natural_align_B;
}

static struct spv_type *element_type(struct spv_builder *b, uint32_t id)
{
    struct spv_type *element = spv_type_at(b, id);
    bool forward = element->kind == SPV_TYPE_POINTER && element->leaf_count;
    if (element->kind == SPV_TYPE_VOID || element->kind == SPV_TYPE_FUNCTION ||
        element->kind == SPV_TYPE_RUNTIME_ARRAY || !(element->defined || forward))
        spv_bad(b, "type %%%u cannot be an element", id);
    return element;
}

static void read_array(struct spv_builder *b, struct spv_type *type, const uint32_t *w,
                       bool runtime)
{
    type->kind = runtime ? SPV_TYPE_RUNTIME_ARRAY : SPV_TYPE_ARRAY;
    uint32_t count = 0;
    if (!runtime) {
        struct ir_inst *length = spv_int_scalar(b, w[3]);
        if (length->op != IR_CONST)
            spv_bad(b, "the array's length is not constant");
        if (length->imm == 0 || spv_sext(length->imm, (enum ir_type)length->type) < 0 ||
            length->imm > UINT32_MAX / 2)
            spv_bad(b, "array of %lld elements",
                    (long long)spv_sext(length->imm, (enum ir_type)length->type));
        count = (uint32_t)length->imm;
    }
    set_repeated(b, type, element_type(b, w[2]), count);
    if (runtime)
        type->leaf_count = UINT32_MAX;
    const struct spv_decoration *stride =
        spv_decoration(b->mod, type->id, SPV_NO_MEMBER, SpvDecorationArrayStride);
    if (stride && stride->count)
        type->array_stride = stride->words[0];
}

static uint8_t member_access(const struct spv_module *mod, uint32_t id, uint32_t member)
{
    static const struct {
        uint32_t decoration;
        uint8_t access;
    } rows[] = {
        {SpvDecorationNonWritable, SPV_ACCESS_NON_WRITABLE},
        {SpvDecorationCoherent, SPV_ACCESS_COHERENT},
        {SpvDecorationVolatile, SPV_ACCESS_VOLATILE},
    };
    uint8_t access = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (spv_decoration(mod, id, member, rows[i].decoration))
            access |= rows[i].access;
    return access;
}

static void read_member(struct spv_builder *b, struct spv_type *type, uint32_t k,
                        uint32_t member_id)
{
    struct spv_member *member = &type->members[k];
    member->type = spv_type_at(b, member_id);
    if (member->type->kind == SPV_TYPE_VOID || member->type->kind == SPV_TYPE_FUNCTION)
        spv_bad(b, "type %%%u cannot be a member", member_id);
    if (member->type->kind == SPV_TYPE_RUNTIME_ARRAY && k + 1 != type->count)
        spv_bad(b, "a runtime array that is not the last member");
    for (const struct spv_decoration *d = b->mod->ids[type->id].decorations; d; d = d->next) {
        if (d->member != k)
            continue;
        switch (d->decoration) {
        case SpvDecorationOffset:
            member->has_offset = d->count > 0;
            member->offset_B = d->count ? d->words[0] : 0;
            break;
        case SpvDecorationMatrixStride:
            member->matrix_stride = d->count ? d->words[0] : 0;
            break;
        case SpvDecorationRowMajor:
            member->row_major = true;
            break;
        }
    }
    member->access = member_access(b->mod, type->id, k);
    if (member->type->depth >= SPV_MAX_TYPE_DEPTH)
        spv_unsupported(b, "types nested more than %d deep", SPV_MAX_TYPE_DEPTH);
    if (member->type->depth >= type->depth)
        type->depth = (uint8_t)(member->type->depth + 1);
    if (member->type->has_pointer)
        type->has_pointer = true;
    if (member->type->has_handle)
        type->has_handle = true;
    member->leaf_first = type->leaf_count;
    member->path_first = type->path_count;
    type->leaf_count = saturate((uint64_t)type->leaf_count + member->type->leaf_count);
    type->path_count = saturate((uint64_t)type->path_count + member->type->path_count);
    uint32_t align = member->type->natural_align_B ? member->type->natural_align_B : 1;
    uint64_t at = (type->natural_B + align - 1) / align * align;
    member->natural_B = at;
    type->natural_B = at + member->type->natural_B;
    if (type->natural_B > UINT64_MAX / 4)
        type->natural_B = UINT64_MAX / 4;
    if (align > type->natural_align_B)
        type->natural_align_B = align;
    if (!member->has_offset)
        type->explicit_layout = false;
}

static void read_struct(struct spv_builder *b, struct spv_type *type, const uint32_t *w,
                        uint32_t wc)
{
    type->kind = SPV_TYPE_STRUCT;
    type->count = wc - 2;
    type->members = arena_array(b->arena, struct spv_member, type->count);
    type->explicit_layout = true;
    type->natural_align_B = 1;
    type->buffer_block = spv_decoration(b->mod, type->id, SPV_NO_MEMBER, SpvDecorationBufferBlock);
    for (uint32_t k = 0; k < type->count; k++)
        read_member(b, type, k, w[2 + k]);
    uint32_t align = type->natural_align_B;
    type->natural_B = (type->natural_B + align - 1) / align * align;
}

/* Long vectors (SPV_EXT_long_vector) are like others; the count of a short one is what matrices need. */
static void read_vector(struct spv_builder *b, struct spv_type *type, uint32_t element,
                        uint32_t count)
{
    type->kind = SPV_TYPE_VECTOR;
    if (!spv_is_scalar(spv_type_at(b, element)) || count < 1 || count > SPV_MAX_VECTOR)
        spv_bad(b, "vector of %u elements of %%%u", count, element);
    set_repeated(b, type, spv_type_at(b, element), count);
}

static void set_pointer(struct spv_builder *b, struct spv_type *type, uint32_t storage)
{
    type->storage = storage;
    type->has_pointer = true;
    type->wide = spv_is_wide(b, storage);
    type->leaf_count = type->path_count = spv_pointer_leaves(storage);
    type->natural_B = 8u * type->leaf_count;
    type->natural_align_B = 8;
    const struct spv_decoration *stride =
        spv_decoration(b->mod, type->id, SPV_NO_MEMBER, SpvDecorationArrayStride);
    if (stride && stride->count)
        type->array_stride = stride->words[0];
}

static void read_pointer(struct spv_builder *b, struct spv_type *type, const uint32_t *w)
{
    if (type->kind == SPV_TYPE_POINTER && type->storage != w[2])
        spv_bad(b, "the storage class differs from OpTypeForwardPointer's");
    type->kind = SPV_TYPE_POINTER;
    type->element = spv_type_at(b, w[3]);
    type->defined = true;
    set_pointer(b, type, w[2]);
}

static void read_untyped_pointer(struct spv_builder *b, struct spv_type *type, uint32_t storage)
{
    type->kind = SPV_TYPE_POINTER;
    type->untyped = true;
    set_pointer(b, type, storage);
    if (type->leaf_count == 0 && storage != SpvStorageClassPushConstant)
        spv_unsupported(b, "an untyped pointer of storage class %u", storage);
}

static void read_function(struct spv_builder *b, struct spv_type *type, const uint32_t *w,
                          uint32_t wc)
{
    type->kind = SPV_TYPE_FUNCTION;
    type->element = spv_type_at(b, w[2]);
    type->count = wc - 3;
    type->members = arena_array(b->arena, struct spv_member, type->count);
    for (uint32_t i = 0; i < type->count; i++)
        type->members[i].type = spv_type_at(b, w[3 + i]);
}

static struct spv_type *make(struct spv_builder *b, uint32_t id)
{
    struct spv_id *slot = spv_id_at(b, id);
    if (slot->type)
        return slot->type; /* OpTypeForwardPointer was here */
    slot->kind = SPV_TYPE;
    slot->type = arena_new(b->arena, struct spv_type);
    slot->type->id = id;
    return slot->type;
}

static void read_forward(struct spv_builder *b, const uint32_t *w)
{
    if (w[2] != SpvStorageClassPhysicalStorageBuffer)
        spv_bad(b, "a forward pointer outside physical storage buffers");
    struct spv_id *slot = spv_id_at(b, w[1]);
    if (slot->kind != SPV_UNDEFINED && slot->kind != SPV_RESULT)
        spv_bad(b, "%%%u is defined twice", w[1]);
    struct spv_type *type = make(b, w[1]);
    type->kind = SPV_TYPE_POINTER;
    type->storage = w[2];
    type->has_pointer = true;
    type->leaf_count = type->path_count = 1;
    type->natural_B = type->natural_align_B = 8;
}

/* Descriptors' addresses. */
static void set_handles(struct spv_type *type, uint32_t count)
{
    type->scalar = IR_I64;
    type->has_handle = true;
    type->leaf_count = type->path_count = count;
    type->natural_B = 8 * count;
    type->natural_align_B = 8;
}

static void read_image(struct spv_builder *b, struct spv_type *type, const uint32_t *w)
{
    type->kind = SPV_TYPE_IMAGE;
    type->element = spv_type_at(b, w[2]);
    if (type->element->kind != SPV_TYPE_INT && type->element->kind != SPV_TYPE_FLOAT &&
        type->element->kind != SPV_TYPE_VOID)
        spv_bad(b, "an image of type %%%u", w[2]);
    if (w[3] > SpvDim3D && w[3] != SpvDimCube && w[3] != SpvDimBuffer && w[3] != SpvDimSubpassData)
        spv_unsupported(b, "an image of dimension %u", w[3]);
    type->image.dim = w[3];
    type->image.arrayed = w[5] != 0;
    type->image.multisample = w[6] != 0;
    type->image.storage = w[7] == 2;
    type->image.format = w[8];
    set_handles(type, 1);
}

void spv_read_type(struct spv_builder *b, const uint32_t *w, uint32_t wc)
{
    uint32_t op = w[0] & 0xffff;
    if (op == SpvOpTypeForwardPointer) {
        read_forward(b, w);
        return;
    }
    struct spv_type *type = make(b, w[1]);
    type->defined = op != SpvOpTypePointer;
    type->reading = true;
    switch (op) {
    case SpvOpTypeVoid:
        type->kind = SPV_TYPE_VOID;
        break;
    case SpvOpTypeBool:
        type->kind = SPV_TYPE_BOOL;
        type->scalar = IR_BOOL;
        set_scalar_layout(type);
        break;
    case SpvOpTypeInt:
        read_int(b, type, w);
        set_scalar_layout(type);
        break;
    case SpvOpTypeFloat:
        read_float(b, type, w, wc);
        set_scalar_layout(type);
        break;
    case SpvOpTypeVector:
        read_vector(b, type, w[2], w[3]);
        break;
    case SPV_OP_TYPE_VECTOR_ID:
        read_vector(b, type, w[2], spv_constant_u32(b, w[3]));
        break;
    case SpvOpTypeMatrix:
        type->kind = SPV_TYPE_MATRIX;
        if (spv_type_at(b, w[2])->kind != SPV_TYPE_VECTOR ||
            !ir_type_is_float((enum ir_type)spv_type_at(b, w[2])->scalar) || w[3] < 2 ||
            w[3] > 4 || spv_type_at(b, w[2])->count < 2 || spv_type_at(b, w[2])->count > 4)
            spv_bad(b, "matrix of %u columns of %%%u", w[3], w[2]);
        set_repeated(b, type, spv_type_at(b, w[2]), w[3]);
        break;
    case SpvOpTypeArray:
        read_array(b, type, w, false);
        break;
    case SpvOpTypeRuntimeArray:
        read_array(b, type, w, true);
        break;
    case SpvOpTypeCooperativeMatrixKHR:
    case SpvOpTypeCooperativeMatrixNV:
        type->kind = SPV_TYPE_ARRAY;
        spv_read_cooperative(b, type, w);
        set_repeated(b, type, spv_type_at(b, w[2]), type->count);
        break;
    case SpvOpTypeTensorLayoutNV:
    case SpvOpTypeTensorViewNV:
        spv_read_tensor(b, type, w, wc);
        break;
    case SpvOpTypeStruct:
        read_struct(b, type, w, wc);
        break;
    case SpvOpTypePointer:
        read_pointer(b, type, w);
        break;
    case SpvOpTypeUntypedPointerKHR:
        read_untyped_pointer(b, type, w[2]);
        break;
    case SpvOpTypeFunction:
        read_function(b, type, w, wc);
        break;
    case SpvOpTypeImage:
        read_image(b, type, w);
        break;
    case SpvOpTypeSampler:
        type->kind = SPV_TYPE_SAMPLER;
        set_handles(type, 1);
        break;
    case SpvOpTypeSampledImage:
        type->kind = SPV_TYPE_SAMPLED_IMAGE;
        type->element = spv_type_at(b, w[2]);
        if (type->element->kind != SPV_TYPE_IMAGE)
            spv_bad(b, "%%%u is not an image type", w[2]);
        set_handles(type, 2);
        break;
    default: /* whoever uses one fails */
        type->kind = SPV_TYPE_OPAQUE;
        break;
    }
    type->reading = false;
}

uint64_t spv_explicit_size_B(const struct spv_type *type)
{
    uint64_t size_B = 0;
    switch (type->kind) {
    case SPV_TYPE_STRUCT:
        for (uint32_t k = 0; k < type->count; k++) {
            const struct spv_member *m = &type->members[k];
            uint64_t inner_B = m->type->kind == SPV_TYPE_MATRIX && m->matrix_stride
                                   ? 4 * (uint64_t)m->matrix_stride
                                   : spv_explicit_size_B(m->type);
            if (m->offset_B + inner_B > size_B)
                size_B = m->offset_B + inner_B;
        }
        return size_B;
    case SPV_TYPE_ARRAY:
        /* An array of matrices lets its stride say how large they are. */
        return saturating_mul(type->array_stride, type->count);
    case SPV_TYPE_MATRIX:
        return 4 * type->natural_B;
    default:
        return type->natural_B;
    }
}
