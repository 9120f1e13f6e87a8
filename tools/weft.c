/* SPDX-License-Identifier: MIT
 *
 * weft: the command line.
 */
#include "weft.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"run", weft_run, "run -- COMMAND [ARGUMENT]...   run a program on Weft"},
    {"info", weft_info, "info                           what the device is and can do"},
    {"cc", weft_cc, "cc [OPTION]... SHADER          compile a compute shader (cc --help)"},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    fprintf(out, "Weft %s, a Vulkan compute driver for CPUs\n\n", WEFT_VERSION);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  weft %s\n", commands[i].help);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!strcmp(commands[i].name, name))
            return commands[i].run(argc - 1, argv + 1);
    }
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
        print_help(stdout);
        return argc > 1 ? 0 : 2;
    }
    if (!strcmp(name, "--version")) {
        printf("weft %s\n", WEFT_VERSION);
        return 0;
    }
    fprintf(stderr, "weft: there is no command \"%s\"\n\n", name);
    print_help(stderr);
    return 2;
}
