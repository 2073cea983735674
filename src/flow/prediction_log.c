#include "flow/prediction_log.h"

#include "base/fs.h"
#include "engine/engine.h"
#include "store/journal.h"

enum { ATTEMPTS = 5 };
#define HOUR INT64_C(3600000000)

static const tend_engine_field PREDICTION[] = {
    {"id", "VARCHAR"},      {"time", "TIMESTAMP"},     {"model", "VARCHAR"},      {"version", "BIGINT"},
    {"route", "VARCHAR"},   {"request", "VARCHAR"},    {"latency_us", "BIGINT"},  {"features", "JSON"},
    {"prediction", "JSON"}, {"probability", "DOUBLE"}, {"probabilities", "JSON"},
};
static const tend_engine_field FEEDBACK[] = {{"id", "VARCHAR"}, {"time", "TIMESTAMP"}, {"target", "JSON"}, {"who", "VARCHAR"}};
enum { N_PREDICTION = sizeof PREDICTION / sizeof *PREDICTION, N_FEEDBACK = sizeof FEEDBACK / sizeof *FEEDBACK };

char *tend_predictions_folder(const char *store, const char *model, tend_arena *arena) {
    return tend_arena_printf(arena, "%s/predictions/%s", store, model);
}

char *tend_feedback_folder(const char *store, const char *model, tend_arena *arena) {
    return tend_arena_printf(arena, "%s/feedback/%s", store, model);
}

tend_status tend_predictions_models(const char *store, tend_arena *arena, char ***out, size_t *out_n, tend_error *err) {
    const char *folder = tend_arena_printf(arena, "%s/predictions", store);
    char **names = NULL;
    size_t n = 0, n_models = 0;
    if (tend_fs_exists(folder))
        TEND_TRY(tend_fs_list(folder, arena, &names, &n, err));
    for (size_t i = 0; i < n; i++)
        if (names[i][0] != '.' && tend_fs_is_dir(tend_path_join(arena, folder, names[i])))
            names[n_models++] = names[i];
    *out = names;
    *out_n = n_models;
    return TEND_OK;
}

tend_status tend_predictions_size(const char *store, const char *model, uint64_t *out_bytes, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    char **paths;
    size_t n;
    uint64_t bytes = 0;
    TEND_TRY(tend_journal_files(tend_predictions_folder(store, model, arena), arena, &paths, &n, err));
    for (size_t i = 0; i < n; i++) {
        tend_file_stamp stamp;
        if (tend_fs_stamp(paths[i], &stamp, NULL) == TEND_OK) /* else it was removed since */
            bytes += stamp.size;
    }
    *out_bytes = bytes;
    return TEND_OK;
}

/* ---- the files ---- */

/* What a query reads. The folders are held, so that no segment is packed away under it. */
typedef struct log_files {
    const char **paths; /* predictions, then feedback */
    size_t n_predictions, n;
    int hold[2];
} log_files;

static void release(log_files *files) {
    tend_journal_release(files->hold[0]);
    tend_journal_release(files->hold[1]);
}
#define AUTO_FILES __attribute__((cleanup(release))) log_files

/* A segment that got its last record before `since` has none that counts; the clocks of the record and of the disk may differ. */
static bool is_wanted(const char *path, int64_t since) {
    tend_file_stamp stamp;
    return tend_fs_stamp(path, &stamp, NULL) != TEND_OK || since < stamp.mtime_ns / 1000 + HOUR;
}

static tend_status take_files(const tend_prediction_query *q, tend_arena *arena, log_files *files, tend_error *err) {
    const char *folders[2] = {tend_predictions_folder(q->store, q->model, arena), tend_feedback_folder(q->store, q->model, arena)};
    char **predictions, **feedback;
    size_t n_predictions, n_feedback;
    for (int i = 0; i < 2; i++)
        files->hold[i] = tend_journal_hold(folders[i]);
    TEND_TRY(tend_journal_files(folders[0], arena, &predictions, &n_predictions, err));
    TEND_TRY(tend_journal_files(folders[1], arena, &feedback, &n_feedback, err));
    files->paths = TEND_ARRAY(arena, const char *, n_predictions + n_feedback);
    for (size_t i = 0; i < n_predictions; i++)
        if (is_wanted(predictions[i], q->since))
            files->paths[files->n++] = predictions[i];
    files->n_predictions = files->n;
    for (size_t i = 0; i < n_feedback; i++)
        files->paths[files->n++] = feedback[i];
    return TEND_OK;
}

