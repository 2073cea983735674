/* The look of every page: one style sheet, written into the file. Colours are variables, with a dark set and a print
 * set; blue, orange and grey tell things apart for colour-blind readers too, and every colour stands beside a mark or a
 * word. */
#ifndef TEND_REPORT_STYLE_H
#define TEND_REPORT_STYLE_H

extern const char report_style[];

#endif
