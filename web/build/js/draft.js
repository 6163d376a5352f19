// Saves a page of questions while it is written. One way: it reads the fields and
// never writes into one, for that breaks Vietnamese input methods.
//
// What differs from what was acknowledged is put on this machine at once, and
// sent after a pause, on leaving a field and on hiding the page; what is
// acknowledged is taken from this machine. What two people changed, and what an
// earlier page left behind, is shown question by question for its writer to
// choose. A question is all controls whose name begins with its key.
//
//   form[data-draft]          around the questions; data-words holds the sentences
//     input[name=version]     which version the page shows
//     input[name=page]        the name of this opened page
//     input[name=in_form]     which version of the form it shows
//   [data-draft-state]        how it stands, in words
//   [data-draft-banner]       what to know when it stands badly
//     [data-draft-said]
//     [data-draft-sign-in]
//   [data-draft-choose]       where two texts are shown
import * as store from './store.js'
import { cleanText } from './text.js'

const form = document.querySelector('form[data-draft]')
if (form) start(form)

function start (form) {
  const say = JSON.parse(form.dataset.words)
  const [base, page, inForm] = ['version', 'page', 'in_form'].map(n => form.elements.namedItem(n).value)
  const { person, shared } = document.body.dataset
  const life = `${page} ${Date.now()} ${Math.random()}` // a page from the worker's cache opens more than once
  const path = location.pathname
  const state = document.querySelector('[data-draft-state]')
  const banner = document.querySelector('[data-draft-banner]')
  const chooser = document.querySelector('[data-draft-choose]')
  const aloud = document.querySelector('[data-draft-aloud]')
  const own = new Set(['version', 'page', 'in_form', 'to', 'act', 'add', 'remove', 'done', 'unasked'])
  const quiet = 1500
  const keepable = 60000

  // read is what stands in the form: question → [[control, value], …], blanks left out.
  const read = initial => {
    const all = new Map()
    for (const c of form.elements) {
      if (!c.name || own.has(c.name) || c.tagName === 'BUTTON' || c.type === 'file' || c.disabled) continue
      const q = c.name.split('.')[0]
      if (!all.has(q)) all.set(q, [])
      const values = c.tagName === 'SELECT'
        ? Array.from(c.options).filter(o => initial ? o.defaultSelected : o.selected).map(o => o.value)
        : (c.type === 'checkbox' || c.type === 'radio') && !(initial ? c.defaultChecked : c.checked) ? [] : [initial ? c.defaultValue : c.value]
      for (const v of values) if (v !== '') all.get(q).push([c.name, v.normalize('NFC')])
    }
    return all
  }
  const text = fields => JSON.stringify(fields ?? [])
  const tidy = fields => text(fields.map(([n, v]) => [n, cleanText(v).trim()]).filter(([, v]) => v)) // as it is stored

  // On a page that came back with what was not saved, nothing is acknowledged.
  const acknowledged = new Map(Array.from(read(true), ([q, f]) => [q, 'unsaved' in form.dataset ? '' : text(f)]))
  const refused = new Map() // question → what was refused as it stands
  const waiting = new Map() // question → {fields, by, at, version}: somebody else's; to be chosen
  const over = new Map() // question → the version one chose over
  let timer; let busy = false; let again = false; let composing = false; let pause = 0; let kept = true; let leaving = false; let said = ''

  const dirty = () => {
    const all = new Map()
    for (const [q, f] of read()) if (text(f) !== (acknowledged.get(q) ?? '[]')) all.set(q, f)
    return all
  }

  const tell = (how, words, extra = '') => {
    state.hidden = false
    state.dataset.state = how
    state.textContent = words
    banner.hidden = !extra
    banner.querySelector('[data-draft-said]').textContent = extra
    banner.querySelector('[data-draft-sign-in]').hidden = how !== 'ended'
    if (how !== 'saving' && how !== said) aloud.textContent = `${words}. ${extra}` // not every pause
    if (how !== 'saving') said = how
  }
  const held = () => kept && shared === undefined ? say.held : say.unheld

  // keep puts what is not acknowledged on this machine.
  const keep = async () => {
    if (shared !== undefined) return
    const left = dirty()
    kept = (left.size ? await store.put(record(left)) : await store.drop(life)) !== undefined
  }
  const record = left => ({ page: life, person, path, base, inForm, at: Date.now(), fields: Object.fromEntries(left) })

  const body = (changed, aside = [], as = { page, in_form: inForm }) => {
    const b = new URLSearchParams(as)
    for (const [q, fields] of changed) {
      b.append('changed', over.has(q) ? `${q}@${over.get(q)}` : q)
      for (const [n, v] of fields) b.append(n, v)
    }
    for (const [q, fields] of aside) {
      b.append('aside', q)
      for (const [n, v] of fields) b.append(n, v)
    }
    return b.toString()
  }
  const put = (b, over = base) => fetch(form.action, {
    method: 'PUT', body: b, redirect: 'error', keepalive: b.length < keepable, signal: AbortSignal.timeout?.(20000),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json', 'If-Match': `"${over}"` }
  })

  const later = ms => { clearTimeout(timer); timer = setTimeout(save, ms) }

  async function save () {
    clearTimeout(timer)
    if (busy) { again = true; return }
    if (composing) return // compositionend comes back here
    const changed = new Map(Array.from(dirty()).filter(([q, f]) => !waiting.has(q) && refused.get(q) !== text(f)))
    if (!changed.size) return
    busy = true
    keep()
    tell('saving', say.saving, banner.hidden ? '' : banner.querySelector('[data-draft-said]').textContent)
    try {
      const answer = await put(body(changed))
      const heard = await answer.json().catch(() => ({}))
      if (answer.ok) acknowledge(changed, heard)
      else if (answer.status === 412) conflict(heard)
      else if (answer.status === 401) { tell('ended', say.unsent, `${say.ended} ${held()}`); retry() } else if (answer.status >= 500 || answer.status === 429) throw answer
      else refuse(changed, heard)
    } catch (e) {
      tell('local', say.unsent, `${say.offline} ${held()}`)
      retry(Number(e.headers?.get('Retry-After')) * 1000)
    }
    busy = false
    if (again) { again = false; later(quiet) }
  }
  const retry = (least = 0) => {
    pause = Math.min(60000, (pause || 2500) * 2)
    later(Math.max(least || 0, pause * (0.8 + Math.random() * 0.4)))
  }

  const acknowledge = (changed, heard) => {
    pause = 0
    for (const [q, f] of changed) { acknowledged.set(q, text(f)); over.delete(q); refused.delete(q) }
    keep()
    const rest = dirty()
    document.querySelector('[data-draft-unsaved]')?.remove() // it is now
    for (const q of Array.from(waiting.keys())) if (changed.has(q)) waiting.delete(q)
    tell('saved', say.saved.replace('{0}', heard.at), waiting.size ? say.both : heard.moved ? heard.moved : heard.other ? say.other.replace('{0}', heard.other) : '')
    if (Array.from(rest.keys()).some(q => !waiting.has(q))) later(quiet)
  }

  const refuse = (changed, heard) => {
    const q = heard.field?.split('.')[0]
    for (const [k, f] of changed) if (!changed.has(q) || k === q) refused.set(k, text(f))
    tell('local', say.unsent, `${heard.message ?? ''} ${held()}`)
    if (changed.has(q) && changed.size > 1) later(0)
  }

  const conflict = heard => {
    for (const d of heard.differ) waiting.set(d.question, { by: d.by, at: d.at, version: heard.version, fields: Object.entries(d.fields).flatMap(([n, vs]) => vs.map(v => [n, v])) })
    tell('conflict', say.unsent, `${say.both} ${held()}`)
    const mine = dirty()
    choose(say.bothTitle, Array.from(waiting, ([q, w]) => ({ q, mine: mine.get(q) ?? read().get(q) ?? [], theirs: w.fields, version: w.version, first: say.mine, second: say.theirs.replace('{0}', w.by).replace('{1}', w.at) })))
    later(0) // the rest
  }

  const element = (tag, cls, ...inside) => {
    const e = document.createElement(tag)
    if (cls) e.className = cls
    e.append(...inside)
    return e
  }
  const label = q => {
    const c = form.elements.namedItem(q)
    const one = c instanceof RadioNodeList ? c[0] : c ?? form.querySelector(`[name^="${CSS.escape(q)}."]`)
    const said = (c instanceof RadioNodeList || !c || c.type === 'checkbox' ? one?.closest('fieldset, table')?.querySelector('legend, caption') : null) ?? one?.labels?.[0]
    return said?.innerText.trim() || q
  }
  const shown = fields => {
    if (!fields.length) return say.nothing
    const rows = new Map()
    for (const [n, v] of fields) {
      const at = n.split('.').slice(0, -1).join('.')
      const c = Array.from(form.querySelectorAll(`[name="${CSS.escape(n)}"]`))
      const named = c[0]?.tagName === 'SELECT' ? Array.from(c[0].options).find(o => o.value === v)?.text : c[0]?.type === 'radio' || c[0]?.type === 'checkbox' ? c.find(e => e.value === v)?.labels[0]?.innerText : v
      if (c[0]?.type !== 'hidden') rows.set(at, [...(rows.get(at) ?? []), named ?? v])
    }
    return Array.from(rows.values(), r => r.join(' · ')).join('\n')
  }

  // must throws what the portal said, unless it took what was sent.
  const must = async asked => {
    const answer = await asked.catch(() => ({ json: async () => ({}) }))
    const heard = await answer.json().catch(() => ({}))
    if (!answer.ok) throw heard
    return heard
  }

  // choose shows two texts of each question, and sends what was chosen. What was
  // not is kept by the portal among the versions of the section.
  function choose (title, list) {
    const heading = element('h2', 'govuk-heading-m', title)
    heading.tabIndex = -1
    const failed = element('p', 'govuk-error-message')
    failed.hidden = true
    const button = element('button', 'govuk-button', say.use)
    button.type = 'button'
    const radios = list.map((one, i) => ['mine', 'theirs'].map(v => {
      const input = element('input', 'govuk-radios__input')
      Object.assign(input, { type: 'radio', name: `draft-${i}`, id: `draft-${i}-${v}`, value: v, checked: v === 'mine' })
      const text = element('label', 'govuk-label govuk-radios__label', v === 'mine' ? one.first : one.second)
      text.htmlFor = input.id
      return { input, item: element('div', 'govuk-radios__item', input, text) }
    }))
    chooser.replaceChildren(heading, ...list.map((one, i) => {
      const card = v => element('div', 'the', element('div', 'govuk-radios', radios[i][v].item), element('p', 'govuk-body van', shown(v ? one.theirs : one.mine)))
      const legend = element('legend', 'govuk-fieldset__legend govuk-fieldset__legend--s', label(one.q))
      return element('fieldset', 'govuk-fieldset', legend, element('div', 'hai', card(0), card(1)))
    }), failed, button)
    chooser.hidden = false
    button.addEventListener('click', async () => {
      button.disabled = true
      try {
        const rest = dirty()
        for (const one of list) if (!one.page) rest.delete(one.q)
        if (rest.size) await must(put(body(rest)))
        const changed = new Map(); const aside = new Map()
        list.forEach((one, i) => {
          const mine = one.page ? one.mine : read().get(one.q) ?? []
          const takes = radios[i][0].input.checked
          if (takes) over.set(one.q, one.version)
          ;(takes ? changed : aside).set(one.q, mine)
        })
        await must(put(body(changed, aside)))
        for (const at of [life, ...list.map(one => one.page ?? life)]) await store.drop(at)
        leaving = true
        location.reload()
      } catch (e) {
        if (e.differ) conflict(e)
        failed.textContent = e.message ?? say.offline
        failed.hidden = false
        button.disabled = false
      }
    })
    if (!form.contains(document.activeElement)) heading.focus()
  }

  // A lock says that this page lives, so that no other offers what it holds; one
  // that the browser put away for going back does not.
  let free
  const live = () => navigator.locks?.request(`draft ${life}`, () => new Promise(resolve => { free = resolve }))

  // left is what earlier pages of this section left on this machine.
  async function left () {
    if (shared !== undefined) { store.forget(); return }
    live()
    const alive = new Set((await navigator.locks?.query())?.held.map(l => l.name))
    const now = read(true)
    const list = []
    for (const r of (await store.all() ?? []).sort((a, b) => b.at - a.at)) {
      if (r.person !== person || r.path !== path || r.page === life || alive.has(`draft ${r.page}`)) continue
      if (r.inForm && r.inForm !== inForm) { // the portal knows what becomes of answers to an earlier form
        await must(put(body(Object.entries(r.fields), [], { page: r.page.split(' ')[0], in_form: r.inForm }), r.base)).then(heard => { store.drop(r.page); tell('saved', say.saved.replace('{0}', heard.at), heard.moved) }, () => {})
        continue
      }
      const differ = Object.entries(r.fields).filter(([q, f]) => now.has(q) && tidy(f) !== tidy(now.get(q)))
      if (!differ.length) store.drop(r.page)
      const at = new Date(r.at).toLocaleString(document.documentElement.lang === 'en' ? 'en-GB' : 'vi-VN', { dateStyle: 'short', timeStyle: 'short' })
      for (const [q, f] of differ) if (!list.some(one => one.q === q)) list.push({ q, mine: f, theirs: now.get(q), version: base, page: r.page, first: say.left.replace('{0}', at), second: say.standing })
    }
    if (list.length) choose(say.leftTitle, list)
  }

  form.addEventListener('compositionstart', () => { composing = true })
  form.addEventListener('compositionend', () => { composing = false; touched(quiet) })
  const touched = ms => {
    later(ms)
    clearTimeout(touched.soon)
    touched.soon = setTimeout(keep, 250)
  }
  form.addEventListener('input', e => { if (!e.isComposing) touched(quiet) })
  form.addEventListener('change', () => touched(300))
  form.addEventListener('focusout', () => { if (dirty().size) later(0) })
  form.addEventListener('submit', e => {
    if (navigator.onLine) { leaving = true; clearTimeout(timer); return }
    e.preventDefault()
    tell('local', say.unsent, `${say.offline} ${held()}`)
  })
  const hide = () => {
    const left = dirty()
    if (leaving || !left.size) return
    if (shared === undefined) store.hurry(record(left))
    keep()
    save()
  }
  document.addEventListener('visibilitychange', () => document.hidden ? hide() : retryNow())
  addEventListener('pagehide', () => { hide(); free?.() })
  addEventListener('pageshow', e => { leaving = false; if (e.persisted) { if (shared === undefined) live(); retryNow() } })
  const retryNow = () => { pause = 0; if (dirty().size) later(0) }
  addEventListener('online', retryNow)
  addEventListener('focus', retryNow)
  addEventListener('beforeunload', e => { if (!leaving && (shared !== undefined || !kept) && dirty().size) e.preventDefault() })
  left()
  later(quiet) // what the browser put back into the fields
}
