// What students type, read as optdyn/lessons/expressions.py reads it.
const answers = (() => {
  const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-zα-ωΑ-Ω]+)|(\*\*|[-+*/^()]))/y;
  const FUNCTIONS = { sqrt: Math.sqrt, exp: Math.exp, log: Math.log, ln: Math.log, sin: Math.sin, cos: Math.cos, abs: Math.abs };
  const GREEK = {};
  "alpha beta gamma delta epsilon eta theta kappa lambda mu nu rho sigma tau".split(" ")
    .forEach((name, k) => { GREEK["αβγδεηθκλμνρστ"[k]] = name; });

  class Unreadable extends Error {}

  function tokens(text) {
    const found = [];
    let place = 0;
    while (place < text.length) {
      TOKEN.lastIndex = place;
      const match = TOKEN.exec(text);
      if (!match) throw new Unreadable(`“${text.slice(place).trim().slice(0, 1)}” is nothing that I can read here.`);
      found.push(match[0].trim());
      place = TOKEN.lastIndex;
    }
    if (!found.length) throw new Unreadable("nothing is written here.");
    if (found.length > 200) throw new Unreadable("this is longer than any answer asked for.");
    return found;
  }

  function evaluate(text, variables = {}) {
    let tidy = text.trim().replaceAll("−", "-").replaceAll("·", "*").replaceAll("×", "*").replaceAll("π", " pi ");
    if (/^[+-]?\d*,\d+$/.test(tidy)) tidy = tidy.replace(",", ".");
    const list = tokens(tidy);
    let place = 0;
    const next = () => (place < list.length ? list[place] : "");
    const take = () => { const token = next(); place += 1; return token; };
    const isLetter = (token) => /^[A-Za-zα-ωΑ-Ω]/.test(token);

    function sum() {
      let value = product();
      while (next() === "+" || next() === "-") value = take() === "+" ? value + product() : value - product();
      return value;
    }
    function product() {
      let value = signed();
      while (next() && (next() === "*" || next() === "/" || next() === "(" || isLetter(next()))) {
        if (next() === "/") { take(); value /= signed(); }
        else { if (next() === "*") take(); value *= signed(); }
      }
      return value;
    }
    function signed() {
      if (next() === "-" || next() === "+") return take() === "-" ? -signed() : signed();
      return power();
    }
    function power() {
      const base = atom();
      if (next() === "^" || next() === "**") { take(); return Math.pow(base, signed()); }
      return base;
    }
    function atom() {
      const token = take();
      if (token === "(") {
        const value = sum();
        if (take() !== ")") throw new Unreadable("a bracket is not closed.");
        return value;
      }
      if (/^[\d.]/.test(token)) return Number(token);
      if (!isLetter(token)) throw new Unreadable(token ? `a number is missing before “${token}”.` : "a number is missing at the end.");
      const name = GREEK[token] ?? token;
      if (Object.hasOwn(FUNCTIONS, name)) {
        if (next() !== "(") throw new Unreadable(`${name} needs brackets: ${name}(…).`);
        return FUNCTIONS[name](atom());
      }
      if (Object.hasOwn(variables, name)) return variables[name];
      if (name === "pi") return Math.PI;
      const allowed = Object.keys(variables).join(", ");
      throw new Unreadable(`“${token}” is not known here` + (allowed ? `; the variables are ${allowed}.` : "; give a number."));
    }

    const value = sum();
    if (place < list.length) throw new Unreadable(`I can read this only up to “${list[place]}”.`);
    return value;
  }

  function fnv(text) {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    return value;
  }
  function mix(value) {
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b) >>> 0;
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35) >>> 0;
    return (value ^ (value >>> 16)) >>> 0;
  }
  const plainName = (student) => student.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

  function numbersOf(exercise, student) {
    const ofName = fnv(plainName(student));
    const numbers = {};
    for (const [name, first, step, size, scale] of exercise.numbers) {
      const k = mix((ofName ^ mix(fnv(`${exercise.id}/${name}`))) >>> 0) % size;
      numbers[name] = (first + step * k) / scale;
    }
    return numbers;
  }

  function shown(value) {
    if (!Number.isFinite(value)) return String(value);
    const rounded = Number(value.toPrecision(4));
    return Math.abs(rounded) < 1e6 ? String(rounded) : rounded.toExponential();
  }

  function agree(one, other) {
    return Number.isFinite(one) && Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));
  }

  // `functions` holds the generated answers and slips by exercise, part and number.
  function judge(exercise, part, text, numbers, functions) {
    if (!text.trim()) return ["unanswered", "not answered yet."];
    let given;
    try {
      if (part.formula) {
        const same = part.points.every((point) => agree(evaluate(text, point), evaluate(part.formula, point)));
        return same ? ["right", "right."] : ["wrong", "not the same function."];
      }
      given = evaluate(text);
    } catch (reason) {
      if (!(reason instanceof Unreadable)) throw reason;
      return ["unreadable", reason.message];
    }
    const values = Object.values(numbers);
    const answer = functions[part.answer](...values);
    const room = part.within * Math.abs(answer);
    if (Math.abs(given - answer) <= room) {
      return ["right", `right: anything from ${shown(answer - room)} to ${shown(answer + room)} is accepted.`];
    }
    for (const [slip, words] of part.slips) {
      const value = functions[slip](...values);
      if (Math.abs(given - value) <= part.within * Math.abs(value)) return ["wrong", words];
    }
    return ["wrong", "not yet."];
  }

  return { evaluate, numbersOf, shown, judge };
})();
