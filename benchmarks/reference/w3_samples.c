/* W3: the linear net over its samples, weight · Σ |W1·W2·x - y|², with Adam. */
#include "net.h"

typedef struct {
    const double *X, *Y; /* a column for each sample; columns of zeros fill up the last vector */
    long samples;
    double weight;
} net;

#define STRIP (LANES / 2) /* rows of the net whose sums stay in registers */

/* Add Σ (W·x - y)xᵀ of `count` rows of the product W to `out`, and return Σ (W·x - y)² of them; vectors along samples. */
ALWAYS_INLINE double add_strip(const net *problem, const double *W, int first, const int count, double *out) {
    vec total[STRIP][COLUMNS], loss = {0};
    for (int i = 0; i < count; i++)
        for (int l = 0; l < COLUMNS; l++) total[i][l] = (vec){0};
    for (long n = 0; n < problem->samples; n += LANES) {
        vec x[COLUMNS];
        for (int l = 0; l < COLUMNS; l++) x[l] = *(const vec *)(problem->X + l * problem->samples + n);
        for (int i = 0; i < count; i++) {
            vec error = -*(const vec *)(problem->Y + (first + i) * problem->samples + n);
            for (int l = 0; l < COLUMNS; l++) error += W[(first + i) * COLUMNS + l] * x[l];
            loss += error * error;
            for (int l = 0; l < COLUMNS; l++) total[i][l] += error * x[l];
        }
    }
    for (int i = 0; i < count; i++)
        for (int l = 0; l < COLUMNS; l++) out[(first + i) * COLUMNS + l] = sum(total[i][l]);
    return sum(loss);
}

static double value_and_gradient(const net *problem, const double *x, double *gradient) {
    const double *W1 = x, *W2 = x + SPLIT;
    double W[SPLIT], slope[SPLIT], loss = 0;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            W[i * COLUMNS + j] = 0;
            for (int l = 0; l < COLUMNS; l++) W[i * COLUMNS + j] += W1[i * COLUMNS + l] * W2[l * COLUMNS + j];
        }
    for (int first = 0; first + STRIP <= ROWS; first += STRIP) loss += add_strip(problem, W, first, STRIP, slope);
    if (ROWS % STRIP) loss += add_strip(problem, W, ROWS / STRIP * STRIP, ROWS % STRIP, slope);
    memset(gradient, 0, SIZE * sizeof(double));
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            double s = 2 * problem->weight * slope[i * COLUMNS + j];
            for (int l = 0; l < COLUMNS; l++) {
                gradient[i * COLUMNS + l] += s * W2[l * COLUMNS + j];
                gradient[SPLIT + l * COLUMNS + j] += s * W1[i * COLUMNS + l];
            }
        }
    return problem->weight * loss;
}

/* One run. `samples` is a multiple of LANES: columns of zeros fill up; `end` holds the start and then the end. */
long w3_samples(
    const double *X, const double *Y, long samples, double weight, double step_size, double beta1, double beta2,
    double eps, long steps, long every, double bound, double *end, double *loss, double *gradient_norm) {
    net problem = {X, Y, samples, weight};
    adam_weights w = {beta1, beta2, eps};
    rows to = {loss, gradient_norm};
    vec x[SIZE / LANES], gradient[SIZE / LANES], mean[SIZE / LANES] = {{0}}, square[SIZE / LANES] = {{0}};
    long due = 0, row = 0, k;
    memcpy(x, end, sizeof x);
    for (k = 0;; k++) {
        double value = value_and_gradient(&problem, (double *)x, (double *)gradient);
        double squared_norm = squared_length((double *)gradient, SIZE);
        int ends = k == steps || !goes_on(value, squared_norm, bound);
        if (due == 0 || ends) {
            write_row(to, row++, value, squared_norm);
            due = every;
        }
        due--;
        if (ends) break;
        adam(w, (vec){0} + step_size, k, gradient, mean, square, x, SIZE / LANES);
    }
    memcpy(end, x, sizeof x);
    return k;
}
