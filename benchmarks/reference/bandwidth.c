/* How fast memory is read and written: what large data are measured by. */
#include "vector.h"

#define STRETCH 4096 /* doubles that a thread takes at a time */
#define SUMS 8       /* in flight, so that nothing waits for a sum */

/* The sum of `count` doubles, a multiple of STRETCH. */
void read_all(const double *a, long count, long threads, double *out) {
    double total = 0;
#pragma omp parallel for schedule(static) num_threads((int)threads) reduction(+ : total)
    for (long first = 0; first < count; first += STRETCH) {
        const vec *part = (const vec *)(a + first);
        vec sums[SUMS];
        for (int j = 0; j < SUMS; j++) sums[j] = part[j];
        for (long i = SUMS; i < STRETCH / LANES; i += SUMS)
            for (int j = 0; j < SUMS; j++) sums[j] += part[i + j];
        for (int j = 0; j < SUMS; j++) total += sum(sums[j]);
    }
    *out = total;
}

/* STREAM's triad. */
void triad(double *a, const double *b, const double *c, double factor, long count, long threads) {
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (long i = 0; i < count; i++) a[i] = b[i] + factor * c[i];
}
