/* The files of web/, as they are in the program. */
#ifndef TEND_SERVE_EMBED_H
#define TEND_SERVE_EMBED_H

#include "base/text.h"

typedef enum serve_file {
    SERVE_FILE_OPENAPI, /* the parts of the OpenAPI document that are always the same */
    SERVE_FILE_STYLE,
    SERVE_FILE_COMMON, /* the script of both pages */
    SERVE_FILE_PAGE_HTML,
    SERVE_FILE_PAGE_SCRIPT,
    SERVE_FILE_DOCS_HTML,
    SERVE_FILE_DOCS_SCRIPT
} serve_file;

tend_str serve_file_bytes(serve_file file);

#endif
