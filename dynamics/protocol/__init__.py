"""What authors of kernels need: the functions that problems and methods implement, and what kernels call.

Who runs methods needs `dynamics` alone. A problem implements `value_and_gradient` and what else it has; a method
implements `update`, which asks an oracle, `Full` or `Sampled`; `implements` registers a kernel, `kernel` decorates what
kernels call.
"""

from dynamics.kernels.declarations import always, wraps
from dynamics.kernels.generic import Generic, MissingImplementation, generic, implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.blocks import Block, block_table, blocks, blocks_of
from dynamics.protocol.full_and_sampled import Full, Sampled, unit, whole
from dynamics.protocol.graduation import graduate
from dynamics.protocol.kernel_errors import KernelError
from dynamics.protocol.large_data import parts, stretches
from dynamics.protocol.method import (
    PAID,
    STALE,
    UNPAID,
    NoMemory,
    Point,
    before_draw,
    full_batch_only,
    memory_for,
    memory_of_blocks,
    new_memory,
    preconditioner,
    requires,
    runs_in_lanes,
    samples_in_lanes,
    update,
    uses_gradient,
    uses_loss,
    uses_rng,
)
from dynamics.protocol.oracle import (
    batch_summands,
    draw,
    gauss_newton_product,
    gradient,
    hessian,
    hessian_product,
    initial_point,
    mean_curved_gradient,
    new_sample,
    prepare_products,
    prepared_product,
    resize,
    sampled_gradient,
    sampled_hessian_product,
    sampled_value,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.protocol.sampling_variance import sampling_variance
from dynamics.protocol.schedules import Schedule, StepSize, scheduled
from dynamics.protocol.status import Status
from dynamics.vectors.blocks import matrix_at
from dynamics.vectors.choices import where_positive

__all__ = [
    "PAID",
    "STALE",
    "UNPAID",
    "Block",
    "Full",
    "Generic",
    "KernelError",
    "MissingImplementation",
    "NoMemory",
    "Point",
    "Sampled",
    "Schedule",
    "Status",
    "StepSize",
    "always",
    "batch_summands",
    "before_draw",
    "block_table",
    "blocks",
    "blocks_of",
    "draw",
    "full_batch_only",
    "gauss_newton_product",
    "generic",
    "gradient",
    "graduate",
    "hessian",
    "hessian_product",
    "implements",
    "initial_point",
    "kernel",
    "matrix_at",
    "mean_curved_gradient",
    "memory_for",
    "memory_of_blocks",
    "new_memory",
    "new_sample",
    "parts",
    "preconditioner",
    "prepare_products",
    "prepared_product",
    "requires",
    "resize",
    "runs_in_lanes",
    "sampled_gradient",
    "sampled_hessian_product",
    "sampled_value",
    "sampled_value_and_gradient",
    "samples_in_lanes",
    "sampling_variance",
    "scheduled",
    "stretches",
    "summands",
    "unit",
    "update",
    "uses_gradient",
    "uses_loss",
    "uses_rng",
    "value",
    "value_and_gradient",
    "where_positive",
    "whole",
    "wraps",
]
