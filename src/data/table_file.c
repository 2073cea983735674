/* The table file: docs/formats/table.md describes it byte by byte.
 *
 * A table is a list of plain arrays (streams), each cut into blocks of 1 MiB that are compressed and checked one by one. Which
 * streams there are, and how long, follows from the columns, so the file does not say it twice.
 */
#include "data/table.h"

#include "base/thread.h"

#include <math.h>
#include <stdlib.h>
#include <zstd.h>

enum { VERSION = 1, HEAD_SIZE = 48, BLOCK = 1 << 20, LEVEL = 1, MAX_COLUMNS = 1000000 };
static const char MAGIC[8] = {'T', 'E', 'N', 'D', 'T', 'B', 'L', '\n'};
#define MAX_ROWS (INT64_C(1) << 40)
#define MAX_TEXT (UINT64_C(1) << 44)

typedef struct stream {
    char *data;
    size_t size;
    bool owned; /* data was made for the file only */
} stream;

typedef struct streams {
    stream *items;
    size_t n, capacity;
} streams;

static void streams_done(streams *s) {
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].owned)
            free(s->items[i].data);
    free(s->items);
}

static stream *add_stream(streams *s, const void *data, size_t size, bool owned) {
    if (s->n == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 64;
        s->items = tend_realloc(s->items, s->capacity * sizeof(stream));
    }
    stream *item = &s->items[s->n++];
    memcpy(&item->data, &data, sizeof data); /* only read while saving */
    item->size = size;
    item->owned = owned;
    return item;
}

static size_t count_blocks(const streams *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += (s->items[i].size + BLOCK - 1) / BLOCK;
    return n;
}

/* One block: its raw bytes in memory, its stored bytes in the file. */
typedef struct block {
    char *raw;
    uint32_t raw_size, stored_size;
    char *stored;
    uint64_t hash;
    bool failed;
} block;

static block *cut_blocks(const streams *s, size_t n) {
    block *blocks = tend_calloc(n, sizeof(block));
    size_t at = 0;
    for (size_t i = 0; i < s->n; i++)
        for (size_t begin = 0; begin < s->items[i].size; begin += BLOCK) {
            size_t left = s->items[i].size - begin;
            blocks[at++] = (block){.raw = s->items[i].data + begin, .raw_size = (uint32_t)(left < BLOCK ? left : BLOCK)};
        }
    return blocks;
}

/* ---- saving ---- */

/* The bitmap from bit 0, with the padding bits cleared. */
static uint8_t *plain_valid(const tend_column *c) {
    uint8_t *bits = tend_calloc((size_t)(c->n_rows + 7) / 8, 1);
    memcpy(bits, c->valid, (size_t)(c->n_rows + 7) / 8);
    if (c->n_rows % 8)
        bits[c->n_rows / 8] &= (uint8_t)((1u << (c->n_rows % 8)) - 1);
    return bits;
}

/* Slots of missing values hold zeros in the file, whatever stands in memory. */
static void *plain_slots(const tend_column *c) {
    int64_t *slots = tend_malloc((size_t)c->n_rows * 8);
    memcpy(slots, c->type == TEND_FLOAT ? (const void *)c->floats : (const void *)c->ints, (size_t)c->n_rows * 8);
    for (int64_t i = 0; i < c->n_rows; i++)
        if (!tend_is_valid(c, i))
            slots[i] = 0;
    return slots;
}

static tend_status add_strings(streams *s, const tend_column *c, tend_error *err) {
    uint32_t *sizes = tend_malloc((size_t)c->n_rows * 4);
    add_stream(s, sizes, (size_t)c->n_rows * 4, true);
    for (int64_t i = 0; i < c->n_rows; i++) {
        int64_t size = c->offsets[i + 1] - c->offsets[i];
        if (size > UINT32_MAX)
            return TEND_FAIL(err, LIMIT, "column '%s': a text of %lld bytes is longer than a table file can hold (4 GiB)", c->name,
                             (long long)size);
        sizes[i] = (uint32_t)size;
    }
    add_stream(s, c->bytes + c->offsets[0], (size_t)(c->offsets[c->n_rows] - c->offsets[0]), false);
    return TEND_OK;
}

static tend_status add_column(streams *s, const tend_column *c, tend_error *err) {
    if (c->n_rows == 0)
        return TEND_OK;
    if (c->n_missing > 0)
        add_stream(s, plain_valid(c), (size_t)(c->n_rows + 7) / 8, true);
    if (c->type == TEND_STRING)
        return add_strings(s, c, err);
    if (c->n_missing > 0)
        add_stream(s, plain_slots(c), (size_t)c->n_rows * 8, true);
    else
        add_stream(s, c->type == TEND_FLOAT ? (const void *)c->floats : (const void *)c->ints, (size_t)c->n_rows * 8, false);
    return TEND_OK;
}

