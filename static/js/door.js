// The list at the door. Every tick is kept on the phone before anything else happens, one entry a seat, and leaves the phone
// only when the server has answered for it: no network, a server that is down, or a session that ended lose nothing. Only
// numbers of seats and what was ticked are kept, never names. Without this script the same page is a plain form.
const form = document.querySelector("form[data-door]");
if (form) start();

function start() {
  const words = form.dataset;
  const prefix = `door:${words.event}:${words.user}:`;
  const status = form.querySelector("[data-status]");
  const signIn = form.querySelector("[data-sign-in]");
  const refused = form.querySelector("[data-refused]");
  const list = form.querySelector("[data-list]");
  const newer = document.querySelector("[data-newer]");
  const newcomer = document.querySelector("form[data-walk-in-form]");
  const LONGEST = 10_000, FIRST_WAIT = 1_000, LAST_WAIT = 60_000, LOOK_EVERY = 20_000, BATCH = 100;
  // What has not been answered for: seat → {id, what, at}. The phone's store has the same, for the next opening of the page.
  const outbox = new Map();
  let token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  let kept = true, sending = false, failures = 0, timer = 0, trouble = "", ticks = 0;

  // --- Keeping ---

  function keep(seat, what) {
    const tick = { id: crypto.getRandomValues(new Uint32Array(3)).join("-"), what, at: new Date().toISOString() };
    outbox.set(seat, tick);
    ticks += 1;
    try {
      localStorage.setItem(prefix + seat, JSON.stringify(tick));
    } catch {
      kept = false;
    }
  }

  function answered(seat, id) {
    // Meanwhile the seat may have been ticked anew, here or in another window: that tick stays.
    if (outbox.get(seat)?.id === id) outbox.delete(seat);
    try {
      const stored = JSON.parse(localStorage.getItem(prefix + seat) || "null");
      if (stored?.id === id) localStorage.removeItem(prefix + seat);
    } catch {
      kept = false;
    }
  }

  function remember() {
    try {
      for (let number = 0; number < localStorage.length; number += 1) {
        const key = localStorage.key(number);
        if (!key.startsWith(prefix)) continue;
        const tick = JSON.parse(localStorage.getItem(key));
        if (tick?.id) outbox.set(key.slice(prefix.length), tick);
      }
    } catch {
      kept = false;
    }
  }

  // --- Showing ---

  const rows = () => [...list.querySelectorAll("[data-seat]")];
  const ticked = (row) => row.querySelector("input:checked")?.value ?? "";

  function choose(row, what) {
    const wanted = row.querySelector(`input[value="${CSS.escape(what)}"]`);
    if (wanted) wanted.checked = true;
  }

  function show() {
    const counts = { came: 0, signed_up: 0, walk_ins: 0, not_noted: 0 };
    for (const row of rows()) {
      const what = ticked(row);
      row.querySelector("[data-unsent]").hidden = !outbox.has(row.dataset.seat);
      if (row.matches("[data-walk-in]")) {
        counts.walk_ins += what === "came";
        continue;
      }
      counts.signed_up += 1;
      counts.came += what === "came";
      counts.not_noted += what === "";
    }
    for (const place of document.querySelectorAll("[data-count]")) place.textContent = counts[place.dataset.count];
    const sentence = outbox.size === 0 ? words.saved : (words[trouble] || words.sending).replace("{count}", outbox.size);
    say(status, kept || outbox.size === 0 ? sentence : `${sentence} ${words.unkept}`);
    signIn.hidden = trouble !== "signedOut" || outbox.size === 0;
  }

  function say(place, sentence) {
    // Said again only when it changed: a screen reader would repeat it.
    if (place.textContent !== sentence) place.textContent = sentence;
  }

  function refuse(sentences) {
    for (const sentence of new Set(sentences)) {
      const line = document.createElement("p");
      line.textContent = sentence;
      refused.append(line);
    }
  }

  function take(answer) {
    token = answer.token || token;
    const shown = new Set();
    for (const row of rows()) {
      const seat = row.dataset.seat;
      shown.add(seat);
      if (!outbox.has(seat) && seat in answer.seats && ticked(row) !== answer.seats[seat]) choose(row, answer.seats[seat]);
    }
    if (newer && Object.keys(answer.seats).some((seat) => !shown.has(seat))) newer.hidden = false;
  }

  // --- Talking to the server ---

  async function ask(address, options = {}) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), LONGEST);
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": token, ...options.headers };
      const response = await fetch(address, { ...options, headers, redirect: "manual", cache: "no-store", signal: stop.signal });
      if (response.type === "opaqueredirect") return { trouble: "signedOut" };
      if (response.status === 404) return { trouble: "noRight" };
      const readable = response.ok || response.status === 400 || response.status === 409;
      return readable ? { status: response.status, answer: await response.json() } : { trouble: "server", status: response.status };
    } catch {
      return { trouble: navigator.onLine ? "server" : "offline" };
    } finally {
      clearTimeout(clock);
    }
  }

  async function post(address, options) {
    const first = await ask(address, { method: "POST", ...options });
    if (first.status !== 403) return first;
    // The form's token is of a session that ended: a new one comes with what is noted now, if somebody signed in again.
    const now = await ask(words.ticks);
    if (!now.answer) return now;
    take(now.answer);
    return ask(address, { method: "POST", ...options });
  }

  async function send() {
    clearTimeout(timer);
    if (sending || outbox.size === 0) return;
    sending = true;
    const batch = [...outbox].slice(0, BATCH);
    const paper = form.querySelector("[name=from_paper]")?.checked ?? false;
    const body = JSON.stringify({ now: new Date().toISOString(), from_paper: paper, ticks: batch.map(([seat, tick]) => ({ seat, ...tick })) });
    const { answer, status: code, trouble: found = "" } = await post(words.ticks, {
      body, keepalive: true, headers: { "Content-Type": "application/json" },
    });
    sending = false;
    trouble = found;
    if (answer) settle(batch, answer, code);
    failures = answer ? 0 : failures + 1;
    show();
    if (outbox.size > 0) timer = setTimeout(send, answer ? 0 : Math.min(LAST_WAIT, FIRST_WAIT * 2 ** (failures - 1)));
  }

  function settle(batch, answer, code) {
    if (code !== 200) {
      // The rule says no to all of it and will say so again: shown, not sent for ever.
      for (const [seat, tick] of batch) answered(seat, tick.id);
      refuse([answer.why]);
      return;
    }
    const over = new Set([...answer.done, ...answer.refused.map((one) => one.id)]);
    for (const [seat, tick] of batch) if (over.has(tick.id)) answered(seat, tick.id);
    refuse(answer.refused.map((one) => one.why));
    take(answer);
  }

  async function look() {
    if (document.hidden || sending || outbox.size > 0) return;
    const before = ticks;
    const { answer, status: code } = await ask(words.ticks);
    // Whoever ticked meanwhile knows better than an answer that was on its way.
    if (!answer || code !== 200 || ticks !== before) return;
    take(answer);
    show();
  }

  function again() {
    failures = 0;
    send();
  }

  // --- Finding ---

  const search = document.querySelector("form[data-search]");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ł", "l").trim();

  function find() {
    const sought = fold(search.elements.q.value);
    let found = 0;
    for (const row of rows()) {
      row.hidden = !row.dataset.find.includes(sought);
      found += !row.hidden;
    }
    document.querySelector("[data-nobody]").hidden = found > 0;
  }

  // --- Somebody without a sign-up ---

  async function writeDown(event) {
    event.preventDefault();
    const said = newcomer.querySelector("[data-said]");
    const button = newcomer.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    const typed = new FormData(newcomer);
    typed.delete("csrfmiddlewaretoken");
    const { answer, status: code } = await post(newcomer.action, { body: new URLSearchParams(typed) });
    button.disabled = false;
    if (!answer || code !== 200) {
      // The name stays in the form, and the form's key makes one person of two tries.
      say(said, answer?.why || newcomer.dataset.noNetwork);
      return;
    }
    if (!list.querySelector(`[data-seat="${CSS.escape(String(answer.seat))}"]`)) list.insertAdjacentHTML("afterbegin", answer.row);
    newcomer.reset();
    newcomer.elements.key.value = answer.key;
    take(answer);
    show();
    say(said, newcomer.dataset.written);
    newcomer.elements.name.focus();
  }

  // --- From now on ---

  remember();
  for (const row of rows()) if (outbox.has(row.dataset.seat)) choose(row, outbox.get(row.dataset.seat).what);
  for (const plain of document.querySelectorAll("[data-plain]")) plain.hidden = true;
  status.hidden = false;
  form.addEventListener("submit", (event) => { event.preventDefault(); again(); });
  list.addEventListener("change", (event) => {
    const row = event.target.closest("[data-seat]");
    if (!row) return;
    keep(row.dataset.seat, event.target.value);
    refused.replaceChildren();
    show();
    send();
  });
  search?.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  search?.addEventListener("input", find);
  newcomer?.addEventListener("submit", writeDown);
  addEventListener("online", again);
  addEventListener("offline", () => { trouble = "offline"; show(); });
  document.addEventListener("visibilitychange", () => (outbox.size > 0 ? again() : look()));
  addEventListener("beforeunload", (event) => {
    if (outbox.size === 0) return;
    event.preventDefault();
    event.returnValue = true; // browsers older than 2024 ask only then
  });
  setInterval(look, LOOK_EVERY);
  show();
  send();
}
