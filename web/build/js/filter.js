// Filters arrive open, so that they work without scripts; on a narrow window
// they are folded away.
const wide = matchMedia('(min-width: 1001px)')
for (const panel of document.querySelectorAll('details[data-filter]')) {
  const fold = () => { panel.open = wide.matches }
  wide.addEventListener('change', fold)
  fold()
}
