// How numbers, times and names look.

const counts = new Intl.NumberFormat("en");

export const count = (n) => counts.format(n);

// short is a count that fits into a narrow column: 12.3k.
export function short(n) {
  if (n < 1000) return n < 10 && n % 1 ? n.toFixed(1) : String(Math.round(n));
  for (const unit of ["k", "M", "G"]) {
    n /= 1000;
    if (n < 999.5) return (n < 10 ? n.toFixed(1) : Math.round(n)) + unit;
  }
  return Math.round(n) + "G";
}

// span is a duration, given in milliseconds, with about three digits.
export function span(ms) {
  if (!(ms > 0)) return "0";
  if (ms < 1) return digits(ms * 1000) + " µs";
  if (ms < 1000) return digits(ms) + " ms";
  const s = ms / 1000;
  if (s < 60) return digits(s) + " s";
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const digits = (n) => (n < 10 ? n.toFixed(1).replace(/\.0$/, "") : String(Math.round(n)));

// title is what something is called: its name, or its number and place. That of a goroutine
// is the one that a traceback shows.
export function title(id, naming) {
  if (naming?.name) return naming.name;
  if (naming?.goroutine) return `goroutine ${naming.goroutine}`;
  const at = place(naming?.site);
  return `${naming?.kind ?? ""} #${id}${at ? " " + at : ""}`.trim();
}

// place is the end of a path that still tells files apart: dir/file.go:12.
export function place(site) {
  if (!site) return "";
  return site.split(/[\\/]/).slice(-2).join("/");
}

// clock is the time of day of an event, with milliseconds.
export function clock(text) {
  const t = new Date(text);
  return isNaN(t) ? "" : t.toLocaleTimeString("en-GB") + "." + String(t.getMilliseconds()).padStart(3, "0");
}
