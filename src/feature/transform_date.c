/* Dates to numbers: the parts of the calendar, and the age at a stored reference date. Times are
 * UTC. */
#include "feature/numeric.h"
#include "feature/transform.h"

#include <math.h>

/* date_parts: the state lists the parts that are put out. */
enum { PARTS, CYCLIC };
#define PART_WORDS "year|month|day|weekday|hour|day_of_year|is_weekend"
enum { YEAR, MONTH, DAY, WEEKDAY, HOUR, DAY_OF_YEAR, IS_WEEKEND, N_PARTS };

static const tend_arg_spec date_args[] = {
    {"parts", TEND_ARG_TEXTS, 0, 0, 0, PART_WORDS, "those that vary in the training rows", "which parts; weekday counts from Monday, 0"},
    {"cyclic", TEND_ARG_BOOL, 0, 0, 1, NULL, NULL,
     "month, day, weekday, hour and day_of_year as sine and cosine, so that December is next to "
     "January"},
};

/* How many steps a part goes round, and its first value; 0: it does not go round. */
static const struct {
    int period, first;
} cycles[N_PARTS] = {[MONTH] = {12, 1}, [DAY] = {31, 1}, [WEEKDAY] = {7, 0}, [HOUR] = {24, 0}, [DAY_OF_YEAR] = {366, 1}};

static void split_time(int64_t micros, int out[N_PARTS]) {
    int64_t rest = micros % TEND_MICROS_PER_DAY, days = micros / TEND_MICROS_PER_DAY - (rest < 0);
    int64_t year;
    unsigned month, day;
    tend_civil_from_days(days, &year, &month, &day);
    out[YEAR] = (int)year; /* within 300,000 years of 1970 */
    out[MONTH] = (int)month;
    out[DAY] = (int)day;
    out[WEEKDAY] = (int)((days % 7 + 10) % 7); /* 1970-01-01 was a Thursday, 3 */
    out[HOUR] = (int)((rest + (rest < 0 ? TEND_MICROS_PER_DAY : 0)) / INT64_C(3600000000));
    out[DAY_OF_YEAR] = (int)(days - tend_days_from_civil(year, 1, 1)) + 1;
    out[IS_WEEKEND] = out[WEEKDAY] >= 5;
}

/* Bits of the parts that take more than one value; all when there is no date to tell. */
static unsigned varying_parts(const tend_values *v) {
    unsigned varies = 0;
    int first[N_PARTS], parts[N_PARTS];
    bool any = false;
    for (int64_t i = 0; i < v->n; i++) {
        if (v->times[i] == TEND_TIME_MISSING)
            continue;
        split_time(v->times[i], parts);
        for (int p = 0; any && p < N_PARTS; p++)
            varies |= (unsigned)(parts[p] != first[p]) << p;
        if (!any)
            memcpy(first, parts, sizeof first);
        any = true;
    }
    return any ? varies : (1u << N_PARTS) - 1;
}

static void fit_date_parts(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    const tend_arg *listed = &stage->args[PARTS];
    unsigned wanted = listed->given ? 0 : varying_parts(v);
    for (int i = 0; i < listed->n_texts; i++)
        wanted |= 1u << tend_choice_index(PART_WORDS, listed->texts[i]);
    tend_stage_numbers(stage, fit->arena, N_PARTS);
    stage->n_numbers = 0;
    for (int p = 0; p < N_PARTS; p++)
        if (wanted >> p & 1)
            stage->numbers[stage->n_numbers++] = p;
}

static bool goes_round(const tend_stage *stage, int part) { return stage->args[CYCLIC].number != 0 && cycles[part].period > 0; }

static int date_width(const tend_stage *stage) {
    int width = 0;
    for (int i = 0; i < stage->n_numbers; i++)
        width += goes_round(stage, (int)stage->numbers[i]) ? 2 : 1;
    return width;
}

static void emit_date_row(const tend_stage *stage, int64_t time, float *out) {
    int parts[N_PARTS];
    split_time(time, parts);
    for (int i = 0; i < stage->n_numbers; i++) {
        int p = (int)stage->numbers[i];
        if (!goes_round(stage, p)) {
            *out++ = (float)parts[p];
            continue;
        }
        double sine, cosine;
        tend_sin_cos_turn((double)(parts[p] - cycles[p].first) / cycles[p].period, &sine, &cosine);
        *out++ = (float)sine;
        *out++ = (float)cosine;
    }
}

