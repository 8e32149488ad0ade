// Runs before the first paint, so that a chosen theme never flashes: the module scripts come later.
try {
  const chosen = localStorage.getItem('mizan.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be refused; the system's theme then decides.
}
