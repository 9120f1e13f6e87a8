/* SPDX-License-Identifier: MIT
 *
 * DOC: The compiler's passes
 *
 * weft_compile() takes one compile request through the passes below, in this order. Each pass works
 * on one ir_module; the first error stops the list. What a pass needs from those before it:
 *
 *     pass      requires         keeps          breaks
 *     read      the bytes        -              -
 *     build     request          -              -
 *     verify    -                everything     -
 *     readonly  verified         everything     -
 *     simplify  verified         verified       shapes
 *     formats   simplified       simplified     shapes
 *     rotate    simplified       verified       shapes, simplified
 *     clean     verified         verified       shapes; simplifies again
 *     unroll    simplified       simplified     shapes
 *     opposites simplified       verified       shapes
 *     hoist     simplified       verified       shapes
 *     regions   -                everything     -
 *     width     local_size       everything     shapes
 *     columns   width, verified  verified       shapes
 *     shape     width, verified  everything     -
 *     counters  shape            shape          - (makes shapes again)
 *     clamps    shape            shape          - (makes shapes again)
 *     neighbours shape           shape          -
 *     split     shape            verified       - (makes shapes again)
 *     widen     shape            verified       - (makes shapes again, joins neighbours again)
 *     refine    shape            shape          -
 *     lift      shape, regions   everything     -
 *     fuse      shape, regions   shape          ids
 *     codegen   all of these     -              -
 */
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "cg.h"
#include "ir.h"
#include "leave.h"
#include "request.h"
#include "spv.h"

/* Memory that one compilation may take, LLVM's apart. */
#define ARENA_LIMIT_B ((size_t)1 << 30)
/* Of the thread that compiles; touched as far as it is needed. */
#define STACK_B ((size_t)32 << 20)
/* Why there is no result. */
#define LEAVING "the process is about to end, or was forked while another thread compiled"

static const struct pass {
    const char *name;
    void (*run)(struct ir_module *m);
    bool verify; /* in requests with WEFT_REQUEST_VERIFY, check the module afterwards */
} passes[] = {
    {"build", spv_build, false},
    {"verify", ir_verify, false},
    {"readonly", ir_readonly, false},
    {"simplify", ir_simplify, true},
    {"formats", ir_formats, true},
    {"rotate", ir_rotate, true},
    {"clean", ir_simplify, true},
    {"unroll", ir_unroll, true},
    {"opposites", ir_opposites, true},
    {"hoist", ir_hoist, true},
    {"regions", ir_regions, false},
    {"width", ir_choose_width, false},
    {"columns", ir_columns, true},
    {"shape", ir_shape, false},
    {"counters", ir_counters, true},
    {"clamps", ir_clamps, true},
    {"neighbours", ir_neighbours, true},
    {"split", ir_split, true},
    {"widen", ir_widen, true},
    {"refine", ir_refine, true},
    {"lift", ir_lift, false},
    {"fuse", ir_fuse, true},
};
#define PASS_COUNT (sizeof(passes) / sizeof(passes[0]))

/* One compilation; what is here outlives a longjmp. */
struct compilation {
    struct arena *arena;
    struct ir_module *m;
    struct weft_compile_result result;
    FILE *listing; /* our own IR's, into the memory below */
    char *listing_text;
    size_t listing_B;
};

static void list_ir(struct compilation *c, size_t pass)
{
    const struct weft_request *request = c->m->request;
    if ((request->list & WEFT_LIST_REPORT) && pass == PASS_COUNT - 1) {
        if (!c->listing)
            c->listing = open_memstream(&c->listing_text, &c->listing_B);
        if (c->listing)
            ir_report(c->m, c->listing);
    }
    if (!(request->list & WEFT_LIST_IR))
        return;
    bool named = request->dump_pass[0] != 0;
    if (named ? strcmp(request->dump_pass, passes[pass].name) != 0 : pass != PASS_COUNT - 1)
        return;
    if (!c->listing)
        c->listing = open_memstream(&c->listing_text, &c->listing_B);
    if (!c->listing)
        return;
    ir_number(c->m);
    fprintf(c->listing, "; IR after %s\n", passes[pass].name);
    ir_print(c->m, c->listing);
}

static void run_passes(struct compilation *c, struct weft_compiler *compiler, const void *request,
                       size_t request_B)
{
    c->m = ir_module_create(c->arena);
    c->m->compiler = compiler;
    request_read(c->m, request, request_B);
    for (size_t i = 0; i < PASS_COUNT && !c->m->error; i++) {
        leave_check(c->m);
        if (!c->m->error)
            passes[i].run(c->m);
        if (!c->m->error && passes[i].verify && (c->m->request->flags & WEFT_REQUEST_VERIFY))
            ir_verify(c->m);
        if (!c->m->error)
            list_ir(c, i);
    }
    if (!c->m->error)
        cg_generate(c->m, &c->result);
}

