/* SPDX-License-Identifier: MIT
 *
 * Loads and stores of buffers, workgroup memory, push constants and physical storage buffers.
 *
 * A value's scalars are listed with their constant offsets (a plan); neighbours of one type and an
 * even distance become one LOAD or STORE.
 */
#include "spv_builder.h"

#define MAX_COMPONENTS 4 /* of one access: transposing more takes more registers than there are */

struct plan {
    struct spv_builder *b;
    struct item {
        uint64_t offset_B;
        enum ir_type type;
        bool breaks; /* starts a new access: a matrix's column */
    } *items;
    uint32_t count;
    bool strided; /* a row-major matrix: its columns are accesses with a stride */
};

static void plan_add(struct plan *plan, uint64_t offset_B, enum ir_type type, bool breaks)
{
    plan->items[plan->count++] = (struct item){offset_B, type, breaks};
}

/* Where a type's scalars are. mat_B and row_major are what the innermost structure's member says
 * about matrices; column_B is the distance of a row-major column's components, 0 for packed. */
static void plan_type(struct plan *plan, const struct spv_type *type, uint64_t at_B, bool natural,
                      uint32_t mat_B, bool row_major, uint32_t column_B)
{
    struct spv_builder *b = plan->b;
    uint32_t size_B;
    switch (type->kind) {
    case SPV_TYPE_BOOL:
    case SPV_TYPE_INT:
    case SPV_TYPE_FLOAT:
        plan_add(plan, at_B, (enum ir_type)type->scalar, false);
        break;
    case SPV_TYPE_VECTOR:
        size_B = column_B ? column_B : ir_type_B((enum ir_type)type->scalar);
        plan->strided |= column_B != 0;
        for (uint32_t k = 0; k < type->count; k++)
            plan_add(plan, at_B + (uint64_t)k * size_B, (enum ir_type)type->scalar, false);
        break;
    case SPV_TYPE_MATRIX: {
        uint32_t scalar_B = ir_type_B((enum ir_type)type->scalar);
        uint32_t stride_B = natural ? type->element->count * scalar_B : mat_B;
        if (!stride_B)
            spv_bad(b, "a matrix in memory without MatrixStride");
        for (uint32_t k = 0; k < type->count; k++) {
            uint32_t first = plan->count;
            plan_type(plan, type->element, at_B + (uint64_t)k * (row_major ? scalar_B : stride_B),
                      natural, 0, false, row_major ? stride_B : 0);
            plan->items[first].breaks = true;
        }
        break;
    }
    case SPV_TYPE_ARRAY: {
        uint64_t stride_B = natural ? type->element->natural_B : type->array_stride;
        if (!stride_B)
            spv_bad(b, "an array in memory without ArrayStride");
        for (uint32_t k = 0; k < type->count; k++)
            plan_type(plan, type->element, at_B + k * stride_B, natural, mat_B, row_major, 0);
        break;
    }
    case SPV_TYPE_STRUCT:
        for (uint32_t k = 0; k < type->count; k++) {
            const struct spv_member *m = &type->members[k];
            if (!natural && !m->has_offset)
                spv_bad(b, "member %u of %%%u in memory without Offset", k, type->id);
            plan_type(plan, m->type, at_B + (natural ? m->natural_B : m->offset_B), natural,
                      m->matrix_stride, m->row_major, 0);
        }
        break;
    case SPV_TYPE_POINTER:
        if (type->storage != SpvStorageClassPhysicalStorageBuffer)
            spv_unsupported(b, "a pointer of storage class %u in memory", type->storage);
        plan_add(plan, at_B, IR_I64, false);
        break;
    default:
        spv_bad(b, "type %%%u cannot be in memory", type->id);
    }
}

static struct plan make_plan(struct spv_builder *b, const struct spv_pointer *p)
{
    if (p->pointee->leaf_count > SPV_MAX_LEAVES)
        spv_unsupported(b, "a value of %u scalars", p->pointee->leaf_count);
    struct plan plan = {.b = b};
    plan.items = arena_array(b->arena, struct item, p->pointee->leaf_count);
    plan_type(&plan, p->pointee, 0, p->natural, p->matrix_stride, p->row_major, p->component_B);
    return plan;
}

