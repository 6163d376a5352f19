// How long is left, in the words of package ui (TimeLeft and DaysLeft). Alone, in
// a card, hours are told from a week before; in a sentence always.
const counted = (n, unit) => unit[n === 1 ? 0 : 1].replace('{0}', n)

export function left (ms, { units: [minute, hour, day], moment, sentence }) {
  const minutes = Math.floor(ms / 60000)
  const [m, h, d] = [minutes % 60, Math.floor(minutes / 60) % 24, Math.floor(minutes / 1440)]
  if (minutes < 1) return moment
  if (d > 0) return counted(d, day) + (h > 0 && (sentence || d < 7) ? ' ' + counted(h, hour) : '')
  if (h > 0) return counted(h, hour) + (m > 0 ? ' ' + counted(m, minute) : '')
  return counted(m, minute)
}
