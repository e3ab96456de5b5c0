"""`optdyn verify`."""

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optdyn import completion
from optdyn.findings import Finding
from optdyn.names import typed_path
from optdyn.refusals import FAILED, INTERRUPTED, BadInput

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["HELP", "verify"]

HELP = """Check claims of the papers, and print what the checks found.

PATTERN is a claim such as arsg.variance_limit, a paper such as arsg, or a pattern such as '*.angle'; your own are named
by where they are: mine.py, package.module, package.module:NAME. Without one, all claims are checked, in worker
processes; what they find does not depend on how many there are. Ctrl-C prints what was found by then; with --json or
--junit the same command goes on where it stopped, after a kill too. The exit status is 1 only where a check crashed or
came to another verdict than the one on file, a weaker one too: a refuted claim is a finding, not a failure.

\b
Examples:
  optdyn verify
  optdyn verify arsg --explain
  optdyn verify --level full --jobs 2
  optdyn verify problems.condition_number --level full --json findings.json
  optdyn verify --certificates certificates
"""


def verify(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATTERN]...", help="Claims to check.", autocompletion=completion.claims),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Say which claims there are, and stop.")] = False,
    level: Annotated[str, typer.Option("--level", help="quick or full.")] = "quick",
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of every random draw.")] = 0,
    explain: Annotated[bool, typer.Option("--explain", help="Tell the whole story of each claim.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Worker processes; one for each core by default.")
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json",
            metavar="FILE",
            parser=typed_path,
            help="Write the findings as JSON.",
        ),
    ] = None,
    junit_file: Annotated[
        Path | None,
        typer.Option(
            "--junit",
            metavar="FILE",
            parser=typed_path,
            help="Write a JUnit report for a build server.",
        ),
    ] = None,
    claims_file: Annotated[
        Path | None,
        typer.Option(
            "--claims-json",
            metavar="FILE",
            parser=typed_path,
            help="Write the claims in a form for other ledgers; optdyn verdicts diff compares two.",
        ),
    ] = None,
    certificates: Annotated[
        Path | None,
        typer.Option(
            "--certificates",
            metavar="FOLDER",
            parser=typed_path,
            help="Write certificates of the proofs, and check.py, which decides them again.",
        ),
    ] = None,
) -> None:
    """Check the claims that fit, side by side; a check that crashes does not stop the others."""
    from dynamics.checks import require_at_least
    from optdyn.checkpoint import checkpoint_beside
    from optdyn.chosen import chosen_claims
    from optdyn.console import new_console
    from optdyn.exchange import claims_to_json
    from optdyn.exports import findings_to_json, findings_to_junit, write_file
    from optdyn.names import resolve
    from optdyn.verification import certify, verify_claims
    from optdyn.workers import cores
    from optdyn.writing import check_folder
    from theory.claims import LEVELS
    from theory.claims.certificates.files import write_index

    console = new_console()
    chosen = chosen_claims(patterns or [])
    if listing:
        from optdyn.commands.catalogue import claims_table

        console.print(claims_table(chosen))
        return
    level = resolve("level", level, LEVELS)
    require_at_least("--seed", seed, 0, "numpy seeds are not negative")
    workers = cores() if jobs is None else jobs
    require_at_least("--jobs", workers, 1, "somebody has to do the work")
    _check_reports({"--json": json_file, "--junit": junit_file, "--claims-json": claims_file})
    if certificates is not None:
        check_folder(certificates)
    report = json_file or junit_file or claims_file
    # What was found before a kill is not checked again, and would leave no certificate.
    kept = None if certificates else report
    checkpoint = checkpoint_beside(kept, level=level, seed=seed, claims=chosen) if kept else None
    also = {} if certificates is None else {"perform": functools.partial(certify, folder=str(certificates.absolute()))}
    findings, interrupted = verify_claims(
        chosen, level=level, seed=seed, jobs=workers, console=console, checkpoint=checkpoint, **also
    )
    if certificates is not None:
        write_index(certificates)
    # Written before anything is printed: standard output may be full or gone.
    if json_file is not None:
        write_file(json_file, findings_to_json(findings, level=level, seed=seed, complete=not interrupted))
    if junit_file is not None:
        write_file(junit_file, findings_to_junit(findings))
    if claims_file is not None:
        write_file(claims_file, claims_to_json(findings, level=level, seed=seed, complete=not interrupted))
    if checkpoint and not interrupted:
        checkpoint.remove()
    _print_table(console, findings)
    if len(findings) > 1:
        from optdyn.story import tally

        console.print(tally(findings), markup=False)
    if certificates is not None:
        console.print(_acceptance(certificates, findings), markup=False)
    if interrupted:
        console.print(f"Interrupted after {len(findings)} of {len(chosen)} claims; what was found is what was written.")
        raise typer.Exit(INTERRUPTED)
    for finding in findings:
        if explain or finding.is_wrong:
            _print_story(console, finding)
    if any(finding.is_wrong for finding in findings):
        raise typer.Exit(FAILED)


