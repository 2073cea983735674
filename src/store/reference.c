/* "churn", "churn@champion", "churn/3", "churn:3" */
#include "store/registry.h"

#include "base/text.h"

#include <string.h>

static tend_status malformed(const char *text, const char *what, tend_error *err) {
    tend_status status = TEND_FAIL(err, USAGE, "'%.200s' is not a reference to a model: %s", text, what);
    return tend_error_hint(err, status, "write NAME, NAME@ALIAS or NAME/VERSION, such as churn@champion or churn/3");
}

static tend_status copy_name(const char *what, const char *at, size_t size, char out[TEND_NAME_MAX + 1], tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *name = tend_arena_strndup(arena, at, size);
    TEND_TRY(tend_name_check(what, name, err));
    memcpy(out, name, size + 1);
    return TEND_OK;
}

tend_status tend_model_ref_parse(const char *text, tend_model_ref *out_ref, tend_error *err) {
    static const char scheme[] = "models:/"; /* as MLflow's clients write it */
    tend_model_ref ref = {0};
    const char *at = tend_text_has_prefix(text, scheme) ? text + strlen(scheme) : text;
    size_t name = strcspn(at, "@/:");
    const char *rest = at + name + 1;
    if (name == 0)
        return malformed(text, "the name is missing", err);
    TEND_TRY(copy_name("model name", at, name, ref.model, err));
    if (at[name] == '@') {
        if (!*rest)
            return malformed(text, "the alias after '@' is missing", err);
        TEND_TRY(copy_name("alias", rest, strlen(rest), ref.alias, err));
    } else if (at[name]) {
        if (strspn(rest, "0123456789") != strlen(rest) || !tend_text_parse_int(tend_str_of(rest), &ref.number) || ref.number <= 0)
            return malformed(text, "a version is a number from 1", err);
    }
    *out_ref = ref;
    return TEND_OK;
}
