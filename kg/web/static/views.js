// Views of results in the editor, as plugins of YASR: chart, map, timeline and graph. Charts are drawn by Vega with its
// interpreter, since the policy allows no code from text; maps by Leaflet (map.js). Libraries are loaded at first need.
import { drawMap, load } from "./map.js";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(["integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger"].map((name) => XSD + name));
const DATES = new Set(["date", "dateTime", "gYear", "gYearMonth"].map((name) => XSD + name));
const POINT = /^\s*(?:<[^>]*>\s*)?POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)/i;
// More rows than these make no picture that can be read, and a slow one.
const MOST = 5000;
const MOST_NAMES = 150;
const ICONS = {
  chart: "M3 3v18h18v-2H5V3zm4 14h3v-7H7zm5 0h3V6h-3zm5 0h3v-4h-3z",
  map: "M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 9.5A2.5 2.5 0 1 1 12 6.500a2.500 2.500 0 0 1 0 5z",
  timeline: "M3 11h18v2H3zM6 8a2 2 0 1 1 0-4 2 2 0 0 1 0 4zm8 12a2 2 0 1 1 0-4 2 2 0 0 1 0 4zm5-12a2 2 0 1 1 0-4 2 2 0 0 1 0 4z",
  graph: "M6 9a3 3 0 1 1 2.800-1.900l5.300 2.700a3 3 0 1 1 0 4.400l-5.300 2.700A3 3 0 1 1 8 15.100l5.100-2.600a3 3 0 0 1 0-1L8 8.900A3 3 0 0 1 6 9z",
};

/** What kinds of values each variable has. */
function columns(yasr) {
  const rows = yasr.results.getBindings() || [];
  const found = {};
  for (const name of yasr.results.getVariables() || []) {
    const values = rows.map((row) => row[name]).filter(Boolean);
    const share = (test) => values.length > 0 && values.filter(test).length > values.length / 2;
    found[name] = {
      number: share((value) => NUMBERS.has(value.datatype)),
      date: share((value) => DATES.has(value.datatype) || /^\d{4}-\d\d-\d\d/.test(value.value)),
      point: share((value) => POINT.test(value.value)),
      iri: share((value) => value.type === "uri"),
      kinds: new Set(values.map((value) => value.value)).size,
      empty: values.length === 0,
    };
  }
  return found;
}

/** The address on this server of an IRI of the graph; http addresses as they are; nothing else is linked. */
function address(iri, base) {
  if (iri.startsWith(base)) return "/" + iri.slice(base.length);
  return /^https?:\/\//.test(iri) ? iri : undefined;
}

