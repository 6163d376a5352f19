// Looks, ever more seldom, whether the scanner is done with files of this page, and
// says so where their names stand. It only looks while the page is seen, and at
// most for an hour. Without scripts a link does.
//
//   [data-scans=address]   the link; the address answers with what is known
//   [data-scan=id]         what is known of one file that waits
const link = document.querySelector('[data-scans]')
if (link) {
  let pause = 4000
  const until = Date.now() + 3600000
  let timer
  const look = async () => {
    clearTimeout(timer)
    const waiting = Array.from(document.querySelectorAll('[data-scan]'))
    if (!waiting.length || Date.now() > until || document.hidden) return
    try {
      const answer = await fetch(link.dataset.scans, { headers: { Accept: 'application/json' }, redirect: 'error' })
      if (answer.status === 401 || answer.status === 404) return
      if (answer.ok) {
        const known = await answer.json()
        for (const e of waiting) {
          const one = known[e.dataset.scan]
          if (!one || one.waits) continue
          e.removeAttribute('data-scan')
          e.textContent = one.warning ? `${one.facts} · ${one.warning}` : one.facts
        }
        if (!document.querySelector('[data-scan]')) for (const l of document.querySelectorAll('[data-scans]')) l.hidden = true
      }
    } catch { /* the line is down: later */ }
    timer = setTimeout(look, pause)
    pause = Math.min(pause * 1.5, 60000)
  }
  timer = setTimeout(look, pause)
  document.addEventListener('visibilitychange', look)
}
