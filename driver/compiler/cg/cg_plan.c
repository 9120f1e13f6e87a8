/* SPDX-License-Identifier: MIT
 *
 * Planning a workgroup's code: which piece between barriers each instruction belongs to, what pieces
 * hand to each other, and where those values live meanwhile. cg_group.c says what pieces are.
 */
#include "arena.h"
#include "cg_group.h"

#define REMAT_SCALAR_OPS 12 /* computing a scalar again beats a load up to here */
#define REMAT_VECTOR_OPS 2

bool cg_is_group_control(const struct ir_inst *inst)
{
    return (inst->op == IR_IF || inst->op == IR_LOOP) && (inst->flags & IR_INST_BARRIER);
}

/* BARRIERs, control around them, and what belongs to that control are not part of any piece. */
bool cg_is_group_level(const struct ir_inst *inst)
{
    if (inst->op == IR_BARRIER || cg_is_group_control(inst))
        return true;
    if (inst->op == IR_RESULT)
        return cg_is_group_control(inst->args[0]);
    if (inst->op == IR_PARAM)
        return inst->parent->owner && cg_is_group_control(inst->parent->owner);
    return false;
}

bool cg_is_free(const struct ir_inst *inst)
{
    return inst->op == IR_CONST || inst->op == IR_UNDEF;
}

static void use(struct cg *cg, struct ir_inst *def, uint32_t piece)
{
    struct cg_where *w = cg_where(cg, def);
    if (cg_is_free(def))
        return;
    if (piece == 0)
        w->moved = true;
    if (piece == 0 || w->piece != piece)
        w->placed = true;
    if (piece > w->last_use)
        w->last_use = piece;
}

static void plan_local(struct cg *cg, struct ir_inst *inst, uint32_t piece)
{
    if (inst->op != IR_LOCAL_LOAD && inst->op != IR_LOCAL_STORE)
        return;
    struct cg_local_place *place = &cg->p->locals[inst->local->id];
    /* What lives around a loop with barriers lives across pieces, even if one alone uses it. */
    if (place->piece == 0 && !cg->p->loop_depth)
        place->piece = piece;
    else if (place->piece != piece)
        place->piece = CG_PIECE_SEVERAL;
}

/* Gives an instruction and all below it to a piece and notes what they use. */
static void plan_piece(struct cg *cg, struct ir_inst *inst, uint32_t piece)
{
    cg_where(cg, inst)->piece = piece;
    if (inst->op != IR_RESULT)
        for (uint32_t i = 0; i < inst->arg_count; i++)
            use(cg, inst->args[i], piece);
    plan_local(cg, inst, piece);
    if (inst->op != IR_IF && inst->op != IR_LOOP)
        return;
    for (unsigned k = 0; k < 2; k++) {
        struct ir_region *r = inst->regions[k];
        if (!r)
            continue;
        for (struct ir_inst *i = r->first; i; i = i->next)
            plan_piece(cg, i, piece);
        for (uint32_t y = 0; y < r->yield_count; y++)
            use(cg, r->yields[y], piece);
    }
}

static void plan_level(struct cg *cg, struct ir_region *r)
{
    uint32_t piece = 0;
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        if (!cg_is_group_level(inst)) {
            if (!piece)
                piece = ++cg->p->next_piece;
            plan_piece(cg, inst, piece);
            continue;
        }
        if (inst->op == IR_PARAM || inst->op == IR_RESULT)
            continue;
        piece = 0;
        cg->p->has_barrier = true;
        if (inst->op == IR_BARRIER)
            continue;
        for (uint32_t i = 0; i < inst->arg_count; i++)
            use(cg, inst->args[i], 0);
        cg->p->loop_depth += inst->op == IR_LOOP;
        for (unsigned k = 0; k < 2; k++)
            if (inst->regions[k])
                plan_level(cg, inst->regions[k]);
        cg->p->loop_depth -= inst->op == IR_LOOP;
    }
    if (r->owner)
        for (uint32_t y = 0; y < r->yield_count; y++)
            use(cg, r->yields[y], 0);
}

bool cg_at_group_level(struct cg *cg, const struct ir_inst *inst)
{
    return cg_is_free(inst) || cg_where(cg, inst)->home == CG_HOME_GROUP;
}

bool cg_is_group_scalar(struct cg *cg, const struct ir_inst *inst)
{
    return cg_is_scalar(cg, inst) && inst->shape.scope == IR_SCOPE_WORKGROUP;
}

