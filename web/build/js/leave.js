// "Thoát nhanh": away at once, with nothing left on the screen and no way back
// to this page. Without scripts it is a plain link.
for (const link of document.querySelectorAll('a[data-quick-exit]')) {
  link.addEventListener('click', event => {
    event.preventDefault()
    document.documentElement.hidden = true
    document.title = '…'
    location.replace(link.href)
  })
}
