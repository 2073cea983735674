/* The container: header, directory, sections. What the sections mean is in bundle_model.c. */
#include "model/bundle.h"

#include <stdlib.h>

#define MAGIC        "\x89TEND\r\n\x1a" /* not text, and damaged by whatever treats it as text */
#define HEADER_SIZE  64
#define ENTRY_SIZE   80
#define NAME_SIZE    32
#define ALIGN        64
#define MAX_SECTIONS 64
enum { AT_FORMAT = 8, AT_COUNT = 12, AT_SIZE = 16, AT_RESERVED = 24, AT_DIGEST = 32 };

static uint64_t aligned(uint64_t offset) { return (offset + ALIGN - 1) / ALIGN * ALIGN; }

static uint64_t directory_end(uint64_t n_sections) { return HEADER_SIZE + n_sections * ENTRY_SIZE; }

/* Of the header up to the digest, then the directory: no byte of either can change unseen. */
static tend_digest identity(const uint8_t *bytes, uint64_t n_sections) {
    tend_sha256 state;
    tend_sha256_init(&state);
    tend_sha256_update(&state, bytes, AT_DIGEST);
    tend_sha256_update(&state, bytes + HEADER_SIZE, (size_t)(n_sections * ENTRY_SIZE));
    return tend_sha256_final(&state);
}

static void put_entry(tend_buf *out, const tend_bundle_section *section, uint64_t offset) {
    char name[NAME_SIZE] = {0};
    memcpy(name, section->name, strnlen(section->name, NAME_SIZE - 1));
    tend_digest digest = tend_digest_of(section->data, section->size);
    tend_buf_append(out, name, NAME_SIZE);
    tend_buf_u64(out, offset);
    tend_buf_u64(out, section->size);
    tend_buf_append(out, digest.bytes, sizeof digest.bytes);
}

static void put_header(tend_buf *out, uint32_t n_sections, uint64_t file_size) {
    tend_buf_append(out, MAGIC, 8);
    tend_buf_u32(out, TEND_BUNDLE_FORMAT);
    tend_buf_u32(out, n_sections);
    tend_buf_u64(out, file_size);
    tend_buf_u64(out, 0);
    tend_buf_append(out, (tend_digest){0}.bytes, sizeof(tend_digest)); /* filled in at the end */
}

static uint64_t total_size(const tend_bundle_section *sections, int n) {
    uint64_t at = directory_end((uint64_t)n);
    for (int i = 0; i < n; i++)
        at = aligned(at) + sections[i].size;
    return at;
}

void tend_bundle_write(const tend_bundle_section *sections, int n, tend_buf *out) {
    TEND_AUTO_BUF whole = {.max = out->max};
    put_header(&whole, (uint32_t)n, total_size(sections, n));
    uint64_t at = directory_end((uint64_t)n);
    for (int i = 0; i < n; i++) {
        at = aligned(at);
        put_entry(&whole, &sections[i], at);
        at += sections[i].size;
    }
    for (int i = 0; i < n; i++) {
        tend_buf_pad(&whole, ALIGN);
        tend_buf_append(&whole, sections[i].data, sections[i].size);
    }
    if (!whole.overflow) {
        tend_digest digest = identity((const uint8_t *)whole.data, (uint64_t)n);
        memcpy(whole.data + AT_DIGEST, digest.bytes, sizeof digest.bytes);
    }
    tend_buf_append(out, whole.data, whole.size);
    out->overflow = out->overflow || whole.overflow;
}

static tend_status check_start(const uint8_t *bytes, size_t size, const char *name, tend_error *err) {
    if (size < 8 || memcmp(bytes, MAGIC, 8) != 0)
        return tend_error_hint(err, TEND_FAIL(err, CORRUPT, "'%s' is not a bundle: it does not start as one", name),
                               "a bundle is what `tend models export` writes; it must be copied as binary");
    if (size < HEADER_SIZE)
        return TEND_FAIL(err, CORRUPT, "'%s' is cut off: %zu bytes, a bundle's header alone has %d", name, size, HEADER_SIZE);
    return TEND_OK;
}