/* May be computed once for the workgroup, before the piece that it stands in. */
static bool can_hoist(struct cg *cg, const struct ir_inst *inst)
{
    uint8_t flags = ir_op_infos[inst->op].flags;
    bool load = inst->op == IR_LOAD && (inst->mem.flags & IR_MEM_READONLY) &&
                !(inst->mem.flags & IR_MEM_VOLATILE) && inst->mem.space != IR_SPACE_GLOBAL &&
                inst->shape.kind == IR_SHAPE_UNIFORM;
    if (!load && (!(flags & IR_PURE) || (flags & (IR_CROSS_LANE | IR_CONTROL))))
        return false;
    if (!cg_is_group_scalar(cg, inst))
        return false;
    for (uint32_t i = 0; i < inst->arg_count; i++)
        if (!cg_at_group_level(cg, inst->args[i]))
            return false;
    return true;
}

/* Operations that it takes to compute the value from the workgroup's scalars and the invocation's ids;
 * large if that's impossible. */
static unsigned remat_cost(struct cg *cg, const struct ir_inst *inst, unsigned depth)
{
    if (cg_at_group_level(cg, inst))
        return 0;
    if (depth == 0)
        return 1000;
    switch (inst->op) {
    case IR_LOCAL_ID:
    case IR_LOCAL_INDEX:
    case IR_SUBGROUP_ID:
    case IR_LANE:
        return 1;
    default:
        break;
    }
    if (!(ir_op_infos[inst->op].flags & IR_ELEMENTWISE))
        return 1000;
    unsigned cost = 1;
    for (uint32_t i = 0; i < inst->arg_count && cost < 1000; i++)
        cost += remat_cost(cg, inst->args[i], depth - 1);
    return cost;
}

static unsigned kept_B(struct cg *cg, const struct ir_inst *inst)
{
    unsigned lanes = cg_is_scalar(cg, inst) ? 1 : cg->width;
    return ir_type_B((enum ir_type)inst->type) * lanes;
}

LLVMTypeRef cg_home_type(struct cg *cg, const struct ir_inst *inst)
{
    return cg_kept_type(cg, (enum ir_type)inst->type, !cg_is_scalar(cg, inst));
}

