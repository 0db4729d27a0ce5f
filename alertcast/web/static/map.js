// Draws the grids of a layer, and keeps what each of them looks like up to date.
// The layer never changes under its address; what holds in it is asked for again and again.
"use strict";

(function () {
  const NEAR = 10.5; // the zoom from which towns are named instead of counties
  const FEW = 45; // so many towns in view are named from farther away
  const FLAT = { help: "answer", unreached: "answer" }; // states that also get a border of their own

  async function json(url) {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function named(place, kind) {
    return { permanent: true, direction: "center", className: "place place-" + kind, interactive: false };
  }

  function words(frame, legend) {
    const found = {};
    for (const item of frame.querySelectorAll("[data-legend=" + legend + "] [data-key]")) {
      found[item.dataset.key] = item.querySelector("span").textContent;
    }
    return found;
  }

  class Sheet {
    constructor(frame) {
      this.frame = frame;
      this.by = frame.dataset.by;
      this.cells = new Map(); // code -> the layer of a grid
      this.looks = new Map(); // code -> [level, state]
      this.words = { level: words(frame, "level"), answer: words(frame, "answer") };
      this.box = frame.querySelector(".map");
      this.map = L.map(this.box, {
        zoomControl: false,
        zoomSnap: 0.25,
        scrollWheelZoom: false, // the page must still scroll; a click on the map allows it
        dragging: !L.Browser.mobile, // one finger scrolls the page, two move the map
        attributionControl: Boolean(frame.dataset.tiles), // the layer's own is below the map
      });
      L.control.zoom({ zoomInTitle: frame.dataset.in, zoomOutTitle: frame.dataset.out }).addTo(this.map);
      this.map.on("focus click", () => this.map.scrollWheelZoom.enable());
      this.map.on("blur", () => this.map.scrollWheelZoom.disable());
      this.towns = []; // where their names are
      this.map.on("zoomend moveend", () => this.name());
      if (frame.dataset.tiles) {
        this.map.attributionControl.setPrefix(false);
        L.tileLayer(frame.dataset.tiles, { attribution: frame.dataset.tilesAttribution }).addTo(this.map);
      }
      new ResizeObserver(() => this.resized()).observe(this.box); // also when it is folded open
      frame.sheet = this;
    }

    resized() {
      this.map.invalidateSize();
      if (this.wanted && this.box.clientWidth) this.fit(this.wanted);
    }

    // Shows these bounds, now or once the map can be seen.
    fit(bounds) {
      this.wanted = this.box.clientWidth ? null : bounds;
      this.map.fitBounds(bounds, { padding: [8, 8] });
    }

    // Names towns where there is room for their names, else counties.
    name() {
      const view = this.map.getBounds();
      const seen = this.towns.filter((town) => view.contains(town)).length;
      const isNear = this.map.getZoom() >= NEAR || (seen > 0 && seen <= FEW);
      this.box.classList.toggle("is-near", isNear);
    }

    async draw() {
      const [towns, grids] = await Promise.all([json(this.frame.dataset.towns), json(this.frame.dataset.grids)]);
      this.grids = L.geoJSON(grids, {
        style: () => ({ className: "cell cell-plain", fillOpacity: 0.6 }),
        onEachFeature: (feature, layer) => this.addCell(feature.properties, layer),
      }).addTo(this.map);
      L.geoJSON(towns, {
        interactive: false,
        style: (feature) => ({ className: feature.properties.kind === "towns" ? "town" : "county", fill: false }),
        onEachFeature: (feature, layer) => {
          const kind = feature.properties.kind === "towns" ? "town" : "county";
          const label = document.createElement("span");
          label.textContent = feature.properties.name;
          layer.bindTooltip(label, named(feature, kind));
          if (kind === "town") this.towns.push(layer.getBounds().getCenter());
        },
      }).addTo(this.map);
      const bounds = this.grids.getBounds();
      this.fit(bounds.isValid() ? bounds : [[-60, -170], [75, 170]]);
      this.name();
    }

    addCell(place, layer) {
      this.cells.set(place.code, layer);
      layer.place = place;
      layer.bindTooltip(() => this.said(place), { sticky: true });
      layer.on("click", () => this.frame.dispatchEvent(new CustomEvent("cell", { detail: place })));
      if (this.frame.dataset.cell) layer.bindPopup(() => this.linked(place));
    }

    // What a grid is called and what holds there, in words.
    said(place) {
      const [level, state] = this.looks.get(place.code) || ["", ""];
      const lines = [place.within + place.name];
      if (this.frame.dataset.states) {
        lines.push(level ? this.words.level[level] || level : this.frame.dataset.unwarned);
        lines.push(state ? this.words.answer[state] || state : this.frame.dataset.uncalled);
      } else if (level) {
        lines.push(this.words.level[level] || level);
      }
      if (place.approximate) lines.push(this.frame.dataset.approximate);
      const label = document.createElement("span");
      label.textContent = lines.join(" · ");
      return label;
    }

    linked(place) {
      const link = document.createElement("a");
      link.href = this.frame.dataset.cell + encodeURIComponent(place.code);
      link.textContent = this.said(place).textContent;
      return link;
    }

    // Takes {groups: [{level, state, codes}]}.
    take(groups) {
      this.looks = new Map();
      for (const group of groups) {
        for (const code of group.codes) this.looks.set(code, [group.level, group.state]);
      }
      this.paint();
    }

    // Lets the grids that an officer has chosen stand out: codes of grids, towns and counties.
    choose(codes) {
      for (const [code, layer] of this.cells) {
        const path = layer.getElement();
        const chosen = codes.has(code) || layer.place.parts_of.some((part) => codes.has(part));
        if (path) path.classList.toggle("cell-chosen", chosen);
        if (chosen) layer.bringToFront();
      }
    }

    key([level, state]) {
      return this.by === "level" ? level || (state === "chosen" ? state : "") : state;
    }

    paint() {
      const counts = {};
      for (const look of this.looks.values()) {
        const key = this.key(look);
        counts[key] = (counts[key] || 0) + 1;
      }
      for (const [code, layer] of this.cells) {
        const key = this.key(this.looks.get(code) || ["", ""]);
        const pattern = key && key !== "chosen" ? (this.by === "level" ? "level-" : "state-") + key : key;
        this.paintCell(layer, pattern, key);
      }
      for (const legend of this.frame.querySelectorAll("[data-legend]")) {
        legend.hidden = legend.dataset.legend !== this.by;
        for (const item of legend.querySelectorAll("[data-key]")) {
          item.hidden = !counts[item.dataset.key];
          item.querySelector("b").textContent = counts[item.dataset.key] || "";
        }
      }
    }

    paintCell(layer, pattern, key) {
      if (layer.pattern === pattern) return;
      layer.pattern = pattern;
      const known = pattern && document.getElementById(pattern) ? pattern : pattern && "level-none";
      layer.setStyle({ fillColor: known ? "url(#" + known + ")" : "#fff", fillOpacity: known ? 0.92 : 0.6 });
      const path = layer.getElement();
      if (!path) return;
      path.setAttribute("class", path.getAttribute("class").replace(/ ?cell-(?!chosen)\S+/g, ""));
      path.classList.add(known ? "cell-" + (FLAT[key] ? key : "shown") : "cell-plain");
      if (FLAT[key]) layer.bringToFront();
    }

    // Show what is called or warned for, not the whole city.
    frameWhatHolds() {
      const bounds = L.latLngBounds([]);
      for (const code of this.looks.keys()) {
        const layer = this.cells.get(code);
        if (layer) bounds.extend(layer.getBounds());
      }
      if (bounds.isValid()) this.fit(bounds);
    }

    // Keeps up with what holds; what is returned is done when it is drawn first.
    keepUp() {
      let isFirst = true;
      const take = async (answer) => {
        this.take((await answer.json()).groups);
        if (isFirst) this.frameWhatHolds();
        isFirst = false;
      };
      return follow(this.frame.dataset.states, Number(this.frame.dataset.every), take)();
    }
  }

  async function begin(frame) {
    const sheet = new Sheet(frame);
    for (const choice of frame.querySelectorAll("[name=map-by]")) {
      choice.addEventListener("change", () => {
        sheet.by = choice.value;
        sheet.paint();
      });
    }
    await sheet.draw();
    for (const note of frame.querySelectorAll("[data-nomap]")) note.hidden = true;
    if (frame.dataset.groups) {
      sheet.take(JSON.parse(frame.dataset.groups));
      sheet.frameWhatHolds();
    }
    if (frame.dataset.states) await sheet.keepUp();
    frame.dataset.drawn = "yes";
    frame.dispatchEvent(new CustomEvent("drawn"));
  }

  document.querySelectorAll("[data-map]").forEach(begin);
})();
