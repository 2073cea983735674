#include "cli/cli.h"

const cli_option cli_global_options[] = {
    {"directory", 'C', "DIR", "work in this folder instead of the current one"},
    {"set", 0, "KEY=VALUE", "override a key of tend.yaml; may be given several times"},
    {"json", 0, NULL, "one JSON document on stdout and nothing else"},
    {"quiet", 'q', NULL, "say nothing but errors"},
    {"verbose", 'v', NULL, "say more: warnings of data, places in tend's own code"},
    {"no-color", 0, NULL, "no colours (also NO_COLOR in the environment)"},
    {"help", 'h', NULL, "explain a command"},
    {"version", 0, NULL, "print the version"},
    {0},
};

/* clang-format off */
const cli_command cli_commands[] = {
    {"init", "DATA…", "make tend.yaml from the data: schema, task and sensible defaults, each line commented",
     "Reads the files, infers types, expectations and the task, and writes tend.yaml. From then on the file is yours.\n"
     "Several files with the same columns become one source; with different columns, one source each.",
     0, CLI_ANY, cmd_init,
     {{"target", 't', "COLUMN", "the column to predict"}, {"name", 0, "NAME", "the project's name; the folder's when absent"},
      {"force", 'f', NULL, "replace an existing tend.yaml"}}},
    {"run", "[STEP]", "bring the project up to date; only what changed is done again",
     "Steps: problem, acquire, validate, split, prepare, train, evaluate, register, report. With STEP, up to and including it.\n"
     "Each step is kept under the digest of everything it depends on; `tend status` says what would run and why.\n"
     "Exit status 1: an expectation or a gate said no.",
     0, 1, cmd_run,
     {{"force", 'f', NULL, "run the steps even when nothing changed"},
      {"wait", 0, "SECONDS", "for another run in this project (default: as long as it takes; 0: not at all)"}}},
    {"status", "", "what would run, and why", NULL, 0, 0, cmd_status, {{"features", 0, NULL, "show how each column becomes features"}}},
    {"diff", "A B", "what differs between two runs, snapshots, versions or data files",
     "A and B are run ids (or `last`), names or digests of snapshots (`latest`, `reference`), versions (name/3, name@champion), or files.",
     2, 2, cmd_diff, {{0}}},
    {"reproduce", "[RUN]", "run it again from its lock, compare byte for byte",
     "Runs the project from nothing in a scratch folder and compares every step's results with tend.lock, or with those of RUN.\n"
     "Exit status 1: something differs; the first step that does is named.",
     0, 1, cmd_reproduce, {{0}}},
    {"profile", "DATA…", "explore any table: every column summarised, with plots", NULL, 1, CLI_ANY, cmd_profile,
     {{"output", 'o', "FILE", "write the HTML report there (profile.html when absent)"},
      {"target", 't', "COLUMN", "also show each column's association with it"}}},
    {"check", "DATA…", "hold any table against the project's expectations", "Exit status 1: an expectation does not hold.", 1, CLI_ANY,
     cmd_check,
     {{"quarantine", 0, "FILE", "write the offending rows there, with the reasons"}}},
    {"runs list", "", "the runs of this project, newest first", NULL, 0, 0, cmd_runs_list,
     {{"limit", 'n', "N", "how many (default 20)"}, {"metric", 'm', "METRIC", "the metric to show; the problem's when absent"},
      {"sort", 0, "ORDER", "newest, highest or lowest"}}},
    {"runs show", "[RUN]", "one run, whole: steps, metrics, gates, verdict", NULL, 0, 1, cmd_runs_show, {{0}}},
    {"runs compare", "A B…", "runs side by side: parameters and metrics", NULL, 2, CLI_ANY, cmd_runs_compare, {{0}}},
    {"snapshots list", "", "the versions of the data, newest first, with their names", NULL, 0, 0, cmd_snapshots_list, {{0}}},
    {"snapshots name", "SNAPSHOT NAME", "let a name (such as `reference`) stand for a snapshot", NULL, 2, 2, cmd_snapshots_name, {{0}}},
    {"snapshots export", "SNAPSHOT", "bring a snapshot back as a file", NULL, 1, 1, cmd_snapshots_export,
     {{"output", 'o', "FILE", "the file, in any format; NAME.parquet when absent"}}},
    {"report", "[RUN]", "the report of a run: where it is, or a copy of it", NULL, 0, 1, cmd_report,
     {{"output", 'o', "FILE", "write the HTML report there"}, {"card", 0, "FILE", "write the model card there"}}},
    {"models list", "", "the registered models, their versions and aliases", NULL, 0, 0, cmd_models_list, {{0}}},
    {"models show", "MODEL", "a version (name/3, name@champion) or a bundle file: what is in it, and its history", NULL, 1, 1,
     cmd_models_show, {{0}}},
    {"models promote", "MODEL [ALIAS]", "point an alias (default: champion) at a version", NULL, 1, 2, cmd_models_promote,
     {{"why", 0, "TEXT", "the reason, for the audit trail"}}},
    {"models rollback", "MODEL [ALIAS]", "point an alias (default: champion) back at the version before", NULL, 1, 2, cmd_models_rollback,
     {{"why", 0, "TEXT", "the reason, for the audit trail"}}},
    {"models stage", "MODEL STAGE", "put a version into a stage: none, staging, production or archived", NULL, 2, 2, cmd_models_stage,
     {{"why", 0, "TEXT", "the reason, for the audit trail"}}},
    {"models export", "MODEL", "write a version's bundle to a file", NULL, 1, 1,
     cmd_models_export, {{"output", 'o', "FILE", "the file; NAME-N.tend when absent"}}},
    {"models import", "FILE", "register a bundle file as a new version", NULL, 1, 1, cmd_models_import,
     {{"name", 0, "NAME", "the model's name; the bundle's own when absent"}, {"why", 0, "TEXT", "the reason, for the audit trail"}}},
    {"models verify", "[MODEL]", "check every byte of a version, a bundle file, or all versions, and the audit trail", NULL, 0, 1,
     cmd_models_verify, {{0}}},
    {"predict", "MODEL DATA", "batch scoring: any format in, any format out, in flat memory",
     "MODEL is a version (name@champion, name/3) or a bundle file. Rows that break the schema are reported, and left out of the output.\n"
     "Exit status 1: some rows could not be predicted.",
     2, 2, cmd_predict,
     {{"output", 'o', "FILE", "the predictions (.csv .json .ndjson .parquet); CSV on stdout when absent"},
      {"keep", 'k', "COLUMNS", "columns of the data to repeat in the output, separated by commas; `all` for all"},
      {"explain", 0, NULL, "add `contribution_base` and a `contribution_` per feature: what made the margin of each prediction"},
      {"rejected", 0, "FILE", "write the rows that could not be predicted there, with the reasons"}}},
    {"feedback", "MODEL DATA", "say what turned out to be true of predictions that were logged",
     "DATA, in any format, has a column `id` with the ids of predictions, and one named `target` or like the model's target.\n"
     "The last feedback for an id counts; what is known already is not written again, so the same file may be given twice.\n"
     "Exit status 1: some ids are not in the prediction log, or some values are not possible; the others are kept.",
     2, 2, cmd_feedback, {{0}}},
    {"predictions", "[MODEL]", "the logged predictions: which models have some, the latest of one, or any SQL over them",
     "SQL sees two views: predictions (id, time, model, version, route, request, latency_us, features, prediction, probability,\n"
     "probabilities, and target: what turned out to be true) and feedback (id, time, target, who). features and probabilities are JSON:\n"
     "tend predictions churn --sql \"SELECT features->>'city' AS city, avg(probability) AS p FROM predictions GROUP BY city\"",
     0, 1, cmd_predictions,
     {{"sql", 0, "SELECT", "the question; the latest predictions when absent"},
      {"since", 0, "TIME", "only predictions from then on: 2026-11-01, 2026-11-01T08:30, or 7d, 12h, 30m ago"},
      {"limit", 'n', "N", "how many rows to show (default 20)"},
      {"output", 'o', "FILE", "write all rows there (.csv .json .ndjson .parquet)"}}},
    {"doctor", "", "check the installation and this project: libraries, store, objects, audit trail", NULL, 0, 0, cmd_doctor, {{0}}},
    {"serve", "[MODEL…] [--KEY VALUE…]", "serve models over HTTP: predictions, explanations, canaries, a log of every answer",
     "Runs the server, tend-serve, with these words. MODEL is a name of the registry (churn, churn@challenger, churn/3) or a\n"
     "bundle file; without one, every model that has a champion is served. Every key of tend.yaml's `serve` is an option here:\n"
     "--port 8080 is serve.port. Aliases are followed: a promotion or a roll-back takes effect at once, and no request fails.\n"
     "`tend serve --help` lists the options.",
     0, CLI_VERBATIM, cmd_serve, {{0}}},
    {"gc", "", "remove what nothing can ask for any more", NULL, 0, 0, cmd_gc,
     {{"dry-run", 'n', NULL, "only say what would be removed"}, {"keep-days", 0, "N", "keep results used within so many days (default 30)"},
      {"keep-runs", 0, "N", "keep the results of the last N runs (default 10)"}}},
    {"completion", "SHELL", "completion for bash, zsh or fish", "For example: eval \"$(tend completion bash)\"", 1, 1,
     cmd_completion, {{0}}},
    {"help", "[TOPIC]", "explain a command, or: tend.yaml, learners, metrics, transforms, man, schema, reference",
     "`tend help schema` prints the JSON Schema of tend.yaml for editors; `tend help man` a manual page; "
     "`tend help reference` the commands in Markdown.", 0, 2,
     cmd_help, {{0}}},
};
/* clang-format on */
const int cli_n_commands = (int)(sizeof(cli_commands) / sizeof(cli_commands[0]));
