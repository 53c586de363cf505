// The channels whose messages are elsewhere: their table, their states and their details.

import { count, place, short, span } from "./format.js";
import { draw, spark } from "./spark.js";
import { length } from "./history.js";

export const remoteStates = ["trouble", "not known", "closed", "sender waits", "full", "queued", "at work", "receiver waits", "idle"];

// remoteState is the one word that says most.
export function remoteState(row) {
  if (row.err) return "trouble";
  if (!row.known) return "not known";
  if (row.closed) return "closed";
  if (row.waitingSenders > 0) return "sender waits";
  if (row.capacity > 0 && row.len >= row.capacity) return "full";
  if (row.lag > 0) return "queued";
  if (row.pending > 0) return "at work";
  if (row.waitingReceivers > 0) return "receiver waits";
  return "idle";
}

export function remoteColumns(model) {
  const number = (title, key, hint) => ({ title, hint, number: true, class: "number", value: (r) => r[key], text: (r) => short(r[key]) });
  return [
    {
      title: "Name", class: "name", value: (r) => r.order,
      text: (r) => r.name || `#${r.id} ${place(r.site)}`, full: (r) => `#${r.id} ${r.site}`,
    },
    {
      title: "State", class: "state", value: (r) => r.state, full: (r) => r.err || r.cause,
      text: (r) => r.state + (r.staleSince ? `, known ${span(model.now - r.staleSince)} ago` : ""),
    },
    {
      title: "Stored", number: true, class: "number", hint: "messages that are stored and not acknowledged, and the capacity",
      value: (r) => r.len, text: (r) => (r.capacity < 0 ? short(r.len) : `${short(r.len)}/${short(r.capacity)}`),
    },
    number("Lag", "lag", "messages that wait to be delivered for the first time"),
    {
      title: "in a minute", class: "spark-cell narrow", number: true, hint: "the lag",
      value: (r) => r.lag, make: spark, draw: (node, r) => draw(node, r.history.levels(model.frame), length, 4),
    },
    number("Pending", "pending", "delivered and not acknowledged"),
    number("Redelivered", "redelivered", "messages that are there and were delivered more than once"),
    number("Dead", "dead", "messages in the dead letters"),
    {
      title: "Waits", number: true, class: "number", hint: "what waits in this process",
      value: (r) => r.waitingSenders + r.waitingReceivers,
      text: (r) => [r.waitingSenders && `${short(r.waitingSenders)} send`, r.waitingReceivers && `${short(r.waitingReceivers)} recv`].filter(Boolean).join(", "),
    },
    { ...number("Rate", "sent", "messages sent by this process in a second"), value: (r) => r.history.rate(model.frame), text: (r) => short(r.history.rate(model.frame)) + "/s" },
    number("Sent", "sent", "by this process"),
    number("Received", "received", "by this process"),
    number("Senders", "senders", "processes and connections that send"),
    number("Receivers", "receivers", "processes and connections that receive"),
    { title: "At", class: "wide", value: (r) => r.where, text: (r) => r.where, full: (r) => r.where },
    { title: "Message", class: "wide", value: (r) => r.message, text: (r) => r.message, full: (r) => r.flavour },
    { title: "Opened at", class: "wide", value: (r) => r.site, text: (r) => place(r.site), full: (r) => r.site },
  ];
}

// remoteDetails are pairs of a word and what it stands for.
export function remoteDetails(r, now) {
  const ago = (time) => (now - Date.parse(time) < 1000 ? "now" : span(now - Date.parse(time)) + " ago");
  const waits = [r.waitingSenders && `${count(r.waitingSenders)} to be sent`, r.waitingReceivers && `${count(r.waitingReceivers)} receives`];
  return [
    ["Number", `#${r.id}`], ["At", r.where], ["Opened", `${ago(r.opened)}, at ${r.site}`], ["Flavour", r.flavour], ["Message", r.message],
    ["State", r.closed ? `closed${r.cause ? ": " + r.cause : ""}` : "open"], ["Trouble", r.err],
    ["Known", r.known ? ago(r.known) : "not yet"],
    ["Stored", `${count(r.len)} of ${r.capacity < 0 ? "any number" : count(r.capacity)}`],
    ["Lag", `${count(r.lag)} wait to be delivered`],
    ["Pending", `${count(r.pending)} delivered and not acknowledged`],
    ["Redelivered", `${count(r.redelivered)} that were delivered more than once`],
    ["Dead", `${count(r.dead)} in the dead letters`],
    ["Senders", count(r.senders)], ["Receivers", count(r.receivers)],
    ["Sent here", count(r.sent)], ["Received here", `${count(r.received)}, ${count(r.repeated)} of them again`],
    ["Given up here", count(r.givenUp)], ["Waits here", waits.filter(Boolean).join(", ") || "nobody"],
  ];
}
