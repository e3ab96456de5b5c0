"""Each method once more, slow, from its formulas, in whole arrays and with all of its history."""

import numpy as np
import scipy.linalg
from landscape import SHAPES


def average(history, beta, corrected=False):
    """The moving average that begins at 0, as a sum over all terms."""
    ages = np.arange(len(history))[::-1]
    total = np.tensordot((1 - beta) * beta**ages, np.array(history), axes=1)
    return total / (1 - beta ** len(history)) if corrected else total


def walk(gradient, x, steps, move):
    """The iterates of x ← x + move(k, gradients so far, iterates so far)."""
    xs, gs = [np.array(x)], []
    for k in range(steps):
        gs.append(gradient(xs[-1]))
        xs.append(xs[-1] + move(k, gs, xs))
    return np.array(xs)


def sign_descent(gradient, x, steps, *, step_size, beta=0.0):
    return walk(gradient, x, steps, lambda k, gs, xs: -step_size[k] * np.sign(average(gs, beta)))


def lion(gradient, x, steps, *, step_size, beta1=0.9, beta2=0.99, decay=0.0):
    def move(k, gs, xs):
        before = average(gs[:-1], beta2) if k else 0.0
        return -step_size[k] * (np.sign(beta1 * before + (1 - beta1) * gs[-1]) + decay * xs[-1])

    return walk(gradient, x, steps, move)


def adamw(gradient, x, steps, *, step_size, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.01):
    def move(k, gs, xs):
        root = np.sqrt(average(np.square(gs), beta2, corrected=True)) + eps
        return -step_size[k] * (average(gs, beta1, corrected=True) / root + decay * xs[-1])

    return walk(gradient, x, steps, move)


def matrices(vector):
    ends = np.cumsum([np.prod(shape) for shape in SHAPES])
    parts = np.split(vector, ends[:-1])
    return [part.reshape(shape[0], -1) for part, shape in zip(parts, SHAPES, strict=True)]


def joined(parts):
    return np.concatenate([part.ravel() for part in parts])


def by_singular_values(M, factor, iterations):
    """What the iterations do to singular values is what they do to the matrix."""
    U, s, Vt = np.linalg.svd(M, full_matrices=False)
    if factor == "exact":
        return U @ Vt
    s = s / np.linalg.norm(s)
    for _ in range(iterations):
        s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5 if factor == "quintic" else 1.5 * s - 0.5 * s**3
    return (U * s) @ Vt


def muon(gradient, x, steps, *, step_size, beta=0.95, momentum="sum", nesterov=True, factor="quintic", iterations=5,
         scale="none", decay=0.0):  # fmt: skip
    sizes = {
        "none": lambda M: 1.0,
        "shape": lambda M: max(1.0, M.shape[0] / M.shape[1]) ** 0.5,
        "rms": lambda M: 0.2 * max(M.shape) ** 0.5,
    }

    def move(k, gs, xs):
        enters = 1.0 if momentum == "sum" else 1 - beta
        m = enters * sum(beta**age * g for age, g in enumerate(gs[::-1]))
        m = beta * m + enters * gs[-1] if nesterov else m
        turned = joined([sizes[scale](M) * by_singular_values(M, factor, iterations) for M in matrices(m)])
        return -step_size[k] * (turned + decay * xs[-1])

    return walk(gradient, x, steps, move)


def power(square, exponent):
    """The inverse of a power 1, 1/2 or 1/4 of a positive definite matrix, by square roots."""
    root = square
    for _ in range({1.0: 0, 0.5: 1, 0.25: 2}[-exponent]):
        root = scipy.linalg.sqrtm(root)
    return np.linalg.inv(root)


def shampoo(gradient, x, steps, *, step_size, beta=1.0, power_=0.25, eps=1e-4, period=1):
    def summed(squares):
        return sum(squares) if beta == 1.0 else average(squares, beta)

    def move(k, gs, xs):
        seen = len(gs) - k % period  # gradients that the last powers have seen
        out = []
        for i, G in enumerate(matrices(gs[-1])):
            history = [matrices(g)[i] for g in gs[:seen]]
            L = summed([H @ H.T for H in history]) + eps * np.eye(G.shape[0])
            R = summed([H.T @ H for H in history]) + eps * np.eye(G.shape[1])
            if G.shape[1] == 1:
                out.append(power(L, -2 * power_) @ G)
            else:
                out.append(power(L, -power_) @ G @ power(R, -power_))
        return -step_size[k] * joined(out)

    return walk(gradient, x, steps, move)


