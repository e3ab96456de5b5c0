"""Pictures of claims: one where it helps, drawn from what the check found, showing what its caption says."""

import numpy as np
import pytest

from plots.claims import drawable, picture_of, pictures
from plots.style import style
from theory.claims import claim, claims, statement
from theory.claims.evidence import Evidence, Verdict

OURS = sorted(pictures())


@pytest.fixture(scope="module")
def drawn(quick):
    """`drawn("l4.polyak")`: the axes of a claim's picture, not rendered."""

    def axes(claim_id):
        data = quick(claim_id).to_json()["data"] if pictures()[claim_id].needs else {}
        picture = drawable(claim(claim_id), data)
        assert picture is not None, f"the evidence lacks some of {pictures()[claim_id].needs}"
        with style("column"):
            return picture.draw(data).axes[0]

    return axes


def test_enough_claims_have_a_picture_and_each_is_of_a_claim():
    assert set(OURS) <= {entry.id for entry in claims()}
    assert len(OURS) >= 40


@pytest.mark.parametrize("claim_id", OURS)
def test_a_picture_can_be_drawn_and_says_what_its_axes_are(claim_id, drawn):
    axes = drawn(claim_id)
    caption = pictures()[claim_id].caption
    assert caption.endswith(".")
    assert len(caption) <= 120
    named = all(label.get_text() for label in axes.get_yticklabels()) or not axes.get_yticks().size
    assert axes.get_xlabel()
    assert axes.get_ylabel() or named
    texts = [axes.get_xlabel(), axes.get_ylabel(), *(text.get_text() for text in axes.texts)]
    assert not any("$" in text for text in texts), "mathematics is Unicode: to typeset it takes most of the time"
    for line in axes.lines:
        numbers = np.asarray(line.get_xydata(), dtype=float)
        assert not numbers.size or np.isfinite(numbers).mean() > 0.5
    names = [name for name in axes.get_legend_handles_labels()[1] if not name.startswith("_")]
    assert len(set(names)) == len(names)


def curve(axes, name):
    """The ordinates of a curve."""
    return np.asarray(next(line for line in axes.lines if line.get_label() == name).get_ydata())


@pytest.mark.parametrize(
    ("claim_id", "shown"),
    [
        ("worst_case.gradient_descent", lambda a: np.ptp(curve(a, "bound 1/(4N + 2)") - curve(a, "Huber's function"))),
        ("arsg.theorem1", lambda a: curve(a, "1 − rate, (16)")[-1] / curve(a, "1 − rate, exact")[-9] - 1),
        ("arsg.touching_point", lambda a: curve(a, "left out")[-1] / curve(a, "1 − r_g at τ_cb1")[-1]),
        ("step_tuned.averaging_variance", lambda a: curve(a, "β = 0.9")[-1] - 1 / 19),
        ("step_tuned.epoch_decay", lambda a: curve(a, "once an epoch")[39] - curve(a, "at each step, times K⁰·⁶")[39]),
        ("trust_region.wigner_share", lambda a: curve(a, "20 matrices")[-1] - 1 / 150),
        (
            "trust_region.newton_rate",
            lambda a: curve(a, "distance |x − x*|")[1] - curve(a, "square of the one before")[0],
        ),
        ("sigma_nice.same_ladder", lambda a: curve(a, "both")[-1] - curve(a, "batch × 2")[-1]),
        ("sigma_nice.tangent_probability", lambda a: curve(a, "arc cosine (d = 2)")[0] - curve(a, "d = 1")[0]),
        ("high_dimension.largest_step", lambda a: curve(a, "d = 100")[-1] - 1 / (2 / 2 * (1 - 0.02))),
    ],
)
def test_what_should_meet_in_a_picture_meets(claim_id, shown, drawn):
    assert shown(drawn(claim_id)) == pytest.approx(0, abs=2e-3)


@pytest.mark.parametrize(
    ("claim_id", "shown"),
    [
        ("l4.polyak", lambda a: np.diff(curve(a, "distance from x*")) < 0),
        ("l4.polyak_rate", lambda a: curve(a, "bound") > curve(a, "least loss so far")),
        ("l4.one_dimension", lambda a: np.diff(a.lines[2].get_xdata()) < 0),
        ("arsg.variance_increases", lambda a: np.concatenate([np.diff(line.get_ydata()) > 0 for line in a.lines])),
        ("arsg.negative_curvature", lambda a: np.concatenate([np.diff(line.get_ydata()) > 0 for line in a.lines])),
        ("trust_region.newton_ascends", lambda a: np.diff(curve(a, "Newton's step"))[:20] > 0),
        ("trust_region.half_under_early_stop", lambda a: a.lines[0].get_ydata()[1] < a.lines[1].get_ydata()[0]),
        ("trust_region.steihaug_monotone", lambda a: np.diff(curve(a, "norm ‖s‖_A")) > 0),
        ("step_tuned.range_of_steps", lambda a: (a.lines[0].get_ydata() >= 1) & (a.lines[0].get_ydata() <= 20)),
        ("trust_region.subsampled_gradient", lambda a: curve(a, "bound") >= curve(a, "300 draws")),
        ("sigma_nice.threshold_sharp", lambda a: np.prod(a.lines[1].get_xydata(), axis=1) < 1),
    ],
)  # fmt: skip
def test_a_picture_shows_what_its_caption_says(claim_id, shown, drawn):
    assert np.all(shown(drawn(claim_id)))


def test_a_claim_that_brings_a_picture_is_drawn_from_data_alone():
    @statement(
        id="tests.drawn",
        paper="tests",
        number="-",
        title="A line",
        statement_latex="1<2",
        statement_words="One is less than two.",
        picture=lambda data: data["line"],
    )
    def line(level, rng):
        return Evidence(verdict=Verdict.PROVED, text="seen")

    assert drawable(line, {}) is None
    assert drawable(line, {"line": 3}).draw({"line": 3}) == 3
    assert picture_of(claim("l4.angle")) is None
    assert drawable(claim("worst_case.accelerated"), {"steps": [1]}) is None