/* Lines as differences from the row before: nearly always 1. */
static void add_places(streams *s, const tend_table *table) {
    if (table->n_rows == 0)
        return;
    if (table->line) {
        uint32_t *steps = tend_malloc((size_t)table->n_rows * 4);
        for (int64_t i = 0; i < table->n_rows; i++)
            steps[i] = table->line[i] - (i ? table->line[i - 1] : 0);
        add_stream(s, steps, (size_t)table->n_rows * 4, true);
    }
    if (table->part)
        add_stream(s, table->part, (size_t)table->n_rows * 2, false);
}

static void compress_block(void *ctx, size_t i) {
    block *b = (block *)ctx + i;
    size_t bound = ZSTD_compressBound(b->raw_size);
    b->stored = tend_malloc(bound);
    size_t size = ZSTD_compress(b->stored, bound, b->raw, b->raw_size, LEVEL);
    if (ZSTD_isError(size) || size >= b->raw_size) { /* not worth it: as it is */
        memcpy(b->stored, b->raw, b->raw_size);
        size = b->raw_size;
    }
    b->stored_size = (uint32_t)size;
    b->hash = tend_hash64(b->stored, size, i);
}

static void write_meta(const tend_table *table, const block *blocks, size_t n_blocks, tend_buf *meta) {
    tend_buf_u64(meta, (uint64_t)table->n_rows);
    tend_buf_u32(meta, (uint32_t)table->n_columns);
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        tend_buf_str(meta, c->name);
        tend_buf_u8(meta, (uint8_t)c->type);
        tend_buf_u64(meta, (uint64_t)c->n_missing);
        bool text = c->type == TEND_STRING && c->n_rows > 0;
        tend_buf_u64(meta, text ? (uint64_t)(c->offsets[c->n_rows] - c->offsets[0]) : 0);
    }
    tend_buf_u32(meta, (uint32_t)table->n_files);
    for (int i = 0; i < table->n_files; i++)
        tend_buf_str(meta, table->files[i]);
    tend_buf_u8(meta, (uint8_t)((table->line ? 1 : 0) | (table->part ? 2 : 0)));
    tend_buf_u64(meta, n_blocks);
    for (size_t i = 0; i < n_blocks; i++) {
        tend_buf_u32(meta, blocks[i].raw_size);
        tend_buf_u32(meta, blocks[i].stored_size);
        tend_buf_u64(meta, blocks[i].hash);
    }
}

static void write_file(const tend_buf *meta, const block *blocks, size_t n_blocks, tend_buf *out) {
    size_t stored = 0;
    for (size_t i = 0; i < n_blocks; i++)
        stored += blocks[i].stored_size;
    size_t total = HEAD_SIZE + meta->size + stored;
    if (out->max == 0)
        out->max = out->size + total > (size_t)1 << 30 ? out->size + total : 0;
    size_t start = out->size;
    tend_buf_append(out, MAGIC, sizeof MAGIC);
    tend_buf_u32(out, VERSION);
    tend_buf_u32(out, 0);
    tend_buf_u64(out, total);
    tend_buf_u64(out, meta->size);
    tend_buf_u64(out, tend_hash64(tend_buf_text(meta), meta->size, VERSION));
    if (!out->overflow)
        tend_buf_u64(out, tend_hash64(out->data + start, out->size - start, VERSION));
    tend_buf_append(out, meta->data, meta->size);
    for (size_t i = 0; i < n_blocks; i++)
        tend_buf_append(out, blocks[i].stored, blocks[i].stored_size);
}

static tend_status collect(const tend_table *table, streams *s, tend_error *err) {
    if (table->n_columns > MAX_COLUMNS || table->n_rows > MAX_ROWS)
        return TEND_FAIL(err, LIMIT, "a table of %lld rows and %d columns is larger than a table file can hold", (long long)table->n_rows,
                         table->n_columns);
    for (int i = 0; i < table->n_columns; i++)
        TEND_TRY(add_column(s, &table->columns[i], err));
    add_places(s, table);
    return TEND_OK;
}

