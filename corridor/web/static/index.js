/* The language switch of the tables; an address may also say which section it is at. */
"use strict";
(function () {
  // "#gains" and "#at=gains&lang=en" are the same place: the first works without this script, the second keeps the language
  const asked = (hash) => new URLSearchParams(/^#[^=]+$/.test(hash) ? "at=" + hash.slice(1) : hash.slice(1));
  const LANGS = ["en", "zh-Hant", "zh-Hans"], titles = JSON.parse(document.getElementById("titles").textContent);
  const show = function (lang) {
    document.documentElement.lang = document.documentElement.dataset.chosen = lang;
    document.title = titles[LANGS.indexOf(lang)];
    document.querySelectorAll("button[data-lang]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === lang)));
    document.querySelectorAll("a[data-keep]").forEach((a) => {
      const [file, rest] = a.getAttribute("href").split("#"), say = asked("#" + (rest || ""));
      say.set("lang", lang);
      a.href = file + "#" + say;
    });
  };
  const change = function (lang) {
    show(lang);
    try { history.replaceState(null, "", "#lang=" + lang); } catch (e) { /* a sandboxed frame may not */ }
  };
  document.querySelectorAll("button[data-lang]").forEach((b) => b.addEventListener("click", () => change(b.dataset.lang)));
  const browser = (navigator.language || "").toLowerCase();
  const own = /^zh-(hant|hk|tw|mo)/.test(browser) ? "zh-Hant" : /^zh/.test(browser) ? "zh-Hans" : "en";
  const go = function () {
    const say = asked(location.hash), section = document.getElementById(say.get("at") || "");
    show(LANGS.includes(say.get("lang")) ? say.get("lang") : document.documentElement.dataset.chosen || own);
    if (section) {
      section.setAttribute("tabindex", "-1");
      section.focus({ preventScroll: true });
      section.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", go);
  // a page around this one (watch.html) opens it again where the reader is
  if (window.parent !== window) {
    const tell = function () {
      const above = [...document.querySelectorAll("section[id]")].filter((s) => s.getBoundingClientRect().top < 120).pop();
      const at = (above ? "at=" + above.id + "&" : "") + "lang=" + document.documentElement.lang;
      window.parent.postMessage({ corridor: [location.pathname.split("/").pop(), "#" + at] }, "*");
    };
    window.addEventListener("scroll", tell, { passive: true });
    tell();
  }
  // a folded part is not printed, whatever the style sheet says
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  const small = matchMedia("screen and (max-width: 720px)");
  const fold = () => document.querySelectorAll("details.roomy").forEach((d) => { d.open = !small.matches; });
  small.addEventListener("change", fold);
  fold();
  go();
})();
