// What the scripts say, in the language of the page: it brings the texts along. Gaps like
// {{.Who}} are filled.
"use strict";
const say = (() => {
  const words = JSON.parse(document.body.dataset.words || "{}");
  return (english, gaps = {}) => (words[english] ?? english).replace(/\{\{\.(\w+)\}\}/g, (all, name) => gaps[name] ?? all);
})();
// locale is how the reader writes times: as the browser's settings have it for the
// language of the page.
const locale = navigator.languages.find((l) => l.split("-")[0] === document.documentElement.lang) || document.documentElement.lang;
