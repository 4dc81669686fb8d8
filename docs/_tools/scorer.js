/* The order of search results: functions and guides of that name first, long tables last. */
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: {0: 15, 1: 5, 2: -5}, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2,
  places: [
    ["how-to/", 8], ["tutorial/", 4], ["reference/errors", 12], ["reference/live", -8], ["reference/routes", -8],
    ["reference/api/aio", -4], ["reference/api/helpers", -8], ["explanation/decisions", -6], ["explanation/differences", -4], ["news/", -6],
  ],
  score: ([docname, title, anchor, descr, score, filename, kind]) => {
    const query = new URLSearchParams(window.location.search).get("q") || "";
    const words = query.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word);
    if (kind === "object") {
      const name = title.split(".").pop().toLowerCase();
      const wanted = words.join("_");
      if (name === wanted) score += 60;
      else if (name.startsWith(wanted)) score += 20;
      else if (name.includes(wanted)) score += 12;
      score += (descr.startsWith("Python function") ? 3 : 0) - name.length / 10;
    } else {
      const titled = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
      if (words.every((word) => titled.some((one) => one.startsWith(word)))) score += 25;
    }
    for (const [place, points] of Scorer.places) if (docname.startsWith(place)) score += points;
    return score;
  },
};
