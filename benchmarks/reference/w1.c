/* W1: Carmon's regression, full batch, gradient descent with Barzilai-Borwein steps. */
#include "carmon.h"

static long barzilai_borwein(
    const carmon *problem, double step_size, double nu, long steps, long every, double bound, double *x, rows to) {
    double gradient[MAX_DIMENSION], last_x[MAX_DIMENSION], last_gradient[MAX_DIMENSION];
    long dimension = problem->dimension, due = 0;
    for (long k = 0, row = 0;; k++) {
        double loss = carmon_value_and_gradient(problem, x, gradient);
        double squared_norm = squared_length(gradient, dimension);
        int ends = k == steps || !goes_on(loss, squared_norm, bound);
        if (due == 0 || ends) {
            write_row(to, row++, loss, squared_norm);
            due = every;
        }
        due--;
        if (ends) return k;
        double gamma = 1;
        if (k > 0) {
            double ss = 0, sy = 0;
            for (long j = 0; j < dimension; j++) {
                double s = x[j] - last_x[j], y = gradient[j] - last_gradient[j];
                ss += s * s;
                sy += s * y;
            }
            gamma = sy != 0 ? ss / fabs(sy) : nu;
        }
        double step = step_size * gamma;
        for (long j = 0; j < dimension; j++) {
            last_x[j] = x[j];
            last_gradient[j] = gradient[j];
            x[j] -= step * gradient[j];
        }
    }
}

/* One run for each step size, over threads. `x` holds the starts, shape (runs, dimension), and then the ends. */
void w1(
    const double *blocks, const double *targets, long samples, long dimension, const double *step_sizes, double nu,
    long runs, long steps, long every, double bound, long threads, double *x, long rows_per_run, double *loss,
    double *gradient_norm, long *stopped_at) {
    carmon problem = {blocks, targets, NULL, samples, dimension, 0};
#pragma omp parallel for schedule(dynamic) num_threads((int)threads) if (runs > 1)
    for (long r = 0; r < runs; r++) {
        rows to = {loss + r * rows_per_run, gradient_norm + r * rows_per_run};
        stopped_at[r] = barzilai_borwein(&problem, step_sizes[r], nu, steps, every, bound, x + r * dimension, to);
    }
}

/* Doubles of a register, by which Python lays out the data. */
long lanes(void) { return LANES; }
