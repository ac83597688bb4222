/* The symbol set, drawn once: markers of the map, <pt-sym>, <pt-inc> and <pt-site> in tables.
 * Shape is kind, fill is status, a ring is selection; hulls point up (bow at -y) and the caller turns the context.
 * Colours are the page's tokens, read into window.TOK; nothing here may throw, an exception in a marker stops the map. */
(() => {
  'use strict';
  const NAMES = ['sea', 'land', 'coast', 'panel', 'panel2', 'head', 'line', 'line2', 'sel', 'text', 'text2', 'text3', 'fg',
    'plan', 'accent', 'accentbg', 'red', 'redbg', 'redtx', 'amber', 'amberbg', 'ambertx', 'open', 'limited', 'closed'];
  const FONT = '"Noto Sans CJK SC","Microsoft YaHei",sans-serif';
  const TAU = 2 * Math.PI;
  window.TOK = window.TOK || {};

  const readTokens = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of NAMES) {
      const value = style.getPropertyValue('--' + name).trim();
      if (value) window.TOK[name] = value;
    }
  };
  const tok = (name) => {
    if (!window.TOK[name]) readTokens();
    return window.TOK[name] || '#808a90';
  };

  /* Outlines in a box of 24 units around the origin, bow at -y. `body` is filled by status, `trim` only stroked. */
  const path = (d) => new Path2D(d);
  const circles = (list) => {
    const p = new Path2D();
    for (const [x, y, r] of list) { p.moveTo(x + r, y); p.arc(x, y, r, 0, TAU); }
    return p;
  };
  const KINDS = {
    group: {body: circles([[0, 0, 7.2]])},
    vehicle: {body: path('M-8.5,-5.5H8.5V5H-8.5Z'), wheels: circles([[-4.6, 6, 1.5], [4.6, 6, 1.5]])},
    motorcycle: {body: circles([[-5.4, 2.6, 3.9], [5.4, 2.6, 3.9]]), trim: path('M-5.4,-1.3C-3,-6 3,-6 5.4,-1.3')},
    assault_boat: {body: path('M0,-10.5C3.4,-7 4.2,-4 4.2,-1V9H-4.2V-1C-4.2,-4 -3.4,-7 0,-10.5Z'), hull: true},
    patrol_boat: {body: path('M0,-11C4.8,-7.2 5.9,-4 5.9,-1V9.4H-5.9V-1C-5.9,-4 -4.8,-7.2 0,-11Z'), bar: path('M-5.9,2H5.9'),
      hull: true},
    landing_craft: {body: path('M-5.4,-7.4H5.4V9.4H-5.4Z'), trim: path('M-7.4,-9.8H7.4M-5.4,-7.4V-9.8M5.4,-7.4V-9.8'), hull: true},
    ferry: {body: path('M0,-11L6.2,-5V5.4L3.6,9.6H-3.6L-6.2,5.4V-5Z'), bar: path('M-6.2,-1.6H6.2'), hull: true},
    helicopter: {body: circles([[0, 0, 4.6]]), trim: path('M-8.6,-8.6L-3.3,-3.3M8.6,-8.6L3.3,-3.3M-8.6,8.6L-3.3,3.3M8.6,8.6L3.3,3.3M0,4.6V11M-2.6,11H2.6')},
    drone: {body: path('M-3.4,-3.4H3.4V3.4H-3.4Z'), trim: path('M-3.4,-3.4L-5,-5M3.4,-3.4L5,-5M-3.4,3.4L-5,5M3.4,3.4L5,5'),
      rotors: circles([[-6.8, -6.8, 2.7], [6.8, -6.8, 2.7], [-6.8, 6.8, 2.7], [6.8, 6.8, 2.7]])},
  };
  /* Drawn form of each status word of the data floor; `stale` is a fix too old to trust. */
  const FORMS = {available: 'hollow', accepted: 'hollow', en_route: 'half', returning: 'half', on_scene: 'solid',
    out_of_service: 'out', stale: 'stale'};

  const strokeAll = (ctx, shape) => {
    for (const part of [shape.body, shape.trim, shape.wheels, shape.rotors]) if (part) ctx.stroke(part);
  };

  /* Draws one unit in a box of `size` px around the origin. */
  const unit = (ctx, kind, status, size, options) => {
    const shape = KINDS[kind] || KINDS.group;
    const form = FORMS[status] || 'hollow';
    const {color = tok('fg'), ground = tok('sea'), halo = true} = options || {};
    const scale = size / 24;
    ctx.save();
    ctx.scale(scale, scale);
    ctx.lineJoin = 'round';
    ctx.lineCap = form === 'stale' ? 'butt' : 'round';
    const edge = 1.7 * Math.max(1, 0.8 / scale);
    if (halo) {
      ctx.strokeStyle = ground; ctx.globalAlpha = 0.85; ctx.lineWidth = edge + 3; strokeAll(ctx, shape); ctx.globalAlpha = 1;
    }
    ctx.fillStyle = ground;
    ctx.fill(shape.body);
    if (shape.rotors) ctx.fill(shape.rotors);
    if (form === 'stale' || form === 'out') ctx.globalAlpha = 0.62;
    ctx.fillStyle = color; ctx.strokeStyle = color; ctx.lineWidth = edge;
    if (form === 'half') {
      ctx.save(); ctx.beginPath(); ctx.rect(-14, shape.hull ? -0.6 : 0, 28, 14); ctx.clip(); ctx.fill(shape.body); ctx.restore();
    } else if (form === 'solid') {
      ctx.fill(shape.body);
      if (shape.rotors) ctx.fill(shape.rotors);
    }
    if (shape.wheels) ctx.fill(shape.wheels);
    if (form === 'stale') ctx.setLineDash([2.6, 2.2]);
    strokeAll(ctx, shape);
    if (shape.bar) {
      if (form === 'solid') ctx.strokeStyle = ground;
      ctx.stroke(shape.bar); ctx.strokeStyle = color;
    }
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
    if (form === 'out') {
      ctx.lineWidth = edge + 0.4; ctx.beginPath(); ctx.moveTo(-9.5, 9.5); ctx.lineTo(9.5, -9.5); ctx.stroke();
    }
    ctx.restore();
  };

  const ring = (ctx, radius) => {
    ctx.save();
    ctx.beginPath(); ctx.arc(0, 0, radius, 0, TAU);
    ctx.lineWidth = 4.5; ctx.strokeStyle = tok('sea'); ctx.globalAlpha = 0.8; ctx.stroke();
    ctx.globalAlpha = 1; ctx.lineWidth = 2.2; ctx.strokeStyle = tok('accent'); ctx.stroke();
    ctx.restore();
  };

  const number = (ctx, words, px, color, y) => {
    ctx.fillStyle = color; ctx.textAlign = 'center'; ctx.textBaseline = 'middle';
    ctx.font = `700 ${px}px ${FONT}`;
    ctx.fillText(words, 0, y);
  };

  /* Incident by priority 1..4: diamond, triangle, square, circle; `closed` adds a tick. */
  const incident = (ctx, priority, size, options) => {
    const {closed = false, ground = tok('sea')} = options || {};
    const p = Math.min(4, Math.max(1, Number(priority) || 4));
    const s = size / 24;
    ctx.save();
    ctx.scale(s, s);
    ctx.lineJoin = 'round';
    const shape = [path('M0,-11.5L11.5,0L0,11.5L-11.5,0Z'), path('M0,-10.5L11.5,9.5H-11.5Z'), path('M-8.5,-8.5H8.5V8.5H-8.5Z'),
      circles([[0, 0, 9]])][p - 1];
    const fill = [tok('redbg'), tok('amberbg'), ground, ground][p - 1];
    const edge = [tok('redtx'), tok('ambertx'), tok('fg'), tok('text2')][p - 1];
    ctx.strokeStyle = ground; ctx.lineWidth = 4; ctx.globalAlpha = 0.85; ctx.stroke(shape); ctx.globalAlpha = 1;
    ctx.fillStyle = fill; ctx.fill(shape);
    ctx.strokeStyle = edge; ctx.lineWidth = p < 3 ? 1.3 : 1.7; ctx.stroke(shape);
    number(ctx, String(p), p === 2 ? 12 : 13, [tok('redtx'), tok('ambertx'), tok('fg'), tok('text2')][p - 1], p === 2 ? 3.4 : 0.8);
    if (closed) {
      for (const [width, color] of [[5, ground], [2.2, tok('fg')]]) {
        ctx.lineWidth = width; ctx.strokeStyle = color; ctx.lineCap = 'round';
        ctx.beginPath(); ctx.moveTo(3, 8); ctx.lineTo(6.5, 11.5); ctx.lineTo(12.5, 3.5); ctx.stroke();
      }
    }
    ctx.restore();
  };

  /* Site by kind and state; 24 units like the rest, drawn at 13 to 15 px. */
  const site = (ctx, kind, state, size, options) => {
    const {ground = tok('sea')} = options || {};
    const s = size / 24;
    const color = state === 'closed' ? tok('red') : state === 'limited' ? tok('amber') : tok('fg');
    ctx.save();
    ctx.scale(s, s);
    ctx.lineJoin = 'round'; ctx.lineCap = 'butt';
    ctx.lineWidth = 1.5 / s;
    const outline = kind === 'helipad' ? circles([[0, 0, 10]]) : kind === 'pier' ? path('M-8,-8H8V8H-8Z')
      : path('M0,-11L10,-2V10H-10V-2Z');
    ctx.strokeStyle = ground; ctx.globalAlpha = 0.8; ctx.lineWidth = 4.4 / s; ctx.stroke(outline); ctx.globalAlpha = 1;
    ctx.fillStyle = ground; ctx.fill(outline);
    ctx.strokeStyle = color; ctx.fillStyle = color; ctx.lineWidth = 1.5 / s;
    if (kind === 'helipad') {
      if (state === 'limited') ctx.setLineDash([5.2, 2.7]);
      ctx.stroke(outline); ctx.setLineDash([]);
      ctx.lineWidth = 1.4 / s;
      ctx.stroke(path('M-3.8,-5V5M3.8,-5V5M-3.8,0H3.8'));
    } else if (kind === 'pier') {
      if (state === 'limited') ctx.fill(path('M-8,8L8,-8V8Z'));
      else if (state !== 'closed') ctx.fill(outline);
      ctx.stroke(outline);
    } else {
      if (state === 'limited') ctx.fill(path('M-10,3H10V10H-10Z'));
      ctx.stroke(outline);
      ctx.fill(path('M-2.6,10V4H2.6V10Z'));
    }
    if (state === 'closed') {
      ctx.lineWidth = 1.7 / s;
      ctx.stroke(kind === 'pier' ? path('M-10,-10L10,10M-10,10L10,-10') : path('M-10,10L10,-10'));
    }
    ctx.restore();
  };

  const chip = (ctx, x, y, w, h, fill, edge) => {
    ctx.beginPath(); ctx.roundRect(x, y, w, h, 2); ctx.fillStyle = fill; ctx.fill();
    if (edge) { ctx.lineWidth = 1; ctx.strokeStyle = edge; ctx.stroke(); }
  };

  /* Callout of a site: leader, box, title and a row for each unit; (dx, dy) is the box's corner from the site. */
  const callout = (ctx, c) => {
    ctx.save();
    const cx = Math.max(c.dx, Math.min(0, c.dx + c.w));
    const cy = Math.max(c.dy, Math.min(0, c.dy + c.h));
    ctx.strokeStyle = tok('text3'); ctx.lineWidth = 1;
    ctx.beginPath(); ctx.moveTo(0, 0); ctx.lineTo(cx, cy); ctx.stroke();
    ctx.globalAlpha = 0.94; chip(ctx, c.dx + 0.5, c.dy + 0.5, c.w, c.h, tok('panel'), tok('line2')); ctx.globalAlpha = 1;
    ctx.textAlign = 'left'; ctx.textBaseline = 'middle';
    ctx.fillStyle = tok('text2'); ctx.font = `11.5px ${FONT}`;
    ctx.fillText(c.title, c.dx + 7, c.dy + 11);
    (c.rows || []).forEach((row, k) => {
      const y = c.dy + 29 + k * 18;
      if (row.plan) { ctx.fillStyle = tok('plan'); ctx.fillRect(c.dx + 1, y - 8, 3, 16); }
      if (row.kind) {
        ctx.save(); ctx.translate(c.dx + 16, y); unit(ctx, row.kind, row.status, 15, {ground: tok('panel'), halo: false}); ctx.restore();
      }
      ctx.fillStyle = row.kind ? tok('text') : tok('text3'); ctx.font = `12px ${FONT}`;
      ctx.textAlign = 'left'; ctx.textBaseline = 'middle';
      ctx.fillText(row.words, c.dx + (row.kind ? 28 : 8), y + 0.5);
    });
    ctx.restore();
  };

  /* Forces at one site in one line: a small symbol and a count for each kind; no box, the ground shows. */
  const stack = (ctx, c) => {
    ctx.save();
    let x = c.dx;
    const y = c.dy + c.h / 2;
    for (const row of c.rows || []) {
      ctx.save(); ctx.translate(x + 8, y); unit(ctx, row.kind, row.status, 15, {ground: tok(c.ground)}); ctx.restore();
      if (row.count > 1) {
        ctx.font = `11px ${FONT}`; ctx.textAlign = 'left'; ctx.textBaseline = 'middle';
        ctx.lineJoin = 'round'; ctx.lineWidth = 3; ctx.strokeStyle = tok(c.ground); ctx.globalAlpha = 0.85;
        ctx.strokeText(String(row.count), x + 17, y + 0.5); ctx.globalAlpha = 1;
        ctx.fillStyle = tok('text2'); ctx.fillText(String(row.count), x + 17, y + 0.5);
      }
      x += row.count > 1 ? 19 + 7 * String(row.count).length : 19;
    }
    ctx.restore();
  };

  const cross = (ctx, r) => {
    ctx.save();
    ctx.beginPath(); ctx.arc(0, 0, r, 0, TAU); ctx.fillStyle = tok('sea'); ctx.fill();
    ctx.strokeStyle = tok('red'); ctx.lineWidth = 1.8; ctx.stroke();
    const d = r * 0.45; ctx.stroke(path(`M${-d},${-d}L${d},${d}M${-d},${d}L${d},${-d}`));
    ctx.restore();
  };

  /* What the map's markers call: the columns of row i of a Bokeh source. */
  const at = (source, name, i) => { const column = source.data[name]; return column === undefined ? undefined : column[i]; };
  const rows = (source, i) => { try { return JSON.parse(at(source, 'rows', i)); } catch (fault) { return []; } };
  const boxOf = (source, i) => ({dx: at(source, 'dx', i), dy: at(source, 'dy', i), w: at(source, 'w', i), h: at(source, 'h', i),
    title: at(source, 'title', i), ground: at(source, 'ground', i) || 'sea', rows: rows(source, i)});
  const MARKS = {
    unit: (ctx, source, i, r) => {
      unit(ctx, at(source, 'symbol', i), at(source, 'form', i), 24, {ground: tok(at(source, 'ground', i) || 'sea')});
      if (at(source, 'selected', i)) ring(ctx, 17);
    },
    incident: (ctx, source, i, r) => {
      incident(ctx, at(source, 'priority', i), at(source, 'selected', i) ? 27 : 24, {closed: at(source, 'closed', i), ground: tok(at(source, 'ground', i) || 'sea')});
      if (at(source, 'selected', i)) ring(ctx, 20);
    },
    site: (ctx, source, i, r) => site(ctx, at(source, 'site_kind', i), at(source, 'state', i), 2 * r, {ground: tok(at(source, 'ground', i) || 'sea')}),
    forces: (ctx, source, i) => (at(source, 'look', i) === 'callout' ? callout : stack)(ctx, boxOf(source, i)),
    cross: (ctx, source, i, r) => cross(ctx, r),
  };
  const mark = (name, ctx, source, i, r) => {
    ctx.save();
    try { MARKS[name](ctx, source, i, r); } catch (fault) { console.warn('marker', name, fault.message); }
    ctx.restore();
  };

  /* Symbols in tables. Each draws on a canvas of its own, once it comes into sight (most rows of a long table never
   * do, and canvases are dear), and is drawn again when the theme changes. */
  const drawn = new Set();
  const sight = new IntersectionObserver((entries) => {
    for (const {target, isIntersecting} of entries) {
      if (isIntersecting) { sight.unobserve(target); drawn.add(target); target.paint(); }
    }
  }, {rootMargin: '120px'});
  class Drawn extends HTMLElement {
    connectedCallback() {
      const size = (Number(this.getAttribute('size')) || 17) + 'px';
      Object.assign(this.style, {display: 'inline-block', verticalAlign: 'middle', lineHeight: '0', width: size, height: size});
      sight.observe(this);
    }
    disconnectedCallback() { sight.unobserve(this); drawn.delete(this); }
    attributeChangedCallback() { if (drawn.has(this)) this.paint(); }
    paint() {
      const size = Number(this.getAttribute('size')) || 17;
      this.style.width = this.style.height = size + 'px';
      const ratio = Math.max(1, window.devicePixelRatio || 1);
      if (!this.canvas) {
        this.canvas = document.createElement('canvas');
        this.canvas.style.cssText = 'display:block';
        this.replaceChildren(this.canvas);
        if (!this.hasAttribute('aria-label')) this.setAttribute('aria-hidden', 'true');
      }
      this.canvas.width = Math.round(size * ratio); this.canvas.height = Math.round(size * ratio);
      this.canvas.style.width = this.canvas.style.height = size + 'px';
      const ctx = this.canvas.getContext('2d');
      ctx.scale(ratio, ratio); ctx.translate(size / 2, size / 2);
      try { this.draw(ctx, size); } catch (fault) { console.warn('symbol', fault.message); }
    }
  }
  const define = (name, attributes, draw) => {
    if (customElements.get(name)) return;
    customElements.define(name, class extends Drawn {
      static get observedAttributes() { return attributes; }
      draw(ctx, size) { draw(ctx, size, (key, other) => this.getAttribute(key) || other); }
    });
  };
  const PLAIN = () => ({ground: tok('panel'), halo: false});
  define('pt-sym', ['kind', 'status', 'size', 'selected'], (ctx, size, attr) => {
    unit(ctx, attr('kind', 'group'), attr('status', 'available'), attr('selected') ? size * 0.72 : size, PLAIN());
    if (attr('selected')) ring(ctx, size / 2 - 1.5);
  });
  define('pt-inc', ['p', 'size', 'closed'], (ctx, size, attr) =>
    incident(ctx, attr('p', '4'), size, {closed: attr('closed') === '1' || attr('closed') === 'true', ground: tok('panel')}));
  define('pt-site', ['kind', 'state', 'size'], (ctx, size, attr) => site(ctx, attr('kind', 'pier'), attr('state', 'open'), size, PLAIN()));

  /* The scale bar: the map's ranges call PTMAP.scale(metres of ground in a pixel) at every change. */
  const bars = new Set();
  let ground = 0;
  const NM = 1852;
  const scaleWords = (nm) => {
    const km = nm * NM / 1000;
    const m = km < 1 ? `${Math.round(km * 1000)} m` : `${km < 10 ? km.toFixed(1) : Math.round(km)} km`;
    return `${nm} nm · ${m}`;
  };
  if (!customElements.get('pt-scale')) {
    customElements.define('pt-scale', class extends HTMLElement {
      connectedCallback() { bars.add(this); this.paint(); }
      disconnectedCallback() { bars.delete(this); }
      paint() {
        if (!ground) return;
        const most = (Number(this.getAttribute('max')) || 120) * ground / NM;
        let nm = 0.05;
        for (const step of [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]) if (step <= most) nm = step;
        const px = Math.round(nm * NM / ground);
        this.innerHTML = `<i style="display:inline-block;box-sizing:border-box;width:${px}px;height:6px;border:1.5px solid var(--text2);border-top:0"></i>`
          + `<span style="margin-left:6px">${scaleWords(nm)}</span>`;
      }
    });
  }
  const scale = (metres) => {
    if (!(metres > 0) || Math.abs(metres - ground) < 1e-9 * metres) return;
    ground = metres;
    for (const bar of bars) bar.paint();
  };

  window.PTSYM = {unit, incident, site, ring, callout, stack, cross, mark, readTokens, KINDS: Object.keys(KINDS), FORMS};
  window.PTMAP = {scale, get metresPerPixel() { return ground; }};

  /* After the theme's variables changed: fetch them, draw tables' symbols and the maps' markers again. */
  window.ptRepaint = () => {
    readTokens();
    for (const element of drawn) element.paint();
    for (const doc of (window.Bokeh && window.Bokeh.documents) || []) {
      for (const model of doc._all_models ? doc._all_models.values() : []) {
        if (model.type === 'Scatter') model.change.emit();
      }
    }
  };
  /* A tip for each thing under the pointer would pile up: the first, which is the topmost thing's, is enough. */
  const oneTip = document.createElement('style');
  oneTip.textContent = '.bk-Tooltip ~ .bk-Tooltip{display:none!important}';
  document.head.append(oneTip);
  readTokens();
})();
