/* Random numbers: xoshiro256+ generators side by side, one a lane, and normals by Box and Muller. */
#ifndef RANDOM_H
#define RANDOM_H
#include "vector.h"

typedef struct { uvec s0, s1, s2, s3; } generator;

/* Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021). */
ALWAYS_INLINE uvec next(generator *g) {
    uvec result = g->s0 + g->s3, t = g->s1 << 17;
    g->s2 ^= g->s0;
    g->s3 ^= g->s1;
    g->s1 ^= g->s2;
    g->s0 ^= g->s3;
    g->s2 ^= t;
    g->s3 = (g->s3 << 45) | (g->s3 >> 19);
    return result;
}

/* Each lane gets the state that splitmix64 makes of its own seed. */
static inline generator seeded(const uint64_t seeds[LANES]) {
    generator g;
    uvec *state = &g.s0;
    for (int lane = 0; lane < LANES; lane++) {
        uint64_t s = seeds[lane];
        for (int i = 0; i < 4; i++) {
            s += 0x9e3779b97f4a7c15ull;
            uint64_t z = s;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
            state[i][lane] = z ^ (z >> 31);
        }
    }
    return g;
}

/* All lanes serve one run: seeds far apart, so that runs share none. */
static inline generator seeded_for_one(uint64_t seed) {
    uint64_t seeds[LANES];
    for (int lane = 0; lane < LANES; lane++) seeds[lane] = (seed * LANES + (uint64_t)lane + 1) * 0xd1342543de82ef95ull;
    return seeded(seeds);
}

#define NORMALS 512 /* made at a time; half of them by the cosine and half by the sine */
#define TURN 6.283185307179586

/* Vectors of normals; a lane draws on its own generator alone. */
static inline void normals(generator *g, vec out[NORMALS / LANES]) {
    double radius[NORMALS / 2] __attribute__((aligned(64))), angle[NORMALS / 2] __attribute__((aligned(64)));
    double *o = (double *)out;
    const uvec one = (uvec){0} + 0x3ff0000000000000ull; /* bits of 1.0: a random mantissa below gives a number in [1, 2) */
    for (int i = 0; i < NORMALS / 2; i += LANES) {
        *(vec *)(radius + i) = 2.0 - (vec)((next(g) >> 12) | one);
        *(vec *)(angle + i) = ((vec)((next(g) >> 12) | one) - 1.0) * TURN;
    }
#pragma omp simd
    for (int i = 0; i < NORMALS / 2; i++) radius[i] = sqrt(-2.0 * log(radius[i]));
#pragma omp simd
    for (int i = 0; i < NORMALS / 2; i++) o[i] = radius[i] * cos(angle[i]);
#pragma omp simd
    for (int i = 0; i < NORMALS / 2; i++) o[NORMALS / 2 + i] = radius[i] * sin(angle[i]);
}

/* A mini-batch, uniform without replacement: the first places of a permutation are exchanged with places drawn from
   its rest (Fisher and Yates), and the permutation is kept from batch to batch. `batch` has room for whole vectors. */
ALWAYS_INLINE void draw_batch(generator *g, int *permutation, long samples, int *batch, long size) {
    uvec lane;
    for (int l = 0; l < LANES; l++) lane[l] = (uint64_t)l;
    for (long i = 0; i < size; i += LANES) {
        uvec rest = (uint64_t)(samples - i) - lane;
        uvec offset = ((next(g) >> 32) * rest) >> 32; /* uniform below `rest` within 2^-32 */
        long here = size - i < LANES ? size - i : LANES;
        for (long l = 0; l < here; l++) {
            long other = i + l + (long)offset[l];
            int chosen = permutation[other];
            permutation[other] = permutation[i + l];
            permutation[i + l] = chosen;
            batch[i + l] = chosen;
        }
    }
}
#endif
