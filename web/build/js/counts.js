// A grid of counts: all sexes of a line together, and whether the lines of a
// part add up to the total, as one types.
import { amount, number } from './numbers.js'

const sexes = ['female', 'male', 'other']

function show (grid) {
  const cell = (line, sex) => grid.querySelector(`[name="${grid.dataset.counts}.${line}.${sex}"]`)
  const open = line => !cell(line, 'not_collected')?.checked
  const of = line => sexes.map(sex => open(line) ? amount(cell(line, sex).value) : 0)
  const collected = line => open(line) && sexes.some(sex => cell(line, sex).value.trim() !== '')
  for (const said of grid.querySelectorAll('[data-line-sum]')) {
    const line = said.dataset.lineSum
    const n = of(line).reduce((a, b) => a + b, 0)
    said.textContent = collected(line) && !Number.isNaN(n) ? '= ' + number(n) : ''
  }
  for (const said of grid.querySelectorAll('[data-part]')) {
    const lines = said.dataset.part.split(' ')
    const total = of(said.dataset.total)
    const sum = lines.map(of).reduce((a, b) => a.map((n, i) => n + b[i]))
    said.hidden = !lines.every(collected) || !collected(said.dataset.total) || [...sum, ...total].some(Number.isNaN)
    const fits = sum.every((n, i) => n === total[i])
    const text = said.firstElementChild
    text.textContent = (fits ? said.dataset.fits : said.dataset.differs).replace(/\{(\d)\}/g, (_, i) => number([...sum, ...total][i]))
    text.classList.toggle('dem--qua', !fits)
  }
}

for (const grid of document.querySelectorAll('[data-counts]')) {
  const tell = () => show(grid)
  for (const event of ['input', 'change']) grid.addEventListener(event, tell)
  addEventListener('pageshow', tell)
  tell()
}
