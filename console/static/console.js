/* The page's own script: regions, acts, keys, timers, and the watch for a stale screen. Words come from the server. */
(() => {
  'use strict';
  const start = window.tongzhouStart;
  const frame = document.getElementById('frame');
  const byId = (id) => document.getElementById(id);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(start.sheet);
  const mapSheet = new CSSStyleSheet();
  mapSheet.replaceSync(start.map_sheet);
  const cutoffSheet = new CSSStyleSheet();
  cutoffSheet.replaceSync(start.cutoff_sheet);
  const sheetsOf = {map: [mapSheet], cutoff: [sheet, cutoffSheet]};

  /* ---- the server's clock ---- */
  const beat = {worldMs: start.world_ms, speed: start.speed, at: performance.now(), heard: performance.now(), frozen: start.frozen};
  const worldNow = () => beat.worldMs + (beat.frozen ? 0 : (performance.now() - beat.at) * beat.speed);

  /* ---- timers: one interval for all of them ---- */
  const ticking = new Set();
  class Ticking extends HTMLElement {
    connectedCallback() { ticking.add(this); this.tick(worldNow()); }
    disconnectedCallback() { ticking.delete(this); }
  }
  const span = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s >= 172800) return `${Math.floor(s / 86400)} d`;
    const two = (n) => String(n).padStart(2, '0');
    const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  customElements.define('pt-timer', class extends Ticking {
    tick(now) {
      const {at, kind, limit, left = '{t}', over = '+{t}', warn = '60000'} = this.dataset;
      if (kind === 'up') {
        write(this, span(now - at));
        return;
      }
      const ms = (limit || at) - now;
      const state = ms < 0 ? 'late' : ms <= warn ? 'soon' : 'ok';
      if (this.dataset.state !== state) this.dataset.state = state;
      write(this, (ms < 0 ? over : left).replace('{t}', span(Math.abs(ms))));
    }
  });
  const formats = {};
  customElements.define('pt-clock', class extends Ticking {
    tick(now) {
      const zone = this.dataset.form === 'utc' ? 'UTC' : this.dataset.tz;
      formats[zone] ||= new Intl.DateTimeFormat('en-GB', {timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});
      write(this, formats[zone].format(now));
    }
  });
  customElements.define('pt-lamp', class extends Ticking {
    tick() {
      const age = performance.now() - beat.heard;
      const stale = age > start.stale_ms;
      if (this.dataset.state !== (stale ? 'stale' : 'ok')) this.dataset.state = stale ? 'stale' : 'ok';
      write(this, (stale ? this.dataset.stale : this.dataset.words || '{t}').replace('{t}', `${(age / 1000).toFixed(1)} s`));
    }
  });
  setInterval(() => { const now = worldNow(); for (const one of ticking) one.tick(now); watch(); showHealth(); }, 500);

  /* ---- regions: new HTML is merged into the old, so that focus, scroll and typing stay ---- */
  const keyOf = (node) => node.nodeType === 1 ? node.getAttribute('data-key') || node.id || null : null;
  const marks = (element) => [...element.attributes].filter((a) => a.name !== 'data-state').map((a) => `${a.name}=${a.value}`).join('\n');
  const mergeAttributes = (old, fresh) => {
    for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const {name, value} of [...fresh.attributes]) {
      if (old.getAttribute(name) === value) continue;
      old.setAttribute(name, value);
      if (name === 'value' && 'value' in old) old.value = value;
      if (name === 'checked') old.checked = true;
    }
    if (old.type === 'checkbox' && !fresh.hasAttribute('checked')) old.checked = false;
  };
  const merge = (parent, fresh) => {
    const kept = new Map();
    for (const child of parent.childNodes) if (keyOf(child)) kept.set(keyOf(child), child);
    let at = parent.firstChild;
    for (const want of [...fresh.childNodes]) {
      const key = keyOf(want);
      let have = key ? kept.get(key) : at;
      if (!key && have && keyOf(have)) have = null;
      const same = have && have.nodeType === want.nodeType && have.nodeName === want.nodeName;
      if (!same) { parent.insertBefore(document.importNode(want, true), at); continue; }
      if (have !== at) parent.insertBefore(have, at); else at = at.nextSibling;
      if (want.nodeType !== 1) { if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue; continue; }
      if (want.nodeName.includes('-')) {
        if (marks(have) !== marks(want)) have.replaceWith(document.importNode(want, true));
        continue;
      }
      mergeAttributes(have, want);
      merge(have, want);
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  };
  customElements.define('tz-view', class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const first = this.innerHTML;
      this.textContent = '';
      const root = this.attachShadow({mode: 'open'});
      root.adoptedStyleSheets = sheetsOf[this.dataset.sheet] || [sheet];
      this.host = document.createElement('div');
      this.host.className = 'host';
      this.host.style.cssText = 'height:100%;min-height:0';
      root.append(this.host);
      for (const name of ['change', 'submit', 'keydown']) root.addEventListener(name, (event) => listen[name](event));
      this.show(first);
    }
    show(html) {
      const template = document.createElement('template');
      template.innerHTML = html;
      merge(this.host, template.content);
    }
  });
  const inView = (id, selector) => byId(id).shadowRoot && byId(id).shadowRoot.querySelector(selector);

  /* ---- acts ---- */
  let channel = null;
  const waiting = [];
  const send = (message) => { if (channel) channel.send(message); else waiting.push(message); };
  /* A press has an id of its own, and is kept until the server says it was heard: sent again, it is done once. */
  const RESEND_MS = 10000;
  const unheard = new Map();
  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, '0')).join('');
  const pressed = (message) => {
    const command_id = newId();
    unheard.set(command_id, {message: {...message, command_id}, at: performance.now()});
    send({...message, command_id});
  };
  const resend = () => {
    for (const [id, {message, at}] of unheard) {
      if (performance.now() - at < RESEND_MS) { send(message); continue; }
      unheard.delete(id);  // an old press must not act on a picture that has changed
      toast({text: start.words.lost[frame.dataset.language], kind: 'refused'});
    }
  };
  const fieldsOf = (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const act = (element, more) => {
    const message = {};
    for (const [name, value] of Object.entries(element.dataset)) message[name] = value;
    delete message.key;
    if (element.type === 'range') send({...message, ...more}); else pressed({...message, ...more});
  };
  const pathElement = (event, matches) => event.composedPath().find((one) => one instanceof Element && matches(one));
  const isTyping = (element) => element && (element.matches('textarea,select,[contenteditable]') ||
    (element.matches('input') && !['checkbox', 'radio', 'button', 'range'].includes(element.type)));
  const listen = {
    click(event) {
      const fold = event.detail > 0 && pathElement(event, (one) => one.matches('summary'));
      if (fold) fold.blur();
      const element = pathElement(event, (one) => one.dataset && one.dataset.act);
      if (!element || element.matches('form,select,textarea') || element.disabled) return;
      if (element.matches('input')) {
        if (['checkbox', 'radio'].includes(element.type)) act(element, {checked: element.checked, value: element.dataset.value ?? element.value});
        return;
      }
      if (element.type === 'submit' && element.form) return;
      if (event.detail > 0) element.blur();  // after a press by mouse, Enter is the page's again: accept
      if (element.dataset.act === 'command-complete') { fillCommand(element.dataset.value); return; }
      act(element);
    },
    change(event) {
      const element = pathElement(event, (one) => one.dataset && one.dataset.act);
      if (element && element.matches('select,textarea,input') && !['checkbox', 'radio', 'range'].includes(element.type) && element.dataset.act !== 'command') {
        act(element, {value: element.value});
      }
    },
    submit(event) {
      const form = pathElement(event, (one) => one.matches('form[data-act]'));
      if (!form) return;
      event.preventDefault();
      act(form, {...fieldsOf(form), ...(event.submitter ? event.submitter.dataset : {})});
    },
    input(event) {
      const element = pathElement(event, (one) => one.dataset && one.dataset.act);
      if (!element) return;
      if (element.type === 'range') soon('range', 40, () => act(element, {value: Number(element.value)}));
      if (element.dataset.act === 'command') soon('command', 60, () => send({act: 'command-complete', value: element.value}));
      if (element.dataset.act === 'unit-search') soon('search', 120, () => act(element, {value: element.value}));
    },
    keydown(event) {
      const element = pathElement(event, (one) => one.matches('input[data-act=command]'));
      if (!element) return;
      event.stopPropagation();
      const ghost = inView('command', '.ghost');
      if (event.key === 'Enter' && !event.isComposing && element.value.trim()) {
        clearTimeout(timers.command);  // nothing is left to complete
        pressed({act: 'command', value: element.value});
        element.select();  // a refused line stays to be mended, or is typed over
        event.preventDefault();
      } else if (event.key === 'Tab' && !event.shiftKey && ghost && ghost.textContent) {
        fillCommand(ghost.textContent);
        event.preventDefault();
      } else if (event.key === 'Escape') {
        element.value = '';
        send({act: 'command-complete', value: ''});
        element.blur();
      }
    },
  };
  const timers = {};
  const soon = (name, ms, call) => { clearTimeout(timers[name]); timers[name] = setTimeout(call, ms); };
  const commandLine = () => inView('command', 'input[data-act=command]');
  const fillCommand = (value) => {
    const line = commandLine();
    if (!line) return;
    line.value = value;
    line.focus();
    line.setSelectionRange(value.length, value.length);
    send({act: 'command-complete', value});
  };
  document.addEventListener('click', listen.click);
  document.addEventListener('input', listen.input);
  /* What is cut short says itself whole when pointed at. */
  document.addEventListener('mouseover', (event) => {
    const cut = pathElement(event, (one) => one.matches('.cut, .words, th, td, .section, .facts, .dim'));
    if (!cut || (cut.title && !cut.dataset.whole)) return;
    const whole = cut.scrollWidth > cut.clientWidth + 1 || cut.scrollHeight > cut.clientHeight + 6;
    if (whole) { cut.title = cut.textContent.trim(); cut.dataset.whole = '1'; } else if (cut.dataset.whole) { cut.removeAttribute('title'); delete cut.dataset.whole; }
  });

  byId('show-reasons').addEventListener('click', () => {
    byId('show-reasons').setAttribute('aria-pressed', String(frame.classList.toggle('show-reasons')));
  });

  /* ---- keys: every one presses a button that is on the screen ---- */
  const press = (selector) => {
    for (const id of ['drawer', 'plan', 'case', 'queue', 'main', 'side', 'alarms', 'slider', 'command', 'band-top']) {
      if (!byId(id).getClientRects().length) continue;  // a region of another view is not on the screen
      const found = inView(id, selector);
      if (found && !found.disabled) { found.click(); return true; }
    }
    return false;
  };
  const walkRows = (step) => {
    const rows = [...byId('main').shadowRoot.querySelectorAll('[data-walk]')];
    if (!rows.length) return;
    const at = rows.indexOf(byId('main').shadowRoot.activeElement);
    const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
    row.focus();
    row.scrollIntoView({block: 'nearest'});
  };
  const walk = (step) => {
    if (frame.dataset.view !== 'operate') { walkRows(step); return; }
    const rows = [...byId('queue').shadowRoot.querySelectorAll('[data-act=select-incident]')];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.getAttribute('aria-pressed') === 'true');
    const row = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    row.focus();
    row.scrollIntoView({block: 'nearest'});
    row.click();
  };
  const orderMove = (place) => press(`[data-act=order-move][data-place="${place}"]`);
  const KEYS = {
    '/': () => { const line = commandLine(); if (line) { if (!line.value) line.value = '/'; line.focus(); line.setSelectionRange(99, 99); } },
    1: () => press('[data-act=choose-alternative][data-value=fastest]') || orderMove(1),
    2: () => press('[data-act=choose-alternative][data-value=balanced]') || orderMove(2),
    3: () => press('[data-act=choose-alternative][data-value=keep_cover]') || orderMove(3),
    4: () => press('[data-act=choose-alternative][data-value=fewest_craft]') || orderMove(4),
    ...Object.fromEntries([5, 6, 7, 8, 9].map((place) => [place, () => orderMove(place)])),
    p: () => press('[data-act=plan]') || press('[data-act=study-anew]'),
    d: () => press('[data-act=drawer][data-value=nearest]'),
    e: () => press('[data-act=drawer][data-value=change]'),
    r: () => press('[data-act=drawer][data-value=reject]') || press('[data-act=reject]'),
    z: () => press('[data-act=refit]'),
    n: () => press('[data-act=new-incident]') || send({act: 'new-incident'}),  // a call may come on any page
    a: () => press('[data-act=ack-alarm]'),
    v: () => press('[data-act=approve][data-keyed]'),
    u: () => { const undo = document.querySelector('#toast [data-act=undo]'); if (undo) undo.click(); else press('[data-act=undo]'); },
    t: () => press('[data-act=theme]'),
    w: () => byId('show-reasons').click(),
    '?': () => send({act: 'drawer', value: 'help'}),
    F1: () => send({act: 'replay-live'}),
    F3: () => send({act: 'view', value: 'isolation'}),
    F4: () => send({act: 'view', value: 'evacuation'}),
    F6: () => send({act: 'replay-seek', value: Math.round(worldNow())}),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    Enter: () => press('[data-act=accept]'),
    Escape: () => send({act: 'drawer', value: ''}),
  };
  document.addEventListener('keydown', (event) => {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(target) && event.key !== 'Escape' && !/^F\d/.test(event.key)) return;
    if (event.key === 'Enter' && target instanceof Element && target.matches('button,a,summary,[role=button]')) {
      if (!target.matches('[data-act=select-incident]')) return;
    }
    if (target instanceof Element && target.matches('input[type=range]') && event.key.startsWith('Arrow')) return;
    if (event.key === 'Escape' && isTyping(target)) target.blur();
    const run = KEYS[event.key] || KEYS[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  });

  /* ---- trouble with the store: the server says so in a band, and since when ---- */
  const health = {trouble: null, from: 0};
  const showHealth = () => {
    const band = byId('health'), {trouble} = health;
    frame.classList.toggle('has-health', Boolean(trouble));
    band.hidden = !trouble;
    if (!trouble) return;
    band.dataset.state = trouble.state;
    write(band, trouble.words.replace('{t}', Math.floor((performance.now() - health.from) / 1000)));
  };

  /* ---- what the server says ---- */
  const toast = ({text, kind, undo, undo_s: undoS}) => {
    const line = document.createElement('div');
    line.className = `line ${kind || 'info'}`;
    const words = document.createElement('span');
    words.textContent = text;
    line.append(words);
    if (undo) {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset.act = 'undo';
      button.dataset.id = undo;
      button.textContent = start.words.undo[frame.dataset.language];
      const key = document.createElement('kbd');
      key.textContent = 'U';
      button.append(key);
      button.addEventListener('click', () => line.remove());
      line.append(button);
    }
    const all = byId('toast');
    all.append(line);
    while (all.children.length > 4) all.firstChild.remove();
    setTimeout(() => line.remove(), undo ? undoS * 1000 : kind === 'answer' ? 30000 : kind === 'refused' ? 9000 : 5000);
  };
  const said = {
    views({html}) { for (const [id, text] of Object.entries(html)) { const view = byId(id); if (view) view.show(text); } },
    beat({world_ms: worldMs, speed, frozen}) {
      Object.assign(beat, {worldMs, speed, frozen, at: performance.now(), heard: performance.now()});
      watch();
    },
    frame({theme, language, mode, drawer, view, title, health: trouble, health_age_s: ageS}) {
      const html = document.documentElement;
      if (html.dataset.theme !== theme) {
        html.dataset.theme = theme;
        if (window.PTSYM && window.PTSYM.readTokens) window.PTSYM.readTokens();
        if (window.ptRepaint) window.ptRepaint();
      }
      html.lang = language === 'zh' ? 'zh-CN' : 'en';
      frame.dataset.language = language;
      frame.dataset.mode = mode;
      frame.dataset.view = view;
      write(byId('show-reasons').firstElementChild, start.words.reasons[language]);
      document.title = title;
      Object.assign(health, {trouble, from: performance.now() - ageS * 1000});
      showHealth();
      const was = byId('drawer').classList.contains('open');
      byId('drawer').classList.toggle('open', Boolean(drawer));
      if (drawer && !was) setTimeout(() => { const first = inView('drawer', 'input,select,textarea') || inView('drawer', 'button'); if (first) first.focus(); }, 60);
    },
    toast,
    heard({id}) { unheard.delete(id); },
    command({value}) { const line = commandLine(); if (line) { line.value = value; if (!value) line.blur(); } },
    focus({view, selector}) { const found = inView(view, selector); if (found) found.focus(); },
    reload() { location.reload(); },
  };
  window.tongzhou = {send, worldNow};

  /* Only a live login gets the page's files: when it has ended, the picture goes from the screen at once. */
  const startAnew = () => { if (unheard.size) sessionStorage.setItem('tongzhou-lost', '1'); location.reload(); };
  const leaveIfEnded = () => fetch('/assets/symbols.js', {cache: 'no-store'}).then((answer) => { if (answer.status === 401) startAnew(); }).catch(() => {});

  /* ---- the channel: messages of the Bokeh document, there as soon as its session is ---- */
  const CHANNEL = 'tongzhou';
  const attach = () => {
    const doc = window.Bokeh && window.Bokeh.documents[0];
    if (!doc) { setTimeout(attach, 20); return; }
    const {MessageSentEvent} = window.Bokeh.require('document/events');
    doc.on_message(CHANNEL, (message) => { const handle = said[message.type]; if (handle) handle(message); });
    channel = {send: (message) => doc._trigger_on_change(new MessageSentEvent(doc, CHANNEL, message))};
    send({act: 'ready'});
    doc.on_event('client_reconnected', () => { send({act: 'ready'}); resend(); });
    doc.on_event('connection_lost', leaveIfEnded);
    for (const message of waiting.splice(0)) send(message);
  };
  attach();
  if (sessionStorage.getItem('tongzhou-lost')) {
    sessionStorage.removeItem('tongzhou-lost');
    toast({text: start.words.lost[frame.dataset.language], kind: 'refused'});
  }

  /* ---- a stale screen is a safety fault: say so, and come back by itself ---- */
  let asking = false, answeredSince = null;
  const watch = () => {
    const age = performance.now() - beat.heard;
    const stale = age > start.stale_ms;
    frame.classList.toggle('is-stale', stale);
    const band = byId('stale');
    band.hidden = !stale;
    if (!stale) { answeredSince = null; return; }
    band.textContent = start.words.stale[frame.dataset.language].replace('{t}', Math.floor(age / 1000));
    if (asking) return;
    asking = true;
    fetch('/api/health', {cache: 'no-store'}).then((answer) => {
      if (!answer.ok) { answeredSince = null; return; }
      answeredSince ??= performance.now();
      if (performance.now() - answeredSince > 1500) startAnew();
    }).catch(() => { answeredSince = null; }).finally(() => setTimeout(() => { asking = false; }, 800));
  };
})();
