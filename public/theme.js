// Sets the theme before the first paint, so that nothing flashes, and serves the switch in the header. The page's own
// program never touches the theme, so the two cannot disagree. The size of pictures in grids, and whether they are outlined, is
// set here for the same reason; the switches belong to the page (src/ui/density.rs, src/ui/outlines.rs).
(() => {
  const root = document.documentElement;
  const key = "ocellus-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const systemTheme = () => (system.matches ? "dark" : "light");

  const stored = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // storage may be forbidden
    }
  };

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  apply(stored(key));
  const density = stored("ocellus-density");
  if (density === "small" || density === "large") root.dataset.density = density;
  if (stored("ocellus-outlines") === "hidden") root.dataset.outlines = "hidden";
  addEventListener("storage", (event) => event.key === key && apply(event.newValue));

  addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[data-theme-switch]")) return;
    const next = (root.dataset.theme ?? systemTheme()) === "dark" ? "light" : "dark";
    // A choice that agrees with the system is no choice: from then on the page follows the system again.
    const choice = next === systemTheme() ? null : next;
    apply(choice);
    try {
      if (choice) localStorage.setItem(key, choice);
      else localStorage.removeItem(key);
    } catch {
      // the choice then lasts as long as the page
    }
  });
})();
