/* W3: the linear net in its reduced form, weight · tr (W1·W2 - A) S (W1·W2 - A)ᵀ, with Adam. */
#include "net.h"

#define PARTS ((COLUMNS + LANES - 1) / LANES)  /* vectors that a row takes up */
#define PADDED (SIZE + PARTS * LANES)          /* room for what begins at the last row */

typedef struct { const double *A, *S; double weight; } reduced;

/* The six columns of a 6×6 matrix by rows as vectors with two zeros at the end. */
ALWAYS_INLINE void transposed(const double *matrix, vec columns[COLUMNS][PARTS]) {
    for (int j = 0; j < COLUMNS; j++) {
        for (int p = 0; p < PARTS; p++) columns[j][p] = (vec){0};
        for (int i = 0; i < COLUMNS; i++) columns[j][i / LANES][i % LANES] = matrix[i * COLUMNS + j];
    }
}

#define EACH_PART for (int p = 0; p < PARTS; p++)
#define AT(matrix, row) (*(vec_anywhere *)((matrix) + (row) * COLUMNS + p * LANES))

/* Vectors along the columns. A load of a row brings in two entries of the next; they meet zeros, or are stored over. */
ALWAYS_INLINE double value_and_gradient(
    const vec A[ROWS][PARTS], const vec S[COLUMNS][PARTS], double *x, double *gradient) {
    double *W1 = x, *W2 = x + SPLIT;
    vec second[COLUMNS][PARTS], columns[COLUMNS][PARTS], out[COLUMNS][PARTS], loss = {0};
    for (int l = 0; l < COLUMNS; l++) EACH_PART second[l][p] = AT(W2, l), out[l][p] = (vec){0};
    transposed(W2, columns);
    for (int i = 0; i < ROWS; i++) {
        vec error[PARTS], slope[PARTS], back[PARTS];
        EACH_PART error[p] = -A[i][p], slope[p] = back[p] = (vec){0};
        for (int l = 0; l < COLUMNS; l++) EACH_PART error[p] += W1[i * COLUMNS + l] * second[l][p];
        for (int l = 0; l < COLUMNS; l++) EACH_PART slope[p] += error[l / LANES][l % LANES] * S[l][p];
        EACH_PART loss += slope[p] * error[p];
        for (int l = 0; l < COLUMNS; l++) EACH_PART back[p] += slope[l / LANES][l % LANES] * columns[l][p];
        for (int l = 0; l < COLUMNS; l++) EACH_PART out[l][p] += W1[i * COLUMNS + l] * slope[p];
        EACH_PART AT(gradient, i) = back[p];
    }
    for (int l = 0; l < COLUMNS; l++) EACH_PART AT(gradient + SPLIT, l) = out[l][p];
    return 0.5 * sum(loss);
}

static long run_one(
    const reduced *problem, double step_size, adam_weights w, long steps, long every, double bound, double *end,
    rows to) {
    double x[PADDED] __attribute__((aligned(64))) = {0}, gradient[PADDED] __attribute__((aligned(64)));
    vec mean[SIZE / LANES] = {{0}}, square[SIZE / LANES] = {{0}};
    vec A[ROWS][PARTS] = {{{0}}}, S[COLUMNS][PARTS] = {{{0}}};
    long due = 0, row = 0, k;
    for (int j = 0; j < COLUMNS; j++) {
        int p = j / LANES, at = j % LANES;
        for (int i = 0; i < ROWS; i++) A[i][p][at] = problem->A[i * COLUMNS + j];
        for (int i = 0; i < COLUMNS; i++) S[i][p][at] = 2 * problem->weight * problem->S[i * COLUMNS + j];
    }
    memcpy(x, end, SIZE * sizeof(double));
    for (k = 0;; k++) {
        double loss = value_and_gradient(A, S, x, gradient), squared_norm = squared_length(gradient, SIZE);
        int ends = k == steps || !goes_on(loss, squared_norm, bound);
        if (due == 0 || ends) {
            write_row(to, row++, loss, squared_norm);
            due = every;
        }
        due--;
        if (ends) break;
        adam(w, (vec){0} + step_size, k, (vec *)gradient, mean, square, (vec *)x, SIZE / LANES);
    }
    memcpy(end, x, SIZE * sizeof(double));
    return k;
}

