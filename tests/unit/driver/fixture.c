/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* System V: rdi args, rsi worker, rdx first, rcx end. push_constants is at args + 264; worker->shared
 * at 0, worker->stop at 16. */
__asm__(".pushsection .rodata\n"
        "kernel_empty:\n"
        "    ret\n"
        "kernel_count:\n"
        "    mov 264(%rdi), %rax\n"
        "    mov (%rax), %rax\n"
        "    sub %rdx, %rcx\n"
        "    lock add %rcx, (%rax)\n"
        "    ret\n"
        "kernel_mark:\n"
        "    mov 264(%rdi), %rax\n"
        "    mov (%rax), %rax\n"
        "1:  cmp %rcx, %rdx\n"
        "    jae 3f\n"
        "    mov $1000, %r8\n"
        "2:  dec %r8\n"
        "    jnz 2b\n"
        "    incb (%rax,%rdx)\n"
        "    inc %rdx\n"
        "    jmp 1b\n"
        "3:  ret\n"
        "kernel_store:\n"
        "    mov 264(%rdi), %rax\n"
        "    mov 8(%rax), %rcx\n"
        "    mov (%rax), %rax\n"
        "    mov %rcx, (%rax)\n"
        "    ret\n"
        "kernel_shared:\n"
        "    mov 264(%rdi), %r8\n"
        "    mov 8(%r8), %r9\n"
        "    mov (%rsi), %r10\n"
        "1:  dec %r9\n"
        "    js 2f\n"
        "    movb $0x5a, (%r10,%r9)\n"
        "    jmp 1b\n"
        "2:  mov (%r8), %rax\n"
        "    sub %rdx, %rcx\n"
        "    lock add %rcx, (%rax)\n"
        "    ret\n"
        "kernel_spin:\n"
        "    mov 16(%rsi), %rax\n"
        "1:  pause\n"
        "    cmpl $0, (%rax)\n"
        "    je 1b\n"
        "    ret\n"
        "kernel_wait:\n"
        "    mov 264(%rdi), %rax\n"
        "    mov (%rax), %rax\n"
        "    mov 16(%rsi), %r8\n"
        "    movb $1, (%rax)\n"
        "1:  pause\n"
        "    cmpl $0, (%r8)\n"
        "    jne 2f\n"
        "    cmpb $0, 1(%rax)\n"
        "    je 1b\n"
        "2:  ret\n"
        "kernel_divide:\n"
        "    xor %ecx, %ecx\n"
        "    xor %edx, %edx\n"
        "    mov $1, %eax\n"
        "    div %ecx\n"
        "    ret\n"
        "kernel_unreachable:\n"
        "    ud2\n"
        "kernel_overflow:\n"
        "1:  call 1b\n"
        "kernel_end:\n"
        ".popsection\n");

extern const unsigned char kernel_empty[], kernel_count[], kernel_mark[], kernel_store[],
    kernel_shared[], kernel_spin[], kernel_wait[], kernel_divide[], kernel_unreachable[],
    kernel_overflow[], kernel_end[];

static const unsigned char *const kernels[] = {
    [KERNEL_EMPTY] = kernel_empty,
    [KERNEL_COUNT] = kernel_count,
    [KERNEL_MARK] = kernel_mark,
    [KERNEL_STORE] = kernel_store,
    [KERNEL_SHARED] = kernel_shared,
    [KERNEL_SPIN] = kernel_spin,
    [KERNEL_WAIT] = kernel_wait,
    [KERNEL_DIVIDE] = kernel_divide,
    [KERNEL_UNREACHABLE] = kernel_unreachable,
    [KERNEL_OVERFLOW] = kernel_overflow,
    [KERNEL_OVERFLOW + 1] = kernel_end,
};

void *kernel_image(enum kernel kernel, uint32_t shared_B, uint32_t scratch_B, size_t *image_B_out)
{
    const uint32_t code_offset_B = 128;
    uint32_t code_B = (uint32_t)(kernels[kernel + 1] - kernels[kernel]);
    uint32_t line_offset_B = code_offset_B + (code_B + 3) / 4 * 4;
    const struct weft_line lines[] = {{0, 7}};
    struct weft_image image = {
        .magic = WEFT_IMAGE_MAGIC,
        .version = WEFT_IMAGE_VERSION,
        .image_B = line_offset_B + sizeof(lines),
        .code_offset_B = code_offset_B,
        .code_B = code_B,
        .line_offset_B = line_offset_B,
        .line_count = 1,
        .local_size = {4, 1, 1},
        .width = 8,
        .subgroup_size = 8,
        .shared_B = shared_B,
        .scratch_B = scratch_B,
        .isa = WEFT_ISA_SSE,
    };
    unsigned char *bytes = calloc(1, image.image_B);

    assert_non_null(bytes);
    memcpy(bytes, &image, sizeof(image));
    memcpy(bytes + code_offset_B, kernels[kernel], code_B);
    memcpy(bytes + line_offset_B, lines, sizeof(lines));
    *image_B_out = image.image_B;
    return bytes;
}

struct weft_program *kernel_program_sized(struct weft_device *device, enum kernel kernel,
                                          uint32_t shared_B, uint32_t scratch_B)
{
    struct weft_program *program;
    size_t image_B;
    void *image = kernel_image(kernel, shared_B, scratch_B, &image_B);

    assert_int_equal(weft_program_load(device, image, image_B, &program), 0);
    free(image);
    return program;
}

struct weft_program *kernel_program(struct weft_device *device, enum kernel kernel)
{
    return kernel_program_sized(device, kernel, 0, 0);
}

static void take_message(void *data, enum weft_message_severity severity, const char *id,
                         const char *text)
{
    struct messages *messages = data;

    snprintf(messages->last, sizeof(messages->last), "%s", text);
    messages->count++;
}

struct weft_device *device_new(uint32_t threads, uint64_t hang_timeout_ns,
                               struct messages *messages)
{
    struct weft_device_info info = {
        .worker_count = threads,
        .message = messages != NULL ? take_message : NULL,
        .message_data = messages,
        .hang_timeout_ns = hang_timeout_ns,
    };
    struct weft_device *device;

    assert_int_equal(weft_device_create(&info, &device), 0);
    return device;
}

void emit(struct weft_stream *stream, struct weft_program *program, uint32_t x, uint64_t push0,
          uint64_t push1)
{
    struct weft_kernel_args args = {.group_count = {x, 1, 1}};
    uint64_t *push = weft_stream_alloc(stream, WEFT_MAX_PUSH_B);

    assert_non_null(push);
    push[0] = push0;
    push[1] = push1;
    args.push_constants = push;
    assert_int_equal(weft_emit_dispatch(stream, program, &args), 0);
}

void submit(struct weft_queue *queue, struct weft_stream *stream, struct weft_fence *fence)
{
    struct weft_job *job;

    assert_int_equal(weft_job_create(queue, &job), 0);
    if (stream != NULL)
        assert_int_equal(weft_job_add_stream(job, stream), 0);
    if (fence != NULL)
        assert_int_equal(weft_job_signal_fence(job, fence), 0);
    assert_int_equal(weft_job_arm(job), 0);
    weft_job_push(&job);
    assert_null(job);
}

int run_stream(struct weft_queue *queue, struct weft_stream **stream)
{
    assert_int_equal(weft_stream_freeze(*stream), 0);
    submit(queue, *stream, NULL);
    weft_stream_put(stream);
    return weft_queue_wait_idle(queue);
}