/* Puts our listing in front of code generation's. */
static void join_listings(struct compilation *c)
{
    if (!c->listing)
        return;
    bool good = fclose(c->listing) == 0;
    c->listing = NULL;
    const char *rest = c->result.listing ? c->result.listing : "";
    size_t rest_B = strlen(rest) + 1;
    char *joined = good ? realloc(c->listing_text, c->listing_B + rest_B) : NULL;
    if (!joined) {
        free(c->listing_text);
        return;
    }
    memcpy(joined + c->listing_B, rest, rest_B);
    free(c->result.listing);
    c->result.listing = joined;
}

/* A compilation that failed has a message, even without memory for one of its own. */
static int finish(struct compilation *c, int error, const char *message)
{
    join_listings(c);
    if (error) {
        free(c->result.image);
        c->result.image = NULL;
        c->result.image_B = 0;
        free(c->result.message);
        c->result.message = strdup(message);
    }
    arena_destroy(c->arena);
    return error;
}

static int compile(struct weft_compiler *compiler, const void *request, size_t request_B,
                   struct weft_compile_result *result_out)
{
    struct compilation c = {.arena = arena_create(ARENA_LIMIT_B)};
    int error = -ENOMEM;
    const char *message = "out of memory while compiling";

    if (c.arena) {
        /* c is changed between setjmp and longjmp, but only through pointers to it. */
        struct compilation *volatile pc = &c;
        if (setjmp(*arena_recovery(c.arena)) == 0) {
            run_passes(pc, compiler, request, request_B);
            error = c.m->error;
            message = c.m->message;
            if (!error && !c.result.image) {
                error = -ENOMEM;
                message = "code generation gave no image";
            }
        } else {
            error = -ENOMEM;
            message = "out of memory while compiling";
        }
    }
    error = finish(&c, error, message);
    *result_out = c.result;
    return error;
}

/* ---- A thread for each compilation ---- */

struct task {
    struct leave_thread thread;
    struct weft_compiler *compiler;
    const void *request;
    size_t request_B;
    struct weft_compile_result result;
    int error;
};

static void *run_task(void *data)
{
    struct task *task = data;
    leave_enter(&task->thread);
    /* Constants are folded as the machine code computes, whatever the application has set. */
    fesetenv(FE_DFL_ENV);
    task->error = compile(task->compiler, task->request, task->request_B, &task->result);
    leave_return();
    return NULL;
}

/* The passes and LLVM recurse as deep as a shader's control flow is nested, so they don't run on
 * the caller's stack, of which nothing is known. False if there is no thread to be had. */
static bool create_thread(struct task *task, pthread_t *thread_out)
{
    pthread_attr_t attr;
    sigset_t all, old;
    bool created = false;

    if (pthread_attr_init(&attr) != 0)
        return false;
    if (pthread_attr_setstacksize(&attr, STACK_B) == 0) {
        sigfillset(&all); /* the application's signal handlers stay on its threads */
        pthread_sigmask(SIG_SETMASK, &all, &old);
        created = pthread_create(thread_out, &attr, run_task, task) == 0;
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    pthread_attr_destroy(&attr);
    return created;
}

static int no_result(const char *why, struct weft_compile_result *result_out)
{
    memset(result_out, 0, sizeof(*result_out));
    result_out->message = strdup(why);
    return -ENOMEM;
}

__attribute__((visibility("default"))) int
weft_compile(struct weft_compiler *compiler, const void *request, size_t request_B,
             struct weft_compile_result *result_out)
{
    struct task task = {.compiler = compiler, .request = request, .request_B = request_B};
    pthread_t thread;

    if (!leave_begin())
        return no_result(LEAVING, result_out);
    leave_thread_init(&task.thread);
    if (!create_thread(&task, &thread)) {
        leave_end();
        return no_result("no thread to compile on", result_out);
    }
    if (!leave_thread_finish(&task.thread)) {
        pthread_detach(thread);
        return no_result(LEAVING, result_out);
    }
    pthread_join(thread, NULL);
    *result_out = task.result;
    return task.error;
}

__attribute__((visibility("default"))) void
weft_compile_result_finish(struct weft_compile_result *result)
{
    free(result->image);
    free(result->message);
    free(result->listing);
    memset(result, 0, sizeof(*result));
}
