// Reads diagrams as an array of JSON strings from standard input, and writes what Mermaid
// has understood as an array of {type, boxes, arrows} or {error}.
import { JSDOM } from 'jsdom';

// DOMPurify, which Mermaid cleans texts with, looks for a page when it is loaded.
const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false });

// Mermaid replaces #NUMBER; by these signs while it parses, and by HTML entities in what it
// draws.
function shown(text = '') {
  return text.replace(/ﬂ°°(\d+)¶ß/g, (_, n) => String.fromCodePoint(Number(n)));
}

function understood({ type, db }) {
  switch (type) {
    case 'sequence':
      return {
        type,
        boxes: [...db.getActors().values()].map((a) => ({ id: a.name, text: shown(a.description) })),
        arrows: db.getMessages().map((m) => ({ from: m.from, to: m.to, text: shown(m.message) })),
      };
    case 'flowchart-v2':
      return {
        type,
        boxes: [...db.getVertices().values()].map((v) => ({ id: v.id, text: shown(v.text) })),
        arrows: db.getEdges().map((e) => ({ from: e.start, to: e.end, text: shown(e.text) })),
      };
  }
  return { type };
}

let input = '';
for await (const part of process.stdin.setEncoding('utf8')) {
  input += part;
}
const results = [];
for (const text of JSON.parse(input)) {
  try {
    results.push(understood(await mermaid.mermaidAPI.getDiagramFromText(text)));
  } catch (error) {
    results.push({ error: String(error.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(results));
