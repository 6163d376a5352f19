// Questions that depend on others of the page, shown and hidden as one answers.
// Without scripts all of them stand there and say when to answer; which of them
// count is decided by the server when the page is saved. What was typed in a
// hidden question is sent and kept.
//
//   form[data-asks]       around the questions
//   [data-when=JSON]      around a question: form.When, see conditions.js
//     [data-when-said]    the words that say it, not needed here
import { asked } from './conditions.js'
import { blank } from './text.js'

// typed is what stands in the controls of a question.
function typed (form, key) {
  const a = { text: '', values: [], rows: [] }
  for (const c of form.elements) {
    if (c.name !== key && !c.name?.startsWith(key + '.')) continue
    const boxed = c.type === 'checkbox' || c.type === 'radio'
    if (c.type === 'hidden' || (boxed ? !c.checked : blank(c.value))) continue
    if (c.name !== key) a.rows.push(c.value)
    else if (boxed) a.values.push(c.value)
    else a.text = c.value
  }
  return a
}

for (const form of document.querySelectorAll('form[data-asks]')) {
  const blocks = Array.from(document.querySelectorAll('[data-when]'), e => ({ e, key: e.dataset.question, when: JSON.parse(e.dataset.when) }))
    .sort((a, b) => form.contains(b.e) - form.contains(a.e)) // those for files stand before the form, and no other asks about them
  const about = when => [when.question, ...[...(when.all ?? []), ...(when.any ?? []), ...(when.not ? [when.not] : [])].flatMap(about)].filter(Boolean)
  const plain = Array.from(new Set(blocks.flatMap(b => about(b.when)))).filter(key => !blocks.some(b => b.key === key)).map(key => ({ key }))
  const tell = () => {
    const answers = {}
    for (const { key } of [...plain, ...blocks]) answers[key] = typed(form, key)
    const shown = asked([...plain, ...blocks], answers)
    for (const { e, key } of blocks) {
      e.hidden = !shown.includes(key)
      e.classList.remove('khi--chua')
    }
  }
  for (const said of document.querySelectorAll('[data-when-said]')) said.hidden = true
  form.addEventListener('input', tell)
  form.addEventListener('change', tell)
  addEventListener('pageshow', tell)
  tell()
}
