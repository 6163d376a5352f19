// How many words or characters are left in a text with a limit, counted like
// viet.CountWords and viet.CountChars: after NFC, and by what a writer calls a
// word. Nothing is ever cut off.
import { number } from './numbers.js'

const unseen = /[\u200b\u200e\u200f\u061c\ufeff\u2060\u202a-\u202e\u2066-\u206f]/g
const wordy = /[\p{L}\p{Nd}]/u

export const words = text => text.normalize('NFC').replace(unseen, '').split(/[\s\u0085]+/).filter(w => wordy.test(w)).length
export const characters = text => Array.from(text.replace(unseen, '').replace(/[ \t]+$/gm, '').replace(/^\n+|\n+$/g, '').normalize('NFC')).length

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
