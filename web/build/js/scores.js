// A reviewer's page: the total as marks are chosen, and the words of the mark.
//
//   form[data-scores]                       around the criteria
//   input[type=radio][data-weight][data-of] points = weight × value ÷ of
//   [data-level]                            on the radio: what the mark means
//   [data-level-of=name]                    shows it
//   output[data-total]                      the total; its first text is replaced
import { decimal } from './numbers.js'

for (const form of document.querySelectorAll('form[data-scores]')) {
  const tell = () => {
    let points = 0
    for (const r of form.querySelectorAll('input[type=radio][data-weight]:checked')) points += Number(r.dataset.weight) * Number(r.value) / Number(r.dataset.of)
    for (const out of form.querySelectorAll('output[data-total]')) {
      if (out.firstChild) out.firstChild.textContent = decimal(points)
    }
    for (const shown of form.querySelectorAll('[data-level-of]')) {
      const level = form.querySelector(`input[name="${CSS.escape(shown.dataset.levelOf)}"]:checked`)?.dataset.level ?? ''
      const row = shown.closest('tr') ?? shown
      row.hidden = level === ''
      if (shown.textContent !== level) shown.textContent = level
    }
  }
  form.addEventListener('change', tell)
  addEventListener('pageshow', tell)
  tell()
}
