// Names of places, offered as one types: the browser's own list of suggestions,
// filled from the register. Nothing is written into the field; what is typed or
// picked is understood when the page is saved.
//
//   input[data-places]
const wait = 200

for (const body of new Set(Array.from(document.querySelectorAll('input[data-places]'), i => i.form))) {
  if (!body) continue
  const list = document.createElement('datalist')
  list.id = 'places-offered'
  body.append(list)
  let later
  let last = ''
  body.addEventListener('input', event => {
    const input = event.target
    if (!input.matches('input[data-places]') || event.isComposing) return
    input.setAttribute('list', list.id)
    clearTimeout(later)
    const q = input.value.split(',')[0].trim()
    if (q.length < 2 || q === last) return
    later = setTimeout(async () => {
      last = q
      try {
        const answer = await fetch('/places?q=' + encodeURIComponent(q), { headers: { Accept: 'application/json' } })
        if (!answer.ok) return
        const names = await answer.json()
        list.replaceChildren(...names.map(name => Object.assign(document.createElement('option'), { value: name })))
      } catch { last = '' } // no line: what is typed is enough
    }, wait)
  })
}
