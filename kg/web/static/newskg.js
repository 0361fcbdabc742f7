// Opens an article at the characters of `#char=begin,end` and switches its layers. Pages work without it.
"use strict";

/** Wraps the code points begin..end of an element's text in <mark>; returns the first mark. */
function markCharacters(root, begin, end) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const parts = [];
  let position = 0;
  for (let node = walker.nextNode(); node && position < end; node = walker.nextNode()) {
    // Offsets count code points, JavaScript's strings UTF-16 units.
    const characters = Array.from(node.data);
    const from = Math.max(begin - position, 0);
    const to = Math.min(end - position, characters.length);
    if (from < to) {
      const before = characters.slice(0, from).join("").length;
      parts.push([node, before, before + characters.slice(from, to).join("").length]);
    }
    position += characters.length;
  }
  return parts.map(([node, from, to]) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    const mark = document.createElement("mark");
    mark.className = "marked";
    range.surroundContents(mark);
    return mark;
  })[0];
}

function openAtFragment() {
  const text = document.getElementById("text");
  const found = /^#char=(\d+),(\d+)$/.exec(decodeURIComponent(location.hash));
  for (const mark of document.querySelectorAll("mark.marked")) {
    mark.replaceWith(...mark.childNodes);
  }
  if (text) text.normalize();
  if (!text || !found) return;
  const mark = markCharacters(text, Number(found[1]), Number(found[2]));
  if (mark) mark.scrollIntoView({ block: "center" });
}

function switchLayers() {
  const layers = document.getElementById("layers");
  if (!layers) return;
  layers.hidden = false;
  layers.addEventListener("change", (event) => {
    layers.closest("article").classList.toggle("off-" + event.target.value, !event.target.checked);
  });
}

function submitWithKeys() {
  const form = document.getElementById("query-form");
  if (!form) return;
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

openAtFragment();
window.addEventListener("hashchange", openAtFragment);
switchLayers();
submitWithKeys();
