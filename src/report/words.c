#include "report/words.h"

#include "report/figure.h"

#include <math.h>

static const metric_words metrics[] = {
    {"roc_auc", "area under the ROC curve", true, true, "How well rows are put in order: 1 is perfect, 0.5 is guessing."},
    {"pr_auc", "average precision", true, true, "Precision over all thresholds: 1 is perfect, the share of positives is guessing."},
    {"log_loss", "log loss", false, false, "How surprised the probabilities are by the truth: 0 is perfect."},
    {"brier", "Brier score", false, false, "Mean squared distance of the probabilities from what happened: 0 is perfect."},
    {"calibration_error", "calibration error", false, true, "How far probabilities are from the observed shares: 0 is perfect."},
    {"accuracy", "accuracy", true, true, "The share of rows that are decided right."},
    {"balanced_accuracy", "balanced accuracy", true, true, "The share decided right, each class counting the same."},
    {"precision", "precision", true, true, "Of the rows called positive, the share that are."},
    {"recall", "recall", true, true, "Of the rows that are positive, the share that is found."},
    {"f1", "F1", true, true, "Precision and recall in one figure (their harmonic mean)."},
    {"specificity", "specificity", true, true, "Of the rows that are negative, the share that is left alone."},
    {"precision_macro", "precision, mean of the classes", true, true, "Precision of each class, averaged."},
    {"recall_macro", "recall, mean of the classes", true, true, "Recall of each class, averaged."},
    {"f1_macro", "F1, mean of the classes", true, true, "F1 of each class, averaged."},
    {"f1_weighted", "F1, weighted by class size", true, true, "F1 of each class, averaged by how frequent it is."},
    {"mcc", "Matthews correlation", true, false, "Correlation of decision and truth: 1 is perfect, 0 is guessing."},
    {"rmse", "root mean squared error", false, false, "A typical error in the target's unit, large errors counting more."},
    {"mae", "mean absolute error", false, false, "How far predictions are off on average, in the target's unit."},
    {"median_absolute_error", "median absolute error", false, false, "Half of the predictions are closer than this."},
    {"r2", "R squared", true, false, "The share of the target's variation that is explained: 1 is perfect, 0 is always saying the mean."},
    {"mape", "mean absolute percentage error", false, false, "How far predictions are off, as a share of the truth."},
    {"rmsle", "root mean squared logarithmic error", false, false, "A typical error of the logarithm: about the error as a share."},
    {"max_error", "largest error", false, false, "The worst single prediction is off by this."},
    {NULL, NULL, false, false, NULL},
};

const metric_words *words_metric(const char *name) {
    for (const metric_words *m = metrics; name && m->name; m++)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

const char *words_metric_title(const char *name) {
    const metric_words *m = words_metric(name);
    return m ? m->title : name;
}

/* before, the value as a figure or out of 100, after */
static const struct {
    const char *metric, *before, *after;
    bool of_100;
} sentences[] = {
    {"roc_auc", "Of 100 pairs of a positive and a negative row, it puts about ", " in the right order.", true},
    {"accuracy", "About ", " of 100 rows are decided right.", true},
    {"precision", "When it says yes, it is right in about ", " of 100 cases.", true},
    {"recall", "It finds about ", " of 100 positive rows.", true},
    {"r2", "It explains about ", " % of the target's variation.", true},
    {"mae", "Predictions are off by ", " on average.", false},
    {"rmse", "A typical prediction is off by about ", ", large errors counting more.", false},
    {"median_absolute_error", "Half of the predictions are off by less than ", ".", false},
    {"mape", "Predictions are off by about ", " % on average.", true},
};

void words_explain(tend_buf *out, const char *metric, double value) {
    char text[FIGURE_SIZE];
    if (!metric || !isfinite(value))
        return;
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
        if (strcmp(sentences[i].metric, metric) != 0 || (sentences[i].of_100 && value < 0))
            continue;
        const char *said = sentences[i].of_100 ? figure_fixed(value * 100, 0, text) : figure(value, text);
        tend_buf_printf(out, "%s%s%s", sentences[i].before, said, sentences[i].after);
        return;
    }
    const metric_words *m = words_metric(metric);
    if (m)
        tend_buf_puts(out, m->meaning);
}

typedef struct pair {
    const char *name, *words;
} pair;

static const char *look_up(const pair *pairs, const char *name) {
    for (; name && pairs->name; pairs++)
        if (strcmp(pairs->name, name) == 0)
            return pairs->words;
    return name;
}

const char *words_rule(const char *rule) {
    static const pair rules[] = {
        {"range", "outside its range"},
        {"type", "not of its type"},
        {"values", "not an allowed value"},
        {"required", "missing where required"},
        {"unique", "not unique"},
        {"rows", "number of rows"},
        {"columns", "columns"},
        {"sql", "a rule in SQL"},
        {"drift", "differs from the reference"},
        {"leak.target", "gives the target away"},
        {"leak.overlap", "same rows in training and test"},
        {"constant", "always the same"},
        {"identifier", "an identifier"},
        {"collinear", "repeats another column"},
        {"duplicate_rows", "duplicate rows"},
        {NULL, NULL},
    };
    return look_up(rules, rule);
}

const char *words_transform(const char *transform) {
    static const pair transforms[] = {
        {"passthrough", "taken as it is"},
        {"drop", "left out"},
        {"impute", "missing values filled"},
        {"standardize", "standardised"},
        {"robust_scale", "scaled by quartiles"},
        {"min_max_scale", "scaled to a range"},
        {"log1p", "logarithm"},
        {"quantile_bin", "bins of equal count"},
        {"uniform_bin", "bins of equal width"},
        {"one_hot", "one yes/no feature per value"},
        {"ordinal", "numbered values"},
        {"frequency", "how frequent the value is"},
        {"hash", "hashed into a fixed number of features"},
        {"target_encode", "mean target of the value (out of fold)"},
        {"cross", "combined values"},
        {"date_parts", "parts of the date"},
        {"age", "time since a fixed date"},
        {"tfidf", "words, weighted by rarity"},
        {NULL, NULL},
    };
    return look_up(transforms, transform);
}

const char *words_baseline(const char *name) {
    static const pair baselines[] = {
        {"majority", "always the most frequent class"},
        {"mean", "always the mean"},
        {"median", "always the median"},
        {"rule", "today's rule"},
        {NULL, NULL},
    };
    return look_up(baselines, name);
}

const char *words_task(const char *task) {
    static const pair tasks[] = {
        {"binary", "a decision between two classes"},
        {"multiclass", "a decision between several classes"},
        {"regression", "a number"},
        {NULL, NULL},
    };
    return look_up(tasks, task);
}

const char *words_type(const char *type) {
    static const pair types[] = {
        {"integer", "whole number"}, {"string", "text"}, {"boolean", "true or false"}, {"timestamp", "date and time"}, {NULL, NULL},
    };
    return look_up(types, type);
}
