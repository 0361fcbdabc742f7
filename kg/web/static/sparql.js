// Puts YASGUI in the place of the plain form at /sparql, if its assets are there. Prefixes and saved queries come with
// the page, names to complete from VoID; nothing is asked of another host.
import { registerViews } from "./views.js";

const VOID = "http://rdfs.org/ns/void#";
const form = document.getElementById("query-form");
const root = document.getElementById("yasgui");

/** The objects of a VoID property (`class` or `property`), asked for once. */
function fromVoid() {
  let answer;
  return (name) => {
    answer = answer || fetch("/.well-known/void?format=ntriples").then((response) => response.text());
    const pattern = new RegExp(`<${VOID}${name}> <([^>]+)>`, "g");
    return answer.then((text) => [...new Set(Array.from(text.matchAll(pattern), (found) => found[1]))].sort());
  };
}

/** Gives the editor's own controls names for a screen reader, where they have none. */
function nameControls() {
  for (const control of root.querySelectorAll("input, select, textarea")) {
    if (control.labels.length || control.ariaLabel) continue;
    const own = control.closest(".CodeMirror") ? "Query" : control.closest(".autocompleteWrapper, .endpoint") ? "Endpoint" : "";
    control.ariaLabel = control.placeholder || control.title || own || control.name || control.className || "Setting";
  }
}

function startEditor() {
  const { Yasqe, Yasr } = window.Yasgui;
  const views = registerViews(Yasr);
  // DataTables is dark where the page's root has this class.
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => document.documentElement.classList.toggle("dark", scheme.matches);
  scheme.addEventListener("change", dark);
  dark();
  const prefixes = JSON.parse(form.dataset.prefixes);
  const known = fromVoid();
  const lists = {
    class: () => known("class"),
    property: () => known("property"),
    prefixes: () => Promise.resolve(Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort()),
  };
  for (const [name, get] of Object.entries(lists)) {
    Yasqe.forkAutocompleter(name, { name: name + "-here", get, bulk: true, persistenceId: null }, false);
  }
  Yasqe.defaults.autocompleters = ["variables", ...Object.keys(lists).map((name) => name + "-here")];
  Yasqe.defaults.value = document.getElementById("query").value;
  Yasr.plugins.table.defaults.openIriInNewWindow = false;
  // Whole sentences and plain values, unless a person switches that.
  const { draw } = Yasr.plugins.table.prototype;
  Yasr.plugins.table.prototype.draw = function (config) {
    draw.call(this, { compact: true, isEllipsed: false, ...this.persistentConfig, ...config });
  };
  new MutationObserver(nameControls).observe(root, { childList: true, subtree: true });
  const endpoint = new URL("/sparql", location.href).href;
  const yasgui = new window.Yasgui(root, {
    persistenceId: null,
    populateFromUrl: false,
    copyEndpointOnNewTab: true,
    requestConfig: { endpoint, method: "POST" },
    endpointCatalogueOptions: { getData: () => [{ endpoint }], keys: ["endpoint"], renderItem: () => {} },
    yasr: { prefixes: { ...prefixes, "": form.dataset.base } },
  });
  // The address always leads to the query that was run last and the view that was chosen, with script or without.
  const axesOf = (tab) => JSON.parse(tab.getYasr().rootEl.dataset.axes || "{}");
  const remember = (tab) => {
    const parameters = new URLSearchParams({ query: tab.getYasqe().getValue(), format: "html" });
    const view = tab.getYasr().selectedPlugin;
    if (views.includes(view)) parameters.set("view", view);
    for (const [axis, name] of Object.entries(axesOf(tab))) parameters.set(axis, name);
    history.replaceState(null, "", "/sparql?" + parameters);
  };
  yasgui.on("query", (_, tab) => remember(tab));
  const follow = (tab, view, axes) => {
    if (!tab) return;
    tab.getYasr().rootEl.dataset.axes = axes || "{}";
    if (views.includes(view)) tab.getYasr().selectPlugin(view);
    tab.getYasr().on("change", () => remember(tab));
  };
  // IRIs of the graph lead to this server's own pages, under whatever name it is reached.
  const home = (event) => {
    const link = event.target.closest?.("a[href]");
    const base = form.dataset.base;
    if (!link || !link.href.startsWith(base)) return;
    link.href = "/" + link.href.slice(base.length);
    link.removeAttribute("target");
  };
  for (const moment of ["pointerdown", "focusin", "click"]) root.addEventListener(moment, home, true);
  const examples = document.getElementById("examples");
  examples.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-query]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const query = new URL(link.href).searchParams.get("query");
    const tab = yasgui.addTab(true, { name: link.dataset.query, yasqe: { value: query } });
    tab.show();
    follow(tab, link.dataset.view, link.dataset.axes);
    root.scrollIntoView();
  });
  const tab = yasgui.getTab();
  if (tab) tab.setQuery(document.getElementById("query").value);
  follow(tab, form.dataset.view, form.dataset.axes);
  return () => tab && tab.getYasqe().query();
}

if (form && root && window.Yasgui) {
  root.hidden = false;
  try {
    const run = startEditor();
    form.hidden = true;
    const answer = document.getElementById("answer");
    if (answer) {
      answer.hidden = true;
      run();
    }
  } catch (error) {
    root.hidden = true; // the plain form stays
    console.error(error);
  }
}
