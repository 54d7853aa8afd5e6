// Building the page's elements: text is always set as text, never as markup.

/** An element with attributes and children; null and false are left out. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(node.style, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(3)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

export function show(id, ...children) {
  document.getElementById(id).replaceChildren(...children.flat(2).filter(Boolean));
}

export function nothing(text) {
  return el("p", { class: "nothing" }, text);
}

/** Words on a plain ground; `kind` picks the colour, the word carries the meaning. */
export function mark(text, kind = "") {
  return el("span", { class: `mark ${kind}` }, text);
}

/** A text that can be clicked. */
export function link(text, onclick, kind = "", title = "查看这个数的来源") {
  return el("button", { class: `link ${kind}`, title, onclick }, text);
}
