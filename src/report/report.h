/* Reports: documents made from documents. A run's report as one self-contained HTML file, its model card in Markdown,
 * and the report of a profile. Pure functions of their input: no time, no files, no network; equal documents give equal
 * bytes.
 *
 * The run document (all parts but `problem` may be absent; whatever is absent is left out of the report):
 *   problem     {name, question, target, metric, goal, deadline, baseline, min_gain, limits}
 *   snapshot    {sources: {name: [{path, size, sha256, rows, notes}]}, rows, columns, snapshot}
 *   check       {anomalies: [{rule, column, severity, rows, message, hint …}], rows, clean_rows, without_target,
 * duplicates, suggest_drop} profile     data/profile.h's document of the clean rows split       {task, train, test, by,
 * column, classes: [{class, rows}], anomalies} features    feature/pipeline.h's document training    {metric,
 * greater_is_better, learner, title, params, rounds, folds, held_out_rows, threshold, leaderboard: [{learner, title,
 * params, score: {value, low, high}, rounds, best}], history, validation: {metric: {value, low, high}}, libraries}
 *   evaluation  learn/evaluate.h's document, with verdict, gates, importance, learning_curve, metric, passed
 *   model       {name, version, aliases, sha256, size, limits: [gate …]}
 *   provenance  {tend, seed, snapshot, files: [{path, sha256}], libraries, steps}
 */
#ifndef TEND_REPORT_REPORT_H
#define TEND_REPORT_REPORT_H

#include "base/node.h"

/* At most about 1 MB whatever the data: plots are thinned, tables cut with the count of what was left out. Light and
 * dark, phone and print. */
void tend_report_html(const tend_node *run, tend_buf *out);
/* All seven sections of a model card: details, intended use, training data, evaluation data, metrics, ethical
 * considerations (with the disparities between groups), caveats. */
void tend_report_card(const tend_node *run, tend_buf *out);
/* {title, profile, anomalies, associations: [{column, score, kind}], correlations: {columns: […], matrix: [[…]]}} */
void tend_report_profile_html(const tend_node *document, tend_buf *out);

#endif
