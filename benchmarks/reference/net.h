/* A two-layer linear net W1·W2 (10×6 and 6×6) that learns A from inputs of second moment S, and Adam for it.

   The 96 parameters are W1 and then W2, both by rows. */
#ifndef NET_H
#define NET_H
#include "vector.h"

#define ROWS 10
#define COLUMNS 6
#define SPLIT (ROWS * COLUMNS)
#define SIZE (SPLIT + COLUMNS * COLUMNS)

typedef struct { double beta1, beta2, eps; } adam_weights;

/* Step k of Adam on vectors of parameters; lane l takes the step size of lane l. */
ALWAYS_INLINE void adam(
    adam_weights w, vec step_sizes, long k, const vec *gradient, vec *restrict mean, vec *restrict square, vec *restrict x,
    const int vectors) {
    double of_mean = 1 / (1 - pow(w.beta1, (double)(k + 1))), of_square = 1 / (1 - pow(w.beta2, (double)(k + 1)));
    vec step = step_sizes * of_mean;
    for (int i = 0; i < vectors; i++) {
        mean[i] = w.beta1 * mean[i] + (1 - w.beta1) * gradient[i];
        square[i] = w.beta2 * square[i] + (1 - w.beta2) * gradient[i] * gradient[i];
        x[i] -= step * mean[i] / (root(square[i] * of_square) + w.eps);
    }
}
#endif
