// What all lessons share: state, address, controls, steps, predictions, printing. `picture` comes from the lesson.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "html") node.innerHTML = value;
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};

const defaults = { ...LESSON.state };
for (const control of LESSON.controls) defaults[control.name] = control.value;
const state = { ...defaults, t: Infinity };  // t: the step that is shown, at first the last
const figure = $("#figure");
const steady = matchMedia("(prefers-reduced-motion: reduce)");
let model = null;

// --- state and address
const typed = (name, text) => (typeof defaults[name] === "string" ? text : Number(text));
function assign(settings) {
  for (const [name, text] of new URLSearchParams(settings)) {
    if (!(name in defaults) && name !== "t") continue;
    const value = name === "t" ? Number(text) : typed(name, text);
    if (typeof value === "number" && !Number.isFinite(value)) continue;
    state[name] = within(name, value);
  }
}
function within(name, value) {
  const control = LESSON.controls.find((entry) => entry.name === name);
  if (control) return Math.min(control.high, Math.max(control.low, value));
  const choice = LESSON.choices.find((entry) => entry.name === name);
  if (choice && !choice.options.some(([option]) => option === String(value))) return defaults[name];
  return value;
}
function address() {
  const changed = Object.entries(state).filter(([name, value]) => value !== (name === "t" ? model.length : defaults[name]));
  const hash = new URLSearchParams(changed.map(([name, value]) => [name, typeof value === "number" ? String(Number(value.toPrecision(6))) : value]));
  try { history.replaceState(null, "", `#${hash}`); } catch { /* some browsers refuse this for files */ }
}

// --- colours
let palette = new Map();
const colours = (name) => {
  if (!palette.has(name)) palette.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return palette.get(name);
};
function repaint() { palette = new Map(); legend(); render(); }
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

// --- the figure
const axes = {};
// Titles and notes may depend on the scene.
const worded = (words) => (typeof words === "function" ? words(state) : words);
const heading = ({ title, note }) => (note ? `${worded(title)} <span>${worded(note)}</span>` : worded(title));
function build() {
  const panels = $(".panels", figure);
  for (const panel of picture.panels) {
    const canvas = element("canvas", { role: "img", "aria-label": worded(panel.title), tabindex: panel.drag ? "0" : false });
    panels.append(element("figure", { class: `panel ${panel.size ?? "half"}${panel.after ? " later" : ""}`, "data-after": panel.after ?? false },
      element("figcaption", { html: heading(panel) }), canvas));
    axes[panel.name] = new Axes(canvas, colours);
    if (panel.drag) draggable(canvas, panel);
  }
  const controls = $(".controls", figure);
  for (const control of LESSON.controls) controls.append(control.node = slider(control));
  for (const choice of LESSON.choices) controls.append(choice.node = radios(choice));
}
const toUnit = (c, value) => (c.scale === "log" ? Math.log(value / c.low) / Math.log(c.high / c.low) : (value - c.low) / (c.high - c.low));
const fromUnit = (c, unit) => {
  const value = c.scale === "log" ? c.low * (c.high / c.low) ** unit : c.low + unit * (c.high - c.low);
  return c.scale === "log" ? Number(value.toPrecision(4)) : Number((Math.round(value / c.step) * c.step).toPrecision(9));
};
function slider(control) {
  // As many places as there are values, so that a key always reaches the next one.
  const places = control.scale === "log" ? 400 : Math.round((control.high - control.low) / control.step);
  const range = element("input", { type: "range", min: 0, max: places, step: 1, id: `c-${control.name}` });
  const number = element("input", { type: "number", min: control.low, max: control.high, step: "any", "aria-label": `${control.plain}, as a number` });
  const label = element("label", { for: `c-${control.name}`, html: control.label });
  range.addEventListener("input", () => change(control.name, fromUnit(control, range.value / places)));
  number.addEventListener("change", () => { if (number.value !== "" && Number.isFinite(Number(number.value))) change(control.name, within(control.name, Number(number.value))); });
  control.show = () => {
    range.value = Math.round(toUnit(control, state[control.name]) * places);
    range.setAttribute("aria-valuetext", answers.shown(state[control.name]));
    if (document.activeElement !== number) number.value = Number(state[control.name].toPrecision(6));
    const words = picture.label?.(control.name, state);
    if (words && label.innerHTML !== words) label.innerHTML = words;
  };
  return element("div", { class: "control" }, element("div", { class: "head" }, label, number), range);
}
function radios(choice) {
  const inputs = choice.options.map(([value, words]) => {
    const input = element("input", { type: "radio", name: `c-${choice.name}`, value });
    input.addEventListener("change", () => change(choice.name, typed(choice.name, value)));
    return [input, element("label", {}, input, ` ${words}`)];
  });
  choice.show = () => inputs.forEach(([input]) => { input.checked = input.value === String(state[choice.name]); });
  return element("fieldset", { class: "choice" }, element("legend", { html: choice.label }), ...inputs.map(([, label]) => label));
}
function change(name, value) {
  const before = { ...state };
  state[name] = value;
  picture.changed?.(name, before, state);
  schedule();
}
function draggable(canvas, panel) {
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    panel.drag(...axes[panel.name].at(event.clientX - box.left, event.clientY - box.top), state);
    schedule();
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); canvas.focus({ preventScroll: true }); move(event); });
  canvas.addEventListener("pointermove", (event) => { if (canvas.hasPointerCapture(event.pointerId)) move(event); });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const size = event.shiftKey ? 10 : 1;
    panel.nudge(way[0] * size, way[1] * size, state);
    schedule();
  });
}

