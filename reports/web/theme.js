// Light or dark: as the system has it, until somebody asks for the other.

const theme = {colours: new Map(), chosen: null, listeners: []};

/** The value of a colour of style.css in the theme that is shown. */
function colour(name) {
  if (!theme.colours.has(name)) {
    theme.colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  return theme.colours.get(name);
}

/** The same colour, partly seen through. */
function faded(name, part) {
  const [r, g, b] = channels(colour(name));
  return `rgb(${r} ${g} ${b} / ${part})`;
}

/** Red, green and blue of #rgb or #rrggbb. */
function channels(hex) {
  const full = hex.length === 4 ? '#' + [...hex.slice(1)].map(c => c + c).join('') : hex;
  return [1, 3, 5].map(at => parseInt(full.slice(at, at + 2), 16));
}

function showTheme(dark) {
  document.documentElement.classList.toggle('dark', dark);
  theme.colours.clear();
  theme.listeners.forEach(listener => listener());
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => theme.chosen ?? systemDark.matches;

/** The button that switches, and what follows the system and the printer. */
function themeButton() {
  const words = () => isDark() ? 'Light' : 'Dark';
  const button = el('button', {type: 'button', id: 'theme', 'aria-label': 'Switch between light and dark'}, words());
  const show = () => { showTheme(isDark()); button.textContent = words(); };
  button.addEventListener('click', () => { theme.chosen = !isDark(); show(); });
  systemDark.addEventListener('change', show);
  addEventListener('beforeprint', () => showTheme(false));
  addEventListener('afterprint', show);
  show();
  return button;
}
