// Makes the page's tables sortable and its details fold together. Without this script all stands in the order of execution.
const collator = new Intl.Collator("en", { numeric: true });
const button = (label) => Object.assign(document.createElement("button"), { type: "button", textContent: label });

for (const title of document.querySelectorAll("table.layers th, nav th")) {
  const sort = button(title.textContent);
  title.replaceChildren(sort);
  sort.addEventListener("click", () => {
    const down = title.getAttribute("aria-sort") === "ascending";
    for (const other of title.parentNode.children) other.removeAttribute("aria-sort");
    title.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = title.closest("table").tBodies[0];
    const numeric = title.classList.contains("number");
    const keys = new Map([...body.rows].map((row) => {
      const cell = row.cells[title.cellIndex];
      const key = cell.dataset.key ?? cell.textContent;
      return [row, numeric ? Number(key) : key];
    }));
    const order = (a, b) => (numeric ? keys.get(a) - keys.get(b) : collator.compare(keys.get(a), keys.get(b)));
    body.append(...[...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
  });
}

for (const heading of document.querySelectorAll("section h3")) {
  const rules = [];
  for (let next = heading.nextElementSibling; next?.matches("details.rule"); next = next.nextElementSibling) rules.push(next);
  if (rules.length < 2) continue;
  const controls = Object.assign(document.createElement("div"), { className: "controls" });
  for (const [label, open] of [["Unfold all", true], ["Fold all", false]]) {
    const fold = button(label);
    fold.addEventListener("click", () => rules.forEach((rule) => (rule.open = open)));
    controls.append(fold);
  }
  heading.after(controls);
}

// A browser that can't show folded details on paper by style alone unfolds them for it.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((each) => (each.open = true));
});
addEventListener("afterprint", () => folded.forEach((each) => (each.open = false)));
