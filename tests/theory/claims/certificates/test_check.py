"""The checker accepts what the ledger writes and refuses what is corrupted, by arithmetic and by hash."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from theory.claims import claim
from theory.claims.certificates import check
from theory.claims.certificates.files import write_claim, write_index, written

Entry = dict[str, Any]
IDENTITY, POSITIVE, MULTIPLIERS = "arsg.fast_form", "arsg.theorem1_stable", "sigma_nice.inner_loop"
WORST_CASE, ENCLOSURE, CLOSED = "worst_case.gradient_descent", "arsg.gain_factor_box", "arsg.variance_increases"


@pytest.fixture
def file(certificates) -> Callable[[str], Entry]:
    """`file("arsg.fast_form")`: a copy of what the claim's file holds."""
    return lambda claim_id: copy.deepcopy(certificates(claim_id))


def refused(entry: Entry, *, sealed: bool) -> bool:
    """Say whether the checker refuses a file; sealed again, only its arithmetic can."""
    if sealed:
        entry["sha256"] = check.digest(entry)
    try:
        check.checked(written(entry), entry["sha256"])
    except check.Refused:
        return True
    return False


def parts(entry: Entry, kind: str) -> list[Entry]:
    return [part for step in entry["steps"] for part in step.get("certificate", []) if part["kind"] == kind]


