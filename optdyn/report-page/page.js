"use strict";
// Filters, permalinks and print. Without it the page shows everything.
const form = document.getElementById("filters");
const parts = [...document.querySelectorAll("article")].map((node) => ({ node, paper: node.dataset.paper, label: node.dataset.label }));
const buttons = [...form.querySelectorAll("[data-label]")];
const unfold = document.getElementById("unfold");
const textOf = (part) => (part.text ??= part.node.textContent.toLowerCase());

// What is shown stands in the address, as in #?paper=l4&show=refuted,crashed&words=angle
function state() {
  const given = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
  return { paper: given.get("paper") ?? "", show: (given.get("show") ?? "").split(",").filter(Boolean), words: given.get("words") ?? "" };
}

function address({ paper, show, words }) {
  const given = new URLSearchParams(Object.entries({ paper, show: show.join(","), words }).filter(([, value]) => value));
  return given.size ? `#?${String(given).replaceAll("%2C", ",")}` : "#";
}

function asked() {
  return {
    paper: form.elements.paper.value,
    show: buttons.filter((one) => one.ariaPressed === "true").map((one) => one.dataset.label),
    words: form.elements.words.value.trim(),
  };
}

function fill({ paper, show, words }) {
  form.elements.paper.value = paper;
  form.elements.words.value = words;
  for (const one of buttons) one.ariaPressed = String(show.includes(one.dataset.label));
}

function apply() {
  const { paper, show, words } = asked();
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const counts = {};
  let found = 0;
  for (const part of parts) {
    const fits = (!paper || part.paper === paper) && wanted.every((word) => textOf(part).includes(word));
    if (fits) counts[part.label] = (counts[part.label] ?? 0) + 1;
    part.node.hidden = !(fits && (!show.length || show.includes(part.label)));
    found += !part.node.hidden;
  }
  for (const one of buttons) one.querySelector("b").textContent = counts[one.dataset.label] ?? 0;
  for (const group of document.querySelectorAll(".figures, .claims, .paper")) group.hidden = !group.querySelector("article:not([hidden])");
  document.querySelector(".nothing").hidden = found > 0;
  document.getElementById("found").textContent = found === parts.length ? `all ${found} shown` : `${found} of ${parts.length} shown`;
}

function changed() {
  apply();
  history.replaceState(null, "", address(asked()));
}

// A permalink shows its part, whatever the filters are.
function arrive() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) {
    fill(state());
    apply();
    if (location.hash.startsWith("#?")) form.scrollIntoView();
    return;
  }
  if (target.closest("[hidden]") || target.querySelector("article") && !target.querySelector("article:not([hidden])")) {
    fill({ paper: "", show: [], words: "" });
    apply();
  }
  if (target.matches("article")) {
    for (const one of target.querySelectorAll(":scope > details")) one.open = true;
    target.querySelector("summary, a")?.focus({ preventScroll: true });
  }
  target.scrollIntoView();
}

form.addEventListener("input", changed);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  fill({ paper: "", show: [], words: "" });
  changed();
});
for (const one of buttons) {
  one.addEventListener("click", () => {
    one.ariaPressed = String(one.ariaPressed !== "true");
    changed();
  });
}
unfold.addEventListener("click", () => {
  const open = unfold.ariaPressed !== "true";
  unfold.ariaPressed = String(open);
  for (const { node } of parts) if (!node.hidden) for (const one of node.querySelectorAll("details")) one.open = open;
});
addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, select, textarea") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    form.elements.words.focus();
  }
});

// A film plays when it is asked to, and stops again.
for (const button of document.querySelectorAll(".film button")) {
  const image = button.closest("article").querySelector("figure img"), still = image.src;
  button.hidden = false;
  button.addEventListener("click", () => {
    const plays = button.ariaPressed !== "true";
    button.ariaPressed = String(plays);
    button.textContent = plays ? "Stop the film" : "Play the film";
    image.src = plays ? button.dataset.film : still;
  });
}

// Print shows what is folded away, and pictures that were not scrolled to.
addEventListener("beforeprint", () => {
  for (const image of document.images) image.loading = "eager";
  for (const one of document.querySelectorAll("details:not([open])")) { one.open = true; one.dataset.printed = ""; }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("[data-printed]")) { one.open = false; delete one.dataset.printed; }
});

form.hidden = false;
addEventListener("hashchange", arrive);
arrive();