static tend_status check_format(uint32_t format, const char *name, tend_error *err) {
    if (format > TEND_BUNDLE_FORMAT)
        return tend_error_hint(err,
                               TEND_FAIL(err, UNSUPPORTED, "'%s' is a bundle of format %u; this tend reads formats up to %d", name, format,
                                         TEND_BUNDLE_FORMAT),
                               "a newer tend wrote it: use that version or a later one, or export the model again "
                               "from there");
    if (format == 0)
        return TEND_FAIL(err, CORRUPT, "'%s' is damaged: format 0 does not exist", name);
    return TEND_OK;
}

static tend_status check_size(tend_cursor header, size_t size, const char *name, uint32_t *out_n, tend_error *err) {
    uint32_t n = tend_cursor_u32(&header);
    uint64_t file_size = tend_cursor_u64(&header), reserved = tend_cursor_u64(&header);
    if (n > MAX_SECTIONS || reserved != 0 || directory_end(n) > file_size)
        return TEND_FAIL(err, CORRUPT, "'%s' is damaged: its header makes no sense (bytes 12 to 31)", name);
    if (file_size != size)
        return TEND_FAIL(err, CORRUPT, "'%s' is %s: it has %zu bytes, its header says %llu", name, size < file_size ? "cut off" : "damaged",
                         size, (unsigned long long)file_size);
    *out_n = n;
    return TEND_OK;
}

static tend_status check_name(const char *entry, const tend_bundle *bundle, const char *file, tend_error *err) {
    size_t length = strnlen(entry, NAME_SIZE);
    bool clean = length > 0 && length < NAME_SIZE;
    for (size_t i = 0; clean && i < NAME_SIZE; i++)
        clean = i < length ? entry[i] > ' ' && entry[i] < 127 : entry[i] == 0;
    if (!clean || tend_bundle_find(bundle, entry))
        return TEND_FAIL(err, CORRUPT, "'%s' is damaged: section %d has no name of its own", file, bundle->n_sections);
    return TEND_OK;
}

/* Sections lie one after another without room between them, so that there is no byte that nothing
 * speaks for. */
static tend_status read_directory(tend_bundle *bundle, const uint8_t *bytes, size_t size, uint32_t n, const char *file, tend_error *err) {
    uint64_t end = directory_end(n);
    tend_cursor c = tend_cursor_init(bytes + HEADER_SIZE, (size_t)(end - HEADER_SIZE));
    bundle->sections = TEND_ARRAY(bundle->arena, tend_bundle_section, n);
    for (uint32_t i = 0; i < n; i++) {
        const char *entry = tend_cursor_bytes(&c, NAME_SIZE);
        TEND_TRY(check_name(entry, bundle, file, err));
        uint64_t offset = tend_cursor_u64(&c), length = tend_cursor_u64(&c);
        if (offset != aligned(end) || offset > size || length > size - offset)
            return TEND_FAIL(err, CORRUPT, "'%s' is damaged: section '%s' does not lie where it should", file, entry);
        end = offset + length;
        tend_bundle_section *section = &bundle->sections[bundle->n_sections++];
        *section = (tend_bundle_section){.name = entry, .data = bytes + offset, .size = (size_t)length};
        memcpy(section->digest.bytes, tend_cursor_bytes(&c, sizeof section->digest.bytes), sizeof section->digest.bytes);
    }
    if (end != size)
        return TEND_FAIL(err, CORRUPT, "'%s' is damaged: %llu bytes follow its last section", file, (unsigned long long)(size - end));
    return TEND_OK;
}

