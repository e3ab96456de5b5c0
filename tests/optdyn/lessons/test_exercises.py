"""Exercises: every variant can be solved, page and Python judge alike, and what is said fits the mistake."""

import json
import re

import numpy as np
import pytest

import optdyn
from optdyn.lessons import NAMES, exercise, lesson
from optdyn.lessons.exercises import Exercise, grid, judge, number, numbers_of, points_of, shown, value_of
from optdyn.lessons.expressions import Unreadable, evaluate
from optdyn.lessons.page import about, formulas_of
from optdyn.lessons.programs import Program
from optdyn.refusals import BadInput
from tests.optdyn.lessons.javascript import SHELL, in_node, needs_node

VARIANTS = 10_000
ASKED = [entry for name in NAMES for entry in lesson(name).exercises if isinstance(entry, Exercise)]
PROGRAMS = [entry for name in NAMES for entry in lesson(name).exercises if isinstance(entry, Program)]
STUDENTS = ["", "Ada Lovelace", "  ada   LOVELACE ", "Zoë Müßig", "İpek Ağaoğlu", "Σωκράτης", "李 明", "e\u0301milie"]
SPACED = ".5 0.5 0,5 1/2 5e-1 -3 −3 2(3+4) 2^-1 2**3**2 -2^2 (2)(3) 2pi 3π/2 sqrt(2) abs(-1.5) ln(2) 1e400 1/0"
TYPED = [
    *SPACED.split(),
    "1 / 2",
    "2 sin(1)cos(1)",
    "2·3×4",
    "exp(1)/log(10)",
    "",
    "  ",
    "1,5",
    "1,2,3",
    "1..2",
    "x",
    "2*",
]
TYPED += [
    "sqrt(-1)",
    "(1",
    "1)",
    "sqrt 2",
    "0x10",
    "import os",
    "β",
    "2 3",
    "__proto__",
    "constructor",
    "1e",
    "$",
    "'1'",
]


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: entry.id)
def test_ten_thousand_variants_can_be_solved(entry: Exercise) -> None:
    drawn = [numbers_of(entry, f"student {k}") for k in range(VARIANTS)]
    columns = {draw.name: np.array([numbers[draw.name] for numbers in drawn]) for draw in entry.numbers}
    assert len({tuple(numbers.values()) for numbers in drawn}) > VARIANTS / 3
    for part in entry.parts:
        if part.answer is not None:
            with np.errstate(all="raise"):
                answers = np.broadcast_to(value_of(part.answer, columns), VARIANTS)
            assert np.isfinite(answers).all()
            assert (np.abs(answers) > 1e-6).all()
            assert (np.abs(answers) < 1e6).all()
            for slip in part.slips:
                with np.errstate(all="ignore"):
                    wrong = np.broadcast_to(value_of(slip.answer, columns), VARIANTS)
                assert (np.abs(wrong - answers) > part.within * np.abs(answers)).mean() > 0.9, slip.words


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: entry.id)
def test_the_solution_is_accepted_and_its_negative_is_not(entry: Exercise) -> None:
    for student in STUDENTS:
        numbers = numbers_of(entry, student)
        solved = {
            key: part.formula or shown(float(value_of(part.answer, numbers)))
            for key, part in zip(entry.keys, entry.parts, strict=True)
        }
        assert optdyn.check(entry.id, solved, student=student), (entry.id, student)
        for key in entry.keys:
            found = judge(entry, solved | {key: f"-({solved[key]})"}, student)
            assert [part for part, verdict in found.items() if verdict.kind == "wrong"] == [key]
            assert judge(entry, solved | {key: " "}, student)[key].kind == "unanswered"


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: entry.id)
def test_texts_name_numbers_that_are_there(entry: Exercise) -> None:
    drawn, answers = {draw.name for draw in entry.numbers}, set(entry.keys)
    assert not set(re.findall(r"\[\[(\w+)\]\]", entry.hint + entry.solution)) & drawn & answers
    for text in (entry.ask, *(part.ask for part in entry.parts)):
        assert set(re.findall(r"\[\[(\w+)\]\]", text)) <= drawn
    for text in (entry.hint, entry.solution):
        assert set(re.findall(r"\[\[(\w+)\]\]", text)) <= drawn | answers
    for part in entry.parts:
        assert all(np.isfinite(evaluate(part.formula, point)) for point in points_of(part) if part.formula)