let scheduled = 0;
function schedule() {
  if (!scheduled) scheduled = requestAnimationFrame(() => { scheduled = 0; render(); });
}
let saving = 0;
function render() {
  if (model && state.t >= model.length) state.t = Infinity;
  model = picture.compute(state);
  state.t = Math.max(0, Math.min(model.length, Math.round(state.t)));
  for (const panel of picture.panels) {
    panel.draw(axes[panel.name], model, state);
    const { canvas } = axes[panel.name], above = canvas.previousElementSibling, words = heading(panel);
    if (typeof panel.title === "function" && above.innerHTML !== words) above.innerHTML = words;
    if (panel.says) canvas.setAttribute("aria-label", `${worded(panel.title)}. ${panel.says(model, state)}`);
  }
  for (const entry of [...LESSON.controls, ...LESSON.choices]) {
    entry.show();
    entry.node.hidden = picture.idle?.(state).includes(entry.name) ?? false;  // what does nothing in this scene
  }
  const values = picture.values?.(model, state) ?? "";
  if ($(".values", figure).innerHTML !== values) $(".values", figure).innerHTML = values;
  if (methods().join("|") !== listed) legend();
  const words = picture.phase(model, state);
  if ($(".phase", figure).textContent !== words) $(".phase", figure).textContent = words;
  $(".steps output", figure).textContent = `step ${state.t} of ${model.length}`;
  clearTimeout(saving);
  saving = setTimeout(address, 200);
}
// Some lessons compare other methods in another scene.
const methods = () => (typeof picture.methods === "function" ? picture.methods(state) : picture.methods);
let listed = "";
function legend() {
  const list = $(".legend", figure);
  listed = methods().join("|");
  list.replaceChildren(...methods().map((name, k) => {
    const canvas = element("canvas", { width: 88, height: 32, "aria-hidden": "true" });
    const c = canvas.getContext("2d"), style = STYLES[k];
    c.scale(2, 2); c.strokeStyle = c.fillStyle = colours(style.colour); c.lineWidth = 2; c.setLineDash(style.dash);
    c.beginPath(); c.moveTo(2, 8); c.lineTo(42, 8); c.stroke(); c.setLineDash([]);
    c.beginPath(); shape(c, style.mark, 22, 8, 4.5); c.fill();
    return element("li", {}, canvas, element("span", { html: name }));
  }));
}

// --- steps
let playing = 0;
function stepper() {
  const go = { first: () => 0, back: () => state.t - 1, forward: () => state.t + 1, last: () => model.length };
  for (const [name, target] of Object.entries(go)) {
    $(`.steps .${name}`, figure).addEventListener("click", () => { stop(); state.t = target(); schedule(); });
  }
  $(".steps .play", figure).addEventListener("click", () => {
    if (playing) return stop();
    if (state.t >= model.length) state.t = 0;
    $(".steps .play", figure).textContent = "pause";
    const pause = steady.matches ? 400 : 60;
    playing = setInterval(() => { state.t += 1; schedule(); if (state.t >= model.length) stop(); }, pause);
    return undefined;
  });
}
function stop() { clearInterval(playing); playing = 0; $(".steps .play", figure).textContent = "play"; }

// --- buttons in the text, predictions, the derivation
function load(settings) {
  stop();
  Object.assign(state, defaults, { t: Infinity });
  assign(settings);
  render();
}
function texts() {
  for (const button of $$("button.set")) {
    button.addEventListener("click", () => {
      load(button.dataset.set);
      const box = figure.getBoundingClientRect();
      if (box.top < 0 || box.top > innerHeight * 0.6) figure.scrollIntoView({ behavior: steady.matches ? "auto" : "smooth" });
    });
  }
  $$(".predict").forEach((section, k) => {
    const commit = $(".commit", section), inputs = $$("input", section);
    inputs.forEach((input) => { input.name = `predict-${k}`; input.addEventListener("change", () => { commit.disabled = false; }); });
    commit.disabled = true;
    commit.addEventListener("click", () => {
      const chosen = inputs.find((input) => input.checked);
      for (const input of inputs) {
        input.disabled = true;
        const isRight = "right" in input.dataset, label = input.closest("label");
        label.classList.toggle("right", isRight);
        const words = isRight ? (input === chosen ? "✓ your guess, and so it is" : "✓ so it is") : input === chosen ? "✗ your guess" : "";
        if (words) label.append(element("span", { class: "said" }, words));
      }
      commit.hidden = true;
      $(".answer", section).hidden = false;
      figure.classList.remove("covered");
      for (const panel of $$(".later", figure)) if (Number(panel.dataset.after) === k + 1) panel.classList.remove("later");
      if (section.dataset.set !== undefined) load(section.dataset.set);
      $(".answer", section).setAttribute("tabindex", "-1");
      $(".answer", section).focus({ preventScroll: true });
    });
  });
  $(".next")?.addEventListener("click", (event) => {
    const closed = $$("details.step").find((step) => !step.open);
    if (closed) { closed.open = true; $("summary", closed).focus(); }
    event.target.disabled = $$("details.step").every((step) => step.open);
  });
}

// --- printing opens everything
let closed = [];
addEventListener("beforeprint", () => {
  closed = $$("details").filter((entry) => !entry.open);
  closed.forEach((entry) => { entry.open = true; });
  repaint();
});
addEventListener("afterprint", () => { closed.forEach((entry) => { entry.open = false; }); repaint(); });

build();
stepper();
texts();
exercises();
assign(location.hash.slice(1));
legend();
render();
performance.mark("drawn");
addEventListener("resize", schedule);
addEventListener("hashchange", () => { Object.assign(state, defaults, { t: Infinity }); assign(location.hash.slice(1)); render(); });
