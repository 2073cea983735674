/* The reference of the transforms, from their table: docs/guide/features.md holds this text, and a
 * test holds them together. */
#include "feature/transform.h"

static void put_words(const char *choices, tend_buf *out) {
    char word[48];
    for (int i = 0; tend_choice_word(choices, i, word); i++)
        tend_buf_printf(out, "%s`%s`", i ? ", " : "", word);
}

static void put_values(const tend_arg_spec *spec, tend_buf *out) {
    char low[32], high[32];
    tend_text_format_double(spec->min, low);
    tend_text_format_double(spec->max, high);
    switch (spec->type) {
    case TEND_ARG_INT: tend_buf_printf(out, "a whole number, %s to %s", low, high); break;
    case TEND_ARG_REAL: tend_buf_printf(out, "a number, %s to %s", low, high); break;
    case TEND_ARG_RANGE: tend_buf_printf(out, "`[low, high]` or one number, %s to %s", low, high); break;
    case TEND_ARG_BOOL: tend_buf_puts(out, "`true`, `false`"); break;
    case TEND_ARG_CHOICE: put_words(spec->choices, out); break;
    case TEND_ARG_SCALAR: tend_buf_puts(out, "any single value"); break;
    case TEND_ARG_TIME: tend_buf_puts(out, "a date or timestamp"); break;
    case TEND_ARG_TEXTS:
        tend_buf_puts(out, spec->choices ? "a list of " : "a list of texts");
        put_words(spec->choices, out);
        break;
    }
}

static void put_default(const tend_arg_spec *spec, tend_buf *out) {
    char text[48] = "";
    if (spec->type == TEND_ARG_BOOL)
        tend_buf_puts(out, spec->fallback != 0 ? "`true`" : "`false`");
    else if (spec->shown)
        tend_buf_puts(out, spec->shown);
    else if (spec->type == TEND_ARG_CHOICE)
        tend_buf_printf(out, "`%s`", tend_choice_word(spec->choices, (int)spec->fallback, text));
    else {
        tend_text_format_double(spec->fallback, text);
        tend_buf_puts(out, text);
    }
}

static const char *takes_words(unsigned takes) {
    switch (takes) {
    case TEND_TAKES_NUMBER: return "numbers";
    case TEND_TAKES_TEXT: return "text, and numbers as their text";
    case TEND_TAKES_TIME: return "dates and timestamps";
    default: return "columns of any type";
    }
}

static const char *gives_words(tend_gives gives) {
    static const char *const words[] = {
        [TEND_GIVES_SAME] = "the same type",
        [TEND_GIVES_NUMBER] = "a number",
        [TEND_GIVES_TEXT] = "text",
        [TEND_GIVES_OUTPUTS] = "outputs: it ends a chain",
    };
    return words[gives];
}

static void put_transform(const tend_transform *t, tend_buf *out) {
    tend_buf_printf(out, "### %s\n\n%s\n\nTakes %s. Gives %s.\n\n", t->name, t->help, takes_words(t->takes), gives_words(t->gives));
    if (t->n_args)
        tend_buf_puts(out, "| parameter | values | default | meaning |\n|---|---|---|---|\n");
    for (int i = 0; i < t->n_args; i++) {
        tend_buf_printf(out, "| `%s` | ", t->args[i].name);
        put_values(&t->args[i], out);
        tend_buf_puts(out, " | ");
        put_default(&t->args[i], out);
        tend_buf_printf(out, " | %s |\n", t->args[i].help);
    }
    if (t->n_args)
        tend_buf_putc(out, '\n');
}

void tend_transforms_reference(tend_buf *out) {
    for (const tend_transform *const *t = tend_transforms; *t; t++)
        put_transform(*t, out);
}
