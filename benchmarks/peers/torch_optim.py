"""PyTorch on the processor in float64, torch.optim and autograd, single runs on one thread.

torch.optim has neither Barzilai–Borwein steps nor RSG. The former are SGD whose step size is set anew each time; the
latter is SGD with momentum and dampening, and a second step along the newest gradient.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from benchmarks.workloads import Case

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

Result = tuple[np.ndarray, np.ndarray]


def single(make: Callable[[Case], Callable[[int], Result]]) -> Callable[[Case], Callable[[int], Result] | None]:
    """Only the cases of one run."""
    return lambda case: make(case) if case.runs == 1 else None


def carmon_loss(A: Any, b: Any, x: Any) -> Any:
    """The mean of t²/(1 + t²)."""
    t = A @ x - b
    return (t * t / (1.0 + t * t)).mean()


def result(rows: list[tuple[Any, Any]]) -> Result:
    """Rows of losses and gradient norms as two arrays."""
    loss, norm = np.array([(float(a), float(b)) for a, b in rows]).T
    return loss[None], norm[None]


def barzilai_borwein(case: Case) -> Callable[[int], Result]:
    """W1."""
    A, b = torch.from_numpy(case.problem.A), torch.from_numpy(case.problem.b)
    size, nu = float(case.methods[0].step_size), case.methods[0].nu

    def run(steps: int) -> Result:
        x = torch.zeros(A.shape[1], requires_grad=True)
        optimizer = torch.optim.SGD([x], lr=size)
        rows, last, last_gradient = [], x, x
        for k in range(steps + 1):
            optimizer.zero_grad()
            loss = carmon_loss(A, b, x)
            loss.backward()
            rows.append((loss.detach(), x.grad.norm()))
            if k > 0:
                s, y = x.detach() - last, x.grad - last_gradient
                curvature = abs(float(s @ y))
                optimizer.param_groups[0]["lr"] = size * (float(s @ s) / curvature if curvature > 0 else nu)
            last, last_gradient = x.detach().clone(), x.grad.clone()
            optimizer.step()
        return result(rows)

    return run


def subsets(case: Case) -> Iterator[Any]:
    """Mini-batches, uniform without replacement."""
    generator, samples, size = torch.Generator().manual_seed(0), len(case.problem.b), case.problem.batch_size
    while True:
        yield torch.randperm(samples, generator=generator)[:size]


def mini_batches(case: Case) -> Callable[[int], Result]:
    """W2."""
    A, b = torch.from_numpy(case.problem.A), torch.from_numpy(case.problem.b)

    def run(steps: int) -> Result:
        x = torch.zeros(A.shape[1], requires_grad=True)
        optimizer = torch.optim.SGD([x], lr=float(case.methods[0].step_size))
        rows, batches = [], subsets(case)
        for k in range(steps + 1):
            if k % case.record_every == 0 or k == steps:
                loss = carmon_loss(A, b, x)
                (gradient,) = torch.autograd.grad(loss, x)
                rows.append((loss.detach(), gradient.norm()))
            batch = next(batches)
            optimizer.zero_grad()
            carmon_loss(A[batch], b[batch], x).backward()
            optimizer.step()
        return result(rows)

    return run


def net_reduced(case: Case) -> Callable[[int], Result]:
    """W3, reduced form."""
    A, S, weight = torch.from_numpy(case.problem.A), torch.from_numpy(case.problem.S), case.problem.weight

    def loss(first: Any, second: Any) -> Any:
        error = first @ second - A
        return weight * ((error @ S) * error).sum()

    return adam(case, loss)


def net_samples(case: Case) -> Callable[[int], Result]:
    """W3 over samples."""
    X, Y, weight = torch.from_numpy(case.problem.X.T), torch.from_numpy(case.problem.Y.T), case.problem.weight

    def loss(first: Any, second: Any) -> Any:
        error = (first @ second) @ X - Y
        return weight * (error * error).sum()

    return adam(case, loss)


def adam(case: Case, loss_of: Callable[[Any, Any], Any]) -> Callable[[int], Result]:
    """Adam on the two layers."""
    method, (m, k) = case.methods[0], case.problem.A.shape
    start = torch.from_numpy(case.problem.start)

    def run(steps: int) -> Result:
        layers = [start[: m * k].reshape(m, k).clone(), start[m * k :].reshape(k, k).clone()]
        for layer in layers:
            layer.requires_grad_(True)
        optimizer = torch.optim.Adam(
            layers, lr=float(method.step_size), betas=(method.beta1, method.beta2), eps=method.eps
        )
        rows = []
        for _ in range(steps + 1):
            optimizer.zero_grad()
            loss = loss_of(*layers)
            loss.backward()
            squares = [(layer.grad * layer.grad).sum() for layer in layers]
            rows.append((loss.detach(), (squares[0] + squares[1]).sqrt()))
            optimizer.step()
        return result(rows)

    return run


def noisy_quadratic(case: Case) -> Callable[[int], Result]:
    """W4."""
    exact = getattr(case.problem, "problem", case.problem)
    deviation = float(case.problem.noise.deviation[0]) if exact is not case.problem else 0.0
    curvature, centre = torch.from_numpy(exact.eigenvalues), torch.from_numpy(exact.minimiser)
    method = case.methods[0]
    size, beta, mu = float(method.step_size), method.beta, method.mu

    def run(steps: int) -> Result:
        generator = torch.Generator().manual_seed(0)
        x = (centre + 1.0).clone().requires_grad_(True)
        optimizer = torch.optim.SGD([x], lr=size * (1.0 - mu), momentum=beta, dampening=beta)
        optimizer.state[x]["momentum_buffer"] = torch.zeros_like(centre)  # otherwise it begins at the first gradient
        rows = []
        for k in range(steps + 1):
            optimizer.zero_grad()
            loss = 0.5 * (curvature * (x - centre) ** 2).sum()
            loss.backward()
            if k % case.record_every == 0 or k == steps:
                rows.append((loss.detach(), x.grad.norm()))
            x.grad += deviation * torch.randn(len(centre), generator=generator)
            optimizer.step()
            with torch.no_grad():
                x.add_(x.grad, alpha=-size * mu)
        return result(rows)

    return run


RUNNERS = {
    "w1": single(barzilai_borwein),
    "w2": single(mini_batches),
    "w3_reduced": single(net_reduced),
    "w3_samples": single(net_samples),
    "w4": single(noisy_quadratic),
}
