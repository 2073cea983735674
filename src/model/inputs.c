#include "model/inputs.h"

#include "base/dict.h"
#include "base/node.h"
#include "model/inputs_plan.h"

#include <math.h>
#include <stdlib.h>

/* What one text form stands for in a column of numbers: "1.0" and "1" are one value (as data/check_rules.c has it). */
static void allow(tend_dict *allowed, const char *text, bool numeric) {
    char number[32];
    double v;
    tend_dict_add(allowed, text, strlen(text), NULL);
    if (numeric && tend_text_parse_double(tend_str_of(text), false, &v))
        tend_dict_add(allowed, number, tend_text_format_double(v, number), NULL);
}

static void plan_input(tend_inputs *inputs, int i) {
    input_plan *p = &inputs->plans[i];
    p->name = tend_pipeline_input(inputs->model->pipeline, i, &p->type);
    p->name_size = strlen(p->name);
    TEND_AUTO_BUF key = TEND_BUF_INIT;
    tend_json_escape(&key, p->name, p->name_size);
    tend_buf_putc(&key, ':');
    p->json_key = (tend_str){tend_arena_strndup(inputs->arena, key.data, key.size), key.size};
    p->read = (tend_plan){.type = p->type, .form = TEND_DATE_ISO, .declared = true};
    p->field = tend_schema_find(inputs->model->schema, p->name);
    if (!p->field || !p->field->values)
        return;
    p->allowed = tend_dict_new();
    for (int k = 0; k < p->field->n_values; k++)
        allow(p->allowed, p->field->values[k], p->type == TEND_INT || p->type == TEND_FLOAT);
}

tend_inputs *tend_inputs_new(const tend_model *model) {
    tend_arena *arena = tend_arena_new();
    tend_inputs *inputs = TEND_NEW(arena, tend_inputs);
    inputs->arena = arena;
    inputs->model = model;
    inputs->n = tend_pipeline_n_inputs(model->pipeline);
    inputs->plans = TEND_ARRAY(arena, input_plan, inputs->n);
    inputs->names = tend_dict_new();
    tend_missing_init(&inputs->missing, model->schema->missing, model->schema->n_missing, arena);
    for (int i = 0; i < inputs->n; i++) {
        plan_input(inputs, i);
        tend_dict_add(inputs->names, inputs->plans[i].name, inputs->plans[i].name_size, NULL);
    }
    return inputs;
}

void tend_inputs_free(tend_inputs *inputs) {
    if (!inputs)
        return;
    for (int i = 0; i < inputs->n; i++)
        tend_dict_free(inputs->plans[i].allowed);
    tend_dict_free(inputs->names);
    tend_arena_free(inputs->arena);
}

const tend_model *tend_inputs_model(const tend_inputs *inputs) { return inputs->model; }
int tend_inputs_count(const tend_inputs *inputs) { return inputs->n; }
const char *tend_inputs_name(const tend_inputs *inputs, int i) { return inputs->plans[i].name; }
tend_type tend_inputs_type(const tend_inputs *inputs, int i) { return inputs->plans[i].type; }
tend_str tend_inputs_json_key(const tend_inputs *inputs, int i) { return inputs->plans[i].json_key; }
const tend_field *tend_inputs_field(const tend_inputs *inputs, int i) { return inputs->plans[i].field; }

int tend_inputs_find(const tend_inputs *inputs, tend_str name, int guess) {
    if (guess >= 0 && guess < inputs->n) {
        const input_plan *p = &inputs->plans[guess];
        if (p->name_size == name.size && memcmp(p->name, name.at, name.size) == 0)
            return guess;
    }
    return (int)tend_dict_find(inputs->names, name.at, name.size);
}

const char *tend_inputs_nearest(const tend_inputs *inputs, tend_str name) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char **names = TEND_ARRAY(arena, const char *, inputs->n);
    for (int i = 0; i < inputs->n; i++)
        names[i] = inputs->plans[i].name;
    return tend_text_nearest(tend_arena_strndup(arena, name.at, name.size), names, (size_t)inputs->n);
}
