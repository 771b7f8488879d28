// While somebody is being typed, the counter shows whom we know already; without this the first sending asks.
const WAIT = 250;
const form = document.querySelector("form[data-counter]");
const place = form?.querySelector("[data-faces]");
const said = form?.querySelector("[data-faces-said]");
let timer = 0;
let asked = new AbortController();

// Sent as a form is: a name in an address would stand in the server's log.
function question() {
  const typed = new FormData(form);
  const asks = new URLSearchParams();
  for (const name of ["csrfmiddlewaretoken", "name", "phone", "email", "who"]) asks.set(name, typed.get(name) ?? "");
  asks.set("event", typed.get("event") ?? form.dataset.event);
  return asks;
}

async function ask() {
  asked.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(form.dataset.counter, { method: "POST", body: question(), signal: asked.signal });
    // A session that ended leads to the login page, which nobody wants in the middle of this one.
    if (answer.ok && !answer.redirected) show(await answer.text());
  } catch (failure) {
    // An older question was given up, or the network is gone: sending the form asks again.
    if (failure.name !== "AbortError" && !(failure instanceof TypeError)) throw failure;
  }
}

function show(html) {
  // Whoever is choosing already is not disturbed.
  if (place.contains(document.activeElement)) return;
  place.innerHTML = html;
  said.textContent = place.querySelector("[data-said]")?.dataset.said ?? "";
}

form?.addEventListener("input", (event) => {
  if (!["name", "phone", "email", "event"].includes(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
});
