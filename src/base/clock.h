/* Time. Two questions, two clocks: how long (monotonic) and when (UTC). Nothing that reaches a digest may ask.
 */
#ifndef TEND_BASE_CLOCK_H
#define TEND_BASE_CLOCK_H

#include <stdint.h>

double tend_clock_seconds(void); /* monotonic, for durations */
int64_t tend_clock_micros(void); /* UTC since 1970; TEND_NOW (ISO or microseconds) in the environment overrides it, for tests */
void tend_clock_format(int64_t micros, char out[32]);        /* "2026-11-23T01:26:25Z" */
void tend_clock_format_micros(int64_t micros, char out[32]); /* "2026-11-23T01:26:25.081214Z"; quick */

#endif