def _check_reports(files: Mapping[str, Path | None]) -> None:
    """Refuse what cannot be written, and two reports in one file."""
    from optdyn.exports import check_file

    taken: dict[Path, str] = {}
    for option, file in files.items():
        if file is None:
            continue
        check_file(file)
        if other := taken.get(file.absolute()):
            raise BadInput(f"{other} and {option} both name {file}: one would replace the other; give two files.")
        taken[file.absolute()] = option


def _print_table(console: "Console", findings: Sequence[Finding]) -> None:
    from optdyn.console import VERDICT_STYLES, new_table
    from optdyn.story import worded

    table = new_table("claim", "verdict", ">margin", ">tightness", ">trials", prose=("claim",))
    for finding in findings:
        evidence = finding.evidence
        style = VERDICT_STYLES["crashed" if finding.is_wrong else finding.verdict]
        verdict = worded(finding.verdict, evidence).replace(
            "with ", "with\n"
        )  # two short lines leave room for the claim
        table.add_row(
            finding.id,
            f"[{style}]{verdict}{' !' * finding.contradicts}[/]",
            _number(evidence.get("margin")),
            _number(evidence.get("tightness")),
            str(evidence.get("trials") or ""),
        )
    console.print(table)


def _acceptance(folder: Path, findings: Sequence[Finding]) -> str:
    """Who accepts how many certificates."""
    names = [finding.evidence.get("accepted_by", []) for finding in findings]
    counts = {name: sum(name in each for each in names) for each in names for name in each}
    told = ", ".join(f"{name} accepts {count}" for name, count in counts.items()) or "none"
    page = folder / "check.py"
    return f"Certificates of proofs in {folder}: {told}. To decide them again: python {page} {folder}"


def _number(value: float | str | None) -> str:
    return f"{value:.3g}" if isinstance(value, float | int) else value or ""


def _print_story(console: "Console", finding: Finding) -> None:
    from rich.markup import escape

    from optdyn.console import VERDICT_STYLES, new_pairs
    from optdyn.story import as_text, story, worded

    title, style = escape(finding.about.get("title", "")), VERDICT_STYLES[finding.verdict]
    console.print(f"[bold]{finding.id}[/]  {title}  [{style}]{worded(finding.verdict, finding.evidence)}[/]")
    told = {label: as_text(value) for label, value in story(finding)}
    prose = {label: told.pop(label) for label in ("statement", "found", "traceback") if label in told}
    for text in prose.values():
        console.print(text, markup=False, soft_wrap=text is prose.get("traceback"))
    # Labels of numbers are long, and would squeeze what stands beside the short ones.
    for numbers in (False, True):
        pairs = [(escape(label), escape(text)) for label, text in told.items() if label.startswith("data: ") == numbers]
        if pairs:
            console.print(new_pairs(pairs))
    console.print()
