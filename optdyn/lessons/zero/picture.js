// Gradient descent, Polyak's step and L4's core rule in a valley, one gradient a step.
const picture = (() => {
  const methods = ["gradient descent, step size 1/L", "Polyak: α = 1, the true minimum", "L4's core rule: your α and minimum"];
  const short = ["GD", "Polyak", "L4"];

  function path(rule, state, length) {
    const xs = new Float64Array(length + 1), ys = new Float64Array(length + 1), losses = new Float64Array(length + 1);
    const far = new Float64Array(length + 1), sizes = new Float64Array(length);
    let x = state.x0, y = state.y0;
    for (let k = 0; k <= length; k += 1) {
      const [loss, gx, gy] = formulas.valley(x, y, Number(state.kappa), state.offset);
      xs[k] = x; ys[k] = y; losses[k] = loss - state.offset; far[k] = Math.hypot(x, y);
      if (k === length) break;
      sizes[k] = rule(loss, gx * gx + gy * gy);
      x -= sizes[k] * gx; y -= sizes[k] * gy;
    }
    return { xs, ys, losses, far, sizes };
  }
  function compute(state) {
    const length = Number(state.steps);
    return { length, paths: [path(() => 1, state, length),
      path((loss, squared) => formulas.step_size(loss, state.offset, squared, 1), state, length),
      path((loss, squared) => formulas.step_size(loss, state.guess, squared, state.alpha), state, length)] };
  }

  // Along −∇L of L4's iterate: the loss, its tangent, where that meets the assumed minimum, and the step taken.
  function cut(a, model, state) {
    const k = Math.min(state.t, model.length - 1), { xs, ys, sizes } = model.paths[2];
    const [loss, gx, gy] = formulas.valley(xs[k], ys[k], Number(state.kappa), state.offset), slope = gx * gx + gy * gy;
    if (!(slope > 1e-18)) {
      a.begin({ x: [0, 1], y: [0, 1] });
      return a.text(0.5, 0.5, "L4 stands still", { align: "center", colour: "--quiet" });
    }
    const whole = formulas.step_size(loss, state.guess, slope, 1), reach = Math.max(Math.abs(whole), Math.abs(sizes[k]), 1e-9) * 1.35;
    const ss = Float64Array.from({ length: 121 }, (_, j) => (reach * (j - 15)) / 105);
    const truth = ss.map((s) => formulas.valley(xs[k] - s * gx, ys[k] - s * gy, Number(state.kappa), state.offset)[0]);
    const low = Math.min(state.guess, 0, ...truth), high = Math.max(loss * 1.5, Math.min(Math.max(...truth), 3 * loss), state.guess + 1e-9);
    a.begin({ x: [ss[0], ss[120]], y: [low - 0.12 * (high - low) - 1e-12, high], xLabel: "step size along −∇L" });
    a.line([ss[0], ss[120]], [state.guess, state.guess], { colour: "--quiet", width: 1.4, dash: [3, 3] });
    a.text(ss[0], state.guess, "assumed minimum", { dy: 11, colour: "--quiet" });
    a.line(ss, truth, { width: 2.4 });
    a.line(ss, ss.map((s) => loss - s * slope), { colour: STYLES[2].colour, dash: [5, 4] });
    a.mark(0, loss, { size: 5 });
    a.mark(whole, state.guess, { colour: STYLES[2].colour, mark: "diamond", size: 6, hollow: true });
    const landed = formulas.valley(xs[k] - sizes[k] * gx, ys[k] - sizes[k] * gy, Number(state.kappa), state.offset)[0];
    a.mark(sizes[k], landed, { colour: STYLES[2].colour, mark: "triangle", size: 7 });
    return a.text(sizes[k], landed, "lands", { dx: 9, dy: -9, colour: STYLES[2].colour, bold: true });
  }
  // The outline of the bars, six to a decade.
  const bars = (() => {
    const counts = new Array(66).fill(0), xs = [], ys = [];
    for (const value of LESSON.data.conditions) counts[Math.floor(6 * Math.log10(value))] += 1;
    counts.forEach((count, j) => { const [low, high] = [10 ** (j / 6), 10 ** ((j + 1) / 6)]; xs.push(low, low, high, high); ys.push(0, count, count, 0); });
    return [xs, ys];
  })();
  function histogram(a) {
    const values = LESSON.data.conditions;
    a.begin({ x: [1, 1e11], y: [0, 110], logX: true, xLabel: "condition number of A" });
    a.area(...bars, { colour: STYLES[0].colour, alpha: 0.8 });
    a.line([1e10, 1e10], [0, 110], { colour: STYLES[1].colour, dash: STYLES[1].dash, width: 2 });
    a.text(1e10, 88, "asked for", { dx: -6, align: "right", colour: STYLES[1].colour, bold: true });
    a.text(200, 62, `${values.length} draws,`, { colour: STYLES[0].colour, bold: true });
    a.text(200, 50, `median ${told(median(values))}`, { colour: STYLES[0].colour, bold: true });
  }
  const median = (values) => 0.5 * (values[Math.floor((values.length - 1) / 2)] + values[Math.ceil((values.length - 1) / 2)]);
  const rises = (values) => { let count = 0; for (let k = 1; k < values.length; k += 1) if (values[k] > values[k - 1] * (1 + 1e-12) && values[k] > 1e-25) count += 1; return count; };

  return {
    methods,
    compute,
    panels: [
      { name: "surface", title: "The valley", note: "½(x²/κ + y²)", ...draggableWithin([-2.4, 2.4], [-1.6, 1.6]),
        draw: (a, model, state) => drawSurface(a, model, state, { x: [-2.5, 2.5], y: [-1.9, 1.9], key: state.kappa,
          f: (x, y) => formulas.valley(x, y, Number(state.kappa), 0)[0], levels: [0.0005, 0.002, 0.008, 0.02, 0.06, 0.15, 0.3, 0.6, 1, 1.6, 2.4] }),
        says: (model, state) => `After ${state.t} steps the losses above the minimum are ${model.paths.map(({ losses }, k) => `${told(losses[state.t])} for ${short[k]}`).join(", ")}.` },
      { name: "loss", title: "Loss", note: "above the true minimum",
        draw: (a, model, state) => drawCurves(a, model, state, { series: ({ losses }) => losses, short, range: [1e-8, 10], yLabel: "L − min L" }) },
      { name: "cut", title: "The tangent's promise", note: "L4, at the step shown", size: "third", draw: cut },
      { name: "far", title: "Distance", note: "from the minimiser", size: "third",
        draw: (a, model, state) => drawCurves(a, model, state, { series: ({ far }) => far, short, range: [1e-4, 10] }) },
      { name: "histogram", title: "“κ = 10¹⁰”", note: "as drawn", size: "third", after: 3, draw: histogram,
        says: () => `Of ${LESSON.data.conditions.length} draws the condition numbers lie between ${told(LESSON.data.conditions[0])} and ${told(LESSON.data.conditions.at(-1))}.` },
    ],
    phase(model, state) {
      const { losses } = model.paths[2], last = losses[model.length], low = Math.min(...losses);
      const up = rises(losses);
      if (!(last < 1e6)) return "L4 diverges.";
      if (state.guess > state.offset) return `L4 believes in a minimum above the true one: it heads for a loss of ${told(state.guess - state.offset)} above it, and stops there.`;
      if (state.guess < state.offset) return `L4 believes in a minimum that is too low: its steps never get short. Lowest loss so far ${told(low)}.`;
      return up ? `The minimum is right. The loss goes up at ${up} of ${model.length} steps; the distance ${state.alpha <= 2 ? "never does" : "does too"}.` : "The minimum is right, and the loss falls at every step.";
    },
    values(model) {
      const row = (name, read) => `<tr><th scope="row">${name}</th>${model.paths.map((path) => `<td>${read(path)}</td>`).join("")}</tr>`;
      const first = ({ losses }) => { const k = losses.findIndex((value) => value < 1e-4); return k < 0 ? "not yet" : k; };
      return `<table><thead><tr><th></th>${short.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>`
        + row("steps to loss 10⁻⁴", first) + row("steps uphill", ({ losses }) => rises(losses)) + row("steps farther away", ({ far }) => rises(far))
        + row("longest step size", ({ sizes }) => told(Math.max(...sizes))) + "</tbody></table>";
    },
  };
})();
