#include "store/prediction_id.h"

enum {
    CHARACTERS = TEND_PREDICTION_ID - 1,
    MODULUS = 251,
    REMAINDER = 1,
    LOW_CHARACTERS = 12,
    MIDDLE = CHARACTERS - LOW_CHARACTERS - 1,
    MAX_DIGITS = 9
};

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Of the number high * 2^64 + low. */
static uint32_t remainder_of(uint64_t high, uint64_t low) {
    const uint64_t two_64 = (UINT64_MAX % MODULUS + 1) % MODULUS;
    return (uint32_t)((high % MODULUS * two_64 + low % MODULUS) % MODULUS);
}

void tend_prediction_id_format(uint64_t ms, uint32_t instance, uint64_t counter, char out[TEND_PREDICTION_ID]) {
    uint64_t high = ms << 16 | instance >> 16, low = (uint64_t)instance << 48 | (counter & 0xffffffffff) << 8;
    low |= (REMAINDER + MODULUS - remainder_of(high, low)) % MODULUS;
    out[CHARACTERS] = '\0';
    for (int i = 0; i < LOW_CHARACTERS; i++)
        out[CHARACTERS - 1 - i] = digits[low >> 5 * i & 31];
    out[MIDDLE] = digits[(low >> 60 | high << 4) & 31]; /* four bits of low, one of high */
    for (int i = 0; i < MIDDLE; i++)
        out[MIDDLE - 1 - i] = digits[high >> (1 + 5 * i) & 31];
}

/* clang-format off */
static const uint8_t value_plus_1[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['M'] = 21, ['N'] = 22, ['P'] = 23, ['Q'] = 24,
    ['R'] = 25, ['S'] = 26, ['T'] = 27, ['V'] = 28, ['W'] = 29, ['X'] = 30, ['Y'] = 31, ['Z'] = 32,
};
/* clang-format on */

/* ".17": from 1, without leading zeros. */
static bool parse_row(tend_str text, uint32_t *out) {
    int64_t row;
    if (text.size < 2 || text.size > 1 + MAX_DIGITS || text.at[0] != '.' || text.at[1] < '1' || text.at[1] > '9' ||
        !tend_text_parse_int((tend_str){text.at + 1, text.size - 1}, &row))
        return false;
    *out = (uint32_t)row;
    return true;
}

bool tend_prediction_id_parse(tend_str text, uint64_t *out_ms, uint32_t *out_row) {
    uint64_t high = 0, low = 0;
    uint32_t row = 0;
    if (text.size < CHARACTERS || value_plus_1[(uint8_t)text.at[0]] > 8) /* two zero bits first */
        return false;
    for (int i = 0; i < CHARACTERS; i++) {
        uint8_t value = value_plus_1[(uint8_t)text.at[i]];
        if (value == 0)
            return false;
        high = high << 5 | low >> 59;
        low = low << 5 | (uint64_t)(value - 1);
    }
    if ((low & 0xff) >= MODULUS || remainder_of(high, low) != REMAINDER)
        return false;
    if (text.size > CHARACTERS && !parse_row((tend_str){text.at + CHARACTERS, text.size - CHARACTERS}, &row))
        return false;
    *out_ms = high >> 16;
    *out_row = row;
    return true;
}
