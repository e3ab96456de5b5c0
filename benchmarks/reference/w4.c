/* W4: a noisy axis-aligned quadratic, the remote stochastic gradient method (RSG). */
#include "random.h"

typedef struct {
    const double *curvature, *centre;
    long dimension;
    double deviation;
} quadratic;

/* What the update multiplies by: m = beta m + fresh g and x -= remote m + near g. */
typedef struct { double beta, fresh, remote, near; } weights;

ALWAYS_INLINE weights of_method(double step_size, double beta, double mu) {
    return (weights){beta, 1 - beta, step_size * (1 - mu), step_size * mu};
}

static double value_and_squared_norm(const quadratic *q, const double *x, double *squared_norm) {
    double loss = 0, square = 0;
    for (long j = 0; j < q->dimension; j++) {
        double away = x[j] - q->centre[j], slope = q->curvature[j] * away;
        loss += slope * away;
        square += slope * slope;
    }
    *squared_norm = square;
    return 0.5 * loss;
}

/* Record an iterate; whether the run goes on. */
static int recorded(const quadratic *q, const double *x, double bound, rows to, long row) {
    double squared_norm, loss = value_and_squared_norm(q, x, &squared_norm);
    write_row(to, row, loss, squared_norm);
    return goes_on(loss, squared_norm, bound);
}

#define PLANE_STEPS 256 /* that one call of `normals` feeds in two dimensions */

/* One run in two dimensions, in registers. */
static long run_plane(
    const quadratic *q, weights w, uint64_t seed, long steps, long every, double bound, double *x, rows to) {
    vec noise[NORMALS / LANES];
    const double *n = (const double *)noise, s = q->deviation;
    double a = q->curvature[0], b = q->curvature[1], x0 = x[0] - q->centre[0], x1 = x[1] - q->centre[1], m0 = 0, m1 = 0;
    generator g = seeded_for_one(seed);
    long due = 0, row = 0, at = PLANE_STEPS, k;
    for (k = 0;; k++) {
        if (due == 0 || k == steps) {
            double loss = 0.5 * (a * x0 * x0 + b * x1 * x1), square = a * a * x0 * x0 + b * b * x1 * x1;
            write_row(to, row++, loss, square);
            if (k == steps || !goes_on(loss, square, bound)) break;
            due = every;
        }
        due--;
        if (at == PLANE_STEPS) {
            normals(&g, noise);
            at = 0;
        }
        double g0 = a * x0 + s * n[2 * at], g1 = b * x1 + s * n[2 * at + 1];
        at++;
        if (!is_finite(g0 * g0 + g1 * g1)) break;
        m0 = w.beta * m0 + w.fresh * g0;
        m1 = w.beta * m1 + w.fresh * g1;
        x0 -= w.remote * m0 + w.near * g0;
        x1 -= w.remote * m1 + w.near * g1;
    }
    x[0] = x0 + q->centre[0];
    x[1] = x1 + q->centre[1];
    return k;
}

/* One run in any dimension, vectors along the coordinates. */
static long run_space(
    const quadratic *q, weights w, uint64_t seed, long steps, long every, double bound, double *restrict x, rows to) {
    long d = q->dimension, due = 0, row = 0, k;
    long room = (d + NORMALS) / NORMALS * NORMALS + NORMALS; /* what a step needs, and what one before has left over */
    double *restrict m = doubles(d), *restrict noise = doubles(room);
    long at = 0, end = 0;
    generator g = seeded_for_one(seed);
    for (k = 0;; k++) {
        if (due == 0 || k == steps) {
            if (!recorded(q, x, bound, to, row++) || k == steps) break;
            due = every;
        }
        due--;
        if (end - at < d) {
            memmove(noise, noise + at, (size_t)(end - at) * sizeof(double));
            end -= at;
            at = 0;
            while (end < d) {
                vec more[NORMALS / LANES];
                normals(&g, more);
                memcpy(noise + end, more, sizeof more);
                end += NORMALS;
            }
        }
        const double *n = noise + at;
        double square = 0;
        for (long j = 0; j < d; j++) {
            double slope = q->curvature[j] * (x[j] - q->centre[j]) + q->deviation * n[j];
            square += slope * slope;
            m[j] = w.beta * m[j] + w.fresh * slope;
            x[j] -= w.remote * m[j] + w.near * slope;
        }
        at += d;
        if (!is_finite(square)) break;
    }
    free(m);
    free(noise);
    return k;
}

/* A group of runs at once, a lane each. With `common` one stream feeds all lanes, otherwise each lane has its own. A lane
   whose run has ended goes on without being counted. */