def test_an_answer_takes_numbers_by_their_names() -> None:
    parts = (number("?", lambda y, x: y - x), number("?", lambda: 4.0))
    numbers = (grid("x", "1", "1", "1"), grid("y", "3", "3", "1"))
    entry = Exercise(id="e.1", title="", ask="", numbers=numbers, parts=parts, hint="", solution="")
    assert [found.kind for found in judge(entry, {"a": "2", "b": "4"}, "").values()] == ["right", "right"]
    with pytest.raises(BadInput, match="takes z, which is no number of the exercise: it has x, y"):
        Exercise(**{**vars(entry), "parts": (number("?", lambda x: x, (lambda z: z, "slip")),)})


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_five_exercises_and_a_program(name: str) -> None:
    kinds = [type(entry) for entry in lesson(name).exercises]
    assert kinds.count(Exercise) >= 5
    assert kinds.count(Program) >= 1
    assert [entry.id for entry in lesson(name).exercises] == [f"{name}.{k}" for k in range(1, len(kinds) + 1)]


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_the_page_judges_as_python_does(name: str) -> None:
    cases = []
    for entry in lesson(name).exercises:
        if isinstance(entry, Exercise):
            for student in STUDENTS:
                numbers = numbers_of(entry, student)
                for key, part in zip(entry.keys, entry.parts, strict=True):
                    answer = part.formula or repr(float(value_of(part.answer, numbers)))
                    slips = [repr(float(value_of(slip.answer, numbers))) for slip in part.slips]
                    cases += [(entry, student, key, text) for text in (answer, f"1.5*({answer})", "", "2+", *slips)]
    printed = formulas_of(lesson(name))
    asked = [[entry.id, student, key, text] for entry, student, key, text in cases]
    told = in_node(
        (SHELL / "answers.js").read_text(encoding="utf-8")
        + "\n".join(printed.values())
        + f"\nconst exercises = {json.dumps(about(lesson(name))['exercises'])};"
        + f"\nconst functions = {{ {', '.join(printed)} }};"
        + f"\nreport({json.dumps(asked)}.map(([id, student, key, text]) => {{"
        " const exercise = exercises.find((entry) => entry.id === id), numbers = answers.numbersOf(exercise, student);"
        " const part = exercise.parts.find((entry) => entry.key === key);"
        " return [numbers, ...answers.judge(exercise, part, text, numbers, functions)]; }));"
    )
    for (entry, student, key, text), (numbers, kind, message) in zip(cases, told, strict=True):
        assert numbers == numbers_of(entry, student)
        assert judge(entry, {key: text}, student)[key] == (kind, message), (entry.id, student, key, text)


def read(text: str) -> float | str:
    """The value, or why there is none."""
    try:
        return evaluate(text, {"beta": 0.25, "x": 3.0})
    except Unreadable as error:
        return str(error)


@needs_node
def test_the_page_reads_what_python_reads() -> None:
    told = in_node(
        (SHELL / "answers.js").read_text(encoding="utf-8") + f"\nreport({json.dumps(TYPED)}.map((text) => {{"
        " try { return answers.evaluate(text, { beta: 0.25, x: 3 }); } catch (error) { return error.message; } }));"
    )
    for text, theirs in zip(TYPED, told, strict=True):
        ours = read(text)
        assert theirs == ours if isinstance(ours, str) else float(theirs) == pytest.approx(ours, rel=1e-15, nan_ok=True)


def test_numbers_are_shown_as_the_page_shows_them() -> None:
    values = [0.5, 19.0, 1234567.0, 0.00001234, 1e-7, -0.25, 99999.5, 0.1 + 0.2, 38.0, 1e21]
    assert [shown(value) for value in values] == (
        "0.5 19 1.235e+6 0.00001234 1e-7 -0.25 1.000e+5 0.3 38 1e+21".replace("1.000e+5", "100000").split()
    )


@pytest.mark.parametrize("entry", PROGRAMS, ids=lambda entry: entry.id)
def test_a_right_program_passes_and_slips_are_named(entry: Program) -> None:
    assert optdyn.check(entry.id, entry.step, student="Ada")
    for slip, words in entry.slips:
        found = optdyn.check(entry.id, slip, student="Ada")
        assert not found
        assert "differs first at iterate" in found.message
        assert found.message.endswith(words)


def test_a_program_is_told_where_it_differs() -> None:
    def until_three(m: float, x: float, gradient: float, alpha: float, beta: float) -> tuple[float, float]:
        calls.append(x)
        m = beta * m + (1 - beta) * gradient
        return m, x - alpha * m * (1.01 if len(calls) == 3 else 1)

    calls: list[float] = []
    found = optdyn.check("momentum.3", until_three)
    assert re.fullmatch(r"x differs first at iterate 3: you -?[\d.]+, expected -?[\d.]+\.", found.message)
    assert "raised ZeroDivisionError" in optdyn.check("momentum.3", lambda *_: 1 / 0).message
    assert "has to return 2 numbers, the new m, x" in optdyn.check("momentum.3", lambda *_: 1.0).message
    assert "m differs first at iterate 1: you nan" in optdyn.check("momentum.3", lambda *_: (float("nan"), 1.0)).message


def test_answers_come_in_several_shapes() -> None:
    numbers = numbers_of(exercise("momentum.1"), "")
    first = 2 * (1 + numbers["beta"]) / ((1 - numbers["beta"]) * numbers["lam"])
    second = first * (1 - numbers["beta"])
    for answer in ([first, second], {"a": str(first), "b": second}, (f"{first}", f"{second}*1")):
        assert optdyn.check("momentum.1", answer)
    half = optdyn.check("momentum.1", first)
    assert not half
    assert half.message.endswith("b) not answered yet.")
    assert half.message.startswith("a) right: anything from")


@pytest.mark.parametrize(
    ("id", "answer", "words"),
    [
        ("momentum", 1, "give the lesson and a number"),
        ("momentun.1", 1, "did you mean 'momentum'"),
        ("momentum.99", 1, "unknown exercise"),
        ("momentum.3", 1, "give the function step(m, x, gradient, alpha, beta) itself"),
        ("momentum.1", lambda: 1, "not for a program"),
        ("momentum.1", [1, 2, 3], "3 answers were given"),
        ("momentum.1", {"z": 1}, "has no part z"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(id: str, answer: object, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        optdyn.check(id, answer)