/* How many items from first on make one access; their distance. */
static uint32_t run_length(const struct plan *plan, uint32_t first, uint32_t *stride_out)
{
    const struct item *items = plan->items;
    uint32_t n = 1, size_B = ir_type_B(items[first].type);
    *stride_out = size_B;
    while (first + n < plan->count && n < MAX_COMPONENTS) {
        const struct item *next = &items[first + n];
        uint64_t step_B = next->offset_B - items[first + n - 1].offset_B;
        if (next->type != items[first].type || next->breaks || step_B < size_B ||
            step_B > UINT32_MAX / MAX_COMPONENTS)
            break;
        if (n == 1) {
            if (step_B != size_B && !plan->strided)
                break;
            *stride_out = (uint32_t)step_B;
        } else if (step_B != *stride_out) {
            break;
        }
        n++;
    }
    return n;
}

/* ---- Addresses ---- */

static const struct {
    uint32_t storage;
    uint8_t space, arguments;
} spaces[] = {
    {SpvStorageClassStorageBuffer, IR_SPACE_BUFFER, 2},
    {SpvStorageClassUniform, IR_SPACE_BUFFER, 2},
    {SpvStorageClassWorkgroup, IR_SPACE_SHARED, 1},
    {SpvStorageClassPushConstant, IR_SPACE_PUSH, 1},
    {SpvStorageClassPhysicalStorageBuffer, IR_SPACE_GLOBAL, 1},
    {SpvStorageClassImage, IR_SPACE_BUFFER, 2},
};

uint32_t spv_address(struct spv_builder *b, const struct spv_pointer *p, struct ir_inst **args_out,
                     struct ir_mem *mem_out)
{
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        if (spaces[i].storage != p->storage)
            continue;
        if (p->descriptors)
            spv_bad(b, "an access to a whole array of buffers");
        if (p->handle && spv_is_wide(b, p->storage))
            return spv_wide_address(b, p, args_out, mem_out);
        enum ir_type type = spaces[i].space == IR_SPACE_GLOBAL ? IR_I64 : IR_I32;
        struct ir_inst *offset = p->offset ? p->offset : spv_const(b, type, 0);
        uint64_t const_B = p->const_B;
        if (spaces[i].space == IR_SPACE_GLOBAL &&
            const_B > SPV_MAX_CONST_B) { /* before the address, or far */
            offset = spv_emit2(b, IR_ADD, type, offset, spv_const(b, type, const_B));
            const_B = 0;
        }
        if (spaces[i].space == IR_SPACE_GLOBAL)
            b->m->uses_global = true;
        args_out[0] = p->handle;
        args_out[spaces[i].arguments - 1] = offset;
        *mem_out = (struct ir_mem){.space = spaces[i].space,
                                   .flags = p->flags,
                                   .const_B = (uint32_t)const_B,
                                   .alias = p->alias};
        return spaces[i].arguments;
    }
    spv_unsupported(b, "memory of storage class %u", p->storage);
}

static struct ir_mem access_of(const struct plan *plan, uint32_t first, const struct ir_mem *base,
                               uint32_t align_B, uint8_t flags, uint32_t *count_out)
{
    struct ir_mem mem = *base;
    uint32_t size_B = ir_type_B(plan->items[first].type);
    uint32_t n = run_length(plan, first, &mem.stride_B);
    if (mem.space == IR_SPACE_GLOBAL && mem.flags & IR_MEM_ROBUST) /* each scalar by itself */
        n = 1;
    mem.comps = (uint8_t)n;
    mem.flags |= flags;
    mem.align_B = size_B;
    if (mem.space == IR_SPACE_GLOBAL && align_B) {
        /* The alignment holds at the pointer; here it is what the offset leaves of it. */
        uint64_t offset_B = plan->items[first].offset_B;
        uint32_t left = align_B;
        while (offset_B % left)
            left /= 2;
        mem.align_B = left;
    }
    mem.const_B += (uint32_t)plan->items[first].offset_B;
    *count_out = n;
    return mem;
}

static uint64_t span_of(const struct ir_mem *mem, enum ir_type type)
{
    return (uint64_t)(mem->comps - 1) * mem->stride_B + ir_type_B(type);
}

static void load_run(struct spv_builder *b, const struct spv_pointer *p, const struct ir_mem *mem,
                     enum ir_type type, uint32_t arg_count, struct ir_inst **args,
                     struct ir_inst **leaves)
{
    struct ir_inst *load = spv_append(b, IR_LOAD, type == IR_BOOL ? IR_I32 : type, arg_count, args);
    load->mem = *mem;
    if (p->nonuniform)
        load->flags |= IR_INST_NONUNIFORM;
    for (uint32_t k = 0; k < mem->comps; k++)
        leaves[k] = mem->comps == 1 ? load : spv_comp(b, load, k);
    for (uint32_t k = 0; k < mem->comps && type == IR_BOOL; k++)
        leaves[k] = spv_emit2(b, IR_NE, IR_BOOL, leaves[k], spv_i32(b, 0));
}

