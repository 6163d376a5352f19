// What was typed and not yet acknowledged, on this machine: one record for each
// opened page, with whose it is. Without IndexedDB nothing is kept, and who asks
// is told so by an answer of undefined. A page that is being left has no time for
// it: that one's record stands in localStorage until it is sent or chosen over.
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

const mark = 'draft '
function brief (what) {
  try { return what(localStorage) } catch { /* as above */ }
}

export const put = async record => {
  const done = await work('readwrite', s => s.put(record))
  if (done !== undefined) brief(s => { if ((JSON.parse(s.getItem(mark + record.page))?.at ?? 0) <= record.at) s.removeItem(mark + record.page) })
  return done
}
export const drop = page => { brief(s => s.removeItem(mark + page)); return work('readwrite', s => s.delete(page)) }
export const all = async () => [...brief(hurried) ?? [], ...await work('readonly', s => s.getAll()) ?? []]

// hurry keeps a record at once, for a page that is being left waits for nobody;
// it stands until as much is kept below.
export const hurry = record => brief(s => s.setItem(mark + record.page, JSON.stringify(record)))
const hurried = s => Object.keys(s).filter(k => k.startsWith(mark)).map(k => JSON.parse(s.getItem(k)))

// forget takes everything away; it waits for nobody.
export const forget = () => { brief(s => s.clear()); try { indexedDB.deleteDatabase(name) } catch { /* there was none */ } }
