/* The language switch of the tables. */
"use strict";
(function () {
  const LANGS = ["en", "zh-Hant", "zh-Hans"], titles = JSON.parse(document.getElementById("titles").textContent);
  const show = function (lang) {
    document.documentElement.lang = lang;
    document.title = titles[LANGS.indexOf(lang)];
    document.querySelectorAll("button[data-lang]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === lang)));
    document.querySelectorAll("a[data-keep]").forEach((a) => {
      const [file, rest] = a.getAttribute("href").split("#"), say = new URLSearchParams(rest || "");
      say.set("lang", lang);
      a.href = file + "#" + say;
    });
  };
  const change = function (lang) {
    show(lang);
    try { history.replaceState(null, "", "#lang=" + lang); } catch (e) { /* a sandboxed frame may not */ }
  };
  document.querySelectorAll("button[data-lang]").forEach((b) => b.addEventListener("click", () => change(b.dataset.lang)));
  const asked = new URLSearchParams(location.hash.slice(1)).get("lang"), browser = (navigator.language || "").toLowerCase();
  const own = /^zh-(hant|hk|tw|mo)/.test(browser) ? "zh-Hant" : /^zh/.test(browser) ? "zh-Hans" : "en";
  show(LANGS.includes(asked) ? asked : own);
})();
