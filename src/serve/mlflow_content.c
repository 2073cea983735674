/* Which content types MLflow's scoring protocol takes, parameters included. */
#include "serve/mlflow.h"

static bool is_folded(tend_str s, const char *lower) {
    bool same = s.size == strlen(lower);
    for (size_t i = 0; same && i < s.size; i++)
        same = (s.at[i] >= 'A' && s.at[i] <= 'Z' ? s.at[i] + 32 : s.at[i]) == lower[i];
    return same;
}

static tend_str cut_at(tend_str *rest, char c) {
    const char *end = rest->size ? memchr(rest->at, c, rest->size) : NULL;
    tend_str part = {rest->at, end ? (size_t)(end - rest->at) : rest->size};
    size_t used = part.size + (end != NULL);
    *rest = (tend_str){rest->at ? rest->at + used : NULL, rest->size - used};
    return tend_str_trim(part);
}

const char *serve_mlflow_content_fault(tend_str content_type, bool *out_csv) {
    tend_str rest = content_type, type = cut_at(&rest, ';');
    *out_csv = is_folded(type, "text/csv");
    if (!*out_csv && !is_folded(type, "application/json"))
        return "this address takes application/json and text/csv";
    while (rest.size) {
        tend_str value = cut_at(&rest, ';'), name = cut_at(&value, '=');
        if (!name.size)
            continue;
        if (!is_folded(name, "charset"))
            return "the content type has a parameter that is not known: only charset is";
        value = tend_str_trim(value);
        if (value.size >= 2 && value.at[0] == '"' && value.at[value.size - 1] == '"')
            value = (tend_str){value.at + 1, value.size - 2};
        if (!is_folded(value, "utf-8"))
            return "the charset can only be utf-8";
    }
    return NULL;
}
