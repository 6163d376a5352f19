// Files are sent as soon as they are chosen, one after another, while the page
// stays as it is: nothing typed elsewhere is touched, and a file that fails
// stops nothing. Without scripts the form sends one file by its button.
//
//   form[data-upload=key]    sends files; its words are in data-upload-words
//   form[data-attached=key]  lists those that are there, with buttons to remove
import { Lost, Refused, ask, send } from './send.js'
import { smaller } from './photo.js'
import { sendInPieces } from './resume.js'

const large = 5 << 20 // bytes; what is larger goes in pieces
const queue = [] // of all forms of the page
let current = null

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all)

function size (bytes) {
  const [n, unit] = bytes < 1 << 20 ? [bytes / 1024, 'KB'] : [bytes / (1 << 20), 'MB']
  return new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n) + ' ' + unit
}

function name (row, text) {
  for (const one of row.querySelectorAll('[data-name]')) one.textContent = one.tagName === 'SPAN' ? ' ' + text : text
}

// work sends what waits, one at a time: a weak line carries one file best.
async function work () {
  if (current) return
  while ((current = queue.shift())) await current()
}

addEventListener('beforeunload', event => {
  if (current) event.preventDefault()
})

for (const form of document.querySelectorAll('form[data-upload]')) {
  const words = JSON.parse(form.dataset.uploadWords)
  const [input, purpose] = [form.querySelector('input[type=file]'), form.querySelector('[name=purpose]')]
  const [rows, live] = [form.querySelector('[data-upload-rows]'), form.querySelector('[data-upload-live]')]
  const attached = Array.from(document.querySelectorAll('form[data-attached]')).find(f => f.dataset.attached === form.dataset.upload)
  const template = which => form.querySelector(`template[data-${which}-row]`).content.firstElementChild.cloneNode(true)
  const tell = (text, values) => { live.textContent = fill(text, values) }
  const waitingForPurpose = []

  input.multiple = true
  form.querySelector('button[type=submit]').hidden = true
  form.addEventListener('submit', event => event.preventDefault())
  input.addEventListener('change', () => {
    const files = Array.from(input.files)
    if (files.length === 0) return
    for (const file of files) add(file)
    input.value = '' // so that the same file can be chosen again
    input.dispatchEvent(new Event('change'))
  })
  purpose?.addEventListener('change', () => {
    if (purpose.value) for (const start of waitingForPurpose.splice(0)) start()
  })

  function add (file) {
    const row = template('upload')
    const [says, bar, again, cancel] = ['[data-words]', 'progress', '[data-again]', '[data-cancel]'].map(s => row.querySelector(s))
    const stop = new AbortController()
    let why = '' // what it is for, as it was when it was chosen
    name(row, file.name)
    bar.setAttribute('aria-label', file.name)
    const say = (text, values, wrong = false) => {
      says.textContent = fill(text, values)
      says.classList.toggle('tep__loi', wrong)
    }
    const gone = () => {
      row.remove()
      rows.hidden = rows.children.length === 0
    }
    const start = () => {
      why = purpose?.value ?? ''
      say(words.waiting)
      queue.push(run)
      work()
    }
    const run = async () => {
      if (stop.signal.aborted) return
      again.hidden = true
      tell(words.starting, { name: file.name })
      try {
        done(await deliver())
      } catch (failure) {
        if (!stop.signal.aborted) fail(failure)
      }
      bar.hidden = true
    }
    const deliver = async () => {
      say(words.preparing)
      const small = await smaller(file)
      if (small.size === 0) throw new Refused(422, words.empty)
      if (small.size > Number(form.dataset.uploadLimit)) throw new Refused(422, words.tooLarge)
      bar.hidden = false
      return (small.size > large ? sendInPieces : send)({
        address: form.action,
        parts: form.action.replace(/documents$/, 'uploads'),
        made: small !== file,
        file: small,
        fields: { section: form.elements.section.value, question: form.elements.question.value, purpose: why },
        signal: stop.signal,
        progress (sent) {
          bar.setAttribute('value', 100 * Math.min(1, sent / small.size))
          if (sent < small.size) say(words.sending, { done: size(sent), all: size(small.size) })
          else say(words.checking)
        },
        pausing (seconds) {
          say(navigator.onLine ? words.pausing : words.offline, { seconds })
          tell(navigator.onLine ? words.pausing : words.offline, { seconds })
        }
      })
    }
    const done = file => {
      gone()
      list(file)
      tell(words.done, file)
    }
    const fail = failure => {
      const values = { name: file.name, why: failure.message }
      say(failure.message || words.failed, values, true)
      tell(failure.message ? words.refused : words.failed, values)
      if (failure instanceof Lost || failure.status === 401) again.hidden = false
      if (!(failure instanceof Lost)) cancel.firstChild.data = words.dismiss
    }
    again.addEventListener('click', start)
    cancel.addEventListener('click', () => {
      stop.abort()
      gone()
      tell(words.cancelled, { name: file.name })
      input.focus()
    })
    rows.append(row)
    rows.hidden = false
    if (purpose && !purpose.value) {
      say(words.purpose)
      tell(words.purpose)
      waitingForPurpose.push(start)
    } else start()
  }

  // list shows a file that is attached now, once.
  function list (file) {
    let all = attached.querySelector('ul')
    if (!all) {
      all = document.createElement('ul')
      all.className = 'tep'
      attached.append(all)
    }
    if (Array.from(all.querySelectorAll('[name=remove]')).some(b => b.value === file.remove)) return
    const row = template('file')
    name(row, file.name)
    row.querySelector('[data-words]').textContent = file.facts
    row.querySelector('a').setAttribute('href', file.href)
    row.querySelector('[name=remove]').setAttribute('value', file.remove)
    all.append(row)
  }

  attached.addEventListener('submit', async event => {
    event.preventDefault()
    const button = event.submitter
    const row = button.closest('li')
    const what = row.querySelector('b').textContent
    button.disabled = true
    try {
      await ask('POST', attached.action, { body: new URLSearchParams({ remove: button.value }), signal: new AbortController().signal })
      row.remove()
      tell(words.removed, { name: what })
      input.focus()
    } catch (failure) {
      button.disabled = false
      const says = row.querySelector('small')
      says.textContent = failure instanceof Refused ? failure.message : words.offline
      says.classList.add('tep__loi')
    }
  })
}
