/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    while (text) {
        size += fread(text + size, 1, room - 1 - size, file);
        if (size < room - 1)
            break;
        room *= 2;
        char *grown = realloc(text, room);
        if (!grown)
            free(text);
        text = grown;
    }
    fclose(file);
    if (text)
        text[size] = 0;
    return text;
}

/* Cuts the line into words, in place. */
static int split(char *line, char ***words_out)
{
    char *words[SCRIPT_MAX_WORDS + 1];
    size_t count = 0;
    char *rest = line, *word;
    while ((word = strtok_r(rest, " \t", &rest))) {
        if (count == SCRIPT_MAX_WORDS)
            return -1;
        words[count++] = word;
    }
    words[count++] = NULL;
    *words_out = malloc(count * sizeof(*words));
    if (!*words_out)
        return -1;
    memcpy(*words_out, words, count * sizeof(*words));
    return 0;
}

static int add_line(struct script_test *test, unsigned number, char *line)
{
    struct script_line *lines = realloc(test->lines, (test->line_count + 1) * sizeof(*lines));
    if (!lines)
        return -1;
    test->lines = lines;
    lines[test->line_count].number = number;
    if (split(line, &lines[test->line_count].words))
        return -1;
    test->line_count++;
    return 0;
}

static struct script_test *add_test(struct script *script, unsigned number, unsigned shader, char *name)
{
    struct script_test *tests = realloc(script->tests, (script->test_count + 1) * sizeof(*tests));
    if (!tests)
        return NULL;
    script->tests = tests;
    struct script_test *test = &tests[script->test_count++];
    *test = (struct script_test){ .name = name, .number = number, .shader = shader };
    return test;
}

int script_read(const char *path, struct script *script_out)
{
    struct script script = { .text = read_text(path) };
    unsigned number = 0, shaders = 0;
    struct script_test *test = NULL;
    bool in_shader = false;
    if (!script.text) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return -1;
    }
    for (char *line = script.text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        number++;
        if (!strncmp(line, "[glsl", 5) || !strncmp(line, "[spirv", 6)) {
            in_shader = true;
            test = NULL;
            shaders++;
        } else if (!strncmp(line, "[test", 5)) {
            char *end = strchr(line, ']');
            if (!end || !shaders)
                goto fail;
            *end = 0;
            in_shader = false;
            test = add_test(&script, number, shaders - 1, line + 5 + strspn(line + 5, " "));
            if (!test)
                goto fail;
        } else if (test && !in_shader && line[0] && line[0] != '#') {
            if (add_line(test, number, line))
                goto fail;
        }
    }
    *script_out = script;
    return 0;

fail:
    fprintf(stderr, "%s:%u: not understood\n", path, number);
    script_finish(&script);
    return -1;
}

void script_finish(struct script *script)
{
    for (size_t i = 0; i < script->test_count; i++) {
        for (size_t j = 0; j < script->tests[i].line_count; j++)
            free(script->tests[i].lines[j].words);
        free(script->tests[i].lines);
    }
    free(script->tests);
    free(script->text);
    *script = (struct script){ 0 };
}
