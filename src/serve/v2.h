/* A request of the Open Inference Protocol V2, from bytes to rows, without a server around it:
 *
 *     serve_v2_request r = {.arena = arena, .inputs = inputs, .max_rows = 10000};
 *     if (!serve_v2_read(&r, &pull))             // the JSON; false: pull.fault says why
 *         …
 *     serve_v2_take_binary(&r, tail);            // what follows the JSON (binary tensor extension)
 *     if (!serve_v2_check(&r))                   // false: r.faults says all that is wrong
 *         …
 *     serve_v2_fill(&r, rows);                   // what is wrong with single values, `rows` knows
 *
 * One tensor per column, of shape [n] or [n, 1]; or, for models that read numbers only, one tensor [n, columns] in the order of the
 * metadata. Protocol: kserve/open-inference-protocol, inference_rest.md; binary: Triton, extension_binary_data.md.
 */
#ifndef TEND_SERVE_V2_H
#define TEND_SERVE_V2_H

#include "serve/cells.h"
#include "serve/service.h"

typedef enum serve_v2_type {
    SERVE_V2_NONE,
    SERVE_V2_BOOL,
    SERVE_V2_UINT8,
    SERVE_V2_UINT16,
    SERVE_V2_UINT32,
    SERVE_V2_UINT64,
    SERVE_V2_INT8,
    SERVE_V2_INT16,
    SERVE_V2_INT32,
    SERVE_V2_INT64,
    SERVE_V2_FP16,
    SERVE_V2_FP32,
    SERVE_V2_FP64,
    SERVE_V2_BYTES,
    SERVE_V2_TYPES
} serve_v2_type;
typedef struct serve_v2_type_row {
    const char *name;
    size_t width;         /* of a value in binary; 0: u32 length, then bytes */
    double lowest, above; /* whole numbers: the range, without its end */
    const char *expected; /* of a value in JSON */
} serve_v2_type_row;
extern const serve_v2_type_row serve_v2_types[SERVE_V2_TYPES];
serve_v2_type serve_v2_type_find(tend_str name);
const char *serve_v2_type_of(tend_type type); /* "INT64": of a column */

typedef struct serve_v2_tensor {
    tend_str name, datatype, content_type;
    serve_v2_type type;
    serve_cells shape, data;
    bool has_data;
    int64_t binary_size; /* bytes behind the JSON; -1: the values stand in it */
    bool shared_memory;
    int input; /* the column; -1: none that the model reads */
} serve_v2_tensor;

typedef struct serve_v2_output {
    tend_str name;
    signed char binary; /* asked for by itself; -1: as the request says */
    bool classification;
} serve_v2_output;

enum { SERVE_V2_SHOWN = 100, SERVE_V2_OUTPUTS = 16, SERVE_V2_ID = 256 };

typedef struct serve_v2_request {
    tend_arena *arena;
    const tend_inputs *inputs;
    int64_t max_rows; /* 0: no limit */
    /* what was read */
    tend_str id, content_type;
    bool explain, binary_output;
    serve_v2_tensor *tensors;
    int n_tensors, capacity;
    serve_v2_output outputs[SERVE_V2_OUTPUTS];
    int n_outputs;
    bool has_inputs;
    int64_t n_values; /* over all tensors */
    /* what was checked */
    int64_t n_rows;
    bool matrix; /* one tensor for all columns */
    serve_fault faults[SERVE_V2_SHOWN];
    int n_faults;
    int64_t n_faults_total;
} serve_v2_request;

bool serve_v2_read(serve_v2_request *r, tend_json_pull *pull);
void serve_v2_take_binary(serve_v2_request *r, tend_str tail);
bool serve_v2_check(serve_v2_request *r);
void serve_v2_fill(const serve_v2_request *r, tend_rows *rows);
/* "/inputs/2/data/17" */
const char *serve_v2_pointer(const serve_v2_request *r, tend_arena *arena, int64_t row, const char *column);

/* One more thing that is wrong; texts are borrowed. */
void serve_v2_fault(serve_v2_request *r, const char *pointer, const char *found, const char *expected, const char *hint);
/* A list of the endpoint's versions has this split's already: as its champion, or as an earlier split. */
bool serve_v2_names_before(const serve_endpoint *endpoint, int split);

#endif
