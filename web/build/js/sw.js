// The service worker: what a person has opened of their own writing can be read
// again without a line, and what the pages are made of comes from this machine.
// The network always comes first, so nothing old is shown while there is a line.
// No core task needs it.
//
// Pages of one person only are kept: with the first page of another, or of a
// shared machine, all are thrown away; signing out clears them (Clear-Site-Data).
// Nothing of the desk, of reviews, of accounts, organisations or documents is kept.
const version = new URL(location).searchParams.get('v')
const assets = `assets ${version}`
const own = /^\/proposals(\/[0-9a-z]+(\/sections\/[\w-]+)?)?$/i
const open = /^\/($|calls|programmes)/
const most = 60 // pages

const drop = async keep => { for (const name of await caches.keys()) if (!keep(name)) await caches.delete(name) }

addEventListener('install', event => {
  // What a page sends goes straight to the portal: a page that is being left
  // would otherwise take it along while this worker wakes up.
  event.addRoutes?.(['PUT', 'POST'].map(requestMethod => ({ condition: { requestMethod }, source: 'network' })))
  event.waitUntil(install())
})

async function install () {
  const answer = await fetch('/offline', { credentials: 'omit' })
  if (!answer.ok) throw new Error('no page for being offline')
  const cache = await caches.open(assets)
  await cache.put('/offline', answer.clone())
  const style = /href="([^"]+portal\.css)"/.exec(await answer.text())
  if (style) await cache.add(style[1])
  await skipWaiting()
}

addEventListener('activate', event => event.waitUntil((async () => {
  await drop(name => name === assets || name.startsWith('pages '))
  await clients.claim()
})()))

// keep keeps a page that was shown, if it is one to keep.
async function keep (address, answer) {
  const page = await answer.clone().text()
  const mark = /<body[^>]* data-person="([^"]*)"( data-shared)?/.exec(page)
  if (!mark) return
  if (mark[2]) return drop(name => name === assets)
  const { pathname, search } = new URL(address)
  const mine = `pages ${mark[1]}`
  if (mark[1] !== '') await drop(name => name === assets || name === mine)
  if (search !== '' || !(open.test(pathname) || (mark[1] !== '' && own.test(pathname)))) return
  const cache = await caches.open(mine)
  await cache.put(address, answer)
  for (const old of (await cache.keys()).slice(0, -most)) await cache.delete(old)
}

async function page (event) {
  try {
    const answer = await fetch(event.request)
    if (answer.ok && !answer.redirected && answer.headers.get('Content-Type')?.startsWith('text/html')) event.waitUntil(keep(event.request.url, answer.clone()).catch(() => {}))
    return answer
  } catch {
    return await caches.match(event.request.url) ?? await caches.match('/offline')
  }
}

async function asset (request) {
  const cache = await caches.open(assets)
  const kept = await cache.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}

addEventListener('fetch', event => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(event))
  else if (pathname.startsWith('/static/')) event.respondWith(asset(request))
})