tend_status tend_table_save(const tend_table *table, tend_buf *out, tend_error *err) {
    streams s = {0};
    tend_status status = collect(table, &s, err);
    if (status == TEND_OK) {
        size_t n = count_blocks(&s);
        block *blocks = cut_blocks(&s, n);
        tend_parallel_for(n, 0, compress_block, blocks);
        TEND_AUTO_BUF meta = TEND_BUF_INIT;
        write_meta(table, blocks, n, &meta);
        status = tend_buf_status(&meta, err);
        if (status == TEND_OK)
            write_file(&meta, blocks, n, out);
        for (size_t i = 0; i < n; i++)
            free(blocks[i].stored);
        free(blocks);
    }
    streams_done(&s);
    return status == TEND_OK ? tend_buf_status(out, err) : status;
}

/* ---- loading ---- */

typedef struct head {
    const char *meta;
    size_t meta_size, stored_size;
    char *stored;
} head;

static tend_status corrupt(tend_error *err, const char *what) { return TEND_FAIL(err, CORRUPT, "the table file is damaged: %s", what); }

static tend_status read_head(const void *bytes, size_t size, head *out, tend_error *err) {
    tend_cursor c = tend_cursor_init(bytes, size);
    const void *magic = tend_cursor_bytes(&c, sizeof MAGIC);
    if (!magic || memcmp(magic, MAGIC, sizeof MAGIC) != 0)
        return TEND_FAIL(err, CORRUPT, "this is not a table file: it does not start with TENDTBL");
    uint32_t version = tend_cursor_u32(&c), flags = tend_cursor_u32(&c);
    uint64_t total = tend_cursor_u64(&c), meta_size = tend_cursor_u64(&c), meta_hash = tend_cursor_u64(&c);
    uint64_t head_hash = tend_cursor_u64(&c);
    if (c.failed)
        return corrupt(err, "it ends within its first 48 bytes");
    if (head_hash != tend_hash64(bytes, HEAD_SIZE - 8, VERSION))
        return corrupt(err, "its first 48 bytes do not have their checksum");
    if (version != VERSION || flags != 0)
        return TEND_FAIL(err, UNSUPPORTED, "the table file has version %u; this tend reads version %d", version, VERSION);
    if (total != size || meta_size > size - HEAD_SIZE)
        return TEND_FAIL(err, CORRUPT, "the table file is damaged: it has %zu bytes where its head says %llu", size,
                         (unsigned long long)total);
    out->meta = (const char *)bytes + HEAD_SIZE;
    out->meta_size = (size_t)meta_size;
    const char *stored = out->meta + meta_size;
    memcpy(&out->stored, &stored, sizeof stored); /* only read while loading */
    out->stored_size = size - HEAD_SIZE - (size_t)meta_size;
    return tend_hash64(out->meta, out->meta_size, VERSION) == meta_hash ? TEND_OK : corrupt(err, "its description has a wrong checksum");
}

/* What the description says a string column holds, beside what tend_column can tell. */
typedef struct shape {
    tend_table *table;
    uint64_t *text_sizes;
    bool has_line, has_part;
} shape;

static tend_status read_columns(tend_cursor *c, tend_arena *arena, shape *out, tend_error *err) {
    uint64_t n_rows = tend_cursor_u64(c);
    uint32_t n_columns = tend_cursor_u32(c);
    if (c->failed || n_rows > MAX_ROWS || n_columns > MAX_COLUMNS || n_columns > c->size / 21)
        return corrupt(err, "its description claims an impossible size");
    out->table = tend_table_new(arena, (int)n_columns, (int64_t)n_rows);
    out->text_sizes = TEND_ARRAY(arena, uint64_t, n_columns);
    for (uint32_t i = 0; i < n_columns; i++) {
        tend_column *column = &out->table->columns[i];
        column->name = tend_cursor_str(c, arena);
        uint8_t type = tend_cursor_u8(c);
        uint64_t missing = tend_cursor_u64(c);
        out->text_sizes[i] = tend_cursor_u64(c);
        if (c->failed || type >= TEND_TYPE_COUNT || missing > n_rows || out->text_sizes[i] > MAX_TEXT ||
            (type != TEND_STRING && out->text_sizes[i] > 0))
            return corrupt(err, "its description of a column makes no sense");
        column->type = (tend_type)type;
        column->n_missing = (int64_t)missing;
    }
    return TEND_OK;
}

