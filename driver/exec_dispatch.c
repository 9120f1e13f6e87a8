/* SPDX-License-Identifier: MIT
 *
 * DOC: Dispatches
 *
 * Waking a worker costs microseconds, an empty workgroup nanoseconds. So a dispatch starts on the
 * queue's own thread, by chunks of about SAMPLE_NS; as soon as the time they took says that the rest
 * would take longer than SHARE_NS, the rest is offered to the pool. What a workgroup costs is
 * remembered in the program, so the next dispatch of it knows from the start.
 */
#include <string.h>

#include "device.h"
#include "exec.h"
#include "program.h"
#include "program_table.h"

#define SAMPLE_NS 2000u
#define SHARE_NS 10000u
#define COST_UNIT 16u /* of weft_program.cost: this many are a nanosecond */

static void run_kernel(const struct weft_work *work, const struct weft_worker_args *worker,
                       uint64_t first, uint64_t end)
{
    const struct weft_exec_work *own = (const void *)work;
    const struct weft_program *program = weft_tier_best(work->program, own->shared_B,
                                                        own->scratch_B);

    if (program->image->flags & WEFT_IMAGE_SUMS)
        weft_sums_begin(worker->sums, own->sums_B);
    program->entry(own->args, worker, first, end);
}

static void end_kernel(const struct weft_work *work, const struct weft_worker_args *worker)
{
    (void)work;
    weft_sums_end(worker->sums);
}

static void learn_cost(const struct weft_program *program, uint64_t time_ns, uint64_t count)
{
    /* The program is immutable but for this estimate. */
    atomic_uint *cost_ref = &((struct weft_program *)(uintptr_t)program)->cost;
    uint32_t old = atomic_load_explicit(cost_ref, memory_order_relaxed);
    uint64_t cost = time_ns * COST_UNIT / count + 1;

    /* One measurement that lost the processor for a while must not count for much. */
    if (old != 0 && cost > 4 * (uint64_t)old)
        cost = 4 * (uint64_t)old;
    if (cost > UINT32_MAX)
        cost = UINT32_MAX;
    if (cost != old)
        atomic_store_explicit(cost_ref, (uint32_t)cost, memory_order_relaxed);
}

static void run_kernel_timed(const struct weft_work *work, const struct weft_worker_args *worker,
                             uint64_t first, uint64_t end)
{
    uint64_t time_ns = weft_clock_ns();

    run_kernel(work, worker, first, end);
    time_ns = weft_clock_ns() - time_ns;
    learn_cost(work->program, time_ns, end - first);
    weft_tier_spent(work->program, time_ns);
}

/* Workgroups that take about SAMPLE_NS, whole vectors of them. */
static uint64_t sample_count(const struct weft_program *program, uint32_t granule)
{
    uint32_t cost = atomic_load_explicit(&program->cost, memory_order_relaxed);
    uint64_t count = cost != 0 ? SAMPLE_NS * COST_UNIT / cost : 1;

    count -= count % granule;
    return count > granule ? count : granule;
}

/* Threads that each get a SHARE_NS of work. */
static uint32_t threads_worth(uint64_t cost, uint64_t count)
{
    double threads = (double)cost * (double)count / (SHARE_NS * COST_UNIT);

    return threads < 1 ? 1 : threads < UINT32_MAX ? (uint32_t)threads : UINT32_MAX;
}

/* The rest of a work, from `first` on, is for so many threads. */
static void allow_sums(struct weft_exec_work *work, uint64_t first, uint32_t threads)
{
    uint64_t invocations = (work->work.total - first) * work->work.program->local_count;

    work->sums_B = weft_sums_worth_B(invocations, threads);
    work->work.end = work->sums_B != 0 ? end_kernel : NULL;
}

static void dispatch(struct weft_exec *exec, const struct weft_packet *packet,
                     struct weft_exec_work *work, uint64_t total)
{
    struct weft_device *device = exec->device;
    const struct weft_program *program = work->work.program;
    /* Nothing can overlap with a packet before a barrier, so a single chunk gains nothing elsewhere. */
    bool alone = packet->next == NULL || packet->next->kind == WEFT_PACKET_BARRIER;
    uint64_t start_ns, done = 0, cost;
    uint32_t granule;

    work->shared_B = exec->shared_B;
    work->scratch_B = exec->scratch_B;
    work->sums_B = 0;
    granule = weft_tier_best(program, work->shared_B, work->scratch_B)->granule;
    work->work.total = total;
    atomic_store_explicit(&exec->label, atomic_load_explicit(&program->label, memory_order_relaxed),
                          memory_order_relaxed);
    if (device->pool.thread_count == 0) {
        work->work.run = run_kernel_timed;
        allow_sums(work, 0, 1);
        weft_pool_complete(&device->pool, &work->work, exec->worker);
        return;
    }
    cost = atomic_load_explicit(&program->cost, memory_order_relaxed);
    if (cost * total <= SHARE_NS * COST_UNIT || total > UINT64_MAX / UINT32_MAX ||
        (alone && total <= granule)) {
        work->work.run = run_kernel;
        start_ns = weft_clock_ns();
        while (done < total) {
            uint64_t count = sample_count(program, granule), time_ns;

            if (count > total - done)
                count = total - done;
            if (!weft_work_run(device, &work->work, exec->worker, done, done + count))
                return;
            done += count;
            time_ns = weft_clock_ns() - start_ns;
            learn_cost(program, time_ns, done);
            if (done == total)
                weft_tier_spent(program, time_ns);
            if (time_ns > SAMPLE_NS &&
                (double)time_ns / (double)done * (double)(total - done) > SHARE_NS)
                break;
            if (atomic_load_explicit(&device->stop, memory_order_relaxed) != 0)
                return;
        }
        if (done == total)
            return;
        work->work.first = done;
        cost = atomic_load_explicit(&program->cost, memory_order_relaxed);
    }
    weft_tier_expect(program, (double)cost * (double)(total - done) / COST_UNIT);
    work->work.chunk_min = sample_count(program, granule);
    work->work.threads_most = threads_worth(cost, total - done);
    work->work.run = run_kernel_timed;
    allow_sums(work, done, work->work.threads_most < device->pool.thread_count + 1
                               ? work->work.threads_most : device->pool.thread_count + 1);
    weft_exec_offer(exec, work);
}