/* ---- the views ---- */

/* Whether the model predicts numbers: as its first record says, else as the first feedback. */
static tend_status predicts_numbers(tend_engine *engine, bool *out, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_table *table;
    TEND_TRY(tend_engine_query(engine,
                               "SELECT json_type(prediction) FROM (SELECT * FROM (SELECT prediction FROM prediction_log LIMIT 1) UNION ALL "
                               "SELECT * FROM (SELECT target FROM feedback_log LIMIT 1)) LIMIT 1",
                               (tend_span){0}, arena, &table, err));
    *out = table->n_rows && tend_is_valid(&table->columns[0], 0) && !tend_str_is(tend_column_str(&table->columns[0], 0), "VARCHAR");
    return TEND_OK;
}

/* The feedback that came last stands: by its time, and of equal times by its place in the journal. */
static tend_status make_views(tend_engine *engine, int64_t since, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    bool numbers;
    TEND_TRY(predicts_numbers(engine, &numbers, err));
    const char *type = numbers ? "DOUBLE" : "VARCHAR";
    const char *after = since == INT64_MIN ? "" : tend_arena_printf(arena, " WHERE p.time >= make_timestamp(%lld)", (long long)since);
    TEND_TRY(tend_engine_view(engine, "feedback",
                              tend_arena_printf(arena,
                                                "SELECT id, time, CAST(target->>'$' AS %s) AS target, who FROM "
                                                "(SELECT *, row_number() OVER () AS place FROM feedback_log) "
                                                "QUALIFY row_number() OVER (PARTITION BY id ORDER BY time DESC, place DESC) = 1",
                                                type),
                              err));
    return tend_engine_view(engine, "predictions",
                            tend_arena_printf(arena,
                                              "SELECT p.id, p.time, p.model, p.version, p.route, p.request, p.latency_us, p.features, "
                                              "CAST(p.prediction->>'$' AS %s) AS prediction, p.probability, p.probabilities, f.target "
                                              "FROM prediction_log p LEFT JOIN feedback f ON p.id = f.id%s",
                                              type, after),
                            err);
}

static tend_status run_once(const tend_prediction_query *q, const log_files *files, tend_arena *arena, tend_table **out, tend_error *err) {
    TEND_AUTO(tend_engine) *engine = NULL;
    TEND_TRY(tend_engine_open_files(files->paths, files->n, &engine, err));
    TEND_TRY(tend_engine_register_records(engine, "prediction_log", files->paths, files->n_predictions, PREDICTION, N_PREDICTION, err));
    TEND_TRY(tend_engine_register_records(engine, "feedback_log", files->paths + files->n_predictions, files->n - files->n_predictions,
                                          FEEDBACK, N_FEEDBACK, err));
    TEND_TRY(make_views(engine, q->since, err));
    if (q->given)
        TEND_TRY(tend_engine_register(engine, "given", q->given, err));
    return tend_engine_query(engine, q->sql, q->where, arena, out, err);
}

static bool is_one_gone(const log_files *files) {
    for (size_t i = 0; i < files->n; i++)
        if (!tend_fs_exists(files->paths[i]))
            return true;
    return false;
}

tend_status tend_predictions_query(const tend_prediction_query *q, tend_arena *arena, tend_table **out, tend_error *err) {
    tend_status status = TEND_OK;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        AUTO_FILES files = {.hold = {-1, -1}};
        TEND_TRY(take_files(q, arena, &files, err));
        status = run_once(q, &files, arena, out, err);
        if (status == TEND_OK || !is_one_gone(&files)) /* removed by retention or budget: what is left is the answer */
            break;
    }
    return status;
}
