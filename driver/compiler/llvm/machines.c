/* SPDX-License-Identifier: MIT */
#include "machines.h"

#include <pthread.h>
#include <stdlib.h>

#include "leave.h"

/* Kept of a kind; about half a megabyte each. */
#define KEPT 2

struct kept {
    LLVMTargetMachineRef machines[KEPT];
    unsigned count;
    uint32_t extra; /* the features of all of them, beyond the instruction set */
};

struct weft_compiler {
    pthread_mutex_t lock; /* guards the rest */
    struct kept kept[WEFT_ISA_AVX512 + 1][2]; /* [isa][fast] */
};

__attribute__((visibility("default"))) struct weft_compiler *
weft_compiler_create(void)
{
    leave_loaded();
    struct weft_compiler *compiler = calloc(1, sizeof *compiler);
    if (compiler)
        pthread_mutex_init(&compiler->lock, NULL);
    return compiler;
}

__attribute__((visibility("default"))) void
weft_compiler_destroy(struct weft_compiler *compiler)
{
    if (!compiler || !leave_begin()) /* the machines stay then, and LLVM's part in them */
        return;
    for (unsigned isa = 0; isa <= WEFT_ISA_AVX512; isa++)
        for (unsigned fast = 0; fast < 2; fast++) {
            struct kept *kept = &compiler->kept[isa][fast];
            while (kept->count)
                LLVMDisposeTargetMachine(kept->machines[--kept->count]);
        }
    leave_end();
    pthread_mutex_destroy(&compiler->lock);
    free(compiler);
}

LLVMTargetMachineRef machines_take(struct weft_compiler *compiler, const struct cg_target *target,
                                   bool fast, char **message_out)
{
    LLVMTargetMachineRef machine = NULL;
    if (compiler) {
        pthread_mutex_lock(&compiler->lock);
        struct kept *kept = &compiler->kept[target->isa][fast];
        if (kept->count && kept->extra == target->extra)
            machine = kept->machines[--kept->count];
        pthread_mutex_unlock(&compiler->lock);
    }
    return machine ? machine : cg_target_machine(target, fast, message_out);
}

void machines_give(struct weft_compiler *compiler, const struct cg_target *target, bool fast,
                   LLVMTargetMachineRef machine)
{
    if (compiler) {
        pthread_mutex_lock(&compiler->lock);
        struct kept *kept = &compiler->kept[target->isa][fast];
        if (!kept->count || (kept->count < KEPT && kept->extra == target->extra)) {
            kept->extra = target->extra;
            kept->machines[kept->count++] = machine;
            machine = NULL;
        }
        pthread_mutex_unlock(&compiler->lock);
    }
    if (machine)
        LLVMDisposeTargetMachine(machine);
}
