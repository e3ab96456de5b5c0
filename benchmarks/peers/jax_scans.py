"""JAX in float64: compiled scans over steps, vmap over the runs of a sweep, optax where it has the method.

Optax has neither Barzilai–Borwein steps nor RSG; these are written out. A mini-batch is drawn as optdyn draws it:
`jax.random.choice` without replacement takes seven times as long.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

Result = tuple[np.ndarray, np.ndarray]
Scan = Callable[[Any, Any, int], tuple[Any, Any]]  # (step size, key, steps) -> loss and gradient norm of each row


def carmon_loss(A: Any, b: Any, x: Any) -> Any:
    """The mean of t²/(1 + t²)."""
    t = A @ x - b
    return jnp.mean(t * t / (1.0 + t * t))


def norm(gradient: Any) -> Any:
    """The Euclidean norm over all parameters."""
    return jnp.sqrt(sum(jnp.sum(leaf * leaf) for leaf in jax.tree.leaves(gradient)))


def timed(case: Any, scan: Scan) -> Callable[[int], Result]:
    """A runner: the scan compiled for each number of steps, mapped over runs in a sweep."""
    sizes = jnp.array([float(method.step_size) for method in case.methods])
    keys = jax.random.split(jax.random.key(0), case.runs)
    key_axis = None if case.noise == "common" else 0
    if case.runs == 1:
        compiled = jax.jit(scan, static_argnums=2)
        given = (sizes[0], keys[0])
    else:
        given = (sizes, keys[0] if key_axis is None else keys)

        @partial(jax.jit, static_argnums=2)
        def compiled(size: Any, key: Any, steps: int) -> tuple[Any, Any]:
            return jax.vmap(lambda s, k: scan(s, k, steps), in_axes=(0, key_axis))(size, key)

    def run(steps: int) -> Result:
        loss, length = jax.block_until_ready(compiled(*given, steps))
        return np.atleast_2d(loss), np.atleast_2d(length)

    return run


def barzilai_borwein(case: Any) -> Callable[[int], Result]:
    """W1."""
    A, b, nu = jnp.array(case.problem.A), jnp.array(case.problem.b), case.methods[0].nu
    value_and_gradient = jax.value_and_grad(partial(carmon_loss, A, b))

    def scan(size: Any, key: Any, steps: int) -> tuple[Any, Any]:
        def step(state: Any, k: Any) -> Any:
            x, last, last_gradient = state
            loss, gradient = value_and_gradient(x)
            s, y = x - last, gradient - last_gradient
            curvature = jnp.abs(s @ y)
            measured = jnp.where(curvature > 0, s @ s / jnp.where(curvature > 0, curvature, 1.0), nu)
            gamma = jnp.where(k > 0, measured, 1.0)
            return (x - size * gamma * gradient, x, gradient), (loss, norm(gradient))

        start = jnp.zeros(A.shape[1])
        return jax.lax.scan(step, (start, start, start), jnp.arange(steps + 1))[1]

    return timed(case, scan)


def shuffled(key: Any, permutation: Any, size: int) -> Any:
    """The permutation with its first `size` places drawn anew (Fisher and Yates)."""
    place = jnp.arange(size)
    others = place + (jax.random.uniform(key, (size,)) * (len(permutation) - place)).astype(jnp.int32)

    def exchange(i: Any, p: Any) -> Any:
        other = others[i]
        mine, chosen = p[i], p[other]
        return p.at[i].set(chosen).at[other].set(mine)

    return jax.lax.fori_loop(0, size, exchange, permutation)


def mini_batches(case: Any) -> Callable[[int], Result]:
    """W2."""
    A, b, size = jnp.array(case.problem.A), jnp.array(case.problem.b), case.problem.batch_size
    every = case.record_every
    full = jax.value_and_grad(partial(carmon_loss, A, b))

    def scan(step_size: Any, key: Any, steps: int) -> tuple[Any, Any]:
        optimizer = optax.sgd(step_size)

        def step(state: Any, key: Any) -> Any:
            x, memory, permutation = state
            permutation = shuffled(key, permutation, size)
            batch = permutation[:size]
            gradient = jax.grad(lambda x: carmon_loss(A[batch], b[batch], x))(x)
            change, memory = optimizer.update(gradient, memory)
            return (optax.apply_updates(x, change), memory, permutation), None

        def row(state: Any, keys: Any) -> Any:
            loss, gradient = full(state[0])
            return jax.lax.scan(step, state, keys)[0], (loss, norm(gradient))

        start = jnp.zeros(A.shape[1])
        state = (start, optimizer.init(start), jnp.arange(len(b)))
        keys = jax.random.split(key, (steps // every, every))
        return with_end(jax.lax.scan(row, state, keys), full)

    return timed(case, scan)


def with_end(scanned: Any, full: Any) -> tuple[Any, Any]:
    """The rows of a scan and one for its last iterate."""
    state, rows = scanned
    loss, gradient = full(state[0])
    return jnp.append(rows[0], loss), jnp.append(rows[1], norm(gradient))


def net_reduced(case: Any) -> Callable[[int], Result]:
    """W3, reduced form."""
    A, S, weight = jnp.array(case.problem.A), jnp.array(case.problem.S), case.problem.weight

    def loss(layers: Any) -> Any:
        error = layers[0] @ layers[1] - A
        return weight * jnp.sum((error @ S) * error)

    return adam(case, loss)


def net_samples(case: Any) -> Callable[[int], Result]:
    """W3 over samples."""
    X, Y, weight = jnp.array(case.problem.X), jnp.array(case.problem.Y), case.problem.weight

    def loss(layers: Any) -> Any:
        error = (layers[0] @ layers[1]) @ X.T - Y.T
        return weight * jnp.sum(error * error)

    return adam(case, loss)


def adam(case: Any, loss: Callable[[Any], Any]) -> Callable[[int], Result]:
    """Adam on the two layers."""
    method, (m, k) = case.methods[0], case.problem.A.shape
    start = (jnp.array(case.problem.start[: m * k].reshape(m, k)), jnp.array(case.problem.start[m * k :].reshape(k, k)))

    def scan(size: Any, key: Any, steps: int) -> tuple[Any, Any]:
        optimizer = optax.adam(size, b1=method.beta1, b2=method.beta2, eps=method.eps)

        def step(state: Any, _: Any) -> Any:
            layers, memory = state
            value, gradient = jax.value_and_grad(loss)(layers)
            change, memory = optimizer.update(gradient, memory)
            return (optax.apply_updates(layers, change), memory), (value, norm(gradient))

        return jax.lax.scan(step, (start, optimizer.init(start)), None, length=steps + 1)[1]

    return timed(case, scan)


def noisy_quadratic(case: Any) -> Callable[[int], Result]:
    """W4; the noise of the steps between two records is drawn at once."""
    exact = getattr(case.problem, "problem", case.problem)
    deviation = float(case.problem.noise.deviation[0]) if exact is not case.problem else 0.0
    curvature, centre, method = jnp.array(exact.eigenvalues), jnp.array(exact.minimiser), case.methods[0]
    beta, mu, every = method.beta, method.mu, case.record_every

    def full(x: Any) -> Any:
        slope = curvature * (x - centre)
        return 0.5 * jnp.sum(slope * (x - centre)), slope

    def scan(size: Any, key: Any, steps: int) -> tuple[Any, Any]:
        def step(state: Any, noise: Any) -> Any:
            x, average = state
            gradient = full(x)[1] + deviation * noise
            average = beta * average + (1.0 - beta) * gradient
            return (x - size * ((1.0 - mu) * average + mu * gradient), average), None

        def row(state: Any, key: Any) -> Any:
            loss, slope = full(state[0])
            noise = jax.random.normal(key, (every, len(curvature)))
            return jax.lax.scan(step, state, noise)[0], (loss, norm(slope))

        state = (centre + 1.0, jnp.zeros_like(centre))
        return with_end(jax.lax.scan(row, state, jax.random.split(key, steps // every)), full)

    return timed(case, scan)


def short_runs(case: Any) -> Callable[[int], Result]:
    """W7: the ends of the runs alone, noise drawn step by step."""
    exact, deviation, method = case.problem.problem, float(case.problem.noise.deviation[0]), case.methods[0]
    curvature, beta, mu = jnp.array(exact.eigenvalues), method.beta, method.mu

    def scan(size: Any, key: Any, steps: int) -> tuple[Any, Any]:
        def step(state: Any, k: Any) -> Any:
            away, average = state
            gradient = curvature * away + deviation * jax.random.normal(jax.random.fold_in(key, k), (len(curvature),))
            average = beta * average + (1.0 - beta) * gradient
            return (away - size * ((1.0 - mu) * average + mu * gradient), average), None

        start = jnp.ones_like(curvature)
        away = jax.lax.scan(step, (start, jnp.zeros_like(start)), jnp.arange(steps))[0][0]
        slope = curvature * away
        return 0.5 * jnp.sum(slope * away)[None], norm(slope)[None]

    return timed(case, scan)


def surfaces(case: Any) -> Callable[[int], Result]:
    """W5."""
    tau, beta = jnp.array(case.problem.tau), case.problem.beta

    @jax.jit
    def both(mu: Any) -> tuple[Any, Any]:
        seen = beta * mu
        scaled, width = (1.0 - beta + seen) * tau, 1.0 - beta + 2.0 * seen
        discriminant = (scaled - (1.0 - beta)) ** 2 - 4.0 * beta * (1.0 - beta) * (1.0 - mu) * tau
        complex_pair = jnp.sqrt(jnp.maximum(beta - seen * tau, 0.0))
        real_pair = 0.5 * (jnp.abs(1.0 + beta - scaled) + jnp.sqrt(jnp.maximum(discriminant, 0.0)))
        margin = 2.0 * (1.0 + beta) - width * tau
        limit = tau * ((1.0 - beta) * (1.0 + beta) + width * seen * tau) / ((1.0 - beta + seen * tau) * margin)
        gain = jnp.where(discriminant < 0, complex_pair, real_pair)
        return gain, jnp.where((tau > 0) & (margin > 0), limit, jnp.nan)

    def evaluate(rows: int) -> Result:
        gain, limit = jax.block_until_ready(both(jnp.array(case.problem.mu[:rows, None])))
        return np.asarray(gain), np.asarray(limit)

    return evaluate


RUNNERS = {
    "w1": barzilai_borwein,
    "w2": mini_batches,
    "w3_reduced": net_reduced,
    "w3_samples": net_samples,
    "w4": noisy_quadratic,
    "w7": short_runs,
    "w5": surfaces,
}
