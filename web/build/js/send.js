// Sending a file over a line that may break.

// Lost: no answer, or one that says "later", perhaps with its reason. Trying again is safe: the same
// file for the same question is attached once.
export class Lost extends Error {
  constructor (seconds, message) {
    super(message)
    this.seconds = seconds
  }
}

// Refused: an answer that will not change by itself, with its words.
export class Refused extends Error {
  constructor (status, message) {
    super(message)
    this.status = status
  }
}

const quiet = 45e3 // milliseconds without a byte until a line counts as cut
const pauses = [1, 2, 4, 8, 15, 30, 30, 60] // seconds before the next try

// ask sends one request. fetch cannot tell how far an upload is.
export function ask (method, address, { body, headers = {}, signal, progress }) {
  return new Promise((resolve, reject) => {
    const x = new XMLHttpRequest()
    let timer
    const alive = () => {
      clearTimeout(timer)
      timer = setTimeout(() => x.abort(), quiet)
    }
    const stop = () => x.abort()
    x.open(method, address)
    x.setRequestHeader('Accept', 'application/json')
    for (const [name, value] of Object.entries(headers)) x.setRequestHeader(name, value)
    x.upload.onprogress = event => {
      alive()
      progress?.(event.loaded)
    }
    x.onerror = x.onabort = () => reject(new Lost())
    x.onload = () => {
      if (x.status >= 200 && x.status < 300) resolve(x)
      else if (x.status === 0 || [408, 423, 425, 429].includes(x.status) || x.status >= 500) reject(new Lost(Number(x.getResponseHeader('Retry-After')), words(x)))
      else reject(new Refused(x.status, words(x)))
    }
    x.onloadend = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    }
    signal.addEventListener('abort', stop)
    alive()
    x.send(body)
  })
}

function words (x) {
  try {
    return JSON.parse(x.responseText).message
  } catch {
    return x.status >= 500 ? '' : String(x.status)
  }
}

// pause waits some seconds, or until the line is back or the file is cancelled.
function pause (seconds, signal) {
  return new Promise(resolve => {
    const on = () => {
      clearTimeout(timer)
      removeEventListener('online', on)
      signal.removeEventListener('abort', on)
      resolve()
    }
    const timer = setTimeout(on, seconds * 1000)
    addEventListener('online', on)
    signal.addEventListener('abort', on)
  })
}

// persist tries again while the line is lost; once is told how to say that it
// came further, which begins the count anew.
export async function persist (once, { signal, pausing }) {
  for (let n = 0; ; n++) {
    try {
      return await once(() => { n = -1 })
    } catch (failure) {
      if (signal.aborted || !(failure instanceof Lost) || n + 1 >= pauses.length) throw failure
      const seconds = Math.max(failure.seconds || 0, pauses[Math.max(n, 0)])
      pausing(seconds)
      await pause(seconds, signal)
      if (signal.aborted) throw failure
    }
  }
}

// send brings one file and resolves to what the portal says of it.
export function send (o) {
  const form = new FormData()
  for (const [name, value] of Object.entries(o.fields)) form.append(name, value)
  form.append('file', o.file, o.file.name) // the fields come first: the portal reads as it goes
  return persist(async () => {
    const x = await ask('POST', o.address, { body: form, signal: o.signal, progress: o.progress })
    return JSON.parse(x.responseText)
  }, o)
}
