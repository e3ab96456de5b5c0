"""`optdyn list` and `optdyn info`: what there is."""

import inspect
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["INFO_HELP", "LIST_HELP", "claims_table", "figures_table", "info", "list_names"]

LIST_HELP = """Say which problems, methods, figures, claims or papers there are, with their parameters.

\b
Examples:
  optdyn list methods
  optdyn list claims
"""

INFO_HELP = """Print versions, processor, cache folder and threads: what a report of a fault should carry.

\b
Example:
  optdyn info
"""


def list_names(
    kind: Annotated[str, typer.Argument(metavar="problems|methods|figures|claims|papers", help="What to list.")],
) -> None:
    """Print the table of one kind of thing."""
    from optdyn.console import new_console
    from optdyn.names import resolve

    tables = {
        "problems": _problems,
        "methods": _methods,
        "figures": figures_table,
        "claims": claims_table,
        "papers": _papers,
    }
    new_console().print(tables[resolve("kind of list", kind, tables)]())


def _problems() -> "Table":
    from synthetic import problems

    return _makers("problem", problems())


def _methods() -> "Table":
    from dynamics import methods

    return _makers("method", methods())


def _papers() -> "Table":
    from collections import Counter

    from dynamics.papers import papers
    from optdyn.console import new_table
    from plots.registry import FIGURES
    from theory.claims import claims

    figures, stated = (
        Counter(id.partition(".")[0] for id in known) for known in (FIGURES, (entry.id for entry in claims()))
    )
    rows = []
    for one in papers().values():
        counts = (len(one.methods), len(one.problems), figures[one.id], stated[one.id])
        rows.append((one.id, one.source, *(str(count or "") for count in counts)))
    columns = ("paper", "source", ">methods", ">problems", ">figures", ">claims")
    return new_table(*columns, prose=("source",), rows=rows)


def _makers(head: str, makers: dict[str, Callable[..., Any]]) -> "Table":
    from optdyn.console import new_table

    rows = [(name, _first_line(maker), _signature(maker)) for name, maker in makers.items()]
    return new_table(head, "what it is", "parameters", prose=("what it is", "parameters"), rows=rows)


def _first_line(thing: Any) -> str:
    """The first sentence of a docstring; a formula at its end is left out, one inside is put plainly."""
    text = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    text = text.partition(": :math:")[0].rstrip(".:")
    return re.sub(r":math:`([^`]*)`", lambda found: found[1].replace("\\", ""), text).replace("`", "")


def _signature(maker: Callable[..., Any]) -> str:
    from optdyn.settings import parameters_of

    return ", ".join(
        name if parameter.required else f"{name}={_shortest(parameter.default)}"
        for name, parameter in parameters_of(maker).items()
        if name != "rng"  # --seed sets it
    )


def _shortest(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def figures_table(ids: Iterable[str] | None = None) -> "Table":
    """The figures with these ids, all by default."""
    from optdyn.console import new_table
    from plots.registry import FIGURES, entry

    chosen = FIGURES if ids is None else ids
    return new_table(
        "figure",
        "title",
        "paper",
        prose=("title", "paper"),
        rows=[(id, entry(id).title, entry(id).paper) for id in chosen],
    )


def claims_table(ids: Iterable[str] | None = None) -> "Table":
    """The claims with these ids, all by default, and their verdicts on file."""
    from optdyn.console import VERDICT_STYLES, new_table
    from theory.claims import claim, claims, recorded_verdicts

    recorded = recorded_verdicts()
    table = new_table("claim", "on file", "statement", prose=("statement",))
    for id in [entry.id for entry in claims()] if ids is None else ids:
        verdict = str(recorded.get(id, ""))
        table.add_row(id, f"[{VERDICT_STYLES[verdict]}]{verdict}[/]" if verdict else "", claim(id).statement_words)
    return table


def info() -> None:
    """Print what the machine and the installation are."""
    import os
    import platform

    import llvmlite.binding
    import numba

    from dynamics.kernels.cache import cache_folder
    from optdyn.console import new_console, new_pairs
    from optdyn.provenance import source_hash, versions
    from optdyn.workers import THREADS, cores

    told = {name: os.environ[name] for name in ("NUMBA_DISABLE_JIT", "NUMBA_CACHE_DIR", *THREADS) if name in os.environ}
    rows = {
        **versions(),
        "platform": platform.platform(),
        "processor": _processor() or llvmlite.binding.get_host_cpu_name(),
        "cores": str(cores()),
        "threads": f"{numba.config.NUMBA_NUM_THREADS} for numba",
        "compilation": "off (NUMBA_DISABLE_JIT)" if numba.config.DISABLE_JIT else "on",
        "compiled kernels": str(cache_folder()),
        "source hash": source_hash(),
        **told,
    }
    new_console().print(new_pairs(rows.items()))


def _processor() -> str:
    """The processor's name where the system has it in words."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    except OSError:
        import platform

        return platform.processor()
