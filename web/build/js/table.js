// Tables of a form: rows are added, moved and removed in place, and sums, shares
// and counts follow what is typed. Without scripts the same buttons submit the
// form and the server does it.
//
//   [data-rows=key]          around a table; data-name, data-moved … are its words
//     [data-rows-body]       where rows are
//     [data-row]             one row; its controls are named key.number.column
//       input[data-row-id]   its own name, which stays when it moves
//       [data-row-name]      says its number
//     button[name=up|down|remove]
//   [data-sums=key]          the sums of that budget
//   [data-counts]            around a grid of counts
import './sums.js'
import './counts.js'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const newID = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), b => alphabet[b & 31]).join('')
const fill = (text, ...args) => args.reduce((said, arg, i) => said.replace('{' + i + '}', arg), text)
const rowsOf = table => Array.from(table.querySelector('[data-rows-body]').querySelectorAll(':scope > [data-row]'))

// renumber gives every row the number of its place: in names, in ids and in
// what points to them. Values are left alone.
function renumber (table) {
  const key = table.dataset.rows
  const named = new RegExp('(^|[ #-])' + key + '\\.(?:\\d+|__n__)(?=[.-]|$| )', 'g')
  const rows = rowsOf(table)
  rows.forEach((row, i) => {
    for (const one of [row, ...row.querySelectorAll('[name], [id], [for], [aria-describedby], [data-count]')]) {
      for (const a of ['name', 'id', 'for', 'aria-describedby', 'data-count', one.matches('button') ? 'value' : 'name']) {
        const is = one.getAttribute(a)
        const be = is?.replace(named, '$1' + key + '.' + i)
        if (be !== is) one.setAttribute(a, be)
      }
    }
    for (const name of row.querySelectorAll('[data-row-name]')) name.textContent = fill(table.dataset.name, i + 1)
    row.querySelector('button[name=up]').disabled = i === 0
    row.querySelector('button[name=down]').disabled = i === rows.length - 1
  })
  const add = table.querySelector('[data-rows-add]')
  if (add) add.hidden = rows.length >= Number(table.dataset.max)
  table.dispatchEvent(new Event('input', { bubbles: true }))
}

function say (table, text) {
  table.querySelector('[data-rows-said]').textContent = text
}

function add (table) {
  const row = table.querySelector('template[data-rows-blank]').content.cloneNode(true)
  row.querySelector('[data-row-id]').setAttribute('value', newID())
  const first = row.querySelector('input:not([type=hidden]), select, textarea')
  table.querySelector('[data-rows-body]').append(row)
  renumber(table)
  say(table, fill(table.dataset.added, rowsOf(table).length))
  first.focus()
}

function move (table, row, button) {
  const rows = rowsOf(table)
  const at = rows.indexOf(row) + (button.name === 'up' ? -1 : 1)
  if (!rows[at]) return
  if (button.name === 'up') rows[at].before(row)
  else rows[at].after(row)
  renumber(table)
  say(table, fill(table.dataset.moved, at + 1, rows.length))
  const stay = button.disabled ? row.querySelector('button[name=up]:not(:disabled), button[name=down]:not(:disabled)') : button
  stay?.focus()
}

// remove leaves a line in the row's place that puts it back.
function remove (table, row) {
  const at = rowsOf(table).indexOf(row) + 1
  const undo = table.querySelector('[data-rows-undo] button').cloneNode(true)
  const place = document.createElement(row.matches('tbody') ? 'tbody' : 'p')
  const inner = row.matches('tbody') ? place.insertRow().insertCell() : place
  inner.colSpan = 9
  place.setAttribute('data-row-gone', '')
  inner.append(fill(table.dataset.removed, at) + ' ', undo)
  row.replaceWith(place)
  renumber(table)
  say(table, fill(table.dataset.removed, at))
  undo.focus()
  undo.addEventListener('click', () => {
    place.replaceWith(row)
    renumber(table)
    say(table, fill(table.dataset.restored, at))
    row.querySelector('button[name=remove]').focus()
  })
}

for (const table of document.querySelectorAll('[data-rows]:not([data-rows=""])')) {
  table.addEventListener('click', event => {
    const button = event.target.closest('button')
    const row = button?.closest('[data-row]')
    const act = button?.matches('[data-rows-add]') ? 'add' : row ? button.name : ''
    if (!['add', 'up', 'down', 'remove'].includes(act)) return
    event.preventDefault()
    for (const gone of table.querySelectorAll('[data-row-gone]')) gone.remove()
    if (act === 'add') add(table)
    else if (act === 'remove') remove(table, row)
    else move(table, row, button)
  })
  const last = rowsOf(table).at(-1)?.querySelector('button[name=down]')
  if (last) last.disabled = true
}