/* Zeros where it is outside. */
static void load_inside(struct spv_builder *b, const struct spv_pointer *p,
                        const struct ir_mem *mem, uint64_t first_B, enum ir_type type,
                        uint32_t arg_count, struct ir_inst **args, struct ir_inst **leaves)
{
    struct spv_if f;
    uint32_t slots = spv_slots_create(b, mem->comps);
    for (uint32_t k = 0; k < mem->comps; k++)
        spv_slot_init(b, slots + k, type, spv_const(b, type, 0));
    spv_inside_begin(b, &f, p, first_B, span_of(mem, type));
    load_run(b, p, mem, type, arg_count, args, leaves);
    for (uint32_t k = 0; k < mem->comps; k++)
        spv_slot_set(b, slots + k, leaves[k]);
    spv_inside_end(b, &f);
    for (uint32_t k = 0; k < mem->comps; k++)
        leaves[k] = spv_slot_get(b, slots + k);
}

/* Offsets inside a value are below 4 GiB, so for 64-bit addresses they must not wrap. */
static void check_span(struct spv_builder *b, const struct plan *plan, const struct ir_mem *mem)
{
    if (plan->count == 0)
        return;
    uint64_t last_B = plan->items[plan->count - 1].offset_B;
    if (mem->space == IR_SPACE_GLOBAL && last_B + mem->const_B > UINT32_MAX)
        spv_unsupported(b, "a value of %llu bytes in memory", (unsigned long long)last_B);
}

void spv_load(struct spv_builder *b, const struct spv_pointer *p, uint32_t align_B, uint8_t flags,
              struct ir_inst **leaves_out)
{
    if (p->variable && spv_pointer_leaves(p->storage) == 0) {
        spv_var_load(b, p, leaves_out);
        return;
    }
    struct plan plan = make_plan(b, p);
    bool wide = p->handle && spv_is_wide(b, p->storage);
    struct ir_inst *args[2];
    struct ir_mem base;
    uint32_t arg_count = spv_address(b, p, args, &base), n;
    check_span(b, &plan, &base);
    for (uint32_t first = 0; first < plan.count; first += n) {
        enum ir_type type = plan.items[first].type;
        struct ir_mem mem = access_of(&plan, first, &base, align_B, flags, &n);
        if (wide)
            load_inside(b, p, &mem, plan.items[first].offset_B, type, arg_count, args,
                        &leaves_out[first]);
        else
            load_run(b, p, &mem, type, arg_count, args, &leaves_out[first]);
    }
}

void spv_store(struct spv_builder *b, const struct spv_pointer *p, uint32_t align_B, uint8_t flags,
               struct ir_inst *const *leaves)
{
    if (p->variable && spv_pointer_leaves(p->storage) == 0) {
        spv_var_store(b, p, leaves);
        return;
    }
    if (p->storage == SpvStorageClassPushConstant ||
        (p->storage == SpvStorageClassUniform && (p->flags & IR_MEM_READONLY)))
        spv_bad(b, "a store to constant memory");
    struct plan plan = make_plan(b, p);
    bool wide = p->handle && spv_is_wide(b, p->storage);
    struct ir_inst *args[2 + MAX_COMPONENTS];
    struct ir_mem base;
    uint32_t arg_count = spv_address(b, p, args, &base), n;
    check_span(b, &plan, &base);
    base.flags &= (uint8_t)~IR_MEM_READONLY;
    for (uint32_t first = 0; first < plan.count; first += n) {
        struct ir_mem mem = access_of(&plan, first, &base, align_B, flags, &n);
        for (uint32_t k = 0; k < n; k++) {
            struct ir_inst *x = leaves[first + k];
            if (plan.items[first].type == IR_BOOL)
                x = spv_select(b, x, spv_i32(b, 1), spv_i32(b, 0));
            args[arg_count + k] = x;
        }
        struct spv_if f;
        if (wide)
            spv_inside_begin(b, &f, p, plan.items[first].offset_B,
                             span_of(&mem, plan.items[first].type));
        struct ir_inst *store = spv_append(b, IR_STORE, IR_VOID, arg_count + n, args);
        store->mem = mem;
        if (p->nonuniform)
            store->flags |= IR_INST_NONUNIFORM;
        if (wide)
            spv_inside_end(b, &f);
    }
}
