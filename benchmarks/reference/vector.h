/* A register of doubles at a time, and the tests and sums that all references share. Registers are those that the
   processor has: gcc keeps wider vectors in memory. */
#ifndef VECTOR_H
#define VECTOR_H
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

#ifdef __AVX512F__
#define LANES 8
#else
#define LANES 4
#endif
#define WIDTH (LANES * 8) /* bytes */
typedef double vec __attribute__((vector_size(WIDTH)));
typedef double vec_anywhere __attribute__((vector_size(WIDTH), aligned(8))); /* need not lie on a register's boundary */
typedef uint64_t uvec __attribute__((vector_size(WIDTH)));
typedef int64_t ivec __attribute__((vector_size(WIDTH)));
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Fast-math lets the compiler drop isfinite(); it can't drop a look at the exponent's bits. */
#define EXPONENT 0x7ff0000000000000ull
ALWAYS_INLINE int is_finite(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits & EXPONENT) != EXPONENT;
}

/* -1 in the lanes that are finite, 0 in the others. */
ALWAYS_INLINE ivec finite_lanes(vec x) { return ((uvec)x & EXPONENT) != EXPONENT; }

/* A run goes on while its loss and squared gradient norm are finite and the loss is within its bound. */
ALWAYS_INLINE int goes_on(double loss, double squared_norm, double bound) {
    return is_finite(loss) && is_finite(squared_norm) && fabs(loss) <= bound;
}

ALWAYS_INLINE double sum(vec a) {
#if LANES == 8
    return ((a[0] + a[4]) + (a[1] + a[5])) + ((a[2] + a[6]) + (a[3] + a[7]));
#else
    return (a[0] + a[2]) + (a[1] + a[3]);
#endif
}

ALWAYS_INLINE vec root(vec a) {
#ifdef __AVX512F__
    return (vec)_mm512_sqrt_pd((__m512d)a);
#elif defined __AVX__
    return (vec)_mm256_sqrt_pd((__m256d)a);
#else
    for (int l = 0; l < LANES; l++) a[l] = sqrt(a[l]);
    return a;
#endif
}

#define SHUFFLE __builtin_shufflevector
/* Lane i is the sum of the entries of rows[i]: rounds of pairwise sums. */
ALWAYS_INLINE vec sums(const vec rows[LANES]) {
#if LANES == 8
    vec pair[4], four[2];
    for (int i = 0; i < 4; i++) {
        vec a = rows[2 * i], b = rows[2 * i + 1];
        pair[i] = SHUFFLE(a, b, 0, 8, 2, 10, 4, 12, 6, 14) + SHUFFLE(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int i = 0; i < 2; i++) {
        vec a = pair[2 * i], b = pair[2 * i + 1];
        four[i] = SHUFFLE(a, b, 0, 1, 8, 9, 4, 5, 12, 13) + SHUFFLE(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    }
    vec a = four[0], b = four[1];
    return SHUFFLE(a, b, 0, 1, 2, 3, 8, 9, 10, 11) + SHUFFLE(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
#else
    vec pair[2];
    for (int i = 0; i < 2; i++) {
        vec a = rows[2 * i], b = rows[2 * i + 1];
        pair[i] = SHUFFLE(a, b, 0, 4, 2, 6) + SHUFFLE(a, b, 1, 5, 3, 7);
    }
    return SHUFFLE(pair[0], pair[1], 0, 1, 4, 5) + SHUFFLE(pair[0], pair[1], 2, 3, 6, 7);
#endif
}

ALWAYS_INLINE double squared_length(const double *x, long size) {
    double total = 0;
    for (long j = 0; j < size; j++) total += x[j] * x[j];
    return total;
}

/* Zeroed doubles on a 64-byte boundary; a size of a whole number of vectors. */
static inline double *doubles(long size) {
    size_t bytes = ((size_t)size * sizeof(double) + 63) / 64 * 64;
    double *memory = aligned_alloc(64, bytes);
    memset(memory, 0, bytes);
    return memory;
}

/* What a run leaves behind, one row for each recorded iterate. */
typedef struct {
    double *loss, *gradient_norm; /* full batch */
} rows;

ALWAYS_INLINE void write_row(rows to, long row, double loss, double squared_norm) {
    to.loss[row] = loss;
    to.gradient_norm[row] = sqrt(squared_norm);
}
#endif
