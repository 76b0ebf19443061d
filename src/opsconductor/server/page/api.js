// The server's API: JSON in and out, phases as they happen, problems as errors with their next step.

export class Problem extends Error {
  constructor(document) {
    super(document.detail || "The server did not answer.");
    this.code = document.code || "";
    this.nextStep = document.next_step || "";
  }
}

export async function read(path) {
  const response = await send(path, { headers: { Accept: "application/json" } });
  return response.json();
}

// Posts a turn; `onPhase` hears of each phase's start and end. Gives the reply.
export async function turn(path, body, onPhase) {
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream", "Idempotency-Key": newKey() },
    body: JSON.stringify(body),
  });
  for await (const { name, value } of events(response.body)) {
    if (name === "phase") onPhase(value);
    else if (name === "reply") return value;
    else if (name === "problem") throw new Problem(value);
  }
  throw new Problem({ detail: "The answer broke off.", next_step: "Look at the last turns." });
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Problem({ detail: "The server cannot be reached.", next_step: "See whether opsconductor serve still runs." });
  }
  if (response.ok) return response;
  throw new Problem(await response.json().catch(() => ({})));
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield parsed(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function parsed(block) {
  const fields = Object.fromEntries(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
  return { name: fields.event, value: JSON.parse(fields.data) };
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
