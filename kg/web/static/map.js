// Makes a map that the server drew one to move and zoom, with Leaflet over the outlines of land; no tiles, no other host.
const VENDOR = "/static/vendor/";

/** Loads a script or style sheet of this server once. */
export function load(name) {
  load.known = load.known || {};
  load.known[name] =
    load.known[name] ||
    new Promise((resolve, reject) => {
      const style = name.endsWith(".css");
      const element = document.createElement(style ? "link" : "script");
      if (style) Object.assign(element, { rel: "stylesheet", href: VENDOR + name });
      else element.src = VENDOR + name;
      element.onload = resolve;
      element.onerror = () => reject(new Error(name + " cannot be loaded"));
      document.head.append(element);
    });
  return load.known[name];
}

/** TopoJSON's land as GeoJSON line rings: each arc once is enough to draw coasts, whole rings to fill them. */
function rings(topology) {
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => {
      [x, y] = [x + dx, y + dy];
      return [y * scale[1] + translate[1], x * scale[0] + translate[0]];
    });
  });
  const found = [];
  for (const geometry of topology.objects.land.geometries) {
    for (const polygon of geometry.type === "MultiPolygon" ? geometry.arcs : [geometry.arcs]) {
      found.push(
        polygon.map((numbers) =>
          numbers.flatMap((number, index) => {
            const points = number >= 0 ? arcs[number] : [...arcs[~number]].reverse();
            return index ? points.slice(1) : points;
          }),
        ),
      );
    }
  }
  return found;
}

/** A ring that leaps over 180° goes on past it instead; one around a pole is closed beyond the edge of the map. */
function unwrapped(ring) {
  let turn = 0;
  const found = ring.map(([lat, lon], index) => {
    if (index) {
      const step = lon - ring[index - 1][1];
      turn += step > 180 ? -360 : step < -180 ? 360 : 0;
    }
    return [lat, lon + turn];
  });
  if (turn) found.push([-88, found[found.length - 1][1]], [-88, found[0][1]]);
  const middle = found.reduce((sum, point) => sum + point[1], 0) / found.length;
  const back = middle > 180 ? -360 : middle < -180 ? 360 : 0;
  return found.map(([lat, lon]) => [lat, lon + back]);
}

/** A Leaflet map in an element: points are `{lat, lon, title, link, label}`. */
export async function drawMap(element, points) {
  await Promise.all([load("leaflet.css"), load("leaflet.js")]);
  const { L } = window;
  const land = await (await fetch(VENDOR + "land-50m.json")).json();
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const map = L.map(element, { preferCanvas: false, worldCopyJump: false, minZoom: 1, maxZoom: 10, zoomSnap: 0.25, attributionControl: true });
  map.attributionControl.setPrefix("Leaflet").addAttribution("Land: Natural Earth");
  const canvas = L.canvas({ padding: 0.5 });
  const fill = { renderer: canvas, interactive: false, weight: 0.7, color: colour("--soft"), fillColor: colour("--place"), fillOpacity: 0.16 };
  for (const polygon of rings(land)) L.polygon(polygon.map(unwrapped), fill).addTo(map);
  const group = L.featureGroup();
  for (const point of points) {
    const dot = L.circleMarker([point.lat, point.lon], {
      renderer: L.svg(), radius: point.radius || 6, weight: 1, color: colour("--paper"), fillColor: colour("--person"), fillOpacity: 1,
    });
    const popup = document.createElement("div");
    for (const line of point.title.split("\n")) popup.append(Object.assign(document.createElement("p"), { textContent: line }));
    if (point.link) popup.append(Object.assign(document.createElement("a"), { href: point.link, textContent: "The sentence" }));
    dot.bindPopup(popup, { maxHeight: 220 });
    if (point.label) dot.bindTooltip(point.label);
    dot.addTo(group);
  }
  group.addTo(map);
  map.fitBounds(group.getBounds().pad(0.2), { maxZoom: 6 });
  return map;
}

function offerZoom() {
  for (const figure of document.querySelectorAll("figure[data-map]")) {
    const button = figure.querySelector("[data-zoom]");
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      const points = [...figure.querySelectorAll("[data-at]")].map((shape) => {
        const [lat, lon] = shape.dataset.at.split(",").map(Number);
        const link = shape.closest("a");
        const title = shape.querySelector("title").textContent;
        return { lat, lon, title, label: title.split("\n")[0], link: link && link.getAttribute("href"), radius: Number(shape.getAttribute("r")) + 1 };
      });
      const drawn = figure.querySelector(".scroll");
      const element = document.createElement("div");
      element.setAttribute("role", "region");
      element.setAttribute("aria-label", drawn.getAttribute("aria-label"));
      drawn.before(element);
      try {
        await drawMap(element, points);
        drawn.hidden = true;
        button.parentElement.remove();
      } catch (error) {
        element.remove();
        button.disabled = false;
        console.error(error);
      }
    });
  }
}

offerZoom();