/* The same for a group of runs, a lane each. */
ALWAYS_INLINE vec values_and_gradients(const reduced *problem, const vec *W1, const vec *W2, vec *out1, vec *out2) {
    vec loss = {0};
    for (int j = 0; j < COLUMNS * COLUMNS; j++) out2[j] = (vec){0};
    for (int i = 0; i < ROWS; i++) {
        vec error[COLUMNS], slope[COLUMNS];
        for (int j = 0; j < COLUMNS; j++) {
            error[j] = (vec){0} - problem->A[i * COLUMNS + j];
            for (int l = 0; l < COLUMNS; l++) error[j] += W1[i * COLUMNS + l] * W2[l * COLUMNS + j];
        }
        for (int j = 0; j < COLUMNS; j++) {
            vec total = {0};
            for (int l = 0; l < COLUMNS; l++) total += error[l] * problem->S[l * COLUMNS + j];
            slope[j] = 2 * problem->weight * total;
            loss += slope[j] * error[j];
        }
        for (int j = 0; j < COLUMNS; j++) {
            vec total = {0};
            for (int l = 0; l < COLUMNS; l++) total += slope[l] * W2[j * COLUMNS + l];
            out1[i * COLUMNS + j] = total;
            for (int l = 0; l < COLUMNS; l++) out2[l * COLUMNS + j] += W1[i * COLUMNS + l] * slope[j];
        }
    }
    return 0.5 * loss;
}

static void run_group(
    const reduced *problem, const double *step_sizes, adam_weights w, long steps, long every, double bound, double *end,
    rows to, long rows_per_run, long *stopped_at) {
    vec x[SIZE], gradient[SIZE], mean[SIZE], square[SIZE];
    ivec lasted = {0}, going = ~lasted; /* -1: the run goes on */
    long due = 0, row = 0;
    for (int j = 0; j < SIZE; j++) {
        mean[j] = square[j] = (vec){0};
        for (int l = 0; l < LANES; l++) x[j][l] = end[l * SIZE + j];
    }
    for (long k = 0;; k++) {
        vec loss = values_and_gradients(problem, x, x + SPLIT, gradient, gradient + SPLIT), squared_norm = {0};
        for (int j = 0; j < SIZE; j++) squared_norm += gradient[j] * gradient[j];
        if (due == 0 || k == steps) {
            for (int l = 0; l < LANES; l++) {
                rows mine = {to.loss + l * rows_per_run, to.gradient_norm + l * rows_per_run};
                write_row(mine, row, loss[l], squared_norm[l]);
            }
            row++;
            due = every;
        }
        due--;
        if (k == steps) break;
        going &= finite_lanes(loss) & finite_lanes(squared_norm) & (loss <= bound) & (-loss <= bound);
        lasted -= going;
        adam(w, *(const vec_anywhere *)step_sizes, k, gradient, mean, square, x, SIZE);
    }
    for (int l = 0; l < LANES; l++) {
        stopped_at[l] = lasted[l];
        for (int j = 0; j < SIZE; j++) end[l * SIZE + j] = x[j][l];
    }
}

/* One run for each step size: in groups of as many as there are lanes, and what is left over run by run. `x` holds the starts, and then the
   ends. */
void w3_reduced(
    const double *A, const double *S, double weight, const double *step_sizes, double beta1, double beta2, double eps,
    long runs, long steps, long every, double bound, long threads, double *x, long rows_per_run, double *loss,
    double *gradient_norm, long *stopped_at) {
    reduced problem = {A, S, weight};
    adam_weights w = {beta1, beta2, eps};
    long groups = runs / LANES, tasks = groups + runs % LANES;
#pragma omp parallel for schedule(dynamic) num_threads((int)threads) if (runs > 1)
    for (long task = 0; task < tasks; task++) {
        long r = task < groups ? task * LANES : groups * LANES + task - groups;
        rows to = {loss + r * rows_per_run, gradient_norm + r * rows_per_run};
        if (task < groups)
            run_group(&problem, step_sizes + r, w, steps, every, bound, x + r * SIZE, to, rows_per_run, stopped_at + r);
        else
            stopped_at[r] = run_one(&problem, step_sizes[r], w, steps, every, bound, x + r * SIZE, to);
    }
}
