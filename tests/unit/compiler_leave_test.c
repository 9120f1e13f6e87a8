/* SPDX-License-Identifier: MIT
 *
 * The end of a process in the middle of a compilation. Each test runs in a child, which must end by itself.
 * "LLVM" registers a destructor here by calling what its own code calls.
 */
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "got.h"
#include "leave.h"

enum { GOOD = 42, HANG_S = 20, WORK_US = 50000 };

static void in_child(void (*run)(void), int expected)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(HANG_S);
        run();
        _exit(1);
    }
    int status;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
        fail_msg("status %#x, not exit(%d)", (unsigned)status, expected);
}

static void start(void *(*run)(void *), void *data)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, data) != 0)
        _exit(2);
    pthread_detach(thread);
}

static atomic_bool ready, ended;

static void wait_for(atomic_bool *flag)
{
    while (!atomic_load(flag))
        usleep(1000);
}

/* ---- What LLVM calls ---- */

typedef int (*at_exit)(void (*)(void *), void *, void *);

extern void *__dso_handle;

static void llvm_registers(void (*destroy)(void *), void *data)
{
    struct got_slot slot;
    if (got_find((void *)&LLVMContextCreate, "__cxa_atexit", 1, &slot) != 1)
        _exit(3);
    if ((*(at_exit *)(void *)slot.address)(destroy, data, &__dso_handle) != 0)
        _exit(12);
}

static void test_slots(void **state)
{
    struct got_slot slots[4];
    (void)state;
    /* Else LLVM's destructors don't wait. */
    assert_in_range(got_find((void *)&LLVMContextCreate, "__cxa_atexit", 4, slots), 1, 4);
    assert_int_equal(got_find((void *)&LLVMContextCreate, "no_such_function", 4, slots), 0);
    assert_int_equal(got_find((void *)&LLVMContextCreate, "LLVMContextCreate", 4, slots), 0);
    assert_int_equal(got_find(&slots, "__cxa_atexit", 4, slots), 0);
}

/* ---- A static's first use, then exit() ---- */

static int object;

static void destroyed(void *data)
{
    if (data != &object)
        _exit(4);
    _exit(atomic_load(&ended) ? GOOD : 5);
}

static void *compile(void *data)
{
    struct leave_thread *thread = data;
    leave_enter(thread);
    llvm_registers(destroyed, &object);
    atomic_store(&ready, true);
    usleep(WORK_US);
    atomic_store(&ended, true);
    leave_return();
    return NULL;
}

static void exit_when_ready(void)
{
    wait_for(&ready);
    exit(0);
}

static void *leave_process(void *data)
{
    (void)data;
    exit_when_ready();
    return NULL;
}

static struct leave_thread work;

static void begin_work(void *(*run)(void *))
{
    if (!leave_begin())
        _exit(6);
    leave_thread_init(&work);
    start(run, &work);
}

static void exit_main(void)
{
    begin_work(compile);
    exit_when_ready();
}

static void exit_other(void)
{
    begin_work(compile);
    start(leave_process, NULL);
    for (;;)
        pause();
}

static void exit_after_main(void)
{
    begin_work(compile);
    start(leave_process, NULL);
    pthread_exit(NULL);
}

static void exit_with_nothing(void)
{
    begin_work(compile);
    wait_for(&ended);
    if (!leave_thread_finish(&work))
        _exit(7);
    exit(0);
}

static void test_static(void **state)
{
    (void)state;
    in_child(exit_main, GOOD);
    in_child(exit_other, GOOD);
    in_child(exit_after_main, GOOD);
    in_child(exit_with_nothing, GOOD);
}

/* ---- Who waits for a compilation that stops ---- */

static void nothing(void *data)
{
    (void)data;
}

static void *compile_until_stopped(void *data)
{
    leave_enter(data);
    llvm_registers(nothing, NULL);
    atomic_store(&ready, true);
    while (!atomic_load(&ended))
        leave_yield(NULL, NULL);
    return NULL;
}

static void *wait_for_work(void *data)
{
    (void)data;
    if (leave_thread_finish(&work))
        _exit(8);
    atomic_store(&ended, true);
    return NULL;
}

static pthread_t waiting;

/* As an application's destructor does. */
static void join_waiting(void)
{
    pthread_join(waiting, NULL);
    _exit(atomic_load(&ended) && !leave_begin() ? GOOD : 9);
}

static void exit_under_waiting(void)
{
    atexit(join_waiting);
    begin_work(compile_until_stopped);
    if (pthread_create(&waiting, NULL, wait_for_work, NULL) != 0)
        _exit(2);
    exit_when_ready();
}

static void on_signal(int signal)
{
    (void)signal;
    exit(GOOD);
}

static void exit_by_signal(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    begin_work(compile_until_stopped);
    wait_for(&ready);
    raise(SIGUSR1);
}

static void *compile_and_exit(void *data)
{
    leave_enter(data);
    exit(GOOD);
    return NULL;
}

/* LLVM can. */
static void exit_within(void)
{
    begin_work(compile_and_exit);
    leave_thread_finish(&work);
    for (;;)
        pause();
}

static void test_stopped(void **state)
{
    (void)state;
    in_child(exit_under_waiting, GOOD);
    in_child(exit_by_signal, GOOD);
    in_child(exit_within, GOOD);
}

/* ---- fork() ---- */

static void must_not_run(void *data)
{
    (void)data;
    _exit(10);
}

static void exit_forked(void)
{
    if (leave_begin()) /* nobody may, with LLVM in the middle of something */
        _exit(11);
    exit(GOOD);
}

static void fork_in_work(void)
{
    begin_work(compile_until_stopped);
    wait_for(&ready);
    llvm_registers(must_not_run, NULL);
    in_child(exit_forked, GOOD);
    _exit(GOOD);
}

static void exit_forked_between(void)
{
    atomic_store(&ready, false);
    atomic_store(&ended, false);
    exit_main();
}

static void fork_between(void)
{
    if (!leave_begin())
        _exit(6);
    leave_end();
    in_child(exit_forked_between, GOOD);
    _exit(GOOD);
}

static void test_fork(void **state)
{
    (void)state;
    in_child(fork_in_work, GOOD);
    in_child(fork_between, GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_static),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