static void emit_date_parts(const tend_stage *stage, tend_run *run, const tend_values *v, float *out) {
    int width = date_width(stage);
    for (int64_t i = 0; i < v->n; i++, out += run->stride) {
        if (v->times[i] != TEND_TIME_MISSING)
            emit_date_row(stage, v->times[i], out);
        else
            for (int j = 0; j < width; j++)
                out[j] = NAN;
    }
}

static void name_date_part(const tend_stage *stage, int output, tend_buf *out) {
    char word[48];
    for (int i = 0, at = 0; i < stage->n_numbers; i++) {
        int p = (int)stage->numbers[i];
        bool round = goes_round(stage, p);
        if (output < at + (round ? 2 : 1)) {
            tend_buf_printf(out, ":%s", tend_choice_word(PART_WORDS, p, word));
            tend_buf_puts(out, !round ? "" : (output == at ? "_sin" : "_cos"));
            return;
        }
        at += round ? 2 : 1;
    }
}

static bool check_date_parts(const tend_stage *stage) {
    for (int i = 0; i < stage->n_numbers; i++) {
        double p = stage->numbers[i];
        if (!(p >= 0 && p < N_PARTS) || p != (double)(int)p || (i && p <= stage->numbers[i - 1]))
            return false;
    }
    return true;
}

const tend_transform tend_transform_date_parts = {
    .name = "date_parts",
    .help = "Year, month, day, weekday, hour, day of the year and whether it is a weekend, as numbers.",
    .takes = TEND_TAKES_TIME,
    .gives = TEND_GIVES_OUTPUTS,
    .args = date_args,
    .n_args = sizeof date_args / sizeof *date_args,
    .fit = fit_date_parts,
    .width = date_width,
    .emit = emit_date_parts,
    .name_output = name_date_part,
    .check = check_date_parts,
};

/* age: the state is the reference, in microseconds. */
enum { REFERENCE, UNIT };
static const tend_arg_spec age_args[] = {
    {"reference", TEND_ARG_TIME, 0, 0, 0, NULL, "the newest date of the training rows", "the date at which the age is taken"},
    {"unit", TEND_ARG_CHOICE, 0, 0, 0, "days|hours|years", NULL, "a year is 365.2425 days"},
};

static void fit_age(tend_stage *stage, const tend_fit *fit, const tend_values *v) {
    tend_stage_numbers(stage, fit->arena, 1);
    if (stage->args[REFERENCE].given) {
        stage->numbers[0] = (double)stage->args[REFERENCE].time;
        return;
    }
    int64_t newest = TEND_TIME_MISSING;
    for (int64_t i = 0; i < v->n; i++)
        newest = v->times[i] > newest ? v->times[i] : newest;
    stage->numbers[0] = newest == TEND_TIME_MISSING ? 0 : (double)newest;
}

static void apply_age(const tend_stage *stage, tend_run *run, tend_values *v) {
    (void)run;
    static const double days_per[] = {1, 1.0 / 24, 365.2425};
    double unit = days_per[(int)stage->args[UNIT].number] * (double)TEND_MICROS_PER_DAY;
    tend_values_use(v, TEND_VALUE_NUMBER);
    for (int64_t i = 0; i < v->n; i++) {
        bool missing = v->times[i] == TEND_TIME_MISSING;
        v->numbers[i] = missing ? (double)NAN : (stage->numbers[0] - (double)v->times[i]) / unit;
    }
}

static bool check_age(const tend_stage *stage) { return stage->n_numbers == 1 && isfinite(stage->numbers[0]); }

const tend_transform tend_transform_age = {
    .name = "age",
    .help = "The time from the date to a reference date that is stored in the model: larger is "
            "older, negative is after the reference. The same date gives the same age at any "
            "time of serving.",
    .takes = TEND_TAKES_TIME,
    .gives = TEND_GIVES_NUMBER,
    .args = age_args,
    .n_args = sizeof age_args / sizeof *age_args,
    .fit = fit_age,
    .apply = apply_age,
    .check = check_age,
};
