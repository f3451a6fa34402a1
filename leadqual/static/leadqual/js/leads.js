// The row that adds a condition offers only comparisons that the chosen field knows.
(function () {
  "use strict";

  const field = document.querySelector("[data-condition-field]");
  const operator = document.querySelector("[data-condition-operator]");
  if (!field || !operator) return;

  const fit = () => {
    const kind = field.selectedOptions[0] && field.selectedOptions[0].dataset.kind;
    for (const option of operator.options) {
      const fits = !kind || option.dataset.kinds.split(" ").includes(kind);
      option.hidden = !fits;
      option.disabled = !fits;
    }
    if (operator.selectedOptions[0] && operator.selectedOptions[0].disabled) {
      operator.value = Array.from(operator.options).find((option) => !option.disabled).value;
    }
  };
  field.addEventListener("change", fit);
  fit();
})();
