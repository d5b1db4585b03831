// What the server does, as lines over the last five minutes: of the figures at /metrics, which the admin key opens.
// Runs after admin.js, whose names it uses. Each line is told in words as well.
"use strict";

const EVERY = 2000;
const KEPT = 150;
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 72;

const seen = [];
const locale = isKorean ? "ko" : undefined;
const inWords = isKorean
  ? (name, now, least, most) => `${name}: 지금 ${now}, 최소 ${least}, 최대 ${most}`
  : (name, now, least, most) => `${name}: ${now} now, from ${least} to ${most}`;
const nothingLost = isKorean ? "없음" : "none";

const plain = (value) => value.toLocaleString(locale, { maximumFractionDigits: 1 });
const percent = (value) => `${plain(100 * value)} %`;
const millis = (value) => (value === Infinity ? "> 30 s" : `${plain(1000 * value)} ms`);
const bits = (value) =>
  value >= 1e9 ? `${plain(value / 1e9)} Gbit/s` : value >= 1e6 ? `${plain(value / 1e6)} Mbit/s` : `${plain(value / 1e3)} kbit/s`;

// The figures of a page by name and labels, and when it came.
function read(text) {
  const figures = new Map();
  for (const line of text.split("\n")) {
    const end = line.lastIndexOf(" ");
    if (line.startsWith("madang_")) figures.set(line.slice(7, end), Number(line.slice(end + 1)));
  }
  return { at: performance.now(), figures };
}

const figure = (sample, name) => sample.figures.get(name) ?? 0;
const labelled = (sample, name) => [...sample.figures].filter(([key]) => key.startsWith(`${name}{`));

// How fast a total grew up to a sample. A server that began anew counts from nothing.
function rate(before, after, name) {
  const grown = figure(after, name) - figure(before, name);
  return grown < 0 ? 0 : (1000 * grown) / (after.at - before.at);
}

function share(before, after, part, whole) {
  const all = rate(before, after, whole);
  // What is missing for good is asked for over and over.
  return all > 0 ? Math.min(1, rate(before, after, part) / all) : 0;
}

// The bound under which so many of the joins of all that is kept stayed; of all joins, if there was none.
function joined(sample, part, until) {
  const first = seen[0];
  const buckets = labelled(sample, "join_seconds_bucket").filter(([key]) => key.includes(`until="${until}"`));
  const counts = (since) => buckets.map(([key, count]) => ({
    bound: Number(key.match(/le="(.+)"/)[1].replace("+Inf", "Infinity")),
    count: count - (since ? figure(since, key) : 0),
  }));
  let of = counts(first);
  if (!(of.at(-1)?.count > 0)) of = counts();
  const all = of.at(-1)?.count ?? 0;
  return all > 0 ? of.find(({ count }) => count >= part * all).bound : 0;
}

const CAUSES = ["datagrams_dropped_total", "packets_dropped_total", "datagrams_unsent_total"];
const drops = (before, after) =>
  CAUSES.flatMap((name) => labelled(after, name))
    .map(([key]) => ({ cause: key.match(/cause="(.+)"/)[1], each: rate(before, after, key) }))
    .filter(({ each }) => each > 0)
    .sort((one, other) => other.each - one.each);

// Each graph: where it is drawn, how a value is written, and its lines, each with what it is of two samples.
const GRAPHS = [
  { id: "people", write: plain, least: 4, lines: [(_, now) => figure(now, "participants"), (_, now) => figure(now, "rooms")] },
  {
    id: "traffic", write: bits, least: 1e5,
    lines: [(before, now) => 8 * rate(before, now, "bytes_in_total"), (before, now) => 8 * rate(before, now, "bytes_out_total")],
  },
  {
    id: "repair", write: percent, least: 0.02,
    lines: [
      (before, now) => share(before, now, "nacked_in_total", "packets_out_total"),
      (before, now) => share(before, now, "nacked_out_total", "packets_in_total"),
    ],
  },
  {
    id: "load", write: percent, least: 1,
    lines: [
      (_, now) => Math.max(0, ...labelled(now, "worker_busy_ratio").map(([, busy]) => busy)),
      (_, now) => Math.max(0, ...labelled(now, "worker_shed_ratio").map(([, shed]) => shed)),
    ],
  },
  {
    id: "joins", write: millis, least: 0.25,
    lines: [(_, now) => joined(now, 0.95, "connected"), (_, now) => joined(now, 0.95, "answered")],
  },
  { id: "drops", write: (value) => `${plain(value)}/s`, least: 10, lines: [(before, now) => drops(before, now).reduce((sum, { each }) => sum + each, 0)] },
];

function draw({ id, write, least, lines, values = lines.map(() => []) }, before, now) {
  const graph = at(`graph-${id}`);
  const svg = graph.querySelector("svg");
  const names = [...graph.querySelectorAll("[data-line]")];
  for (const [place, line] of lines.entries()) {
    values[place].push(line(before, now));
    if (values[place].length > KEPT) values[place].shift();
  }
  const finite = values.flat().filter(Number.isFinite);
  const most = Math.max(least, ...finite);
  const point = (value, index, all) => {
    const across = WIDTH - (all.length - 1 - index) * (WIDTH / (KEPT - 1));
    return `${across.toFixed(1)},${(HEIGHT - (Math.min(value, most) / most) * (HEIGHT - 2) - 1).toFixed(1)}`;
  };
  svg.replaceChildren(...values.map((all, place) => {
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", all.map(point).join(" "));
    line.classList.add("line", `line-${place}`);
    return line;
  }));
  graph.querySelector(".most").textContent = write(most);
  const words = values.map((all, place) => {
    const latest = write(all.at(-1));
    names[place].querySelector("output").textContent = latest;
    const name = names[place].querySelector("span").textContent;
    return inWords(name, latest, write(Math.min(...all)), write(Math.max(...all)));
  });
  // Before there is something to say it is nothing to anybody.
  svg.removeAttribute("aria-hidden");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", words.join("; "));
  return values;
}

async function look() {
  if (document.hidden || at("inside").hidden) return;
  let response;
  try {
    response = await fetch("/metrics", {
      headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` },
      cache: "no-store",
    });
  } catch {
    return;
  }
  if (!response.ok) return;
  const now = read(await response.text());
  const before = seen.at(-1);
  seen.push(now);
  if (seen.length > KEPT) seen.shift();
  if (!before) return;
  for (const graph of GRAPHS) graph.values = draw(graph, before, now);
  const causes = drops(before, now).slice(0, 5).map(({ cause, each }) => `${cause} ${plain(each)}/s`);
  at("causes").textContent = causes.join(" · ") || nothingLost;
}

setInterval(look, EVERY);
