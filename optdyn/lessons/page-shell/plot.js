// Axes on a canvas: as little as the lessons need.
const STYLES = [
  { colour: "--c0", dash: [], mark: "circle" },
  { colour: "--c1", dash: [7, 4], mark: "square" },
  { colour: "--c2", dash: [2, 3], mark: "triangle" },
  { colour: "--c3", dash: [10, 3, 2, 3], mark: "diamond" },
];

class Axes {
  constructor(canvas, colours) {
    this.canvas = canvas;
    this.colours = colours;
    this.cache = new Map();
  }

  // Begin a picture: sizes in CSS pixels, ranges in the units of the data.
  begin({ x, y, logX = false, logY = false, xLabel = "", yLabel = "", equal = false }) {
    const ratio = window.devicePixelRatio || 1;
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.cache.clear();
    }
    const c = (this.c = this.canvas.getContext("2d"));
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    c.font = `${width < 300 ? 11 : 13}px system-ui, sans-serif`;
    Object.assign(this, { width, height, logX, logY, left: yLabel ? 56 : 44, right: 16, top: 10, bottom: xLabel ? 38 : 22 });
    this.x = x.slice(); this.y = y.slice();
    if (equal) {
      const across = width - this.left - this.right, down = height - this.top - this.bottom;
      const unit = Math.max((x[1] - x[0]) / across, (y[1] - y[0]) / down);
      const [mx, my] = [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
      this.x = [mx - (unit * across) / 2, mx + (unit * across) / 2];
      this.y = [my - (unit * down) / 2, my + (unit * down) / 2];
    }
    // Pixels are affine in the data, or in their logarithms.
    const [x0, x1] = logX ? this.x.map(Math.log) : this.x, [y0, y1] = logY ? this.y.map(Math.log) : this.y;
    this.perX = (width - this.left - this.right) / (x1 - x0); this.fromX = this.left - x0 * this.perX;
    this.perY = -(height - this.top - this.bottom) / (y1 - y0); this.fromY = height - this.bottom - y0 * this.perY;
    this.frame(xLabel, yLabel);
    return this;
  }

  colour(name) { return name.startsWith("--") ? this.colours(name) : name; }
  X(value) { return this.fromX + this.perX * (this.logX ? Math.log(value) : value); }
  Y(value) { return this.fromY + this.perY * (this.logY ? Math.log(value) : value); }
  at(px, py) {
    const u = (px - this.left) / (this.width - this.left - this.right);
    const v = (this.height - this.bottom - py) / (this.height - this.top - this.bottom);
    return [this.x[0] + u * (this.x[1] - this.x[0]), this.y[0] + v * (this.y[1] - this.y[0])];
  }

  frame(xLabel, yLabel) {
    const { c, left, top, width, height, right, bottom } = this;
    c.fillStyle = this.colour("--quiet");
    c.strokeStyle = this.colour("--line");
    c.lineWidth = 1;
    c.textAlign = "center"; c.textBaseline = "top";
    for (const tick of ticks(this.x, this.logX, width < 300 ? 4 : 6)) {
      const px = this.X(tick);
      c.beginPath(); c.moveTo(px, top); c.lineTo(px, height - bottom); c.stroke();
      c.fillText(label(tick, this.logX), px, height - bottom + 5);
    }
    c.textAlign = "right"; c.textBaseline = "middle";
    for (const tick of ticks(this.y, this.logY, 5)) {
      const py = this.Y(tick);
      c.beginPath(); c.moveTo(left, py); c.lineTo(width - right, py); c.stroke();
      c.fillText(label(tick, this.logY), left - 5, py);
    }
    c.textAlign = "center"; c.textBaseline = "bottom";
    if (xLabel) c.fillText(xLabel, (left + width - right) / 2, height - 2);
    if (yLabel) {
      c.save(); c.translate(12, (top + height - bottom) / 2); c.rotate(-Math.PI / 2); c.textBaseline = "middle";
      c.fillText(yLabel, 0, 0); c.restore();
    }
  }

  clipped(work) {
    const { c } = this;
    c.save();
    c.beginPath();
    c.rect(this.left, this.top, this.width - this.left - this.right, this.height - this.top - this.bottom);
    c.clip();
    work(c);
    c.restore();
  }

