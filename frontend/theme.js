// The theme that was chosen, as src/state/settings.rs remembers it, before the first paint.
try {
  const [, theme] = /^theme=(light|dark)$/m.exec(localStorage.getItem("madang.choices")) ?? [];
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: then nothing was chosen.
}
