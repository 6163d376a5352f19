// Who signs out takes along what this machine kept for them, and a machine that
// others use keeps nothing. Who signs in finds no page of anybody's, for nobody
// knows yet who it will be; drafts stay, for they name their writer.
import { forget } from './store.js'

if (document.body.dataset.shared !== undefined) forget() // it was one's own until now

for (const form of document.querySelectorAll('form[action="/sign-out"]')) form.addEventListener('submit', () => {
  forget()
  self.caches?.keys().then(all => { for (const one of all) caches.delete(one) }).catch(() => {})
})
for (const form of document.querySelectorAll('form[action="/sign-in"]')) form.addEventListener('submit', () => {
  self.caches?.keys().then(all => { for (const one of all) if (one.startsWith('pages ')) caches.delete(one) }).catch(() => {})
})
