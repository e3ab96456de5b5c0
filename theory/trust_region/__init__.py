"""Trust regions in ellipsoids: steps, equivalence of norms, model decreases and the number of iterations."""

from theory.trust_region.complexity import (
    ComplexityBound,
    complexity_bound,
    success_radius_curvature,
    success_radius_gradient,
)
from theory.trust_region.minimiser import model_minimiser
from theory.trust_region.model import (
    cauchy_decrease,
    cauchy_point,
    eigen_point,
    eigenpoint_decrease,
    model_decrease,
)
from theory.trust_region.norms import equivalence_constant, uniform_equivalence_epsilon
from theory.trust_region.steihaug import SteihaugRun, steihaug
from theory.trust_region.steps import ellipsoid_step

__all__ = [
    "ComplexityBound",
    "SteihaugRun",
    "cauchy_decrease",
    "cauchy_point",
    "complexity_bound",
    "eigen_point",
    "eigenpoint_decrease",
    "ellipsoid_step",
    "equivalence_constant",
    "model_decrease",
    "model_minimiser",
    "steihaug",
    "success_radius_curvature",
    "success_radius_gradient",
    "uniform_equivalence_epsilon",
]
