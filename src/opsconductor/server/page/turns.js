// The last turns, newest first, each with its phases.

import { Problem, read } from "./api.js";
import { element, replace } from "./dom.js";
import { timeline } from "./timeline.js";

const SHOWN = 10;

export async function showTurns() {
  const place = document.getElementById("turn-list");
  try {
    const records = await read(`/turns?limit=${SHOWN}`);
    replace(place, ...(records.length ? records.map(entry) : [element("p", { class: "quiet" }, "No turn yet.")]));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    replace(place, element("p", { class: "bad" }, `${error.message} ${error.nextStep}`));
  }
}

function entry(record) {
  const { reply } = record;
  const bad = ["failed", "unknown", "partial"].includes(reply.kind);
  return element("details", { class: "card" },
    element("summary", {}, record.message || `(${record.trigger})`, " ",
      element("span", { class: bad ? "bad" : "quiet" }, `${reply.kind} · ${record.started_at.slice(0, 19).replace("T", " ")}`)),
    element("p", { class: "message" }, reply.message),
    timeline(reply.phases),
    element("p", { class: "quiet" }, record.turn_id));
}
