// Elements made from text only: nothing that a server or a host said is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function drawing(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function replace(place, ...children) {
  place.replaceChildren(...children.filter((child) => child !== null));
}

export function table(columns, rows) {
  const names = columns.map((column) => element("th", { scope: "col" }, column));
  const head = columns.some(Boolean) ? element("thead", {}, element("tr", {}, ...names)) : null;
  const body = rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))));
  const whole = element("table", { class: "plain" }, head, element("tbody", {}, ...body));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": columns.filter(Boolean).join(", ") || "Facts" }, whole);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}
