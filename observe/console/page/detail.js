// All about one channel or task.

import { el } from "./dom.js";
import { clock, count, span, title } from "./format.js";
import { remoteDetails } from "./remote.js";
import { ask } from "./stream.js";

export class Detail {
  #root;
  #id = 0;
  #asked = 0;
  #asking = 0; // answers that are awaited
  #back = null; // what had the focus

  constructor(root) {
    this.#root = root;
  }

  get open() {
    return this.#id !== 0;
  }

  show(id) {
    if (!this.open) this.#back = document.activeElement;
    this.#id = id;
    this.#root.hidden = false;
    this.refresh();
  }

  close() {
    this.#id = 0;
    this.#root.hidden = true;
    this.#root.replaceChildren();
    if (this.#back?.isConnected) this.#back.focus();
  }

  async refresh(live = false) {
    if (!this.open || live && this.#asking) return;
    const id = this.#id, number = ++this.#asked;
    let content;
    this.#asking++;
    try {
      content = this.#content(await ask("detail?id=" + id));
    } catch (err) {
      content = [el("h2", {}, "#" + id), el("p", { class: "error" }, err.message)];
    } finally {
      this.#asking--;
    }
    if (number !== this.#asked || id !== this.#id) return; // another one was asked for since
    const focused = this.#root.contains(document.activeElement);
    const close = el("button", { type: "button", class: "close", "aria-label": "Close details", click: () => this.close() }, "Close");
    const top = this.#root.scrollTop;
    this.#root.replaceChildren(close, ...content);
    this.#root.scrollTop = top;
    if (focused) close.focus({ preventScroll: true });
  }

  #content(d) {
    const called = (n) => (n ? title(n, d.names[n]) : "an unknown actor");
    const link = (n) => (n && (d.names[n]?.kind === "channel" || d.names[n]?.kind === "task")
      ? el("button", { type: "button", class: "link", click: () => this.show(n) }, called(n)) : called(n));
    const parts = [el("h2", {}, title(this.#id, d.names[this.#id]))];
    if (d.channel) parts.push(...this.#channel(d.channel, link));
    if (d.task) parts.push(...this.#task(d, link));
    if (d.remote) return [...parts, list(remoteDetails(d.remote, d.now))]; // it has no events
    if (!d.channel && !d.task) parts.push(el("p", {}, "It is gone. This is what happened last."));
    parts.push(el("h3", {}, "Recent events"), d.events.length ? el("ol", { class: "events", reversed: "" }, ...d.events.toReversed().map((e) => el("li", {},
      el("time", {}, clock(e.time)), " ", ...sentence(e, this.#id, link))))
      : el("p", { class: "note" }, "None. Events are recorded at the level events."));
    return parts;
  }

  #channel(c, link) {
    const waiting = (c.waiting ?? []).slice(0, 50).map((w) => el("li", {}, link(w.actor), ` waits in ${w.op} for ${span(w.for / 1e6)}`));
    const users = (side) => {
      const ids = [...new Set((c.handles ?? []).filter((h) => h.side === side).map((h) => h.user))].slice(0, 30);
      return ids.length ? el("span", {}, ...ids.flatMap((id, i) => [i ? ", " : "", link(id)])) : "nobody";
    };
    return [
      list([
        ["Number", `#${c.id}`], ["Made at", c.site], ["Flavour", c.flavour], ["Message", c.message],
        ["State", c.closed ? `closed${c.cause ? ": " + c.cause : ""}` : "open"],
        ["Length", `${count(c.len)} of ${c.capacity < 0 ? "any number" : count(c.capacity)}, at most ${count(c.highWater)} so far`],
        ["Reserved", c.reserved && count(c.reserved)],
        ["Sent", count(c.sent)], ["Received", count(c.received)],
        ["Discarded", c.discarded && count(c.discarded)], ["Evicted", c.evicted && count(c.evicted)],
        ["Times full", count(c.timesFull)],
        ["Senders", el("span", {}, `${c.senders}: `, users("sender"))],
        ["Receivers", el("span", {}, `${c.receivers}: `, users("receiver"))],
        ["Weak handles", c.weak && count(c.weak)],
        ["Collected", c.collected && `${c.collected} handles that nobody had dropped`],
      ]),
      el("h3", {}, "Waiting"),
      waiting.length ? el("ul", {}, ...waiting) : el("p", { class: "note" }, "Nobody."),
    ];
  }

  #task({ task: t, now }, link) {
    const w = t.awaits;
    const awaits = w && el("span", {}, w.what || w.op, w.channel || w.task ? " " : "", w.channel || w.task ? link(w.channel || w.task) : "", ` for ${span(w.for / 1e6)}`);
    return [list([
      ["Number", `#${t.id}, ${t.number} in runtime ${t.runtime || "without a name"}`], ["Kind", t.kind],
      ["State", `${t.state} for ${span(now - Date.parse(t.since))}`], ["Awaits", awaits],
      ["Spawned", `${span(now - Date.parse(t.spawned))} ago, at ${t.site}`], ["Parent", t.parent ? link(t.parent) : "none"],
      ["Ran", span(t.runTime / 1e6)], ["In line", span(t.queueWait / 1e6)],
      ["Polls", count(t.polls)], ["Longest", span(t.longestPoll / 1e6)],
      ["Error", t.err], ["Panic", t.panic],
    ])];
  }
}

function list(pairs) {
  return el("dl", {}, ...pairs.filter(([, v]) => v).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]));
}

// sentence says what an event tells, without naming what the details are about.
function sentence(e, about, link) {
  const parts = [];
  if (e.actor && e.actor !== about) parts.push(link(e.actor), " ");
  parts.push(e.kind);
  if (e.side) parts.push(` a ${e.side}`);
  if (e.op) parts.push(` in ${e.op}`);
  if (e.message) parts.push(e.count > 1 ? ` messages ${e.message} to ${e.message + e.count - 1}` : ` message ${e.message}`);
  else if (e.count > 1) parts.push(` ${e.count} messages`);
  for (const id of [e.channel, e.task]) if (id && id !== about) parts.push(" ", link(id));
  if (e.text) parts.push(`: ${e.text}`);
  return parts;
}
