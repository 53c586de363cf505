// The page: it puts the parts together.

import { channelColumns, channelStates, taskColumns, taskStates } from "./columns.js";
import { Detail } from "./detail.js";
import { byId, say } from "./dom.js";
import { count } from "./format.js";
import { Graph } from "./graph.js";
import { Model } from "./model.js";
import { remoteColumns, remoteStates } from "./remote.js";
import { Sequence } from "./sequence.js";
import { Stream } from "./stream.js";
import { Table } from "./table.js";
import { setUpTheme } from "./theme.js";
import { Warnings } from "./warnings.js";

const views = ["channels", "tasks", "waits", "sequence", "remote"]; // the last one only where there are any
const tabs = views.map((v) => byId("tab-" + v));
const model = new Model();
const detail = new Detail(byId("detail"));
const open = (id) => detail.show(id);
const channels = new Table(byId("channels"), "Channels", channelColumns(model), channelStates, open);
const tasks = new Table(byId("tasks"), "Tasks", taskColumns(model), taskStates, open);
const remote = new Table(byId("remote"), "Remote channels", remoteColumns(model), remoteStates, open);
const graph = new Graph(byId("waits"), open);
const sequence = new Sequence(byId("sequence"));
const warnings = new Warnings((about) => (about === "waits" ? choose("waits") : open(about)));
let view = "channels", paused = false;

setUpTheme(byId("theme"));

// shown are the views that can be chosen. One that is in sight stays when it gets empty.
const shown = () => views.filter((v) => v !== "remote" || model.remote.size > 0 || view === v);

function choose(name, focus = false) {
  view = name;
  views.forEach((v, i) => {
    const on = v === name;
    tabs[i].setAttribute("aria-selected", on);
    tabs[i].tabIndex = on ? 0 : -1;
    if (on && focus) tabs[i].focus();
    byId(v).hidden = !on;
  });
  history.replaceState(null, "", "#" + name);
  show(false);
}

// show brings what is in sight up to date: the view, and the details.
function show(live) {
  if (view === "channels") channels.show(model.channels);
  else if (view === "tasks") tasks.show(model.tasks);
  else if (view === "remote") remote.show(model.remote);
  else if (view === "waits") graph.refresh(live);
  else sequence.refresh(live);
}

const stream = new Stream("live", (frame) => {
  model.apply(frame);
  warnings.show(model.warnings, model.warned);
  say(tabs[0].querySelector(".count"), count(model.channels.size));
  say(tabs[1].querySelector(".count"), count(model.tasks.size));
  say(tabs[2].querySelector(".count"), model.deadlocks ? `deadlock` : "");
  tabs[2].classList.toggle("severe", model.deadlocks > 0);
  say(tabs[4].querySelector(".count"), count(model.remote.size));
  tabs[4].hidden = byId("fifth").hidden = !shown().includes("remote");
  say(byId("totals"), model.level === "off"
    ? "Recording is off: the program has to call observe.Enable."
    : `recording ${model.level}` + (model.events ? `, ${count(model.events)} events` + (model.lost ? `, ${count(model.lost)} overwritten` : "") : ""));
  show(true);
  detail.refresh(true);
}, (status) => {
  say(byId("status"), status);
  document.body.dataset.status = status;
});

// pause stops the stream, and with it all work of the program for this page.
function pause(on) {
  paused = on;
  const button = byId("pause");
  button.setAttribute("aria-pressed", on);
  button.textContent = on ? "Resume" : "Pause";
  if (on) {
    stream.close();
    say(byId("status"), "paused");
    document.body.dataset.status = "paused";
  } else stream.open();
}

byId("pause").addEventListener("click", () => pause(!paused));
tabs.forEach((tab, i) => tab.addEventListener("click", () => choose(views[i])));
document.querySelector("nav").addEventListener("keydown", (e) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
  const there = shown();
  if (step) choose(there[(there.indexOf(view) + step + there.length) % there.length], true);
});

const table = () => ({ channels, tasks, remote })[view];

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const typing = e.target.matches("input[type=search], select");
  if (e.key === "Escape") {
    if (detail.open) detail.close();
    else if (typing && e.target.value) {
      e.target.value = "";
      show(false);
    } else document.activeElement?.blur();
  } else if (typing) {
    if (e.target.matches("input") && (e.key === "ArrowDown" || e.key === "Enter")) {
      e.preventDefault();
      table()?.enter();
    }
  } else if (e.key === "/") {
    e.preventDefault();
    if (!table()) choose("channels");
    table().filter.focus();
  } else if (e.key === "p") pause(!paused);
  else if (e.key >= "1" && e.key <= String(shown().length)) choose(views[Number(e.key) - 1], true);
});

// A page that nobody looks at costs the program nothing.
document.addEventListener("visibilitychange", () => {
  if (paused) return;
  if (document.hidden) stream.close();
  else stream.open();
});

const wanted = location.hash.slice(1);
choose(views.includes(wanted) ? wanted : "channels");
stream.open();
