// The browser's own file input over a broad area that speaks the page's
// language; files can be dropped on it, and it says which were chosen.
for (const area of document.querySelectorAll('[data-files]')) {
  const input = area.querySelector('input[type=file]')
  const shown = area.querySelector('[data-files-shown]')
  const names = area.querySelector('[data-files-names]')
  const nothing = names.textContent
  shown.hidden = false
  area.classList.add('tha--hay')
  const tell = () => {
    const files = Array.from(input.files, f => f.name)
    area.classList.toggle('tha--co', files.length > 0)
    names.textContent = files.length === 0 ? nothing : files.length < 4 ? files.join('\n') : area.dataset.filesMany.replace('{n}', files.length)
  }
  input.addEventListener('change', tell)
  addEventListener('pageshow', tell)
}
