"""What a kernel may ask of a problem: the oracle protocol.

A problem is a `NamedTuple` of arrays and numbers. `value_and_gradient` is all that it must have; the rest opens more
methods to it. A field named `work` holds scratch arrays, of which every run gets its own copy.
"""

import numpy as np

from dynamics.kernels.generic import Generic, generic


def _value_by_both(problem, x):
    return value_and_gradient(problem, x, np.empty_like(x))


def _gradient_by_both(problem, x, out):
    value_and_gradient(problem, x, out)


def _sampled_gradient_by_both(problem, x, sample, out):
    sampled_value_and_gradient(problem, x, sample, out)


def _sampled_value_by_both(problem, x, sample):
    return sampled_value_and_gradient(problem, x, sample, np.empty_like(x))


def _unprepared_product(problem, x, v, out):
    hessian_product(problem, x, v, out)


def _hessian_by_products(problem, x, out):
    unit = np.zeros_like(x)
    for j in range(len(x)):
        unit[j] = 1.0
        hessian_product(problem, x, unit, out[j])
        unit[j] = 0.0


@generic()
def value_and_gradient(problem, x, out):
    """Write the full-batch gradient at `x`, shape (d,), into `out` and return the full-batch value.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import quadratic
    >>> out = np.empty(2)
    >>> float(value_and_gradient(quadratic(eigenvalues=[1.0, 3.0]), np.array([2.0, 1.0]), out)), out
    (3.5, array([2., 3.]))
    """


@generic(fallback=_value_by_both)
def value(problem, x):
    """Return the full-batch value at `x`, shape (d,).

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import quadratic
    >>> float(value(quadratic(eigenvalues=[1.0, 3.0]), np.array([2.0, 1.0])))
    3.5
    """


@generic(fallback=_gradient_by_both)
def gradient(problem, x, out):
    """Write the full-batch gradient at `x`, shape (d,), into `out`.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import quadratic
    >>> out = np.empty(2)
    >>> gradient(quadratic(eigenvalues=[1.0, 3.0]), np.array([2.0, 1.0]), out)
    >>> out
    array([2., 3.])
    """


@generic(called=True)
def hessian_product(problem, x, v, out):
    """Write the product of the Hessian at `x` with `v`, shape (d,), into `out`.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import quadratic
    >>> out = np.empty(2)
    >>> hessian_product(quadratic(eigenvalues=[1.0, 3.0]), np.zeros(2), np.ones(2), out)
    >>> out
    array([1., 3.])
    """


@generic(default=None, called=True)
def prepare_products(problem, x):
    """Keep in the problem's scratch what all Hessian products at `x` share."""


@generic(fallback=_unprepared_product, called=True)
def prepared_product(problem, x, v, out):
    """Write the product of the Hessian at `x`, where `prepare_products` was called last, with `v` into `out`."""


@generic(called=True)
def gauss_newton_product(problem, x, v, out):
    """Write the product of the generalised Gauss-Newton matrix at `x` with `v` into `out`.

    Examples
    --------
    >>> from synthetic import Carmon
    >>> gauss_newton_product.has(Carmon)
    True
    """


@generic(fallback=_hessian_by_products, called=True)
def hessian(problem, x, out):
    """Write the Hessian at `x` into `out`, shape (d, d).

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import quadratic
    >>> out = np.empty((2, 2))
    >>> hessian(quadratic(eigenvalues=[1.0, 3.0]), np.zeros(2), out)
    >>> out
    array([[1., 0.],
           [0., 3.]])
    """


@generic()
def draw(problem, rng, sample):
    """Fill `sample` with what makes the next stochastic gradient: a mini-batch, or a noise vector.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=10, rng=0)
    >>> sample = new_sample(problem)
    >>> draw(problem, np.random.default_rng(0), sample)
    >>> int(batch_summands(problem, sample))
    10
    """


@generic()
def sampled_value_and_gradient(problem, x, sample, out):
    """Write the gradient at `x` on a drawn `sample` into `out` and return the value on that sample.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=25, sampling="epoch", rng=0)
    >>> sample, out = new_sample(problem), np.empty(3)
    >>> draw(problem, np.random.default_rng(0), sample)
    >>> both = sampled_value_and_gradient(problem, np.ones(3), sample, out)
    >>> bool(both == sampled_value(problem, np.ones(3), sample))
    True
    """


