"""`python -m benchmarks.lessons`: how soon the lessons draw in a browser, and how soon after a slider moves.

Three methods run for 1,000 steps. A picture counts as there when its pixels are: reading one of each canvas waits for
all that was drawn. Each time is the least of three, so that what else the machine does counts less; `slowest` is the
95th percentile over the places of all sliders.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from optdyn.lessons import NAMES, lesson
from optdyn.lessons.page import page
from tests.browser import opened

WIDTH = 100  # characters that the table needs
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
LIMITS = {"kilobytes": 1500, "first": 1000.0, "picture": 16.0, "slowest": 16.0, "requests": 0, "messages": 0}
READS = "willReadFrequently"  # the browser's advice on what is done here only
SLIDES = """() => {
  for (const commit of $$(".predict")) { $("input", commit).click(); $(".commit", commit).click(); }
  Object.assign(state, defaults, { steps: "1000", t: Infinity });
  render();
  const pixels = () => $$(".panel canvas").forEach((canvas) => canvas.getContext("2d").getImageData(0, 0, 1, 1));
  pixels();
  const found = [];
  for (const { name } of LESSON.controls) {
    const range = $(`#c-${name}`), places = Number(range.max);
    for (let k = 0; k < 9; k += 1) {
      let least = Infinity;
      for (let again = 0; again < 3; again += 1) {
        let passed = 0;
        for (const share of [k * 0.382 + 0.25, k * 0.618 + 0.5]) {  // from another place
          range.value = Math.round(places * (share % 1));
          const before = performance.now();
          range.dispatchEvent(new Event("input"));  // asks for a frame, in which it would draw
          cancelAnimationFrame(scheduled); scheduled = 0;
          render(); pixels();
          passed = performance.now() - before;
        }
        least = Math.min(least, passed);
      }
      found.push(least);
    }
  }
  return found;
}"""


class Measured(NamedTuple):
    """A page in one width and scheme; times in milliseconds."""

    lesson: str
    width: int
    scheme: str
    kilobytes: float
    first: float
    picture: float
    slowest: float
    requests: int
    messages: int


def drawn(tab: Any, file: Path) -> float:
    """Milliseconds from asking for the page to its first picture."""
    tab.goto(file.as_uri())
    tab.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    marks = ("drawn", "first-contentful-paint")
    return max(tab.evaluate("name => performance.getEntriesByName(name)[0].startTime", name) for name in marks)


def measure(browser: Any, file: Path, width: int, scheme: str) -> Measured:
    """Open a page and move its sliders."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    requests: list[str] = []
    messages: list[str] = []
    tab.on("request", lambda request: requests.append(request.url) if request.url != file.as_uri() else None)
    tab.on("console", lambda message: messages.append(message.text) if READS not in message.text else None)
    tab.on("pageerror", lambda error: messages.append(str(error)))
    first = min(drawn(tab, file) for _ in range(3))
    times = sorted(tab.evaluate(SLIDES))
    context.close()
    return Measured(
        lesson=file.stem,
        width=width,
        scheme=scheme,
        kilobytes=file.stat().st_size / 1000,
        first=float(first),
        picture=float(statistics.median(times)),
        slowest=float(times[int(0.95 * len(times))]),
        requests=len([url for url in requests if not url.startswith("data:")]),
        messages=len(messages),
    )


def table(rows: list[Measured]) -> Table:
    """As printed; what is above its limit has a mark."""
    found = Table()
    for name in Measured._fields:
        found.add_column(name, justify="left" if name in ("lesson", "scheme") else "right")
    for row in rows:
        cells = [f"{value:.1f}" if isinstance(value, float) else str(value) for value in row]
        over = [name in LIMITS and value > LIMITS[name] for name, value in row._asdict().items()]
        found.add_row(*(f"{cell} !" if above else cell for cell, above in zip(cells, over, strict=True)))
    return found


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lessons", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="LESSON", help=f"{', '.join(NAMES)}; all unless given")
    parser.add_argument("--json", type=Path, help="a file to write all numbers to")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder, opened() as browser:
        for name in given.names or NAMES:
            file = Path(folder) / f"{name}.html"
            file.write_text(page(lesson(name)), encoding="utf-8")
            rows += [measure(browser, file, width, scheme) for width in WIDTHS for scheme in SCHEMES]
        version = browser.version
    Console(width=max(Console().width, WIDTH)).print(table(rows))
    print(f"Chromium {version}, headless; limits: {LIMITS}; ! is above its limit.")
    if given.json:
        given.json.write_text(json.dumps([row._asdict() for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
