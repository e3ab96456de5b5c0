// Gradient descent with small steps, with your step, and heavy ball, on ½(xy − 1)²: minima all along a hyperbola.
const picture = (() => {
  const methods = ["gradient descent, η/20: nearly the flow", "gradient descent, your η", "heavy ball, your η and β"];
  const short = ["η/20", "GD", "heavy ball"];
  const LIMIT = 1e6;

  function path(alpha, beta, state, length, inner) {
    const xs = new Float64Array(length + 1), ys = new Float64Array(length + 1), losses = new Float64Array(length + 1), sharp = new Float64Array(length + 1);
    let s = [state.x0, state.y0], v = [0, 0];
    for (let k = 0; k <= length; k += 1) {
      xs[k] = s[0]; ys[k] = s[1]; losses[k] = formulas.product(s[0], s[1])[0]; sharp[k] = formulas.sharpness(s[0], s[1]);
      for (let j = 0; j < inner; j += 1) {
        const [, gx, gy] = formulas.product(s[0], s[1]);
        const a = formulas.step(v[0], s[0], alpha * gx, beta), b = formulas.step(v[1], s[1], alpha * gy, beta);
        v = [a[0], b[0]]; s = [a[1], b[1]];
        if (!(Math.abs(s[0]) < LIMIT && Math.abs(s[1]) < LIMIT)) s = [NaN, NaN];
      }
    }
    return { xs, ys, losses, sharp };
  }
  const alphaOf = (state) => (state.form === "classical" ? state.eta / (1 - state.beta) : state.eta);
  function compute(state) {
    const length = Number(state.steps), alpha = alphaOf(state);
    return { length, edges: [formulas.edge(state.eta, 0), formulas.edge(alpha, state.beta)],
      paths: [path(state.eta / 20, 0, state, length, 20), path(state.eta, 0, state, length, 1), path(alpha, state.beta, state, length, 1)] };
  }

  const ANGLES = Array.from({ length: 121 }, (_, k) => (k * Math.PI) / 60);
  const CURVE = Float64Array.from({ length: 200 }, (_, k) => 0.12 * (4 / 0.12) ** (k / 199));
  function surface(a, model, state) {
    drawSurface(a, model, state, { x: [-0.6, 4.2], y: [-0.8, 2.8], key: "product", f: (x, y) => formulas.product(x, y)[0],
      levels: [0.02, 0.1, 0.3, 0.7, 1.5, 3, 6, 10, 16], targets: [] });
    a.line(CURVE, CURVE.map((x) => 1 / x), { width: 2.4, colour: "--text" });
    model.edges.forEach((edge, k) => {
      const radius = Math.sqrt(edge), style = STYLES[k + 1];
      a.line(ANGLES.map((u) => radius * Math.cos(u)), ANGLES.map((u) => radius * Math.sin(u)), { colour: style.colour, dash: style.dash, width: 1.6 });
    });
    a.text(0.42, 2.3, "minima", { dx: 8 });
  }
  function curves(a, model, state, name, range, yLabel) {
    drawCurves(a, model, state, { series: (path) => path[name], short, range, yLabel, xLabel: "step", logY: name === "losses" });
    if (name === "sharp") model.edges.forEach((edge, k) => {
      a.line([0, model.length], [edge, edge], { colour: STYLES[k + 1].colour, dash: [2, 3], width: 1.4 });
      a.text(model.length, edge, k ? "edge, heavy ball" : "edge 2/η", { colour: STYLES[k + 1].colour, align: "right", dy: edge > Math.min(...model.edges) ? -9 : 11 });
    });
  }
  function net(a, model, state) {
    const runs = LESSON.data;
    a.begin({ x: [0, 0.45], y: [0, 12], xLabel: "step size η", yLabel: "sharpness" });
    const etas = Float64Array.from({ length: 100 }, (_, k) => 0.05 + (0.4 * k) / 99);
    a.line(etas, etas.map((eta) => 2 / eta), { width: 2 });
    a.text(0.2, 10, "2/η", { dx: 8, dy: -4 });
    a.line(runs.map(({ eta }) => eta), runs.map(({ sharpness }) => sharpness.at(-1)), { colour: STYLES[1].colour, dash: STYLES[1].dash });
    for (const { eta, sharpness } of runs) a.mark(eta, sharpness.at(-1), { colour: STYLES[1].colour, mark: STYLES[1].mark });
    a.text(0.02, runs[0].sharpness.at(-1), "where the net ends", { dy: -14, colour: STYLES[1].colour, bold: true });
  }
  const last = ({ sharp }) => sharp[sharp.length - 1];

  return {
    methods,
    compute,
    label(name, state) {
      if (name !== "eta") return null;
      const other = told(state.form === "classical" ? alphaOf(state) : state.eta * (1 - state.beta));
      return state.form === "classical" ? `step size <i>η = h</i> <span class="help">(α = ${other})</span>` : `step size <i>η = α</i> <span class="help">(h = ${other})</span>`;
    },
    panels: [
      { name: "surface", title: "½(xy − 1)²", note: "inside its circle a minimum attracts", size: "wide", draw: surface, ...draggableWithin([0.1, 4], [-0.6, 2.6]),
        says: (model, state) => `After ${state.t} steps the sharpness is ${model.paths.map(({ sharp }, k) => `${told(sharp[state.t])} for ${short[k]}`).join(", ")}.` },
      { name: "sharp", title: "Sharpness", note: "largest curvature", size: "third", draw: (a, model, state) => curves(a, model, state, "sharp", [0, Math.max(10, 1.15 * Math.min(16, model.edges[1]))], "") },
      { name: "loss", title: "Loss", size: "third", draw: (a, model, state) => curves(a, model, state, "losses", [1e-10, 100], "") },
      { name: "net", title: "A linear net, 96 weights", note: "our kernels, 600 steps", size: "third", draw: net,
        says: () => LESSON.data.map(({ eta, sharpness }) => `η ${eta}: ${told(sharpness.at(-1))}`).join(", ") },
    ],
    phase(model) {
      const [flow, gd, heavy] = model.paths.map(last), [edge] = model.edges;
      if (!Number.isFinite(gd)) return `Gradient descent diverges: from here no minimum catches it (edge ${told(edge)}).`;
      const settled = model.paths[1].losses[model.length] < 1e-6;
      const first = flow < edge ? `The flow's minimum, sharpness ${told(flow)}, is inside the edge ${told(edge)}` : `The flow's minimum, sharpness ${told(flow)}, is beyond the edge ${told(edge)}`;
      const second = settled ? `gradient descent ends at ${told(gd)}` : `gradient descent is still oscillating at ${told(gd)}`;
      return `${first}; ${second}, heavy ball ${Number.isFinite(heavy) ? `at ${told(heavy)}` : "diverges"}.`;
    },
    values(model) {
      const cell = (value) => (Number.isFinite(value) ? told(value) : "diverged");
      const rises = ({ losses }) => { let count = 0; for (let k = 1; k < losses.length; k += 1) if (losses[k] > losses[k - 1] * (1 + 1e-9) && losses[k] > 1e-20) count += 1; return count; };
      const row = (name, read) => `<tr><th scope="row">${name}</th>${model.paths.map((path, k) => `<td>${read(path, k)}</td>`).join("")}</tr>`;
      return `<table><thead><tr><th></th>${short.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>`
        + row("sharpness at the end", (path) => cell(last(path))) + row("its edge", (path, k) => (k ? cell(model.edges[k - 1]) : "far away"))
        + row("steps that went up", rises) + "</tbody></table>";
    },
  };
})();
