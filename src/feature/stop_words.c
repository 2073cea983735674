/* English function words: pronouns, articles, prepositions, conjunctions, auxiliaries, and the
 * adverbs and quantities that say nothing about what a text is about. Sorted, for the search. */
#include "feature/tokens.h"

#include <stdlib.h>

static const char *const words[] = {
    "about",      "above",    "across",     "after",      "afterwards", "again",       "against",   "ago",       "all",
    "almost",     "alone",    "along",      "already",    "also",       "although",    "always",    "am",        "among",
    "amongst",    "amount",   "an",         "and",        "another",    "any",         "anybody",   "anyhow",    "anyone",
    "anything",   "anyway",   "anywhere",   "are",        "aren",       "around",      "as",        "at",        "away",
    "back",       "be",       "became",     "because",    "become",     "becomes",     "becoming",  "been",      "before",
    "beforehand", "behind",   "being",      "below",      "beside",     "besides",     "between",   "beyond",    "both",
    "bottom",     "but",      "by",         "call",       "can",        "cannot",      "cant",      "co",        "could",
    "couldn",     "couldnt",  "de",         "did",        "didn",       "do",          "does",      "doesn",     "doing",
    "don",        "done",     "down",       "due",        "during",     "each",        "eg",        "eight",     "either",
    "eleven",     "else",     "elsewhere",  "empty",      "enough",     "etc",         "even",      "ever",      "every",
    "everybody",  "everyone", "everything", "everywhere", "except",     "few",         "fifteen",   "fifty",     "find",
    "first",      "five",     "for",        "former",     "formerly",   "forty",       "found",     "four",      "from",
    "front",      "full",     "further",    "get",        "gets",       "getting",     "give",      "given",     "go",
    "goes",       "going",    "gone",       "got",        "had",        "hadn",        "has",       "hasn",      "hasnt",
    "have",       "haven",    "having",     "he",         "hence",      "her",         "here",      "hereafter", "hereby",
    "herein",     "hereupon", "hers",       "herself",    "him",        "himself",     "his",       "how",       "however",
    "hundred",    "ie",       "if",         "in",         "inc",        "indeed",      "instead",   "interest",  "into",
    "is",         "isn",      "it",         "its",        "itself",     "just",        "keep",      "kept",      "last",
    "latter",     "latterly", "least",      "less",       "let",        "lets",        "like",      "likely",    "ll",
    "ltd",        "made",     "make",       "makes",      "making",     "many",        "may",       "maybe",     "me",
    "meanwhile",  "might",    "mine",       "more",       "moreover",   "most",        "mostly",    "move",      "much",
    "must",       "mustn",    "my",         "myself",     "name",       "namely",      "neither",   "never",     "nevertheless",
    "next",       "nine",     "no",         "nobody",     "none",       "nonetheless", "noone",     "nor",       "not",
    "nothing",    "now",      "nowhere",    "of",         "off",        "often",       "oh",        "on",        "once",
    "one",        "ones",     "only",       "onto",       "or",         "other",       "others",    "otherwise", "ought",
    "our",        "ours",     "ourselves",  "out",        "over",       "own",         "part",      "per",       "perhaps",
    "please",     "put",      "quite",      "rather",     "re",         "really",      "regarding", "said",      "same",
    "say",        "says",     "see",        "seem",       "seemed",     "seeming",     "seems",     "serious",   "several",
    "shall",      "shan",     "she",        "should",     "shouldn",    "show",        "side",      "since",     "six",
    "sixty",      "so",       "some",       "somebody",   "somehow",    "someone",     "something", "sometime",  "sometimes",
    "somewhere",  "soon",     "still",      "such",       "system",     "take",        "taken",     "ten",       "than",
    "that",       "the",      "their",      "theirs",     "them",       "themselves",  "then",      "thence",    "there",
    "thereafter", "thereby",  "therefore",  "therein",    "thereupon",  "these",       "they",      "third",     "this",
    "those",      "though",   "three",      "through",    "throughout", "thru",        "thus",      "till",      "to",
    "together",   "too",      "top",        "toward",     "towards",    "twelve",      "twenty",    "two",       "un",
    "under",      "unless",   "unlike",     "until",      "unto",       "up",          "upon",      "us",        "use",
    "used",       "using",    "various",    "ve",         "very",       "via",         "was",       "wasn",      "we",
    "well",       "were",     "weren",      "what",       "whatever",   "when",        "whence",    "whenever",  "where",
    "whereafter", "whereas",  "whereby",    "wherein",    "whereupon",  "wherever",    "whether",   "which",     "whichever",
    "while",      "whither",  "who",        "whoever",    "whole",      "whom",        "whomever",  "whose",     "why",
    "will",       "with",     "within",     "without",    "won",        "would",       "wouldn",    "yes",       "yet",
    "you",        "your",     "yours",      "yourself",   "yourselves",
};

static int compare(const void *key, const void *item) {
    return tend_str_compare(*(const tend_str *)key, tend_str_of(*(const char *const *)item));
}

bool tend_is_stop_word(tend_str word) { return bsearch(&word, words, sizeof words / sizeof *words, sizeof *words, compare) != NULL; }
