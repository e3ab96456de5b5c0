// Gradient descent, Barzilai–Borwein with absolute values, and Algorithm 1 on one surface, one gradient a step.
const picture = (() => {
  const methods = ["gradient descent, step size α", "Barzilai–Borwein with |γ|", "Algorithm 1: γ, or ν"];
  const short = ["GD", "|BB|", "Algorithm 1"];
  const VIEW = { x: [-4.2, 4.2], y: [-3.4, 3.4] };

  function path(rule, state, f, length) {
    const xs = new Float64Array(length + 1), ys = new Float64Array(length + 1), losses = new Float64Array(length + 1);
    const factors = new Float64Array(length), measured = new Float64Array(length);
    let x = state.x0, y = state.y0, last = null;
    for (let k = 0; k <= length; k += 1) {
      const [value, gx, gy] = f(x, y);
      xs[k] = x; ys[k] = y; losses[k] = value;
      if (k === length) break;
      let gamma = 1;
      if (last && rule) gamma = formulas[rule](x - last[0], y - last[1], gx - last[2], gy - last[3], state.nu);
      if (state.bounds === "tuned") gamma = formulas.clipped(gamma, 0.5, 2);
      factors[k] = gamma;
      measured[k] = last ? ((x - last[0]) * (gx - last[2]) + (y - last[1]) * (gy - last[3])) / ((x - last[0]) ** 2 + (y - last[1]) ** 2) : NaN;
      last = [x, y, gx, gy];
      x -= state.alpha * gamma * gx; y -= state.alpha * gamma * gy;
    }
    return { xs, ys, losses, factors, measured };
  }
  function compute(state) {
    const f = formulas[state.shape], length = Number(state.steps);
    return { length, f, paths: [path(null, state, f, length), path("absolute_factor", state, f, length), path("factor", state, f, length)] };
  }

  // Along −∇J of Algorithm 1's iterate: the function, what two gradients make of it, and the step that is taken.
  function cut(a, model, state) {
    const k = Math.min(state.t, model.length - 1), path = model.paths[2];
    const x = path.xs[k], y = path.ys[k], [value, gx, gy] = model.f(x, y), slope = gx * gx + gy * gy;
    const taken = state.alpha * path.factors[k], curvature = path.measured[k];
    const reach = Math.max(taken * 1.4, 0.5, curvature > 0 ? 1.3 / curvature : 0);
    const ss = Float64Array.from({ length: 121 }, (_, j) => (reach * (j - 20)) / 100);
    const truth = ss.map((s) => model.f(x - s * gx, y - s * gy)[0]);
    const quadratic = ss.map((s) => value - s * slope + 0.5 * s * s * (Number.isNaN(curvature) ? 0 : curvature) * slope);
    const low = Math.min(...truth), high = Math.max(...truth, value), room = Math.max(high - low, 0.02 * value, 1e-6);
    a.begin({ x: [ss[0], ss[120]], y: [low - 0.25 * room, high + 0.1 * room], xLabel: "step size along −∇J" });
    a.line(ss, truth, { width: 2.4 });
    a.line(ss, quadratic, { colour: STYLES[2].colour, dash: [5, 4], width: 2 });
    a.mark(0, value, { size: 5 });
    const landed = model.f(x - taken * gx, y - taken * gy)[0];
    a.mark(taken, landed, { colour: STYLES[2].colour, mark: "triangle", size: 7 });
    a.text(taken, landed, "αγ", { dy: 16, align: "center", colour: STYLES[2].colour, bold: true });
    a.text(ss[118], quadratic[118], "model", { dx: -4, dy: 14, align: "right", colour: STYLES[2].colour });
  }
  function factors(a, model, state) {
    a.begin({ x: [0, model.length], y: [0.05, 2000], logY: true, xLabel: "step", yLabel: "γ" });
    if (state.shape === "bowl") for (const bound of [1 / 0.75, 1 / 0.015]) a.line([0, model.length], [bound, bound], { colour: "--quiet", width: 1 });
    if (state.shape === "bowl") { a.text(model.length, 1 / 0.015, "1/μ", { align: "right", dy: -9, colour: "--quiet" }); a.text(model.length, 1 / 0.75, "1/L", { align: "right", dy: 10, colour: "--quiet" }); }
    const at = Float64Array.from({ length: model.length }, (_, k) => k);
    model.paths.forEach((path, k) => {
      a.line(at, path.factors, { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 1.4 });
      a.marks(at, path.factors, Math.min(60, model.length), { colour: STYLES[k].colour, mark: STYLES[k].mark, size: 3 });
    });
  }

  return {
    methods,
    compute,
    panels: [
      { name: "surface", title: "Paths", note: "one gradient a step", ...draggableWithin([-4, 4], [-3.2, 3.2]),
        draw: (a, model, state) => drawSurface(a, model, state, { ...VIEW, key: state.shape, f: (x, y) => model.f(x, y)[0],
          levels: state.shape === "hills" ? [0.05, 0.2, 0.5, 0.9, 1.4, 1.9, 2.4, 2.9, 3.4, 3.9, 4.4, 4.9] : [0.004, 0.02, 0.06, 0.15, 0.3, 0.6, 1.1, 1.8, 2.8, 4] }),
        says: (model, state) => `After ${state.t} steps the losses are ${model.paths.map(({ losses }, k) => `${told(losses[state.t])} for ${short[k]}`).join(", ")}.` },
      { name: "loss", title: "Loss", note: "J − min J",
        draw: (a, model, state) => drawCurves(a, model, state, { series: ({ losses }) => losses, short, range: [1e-8, 100], yLabel: "loss" }),
        says: (model) => `At the end: ${model.paths.map(({ losses }, k) => `${short[k]} ${told(losses[model.length])}`).join(", ")}.` },
      { name: "cut", title: "The cut along −∇J", note: "Algorithm 1, at the step shown", draw: cut,
        says: (model, state) => describe(model, Math.min(state.t, model.length - 1)) },
      { name: "factors", title: "The factor γ", note: "of all three", draw: factors },
    ],
    phase(model, state) {
      return `Step ${Math.min(state.t, model.length - 1)} of Algorithm 1: ${describe(model, Math.min(state.t, model.length - 1))}`;
    },
    values(model, state) {
      const first = ({ losses }) => { const k = losses.findIndex((value) => value < 0.01); return k < 0 ? "not yet" : k; };
      const falls = ({ losses }) => { let rises = 0; for (let k = 1; k < losses.length; k += 1) if (losses[k] > losses[k - 1] && losses[k] > 1e-14) rises += 1; return rises; };
      const row = (name, read) => `<tr><th scope="row">${name}</th>${model.paths.map((path) => `<td>${read(path)}</td>`).join("")}</tr>`;
      return `<table><thead><tr><th></th>${short.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>`
        + row("steps to loss 0.01", first) + row("steps that went up", falls)
        + row("largest γ", ({ factors: all }) => told(Math.max(...all))) + "</tbody></table>"
        + (state.bounds === "tuned" ? '<p class="help">γ is kept within [0.5, 2].</p>' : "");
    },
  };

  function describe(model, k) {
    const path = model.paths[2], curvature = path.measured[k];
    if (k === 0) return "no curvature known yet, a plain step.";
    if (Number.isNaN(curvature)) return "it stands still.";
    if (curvature > 0) return `convex along the last step, curvature ${told(curvature)}: the model has a minimum, γ = ${told(path.factors[k])}.`;
    return `concave along the last step, curvature ${told(curvature)}: the model has no minimum, γ = ${told(path.factors[k])}.`;
  }
})();
