#include "learn/xgboost_api.h"

#include "base/library.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

tend_xgb_api tend_xgb;

static const char *const function_names[] = {
#define X(name) #name,
    TEND_XGB_FUNCTIONS(X)
#undef X
        NULL};

static const char *const file_names[] = {"libxgboost.so", "libxgboost.so.0", NULL};

static const tend_library_spec spec = {
    .title = "the training library XGBoost",
    .variable = "TEND_XGBOOST",
    .names = file_names,
    .functions = function_names,
    .remedy = "install it (Debian: apt install libxgboost-dev)",
};

/* "[12:34:56] WARNING: ../src/learner.cc:767: Parameters: …" */
static void on_log(const char *message) {
    const char *text = strstr(message, "WARNING: ");
    if (text)
        tend_log(TEND_LOG_WARNING, "XGBoost: %s", text + strlen("WARNING: "));
}

tend_status tend_xgb_load(tend_error *err) {
    if (tend_xgb.XGBoostVersion)
        return TEND_OK;
    /* Its threads would spin while they wait: on a machine that has other work that makes each
     * round many times slower. The library reads this once, when it is loaded. */
    setenv("OMP_WAIT_POLICY", "passive", 0);
    void *functions[sizeof function_names / sizeof *function_names];
    TEND_TRY(tend_library_load(&spec, functions, err));
    _Static_assert(sizeof tend_xgb == (sizeof function_names / sizeof *function_names - 1) * sizeof(void *), "one pointer per function");
    memcpy(&tend_xgb, functions, sizeof tend_xgb);
    tend_xgb.XGBRegisterLogCallback(on_log);
    return TEND_OK;
}

const char *tend_xgb_version(void) {
    static char version[32];
    if (tend_xgb_load(NULL) != TEND_OK)
        return NULL;
    int major = 0, minor = 0, patch = 0;
    tend_xgb.XGBoostVersion(&major, &minor, &patch);
    snprintf(version, sizeof version, "%d.%d.%d", major, minor, patch);
    return version;
}

/* "[12:34:56] ../src/gbm/gbtree.cc:64: message\nStack trace:\n…" becomes "message". */
tend_status tend_xgb_fail(tend_error *err) {
    const char *text = tend_xgb.XGBGetLastError();
    const char *bracket = *text == '[' ? strstr(text, "] ") : NULL;
    if (bracket) {
        const char *position = strstr(bracket, ": "), *line_end = strchr(bracket, '\n');
        text = position && (!line_end || position < line_end) ? position + 2 : bracket + 2;
    }
    const char *trace = strstr(text, "Stack trace:");
    size_t size = trace ? (size_t)(trace - text) : strlen(text);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' ' || text[size - 1] == '.'))
        size--;
    char line[500];
    size = size < sizeof line ? size : sizeof line - 1;
    for (size_t i = 0; i < size; i++)
        line[i] = text[i] == '\n' ? ' ' : text[i];
    return TEND_FAIL(err, INVALID, "XGBoost: %.*s", (int)size, line);
}
