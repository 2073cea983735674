/* Words of a text, as the tfidf transform counts them: lower case, two or more letters, digits or
 * underscores in a row (the expression (?u)\b\w\w+\b that scikit-learn uses), optionally without
 * English stop words, and pairs, triples ... of neighbours.
 *
 * Lower case is Unicode's simple mapping for Latin, Greek, Cyrillic and Armenian letters; every
 * code point from U+0080 on is part of a word unless it stands in a table of marks, symbols and
 * emoji. Bytes that are not UTF-8 separate words.
 */
#ifndef TEND_FEATURE_TOKENS_H
#define TEND_FEATURE_TOKENS_H

#include "base/arena.h"
#include "base/text.h"

bool tend_is_stop_word(tend_str word); /* lower case */

typedef struct tend_tokens {
    char *text; /* the words, each followed by one blank */
    size_t size, room;
    size_t *starts; /* of each word in text, and one past the last */
    int n, capacity;
} tend_tokens;

void tend_tokens_init(tend_tokens *tokens);
void tend_tokens_done(tend_tokens *tokens);
/* Replaces the content by the words of `text`. */
void tend_tokens_read(tend_tokens *tokens, tend_str text, bool without_stop_words);
/* The n-gram of `size` words from word `first`, joined by blanks. Borrowed until the next read. */
tend_str tend_tokens_gram(const tend_tokens *tokens, int first, int size);

#endif
