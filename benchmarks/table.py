"""The tables on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bandwidth import GOAL as READING_GOAL
from benchmarks.bandwidth import Rate
from benchmarks.calls import Call
from benchmarks.comparison import LEAST, Comparison
from benchmarks.latency import GOALS, Latency, compile_seconds
from benchmarks.memory import Peak
from benchmarks.sizes import GOAL as GOAL_OF_SIZES
from benchmarks.summary import Row, Spread
from benchmarks.updates import C_GOAL, GOAL, IN_CACHE, IN_MEMORY, SIZES, Update


def number(value: float) -> str:
    """Three significant digits.

    Examples
    --------
    >>> number(1234.5), number(0.01234), number(12.0)
    ('1230', '0.0123', '12.0')
    """
    if value == 0 or not abs(value) < float("inf"):
        return str(value)
    return f"{value:#.3g}".rstrip(".") if 1e-3 <= abs(value) < 1000 else f"{float(f'{value:.3g}'):g}"


def band(spread: Spread | None) -> tuple[str, str]:
    """A median, and its quartiles."""
    if spread is None:
        return "–", ""
    return number(spread.median), f"{number(spread.low)}–{number(spread.high)}"


def verdict(row: Row) -> str:
    """The goal and whether it is met."""
    if row.met is None:
        return row.goal
    a_product = f" ({number(row.over_c_product.median)} a product)" if row.over_c_product else ""
    return f"[green]{row.goal} ✓[/]{a_product}" if row.met else f"[red]{row.goal} ✗[/]{a_product}"


def overhead(row: Row) -> str:
    """What a call with one step costs, in milliseconds, and its share of a timed run, red where that distorts."""
    if not row.overhead:
        return ""
    shown = f"{1e3 * row.overhead:.3f} ({100 * row.overhead_share:.1f} %)"
    return shown if row.overhead_share < 0.05 else f"[red]{shown}[/]"


def _new(title: str, *columns: str) -> Table:
    from rich import box

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", no_wrap=True)
    return table


def heading(console: Console, machine: dict[str, Any]) -> None:
    """Machine and versions."""
    load = "" if machine["load"] is None else f", load {machine['load']:.1f}"
    console.print(f"{machine['processor']}, {machine['cores']} cores{load}; {machine['system']}", highlight=False)
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    console.print(f"{versions}; {machine['compiler'] or 'no C compiler'}", highlight=False)


def timings(rows: list[Row]) -> Table:
    """Peers by case: time of a unit of work and ratios."""
    names = (">ns", ">quartiles", ">× C", ">quartiles", ">× optdyn", "goal", ">steps", ">first call, s", ">1 step, ms")
    table = _new(
        "Time of one step of one run (W5: of one point; W6, W7: of a whole run); goal of a call with one step: 0.2 ms",
        "workload",
        "case",
        "peer",
        *names,
    )
    before = None
    for row in rows:
        if before not in (None, (row.workload, row.case)):
            table.add_section()
        shown = (row.workload, row.case) if before != (row.workload, row.case) else ("", "")
        before = (row.workload, row.case)
        table.add_row(
            *shown,
            row.peer,
            *band(row.time),
            *band(row.over_c),
            band(row.over_optdyn)[0],
            verdict(row),
            str(row.steps),
            f"{row.first_call:.3f}",
            overhead(row),
        )
    return table


def sizes(rows: list[tuple[str, int, list[Row]]]) -> Table:
    """Cost against size."""
    title = f"Cost against size (goal: {GOAL_OF_SIZES:g} times C)"
    table = _new(title, "what grows", ">size", ">optdyn, ns", ">C, ns", ">× C", ">quartiles")
    before = None
    for what, size, peers in rows:
        by_name = {row.peer: row for row in peers}
        optdyn, c = by_name.get("optdyn"), by_name.get("c")
        over, quartiles = band(optdyn.over_c if optdyn else None)
        missed = optdyn and optdyn.over_c and optdyn.over_c.median > GOAL_OF_SIZES
        table.add_row(
            what if what != before else "",
            str(size),
            band(optdyn.time if optdyn else None)[0],
            band(c.time if c else None)[0],
            f"[red]{over}[/]" if missed else over,
            quartiles,
        )
        before = what
    return table


def bandwidth(rates: list[Rate]) -> Table:
    """Large runs beside what the memory gives; red is past the goal."""
    title = (
        f"Large data: bytes that a step must read and write (goal: {READING_GOAL:.2f} times as long as reading them)"
    )
    table = _new(title, "what", "peer", ">threads", ">GB/s", ">quartiles", ">time / reading", ">quartiles")
    for rate in rates:
        over, quartiles = band(rate.over_read)
        missed = rate.peer == "optdyn" and rate.over_read.median > READING_GOAL
        cells = (*band(rate.gigabytes), f"[red]{over}[/]" if missed else over, quartiles)
        table.add_row(rate.what, rate.peer, str(rate.threads), *cells)
    return table


def calls(measured: list[Call]) -> Table:
    """What a call with one step costs; red is past the goal."""
    table = _new("A call of simulate with one step", "method", "problem", ">ms", ">quartiles", ">goal, ms")
    for call in measured:
        goal = f"{call.goal:g}" if call.time.median <= call.goal else f"[red]{call.goal:g}[/]"
        table.add_row(call.method, call.problem, *band(call.time), goal)
    return table


def updates(costs: list[Update]) -> Table:
    """First-order methods by what their update costs on the largest arrays, dearest first; red is past the goal."""
    columns = [column for size in SIZES for column in (f">d = {size}, ns", ">× SGD")]
    title = (
        f"A method's own update, for each parameter and array that it touches (goals: {GOAL:g} times SGD in memory, "
        f"{C_GOAL:g} times C in cache); without a ratio to SGD where its time or SGD's is too short for memory"
    )
    table = _new(title, "method", ">arrays", *columns, ">× C in cache")
    by_name: dict[str, dict[int, Update]] = {}
    for cost in costs:
        by_name.setdefault(cost.method, {})[cost.parameters] = cost
    for name, by_size in sorted(by_name.items(), key=lambda item: -item[1][IN_MEMORY].nanoseconds):
        cells = []
        for size in SIZES:
            cost = by_size[size]
            cells += [f"{cost.nanoseconds:.3f}", _told(cost.over_sgd, GOAL if size == IN_MEMORY else None)]
        table.add_row(name, str(by_size[IN_MEMORY].arrays), *cells, _told(by_size[IN_CACHE].over_c, C_GOAL))
    return table


def _told(over: Spread | None, goal: float | None) -> str:
    """A ratio, red past its goal."""
    shown = "" if over is None else f"{over.median:.2f}"
    return f"[red]{shown}[/]" if over is not None and goal is not None and over.median > goal else shown


def latency(rows: list[Latency]) -> Table:
    """From process start to the first result."""
    columns = (">cold, s", ">quartiles", ">warm, s", ">quartiles", ">first call cold, s", ">warm, s", ">later, s")
    title = (
        f"From process start to the first result: W1 for 100 steps (goals: warm {GOALS['warm']} s and before JAX, "
        f"cold before JAX, too, compilation {GOALS['compile']} s)"
    )
    table = _new(title, "peer", *columns, ">compilation, s")
    for row in rows:
        calls = (row.cold_call, row.warm_call, row.later_call)
        times = (*band(row.cold), *band(row.warm), *(band(call)[0] for call in calls))
        table.add_row(row.peer, *times, number(compile_seconds(row)))
    return table


def memory(rows: list[Peak]) -> Table:
    """Peak memory of long runs."""
    table = _new(
        "Peak memory of W4 in 2-D with 100 records", "peer", ">steps", ">peak, MiB", ">rise over 10⁴ steps, MiB"
    )
    for row in rows:
        table.add_row(row.peer, str(row.steps), f"{row.peak:.1f}", f"{row.rise:.2f}")
    return table


def changes(found: Comparison) -> Table:
    """What is slower, what is faster, and what is neither."""
    columns = ("unit", ">before", ">quartiles", ">now", ">quartiles", ">now / before", "")
    title = f"Slower or faster: the quartiles of the rounds are apart, and the medians by more than {100 * LEAST:g} %"
    table = _new(title, "what", *columns)
    for change in found.changes:
        colour = {"slower": "red", "faster": "green", "same": "default"}[change.verdict]
        verdict = f"[{colour}]{'' if change.verdict == 'same' else change.verdict}[/]"
        cells = (*band(change.before), *band(change.now), number(change.ratio), verdict)
        table.add_row(change.what, change.unit, *cells)
    return table
