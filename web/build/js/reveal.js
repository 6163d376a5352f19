// More to answer, shown while the option it belongs to is picked. It follows
// its option, so the order of reading tells what the picture tells; govuk's own
// script marks radios as expanded, which ARIA does not allow.
for (const input of document.querySelectorAll('input[data-reveals]')) {
  const more = document.getElementById(input.dataset.reveals)
  const block = input.type === 'radio' ? 'govuk-radios' : 'govuk-checkboxes'
  const tell = () => more.classList.toggle(`${block}__conditional--hidden`, !input.checked)
  document.addEventListener('change', event => { if (event.target.name === input.name) tell() })
  addEventListener('pageshow', tell)
  tell()
}
