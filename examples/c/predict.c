/* Predicts one row with a bundle:
 *
 *     cc predict.c $(pkg-config --cflags --libs tend) -o predict
 *     ./predict census.tend age=39 education=Bachelors
 */
#include <tend/tend.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    tend_fault fault = {0};
    tend_model *model = NULL;
    if (argc < 2 || tend_model_open(argv[1], &model, &fault) != 0)
        return fprintf(stderr, "%s\n", argc < 2 ? "usage: predict BUNDLE INPUT=VALUE..." : fault.message), 2;
    tend_row *row = tend_row_new(model);
    for (int i = 2; i < argc && !fault.code; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals)
            *equals = '\0';
        tend_row_set_text(row, argv[i], equals ? equals + 1 : NULL, &fault);
    }
    tend_prediction p;
    if (!fault.code && tend_row_predict(row, &p, &fault) == 0)
        printf("%s = %s (%.6g)\n", tend_model_target(model), p.class_name ? p.class_name : "number", p.score);
    if (fault.code)
        fprintf(stderr, "%s\n%s\n", fault.message, fault.hint);
    tend_row_free(row);
    tend_model_close(model);
    return fault.code;
}