def soap(gradient, x, steps, *, step_size, beta1=0.95, beta2=0.95, rho=0.95, eps=1e-8, decay=0.0, period=10):
    """Adam on the coordinates in bases that are orthogonalised by Gram and Schmidt."""

    def orthogonal(M):
        columns = []
        for v in M.T:
            for _ in range(2):
                v = v - sum((q @ v) * q for q in columns)
            columns.append(v / np.linalg.norm(v))
        return np.array(columns).T

    def basis(squares, k):
        """That of step k, of the squares of all gradients before."""
        Q = np.linalg.svd(squares[0])[0]
        for j in range(1, k):
            if j % period == 0:
                Q = orthogonal(average(squares[: j + 1], rho) @ Q)
        return Q

    def move(k, gs, xs):
        out = []
        for i in range(len(SHAPES)):
            history = [matrices(g)[i] for g in gs]
            P, Q = np.eye(SHAPES[i][0]), np.eye(history[0].shape[1])
            seen = []
            for t in range(k + 1):
                if 1 not in history[0].shape:
                    P, Q = basis([H @ H.T for H in history], t), basis([H.T @ H for H in history], t)
                seen.append(np.square(P.T @ history[t] @ Q))
            root = np.sqrt(average(seen, beta2, corrected=True)) + eps
            out.append(P @ (P.T @ average(history, beta1, corrected=True) @ Q / root) @ Q.T)
        return -step_size[k] * (joined(out) + decay * xs[-1])

    return walk(gradient, x, steps, move)


def schedule_free(gradient, x, steps, *, step_size, beta=0.9, decay=0.0, growth=0.0, power_=2.0, beta2=None, eps=1e-8):
    """The average as a weighted sum of all z."""
    xs, zs, gs, weights = [np.array(x)], [np.array(x)], [], []
    for k in range(steps):
        y = beta * xs[-1] + (1 - beta) * zs[-1]
        gs.append(gradient(y))
        scale = 1.0 if beta2 is None else np.sqrt(average(np.square(gs), beta2, corrected=True)) + eps
        zs.append(zs[-1] - step_size[k] * (gs[-1] / scale + decay * y))
        weights.append((k + 1) ** growth * max(step_size[: k + 1]) ** power_)
        total = sum(weights)
        xs.append(np.tensordot(weights, zs[1:], axes=1) / total if total > 0 else xs[-1])
    return np.array(xs)


def schedule_free_adamw(gradient, x, steps, *, beta2=0.999, **numbers):
    return schedule_free(gradient, x, steps, beta2=beta2, **numbers)


def d_adapt_sgd(gradient, x, steps, *, step_size, beta=0.0, d0=1e-6, factor=1.0):
    xs, gs, lengths, d = [np.array(x)], [], [], d0
    for k in range(steps):
        gs.append(gradient(xs[-1]))
        lengths.append(step_size[k] * d / np.linalg.norm(gs[0]))
        sums = np.cumsum(np.array(lengths)[:, None] * gs, axis=0)
        products = sum(lengths[i] * gs[i] @ sums[i - 1] for i in range(1, k + 1))
        if np.linalg.norm(sums[-1]) > 0:
            d = max(d, factor * products / np.linalg.norm(sums[-1]))
        xs.append(beta * xs[-1] + (1 - beta) * (xs[0] - sums[-1]))
    return np.array(xs)


def d_adapt_adam(gradient, x, steps, *, step_size, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0, d0=1e-6):
    xs, gs, moved, products, d, rho = [np.array(x)], [], [], [], d0, np.sqrt(beta2)
    for k in range(steps):
        gs.append(gradient(xs[-1]))
        s = average(moved, rho) if moved else np.zeros_like(xs[0])
        root = np.sqrt(average(np.square(gs[:-1]), beta2)) + eps if k else np.full_like(xs[0], eps)
        length = step_size[k] * d
        products.append(length * gs[-1] @ (s / root))
        moved.append(length * gs[-1])
        root = np.sqrt(average(np.square(gs), beta2)) + eps
        sum_s = np.abs(average(moved, rho)).sum()
        if sum_s > 0:
            d = max(d, average(products, rho) / ((1 - rho) * sum_s))
        xs.append(xs[-1] - average(moved, beta1) / root - length * decay * xs[-1])
    return np.array(xs)


