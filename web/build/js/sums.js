// The sums of a budget as one types: by source with shares that add up to 100,
// by year, the whole, running costs, what is asked, and that in words.
import { amount, money, quantity } from './numbers.js'
import { inWords } from './spell.js'

// percents are whole and add up to 100, as form.Sums.Percents works them out.
function percents (parts, total) {
  const all = parts.map(n => ({ whole: Number(BigInt(n) * 100n / BigInt(total)), rest: Number(BigInt(n) * 100n % BigInt(total)) }))
  let left = 100 - all.reduce((sum, p) => sum + p.whole, 0)
  for (const p of [...all].sort((a, b) => b.rest - a.rest)) {
    if (left <= 0 || p.rest === 0) break
    p.whole++
    left--
  }
  return all.map(p => p.whole)
}

function lines (key) {
  return Array.from(document.querySelectorAll(`[data-rows="${key}"] [data-rows-body] > [data-row]`), row => {
    const cell = column => row.querySelector(`[name^="${key}."][name$=".${column}"]`)
    const [q, p] = [cell('quantity').value, cell('price').value]
    const dong = q.trim() && p.trim() ? Math.round(quantity(q) * amount(p)) : NaN
    return { dong: Number.isSafeInteger(dong) ? dong : 0, source: cell('source')?.value, year: cell('year')?.value, overhead: cell('overhead')?.checked }
  })
}

function show (list) {
  const all = lines(list.dataset.sums)
  const sum = of => all.filter(of).reduce((n, l) => n + l.dong, 0)
  const total = sum(() => true)
  const asked = sum(l => l.source === 'state_budget')
  const figures = { total, asked, overhead: sum(l => l.overhead), brought: total - asked }
  const years = new Set(all.filter(l => l.dong > 0).map(l => l.year)).size
  const sources = []
  for (const line of list.querySelectorAll('[data-sum-of]')) {
    const [kind, value] = line.dataset.sumOf.split('.')
    const dong = value === undefined ? figures[kind] : sum(l => l[kind] === value)
    line.querySelector('[data-dong]').textContent = money(dong)
    if (value !== undefined) line.hidden = dong === 0 || (kind === 'year' && years < 2)
    if (kind === 'source' && dong > 0) sources.push([line, dong])
  }
  if (total > 0) {
    const shares = percents(sources.map(s => s[1]), total)
    sources.forEach(([line], i) => { line.querySelector('[data-percent]').textContent = shares[i] })
  }
  const beyond = (of, is) => list.querySelector(`[data-sum-of="${of}"] [data-dong]`)?.classList.toggle('dem--qua', is)
  beyond('asked', asked > Number(list.dataset.grantMax))
  beyond('overhead', figures.overhead * 100 > total * Number(list.dataset.overheadMax))
  beyond('brought', figures.brought * 100 < total * Number(list.dataset.cofundingMin))
  list.querySelector('[data-in-words]').textContent = inWords(asked)
  list.hidden = total === 0
}

for (const list of document.querySelectorAll('[data-sums]')) {
  const form = list.closest('form')
  const tell = () => show(list)
  for (const event of ['input', 'change']) form.addEventListener(event, tell)
  addEventListener('pageshow', tell)
  tell()
}
