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
    return { length, f, lowest: 0, paths: [descent, diagonal, full].map((move) => path(move, state, f, length)) };
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
    compute,
    panels: [
      { name: "surface", title: "Paths and trusted ellipses", note: "at the step shown", size: "wide", draw: surface, ...draggableWithin([-2.5, 2.5], [-1.9, 1.9]),
        says: (model, state) => `After ${state.t} steps the losses above the minimum are ${model.paths.map(({ losses }, k) => `${answers.shown(losses[state.t] - model.lowest)} for ${scenes[state.scene].short[k]}`).join(", ")}.` },
      { name: "loss", title: "Loss", note: "above the minimum", size: "wide",
        draw: (a, model, state) => drawCurves(a, model, state, { series: ({ losses }) => losses.map((value) => value - model.lowest), short: scenes[state.scene].short, range: [1e-8, 100], yLabel: "loss" }) },
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
        + row("steps to loss 10⁻³", (path) => count(first(path, model.lowest))) + row("loss at the end", ({ losses }) => answers.shown(Math.max(0, losses[model.length] - model.lowest))) + "</tbody></table>";
    },
  };
})();
