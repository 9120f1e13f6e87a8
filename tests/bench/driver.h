/* SPDX-License-Identifier: MIT
 *
 * A driver under test: its manifest and the child process in which it is loaded. The native
 * references are one more, a program of their own and no manifest.
 */
#ifndef BENCH_DRIVER_H
#define BENCH_DRIVER_H

#include "bench.h"

#include <sys/types.h>

enum { DRIVER_ANSWER_B = 512 };

enum driver_role {
    DRIVER_OWN, /* the first: Weft */
    DRIVER_PEER,
    DRIVER_NATIVE, /* the same algorithms by hand */
    DRIVER_OTHER,  /* quite different programs for the same result */
};

struct driver {
    enum driver_role role;
    const char *manifest; /* NULL for the last two roles */
    const char *binary;   /* the child's program */
    char root[1024];  /* "" or the tree that the driver lives in; the child runs chrooted there */
    char dir[1024];   /* where binary and shaders are, as the child sees it */
    char cache[1024]; /* a folder for its caches, as the child sees it; removed at the end */
    pid_t pid;        /* 0: not running */
    int to_fd, from_fd;
    unsigned cores; /* not 0: the child is kept to so many */
    long peak_KiB;  /* of the last child that ended: its largest resident set */
    char label[64];
    char description[300];
};

/* Finds out where the manifest belongs: if a directory above it has etc/debian_version and usr/lib,
 * that is a system of its own (the root directory does not count), and the benchmark is copied into
 * its /tmp. Writes a line to stderr and returns false if that fails. `self` is the benchmark's own
 * binary, `spirv_dir` its shaders. */
bool driver_init(struct driver *driver, const char *manifest, const char *self,
                 const char *spirv_dir);
/* The native references of the same folder as `self`; false, without a word, if they weren't built.
 */
bool driver_init_native(struct driver *driver, enum driver_role role, const char *self,
                        const char *spirv_dir);
/* Ends the child; the next question starts another. */
void driver_end_child(struct driver *driver);
/* Ends the child and removes the copy. */
void driver_finish(struct driver *driver);

/* Sends a command and waits for the answer's first word to be "ok"; starts the child if it is not
 * running. The rest of the answer (or why it failed) goes to `answer`. A child that dies or does
 * not answer within timeout_s is ended, and the answer says so. */
bool driver_ask(struct driver *driver, const char *command, double timeout_s,
                char answer[DRIVER_ANSWER_B]);

#endif
