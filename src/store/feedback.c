#include "store/feedback.h"

#include "base/clock.h"
#include "base/node.h"
#include "store/prediction_id.h"

#include <math.h>

enum { SHOWN = 60, SHOWN_CLASSES = 8 }; /* bytes of a wrong value, classes in a hint */

static tend_status check_id(tend_str id, tend_error *err) {
    uint64_t ms;
    uint32_t row;
    if (tend_prediction_id_parse(id, &ms, &row))
        return TEND_OK;
    if (id.size == 0)
        return TEND_FAIL(err, INVALID, "there is no id");
    tend_status status = TEND_FAIL(err, INVALID, "'%.*s' is not the id of a prediction", (int)(id.size < SHOWN ? id.size : SHOWN), id.at);
    return tend_error_hint(err, status, "ids are what the answer gave: %d characters, and perhaps .N for a row of a batch",
                           TEND_PREDICTION_ID - 1);
}

static tend_status unknown_class(tend_str target, const char *const *classes, size_t n, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *word = tend_arena_strndup(arena, target.at, target.size < SHOWN ? target.size : SHOWN);
    tend_status status = TEND_FAIL(err, INVALID, "'%s' is not a class of the model", word);
    const char *nearest = tend_text_nearest(word, classes, n);
    if (nearest)
        return tend_error_hint(err, status, "did you mean '%s'?", nearest);
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (size_t i = 0; i < n && i < SHOWN_CLASSES; i++)
        tend_buf_printf(&list, "%s'%s'", i ? ", " : "", classes[i]);
    return tend_error_hint(err, status, "the classes are %s%s", tend_buf_text(&list), n > SHOWN_CLASSES ? " …" : "");
}

static tend_status check_class(tend_str target, const char *const *classes, size_t n, tend_error *err) {
    for (size_t i = 0; i < n; i++)
        if (tend_str_is(target, classes[i]))
            return TEND_OK;
    return unknown_class(target, classes, n, err);
}

tend_status tend_feedback_format(const tend_feedback *f, const char *const *classes, size_t n_classes, tend_buf *out, tend_error *err) {
    double number = NAN;
    char time[32], shortest[32];
    TEND_TRY(check_id(f->id, err));
    if (f->target.size == 0)
        return TEND_FAIL(err, INVALID, "there is no target");
    if (n_classes)
        TEND_TRY(check_class(f->target, classes, n_classes, err));
    else if (!tend_text_parse_double(f->target, false, &number) || !isfinite(number))
        return TEND_FAIL(err, INVALID, "expected a number as the target, found '%.*s'",
                         (int)(f->target.size < SHOWN ? f->target.size : SHOWN), f->target.at);
    tend_clock_format_micros(f->micros, time);
    tend_buf_puts(out, "{\"id\":");
    tend_json_escape(out, f->id.at, f->id.size);
    tend_buf_printf(out, ",\"time\":\"%s\",\"target\":", time);
    if (n_classes)
        tend_json_escape(out, f->target.at, f->target.size);
    else
        tend_buf_append(out, shortest, tend_text_format_double(number, shortest));
    tend_buf_puts(out, ",\"who\":");
    tend_json_escape(out, f->who, strlen(f->who));
    tend_buf_puts(out, "}\n");
    return TEND_OK;
}
