// Numbers the way the page's language writes them.
const vi = document.documentElement.lang !== 'en'
const whole = new Intl.NumberFormat(vi ? 'vi-VN' : 'en-GB', { maximumFractionDigits: 0 })
const one = new Intl.NumberFormat(vi ? 'vi-VN' : 'en-GB', { maximumFractionDigits: 2 })

export const number = n => whole.format(n)
export const decimal = n => one.format(n)
export const money = n => whole.format(n) + '\u00a0₫'

// amount reads whole đồng as viet.ParseMoney does; NaN is what cannot be read.
export function amount (typed) {
  const s = typed.normalize('NFC').trim().toLowerCase().replace(/\s*(vnđ|vnd|đồng|đ|₫)$/, '')
  if (s === '') return 0
  if (/^\d+$/.test(s)) return Number(s)
  return /^\d{1,3}(?:([.\s])\d{3})(?:\1\d{3})*$/.test(s) ? Number(s.replace(/\D/g, '')) : NaN
}

// quantity reads a number with at most two decimals after a comma, as package
// form does.
export function quantity (typed) {
  const [whole, decimals, more] = typed.normalize('NFC').trim().split(',')
  if (decimals === undefined) return amount(whole)
  if (more !== undefined || whole === '' || !/^\d{1,2}$/.test(decimals)) return NaN
  return amount(whole) + Number(decimals.padEnd(2, '0')) / 100
}
