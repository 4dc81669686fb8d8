// Print the first five results of the site's own search for each query: `node search.js SITE QUERY...`
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [site, ...queries] = process.argv.slice(2);
const nothing = {
  addEventListener() {}, getElementById: () => null, querySelectorAll: () => [], body: {}, documentElement: { dataset: {} },
  readyState: "loading",
};
const page = vm.createContext({ document: nothing, location: {}, URLSearchParams, console, localStorage: {} });
page.window = page;
page._ = (text) => text;
page._ready = () => {};
page.SPHINX_HIGHLIGHT_ENABLED = false;
const load = (file) => vm.runInContext(fs.readFileSync(path.join(site, file), "utf-8"), page, file);
["_static/language_data.js", "_static/searchtools.js"].forEach(load);
vm.runInContext("globalThis.Search = Search", page);
load("searchindex.js");

const found = queries.map((query) => {
  page.location.search = "?q=" + encodeURIComponent(query);
  const results = page.Search._performSearch(...page.Search._parseQuery(query));
  const names = ([docname, title, anchor, , , , kind]) => ({ object: title, title: docname + anchor }[kind] || docname);
  return results.reverse().slice(0, 5).map(names);
});
process.stdout.write(JSON.stringify(found));
