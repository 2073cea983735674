/* Progress: one moving line on a terminal, nothing elsewhere; messages as plain lines. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <pthread.h>
#include <unistd.h>

static struct {
    cli *c;
    bool shown;
    double last, started;
    char what[128];
} state;

void cli_progress_clear(void) {
    if (state.shown)
        fputs("\r\033[K", stderr);
    state.shown = false;
}

static void show(const tend_log_event *e) {
    double now = tend_clock_seconds();
    if (strcmp(state.what, e->what)) {
        snprintf(state.what, sizeof state.what, "%s", e->what);
        state.started = now;
        state.last = 0;
    }
    if (now - state.last < 0.1)
        return;
    state.last = now;
    double spent = now - state.started;
    char done[32], left[32] = "";
    tend_text_thousands(e->done, done);
    fprintf(stderr, "\r\033[K  %s%s", cli_paint(state.c, CLI_DIM), e->what);
    if (e->total) {
        fprintf(stderr, "  %s of %lld %s", done, (long long)e->total, e->unit);
        if (e->done && spent > 1)
            fprintf(stderr, ", about %s left", tend_text_seconds(spent * (double)(e->total - e->done) / (double)e->done, left));
    } else {
        fprintf(stderr, "  %s %s", done, e->unit);
        if (spent > 1)
            fprintf(stderr, ", %.3g M/s", (double)e->done / spent / 1e6);
    }
    fputs(cli_paint(state.c, CLI_PLAIN), stderr);
    fflush(stderr);
    state.shown = true;
}

static void sink(void *ctx, const tend_log_event *e) {
    (void)ctx;
    if (e->kind == TEND_LOG_PROGRESS) {
        if (state.c->terminal && !state.c->quiet)
            show(e);
        return;
    }
    if (e->kind == TEND_LOG_DEBUG || state.c->quiet || (e->kind == TEND_LOG_INFO && !state.c->verbose && strncmp(e->what, "waiting", 7)))
        return;
    cli_progress_clear();
    fprintf(stderr, "  %s%s%s\n", cli_paint(state.c, e->kind == TEND_LOG_WARNING ? CLI_YELLOW : CLI_DIM), e->what,
            cli_paint(state.c, CLI_PLAIN));
}

void cli_progress_install(cli *c) {
    state.c = c;
    tend_log_set_sink(sink, NULL);
}
