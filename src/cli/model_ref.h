/* A model as the command line names it: a version of the registry, or a bundle file. Private to the cli room. */
#ifndef TEND_CLI_MODEL_REF_H
#define TEND_CLI_MODEL_REF_H

#include "cli/cli.h"
#include "model/bundle.h"
#include "store/registry.h"

typedef struct cli_model {
    tend_bundle *bundle; /* closed by cli_model_close */
    const char *title;   /* "census/3", or the file's name */
    bool registered;
    tend_version version; /* when registered */
} cli_model;

tend_status cli_model_open(cli *c, const char *reference, cli_model *out, tend_error *err);
void cli_model_close(cli_model *model);

#endif
