/* XGBoost's C library, loaded on first use. A call through the table fails as its header says; TEND_XGB turns that into our
 * error without the library's stack trace:
 *
 *     TEND_TRY(tend_xgb_load(err));
 *     TEND_XGB(XGBoosterUpdateOneIter(booster, round, data), err);
 */
#ifndef TEND_LEARN_XGBOOST_API_H
#define TEND_LEARN_XGBOOST_API_H

#include "base/error.h"

#include <xgboost/c_api.h>

#define TEND_XGB_FUNCTIONS(X)      \
    X(XGBoostVersion)              \
    X(XGBGetLastError)             \
    X(XGBRegisterLogCallback)      \
    X(XGDMatrixCreateFromDense)    \
    X(XGDMatrixSetFloatInfo)       \
    X(XGDMatrixSetStrFeatureInfo)  \
    X(XGDMatrixFree)               \
    X(XGBoosterCreate)             \
    X(XGBoosterFree)               \
    X(XGBoosterSetParam)           \
    X(XGBoosterUpdateOneIter)      \
    X(XGBoosterBoostOneIter)       \
    X(XGBoosterPredictFromDMatrix) \
    X(XGBoosterSlice)              \
    X(XGBoosterSaveModelToBuffer)

#define X(name) __typeof__(&name) name;
typedef struct tend_xgb_api {
    TEND_XGB_FUNCTIONS(X)
} tend_xgb_api;
#undef X

extern tend_xgb_api tend_xgb; /* empty before tend_xgb_load */

tend_status tend_xgb_load(tend_error *err) TEND_MUST_USE;
const char *tend_xgb_version(void); /* "1.7.4"; loads the library; NULL when there is none */
/* The last error of this thread as ours: the first line, without source position and stack. */
tend_status tend_xgb_fail(tend_error *err);

#define TEND_XGB(call, err)            \
    do {                               \
        if (tend_xgb.call != 0)        \
            return tend_xgb_fail(err); \
    } while (0)

#endif
