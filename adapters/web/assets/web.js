// What the pages do by themselves: live changes, forms in a dialog, commands that
// complete themselves, and who has read what. Everything else is links and forms.
"use strict";
(() => {
  const body = document.body, base = body.dataset.base;
  if (!base) return;
  const $ = (q, at = document) => at.querySelector(q), $$ = (q, at = document) => [...at.querySelectorAll(q)];
  const room = body.dataset.room, dialog = $("#dialog"), toasts = $("#toasts");
  const list = $("#list"), scroll = $("#messages");

  // --- Times in the reader's own zone and words
  // Making a format takes milliseconds, so that each is made when it is needed first.
  const format = (how) => { let made; return (d) => (made ||= new Intl.DateTimeFormat(locale, how)).format(d); };
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const day = format({ weekday: "long", day: "numeric", month: "long" });
  const shortDay = format({ day: "numeric", month: "short" });
  const full = format({ dateStyle: "full", timeStyle: "short" });
  const moment = format({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  // What both ends of a span of time have is said once.
  const span = (d, until) => moment(d) + (!until ? "" : d.toDateString() === until.toDateString() ? "–" + clock(until) : " – " + moment(until));
  function times(at) {
    const today = new Date().toDateString();
    for (const t of $$("time[datetime]", at)) {
      const d = new Date(t.dateTime);
      if (isNaN(d)) continue;
      t.textContent = "moment" in t.dataset ? span(d, t.dataset.until && new Date(t.dataset.until)) : today === d.toDateString() ? clock(d) : shortDay(d) + ", " + clock(d);
    }
    for (const a of $$("a[data-channel]", at)) a.href = base + "/c/" + a.dataset.channel;
  }
  // The whole of a time is written out when somebody points at it.
  body.addEventListener("pointerover", (e) => {
    const t = e.target.closest?.("time[datetime]:not([title])"), d = t && new Date(t.dateTime);
    if (d && !isNaN(d)) t.title = full(d);
  });
  function days(at) {
    let last = "";
    const today = new Date().toDateString();
    for (const m of $$(":scope > .message", at)) {
      const d = new Date(m.dataset.at), now = d.toDateString();
      const heading = now === last ? undefined : now === today ? say("Today") : day(d);
      // What is as it was is left alone, so that nothing of it is laid out again.
      if (heading === undefined) delete m.dataset.day;
      else if (m.dataset.day !== heading) m.dataset.day = heading;
      last = now;
    }
  }
  // Lists begin at their end and stay there by their style: where they are is counted from
  // the end, below zero.
  const atEnd = (s) => s.scrollTop > -120;
  const paneScroll = () => $("#thread .scroll"), paneList = () => $("#thread-list");
  const threadOpen = () => paneScroll()?.dataset.thread || "";

  // afterwards does something when the page is in sight, or soon in a window that draws none.
  // A frame that the script is done with is not in sight yet: what is done then delays it.
  function afterwards(does) {
    let done = false;
    const once = () => { if (!done) { done = true; does(); } };
    setTimeout(once, 1000);
    new PerformanceObserver((l) => { if (l.getEntriesByName("first-contentful-paint").length) once(); }).observe({ type: "paint", buffered: true });
  }

  // --- What is said in passing
  function toast(text, bad) {
    const p = document.createElement("p");
    p.className = "toast" + (bad ? " bad" : "");
    p.textContent = text;
    toasts.append(p);
  }
  new MutationObserver(() => {
    for (const t of $$(".toast", toasts)) {
      if (t.dataset.going) continue;
      t.dataset.going = "1";
      times(t);
      setTimeout(() => t.remove(), 4000 + 60 * t.textContent.length);
    }
  }).observe(toasts, { childList: true, subtree: true });

  // --- Every act has a mark, kept until it has succeeded, so that the same sent again
  // is known for the same.
  const mark = () => crypto.randomUUID ? crypto.randomUUID() : String(Date.now()) + Math.random().toString(36).slice(2, 12);
  let opener = null;
  const moved = acting({
    before(el) {
      if (el.dataset.busy) { el.again = true; return null; }
      el.dataset.busy = "1";
      el.dataset.once ||= mark();
      if (el.matches("[data-composer], [data-write]")) el.sent = $("textarea", el).value;
      inForm(el, []);
      if (!dialog.contains(el)) opener = { id: el.closest("[data-message]")?.id, key: el.dataset.key };
      return { once: el.dataset.once };
    },
    after(el, successful) {
      const again = el.again;
      delete el.dataset.busy;
      el.again = false;
      if (el.matches("select[data-press]")) el.value = "";
      if (!successful) return;
      signedOut(false);
      delete el.dataset.once;
      if (el.matches("[data-composer]")) {
        cleared(el);
        // What was sent before the answer to the message before it goes out now.
        if (again && $("textarea", el).value) el.requestSubmit();
      }
      if (el.matches("[data-write]")) cleared(el);
    },
    refused(el, status, words) {
      if (status === 401) { signedOut(true); inForm(el, [...$("#out").cloneNode(true).childNodes]); return; }
      wrong(el, words || say("This did not work. Please try again."));
    },
    unreachable(el) { wrong(el, say("taskbridge cannot be reached. Nothing was lost; try again in a moment.")); },
    shown(into) {
      if (!into) faults();
      if (into === dialog) {
        times(dialog);
        opened = filledIn();
        if (!dialog.open) dialog.showModal();
        lineDown(!$("#line").hidden);
        ($(".form-body input:not([type=hidden]), .form-body textarea, .form-body select", dialog) || $("button", dialog))?.focus();
      }
      if (into?.id === "thread") openedThread();
    },
  });
  // Beside an open form nothing can be read or pressed: what is wrong is said in it.
  function inForm(el, words) {
    const p = dialog.open && dialog.contains(el) && $("#error", dialog);
    if (p) p.replaceChildren(...words);
    return p;
  }
  function wrong(el, text) { if (!inForm(el, [text])) toast(text, true); }

  // --- Signed out in the middle of something: it is said until it is over, and what was
  // typed stays, in this window alone, also when the page is opened anew.
  const written = "[data-composer] textarea, [data-write] textarea";
  const draftOf = (form) => `draft ${body.dataset.me} ${form.getAttribute("hx-post")} ${$("[name=thread]", form)?.value || ""}`;
  function signedOut(is) {
    const was = !$("#out").hidden;
    $("#out").hidden = !is;
    if (is) lineDown(false);
    return was;
  }
  // What is said above the page cannot be seen beside an open form.
  function lineDown(is) {
    $("#line").hidden = !is;
    $(".line-down", dialog)?.remove();
    if (!is || !dialog.open) return;
    const p = document.createElement("p");
    p.className = "line-down";
    p.role = "status";
    p.textContent = $("#line").textContent;
    $("header", dialog)?.after(p);
  }
  function keep(t) {
    try { t.value ? sessionStorage.setItem(draftOf(t.form), t.value) : sessionStorage.removeItem(draftOf(t.form)); } catch { /* No room, or not allowed. */ }
  }
  function restore(at) {
    for (const t of $$(written, at)) {
      try { t.value ||= sessionStorage.getItem(draftOf(t.form)) || ""; } catch { /* Not allowed. */ }
    }
  }
  body.addEventListener("submit", (e) => { if (e.target.matches("[action$='/sign-out']")) try { sessionStorage.clear(); } catch { /* Not allowed. */ } });

  // --- Forms
  function faults() {
    let first = null;
    for (const p of $$(".field .error", dialog)) {
      const input = $("input, textarea, select", p.parentElement);
      const wrong = p.textContent.trim() !== "";
      input.setAttribute("aria-invalid", wrong);
      if (wrong) first ||= input;
    }
    first?.focus();
  }
  body.addEventListener("formdone", () => dialog.close());
  // What was filled in is not given up without a question. A browser closes a dialog at the
  // second Escape whatever it is told, so that it is not left the key.
  let opened = "";
  const filledIn = () => { const form = $("form", dialog); return form ? String(new URLSearchParams(new FormData(form))) : ""; };
  const mayClose = () => filledIn() === opened || confirm(say("Close this form? What you typed in it is lost."));
  function close() { if (mayClose()) dialog.close(); }
  dialog.addEventListener("cancel", (e) => { if (!mayClose()) e.preventDefault(); });
  addEventListener("beforeunload", (e) => { if (dialog.open && filledIn() !== opened) e.preventDefault(); });
  dialog.addEventListener("close", () => {
    // The answer to a form may have been another form.
    if (dialog.open) return;
    // What the answer says in passing is read before.
    if (stale) setTimeout(anew, toasts.childElementCount ? 4000 : 0);
    dialog.replaceChildren();
    const card = opener?.id && document.getElementById(opener.id);
    if (card) ($(`[data-key="${opener.key}"]`, card) || $(".controls button, .controls select, .replies", card))?.focus();
    opener = null;
  });
  dialog.addEventListener("click", (e) => { if (e.target === dialog && !$("form", dialog)) dialog.close(); });

  // --- Buttons of the page itself
  body.addEventListener("click", (e) => {
    const what = e.target.closest("[data-do]")?.dataset.do;
    if (what === "side") {
      const open = body.classList.toggle("side-open");
      $(".open-side").setAttribute("aria-expanded", open);
      (open ? $(".close-side") : $(".open-side")).focus();
    } else if (what === "close-thread") closeThread();
    else if (what === "close-dialog") close();
    else if (what === "notify") Notification.requestPermission().then(bell);
  });
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || e.isComposing) return;
    if (dialog.open) { e.preventDefault(); close(); return; }
    if ($(".hints:not([hidden])")) return;
    if (body.classList.contains("side-open")) $(".close-side").click();
    else if (threadOpen()) closeThread();
  });
  function openedThread() {
    body.classList.add("has-thread");
    const pane = $("#thread");
    times(pane);
    days(paneList());
    grow(pane);
    restore(pane);
    $("textarea", pane)?.focus();
    seen();
  }
  function closeThread() {
    const root = threadOpen();
    $("#thread").replaceChildren();
    body.classList.remove("has-thread");
    history.replaceState(null, "", base + "/c/" + room);
    moved();
    $(`#m-${root} .replies`)?.focus();
  }

  // --- Writing
  function grow(at) {
    for (const t of $$("textarea", at)) {
      const fit = () => { if (!CSS.supports("field-sizing", "content")) { t.style.height = "auto"; t.style.height = t.scrollHeight + "px"; } };
      t.addEventListener("input", fit);
    }
  }
  // unsent is what was typed while a form was being sent: it stays.
  function unsent(form) {
    const now = $("textarea", form).value;
    return now.startsWith(form.sent) ? now.slice(form.sent.length).trimStart() : now;
  }
  function cleared(form) {
    const t = $("textarea", form), rest = unsent(form);
    form.reset();
    t.value = rest;
    t.dispatchEvent(new Event("input", { bubbles: true }));
    $(".chosen", form)?.replaceChildren();
    t.focus();
  }
  body.addEventListener("change", (e) => {
    if (e.target.type !== "file") return;
    const files = [...e.target.files], most = Number(body.dataset.filesMost);
    const wrong = files.some((f) => f.size === 0) ? say("A file is empty. Choose others.")
      : files.length > most ? say("Send at most {{.Count}} files at once.", { Count: most })
      : files.reduce((sum, f) => sum + f.size, 0) > Number(body.dataset.files) ? say("These files are too large: those of a message have at most {{.Size}} together.", { Size: body.dataset.filesText }) : "";
    if (wrong) { e.target.value = ""; toast(wrong, true); }
    $(".chosen", e.target.form).replaceChildren(...[...e.target.files].map((f) => {
      const li = document.createElement("li");
      li.textContent = f.name;
      return li;
    }));
  });
  body.addEventListener("paste", (e) => {
    const form = e.target.closest?.("[data-composer], [data-write]"), files = e.clipboardData?.files;
    const input = form && $("input[type=file]", form);
    if (!input || !files?.length) return;
    input.files = files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    e.preventDefault();
  });

  // --- Commands that complete themselves
  const command = body.dataset.command;
  let known;
  function hints() {
    try { known ||= JSON.parse(body.dataset.hints); } catch { known = []; }
    return known;
  }
  const box = (t) => $(".hints", t.form);
  function offer(t) {
    const b = box(t), typed = t.value;
    if (!typed.startsWith("/") || typed.includes("\n") || !hints().length) { b.hidden = true; return; }
    const rest = typed.startsWith(command + " ") ? typed.slice(command.length + 1) : command.startsWith(typed) ? "" : null;
    const fit = rest === null ? [] : hints().filter((h) => h.Text.startsWith(rest.split(" ")[0]) && (!rest.includes(" ") || h.Text === rest.split(" ")[0]));
    b.replaceChildren(...fit.map((h, n) => {
      const o = document.createElement("div");
      o.className = "hint"; o.role = "option"; o.id = "hint-" + n; o.dataset.text = command + " " + h.Text + " ";
      // Behind the command's word there is nothing more to take: how it goes on stays in sight.
      o.setAttribute("aria-selected", n === 0 && !rest.includes(" "));
      const u = document.createElement("b"), d = document.createElement("span");
      u.textContent = command + " " + h.Usage; d.textContent = h.Does;
      o.append(u, d);
      o.addEventListener("mousedown", (e) => { e.preventDefault(); if (!rest.includes(" ")) take(t, o); });
      return o;
    }));
    b.hidden = fit.length === 0;
  }
  function take(t, o) {
    t.value = o.dataset.text;
    keep(t);
    box(t).hidden = true;
    t.focus();
  }
  body.addEventListener("input", (e) => {
    if (e.target.matches(written)) keep(e.target);
    if (e.target.matches("[data-composer] textarea")) offer(e.target);
  });
  body.addEventListener("focusout", (e) => { if (e.target.matches?.("[data-composer] textarea")) box(e.target).hidden = true; });
  body.addEventListener("keydown", (e) => {
    const t = e.target;
    if (!t.matches?.("[data-composer] textarea")) return;
    const b = box(t), now = $('[aria-selected="true"]', b);
    // The key is the list's alone: what is open beside it stays.
    if (e.key === "Escape" && !b.hidden) { b.hidden = true; e.stopPropagation(); return; }
    if (!b.hidden && now) {
      const all = $$(".hint", b), at = all.indexOf(now);
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        const next = all[(at + (e.key === "ArrowDown" ? 1 : all.length - 1)) % all.length];
        now.setAttribute("aria-selected", false);
        next.setAttribute("aria-selected", true);
        next.scrollIntoView({ block: "nearest" });
        t.setAttribute("aria-activedescendant", next.id);
        e.preventDefault();
        return;
      }
      if (e.key === "Tab" || (e.key === "Enter" && !t.value.startsWith(now.dataset.text.trim()))) { e.preventDefault(); take(t, now); return; }
    }
    // On a touch screen Enter is a new line; who has no pointer at all has a keyboard.
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing && !matchMedia("(pointer: coarse)").matches) {
      e.preventDefault();
      b.hidden = true;
      t.form.requestSubmit();
    }
  });

  // --- Live
  function element(html) {
    const t = document.createElement("template");
    t.innerHTML = html;
    return t.content.firstElementChild;
  }
  // match makes what is there like what has come and leaves alone what is as it was: less is
  // laid out and drawn anew, and who is in it with the keyboard stays there. What people press
  // or fill in is put there whole, without what the old one was in the middle of.
  function match(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    const was = [...old.childNodes], now = [...fresh.childNodes];
    if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) { old.data = fresh.data; return; }
    if (old.nodeName !== fresh.nodeName || old.id !== fresh.id || was.length !== now.length || old.matches?.("button, details, form, input, select, textarea")) { old.replaceWith(fresh); return; }
    for (const a of [...old.attributes]) if (!fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
    for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
    was.forEach((o, n) => match(o, now[n]));
  }
  // put tells whether a list has a message more than before, or one less.
  function put(into, html, prefix, m) {
    const old = $(`#${prefix}-${m.id}`);
    if (m.gone || !html) { if (m.gone) old?.remove(); return !!old; }
    const fresh = element(html);
    if (prefix === "t" && !m.thread) {
      // What a thread hangs on stands in it as in the channel, without the way into it.
      fresh.id = "t-" + m.id;
      fresh.classList.add("root");
      $(".replies", fresh)?.remove();
    }
    if (prefix === "m" && m.id === threadOpen()) $(".new", fresh)?.remove();
    times(fresh);
    if (!old) {
      const after = $$(":scope > .message", into).find((x) => Number(x.dataset.seq) > m.seq);
      fresh.classList.add("fresh");
      after ? after.before(fresh) : into.append(fresh);
      return true;
    }
    const at = old.contains(document.activeElement) ? document.activeElement : null, key = at?.dataset.key;
    if (at?.matches("select") && at.value) return false;
    if (old.dataset.day) fresh.dataset.day = old.dataset.day;
    match(old, fresh);
    if (key && !at.isConnected) {
      const now = $(`#${prefix}-${m.id}`);
      ($(`[data-key="${key}"]`, now) || $(".controls button, .replies", now))?.focus();
    }
    return false;
  }
  // How far from its end a list is is noted when it moves: asked for later it would have
  // everything laid out that has changed by then.
  document.addEventListener("scroll", (e) => { if (e.target.matches?.(".scroll")) e.target.away = e.target.scrollTop !== 0; }, { capture: true, passive: true });
  // place remembers where somebody reads in a list and gives what takes them there again:
  // the end, or the message at the top of what they see.
  function place(s, of) {
    // It may have moved before there was anybody to note it.
    if (!(s.away ??= s.scrollTop !== 0)) return null;
    if (atEnd(s)) return () => { s.scrollTop = 0; };
    const top = s.getBoundingClientRect().top, first = $$(":scope > .message", of).find((m) => m.getBoundingClientRect().bottom > top), was = first?.getBoundingClientRect().top;
    return () => { if (first?.isConnected) s.scrollTop += first.getBoundingClientRect().top - was; };
  }
  // What comes together is shown together: where the reader is in a list is asked before
  // the first change and set after the last, because each time all of it is laid out.
  // A timer would wait in a window that is not in front, and a frame that is made anyway,
  // for the channels say, takes along what has come.
  let news = [], undrawn = false;
  const soon = new MessageChannel();
  soon.port1.onmessage = tell;
  function tell() {
    const all = news;
    news = [];
    const here = all.filter((m) => scroll && m.room === room && !body.dataset.past);
    if (here.length) {
      const open = threadOpen(), p = paneScroll(), pane = here.filter((m) => p && (m.thread === open || m.id === open)), main = here.filter((m) => !m.thread);
      const stay = [main.length && place(scroll, list), pane.length && place(p, paneList())];
      if (main.filter((m) => put(list, m.html, "m", m)).length) days(list);
      if (pane.filter((m) => put(paneList(), m.html, "t", m)).length) days(paneList());
      for (const s of stay) if (s) s();
      seen();
      if (!undrawn) requestAnimationFrame(() => { undrawn = false; });
      undrawn = true;
    }
    for (const m of all) {
      if ($(`[data-card="${m.id}"], [data-card="${m.thread || m.id}"]`)) renew();
      if (m.call) call(m);
    }
  }
  // Of a job without cards here it is told when there is something new to read.
  const job = body.dataset.job;
  let since = body.dataset.since, marked = body.dataset.mark || "", line = null, wait = 1000;
  function listen() {
    if (silent || line && line.readyState !== EventSource.CLOSED) return;
    line = new EventSource(`${base}/live?room=${encodeURIComponent(room)}&since=${since}${job ? `&job=${job}&mark=${encodeURIComponent(marked)}` : ""}`);
    line.addEventListener("hello", () => { wait = 1000; lineDown(false); signedOut(false); });
    line.addEventListener("message", (e) => {
      if (e.lastEventId) since = e.lastEventId;
      const m = JSON.parse(e.data);
      if (quiet) delete m.call;
      if (news.push(m) > 1) return;
      soon.port2.postMessage("");
      if (!document.hidden && !undrawn) requestAnimationFrame(tell);
    });
    line.addEventListener("rooms", (e) => { quiet = false; rooms(JSON.parse(e.data).html); });
    line.addEventListener("job", (e) => { marked = JSON.parse(e.data).mark; renew(); });
    line.addEventListener("again", anew);
    line.addEventListener("out", () => { line.close(); signedOut(true); retry(); });
    line.onerror = () => {
      line.close();
      lineDown($("#out").hidden);
      fetch(`${base}/live`, { method: "HEAD" }).then((r) => { if (r.status === 401) signedOut(true); }, () => {});
      retry();
    };
  }
  // later does something soon. A window out of sight draws nothing, and its timers may wait
  // for a minute.
  const later = (does, wait) => document.hidden ? void does() : setTimeout(does, wait);
  // The list of channels follows a moment later, so that what is said is drawn first.
  let channels = "", listing = 0;
  function rooms(html) {
    channels = html;
    clearTimeout(listing);
    listing = later(() => {
      const old = $("#rooms"), fresh = old.cloneNode(false);
      fresh.innerHTML = channels;
      match(old, fresh);
      title();
    }, 100);
  }
  // More was missed than is told one by one. Who is filling in a form finishes it first.
  let stale = false;
  function anew() {
    stale = dialog.open && !!$("form", dialog);
    if (!stale) location.reload();
  }
  let next = 0;
  function retry() {
    next = setTimeout(listen, wait);
    wait = Math.min(wait * 2, 30000);
  }
  // Who comes back to the window has perhaps signed in elsewhere.
  function wake() {
    // What came meanwhile another tab has called them for. The channels, which a line tells
    // first behind all that was missed, are the end of it.
    if (silent) quiet = true;
    silent = false;
    if (leaving) return;
    clearTimeout(next);
    wait = 1000;
    listen();
  }
  // A browser has six connections to a place, and each line is one. Of somebody's tabs out
  // of sight one keeps its line, to call them; the others take theirs up again when they are
  // looked at, and are told what they missed.
  let silent = false, aside = null, quiet = false;
  function sight() {
    if (!document.hidden) {
      aside?.abort();
      aside = null;
      wake();
      return;
    }
    if (aside || !navigator.locks) return;
    const mine = aside = new AbortController(), back = new Promise((done) => mine.signal.addEventListener("abort", done));
    let keeps = false;
    navigator.locks.request(`line ${base} ${body.dataset.me}`, { signal: mine.signal }, () => { keeps = true; wake(); return back; }).catch(() => { /* Looked at before its turn came. */ });
    setTimeout(() => {
      if (keeps || aside !== mine) return;
      silent = true;
      line?.close();
      clearTimeout(next);
    }, 1000);
  }
  document.addEventListener("visibilitychange", sight);
  let leaving = false;
  addEventListener("pagehide", () => { leaving = true; line?.close(); });
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

  // --- A page about a job is drawn anew when one of its cards or threads changes, unless
  // somebody is in the middle of something on it.
  let renewing = 0, drawn = "";
  body.addEventListener("acted", () => renew());
  function renew() {
    clearTimeout(renewing);
    renewing = setTimeout(async () => {
      const now = $("#content"), at = document.activeElement;
      if (!now || dialog.open || (now.contains(at) && at.matches("select, input, textarea"))) { if (now) renew(); return; }
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
      if (!answer?.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("content");
      if (!fresh || fresh.outerHTML === drawn) return;
      drawn = fresh.outerHTML;
      const key = now.contains(at) ? at.dataset.key : "", open = $$("details[open][id]", now).map((d) => d.id);
      times(fresh);
      now.replaceWith(fresh);
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (key) ($(`[data-key="${key}"]`, fresh) || $(".controls button", fresh) || $("#main"))?.focus();
    }, 250);
  }

  // --- What was read
  // It is told a moment later: what others say comes first, and many messages are one.
  // The channel is read as far as its page was told of it, replies included: a thread says
  // itself what is new in it, until it is opened.
  let told = 0, seeing = 0, read = "";
  function seen() {
    clearTimeout(seeing);
    seeing = setTimeout(see, 300);
  }
  function see() {
    clearTimeout(seeing);
    seeThread();
    if (!scroll || room === "you" || body.dataset.past || document.hidden || !atEnd(scroll)) return;
    const last = Number(since);
    if (last <= told) return;
    told = last;
    tellSeen({ seq: last });
  }
  function seeThread() {
    const thread = threadOpen();
    if (!thread || document.hidden || !atEnd(paneScroll())) return;
    $(`#m-${thread} .new`)?.remove();
    const seq = Math.max(0, ...$$(":scope > .message", paneList()).map((m) => Number(m.dataset.seq)));
    if (read === `${thread} ${seq}`) return;
    read = `${thread} ${seq}`;
    tellSeen({ thread, seq });
  }
  function tellSeen(what) {
    fetch(`${base}/c/${room}/seen`, { method: "POST", body: new URLSearchParams(what), keepalive: true })
      .then((r) => r.ok || Promise.reject()).catch(() => { told = 0; read = ""; });
  }
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("scrollend", seen, true);
  addEventListener("pagehide", see);
  // The title follows when what is new has been drawn and perhaps read: for another one the
  // browser draws its own windows anew.
  const plain = document.title;
  let titling = 0;
  function title() {
    clearTimeout(titling);
    titling = later(() => {
      const n = $$("#rooms .count").reduce((sum, c) => sum + parseInt(c.textContent, 10), 0), now = (n ? `(${n}) ` : "") + plain;
      if (document.title !== now) document.title = now;
    }, 700);
  }

  // --- Notifications
  function bell() { $("#notify").hidden = !("Notification" in window) || Notification.permission !== "default"; }
  function call(m) {
    if (!("Notification" in window) || Notification.permission !== "granted" || !document.hidden) return;
    const n = new Notification(m.call, { tag: m.id });
    n.onclick = () => { focus(); location.href = m.url; n.close(); };
  }

  // The page comes with what is seen at first. The rest comes when that has been drawn, above
  // it, and nobody is read aloud all that was there before. When it does not come its link
  // stays.
  async function above() {
    const link = $(".earlier [data-rest]");
    const answer = link && await fetch(link.href, { headers: { "Hx-Request": "true" } });
    if (!answer?.ok) return;
    const more = document.createElement("template");
    more.innerHTML = await answer.text();
    times(more.content);
    // One that has changed meanwhile is here already, as it is now.
    for (const m of $$(".list > .message", more.content)) {
      const here = document.getElementById(m.id);
      if (here) m.replaceWith(here);
    }
    scroll.ariaLive = "off";
    link.closest(".earlier").replaceWith(...$$(".earlier", more.content));
    list.prepend(...$(".list", more.content).children);
    days(list);
    setTimeout(() => { scroll.ariaLive = "polite"; }, 200);
  }

  if (new URLSearchParams(location.search).has("before")) body.dataset.past = "1";
  grow(document);
  title();
  // The page is shown first: what follows costs more than everything before it, or waits for
  // the browser's other processes, and the times stand there as the server wrote them.
  afterwards(async () => {
    times(document);
    if (scroll) days(list);
    restore(document);
    $(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    if (threadOpen()) openedThread();
    bell();
    await above().catch(() => { /* Its link stays. */ });
    listen();
    sight();
    seen();
  });
})();
