// Two pictures that lessons share: paths on a surface, and a quantity against the cost.
function drawSurface(a, model, state, { x, y, key, f, levels, targets = [[0, 0]], startWord = "start" }) {
  a.begin({ x, y, equal: true });
  a.contours(key, f, levels);
  for (const [tx, ty] of targets) a.mark(tx, ty, { mark: "diamond", size: 4, hollow: true });
  model.paths.forEach(({ xs, ys }, k) => {
    const style = STYLES[k];
    a.line(xs, ys, { colour: style.colour, dash: style.dash, alpha: 0.35, width: 1.4, from: state.t });
    a.line(xs, ys, { colour: style.colour, dash: style.dash, to: state.t + 1, width: 2.2 });
    a.marks(xs, ys, Math.min(state.t, 60) + 1, { colour: style.colour, mark: style.mark, alpha: 0.75 });
    a.mark(xs[state.t], ys[state.t], { colour: style.colour, mark: style.mark, size: 6 });
  });
  a.mark(state.x0, state.y0, { size: 9, hollow: true });
  a.text(state.x0, state.y0, startWord, { dx: 13, dy: -12, bold: true });
}

// `series(path)` are the numbers of one path, one for each step, held above the floor of the range.
function drawCurves(a, model, state, { series, short, range, yLabel, xLabel = "gradients used", reference = null, logY = true }) {
  a.begin({ x: [0, model.length], y: range, logY, xLabel, yLabel });
  const at = new Float64Array(model.length + 1);
  for (let k = 0; k < at.length; k += 1) at[k] = k;
  if (reference !== null) a.line([0, model.length], [reference, reference], { colour: "--quiet", width: 1 });
  model.paths.forEach((path, k) => {
    const values = Float64Array.from(series(path));
    if (logY) for (let j = 0; j < values.length; j += 1) if (values[j] < range[0] / 1000) values[j] = range[0] / 1000;
    a.line(at, values, { colour: STYLES[k].colour, dash: STYLES[k].dash, width: 2 });
    a.mark(state.t, values[state.t], { colour: STYLES[k].colour, mark: STYLES[k].mark });
    const place = Math.round(model.length * (0.3 + 0.22 * k));
    if (values[place] > range[0] && values[place] < range[1]) a.text(place, values[place], short[k], { colour: STYLES[k].colour, dy: -11, align: "center", bold: true });
  });
}

// Where a start may be dragged to, and what the arrow keys do to it.
function draggableWithin([x0, x1], [y0, y1]) {
  const put = (x, y, state) => { state.x0 = Math.max(x0, Math.min(x1, x)); state.y0 = Math.max(y0, Math.min(y1, y)); };
  const unit = (x1 - x0) / 80;
  return { drag: put, nudge: (dx, dy, state) => put(state.x0 + unit * dx, state.y0 + unit * dy, state) };
}
