// Elements. Every text of the program goes into a text node: nothing in this page is ever
// parsed as markup.

const svgSpace = "http://www.w3.org/2000/svg";

// el makes an element with attributes and children, which are nodes or texts. An
// attribute that is a function is an event listener, and one that is null is left out.
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgSpace, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

// say sets the text of a node if it is another one: a node that is left alone costs no
// layout, and a screen reader does not read it again.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const byId = (id) => document.getElementById(id);
