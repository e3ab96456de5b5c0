/* W2: Carmon's regression in mini-batches, stochastic gradient descent. */
#include "carmon.h"
#include "random.h"

#define WIDE 32 /* doubles in a row of up to 31 parameters: unrolled */

static long descend(
    const carmon *problem, double step_size, long batch_size, uint64_t seed, long steps, long every, double bound,
    double *end, rows to) {
    double x[MAX_DIMENSION + 1] __attribute__((aligned(64))) = {0};
    double gradient[MAX_DIMENSION + 1] __attribute__((aligned(64)));
    long dimension = problem->dimension, width = problem->width, due = 0, k, row = 0;
    long whole = (batch_size + LANES - 1) / LANES * LANES;
    int *permutation = malloc((size_t)problem->samples * sizeof(int)), *batch = malloc((size_t)whole * sizeof(int));
    double mean = 1.0 / (double)batch_size;
    generator g = seeded_for_one(seed);
    for (int n = 0; n < problem->samples; n++) permutation[n] = n;
    for (long i = batch_size; i < whole; i++) batch[i] = (int)problem->samples; /* the row of zeros */
    memcpy(x, end, (size_t)dimension * sizeof(double));
    x[dimension] = -1;
    for (k = 0;; k++) {
        if (due == 0 || k == steps) {
            double loss = carmon_value_and_gradient(problem, x, gradient);
            double squared_norm = squared_length(gradient, dimension);
            write_row(to, row++, loss, squared_norm);
            if (k == steps || !goes_on(loss, squared_norm, bound)) break;
            due = every;
        }
        due--;
        draw_batch(&g, permutation, problem->samples, batch, batch_size);
        if (width == WIDE)
            batch_gradient(problem, x, batch, whole, mean, gradient, WIDE / LANES);
        else
            batch_gradient(problem, x, batch, whole, mean, gradient, (int)(width / LANES));
        gradient[dimension] = 0;
        if (!is_finite(squared_length(gradient, width))) break;
        for (long j = 0; j < width; j++) x[j] -= step_size * gradient[j];
    }
    memcpy(end, x, (size_t)dimension * sizeof(double));
    free(permutation);
    free(batch);
    return k;
}

/* One run for each step size, each with mini-batches of its own. `x` holds the starts and then the ends. */
void w2(
    const double *blocks, const double *targets, const double *padded, long samples, long dimension,
    const double *step_sizes, long batch_size, const uint64_t *seeds, long runs, long steps, long every, double bound,
    long threads, double *x, long rows_per_run, double *loss, double *gradient_norm, long *stopped_at) {
    carmon problem = {blocks, targets, padded, samples, dimension, (dimension + LANES) / LANES * LANES};
#pragma omp parallel for schedule(dynamic) num_threads((int)threads) if (runs > 1)
    for (long r = 0; r < runs; r++) {
        rows to = {loss + r * rows_per_run, gradient_norm + r * rows_per_run};
        stopped_at[r] =
            descend(&problem, step_sizes[r], batch_size, seeds[r], steps, every, bound, x + r * dimension, to);
    }
}

/* The mini-batches that a run of this seed draws, shape (count, batch_size). */
void batches(long samples, long batch_size, uint64_t seed, long count, int *out) {
    int *permutation = malloc((size_t)samples * sizeof(int));
    generator g = seeded_for_one(seed);
    for (int n = 0; n < samples; n++) permutation[n] = n;
    for (long i = 0; i < count; i++) draw_batch(&g, permutation, samples, out + i * batch_size, batch_size);
    free(permutation);
}
