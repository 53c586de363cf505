// The latest events as a sequence diagram.

import { el, say, svg } from "./dom.js";
import { clock, title } from "./format.js";
import { ask } from "./stream.js";

const column = 180, rowHeight = 24, left = 95;

export class Sequence {
  #asking = 0; // answers that are awaited

  constructor(root) {
    this.amount = el("select", { "aria-label": "How many events", change: () => this.refresh() },
      ...[50, 100, 200, 500].map((n) => el("option", { value: n }, `last ${n} events`)));
    this.follow = el("input", { type: "checkbox", id: "follow", checked: "" });
    this.copy = el("button", { type: "button", click: () => this.#copy() }, "Copy as Mermaid");
    this.note = el("span", { class: "note", role: "status" });
    this.picture = el("div", { class: "scroll picture", tabindex: "0", role: "group", "aria-label": "Sequence diagram" });
    root.append(el("div", { class: "tools" }, this.amount, this.copy,
      el("label", {}, this.follow, " follow"), this.note), this.picture);
  }

  async refresh(live = false) {
    if (live && (this.#asking || !this.follow.checked)) return;
    this.#asking++;
    try {
      const r = await ask("recent?n=" + this.amount.value);
      say(this.note, r.events.length ? "" : r.level === "events" ? "Nothing has happened." : "Events are recorded at the level events; this program records less.");
      this.#draw(r);
    } catch (err) {
      say(this.note, err.message);
    } finally {
      this.#asking--;
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(await ask("sequence?n=" + this.amount.value, "text"));
      say(this.note, "Copied.");
    } catch (err) {
      say(this.note, "Not copied: " + err.message);
    }
  }

  #draw({ events, names }) {
    const actors = participants(events);
    const x = (id) => left + column / 2 + actors.indexOf(id) * column;
    const width = left + actors.length * column + column, height = events.length * rowHeight + 20;
    const called = (id) => (id ? title(id, names[id]) : "an unknown actor");
    const heads = svg("svg", { width, height: 32, class: "sequence heads" });
    const drawing = svg("svg", { width, height, class: "sequence" }, head());
    for (const id of actors) {
      heads.append(svg("rect", { x: x(id) - column / 2 + 8, y: 3, width: column - 16, height: 25, rx: 4, class: "actor" }),
        svg("text", { x: x(id), y: 20, "text-anchor": "middle" }, cut(called(id), 23), svg("title", {}, called(id))));
      drawing.append(svg("line", { x1: x(id), x2: x(id), y1: 0, y2: height, class: "life" }));
    }
    const sent = new Map(); // where each message that is under way comes from
    events.forEach((e, i) => {
      const y = i * rowHeight + 18;
      drawing.append(svg("text", { x: 6, y, class: "time" }, clock(e.time)), ...row(e, x(e.actor ?? 0), y, { x, sent, called }));
    });
    const atEnd = this.picture.scrollTop + this.picture.clientHeight > this.picture.scrollHeight - 60;
    const across = this.picture.scrollLeft;
    this.picture.replaceChildren(heads, drawing);
    this.picture.scrollLeft = across;
    if (atEnd) this.picture.scrollTop = this.picture.scrollHeight;
  }
}

// participants are those who do something, in the order of their first event. A task that
// is spawned stands there too, so that an arrow can lead to it.
function participants(events) {
  const found = new Set();
  for (const e of events) {
    found.add(e.actor ?? 0);
    if (e.kind === "spawned" || e.kind === "cancelled") found.add(e.task);
  }
  return [...found];
}

// row draws one event at the height y of the one who did it. A message is an arrow from
// where it was sent to where it was received; what is still under way, or was sent before
// the first event here, has a short one.
function row(e, x, y, at) {
  const channel = e.channel ? at.called(e.channel) : "";
  const many = e.count > 1 ? ` ×${e.count}` : "";
  const label = (text, className = "") => svg("text", { x: x + 8, y: y - 4, class: className }, cut(text, 30), svg("title", {}, text));
  const dot = (className) => svg("circle", { cx: x, cy: y, r: 4, class: className });
  switch (e.kind) {
    case "sent":
      for (let n = e.message; n < e.message + Math.min(e.count || 1, 500); n++) at.sent.set(`${e.channel}/${n}`, { x, y });
      return [dot("dot"), label(`→ ${channel}${many}${e.text ? ": " + e.text : ""}`)];
    case "received": {
      const parts = [], froms = new Set();
      for (let n = e.message; n < e.message + Math.min(e.count || 1, 500); n++) {
        const from = at.sent.get(`${e.channel}/${n}`);
        at.sent.delete(`${e.channel}/${n}`);
        if (from && !froms.has(from.y)) {
          froms.add(from.y);
          parts.push(svg("line", { x1: from.x, y1: from.y, x2: x, y2: y, class: "message", "marker-end": "url(#message-head)" }));
        }
      }
      if (!parts.length) parts.push(svg("line", { x1: x - 30, y1: y, x2: x, y2: y, class: "message", "marker-end": "url(#message-head)" }));
      return [...parts, label(`← ${channel}${many}`)];
    }
    case "spawned":
    case "cancelled":
      return [svg("line", { x1: x, y1: y, x2: at.x(e.task), y2: y, class: "call", "marker-end": "url(#message-head)" }),
        label(`${e.kind} ${at.called(e.task)}`)];
    case "blocked":
      return [dot("dot blocked"), label(`waits: ${e.op} ${channel || (e.task ? at.called(e.task) : e.text ?? "")}`, "blocked")];
    case "panicked":
      return [dot("dot blocked"), label(`panicked: ${e.text ?? ""}`, "blocked")];
    default:
      return [dot("dot quiet"), label([e.kind, e.side, channel || (e.task && e.task !== e.actor ? at.called(e.task) : ""), e.text && e.text !== channel ? `(${e.text})` : ""].filter(Boolean).join(" "), "quiet")];
  }
}

const cut = (text, n) => (text.length > n ? text.slice(0, n - 1) + "…" : text);

function head() {
  return svg("marker", { id: "message-head", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    svg("path", { d: "M0 0L8 4L0 8Z", class: "head" }));
}
