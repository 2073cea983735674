/* The bundle: one file that holds a version of a model, whole. Byte by byte in docs/formats/bundle.md.
 *
 * A header (magic, format version), a directory of named sections (offset, size, SHA-256 of each), a SHA-256 of the directory, then the
 * sections, 64-byte aligned: "manifest" (JSON: name, task, classes, threshold, metrics, provenance), "schema" (JSON), "transforms",
 * "predictor", "profile" (the reference profile). Mapped, never executed; every section is verified before it is parsed. Equal contents
 * give equal bytes.
 */
#ifndef TEND_MODEL_BUNDLE_H
#define TEND_MODEL_BUNDLE_H

#include "base/fs.h"
#include "base/node.h"
#include "model/model.h"

#define TEND_BUNDLE_FORMAT 1

typedef struct tend_bundle_section {
    const char *name;
    const void *data;
    size_t size;
    tend_digest digest;
} tend_bundle_section;

typedef struct tend_bundle {
    uint32_t format;
    const char *name; /* the path, or what the caller called it: for messages */
    int n_sections;
    tend_bundle_section *sections;
    tend_digest digest; /* of the header and the directory, and so of all content: the identity of the bundle */
    tend_map map;       /* when opened from a path */
    tend_arena *arena;
} tend_bundle;

/* Sections are written in the order given. */
void tend_bundle_write(const tend_bundle_section *sections, int n, tend_buf *out);
/* Checks magic, format and directory; section digests are checked by tend_bundle_verify or on load. A newer format: UNSUPPORTED, saying
 * which tend reads it. `bytes` must outlive the bundle. */
tend_status tend_bundle_parse(const void *bytes, size_t size, const char *name, tend_bundle **out, tend_error *err) TEND_MUST_USE;
tend_status tend_bundle_open(const char *path, tend_bundle **out, tend_error *err) TEND_MUST_USE;
void tend_bundle_close(tend_bundle *bundle); /* NULL is fine */
static inline void tend_bundle_free(tend_bundle *bundle) { tend_bundle_close(bundle); }
TEND_DEFINE_AUTO(tend_bundle)
const tend_bundle_section *tend_bundle_find(const tend_bundle *bundle, const char *name); /* NULL: absent */
/* Every section against its digest, and the room between sections against zero: together with what parse checks, no byte can
 * change unseen. The error names the section and where in the file it lies. */
tend_status tend_bundle_verify(const tend_bundle *bundle, tend_error *err) TEND_MUST_USE;
/* The manifest alone, its digest checked first. */
tend_status tend_bundle_manifest(const tend_bundle *bundle, tend_arena *arena, tend_node **out, tend_error *err) TEND_MUST_USE;
/* Verifies and loads all that prediction needs. The model does not need the bundle afterwards. */
tend_status tend_bundle_load(const tend_bundle *bundle, tend_model **out, tend_error *err) TEND_MUST_USE;
/* The bundle of a model. `manifest` must have no key that tend writes itself (name, target, task, classes, threshold, format). */
tend_status tend_bundle_save(const tend_model *model, const tend_node *manifest, const void *profile, size_t profile_size, tend_buf *out,
                             tend_error *err) TEND_MUST_USE;

#endif
