// The API reference, drawn from openapi.json: paths, methods, and the fields they take and give.

import { Problem, read } from "./api.js";
import { element, replace, table } from "./dom.js";

const METHODS = ["get", "post", "put", "delete"];

export async function showReference() {
  const place = document.getElementById("reference-list");
  try {
    const api = await read("/openapi.json");
    const entries = Object.entries(api.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => operation(api, path, method, item[method])));
    replace(place, ...entries);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    replace(place, element("p", { class: "bad" }, `${error.message} ${error.nextStep}`));
  }
}

function operation(api, path, method, described) {
  const body = described.requestBody?.content["application/json"]?.schema;
  const answer = described.responses["200"]?.content?.["application/json"]?.schema;
  const parameters = described.parameters || [];
  const problems = Object.entries(described.responses).filter(([status]) => status >= "400");
  return element("details", { class: "card" },
    element("summary", {}, element("code", {}, `${method.toUpperCase()} ${path}`), ` – ${described.summary || ""}`),
    described.description ? element("p", {}, described.description) : null,
    ...part("Parameters", parameters.map((one) => [one.name, one.in, typeName(one.schema), one.description || ""])),
    ...part("Body", fields(api, body)),
    ...part("Answer", fields(api, answer)),
    element("p", { class: "quiet" }, `Problems: ${problems.map(([status, one]) => `${status} ${one.description}`).join(", ") || "none"}`));
}

function part(title, rows) {
  if (!rows.length) return [];
  const columns = rows[0].length === 4 ? ["Name", "In", "Type", "Meaning"] : ["Field", "Type", "Meaning"];
  return [element("h3", {}, title), table(columns, rows)];
}

function fields(api, schema) {
  const whole = resolved(api, schema?.items || schema);
  return Object.entries(whole?.properties || {}).map(([name, one]) => {
    const required = (whole.required || []).includes(name) ? "" : " (optional)";
    return [name + required, typeName(one), one.description || resolved(api, one)?.description || ""];
  });
}

function resolved(api, schema) {
  const name = schema?.$ref?.split("/").pop();
  return name ? api.components.schemas[name] : schema;
}

function typeName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum || schema.const) return (schema.enum || [schema.const]).map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" | ");
  if (schema.type === "array") return `list of ${typeName(schema.items) || "anything"}`;
  return schema.type || "anything";
}
