// Counts on how long is left until a deadline, from minute to minute and in the
// words of the page. It counts from when the page was shown, by how long ago that
// is, so that a clock that is wrong does no harm; it is not read aloud.
//
//   [data-time-left=JSON]   what stands there: ms that were left, units, sentence, over
import { left } from './remaining.js'

const shown = Date.now()
const all = Array.from(document.querySelectorAll('[data-time-left]'), e => ({ e, ...JSON.parse(e.dataset.timeLeft) }))

function tell () {
  let next = 60000
  for (const one of all) {
    const ms = one.ms - (Date.now() - shown)
    const words = ms <= 0 ? one.over : one.sentence ? one.sentence.replace('{0}', left(ms, one)) : left(ms, one)
    if (one.e.textContent !== words) one.e.textContent = words
    if (ms > 0) next = Math.min(next, ms % 60000 + 50)
  }
  if (!document.hidden && all.some(one => one.ms > Date.now() - shown)) timer = setTimeout(tell, next)
}

let timer
if (all.length) {
  document.addEventListener('visibilitychange', () => { clearTimeout(timer); if (!document.hidden) tell() })
  timer = setTimeout(tell, 1000)
}