  // A line through points; those that are not a number break it. Only what is in sight is drawn, a point that the eye could
  // not tell from the one before is left out, and what is too long to see its dashes is drawn without them.
  line(xs, ys, { colour = "--text", dash = [], width = 1.8, alpha = 1, from = 0, to = xs.length } = {}) {
    this.clipped((c) => {
      c.strokeStyle = this.colour(colour); c.globalAlpha = alpha; c.lineWidth = width; c.setLineDash(dash);
      const sight = [this.left - MARGIN, this.top - MARGIN, this.width - this.right + MARGIN, this.height - this.bottom + MARGIN];
      let lastX = NaN, lastY = NaN, ink = 0, pen = false;
      c.beginPath();
      for (let k = from; k < to; k += 1) {
        const px = hold(this.X(xs[k])), py = hold(this.Y(ys[k])), moved = Math.abs(px - lastX) + Math.abs(py - lastY);
        if (moved < CLOSE && k + 1 < to) continue;
        const part = moved >= 0 ? seen(lastX, lastY, px, py, sight) : null;
        if (part) {
          const [begin, end] = part;
          if (!pen || begin > 0) c.moveTo(lastX + begin * (px - lastX), lastY + begin * (py - lastY));
          c.lineTo(lastX + end * (px - lastX), lastY + end * (py - lastY));
          pen = end === 1; ink += moved * (end - begin);
          if (ink > DASHED && dash.length) { c.stroke(); c.setLineDash([]); c.beginPath(); pen = false; ink = -Infinity; }
        } else pen = false;
        lastX = px; lastY = py;
      }
      c.stroke();
    });
  }
  // The first so many points as marks, in one go.
  marks(xs, ys, count, { colour = "--text", mark = "circle", size = 2.4, alpha = 1 } = {}) {
    this.clipped((c) => {
      c.globalAlpha = alpha; c.fillStyle = this.colour(colour);
      c.beginPath();
      for (let k = 0; k < count; k += 1) {
        const px = this.X(xs[k]), py = this.Y(ys[k]);
        if (Number.isFinite(px) && Number.isFinite(py)) shape(c, mark, px, py, size);
      }
      c.fill();
    });
  }
  mark(x, y, { colour = "--text", mark = "circle", size = 5, hollow = false, alpha = 1 } = {}) {
    const px = this.X(x), py = this.Y(y);
    if (!(Number.isFinite(px) && Number.isFinite(py))) return;
    this.clipped((c) => {
      c.globalAlpha = alpha; c.fillStyle = c.strokeStyle = this.colour(colour); c.lineWidth = 1.8;
      c.beginPath(); shape(c, mark, px, py, size);
      if (hollow) c.stroke(); else c.fill();
    });
  }
  text(x, y, words, { colour = "--text", align = "left", baseline = "middle", dx = 0, dy = 0, bold = false } = {}) {
    const { c } = this;
    c.save();
    if (bold) c.font = `600 ${c.font}`;
    c.fillStyle = this.colour(colour); c.textAlign = align; c.textBaseline = baseline;
    const half = c.measureText(words).width * (align === "center" ? 0.5 : 1);
    const low = this.left + (align === "right" || align === "center" ? half : 0);
    const high = this.width - this.right - (align === "left" || align === "center" ? half : 0);
    const px = Math.max(low, Math.min(high, this.X(x) + dx));
    const py = Math.max(this.top + 8, Math.min(this.height - this.bottom - 8, this.Y(y) + dy));
    c.lineWidth = 4; c.strokeStyle = this.colour("--ground"); c.lineJoin = "round";
    c.strokeText(words, px, py);
    c.fillText(words, px, py);
    c.restore();
  }
  area(xs, ys, { colour = "--shade", alpha = 1 } = {}) {
    this.clipped((c) => {
      c.globalAlpha = alpha; c.fillStyle = this.colour(colour);
      c.beginPath();
      xs.forEach((x, k) => (k ? c.lineTo(hold(this.X(x)), hold(this.Y(ys[k]))) : c.moveTo(hold(this.X(x)), hold(this.Y(ys[k])))));
      c.fill();
    });
  }
  // Level lines of a function of two variables by marching squares; kept as long as the key and the size stay.
  contours(key, f, levels, { colour = "--contour", cells = 100 } = {}) {
    const full = `${key}|${this.x}|${this.y}`;
    if (this.cache.get("key") !== full) {
      this.cache.set("key", full);
      this.cache.set("path", squares(this, f, levels, cells));
    }
    this.clipped((c) => { c.strokeStyle = this.colour(colour); c.lineWidth = 1; c.stroke(this.cache.get("path")); });
  }
}

