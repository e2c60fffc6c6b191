(() => {
  let kept = null;
  try {
    kept = localStorage.getItem("partman-theme");
  } catch {
    // Without a choice the theme is the system's.
  }
  document.documentElement.dataset.theme =
    kept || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
})();
