// Sets the service worker to work (sw.js), or ends it on a machine that others
// use. Its address carries the build, so that a new build brings a new worker.
const worker = navigator.serviceWorker
if (worker && document.body.dataset.shared === undefined) {
  const address = `/sw.js?v=${new URL(import.meta.url).pathname.split('/')[2]}`
  const policy = self.trustedTypes?.createPolicy('worker', { createScriptURL: () => address })
  addEventListener('load', () => { worker.register(policy?.createScriptURL('') ?? address).catch(() => {}) })
} else if (worker) {
  worker.getRegistrations().then(all => { for (const one of all) one.unregister() }).catch(() => {})
  self.caches?.keys().then(all => { for (const one of all) caches.delete(one) }).catch(() => {})
}
