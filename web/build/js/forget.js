// Who signs out takes along what this machine kept for them.
import { forget } from './store.js'

for (const form of document.querySelectorAll('form[action="/sign-out"]')) form.addEventListener('submit', () => {
  forget()
  self.caches?.keys().then(all => { for (const one of all) caches.delete(one) }).catch(() => {})
})
