// What pages share: rows that are links, arrow keys in tables, ticked rows, "/" for the search, closing menus.
(function () {
  "use strict";

  const isControl = (element) => element.closest("a, button, input, select, textarea, label, summary");

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && !isControl(event.target) && !window.getSelection().toString()) {
      const link = row.querySelector("a[href]");
      if (event.ctrlKey || event.metaKey) {
        window.open(row.dataset.href, "_blank", "noopener");
      } else if (link) {
        link.click();
      } else {
        window.location.assign(row.dataset.href);
      }
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });

  // Up and down from a link in one row to the same place in the next.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.removeAttribute("open");
        menu.querySelector("summary").focus();
      }
    }
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.querySelector("[data-hotkey='/']");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !typing) {
      const row = event.target.closest("tr[data-href]");
      const next = row && (event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling);
      const link = next && next.querySelector("a[href]");
      if (link) {
        event.preventDefault();
        link.focus();
      }
    }
  });

  // Bulk actions appear when rows are ticked; their place is kept free.
  const countTicks = (form) => {
    const ticks = form.querySelectorAll("input[data-tick]");
    const ticked = form.querySelectorAll("input[data-tick]:checked").length;
    for (const bar of form.querySelectorAll("[data-bulk]")) bar.classList.toggle("is-shown", ticked > 0);
    for (const place of form.querySelectorAll("[data-ticked]")) place.textContent = String(ticked);
    for (const all of form.querySelectorAll("input[data-tick-all]")) {
      all.checked = ticked > 0 && ticked === ticks.length;
      all.indeterminate = ticked > 0 && ticked < ticks.length;
    }
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (!form) return;
    if (event.target.matches("input[data-tick-all]")) {
      for (const tick of form.querySelectorAll("input[data-tick]")) tick.checked = event.target.checked;
    }
    if (event.target.matches("input[data-tick], input[data-tick-all]")) countTicks(form);
    if (event.target.matches("[data-submit-on-change]")) form.requestSubmit();
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form")) if (form.querySelector("input[data-tick]")) countTicks(form);
  });

  // Asked before something that cannot be undone in one step: data-confirm holds the sentence.
  document.addEventListener("submit", (event) => {
    const sentence = event.submitter && event.submitter.dataset.confirm;
    if (sentence && !window.confirm(sentence)) event.preventDefault();
  });

  // The first field with an error gets the focus.
  const wrong = document.querySelector(".form-field.has-error input, .form-field.has-error select, .form-field.has-error textarea");
  if (wrong) wrong.focus();
})();
