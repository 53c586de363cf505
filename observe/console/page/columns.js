// The columns of the two tables.

import { place, short, span } from "./format.js";
import { draw, spark } from "./spark.js";
import { length } from "./history.js";

export const channelStates = ["sender waits", "receiver waits", "full", "queued", "idle", "closed"];
export const taskStates = ["ready", "running", "waiting", "queued", "done"];

const name = {
  title: "Name", class: "name", value: (r) => r.order,
  text: (r) => r.name || `#${r.id} ${place(r.site)}`, full: (r) => `#${r.id} ${r.site}`,
};
const state = { title: "State", class: "state", value: (r) => r.state, text: (r) => r.state };
const site = { title: "Made at", class: "wide", value: (r) => r.site, text: (r) => place(r.site), full: (r) => r.site };

function number(title, key, hint) {
  return { title, hint, number: true, class: "number", value: (r) => r[key], text: (r) => short(r[key]) };
}

export function channelColumns(model) {
  const waits = (r) => (r.waitingSince ? model.now - r.waitingSince : 0);
  return [
    name,
    state,
    {
      title: "Length", number: true, class: "number", hint: "messages in the queue, and its capacity",
      value: (r) => r.len, text: (r) => (r.capacity < 0 ? short(r.len) : `${short(r.len)}/${short(r.capacity)}`),
      full: (r) => `at most ${r.highWater} so far`,
    },
    {
      title: "in a minute", class: "spark-cell narrow", number: true, hint: "the length, and its high-water mark to sort by",
      value: (r) => r.highWater, make: spark,
      draw: (node, r) => draw(node, r.history.levels(model.frame), length, Math.max(r.capacity, 4)),
    },
    {
      title: "Rate", number: true, class: "number", hint: "messages sent in a second",
      value: (r) => r.history.rate(model.frame), text: (r) => short(r.history.rate(model.frame)) + "/s",
    },
    {
      title: "of sends", class: "spark-cell narrow", number: true, hint: "the rate of sends, and their number to sort by",
      value: (r) => r.sent, make: spark, draw: (node, r) => draw(node, r.history.rates(model.frame), length, 1),
    },
    {
      title: "Waits", number: true, class: "number", hint: "who waits, and the longest wait", value: waits,
      text(r) {
        const who = [r.waitingSenders && `${short(r.waitingSenders)} send`, r.waitingReceivers && `${short(r.waitingReceivers)} recv`].filter(Boolean);
        return who.length ? `${who.join(", ")}, ${span(waits(r))}` : r.waitingSince ? span(waits(r)) : "";
      },
    },
    number("Sent", "sent"),
    number("Received", "received"),
    number("Senders", "senders", "live handles"),
    number("Receivers", "receivers", "live handles"),
    number("Full", "timesFull", "sends that found no room at once"),
    { title: "Message", class: "wide", value: (r) => r.message, text: (r) => r.message, full: (r) => r.flavour },
    site,
  ];
}

export function taskColumns(model) {
  const micros = (title, key, hint) => ({ title, hint, number: true, class: "number", value: (r) => r[key], text: (r) => span(r[key] / 1000) });
  return [
    name,
    state,
    {
      title: "for", number: true, class: "number", hint: "in this state",
      value: (r) => model.now - r.since, text: (r) => span(model.now - r.since),
    },
    { title: "Awaits", class: "awaits", value: (r) => r.op, text: (r) => awaits(model, r) },
    micros("Ran", "runTime", "on a worker, in all"),
    {
      title: "busy", class: "spark-cell narrow", number: true, hint: "how much of the time it was on a worker",
      value: (r) => r.runTime, make: spark, draw: (node, r) => draw(node, r.history.levels(model.frame), length, 100),
    },
    number("Polls", "polls"),
    micros("Longest", "longestPoll", "the longest time on a worker between two waits"),
    micros("In line", "queueWait", "for a worker, in all"),
    { title: "Kind", class: "wide", value: (r) => r.kind, text: (r) => r.kind },
    { title: "Parent", class: "wide", value: (r) => r.parent, text: (r) => (r.parent ? model.nameOf(r.parent) : "") },
    { title: "Runtime", class: "wide", value: (r) => r.runtime, text: (r) => r.runtime },
    { ...site, title: "Spawned at" },
  ];
}

function awaits(model, r) {
  if (r.panic) return "panicked: " + r.panic;
  if (r.err) return "failed: " + r.err;
  if (!r.op) return "";
  if (r.awaitsChannel) return `${r.op} ${model.nameOf(r.awaitsChannel)}`;
  if (r.awaitsTask) return `${r.op} ${model.nameOf(r.awaitsTask)}`;
  return r.what || r.op;
}
