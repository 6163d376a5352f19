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

// quantity reads a number that may have a fraction, after a comma or a point.
export function quantity (typed) {
  const n = amount(typed)
  return Number.isNaN(n) && /^\d+[.,]\d+$/.test(typed.trim()) ? Number(typed.trim().replace(',', '.')) : n
}
