// Amounts in words, as viet.MoneyWords and viet.MoneyWordsEn say them.
const vi = document.documentElement.lang !== 'en'
const digits = ['không', 'một', 'hai', 'ba', 'bốn', 'năm', 'sáu', 'bảy', 'tám', 'chín']
const small = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

function group (n, inside) {
  const [h, t, o] = [Math.floor(n / 100), Math.floor(n / 10) % 10, n % 10]
  const said = h > 0 || inside ? [digits[h], 'trăm'] : []
  if (t > 1) said.push(digits[t], 'mươi')
  else if (t === 1) said.push('mười')
  else if (o > 0 && said.length) said.push('linh')
  if (o === 0 && n > 0) return said
  if (o === 1 && t > 1) said.push('mốt')
  else if (o === 4 && t > 1) said.push('tư')
  else if (o === 5 && t > 0) said.push('lăm')
  else said.push(digits[o])
  return said
}

function spell (n, inside) {
  for (const [of, word] of [[1e9, 'tỷ'], [1e6, 'triệu'], [1e3, 'nghìn']]) {
    if (n < of) continue
    const said = [...spell(Math.floor(n / of), inside), word]
    return n % of ? [...said, ...spell(n % of, true)] : said
  }
  return group(n, inside)
}

function spellEn (n) {
  for (const [of, word] of [[1e15, 'quadrillion'], [1e12, 'trillion'], [1e9, 'billion'], [1e6, 'million'], [1e3, 'thousand'], [100, 'hundred']]) {
    if (n < of) continue
    const said = [...spellEn(Math.floor(n / of)), word]
    const rest = n % of
    return rest ? [...said, ...(rest < 100 ? ['and'] : []), ...spellEn(rest)] : said
  }
  return n < 20 ? [small[n]] : [tens[Math.floor(n / 10)] + (n % 10 ? '-' + small[n % 10] : '')]
}

export function inWords (n) {
  if (!Number.isSafeInteger(n) || n <= 0) return ''
  const said = (vi ? spell(n, false) : spellEn(n)).join(' ') + ' đồng'
  return said[0].toUpperCase() + said.slice(1)
}
