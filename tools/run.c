/* SPDX-License-Identifier: MIT
 *
 * weft run: the loader's environment variables, then the program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weft.h"

int weft_run(int argc, char **argv)
{
    struct place place;
    char **command = argv + 1;

    if (command[0] && !strcmp(command[0], "--"))
        command++;
    if (!command[0]) {
        fprintf(stderr, "usage: weft run -- COMMAND [ARGUMENT]...\n");
        return 2;
    }
    if (place_find(&place))
        return 1;
    /* The second is the name that loaders before 1.3.207 know. */
    if (setenv("VK_DRIVER_FILES", place.manifest, 1) ||
        setenv("VK_ICD_FILENAMES", place.manifest, 1)) {
        fprintf(stderr, "weft run: %s\n", strerror(errno));
        return 1;
    }
    execvp(command[0], command);
    int error = errno;
    fprintf(stderr, "weft run: %s: %s\n", command[0], strerror(error));
    return error == ENOENT ? 127 : 126;
}
