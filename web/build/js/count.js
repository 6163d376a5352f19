// How many words or characters are left in a text with a limit. Nothing is ever
// cut off.
import { number } from './numbers.js'
import { characters, words } from './text.js'

for (const said of document.querySelectorAll('[data-count]')) {
  const box = document.getElementById(said.dataset.count)
  if (!box) continue
  const { maxWords, maxChars, left, leftOne, none, over, overOne } = said.dataset
  const max = Number(maxWords ?? maxChars)
  const count = maxWords ? words : characters
  // Read out a while after the typing stops; the line itself changes at once.
  const aloud = document.createElement('p')
  aloud.className = 'govuk-visually-hidden'
  aloud.setAttribute('aria-live', 'polite')
  said.after(aloud)
  let later
  const tell = () => {
    const rest = max - count(box.value)
    const n = Math.abs(rest)
    const text = rest === 0 ? none : (rest > 0 ? (n === 1 ? leftOne : left) : (n === 1 ? overOne : over)).replace('{n}', number(n))
    said.textContent = text
    said.classList.toggle('dem--qua', rest < 0)
    return text
  }
  box.addEventListener('input', () => {
    const text = tell()
    clearTimeout(later)
    later = setTimeout(() => { aloud.textContent = text }, 1000)
  })
  addEventListener('pageshow', tell) // the browser may have put old text back
  tell()
}
