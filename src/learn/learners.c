#include "learn/params.h"

const tend_learner *const tend_learners[] = {
    &tend_learner_xgboost,
    &tend_learner_random_forest,
    &tend_learner_logistic,
    &tend_learner_ridge,
    &tend_learner_lasso,
    &tend_learner_baseline,
    NULL,
};

const tend_learner *tend_learner_find(const char *name) {
    for (const tend_learner *const *learner = tend_learners; *learner; learner++)
        if (strcmp((*learner)->name, name) == 0)
            return *learner;
    return NULL;
}
