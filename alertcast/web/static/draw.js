// Lets an officer draw an area on the map, or pick grids on it. What it draws is sent as GeoJSON with
// the form; the server decides which grids that is, and shows them before anything leaves.
"use strict";

(function () {
  function rectangle(one, other) {
    const bounds = L.latLngBounds([one, other]);
    return [bounds.getSouthWest(), bounds.getSouthEast(), bounds.getNorthEast(), bounds.getNorthWest()];
  }

  class Drawing {
    constructor(frame) {
      this.frame = frame;
      this.sheet = frame.sheet;
      this.form = frame.closest("form");
      this.field = this.form.querySelector("[name=drawn]");
      this.picked = this.form.querySelector("[data-picked]");
      this.layer = L.featureGroup().addTo(this.sheet.map);
      this.tool = "";
      this.corners = [];
      this.restore();
      for (const button of frame.querySelectorAll("[data-tool]")) {
        button.addEventListener("click", () => this.use(button.dataset.tool));
      }
      frame.querySelector("[data-tools]").hidden = false;
      this.sheet.map.on("click", (event) => this.point(event.latlng));
      this.drags = this.sheet.map.dragging.enabled(); // where one finger scrolls the page, it does not
      this.sheet.box.addEventListener("pointerdown", (event) => this.press(event));
      this.sheet.box.addEventListener("pointermove", (event) => this.move(event));
      for (const end of ["pointerup", "pointercancel"]) {
        this.sheet.box.addEventListener(end, (event) => this.release(event));
      }
      frame.addEventListener("cell", (event) => this.pick(event.detail));
      this.form.addEventListener("change", () => this.choose());
      this.choose();
    }

    restore() {
      if (!this.field.value) return;
      L.geoJSON(JSON.parse(this.field.value), {
        style: () => ({ className: "drawing" }),
        interactive: false,
        onEachFeature: (feature, shape) => this.layer.addLayer(shape),
      });
    }

    use(tool) {
      if (tool === "clear") {
        this.layer.clearLayers();
        this.write();
      }
      if (tool === "done") this.close();
      this.tool = ["polygon", "box", "pick"].includes(tool) && tool !== this.tool ? tool : "";
      this.corners = [];
      this.pressed = null;
      this.sketch();
      if (this.tool === "box") this.sheet.map.dragging.disable();
      else if (this.drags) this.sheet.map.dragging.enable();
      this.sheet.box.classList.toggle("is-boxing", this.tool === "box"); // a finger draws, and scrolls nothing
      for (const button of this.frame.querySelectorAll("[aria-pressed]")) {
        button.setAttribute("aria-pressed", String(button.dataset.tool === this.tool));
      }
      for (const hint of this.frame.querySelectorAll("[data-hint]")) hint.hidden = hint.dataset.hint !== this.tool;
      this.frame.querySelector("[data-tool=done]").hidden = this.tool !== "polygon";
      this.sheet.box.classList.toggle("is-drawing", Boolean(this.tool));
    }

    point(latlng) {
      if (this.tool !== "polygon" && this.tool !== "box") return;
      this.corners.push(latlng);
      if (this.tool === "box" && this.corners.length === 2) {
        this.add(rectangle(...this.corners));
        this.use("");
      }
      this.sketch();
    }

    // A rectangle is dragged, with a mouse or a finger; a click on each of two corners does the same.
    press(event) {
      if (this.tool !== "box" || !event.isPrimary || event.target.closest(".leaflet-control")) return;
      this.pressed = { x: event.clientX, y: event.clientY, at: this.sheet.map.mouseEventToLatLng(event) };
    }

    move(event) {
      if (!event.buttons) this.pressed = null; // it was let go of where nothing here heard it
      if (!this.pressed || !event.isPrimary) return;
      const { x, y, at } = this.pressed;
      this.pressed.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > 6; // else a click
      if (!this.pressed.moved) return;
      this.sheet.box.setPointerCapture(event.pointerId);
      this.corners = rectangle(at, this.sheet.map.mouseEventToLatLng(event));
      this.sketch();
    }

    release(event) {
      const pressed = this.pressed;
      this.pressed = null;
      if (!pressed || !pressed.moved) return;
      if (event.type === "pointerup") this.add(this.corners);
      this.use("");
    }

    close() {
      if (this.corners.length > 2) this.add(this.corners);
    }

    sketch() {
      if (this.line) this.line.remove();
      const line = this.tool === "box" ? L.polygon : L.polyline;
      this.line = this.corners.length
        ? line(this.corners, { className: "drawing", interactive: false }).addTo(this.sheet.map)
        : null;
      if (this.corners.length === 1) {
        this.line.remove();
        this.line = L.circleMarker(this.corners[0], { radius: 4, className: "drawing", interactive: false });
        this.line.addTo(this.sheet.map);
      }
    }

    add(corners) {
      this.layer.addLayer(L.polygon(corners, { className: "drawing", interactive: false }));
      this.write();
    }

    write() {
      this.field.value = this.layer.getLayers().length ? JSON.stringify(this.layer.toGeoJSON()) : "";
    }

    pick(place) {
      if (this.tool !== "pick") return;
      const known = Array.from(this.form.querySelectorAll("[name=grid]")).find((one) => one.value === place.code);
      if (known) {
        known.checked = !known.checked;
      } else {
        const label = document.createElement("label"), box = document.createElement("input");
        Object.assign(box, { type: "checkbox", name: "grid", value: place.code, checked: true });
        label.append(box, " " + place.within + place.name);
        this.picked.append(label);
      }
      this.choose();
    }

    choose() {
      const ticked = this.form.querySelectorAll("[name=place]:checked, [name=grid]:checked");
      this.sheet.choose(new Set(Array.from(ticked, (one) => one.value)));
    }
  }

  for (const frame of document.querySelectorAll("[data-map][data-draw]")) {
    if (frame.dataset.drawn) new Drawing(frame);
    else frame.addEventListener("drawn", () => new Drawing(frame));
  }
})();
