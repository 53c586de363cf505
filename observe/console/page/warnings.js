// What needs attention.

import { byId, el, say } from "./dom.js";

export class Warnings {
  #open;
  #shown = "";

  constructor(open) {
    this.#open = open;
    this.root = byId("warnings");
    this.list = this.root.querySelector("ul");
  }

  // show brings the list in line. The text of a warning goes on with the time, so an entry
  // stays the same element as long as it is about the same thing: a button that is
  // exchanged under the mouse cannot be clicked.
  show(warnings, total) {
    this.root.hidden = !warnings.length;
    say(byId("warned"), total > warnings.length ? `${warnings.length} of ${total}` : String(total));
    const keys = warnings.map((w) => [w.kind, w.channel ?? 0, w.task ?? 0, (w.actors ?? []).join()].join("/")).join(" ");
    if (keys !== this.#shown) {
      this.#shown = keys;
      this.list.replaceChildren(...warnings.map((w) => this.#entry(w)));
    }
    warnings.forEach((w, i) => say(this.list.children[i].querySelector(".text"), w.text));
  }

  #entry(w) {
    const text = el("span", { class: "text" });
    const about = w.kind === "deadlock" ? "waits" : w.channel || w.task;
    return el("li", { class: w.kind === "deadlock" ? "severe" : null },
      el("strong", {}, w.kind), " ",
      about ? el("button", { type: "button", class: "link", click: () => this.#open(about) }, text) : text);
  }
}
