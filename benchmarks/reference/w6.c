/* W6: Newton's method in a spherical trust region, each step by Steihaug and Toint's conjugate gradients, until the
   gradient is short, on Carmon's regression and on Rosenbrock's function. */
#include "carmon.h"

#define MOST 1024 /* dimensions */

typedef struct {
    double radius, max_radius, eta1, eta2, increase, decrease, kappa, theta;
    long max_inner;
} settings;

/* A problem and what it keeps between evaluations: of Carmon's the arguments t at the last point whose value was asked
   for, and the weights of Hessian products at the last one whose gradient was asked for. */
typedef struct {
    carmon data;
    long dimension, products; /* how many Hessian products were asked for */
    double *arguments, *weights;
} state;

typedef double value_of(state *, const double *x);
typedef void gradient_of(state *, const double *x, double *gradient);
typedef void product_of(state *, const double *x, const double *v, double *product);

ALWAYS_INLINE void add_rows(const vec *a, const vec *weights, long dimension, vec *total) {
    for (long p = 0; p < dimension; p++) {
        vec even = a[p * VECTORS] * weights[0], odd = a[p * VECTORS + 1] * weights[1];
        for (int j = 2; j < VECTORS; j += 2) {
            even += a[p * VECTORS + j] * weights[j];
            odd += a[p * VECTORS + j + 1] * weights[j + 1];
        }
        total[p] += even + odd;
    }
}

ALWAYS_INLINE double carmon_value(state *at, const double *x) {
    const carmon *problem = &at->data;
    long dimension = problem->dimension, blocks = (problem->samples + BLOCK - 1) / BLOCK;
    vec loss = {0};
    for (long c = 0; c < blocks; c++) {
        const vec *a = (const vec *)(problem->blocks + c * dimension * BLOCK);
        const vec *b = (const vec *)(problem->targets + c * BLOCK);
        vec t[VECTORS];
        for (int j = 0; j < VECTORS; j++) t[j] = -b[j];
        for (long p = 0; p < dimension; p++)
            for (int j = 0; j < VECTORS; j++) t[j] += a[p * VECTORS + j] * x[p];
        for (int j = 0; j < VECTORS; j++) {
            vec square = t[j] * t[j];
            loss += square / (1.0 + square);
            ((vec *)at->arguments)[c * VECTORS + j] = t[j];
        }
    }
    return sum(loss) / (double)problem->samples;
}

/* At the point whose value was the last one. */
ALWAYS_INLINE void carmon_gradient(state *at, const double *x, double *gradient) {
    const carmon *problem = &at->data;
    long dimension = problem->dimension, blocks = (problem->samples + BLOCK - 1) / BLOCK;
    vec total[MAX_DIMENSION];
    (void)x;
    for (long p = 0; p < dimension; p++) total[p] = (vec){0};
    for (long c = 0; c < blocks; c++) {
        vec slope[VECTORS];
        for (int j = 0; j < VECTORS; j++) {
            vec t = ((vec *)at->arguments)[c * VECTORS + j], square = t * t, w = 1.0 / (1.0 + square);
            slope[j] = 2.0 * t * w * w;
            ((vec *)at->weights)[c * VECTORS + j] = (2.0 - 6.0 * square) * w * w * w;
        }
        add_rows((const vec *)(problem->blocks + c * dimension * BLOCK), slope, dimension, total);
    }
    for (long p = 0; p < dimension; p++) gradient[p] = sum(total[p]) / (double)problem->samples;
}

/* With the Hessian at the point whose gradient was the last one. */
ALWAYS_INLINE void carmon_product(state *at, const double *x, const double *v, double *product) {
    const carmon *problem = &at->data;
    long dimension = problem->dimension, blocks = (problem->samples + BLOCK - 1) / BLOCK;
    vec total[MAX_DIMENSION];
    (void)x;
    for (long p = 0; p < dimension; p++) total[p] = (vec){0};
    for (long c = 0; c < blocks; c++) {
        const vec *a = (const vec *)(problem->blocks + c * dimension * BLOCK);
        vec t[VECTORS];
        for (int j = 0; j < VECTORS; j++) t[j] = (vec){0};
        for (long p = 0; p < dimension; p++)
            for (int j = 0; j < VECTORS; j++) t[j] += a[p * VECTORS + j] * v[p];
        for (int j = 0; j < VECTORS; j++) t[j] *= ((vec *)at->weights)[c * VECTORS + j];
        add_rows(a, t, dimension, total);
    }
    for (long p = 0; p < dimension; p++) product[p] = sum(total[p]) / (double)problem->samples;
}

ALWAYS_INLINE double rosenbrock_value(state *at, const double *x) {
    double total = 0;
    for (long j = 0; j < at->dimension - 1; j++) {
        double height = x[j + 1] - x[j] * x[j], distance = 1 - x[j];
        total += 100 * height * height + distance * distance;
    }
    return total;
}

ALWAYS_INLINE void rosenbrock_gradient(state *at, const double *x, double *gradient) {
    long last = at->dimension - 1;
    gradient[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]);
    for (long j = 1; j < last; j++)
        gradient[j] = 200 * (x[j] - x[j - 1] * x[j - 1]) - 400 * x[j] * (x[j + 1] - x[j] * x[j]) - 2 * (1 - x[j]);
    gradient[last] = 200 * (x[last] - x[last - 1] * x[last - 1]);
}

