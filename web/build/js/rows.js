// Tables one writes in: another row without a round trip, and sums as one
// types. Without scripts the button submits the form (name "add"), the server
// gives the page back with another row, and says the sums.
//
//   [data-rows]                   around the table
//     [data-rows-body]            where rows are put
//     template[data-rows-blank]   one row; "__n__" in it stands for its number
//     button[data-rows-add]       adds it
//     input[data-factor]          of a row: quantity, price
//     output[data-product=key]    of a row: the factors multiplied
//     input[data-amount=key]      an amount that counts as it stands
//   output[data-sum=key]          anywhere in the form: all of that key
//   [data-sum-limit]              on an output: it must not exceed this many đồng
import { amount, money, quantity } from './numbers.js'

function sum (form) {
  const sums = {}
  const add = (key, n) => { sums[key] = (sums[key] ?? 0) + n }
  for (const out of form.querySelectorAll('output[data-product]')) {
    const factors = Array.from(out.closest('tr, [data-row]').querySelectorAll('input[data-factor]'), f => f.value.trim() === '' ? NaN : quantity(f.value))
    const product = Math.round(factors.reduce((a, b) => a * b, 1))
    out.textContent = Number.isNaN(product) ? '–' : money(product)
    if (!Number.isNaN(product)) add(out.dataset.product, product)
  }
  for (const input of form.querySelectorAll('input[data-amount]')) {
    const n = amount(input.value)
    if (!Number.isNaN(n)) add(input.dataset.amount, n)
  }
  for (const out of form.querySelectorAll('output[data-sum]')) {
    const total = sums[out.dataset.sum] ?? 0
    out.textContent = money(total)
    out.classList.toggle('dem--qua', Number(out.dataset.sumLimit) > 0 && total > Number(out.dataset.sumLimit))
  }
}

function addRow (rows) {
  const body = rows.querySelector('[data-rows-body]')
  const row = rows.querySelector('template[data-rows-blank]').content.cloneNode(true)
  const n = String(Number(rows.dataset.next ?? body.children.length))
  rows.dataset.next = String(Number(n) + 1)
  for (const one of row.querySelectorAll('*')) {
    for (const a of Array.from(one.attributes)) if (a.value.includes('__n__')) one.setAttribute(a.name, a.value.replaceAll('__n__', n))
  }
  const first = row.querySelector('input:not([type=hidden]), select, textarea')
  body.append(row)
  first?.focus()
}

for (const form of new Set(Array.from(document.querySelectorAll('[data-rows], [data-sum]'), e => e.closest('form')))) {
  if (!form) continue
  form.addEventListener('input', () => sum(form))
  form.addEventListener('click', event => {
    const button = event.target.closest('button[data-rows-add]')
    const rows = button?.closest('[data-rows]')
    if (!rows?.querySelector('template[data-rows-blank]') || rows.dataset.rows) return // those with a name are table.js's
    event.preventDefault()
    addRow(rows)
    sum(form)
  })
  addEventListener('pageshow', () => sum(form))
  sum(form)
}
