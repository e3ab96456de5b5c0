// The bowl ½(x² + y²/κ): three methods on it at equal cost, one gradient a step.
const picture = (() => {
  const methods = ["gradient descent, at its best step 2/(λ₁+λ₂)", "heavy ball (μ = 0)", "RSG with your μ"];
  const short = ["GD", "heavy ball", "RSG"];

  function path(alpha, beta, mu, state, curvatures, length) {
    const xs = new Float64Array(length + 1), ys = new Float64Array(length + 1), far = new Float64Array(length + 1);
    const pushed = state.start === "push";
    let s = pushed ? [0, 0] : [state.x0, state.y0];
    let v = pushed ? [state.x0, state.y0] : [0, 0];
    for (let k = 0; k <= length; k += 1) {
      xs[k] = s[0]; ys[k] = s[1]; far[k] = Math.hypot(s[0], s[1]);
      const a = formulas.step(v[0], s[0], alpha * curvatures[0] * s[0], beta, mu);
      const b = formulas.step(v[1], s[1], alpha * curvatures[1] * s[1], beta, mu);
      v = [a[0], b[0]]; s = [a[1], b[1]];
    }
    return { xs, ys, far };
  }

  // The largest norm of a power of A, found once a power does not enlarge; unknown where none is met.
  function growth(tau, beta, mu) {
    const a = formulas.matrix(tau, beta, mu);
    let p = [1, 0, 0, 1], largest = 1;
    for (let k = 0; k < 20000; k += 1) {
      p = [p[0] * a[0] + p[1] * a[2], p[0] * a[1] + p[1] * a[3], p[2] * a[0] + p[3] * a[2], p[2] * a[1] + p[3] * a[3]];
      const size = formulas.norm(...p);
      if (size <= 1) return largest;
      if (!(size < 1e12)) return Infinity;
      largest = Math.max(largest, size);
    }
    return NaN;
  }

  function compute(state) {
    const curvatures = [1, 1 / Number(state.kappa)], length = Number(state.steps);
    const { alpha, beta, mu } = state;
    const best = 2 / (curvatures[0] + curvatures[1]);
    const directions = curvatures.map((curvature) => {
      const tau = alpha * curvature;
      return { tau, eigenvalues: formulas.eigenvalues(tau, beta, mu), heavy: formulas.eigenvalues(tau, beta, 0),
        gain: formulas.gain(tau, beta, mu), variance: formulas.variance(tau, beta, mu), growth: growth(tau, beta, mu) };
    });
    return {
      length, curvatures, directions, points: formulas.points(beta, mu),
      paths: [path(best, 0, 0, state, curvatures, length), path(alpha, beta, 0, state, curvatures, length), path(alpha, beta, mu, state, curvatures, length)],
    };
  }

  function kind({ tau, eigenvalues: [re, im], gain }) {
    if (gain >= 1) return im !== 0 ? "diverges, spiralling" : re < 0 ? "diverges" : eigenvaluesAtMinusOne(gain);
    if (im !== 0) return `complex pair, |r| = ${told(gain)}: swings`;
    return tau === 0 ? "does not move" : `real, |r| = ${told(gain)}: no oscillation`;
  }
  const eigenvaluesAtMinusOne = (gain) => (gain > 1 ? "diverges, changing its side at each step" : "on the edge, neither in nor out");
  function words(direction) {
    const [re1, im, re2] = direction.eigenvalues;
    if (direction.gain < 1 && im === 0 && Math.abs(re2) > Math.abs(re1)) return `real, |r| = ${told(direction.gain)}: changes its side at each step`;
    return kind(direction);
  }

  function surface(a, model, state) {
    const [l1, l2] = model.curvatures;
    drawSurface(a, model, state, { x: [-2.2, 2.2], y: [-2, 2], key: `bowl ${state.kappa}`, f: (x, y) => 0.5 * (l1 * x * x + l2 * y * y),
      levels: [0.001, 0.005, 0.02, 0.06, 0.15, 0.3, 0.6, 1, 1.6, 2.4, 3.4], startWord: state.start === "push" ? "push" : "start" });
  }
  function distance(a, model, state) {
    const size = Math.hypot(state.x0, state.y0) || 1;
    drawCurves(a, model, state, { series: ({ far }) => far.map((value) => value / size), short, range: [1e-6, 100], yLabel: "distance / start", reference: 1 });
  }
  function disc(a, model) {
    a.begin({ x: [-1.35, 1.35], y: [-1.35, 1.35], equal: true });
    const angle = Array.from({ length: 121 }, (_, k) => (k * Math.PI) / 60);
    a.area(angle.map(Math.cos), angle.map(Math.sin), { colour: "--shade" });
    a.line(angle.map(Math.cos), angle.map(Math.sin), { width: 1.6 });
    a.text(0, -1, "|r| = 1", { dy: -12, align: "center", colour: "--quiet" });
    model.directions.forEach(({ eigenvalues: [re1, im1, re2, im2], heavy }, k) => {
      const mark = ["circle", "square"][k];
      for (const [re, im] of [[heavy[0], heavy[1]], [heavy[2], heavy[3]]]) a.mark(re, im, { colour: STYLES[1].colour, mark, size: 6, hollow: true });
      for (const [re, im] of [[re1, im1], [re2, im2]]) {
        if (Math.hypot(re, im) < 1.35) a.mark(re, im, { colour: STYLES[2].colour, mark, size: 4 });
        else a.mark(1.28 * Math.sign(re), 0, { colour: STYLES[2].colour, mark: "triangle", size: 6 });
      }
    });
  }
  const TAUS = Float64Array.from({ length: 361 }, (_, k) => 10 ** (-3 + k / 72));
  function curve(a, model, state, name, range, logY) {
    a.begin({ x: [1e-3, 100], y: range, logX: true, logY, xLabel: "τ = αλ" });
    const plain = TAUS.map((tau) => (name === "gain" ? Math.abs(1 - tau) : tau < 2 ? tau / (2 - tau) : NaN));
    a.line([...TAUS], [...plain], { colour: STYLES[0].colour, width: 1.6 });
    [[0, 1], [state.mu, 2]].forEach(([mu, k]) => {
      a.line([...TAUS], [...TAUS.map((tau) => formulas[name](tau, state.beta, mu))], { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 2 });
    });
    model.directions.forEach((direction, k) => {
      a.line([direction.tau, direction.tau], range, { colour: "--quiet", width: 1, dash: [3, 3] });
      a.mark(direction.tau, direction[name], { colour: STYLES[2].colour, mark: ["circle", "square"][k], size: 6 });
    });
    if (name === "gain") a.line([1e-3, 100], [1, 1], { width: 1 });
  }

  return {
    methods,
    compute,
    growth,
    panels: [
      { name: "surface", title: "Paths on the bowl", note: "½(x² + y²/κ)", draw: surface,
        ...draggableWithin([-2.1, 2.1], [-1.9, 1.9]),
        says: (model, state) => `After ${state.t} steps the distances from the minimum are ${model.paths.map(({ far }, k) => `${told(far[state.t])} for ${short[k]}`).join(", ")}.` },
      { name: "distance", title: "Distance from the minimum", note: "over that of the start", draw: distance,
        says: (model) => `At the end: ${model.paths.map(({ far }, k) => `${short[k]} ${told(far[model.length])}`).join(", ")}.` },
      { name: "disc", size: "third", title: "Eigenvalues", note: "● steep, ■ flat", draw: disc,
        says: (model) => model.directions.map((d, k) => `${["Steep", "Flat"][k]}: ${words(d)}`).join(". ") },
      { name: "gain", size: "third", title: "Gain factor", note: "r<sub>g</sub>(τ)", draw: (a, model, state) => curve(a, model, state, "gain", [0.4, 1.15], false) },
      { name: "variance", size: "third", title: "Noise floor", note: "l<sub>Var</sub>(τ)", draw: (a, model, state) => curve(a, model, state, "variance", [1e-4, 100], true) },
    ],
    // Whoever moves β keeps what the form calls the step size: α, or h = α(1−β).
    changed(name, before, state) {
      if (name === "beta" && state.form === "classical") {
        state.alpha = Math.min(100, Math.max(0.05, (before.alpha * (1 - before.beta)) / (1 - state.beta)));
      }
    },
    label(name, state) {
      if (name !== "alpha") return null;
      const h = told(state.alpha * (1 - state.beta));
      return state.form === "classical" ? `step size <i>h</i> = α(1−β) = ${h}; α` : `step size <i>α</i> <span class="help">(h = ${h})</span>`;
    },
    phase(model, state) {
      const [steep, flat] = model.directions.map(words);
      const name = state.mu > 0 ? "RSG" : "Heavy ball";
      return steep === flat ? `${name}, both directions: ${steep}.` : `${name}, steep direction: ${steep}. Flat direction: ${flat}.`;
    },
    values(model, state) {
      const [a, b, c, d] = formulas.matrix(state.alpha, state.beta, state.mu).map(told);
      const cell = (value) => (Number.isFinite(value) ? told(value) : Number.isNaN(value) ? "–" : "∞");
      const row = (name, read) => `<tr><th scope="row">${name}</th>${model.directions.map((k) => `<td>${cell(read(k))}</td>`).join("")}</tr>`;
      return `<math display="block"><mi>A</mi><mo>=</mo><mrow><mo>(</mo><mtable><mtr><mtd><mn>${a}</mn></mtd><mtd><mn>${b}</mn></mtd></mtr><mtr><mtd><mn>${c}</mn></mtd><mtd><mn>${d}</mn></mtd></mtr></mtable><mo>)</mo></mrow></math>`
        + `<table><thead><tr><th scope="col">RSG</th><th scope="col">● steep</th><th scope="col">■ flat</th></tr></thead><tbody>`
        + row("τ = αλ", (k) => k.tau) + row("gain r<sub>g</sub>", (k) => k.gain) + row("l<sub>Var</sub>", (k) => k.variance)
        + row("largest growth", (k) => k.growth) + `</tbody></table><p class="help">Stable for τ &lt; ${cell(model.points[0])}`
        + (state.form === "classical" ? `, that is hλ &lt; ${cell(model.points[0] * (1 - state.beta))}` : "") + "</p>";
    },
  };
})();