static tend_status parse(tend_bundle *bundle, const uint8_t *bytes, size_t size, const char *name, tend_error *err) {
    uint32_t n = 0;
    TEND_TRY(check_start(bytes, size, name, err));
    tend_cursor header = tend_cursor_init(bytes, size);
    header.at = AT_FORMAT;
    bundle->format = tend_cursor_u32(&header);
    TEND_TRY(check_format(bundle->format, name, err));
    TEND_TRY(check_size(header, size, name, &n, err));
    memcpy(bundle->digest.bytes, bytes + AT_DIGEST, sizeof bundle->digest.bytes);
    tend_digest found = identity(bytes, n);
    if (!tend_digest_eq(&found, &bundle->digest))
        return TEND_FAIL(err, CORRUPT, "'%s' is damaged: its directory (bytes 0 to %llu) does not have the digest it carries", name,
                         (unsigned long long)directory_end(n) - 1);
    return read_directory(bundle, bytes, size, n, name, err);
}

static tend_bundle *new_bundle(const char *name) {
    tend_arena *arena = tend_arena_new();
    tend_bundle *bundle = TEND_NEW(arena, tend_bundle);
    bundle->arena = arena;
    bundle->name = tend_arena_strdup(arena, name);
    return bundle;
}

tend_status tend_bundle_parse(const void *bytes, size_t size, const char *name, tend_bundle **out, tend_error *err) {
    TEND_AUTO(tend_bundle) *bundle = new_bundle(name);
    TEND_TRY(parse(bundle, bytes, size, bundle->name, err));
    *out = TEND_STEAL(bundle);
    return TEND_OK;
}

tend_status tend_bundle_open(const char *path, tend_bundle **out, tend_error *err) {
    TEND_AUTO(tend_bundle) *bundle = new_bundle(path);
    TEND_TRY(tend_fs_map(path, &bundle->map, err));
    TEND_TRY(parse(bundle, bundle->map.data, bundle->map.size, bundle->name, err));
    *out = TEND_STEAL(bundle);
    return TEND_OK;
}

void tend_bundle_close(tend_bundle *bundle) {
    if (!bundle)
        return;
    if (bundle->map.data)
        tend_fs_unmap(&bundle->map);
    tend_arena_free(bundle->arena);
}

const tend_bundle_section *tend_bundle_find(const tend_bundle *bundle, const char *name) {
    for (int i = 0; i < bundle->n_sections; i++)
        if (strcmp(bundle->sections[i].name, name) == 0)
            return &bundle->sections[i];
    return NULL;
}

/* Where sections begin, counted from the start of the file: the first is a known distance behind
 * it. */
static size_t offset_of(const tend_bundle *bundle, const tend_bundle_section *section) {
    const uint8_t *first = bundle->sections[0].data, *at = section->data;
    return (size_t)aligned(directory_end((uint64_t)bundle->n_sections)) + (size_t)(at - first);
}

static tend_status check_padding(const tend_bundle *bundle, const tend_bundle_section *section, size_t *end, tend_error *err) {
    const uint8_t *data = section->data;
    size_t offset = offset_of(bundle, section);
    for (size_t i = *end; i < offset; i++)
        if (data[(ptrdiff_t)i - (ptrdiff_t)offset] != 0)
            return TEND_FAIL(err, CORRUPT, "'%s' is damaged: byte %zu before section '%s' is not zero", bundle->name, i, section->name);
    *end = offset + section->size;
    return TEND_OK;
}

tend_status tend_bundle_verify(const tend_bundle *bundle, tend_error *err) {
    size_t end = (size_t)directory_end((uint64_t)bundle->n_sections);
    for (int i = 0; i < bundle->n_sections; i++) {
        const tend_bundle_section *section = &bundle->sections[i];
        TEND_TRY(check_padding(bundle, section, &end, err));
        tend_digest found = tend_digest_of(section->data, section->size);
        if (!tend_digest_eq(&found, &section->digest))
            return TEND_FAIL(err, CORRUPT,
                             "'%s' is damaged: section '%s' (bytes %zu to %zu) does not have the "
                             "digest that the "
                             "directory gives",
                             bundle->name, section->name, offset_of(bundle, section), end);
    }
    return TEND_OK;
}