static tend_status read_files(tend_cursor *c, tend_arena *arena, shape *out, tend_error *err) {
    uint32_t n_files = tend_cursor_u32(c);
    if (c->failed || n_files > UINT16_MAX || n_files > c->size / 4)
        return corrupt(err, "its list of files makes no sense");
    const char **files = TEND_ARRAY(arena, const char *, n_files);
    for (uint32_t i = 0; i < n_files; i++)
        files[i] = tend_cursor_str(c, arena);
    uint8_t places = tend_cursor_u8(c);
    if (c->failed || places > 3)
        return corrupt(err, "its list of files makes no sense");
    out->table->files = n_files ? files : NULL;
    out->table->n_files = (int)n_files;
    out->has_line = places & 1;
    out->has_part = places & 2;
    return TEND_OK;
}

static size_t blocks_of(uint64_t size) { return (size_t)((size + BLOCK - 1) / BLOCK); }

/* The blocks that the shape calls for; the file must have exactly these. */
static uint64_t expected_blocks(const shape *s) {
    uint64_t n = 0, rows = (uint64_t)s->table->n_rows;
    for (int i = 0; rows > 0 && i < s->table->n_columns; i++) {
        const tend_column *c = &s->table->columns[i];
        n += c->n_missing ? blocks_of((rows + 7) / 8) : 0;
        n += c->type == TEND_STRING ? blocks_of(rows * 4) + blocks_of(s->text_sizes[i]) : blocks_of(rows * 8);
    }
    return n + (s->has_line ? blocks_of(rows * 4) : 0) + (s->has_part ? blocks_of(rows * 2) : 0);
}

/* Sizes and checksums of all blocks are held against the file before memory is taken for what they claim to hold. */
static tend_status read_blocks(tend_cursor *c, const head *h, const shape *s, block **out_blocks, size_t *out_n, tend_error *err) {
    uint64_t n = tend_cursor_u64(c);
    if (c->failed || n != (c->size - c->at) / 16 || (c->size - c->at) % 16 || n != expected_blocks(s))
        return corrupt(err, "its list of blocks does not fit its columns");
    block *blocks = tend_calloc((size_t)n, sizeof(block));
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        block *b = &blocks[i];
        b->raw_size = tend_cursor_u32(c);
        b->stored_size = tend_cursor_u32(c);
        b->hash = tend_cursor_u64(c);
        b->stored = h->stored + at;
        if (b->raw_size > BLOCK || b->stored_size > b->raw_size || b->stored_size > h->stored_size - at ||
            tend_hash64(b->stored, b->stored_size, i) != b->hash) {
            free(blocks);
            return TEND_FAIL(err, CORRUPT, "the table file is damaged: block %zu of %llu does not have its checksum", i + 1,
                             (unsigned long long)n);
        }
        at += b->stored_size;
    }
    if (at != h->stored_size) {
        free(blocks);
        return corrupt(err, "there are bytes behind its last block");
    }
    *out_blocks = blocks;
    *out_n = (size_t)n;
    return TEND_OK;
}

static void unpack_block(void *ctx, size_t i) {
    block *b = (block *)ctx + i;
    if (b->stored_size == b->raw_size)
        memcpy(b->raw, b->stored, b->raw_size);
    else
        b->failed = ZSTD_decompress(b->raw, b->raw_size, b->stored, b->stored_size) != b->raw_size;
}

/* Memory for every stream, in the order of the file. */
static void lay_out(const shape *of, tend_arena *arena, streams *s) {
    size_t rows = (size_t)of->table->n_rows;
    for (int i = 0; rows > 0 && i < of->table->n_columns; i++) {
        const tend_column *c = &of->table->columns[i];
        if (c->n_missing)
            add_stream(s, tend_arena_alloc(arena, (rows + 7) / 8), (rows + 7) / 8, false);
        if (c->type == TEND_STRING) {
            add_stream(s, tend_calloc(rows, 4), rows * 4, true);
            add_stream(s, tend_arena_alloc(arena, (size_t)of->text_sizes[i]), (size_t)of->text_sizes[i], false);
        } else {
            add_stream(s, tend_arena_alloc(arena, rows * 8), rows * 8, false);
        }
    }
    if (rows > 0 && of->has_line)
        add_stream(s, tend_arena_alloc(arena, rows * 4), rows * 4, false);
    if (rows > 0 && of->has_part)
        add_stream(s, tend_arena_alloc(arena, rows * 2), rows * 2, false);
}

