/* W8: a user's problems in plain C, line by line as in `benchmarks/plain_problems.py`, with gradient descent. Compiled
   as such code is: -O3 -march=native, and no fast-math. */
#include <math.h>
#include <stdlib.h>

typedef double value_and_gradient(const void *problem, long d, const double *x, double *out);

static long descend(
    value_and_gradient *evaluate, const void *problem, long d, double step_size, long steps, long every, double bound,
    double *x, double *loss, double *gradient_norm) {
    double *gradient = malloc((size_t)d * sizeof(double));
    long row = 0, k;
    for (k = 0;; k++) {
        double value = evaluate(problem, d, x, gradient), square = 0;
        for (long j = 0; j < d; j++) square += gradient[j] * gradient[j];
        int ends = k == steps || !(fabs(value) <= bound) || !isfinite(square);
        if (k % every == 0 || ends) {
            loss[row] = value;
            gradient_norm[row++] = sqrt(square);
        }
        if (ends) break;
        for (long j = 0; j < d; j++) x[j] -= step_size * gradient[j];
    }
    free(gradient);
    return k;
}

static double log_cosh(const void *problem, long d, const double *x, double *out) {
    const double *scale = problem;
    double total = 0;
    for (long j = 0; j < d; j++) {
        total += log(cosh(scale[j] * x[j]));
        out[j] = scale[j] * tanh(scale[j] * x[j]);
    }
    return total;
}

typedef struct { const double *A, *b; long samples; } rows_and_targets;

static double least_squares(const void *problem, long d, const double *x, double *out) {
    const rows_and_targets *data = problem;
    double total = 0, mean = 1.0 / (double)data->samples;
    for (long j = 0; j < d; j++) out[j] = 0;
    for (long n = 0; n < data->samples; n++) {
        const double *a = data->A + n * d;
        double residual = -data->b[n];
        for (long j = 0; j < d; j++) residual += a[j] * x[j];
        total += 0.5 * residual * residual;
        for (long j = 0; j < d; j++) out[j] += residual * a[j];
    }
    for (long j = 0; j < d; j++) out[j] *= mean;
    return total * mean;
}

long w8_loops(
    const double *scale, long d, double step_size, long steps, long every, double bound, double *x, double *loss,
    double *gradient_norm) {
    return descend(log_cosh, scale, d, step_size, steps, every, bound, x, loss, gradient_norm);
}

long w8_matrix(
    const double *A, const double *b, long samples, long d, double step_size, long steps, long every, double bound,
    double *x, double *loss, double *gradient_norm) {
    rows_and_targets problem = {A, b, samples};
    return descend(least_squares, &problem, d, step_size, steps, every, bound, x, loss, gradient_norm);
}
