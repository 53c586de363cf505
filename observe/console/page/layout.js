// Where the boxes of a graph stand.

// place gives each node x and y, in layers from left to right, and returns the size of the
// whole. An edge leads to a later layer unless it closes a ring. Nodes keep to the order of
// their numbers where nothing speaks against it, so that the picture stays put while the
// program goes on.
export function place(nodes, edges, box) {
  const out = new Map([...nodes.keys()].map((k) => [k, []]));
  for (const e of edges) out.get(e.from).push(e.to);
  const layers = layer(nodes, out);
  order(layers, edges);
  const tallest = Math.max(...layers.map((l) => l.length));
  layers.forEach((ids, x) => ids.forEach((id, y) => {
    const n = nodes.get(id);
    n.x = 10 + x * (box.width + box.across);
    n.y = 16 + (y + (tallest - ids.length) / 2) * (box.height + box.down);
  }));
  return {
    width: 10 + layers.length * (box.width + box.across) + 10,
    height: 32 + tallest * (box.height + box.down) + 30,
  };
}

// layer puts each node behind all that lead to it, without the edges that close a ring:
// those that lead to a node whose search is still under way.
function layer(nodes, out) {
  const depth = new Map(), finished = [], state = new Map();
  const into = new Map([...nodes.keys()].map((k) => [k, 0]));
  for (const targets of out.values()) for (const t of targets) into.set(t, into.get(t) + 1);
  const roots = [...nodes.keys()].sort((a, b) => (into.get(a) > 0) - (into.get(b) > 0) || compare(a, b));
  const forward = new Map([...nodes.keys()].map((k) => [k, []]));
  for (const root of roots) {
    if (state.has(root)) continue;
    state.set(root, "open");
    const path = [[root, 0]]; // by hand: a chain may be longer than the stack is deep
    while (path.length) {
      const top = path[path.length - 1], next = out.get(top[0])[top[1]++];
      if (next === undefined) {
        state.set(top[0], "done");
        finished.push(top[0]);
        path.pop();
      } else if (!state.has(next)) {
        forward.get(top[0]).push(next);
        state.set(next, "open");
        path.push([next, 0]);
      } else if (state.get(next) === "done") {
        forward.get(top[0]).push(next);
      }
    }
  }
  for (const id of finished.reverse()) {
    const d = depth.get(id) ?? 0;
    depth.set(id, d);
    for (const next of forward.get(id)) depth.set(next, Math.max(depth.get(next) ?? 0, d + 1));
  }
  const layers = [];
  for (const id of [...nodes.keys()].sort(compare)) (layers[depth.get(id)] ??= []).push(id);
  return layers;
}

const compare = (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1);

// order moves each node to the middle of those that lead to it, and twice is enough to
// take most crossings away.
function order(layers, edges) {
  const into = new Map();
  for (const e of edges) into.set(e.to, [...(into.get(e.to) ?? []), e.from]);
  for (let round = 0; round < 2; round++) {
    const at = new Map();
    layers.forEach((ids) => ids.forEach((id, i) => at.set(id, i)));
    for (const ids of layers) {
      const middle = new Map(ids.map((id) => {
        const from = into.get(id) ?? [];
        return [id, from.length ? from.reduce((sum, f) => sum + at.get(f), 0) / from.length : at.get(id)];
      }));
      ids.sort((a, b) => middle.get(a) - middle.get(b) || compare(a, b));
      ids.forEach((id, i) => at.set(id, i));
    }
  }
}