static tend_status unpack(const streams *s, block *blocks, size_t n, tend_error *err) {
    size_t n_cut = count_blocks(s);
    block *cut = cut_blocks(s, n_cut);
    bool fits = n_cut == n;
    for (size_t i = 0; fits && i < n; i++) {
        fits = cut[i].raw_size == blocks[i].raw_size;
        blocks[i].raw = cut[i].raw;
    }
    free(cut);
    if (!fits)
        return corrupt(err, "its blocks do not have the sizes of its columns");
    tend_parallel_for(n, 0, unpack_block, blocks);
    for (size_t i = 0; i < n; i++)
        if (blocks[i].failed)
            return TEND_FAIL(err, CORRUPT, "the table file is damaged: block %zu of %zu cannot be unpacked", i + 1, n);
    return TEND_OK;
}

static tend_status attach_strings(const stream *sizes, const stream *text, tend_arena *arena, tend_column *c, tend_error *err) {
    int64_t *offsets = TEND_ARRAY(arena, int64_t, c->n_rows + 1);
    for (int64_t i = 0; i < c->n_rows; i++) {
        uint32_t size;
        memcpy(&size, sizes->data + i * 4, 4);
        offsets[i + 1] = offsets[i] + (tend_is_valid(c, i) ? size : 0);
    }
    if ((size_t)offsets[c->n_rows] != text->size)
        return corrupt(err, "the lengths of a text column do not add up");
    c->offsets = offsets;
    c->bytes = text->data;
    return TEND_OK;
}

static tend_status attach_column(const stream **at, tend_arena *arena, tend_column *c, tend_error *err) {
    if (c->n_missing) {
        c->valid = (const uint8_t *)(*at)++->data;
        int64_t missing = 0;
        for (int64_t i = 0; i < c->n_rows; i++)
            missing += !tend_is_valid(c, i);
        if (missing != c->n_missing)
            return corrupt(err, "the count of missing values of a column is wrong");
    }
    if (c->type == TEND_STRING) {
        *at += 2;
        return attach_strings(*at - 2, *at - 1, arena, c, err);
    }
    void *slots = (*at)++->data;
    if (c->type != TEND_FLOAT) {
        c->ints = slots;
        return TEND_OK;
    }
    double *floats = slots;
    for (int64_t i = 0; c->n_missing && i < c->n_rows; i++)
        if (!tend_is_valid(c, i))
            floats[i] = (double)NAN;
    c->floats = floats;
    return TEND_OK;
}

/* Arrays of no rows are still arrays: nobody should have to look at n_rows before an offset. */
static void attach_empty(tend_arena *arena, tend_column *c) {
    int64_t *none = TEND_NEW(arena, int64_t);
    if (c->type == TEND_STRING) {
        c->offsets = none;
        c->bytes = "";
    } else if (c->type == TEND_FLOAT) {
        c->floats = (const double *)(const void *)none;
    } else {
        c->ints = none;
    }
}

static tend_status attach_places(const shape *s, const stream *at, tend_error *err) {
    tend_table *table = s->table;
    if (table->n_rows == 0)
        return TEND_OK;
    if (s->has_line) {
        uint32_t *line = (uint32_t *)(void *)at++->data;
        for (int64_t i = 1; i < table->n_rows; i++)
            line[i] += line[i - 1];
        table->line = line;
    }
    if (s->has_part) {
        table->part = (const uint16_t *)(const void *)at->data;
        for (int64_t i = 0; i < table->n_rows; i++)
            if (table->part[i] >= table->n_files)
                return corrupt(err, "a row comes from a file that is not in its list");
    }
    return TEND_OK;
}

static tend_status attach(const shape *s, const streams *data, tend_arena *arena, tend_error *err) {
    const stream *at = data->items;
    for (int i = 0; i < s->table->n_columns; i++) {
        if (s->table->n_rows == 0)
            attach_empty(arena, &s->table->columns[i]);
        else
            TEND_TRY(attach_column(&at, arena, &s->table->columns[i], err));
    }
    return attach_places(s, at, err);
}

tend_status tend_table_load(const void *bytes, size_t size, tend_arena *arena, tend_table **out, tend_error *err) {
    head h = {0};
    TEND_TRY(read_head(bytes, size, &h, err));
    tend_cursor c = tend_cursor_init(h.meta, h.meta_size);
    shape s = {0};
    TEND_TRY(read_columns(&c, arena, &s, err));
    TEND_TRY(read_files(&c, arena, &s, err));
    block *blocks = NULL;
    size_t n = 0;
    TEND_TRY(read_blocks(&c, &h, &s, &blocks, &n, err));
    streams data = {0};
    lay_out(&s, arena, &data);
    tend_status status = unpack(&data, blocks, n, err);
    if (status == TEND_OK)
        status = attach(&s, &data, arena, err);
    streams_done(&data);
    free(blocks);
    if (status == TEND_OK)
        *out = s.table;
    return status;
}
