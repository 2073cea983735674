#include "flow/config.h"

#define S TEND_KEY_STRING
#define I TEND_KEY_INT
#define N TEND_KEY_NUMBER
#define B TEND_KEY_BOOL
#define L TEND_KEY_LIST
#define M TEND_KEY_MAP
#define A TEND_KEY_ANY

/* A map comes before its members. */
static const tend_key rows[] = {
    {"name", S, NULL, NULL, 0, 0, "the project's name; also the model's name in the registry"},
    {"problem", M, NULL, NULL, 0, 0, "what is to be predicted, and when it is good enough"},
    {"problem.question", S, NULL, NULL, 0, 0, "the question in words, for the report and the model card"},
    {"problem.target", S, NULL, NULL, 0, 0, "the column to predict"},
    {"problem.task", S, NULL, "binary|multiclass|regression", 0, 0, "inferred from the target when absent"},
    {"problem.positive", S | I | N | B, NULL, NULL, 0, 0, "the class that counts as positive (binary); the rarer one when absent"},
    {"problem.metric", S, NULL, NULL, 0, 0, "what is optimised and compared; roc_auc, log_loss or rmse when absent"},
    {"problem.goal", N, NULL, NULL, 0, 0, "a gate: below it (above it, for errors) nothing is released"},
    {"problem.deadline", S, NULL, NULL, 0, 0, "the date by which the goal must be reached (YYYY-MM-DD)"},
    {"problem.baseline", S | N, NULL, NULL, 0, 0, "today's rule, as an SQL expression over the columns"},
    {"problem.min_gain", N, "0", NULL, 0, 1e300, "how much better than the best baseline a model must be to be worth it"},
    {"problem.decide", S | N, "0.5", NULL, 0, 0,
     "binary: the probability from which the answer is the positive class, or a metric (f1, accuracy, …) to choose it by on the validation "
     "rows"},
    {"problem.limits", M, NULL, NULL, 0, 0, "budgets of the model in production, each a gate"},
    {"problem.limits.latency_p99", TEND_KEY_DURATION, NULL, NULL, 0, 0, "of one prediction, 99th percentile (5ms)"},
    {"problem.limits.model_size", TEND_KEY_SIZE, NULL, NULL, 0, 0, "of the bundle on disk (20MB)"},
    {"data", M, NULL, NULL, 0, 0, "where the data comes from and what it must be"},
    {"data.sources", M, NULL, NULL, 0, 0, "named sources; each a path, a pattern or a folder"},
    {"data.sources.*", S | L | M, NULL, NULL, 0, 0, "a path, a pattern (data/*.csv), a folder, a list of them, or a map with `from`"},
    {"data.sources.*.from", S | L, NULL, NULL, 0, 0, "the path, pattern or folder, or a list of them"},
    {"data.sources.*.format", S, NULL, "csv|json|ndjson|parquet", 0, 0, "by name and content when absent"},
    {"data.sources.*.separator", S, NULL, NULL, 0, 0, "CSV: one character, or \"tab\"; sniffed when absent"},
    {"data.sources.*.header", B, NULL, NULL, 0, 0, "CSV: whether the first row has the names; sniffed when absent"},
    {"data.sources.*.encoding", S, NULL, "utf-8|latin-1", 0, 0, "CSV: sniffed when absent"},
    {"data.select", S, NULL, NULL, 0, 0, "SQL over the sources; needed when there are several"},
    {"data.missing", L, NULL, NULL, 0, 0, "texts that mean a missing value; the usual ones (empty, NA, NaN, null …) when absent"},
    {"data.bad_rows", S, "quarantine", "quarantine|stop", 0, 0, "rows that cannot be read: put aside with a reason, or stop"},
    {"data.duplicates", S, "warn", "keep|warn|drop", 0, 0, "rows that are equal in every column"},
    {"data.expect", A, NULL, NULL, 0, 0, "expectations: per column, and for the table as a whole"},
    {"data.allow", L, NULL, NULL, 0, 0, "columns that look like a leak of the target but are legitimate"},
    {"data.split", M, NULL, NULL, 0, 0, "how test rows are set apart"},
    {"data.split.by", S, "random", "random|time|group|rows", 0, 0,
     "random (stratified), time (the newest), group (whole groups), rows (a file of row numbers)"},
    {"data.split.test", N, "0.2", NULL, 0.001, 0.9, "the share of rows for the test"},
    {"data.split.column", S, NULL, NULL, 0, 0, "time: the column to order by; group: the column whose values stay together"},
    {"data.split.stratify", S, NULL, NULL, 0, 0, "random: the column whose shares are kept; the target's classes when absent"},
    {"data.split.file", S, NULL, NULL, 0, 0, "rows: a text file with one test row number (from 0) per line"},
    {"data.split.seed", I, "42", NULL, 0, 9e15, "of the split and of everything after it that draws numbers"},
    {"features", A, NULL, NULL, 0, 0, "declared features; the rest is inferred from the column types"},
    {"train", M, NULL, NULL, 0, 0, "what is trained, and how it is compared"},
    {"train.learners", A, NULL, NULL, 0, 0, "names, or {name: {parameter: value}}"},
    {"train.folds", I, "0", NULL, 0, 50, "cross-validation folds; 0: one validation part"},
    {"train.validation", N, "0.2", NULL, 0.01, 0.9, "the share of the training rows that compares the learners when folds is 0"},
    {"train.refit", B, "true", NULL, 0, 0, "fit the best learner again on training and validation rows together"},
    {"train.threads", I, "0", NULL, 0, 1024, "0: all; never changes the result"},
    {"evaluate", M, NULL, NULL, 0, 0, "how the model is judged"},
    {"evaluate.slices", L, NULL, NULL, 0, 0, "columns, or lists of columns for crosses; text columns with few levels when absent"},
    {"evaluate.gates", L, NULL, NULL, 0, 0, "conditions for a release: \"roc_auc >= 0.92\", \"min(slice.f1) >= 0.5\""},
    {"evaluate.min_slice", I, "30", NULL, 1, 1e9, "slices with fewer rows are shown but count in no gate"},
    {"evaluate.replicates", I, "500", NULL, 50, 20000, "bootstrap resamples behind each confidence interval"},
/* clang-format off */
#include "serve/keys.inc.h"
};
/* clang-format on */

static const char *const later[] = {"monitor", "retrain", "store", "execute", "steps", NULL};

const tend_key_table tend_project_keys = {rows, (int)(sizeof(rows) / sizeof(rows[0])), later};
