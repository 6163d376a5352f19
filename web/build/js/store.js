// What was typed and not yet acknowledged, on this machine: one record for each
// opened page, with whose it is. Without IndexedDB nothing is kept, and who asks
// is told so by an answer of undefined.
const name = 'daubang'

let opened
const open = () => (opened ??= new Promise((resolve, reject) => {
  const asked = indexedDB.open(name, 1)
  asked.onupgradeneeded = () => asked.result.createObjectStore('drafts', { keyPath: 'page' })
  asked.onsuccess = () => {
    asked.result.onversionchange = () => { asked.result.close(); opened = undefined } // another window forgets
    resolve(asked.result)
  }
  asked.onerror = () => reject(asked.error)
}))

async function work (mode, what) {
  try {
    const done = (await open()).transaction('drafts', mode)
    return await new Promise((resolve, reject) => {
      const asked = what(done.objectStore('drafts'))
      done.oncomplete = () => resolve(asked.result ?? true)
      done.onabort = () => reject(done.error)
    })
  } catch { /* a private window, a full disk */ }
}

export const put = record => work('readwrite', s => s.put(record))
export const drop = page => work('readwrite', s => s.delete(page))
export const all = () => work('readonly', s => s.getAll())

// forget takes everything away; it waits for nobody.
export const forget = () => { try { indexedDB.deleteDatabase(name) } catch { /* there was none */ } }