const CLOSE = 0.25, MARGIN = 20, DASHED = 6000;  // pixels
const hold = (pixel) => Math.max(-1e5, Math.min(1e5, pixel));
const WHOLE = [0, 1];

// Which part of a segment lies in a box, as fractions of its length, by Liang and Barsky; null where none does.
function seen(x0, y0, x1, y1, [left, top, right, bottom]) {
  const within = (x, y) => x >= left && x <= right && y >= top && y <= bottom;
  if (within(x0, y0) && within(x1, y1)) return WHOLE;
  let begin = 0, end = 1;
  for (const [rate, room] of [[x0 - x1, x0 - left], [x1 - x0, right - x0], [y0 - y1, y0 - top], [y1 - y0, bottom - y0]]) {
    if (rate === 0 && room < 0) return null;
    if (rate < 0) begin = Math.max(begin, room / rate);
    if (rate > 0) end = Math.min(end, room / rate);
  }
  return begin < end ? [begin, end] : null;
}

function shape(c, mark, x, y, size) {
  if (mark === "circle") { c.moveTo(x + size, y); c.arc(x, y, size, 0, 2 * Math.PI); }
  else if (mark === "square") c.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
  else if (mark === "triangle") { c.moveTo(x, y - size * 1.2); c.lineTo(x + size * 1.1, y + size * 0.8); c.lineTo(x - size * 1.1, y + size * 0.8); c.closePath(); }
  else { c.moveTo(x, y - size * 1.3); c.lineTo(x + size * 1.3, y); c.lineTo(x, y + size * 1.3); c.lineTo(x - size * 1.3, y); c.closePath(); }
}

function ticks([low, high], log, count) {
  if (log) {
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
    const stride = Math.max(1, Math.ceil((last - first + 1) / (count + 1)));
    return Array.from({ length: Math.max(0, Math.floor((last - first) / stride) + 1) }, (_, k) => 10 ** (first + k * stride));
  }
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((s) => s * power).find((s) => s >= raw);
  const result = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-12; k += 1) result.push(k * step);
  return result;
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
function label(value, log) {
  if (log) {
    const power = Math.round(Math.log10(value));
    if (power >= -1 && power <= 2) return String(10 ** power).slice(0, 4);
    return `10${power < 0 ? "⁻" : ""}${String(Math.abs(power)).replace(/\d/g, (d) => RAISED[d])}`;
  }
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(0).replaceAll("-", "−");
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

// A number as one prints it: four digits, a true minus sign, the power of ten raised.
function told(value) {
  const raised = (whole, sign, power) => `·10${sign === "-" ? "⁻" : ""}${power.replace(/\d/g, (d) => RAISED[d])}`;
  return answers.shown(value).replace(/e([-+])(\d+)$/, raised).replace("-", "−");
}

function squares(axes, f, levels, cells) {
  const path = new Path2D();
  const [x0, x1] = axes.x, [y0, y1] = axes.y, n = cells;
  const values = [];
  for (let j = 0; j <= n; j += 1) for (let i = 0; i <= n; i += 1) values.push(f(x0 + ((x1 - x0) * i) / n, y0 + ((y1 - y0) * j) / n));
  const px = (u) => axes.X(x0 + ((x1 - x0) * u) / n), py = (v) => axes.Y(y0 + ((y1 - y0) * v) / n);
  const edges = [[0, 1, 0, 0, 1, 0], [1, 2, 1, 0, 0, 1], [3, 2, 0, 1, 1, 0], [0, 3, 0, 0, 0, 1]];
  for (let j = 0; j < n; j += 1) {
    for (let i = 0; i < n; i += 1) {
      const corner = [values[j * (n + 1) + i], values[j * (n + 1) + i + 1], values[(j + 1) * (n + 1) + i + 1], values[(j + 1) * (n + 1) + i]];
      const low = Math.min(...corner), high = Math.max(...corner);
      for (const level of levels) {
        if (level < low || level > high) continue;
        const points = [];
        for (const [a, b, u, v, du, dv] of edges) {
          if (corner[a] < level !== corner[b] < level) {
            const s = (level - corner[a]) / (corner[b] - corner[a]);
            points.push([px(i + u + s * du), py(j + v + s * dv)]);
          }
        }
        for (let k = 0; k + 1 < points.length; k += 2) { path.moveTo(...points[k]); path.lineTo(...points[k + 1]); }
      }
    }
  }
  return path;
}
