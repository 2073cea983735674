/* From margins to predictions. The C library's exp differs in the last bit between machines; the
 * one here is built from additions and multiplications alone, so that a score is the same bits
 * wherever the model runs.
 */
#ifndef TEND_MODEL_LINK_H
#define TEND_MODEL_LINK_H

/* e^x with an error below 1 unit in the last place (0.89 seen in 20 million trials against long
 * double): overflow to inf, underflow through the subnormal numbers to 0, NaN to NaN. */
double tend_exp(double x);
/* 1 / (1 + e^-x), without overflow or cancellation on either side. */
double tend_logistic(double x);
/* e^x[i] / sum_j e^x[j], in place: the largest is subtracted first, terms are summed in index
 * order. */
void tend_softmax(double *x, int n);

#endif
