// A table of very many rows, of which those in sight exist.

import { el, say } from "./dom.js";
import { matches } from "./model.js";

const spare = 8; // rows beyond each edge, so that scrolling shows no gap

// Table shows rows that fit a filter, in the order of a column. A column has a key, a
// title, value(row) to sort by, and either text(row), or make() and draw(node, row) for
// what is more than text.
export class Table {
  #columns;
  #open;
  #rows = []; // those that fit, in order
  #all = new Map();
  #pool = []; // elements of rows, by position
  #sort;
  #down;
  #cursor = 0; // id
  #height = 29;

  constructor(root, label, columns, states, open) {
    this.#columns = columns;
    this.#open = open;
    this.#sort = columns[0];
    this.#down = false;
    this.filter = el("input", {
      type: "search", placeholder: "Filter by name, state, type, place", "aria-label": `Filter ${label}`,
      spellcheck: "false", autocomplete: "off", input: () => this.show(),
    });
    this.state = el("select", { "aria-label": "State", change: () => this.show() },
      el("option", { value: "" }, "any state"), ...states.map((s) => el("option", { value: s }, s)));
    this.note = el("span", { class: "note", "aria-live": "polite" });
    this.head = el("tr", { "aria-rowindex": "1" }, ...columns.map((c) => this.#header(c)));
    this.above = el("tr", { "aria-hidden": "true" }, el("td", { colspan: columns.length, class: "gap" }));
    this.below = this.above.cloneNode(true);
    this.body = el("tbody", { keydown: (e) => this.#key(e), click: (e) => this.#click(e) }, this.above, this.below);
    this.table = el("table", { role: "grid", "aria-label": label }, el("thead", {}, this.head), this.body);
    this.scroll = el("div", { class: "scroll" }, this.table);
    this.scroll.addEventListener("scroll", () => this.#paint(), { passive: true });
    new ResizeObserver(() => this.#paint()).observe(this.scroll);
    root.append(el("div", { class: "tools" }, this.filter, this.state, this.note), this.scroll);
  }

  #header(column) {
    const button = el("button", { type: "button", class: "sort", title: column.hint, click: () => this.#by(column) }, column.title);
    return el("th", { scope: "col", class: column.class, "aria-sort": column === this.#sort ? "ascending" : "none" }, button);
  }

  // by sorts by a column: numbers the largest first, because that is where to look.
  #by(column) {
    this.#down = column === this.#sort ? !this.#down : !!column.number;
    this.#sort = column;
    this.#columns.forEach((c, i) => {
      this.head.children[i].setAttribute("aria-sort", c !== column ? "none" : this.#down ? "descending" : "ascending");
    });
    this.show();
  }

  // show takes the rows there are, and shows what fits.
  show(rows = this.#all) {
    this.#all = rows;
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = this.state.value;
    const value = this.#sort.value, sign = this.#down ? -1 : 1;
    const keyed = [];
    for (const row of rows.values()) {
      if ((!state || row.state === state) && (!words.length || matches(row, words))) keyed.push([value(row), row]);
    }
    // Comparing with < is many times faster than localeCompare, which ten thousand rows
    // once a second can be felt in. Equal rows keep to their numbers.
    keyed.sort(([a, x], [b, y]) => (a < b ? -sign : a > b ? sign : x.id - y.id));
    this.#rows = keyed.map(([, row]) => row);
    this.table.setAttribute("aria-rowcount", this.#rows.length + 1);
    say(this.note, this.#rows.length === rows.size ? `${rows.size}` : `${this.#rows.length} of ${rows.size}`);
    this.#paint();
  }

  // paint brings the elements in line with what is in sight.
  #paint() {
    if (!this.scroll.clientHeight) return; // in a hidden view
    const total = this.#rows.length;
    const seen = Math.ceil(this.scroll.clientHeight / this.#height) + 2 * spare;
    const first = Math.max(0, Math.min(Math.floor(this.scroll.scrollTop / this.#height) - spare, total - seen));
    const n = Math.min(seen, total - first);
    while (this.#pool.length < n) this.#pool.push(this.#element());
    const focused = this.body.contains(document.activeElement);
    let at = -1;
    for (let i = 0; i < n; i++) {
      const element = this.#pool[i], row = this.#rows[first + i];
      if (element.parentNode !== this.body) this.below.before(element);
      this.#fill(element, row, first + i);
      if (row.id === this.#cursor) at = i;
    }
    for (let i = n; i < this.#pool.length; i++) this.#pool[i].remove();
    if (at < 0 && n > 0) this.#pool[0].tabIndex = 0; // Tab has to find a way in
    if (focused && at >= 0 && document.activeElement !== this.#pool[at]) this.#pool[at].focus({ preventScroll: true });
    this.#gap(this.above, first);
    this.#gap(this.below, total - first - n);
    if (n > 0) this.#height = this.#pool[0].offsetHeight || this.#height;
  }

  #gap(row, rows) {
    row.firstChild.style.height = rows * this.#height + "px";
    row.hidden = rows === 0;
  }

  #element() {
    return el("tr", {}, ...this.#columns.map((c) => el(c === this.#columns[0] ? "th" : "td",
      { class: c.class, scope: c === this.#columns[0] ? "row" : null }, c.make ? c.make() : null)));
  }

  #fill(element, row, index) {
    element.dataset.id = row.id;
    element.tabIndex = row.id === this.#cursor ? 0 : -1;
    element.setAttribute("aria-rowindex", index + 2);
    element.setAttribute("aria-selected", row.id === this.#cursor);
    element.dataset.state = row.state;
    this.#columns.forEach((c, i) => {
      const cell = element.children[i];
      if (c.draw) c.draw(cell.firstChild, row);
      else say(cell, c.text(row));
      if (c.full) cell.title = c.full(row);
    });
  }

  #click(event) {
    const id = Number(event.target.closest("tr[data-id]")?.dataset.id);
    if (!id) return;
    this.#cursor = id;
    this.#paint();
    this.#open(id);
  }

  #key(event) {
    const page = Math.max(1, Math.floor(this.scroll.clientHeight / this.#height) - 2);
    const at = this.#rows.findIndex((r) => r.id === Number(document.activeElement.dataset.id));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.#rows.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      if (at >= 0) this.#click(event);
    } else if (to === undefined) return;
    else this.#move(to);
    event.preventDefault();
  }

  // move puts the cursor on a row and brings it into sight.
  #move(index) {
    const row = this.#rows[Math.max(0, Math.min(index, this.#rows.length - 1))];
    if (!row) return;
    this.#cursor = row.id;
    const top = this.#rows.indexOf(row) * this.#height, head = this.head.offsetHeight;
    const view = this.scroll.clientHeight - head;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (top + this.#height > this.scroll.scrollTop + view) this.scroll.scrollTop = top + this.#height - view;
    this.#paint();
    this.#pool.find((e) => e.parentNode && Number(e.dataset.id) === row.id)?.focus({ preventScroll: true });
  }

  // enter moves the focus into the rows.
  enter() {
    const index = this.#rows.findIndex((r) => r.id === this.#cursor);
    this.#move(Math.max(0, index));
  }
}
