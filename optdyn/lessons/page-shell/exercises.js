// Exercises on the page: numbers of the student's own, verdicts part by part, hint, solution, export.
function exercises() {
  const place = $("#exercises");
  if (!place) return;
  const name = element("input", { id: "student", autocomplete: "name", spellcheck: "false" });
  try { name.value = localStorage.getItem("optdyn-student") ?? ""; } catch { /* no storage for this file */ }
  const save = element("button", {}, "Save my answers to a file");
  place.append(element("div", { class: "name" }, element("label", { for: "student" }, "Your name (it decides on your numbers)"), name, save));
  const given = {};
  const entries = LESSON.exercises.map((exercise) => (exercise.signature ? program(exercise) : questions(exercise, given)));
  place.append(...entries.map((entry) => entry.node));
  const refresh = () => entries.forEach((entry) => entry.refresh(name.value));
  name.addEventListener("input", () => {
    try { localStorage.setItem("optdyn-student", name.value); } catch { /* no storage */ }
    refresh();
  });
  save.addEventListener("click", () => {
    const record = { format: "optdyn answers 1", lesson: LESSON.name, student: name.value, answers: given };
    const link = element("a", {
      href: URL.createObjectURL(new Blob([JSON.stringify(record, null, 1)], { type: "application/json" })),
      download: `${LESSON.name}-${name.value.trim().replace(/[^\p{L}\p{N}]+/gu, "-") || "nobody"}.json`,
    });
    link.click();
  });
  refresh();
}

const fill = (html, values) => html.replace(/\[\[(\w+)\]\]/g, (whole, name) => (name in values ? answers.shown(values[name]) : whole));

function questions(exercise, given) {
  const ask = element("div"), hint = element("div", { class: "shown", hidden: true }), solution = element("div", { class: "shown", hidden: true });
  let numbers = {};
  given[exercise.id] = {};
  const parts = exercise.parts.map((part) => {
    const id = `${exercise.id}-${part.key}`.replace(".", "-");
    const label = element("label", { for: id }), input = element("input", { id, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-verdict` });
    const verdict = element("span", { class: "verdict", id: `${id}-verdict`, role: "status" });
    input.addEventListener("input", () => { given[exercise.id][part.key] = input.value; verdict.className = "verdict"; verdict.textContent = ""; });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") check(); });
    return { part, label, input, verdict, node: element("div", { class: "part" }, label, input, verdict) };
  });
  const button = element("button", {}, "Check"), help = element("button", { disabled: true }, "Hint"), solve = element("button", { disabled: true }, "Solution");
  function check() {
    for (const { part, input, verdict } of parts) {
      const [kind, words] = answers.judge(exercise, part, input.value, numbers, formulas);
      verdict.className = `verdict ${kind}`;
      verdict.textContent = words;
    }
    if (parts.some(({ input }) => input.value.trim())) help.disabled = false;
  }
  button.addEventListener("click", check);
  help.addEventListener("click", () => { hint.hidden = false; solve.disabled = false; });
  solve.addEventListener("click", () => { solution.hidden = false; });
  const node = element("section", { class: "exercise" }, element("h3", {}, `${exercise.id} · ${exercise.title}`), ask,
    ...parts.map((part) => part.node), element("div", { class: "buttons" }, button, " ", help, " ", solve), hint, solution);
  function refresh(student) {
    numbers = answers.numbersOf(exercise, student);
    const known = { ...numbers };
    parts.forEach(({ part }) => { if (part.answer) known[part.key] = formulas[part.answer](...Object.values(numbers)); });
    ask.innerHTML = fill(exercise.ask, numbers);
    parts.forEach(({ part, label, verdict }) => {
      label.innerHTML = (parts.length > 1 ? `<b>${part.key})</b> ` : "") + fill(part.ask, numbers)
        + (part.formula ? ` <span class="help">(a formula in ${part.variables.join(", ")})</span>` : ` <span class="help">(within ${answers.shown(100 * part.within)} %)</span>`);
      verdict.className = "verdict"; verdict.textContent = "";
    });
    hint.innerHTML = `<p><b>Hint.</b> ${fill(exercise.hint, known)}</p>`;
    solution.innerHTML = `<p><b>Solution.</b> ${fill(exercise.solution, known)}</p>`;
  }
  return { node, refresh };
}

function program(exercise) {
  const code = element("code"), hint = element("div", { class: "shown", hidden: true, html: `<p><b>Hint.</b> ${exercise.hint}</p>` });
  const solution = element("div", { class: "shown", hidden: true, html: `<p><b>Solution.</b></p>${exercise.solution}` });
  const help = element("button", {}, "Hint"), solve = element("button", { disabled: true }, "Solution");
  help.addEventListener("click", () => { hint.hidden = false; solve.disabled = false; });
  solve.addEventListener("click", () => { solution.hidden = false; });
  const node = element("section", { class: "exercise" }, element("h3", {}, `${exercise.id} · ${exercise.title} · in Python`),
    element("div", { html: exercise.ask }), element("pre", {}, code), element("div", { class: "buttons" }, help, " ", solve), hint, solution);
  const refresh = (student) => {
    code.textContent = `import optdyn\n\ndef ${exercise.signature}:\n    ...\n    return ${exercise.names.join(", ")}\n\n`
      + `print(optdyn.check("${exercise.id}", ${exercise.signature.split("(")[0]}, student=${JSON.stringify(student.trim())}))`;
  };
  return { node, refresh };
}
