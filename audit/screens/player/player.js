// The player of a case: one sound, one transcript, one list of findings, kept in step here without asking Python.
// Python hears only of deeds: a verdict, a note, a correction, the first play, the next case.

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const el = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
};
const clock = (s) => (s === null || s === undefined || Number.isNaN(s) ? "–" : `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`);
const typing = (target) => target && target.closest && target.closest("input:not([type=range]), textarea, select, [contenteditable=true]");

class Player {
  constructor(root) {
    this.root = root;
    this.audio = new Audio();
    this.audio.preservesPitch = true;
    this.speed = 1;
    this.volume = 1;
    this.loop = false;
    this.draft = "";
    this.asking = null;
    this.editing = null;
    this.call = null;
    this.tick = () => {
      this.step();
      this.frame = this.audio.paused ? 0 : requestAnimationFrame(this.tick);
    };
    this.audio.addEventListener("play", () => { this.drawBar(); this.frame = requestAnimationFrame(this.tick); });
    this.audio.addEventListener("pause", () => { this.drawBar(); this.step(); });
    this.audio.addEventListener("seeked", () => this.step());
    this.onSound = () => this.takeSound();
    this.onKey = (event) => this.key(event);
    this.onSize = () => this.drawWave();
    document.addEventListener("audit-sound", this.onSound);
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("resize", this.onSize);
  }

  end() {
    this.audio.pause();
    cancelAnimationFrame(this.frame);
    document.removeEventListener("audit-sound", this.onSound);
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("resize", this.onSize);
  }

  // --- data ---------------------------------------------------------------------------------------------
  take(scene, tell) {
    this.tell = (name, values = {}) => tell({ name, n: Date.now(), ...values });
    const fresh = scene.call !== this.call;
    const drawn = JSON.stringify(scene);
    if (drawn === this.drawn && !this.after) {
      this.root.querySelectorAll(".pl-corrected[role=status]").forEach((node) => node.remove());
      return;
    }
    this.drawn = drawn;
    this.scene = scene;
    this.t = scene.texts;
    if (fresh) {
      this.audio.pause();
      this.call = scene.call;
      this.asking = this.editing = null;
      this.draft = "";
      this.reported = false;
      this.volume = scene.gentle ? 0.35 : 1;
      const open = scene.findings.findIndex((one) => this.waits(one));
      const asked = scene.findings.findIndex((one) => one.id === scene.selected);
      this.at = asked >= 0 ? asked : open >= 0 ? open : scene.findings.length ? 0 : -1;
      this.place = null;
    } else if (this.after) {
      // A verdict came back: go on to the next finding that waits.
      const next = this.nextWaiting(this.at);
      if (next >= 0) this.at = next;
    }
    this.after = false;
    this.draw();
    this.takeSound();
    if (fresh) this.showTurn();
  }

  waits(one) {
    return one.counts && (!one.verdict || (one.needsSecond && one.by !== this.scene.me));
  }

  nextWaiting(from) {
    const all = this.scene.findings;
    for (let i = 1; i <= all.length; i++) {
      const at = (from + i) % all.length;
      if (this.waits(all[at])) return at;
    }
    return -1;
  }

  takeSound() {
    const held = window.__auditSound || {};
    const mine = this.scene.sound;
    if (!mine || held.key !== mine.key || !held.url) return;
    if (this.audio.dataset.key !== mine.key) {
      this.audio.dataset.key = mine.key;
      this.audio.src = held.url;
      this.audio.playbackRate = this.speed;
      this.audio.volume = this.volume;
      const first = this.current();
      if (this.place !== null) this.seek(this.place);
      else if (first && first.start !== null) this.seek(Math.max(mine.start, first.start - 1));
    }
  }

  current() { return this.scene.findings[this.at]; }
  now() { return this.scene.sound ? this.scene.sound.start + this.audio.currentTime : 0; }

