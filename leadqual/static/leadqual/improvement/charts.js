// Rates with their intervals, drawn with Chart.js from the data that stands beside each canvas. No tooltips: every
// number is printed on the chart and in the table. Colours are those of the page, in light and in dark.
(function () {
  "use strict";

  const charts = [];
  const NARROW = 560;
  const MARK_LINE = 16;

  const palette = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    return {
      ink: colour("--ink"), ink2: colour("--ink-2"), ink3: colour("--ink-3"), line: colour("--line"),
      line2: colour("--line-2"), accent: colour("--accent"), soft: colour("--accent-soft"), good: colour("--good"),
      bad: colour("--bad"), font: getComputedStyle(document.body).fontFamily,
    };
  };

  const font = (colours, weight) => (weight || "") + " 13px " + colours.font;

  const line = (context, colour, width, points, dash) => {
    context.save();
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash || []);
    context.beginPath();
    points.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    context.restore();
  };

  // The axis ends at a number that people know.
  const roundUp = (share) => [2, 5, 10, 20, 30, 40, 50, 60, 80, 100].find((end) => end >= share) || 100;

  const fitted = (context, text, width) => {
    if (context.measureText(text).width <= width) return text;
    let end = text.length;
    while (end > 1 && context.measureText(text.slice(0, end) + "…").width > width) end -= 1;
    return text.slice(0, end) + "…";
  };

  // On a phone: name and number on a line of their own, so that the bar has the whole width.
  const labelAbove = (colours) => (context, row, area, y) => {
    context.font = font(colours, row.words ? "" : "600");
    context.fillStyle = row.words ? colours.ink2 : colours.ink;
    context.textAlign = "right";
    context.fillText(row.words || row.text, area.right, y);
    const room = area.right - area.left - context.measureText(row.words || row.text).width - 12;
    context.font = font(colours);
    context.fillStyle = colours.ink;
    context.textAlign = "left";
    context.fillText(fitted(context, row.label, room), area.left, y);
  };

  // What lies across: the interval as a line with ends, the value as a point or bar, its words after it.
  const acrossPlugin = (data, colours, narrow) => ({
    id: "across",
    afterDatasetsDraw(chart) {
      const { ctx: context, chartArea: area, scales } = chart;
      const above = labelAbove(colours);
      context.save();
      context.textBaseline = "middle";
      data.rows.forEach((row, place) => {
        const y = scales.y.getPixelForValue(place);
        if (narrow) {
          above(context, row, area, y - 15);
          if (row.words) return;
        } else if (row.words) {
          context.font = font(colours);
          context.fillStyle = colours.ink2;
          context.fillText(fitted(context, row.words, area.right - area.left), area.left + 8, y);
          return;
        }
        const at = (value) => Math.min(area.right, Math.max(area.left, scales.x.getPixelForValue(value)));
        const tone = row.tone ? colours[row.tone] : colours.ink;
        const low = at(row.low);
        const high = row.high === null ? area.right : at(row.high);
        line(context, tone, 2, [[low, y], [high, y]]);
        line(context, tone, 2, [[low, y - 5], [low, y + 5]]);
        if (row.high !== null) line(context, tone, 2, [[high, y - 5], [high, y + 5]]);
        if (data.kind === "lifts") {
          context.fillStyle = tone;
          context.beginPath();
          context.arc(at(row.value), y, 5, 0, 2 * Math.PI);
          context.fill();
        }
        if (narrow) return;
        context.font = font(colours, "600");
        context.fillStyle = colours.ink;
        context.fillText(row.text, area.right + 10, y);
      });
      context.restore();
    },
    beforeDatasetsDraw(chart) {
      const { ctx: context, chartArea: area, scales } = chart;
      const across = data.kind === "lifts" ? { value: 1, text: "" } : data.line;
      if (!across) return;
      const x = scales.x.getPixelForValue(across.value);
      line(context, colours.ink3, 1, [[x, area.top], [x, area.bottom]], [4, 4]);
      if (across.text) {
        context.save();
        context.font = font(colours);
        context.fillStyle = colours.ink2;
        context.textAlign = x > (area.left + area.right) / 2 ? "right" : "left";
        context.fillText(across.text, x + (context.textAlign === "right" ? -5 : 5), area.top - 8);
        context.restore();
      }
    },
  });

  // Labels stand beside their bar where there is room, else above it.
  const across = (canvas, data, colours) => {
    const measure = canvas.getContext("2d");
    measure.font = font(colours, "600");
    const widest = (name) => Math.max(0, ...data.rows.map((row) => measure.measureText(row[name] || "").width));
    const width = canvas.parentElement.clientWidth;
    const narrow = width < NARROW;
    const lifts = data.kind === "lifts";
    const ends = data.rows.filter((row) => !row.words);
    const highest = Math.max(lifts ? 2 : 10, ...ends.map((row) => (row.high === null ? row.value * 2 : row.high)));
    const lowest = Math.min(0.5, ...ends.map((row) => Math.max(row.low, row.value / 4, 0.05)));
    return {
      type: "bar",
      data: {
        labels: data.rows.map((row) => row.label),
        datasets: [{
          data: data.rows.map((row) => (row.words || lifts ? null : row.value)),
          backgroundColor: colours.soft, borderColor: colours.accent, borderWidth: { right: 3 }, barPercentage: narrow ? 0.25 : 0.62,
          categoryPercentage: 1,
        }],
      },
      options: {
        indexAxis: "y", animation: false, responsive: true, maintainAspectRatio: false, events: [],
        layout: { padding: { right: narrow ? 8 : widest("text") + 14, top: data.line ? 24 : narrow ? 8 : 4 } },
        scales: {
          x: {
            type: lifts ? "logarithmic" : "linear", min: lifts ? lowest : 0,
            max: lifts ? highest * 1.1 : roundUp(highest),
            border: { display: false }, grid: { color: colours.line },
            afterBuildTicks: lifts ? (axis) => {
              axis.ticks = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10].map((value) => ({ value }))
                .filter((tick) => tick.value >= axis.min && tick.value <= axis.max);
            } : undefined,
            ticks: {
              color: colours.ink2, font: { family: colours.font, size: 12 }, maxTicksLimit: narrow ? 4 : 8, maxRotation: 0,
              callback: (value) => (lifts ? "×" + value : value + "%"),
            },
          },
          y: {
            display: !narrow, border: { color: colours.line2 }, grid: { display: false },
            ticks: {
              autoSkip: false, color: colours.ink, font: { family: colours.font, size: 13 },
              callback: (value, place) => {
                measure.font = font(colours);
                return fitted(measure, data.rows[place].label, 260);
              },
            },
          },
        },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
      },
      plugins: [acrossPlugin(data, colours, narrow)],
    };
  };

  // Months: a point with its interval, grey words upright where there is not enough data, lines for new versions.
  const monthsPlugin = (data, colours) => ({
    id: "months",
    afterDatasetsDraw(chart) {
      const { ctx: context, chartArea: area, scales } = chart;
      const step = (area.right - area.left) / data.rows.length;
      context.save();
      data.rows.forEach((row, place) => {
        const x = scales.x.getPixelForValue(place);
        if (row.words) {
          context.save();
          context.translate(x, area.bottom - 8);
          context.rotate(-Math.PI / 2);
          context.font = font(colours);
          context.fillStyle = colours.ink2;
          context.textBaseline = "middle";
          context.fillText(fitted(context, row.words, area.bottom - area.top - 12), 0, 0);
          context.restore();
          return;
        }
        const [low, high, y] = [row.low, row.high, row.value].map((value) => scales.y.getPixelForValue(value));
        line(context, colours.accent, 2, [[x, low], [x, high]]);
        line(context, colours.accent, 2, [[x - 5, low], [x + 5, low]]);
        line(context, colours.accent, 2, [[x - 5, high], [x + 5, high]]);
        context.fillStyle = colours.accent;
        context.beginPath();
        context.arc(x, y, 4.5, 0, 2 * Math.PI);
        context.fill();
      });
      data.marks.forEach((mark, place) => {
        const x = area.left + mark.at * step;
        const y = area.top - 10 - MARK_LINE * (data.marks.length - 1 - place);
        line(context, colours.ink2, 1, [[x, y - 7], [x, area.bottom]], [5, 4]);
        context.font = font(colours);
        context.fillStyle = colours.ink2;
        context.textAlign = x > (area.left + area.right) / 2 ? "right" : "left";
        context.fillText(mark.text, x + (context.textAlign === "right" ? -5 : 5), y);
      });
      context.restore();
    },
  });

  const months = (canvas, data, colours) => {
    const narrow = canvas.parentElement.clientWidth < NARROW;
    const highest = Math.max(2, ...data.rows.map((row) => row.high || 0));
    return {
      type: "bar",
      data: { labels: data.rows.map((row) => row.label), datasets: [{ data: data.rows.map(() => null) }] },
      options: {
        animation: false, responsive: true, maintainAspectRatio: false, events: [],
        layout: { padding: { top: 10 + MARK_LINE * data.marks.length } },
        scales: {
          x: {
            border: { color: colours.line2 }, grid: { display: false },
            ticks: {
              color: colours.ink, font: { family: colours.font, size: 12 }, autoSkip: narrow, maxTicksLimit: narrow ? 4 : 24,
              maxRotation: 0,
            },
          },
          y: {
            min: 0, max: roundUp(highest), border: { display: false }, grid: { color: colours.line },
            ticks: { color: colours.ink2, font: { family: colours.font, size: 12 }, maxTicksLimit: 6, callback: (value) => value + "%" },
          },
        },
        plugins: { legend: { display: false }, tooltip: { enabled: false } },
      },
      plugins: [monthsPlugin(data, colours)],
    };
  };

  const draw = () => {
    if (!window.Chart) return;
    while (charts.length) charts.pop().destroy();
    const colours = palette();
    for (const place of document.querySelectorAll("[data-chart]")) {
      const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      const canvas = place.querySelector("canvas");
      const kind = data.kind === "months" ? months : across;
      charts.push(new window.Chart(canvas, kind(canvas, data, colours)));
    }
  };

  draw();
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width) {
      width = window.innerWidth;
      draw();
    }
  });
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
})();