/* Counts the invocations; false when there is nothing to do. */
static bool measure(struct weft_exec *exec, const struct weft_program *program,
                    const uint32_t count[3], uint64_t *total_out)
{
    uint64_t total = (uint64_t)count[0] * count[1];

    if (total == 0 || count[2] == 0)
        return false;
    if (total > (UINT64_C(1) << 56) / count[2]) {
        weft_device_message(exec->device, WEFT_MESSAGE_ERROR, "dispatch-size",
                            "dispatch dropped: %u x %u x %u workgroups are too many", count[0],
                            count[1], count[2]);
        return false;
    }
    total *= count[2];
    exec->invocations += total * program->local_count;
    *total_out = total;
    return true;
}

void weft_exec_dispatch(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_dispatch *command = (const void *)packet;
    struct weft_exec_work *work;
    uint64_t total;

    if (exec->skip || !measure(exec, command->program, command->args.group_count, &total))
        return;
    work = weft_exec_work(exec);
    work->work.program = command->program;
    work->args = &command->args;
    dispatch(exec, packet, work, total);
}

void weft_exec_dispatch_indirect(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_packet_dispatch *command = (const void *)packet;
    const uint32_t *count = (const uint32_t *)(uintptr_t)command->address;
    struct weft_exec_work *work;
    uint64_t total;

    if (exec->skip ||
        !weft_exec_check(exec, "indirect dispatch", command->address, 3 * sizeof(count[0]), 4))
        return;
    work = weft_exec_work(exec);
    work->own_args = command->args;
    for (int i = 0; i < 3; i++)
        work->own_args.group_count[i] = count[i];
    if (!measure(exec, command->program, work->own_args.group_count, &total))
        return;
    work->work.program = command->program;
    work->args = &work->own_args;
    dispatch(exec, packet, work, total);
}

/* One sequence of tokens. */
static void generate(struct weft_exec *exec, const struct weft_packet *packet, uint32_t sequence,
                     const unsigned char *data)
{
    const struct weft_generated *generated =
        &((const struct weft_packet_generated *)(const void *)packet)->generated;
    struct weft_exec_work *work = weft_exec_work(exec);
    struct weft_program *program = generated->program;
    uint32_t *count = work->own_args.group_count;
    uint32_t index;
    uint64_t total;

    work->own_args = generated->args;
    memcpy(work->own_push, generated->args.push_constants, sizeof(work->own_push));
    work->own_args.push_constants = work->own_push;
    for (uint32_t i = 0; i < generated->token_count; i++) {
        const struct weft_token *token = &generated->tokens[i];

        switch (token->kind) {
        case WEFT_TOKEN_PROGRAM:
            memcpy(&index, data + token->offset_B, sizeof(index));
            program = weft_program_table_at(generated->table, index);
            break;
        case WEFT_TOKEN_PUSH:
            memcpy(work->own_push + token->dst_B, data + token->offset_B, token->size_B);
            break;
        case WEFT_TOKEN_SEQUENCE:
            memcpy(work->own_push + token->dst_B, &sequence, sizeof(sequence));
            break;
        case WEFT_TOKEN_DISPATCH:
            memcpy(count, data + token->offset_B, 3 * sizeof(count[0]));
            break;
        }
    }
    if (program == NULL) {
        weft_device_message(exec->device, WEFT_MESSAGE_ERROR, "generated-program",
                            "generated dispatch %u left out: it names no program", sequence);
        return;
    }
    if (!measure(exec, program, count, &total))
        return;
    work->work.program = program;
    work->args = &work->own_args;
    dispatch(exec, packet, work, total);
}

void weft_exec_generated(struct weft_exec *exec, const struct weft_packet *packet)
{
    const struct weft_generated *generated =
        &((const struct weft_packet_generated *)(const void *)packet)->generated;
    uint32_t count = generated->max_count;
    uint64_t data_B = 0;

    if (exec->skip)
        return;
    if (generated->count_address != 0) {
        uint32_t wanted;

        if (!weft_exec_check(exec, "generated dispatches", generated->count_address,
                             sizeof(wanted), 4))
            return;
        wanted = *(const uint32_t *)(uintptr_t)generated->count_address;
        count = wanted < count ? wanted : count;
    }
    for (uint32_t i = 0; i < generated->token_count; i++) {
        const struct weft_token *token = &generated->tokens[i];

        if (token->kind != WEFT_TOKEN_SEQUENCE && data_B < token->offset_B + token->size_B)
            data_B = token->offset_B + token->size_B;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t address = generated->address + i * generated->stride_B;

        if (!weft_exec_check(exec, "generated dispatches", address, data_B, 4) ||
            atomic_load_explicit(&exec->device->stop, memory_order_relaxed) != 0)
            return;
        generate(exec, packet, i, (const unsigned char *)(uintptr_t)address);
    }
}