static uint32_t align_up(uint32_t value, uint32_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static uint32_t frame_reserve(struct cg *cg, uint64_t size_B)
{
    uint32_t align = 1;
    while (align < 64 && align < size_B)
        align *= 2;
    uint32_t at = align_up(cg->p->frame_B, align);
    if (size_B > (64u << 20) || at + size_B > (64u << 20)) {
        ir_error(cg->m, -95, "shader keeps more than 64 MiB of values for each subgroup");
        return 0;
    }
    cg->p->frame_B = at + (uint32_t)size_B;
    return at;
}

static void place_in_frame(struct cg *cg, struct ir_inst *inst)
{
    struct cg_where *w = cg_where(cg, inst);
    w->home = CG_HOME_FRAME;
    if (cg->p->subgroups == 1)
        w->cell = cg_alloca(cg, cg_home_type(cg, inst), 0, "kept");
    else
        w->offset_B = frame_reserve(cg, kept_B(cg, inst));
}

static void choose_home(struct cg *cg, struct ir_inst *inst)
{
    struct cg_where *w = cg_where(cg, inst);
    if (cg_is_group_level(inst)) {
        if (inst->op != IR_PARAM && inst->op != IR_RESULT)
            return;
        if (cg_is_group_scalar(cg, inst)) {
            w->home = CG_HOME_GROUP;
        } else if (inst->op == IR_RESULT && inst->args[0]->op == IR_LOOP) {
            /* A loop leaves its results in its params' places. */
            struct ir_inst *param = inst->args[0]->regions[0]->first;
            for (uint64_t k = 0; k < inst->imm; k++)
                param = param->next;
            if (cg_is_scalar(cg, param) == cg_is_scalar(cg, inst)) {
                w->home = CG_HOME_FRAME;
                w->shares = param;
            } else {
                place_in_frame(cg, inst);
            }
        } else {
            place_in_frame(cg, inst);
        }
        return;
    }
    if (w->fixed) {
        place_in_frame(cg, inst);
        return;
    }
    if (can_hoist(cg, inst)) {
        w->home = CG_HOME_GROUP;
        return;
    }
    if (!w->placed)
        return;
    if (cg_is_group_scalar(cg, inst)) {
        w->home = CG_HOME_CELL;
        w->cell = cg_alloca(cg, cg_home_type(cg, inst), 0, "cell");
        return;
    }
    unsigned limit = cg_is_scalar(cg, inst) ? REMAT_SCALAR_OPS : REMAT_VECTOR_OPS;
    if (remat_cost(cg, inst, 6) <= limit)
        w->home = CG_HOME_REMAT;
    else
        place_in_frame(cg, inst);
}

/* The value of a param's next iteration may be computed right into the param's place where nobody
 * needs the old value any more. */
static void share_params(struct cg *cg, struct ir_inst *loop)
{
    struct ir_region *body = loop->regions[0];
    bool masked = !cg_is_group_scalar(cg, body->yields[0]) && !cg_is_free(body->yields[0]);
    struct ir_inst *param = body->first;
    for (uint32_t k = 0; k < loop->arg_count; k++, param = param->next) {
        struct ir_inst *next = body->yields[1 + k];
        struct cg_where *pw = cg_where(cg, param), *nw = cg_where(cg, next);
        bool again = false;
        for (uint32_t j = 0; j < body->yield_count; j++)
            again |= j != 1 + k && body->yields[j] == next;
        if (masked || again || pw->home != CG_HOME_FRAME || nw->home != CG_HOME_FRAME || nw->shares)
            continue;
        if (next->parent != body || cg_is_group_level(next) || nw->fixed || pw->moved || pw->last_use > nw->piece ||
            cg_is_scalar(cg, param) != cg_is_scalar(cg, next))
            continue;
        nw->shares = param;
    }
}

static void choose_homes(struct cg *cg, struct ir_region *r)
{
    for (struct ir_inst *inst = r->first; inst; inst = inst->next) {
        choose_home(cg, inst);
        if (!cg_is_group_control(inst))
            continue;
        for (unsigned k = 0; k < 2; k++)
            if (inst->regions[k])
                choose_homes(cg, inst->regions[k]);
        if (inst->op == IR_LOOP)
            share_params(cg, inst);
    }
}

/* Where each array private to an invocation lives: small ones of one piece on the stack, where LLVM
 * can make registers of them; ones that several pieces use in the frame; big ones in scratch. */
static void place_locals(struct cg *cg)
{
    for (struct ir_local *l = cg->m->locals; l; l = l->next) {
        struct cg_local_place *place = &cg->p->locals[l->id];
        uint64_t size_B = (uint64_t)CG_LOCAL_ROWS(l) * cg->width * ir_type_B((enum ir_type)l->type);
        if (l->constant || place->piece == 0)
            continue;
        bool several = place->piece == CG_PIECE_SEVERAL && cg->p->subgroups > 1;
        if (!several && size_B <= 16384)
            continue;
        place->in_scratch = true;
        place->per_subgroup = several;
        if (several) {
            place->offset_B = frame_reserve(cg, size_B);
        } else if (size_B + cg->p->scratch_B > (64u << 20)) {
            ir_error(cg->m, -95, "shader's private arrays take more than 64 MiB");
        } else {
            place->offset_B = align_up(cg->p->scratch_B, 64);
            cg->p->scratch_B = place->offset_B + (uint32_t)size_B;
        }
    }
}

void cg_group_plan(struct cg *cg)
{
    struct cg_private *p = cg->p;
    struct ir_module *m = cg->m;
    p->where = arena_alloc(m->arena, (m->next_id + 1) * sizeof *p->where);
    uint32_t local_count = 0;
    for (struct ir_local *l = m->locals; l; l = l->next)
        l->id = local_count++;
    p->locals = arena_alloc(m->arena, (local_count + 1) * sizeof *p->locals);
    p->local_count = m->local_size[0] * m->local_size[1] * m->local_size[2];
    p->subgroups = m->flat ? 1 : (p->local_count + cg->width - 1) / cg->width;
    plan_level(cg, m->body);
    cg_fixed_plan(cg);
    choose_homes(cg, m->body);
    place_locals(cg);
    p->frame_B = align_up(p->frame_B, 64);
    if ((uint64_t)p->frame_B * p->subgroups > (256u << 20))
        ir_error(m, -95, "shader keeps more than 256 MiB of values for each workgroup");
}