ALWAYS_INLINE void run_lanes(
    const quadratic *q, const weights w[LANES], generator g, const int common, long dimension, long steps, long every,
    double bound,
    double *restrict x, rows to, long rows_per_run, long *stopped_at) {
    const long d = dimension;
    double *block = doubles(2 * d * LANES);
    vec *restrict X = (vec *)block, *restrict M = X + d;
    vec beta, fresh, remote, near, noise[NORMALS / LANES];
    ivec lasted = {0}, going = ~lasted; /* -1: the run goes on */
    const double *single = (const double *)noise;
    for (int l = 0; l < LANES; l++) {
        beta[l] = w[l].beta, fresh[l] = w[l].fresh, remote[l] = w[l].remote, near[l] = w[l].near;
        for (long j = 0; j < d; j++) X[j][l] = x[l * d + j];
    }
    const long per_call = common ? NORMALS : NORMALS / LANES;
    long at = per_call, due = 0, row = 0;
    for (long k = 0;; k++) {
        if (due == 0 || k == steps) {
            vec loss = {0}, square = {0};
            for (long j = 0; j < d; j++) {
                vec away = X[j] - q->centre[j], slope = q->curvature[j] * away;
                loss += slope * away;
                square += slope * slope;
            }
            for (int l = 0; l < LANES; l++) {
                rows mine = {to.loss + l * rows_per_run, to.gradient_norm + l * rows_per_run};
                write_row(mine, row, 0.5 * loss[l], square[l]);
                going[l] &= -goes_on(0.5 * loss[l], square[l], bound);
            }
            row++;
            if (k == steps) break;
            due = every;
        }
        due--;
        vec square = {0};
        for (long j = 0; j < d; j++) {
            if (at == per_call) {
                normals(&g, noise);
                at = 0;
            }
            vec e = common ? (vec){0} + single[at] : noise[at];
            at++;
            vec slope = q->curvature[j] * (X[j] - q->centre[j]) + q->deviation * e;
            square += slope * slope;
            M[j] = beta * M[j] + fresh * slope;
            X[j] -= remote * M[j] + near * slope;
        }
        going &= finite_lanes(square);
        lasted -= going;
    }
    for (int l = 0; l < LANES; l++) {
        stopped_at[l] = lasted[l];
        for (long j = 0; j < d; j++) x[l * d + j] = X[j][l];
    }
    free(block);
}

/* A group of runs, the dimension known to the compiler where that pays. */
static void run_group(
    const quadratic *q, const weights w[LANES], const uint64_t *seeds, int common, long steps, long every, double bound,
    double *x, rows to, long rows_per_run, long *stopped_at) {
    long d = q->dimension;
    if (common && d == 2)
        run_lanes(q, w, seeded_for_one(seeds[0]), 1, 2, steps, every, bound, x, to, rows_per_run, stopped_at);
    else if (common)
        run_lanes(q, w, seeded_for_one(seeds[0]), 1, d, steps, every, bound, x, to, rows_per_run, stopped_at);
    else if (d == 2)
        run_lanes(q, w, seeded(seeds), 0, 2, steps, every, bound, x, to, rows_per_run, stopped_at);
    else
        run_lanes(q, w, seeded(seeds), 0, d, steps, every, bound, x, to, rows_per_run, stopped_at);
}

/* One run for each setting: in groups of as many as there are lanes, and what is left over run by run. */
void w4(
    const double *curvature, const double *centre, long dimension, double deviation, const double *step_sizes,
    double beta, double mu, const uint64_t *seeds, long common, long runs, long steps, long every, double bound,
    long threads, double *x, long rows_per_run, double *loss, double *gradient_norm, long *stopped_at) {
    quadratic q = {curvature, centre, dimension, deviation};
    long groups = runs / LANES, tasks = groups + runs % LANES;
#pragma omp parallel for schedule(dynamic) num_threads((int)threads) if (runs > 1)
    for (long task = 0; task < tasks; task++) {
        long r = task < groups ? task * LANES : groups * LANES + task - groups;
        rows to = {loss + r * rows_per_run, gradient_norm + r * rows_per_run};
        double *start = x + r * dimension;
        if (task < groups) {
            weights w[LANES];
            for (int l = 0; l < LANES; l++) w[l] = of_method(step_sizes[r + l], beta, mu);
            run_group(&q, w, seeds + r, (int)common, steps, every, bound, start, to, rows_per_run, stopped_at + r);
        } else if (dimension == 2) {
            weights w = of_method(step_sizes[r], beta, mu);
            stopped_at[r] = run_plane(&q, w, seeds[r], steps, every, bound, start, to);
        } else {
            weights w = of_method(step_sizes[r], beta, mu);
            stopped_at[r] = run_space(&q, w, seeds[r], steps, every, bound, start, to);
        }
    }
}

/* The first standard normals of the stream of a single run; `count` a multiple of 512. */
void standard_normals(uint64_t seed, long count, double *out) {
    generator g = seeded_for_one(seed);
    for (long i = 0; i < count; i += NORMALS) normals(&g, (vec *)(out + i));
}
