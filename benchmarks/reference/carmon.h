/* Carmon's regression: the mean over n of t²/(1 + t²), t = a_n·x - b_n.

   The matrix comes in two layouts. `blocks` is for all samples: eight vectors of them at a time, within a block parameter by parameter, so
   that a block stays in the first-level cache between its two passes. `rows` is for mini-batches: a row has the
   sample's entries, then b_n, then zeros to whole vectors; the iterate has -1 where the row has b_n. A row of zeros
   follows the last sample, to fill the last vector of a mini-batch. */
#ifndef CARMON_H
#define CARMON_H
#include "vector.h"

#define BLOCK (8 * LANES)
#define VECTORS (BLOCK / LANES)
#define MAX_DIMENSION 1023

typedef struct {
    const double *blocks, *targets; /* shapes (blocks, dimension, BLOCK) and (blocks, BLOCK) */
    const double *rows;             /* shape (samples + 1, width) */
    long samples, dimension, width; /* width: dimension + 1, rounded up to whole vectors */
} carmon;

ALWAYS_INLINE double carmon_value_and_gradient(const carmon *problem, const double *x, double *gradient) {
    long dimension = problem->dimension, blocks = (problem->samples + BLOCK - 1) / BLOCK;
    vec total[MAX_DIMENSION], loss = {0};
    for (long p = 0; p < dimension; p++) total[p] = (vec){0};
    for (long c = 0; c < blocks; c++) {
        const vec *a = (const vec *)(problem->blocks + c * dimension * BLOCK);
        const vec *b = (const vec *)(problem->targets + c * BLOCK);
        vec t[VECTORS];
        for (int j = 0; j < VECTORS; j++) t[j] = -b[j];
        for (long p = 0; p < dimension; p++)
            for (int j = 0; j < VECTORS; j++) t[j] += a[p * VECTORS + j] * x[p];
        for (int j = 0; j < VECTORS; j++) {
            vec square = t[j] * t[j], w = 1.0 / (1.0 + square);
            loss += square * w;
            t[j] = 2.0 * t[j] * w * w;
        }
        for (long p = 0; p < dimension; p++) {
            vec even = a[p * VECTORS] * t[0], odd = a[p * VECTORS + 1] * t[1];
            for (int j = 2; j < VECTORS; j += 2) {
                even += a[p * VECTORS + j] * t[j];
                odd += a[p * VECTORS + j + 1] * t[j + 1];
            }
            total[p] += even + odd;
        }
    }
    double mean = 1.0 / (double)problem->samples;
    for (long p = 0; p < dimension; p++) gradient[p] = sum(total[p]) * mean;
    return sum(loss) * mean;
}

/* The gradient over a mini-batch whose indices fill whole vectors, times `scale` (its true size's inverse, for the
   mean); `vectors` is a constant where it is known. */
ALWAYS_INLINE void batch_gradient(
    const carmon *problem, const double *x, const int *batch, long size, double scale, double *gradient,
    const int vectors) {
    const vec *v = (const vec *)x;
    vec total[(MAX_DIMENSION + 1) / LANES];
    for (int j = 0; j < vectors; j++) total[j] = (vec){0};
    for (long i = 0; i < size; i += LANES) {
        const vec *row[LANES];
        vec product[LANES];
        for (int l = 0; l < LANES; l++) {
            row[l] = (const vec *)(problem->rows + problem->width * batch[i + l]);
            product[l] = row[l][0] * v[0];
            for (int j = 1; j < vectors; j++) product[l] += row[l][j] * v[j];
        }
        vec t = sums(product), w = 1.0 / (1.0 + t * t);
        double weight[LANES] __attribute__((aligned(64)));
        *(vec *)weight = 2.0 * t * w * w;
        for (int l = 0; l < LANES; l++)
            for (int j = 0; j < vectors; j++) total[j] += row[l][j] * weight[l];
    }
    for (int j = 0; j < vectors; j++) ((vec *)gradient)[j] = total[j] * scale;
}
#endif
