// The ask box: phases while a turn runs, the reply, and where it needs one the approval with approve and reject.

import { Problem, turn } from "./api.js";
import { element, replace, table } from "./dom.js";
import { phaseName, timeline } from "./timeline.js";

const WORDS = {
  answer: "Answered", question: "A question back", approval_required: "Approval needed", job_accepted: "Accepted",
  refused: "Refused", cancelled: "Cancelled", partial: "Done in part", failed: "Failed", unknown: "Outcome unknown",
};

export function startAsking(afterTurn) {
  const form = document.getElementById("ask-form");
  const talk = { session: null, afterTurn };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = document.getElementById("words").value;
    void take(talk, "/pipeline", { request: words, session_id: talk.session });
  });
}

async function take(talk, path, body) {
  const state = document.getElementById("state");
  const place = document.getElementById("reply");
  busy(true);
  replace(place);
  state.textContent = "Working…";
  try {
    const reply = await turn(path, body, showPhase());
    talk.session = reply.session_id;
    state.textContent = WORDS[reply.kind] || reply.kind;
    replace(place, replyCard(reply), reply.kind === "approval_required" ? approvalCard(talk, reply) : null);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    state.textContent = "Not accepted";
    replace(place, element("p", { class: "card bad" }, `${error.message} ${error.nextStep}`));
  } finally {
    busy(false);
    talk.afterTurn();
  }
}

function busy(running) {
  document.getElementById("send").disabled = running;
  for (const button of document.querySelectorAll("#reply button")) button.disabled = running;
}

function showPhase() {
  const list = document.getElementById("phases");
  const items = new Map();
  replace(list);
  list.hidden = false;
  return ({ phase, event }) => {
    if (!items.has(phase)) {
      items.set(phase, element("li", {}, phaseName(phase)));
      list.append(items.get(phase));
    }
    items.get(phase).className = event === "end" ? "over" : "running";
  };
}

function replyCard(reply) {
  const options = reply.clarification?.options || [];
  return element("article", { class: "card" },
    element("p", { class: "message" }, reply.message),
    ...options.map((option) => choice(option)),
    ...reply.warnings.map((warning) => element("p", { class: "quiet" }, `Warning: ${warning}`)),
    reply.evidence.length ? evidence(reply.evidence) : null,
    details("Phases", timeline(reply.phases)));
}

function choice(option) {
  const button = element("button", { type: "button", class: "plain" }, option);
  button.addEventListener("click", () => {
    document.getElementById("words").value = option;
    document.getElementById("ask-form").requestSubmit();
  });
  return button;
}

function evidence(claims) {
  const rows = claims.map((claim) => [claim.claim, claim.step, claim.path]);
  return details(`Evidence (${rows.length})`, table(["Claim", "Step", "Where"], rows));
}

function details(title, content) {
  return element("details", {}, element("summary", {}, title), content);
}

function approvalCard(talk, reply) {
  const { approval, plan } = reply;
  const waits = approval.state === "pending";
  const reason = element("input", { type: "text", id: "reason", maxlength: "1000", autocomplete: "off" });
  const alone = waits && !approval.step_id && approval.level >= 2 ? element("input", { type: "checkbox", id: "alone" }) : null;
  const decide = (decision, more = () => ({})) => () => {
    const changed = more();
    if (changed) void take(talk, "/pipeline/execute", {
      approval_id: approval.approval_id, plan_hash: approval.plan_hash, decision, reason: reason.value, ...changed,
    });
  };
  const approve = act(approval.step_id ? "Confirm and run this step" : "Approve", "",
    decide("approve", () => ({ break_glass: Boolean(alone?.checked) })));
  const reject = act("Reject", "plain", decide("reject"));
  const back = act("Ask for changes", "plain", decide("request_changes"));
  return element("section", { class: "card", "aria-label": "Approval" },
    element("h3", {}, "Exactly this would run"),
    planTable(approval.envelope, plan),
    facts(approval, plan),
    ...approval.decisions.map((one) => element("p", { class: "quiet" }, `${one.decision} by ${one.who_name}${one.reason ? `: ${one.reason}` : ""}`)),
    element("label", { for: "reason" }, "Reason"),
    element("div", { class: "row" }, reason, waits ? approve : null, reject, waits && !approval.step_id ? back : null),
    alone ? element("p", {}, alone, element("label", { for: "alone" }, " Without the second person (takes the role break_glass; needs a reason and owes a review)")) : null,
    approval.step_id ? null : editor(plan, (changes) => decide("edit", () => ({ changes }))()));
}

function act(words, kind, done) {
  const button = element("button", { type: "button", class: kind }, words);
  button.addEventListener("click", done);
  return button;
}

// The plan's inputs as fields: what differs from the plan is sent, and comes back as a new plan.
function editor(plan, send) {
  const fields = plan.steps.flatMap((step) => Object.entries(step.inputs).map(([name, value]) => {
    const before = typeof value === "string" ? value : JSON.stringify(value);
    const input = element("input", { type: "text", id: `edit-${step.step_id}-${name}`, value: before, autocomplete: "off" });
    return { step: step.step_id, name, before, input };
  }));
  if (!fields.length) return null;
  const change = act("Make a new plan of it", "plain", () => {
    const changes = {};
    for (const { step, name, before, input } of fields) {
      if (input.value !== before) (changes[step] ||= {})[name] = parsedLike(before, input.value);
    }
    if (Object.keys(changes).length) send(changes);
  });
  return details("Change inputs (its requester only)", element("div", {},
    ...fields.map(({ step, name, input }) => element("p", {}, element("label", { for: input.id }, `${step}.${name} `), input)), change));
}

function parsedLike(before, after) {
  if (!/^[[{]/.test(before)) return after;
  try {
    return JSON.parse(after);
  } catch {
    return after;
  }
}

function planTable(envelope, plan) {
  const described = new Map(plan.steps.map((step) => [step.step_id, step]));
  const rows = envelope.steps.map((bound, index) => {
    const step = described.get(bound.id);
    const names = new Map((step?.targets || []).map((target) => [target.asset_id, target.name]));
    const targets = bound.targets.map((id) => names.get(id) || id).join(", ");
    return [index + 1, `${bound.tool} (${bound.effect})`, JSON.stringify(bound.arguments), targets || "none", `${bound.timeout_ms / 1000} s`];
  });
  return table(["Step", "Tool", "With", "Targets", "Limit"], rows);
}

function sent(step) {
  const request = step.request || {};
  const what = JSON.stringify(request.argv ?? request.http ?? request.builtin ?? "nothing");
  const credential = step.credential_ref ? `, with the credential ${step.credential_ref}` : "";
  return `over ${step.connector || "no connector"}: ${what}${credential}`;
}

function facts(approval, plan) {
  const rows = [
    ["Duration", `about ${plan.estimate_s} s, at most ${plan.timeout_s} s`],
    ["Risk", [approval.envelope.risk, ...plan.risk_reasons].join("; ")],
    ["Level", `${approval.envelope.approval_level}; ${approval.envelope.needed} to approve`],
    ...(approval.step_id ? [["Confirms", `${approval.step_id} alone`]] : []),
    ["Changes", plan.predicted_changes.join("; ") || "none predicted"],
    ...plan.steps.map((step, index) => [`Sends ${index + 1}`, sent(step)]),
    ["Expires", approval.envelope.expires_at],
    ["Plan", approval.plan_hash],
  ];
  return table(["", ""], rows);
}