def prodigy(gradient, x, steps, *, step_size, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0, d0=1e-6, coefficient=1.0,
            bias_correction=False, safeguard=False):  # fmt: skip
    xs, scaled, pulls, moved, d, rho = [np.array(x)], [], [], [], d0, np.sqrt(beta2)
    for k in range(steps):
        g = gradient(xs[-1])
        corrected = np.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1)) if bias_correction else 1.0
        length = step_size[k] * d * corrected
        scaled.append(d * g)
        pulls.append(d * length * g @ (xs[0] - xs[-1]))
        moved.append(d * (d if safeguard else length) * g)
        fall = rho ** np.arange(k + 1)[::-1]
        size = np.abs(np.tensordot(fall, moved, axes=1)).sum()
        if size > 0:
            d = max(d, coefficient * (fall @ pulls) / size)
        root = np.sqrt(average(np.square(scaled), beta2)) + d * eps
        xs.append(xs[-1] - length * (average(scaled, beta1) / root + decay * xs[-1]))
    return np.array(xs)


def dog(gradient, x, steps, *, step_size, initial=1e-6, relative=True, eps=1e-8):
    def move(k, gs, xs):
        first = initial * (1 + np.linalg.norm(xs[0])) if relative else initial
        farthest = max([first, *(np.linalg.norm(y - xs[0]) for y in xs)])
        return -step_size[k] * farthest / np.sqrt(np.sum(np.square(gs)) + eps) * gs[-1]

    return walk(gradient, x, steps, move)


def momo(gradient, x, steps, *, loss, step_size, beta=0.9, lower_bound=0.0):
    """The model is the average of linear models; the step solves it down to the bound, or goes α far."""

    def move(k, gs, xs):
        weights = np.array([beta**k] + [(1 - beta) * beta ** (k - i) for i in range(1, k + 1)])
        d = np.tensordot(weights, gs, axes=1)
        model = sum(w * (loss(y) + g @ (xs[-1] - y)) for w, g, y in zip(weights, gs, xs, strict=True))
        return -min(step_size[k], max(model - lower_bound, 0.0) / (d @ d)) * d

    return walk(gradient, x, steps, move)


def normalized_gradient(gradient, x, steps, *, step_size, beta=0.0):
    def move(k, gs, xs):
        m = average(gs, beta)
        return -step_size[k] * m / np.linalg.norm(m)

    return walk(gradient, x, steps, move)


def clipped_gradient(gradient, x, steps, *, step_size, threshold=1.0, by="norm", beta=0.0):
    def cut(g):
        if by == "entry":
            return np.clip(g, -threshold, threshold)
        return g * min(1.0, threshold / np.linalg.norm(g))

    return walk(gradient, x, steps, lambda k, gs, xs: -step_size[k] * average([cut(g) for g in gs], beta))


def averaged_gd(gradient, x, steps, *, step_size, weights="uniform", begin=0, beta=0.99):
    ws = walk(gradient, x, steps, lambda k, gs, xs: -step_size[k] * gs[-1])
    if weights == "uniform":
        return np.array([ws[t] if t <= begin else ws[begin + 1 : t + 1].mean(axis=0) for t in range(steps + 1)])
    return np.array([beta**t * ws[0] + average(ws[1 : t + 1], beta) if t else ws[0] for t in range(steps + 1)])


def lbfgs(gradient, x, lengths, *, pairs):
    """Steps of given lengths along -Hg, with H as a matrix that the pairs update from the oldest on."""
    eye = np.eye(len(x))

    def move(k, gs, xs):
        H = eye
        for i in range(max(0, k - pairs), k):
            s, y = xs[i + 1] - xs[i], gs[i + 1] - gs[i]
            if i == max(0, k - pairs):
                s_new, y_new = xs[k] - xs[k - 1], gs[k] - gs[k - 1]
                H = s_new @ y_new / (y_new @ y_new) * eye
            V = eye - np.outer(s, y) / (y @ s)
            H = V @ H @ V.T + np.outer(s, s) / (y @ s)
        return -lengths[k] * (H @ gs[-1])

    return walk(gradient, x, len(lengths), move)


def conjugate_gradients(gradient, x, lengths, *, rule):
    """Steps of given lengths along directions that are made anew from all gradients."""

    def move(k, gs, xs):
        d = -gs[0]
        for i in range(1, k + 1):
            g, y = gs[i], gs[i] - gs[i - 1]
            beta = {
                "polak-ribiere": g @ y / (gs[i - 1] @ gs[i - 1]),
                "fletcher-reeves": g @ g / (gs[i - 1] @ gs[i - 1]),
                "hestenes-stiefel": g @ y / (d @ y),
                "dai-yuan": g @ g / (d @ y),
            }[rule]
            d = -g + max(beta, 0.0) * d
        return lengths[k] * d

    return walk(gradient, x, len(lengths), move)