/** A short name for a term. */
function short(term, base) {
  if (!term) return "";
  if (term.type !== "uri") return term.value;
  return term.value.startsWith(base) ? term.value.slice(base.length) : term.value.replace(/^.*[#/](?=[^#/]+$)/, "");
}

/** Where a row leads: to its evidence, else to the first thing of the graph in it. */
function lead(row, base) {
  const terms = [row.evidence, ...Object.values(row)];
  const found = terms.find((term) => term && term.type === "uri" && term.value.startsWith(base));
  return found && address(found.value, base);
}

/** All that a row says, one line for each variable. */
function said(row, base) {
  return Object.entries(row).map(([name, term]) => `${name}: ${short(term, base)}`).join("\n");
}

async function libraries() {
  await load("vega.min.js");
  await load("vega-lite.min.js");
  const { expressionInterpreter } = await import("/static/vendor/vega-interpreter.js");
  return { vega: window.vega, vegaLite: window.vegaLite, expressionInterpreter };
}

/** Draws a Vega specification in an element. */
async function drawVega(element, specification) {
  const { vega: library, expressionInterpreter } = await libraries();
  const runtime = library.parse(specification, null, { ast: true });
  const view = new library.View(runtime, { renderer: "svg", container: element, hover: true, expr: expressionInterpreter });
  await view.runAsync();
  return view;
}

/** The colours of the page, for light and dark. */
function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const [ink, soft, line] = ["--ink", "--soft", "--line"].map(colour);
  const range = ["person", "event", "place", "organisation", "group", "statement", "figure", "soft"].map((name) => colour("--" + name));
  const text = { labelColor: ink, titleColor: soft, labelFontSize: 12, titleFontSize: 12, labelLimit: 220 };
  return {
    background: "transparent",
    axis: { ...text, gridColor: line, domainColor: soft, tickColor: soft },
    legend: { ...text, symbolLimit: 20 },
    // One shape less than colours, so that no pair of them comes twice among the first fifty.
    range: { category: range, symbol: ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right"] },
    view: { stroke: line },
    mark: { color: range[0] },
  };
}

/** A view with choices of variables above its drawing. Subclasses have `fields`, `fits` and `paint`. */
class View {
  constructor(yasr) {
    this.yasr = yasr;
    this.base = document.getElementById("query-form").dataset.base;
    this.chosen = {};
    this.told = "";
  }

  canHandleResults() {
    const { results } = this.yasr;
    return Boolean(results && results.getVariables && (results.getBindings() || []).length && this.fits(columns(this.yasr)));
  }

  getIcon() {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", ICONS[this.name]);
    icon.append(path);
    return icon;
  }

  /** The variables that the page's address, or a saved query's header, names for this view. */
  listen() {
    const told = this.yasr.rootEl.dataset.axes || "{}";
    if (told === this.told) return;
    this.told = told;
    const given = JSON.parse(told);
    for (const [role, axis] of Object.entries(this.axes)) this.chosen[role] = given[axis];
  }

  async draw() {
    this.listen();
    const known = columns(this.yasr);
    const rows = (this.yasr.results.getBindings() || []).slice(0, MOST);
    const root = document.createElement("div");
    root.className = "view view-" + this.name;
    const choices = document.createElement("p");
    choices.className = "choices";
    const picture = document.createElement("div");
    picture.className = "picture";
    picture.setAttribute("role", "region");
    picture.setAttribute("aria-label", this.label + "; the table has the same rows");
    root.append(choices, picture);
    this.yasr.resultsEl.replaceChildren(root);
    const again = async () => {
      picture.replaceChildren();
      try {
        await this.paint(picture, rows, known);
      } catch (error) {
        picture.textContent = "This cannot be drawn: " + error.message;
        console.error(error);
      }
    };
    for (const [role, { label, names, optional }] of Object.entries(this.fields(known))) {
      const all = optional ? ["", ...names] : names;
      if (!all.includes(this.chosen[role])) this.chosen[role] = names[0] || "";
      const select = document.createElement("select");
      select.append(...all.map((name) => new Option(name || "none", name, false, name === this.chosen[role])));
      select.addEventListener("change", () => {
        this.chosen[role] = select.value;
        again();
      });
      const caption = document.createElement("label");
      caption.append(label + " ", select);
      choices.append(caption);
    }
    await again();
  }
}

const first = (known, test) => Object.keys(known).filter((name) => !known[name].empty && test(known[name], name));
// Names before addresses: they say more in a picture.
const named = (name) => (/name$|label$/i.test(name) ? 0 : 1);
const plain = (kind, name) => !kind.number && !kind.date && !kind.point && !/sentence|evidence/i.test(name);

class Chart extends View {
  name = "chart";
  label = "Chart";
  get axes() {
    return { x: "x", y: "y", colour: "series" };
  }
  priority = 4;
  fits(known) {
    return first(known, (kind) => kind.number).length > 0;
  }
  fields(known) {
    const dates = first(known, (kind) => kind.date);
    const names = first(known, plain).sort((a, b) => named(a) - named(b) || known[a].kinds - known[b].kinds);
    const numbers = first(known, (kind) => kind.number);
    return {
      y: { label: "Number", names: numbers },
      x: { label: "Along", names: [...dates, ...names.slice().reverse(), ...numbers.slice(1)] },
      colour: { label: "Colour", names: names.filter((name) => known[name].kinds > 1 && known[name].kinds <= 30), optional: true },
      mark: { label: "As", names: dates.length ? ["points", "lines", "bars"] : ["bars", "points", "lines"] },
    };
  }
  async paint(element, rows, known) {
    const { x, y, colour, mark } = this.chosen;
    const dated = known[x] && known[x].date;
    const values = rows
      .filter((row) => row[y] && (!x || row[x]))
      .map((row) => ({
        x: x ? short(row[x], this.base) : "",
        y: Number(row[y].value),
        colour: colour ? short(row[colour], this.base) || "none" : "",
        link: lead(row, this.base),
        title: said(row, this.base),
      }));
    const { vegaLite } = await libraries();
    const axis = dated ? { format: "%Y-%m-%d", labelOverlap: true } : { labelAngle: -40, labelOverlap: true };
    const narrow = element.clientWidth < 600;
    const legend = narrow ? { orient: "bottom", columns: 1 } : undefined;
    const type = dated ? "temporal" : known[x] && known[x].number ? "quantitative" : "nominal";
    const specification = {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      width: Math.max(element.clientWidth - (colour && !narrow ? 330 : 110), 220),
      height: 340,
      data: { values },
      config: theme(),
      mark: { type: { points: "point", lines: "line", bars: "bar" }[mark], filled: mark !== "lines", point: mark === "lines", size: mark === "points" ? 70 : undefined, tooltip: true },
      encoding: {
        x: { field: "x", type, title: x || null, axis, sort: type === "nominal" ? "-y" : undefined },
        y: { field: "y", type: "quantitative", title: y },
        color: colour ? { field: "colour", type: "nominal", title: colour, legend } : undefined,
        // Not by colour alone.
        shape: colour && mark === "points" ? { field: "colour", type: "nominal", title: colour, legend } : undefined,
        tooltip: { field: "title", type: "nominal" },
        href: { field: "link", type: "nominal" },
      },
    };
    await drawVega(element, vegaLite.compile(specification).spec);
  }
}

class Timeline extends View {
  name = "timeline";
  label = "Timeline";
  get axes() {
    return { begin: "x", lane: "label" };
  }
  priority = 3;
  fits(known) {
    return first(known, (kind) => kind.date).length > 0;
  }
  fields(known) {
    const dates = first(known, (kind) => kind.date);
    const names = first(known, plain).sort((a, b) => named(a) - named(b) || known[a].kinds - known[b].kinds);
    return {
      begin: { label: "When", names: dates },
      end: { label: "Until", names: dates.slice(1), optional: true },
      lane: { label: "Lanes", names: names.filter((name) => known[name].kinds > 1), optional: true },
    };
  }
  async paint(element, rows) {
    const { begin, end, lane } = this.chosen;
    const values = rows
      .filter((row) => row[begin])
      .map((row) => ({
        begin: row[begin].value,
        end: (end && row[end] && row[end].value) || row[begin].value,
        lane: lane ? short(row[lane], this.base) || "none" : "",
        link: lead(row, this.base),
        title: said(row, this.base),
      }));
    const { vegaLite } = await libraries();
    const encoding = {
      x: { field: "begin", type: "temporal", title: null, axis: { format: "%Y-%m-%d", labelOverlap: true } },
      y: { field: "lane", type: "nominal", title: null, axis: { labelLimit: 240 } },
      tooltip: { field: "title", type: "nominal" },
      href: { field: "link", type: "nominal" },
    };
    const specification = {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      width: Math.max(element.clientWidth - 300, 220),
      height: { step: 22 },
      data: { values },
      config: theme(),
      layer: [
        { mark: { type: "rule", size: 3 }, encoding: { ...encoding, x2: { field: "end" } } },
        { mark: { type: "point", filled: true, size: 80, opacity: 0.8 }, encoding },
      ],
    };
    await drawVega(element, vegaLite.compile(specification).spec);
  }
}

class PlaceMap extends View {
  name = "map";
  label = "Map";
  get axes() {
    return { title: "label" };
  }
  priority = 5;
  fits(known) {
    return first(known, (kind) => kind.point).length > 0;
  }
  fields(known) {
    return {
      point: { label: "Point", names: first(known, (kind) => kind.point) },
      title: { label: "Name", names: first(known, plain).sort((a, b) => named(a) - named(b)), optional: true },
    };
  }
  async paint(element, rows) {
    const found = new Map();
    for (const row of rows) {
      const at = row[this.chosen.point] && POINT.exec(row[this.chosen.point].value);
      if (at) found.set(at[0], [...(found.get(at[0]) || []), row]);
    }
    const points = [...found.values()].map((several) => {
      const [, lon, lat] = POINT.exec(several[0][this.chosen.point].value);
      const title = several.slice(0, 5).map((row) => said(row, this.base)).join("\n\n") + (several.length > 5 ? `\n… ${several.length} rows` : "");
      const label = this.chosen.title ? short(several[0][this.chosen.title], this.base) : "";
      return { lat: Number(lat), lon: Number(lon), title, label, link: lead(several[0], this.base), radius: 5 + Math.min(2 * Math.log10(several.length), 6) };
    });
    const place = document.createElement("div");
    element.append(place);
    await drawMap(place, points);
  }
}

class Graph extends View {
  name = "graph";
  label = "Graph";
  get axes() {
    return { from: "x", to: "y" };
  }
  priority = 2;
  fits(known) {
    return first(known, plain).length > 1;
  }
  fields(known) {
    const names = first(known, plain).sort((a, b) => named(a) - named(b) || known[b].iri - known[a].iri);
    // Triples of a CONSTRUCT are drawn from subject to object.
    if (names.includes("subject") && names.includes("object")) names.sort((a, b) => (a === "predicate") - (b === "predicate"));
    return {
      from: { label: "From", names },
      to: { label: "To", names: [...names.slice(1), ...names.slice(0, 1)] },
    };
  }
  async paint(element, rows) {
    const { from, to } = this.chosen;
    const degrees = new Map();
    const pairs = new Map();
    for (const row of rows) {
      if (!row[from] || !row[to]) continue;
      const [a, b] = [row[from], row[to]];
      for (const term of [a, b]) {
        const known = degrees.get(term.value) || { term, count: 0 };
        known.count += 1;
        degrees.set(term.value, known);
      }
      const key = a.value + "\u0000" + b.value;
      pairs.set(key, { a: a.value, b: b.value, rows: [...((pairs.get(key) || {}).rows || []), row] });
    }
    const kept = [...degrees.values()].sort((a, b) => b.count - a.count).slice(0, MOST_NAMES);
    const index = new Map(kept.map(({ term }, number) => [term.value, number]));
    const nodes = kept.map(({ term, count }) => ({
      name: short(term, this.base), count, link: term.type === "uri" ? address(term.value, this.base) : undefined,
    }));
    const links = [...pairs.values()]
      .filter(({ a, b }) => index.has(a) && index.has(b))
      .map((pair) => ({
        source: index.get(pair.a), target: index.get(pair.b), value: pair.rows.length,
        link: lead(pair.rows[0], this.base), title: pair.rows.slice(0, 3).map((row) => said(row, this.base)).join("\n\n"),
      }));
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const width = Math.max(element.clientWidth - 20, 280);
    const height = Math.min(240 + nodes.length * 12, 760);
    const forces = [
      { force: "center", x: width / 2, y: height / 2 },
      { force: "collide", radius: 26 },
      { force: "nbody", strength: -260 },
      { force: "link", links: "links", distance: 90 },
      { force: "x", x: "xfocus", strength: 0.04 },
      { force: "y", y: "yfocus", strength: 0.1 },
    ];
    await drawVega(element, {
      $schema: "https://vega.github.io/schema/vega/v6.json",
      width, height, padding: 5, background: "transparent",
      data: [{ name: "node-data", values: nodes }, { name: "links", values: links }],
      marks: [
        {
          name: "dots", type: "symbol", zindex: 1, from: { data: "node-data" },
          encode: {
            enter: {
              xfocus: { value: width / 2 }, yfocus: { value: height / 2 },
              fill: { value: colour("--person") }, stroke: { value: colour("--paper") },
              size: { signal: "40 + 30 * min(datum.count, 12)" },
              tooltip: { signal: "datum.name + ': ' + datum.count" }, href: { field: "link" }, cursor: { value: "pointer" },
            },
          },
          transform: [{ type: "force", iterations: 300, static: true, signal: "force", forces }],
        },
        {
          type: "path", from: { data: "links" }, interactive: true,
          encode: {
            update: {
              stroke: { value: colour("--soft") }, strokeWidth: { signal: "1 + min(datum.value, 5)" }, strokeOpacity: { value: 0.6 },
              tooltip: { field: "title" }, href: { field: "link" }, cursor: { value: "pointer" },
            },
          },
          transform: [
            { type: "linkpath", require: { signal: "force" }, shape: "line", sourceX: "datum.source.x", sourceY: "datum.source.y", targetX: "datum.target.x", targetY: "datum.target.y" },
          ],
        },
        {
          type: "text", zindex: 2, from: { data: "dots" }, interactive: false,
          encode: {
            update: {
              x: { field: "x" }, y: { field: "y", offset: -10 }, text: { field: "datum.name" }, align: { value: "center" }, limit: { value: 160 },
              fill: { value: colour("--ink") }, fontSize: { value: 11 },
            },
          },
        },
      ],
    });
  }
}

/** Makes the views known to YASR; the table stays the first. */
export function registerViews(Yasr) {
  const views = { chart: Chart, map: PlaceMap, timeline: Timeline, graph: Graph };
  for (const [name, view] of Object.entries(views)) Yasr.registerPlugin(name, view);
  Yasr.defaults.pluginOrder = ["table", ...Object.keys(views), "response"];
  return Object.keys(views);
}
