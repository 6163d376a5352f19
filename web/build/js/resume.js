// Large files go in pieces by the tus protocol (https://tus.io): what a broken
// line had brought stays, also when the page is loaded anew and the same file is
// chosen again. What this browser remembers of one is a digest of its name, size
// and date, and the address of what was sent: no name, no words.
import { Lost, Refused, ask, persist } from './send.js'

const piece = 1 << 20 // bytes; what a broken line costs at most
const version = { 'Tus-Resumable': '1.0.0' }

export async function sendInPieces (o) {
  const memory = await remember(o)
  let at = memory.recall()
  return persist(async further => {
    const tus = (method, address, rest) => ask(method, address, { ...rest, signal: o.signal, headers: { ...version, ...rest.headers } })
    let sent = -1
    if (at) {
      try {
        const x = await tus('HEAD', at, {})
        if (Number(x.getResponseHeader('Upload-Length')) === o.file.size) sent = Number(x.getResponseHeader('Upload-Offset'))
      } catch (failure) {
        if (!gone(failure)) throw failure
      }
    }
    if (sent < 0) {
      const x = await tus('POST', o.parts, { headers: { 'Upload-Length': String(o.file.size) } })
      at = new URL(x.getResponseHeader('Location')).pathname
      memory.keep(at)
      sent = 0
    }
    while (sent < o.file.size) {
      o.progress(sent)
      const x = await tus('PATCH', at, {
        body: o.file.slice(sent, sent + piece),
        headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(sent) },
        progress: n => o.progress(sent + n)
      }).catch(failure => {
        if (gone(failure) || failure.status === 409) throw new Lost() // ask again how far it is
        throw failure
      })
      sent = Number(x.getResponseHeader('Upload-Offset'))
      further()
    }
    o.progress(sent)
    const form = new FormData()
    for (const [name, value] of Object.entries({ ...o.fields, upload: at.split('/').pop(), name: o.file.name })) form.append(name, value)
    let x
    try {
      x = await ask('POST', o.address, { body: form, signal: o.signal })
    } catch (failure) {
      if (gone(failure)) throw new Lost()
      if (failure instanceof Refused && failure.status === 422) drop(at, memory) // it would be refused again
      throw failure
    }
    drop(at, memory)
    return JSON.parse(x.responseText)
  }, o).catch(failure => {
    if (o.signal.aborted && at) drop(at, memory)
    throw failure
  })
}

const gone = failure => failure instanceof Refused && [404, 410].includes(failure.status)

// drop gives up what the portal holds of a file; if that fails it does so
// itself after a day.
function drop (at, memory) {
  memory.forget()
  fetch(at, { method: 'DELETE', headers: version, keepalive: true }).catch(() => {})
}

// remember finds what this browser knows of having sent this file before. A
// photo made smaller is not the same again, and without crypto or storage
// nothing is kept.
async function remember (o) {
  const nothing = { recall () {}, keep () {}, forget () {} }
  if (!window.crypto?.subtle || o.made) return nothing
  const text = [o.parts, o.fields.question, o.file.name, o.file.size, o.file.lastModified].join('\n')
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const key = 'upload-' + Array.from(sum.slice(0, 12), b => b.toString(16).padStart(2, '0')).join('')
  const tried = fn => {
    try {
      return fn()
    } catch {} // storage is full or forbidden
  }
  return {
    recall: () => tried(() => localStorage.getItem(key)),
    keep: at => tried(() => localStorage.setItem(key, at)),
    forget: () => tried(() => localStorage.removeItem(key))
  }
}
