// Gradient descent on the rippled parabola, on one smoothed version of it, and down a ladder of noise levels.
const picture = (() => {
  const methods = ["on the loss itself", "on the smoothed loss, fixed δ", "down the ladder δ, γδ, γ²δ, …, 0"];
  const short = ["loss", "fixed δ", "ladder"];
  const LOWEST = 0.02;

  const factorOf = (delta, state) => formulas[state.law](delta);
  const lift = (delta, state) => (state.law === "ball" ? (delta * delta) / 3 : delta * delta);
  const at = (x, delta, state) => formulas.smoothed(x, state.height, factorOf(delta, state), lift(delta, state));

  // Levels by step: as many rungs as it takes to come below the lowest level, each with the same number of steps.
  function levels(state, length) {
    const rungs = state.delta > LOWEST ? Math.ceil(Math.log(LOWEST / state.delta) / Math.log(state.gamma)) : 0;
    const each = Math.floor(length / (rungs + 1));
    return Float64Array.from({ length }, (_, k) => { const m = Math.floor(k / Math.max(each, 1)); return m < rungs ? state.delta * state.gamma ** m : 0; });
  }
  function path(deltas, state, length) {
    const xs = new Float64Array(length + 1), losses = new Float64Array(length + 1);
    let x = state.x0;
    for (let k = 0; k <= length; k += 1) {
      xs[k] = x; losses[k] = at(x, 0, state)[0];
      if (k === length) break;
      const [, slope, curvature] = at(x, deltas[k], state);
      x -= slope / curvature;  // the step size 1/L of the function that is descended
    }
    return { xs, losses, deltas };
  }
  function compute(state) {
    const length = Number(state.steps), all = (value) => new Float64Array(length).fill(value);
    return { length, paths: [path(all(0), state, length), path(all(state.delta), state, length), path(levels(state, length), state, length)] };
  }

  const GRID = Float64Array.from({ length: 701 }, (_, k) => -3.5 + k / 100);
  function landscape(a, model, state) {
    const t = Math.min(state.t, model.length - 1), level = model.paths[2].deltas[t];
    a.begin({ x: [-3.5, 3.5], y: [-1, 33], xLabel: "x" });
    a.line(GRID, GRID.map((x) => at(x, 0, state)[0]), { colour: "--quiet", width: 1.6 });
    a.line(GRID, GRID.map((x) => at(x, state.delta, state)[0]), { colour: STYLES[1].colour, dash: STYLES[1].dash, width: 2.4 });
    if (level !== state.delta && level > 0) a.line(GRID, GRID.map((x) => at(x, level, state)[0]), { colour: STYLES[2].colour, dash: STYLES[2].dash, width: 1.8 });
    model.paths.forEach(({ xs, deltas }, k) => {
      const style = STYLES[k], of = (j) => (k === 0 ? 0 : k === 1 ? state.delta : deltas[Math.min(j, model.length - 1)]);
      const shown = xs.subarray(0, Math.min(state.t, 80) + 1);
      a.marks(shown, shown.map((x, j) => at(x, of(j), state)[0]), shown.length, { colour: style.colour, mark: style.mark, size: 2.2, alpha: 0.6 });
      a.mark(xs[state.t], at(xs[state.t], of(state.t), state)[0], { colour: style.colour, mark: style.mark, size: 7 });
    });
    a.mark(state.x0, at(state.x0, 0, state)[0], { size: 9, hollow: true });
    a.text(state.x0, at(state.x0, 0, state)[0], "start", { dx: -14, dy: -14, align: "right", bold: true });
  }
  function position(a, model, state) {
    a.begin({ x: [0, model.length], y: [-3.5, 3.5], xLabel: "gradients used", yLabel: "x" });
    a.line([0, model.length], [0, 0], { colour: "--quiet", width: 1 });
    const steps = Float64Array.from({ length: model.length + 1 }, (_, k) => k);
    const late = model.paths.map(({ xs }) => xs[Math.round(model.length * 0.8)]), high = late.indexOf(Math.max(...late)), low = late.lastIndexOf(Math.min(...late));
    model.paths.forEach(({ xs }, k) => {
      a.line(steps, xs, { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 2 });
      a.mark(state.t, xs[state.t], { colour: STYLES[k].colour, mark: STYLES[k].mark });
      const at = Math.round(model.length * (k === high || k === low ? 0.8 : 0.5));  // the middle one out of the others' way
      a.text(at, xs[at], short[k], { colour: STYLES[k].colour, dy: k === low ? 12 : -11, align: "center", bold: true });
    });
  }
  const DELTAS = Float64Array.from({ length: 301 }, (_, k) => k / 200);
  function factor(a, model, state) {
    a.begin({ x: [0, 1.5], y: [-0.3, 1.05], xLabel: "δ", yLabel: "left of the ripples" });
    a.line([0, 1.5], [0, 0], { width: 1 });
    a.line(DELTAS, DELTAS.map((delta) => formulas.ball(delta)), { colour: STYLES[1].colour, dash: STYLES[1].dash, alpha: state.law === "ball" ? 1 : 0.35 });
    a.line(DELTAS, DELTAS.map((delta) => formulas.gaussian(delta)), { colour: STYLES[3].colour, dash: STYLES[3].dash, alpha: state.law === "gaussian" ? 1 : 0.35 });
    a.text(0.16, 0.85, "uniform", { colour: STYLES[1].colour, bold: state.law === "ball" });
    a.text(0.22, 0.2, "normal", { colour: STYLES[3].colour, align: "right", dx: -8, bold: state.law === "gaussian" });
    for (const delta of new Set(model.paths[2].deltas)) a.mark(delta, factorOf(delta, state), { colour: STYLES[2].colour, mark: "triangle", size: 4 });
    a.mark(state.delta, factorOf(state.delta, state), { colour: STYLES[1].colour, mark: "square", size: 6 });
  }
  const found = (x) => Math.abs(x) < 0.02;

  return {
    methods,
    compute,
    panels: [
      { name: "landscape", title: "Loss and smoothed loss", note: "x² + c(1 − cos 2πx)", size: "wide", draw: landscape,
        drag: (x, y, state) => { state.x0 = Math.max(-3.4, Math.min(3.4, x)); }, nudge: (dx, dy, state) => { state.x0 = Math.max(-3.4, Math.min(3.4, state.x0 + 0.05 * dx)); },
        says: (model, state) => `After ${state.t} steps x is ${model.paths.map(({ xs }, k) => `${told(xs[state.t])} (${short[k]})`).join(", ")}.` },
      { name: "position", title: "Where they are", note: "x over the cost", draw: position },
      { name: "factor", title: "What noise leaves of the ripples", note: "▲ rungs of the ladder", draw: factor },
    ],
    phase(model, state) {
      const factor = factorOf(state.delta, state), curvature = 2 + state.height * 4 * Math.PI ** 2 * factor;
      const shape = state.height === 0 ? "There are no ripples" : Math.abs(factor) * state.height * 4 * Math.PI ** 2 <= 2 ? "The smoothed loss is convex" : curvature > 0 ? "The smoothed loss still has ripples" : "The ripples are turned over: x* is now a maximum";
      return `${shape}. With δ fixed the end is ${found(model.paths[1].xs[model.length]) ? "x*" : `x = ${told(model.paths[1].xs[model.length])}`}; the ladder ends at ${found(model.paths[2].xs[model.length]) ? "x*" : `x = ${told(model.paths[2].xs[model.length])}`}.`;
    },
    values(model, state) {
      const row = (name, read) => `<tr><th scope="row">${name}</th>${model.paths.map((path) => `<td>${read(path)}</td>`).join("")}</tr>`;
      return `<table><thead><tr><th></th>${short.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>`
        + row("x at the end", ({ xs }) => told(Number(xs[model.length].toFixed(6)))) + row("loss f(x)", ({ losses }) => told(Number(losses[model.length].toFixed(6))))
        + row("rungs", ({ deltas }) => new Set(deltas).size) + `</tbody></table><p class="help">left of the ripples: ${told(Number(factorOf(state.delta, state).toFixed(6)))}</p>`;
    },
  };
})();
