// A valley that can be turned, with gradient descent and both forms of Adagrad; a saddle, with Newton's method.
const picture = (() => {
  const scenes = {
    valley: { long: ["gradient descent", "Adagrad, diagonal", "Adagrad, full matrix"], short: ["GD", "diagonal", "full"] },
    saddle: { long: ["gradient descent", "Newton's method", "saddle-free Newton, |H|"], short: ["GD", "Newton", "saddle-free"] },
  };
  const EPSILON = 1e-8;

  function path(move, state, f, length) {
    const xs = new Float64Array(length + 1), ys = new Float64Array(length + 1), losses = new Float64Array(length + 1), shapes = [];
    let x = state.x0, y = state.y0, sum = [0, 0, 0];
    for (let k = 0; k <= length; k += 1) {
      const values = f(x, y), [loss, gx, gy] = values;
      xs[k] = x; ys[k] = y; losses[k] = loss;
      if (k === length) break;
      sum = formulas.accumulated(...sum, gx, gy);
      shapes.push([sum, gx, gy]);
      const [dx, dy] = move(sum, values);
      x += dx; y += dy;
    }
    return { xs, ys, losses, shapes };
  }
  function compute(state) {
    const length = Number(state.steps), turn = (state.angle * Math.PI) / 180, kappa = Number(state.kappa);
    const descent = (sum, [, gx, gy]) => [-state.step * gx, -state.step * gy];
    if (state.scene === "saddle") {
      const f = formulas.saddle;
      const newton = (sum, [, gx, gy, hx, hy]) => [-gx / hx, hy === 0 ? 0 : -gy / hy];
      const free = (sum, [, gx, gy, hx, hy]) => [-gx / Math.abs(hx), hy === 0 ? 0 : -gy / Math.abs(hy)];
      return { length, f, lowest: -0.25, paths: [descent, newton, free].map((move) => path(move, state, f, length)) };
    }
    const f = (x, y) => formulas.bowl(x, y, kappa, turn);
    const diagonal = ([a, , c], [, gx, gy]) => formulas.diagonal_move(a, c, gx, gy, state.eta);
    const full = ([a, b, c], [, gx, gy]) => formulas.full_move(a, b, c, gx, gy, state.eta);
    const moves = [descent, diagonal, full];
    return { length, f, lowest: 0, counts: moves.map((move, k) => counts(k, move, state, kappa)), paths: moves.map((move) => path(move, state, f, length)) };
  }

  // Steps to a loss of 10⁻³ for each angle of the valley; kept as long as nothing but the angle changes.
  const ANGLES = Float64Array.from({ length: 31 }, (_, k) => 3 * k), MOST = 300;
  const kept = [];
  function counts(k, move, state, kappa) {
    const key = [kappa, state.x0, state.y0, k === 0 ? state.step : state.eta].join(" ");
    if (kept[k]?.key !== key) kept[k] = { key, counts: ANGLES.map((angle) => arrival(move, state, kappa, (angle * Math.PI) / 180)) };
    return kept[k].counts;
  }
  function arrival(move, state, kappa, turn) {
    let x = state.x0, y = state.y0, sum = [0, 0, 0];
    for (let k = 0; k < MOST; k += 1) {
      const values = formulas.bowl(x, y, kappa, turn);
      if (values[0] < 1e-3) return k;
      sum = formulas.accumulated(...sum, values[1], values[2]);
      const [dx, dy] = move(sum, values);
      x += dx; y += dy;
    }
    return MOST;
  }
  function angles(a, model, state) {
    a.begin({ x: [0, 90], y: [1, 400], logY: true, xLabel: "angle of the valley, in degrees", yLabel: "steps" });
    a.line([state.angle, state.angle], [1, 400], { colour: "--quiet", width: 1.4 });
    model.counts.forEach((steps, k) => {
      a.line(ANGLES, steps, { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 2.2 });
      a.mark(state.angle, steps[Math.round(state.angle / 3)], { colour: STYLES[k].colour, mark: STYLES[k].mark });
      const at = k === 1 ? 8 : 24;
      a.text(ANGLES[at], steps[at], scenes.valley.short[k], { colour: STYLES[k].colour, bold: true, dy: [-11, 14, 13][k], align: "center" });
    });
  }
  // The distance from the ridge, which negative curvature has to make grow.
  function away(a, model, state) {
    const short = scenes.saddle.short, length = Math.min(model.length, 60);
    a.begin({ x: [0, length], y: [1e-6, 100], logY: true, xLabel: "step", yLabel: "|y|" });
    a.line([0, length], [1, 1], { colour: "--quiet", width: 1 });
    a.text(length, 1, "the minima", { align: "right", dy: -10, colour: "--quiet" });
    const at = Float64Array.from({ length: length + 1 }, (_, k) => k);
    model.paths.forEach(({ ys }, k) => {
      const far = ys.slice(0, length + 1).map((y) => Math.max(Math.abs(y), 1e-9)), place = [Math.round(0.55 * length), 2, 6][k];
      a.line(at, far, { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 2.2 });
      a.mark(Math.min(state.t, length), far[Math.min(state.t, length)], { colour: STYLES[k].colour, mark: STYLES[k].mark });
      a.text(place, Math.max(far[place], 3e-6), short[k], { colour: STYLES[k].colour, bold: true, dx: [8, 8, -8][k], dy: [12, 0, -4][k], align: k === 2 ? "right" : "left" });
    });
  }

  // The trusted ellipse of step t: all moves whose length in the norm of M is that of the move taken.
  function ellipse(a, model, state, k) {
    const t = Math.min(state.t, model.length - 1), { xs, ys, shapes } = model.paths[k], [[p, q, r], gx, gy] = shapes[t];
    const norm = k === 1 ? [Math.sqrt(p + EPSILON), 0, Math.sqrt(r + EPSILON)] : formulas.root(p + EPSILON, q, r + EPSILON);
    const back = formulas.inverse(...norm), slope = back[0] * gx * gx + 2 * back[1] * gx * gy + back[2] * gy * gy;
    const radius = state.eta * Math.sqrt(slope), half = formulas.inverse(...formulas.root(...norm));
    const angle = Array.from({ length: 73 }, (_, j) => (j * Math.PI) / 36);
    a.line(angle.map((u) => xs[t] + radius * (half[0] * Math.cos(u) + half[1] * Math.sin(u))),
      angle.map((u) => ys[t] + radius * (half[1] * Math.cos(u) + half[2] * Math.sin(u))), { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 1.3 });
  }
  function surface(a, model, state) {
    const valley = state.scene === "valley";
    drawSurface(a, model, state, { x: [-2.6, 2.6], y: [-2, 2], key: valley ? `${state.kappa} ${state.angle}` : "saddle", f: (x, y) => model.f(x, y)[0],
      levels: valley ? [0.0005, 0.002, 0.008, 0.03, 0.08, 0.2, 0.4, 0.8, 1.4, 2.2, 3.2] : [-0.24, -0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.15, 0.4, 0.8, 1.3, 2, 3],
      targets: valley ? [[0, 0]] : [[0, 1], [0, -1]] });
    if (valley) { ellipse(a, model, state, 1); ellipse(a, model, state, 2); } else a.text(0, 0, "saddle", { dx: 6, dy: 12, colour: "--quiet" });
  }
  const first = ({ losses }, lowest) => { const k = losses.findIndex((value) => value - lowest < 1e-3); return k < 0 ? Infinity : k; };
  const count = (k) => (Number.isFinite(k) ? k : "not yet");

  return {
    methods: (state) => scenes[state.scene].long,
    idle: (state) => (state.scene === "saddle" ? ["angle", "eta", "kappa"] : []),
    compute,
    panels: [
      { name: "surface", title: (state) => (state.scene === "valley" ? "Paths and trusted ellipses" : "Paths beside a saddle"),
        note: (state) => (state.scene === "valley" ? "at the step shown" : "½x² − ½y² + ¼y⁴"), size: "wide", draw: surface, ...draggableWithin([-2.5, 2.5], [-1.9, 1.9]),
        says: (model, state) => `After ${state.t} steps the losses above the minimum are ${model.paths.map(({ losses }, k) => `${told(losses[state.t] - model.lowest)} for ${scenes[state.scene].short[k]}`).join(", ")}.` },
      { name: "loss", title: "Loss", note: "above the minimum",
        draw: (a, model, state) => drawCurves(a, model, state, { series: ({ losses }) => losses.map((value) => value - model.lowest), short: scenes[state.scene].short, range: [1e-8, 100], yLabel: "loss" }) },
      { name: "turned", title: (state) => (state.scene === "valley" ? "Turn the valley" : "Off the ridge"),
        note: (state) => (state.scene === "valley" ? "steps to a loss of 10⁻³" : "how fast |y| grows"),
        draw: (a, model, state) => (state.scene === "valley" ? angles : away)(a, model, state),
        says: (model, state) => (state.scene === "valley"
          ? `At 45 degrees ${model.counts.map((steps, k) => `${scenes.valley.short[k]} takes ${steps[15]} steps`).join(", ")}.`
          : `At the end |y| is ${model.paths.map(({ ys }, k) => `${told(Math.abs(ys[model.length]))} for ${scenes.saddle.short[k]}`).join(", ")}.`) },
    ],
    phase(model, state) {
      const [gd, one, two] = model.paths.map((path) => first(path, model.lowest));
      if (state.scene === "saddle") {
        const last = model.paths[1].ys[model.length], trapped = Math.abs(last) < 0.5;
        return `Newton's method ${trapped ? "ends on the saddle" : "reaches a minimum"}; saddle-free Newton ${Number.isFinite(two) ? `leaves it, ${two} steps` : "stays"}; gradient descent ${Number.isFinite(gd) ? `needs ${gd}` : "is still there"}.`;
      }
      if (!Number.isFinite(one)) return "Diagonal Adagrad has not arrived: its axes are not the valley's.";
      return one <= 2 * two ? `The axes fit: diagonal Adagrad needs ${one} steps, the full matrix ${count(two)}, gradient descent ${count(gd)}.`
        : `The axes do not fit: diagonal Adagrad needs ${one} steps, the full matrix ${count(two)}, gradient descent ${count(gd)}.`;
    },
    values(model, state) {
      const row = (name, read) => `<tr><th scope="row">${name}</th>${model.paths.map((path) => `<td>${read(path)}</td>`).join("")}</tr>`;
      return `<table><thead><tr><th></th>${scenes[state.scene].short.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>`
        + row("steps to loss 10⁻³", (path) => count(first(path, model.lowest))) + row("loss at the end", ({ losses }) => told(Math.max(0, losses[model.length] - model.lowest))) + "</tbody></table>";
    },
  };
})();
