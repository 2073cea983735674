#include "serve/embed.h"

/* The assembler puts the file between two symbols. */
#define EMBED(name, file)                                                                                            \
    __asm__(".pushsection .rodata\n.global serve_web_" #name "\n.hidden serve_web_" #name "\nserve_web_" #name ":\n" \
            ".incbin \"" TEND_SERVE_WEB "/" file "\"\n"                                                              \
            ".global serve_web_" #name "_end\n.hidden serve_web_" #name "_end\nserve_web_" #name "_end:\n"           \
            ".byte 0\n.popsection\n");                                                                               \
    extern const char serve_web_##name[], serve_web_##name##_end[];

EMBED(openapi, "openapi.json")
EMBED(style, "style.css")
EMBED(common, "common.js")
EMBED(page, "page.html")
EMBED(page_script, "page.js")
EMBED(docs, "docs.html")
EMBED(docs_script, "docs.js")

tend_str serve_file_bytes(serve_file file) {
    static const char *const ends[][2] = {[SERVE_FILE_OPENAPI] = {serve_web_openapi, serve_web_openapi_end},
                                          [SERVE_FILE_STYLE] = {serve_web_style, serve_web_style_end},
                                          [SERVE_FILE_COMMON] = {serve_web_common, serve_web_common_end},
                                          [SERVE_FILE_PAGE_HTML] = {serve_web_page, serve_web_page_end},
                                          [SERVE_FILE_PAGE_SCRIPT] = {serve_web_page_script, serve_web_page_script_end},
                                          [SERVE_FILE_DOCS_HTML] = {serve_web_docs, serve_web_docs_end},
                                          [SERVE_FILE_DOCS_SCRIPT] = {serve_web_docs_script, serve_web_docs_script_end}};
    return (tend_str){ends[file][0], (size_t)(ends[file][1] - ends[file][0])};
}
