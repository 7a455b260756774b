/* The page that follows: each second it reads a script beside it, and loads the newest comparison again when that changes. */
"use strict";
(function () {
  const frame = document.getElementById("shown"), state = document.getElementById("state"), problems = document.getElementById("problems");
  const buttons = [...document.querySelectorAll("[data-page]")];
  let page = "index.html", run = 0, last = "", at = "";
  const mark = () => buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.page === page)));
  const load = function () {
    frame.src = frame.dataset.folder + "/" + page + "?run=" + run + at;
    mark();
  };
  buttons.forEach((b) => b.addEventListener("click", function () { page = b.dataset.page; at = ""; load(); }));
  /* Pages in the frame say where the reader is, so that the next run opens there. */
  window.addEventListener("message", function (event) {
    const said = event.source === frame.contentWindow && event.data && event.data.corridor;
    if (!Array.isArray(said) || !/^[a-z]+\.html$/.test(said[0]) || !/^(#|$)/.test(said[1])) return;
    page = said[0];
    at = said[1];
    mark();
  });
  window.watched = function (told) {
    if (JSON.stringify(told) === last) return;
    last = JSON.stringify(told);
    state.replaceChildren(document.querySelector('template[data-state="' + told.state + '"]').content.cloneNode(true));
    problems.replaceChildren(...told.problems.map(function (said) { const li = document.createElement("li"); li.textContent = said; return li; }));
    problems.hidden = !told.problems.length;
    if (told.state === "done") { run = told.run; load(); }
  };
  const ask = function () {
    const script = document.createElement("script");
    script.src = "watch.js?" + Date.now();
    script.onload = script.onerror = function () { script.remove(); };
    document.head.append(script);
  };
  setInterval(ask, 1000);
  ask();
})();
