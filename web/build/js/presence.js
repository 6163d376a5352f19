// Tells the portal, now and then, that its person is writing in this section, and
// shows who else is. Only while the page is seen and something was typed lately:
// a page left open is nobody's presence.
const line = document.querySelector('[data-presence]')
if (line) {
  const often = 45000
  let typed = 0
  let told = 0
  const tell = async () => {
    if (document.hidden || Date.now() - typed > often || Date.now() - told < often - 1000) return
    told = Date.now()
    try {
      const answer = await fetch(line.dataset.presence, { method: 'POST', redirect: 'error' })
      if (answer.ok && answer.headers.get('Content-Type')?.startsWith('text/plain')) line.textContent = await answer.text()
    } catch { /* the line is down: what is typed is kept elsewhere */ }
  }
  document.addEventListener('input', () => { typed = Date.now(); tell() })
  setInterval(tell, often)
}
