// What is asked of the server without the page being drawn anew. The pages say it with
// attributes and headers of htmx's (htmx.org), of which this knows what they use: hx-get,
// hx-post, hx-target, hx-vals, hx-confirm, hx-push-url, hx-trigger="change" and
// hx-swap-oob. One listener serves whatever is shown later, too: nothing of a page is
// searched when it is opened or when something new comes.
"use strict";
// acting begins to listen and tells what happens to each request: before (which may keep
// it back by false, and give more values), after, refused and unreachable, and shown for
// each place that an answer was shown in. It gives what tells that the page is now that of
// the address it has.
function acting({ before, after, refused, unreachable, shown }) {
  const asks = "[hx-get], [hx-post]";
  const isChange = (el) => el.getAttribute("hx-trigger") === "change";
  document.addEventListener("click", (e) => {
    const el = e.target.closest?.(asks);
    if (!el || el.matches("form") || isChange(el)) return;
    // A link that is opened elsewhere is a link.
    if (el.matches("a") && (e.ctrlKey || e.metaKey || e.shiftKey || e.altKey)) return;
    e.preventDefault();
    ask(el);
  });
  document.addEventListener("change", (e) => { if (e.target.matches(asks) && isChange(e.target)) ask(e.target); });
  document.addEventListener("submit", (e) => {
    if (!e.target.matches(asks)) return;
    e.preventDefault();
    ask(e.target, e.submitter);
  });

  // by is the button with which a form was sent: what it is worth is said, too.
  async function ask(el, by) {
    const question = el.getAttribute("hx-confirm");
    if (question && !confirm(question)) return;
    const get = el.getAttribute("hx-get"), address = get ?? el.getAttribute("hx-post");
    const values = el.matches("form") ? new FormData(el) : new FormData();
    if (by?.name) values.set(by.name, by.value);
    if (el.matches("select")) values.set(el.name, el.value);
    for (const [name, value] of Object.entries(JSON.parse(el.getAttribute("hx-vals") || "{}"))) values.set(name, value);
    const more = before(el);
    if (!more) return;
    for (const [name, value] of Object.entries(more)) values.set(name, value);
    // Only files need more than plain fields, which are read faster.
    const plain = ![...values.values()].some((v) => v instanceof File && v.name);
    const query = () => new URLSearchParams([...values].filter(([, v]) => typeof v === "string"));
    el.classList.add("asking");
    let answer, text;
    try {
      answer = await fetch(get === null ? address : address + "?" + query(), {
        method: get === null ? "POST" : "GET", body: get === null ? plain ? query() : values : undefined,
        headers: { "Hx-Request": "true", "Hx-Current-Url": location.href },
      });
      text = await answer.text();
    } catch {
      el.classList.remove("asking");
      after(el, false);
      unreachable(el);
      return;
    }
    el.classList.remove("asking");
    for (const event of (answer.headers.get("Hx-Trigger") || "").split(",")) {
      if (event.trim()) document.body.dispatchEvent(new CustomEvent(event.trim()));
    }
    if (answer.ok) show(el, answer, text);
    after(el, answer.ok);
    if (!answer.ok) refused(el, answer.status, answer.headers.get("Content-Type")?.startsWith("text/plain") ? text : "");
  }

  // show puts an answer where it belongs: parts that name their place there, the rest into
  // the place that was asked for.
  function show(el, answer, text) {
    const there = answer.headers.get("Hx-Redirect");
    if (there) { location.href = there; return; }
    const parts = document.createElement("template");
    parts.innerHTML = text;
    let strewn = false;
    for (const part of parts.content.querySelectorAll("[hx-swap-oob]")) {
      const [how, where] = part.getAttribute("hx-swap-oob").split(":");
      part.removeAttribute("hx-swap-oob");
      part.remove();
      if (how === "beforeend") document.querySelector(where)?.append(...part.childNodes);
      else document.getElementById(part.id)?.replaceWith(part);
      strewn = true;
    }
    if (strewn) shown(null);
    const target = answer.headers.get("Hx-Retarget") || el.getAttribute("hx-target"), into = target && document.querySelector(target);
    if (!into || answer.status === 204) return;
    into.replaceChildren(parts.content);
    if (el.getAttribute("hx-push-url") === "true") {
      history.pushState(null, "", el.getAttribute("hx-get"));
      drawn = location.pathname;
    }
    shown(into);
  }
  // Who goes back to another address gets what is there.
  let drawn = location.pathname;
  addEventListener("popstate", () => { if (location.pathname !== drawn) location.reload(); });
  return () => { drawn = location.pathname; };
}