def numbers(tree: Any, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Where integers stand in an expression."""
    if isinstance(tree, list):
        return [found for place, branch in enumerate(tree) for found in numbers(branch, (*path, place))]
    return [path] if type(tree) is int else []


def changed(tree: Any, path: tuple[int, ...], by: int) -> Any:
    if not path:
        return tree + by
    return [*tree[: path[0]], changed(tree[path[0]], path[1:], by), *tree[path[0] + 1 :]]


@pytest.mark.parametrize("claim_id", [IDENTITY, POSITIVE, MULTIPLIERS, WORST_CASE, ENCLOSURE, CLOSED])
def test_what_the_ledger_writes_is_accepted(claim_id, file):
    assert not refused(file(claim_id), sealed=False)


@pytest.mark.parametrize("side", ["left", "right"])
def test_every_digit_of_an_identity_counts(side, file):
    tree = parts(file(IDENTITY), "identity")[0][side]
    places = numbers(tree)
    assert places
    for place in places:
        entry = file(IDENTITY)
        parts(entry, "identity")[0][side] = changed(tree, place, 1)
        assert refused(entry, sealed=True), place


@pytest.mark.parametrize("part", ["numerator", "denominator"])
def test_every_digit_of_a_sum_with_positive_coefficients_counts(part, file):
    tree = parts(file(POSITIVE), "positive")[0][part]
    places = [place for place in numbers(tree) if changed(tree, place, 1) != tree]
    assert places
    for place in places:
        entry = file(POSITIVE)
        parts(entry, "positive")[0][part] = changed(tree, place, 1)
        assert refused(entry, sealed=False), place


def negative_coefficient(entry: Entry) -> None:
    part = parts(entry, "positive")[0]
    for name in ("expression", "numerator"):
        part[name] = ["*", -1, part[name]]


def mixed_coefficients(entry: Entry) -> None:
    # (u - 1)^2 over 1 is that fraction and not negative, but its coefficients prove nothing
    square = ["^", ["+", "u", -1], 2]
    parts(entry, "positive")[0].update(expression=square, numerator=square, denominator=1)


def root_among_coefficients(entry: Entry) -> None:
    root = ["sqrt", ["+", "u", -1]]
    parts(entry, "positive")[0].update(expression=root, numerator=root, denominator=1)


def no_constant_term(entry: Entry) -> None:
    part = parts(entry, "positive")[0]
    part.update(expression="u", numerator="u", denominator=1)


def negative_multiplier(entry: Entry) -> None:
    term = parts(entry, "multipliers")[0]["terms"][0]
    term["multiplier"], term["premise"] = ["*", -1, term["multiplier"]], ["*", -1, term["premise"]]


def larger_multiplier(entry: Entry) -> None:
    term = parts(entry, "multipliers")[0]["terms"][0]
    term["multiplier"] = ["*", 2, term["multiplier"]]


def swapped_premises(entry: Entry) -> None:
    first, second = parts(entry, "multipliers")[1]["terms"]
    first["premise"], second["premise"] = second["premise"], first["premise"]


def dropped_premise(entry: Entry) -> None:
    parts(entry, "multipliers")[1]["terms"].pop()


def stronger_target(entry: Entry) -> None:
    part = parts(entry, "multipliers")[0]
    part["target"] = ["+", part["target"], -1]


def smaller_worst_case(entry: Entry) -> None:
    parts(entry, "worst_case")[2]["bound"] = [1, 15]  # 1/14 after three steps


def another_step_length(entry: Entry) -> None:
    parts(entry, "worst_case")[2]["steps"][1] = [7, 8]  # a shorter step ends higher


def another_weight(entry: Entry) -> None:
    parts(entry, "worst_case")[2]["weights"][0][2][0] += 1


def negative_weight(entry: Entry) -> None:
    # f_0 >= f_0, -1 times: nothing else would notice
    parts(entry, "worst_case")[2]["weights"].append([0, 0, [-1, 9]])


def inequality_of_a_point_with_itself(entry: Entry) -> None:
    # f_0 >= f_0 says nothing: it must not make up for a link that is left out
    weights = parts(entry, "worst_case")[2]["weights"]
    link = weights.pop(0)
    weights += [[0, 0, link[2]], [1, 1, link[2]]]


def division_by_zero(entry: Entry) -> None:
    parts(entry, "identity")[0].update(left=["*", 0, ["/", 1, ["+", "x", ["*", -1, "x"]]]], right=0)


def dropped_box(entry: Entry) -> None:
    split = parts(entry, "enclosure")[0]["split"]
    while split[2] is not None:
        split = split[2]
    split.pop()


def boxes_left_whole(entry: Entry) -> None:
    split = parts(entry, "enclosure")[0]["split"]
    split[1] = None


def another_axis(entry: Entry) -> None:
    parts(entry, "enclosure")[0]["split"][0] = "tau"


def larger_bound(entry: Entry) -> None:
    parts(entry, "enclosure")[0]["bound"] = [1, 10]


def wider_box(entry: Entry) -> None:
    parts(entry, "enclosure")[0]["box"]["share"][0] = [0, 1]


def renamed_side(entry: Entry) -> None:
    parts(entry, "enclosure")[0]["where"].append(["share", ["/", 1, 2]])


@pytest.mark.parametrize(
    ("claim_id", "corrupt"),
    [
        (POSITIVE, negative_coefficient),
        (POSITIVE, mixed_coefficients),
        (POSITIVE, root_among_coefficients),
        (CLOSED, no_constant_term),
        (MULTIPLIERS, negative_multiplier),
        (MULTIPLIERS, larger_multiplier),
        (MULTIPLIERS, swapped_premises),
        (MULTIPLIERS, dropped_premise),
        (MULTIPLIERS, stronger_target),
        (WORST_CASE, smaller_worst_case),
        (WORST_CASE, another_step_length),
        (WORST_CASE, another_weight),
        (WORST_CASE, negative_weight),
        (WORST_CASE, inequality_of_a_point_with_itself),
        (IDENTITY, division_by_zero),
        (ENCLOSURE, dropped_box),
        (ENCLOSURE, boxes_left_whole),
        (ENCLOSURE, another_axis),
        (ENCLOSURE, larger_bound),
        (ENCLOSURE, wider_box),
        (ENCLOSURE, renamed_side),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_arithmetic_refuses(claim_id, corrupt, file):
    entry = file(claim_id)
    corrupt(entry)
    assert entry != file(claim_id)
    assert refused(entry, sealed=True)


def another_sentence(entry: Entry) -> None:
    entry["sentence"] = "With any beta, the concise and the fast form take the same steps."


def swapped_hypothesis(entry: Entry) -> None:
    entry["hypotheses"] = ["beta < 1"]


def argument_turned_machine(entry: Entry) -> None:
    entry["steps"][-1]["kind"] = "machine"


def dropped_argument(entry: Entry) -> None:
    entry["steps"].pop()


def dropped_certificate(entry: Entry) -> None:
    entry["steps"][0]["certificate"] = []


def weaker_bound(entry: Entry) -> None:
    parts(entry, "worst_case")[2]["bound"] = [1, 13]  # true, and less than the step says


def smaller_box(entry: Entry) -> None:
    parts(entry, "enclosure")[0]["box"]["beta"][1] = [1, 2]


def target_among_premises(entry: Entry) -> None:
    part = parts(entry, "multipliers")[0]
    part["terms"] = [{"multiplier": 1, "premise": part["target"]}]


@pytest.mark.parametrize(
    ("claim_id", "corrupt"),
    [
        (IDENTITY, another_sentence),
        (IDENTITY, swapped_hypothesis),
        (MULTIPLIERS, argument_turned_machine),
        (MULTIPLIERS, dropped_argument),
        (IDENTITY, dropped_certificate),
        (WORST_CASE, weaker_bound),
        (ENCLOSURE, smaller_box),
        (MULTIPLIERS, target_among_premises),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_hash_refuses_what_states_something_else(claim_id, corrupt, file):
    entry = file(claim_id)
    corrupt(entry)
    assert refused(entry, sealed=False)


def test_floats_are_refused(file):
    entry = file(IDENTITY)
    parts(entry, "identity")[0]["right"] = 0.5
    with pytest.raises(check.Refused, match=r"0\.5"):
        check.checked(json.dumps(entry), entry["sha256"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("certificates")
    for claim_id in (IDENTITY, POSITIVE, WORST_CASE):
        write_claim(claim(claim_id), claim(claim_id).check(), folder=path)
    write_index(path)
    return path


def test_the_page_runs_alone(folder):
    # -I: without the path, the environment and the packages of this installation
    ran = subprocess.run([sys.executable, "-I", "-S", folder / "check.py", folder], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "3 files, 0 refused"
    assert f"{IDENTITY}: accepted, 2 of 2 machine steps certified, 0 argued" in ran.stdout


def test_a_file_that_is_gone_or_stands_for_another_claim_is_refused(folder, tmp_path, capsys):
    for file in folder.glob("*.json"):
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / f"{POSITIVE}.json").unlink()
    (tmp_path / f"{WORST_CASE}.json").write_text((folder / f"{IDENTITY}.json").read_text())
    assert check.main(tmp_path) == 1
    said = capsys.readouterr().out
    assert f"{POSITIVE}: in the index, but not there" in said
    assert f"{WORST_CASE}: REFUSED" in said
    assert said.splitlines()[-1] == "2 files, 2 refused"


def test_the_page_is_short_and_needs_nothing_but_the_standard_library():
    lines = Path(check.__file__).read_text().splitlines()
    assert len(lines) < 300
    imported = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (["^", ["+", ["sqrt", 2], 1], 2], ["+", 3, ["*", 2, ["sqrt", 2]]], True),
        (["^", ["sqrt", ["+", "x", 1]], 3], ["*", ["sqrt", ["+", "x", 1]], ["+", "x", 1]], True),
        (["/", ["+", ["^", "x", 2], -1], ["+", "x", 1]], ["+", "x", -1], True),
        (["^", ["/", "x", "y"], -2], ["/", ["^", "y", 2], ["^", "x", 2]], True),
        (["+", ["/", 1, 3], ["/", 1, 6]], ["/", 1, 2], True),
        (["^", "x", 0], 1, True),
        (["sqrt", 2], ["sqrt", 3], False),
        (["^", "x", 2], ["^", "y", 2], False),
    ],
)
def test_rational_functions_are_compared_as_such(left, right, same):
    if same:
        check.identity(left, right)
    else:
        with pytest.raises(check.Refused):
            check.identity(left, right)


def test_intervals_hold_what_the_expression_takes():
    tree = ["/", ["+", ["sqrt", "x"], ["max", "y", ["*", -1, "y"]]], ["+", 1, ["^", "x", 2], ["^", "y", 3]]]
    sides = {"x": (Fraction(1, 7), Fraction(2, 3)), "y": (Fraction(-1, 5), Fraction(1, 3))}
    box = {name: (low * check.SCALE // 1, -(-high * check.SCALE // 1)) for name, (low, high) in sides.items()}
    low, high = (end / check.SCALE for end in check.enclosed(tree, box))
    values = [
        (sqrt(x) + abs(y)) / (1 + x**2 + y**3) for x in (1 / 7, 0.3, 0.5, 2 / 3) for y in (-0.2, -0.1, 0.0, 0.1, 1 / 3)
    ]
    assert low <= min(values) < max(values) <= high
    assert high - low < 4 * (max(values) - min(values))


def test_intervals_are_rounded_outwards():
    low, high = check.enclosed(["sqrt", 2], {})
    assert low**2 <= 2 * check.SCALE**2 <= high**2
    assert high - low == 1
    low, high = check.enclosed(["/", 1, "x"], {"x": (3 * check.SCALE, 3 * check.SCALE)})
    assert 3 * low <= check.SCALE <= 3 * high
    side = {"x": (-check.SCALE, 2 * check.SCALE)}
    assert check.enclosed(["^", "x", 3], side) == (-check.SCALE, 8 * check.SCALE)
    assert check.enclosed(["^", "x", 2], side) == (0, 4 * check.SCALE)


def test_a_division_that_may_be_one_by_zero_is_refused():
    with pytest.raises(check.Refused, match="division by zero"):
        check.enclosed(["/", 1, "x"], {"x": (-1, 1)})
