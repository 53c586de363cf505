// What the page knows of the program.

import { History } from "./history.js";
import { place } from "./format.js";
import { remoteState } from "./remote.js";

export class Model {
  channels = new Map(); // by id
  tasks = new Map();
  remote = new Map();
  warnings = [];
  warned = 0;
  deadlocks = 0;
  now = 0; // the time of the program, in milliseconds
  frame = 0; // counts frames, also over a restart of the program
  level = "";
  events = 0;
  lost = 0;
  #columns = {};
  #before = 0;

  // apply takes a frame of the stream. After a full one the rows that are still there go on
  // with their past: it is the same program if the row was made at the same time.
  apply(frame) {
    this.frame++;
    const seconds = Math.max((frame.now - this.#before) / 1000, 0.05);
    this.#before = this.now = frame.now;
    this.level = frame.level;
    this.events = frame.events;
    this.lost = frame.lost;
    this.warnings = frame.warnings ?? [];
    this.warned = frame.warned;
    this.deadlocks = this.warnings.filter((w) => w.kind === "deadlock").length;
    if (frame.full) {
      this.#columns = frame.columns;
      this.channels = this.#keep(this.channels, frame.channels.made, "channel", "made");
      this.tasks = this.#keep(this.tasks, frame.tasks.made, "task", "spawned");
      this.remote = this.#keep(this.remote, frame.remote.made, "remote", "opened");
    }
    this.#update(this.channels, frame.channels, "channel", (row, old) => {
      row.state = channelState(row);
      row.history.add(this.frame, row.len, old ? (row.sent - old.sent) / seconds : 0);
    });
    this.#update(this.tasks, frame.tasks, "task", (row, old) => {
      const busy = old ? Math.min((row.runTime - old.runTime) / 10000 / seconds, 100) : 0;
      row.history.add(this.frame, Math.max(busy, 0), 0);
    });
    this.#update(this.remote, frame.remote, "remote", (row, old) => {
      row.state = remoteState(row);
      row.history.add(this.frame, row.lag, old ? (row.sent - old.sent) / seconds : 0);
    });
  }

  #keep(rows, made, kind, since) {
    const column = this.#columns[kind + "Made"].indexOf(since);
    const kept = new Map();
    for (const values of made) {
      const row = rows.get(values[0]);
      if (row && row[since] === values[column]) kept.set(row.id, row);
    }
    return kept;
  }

  #update(rows, part, kind, changed) {
    for (const id of part.gone) rows.delete(id);
    const made = this.#columns[kind + "Made"];
    for (const values of part.made) {
      if (rows.has(values[0])) continue;
      const row = { frame: 0, history: new History(this.frame) };
      for (let i = 0; i < made.length; i++) row[made[i]] = values[i];
      row.order = order(row);
      rows.set(row.id, row);
    }
    const now = this.#columns[kind + "Now"];
    for (const values of part.now) {
      const row = rows.get(values[0]);
      if (!row) continue;
      const old = row.frame ? { sent: row.sent, runTime: row.runTime } : null;
      for (let i = 1; i < now.length; i++) row[now[i]] = values[i];
      row.frame = this.frame;
      row.search = null;
      changed(row, old);
    }
  }

  // nameOf is how the page calls a channel or task of which it knows the number.
  nameOf(id) {
    const row = this.channels.get(id) ?? this.tasks.get(id) ?? this.remote.get(id);
    return row?.name || `#${id}`;
  }
}

// order is by what rows are sorted by name: 9 before 10, and those without a name last.
const order = (row) => (row.name || "\uffff" + place(row.site)).toLowerCase().replace(/\d+/g, (n) => n.padStart(12, "0"));

// channelState is the one word for a channel that says most.
function channelState(row) {
  if (row.closed) return "closed";
  if (row.waitingSenders > 0) return "sender waits";
  if (row.capacity > 0 && row.len + row.reserved >= row.capacity) return "full";
  if (row.len > 0) return "queued";
  if (row.waitingReceivers > 0) return "receiver waits";
  return "idle";
}

// matches reports whether a row fits what was typed: each word is part of its name, its
// number, its state, its type, its place or its server.
export function matches(row, words) {
  row.search ??= [row.name, "#" + row.id, row.state, row.message ?? "", row.flavour ?? "", row.kind ?? "", row.runtime ?? "", row.where ?? "", place(row.site)]
    .join("\n").toLowerCase();
  return words.every((word) => row.search.includes(word));
}