@generic(fallback=_sampled_gradient_by_both)
def sampled_gradient(problem, x, sample, out):
    """Write the gradient at `x` on a drawn `sample` into `out`.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=25, sampling="epoch", rng=0)
    >>> rng, sample, halves, exact = np.random.default_rng(0), new_sample(problem), np.empty((2, 3)), np.empty(3)
    >>> for half in halves:  # of an epoch
    ...     draw(problem, rng, sample)
    ...     sampled_gradient(problem, np.ones(3), sample, half)
    >>> gradient(problem, np.ones(3), exact)
    >>> bool(np.allclose(halves.mean(axis=0), exact))
    True
    """


@generic(fallback=_sampled_value_by_both)
def sampled_value(problem, x, sample):
    """Return the value at `x` on a drawn `sample`.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=25, sampling="epoch", rng=0)
    >>> rng, sample, halves = np.random.default_rng(0), new_sample(problem), []
    >>> for _ in range(2):  # halves of an epoch
    ...     draw(problem, rng, sample)
    ...     halves.append(sampled_value(problem, np.ones(3), sample))
    >>> bool(np.isclose(np.mean(halves), value(problem, np.ones(3))))
    True
    """


@generic(called=True)
def sampled_hessian_product(problem, x, v, sample, out):
    """Write the product of the Hessian at `x` on a drawn `sample` with `v` into `out`.

    Examples
    --------
    >>> from synthetic import Carmon
    >>> sampled_hessian_product.has(Carmon)
    True
    """


@generic()
def mean_curved_gradient(problem, x, out):
    """Write the mean over all summands of a summand's Hessian times its own gradient at `x` into `out`.

    Examples
    --------
    >>> from synthetic import Carmon
    >>> mean_curved_gradient.has(Carmon)
    True
    """


@generic(default=1)
def batch_summands(problem, sample):
    """Return how many terms one stochastic gradient on `sample` takes.

    Examples
    --------
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=10, rng=0)
    >>> int(batch_summands(problem, new_sample(problem)))
    10
    """


@generic()
def resize(problem, sample, size):
    """Let the mini-batches that are drawn from now on have so many samples.

    Examples
    --------
    >>> from synthetic import carmon
    >>> problem = carmon(samples=50, dimension=3, batch_size=10, rng=0)
    >>> sample = new_sample(problem)
    >>> resize(problem, sample, 20)
    >>> int(batch_summands(problem, sample))
    20
    """


# What is asked of a problem in Python, once a run: never compiled.


@generic(default=None)
def initial_point(problem):
    """Return where a run starts when no `x0` is given, shape (d,), or None: then `x0` must be given.

    Examples
    --------
    >>> from synthetic import rosenbrock
    >>> initial_point(rosenbrock(2))
    array([-1.2,  1. ])
    """


@generic(default=None)
def new_sample(problem):
    """Return the buffers that `draw` fills, a NamedTuple of arrays, or None where the gradient is exact.

    Examples
    --------
    >>> from synthetic import carmon, quadratic
    >>> new_sample(quadratic(eigenvalues=[1.0])) is None
    True
    >>> new_sample(carmon(samples=50, dimension=3, batch_size=10, rng=0)) is None
    False
    """


@generic(default=1)
def summands(problem):
    """Return how many terms the full-batch value is a mean or a sum of; 1 where it is no finite sum.

    Examples
    --------
    >>> from synthetic import carmon
    >>> summands(carmon(samples=50, dimension=3, rng=0))
    50
    """


PROTOCOL: tuple[Generic, ...] = (
    value_and_gradient,
    value,
    gradient,
    hessian_product,
    prepare_products,
    prepared_product,
    gauss_newton_product,
    hessian,
    draw,
    sampled_value_and_gradient,
    sampled_gradient,
    sampled_value,
    sampled_hessian_product,
    mean_curved_gradient,
    batch_summands,
    resize,
)

# What a fallback asks of the problem in place of the function that it stands for.
INSTEAD: dict[Generic, Generic] = {
    value: value_and_gradient,
    gradient: value_and_gradient,
    prepared_product: hessian_product,
    hessian: hessian_product,
    sampled_gradient: sampled_value_and_gradient,
    sampled_value: sampled_value_and_gradient,
}
