#include "feature/tokens.h"
#include "support/suite.h"

/* The words of a text, joined by "/". */
static void expect_words(const char *text, bool without_stop_words, const char *want) {
    tend_tokens tokens;
    tend_tokens_init(&tokens);
    tend_tokens_read(&tokens, tend_str_of(text), without_stop_words);
    TEND_AUTO_BUF got = TEND_BUF_INIT;
    for (int i = 0; i < tokens.n; i++) {
        tend_str word = tend_tokens_gram(&tokens, i, 1);
        tend_buf_printf(&got, "%s%.*s", i ? "/" : "", (int)word.size, word.at);
    }
    ASSERT_STR_EQ(tend_buf_text(&got), want);
    tend_tokens_done(&tokens);
}

TEST(words_have_two_characters_or_more) {
    expect_words("A cozy 1-bedroom, by I. Park_side!", false, "cozy/bedroom/by/park_side");
    expect_words("", false, "");
    expect_words(" . ", false, "");
    expect_words("ab", false, "ab");
}

/* Python: re.findall(r"(?u)\b\w\w+\b", text.lower()) */
TEST(words_are_unicode) {
    expect_words("Café GARÇON Ünï", false, "café/garçon/ünï");
    expect_words("ΑΘΗΝΑ Москва ЁЛКА", false, "αθηνα/москва/ёлка");
    expect_words("Łódź ŽIŽKOV ĀBC", false, "łódź/žižkov/ābc");
    expect_words("日本語 中文。東京", false, "日本語/中文/東京");
    expect_words("sun\xE2\x80\x99s sun☀️beach 🏖room🏖 5★hotel", false, "sun/sun/beach/room/hotel");
    expect_words("a–b “quote” x²y", false, "quote/x²y");
}

TEST(broken_bytes_separate_words) {
    expect_words("good\xff"
                 "bad\xc3",
                 false, "good/bad");
    expect_words("\xe2\x82", false, "");
    expect_words("ab\xf0\x9f", false, "ab");
}

TEST(stop_words_are_left_out) {
    expect_words("The house by the sea", true, "house/sea");
    expect_words("This is not what it was", true, "");
    ASSERT_TRUE(tend_is_stop_word(TEND_STR("the")));
    ASSERT_TRUE(tend_is_stop_word(TEND_STR("about")));
    ASSERT_TRUE(tend_is_stop_word(TEND_STR("yourselves")));
    ASSERT_FALSE(tend_is_stop_word(TEND_STR("room")));
    ASSERT_FALSE(tend_is_stop_word(TEND_STR("")));
}

TEST(grams_join_neighbours) {
    tend_tokens tokens;
    tend_tokens_init(&tokens);
    tend_tokens_read(&tokens, TEND_STR("red house, green house"), true);
    ASSERT_EQ(tokens.n, 4);
    ASSERT_TRUE(tend_str_is(tend_tokens_gram(&tokens, 1, 2), "house green"));
    ASSERT_TRUE(tend_str_is(tend_tokens_gram(&tokens, 0, 4), "red house green house"));
    tend_tokens_done(&tokens);
}
