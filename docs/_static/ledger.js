// The ledger's table shows the claims of one verdict, or those that hold some words.
document.addEventListener("DOMContentLoaded", () => {
  const choice = document.querySelector(".ledger-choice");
  if (!choice) return;
  const words = choice.querySelector("input");
  let verdict = "";
  const show = () => {
    for (const row of document.querySelectorAll("table.ledger tr")) {
      const fits = row.textContent.toLowerCase().includes(words.value.trim().toLowerCase());
      row.hidden = !fits || (verdict !== "" && row.dataset.verdict !== verdict);
    }
  };
  for (const button of choice.querySelectorAll("button"))
    button.addEventListener("click", () => {
      verdict = verdict === button.dataset.verdict ? "" : button.dataset.verdict;
      for (const other of choice.querySelectorAll("button"))
        other.setAttribute("aria-pressed", String(other.dataset.verdict === verdict));
      show();
    });
  words.addEventListener("input", show);
});
