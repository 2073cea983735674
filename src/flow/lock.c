/* tend.lock: what a result was made from, in digests; YAML, for people and for git. */
#include "engine/engine.h"
#include "flow/record.h"
#include "flow/version.h"

static void put_digest(tend_buf *out, const char *indent, const char *key, const tend_digest *digest) {
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(digest, hex);
    tend_buf_printf(out, "%s%s: %s\n", indent, key, hex);
}

static void put_files(tend_flow *flow, tend_buf *out) {
    tend_buf_puts(out, "data:\n");
    for (int s = 0; s < flow->project->n_sources; s++) {
        tend_buf_printf(out, "  %s:\n", flow->project->sources[s].name);
        for (int i = 0; i < flow->n_files; i++) {
            if (flow->files[i].source != s)
                continue;
            char hex[TEND_DIGEST_HEX];
            tend_digest_format(&flow->files[i].digest, hex);
            tend_buf_puts(out, "    - {path: ");
            tend_json_escape(out, flow->files[i].path, strlen(flow->files[i].path));
            tend_buf_printf(out, ", size: %llu, sha256: %s}\n", (unsigned long long)flow->files[i].size, hex);
        }
    }
}

void tend_record_lock_text(tend_flow *flow, tend_buf *out) {
    tend_digest config = tend_digest_of(flow->project->text, strlen(flow->project->text));
    tend_buf_puts(out, "# Written by tend; commit it. `tend reproduce` holds a fresh run against it.\nlock: 1\n");
    tend_buf_printf(out, "tend: %s\nseed: %llu\n", TEND_VERSION, (unsigned long long)flow->project->seed);
    put_digest(out, "", "configuration", &config);
    for (int i = 0; i < flow->project->n_sets; i++) {
        tend_buf_puts(out, i ? "  - " : "overrides:\n  - ");
        tend_json_escape(out, flow->project->sets[i], strlen(flow->project->sets[i]));
        tend_buf_putc(out, '\n');
    }
    tend_node *trained;
    if (flow->steps[TEND_STEP_TRAIN].current && tend_flow_load_json(flow, TEND_STEP_TRAIN, "result", &trained, NULL) == TEND_OK)
        TEND_NODE_EACH(library, tend_node_get(trained, "libraries"))
            tend_buf_printf(out, "%s: %s\n", library->key, tend_node_string(library, "?"));
    put_files(flow, out);
    tend_buf_puts(out, "steps:\n");
    /* the report names the version's number, which is the registry's own affair */
    for (int i = 0; i < TEND_STEP_REPORT; i++) {
        const tend_step_record *r = &flow->steps[i];
        if (!r->current)
            continue;
        tend_buf_printf(out, "  %s:\n", tend_steps[i].name);
        put_digest(out, "    ", "key", &r->key);
        for (int k = 0; k < r->n_outputs; k++) {
            /* what validation says depends on the reference of its day; what it gives on does not */
            if (i == TEND_STEP_VALIDATE && strcmp(r->outputs[k].name, "table"))
                continue;
            put_digest(out, "    ", r->outputs[k].name, &r->outputs[k].digest);
        }
    }
}

tend_status tend_record_write_lock(tend_flow *flow, tend_error *err) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_record_lock_text(flow, &text);
    const char *path = tend_flow_state_path(flow, "tend.lock");
    char *old;
    size_t size;
    if (tend_fs_exists(path) && tend_fs_read(path, 16u << 20, flow->arena, &old, &size, NULL) == TEND_OK && size == text.size &&
        !memcmp(old, text.data, size))
        return TEND_OK;
    return tend_fs_write(path, text.data, text.size, 0644, err);
}