  // --- moving -------------------------------------------------------------------------------------------
  seek(seconds) {
    const sound = this.scene.sound;
    if (!sound) return;
    if (seconds < sound.start - 0.5 || seconds > sound.end + 0.5) {
      this.place = seconds;
      this.tell("window", { at: seconds });
      return;
    }
    this.audio.currentTime = Math.max(0, seconds - sound.start);
    this.place = seconds;
    this.step();
  }

  toggle() {
    if (!this.scene.sound) return;
    if (this.audio.paused) {
      if (!this.reported) { this.reported = true; this.tell("played"); }
      this.audio.play();
    } else this.audio.pause();
  }

  select(at, hear) {
    const all = this.scene.findings;
    if (!all.length) return;
    this.at = (at + all.length) % all.length;
    this.asking = null;
    this.draw();
    this.showTurn();
    const one = this.current();
    if (one.start !== null && this.scene.sound) {
      this.seek(Math.max(0, one.start - 1));
      if (hear && this.audio.paused) this.toggle();
    }
  }

  showTurn() {
    const one = this.current();
    const turn = one && one.turn !== null ? this.root.querySelector(`[data-turn="${one.turn}"]`) : null;
    this.bring(turn);
    const card = this.root.querySelector(".pl-card[aria-current=true]");
    if (card) card.scrollIntoView({ block: "nearest" });
  }

  bring(turn) {
    const box = this.root.querySelector(".pl-talk");
    if (!turn || !box) return;
    const top = turn.offsetTop - box.offsetTop;
    if (top < box.scrollTop || top + turn.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
  }

  step() {
    if (!this.scene || !this.scene.sound) return;
    const now = this.now();
    if (this.audio.dataset.key === this.scene.sound.key) this.place = now;
    const one = this.current();
    if (this.loop && one && one.end !== null && !this.audio.paused && now > one.end + 0.6) {
      this.audio.currentTime = Math.max(0, one.start - 0.6 - this.scene.sound.start);
      return;
    }
    const time = this.root.querySelector(".pl-time");
    if (time) time.textContent = `${clock(now)} / ${clock(this.scene.duration || this.scene.sound.end)}`;
    const wave = this.root.querySelector(".pl-wave");
    if (wave) wave.setAttribute("aria-valuenow", Math.round(now));
    this.drawWave();
    let spoken = null;
    for (const piece of this.pieces || []) if (piece.s <= now + 0.02 && now < piece.e + 0.06) { spoken = piece; break; }
    if (spoken !== this.spoken) {
      if (this.spoken) this.spoken.node.classList.remove("pl-spoken");
      if (spoken) spoken.node.classList.add("pl-spoken");
      this.spoken = spoken;
    }
    const turn = this.scene.turns.find((one) => one.start !== null && one.start <= now + 0.05 && now <= one.end + 0.3);
    const index = turn ? turn.i : null;
    if (index !== this.turn) {
      this.root.querySelectorAll(".pl-turn.pl-now").forEach((node) => node.classList.remove("pl-now"));
      const node = index === null ? null : this.root.querySelector(`[data-turn="${index}"]`);
      if (node) { node.classList.add("pl-now"); if (!this.audio.paused) this.bring(node); }
      this.turn = index;
    }
  }

  // --- deeds --------------------------------------------------------------------------------------------
  verdict(kind) {
    const one = this.current();
    if (!one || !this.scene.may.decide || !one.counts) return;
    if (one.verdict === kind && one.by === this.scene.me) return;
    if (kind === "dismissed" && !this.asking) { this.asking = one.id; this.drawCards(); return; }
    this.send(kind, "");
  }

  send(kind, reason) {
    const one = this.current();
    const note = [reason, this.draft.trim()].filter(Boolean).join(": ");
    this.asking = null;
    this.draft = "";
    this.after = true;
    this.tell("verdict", { finding: one.id, verdict: kind, note });
    this.root.querySelectorAll(".pl-card[aria-current=true]").forEach((node) => node.classList.add("au-pressed"));
  }

  undo() {
    const one = this.current();
    if (one && one.verdict && this.scene.may.decide) this.tell("undo", { finding: one.id });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.root.isConnected) return;
    if (event.key === "Escape" && typing(event.target) && this.root.contains(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || document.querySelector("[data-testid=stDialog], [role=dialog][aria-modal=true]")) return;
    if (this.asking) {
      const reason = this.scene.reasons[Number(event.key) - 1];
      if (reason) this.send("dismissed", reason[0]);
      else if (event.key === "Enter") this.send("dismissed", "");
      else if (event.key === "Escape") { this.asking = null; this.drawCards(); }
      else return;
      event.preventDefault();
      return;
    }
    const map = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.seek(this.now() - 3),
      ArrowRight: () => this.seek(this.now() + 3),
      n: () => this.select(this.at + 1, false),
      p: () => this.select(this.at - 1, false),
      Enter: () => this.select(this.at, true),
      l: () => { this.loop = !this.loop; this.drawBar(); },
      c: () => this.verdict("confirmed"),
      d: () => this.verdict("dismissed"),
      e: () => this.verdict("escalated"),
      u: () => this.undo(),
      m: () => { const box = this.root.querySelector(".pl-notebox textarea"); if (box) box.focus(); },
      j: () => this.tell("go", { to: "next" }),
      k: () => this.tell("go", { to: "previous" }),
      "+": () => this.setSpeed(1),
      "-": () => this.setSpeed(-1),
      "?": () => { const help = this.root.querySelector(".pl-help"); help.hidden = !help.hidden; },
      Escape: () => { this.root.querySelector(".pl-help").hidden = true; },
    };
    const run = map[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!run) return;
    if ((event.key === "Enter" || event.key === " ") && event.target !== document.body && event.target.closest && event.target.closest("button, a, summary")) return;
    event.preventDefault();
    run();
  }

