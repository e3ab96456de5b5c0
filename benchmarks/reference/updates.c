/* Updates of first-order methods alone: so many in turn, with one gradient. */
#include <math.h>
#include <stdlib.h>

#define EACH for (long j = 0; j < d; j++)
#define TIMES for (long k = 0; k < updates; k++)

void update_sgd(double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    TIMES EACH x[j] -= step * g[j];
}

void update_rsg(double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    double beta = 0.999, mu = 0.1;
    TIMES EACH {
        m[j] = beta * m[j] + (1 - beta) * g[j];
        x[j] -= step * (mu * g[j] + (1 - mu) * m[j]);
    }
}

void update_adagrad(double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    TIMES EACH {
        v[j] += g[j] * g[j];
        x[j] -= step * g[j] / (sqrt(v[j]) + 1e-10);
    }
}

void update_rmsprop(double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    double beta = 0.99;
    TIMES EACH {
        v[j] = beta * v[j] + (1 - beta) * g[j] * g[j];
        x[j] -= step * g[j] / (sqrt(v[j]) + 1e-8);
    }
}

void update_adam(double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    double beta1 = 0.9, beta2 = 0.999;
    TIMES {
        double root = sqrt(1 - pow(beta2, k + 1.0)), scale = step * root / (1 - pow(beta1, k + 1.0)), eps = 1e-8 * root;
        EACH {
            m[j] = beta1 * m[j] + (1 - beta1) * g[j];
            v[j] = beta2 * v[j] + (1 - beta2) * g[j] * g[j];
            x[j] -= scale * m[j] / (sqrt(v[j]) + eps);
        }
    }
}

void update_amsgrad(double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    double beta1 = 0.9, beta2 = 0.999;
    TIMES EACH {
        m[j] = beta1 * m[j] + (1 - beta1) * g[j];
        v[j] = beta2 * v[j] + (1 - beta2) * g[j] * g[j];
        u[j] = fmax(u[j], v[j]);
        x[j] -= step * m[j] / (sqrt(u[j]) + 1e-8);
    }
}

/* m and v hold the last iterate and its gradient. */
void update_barzilai_borwein(
    double *x, const double *g, double *m, double *v, double *u, double step, long d, long updates) {
    TIMES {
        double ss = 0, sy = 0;
        EACH {
            double s = x[j] - m[j], y = g[j] - v[j];
            ss += s * s;
            sy += s * y;
            m[j] = x[j];
            v[j] = g[j];
        }
        double length = step * (sy != 0 ? ss / fabs(sy) : 1);
        EACH x[j] -= length * g[j];
    }
}
