// Sparklines.

import { svg } from "./dom.js";

const width = 72, height = 18;

export function spark() {
  return svg("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    svg("path", { class: "area" }), svg("path", { class: "line" }));
}

// draw shows values, the newest at the right edge. Each line has its own scale from 0 to
// its highest value or to least, so that one message does not look like a flood.
export function draw(node, values, size, least) {
  const top = Math.max(least, ...values);
  const step = width / (size - 1);
  const start = width - (values.length - 1) * step;
  let line = "";
  values.forEach((v, i) => {
    const y = height - 1 - (v / top) * (height - 2);
    line += `${i ? "L" : "M"}${(start + i * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  node.firstChild.setAttribute("d", line && `${line}L${width} ${height}L${start.toFixed(1)} ${height}Z`);
  node.lastChild.setAttribute("d", line);
}