  setSpeed(by) {
    const at = Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.speed) + by));
    this.speed = SPEEDS[at];
    this.audio.playbackRate = this.speed;
    this.drawBar();
  }

  // --- drawing ------------------------------------------------------------------------------------------
  draw() {
    const t = this.t;
    const left = el("div", { class: "pl-left" });
    const sound = el("section", { class: "au-card", "aria-label": t.wave });
    if (this.scene.gentle) sound.append(el("p", { class: "pl-note-gentle" }, t.gentle));
    if (this.scene.sound) {
      const wave = el("div", { class: "pl-wave", role: "slider", tabindex: "0", "aria-label": t.wave, "aria-valuemin": "0", "aria-valuemax": Math.round(this.scene.sound.end), "aria-valuenow": "0",
        on: { click: (event) => this.seek(this.timeAt(event)) } }, el("canvas", { "aria-hidden": "true" }));
      sound.append(wave, el("div", { class: "pl-bar" }));
    } else sound.append(el("div", { class: "pl-nosound" }, this.scene.noSound));
    left.append(sound, el("section", { class: "au-card" }, el("header", {}, el("h2", {}, t.transcript), this.scene.masked ? el("p", {}, t.masked) : ""), this.drawTalk()));
    const right = el("div", { class: "pl-right" });
    const help = el("div", { class: "pl-help", hidden: true, on: { click: (event) => { if (event.target === help) help.hidden = true; } } }, this.drawHelp());
    this.root.replaceChildren(left, right, help);
    this.drawBar();
    this.drawCards();
    this.spoken = null;
    this.turn = undefined;
    this.step();
    requestAnimationFrame(() => this.drawWave());
  }

  drawBar() {
    const bar = this.root.querySelector(".pl-bar");
    if (!bar) return;
    const t = this.t;
    const button = (label, key, run, on) => el("button", { type: "button", class: "au-btn" + (on ? " pl-on" : ""), title: `${label} (${key})`, "aria-pressed": on === undefined ? null : String(!!on), on: { click: run } }, label);
    const play = button(this.audio.paused ? "▶ " + t.play : "❚❚ " + t.pause, t.keys, () => this.toggle());
    play.classList.add("pl-play", "au-btn-main");
    play.title = `${this.audio.paused ? t.play : t.pause} (Space)`;
    const speed = el("select", { "aria-label": t.speed, on: { change: (event) => { this.speed = Number(event.target.value); this.audio.playbackRate = this.speed; } } },
      ...SPEEDS.map((one) => el("option", { value: one, selected: one === this.speed }, `${one}×`)));
    const volume = el("input", { type: "range", min: 0, max: 1, step: 0.05, value: this.volume, "aria-label": t.volume, style: "width:76px", on: { input: (event) => { this.volume = Number(event.target.value); this.audio.volume = this.volume; } } });
    const help = el("button", { type: "button", class: "au-btn au-btn-plain", title: t.keymap, on: { click: () => { this.root.querySelector(".pl-help").hidden = false; } } }, el("kbd", {}, "?"), t.keys);
    bar.replaceChildren(play, button("−3 s", "←", () => this.seek(this.now() - 3)), button("+3 s", "→", () => this.seek(this.now() + 3)),
      button("‹ ⚑", "P", () => this.select(this.at - 1, true)), button("⚑ ›", "N", () => this.select(this.at + 1, true)),
      button("⟲ " + t.loop, "L", () => { this.loop = !this.loop; this.drawBar(); }, this.loop), speed, volume, el("span", { class: "pl-time" }, ""), help);
    bar.children[1].setAttribute("aria-label", t.back); bar.children[2].setAttribute("aria-label", t.forward);
    bar.children[3].setAttribute("aria-label", t.previousFlag); bar.children[4].setAttribute("aria-label", t.nextFlag);
  }

  drawTalk() {
    const box = el("div", { class: "pl-talk", tabindex: "0", role: "region", "aria-label": this.t.transcript });
    this.pieces = [];
    if (!this.scene.turns.length) box.append(el("p", { class: "au-soft" }, this.t.noTranscript));
    for (const turn of this.scene.turns) {
      const words = el("div", { class: "pl-words", lang: this.scene.spoken });
      for (const piece of turn.pieces) words.append(this.drawPiece(piece));
      if (this.editing === turn.i) words.append(this.drawEdit(turn));
      else if (turn.heard !== null && turn.heard !== undefined) {
        words.append(el("div", { class: "pl-corrected" }, `✎ ${this.t.corrected}${turn.by ? ` (${turn.by})` : ""} · ${this.t.heard.replace("{words}", turn.heard)} `,
          this.scene.may.decide ? el("button", { type: "button", class: "au-link", on: { click: () => this.correct(turn, "") } }, this.t.takeBack) : ""));
      } else if (turn.corrected) words.append(el("div", { class: "pl-corrected" }, `✎ ${turn.corrected} — ${this.t.corrected}`));
      const who = el("div", { class: `pl-who pl-${turn.who}` }, el("b", {}, turn.name),
        turn.start === null ? "" : el("button", { type: "button", title: this.t.search, on: { click: () => this.seek(turn.start) } }, clock(turn.start)));
      if (this.scene.may.decide) {
        who.append(" ", el("button", { type: "button", title: this.t.correct, "aria-label": this.t.correct, on: { click: () => { this.editing = turn.i; this.redrawTalk(); } } }, "✎"));
      }
      box.append(el("div", { class: "pl-turn", "data-turn": turn.i }, who, words));
    }
    return box;
  }

  redrawTalk() {
    const old = this.root.querySelector(".pl-talk");
    const top = old.scrollTop;
    old.replaceWith(this.drawTalk());
    this.root.querySelector(".pl-talk").scrollTop = top;
    const box = this.root.querySelector(".pl-edit textarea");
    if (box) box.focus();
  }

  drawEdit(turn) {
    const box = el("textarea", { rows: 2, "aria-label": this.t.correct });
    box.value = turn.corrected || turn.pieces.map((piece) => (piece.x === "" ? `[${piece.m}]` : piece.x)).join("");
    const done = () => { this.editing = null; this.redrawTalk(); };
    return el("div", { class: "pl-edit" }, box,
      el("button", { type: "button", class: "au-btn au-btn-main", on: { click: () => { done(); this.correct(turn, box.value); } } }, this.t.save),
      el("button", { type: "button", class: "au-btn", on: { click: done } }, this.t.cancel));
  }

  correct(turn, text) {
    this.tell("correct", { turn: turn.i, text });
    const words = this.root.querySelector(`[data-turn="${turn.i}"] .pl-words`);
    if (words) words.append(el("div", { class: "pl-corrected", role: "status" }, this.t.judging));
  }

  drawPiece(piece) {
    const flags = (piece.f || []).map((index) => this.scene.findings[index]).filter(Boolean);
    const worst = flags.find((one) => one.counts) || flags[0];
    const names = [];
    if (worst) names.push("pl-flag", `pl-flag-${worst.counts || worst.severity === "info" ? worst.severity : "off"}`);
    if (worst && flags.includes(this.current())) names.push("pl-chosen");
    const hidden = piece.x === "";
    if (hidden) names.push("pl-datum");
    const node = el("span", { class: names.join(" ") || null, "data-s": piece.s === undefined ? null : piece.s, "data-flags": piece.f ? piece.f.join(",") : null, title: worst ? worst.title : null,
      on: { click: () => { if (piece.f && piece.f.length) { this.at = piece.f[0]; this.drawCards(); this.mark(); this.showTurn(); } if (piece.s !== undefined && !hidden) { this.seek(piece.s); } } } },
      hidden ? piece.m : piece.x);
    if (piece.s !== undefined) this.pieces.push({ s: piece.s, e: piece.e, node });
    return node;
  }

  mark() {
    this.root.querySelectorAll("[data-flags]").forEach((node) => node.classList.toggle("pl-chosen", node.dataset.flags.split(",").includes(String(this.at))));
  }

  drawCards() {
    const right = this.root.querySelector(".pl-right");
    if (!right) return;
    const t = this.t;
    const cards = el("div", { class: "pl-cards", role: this.scene.findings.length ? "list" : "region", "aria-label": t.findings });
    if (!this.scene.findings.length) cards.append(el("p", { class: "au-soft" }, t.noFindings));
    this.scene.findings.forEach((one, index) => cards.append(this.drawCard(one, index)));
    const top = right.querySelector(".pl-cards") ? right.querySelector(".pl-cards").scrollTop : 0;
    right.replaceChildren(cards);
    if (this.scene.may.decide) {
      const second = this.scene.findings.some((one) => one.needsSecond);
      if (!this.scene.findings.some((one) => this.waits(one))) right.append(el("div", { class: "pl-done" }, "✓ " + (second ? t.second : t.done) + " · ", el("button", { type: "button", class: "au-btn", on: { click: () => this.tell("go", { to: "next" }) } }, t.nextCase, el("kbd", {}, "J"))));
      const box = el("textarea", { placeholder: t.notePlaceholder, "aria-label": t.note, maxlength: 2000, on: { input: (event) => { this.draft = event.target.value; } } });
      box.value = this.draft;
      right.append(el("div", { class: "pl-notebox" }, box, el("div", { class: "au-row" },
        el("button", { type: "button", class: "au-btn", on: { click: () => { if (this.draft.trim()) { this.tell("note", { text: this.draft.trim() }); this.draft = ""; box.value = ""; } } } }, t.saveNote), el("span", { class: "au-soft au-small" }, el("kbd", {}, "M")))));
    }
    cards.scrollTop = top;
    this.mark();
  }

  drawCard(one, index) {
    const t = this.t;
    const chosen = index === this.at;
    const tone = one.counts ? `var(--${one.severity})` : one.severity === "info" ? "var(--good)" : "var(--soft)";
    const badge = el("span", { class: `au-sev au-sev-${one.severity}` }, el("i", { "aria-hidden": "true" }, one.letter), one.severityTitle);
    const state = one.verdict ? el("span", { class: `au-status au-status-${one.verdict}` }, one.verdictTitle) : one.decision === "undecided" ? el("span", { class: "au-status" }, one.decisionTitle) : "";
    const row = (name, ...value) => el("div", {}, el("dt", {}, name), el("dd", {}, ...value));
    const list = el("dl", {});
    if (one.says && one.says !== one.title) list.append(row(t.rule, one.says));
    list.append(row(t.asks, one.asks));
    if (one.reason) list.append(row(t.missing, one.reason));
    if (one.clause) list.append(row(t.clause, one.clauseLink ? el("a", { href: one.clauseLink, target: "_blank", rel: "noreferrer noopener" }, one.clause) : one.clause));
    list.append(row(t.how, `${one.basis} · ${one.confidence}`, one.doubt ? ` · ${one.doubt}` : ""));
    list.append(row("", el("span", { class: "au-soft au-mono" }, one.rule)));
    if (one.verdict) list.append(row(one.verdictTitle, `${one.by} · ${one.at}`, one.second ? ` · ${t.secondDone.replace("{who}", one.second)}` : "", one.note ? el("div", {}, one.note) : ""));
    const card = el("div", { class: "pl-card" + (one.counts ? "" : " pl-quiet"), role: "listitem", style: `--tone:${tone}`, "aria-current": String(chosen), "data-finding": one.id,
      on: { click: (event) => { if (index !== this.at && !event.target.closest("a")) this.select(index, false); } } },
      el("header", {}, badge, el("b", {}, one.title), state));
    if (one.quote) card.append(el("p", { class: "pl-quote", lang: this.scene.spoken }, one.quote));
    if (one.excused) card.append(el("p", { class: "au-soft au-small" }, t.excused.replace("{why}", one.excused)));
    if (one.trial) card.append(el("p", { class: "au-soft au-small" }, t.trial));
    card.append(list, this.drawActs(one, chosen));
    return card;
  }

  drawActs(one, chosen) {
    const t = this.t;
    if (!one.counts) return el("p", { class: "au-soft au-small" }, one.excused || one.trial ? "" : t.noted);
    if (!this.scene.may.decide || !chosen) return el("span", {});
    if (this.asking === one.id) {
      return el("div", { class: "pl-reasons" }, el("p", {}, t.whyDismiss),
        ...this.scene.reasons.map(([id, title], index) => el("button", { type: "button", class: "au-btn", on: { click: () => this.send("dismissed", id) } }, el("kbd", {}, String(index + 1)), title)),
        el("button", { type: "button", class: "au-btn au-btn-plain", on: { click: () => this.send("dismissed", "") } }, el("kbd", {}, "Enter"), t.noReason));
    }
    const button = (label, key, run, main) => el("button", { type: "button", class: "au-btn" + (main ? " au-btn-main" : ""), on: { click: run } }, label, el("kbd", {}, key));
    const acts = el("div", { class: "pl-acts" });
    if (one.needsSecond) acts.append(el("span", { class: "au-status au-status-second_look" }, t.second));
    if (!one.verdict || one.by !== this.scene.me) {
      acts.append(button(one.verdict === "confirmed" ? t.agree : t.confirm, "C", () => this.verdict("confirmed"), true),
        button(one.verdict === "dismissed" ? t.agree : t.dismiss, "D", () => this.verdict("dismissed")), button(t.escalate, "E", () => this.verdict("escalated")));
    }
    if (one.verdict) acts.append(button(t.undo, "U", () => this.undo()));
    return acts;
  }

  drawHelp() {
    const t = this.t;
    const keys = [["Space", `${t.play} / ${t.pause}`], ["← →", `${t.back} / ${t.forward}`], ["N P", `${t.nextFlag} / ${t.previousFlag}`], ["Enter", t.search], ["L", t.loop], ["+ −", t.speed],
      ["C", t.confirm], ["D", t.dismiss], ["E", t.escalate], ["U", t.undo], ["M", t.note], ["J K", `${t.nextCase} / ${t.previousCase}`], ["?", t.help]];
    const close = el("button", { type: "button", class: "au-btn", style: "margin-top:12px", on: { click: () => { this.root.querySelector(".pl-help").hidden = true; } } }, t.close);
    return el("div", { role: "dialog", "aria-label": t.keymap }, el("h2", {}, t.keymap),
      el("table", {}, el("tbody", {}, ...keys.map(([key, does]) => el("tr", {}, el("td", {}, ...key.split(" ").map((one) => el("kbd", {}, one))), el("td", {}, does))))), close);
  }

  timeAt(event) {
    const box = this.root.querySelector(".pl-wave").getBoundingClientRect();
    const { start, end } = this.scene.sound;
    return start + ((event.clientX - box.left) / box.width) * (end - start);
  }

  drawWave() {
    const canvas = this.root.querySelector(".pl-wave canvas");
    if (!canvas || !this.scene.sound) return;
    const wide = canvas.clientWidth, tall = canvas.clientHeight, scale = window.devicePixelRatio || 1;
    if (!wide) return;
    if (canvas.width !== Math.round(wide * scale)) { canvas.width = Math.round(wide * scale); canvas.height = Math.round(tall * scale); }
    const pen = canvas.getContext("2d");
    const colour = this.colours();
    const { start, end, peaks } = this.scene.sound;
    const x = (s) => ((s - start) / (end - start)) * wide;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, wide, tall);
    const head = 14, lane = (tall - head) / peaks.length;
    this.scene.findings.forEach((one, index) => {
      if (one.start === null) return;
      const tone = colour[one.counts ? one.severity : one.severity === "info" ? "good" : "soft"];
      const from = x(one.start), to = Math.max(from + 3, x(one.end === null ? one.start : one.end));
      pen.globalAlpha = index === this.at ? 0.32 : 0.14;
      pen.fillStyle = tone;
      pen.fillRect(from, head, to - from, tall - head);
      pen.globalAlpha = 1;
      pen.beginPath(); pen.moveTo(from, 2); pen.lineTo(from + 8, 5.5); pen.lineTo(from, 9); pen.fill();
      pen.fillRect(from, 2, 1.4, head - 2);
    });
    const played = x(this.now());
    peaks.forEach((pairs, channel) => {
      const middle = head + lane * (channel + 0.5), count = pairs.length / 2;
      const top = Math.max(12, ...pairs.map(Math.abs));
      for (let i = 0; i < count; i++) {
        const at = (i / count) * wide;
        pen.fillStyle = at <= played ? (channel ? colour.distress : colour.brand) : colour.soft;
        pen.globalAlpha = at <= played ? 0.95 : 0.55;
        const high = (Math.max(pairs[2 * i + 1], -pairs[2 * i]) / top) * lane * 0.46;
        pen.fillRect(at, middle - Math.max(0.5, high), Math.max(1, wide / count - 0.4), Math.max(1, 2 * high));
      }
      pen.globalAlpha = 1;
      const name = this.scene.channels[String(channel)];
      if (name && peaks.length > 1) { pen.fillStyle = colour.soft; pen.font = "11px system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"; pen.fillText(name, 4, head + lane * channel + 11); }
    });
    pen.fillStyle = colour.ink;
    pen.fillRect(played - 0.7, 0, 1.4, tall);
  }

  colours() {
    const style = getComputedStyle(this.root);
    const of = (name) => style.getPropertyValue(`--${name}`).trim() || "#667";
    return Object.fromEntries(["critical", "high", "medium", "low", "info", "good", "distress", "brand", "soft", "ink"].map((name) => [name, of(name)]));
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".au-player");
  if (!root.__player) root.__player = new Player(root);
  root.__player.take(data, (act) => setTriggerValue("act", act));
  return () => {
    // The element may only have been moved by a rerun: end for good when it has left the page.
    setTimeout(() => { if (!root.isConnected && root.__player) { root.__player.end(); root.__player = null; } }, 0);
  };
}
