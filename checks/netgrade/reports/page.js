// Turns the titles of a table into buttons that sort it. Without this script the table stands in the order of execution.
for (const title of document.querySelectorAll("table.layers thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...title.childNodes);
  title.append(button);
  button.addEventListener("click", () => {
    const down = title.getAttribute("aria-sort") === "ascending";
    for (const other of title.parentNode.children) other.removeAttribute("aria-sort");
    title.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = title.closest("table").tBodies[0];
    const key = (row) => row.cells[title.cellIndex].dataset.key;
    const numeric = title.classList.contains("number");
    const order = (a, b) => (numeric ? key(a) - key(b) : key(a).localeCompare(key(b), "en"));
    body.append(...[...body.rows].sort((a, b) => (down ? -order(a, b) : order(a, b))));
  });
}
// Everything is unfolded on paper.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));
