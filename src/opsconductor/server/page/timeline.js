// A turn's phases as bars over time; parts that ran together lie above one another.

import { drawing, element } from "./dom.js";

export function phaseName(phase) {
  const [number, ...words] = phase.split("_");
  return `P${Number(number.slice(1))} ${words.join(" ")}`;
}

export function timeline(phases) {
  const whole = Math.max(...phases.map((one) => one.started_ms + one.ms), 0.001);
  const rows = phases.map((one) =>
    element("tr", {},
      element("th", { scope: "row" }, phaseName(one.phase)),
      element("td", {}, bar(one, whole)),
      element("td", { class: "ms" }, `${one.ms.toFixed(1)} ms`)));
  return element("table", { class: "timeline" },
    element("caption", { class: "quiet" }, `${whole.toFixed(0)} ms in all`), element("tbody", {}, ...rows));
}

function bar(phase, whole) {
  const parts = phase.parts.map((part, index) => rect(part, whole, index, phase.parts.length, "part"));
  const names = phase.parts.map((part) => `${part.name} ${part.ms.toFixed(1)} ms`).join(", ");
  const picture = drawing("svg", { viewBox: "0 0 1000 12", preserveAspectRatio: "none", role: "img" },
    rect(phase, whole, 0, 1, parts.length ? "part" : ""), ...parts);
  picture.setAttribute("aria-label", names || phaseName(phase.phase));
  picture.append(drawing("title", {}, names || phaseName(phase.phase)));
  return picture;
}

function rect(one, whole, index, count, kind) {
  const x = (1000 * one.started_ms) / whole;
  return drawing("rect", {
    x, y: (12 * index) / count, height: 12 / count, width: Math.max((1000 * one.ms) / whole, 2), class: kind,
  });
}
