// Text the way package viet takes it: what it drops, what it calls white space,
// what it counts. Nothing here needs a document: node asks it the same
// questions as Go (internal/viet/testdata/counting.json, ../check.sh).

// Go's unicode.IsSpace, which is not quite \s.
const space = '\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const planes = Array.from({ length: 17 }, (_, n) => `\\u{${(n * 0x10000 + 0xfffe).toString(16)}}\\u{${(n * 0x10000 + 0xffff).toString(16)}}`).join('')
// What shows nothing or turns text round: viet's unseen.
const unseen = new RegExp(`[\\0-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u206f\\ufdd0-\\ufdef\\ufeff\\ufff9-\\ufffb${planes}]`, 'gu')
const half = /[\ud800-\udfff]/gu // of a pair: a browser sends the replacement character for it
const spaces = new RegExp(`[${space}]+`, 'u')
const wordy = /[\p{L}\p{Nd}]/u

const visible = text => text.replace(half, '\ufffd').replace(unseen, '')

// cleanText is viet.CleanText: many lines, without what is at their ends.
export const cleanText = text => visible(text.replaceAll('\r\n', '\n'))
  .replace(/[\r\v\f\u0085\u2028\u2029]/g, '\n')
  .replace(new RegExp(`[${space}]`, 'gu'), c => c === '\t' || c === '\n' ? c : ' ')
  .replace(/[ \t]+$/gm, '').replace(/^\n+|\n+$/g, '').normalize('NFC')

// words and characters count like viet.CountWords and viet.CountChars, after
// viet.CleanText.
export const words = text => visible(text).normalize('NFC').split(spaces).filter(w => wordy.test(w)).length
export const characters = text => Array.from(cleanText(text)).length

// blank says that nothing can be read in a text.
export const blank = text => visible(text).split(spaces).join('') === ''