ALWAYS_INLINE void rosenbrock_product(state *at, const double *x, const double *v, double *product) {
    long last = at->dimension - 1;
    product[0] = (1200 * x[0] * x[0] - 400 * x[1] + 2) * v[0] - 400 * x[0] * v[1];
    for (long j = 1; j < last; j++)
        product[j] = (1200 * x[j] * x[j] - 400 * x[j + 1] + 202) * v[j] - 400 * (x[j - 1] * v[j - 1] + x[j] * v[j + 1]);
    product[last] = 200 * v[last] - 400 * x[last - 1] * v[last - 1];
}

/* The step in `s`; returns how much the model falls by it. Lengths of s follow from recurrences. */
ALWAYS_INLINE double steihaug(
    state *at, const settings *with, double radius, const double *x, const double *g, double *s, product_of product) {
    double r[MOST], p[MOST], Bp[MOST];
    long d = at->dimension;
    double rr = squared_length(g, d), ss = 0, sp = 0, pp = rr, fall = 0;
    double tolerance = rr * fmin(with->kappa * with->kappa, pow(rr, with->theta));
    for (long j = 0; j < d; j++) {
        s[j] = 0;
        r[j] = g[j];
        p[j] = -g[j];
    }
    for (long inner = 0; inner < with->max_inner && rr > 0; inner++) {
        product(at, x, p, Bp);
        at->products++;
        double curvature = 0, next = 0;
        for (long j = 0; j < d; j++) curvature += p[j] * Bp[j];
        double alpha = rr / curvature;
        int ends = !(curvature > 0) || ss + alpha * (2 * sp + alpha * pp) >= radius * radius;
        if (ends) {
            double gap = fmax(radius * radius - ss, 0);
            alpha = gap / (sp + sqrt(sp * sp + pp * gap));
        }
        fall += alpha * (rr - 0.5 * alpha * curvature);
        ss += alpha * (2 * sp + alpha * pp);
        for (long j = 0; j < d; j++) {
            s[j] += alpha * p[j];
            r[j] += alpha * Bp[j];
            next += r[j] * r[j];
        }
        if (ends || next <= tolerance) break;
        double beta = next / rr;
        sp = beta * (sp + alpha * pp);
        pp = next + beta * beta * pp;
        rr = next;
        for (long j = 0; j < d; j++) p[j] = beta * p[j] - r[j];
    }
    return fall;
}

ALWAYS_INLINE long trust_region(
    state *at, const settings *with, long steps, double tolerance, double *x, rows to, value_of value,
    gradient_of gradient, product_of product) {
    double g[MOST], trial[MOST], s[MOST], radius = with->radius;
    long d = at->dimension;
    double loss = value(at, x);
    gradient(at, x, g);
    for (long k = 0;; k++) {
        double squared_norm = squared_length(g, d);
        write_row(to, k, loss, squared_norm);
        if (k == steps || !goes_on(loss, squared_norm, INFINITY) || squared_norm <= tolerance * tolerance) return k;
        double fall = steihaug(at, with, radius, x, g, s, product);
        for (long j = 0; j < d; j++) trial[j] = x[j] + s[j];
        double there = value(at, trial), hidden = 10 * 2.220446049250313e-16 * fabs(loss);
        double rho = is_finite(there) ? (loss - there + hidden) / (fall + hidden) : -1;
        if (rho >= with->eta2)
            radius = fmin(with->increase * radius, with->max_radius);
        else if (rho < with->eta1)
            radius /= with->decrease;
        if (rho >= with->eta1) {
            memcpy(x, trial, (size_t)d * sizeof(double));
            loss = there;
            gradient(at, x, g);
        }
    }
}

/* One run from `x`, which becomes its end; returns its last iterate's number. `radii` and the other numbers of the
   method come in the order of `settings`; `products` are counted. */
long w6_carmon(
    const double *blocks, const double *targets, long samples, long dimension, const double *numbers, long max_inner,
    long steps, double tolerance, double *x, double *loss, double *gradient_norm, long *products) {
    long size = (samples + BLOCK - 1) / BLOCK * BLOCK;
    state at = {{blocks, targets, NULL, samples, dimension, 0}, dimension, 0, doubles(size), doubles(size)};
    settings with = {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7],
                     max_inner};
    rows to = {loss, gradient_norm};
    long end = trust_region(&at, &with, steps, tolerance, x, to, carmon_value, carmon_gradient, carmon_product);
    *products = at.products;
    free(at.arguments);
    free(at.weights);
    return end;
}

long w6_rosenbrock(
    long dimension, const double *numbers, long max_inner, long steps, double tolerance, double *x, double *loss,
    double *gradient_norm, long *products) {
    state at = {{0}, dimension, 0, NULL, NULL};
    settings with = {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7],
                     max_inner};
    rows to = {loss, gradient_norm};
    long end = trust_region(
        &at, &with, steps, tolerance, x, to, rosenbrock_value, rosenbrock_gradient, rosenbrock_product);
    *products = at.products;
    return end;
}
