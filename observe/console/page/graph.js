// Who waits for whom.

import { el, say, svg } from "./dom.js";
import { span, title } from "./format.js";
import { place } from "./layout.js";
import { ask } from "./stream.js";

const box = { width: 170, height: 34, across: 90, down: 16 };

export class Graph {
  #root;
  #open;
  #asking = 0; // answers that are awaited

  constructor(root, open) {
    this.#open = open;
    this.deadlocks = el("ul", { class: "deadlocks", "aria-label": "Deadlocks" });
    this.note = el("p", { class: "note" });
    this.picture = el("div", { class: "scroll picture", tabindex: "0", role: "group", "aria-label": "Graph of who waits for whom" });
    this.#root = root;
    root.append(this.deadlocks, this.note, this.picture);
  }

  // refresh asks for the graph of now. A live one waits for the answer before: a program that
  // is slower than its frames must not be asked by more and more requests.
  async refresh(live = false) {
    if (live && this.#asking) return;
    let g;
    this.#asking++;
    try {
      g = await ask("graph");
    } catch (err) {
      say(this.note, err.message);
      return;
    } finally {
      this.#asking--;
    }
    const called = (id) => (id ? title(id, g.names[id]) : "an unknown actor");
    const cycles = g.cycles ?? [];
    const texts = cycles.map((c) => "Deadlock: " + circle(c).map(([actor, edge]) =>
      `${called(actor)} waits in ${edge.op} on ${called(edge.channel || edge.task)}`).join("; "));
    const same = texts.length === this.deadlocks.children.length && texts.every((t, i) => this.deadlocks.children[i].textContent === t);
    if (!same) this.deadlocks.replaceChildren(...texts.map((t) => el("li", {}, t)));
    say(this.note, !g.total ? "Nobody waits for anybody."
      : `${g.total === g.waits.length ? `${g.total} waits` : `The ${g.waits.length} longest of ${g.total} waits`}. `
        + "An arrow leads from who waits to what for, and from there to who could end it.");
    this.#draw(g, called);
  }

  #draw(g, called) {
    const { nodes, edges } = build(g, called);
    const focused = this.picture.contains(document.activeElement) && document.activeElement.dataset.id;
    this.picture.replaceChildren();
    if (!nodes.size) return;
    const size = place(nodes, edges, box);
    const drawing = svg("svg", { width: size.width, height: size.height, viewBox: `0 0 ${size.width} ${size.height}`, class: "graph" },
      marker("arrow", "head"), marker("arrow-cycle", "head cycle"));
    for (const e of edges) drawing.append(...this.#edge(e, nodes.get(e.from), nodes.get(e.to)));
    for (const n of nodes.values()) drawing.append(this.#node(n));
    this.picture.append(drawing);
    if (focused) drawing.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  #node(n) {
    const known = n.kind === "channel" || n.kind === "task";
    const open = () => known && this.#open(Number(n.id));
    const text = n.text.length > 24 ? n.text.slice(0, 23) + "…" : n.text;
    return svg("g", {
      class: `node ${n.kind}${n.cycle ? " cycle" : ""}`, transform: `translate(${n.x} ${n.y})`, "data-id": n.id,
      tabindex: known ? "0" : null, role: known ? "button" : "img",
      "aria-label": `${n.kind} ${n.text}${n.cycle ? ", in a deadlock" : ""}`,
      click: open, keydown: (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(); } },
    }, svg("rect", { width: box.width, height: box.height, rx: n.kind === "channel" ? 3 : 17 }),
    svg("text", { x: box.width / 2, y: 21, "text-anchor": "middle" }, text), svg("title", {}, n.text));
  }

  #edge(e, from, to) {
    const x1 = from.x + box.width, y1 = from.y + box.height / 2;
    const x2 = to.x, y2 = to.y + box.height / 2;
    let path = `M${x1} ${y1}C${x1 + box.across / 2} ${y1} ${x2 - box.across / 2} ${y2} ${x2} ${y2}`;
    if (to.x <= from.x) { // it closes a ring: from below to below, under what is between
      const middle = box.width / 2, low = Math.max(from.y, to.y) + box.height + 45;
      path = `M${from.x + middle} ${from.y + box.height}C${from.x + middle} ${low} ${to.x + middle} ${low} ${to.x + middle} ${to.y + box.height}`;
    }
    return [svg("path", { d: path, class: `edge ${e.kind}${e.cycle ? " cycle" : ""}`, "marker-end": `url(#${e.cycle ? "arrow-cycle" : "arrow"})` }),
      e.text && svg("text", { x: x1 + 5, y: y1 - 5, class: "label" + (e.cycle ? " cycle" : "") }, e.text)].filter(Boolean);
  }
}

function marker(id, className) {
  return svg("marker", { id, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" },
    svg("path", { d: "M0 0L8 4L0 8Z", class: className }));
}

// build makes nodes of those who wait, what they wait for, and who could end that.
function build(g, called) {
  const nodes = new Map(), edges = [];
  const inCycle = new Set(), cycleEdges = new Set();
  for (const c of g.cycles ?? []) {
    c.actors.forEach((a) => inCycle.add(String(a)));
    for (const e of c.edges) {
      const by = e.channel || e.task;
      cycleEdges.add(`${e.from}>${by}`);
      if (e.channel) {
        inCycle.add(String(by));
        cycleEdges.add(`${by}>${e.to}`);
      }
    }
  }
  const node = (id, key = String(id)) => {
    if (!nodes.has(key)) nodes.set(key, { id: key, text: called(id), kind: g.names[id]?.kind ?? "unknown", cycle: inCycle.has(key) });
    return key;
  };
  const known = new Set();
  const edge = (from, to, kind, text) => {
    const key = `${from}>${to}`;
    if (known.has(key)) return;
    known.add(key);
    edges.push({ from, to, kind, text, cycle: cycleEdges.has(key) });
  };
  g.waits.forEach((w, i) => {
    const target = w.channel || w.task;
    if (!target) return;
    const from = w.actor ? node(w.actor) : node(0, "unknown" + i);
    edge(from, node(target), "wait", `${w.op} ${span(w.for / 1e6)}`);
    if (!w.channel) return;
    for (const h of g.users[w.channel] ?? []) {
      const other = w.op === "recv" ? "sender" : w.op === "close" ? h.side : "receiver";
      if (h.side === other && h.user !== w.actor) edge(String(w.channel), node(h.user), "user", "");
    }
  });
  return { nodes, edges };
}

// circle puts the actors of a deadlock in the order in which they wait for each other,
// each with an edge to one that it waits for.
function circle(c) {
  const rest = new Set(c.actors), told = [];
  for (let at = c.actors[0]; at !== undefined;) {
    rest.delete(at);
    const edge = c.edges.find((e) => e.from === at && rest.has(e.to)) ?? c.edges.find((e) => e.from === at);
    if (edge) told.push([at, edge]);
    at = rest.has(edge?.to) ? edge.to : [...rest][0];
  }
  return told;
}
