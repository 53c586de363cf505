// Light and dark: as the system has it, or as the user wants.

const themes = ["system", "light", "dark"];

export function setUpTheme(button) {
  let at = Math.max(0, themes.indexOf(stored()));
  const show = () => {
    if (at === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes[at];
    button.textContent = "Theme: " + themes[at];
  };
  button.addEventListener("click", () => {
    at = (at + 1) % themes.length;
    try {
      localStorage.setItem("handoff-theme", themes[at]);
    } catch { /* storage is switched off: it holds for this visit */ }
    show();
  });
  show();
}

function stored() {
  try {
    return localStorage.getItem("handoff-theme");
  } catch {
    return "system";
  }
}
